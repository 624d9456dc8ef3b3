package dev.crosspatch.core.machine;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.PatchKit;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.uop.UopDecoder;
import java.util.List;

/// An instruction set with its cores, as a plug-in found with `ServiceLoader`: what it says of bytes, how it decodes,
/// what its cores are and how a machine of them boots. A third ISA is one module that implements this and [Core], and
/// no edit elsewhere. Implementations are stateless.
public interface Isa extends InstructionSet, UopDecoder {

  /// Short name used in scenarios and files: `x86-64` or `aarch64`.
  @Override
  String name();

  /// Most bytes one instruction can have (15 or 4).
  @Override
  int maxLength();

  /// Whether instruction caches follow stores by themselves and a core notices stores to code it is executing (x86:
  /// yes; AArch64: no, see CTR_EL0).
  default boolean coherentFetch() {
    return false;
  }

  /// A core of this ISA for `machine`.
  Core newCore(Uncore machine, int id);

  /// Names of the core presets this ISA has timing tables for, default first.
  List<String> presets();

  /// This ISA as cores of a preset decode it: instructions they have not are undefined.
  ///
  /// @param name one of [#presets()]
  default Isa forPreset(String name) {
    return this;
  }

  /// Puts `image` into the machine's RAM, builds the boot page tables and sets every core to its entry state, as a boot
  /// loader would. Text is mapped read-execute at its link address; all RAM is mapped writable and not executable at
  /// [#directMap()]; devices at [#deviceMap()].
  ///
  /// CPU 0 starts at symbol `start`, the others at symbol `secondary_start`, each with its number in the first argument
  /// register (RDI; X0).
  ///
  /// @throws IllegalArgumentException if a symbol is missing or the image does not fit, naming it
  void boot(Machine machine, Image image);

  /// Virtual address of physical address 0 in the writable alias of RAM.
  long directMap();

  /// Virtual address of physical address 0 in the device window.
  long deviceMap();

  /// Physical address of the first byte of RAM.
  long ramBase();

  /// Address at which guest kernels are linked (kernel half).
  long kernelBase();

  /// Physical address at which [#boot] puts the byte linked at [#kernelBase()].
  default long imageBase() {
    return ramBase();
  }

  /// Live-patching facts of this ISA.
  PatchKit patchKit();

  /// Name of general register `index` of [Core#r], for messages.
  String registerName(int index);
}

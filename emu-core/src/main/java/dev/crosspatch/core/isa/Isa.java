package dev.crosspatch.core.isa;

import dev.crosspatch.core.asm.Disassembler;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An instruction set, as a plug-in found with `ServiceLoader`. A third ISA is one module that implements this and
/// [Core], and no edit elsewhere. Implementations are stateless.
public interface Isa {

  /// Short name used in scenarios and files: `x86-64` or `aarch64`.
  String name();

  /// ELF machine number (62 x86-64, 183 AArch64).
  int elfMachine();

  /// Instructions start at multiples of this many bytes (1 or 4).
  int alignment();

  /// Most bytes one instruction can have (15 or 4).
  int maxLength();

  /// Whether instruction caches follow stores by themselves and a core notices stores to code it is executing (x86: yes;
  /// AArch64: no, see CTR_EL0).
  default boolean coherentFetch() {
    return false;
  }

  /// What a flow decoder needs of the instruction in `code[offset, offset + available)` standing at `address`, or null if the
  /// bytes are no instruction that can be executed, or if more than `available` bytes are needed.
  @Nullable Insn classify(byte[] code, int offset, int available, long address);

  /// The instruction in `code[offset, offset + available)` standing at `address` as text, of the length that [#classify] tells, or null if
  /// the bytes are no instruction.
  ///
  /// @param other what a disassembler makes of the same bytes, which may know more instructions and fewer rules: its text is used where
  ///   it agrees with this ISA's decoder, else the decoder's own
  default Disassembler.@Nullable Line text(byte[] code, int offset, int available, long address, Disassembler.@Nullable Line other) {
    Insn insn = classify(code, offset, available, address);
    if (insn == null) {
      return null;
    }
    return other != null && other.length() == insn.length() ? other : Disassembler.Line.bytes(code, offset, insn.length(), address);
  }

  /// Decodes the instruction in `code[offset, offset + available)` into micro-ops. Bytes that are no instruction decode to
  /// the micro-op that raises the ISA's undefined-instruction fault, never to an exception in the host.
  ///
  /// @return the length in bytes, or -1 if more than `available` bytes are needed
  int decode(byte[] code, int offset, int available, UopBuffer out);

  /// A core of this ISA for `machine`.
  Core newCore(Machine machine, int id);

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

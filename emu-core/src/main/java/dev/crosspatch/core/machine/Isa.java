package dev.crosspatch.core.machine;

import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.PatchKit;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.uop.UopDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An instruction set with its cores, as a plug-in found with `ServiceLoader`: what it says of bytes, how it decodes,
/// what its cores are and in which state they enter a kernel. Where things lie in a machine of them is a board's
/// matter. A third ISA is one module that implements this and [Core], and no edit elsewhere. Implementations are
/// stateless.
public interface Isa extends InstructionSet, UopDecoder {

  /// Short name used in scenarios and files.
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

  /// A store that lies within so many bytes, aligned to as many, is fetched whole or not at all, however little a core
  /// fetches at a time. What any core fetches at once is no less than an instruction's alignment.
  default int fetchAtom() {
    return alignment();
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

  /// What a boot of `machine` needs of this ISA.
  ///
  /// @param pages where its tables may lie
  BootTables bootTables(Uncore machine, TablePages pages);

  /// How its cores run programs in user mode, or null if nobody has said.
  default @Nullable UserMode userMode() {
    return null;
  }

  /// What takes the interrupt lines of a board to the cores of `machine`, or null if nothing does. Asked once for a
  /// machine; it is to have no effect on a guest that does not touch it while no line changes.
  default @Nullable InterruptController interruptController(Uncore machine) {
    return null;
  }

  /// Live-patching facts of this ISA.
  PatchKit patchKit();

  /// Name of general register `index` of [Core#r], for messages.
  String registerName(int index);
}

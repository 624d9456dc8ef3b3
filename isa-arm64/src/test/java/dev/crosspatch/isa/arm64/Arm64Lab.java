package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A booted machine on which single words run: text at [#TEXT], vectors that nothing follows at [#VECTORS], page tables
/// of the test's own making.
final class Arm64Lab {
  private static final Arm64Isa ISA = new Arm64Isa();
  static final MemoryMap MAP = new LabBoard().map(ISA);
  static final long TEXT = MAP.kernelBase();
  /// Address of the vectors, which hold no instruction: a core that takes an exception stands there.
  static final long VECTORS = TEXT + 0x800;
  private static final int RAM = 8 << 20;
  private static final int PAGE = 4096;

  final Machine machine;
  /// Page tables grow from here upwards, behind text.
  private long free = MAP.ramBase() + (1 << 20);

  Arm64Lab(int cpus, String preset) {
    Platform platform =
        new LabBoard().assemble(new MachineConfig(ISA, cpus, preset, Staleness.TYPICAL, true, true, RAM, 1));
    machine = platform.machine();
    Section text = new Section(".text", TEXT, new byte[2 * PAGE], Section.Access.TEXT);
    List<Symbol> entries = List.of(
        new Symbol("start", TEXT, 4, Symbol.Kind.FUNCTION),
        new Symbol("secondary_start", TEXT, 4, Symbol.Kind.FUNCTION));
    platform.boot(new Image(List.of(text), entries));
    long leaf = entry(core(0).system.get(Arm64SystemRegister.TTBR1_EL1), TEXT, 3);
    machine.writePhysical(leaf, (machine.readPhysical(leaf) | Arm64Mmu.AP_USER) & ~Arm64Mmu.UXN); // text is EL0's, too
    for (int i = 0; i < cpus; i++) {
      core(i).system.set(Arm64SystemRegister.VBAR_EL1, VECTORS);
    }
  }

  /// Makes a core run at EL0 or EL1.
  void enter(int cpu, int level) {
    core(cpu).privilege = level;
    core(cpu).selectStack(level);
    core(cpu).resynchronize();
  }

  /// Maps a page of the lower half to data of its own, for both levels, with a descriptor's bits besides; returns its
  /// physical address.
  long mapUser(long va, long bits) {
    long page = newTable();
    long attributes = Arm64Mmu.VALID | Arm64Mmu.TABLE | Arm64Mmu.ACCESS_FLAG | Arm64Mmu.AP_USER | Arm64Mmu.UXN
        | Arm64Mmu.PXN;
    machine.writePhysical(entry(core(0).system.get(Arm64SystemRegister.TTBR0_EL1), va, 3), page | attributes | bits);
    return page;
  }

  Arm64Core core(int id) {
    return (Arm64Core) machine.core(id);
  }

  /// Puts words at [#TEXT], and a core there.
  void load(int cpu, int... words) {
    byte[] code = new byte[4 * words.length];
    ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(words);
    machine.load(MAP.ramBase(), code);
    core(cpu).pc = TEXT;
  }

  /// Runs words on a core, alone, at its present privilege, and returns the syndrome of the exception that ended them,
  /// or 0.
  long run(int cpu, int... words) {
    Arm64Core core = core(cpu);
    load(cpu, words);
    core.system.set(Arm64SystemRegister.ESR_EL1, 0);
    long faults = core.counters().exceptions();
    long end = core.retired() + words.length;
    core.resynchronize();
    while (core.retired() < end && core.counters().exceptions() == faults) {
      core.run(core.clock() + 1);
      if (machine.stopReason() != null) {
        throw new AssertionError(machine.stopReason());
      }
    }
    return core.counters().exceptions() == faults ? 0 : core.system.get(Arm64SystemRegister.ESR_EL1);
  }

  // ---- page tables

  /// An empty table.
  long newTable() {
    free += PAGE;
    machine.load(free - PAGE, new byte[PAGE]);
    return free - PAGE;
  }

  /// Address of the descriptor of `va` at `level` under `table`, which covers 48 bits, with the tables above it made.
  long entry(long table, long va, int level) {
    long at = table;
    for (int i = 0; i < level; i++) {
      long entry = at + index(va, i);
      if ((machine.readPhysical(entry) & Arm64Mmu.TABLE) == 0) {
        machine.writePhysical(entry, newTable() | Arm64Mmu.VALID | Arm64Mmu.TABLE);
      }
      at = machine.readPhysical(entry) & 0x0000_ffff_ffff_f000L;
    }
    return at + index(va, level);
  }

  private static long index(long va, int level) {
    return (va >>> (39 - 9 * level) & 511) * 8;
  }

  // ---- words

  /// The word of a row: fixed bits, `rt` in bits 4:0.
  static int word(String name, int rt) {
    @Nullable Arm64Row row = Arm64Rows.ALL.stream().filter(r -> r.name().equals(name)).findFirst().orElse(null);
    if (row == null) {
      throw new IllegalArgumentException("no row " + name);
    }
    return row.match() | rt;
  }
}

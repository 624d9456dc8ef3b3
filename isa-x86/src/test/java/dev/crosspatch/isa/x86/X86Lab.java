package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A booted machine with text at [#TEXT] and data at [#DATA]; every core starts at the first byte of text.
final class X86Lab {
  private static final MemoryMap MAP = new LabBoard().map(new X86Isa());
  static final long TEXT = MAP.kernelBase();
  static final long DIRECT_MAP = MAP.directMap();
  static final long LINK_OFFSET = MAP.kernelBase() - MAP.imageBase();
  static final long DATA = TEXT + 0x10_0000;
  static final int DATA_BYTES = 0x1_0000;

  /// Offset of the interrupt descriptor table in data.
  static final int IDT = 0x1000;

  final Machine machine;
  private long free = 2 << 20;

  X86Lab(int cpus, String... hex) {
    this(cpus, Staleness.TYPICAL, hex);
  }

  X86Lab(String preset, String... hex) {
    this(1, preset, Staleness.TYPICAL, hex);
  }

  X86Lab(int cpus, Staleness staleness, String... hex) {
    this(cpus, "skylake", staleness, hex);
  }

  private X86Lab(int cpus, String preset, Staleness staleness, String... hex) {
    Platform platform =
        new LabBoard().assemble(new MachineConfig(new X86Isa(), cpus, preset, staleness, true, true, 32 << 20, 1));
    machine = platform.machine();
    byte[] text = bytes(hex);
    Image image = new Image(
        List.of(
            new Section(".text", TEXT, text, Section.Access.TEXT),
            new Section(".data", DATA, new byte[DATA_BYTES], Section.Access.DATA)),
        List.of(
            new Symbol("start", TEXT, 0, Symbol.Kind.FUNCTION),
            new Symbol("secondary_start", TEXT, 0, Symbol.Kind.FUNCTION)));
    platform.boot(image);
  }

  /// Puts code at an offset from [#TEXT], before the run.
  X86Lab put(int offset, String... hex) {
    machine.load(TEXT - LINK_OFFSET + offset, bytes(hex));
    return this;
  }

  /// Interrupt gates for LIDT [DATA]: the table itself lies at [#IDT].
  X86Lab gates(int... vectorAndOffset) {
    setPseudo(0, DATA + IDT, 0xfff);
    for (int i = 0; i < vectorAndOffset.length; i += 2) {
      gate(vectorAndOffset[i], vectorAndOffset[i + 1], 0, 0);
    }
    return this;
  }

  /// One interrupt gate.
  void gate(int vector, int offset, int dpl, int ist) {
    long handler = TEXT + offset;
    setData(IDT + 16 * vector, (handler & 0xffff) | 0x10 << 16 | (long) ist << 32 | (0x8e00L | dpl << 13) << 32
        | (handler >> 16 & 0xffff) << 48);
    setData(IDT + 16 * vector + 8, handler >>> 32);
  }

  /// A pseudo-descriptor, as LIDT and LGDT read it, in data.
  void setPseudo(int offset, long base, int limit) {
    setData(offset, limit | base << 16);
    setData(offset + 8, base >>> 48);
  }

  /// A GDT like the boot loader's for LGDT [DATA + 0x10], with a TSS at 0x38 that has this RSP0 and IST1 and no I/O
  /// permission bitmap.
  void setTask(long rsp0, long ist1) {
    long tss = DATA + 0x300;
    long[] gdt = {
      0, 0, 0x00af_9b00_0000_ffffL, 0x00cf_9300_0000_ffffL, 0, 0x00cf_f300_0000_ffffL, 0x00af_fb00_0000_ffffL,
      0x67 | (tss & 0xff_ffff) << 16 | 0x89L << 40 | (tss >> 24 & 0xff) << 56, tss >>> 32
    };
    for (int i = 0; i < gdt.length; i++) {
      setData(0x200 + 8 * i, gdt[i]);
    }
    setPseudo(0x10, DATA + 0x200, gdt.length * 8 - 1);
    setData(0x300, rsp0 << 32);
    setData(0x308, rsp0 >>> 32);
    setData(0x320, ist1 << 32);
    setData(0x328, ist1 >>> 32);
    setData(0x360, 0xffffL << 48);
  }

  /// Maps the page at `va` (low half) to RAM below 2 MiB with the access bits given; returns its physical address.
  long mapUser(long va, long access) {
    long table = core(0).cr3;
    for (int level = 3; level > 0; level--) {
      long at = table + ((va >>> (12 + 9 * level) & 511) << 3);
      if (machine.readPhysical(at) == 0) {
        machine.writePhysical(at, freePage() | X86Mmu.PRESENT | X86Mmu.WRITABLE | X86Mmu.USER);
      }
      table = machine.readPhysical(at) & -4096;
    }
    long page = freePage();
    machine.writePhysical(table + ((va >>> 12 & 511) << 3), page | access);
    return page;
  }

  private long freePage() {
    free -= 4096;
    return free;
  }

  /// Bytes of hex strings; blanks are for people.
  static byte[] bytes(String... hex) {
    return HexFormat.of().parseHex(String.join("", hex).replace(" ", ""));
  }

  X86Core core(int id) {
    return (X86Core) machine.core(id);
  }

  /// Runs until every core waits.
  RunResult run() {
    return machine.run(RunLimits.ofRetired(1_000_000));
  }

  /// 8 bytes of data.
  long data(int offset) {
    return machine.readPhysical(DATA - LINK_OFFSET + offset);
  }

  void setData(int offset, long value) {
    machine.writePhysical(DATA - LINK_OFFSET + offset, value);
  }

  /// Hears rows as text: kind, pc and next relative to [#TEXT], vector, and a mark for taken branches.
  List<String> rows(int core) {
    List<String> rows = new ArrayList<>();
    machine.attach(core, new RetireSink() {
      @Override
      public void retired(RetireBatch batch) {
        for (int i = 0; i < batch.rows(); i++) {
          rows.add(text(batch.row(i)));
        }
      }
    });
    return rows;
  }

  private static String text(RetireRow row) {
    String kind = switch (row.kind()) {
      case RetireRow.INSN -> row.flow().name();
      case RetireRow.TRAP -> "trap";
      case RetireRow.FAULT -> "fault";
      case RetireRow.INTERRUPT -> "interrupt";
      case RetireRow.CONTEXT -> "context";
      case RetireRow.WAKE -> "wake";
      default -> "?";
    };
    boolean event = row.kind() != RetireRow.INSN;
    return String.format("%s %x %x%s%s", kind, row.pc - TEXT, row.next - TEXT, event ? " v" + row.vector() : "",
        row.taken() ? " taken" : "");
  }
}

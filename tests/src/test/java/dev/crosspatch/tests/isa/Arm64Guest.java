package dev.crosspatch.tests.isa;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/// A small AArch64 program on a machine of its own.
///
/// The source gets macros around it: `stop` powers off; `vectors` installs handlers that, unless the program defines
/// `sync_handler` or `irq_handler`, keep ESR, ELR, FAR, SPSR and the vector's offset in X20 to X24 and power off.
final class Arm64Guest {
  private static final String PRELUDE = """
      .macro stop
        movz x0, 0x8400, lsl 16
        movk x0, 8
        hvc 0
        b .
      .endm
      .macro vectors
        adrp x9, vector_table
        add x9, x9, :lo12:vector_table
        msr vbar_el1, x9
        isb
      .endm
      .macro address register, symbol
        adrp \\register, \\symbol
        add \\register, \\register, :lo12:\\symbol
      .endm
      .macro slot offset, handler
        .balign 128, 0
        mov x24, \\offset
        b \\handler
      .endm
      .text
      start:
      """;
  private static final String TABLE = """

      .text
      .balign 2048, 0
      vector_table:
        slot 0x000, sync_handler
        slot 0x080, irq_handler
        slot 0x100, keep
        slot 0x180, keep
        slot 0x200, sync_handler
        slot 0x280, irq_handler
        slot 0x300, keep
        slot 0x380, keep
        slot 0x400, sync_handler
        slot 0x480, irq_handler
      keep:
        mrs x20, esr_el1
        mrs x21, elr_el1
        mrs x22, far_el1
        mrs x23, spsr_el1
        stop
      """;
  private static final Arm64Isa ISA = new Arm64Isa();
  static final MemoryMap MAP = new LabBoard().map(ISA);
  private static final Assembler ASSEMBLER = assembler();
  private static final int RAM = 8 << 20;
  private static final long LIMIT = 2_000_000;

  /// A row as tests compare it: `kind pc next vector` in hex, INSN rows with their flow instead of the vector.
  record Row(int kind, long pc, long next, int vector, FlowClass flow, boolean taken, int privilege) {}

  final Machine machine;
  final Image image;
  final List<List<Row>> rows = new ArrayList<>();

  Arm64Guest(String source) {
    this(source, 1, Staleness.TYPICAL, false, false);
  }

  Arm64Guest(String source, int cpus, Staleness staleness, boolean idc, boolean dic) {
    this(source, cpus, staleness, idc, dic, PhysicalMemory.LINE);
  }

  Arm64Guest(String source, int cpus, Staleness staleness, boolean idc, boolean dic, int fetch) {
    String text = PRELUDE + source + TABLE
        + handler(source, "sync_handler") + handler(source, "irq_handler") + handler(source, "secondary_start");
    Image assembled = ASSEMBLER.assemble("test.s", text,
        Map.of(".text", MAP.kernelBase(), ".rodata", MAP.kernelBase() + 0x10000, ".data", MAP.kernelBase() + 0x20000),
        Map.of("DIRECT_MAP", MAP.directMap(), "RAM_BASE", MAP.ramBase(), "TEXT_ALIAS",
            MAP.directMap() + MAP.ramBase()));
    image = new Image(assembled.sections().stream().map(Arm64Guest::withAccess).toList(), assembled.symbols());
    Platform platform = new LabBoard().assemble(
        new MachineConfig(ISA, cpus, "max", staleness, idc, dic, fetch, Grade.ADDITIVE, Map.of(), RAM, 1));
    platform.boot(image);
    machine = platform.machine();
    for (int i = 0; i < cpus; i++) {
      List<Row> kept = new ArrayList<>();
      rows.add(kept);
      machine.attach(i, sink(kept));
    }
  }

  private static String handler(String source, String label) {
    return source.contains(label + ":") ? "" : label + ":\n  b keep\n";
  }

  private static Section withAccess(Section s) {
    Section.Access access = s.name().equals(".text") ? Section.Access.TEXT
        : s.name().equals(".rodata") ? Section.Access.RODATA : Section.Access.DATA;
    return new Section(s.name(), s.address(), s.bytes(), access);
  }

  private static Assembler assembler() {
    return ServiceLoader.load(AssemblerProvider.class).stream().map(ServiceLoader.Provider::get)
        .filter(p -> p.supports("aarch64")).findFirst().orElseThrow().assembler("aarch64");
  }

  private static RetireSink sink(List<Row> kept) {
    return batch -> {
      for (int i = 0; i < batch.rows(); i++) {
        RetireRow row = batch.row(i);
        kept.add(new Row(row.kind(), row.pc, row.next, row.vector(), row.flow(), row.taken(), row.privilege()));
      }
    };
  }

  /// Runs until the program powers off.
  Arm64Guest run() {
    RunResult result = machine.run(RunLimits.ofRetired(LIMIT));
    if (result.end() != RunResult.End.STOPPED || !result.reason().equals("PSCI SYSTEM_OFF")) {
      throw new AssertionError(String.format("%s: %s at 0x%x", result.end(), result.reason(), machine.core(0).pc));
    }
    return this;
  }

  Core core(int id) {
    return machine.core(id);
  }

  /// Register X`n` of CPU 0.
  long x(int n) {
    return machine.core(0).r[n];
  }

  long address(String symbol) {
    return image.address(symbol);
  }

  /// Rows of a kind on a CPU.
  List<Row> rows(int cpu, int kind) {
    return rows.get(cpu).stream().filter(r -> r.kind() == kind).toList();
  }
}

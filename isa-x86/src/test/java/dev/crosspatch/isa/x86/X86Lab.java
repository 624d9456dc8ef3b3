package dev.crosspatch.isa.x86;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.image.Section;
import dev.crosspatch.core.image.Symbol;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A booted machine with text at [#TEXT] and data at [#DATA]; every core starts at the first byte of text.
final class X86Lab {
  static final long TEXT = X86Boot.KERNEL_BASE;
  static final long DATA = TEXT + 0x10_0000;
  static final int DATA_BYTES = 0x1_0000;

  final Machine machine;

  X86Lab(int cpus, String... hex) {
    machine = new Machine(new MachineConfig(new X86Isa(), cpus, "skylake", Staleness.TYPICAL, true, true, 32 << 20, 1));
    byte[] text = bytes(hex);
    Image image = new Image(
        List.of(
            new Section(".text", TEXT, text, Section.Access.TEXT),
            new Section(".data", DATA, new byte[DATA_BYTES], Section.Access.DATA)),
        List.of(
            new Symbol("start", TEXT, 0, Symbol.Kind.FUNCTION),
            new Symbol("secondary_start", TEXT, 0, Symbol.Kind.FUNCTION)));
    new X86Isa().boot(machine, image);
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
    return machine.readPhysical(DATA - X86Boot.LINK_OFFSET + offset);
  }

  void setData(int offset, long value) {
    machine.writePhysical(DATA - X86Boot.LINK_OFFSET + offset, value);
  }

  /// Hears rows as text: kind, pc and next relative to [#TEXT], vector, and a mark for taken branches.
  List<String> rows(int core) {
    List<String> rows = new ArrayList<>();
    machine.attach(core, new RetireSink() {
      @Override
      public void retired(RetireBatch batch) {
        for (int i = 0; i < batch.count; i++) {
          rows.add(row(batch, i));
        }
      }
    });
    return rows;
  }

  private static String row(RetireBatch batch, int i) {
    int info = batch.info[i];
    String kind = switch (RetireBatch.kind(info)) {
      case RetireBatch.INSN -> RetireBatch.flow(info).name();
      case RetireBatch.TRAP -> "trap";
      case RetireBatch.FAULT -> "fault";
      case RetireBatch.INTERRUPT -> "interrupt";
      case RetireBatch.CONTEXT -> "context";
      case RetireBatch.WAKE -> "wake";
      default -> "?";
    };
    boolean event = RetireBatch.kind(info) != RetireBatch.INSN;
    return String.format("%s %x %x%s%s", kind, batch.pc[i] - TEXT, batch.next[i] - TEXT, event ? " v" + RetireBatch.vector(info) : "",
        RetireBatch.taken(info) ? " taken" : "");
  }
}

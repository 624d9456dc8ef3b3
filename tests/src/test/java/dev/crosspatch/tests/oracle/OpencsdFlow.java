package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.tracer.etm.EtmAddress;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.EtmContext;
import dev.crosspatch.tracer.etm.EtmPacket;
import dev.crosspatch.tracer.etm.EtmPacketReader;
import dev.crosspatch.tracer.etm.EtmPacketTable;
import dev.crosspatch.tracer.etm.EtmPacketWriter;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// What OpenCSD's flow decoder makes of a run: every instruction, every exception, gaps and errors. OpenCSD knows
/// neither pokes nor time; `ocsdflow.c` switches the text at places in the trace that are found here.
///
/// A poke is reported when every CPU has passed a context synchronization event since the trap replaced the old text,
/// and new text is written behind the report. Trace units stamp each such event. So on every CPU the text is switched
/// right behind the last timestamp or cycle count that is not after the poke: old text ran before it, new text can only
/// run behind it. If the trace unit lost that event, then right behind the gap.
///
/// A blind spot of OpenCSD 1.3.3: of an exception whose address is also the target of an indirect branch (E1:E0 = 10)
/// it takes the address, but does not take note that the branch was not predicted, and drops an entry of its return
/// stack. So each such packet is given to it as the two that mean the same, target address and exception;
/// [#targetExceptions] tells how many there were.
final class OpencsdFlow {
  private static final Set<Integer> COUNTS = Set.of(EtmPacketTable.CYCLE_COUNT_F1, EtmPacketTable.CYCLE_COUNT_F2,
      EtmPacketTable.CYCLE_COUNT_F3);

  private final Path program;
  private final Path dir;
  private final RunDirectory run;
  private final List<Poke> pokes;
  private final EtmConfig traced;
  private final List<String> text = new ArrayList<>();
  private int targetExceptions;

  /// Decodes with the run's pokes.
  OpencsdFlow(Path dir, RunDirectory run) throws IOException {
    this(dir, run, run.pokes());
  }

  /// Without OpenCSD the calling test is skipped.
  ///
  /// @param dir   for temporary files
  /// @param pokes made while decoding
  OpencsdFlow(Path dir, RunDirectory run, PokeLog pokes) throws IOException {
    program = program();
    this.dir = dir;
    this.run = run;
    this.pokes = pokes.pokes();
    traced = (EtmConfig) run.config().trace();
    for (Section section : run.image().sections()) {
      if (section.access() == Section.Access.TEXT && section.bytes().length > 0) {
        Path file = Files.write(dir.resolve("text-" + text.size() + ".bin"), section.bytes());
        text.add(file + "@" + Long.toHexString(section.address()));
      }
    }
    room();
  }

  /// A region for all text that appears in the run; OpenCSD finds zeros there, which is UDF, before it does.
  private void room() throws IOException {
    List<Poke> appear = pokes.stream().filter(poke -> poke.before().length == 0).toList();
    if (!appear.isEmpty()) {
      long first = appear.stream().mapToLong(Poke::address).min().orElseThrow();
      long end = appear.stream().mapToLong(poke -> poke.address() + poke.after().length).max().orElseThrow();
      Path file = Files.write(dir.resolve("room.bin"), new byte[(int) (end - first)]);
      text.add(file + "@" + Long.toHexString(first));
    }
  }

  /// Builds the program, or skips the calling test.
  static Path program() {
    return Oracles.compile("ocsdflow", "opencsd/c_api/opencsd_c_api.h", "libopencsd-dev", "-lopencsd_c_api",
        "-lopencsd");
  }

  /// Tells `out` the flow of `cpu`.
  ///
  /// @return exceptions that were the last before a gap: OpenCSD knows of them but not where they went, so they are not
  ///     told
  int decode(int cpu, FlowListener out) throws IOException {
    EtmRegisters config = traced.registers(cpu);
    byte[] trace = withoutTargetExceptions(config, Flows.bytes(run.trace(cpu)));
    Path pokes = Files.write(dir.resolve("pokes" + cpu + ".txt"), cuts(config, trace));
    List<String> command =
        new ArrayList<>(List.of(program.toString(), "-p", pokes.toString(), config.ete() ? "ete" : "etmv4"));
    for (int register : new int[] {
        config.configr(), config.traceidr(), config.idr0(), config.idr1(), config.idr2(), config.idr8(),
        config.devarch()}) {
      command.add(Integer.toHexString(register));
    }
    command.add(Files.write(dir.resolve("cpu" + cpu + ".etm"), trace).toString());
    command.addAll(text);
    FlowLines lines = new FlowLines(out, "ocsdflow");
    Oracles.stream(command, lines);
    return lines.untold();
  }

  /// Exceptions told to OpenCSD in two packets so far.
  int targetExceptions() {
    return targetExceptions;
  }

  private byte[] withoutTargetExceptions(EtmRegisters config, byte[] trace) {
    EtmPacketReader packets = new EtmPacketReader(config, trace);
    EtmPacketWriter out = new EtmPacketWriter(config);
    for (EtmPacket packet = packets.read(); packet != null; packet = packets.read()) {
      switch (packet) {
        case EtmPacket.ExceptionEntry e -> exception(out, e);
        case EtmPacket.Address(EtmAddress a) -> out.appendAddress(a.value(), a.is());
        case EtmPacket.AddressContext(EtmAddress a, EtmContext c) -> address(out, a, c);
        default -> out.write(packet);
      }
    }
    return out.toByteArray();
  }

  private void exception(EtmPacketWriter out, EtmPacket.ExceptionEntry e) {
    EtmAddress a = e.address();
    EtmContext c = e.context();
    if (e.isTarget()) {
      targetExceptions++;
      if (c == null) {
        out.appendAddress(a.value(), a.is());
      } else {
        address(out, a, c);
      }
      out.appendException(e.type(), false, a.value(), a.is());
    } else if (c == null) {
      out.appendException(e.type(), false, a.value(), a.is());
    } else {
      out.appendException(e.type(), false, a.value(), a.is(), c.info(), (int) c.vmid(), (int) c.contextId());
    }
  }

  private static void address(EtmPacketWriter out, EtmAddress a, EtmContext c) {
    out.appendAddressContext(a.value(), a.is(), c.info(), (int) c.vmid(), (int) c.contextId());
  }

  /// Each poke with the place in the trace where it is made: behind the last timestamp, cycle count or gap that is not
  /// after it.
  private List<String> cuts(EtmRegisters config, byte[] trace) {
    List<String> lines = new ArrayList<>();
    EtmPacketReader packets = new EtmPacketReader(config, trace);
    ClockRatio clocks = run.config().clocks();
    int place = 0;
    int done = 0;
    boolean counting = false;
    long cycle = 0;
    for (int kind = packets.next(); kind >= 0; kind = packets.next()) {
      long time = Long.MIN_VALUE; // of no poke
      boolean known = packets.cycles() != EtmPacket.UNKNOWN;
      if (kind == EtmPacketTable.TIMESTAMP && packets.timestamp() != 0) {
        time = packets.timestamp();
        counting = known;
        cycle = clocks.cycles(time) - packets.cycles();
      } else if (COUNTS.contains(kind)) {
        counting &= known;
        cycle += packets.cycles();
        // a branch that is counted within the tick of a poke may be behind it
        time = counting ? clocks.ticks(cycle) + 1 : time;
      } else if (kind == EtmPacketTable.OVERFLOW) {
        counting = false;
        place = packets.position();
      }
      for (; done < pokes.size() && pokes.get(done).time() < time; done++) {
        lines.add(line(place, pokes.get(done)));
      }
      place = time == Long.MIN_VALUE ? place : packets.position();
    }
    for (Poke poke : pokes.subList(done, pokes.size())) {
      lines.add(line(place, poke));
    }
    return lines;
  }

  private static String line(int place, Poke poke) {
    return place + " " + Long.toHexString(poke.address()) + " " + HexFormat.of().formatHex(poke.after());
  }
}

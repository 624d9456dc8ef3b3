package dev.crosspatch.tracer.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.etm.EteProtocol;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramRun;
import dev.crosspatch.tracer.program.Traced;
import dev.crosspatch.tracer.pt.PtProtocol;
import dev.crosspatch.tracer.unit.Units;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Listings of traces that are whole, cut or damaged.
class PacketListingTest {
  private static final ProgramRun.Plan PLAIN = new ProgramRun.Plan(1500, 200, 0, false, 0);

  static Stream<TraceProtocol> protocols() {
    return Stream.of(new PtProtocol(), new EtmProtocol(), new EteProtocol());
  }

  private record Listing(int bad, List<String> lines) {
    static Listing of(TraceProtocol protocol, byte[] trace) throws IOException {
      return of(protocol, RawTrace.of(trace));
    }

    static Listing of(TraceProtocol protocol, RawTrace trace) throws IOException {
      StringBuilder out = new StringBuilder();
      int bad = Units.configure(protocol, Map.of()).config().list(trace, out);
      return new Listing(bad, out.toString().lines().toList());
    }

    long skips() {
      return lines.stream().filter(line -> line.contains("skipped")).count();
    }
  }

  private static byte[] trace(TraceProtocol protocol) {
    boolean pt = protocol instanceof PtProtocol;
    return Traced.run(protocol, pt ? FlowIsa.BYTES : FlowIsa.WORDS, 1, PLAIN,
        Map.of(pt ? "psb_period" : "sync_period", 256L)).trace();
  }

  /// A trace that comes seven bytes at a time.
  private static RawTrace piecemeal(byte[] trace) {
    return new RawTrace() {
      @Override
      public long size() {
        return trace.length;
      }

      @Override
      public TraceSource open() {
        TraceSource whole = TraceSource.of(trace);
        return (to, from, length) -> whole.read(to, from, Math.min(7, length));
      }
    };
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @Test
  void whatIsSkippedIsSaid() throws IOException {
    String sync = "00000000 00000000 00000080";
    Listing etm = Listing.of(new EtmProtocol(), hex(sync + "0100 f7 52 f7f7 " + sync + "0100 f6"));
    assertEquals(1, etm.bad);
    assertEquals(
        List
            .of(
                "       f  52 f7 f7 00 00 00 00 00    ETM packet at byte 0xf: header 0x52 is invalid for this "
                    + "configuration",
                    "       f  ..                         skipped 3 bytes, 0xf..0x11, up to the next A-Sync"),
        etm.lines.stream().filter(line -> line.startsWith("       f")).toList());
    assertTrue(etm.lines.getLast().endsWith("Atom F1 N"), etm.lines::toString);
    Listing pt = Listing.of(new PtProtocol(), hex("0282".repeat(8) + "0223 04 02ff 0404"));
    assertEquals(1, pt.bad);
    assertEquals("      13  ..                         skipped 4 bytes, 0x13..0x16, there is no PSB behind them",
        pt.lines.getLast());
  }

  /// Cut at its end a trace has no bad byte; the last packet may be incomplete, which is said. Cut at its beginning it
  /// is listed from the first synchronization on.
  @ParameterizedTest
  @MethodSource("protocols")
  void tracesMayBeCutAnywhere(TraceProtocol protocol) throws IOException {
    byte[] trace = trace(protocol);
    Listing whole = Listing.of(protocol, trace);
    assertEquals(0, whole.bad);
    for (int cut = 1; cut < trace.length; cut += 1 + cut / 64) {
      Listing head = Listing.of(protocol, Arrays.copyOf(trace, cut));
      int at = cut;
      int same = head.lines.size() - 1;
      assertEquals(whole.lines.subList(0, same), head.lines.subList(0, same), () -> protocol.name() + " cut at " + at);
      assertEquals(0, head.bad, () -> protocol.name() + " cut at " + at + ": " + head.lines.getLast());
      Listing tail = Listing.of(protocol, Arrays.copyOfRange(trace, cut, trace.length));
      assertTrue(tail.skips() > 0 == tail.bad > 0 || cut > trace.length - 256,
          () -> protocol.name() + " from " + at + ": " + tail.lines);
    }
  }

  /// Whatever is damaged, all bytes are listed or said to be skipped, and whoever skips says that there was a bad byte.
  @ParameterizedTest
  @MethodSource("protocols")
  void damageIsSaid(TraceProtocol protocol) throws IOException {
    byte[] trace = trace(protocol);
    Random random = new Random(7);
    int bad = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = trace.clone();
      int at = random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Listing listing = Listing.of(protocol, damaged);
      bad += listing.bad;
      assertEquals(listing, Listing.of(protocol, piecemeal(damaged)), () -> protocol.name() + " byte " + at);
      assertTrue(listing.skips() == 0 || listing.bad > 0, () -> protocol.name() + " byte " + at);
      assertTrue(listing.lines.size() > 20, () -> protocol.name() + " byte " + at + ": " + listing.lines.size());
    }
    assertTrue(bad > 10, protocol.name() + ": " + bad);
  }
}

package dev.crosspatch.tracer.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.etm.EteProtocol;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmPacketReader;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramRun;
import dev.crosspatch.tracer.program.Traced;
import dev.crosspatch.tracer.pt.PtPacketReader;
import dev.crosspatch.tracer.pt.PtProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Packet readers that see a trace through a window tell what they tell of the whole array, whatever the window's size
/// and however few bytes come at a time, of good traces and of damaged ones.
final class TraceWindowTest {
  private static final int DAMAGES = 40;
  private static final ProgramRun.Plan PLAN = new ProgramRun.Plan(1000, 50, 0, false, 0);

  /// Gives 1 to 7 bytes at a time.
  private static TraceSource dripping(byte[] trace, long seed) {
    TraceSource all = TraceSource.of(trace);
    Random random = new Random(seed);
    return (to, from, length) -> all.read(to, from, Math.min(length, 1 + random.nextInt(7)));
  }

  private static List<String> pt(PtPacketReader reader) {
    List<String> seen = new ArrayList<>();
    while (true) {
      int kind = reader.next();
      seen.add(reader.place() + " " + kind + (kind >= 0 ? " " + reader.packet() : ""));
      if (kind == PtPacketReader.END) {
        return seen;
      }
      if (kind < 0) {
        seen.add(reader.error().getMessage());
        if (!reader.sync()) {
          return seen;
        }
      }
    }
  }

  private static List<String> etm(EtmPacketReader reader) {
    List<String> seen = new ArrayList<>();
    while (true) {
      int kind = reader.next();
      seen.add(reader.place() + " " + kind + (kind >= 0 ? " " + reader.packet() : ""));
      if (kind == EtmPacketReader.END) {
        return seen;
      }
      if (kind < 0) {
        seen.add(reader.error().getMessage());
        if (!reader.sync()) {
          return seen;
        }
      }
    }
  }

  private static byte[] damaged(byte[] trace, Random random, int damages) {
    byte[] bytes = trace.clone();
    for (int i = 0; i < damages; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 40, 1000})
  void ptIsReadAlike(int size) {
    byte[] good = Traced.run(new PtProtocol(), FlowIsa.BYTES, 5, PLAN, Map.of("psb_period", 256L)).trace();
    Random random = new Random(size);
    for (int i = 0; i < DAMAGES; i++) {
      byte[] trace = damaged(good, random, i);
      assertEquals(pt(new PtPacketReader(trace)), pt(new PtPacketReader(new TraceWindow(dripping(trace, i), size))),
          "damage " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 40, 1000})
  void etmIsReadAlike(int size) {
    EtmProtocol ete = new EteProtocol();
    Traced run = Traced.run(ete, FlowIsa.WORDS, 5, PLAN, Map.of("sync_period", 256L));
    Random random = new Random(size);
    for (int i = 0; i < DAMAGES; i++) {
      byte[] trace = damaged(run.trace(), random, i);
      assertEquals(etm(new EtmPacketReader(((EtmConfig) run.config()).registers(), trace)),
          etm(new EtmPacketReader(((EtmConfig) run.config()).registers(), new TraceWindow(dripping(trace, i), size))),
          "damage " + i);
    }
  }

  @Test
  void thePsbIsTheLastOfALongRunOfItsPattern() {
    byte[] bytes = new byte[100];
    for (int i = 2; i < 60; i += 2) {
      bytes[i] = 2;
      bytes[i + 1] = (byte) 0x82;
    }
    PtPacketReader reader = new PtPacketReader(new TraceWindow(dripping(bytes, 1), 20));
    assertTrue(reader.sync());
    reader.next();
    assertEquals(60 - 16, reader.place());
  }

  @Test
  void theWindowStaysAsLargeAsItWas() {
    TraceWindow window = new TraceWindow(TraceSource.of(new byte[1 << 20]), 64);
    PtPacketReader reader = new PtPacketReader(window);
    while (reader.next() >= 0) {}
    assertEquals(1 << 20, reader.place());
    assertEquals(64, window.bytes().length, "padding of a mebibyte went through it");
  }
}

package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a few bytes of a hostile trace can make the decoder tell: at most so much text for each outcome, target or
/// address. Real straight code of that length is told whole. The limit is the decoder's own.
class PtAmplificationTest {
  private static final long BASE = 0xffff_ffff_8100_0000L;
  private static final int TEXT = 4 << 20;
  private static final int LIMIT = 1 << 18;
  private static final int PAIRS = 16;

  private final byte[] text = new byte[TEXT];
  private final PtPacketWriter out = new PtPacketWriter();
  private int waypoints = 1;

  PtAmplificationTest() {
    Arrays.fill(text, (byte) 0x90);
    out.appendPsb();
    out.write(new PtPacket.PsbEnd());
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTipPge(BASE);
  }

  private static final class Counter implements FlowListener {
    private long instructions;
    private long diversions;
    private long problems;

    @Override
    public void instruction(long address) {
      instructions++;
    }

    @Override
    public void diverted(long from, long to) {
      diversions++;
    }

    @Override
    public void gap(long address, Gap reason, long time) {}

    @Override
    public void problem(Problem problem) {
      problems++;
    }
  }

  private Counter decode() {
    Counter counter = new Counter();
    Image image = new Image(List.of(new Section(".text", BASE, text, Section.Access.TEXT)), List.of());
    PtConfig pt = PtConfig.of((name, otherwise) -> otherwise);
    new FlowDecoder(pt, new TextTimeline(new X86Isa(), image, new PokeLog()), counter)
        .decode(pt.reader(TraceSource.of(out.toByteArray()), Set.of(Mode.CODE_64)));
    return counter;
  }

  private long somewhere(RandomGenerator random) {
    return BASE + random.nextInt(TEXT);
  }

  /// A few branches among the NOPs: JE back to the base, JMP RAX, JMP to the next instruction.
  private void strewBranches(RandomGenerator random) {
    for (int i = 0; i < 8; i++) {
      byte[] insn = List.of(new byte[] {0x0f, (byte) 0x84, 0, 0, 0, 0}, new byte[] {(byte) 0xff, (byte) 0xe0},
          new byte[] {(byte) 0xeb, 0}).get(random.nextInt(3));
      System.arraycopy(insn, 0, text, random.nextInt(TEXT - insn.length), insn.length);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void targetsAndOutcomes(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    strewBranches(random);
    for (int i = 0; i < PAIRS; i++) {
      int count = random.nextInt(1, 3);
      out.appendTnt(random.nextInt(1 << count), count);
      out.appendTip(somewhere(random));
      waypoints += count + 1;
    }
    assertBounded();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sourcesAndTargets(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    strewBranches(random);
    for (int i = 0; i < PAIRS; i++) {
      out.appendFup(somewhere(random));
      out.appendTip(somewhere(random));
      waypoints += 2;
    }
    assertBounded();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void placesOfOtherPackets(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    for (int i = 0; i < PAIRS; i++) {
      out.write(new PtPacket.ExStop(true));
      out.appendFup(somewhere(random));
      waypoints++;
    }
    assertBounded();
  }

  private void assertBounded() {
    Counter counter = decode();
    assertTrue(counter.instructions <= (long) waypoints * LIMIT,
        counter.instructions + " instructions for " + waypoints + " waypoints");
    assertTrue(counter.problems > 0 && counter.problems <= waypoints, counter.problems + " problems");
  }

  @Test
  void straightCodeWithinTheLimitIsToldWhole() {
    jumpAt(LIMIT - 1);
    out.appendTip(BASE);
    out.appendFup(BASE + LIMIT - 1);
    out.appendTip(BASE + 5);
    Counter counter = decode();
    assertEquals(0, counter.problems);
    assertEquals(1, counter.diversions);
    assertEquals(2 * (LIMIT - 1) + 1, counter.instructions);
  }

  @Test
  void straightCodeBeyondIsAProblem() {
    jumpAt(LIMIT);
    out.appendTip(BASE + LIMIT);
    Counter counter = decode();
    assertEquals(1, counter.problems);
    assertEquals(LIMIT, counter.instructions);
  }

  private void jumpAt(int offset) {
    text[offset] = (byte) 0xff;
    text[offset + 1] = (byte) 0xe0;
  }
}

package dev.crosspatch.tracer.flow;

import static dev.crosspatch.tracer.flow.Elements.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.program.DecodedFlow;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramText;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The decoder's rules, element by element.
class FlowDecoderTest {
  private final ProgramText text = new ProgramText();
  private final PokeLog pokes = new PokeLog();
  private final Elements elements = new Elements();

  private FlowDecoderTest add(int kind, long a, long b) {
    elements.add(kind, a, b, 0x10 + elements.count(), Long.MIN_VALUE);
    return this;
  }

  private FlowDecoderTest timed(int kind, long a, long b, long low, long high) {
    elements.add(kind, a, b, 0x10 + elements.count(), low);
    elements.bound(elements.count() - 1, high);
    return this;
  }

  private DecodedFlow decode(TraceConfig config) {
    DecodedFlow flow = new DecodedFlow();
    new FlowDecoder(config, new TextTimeline(FlowIsa.BYTES, text.image(), pokes), flow)
        .decode(Traces.reader(elements));
    return flow;
  }

  private void assertFlow(TraceConfig config, String... expected) {
    assertEquals(List.of(expected), named(decode(config).lines()));
  }

  /// Addresses by their labels.
  private List<String> named(List<String> lines) {
    List<String> result = lines;
    for (String label : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
      try {
        String address = Long.toHexString(text.at(label));
        result = result.stream().map(line -> line.replace(address, label)).toList();
      } catch (IllegalArgumentException e) {
        break;
      }
    }
    return result;
  }

  private static String detail(DecodedFlow flow) {
    return flow.problems().stream().map(Problem::detail).collect(Collectors.joining("\n"));
  }

  private long at(String label) {
    return text.at(label);
  }

  // ---- Intel's way

  @Test
  void bitsSteerBranchesAndDirectBranchesCostNothing() {
    text.label("a").nop(1).label("b").branch(FlowIsa.JCC, "d").label("c").branch(FlowIsa.JMP, "a").label("d").nop(2)
        .label("e").nop(1);
    add(START, at("a"), 0).add(BITS, 0b10, 2).add(STOP, at("e"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "b", "c", "a", "b", "d");
  }

  @Test
  void deferredTargetLeavesTheLeftOverBits() {
    text.label("a").branch(FlowIsa.JCC, "b").label("b").op(FlowIsa.JMP_INDIRECT).label("c").branch(FlowIsa.JCC, "a")
        .label("d").nop(1);
    add(START, at("a"), 0).add(BITS, 0b01, 2).add(TARGET, at("c"), 0).add(STOP, at("d"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "b", "c");
  }

  @Test
  void returnsAreBitsIfPredictedElseTargets() {
    text.label("a").branch(FlowIsa.CALL, "d").label("b").branch(FlowIsa.CALL, "d").label("c").nop(1).label("d").nop(1)
        .label("e").op(FlowIsa.RET);
    add(START, at("a"), 0).add(BITS, 1, 1).add(TARGET, at("c"), 0).add(STOP, at("d"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "d", "e", "b", "d", "e", "c");
  }

  @Test
  void callToTheNextInstructionPushesNothing() {
    text.label("a").branch(FlowIsa.CALL, "c").label("b").nop(1).label("c").branch(FlowIsa.CALL, "d").label("d")
        .op(FlowIsa.RET);
    add(START, at("a"), 0).add(BITS, 1, 1).add(STOP, at("b"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "c", "d");
  }

  @Test
  void indirectCallsPush() {
    text.label("a").op(FlowIsa.CALL_INDIRECT).label("b").nop(1).label("c").op(FlowIsa.RET);
    add(START, at("a"), 0).add(TARGET, at("c"), 0).add(BITS, 1, 1).add(STOP, at("b"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "c");
  }

  @Test
  void synchronizationForgetsTheReturnStack() {
    text.label("a").branch(FlowIsa.CALL, "c").label("b").nop(1).label("c").nop(1).label("d").op(FlowIsa.RET);
    add(START, at("a"), 0).add(AT, at("d"), 0).add(BITS, 1, 1);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "a", "c", "? MISMATCH"), named(flow.lines()));
    assertEquals("RETURN at " + Long.toHexString(at("d")) + " is said to be predicted, but the return stack is empty, "
        + "the trace goes on with 1 outcomes (byte 0x12)", detail(flow));
  }

  @Test
  void diversionHappensBeforeItsInstruction() {
    text.label("a").nop(1).label("b").nop(1).label("c").nop(1).label("d").op(FlowIsa.IRET);
    add(START, at("a"), 0).add(ASYNC, at("b"), at("d")).add(CONTEXT, 5, 0).add(TARGET, at("b"), 0)
        .add(STOP, at("c"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "! b d", "d", "b");
  }

  @Test
  void trapWithoutSourceIsABareTarget() {
    text.label("a").nop(1).label("b").op(FlowIsa.TRAP).label("c").nop(1).label("d").nop(1);
    add(START, at("a"), 0).add(TARGET, at("c"), 0).add(STOP, at("d"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "! b c", "c");
  }

  @Test
  void trapThatTheTraceDoesNotKnowIsAMismatch() {
    text.label("a").nop(1).label("b").op(FlowIsa.TRAP).label("c").nop(1);
    add(START, at("a"), 0).add(STOP, at("c"), 0);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals("TRAP at " + Long.toHexString(at("b"))
        + " does not retire, the trace goes on with the end of tracing at "
        + Long.toHexString(at("c")) + " (byte 0x11)", detail(flow));
  }

  @Test
  void branchBeforeTheDiversionIsAMismatchAndTheHandlerIsFirmGround() {
    text.label("a").branch(FlowIsa.JCC, "b").label("b").nop(1).label("c").nop(1).label("d").nop(1);
    add(START, at("a"), 0).add(ASYNC, at("b"), at("c")).add(STOP, at("d"), 0);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "? MISMATCH", "~ RESYNC", "c"), named(flow.lines()));
    assertEquals("COND_BRANCH at " + Long.toHexString(at("a"))
        + " needs an outcome, the trace goes on with a diversion at "
        + Long.toHexString(at("b")) + " (byte 0x11)", detail(flow));
  }

  @Test
  void behindAHandlerAReturnMayNeedWhatWasForgotten() {
    text.label("a").branch(FlowIsa.JCC, "b").label("b").nop(1).label("c").nop(1).label("d").op(FlowIsa.RET).label("e")
        .nop(1).label("f").nop(1);
    add(START, at("a"), 0).add(ASYNC, at("b"), at("c")).add(BITS, 1, 1).add(AT, at("e"), 0).add(STOP, at("f"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "? MISMATCH", "~ RESYNC", "c", "~ RESYNC", "e");
  }

  @Test
  void endlessLoopIsFound() {
    text.label("a").nop(1).label("b").branch(FlowIsa.JMP, "a").label("c").nop(1);
    add(START, at("a"), 0).add(STOP, at("c"), 0);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of(Problem.Kind.MISMATCH), flow.problems().stream().map(Problem::kind).toList());
    assertEquals("JUMP at " + Long.toHexString(at("a"))
        + " closes an endless loop, the trace goes on with the end of tracing at "
        + Long.toHexString(at("c")) + " (byte 0x11)", detail(flow));
  }

  @Test
  void longEndlessLoopIsFound() {
    for (int i = 0; i < 300; i++) {
      text.label("x" + i).branch(FlowIsa.JMP, i % 2 == 0 ? "y" + i : "x" + (i + 1) % 300).label("y" + i)
          .branch(FlowIsa.JMP, "x" + (i + 1) % 300);
    }
    add(START, at("x0"), 0).add(TARGET, 0, 0);
    assertEquals(List.of(Problem.Kind.MISMATCH), decode(Traces.INTEL).problems().stream().map(Problem::kind).toList());
  }

  @Test
  void noTextIsSaid() {
    text.label("a").op(FlowIsa.JMP_INDIRECT).label("b").nop(1).label("c").nop(1);
    add(START, at("a"), 0).add(TARGET, 0x1234, 0).add(BITS, 1, 1).add(AT, at("b"), 0).add(STOP, at("c"), 0);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "a", "? NO_TEXT", "~ RESYNC", "b"), named(flow.lines()));
    assertEquals("no text at 1234, the trace goes on with 1 outcomes (byte 0x12)", detail(flow));
    assertEquals(0x1234, flow.problems().getFirst().address());
  }

  @Test
  void lossStopAndErrorAreGaps() {
    text.label("a").nop(1).label("b").nop(1).label("c").nop(1);
    add(START, at("a"), 0).add(AT, at("b"), 0).add(LOST, 0, 0).add(START, at("a"), 0).add(STOP, at("b"), 0);
    add(START, at("b"), 0).add(AT, at("c"), 0).add(ERROR, 7, 0).add(START, at("a"), 0).add(AT, at("c"), 0)
        .add(START, at("b"), 0);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "a", "~ OVERFLOW", "a", "~ OFF", "b", "? BAD_PACKET", "~ RESYNC", "a", "b",
        "~ OFF"), named(flow.lines()));
    assertEquals("error number 7", detail(flow));
  }

  // ---- Arm's way

  @Test
  void everyWaypointCostsABit() {
    text.label("a").nop(1).label("b").branch(FlowIsa.JMP, "c").label("c").op(FlowIsa.SYNC).label("d")
        .branch(FlowIsa.JCC, "a").label("e").nop(1);
    add(START, at("a"), 0).add(BITS, 0b011, 3).add(STOP, at("e"), 0);
    assertFlow(Traces.ARM, "~ BEGIN", "a", "b", "c", "d");
  }

  @Test
  void returnStackPredictsWhereNoTargetFollows() {
    text.label("a").branch(FlowIsa.CALL, "d").label("b").branch(FlowIsa.CALL, "d").label("c").nop(1).label("d")
        .op(FlowIsa.RET).label("e").nop(1);
    add(START, at("a"), 0).add(BITS, 0b1111, 4).add(TARGET, at("e"), 0).add(STOP, at("e") + 1, 0);
    assertFlow(Traces.ARM, "~ BEGIN", "a", "d", "b", "d", "e");
  }

  @Test
  void unconditionalBranchNotTakenIsAMismatch() {
    text.label("a").branch(FlowIsa.JMP, "b").label("b").nop(1);
    add(START, at("a"), 0).add(BITS, 0, 1);
    assertEquals("JUMP at " + Long.toHexString(at("a"))
        + " cannot be not taken, the trace goes on with 1 outcomes (byte 0x11)",
        detail(decode(Traces.ARM)));
  }

  @Test
  void systemCallRetiresAndDivertsBehind() {
    text.label("a").op(FlowIsa.SYSCALL).label("b").nop(1).label("c").nop(1).label("d").nop(1);
    add(START, at("a"), 0).add(ASYNC, at("b"), at("c")).add(STOP, at("d"), 0);
    assertFlow(Traces.ARM, "~ BEGIN", "a", "! b c", "c");
  }

  // ---- text that changes

  /// a: NOP or JMP c; b: a branch; c: a jump to the register; d: end.
  private void site(int time) {
    text.label("a").nop(5).label("b").branch(FlowIsa.JCC, "c").label("c").op(FlowIsa.JMP_INDIRECT).label("d").nop(1);
    pokes.add(new Poke(time, 0, at("a"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("a"), at("c")), "", ""));
  }

  @Test
  void versionsAreHeldAgainstWhatFollows() {
    site(100);
    timed(START, at("a"), 0, 0, 0).timed(BITS, 1, 1, 0, 200).timed(TARGET, at("a"), 0, 0, 200)
        .timed(TARGET, at("d"), 0, 0, 200);
    timed(STOP, at("d") + 1, 0, 200, 200);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "b", "c", "a", "c", "d");
  }

  @Test
  void timeDecidesWhereTheTraceCannot() {
    text.label("a").nop(5).label("b").nop(1).label("c").op(FlowIsa.JMP_INDIRECT);
    pokes.add(new Poke(100, 0, at("a"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("a"), at("c")), "", ""));
    timed(START, at("a"), 0, 0, 0).timed(TARGET, at("a"), 0, 99, 99).timed(TARGET, at("a"), 0, 120, 150)
        .timed(TARGET, at("a"), 0, 160, 160);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "a", "b", "c", "? AMBIGUOUS", "a", "b", "c", "a", "c"), named(flow.lines()));
    assertEquals("2 versions fit: 0f1f440000 (initial to 100); e901000000 (from 100)", detail(flow));
    assertEquals(new Problem(Problem.Kind.AMBIGUOUS, at("a"), 99, 150, 0x12, detail(flow)), flow.problems().getFirst());
  }

  @Test
  void atThePokesVeryTickBothAreTried() {
    site(100);
    timed(START, at("a"), 0, 100, 100).timed(TARGET, at("a"), 0, 100, 100).timed(TARGET, at("d"), 0, 100, 100);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "c", "a", "c");
  }

  /// A tick is long: the old text may have run in it, before the poke was reported. One tick later it cannot have.
  @Test
  void aWindowFromThePokesVeryTickHoldsBoth() {
    text.label("a").nop(5).label("b").nop(1).label("c").op(FlowIsa.JMP_INDIRECT);
    pokes.add(new Poke(100, 0, at("a"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("a"), at("c")), "", ""));
    timed(START, at("a"), 0, 100, 100).timed(TARGET, at("a"), 0, 101, 101).timed(TARGET, at("a"), 0, 130, 130);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "? AMBIGUOUS", "a", "b", "c", "a", "c"), named(flow.lines()));
    assertEquals("2 versions fit: 0f1f440000 (initial to 100); e901000000 (from 100)", detail(flow));
  }

  /// The target was told behind a bit that is younger, so its time says nothing of the time before that bit.
  @Test
  void deferredTargetsTimeIsNoBound() {
    text.label("a").op(FlowIsa.JMP_INDIRECT).label("b").nop(5).label("c").branch(FlowIsa.JCC, "d").label("d")
        .op(FlowIsa.JMP_INDIRECT);
    pokes.add(new Poke(100, 0, at("b"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("b"), at("d")), "", ""));
    timed(START, at("a"), 0, 0, 0).timed(BITS, 1, 1, 50, 200).timed(TARGET, at("b"), 0, 150, 200)
        .timed(TARGET, at("a"), 0, 150, 200);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "b", "c", "d");
  }

  @Test
  void everyVersionPassesTheSameJumpBack() {
    text.label("a").op(FlowIsa.JMP_INDIRECT).label("b").nop(5).label("c").nop(1).label("d").branch(FlowIsa.JMP, "a");
    pokes.add(new Poke(100, 0, at("b"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("b"), at("d")), "", ""));
    add(START, at("b"), 0).add(TARGET, at("d"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "? AMBIGUOUS", "b", "c", "d", "a");
  }

  @Test
  void whatRanNarrowsWhatCanRunLater() {
    text.label("a").nop(5).label("b").branch(FlowIsa.JCC, "d").label("c").nop(1).label("d").nop(5).label("e").nop(1)
        .label("f").op(FlowIsa.JMP_INDIRECT);
    pokes.add(new Poke(100, 0, at("d"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("d"), at("f")), "", ""));
    pokes.add(new Poke(200, 0, at("a"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("a"), at("d")), "", ""));
    // No time at all; a was new (no bit), so d, poked before it, must be new too.
    add(START, at("a"), 0).add(TARGET, at("a"), 0).add(TARGET, at("a"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "d", "f", "a", "d", "f");
  }

  @Test
  void noVersionThatFitsIsAMismatchWithAllReasons() {
    site(100);
    add(START, at("a"), 0).add(BITS, 0b11, 2);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(List.of("~ BEGIN", "? MISMATCH"), named(flow.lines()));
    String indirect = "INDIRECT_JUMP at " + Long.toHexString(at("c")) + " needs a target, the trace goes on with ";
    assertEquals("no version fits: 0f1f440000 (initial to 100): " + indirect
        + "1 outcomes (byte 0x11); e906000000 (from 100): "
        + indirect + "2 outcomes (byte 0x11)", detail(flow));
  }

  @Test
  void manyVersionsAreToldByTheFirstOfThem() {
    text.label("a").nop(5).label("b").nop(1).label("c").op(FlowIsa.JMP_INDIRECT);
    byte[] jump = FlowIsa.branch(FlowIsa.JMP, at("a"), at("c"));
    for (int i = 1; i <= 8; i++) {
      pokes.add(new Poke(100L * i, 0, at("a"), i % 2 == 1 ? FlowIsa.nop(5) : jump, i % 2 == 1
          ? jump : FlowIsa.nop(5), "", ""));
    }
    timed(START, at("a"), 0, 150, 150).timed(TARGET, at("a"), 0, 900, 900);
    DecodedFlow flow = decode(Traces.INTEL);
    assertEquals(
        "2 versions fit: e901000000 (from 100 to 200), e901000000 (from 300 to 400), e901000000 (from 500 to 600) and "
            + "1 more; "
        + "0f1f440000 (from 200 to 300), 0f1f440000 (from 400 to 500), 0f1f440000 (from 600 to 700) and 1 more",
        detail(flow));
    assertEquals(List.of("~ BEGIN", "? AMBIGUOUS", "a", "c"), named(flow.lines()).subList(0, 4), "the oldest is taken");
  }

  @Test
  void versionsThatGoOnAlikeAreOne() {
    text.label("a").nop(5).label("b").nop(1);
    byte[] other = FlowIsa.nop(5);
    other[4] = 9;
    pokes.add(new Poke(100, 0, at("a"), FlowIsa.nop(5), other, "", ""));
    add(START, at("a"), 0).add(STOP, at("b"), 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a");
  }

  @Test
  void forksInsideForksAreTried() {
    text.label("a").nop(5).label("b").nop(1).label("c").nop(5).label("d").branch(FlowIsa.JCC, "e").label("e")
        .op(FlowIsa.JMP_INDIRECT).label("f").nop(1);
    pokes.add(new Poke(100, 0, at("a"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("a"), at("d")), "", ""));
    pokes.add(new Poke(100, 0, at("c"), FlowIsa.nop(5), FlowIsa.branch(FlowIsa.JMP, at("c"), at("e")), "", ""));
    // No bit: only a old and c new gives that.
    add(START, at("a"), 0).add(TARGET, at("f"), 0).add(STOP, at("f") + 1, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "a", "b", "c", "e", "f");
  }

  /// Forty sites that may each be a NOP or one of `jumps` jumps over some of the NOPs behind it, then a branch without
  /// its bit: no way fits.
  private DecodedFlow decodeManySites(int jumps) {
    int sites = 40;
    for (int i = 0; i < sites; i++) {
      text.label("site" + i).nop(5);
      IntStream.range(0, jumps).forEach(n -> text.nop(1));
    }
    text.branch(FlowIsa.JCC, "end").label("end").op(FlowIsa.JMP_INDIRECT);
    for (int jump = 0; jump < jumps; jump++) {
      for (int i = 0; i < sites; i++) {
        long site = at("site" + i);
        byte[] old = jump == 0 ? FlowIsa.nop(5) : FlowIsa.branch(FlowIsa.JMP, site, site + 5 + jump);
        pokes.add(new Poke(100, 0, site, old, FlowIsa.branch(FlowIsa.JMP, site, site + 6 + jump), "", ""));
      }
    }
    add(START, at("site0"), 0).add(TARGET, at("site0"), 0);
    return assertTimeoutPreemptively(Duration.ofSeconds(20), () -> decode(Traces.INTEL));
  }

  /// Each fork walked again for each way to it would be 2^40 walks.
  @Test
  void waysThatComeToTheSamePlaceAreTriedOnce() {
    assertEquals("MISMATCH", decodeManySites(1).problems().getFirst().kind().name());
  }

  /// What is known to have run differs by the way, so that even the places are too many.
  @Test
  void theSearchIsBoundedAndSaysSo() {
    String said = detail(decodeManySites(60));
    assertTrue(said.startsWith("61 versions fit as far as was searched: 0f1f440000 (initial to 100); e901000000 "),
        said);
  }

  @Test
  void textThatIsNotThereYetCannotRun() {
    long module = 0xffffffffc0000000L;
    text.label("a").op(FlowIsa.JMP_INDIRECT).label("b").nop(1);
    pokes.add(new Poke(100, 0, module, new byte[0], FlowIsa.nop(5), "", ""));
    timed(START, at("a"), 0, 0, 0).timed(TARGET, module, 0, 20, 20).timed(AT, module + 5, 0, 50, 50);
    timed(START, at("a"), 0, 150, 150).timed(TARGET, module, 0, 160, 160).timed(AT, module + 5, 0, 170, 170);
    assertEquals(Arrays.asList("~ BEGIN", "a", "? NO_TEXT", "~ RESYNC", "~ OFF", "a", Long.toHexString(module)),
        named(decode(Traces.INTEL).lines()));
  }
}

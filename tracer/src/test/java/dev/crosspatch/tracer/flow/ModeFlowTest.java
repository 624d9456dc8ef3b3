package dev.crosspatch.tracer.flow;

import static dev.crosspatch.tracer.flow.Elements.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.program.DecodedFlow;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramText;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextRegion;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Text of several execution modes, element by element. Offsets are those in the text.
class ModeFlowTest {
  private static final long BASE = ProgramText.BASE;

  private final ProgramText text = new ProgramText(FlowIsa.MODES);
  private final PokeLog pokes = new PokeLog();
  private final Elements elements = new Elements();
  private final List<String> problems = new ArrayList<>();

  private ModeFlowTest add(int kind, long a, long b) {
    elements.add(kind, a, b, 0x10 + elements.count(), Long.MIN_VALUE);
    return this;
  }

  private ModeFlowTest mode(Mode mode) {
    return add(MODE, mode.ordinal(), 0);
  }

  private void assertFlow(TraceConfig config, String... expected) {
    DecodedFlow flow = new DecodedFlow();
    new FlowDecoder(config, new TextTimeline(FlowIsa.MODES, text.image(), pokes), flow)
        .decode(Traces.reader(elements));
    problems.clear();
    flow.problems().forEach(problem -> problems.add(problem.detail()));
    assertEquals(List.of(expected),
        flow.lines().stream().map(line -> line.replaceAll("ffffffff810000", "")).toList());
  }

  @Test
  void oneTextReadInThreeModes() {
    TextTimeline timeline = new TextTimeline(FlowIsa.MODES, new ProgramText().op("e9000090900f1f00").image(), pokes);
    TextRegion wide = Objects.requireNonNull(timeline.region(BASE, Mode.CODE_32));
    assertEquals(5, Objects.requireNonNull(wide.at(BASE)).length());
    TextRegion narrow = wide.in(Mode.CODE_16);
    assertNotSame(wide, narrow);
    assertSame(narrow, timeline.region(BASE, Mode.CODE_16));
    assertSame(wide, narrow.in(Mode.CODE_32));
    assertEquals(3, Objects.requireNonNull(narrow.at(BASE)).length());
  }

  /// The mode is told behind the target.
  @Test
  void farBranchChangesTheMode() {
    text.op(FlowIsa.JMP_INDIRECT).op(FlowIsa.DEC).op(FlowIsa.JMP_INDIRECT).op("e90100").nop(1).op(FlowIsa.IRET_32)
        .nop(1);
    add(START, BASE, 0).add(TARGET, BASE + 2, 0).mode(Mode.CODE_32).add(TARGET, BASE + 5, 0).mode(Mode.CODE_16)
        .add(TARGET, BASE + 8, 0).mode(Mode.CODE_64).add(STOP, BASE + 9, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "00", "02", "03", "05", "09", "08");
    assertEquals(List.of(), problems);
  }

  /// The twin: what is no mode is read as the mode before.
  @Test
  void withoutTheModeTheTextContradicts() {
    text.op(FlowIsa.JMP_INDIRECT).op(FlowIsa.DEC).op(FlowIsa.JMP_INDIRECT).op("e90100").nop(1).op(FlowIsa.IRET_32)
        .nop(1);
    add(START, BASE, 0).add(TARGET, BASE + 2, 0).add(TARGET, BASE + 5, 0).mode(Mode.CODE_16)
        .add(TARGET, BASE + 8, 0).mode(Mode.CODE_64).add(STOP, BASE + 9, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "00", "? NO_TEXT", "~ RESYNC", "05", "09", "08");
    assertEquals(List.of("no text at ffffffff81000002, the trace goes on with target ffffffff81000005 (byte 0x12)"),
        problems);
  }

  @Test
  void interruptInAnotherModeAndItsReturn() {
    text.op(FlowIsa.DEC).op(FlowIsa.DEC).op(FlowIsa.DEC).nop(1).op(FlowIsa.IRET).nop(1);
    add(START, BASE, 0).mode(Mode.CODE_32).add(ASYNC, BASE + 1, BASE + 3).mode(Mode.CODE_64).add(TARGET, BASE + 1, 0)
        .mode(Mode.CODE_32).add(STOP, BASE + 3, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "00", "! 01 03", "03", "04", "01", "02");
    assertEquals(List.of(), problems);
  }

  /// No branch leads from one mode to another unseen.
  @Test
  void synchronizationPointInAnotherModeIsAContradiction() {
    text.nop(1).nop(1).op(FlowIsa.DEC).nop(1);
    add(START, BASE, 0).add(AT, BASE + 2, 0).mode(Mode.CODE_32).add(STOP, BASE + 4, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "00", "01", "? MISMATCH", "~ RESYNC", "02", "03");
    assertEquals(List.of("ffffffff81000002 is reached in another execution mode, the trace goes on with address "
        + "ffffffff81000002 (byte 0x11)"), problems);
  }

  @Test
  void synchronizationPointInTheModeItIsReachedIn() {
    text.op(FlowIsa.DEC).op(FlowIsa.DEC).nop(1);
    add(START, BASE, 0).mode(Mode.CODE_32).add(AT, BASE + 1, 0).mode(Mode.CODE_32).add(STOP, BASE + 2, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "00", "01");
    assertEquals(List.of(), problems);
  }

  /// What is skipped may change the mode.
  @Test
  void modeIsKnownBehindAGap() {
    text.op(FlowIsa.DEC).op(FlowIsa.DEC);
    add(START, 0x1000, 0).add(TARGET, 0x2000, 0).mode(Mode.CODE_32).add(ERROR, 0, 0).add(TARGET, BASE, 0)
        .add(STOP, BASE + 2, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "? NO_TEXT", "~ RESYNC", "? BAD_PACKET", "~ RESYNC", "00", "01");
  }

  /// A target older than bits is no place to take the flow up at, but the mode behind it is that of what follows.
  @Test
  void modeOfASkippedTargetIsKnown() {
    text.op(FlowIsa.DEC).op(FlowIsa.DEC);
    add(START, 0x1000, 0).add(TARGET, 0x2000, 1).mode(Mode.CODE_32).add(TARGET, BASE, 0).add(STOP, BASE + 2, 0);
    assertFlow(Traces.INTEL, "~ BEGIN", "? NO_TEXT", "~ RESYNC", "00", "01");
  }

  /// Both texts are read in the mode of the flow: a NOP of two bytes, or DEC and NOP.
  @Test
  void pokedTextIsReadInTheModeOfTheFlow() {
    text.nop(2).branch(FlowIsa.JCC, "end").label("end").nop(1).nop(1);
    pokes.add(new Poke(5, 0, BASE, FlowIsa.nop(2), new byte[] {0x48, (byte) 0x90}, "m", "s"));
    elements.add(START, BASE, 0, 0x10, 6);
    elements.bound(0, 6);
    elements.add(MODE, Mode.CODE_32.ordinal(), 0, 0x11, 6);
    elements.bound(1, 7);
    elements.add(BITS, 1, 1, 0x12, 7);
    elements.add(STOP, BASE + 9, 0, 0x13, 8);
    assertFlow(Traces.INTEL, "~ BEGIN", "00", "01", "02", "08");
  }

  // ---- Arm's way

  /// BLX: the text tells the mode, and the return stack the one to come back to.
  @Test
  void callThatChangesTheModeAndItsPredictedReturn() {
    text.op("0fff01000000").op(FlowIsa.DEC).op("e90000").op(FlowIsa.RET).nop(1);
    // 0: call 7 (6 bytes); 6: dec; 7: jmp rel16 to a; a: ret
    add(START, BASE, 0).mode(Mode.CODE_32).add(BITS, 0b111, 3).add(STOP, BASE + 7, 0);
    assertFlow(Traces.ARM, "~ BEGIN", "00", "07", "0a", "06");
    assertEquals(List.of(), problems);
  }

  /// The address behind the last bit tells where it led, and how the text is read there.
  @Test
  void synchronizationTellsTheModeOfTheLastBranch() {
    text.op(FlowIsa.JMP_INDIRECT).op("e90000").nop(1).nop(2);
    add(START, BASE, 0).mode(Mode.CODE_32).add(BITS, 1, 1).add(AT, BASE + 2, 0).mode(Mode.CODE_16).add(BITS, 1, 1)
        .add(STOP, BASE + 6, 0);
    assertFlow(Traces.ARM, "~ BEGIN", "00", "02", "05");
    assertEquals(List.of(), problems);
  }

  @Test
  void addressInAnotherModeIsAContradiction() {
    text.op("e900000000").nop(1).nop(1);
    add(START, BASE, 0).mode(Mode.CODE_32).add(BITS, 1, 1).add(TARGET, BASE + 5, 0).mode(Mode.CODE_16)
        .add(STOP, BASE + 6, 0);
    assertFlow(Traces.ARM, "~ BEGIN", "00", "? MISMATCH", "~ RESYNC", "05");
    assertEquals(List.of("ffffffff81000005 is reached in another execution mode, the trace goes on with target "
        + "ffffffff81000005 (byte 0x13)"), problems);
  }
}

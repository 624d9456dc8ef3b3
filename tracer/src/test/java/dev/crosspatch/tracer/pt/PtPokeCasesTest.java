package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.program.DecodedFlow;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramText;
import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The ways in which a poke can lie to the packets around it. In the cases marked *blind* libipt and perf walk up to
/// the first packet behind the poke on the old text, and say nothing; here the flow must be right, or the doubt be
/// told.
class PtPokeCasesTest {
  private static final long POKE_TIME = 20_000;

  /// Old text of the site goes through `old` with one branch, not taken; new text through `alt` with two, the first
  /// taken; both go back to the start.
  private final ProgramText text = new ProgramText()
      .label("loop").nop(1)
      .label("site").nop(5)
      .label("old").nop(3).label("old_jcc").branch(FlowIsa.JCC, "out").label("old_back").branch(FlowIsa.JMP, "loop")
      .label("alt").nop(4).label("alt_jcc").branch(FlowIsa.JCC, "alt2").op(FlowIsa.JMP_INDIRECT)
      .label("alt2").nop(1).label("alt_jcc2").branch(FlowIsa.JCC, "out").label("alt_back").branch(FlowIsa.JMP, "loop")
      .label("out").nop(1).label("end").nop(1)
      .label("handler").nop(2).label("iret").op(FlowIsa.IRET);
  private final PokeLog pokes = new PokeLog();
  private final PtPacketWriter out = new PtPacketWriter();
  private final List<String> truth = new ArrayList<>();
  private Map<String, Long> options = new LinkedHashMap<>();

  private long at(String label) {
    return text.at(label);
  }

  private void ran(String... labels) {
    Arrays.stream(labels).forEach(label -> truth.add(Long.toHexString(at(label))));
  }

  private void ranOld(int times) {
    for (int i = 0; i < times; i++) {
      ran("loop", "site", "old", "old_jcc", "old_back");
    }
  }

  private void ranNew(int times) {
    for (int i = 0; i < times; i++) {
      ran("loop", "site", "alt", "alt_jcc", "alt2", "alt_jcc2", "alt_back");
    }
  }

  private void diverted(String from) {
    truth.add("! " + Long.toHexString(at(from)) + " " + Long.toHexString(at("handler")));
    out.appendFup(at(from));
    out.appendTip(at("handler"));
    ran("handler", "iret");
  }

  private void poke() {
    byte[] jump = FlowIsa.branch(FlowIsa.JMP, at("site"), at("alt"));
    pokes.add(new Poke(POKE_TIME, 1, at("site"), FlowIsa.nop(5), jump, "jump_label", "site"));
  }

  private void begin() {
    status(10_000);
    out.write(new PtPacket.PsbEnd());
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTipPge(at("loop"));
  }

  private void status(long time) {
    out.appendPsb();
    out.appendTsc(time);
    out.write(new PtPacket.Cbr(25));
  }

  private void synchronize(long time, String label) {
    status(time);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendFup(at(label));
    out.write(new PtPacket.PsbEnd());
  }

  /// The last branch is taken and leaves the loop.
  private void finish() {
    ran("out");
    out.appendFup(at("end"));
    out.write(new PtPacket.TipPgd(IpCompression.SUPPRESSED, 0));
  }

  private void finishNew() {
    out.appendTnt(0b11, 2);
    ran("loop", "site", "alt", "alt_jcc", "alt2", "alt_jcc2");
    finish();
  }

  private DecodedFlow decode() {
    DecodedFlow flow = new DecodedFlow();
    TextTimeline timeline = new TextTimeline(FlowIsa.BYTES, text.image(), pokes);
    PtConfig config = PtConfig.of(options::getOrDefault);
    new FlowDecoder(config, timeline, flow)
        .decode(config.reader(TraceSource.of(out.toByteArray()), Set.of(Mode.CODE_64)));
    return flow;
  }

  private void assertExact() {
    DecodedFlow flow = decode();
    assertEquals(List.of(), flow.problems());
    assertEquals(truth, flow.untilProblem());
  }

  @Test
  void trapOnEachSideOfThePoke() {
    poke();
    begin();
    out.appendTnt(0b000, 3);
    ranOld(3);
    ran("loop");
    diverted("site");
    out.appendTip(at("old"));
    ran("old", "old_jcc", "old_back", "loop");
    out.appendTnt(0, 1);
    diverted("site");
    out.appendTsc(POKE_TIME + 5000);
    out.appendTip(at("alt"));
    out.appendTnt(0b10, 2);
    ran("alt", "alt_jcc", "alt2", "alt_jcc2", "alt_back");
    out.appendTnt(0b1010, 4);
    ranNew(2);
    finishNew();
    assertExact();
  }

  @Test
  void blindTntBehindTheFirstTscBehindThePokeNeedsNewText() {
    poke();
    begin();
    out.appendTnt(0b00, 2);
    ranOld(2);
    out.appendTsc(POKE_TIME + 1);
    out.appendTnt(0b1010, 4);
    ranNew(2);
    finishNew();
    assertExact();
  }

  @Test
  void synchronizationBehindThePoke() {
    poke();
    begin();
    out.appendTnt(0b00, 2);
    ranOld(2);
    synchronize(POKE_TIME + 1, "loop");
    out.appendTnt(0b1010, 4);
    ranNew(2);
    finishNew();
    assertExact();
  }

  @Test
  void tscCbrTscBehindThePoke() {
    poke();
    begin();
    out.appendTnt(0b00, 2);
    ranOld(2);
    out.appendTsc(POKE_TIME + 1);
    out.write(new PtPacket.Cbr(30));
    out.appendTsc(POKE_TIME + 2);
    out.appendTnt(0b1010, 4);
    ranNew(2);
    finishNew();
    assertExact();
  }

  @Test
  void blindCycBeforeEveryTnt() {
    poke();
    begin();
    out.appendCyc(9_000);
    out.appendTnt(0b0, 1);
    ranOld(1);
    out.appendCyc(2_000);
    out.appendTnt(0b10, 2);
    ranNew(1);
    finishNew();
    assertExact();
  }

  /// As [#blindCycBeforeEveryTnt], but old and new text cost one branch each: only the time could tell, and it does
  /// not.
  @Test
  void blindCycBeforeEveryTntOfTextThatLooksAlike() {
    byte[] jump = FlowIsa.branch(FlowIsa.JMP, at("site"), at("alt_jcc2"));
    pokes.add(new Poke(POKE_TIME, 1, at("site"), FlowIsa.nop(5), jump, "jump_label", "site"));
    begin();
    for (int cycles : new int[] {9_000, 2_000, 1_000}) {
      out.appendCyc(cycles);
      out.appendTnt(0b0, 1);
    }
    out.appendCyc(1_000);
    out.appendFup(at("loop"));
    out.write(new PtPacket.TipPgd(IpCompression.SUPPRESSED, 0));
    DecodedFlow flow = decode();
    assertEquals(List.of(Problem.Kind.AMBIGUOUS), flow.problems().stream().map(Problem::kind).toList());
    assertEquals("2 versions fit: 0f1f440000 (initial to 20000); e91b000000 (from 20000)",
        flow.problems().getFirst().detail());
    assertEquals(19_000, flow.problems().getFirst().low());
    assertEquals(21_000, flow.problems().getFirst().high());
    ranOld(2);
    ran("loop", "site", "alt_jcc2", "alt_back");
    List<String> decoded = flow.lines().stream()
        .filter(line -> !line.startsWith("~") && !line.startsWith("?")).toList();
    assertEquals(truth, decoded);
  }

  @Test
  void cycAndInterruptBetweenPokeAndNewFlow() {
    poke();
    begin();
    out.appendCyc(9_000);
    out.appendTnt(0b0, 1);
    ranOld(1);
    out.appendCyc(2_000);
    diverted("loop");
    out.appendTip(at("loop"));
    out.appendCyc(2_000);
    out.appendTnt(0b10, 2);
    ranNew(1);
    finishNew();
    assertExact();
  }

  @Test
  void blindPokeWithoutAnyTimingPacketAround() {
    poke();
    begin();
    out.appendTnt(0b00, 2);
    ranOld(2);
    out.appendTnt(0b1010, 4);
    ranNew(2);
    finishNew();
    assertExact();
  }

  /// The other decoders go wrong in silence; here the trace contradicts the only text there is.
  @Test
  void blindPokeThatIsNotInTheLog() {
    begin();
    out.appendTnt(0b00, 2);
    ranOld(2);
    out.appendTsc(POKE_TIME + 1);
    out.appendTip(at("handler"));
    DecodedFlow flow = decode();
    assertEquals(List.of(Problem.Kind.MISMATCH), flow.problems().stream().map(Problem::kind).toList());
    assertEquals("COND_BRANCH at " + Long.toHexString(at("old_jcc"))
        + " needs an outcome, the trace goes on with target "
        + Long.toHexString(at("handler")) + " (byte 0x30)", flow.problems().getFirst().detail());
  }

  /// A slot whose text comes from the log alone.
  @Test
  void textThatOnlyThePokeLogHas() {
    long slot = 0xffffffffa0000000L;
    byte[] code = Arrays.copyOf(FlowIsa.nop(3), 8);
    System.arraycopy(FlowIsa.branch(FlowIsa.JMP, slot + 3, at("loop")), 0, code, 3, 5);
    pokes.add(new Poke(POKE_TIME, 1, slot, new byte[0], code, "kprobe", "slot"));
    begin();
    out.appendTnt(0b0, 1);
    ranOld(1);
    out.appendTsc(POKE_TIME + 1);
    diverted("loop");
    out.appendTip(slot);
    truth.add(Long.toHexString(slot));
    truth.add(Long.toHexString(slot + 3));
    out.appendTnt(0b1, 1);
    ran("loop", "site", "old", "old_jcc");
    finish();
    assertExact();
  }

  private void pokeTrap() {
    pokes.add(new Poke(POKE_TIME, 1, at("site"), new byte[] {0x0f}, new byte[] {(byte) 0xcc}, "kprobe", "site"));
  }

  @Test
  void probeTrapWithItsSource() {
    pokeTrap();
    begin();
    out.appendTnt(0b0, 1);
    ranOld(1);
    ran("loop");
    diverted("site");
    out.appendTip(at("old"));
    out.appendTnt(0b1, 1);
    ran("old", "old_jcc");
    finish();
    assertExact();
  }

  @Test
  void probeTrapAsBareTip() {
    pokeTrap();
    begin();
    out.appendTnt(0b0, 1);
    ranOld(1);
    out.appendTsc(POKE_TIME + 1);
    out.appendTip(at("handler"));
    ran("loop");
    truth.add("! " + Long.toHexString(at("site")) + " " + Long.toHexString(at("handler")));
    ran("handler", "iret");
    out.appendTip(at("old"));
    out.appendTnt(0b1, 1);
    ran("old", "old_jcc");
    finish();
    assertExact();
  }

  @Test
  void eventTraceAroundATrap() {
    poke();
    begin();
    out.appendTnt(0b0, 1);
    ranOld(1);
    ran("loop");
    out.write(new PtPacket.Cfe(1, 3, false));
    diverted("site");
    out.write(new PtPacket.Cfe(2, 0, false));
    out.appendTip(at("old"));
    out.appendTnt(0b1, 1);
    ran("old", "old_jcc");
    finish();
    assertExact();
  }

  @Test
  void sourcesOfOtherPacketsAreNotDiversions() {
    begin();
    out.write(new PtPacket.Ptw(5, 8, true));
    out.appendFup(at("site"));
    out.write(new PtPacket.Pad());
    out.write(new PtPacket.ExStop(false));
    out.appendTnt(0b1, 1);
    ran("loop", "site", "old", "old_jcc");
    finish();
    assertExact();
  }
}

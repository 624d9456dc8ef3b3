package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.program.ElementText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Packets to elements and their times.
class PtElementReaderTest {

  private final Map<String, Long> options = new LinkedHashMap<>();
  private final PtPacketWriter out = new PtPacketWriter();

  private ElementReader reader(byte[] trace) {
    return PtConfig.of(options::getOrDefault).reader(TraceSource.of(trace), Set.of(Mode.CODE_64));
  }

  @BeforeEach
  void begin() {
    out.appendPsb();
    out.appendTsc(1000);
    out.write(new PtPacket.Tma(10, 0));
    out.write(new PtPacket.Cbr(25));
    out.write(new PtPacket.PsbEnd());
    out.appendTipPge(0x4000);
  }

  private List<String> elements() {
    return ElementText.behindTheFirst(reader(out.toByteArray()));
  }

  @Test
  void cyclesMakeTimesExact() {
    out.appendCyc(50);
    out.appendTnt(0b110, 3);
    out.appendCyc(20);
    out.appendTip(0x5000);
    out.appendCyc(5);
    out.appendFup(0x5001);
    out.appendTip(0x9000);
    assertEquals(List.of("BITS 3 3 1050..1070", "TARGET 5000 1070..1070", "ASYNC 5001 9000 1075..1075"), elements());
  }

  @Test
  void withoutCyclesTheTimesAroundBound() {
    options.put("cyc", 0L);
    out.appendTnt(0b1, 1);
    out.appendMtc(2);
    out.appendTip(0x5000);
    out.appendMtc(4);
    out.appendTip(0x5001);
    out.appendTsc(9000);
    out.appendTip(0x5002);
    // MTCFreq 3: 8 crystal clocks, 100 ticks each; crystal clock 10 began at 1000.
    assertEquals(List.of("BITS 1 1 1000..1600", "TARGET 5000 1600..3200", "TARGET 5001 3200..9000",
        "TARGET 5002 9000.."), elements());
  }

  @Test
  void lostMtcsAreCounted() {
    options.put("cyc", 0L);
    out.appendMtc(2);
    out.appendMtc(1);
    out.appendTip(0x5000);
    assertEquals(List.of("TARGET 5000 " + (1600 + 255 * 800) + ".."), elements());
  }

  @Test
  void cyclesTellNothingOffTheNominalRatio() {
    out.write(new PtPacket.Cbr(20));
    out.appendCyc(50);
    out.appendTip(0x5000);
    out.write(new PtPacket.Cbr(25));
    out.appendCyc(50);
    out.appendTip(0x5001);
    out.appendCyc(10);
    out.appendTsc(2000);
    out.appendCyc(10);
    out.appendTip(0x5002);
    assertEquals(List.of("TARGET 5000 1000..2000", "TARGET 5001 1000..2000", "TARGET 5002 2010..2010"), elements());
  }

  @Test
  void thresholdLeavesTheTimeOpenBetweenCycs() {
    options.put("cyc_threshold", 16L);
    out.appendCyc(50);
    out.appendTip(0x5000);
    out.appendTip(0x5001);
    out.appendCyc(20);
    out.appendTip(0x5002);
    assertEquals(List.of("TARGET 5000 1050..1050", "TARGET 5001 1050..1070", "TARGET 5002 1070..1070"), elements());
  }

  @Test
  void timeless() {
    options.put("timeless", 1L);
    options.put("cyc", 0L);
    PtPacketWriter bare = new PtPacketWriter();
    bare.appendPsb();
    bare.write(new PtPacket.PsbEnd());
    bare.appendTipPge(0x4000);
    bare.appendTip(0x5000);
    Elements elements = new Elements();
    ElementReader reader = reader(bare.toByteArray());
    reader.next(elements);
    assertEquals("TARGET 5000 ..", ElementText.describe(elements, 1, reader));
  }

  @Test
  void chunksEndWithTheSynchronizationPoint() {
    out.appendTip(0x5000);
    out.appendPsb();
    out.appendTsc(2000);
    out.appendFup(0x5004);
    out.write(new PtPacket.PsbEnd());
    out.appendTip(0x6000);
    assertEquals(List.of("TARGET 5000 1000..1000", "AT 5004 2000..2000", "--", "TARGET 6000 2000..2000"), elements());
  }

  @Test
  void traceThatBeginsInTheMiddleStarts() {
    PtPacketWriter middle = new PtPacketWriter();
    middle.appendTip(0x1234);
    middle.appendPsb();
    middle.appendFup(0x5004);
    middle.write(new PtPacket.PsbEnd());
    Elements elements = new Elements();
    ElementReader reader = reader(middle.toByteArray());
    reader.next(elements);
    assertEquals("START 5004 ..", ElementText.describe(elements, 0, reader));
    assertEquals(1, elements.count());
  }

  @Test
  void lossAndResumption() {
    out.appendTip(0x5000);
    out.write(new PtPacket.Ovf());
    out.appendTsc(3000);
    out.appendFup(0x7000);
    out.appendTip(0x5000);
    assertEquals(List.of("TARGET 5000 1000..1000", "LOST 0 1000..1000", "START 7000 3000..3000",
        "TARGET 5000 3000..3000"), elements());
  }

  @Test
  void disablingIsAStopAtItsSourceIfTold() {
    out.appendFup(0x5000);
    out.appendTipPgd(0x6000);
    out.appendTipPge(0x7000);
    out.appendTipPgd(0x8000);
    assertEquals(List.of("STOP 5000 1000..1000", "START 7000 1000..1000", "STOP ffffffffffffffff 1000..1000"),
        elements());
  }

  /// No instruction wrote it (SDM volume 3, 34.4.2, PIP: VM exit), so the flow has not come by one.
  @Test
  void contextBetweenSourceAndTarget() {
    out.appendFup(0x5000);
    out.write(new PtPacket.Pip(0x8000, false));
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTip(0x6000);
    assertEquals(List.of("ASYNC 5000 6000 1000..1000"), elements());
  }

  @Test
  void badPacketsAreErrorsAndTheNextPsbGoesOn() {
    out.appendTip(0x5000);
    int bad = out.size();
    out.write(new PtPacket.Pad());
    byte[] head = out.toByteArray();
    head[bad] = 5;
    out.appendPsb();
    out.appendFup(0x7000);
    out.write(new PtPacket.PsbEnd());
    byte[] all = out.toByteArray();
    System.arraycopy(head, 0, all, 0, head.length);
    ElementReader reader = reader(all);
    Elements elements = new Elements();
    reader.next(elements);
    assertEquals("ERROR PT packet at byte 0x2b: opcode 05 is unknown 1000..1000",
        ElementText.describe(elements, 2, reader));
    assertEquals("START 7000 1000..", ElementText.describe(elements, 3, reader));
  }

  @Test
  void misplacedPacketsAreErrors() {
    out.appendFup(0x5000);
    out.appendTnt(1, 1);
    assertEquals(List.of("STOP 5000 1000..1000", "ERROR PT packet at byte 0x2b: TNT between FUP and TIP 1000..1000"),
        elements());
  }

  /// The last IP is not what such a FUP means.
  @Test
  void fupWithoutIpTellsNothing() {
    out.write(new PtPacket.Fup(PtPacket.IpCompression.SUPPRESSED, 0));
    out.appendTip(0x6000);
    String error = "ERROR PT packet at byte 0x28: a FUP without IP does not tell where the flow stands 1000..1000";
    assertEquals(List.of(error, "ASYNC ffffffffffffffff 6000 1000..1000"), elements());
  }

  @Test
  void fupOfAnotherPacketMayLackItsIp() {
    out.write(new PtPacket.Ptw(1, 8, true));
    out.write(new PtPacket.Fup(PtPacket.IpCompression.SUPPRESSED, 0));
    out.appendTip(0x6000);
    assertEquals(List.of("TARGET 6000 1000..1000"), elements());
  }

  @Test
  void codeOfAnotherModeCannotBeFollowed() {
    out.write(new PtPacket.ModeExec(true, false, true));
    out.appendTip(0x5000);
    int at = out.size();
    out.write(new PtPacket.ModeExec(false, true, false));
    out.appendTip(0x6000);
    String error = "ERROR PT packet at byte 0x" + Integer.toHexString(at)
        + ": 32-bit code cannot be followed 1000..1000";
    assertEquals(List.of("TARGET 5000 1000..1000", "TARGET 6000 1000..1000", error), elements());
  }

  /// What runs in such a mode is skipped, however it is left.
  @Test
  void codeIsFollowedAgainBehindAnotherMode() {
    out.write(new PtPacket.ModeExec(false, true, false));
    out.appendTip(0x6000);
    out.appendTnt(1, 1);
    out.appendTip(0x6100);
    out.appendFup(0x6101);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTip(0x5000);
    out.write(new PtPacket.ModeExec(false, false, false));
    out.appendTip(0x300);
    out.appendTipPgd(0x400);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTipPge(0x7000);
    List<String> kinds = elements().stream()
        .map(e -> e.replaceAll("PT packet at byte 0x..: | 1000..1000$", "")).toList();
    assertEquals(
        List.of("TARGET 6000", "ERROR 32-bit code cannot be followed", "START 5000", "TARGET 300",
            "ERROR 16-bit code cannot be followed", "START 7000"), kinds);
  }

  private List<String> elementsOfAllModes() {
    ElementReader reader = PtConfig.of(options::getOrDefault)
        .reader(TraceSource.of(out.toByteArray()), Set.of(Mode.values()));
    return ElementText.behindTheFirst(reader).stream().map(e -> e.replaceAll(" 1000..(1000)?$", "")).toList();
  }

  /// SDM Vol. 3C 33.4.2.8: CS.L, CS.D or none of them, from the next packet with an IP on: the target of a far branch,
  /// that of an interrupt and no FUP before it, the address of a PSB, the start of tracing.
  @Test
  void modeIsToldBehindTheAddressWhereItBegins() {
    out.write(new PtPacket.ModeExec(false, true, false));
    out.appendTip(0x6000);
    out.appendTnt(1, 1);
    out.appendFup(0x6101);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTip(0x5000);
    out.write(new PtPacket.ModeExec(false, false, false));
    out.appendTip(0x300);
    out.appendTip(0x310);
    out.appendPsb();
    out.write(new PtPacket.ModeExec(false, false, false));
    out.appendFup(0x310);
    out.write(new PtPacket.PsbEnd());
    out.appendTipPgd(0x400);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTipPge(0x7000);
    assertEquals(List.of("TARGET 6000", "MODE 1", "BITS 1 1", "ASYNC 6101 5000", "MODE 0", "TARGET 300", "MODE 2",
        "TARGET 310", "AT 310", "--", "STOP ffffffffffffffff", "START 7000", "MODE 0"), elementsOfAllModes());
  }

  /// Of a FUP that tells where the mode changed, and of none.
  @Test
  void modeThatChangesWithoutABranch() {
    out.write(new PtPacket.ModeExec(false, true, false));
    out.appendFup(0x4100);
    out.write(new PtPacket.ModeExec(true, false, false));
    int at = out.size();
    out.write(new PtPacket.Fup(PtPacket.IpCompression.SUPPRESSED, 0));
    assertEquals(List.of("PLACE 4100", "MODE 1", "ERROR PT packet at byte 0x" + Integer.toHexString(at)
        + ": a FUP without IP does not tell where the mode changed", "MODE 0"), elementsOfAllModes());
  }

  @Test
  void onlyTheFupOfAnAbortIsAboutFlow() {
    out.write(new PtPacket.ModeTsx(true, false));
    out.appendFup(0x4001);
    out.write(new PtPacket.ModeTsx(false, true));
    out.appendFup(0x4002);
    out.appendTip(0x5000);
    assertEquals(List.of("PLACE 4001 1000..1000", "ASYNC 4002 5000 1000..1000"), elements());
  }

  /// Erratum SKD010: the FUP behind an overflow may be missing.
  @Test
  void targetBehindALossIsAStart() {
    out.write(new PtPacket.Ovf());
    out.appendTip(0x7000);
    out.appendTip(0x5000);
    assertEquals(List.of("LOST 0 1000..1000", "START 7000 1000..", "TARGET 5000 1000.."), elements());
  }

  /// Event trace without branches: MODE.Exec and its FUPs tell of interrupts being masked, and nothing of the flow.
  @Test
  void modeAndItsFupWhileTracingIsOff() {
    out.appendTipPgd(0x5000);
    out.write(new PtPacket.ModeExec(false, true, false));
    out.appendFup(0x6000);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTipPge(0x7000);
    assertEquals(List.of("STOP ffffffffffffffff 1000..1000", "START 7000 1000..1000"), elements());
  }

  @Test
  void theEndTellsWhatTheLastPacketProves() {
    out.appendFup(0x5000);
    assertEquals(List.of("STOP 5000 1000..1000"), elements());
  }

  /// What the packets before prove is told, and that one is lost.
  @Test
  void traceThatEndsInsideAPacket() {
    out.appendFup(0x5000);
    byte[] whole = out.toByteArray();
    out.appendTip(0x6000);
    byte[] cut = Arrays.copyOf(out.toByteArray(), whole.length + 1);
    String error = "ERROR PT packet at byte 0x" + Integer.toHexString(whole.length)
        + ": cut after 1 of at least 3 bytes 1000..1000";
    assertEquals(List.of("STOP 5000 1000..1000", error), ElementText.behindTheFirst(reader(cut)));
  }

  /// A processor may put off a TIP until the TNT before it is full.
  @Test
  void targetBehindFullTntMayBeOlder() {
    out.appendTnt(0b111111, 6);
    out.appendTip(0x5000);
    out.appendTnt(0b11111, 5);
    out.appendTip(0x6000);
    assertEquals(List.of(1L, 0L), olderTargets());
  }

  /// It puts it off beyond no other packet.
  @Test
  void targetBehindAnotherPacketIsNotOlder() {
    out.appendTnt(0b111111, 6);
    out.write(new PtPacket.Ptw(1, 8, false));
    out.appendTip(0x5000);
    assertEquals(List.of(0L), olderTargets());
  }

  private List<Long> olderTargets() {
    Elements chunk = new Elements();
    reader(out.toByteArray()).next(chunk);
    return IntStream.range(0, chunk.count()).filter(i -> chunk.kind(i) == Elements.TARGET).mapToObj(chunk::b).toList();
  }

  @Test
  void bytesWithoutPsbAreAnError() {
    ElementReader reader = reader(new byte[] {1, 2, 3});
    Elements elements = new Elements();
    reader.next(elements);
    assertEquals("ERROR PT packet at byte 0x0: there is no PSB in the trace ..",
        ElementText.describe(elements, 0, reader));
    assertEquals(false, reader.next(elements));
    assertEquals(false, reader(new byte[0]).next(elements));
  }
}

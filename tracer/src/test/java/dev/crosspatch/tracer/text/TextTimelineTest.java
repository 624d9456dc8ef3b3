package dev.crosspatch.tracer.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramText;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TextTimelineTest {
  private static final ProgramText TEXT = new ProgramText().label("a").nop(2).label("site").nop(5).label("end").nop(1);
  private static final long SITE = TEXT.at("site");
  private static final byte[] NOP = FlowIsa.nop(5);
  private static final byte[] JUMP = FlowIsa.branch(FlowIsa.JMP, SITE, TEXT.at("a"));

  private static TextTimeline timeline(Poke... pokes) {
    PokeLog log = new PokeLog();
    for (Poke poke : pokes) {
      log.add(poke);
    }
    return new TextTimeline(FlowIsa.BYTES, TEXT.image(), log);
  }

  private static Poke poke(long time, long address, byte[] before, byte[] after) {
    return new Poke(time, 0, address, before, after, "", "");
  }

  private static String versions(TextTimeline text, long address, long low, long high) {
    return text.candidates(address, Mode.CODE_64, low, high).toString();
  }

  @Test
  void withoutPokesThereIsOnlyInitialText() {
    TextTimeline text = timeline();
    Insn insn = text.at(SITE, Mode.CODE_64);
    assertEquals(new Insn(5, FlowClass.OTHER, 0), insn);
    assertSame(insn, text.at(SITE, Mode.CODE_64));
    assertEquals("[0f1f440000 (initial)]", versions(text, SITE, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  @Test
  void pokedTextHasNoFixedInstruction() {
    TextTimeline text = timeline(poke(100, SITE, NOP, JUMP));
    assertNull(text.at(SITE, Mode.CODE_64));
    assertNotNull(text.at(TEXT.at("a"), Mode.CODE_64), "before the site");
    assertNotNull(text.at(TEXT.at("end"), Mode.CODE_64), "behind the site");
  }

  @Test
  void aPokesTimeBelongsToBothSides() {
    TextTimeline text = timeline(poke(100, SITE, NOP, JUMP), poke(200, SITE, JUMP, NOP));
    assertEquals("[0f1f440000 (initial to 100)]", versions(text, SITE, 0, 99));
    assertEquals("[0f1f440000 (initial to 100), e9f9ffffff (from 100 to 200)]", versions(text, SITE, 0, 100));
    assertEquals("[e9f9ffffff (from 100 to 200)]", versions(text, SITE, 101, 199));
    assertEquals("[e9f9ffffff (from 100 to 200), 0f1f440000 (from 200)]", versions(text, SITE, 200, 300));
    assertEquals(3, text.candidates(SITE, Mode.CODE_64, Long.MIN_VALUE, Long.MAX_VALUE).size());
    assertEquals(new Insn(5, FlowClass.JUMP, TEXT.at("a")),
        text.candidates(SITE, Mode.CODE_64, 150, 150).getFirst().insn());
  }

  @Test
  void textAppearsAndGoesAway() {
    long module = 0xffffffffc0000000L;
    TextTimeline text = timeline(poke(100, module, new byte[0], NOP), poke(200, module, NOP, new byte[0]));
    assertEquals(List.of(), text.conflicts());
    assertEquals("[no text (initial to 100)]", versions(text, module, 0, 50));
    assertEquals("[0f1f440000 (from 100 to 200)]", versions(text, module, 150, 150));
    assertEquals("[no text (from 200)]", versions(text, module, 250, 250));
    assertEquals("[]", versions(text, module + 5, 150, 150));
  }

  @Test
  void pokesOfOneByteChangeTheInstructionsThatHoldIt() {
    TextTimeline text = timeline(poke(100, SITE, new byte[] {0x0f}, new byte[] {(byte) 0xcc}),
        poke(150, SITE + 2, new byte[] {0x44}, new byte[] {(byte) 0x90}));
    assertEquals("[0f1f440000 (initial to 100), cc (from 100)]", versions(text, SITE, 0, 300));
    assertEquals("[90 (from 150)]", versions(text, SITE + 2, 160, 300));
  }

  @Test
  void oldBytesThatDifferAreConflicts() {
    TextTimeline text = timeline(poke(100, SITE, NOP, JUMP), poke(200, SITE, NOP, JUMP));
    assertEquals(
        "[the log says 0f1f440000 was replaced, the text held e9f9ffffff: poke at ffffffff81000002 time 200: "
            + "0f1f440000 -> e9f9ffffff]",
        text.conflicts().toString());
    // Some time after 100 the text became a NOP again, unseen: both may have run.
    assertEquals("[e9f9ffffff (from 100 to 200), 0f1f440000 (from 100 to 200)]", versions(text, SITE, 150, 150));
    assertEquals("[e9f9ffffff (from 200)]", versions(text, SITE, 250, 250));
  }

  /// Of a log that says where it lost something, the poke that is missing lies there, and nothing is in doubt before.
  @Test
  void whatIsMissingLiesWhereSomethingWasLost() {
    PokeLog log = new PokeLog();
    log.add(poke(100, SITE, NOP, JUMP));
    log.add(poke(140, TEXT.at("end"), new byte[] {(byte) 0x90}, new byte[] {(byte) 0xcc}));
    log.lost(170, 0, 1);
    log.add(poke(200, SITE, NOP, JUMP));
    TextTimeline text = new TextTimeline(FlowIsa.BYTES, TEXT.image(), log);
    assertEquals(1, text.conflicts().size());
    assertEquals("[e9f9ffffff (from 100 to 200)]", versions(text, SITE, 110, 139));
    assertEquals("[e9f9ffffff (from 100 to 200), 0f1f440000 (from 140 to 200)]", versions(text, SITE, 150, 150));
  }

  @Test
  void oldBytesWithoutTextAreConflicts() {
    TextTimeline text = timeline(poke(100, 0x1000, new byte[] {1}, new byte[] {2, 0}));
    assertEquals(
        "the log says 01 was replaced and text appeared, the text held ----: poke at 1000 time 100: 01 -> 0200",
        text.conflicts().getFirst().toString());
  }

  private static final byte[] NONE = {};
  /// Behind the text of the image.
  private static final long BEHIND = TEXT.at("end") + 1;

  private static void contradicts(String held, Poke... pokes) {
    List<PokeConflict> conflicts = timeline(pokes).conflicts();
    assertEquals(List.of(pokes[pokes.length - 1] + " held " + held),
        conflicts.stream().map(c -> c.poke() + " held " + c.held()).toList());
  }

  @Test
  void textAppearsOnlyWhereThereIsNone() {
    contradicts("0f1f440000", poke(100, SITE, NONE, JUMP));
    contradicts("0f1f440000", poke(100, SITE, NONE, NOP));
    contradicts("0f1f440000", poke(100, BEHIND, NONE, NOP), poke(200, BEHIND, NONE, NOP));
    contradicts("90--------", poke(100, TEXT.at("end"), NONE, NOP));
    contradicts("----0f1f44", poke(100, BEHIND + 3, NONE, NOP), poke(200, BEHIND + 1, NONE, NOP));
    // Longer new bytes than old ones: those behind appear.
    contradicts("0f1f440000", poke(100, SITE, Arrays.copyOf(NOP, 2), JUMP));
    assertEquals(List.of(), timeline(poke(100, TEXT.at("end"), new byte[] {(byte) 0x90}, NOP)).conflicts());
    assertEquals(List.of(), timeline(poke(100, BEHIND, NONE, NOP), poke(200, BEHIND, NOP, NONE),
        poke(300, BEHIND, NONE, JUMP)).conflicts());
  }

  @Test
  void textGoesAwayOnlyWhereItIs() {
    contradicts("----------", poke(100, BEHIND, NOP, NONE));
    contradicts("----------", poke(100, SITE, NOP, NONE), poke(200, SITE, NOP, NONE));
    contradicts("90--------", poke(100, TEXT.at("end"), new byte[] {(byte) 0x90, 1, 2, 3, 4}, NONE));
    contradicts("0f1f440000", poke(100, SITE, JUMP, NONE));
    contradicts("90--------", poke(100, TEXT.at("end"), new byte[] {(byte) 0x90, 1, 2, 3, 4}, NOP));
  }

  /// What appears where there is text contradicts: some time before it the text went away, unseen.
  @Test
  void beforeTextAppearsThereWasNoneOrWhatTheTextHeld() {
    TextTimeline text = timeline(poke(100, SITE, NONE, JUMP));
    assertEquals("[0f1f440000 (initial to 100), no text (initial to 100), e9f9ffffff (from 100)]",
        versions(text, SITE, 0, 200));
  }

  @Test
  void messagesShowNoMoreThanTheFirstBytesOfALargePoke() {
    String conflict = timeline(poke(100, SITE, new byte[1 << 20], new byte[1 << 20])).conflicts().getFirst().toString();
    assertEquals("the log says " + "00".repeat(64) + "... was replaced, the text held 0f1f44000090" + "--".repeat(58)
        + "...: poke at ffffffff81000002 time 100: " + "00".repeat(64) + "... -> " + "00".repeat(64) + "...", conflict);
  }

  @Test
  void instructionsMayCrossAdjacentSections() {
    Image image = new Image(List.of(
        new Section(".a", 0x1000, new byte[] {(byte) 0x90, 0x0f, 0x1f}, Section.Access.TEXT),
        new Section(".b", 0x1003, new byte[] {0x44, 0, 0, (byte) 0x90}, Section.Access.TEXT),
        new Section(".data", 0x1007, new byte[] {(byte) 0x90}, Section.Access.DATA)), List.of());
    TextTimeline text = new TextTimeline(FlowIsa.BYTES, image, new PokeLog());
    assertEquals(new Insn(5, FlowClass.OTHER, 0), text.at(0x1001, Mode.CODE_64));
    assertEquals(new Insn(1, FlowClass.OTHER, 0), text.at(0x1006, Mode.CODE_64));
    assertNull(text.at(0x1007, Mode.CODE_64), "data is no text");
  }

  /// A poke, or text that appears, leaves alone what it does not change.
  @Test
  void onlyBytesThatChangeArePoked() {
    byte[] two = {NOP[0], NOP[1], NOP[2], NOP[3], NOP[4], (byte) 0x90};
    byte[] one = {NOP[0], NOP[1], NOP[2], NOP[3], NOP[4], (byte) 0xcc};
    long module = 0xffffffffc0000000L;
    TextTimeline text = timeline(poke(50, SITE, NOP, NOP), poke(100, module, new byte[0], two),
        poke(200, module, two, one), poke(300, module + 8, new byte[0], new byte[300]),
        poke(400, module + 8, new byte[300], new byte[0]));
    assertEquals(List.of(), text.conflicts());
    assertNotNull(text.at(SITE, Mode.CODE_64), "written, but with what was there");
    assertEquals("[no text (initial to 100), 0f1f440000 (from 100)]", versions(text, module, 0, 500));
    assertEquals("[no text (initial to 100), 90 (from 100 to 200), cc (from 200)]", versions(text, module + 5, 0, 500));
    assertEquals("[no text (initial to 300), 00 (from 300 to 400), no text (from 400)]",
        versions(text, module + 307, 0, 500).replaceAll("(00)+ ", "00 "));
  }

  @Test
  void manyVersionsAreFoundByTime() {
    Poke[] pokes = new Poke[1000];
    for (int i = 0; i < pokes.length; i++) {
      pokes[i] = poke(10L * (i + 1), SITE, i % 2 == 0 ? NOP : JUMP, i % 2 == 0 ? JUMP : NOP);
    }
    TextTimeline text = timeline(pokes);
    assertEquals(List.of(), text.conflicts());
    for (int i = 0; i < pokes.length; i++) {
      List<TextVersion> found = text.candidates(SITE, Mode.CODE_64, 10L * i + 5, 10L * i + 5);
      assertEquals(1, found.size());
      assertEquals(i - 1, found.getFirst().since());
      assertEquals(i, found.getFirst().until());
    }
  }

  @Test
  void versionsAreFoundByTheirBytes() {
    Poke[] pokes = new Poke[1000];
    for (int i = 0; i < pokes.length; i++) {
      pokes[i] = i % 2 == 0 ? poke(10L * i, SITE, NOP, JUMP) : poke(10L * i, SITE, JUMP, NOP);
    }
    TextVersions all = Objects.requireNonNull(timeline(pokes).versions(SITE, Mode.CODE_64));
    TextVersions jumps = Objects.requireNonNull(all.with(JUMP));
    assertEquals(500, jumps.count());
    for (long now = -5; now < 10_005; now++) {
      long time = now;
      boolean expected = all.in(now, now, -1).stream().anyMatch(v -> Arrays.equals(v.bytes(), JUMP));
      assertEquals(expected, jumps.first(now, now, -1) != null, () -> "at " + time);
    }
    assertNull(all.with(new byte[] {1, 2, 3}));
    assertSame(all.get(0).bytes(), all.get(2).bytes(), "equal text is there once");
  }

  @Test
  void whereThereWasNoTextNoBytesWere() {
    TextVersions all = Objects.requireNonNull(timeline(poke(100, SITE, NOP, new byte[0]),
        poke(200, SITE, new byte[0], JUMP)).versions(SITE, Mode.CODE_64));
    assertNull(all.with(new byte[] {1, 2, 3}));
    assertNotNull(Objects.requireNonNull(all.with(NOP)).first(50, 50, -1));
    assertNull(Objects.requireNonNull(all.with(NOP)).first(150, 150, -1));
    assertNull(Objects.requireNonNull(all.with(JUMP)).first(150, 150, -1));
    assertNotNull(Objects.requireNonNull(all.with(JUMP)).first(250, 250, -1));
  }
}

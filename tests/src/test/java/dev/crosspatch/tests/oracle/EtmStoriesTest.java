package dev.crosspatch.tests.oracle;

import static dev.crosspatch.tests.oracle.EtmStory.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.flow.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Flows that real trace units tell and ours does not, decoded by us and by OpenCSD; the sections are those of DDI0487.
class EtmStoriesTest {
  private static final int NOP = 0xd503201f;
  private static final int RET = 0xd65f03c0;
  private static final int ERET = 0xd69f03e0;
  private static final int ISB = 0xd5033fdf;
  /// `bl .+8`, `b .+8`, `cbz x0, .+8`.
  private static final int BL_8 = 0x94000002;
  private static final int B_8 = 0x14000002;
  private static final int CBZ_8 = 0xb4000040;
  private static final int DATA_FAULT = 12;
  private static final int IRQ = 14;
  /// TRCIDR2 of our trace unit with WFXMODE.
  /// Options in TRCCONFIGR.
  private static final int RS = EtmRegisters.CONFIGR_RS;
  private static final int BB = EtmRegisters.CONFIGR_BB | RS;
  /// Those of an ETE with TRCIDR2.WFXMODE, in which ours is 0.
  private static final EtmRegisters WAITS_ARE_P0 = new EtmRegisters(
      EtmRegisters.Protocol.ETE, EtmRegisters.CONFIGR_RES1 | RS, 0x10, 0x2800_0EA1, 0x4100_FFF0, 0x9000_1088, 0,
      0x4770_5A13);
  private static final long SEED = 20191108;

  @TempDir Path dir = Path.of("");

  /// b, nop, cbz, nop, cbz, nop, ret, nop
  private static EtmStory story(boolean ete, int options) {
    return new EtmStory(ete, options, B_8, NOP, CBZ_8, NOP, CBZ_8, NOP, RET, NOP, NOP, ERET);
  }

  /// Both say this, without a problem.
  private void assertTold(EtmStory story, long... offsets) throws IOException {
    Flows.Recorder ours = story.ours();
    assertEquals(List.of(), ours.problems(), story::toString);
    assertEquals(at(offsets), ours.instructions(), story::toString);
    Flows.Recorder opencsd = story.opencsd(dir);
    assertEquals(List.of(), opencsd.problems(), story::toString);
    assertEquals(at(offsets), opencsd.instructions(), story::toString);
  }

  private static void assertProblem(EtmStory story, Problem.Kind kind, String detail) {
    List<Problem> problems = story.ours().problems();
    assertTrue(problems.size() == 1 && problems.getFirst().kind() == kind
        && problems.getFirst().detail().contains(detail), () -> story + ": " + problems);
  }

  /// D4.5.11.2: the target of every taken direct branch.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void branchBroadcasting(boolean ete) throws IOException {
    int options = BB;
    assertTold(story(ete, options).atoms("E").address(8).atoms("E").address(0x10).atoms("NE").address(0).atoms("E"), 0,
        8, 0x10, 0x14, 0x18, 0);
    assertTold(new EtmStory(ete, options, ISB, B_8, NOP, RET).atoms("E").address(4).atoms("E").address(0xc)
        .atoms("E"), 0, 4, 0xc);
  }

  /// OpenCSD goes on at the address without a word.
  @Test
  void anAddressThatIsNotWhereABranchLedIsAContradiction() throws IOException {
    EtmStory story = story(false, BB).atoms("E").address(0xc).atoms("N");
    assertEquals(at(0, 0xc, 0x10), story.ours().instructions());
    assertEquals(at(0, 0xc, 0x10), story.opencsd(dir).instructions());
    assertProblem(story, Problem.Kind.MISMATCH,
        "400008 is where the flow stands, the trace goes on with target 40000c");
  }

  /// D4.3.2.3, I_CHTFM: the address behind Trace Info may tell the target of a later P0 element.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void atomsBetweenTraceInfoAndItsAddress(boolean ete) throws IOException {
    assertTold(story(ete, RS).atoms("E").sync().atoms("E").addressContext(0x10).atoms("N"), 0, 8, 0x10);
    assertTold(story(ete, RS).atoms("ENN").sync().atoms("E").addressContext(8).atoms("E"), 0, 8, 0xc, 0x10,
        0x14, 0x18, 8);
    assertTold(story(ete, RS).atoms("ENNE").sync().addressContext(8).atoms("E"), 0, 8, 0xc, 0x10, 0x14, 0x18, 8);
  }

  /// D5.3.26: with E1:E0 = 10 the address is that of the last branch's target, too.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void exceptionAtATargetThatIsKnown(boolean ete) throws IOException {
    assertTold(story(ete, RS).atoms("E").exception(DATA_FAULT, true, 8).address(0x20).atoms("E").address(8)
        .atoms("E"), 0, 8 + 0x18, 0x24, 8);
    assertTold(
        story(ete, 0).atoms("ENNE").address(8).exception(DATA_FAULT, true, 8).address(0x20)
            .atoms("E").address(8).atoms("E"),
        0, 8, 0xc, 0x10, 0x14, 0x18, 0x20, 0x24, 8);
    assertProblem(
        story(ete, RS).atoms("E").exception(DATA_FAULT, true, 0xc).address(0x20).atoms("E").address(8),
        Problem.Kind.MISMATCH, "400008 is where the flow stands");
  }

  /// A trace unit that was switched off: nothing is told behind its last atom. OpenCSD calls that a loss of
  /// synchronization.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void discardEndsTheFlow(boolean ete) throws IOException {
    EtmStory story = story(ete, RS).atoms("EEN").discard();
    assertEquals(List.of(), story.ours().problems());
    assertEquals(at(0, 8, 0x10), story.ours().instructions());
    Flows.Recorder opencsd = story.opencsd(dir);
    assertEquals(at(0, 8, 0x10), opencsd.instructions());
    assertEquals(List.of("synchronization lost"), opencsd.problems().stream().map(Problem::detail).toList());
    Flows.Recorder goesOn = story.sync().on(0x14).atoms("E").ours();
    assertEquals(List.of(), goesOn.problems());
    assertEquals(at(0, 8, 0x10, 0x14, 0x18), goesOn.instructions());
  }

  /// What the last packet proves, although nothing tells where the flow went.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void endBehindAnException(boolean ete) throws IOException {
    assertTold(story(ete, RS).atoms("E").address(8).exception(IRQ, false, 8), 0);
    assertTold(story(ete, RS).atoms("EE").exception(IRQ, false, 0x10), 0, 8);
    assertTold(story(ete, RS).atoms("EEN").exception(IRQ, false, 0x18), 0, 8, 0x10, 0x14);
    assertTold(story(ete, RS).atoms("EEN").exception(IRQ, false, 0x18).overflow().sync().on(0x14).atoms("E"), 0,
        8, 0x10, 0x14, 0x14, 0x18);
    assertTold(story(ete, RS).atoms("EENE"), 0, 8, 0x10, 0x14, 0x18);
    assertTold(story(ete, RS).atoms("EENE").overflow().sync().on(0x14).atoms("E"), 0, 8, 0x10, 0x14, 0x18,
        0x14, 0x18);
  }

  /// TRCCONFIGR.RS = 0: a return has an address, and nothing is popped.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutAReturnStackNothingIsPredicted(boolean ete) throws IOException {
    int[] words = {BL_8, NOP, RET};
    assertTold(new EtmStory(ete, RS, words).atoms("EE").atoms("").exception(IRQ, false, 4)
        .address(0).atoms("E"), 0, 8, 0);
    assertTold(new EtmStory(ete, 0, words).atoms("EE").address(4).atoms("E"), 0, 8, 4, 8);
    assertProblem(new EtmStory(ete, 0, words).atoms("EEE"), Problem.Kind.MISMATCH,
        "needs a target");
  }

  /// D4.4.1: indirect branches with pointer authentication, and what OpenCSD 1.3.3 does not know of, FEAT_PAuth_LR and
  /// TEXIT.
  @ParameterizedTest
  @CsvSource({
      "d71f0822, true", "d71f0c3f, true", "d61f087f, true", "d61f0c9f, true", "d73f0822, true", "d73f0c22, true",
      "d63f087f, true", "d63f0c7f, true",
      "d65f0bff, true", "d65f0fff, true", "d69f0bff, true", "d69f0fff, true", "5500009f, false", "552001ff, false",
      "d65f0be3, false", "d65f0fe4, false", "d6ff03e0, false"})
  void indirectBranchesHaveAnAtomAndATarget(String word, boolean known) throws IOException {
    EtmStory story = new EtmStory(true, RS, NOP, Integer.parseUnsignedInt(word, 16), NOP, NOP, RET).atoms("E")
        .address(0xc).atoms("E");
    assertEquals(at(0, 4, 0xc, 0x10), story.ours().instructions(), word);
    assertEquals(List.of(), story.ours().problems(), word);
    if (known) {
      assertTold(story, 0, 4, 0xc, 0x10);
    }
  }

  /// An authenticated call pushes, an authenticated return pops.
  @Test
  void authenticatedCallsAndReturnsUseTheReturnStack() throws IOException {
    int blraa = 0xd73f0822;
    int retaa = 0xd65f0bff;
    assertTold(new EtmStory(true, RS, blraa, NOP, RET, retaa).atoms("E").address(0xc).atoms("E").atoms("E"),
        0, 0xc, 4, 8);
  }

  /// FEAT_CMPBR, by the diagrams of C6.2: CBGT, CBEQ, CBBNE, CBHGE, CBGT and CBLT with an immediate, all to .+8.
  @ParameterizedTest
  @ValueSource(strings = {"74020041", "f4c20041", "74e28041", "7422c041", "f5028041", "753f8041"})
  void compareAndBranch(String word) {
    int cb = Integer.parseUnsignedInt(word, 16);
    EtmStory story = new EtmStory(true, RS, cb, NOP, cb, NOP, RET).atoms("ENE");
    assertEquals(at(0, 8, 0xc, 0x10), story.ours().instructions(), word);
    assertEquals(List.of(), story.ours().problems(), word);
  }

  /// D4.4.1.1: WFE, WFI, WFET, WFIT are P0 instructions where TRCIDR2.WFXMODE says so, else they run on.
  @ParameterizedTest
  @ValueSource(strings = {"d503205f", "d503207f", "d5031001", "d5031022"})
  void waitsAreP0WhereTheTraceUnitSaysSo(String word) throws IOException {
    int wait = Integer.parseUnsignedInt(word, 16);
    assertTold(new EtmStory(WAITS_ARE_P0, wait, NOP, RET).atoms("E"), 0);
    assertTold(new EtmStory(WAITS_ARE_P0, wait, NOP, RET).atoms("EE"), 0, 4, 8);
    assertTold(new EtmStory(true, RS, wait, NOP, RET).atoms("E"), 0, 4, 8);
  }

  /// D4.4.1.1: TSTART has an atom, TCOMMIT has none.
  @Test
  void transactionStart() throws IOException {
    assertTold(new EtmStory(true, RS, 0xd5233065, NOP, 0xd503307f, RET).atoms("E"), 0);
    assertTold(new EtmStory(true, RS, 0xd5233065, NOP, 0xd503307f, RET).atoms("EE"), 0, 4, 8, 0xc);
  }

  /// FP, Advanced SIMD, SVE, SME, atomics, crypto, tags, unallocated: all run on.
  @Test
  void whateverIsNoBranchRunsOn() throws IOException {
    int[] words = {0x4e010c20, 0x3d800000, 0x1e602000, 0x04a10000, 0xc0080000, 0xf8210041, 0x4e284800, 0xd9200820,
        0x9ac10820, 0xffffffff, 0x0bdeadbe, 0xd4000001, RET};
    long[] all = new long[words.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = 4L * i;
    }
    assertTold(new EtmStory(false, RS, words).atoms("E"), all);
  }

  /// What can only trap does not run on; OpenCSD 1.3.3 lets it, without a word. UDF, BRK, HLT, DCPS1 and DRPS.
  @ParameterizedTest
  @ValueSource(strings = {"00000000", "d4200000", "d4400020", "d4a00001", "d6bf03e0"})
  void whatCanOnlyTrapDoesNotRunOn(String word) throws IOException {
    int trap = Integer.parseUnsignedInt(word, 16);
    assertProblem(new EtmStory(false, RS, NOP, trap, RET).atoms("E"), Problem.Kind.MISMATCH,
        "TRAP at 400004 does not retire");
    assertTold(new EtmStory(false, RS, NOP, trap, RET).exception(3, false, 4).address(8).atoms("E"), 0, 8);
  }

  /// Behind text that is not there the flow is taken up at the next address, as OpenCSD does.
  @Test
  void theFlowIsTakenUpAtTheNextAddress() throws IOException {
    EtmStory story = new EtmStory(false, RS, B_8, NOP, 0x14000400, NOP, RET).atoms("EEE").address(0xc).atoms("E");
    assertProblem(story, Problem.Kind.NO_TEXT, "no text at 401008");
    assertEquals(at(0, 8, 0xc, 0x10), story.ours().instructions());
  }

  /// Any words, from any place on to the first that has an atom: OpenCSD 1.3.3 sees the same instructions, but for
  /// those it does not know and those that trap.
  @Test
  void wordsRunOnAsOpencsdSeesThem() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    int told = 0;
    for (int round = 0; round < 60; round++) {
      int[] words = new int[64];
      for (int i = 0; i < words.length; i++) {
        words[i] = word(random);
      }
      words[63] = RET;
      EtmStory story = new EtmStory(true, 0, words);
      story.atoms("E");
      for (int from = 1; from < words.length; from++) {
        story.on(4L * from).atoms("E");
      }
      Flows.Recorder ours = story.ours();
      int number = round;
      assertEquals(List.of(), ours.problems(), () -> "seed " + SEED + " round " + number);
      assertEquals(story.opencsd(dir).instructions(), ours.instructions(),
          () -> "seed " + SEED + " round " + number + " " + story);
      told += ours.instructions().size();
    }
    assertTrue(told > 60 * 64 * 2, "instructions: " + told);
  }

  /// A random word, half of them of the branch and system group (C4.1), but for UDF, exception generation and debug,
  /// and what OpenCSD 1.3.3 does not know.
  private static int word(SplittableRandom random) {
    int word = random.nextInt();
    if (random.nextBoolean()) {
      word = (word & ~0x1c000000) | 0x14000000;
    }
    if (random.nextInt(4) == 0) {
      word = (word & 0x007fffff) | 0xd6000000 | (random.nextInt(2) << 24); // branches to registers
    }
    boolean traps = word >>> 16 == 0 || word >>> 24 == 0xd4 || (word & 0xffff0000) == 0xd6bf0000;
    boolean unknown = (word & 0x7e000000) == 0x74000000 || (word & 0xff000000) == 0x55000000
        || (word & 0xfffffbe0) == 0xd65f0be0 || (word & 0xffff0000) == 0xd6ff0000;
    return traps || unknown ? NOP : word;
  }
}

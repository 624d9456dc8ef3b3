package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.pipeline.PipelineTable;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Properties of the row table as a whole.
class Arm64RowsTest {
  private static final long SEED = 20191101;
  private static final int SAMPLES = 200;

  /// Random words of a row: its fixed bits, anything else; only those its guard allows.
  private static List<Integer> samples(Arm64Row row, Random random) {
    List<Integer> words = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      int word = (random.nextInt() & ~row.mask()) | row.match();
      if (row.matches(word)) {
        words.add(word);
      }
    }
    return words;
  }

  private static byte[] bytes(int word) {
    return new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)};
  }

  @Test
  void rowsOverlapOnlyWhereDeclared() {
    List<String> undeclared = new ArrayList<>();
    for (Arm64Row a : Arm64Rows.ALL) {
      for (Arm64Row b : Arm64Rows.ALL) {
        if (a != b && a.overlaps(b) && !a.name().equals(b.within()) && !b.name().equals(a.within())) {
          undeclared.add(a + " and " + b);
        }
      }
    }
    assertEquals(List.of(), undeclared);
  }

  @Test
  void everyDeclaredOverlapIsASpecialCase() {
    for (Arm64Row special : Arm64Rows.ALL) {
      if (special.within() == null) {
        continue;
      }
      Arm64Row general =
          Arm64Rows.ALL.stream().filter(r -> r.name().equals(special.within())).findFirst().orElseThrow();
      assertTrue(special.overlaps(general), special + " does not meet " + general);
      assertEquals(general.mask(), general.mask() & special.mask(), special + " is no special case of " + general);
      assertTrue(special.mask() != general.mask(), special + " is no smaller than " + general);
    }
  }

  @Test
  void everyRowIsFoundByItsOwnWords() {
    Random random = new Random(SEED);
    for (Arm64Row row : Arm64Rows.ALL) {
      List<Integer> words = samples(row, random);
      assertFalse(words.isEmpty(), "seed " + SEED + ": no word of " + row + " passes its guard");
      for (int word : words) {
        Arm64Row found = Arm64Decoder.find(word);
        assertNotNull(found, () -> String.format("%08x is not found, should be %s", word, row));
        assertTrue(found == row || row.name().equals(found.within()),
            () -> String.format("%08x is %s, should be %s", word, found, row));
      }
    }
  }

  @Test
  void microOpsKeepTheRules() {
    Random random = new Random(SEED);
    UopBuffer out = new UopBuffer();
    for (Arm64Row row : Arm64Rows.ALL) {
      for (int word : samples(row, random)) {
        out.clear();
        assertEquals(4, Arm64Decoder.decode(bytes(word), 0, 4, out, Arm64Preset.MAX));
        assertTrue(out.count() > 0, () -> row + " has no micro-op");
        for (int i = 0; i < out.count(); i++) {
          check(row, word, out, i);
        }
      }
    }
  }

  private static void check(Arm64Row row, int word, UopBuffer out, int i) {
    long w = out.word(i);
    String where = String.format("%08x %s, micro-op %d", word, row, i);
    assertTrue(Uop.dst(w) != Uop.ZERO || !Uop.hasResult(Uop.op(w)), where + " writes the zero register");
    assertEquals(Uop.op(w) == Uop.HELPER, out.helper(i) instanceof Arm64Helper, where);
    assertTrue(!Uop.isBranch(Uop.op(w)) || i == out.count() - 1,
        where + " branches before the end");
    assertTrue(Uop.op(w) != Uop.BFX || (out.imm(i) & 0x7f) + (out.imm(i) >> 7) <= 8 << Uop.width(w),
        where + ": field outside");
  }

  @Test
  void flowAndBranchMicroOpsAgree() {
    Random random = new Random(SEED);
    UopBuffer out = new UopBuffer();
    for (Arm64Row row : Arm64Rows.ALL) {
      for (int word : samples(row, random)) {
        out.clear();
        Arm64Decoder.decode(bytes(word), 0, 4, out, Arm64Preset.MAX);
        int last = Uop.op(out.word(out.count() - 1));
        boolean branches = Uop.isBranch(last);
        boolean helped = row.flow() == FlowClass.TRAP_RETURN || row.flow() == FlowClass.SYSTEM_CALL;
        assertEquals(row.flow().isBranch() && !helped, branches, row::toString);
        assertEquals(branches && last != Uop.JUMP && last != Uop.JREG, row.flow() == FlowClass.COND_BRANCH,
            row::toString);
      }
    }
  }

  @Test
  void everyRowHasItsPlaceInEveryPipeline() {
    Arm64Isa isa = new Arm64Isa();
    for (String preset : isa.presets()) {
      PipelineTable table = Machine.readPipeline(isa, preset);
      for (Arm64Row row : Arm64Rows.ALL) {
        assertFalse(table.source(row.name().replace(' ', '_'), row.cost()).isBlank(), preset + " " + row);
      }
      assertFalse(table.source("", CostClass.TRAP).isBlank(), preset);
    }
  }

  @Test
  void everyCostClassOfARowHasAFigureInEveryTable() {
    for (String preset : new Arm64Isa().presets()) {
      TimingTable table = Machine.readTiming(new Arm64Isa(), preset);
      for (Arm64Row row : Arm64Rows.ALL) {
        assertTrue(table.has(row.cost()), () -> preset + " has no figure for " + row.cost() + ", class of " + row);
      }
      for (var event : dev.crosspatch.core.time.EventCost.values()) {
        assertTrue(table.cost(event) >= 0, () -> preset + " " + event);
      }
      assertTrue(table.has(CostClass.TRAP), preset);
    }
  }

  /// Cortex-A72 Software Optimization Guide, 3.3 and 3.5: which forms take pipe M; measured alone in the PMEvo data.
  @ParameterizedTest
  @CsvSource({
      "ADD X0 X1 X2,        8b020020, ALU",
      "ADD X0 X1 X2 LSL 3,  8b020c20, MULTI_CYCLE",
      "ADD X0 X1 W2 SXTW,   8b22c020, MULTI_CYCLE",
      "ORR X0 X1 X2 LSR 1,  aa420420, MULTI_CYCLE",
      "LSL X0 X1 X2,        9ac22020, SHIFT",
      "MUL X0 X1 X2,        9b027c20, MUL",
      "MUL W0 W1 W2,        1b027c20, MULTI_CYCLE",
      "UMULH X0 X1 X2,      9bc27c20, MUL_HIGH"
  })
  void formsOfARowCostWhatTheirUnitTakes(String text, String word, CostClass cost) {
    UopBuffer out = new UopBuffer();
    Arm64Decoder.decode(bytes(Integer.parseUnsignedInt(word, 16)), 0, 4, out, Arm64Preset.CORTEX_A72);
    assertEquals(cost, out.cost(), text);
  }

  @Test
  void aBadPatternSaysWhichRow() {
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class, () -> Arm64Row.row("X", "0101 Rd:5", CostClass.ALU, Arm64EmitSystem::nothing));
    assertEquals("row X: pattern has 9 bits, not 32: 0101 Rd:5", e.getMessage());
  }
}

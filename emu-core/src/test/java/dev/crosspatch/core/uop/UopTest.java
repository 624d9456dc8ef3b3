package dev.crosspatch.core.uop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.machine.RunLimits;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every register micro-op, one at a time on the engine, against [Naive]: result, every other register, flags, and all
/// conditions.
final class UopTest {
  private static final int COUNT = 3500;

  private static final int[] ALL_WIDTHS = {
    Uop.MOV, Uop.EXT, Uop.ADDF, Uop.ADDFI, Uop.SUBF, Uop.SUBFI, Uop.ANDF, Uop.ANDFI, Uop.ORF, Uop.ORFI,
    Uop.XORF, Uop.XORFI,
    Uop.ADCF, Uop.SBBF, Uop.ADC, Uop.SBB, Uop.INCF, Uop.DECF, Uop.SUBC, Uop.SUBCI, Uop.BICF, Uop.CSEL, Uop.CLZ, Uop.CTZ,
    Uop.POPCNT, Uop.ROR, Uop.RORI, Uop.SHLF, Uop.SHRF, Uop.SARF, Uop.ROLF, Uop.RORF
  };
  private static final int[] WORDS = {
    Uop.LEA, Uop.ADD, Uop.ADDI, Uop.SUB, Uop.SUBI, Uop.AND, Uop.ANDI, Uop.OR, Uop.ORI, Uop.XOR, Uop.XORI,
    Uop.BIC, Uop.ORN,
    Uop.EON, Uop.SHL, Uop.SHLI, Uop.SHR, Uop.SHRI, Uop.SAR, Uop.SARI, Uop.MUL, Uop.UDIV, Uop.SDIV, Uop.RBIT,
    Uop.REV, Uop.BFX,
    Uop.BFI, Uop.EXTR
  };
  private static final int[] ONE_WIDTH = {
    Uop.MOVI, Uop.MERGE8, Uop.MERGE8H, Uop.MERGE16, Uop.GET8H, Uop.MULHU, Uop.MULHS, Uop.SETCC
  };
  private static final long[] EDGES = {0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fff_ffffL, 0x8000_0000L,
      Long.MAX_VALUE,
    Long.MIN_VALUE};

  private final Random random = new Random();

  /// What works on the core or branches has tests of its own.
  @Test
  void everyRowOfRegistersAloneIsHeldAgainstNaive() {
    Set<Integer> held = new HashSet<>();
    for (int[] rows : List.of(ALL_WIDTHS, WORDS, ONE_WIDTH)) {
      Arrays.stream(rows).forEach(held::add);
    }
    UopRowsTest.rows().forEach((name, row) -> assertEquals(
        !Uop.acts(row) && !Uop.isBranch(row) && row != Uop.NOP && row != Uop.NEXTPC, held.contains(row),
        name + ": a row of registers alone stands in one of the lists above, and Naive has its operation"));
  }

  private long operand() {
    return random.nextInt(3) == 0 ? EDGES[random.nextInt(EDGES.length)] : random.nextLong();
  }

  private int register() {
    return 2 + random.nextInt(10);
  }

  private long word(int op, int width) {
    boolean signed = op == Uop.EXT || op == Uop.BFX;
    int flags = signed ? random.nextInt(2) * Uop.F_SIGNED + (op == Uop.EXT ? random.nextInt(2) * Uop.F_WORD : 0) : 0;
    int aux = op == Uop.REV ? 1 + random.nextInt(width) : random.nextInt(Cond.COUNT);
    return Uop.word(op, register(), register(), register(), register(), width, random.nextInt(4), aux, flags);
  }

  private long next() {
    int pick = random.nextInt(ALL_WIDTHS.length + WORDS.length + ONE_WIDTH.length);
    if (pick < ALL_WIDTHS.length) {
      return word(ALL_WIDTHS[pick], random.nextInt(4));
    }
    pick -= ALL_WIDTHS.length;
    return pick < WORDS.length ? word(WORDS[pick], 2 + random.nextInt(2)) : word(ONE_WIDTH[pick - WORDS.length], 3);
  }

  private long immediate(long w) {
    int bits = Naive.bits(Uop.width(w));
    return switch (Uop.op(w)) {
      case Uop.BFX, Uop.BFI -> {
        int lsb = random.nextInt(bits);
        yield lsb | (1 + random.nextInt(bits - lsb)) << 7;
      }
      case Uop.EXTR -> random.nextInt(bits);
      default -> operand();
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithNaive(long seed) {
    random.setSeed(seed);
    long[] words = new long[COUNT];
    long[] immediates = new long[COUNT];
    Code code = Lab.text();
    for (int i = 0; i < COUNT; i++) {
      words[i] = next();
      immediates[i] = immediate(words[i]);
      code.uop(words[i], immediates[i]);
    }
    Lab lab = Lab.Setup.X86.lab().put(code);
    MicroCore core = lab.core(0);
    Naive naive = new Naive();
    for (int i = 0; i < COUNT; i++) {
      core.r[register()] = operand();
      System.arraycopy(core.r, 0, naive.r, 0, 32);
      naive.run(words[i], immediates[i]);
      lab.machine.run(RunLimits.ofRetired(i + 1));
      compare(naive, core, "seed " + seed + " step " + i + " op " + Uop.op(words[i]) + " width " + Uop.width(words[i]));
    }
  }

  private static void compare(Naive naive, MicroCore core, String where) {
    for (int k = 0; k < 32; k++) {
      assertEquals(naive.r[k], core.r[k], where + " r" + k);
    }
    assertEquals(naive.flags, core.flags.materialize(), where + " flags");
    for (int cond = 0; cond < Cond.COUNT; cond++) {
      assertEquals(naive.test(cond), core.flags.test(cond), where + " condition " + cond);
    }
  }
}

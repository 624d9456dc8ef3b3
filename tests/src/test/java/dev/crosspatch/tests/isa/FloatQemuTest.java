package dev.crosspatch.tests.isa;

import static dev.crosspatch.core.fp.FloatFormat.ALTERNATIVE_HALF;
import static dev.crosspatch.core.fp.FloatFormat.DOUBLE;
import static dev.crosspatch.core.fp.FloatFormat.HALF;
import static dev.crosspatch.core.fp.FloatFormat.SINGLE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.fp.Estimates;
import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.FloatRules;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.fp.Rounding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Arithmetic by the rules of Arm, held against QEMU's user mode: results, NaN payloads and FPSR to the bit in all
/// modes of FPCR. `-Dcrosspatch.vectors=N` and `-Dcrosspatch.seed=N` choose how many and which.
class FloatQemuTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.vectors",
      Boolean.getBoolean("crosspatch.full") ? 10_000_000 : 1_000_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final Rounding[] ROUNDINGS = {Rounding.NEAREST_EVEN, Rounding.UP, Rounding.DOWN, Rounding.ZERO};
  private static final int FZ16 = 1 << 19;
  private static final int FZ = 1 << 24;
  private static final int DN = 1 << 25;
  private static final int AHP = 1 << 26;

  @TempDir
  Path directory = Path.of("");

  @Test
  void resultsAndExceptionsAreQemus(TestReporter reporter) throws IOException, InterruptedException {
    Programs.need("qemu-aarch64", "qemu-user");
    Programs.need("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu");
    Path program = directory.resolve("fparm64");
    Programs.run(directory, List.of("aarch64-linux-gnu-gcc", "-std=gnu11", "-static", "-O1", "-march=armv8.2-a+fp16",
        "-Wall", "-Wextra", "-Werror", "-o", program.toString(), "src/test/c/fparm64.c"));
    FloatOracle oracle = new FloatOracle(directory, List.of("qemu-aarch64", "-cpu", "max", program.toString()),
        new FloatUnit(FloatRules.ARM), controls(), FloatQemuTest::set, FloatQemuTest::fpsr);
    List<FloatOracle.Operation> operations = operations();
    List<String> differences = oracle.differences(operations, VECTORS, SEED);
    reporter.publishEntry("vectors " + VECTORS + ", operations " + operations.size() + ", seed " + SEED);
    assertEquals(List.of(), differences, "ours against QEMU's, seed " + SEED + "\n"
        + String.join("\n", differences) + "\n");
  }

  private static long[] controls() {
    long[] bits = {1 << 22, 1 << 23, FZ, FZ16, DN, AHP};
    long[] controls = new long[1 << bits.length];
    for (int i = 0; i < controls.length; i++) {
      for (int bit = 0; bit < bits.length; bit++) {
        controls[i] |= (i >> bit & 1) != 0 ? bits[bit] : 0;
      }
    }
    return controls;
  }

  private static void set(FloatUnit unit, long fpcr) {
    unit.rounding = ROUNDINGS[(int) fpcr >> 22 & 3];
    unit.flushInputs = (fpcr & FZ) != 0;
    unit.flushResults = unit.flushInputs;
    unit.flushHalf = (fpcr & FZ16) != 0;
    unit.defaultNan = (fpcr & DN) != 0;
  }

  private static long fpsr(long exceptions) {
    return (exceptions & 1) | (exceptions >> 1 & 0x1e) | (exceptions & FloatUnit.DENORMAL) << 6;
  }

  private static List<FloatOracle.Operation> operations() {
    List<FloatOracle.Operation> all = new ArrayList<>();
    for (FloatFormat f : List.of(HALF, SINGLE, DOUBLE)) {
      String kind = f.name().substring(0, 1);
      String suffix = "_" + kind.toLowerCase(Locale.ROOT);
      arithmetic(all, suffix, kind, f);
      comparisons(all, suffix, kind, f);
      estimates(all, suffix, kind, f);
      roundings(all, suffix, kind, f);
      integers(all, suffix, kind, f);
    }
    conversions(all);
    return all;
  }

  private static void arithmetic(List<FloatOracle.Operation> all, String suffix, String kind, FloatFormat f) {
    String two = kind + kind;
    add(all, "fadd" + suffix, two, (u, x) -> u.add(f, x[0], x[1]));
    add(all, "fsub" + suffix, two, (u, x) -> u.sub(f, x[0], x[1]));
    add(all, "fmul" + suffix, two, (u, x) -> u.mul(f, x[0], x[1]));
    add(all, "fdiv" + suffix, two, (u, x) -> u.div(f, x[0], x[1]));
    add(all, "fmulx" + suffix, two, (u, x) -> u.mulExtended(f, x[0], x[1]));
    add(all, "fmadd" + suffix, two + kind, (u, x) -> u.fma(f, x[0], x[1], x[2]));
    add(all, "fnmsub" + suffix, two + kind, (u, x) -> u.fma(f, x[0], x[1], f.negate(x[2])));
    add(all, "fsqrt" + suffix, kind, (u, x) -> u.sqrt(f, x[0]));
  }

  private static void comparisons(List<FloatOracle.Operation> all, String suffix, String kind, FloatFormat f) {
    String two = kind + kind;
    add(all, "fmin" + suffix, two, (u, x) -> u.min(f, x[0], x[1]));
    add(all, "fmax" + suffix, two, (u, x) -> u.max(f, x[0], x[1]));
    add(all, "fminnm" + suffix, two, (u, x) -> u.minNumber(f, x[0], x[1]));
    add(all, "fmaxnm" + suffix, two, (u, x) -> u.maxNumber(f, x[0], x[1]));
    add(all, "fcmp" + suffix, two, (u, x) -> u.compare(f, x[0], x[1], false).ordinal());
    add(all, "fcmpe" + suffix, two, (u, x) -> u.compare(f, x[0], x[1], true).ordinal());
  }

  private static void estimates(List<FloatOracle.Operation> all, String suffix, String kind, FloatFormat f) {
    add(all, "frecpe" + suffix, kind, (u, x) -> u.recipEstimate(f, x[0]));
    add(all, "frsqrte" + suffix, kind, (u, x) -> u.rsqrtEstimate(f, x[0]));
    add(all, "frecpx" + suffix, kind, (u, x) -> u.recipExponent(f, x[0]));
    add(all, "frecps" + suffix, kind + kind, (u, x) -> u.recipStep(f, x[0], x[1]));
    add(all, "frsqrts" + suffix, kind + kind, (u, x) -> u.rsqrtStep(f, x[0], x[1]));
  }

  private static void roundings(List<FloatOracle.Operation> all, String suffix, String kind, FloatFormat f) {
    Map<String, Rounding> ways = Map.of("n", Rounding.NEAREST_EVEN, "p", Rounding.UP, "m", Rounding.DOWN, "z",
        Rounding.ZERO, "a", Rounding.NEAREST_AWAY);
    ways.forEach((letter, r) ->
        add(all, "frint" + letter + suffix, kind, (u, x) -> u.roundToIntegral(f, x[0], r, false)));
    add(all, "frintx" + suffix, kind, (u, x) -> u.roundToIntegral(f, x[0], u.rounding, true));
    add(all, "frinti" + suffix, kind, (u, x) -> u.roundToIntegral(f, x[0], u.rounding, false));
  }

  private static void integers(List<FloatOracle.Operation> all, String suffix, String kind, FloatFormat f) {
    toInteger(all, "fcvtnsw" + suffix, kind, f, 32, true, 0, Rounding.NEAREST_EVEN);
    toInteger(all, "fcvtnux" + suffix, kind, f, 64, false, 0, Rounding.NEAREST_EVEN);
    toInteger(all, "fcvtpsx" + suffix, kind, f, 64, true, 0, Rounding.UP);
    toInteger(all, "fcvtmuw" + suffix, kind, f, 32, false, 0, Rounding.DOWN);
    toInteger(all, "fcvtasx" + suffix, kind, f, 64, true, 0, Rounding.NEAREST_AWAY);
    toInteger(all, "fcvtzsw" + suffix, kind, f, 32, true, 0, Rounding.ZERO);
    toInteger(all, "fcvtzux" + suffix, kind, f, 64, false, 0, Rounding.ZERO);
    toInteger(all, "fcvtzsx9" + suffix, kind, f, 64, true, 9, Rounding.ZERO);
    toInteger(all, "fcvtzuw32" + suffix, kind, f, 32, false, 32, Rounding.ZERO);
    add(all, "scvtfw" + suffix, "I", (u, x) -> u.fromInteger(f, x[0], 32, true, 0));
    add(all, "ucvtfx" + suffix, "I", (u, x) -> u.fromInteger(f, x[0], 64, false, 0));
    add(all, "scvtfx" + suffix, "I", (u, x) -> u.fromInteger(f, x[0], 64, true, 0));
    add(all, "scvtfx64" + suffix, "I", (u, x) -> u.fromInteger(f, x[0], 64, true, 64));
    add(all, "ucvtfw7" + suffix, "I", (u, x) -> u.fromInteger(f, x[0], 32, false, 7));
  }

  private static void toInteger(List<FloatOracle.Operation> all, String name, String kind, FloatFormat f, int bits,
      boolean signed, int fractionBits, Rounding r) {
    add(all, name, kind, (u, x) -> u.toInteger(f, x[0], bits, signed, fractionBits, r));
  }

  private static void conversions(List<FloatOracle.Operation> all) {
    add(all, "fcvt_sd", "D", (u, x) -> u.convert(DOUBLE, SINGLE, x[0]));
    add(all, "fcvt_ds", "S", (u, x) -> u.convert(SINGLE, DOUBLE, x[0]));
    add(all, "fcvtxn", "D", (u, x) -> u.convert(DOUBLE, SINGLE, x[0], Rounding.ODD));
    add(all, "fcvt_hs", "S", (u, x) -> u.convert(SINGLE, half(x), x[0]));
    add(all, "fcvt_hd", "D", (u, x) -> u.convert(DOUBLE, half(x), x[0]));
    add(all, "fcvt_sh", "H", (u, x) -> u.convert(half(x), SINGLE, x[0]));
    add(all, "fcvt_dh", "H", (u, x) -> u.convert(half(x), DOUBLE, x[0]));
    toInteger(all, "fcvtzsv_h", "H", HALF, 16, true, 0, Rounding.ZERO);
    toInteger(all, "fcvtauv_h", "H", HALF, 16, false, 0, Rounding.NEAREST_AWAY);
    add(all, "ucvtfv_h", "I", (u, x) -> u.fromInteger(HALF, x[0], 16, false, 0));
    add(all, "urecpe", "I", (u, x) -> Integer.toUnsignedLong(Estimates.recipUnsigned((int) x[0])));
    add(all, "ursqrte", "I", (u, x) -> Integer.toUnsignedLong(Estimates.rsqrtUnsigned((int) x[0])));
  }

  /// What a half is by the control register.
  private static FloatFormat half(long[] x) {
    return (x[3] & AHP) != 0 ? ALTERNATIVE_HALF : HALF;
  }

  private static void add(List<FloatOracle.Operation> all, String name, String operands, FloatOracle.Ours ours) {
    all.add(new FloatOracle.Operation(name, operands, ours));
  }
}

package dev.crosspatch.tests.isa;

import static dev.crosspatch.core.fp.FloatFormat.DOUBLE;
import static dev.crosspatch.core.fp.FloatFormat.HALF;
import static dev.crosspatch.core.fp.FloatFormat.SINGLE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.FloatRules;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.fp.Rounding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Arithmetic by the rules of x86, held against the CPU this test runs on: results and exceptions to the bit in all
/// modes of MXCSR. `-Dcrosspatch.vectors=N` and `-Dcrosspatch.seed=N` choose how many and which.
class FloatHostCpuTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.vectors",
      Boolean.getBoolean("crosspatch.full") ? 10_000_000 : 1_000_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final Rounding[] ROUNDINGS = {Rounding.NEAREST_EVEN, Rounding.DOWN, Rounding.UP, Rounding.ZERO};
  private static final int MASKS = 0x1f80;
  private static final int DAZ = 0x40;
  private static final int FTZ = 0x8000;
  private static final long TRAPPED = 0;

  @TempDir
  Path directory = Path.of("");

  @Test
  void resultsAndExceptionsAreTheHosts(TestReporter reporter) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    Programs.need("gcc", "gcc");
    Path program = directory.resolve("fpx86");
    Programs.run(directory, List.of("gcc", "-std=gnu11", "-O1", "-mfma", "-mf16c", "-Wall", "-Wextra", "-Werror", "-o",
        program.toString(), "src/test/c/fpx86.c"));
    boolean wide = Programs.run(directory, List.of(program.toString(), "features")).contains("1");
    FloatOracle oracle = new FloatOracle(directory, List.of(program.toString()), new FloatUnit(FloatRules.X86),
        controls(), FloatHostCpuTest::set, exceptions -> exceptions);
    List<FloatOracle.Operation> operations =
        operations().stream().filter(o -> wide || !o.name().startsWith("v")).toList();
    List<String> differences = oracle.differences(operations, VECTORS, SEED);
    reporter.publishEntry("vectors " + VECTORS + ", operations " + operations.size() + ", seed " + SEED
        + (wide ? "" : ", the host lacks FMA and F16C"));
    assertEquals(List.of(), differences, "ours against the host's, seed " + SEED + "\n"
        + String.join("\n", differences) + "\n");
  }

  /// All modes with all exceptions masked, and all roundings with one that is not.
  private static long[] controls() {
    long[] controls = new long[40];
    for (int i = 0; i < controls.length; i++) {
      int mask = i < 16 ? MASKS : MASKS & ~(1 << (7 + (i - 16) / 4));
      int flushes = i < 16 ? ((i & 4) != 0 ? FTZ : 0) | ((i & 8) != 0 ? DAZ : 0) : i % 3 == 0 ? FTZ : 0;
      controls[i] = mask | flushes | (i & 3L) << 13;
    }
    return controls;
  }

  private static void set(FloatUnit unit, long mxcsr) {
    unit.rounding = ROUNDINGS[(int) mxcsr >> 13 & 3];
    unit.trapped = (int) (~mxcsr & MASKS) >> 7;
    unit.flushInputs = (mxcsr & DAZ) != 0;
    unit.flushResults = (mxcsr & FTZ) != 0 && (unit.trapped & FloatUnit.UNDERFLOW) == 0;
  }

  /// Of an underflow of a denormal operand that traps Intel's CPUs say that it is inexact.
  private static long half(FloatUnit u, long a, Rounding r, boolean intel) {
    long value = u.convert(SINGLE, HALF, a, r);
    boolean traps = (u.exceptions & u.trapped & FloatUnit.UNDERFLOW) != 0;
    u.exceptions |= intel && traps && (u.exceptions & FloatUnit.DENORMAL) != 0 ? FloatUnit.INEXACT : 0;
    return value;
  }

  private static List<FloatOracle.Operation> operations() throws IOException {
    List<FloatOracle.Operation> all = new ArrayList<>();
    arithmetic("ss", "S", SINGLE, all);
    arithmetic("sd", "D", DOUBLE, all);
    integers("ss", "S", SINGLE, all);
    integers("sd", "D", DOUBLE, all);
    add(all, "cvtss2sd", "S", (u, x) -> u.convert(SINGLE, DOUBLE, x[0]));
    add(all, "cvtsd2ss", "D", (u, x) -> u.convert(DOUBLE, SINGLE, x[0]));
    add(all, "vcvtph2ps", "H", (u, x) -> u.convert(HALF, SINGLE, x[0]));
    boolean intel = X86HostCpu.preset().equals("skylake");
    add(all, "vcvtps2ph", "S", (u, x) -> half(u, x[0], u.rounding, intel));
    add(all, "vcvtps2phup", "S", (u, x) -> half(u, x[0], Rounding.UP, intel));
    return all;
  }

  private static void arithmetic(String suffix, String kind, FloatFormat f, List<FloatOracle.Operation> all) {
    String two = kind + kind;
    add(all, "add" + suffix, two, (u, x) -> u.add(f, x[0], x[1]));
    add(all, "sub" + suffix, two, (u, x) -> u.sub(f, x[0], x[1]));
    add(all, "mul" + suffix, two, (u, x) -> u.mul(f, x[0], x[1]));
    add(all, "div" + suffix, two, (u, x) -> u.div(f, x[0], x[1]));
    add(all, "min" + suffix, two, (u, x) -> u.min(f, x[0], x[1]));
    add(all, "max" + suffix, two, (u, x) -> u.max(f, x[0], x[1]));
    add(all, "sqrt" + suffix, kind, (u, x) -> u.sqrt(f, x[0]));
    add(all, "vfmadd132" + suffix, two + kind, (u, x) -> u.fma(f, x[0], x[2], x[1]));
    add(all, "vfmadd213" + suffix, two + kind, (u, x) -> u.fma(f, x[1], x[0], x[2]));
    add(all, "vfmadd231" + suffix, two + kind, (u, x) -> u.fma(f, x[1], x[2], x[0]));
    add(all, "comi" + suffix, two, (u, x) -> u.compare(f, x[0], x[1], true).ordinal());
    add(all, "ucomi" + suffix, two, (u, x) -> u.compare(f, x[0], x[1], false).ordinal());
    add(all, "round" + suffix + "even", kind, (u, x) -> u.roundToIntegral(f, x[0], Rounding.NEAREST_EVEN, true));
    add(all, "round" + suffix + "down", kind, (u, x) -> u.roundToIntegral(f, x[0], Rounding.DOWN, true));
    add(all, "round" + suffix + "up", kind, (u, x) -> u.roundToIntegral(f, x[0], Rounding.UP, true));
    add(all, "round" + suffix + "zero", kind, (u, x) -> u.roundToIntegral(f, x[0], Rounding.ZERO, true));
    add(all, "round" + suffix + "mxcsr", kind, (u, x) -> u.roundToIntegral(f, x[0], u.rounding, true));
    add(all, "round" + suffix + "quietly", kind, (u, x) -> u.roundToIntegral(f, x[0], u.rounding, false));
  }

  private static void integers(String suffix, String kind, FloatFormat f, List<FloatOracle.Operation> all) {
    for (int bits = 32; bits <= 64; bits += 32) {
      int width = bits;
      add(all, "cvt" + suffix + "2si" + width, kind, (u, x) -> u.toInteger(f, x[0], width, true, 0, u.rounding));
      add(all, "cvtt" + suffix + "2si" + width, kind, (u, x) -> u.toInteger(f, x[0], width, true, 0, Rounding.ZERO));
      add(all, "cvtsi2" + suffix + width, "I", (u, x) -> u.fromInteger(f, x[0], width, true, 0));
    }
  }

  private static void add(List<FloatOracle.Operation> all, String name, String operands, FloatOracle.Ours ours) {
    all.add(new FloatOracle.Operation(name, operands, (u, x) -> {
      long value = ours.on(u, x);
      return u.traps() ? TRAPPED : value;
    }));
  }
}

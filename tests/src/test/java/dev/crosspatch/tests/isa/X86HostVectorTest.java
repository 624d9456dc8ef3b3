package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// What vector instructions and MMX's do, held against the CPU this test runs on: every row, in registers and in
/// memory, with what it leaves in all registers, MXCSR, x87 and memory, or how it faults. `-Dcrosspatch.simd=N` and
/// `-Dcrosspatch.seed=N` choose how many vectors and which.
class X86HostVectorTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.simd", 60_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int SHOWN = 40;
  private static final int UNDEFINED = 6;
  /// MXCSR.MM, which AMD's CPUs have (APM vol. 1 4.2.2) and ours have not.
  private static final int MISALIGNED_MODE = 1 << 17;

  /// Bound of the error of RCPPS and RSQRTPS (SDM vol. 2B), ours and the host's.
  private static final int FLOAT_ERROR = 19;
  private static final int INEXACT = 32;
  private static final double ESTIMATE = 2 * 1.5 / 4096;

  @TempDir
  Path directory = Path.of("");

  @Test
  void vectorInstructionsLeaveWhatTheHostLeaves(TestReporter reporter) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    X86HostCpu host = new X86HostCpu(directory);
    List<X86RowForm> forms = X86RowForm.all();
    X86VectorGenerator generator = new X86VectorGenerator(new Random(SEED));
    String preset = X86HostCpu.preset();
    X86UserMode ours = new X86UserMode(preset);
    Map<String, String> differences = new TreeMap<>();
    RowVectors rows = new RowVectors("x86-64 vectors", "X86HostVectorTest", RowVectors.X86,
        forms.stream().map(X86RowForm::row).toList());
    Map<String, String> missing = new TreeMap<>();
    AtomicInteger faults = new AtomicInteger();
    host.run(VECTORS, i -> generator.next(forms.get(i % forms.size())), (v, theirs) -> {
      X86Vector us = ours.run(v);
      if (theirs.trap == UNDEFINED && us.trap != UNDEFINED) {
        missing.put(v.form, "undefined on the host: " + v);
        rows.lacks(v.form);
        return;
      }
      faults.addAndGet(theirs.signal == 0 ? 0 : 1);
      rows.count(theirs.signal == 0 ? v.form : null);
      if (v.form.matches(".* V?R(CP|SQRT)[PS]S .*")) {
        estimate(us, theirs);
      }
      if (v.form.matches(".* VP?MASKMOV.* M.*") && us.cr2 >> 12 == theirs.cr2 >> 12) {
        us.cr2 = theirs.cr2; // Intel's CPUs have the last byte of the last element that is chosen if one crosses pages
      }
      if (v.form.contains("VCVTPS2PH") && theirs.trap == FLOAT_ERROR) {
        us.mxcsr |= theirs.mxcsr & INEXACT; // of an underflow that traps Intel's CPUs say that the half is inexact
      }
      // LDMXCSR of this bit is #GP here; whether CVTPI2PS from memory enters MMX on Intel's CPUs, as the SDM has it, no
      // CPU has told yet
      boolean known = (theirs.mxcsr & MISALIGNED_MODE) != 0
          || (preset.equals("skylake") && v.form.contains("| CVTPI2PS "));
      String difference = known ? null : X86HostFaultTest.difference(v, us, theirs);
      if (difference != null) {
        differences.putIfAbsent(v.form + ": " + difference.replaceAll("[0-9a-f]{4,}|[0-9]+", "#"),
            difference + ": " + v);
      }
    });
    missing.entrySet().removeIf(row -> {
      boolean there = rows.has(row.getKey());
      if (there) {
        differences.put(row.getKey() + ": #UD", row.getValue());
      }
      return there;
    });
    List<String> shown = new ArrayList<>(differences.values()).subList(0, Math.min(SHOWN, differences.size()));
    reporter.publishEntry(VECTORS + " vectors of " + forms.size() + " rows, " + faults + " faults, seed " + SEED
        + ", rows that the host lacks: " + missing.keySet());
    assertTrue(differences.isEmpty(), () -> "ours against the host's, seed " + SEED + ", " + differences.size()
        + " kinds\n" + String.join("\n", shown) + "\n");
    rows.hold();
  }

  /// Takes the host's estimates where ours differ by no more than both may be wrong.
  private static void estimate(X86Vector us, X86Vector them) {
    for (int i = 0; i < 2 * us.v.length; i++) {
      int shift = 32 * (i & 1);
      float ours = Float.intBitsToFloat((int) (us.v[i >> 1] >>> shift));
      float theirs = Float.intBitsToFloat((int) (them.v[i >> 1] >>> shift));
      if (Math.abs(ours - theirs) <= Math.abs(theirs) * ESTIMATE) {
        us.v[i >> 1] = (us.v[i >> 1] & ~(0xffff_ffffL << shift)) | (them.v[i >> 1] & 0xffff_ffffL << shift);
      }
    }
  }
}

package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Areas of FXSAVE and the XSAVE family and x87's control registers, held against the CPU this test runs on: what is
/// saved, byte by byte (by the hash of scratch's page), what is restored of all components or some, and what is
/// refused. `-Dcrosspatch.states=N` and `-Dcrosspatch.seed=N` choose how many and which.
class X86HostStateTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.states", 6_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int UNDEFINED = 6;
  private static final int RSI = 6;
  private static final int RDI = 7;
  /// Where scratch has what is loaded first: MXCSR, x87's control, status and tags, XMM0.
  private static final int MXCSR = 24;
  private static final int CONTROL = 0;
  private static final int STATUS = 2;
  private static final int OPCODE = 6;
  /// Of the area that is saved, from scratch on.
  private static final int AREA = 1024;
  private static final HexFormat HEX = HexFormat.of();
  private static final String FXRSTOR64 = "480fae0f"; // of [rdi]
  /// mov byte [rsi + 30], 0: bit 17 of the mask of MXCSR is AMD's, of CPUs with misaligned SSE.
  private static final String CUT_MASK = "c6461e00";
  /// FXSAVE, XSAVE, XSAVEOPT, XSAVEC of `[rsi]`, and what restores each.
  private static final String[][] AREAS = {
    {"0fae06", "0fae0e"}, {"0fae26", "0fae2e"}, {"0fae36", "0fae2e"}, {"0fc726", "0fae2e"}};
  private static final String WIDE = "48";

  @TempDir
  Path directory = Path.of("");

  private final Random random = new Random(SEED);

  @Test
  void statesAreSavedAndRestoredAsOnTheHost(TestReporter reporter) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    X86HostCpu host = new X86HostCpu(directory);
    X86UserMode ours = new X86UserMode(X86HostCpu.preset());
    Map<String, String> differences = new TreeMap<>();
    List<String> missing = new ArrayList<>();
    host.run(VECTORS, i -> vector(), (v, theirs) -> {
      X86Vector us = ours.run(v);
      if (theirs.trap == UNDEFINED && us.trap != UNDEFINED) {
        missing.add(v.form);
        return;
      }
      String difference = X86HostFaultTest.difference(v, us, theirs);
      if (difference != null) {
        differences.putIfAbsent(v.form + ": " + difference.replaceAll("[0-9a-f]{4,}|[0-9]+", "#"),
            difference + ": " + v);
      }
    });
    reporter.publishEntry(VECTORS + " vectors, seed " + SEED + ", undefined on the host: " + missing.size());
    assertTrue(differences.isEmpty(), () -> "ours against the host's, seed " + SEED + "\n"
        + String.join("\n", differences.values()) + "\n");
    assertTrue(missing.size() < VECTORS / 2, "the host has XSAVE");
  }

  private X86Vector vector() {
    X86Vector v = new X86Vector();
    for (int i = 0; i < v.r.length; i++) {
      v.r[i] = random.nextLong();
    }
    for (int i = 0; i < v.v.length; i++) {
      v.v[i] = random.nextLong() | 1;
    }
    v.flags = 0x202;
    v.defined = X86Vector.FLAGS & ~X86Vector.AF;
    v.mxcsr = 0x1f80 | random.nextInt(64) | random.nextInt(4) << 13;
    loaded(v);
    v.r[RDI] = X86Vector.SCRATCH;
    v.r[RSI] = X86Vector.SCRATCH + AREA;
    v.r[0] = random.nextInt(8);
    v.r[2] = 0;
    switch (random.nextInt(6)) {
      case 0 -> code(v, "save", saved(random.nextInt(AREAS.length), 0));
      case 1 -> code(v, "save and restore", back());
      case 2 -> code(v, "fxrstor", "0fae0f" + saved(0, 0));
      // fldcw [rdi]; fnstcw [rdi + 2]; fnstsw [rdi + 4]; fnstsw ax; fnclex; fwait; fninit; fnstcw [rdi + 6]
      case 3 -> code(v, "control", "d92f d97f02 dd7f04 dfe0 dbe2 9b dbe3 d97f06");
      case 4 -> code(v, "environment", environment());
      default -> refused(v);
    }
    return v;
  }

  /// State of x87 and SSE in scratch. No exception is pending, of which Linux would tell; so AMD's CPUs do not have the
  /// last instruction's opcode and addresses (APM vol. 2 11.4.4), which are zero here.
  private void loaded(X86Vector v) {
    random.nextBytes(v.scratch);
    v.scratch[CONTROL] |= 0x3f;
    v.scratch[STATUS] &= 0x7f;
    v.scratch[STATUS + 1] &= 0x7f;
    Arrays.fill(v.scratch, OPCODE, MXCSR, (byte) 0);
    X86Vector.view(v.scratch).putInt(MXCSR, 0x1f80 | random.nextInt(64) | random.nextInt(4) << 13);
  }

  private static void code(X86Vector v, String form, String hex) {
    v.form = form;
    v.code = HEX.parseHex(FXRSTOR64 + hex.replace(" ", ""));
  }

  private String saved(int which, int way) {
    return (random.nextBoolean() ? WIDE : "") + AREAS[which][way] + (way == 0 ? CUT_MASK : "");
  }

  /// Saves, says perhaps that less is there, asks for other components, clears a register, and restores.
  private String back() {
    int which = random.nextInt(AREAS.length);
    // and byte [rsi + 512], ...; mov al, ...; pxor xmm0, xmm0
    String less = random.nextBoolean() ? "" : String.format("80a600020000%02x", random.nextInt(8));
    return saved(which, 0) + less + String.format("b0%02x", random.nextInt(8)) + "660fefc0" + saved(which, 1);
  }

  /// Stores the environment of x87, or all of its state; loads that with another top of the stack or other tags, and
  /// saves what came of it; or all is reset.
  private String environment() {
    String prefix = random.nextInt(4) == 0 ? "66" : "";
    boolean whole = random.nextBoolean();
    String store = prefix + (whole ? "dd36" : "d936"); // fnsave or fnstenv [rsi]
    String other = switch (random.nextInt(3)) {
      case 0 -> String.format("c64605%02x", random.nextInt(64)); // mov byte [rsi + 5], ...
      case 1 -> String.format("c64608%02x", random.nextInt(256));
      default -> "dbe3"; // fninit
    };
    // frstor or fldenv [rsi]; fxsave64 [rsi + 128]; CUT_MASK
    return store + other + prefix + (whole ? "dd26" : "d926") + "480fae8680000000" + "c6869e00000000";
  }

  /// Misaligned areas, headers and values of MXCSR that are not taken; XCR0.
  private void refused(X86Vector v) {
    int which = random.nextInt(AREAS.length);
    switch (random.nextInt(4)) {
      case 0 -> {
        v.r[RSI] += 1 << random.nextInt(6);
        code(v, "misaligned", saved(which, random.nextInt(2)));
      }
      case 1 -> // mov byte [rsi + 512 + ...], 1
          code(v, "header", saved(1, 0) + String.format("c686%02x02000001", random.nextInt(24)) + saved(1, 1));
      case 2 -> // mov byte [rsi + 26], ff
          code(v, "mxcsr", saved(which, 0) + "c6461aff" + saved(which, 1));
      default -> extendedControl(v);
    }
  }

  /// XSETBV is privileged; XGETBV of a register that is not there is refused, XCR0 has x87, SSE and AVX here.
  private void extendedControl(X86Vector v) {
    v.r[1] = random.nextInt(2) == 0 ? 0 : 2;
    code(v, "extended control", random.nextBoolean() ? "0f01d1" : "0f01d0 83e007"); // and eax, 7
  }
}

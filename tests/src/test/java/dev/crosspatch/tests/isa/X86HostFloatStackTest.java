package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// x87's instructions, held against the CPU this test runs on, if it is Intel's: all registers, the tags, status and
/// condition codes, memory, and how the instruction behind an exception that is not masked faults.
/// `-Dcrosspatch.stack=N` and `-Dcrosspatch.seed=N` choose how many vectors and which.
class X86HostFloatStackTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.stack", 200_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int SHOWN = 40;
  private static final HexFormat HEX = HexFormat.of();
  private static final int RBX = 3;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final int OPERAND = 192;
  private static final int AREA = 1024;
  private static final int STACK = 32;
  private static final String BEFORE = "480fae0f"; // fxrstor64 [rdi]
  /// `fxsave64 [rbx]`; no upper half of the mask of MXCSR, and no address of a last operand, which newer CPUs keep only
  /// with an exception; then ST0, control, status and tags to registers, and fninit.
  private static final String BEHIND = "480fae03 4489431c 4c894310 488b4320 8b4b28 488b13 dbe3";
  private static final long C1 = 1L << 25;
  /// F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS; and FNSTENV and kin, which another test has.
  private static final List<Integer> LEFT_OUT = List.of(0xd9f0, 0xd9f1, 0xd9f2, 0xd9f3, 0xd9f9, 0xd9fb, 0xd9fe, 0xd9ff);

  private static final List<Integer> ENVIRONMENTS = List.of(0xd904, 0xd906, 0xdd04, 0xdd06, 0xd905);

  @TempDir
  Path directory = Path.of("");

  private final Random random = new Random(SEED);

  @Test
  void computesAsTheHost(TestReporter reporter) throws IOException, InterruptedException {
    X86HostCpu host = host();
    X86UserMode ours = new X86UserMode(X86HostCpu.preset());
    Map<String, String> differences = new TreeMap<>();
    host.run(VECTORS, i -> vector(), (v, theirs) -> {
      String difference = X86HostFaultTest.difference(v, ours.run(v), theirs);
      if (difference != null) {
        differences.putIfAbsent(kind(v, difference), shown(v, difference));
      }
    });
    reporter.publishEntry(VECTORS + " vectors, seed " + SEED + ", preset " + X86HostCpu.preset());
    assertTrue(differences.isEmpty(), () -> "ours against the host's, seed " + SEED + ", " + differences.size() + "\n"
        + String.join("\n", differences.values().stream().limit(SHOWN).toList()) + "\n");
  }

  /// What is in ST0 may be off by one in the last place, since the CPU's may (SDM vol. 1 8.3.10), and with it C1.
  @Test
  void functionsAreAsNearAsTheHost(TestReporter reporter) throws IOException, InterruptedException {
    X86HostCpu host = host();
    X86UserMode ours = new X86UserMode(X86HostCpu.preset());
    Map<String, String> differences = new TreeMap<>();
    int[] off = new int[1];
    host.run(VECTORS / 10, i -> function(), (v, theirs) -> {
      X86Vector us = ours.run(v);
      if (us.trap == theirs.trap && us.trap == 0) {
        off[0] += near(us, theirs) && us.r[0] != theirs.r[0] ? 1 : 0;
        if (near(us, theirs)) {
          System.arraycopy(theirs.r, 0, us.r, 0, 2);
        }
        us.r[2] = (us.r[2] & ~C1) | (theirs.r[2] & C1);
        us.hash = theirs.hash;
      }
      System.arraycopy(theirs.x87, 0, us.x87, 0, us.x87.length); // off by as much where the next instruction traps
      String difference = X86HostFaultTest.difference(v, us, theirs);
      if (difference != null && !isUndefined(v)) {
        differences.putIfAbsent(kind(v, difference), shown(v, difference));
      }
    });
    reporter.publishEntry(VECTORS / 10 + " vectors, seed " + SEED + ", of which " + off[0] + " are off by one");
    assertTrue(differences.isEmpty(), () -> "ours against the host's, seed " + SEED + ", " + differences.size() + "\n"
        + String.join("\n", differences.values().stream().limit(SHOWN).toList()) + "\n");
  }

  /// What makers may do otherwise (reserved encodings, results of exceptions that are not masked) is known of Intel's.
  private X86HostCpu host() throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    X86HostCpu.assumeMakerOf("skylake", "the host is no CPU of Intel's");
    return new X86HostCpu(directory);
  }

  private static boolean near(X86Vector us, X86Vector them) {
    long distance = us.r[0] - them.r[0];
    long exponents = us.r[1] - them.r[1];
    return exponents == 0 ? Math.abs(distance) <= 1 : Math.abs(exponents) == 1
        && Math.max(us.r[0] ^ Long.MIN_VALUE, them.r[0] ^ Long.MIN_VALUE) == Long.MAX_VALUE
        && Math.min(us.r[0] ^ Long.MIN_VALUE, them.r[0] ^ Long.MIN_VALUE) == 0;
  }

  private X86Vector function() {
    X86Vector v = vector();
    v.form = String.format("%04x", LEFT_OUT.get(random.nextInt(LEFT_OUT.size())));
    v.code = HEX.parseHex((BEFORE + v.form + (random.nextBoolean() ? "d9c9" : "") + BEHIND).replace(" ", ""));
    return v;
  }

  /// F2XM1 of more than 1, FYL2XP1 of more than is near 0.
  private static boolean isUndefined(X86Vector v) {
    int top = X86Vector.view(v.scratch).getShort(STACK + 8) & 0x7fff;
    return (v.form.equals("d9f0") && top >= 0x3fff) || (v.form.equals("d9f9") && top >= 0x3ffd);
  }

  private static String kind(X86Vector v, String difference) {
    return v.form + ": " + difference.replaceAll("[0-9a-f]{4,}|[0-9]+", "#");
  }

  private static String shown(X86Vector v, String difference) {
    return difference + ": " + HEX.formatHex(v.code, 4, v.code.length - 24) + " " + v + "\n    "
        + HEX.formatHex(v.scratch, 0, 8) + " st " + HEX.formatHex(v.scratch, STACK, STACK + 10) + " "
        + HEX.formatHex(v.scratch, STACK + 16, STACK + 26) + " m " + HEX.formatHex(v.scratch, OPERAND, OPERAND + 10);
  }

  private X86Vector vector() {
    X86Vector v = new X86Vector();
    for (int i = 0; i < v.r.length; i++) {
      v.r[i] = random.nextLong();
    }
    v.flags = 0x202 | (random.nextInt() & X86Vector.FLAGS);
    v.r[RDI] = X86Vector.SCRATCH;
    v.r[RSI] = X86Vector.SCRATCH + OPERAND;
    v.r[RBX] = X86Vector.SCRATCH + AREA;
    v.r[8] = 0;
    state(v.scratch);
    String first = instruction();
    v.form = first;
    v.code = HEX.parseHex((BEFORE + first + (random.nextInt(3) == 0 ? instruction() : "") + BEHIND).replace(" ", ""));
    return v;
  }

  /// Opcode and ModRM: with `[rsi]`, or ST(i).
  private String instruction() {
    while (true) {
      int opcode = 0xd8 + random.nextInt(8);
      int modrm = random.nextBoolean() ? random.nextInt(8) << 3 | RSI : 0xc0 | random.nextInt(64);
      boolean memory = modrm < 0xc0;
      boolean left = memory ? ENVIRONMENTS.contains(opcode << 8 | modrm >> 3) : LEFT_OUT.contains(opcode << 8 | modrm);
      if (!left) {
        return String.format("%02x%02x", opcode, modrm);
      }
    }
  }

  private void state(byte[] scratch) {
    ByteBuffer area = X86Vector.view(scratch);
    int masks = random.nextInt(3) == 0 ? random.nextInt(64) : 0x3f;
    area.putShort(0, (short) (masks | random.nextInt(16) << 8));
    area.putShort(2, (short) ((random.nextInt() & 0x7f00) | (random.nextInt(64) & masks)));
    area.put(4, (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : random.nextBoolean() ? 0xff : 0x7e));
    area.putInt(24, 0x1f80);
    for (int i = 0; i < 8; i++) {
      value(area, STACK + 16 * i);
    }
    // A second value may be a neighbour of the first, or of another magnitude by little.
    if (random.nextInt(4) == 0) {
      int to = STACK + 16 * (1 + random.nextInt(7));
      area.putLong(to, area.getLong(STACK) + random.nextInt(3) - 1);
      area.putShort(to + 8, (short) ((area.getShort(STACK + 8) + random.nextInt(3) - 1) ^ random.nextInt(2) << 15));
    }
    operand(area);
  }

  private void operand(ByteBuffer area) {
    switch (random.nextInt(4)) {
      case 0 -> value(area, OPERAND);
      case 1 -> area.putInt(OPERAND, (int) narrow(8, 23));
      case 2 -> area.putLong(OPERAND, narrow(11, 52));
      default -> {
        int cut = random.nextInt(64);
        area.putLong(OPERAND, random.nextLong() >> cut);
        area.putShort(OPERAND + 8, (short) random.nextInt());
      }
    }
  }

  /// A single or double.
  private long narrow(int exponentBits, int fractionBits) {
    long most = (1L << exponentBits) - 1;
    long exponent = switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> most;
      case 2 -> (most >> 1) + random.nextInt(9) - 4;
      default -> random.nextLong() & most;
    };
    long fraction = (1L << fractionBits) - 1 & switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> 1L << random.nextInt(fractionBits);
      case 2 -> -1;
      default -> random.nextLong();
    };
    return random.nextLong(2) << (exponentBits + fractionBits) | exponent << fractionBits | fraction;
  }

  /// A value of ten bytes: of any kind, near 1, near where singles, doubles and extended ones end, an integer.
  private void value(ByteBuffer area, int at) {
    int sign = random.nextInt(2) << 15;
    long significand = significand();
    int exponent = switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> 0x7fff;
      case 2 -> random.nextInt(0x8000);
      case 3 -> 0x3fff + random.nextInt(70);
      case 4 -> (random.nextBoolean() ? 0x3fff - 126 : 0x3fff + 127) + random.nextInt(7) - 3;
      case 5 -> (random.nextBoolean() ? 0x3fff - 1022 : 0x3fff + 1023) + random.nextInt(7) - 3;
      case 6 -> random.nextBoolean() ? random.nextInt(70) : 0x7fff - random.nextInt(70);
      case 7 -> 0x3fff - 126 - random.nextInt(30);
      case 8 -> 0x3fff - 1022 - random.nextInt(60);
      default -> 0x3fff + random.nextInt(21) - 10;
    };
    boolean integer = exponent != 0 && random.nextInt(24) != 0;
    area.putLong(at, integer ? significand | Long.MIN_VALUE : significand);
    area.putShort(at + 8, (short) (sign | exponent));
  }

  private long significand() {
    return switch (random.nextInt(8)) {
      case 0 -> Long.MIN_VALUE;
      case 1 -> 0;
      case 2 -> -1;
      case 3 -> -1L << random.nextInt(64);
      case 4 -> Long.MIN_VALUE | 1L << random.nextInt(63);
      case 5 -> random.nextLong() << random.nextInt(64);
      default -> random.nextLong();
    };
  }
}

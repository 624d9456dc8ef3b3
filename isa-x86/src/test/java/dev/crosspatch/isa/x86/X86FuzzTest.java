package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Bytes that make no sense are the guest's trouble, never the host's. `-Dcrosspatch.seed=N` chooses which bytes.
final class X86FuzzTest {
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int STRINGS = 1_000_000;
  private static final int RUNS = 20_000;
  private static final int STEPS = 30;
  private static final int CYCLES = 20_000;
  private static final int CODE_BYTES = 64;

  private final Random random = new Random(SEED);

  @Test
  void anyBytesDecode() {
    X86Isa isa = new X86Isa();
    UopBuffer out = new UopBuffer();
    byte[] code = new byte[16];
    for (int i = 0; i < STRINGS; i++) {
      fill(code);
      int available = 1 + random.nextInt(15);
      int length = isa.decode(code, 0, available, Mode.CODE_64, out);
      boolean good = length == -1 ? available < 15 : length >= 1 && length <= available && out.count() > 0;
      assertTrue(good, () -> "seed " + SEED + ": " + HexFormat.of().formatHex(code) + " has length " + length + " of "
          + available);
    }
  }

  /// Random bytes with escapes and system opcodes likelier than chance.
  private void fill(byte[] code) {
    random.nextBytes(code);
    for (int i = 0; i + 1 < code.length; i += 5) {
      if (random.nextInt(3) == 0) {
        code[i] = 0x0f;
        code[i + 1] = (byte) (random.nextInt(3) == 0 ? 0x20 + random.nextInt(0x14) : random.nextInt(10));
      }
    }
  }

  @Test
  void anyBytesRun() {
    X86Lab lab = new X86Lab(1, "f4");
    long cr3 = lab.core(0).cr3;
    byte[] code = new byte[CODE_BYTES];
    for (int i = 0; i < RUNS; i++) {
      X86Core core = lab.core(0);
      if (core.cr3 != cr3 || core.privilege != 0 || core.readyAt() == Long.MAX_VALUE) {
        lab = new X86Lab(1, "f4");
        core = lab.core(0);
      }
      fill(code);
      lab.put(0, HexFormat.of().formatHex(code));
      start(core);
      run(lab, code);
    }
  }

  private void start(X86Core core) {
    for (int r = 0; r < 16; r++) {
      core.r[r] = random.nextInt(3) == 0
          ? X86Lab.DATA + random.nextInt(X86Lab.DATA_BYTES) : random.nextLong() >> random.nextInt(64);
    }
    core.r[X86Core.RCX] = random.nextInt(3) == 0 ? 0xc000_0080 + random.nextInt(5) : random.nextInt(0x900);
    core.pc = X86Lab.TEXT;
    core.synchronizeContext();
  }

  private static void run(X86Lab lab, byte[] code) {
    long retired = lab.core(0).retired() + STEPS;
    try {
      lab.machine.run(new RunLimits(lab.core(0).cycles() + CYCLES, retired, 0));
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + SEED + ": " + HexFormat.of().formatHex(code) + " at step "
          + (STEPS - retired + lab.core(0).retired()), e);
    }
  }
}

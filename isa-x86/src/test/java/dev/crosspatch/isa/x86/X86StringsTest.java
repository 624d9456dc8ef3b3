package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.CostClass;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// REP MOVS and REP STOS, which move blocks, against a loop over elements (SDM vol. 2B): memory, registers, faults in
/// the middle, text that is stored to, time.
final class X86StringsTest {
  private static final int PAGE = 4096;
  /// Two pages, with none before and behind.
  private static final long PAGES = 0x40_0000;
  private static final int BYTES = 2 * PAGE;
  private static final int ROUNDS = 400;
  private static final int PAGE_FAULT = 14;

  /// A repetition, and what a loop makes of it.
  private static final class Loop {
    final byte[] bytes = new byte[BYTES];
    final boolean copies;
    final int width;
    final boolean down;
    /// Where the target's addresses lie: [#PAGES], or another mapping of the first of these pages.
    final long target;
    long from;
    long to;
    long count;
    final long value;

    Loop(Random random, long alias) {
      random.nextBytes(bytes);
      copies = random.nextBoolean();
      width = random.nextInt(4);
      down = random.nextInt(4) == 0;
      target = !down && random.nextInt(4) == 0 ? alias : PAGES;
      from = PAGES + random.nextInt(BYTES);
      to = target + random.nextInt(target == PAGES ? BYTES : PAGE / 2);
      if (random.nextInt(2) == 0) {
        to = target + Math.floorMod((int) (from - PAGES) + random.nextInt(80) - 40, target == PAGES ? BYTES : PAGE / 2);
      }
      count = random.nextInt(random.nextBoolean() ? 40 : target == PAGES ? 4000 : PAGE / 16);
      value = random.nextInt();
    }

    String code() {
      return String.join(" ", down ? "fd" : "fc", String.format("b8 %08x", Integer.reverseBytes((int) value)),
          width == 1 ? "66" : "", "f3", width == 3 ? "48" : "",
          copies ? width == 0 ? "a4" : "a5" : width == 0 ? "aa" : "ab", "f4");
    }

    private boolean isThere(long base, long address) {
      return address >= base && address + (1 << width) <= base + (base == PAGES ? BYTES : PAGE);
    }

    /// Runs it; whether it ends without a fault.
    boolean run() {
      int size = 1 << width;
      int step = down ? -size : size;
      for (; count > 0; count--) {
        if ((copies && !isThere(PAGES, from)) || !isThere(target, to)) {
          return false;
        }
        byte[] element = new byte[size];
        for (int i = 0; i < size; i++) {
          long stored = width == 3 ? value & 0xffff_ffffL : value;
          element[i] = copies ? bytes[(int) (from - PAGES) + i] : (byte) (stored >>> (8 * i));
        }
        System.arraycopy(element, 0, bytes, (int) (to - target), size);
        from += copies ? step : 0;
        to += step;
      }
      return true;
    }
  }

  private static byte[] memory(X86Lab lab, long[] pages) {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      long word = lab.machine.readPhysical(pages[i / PAGE] + i % PAGE);
      for (int j = 0; j < Long.BYTES; j++) {
        bytes[i + j] = (byte) (word >>> (8 * j));
      }
    }
    return bytes;
  }

  @Test
  void blocksAreWhatALoopMakes() {
    int faults = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      X86Lab probe = X86FaultRulesTest.lab("skylake", "f4");
      long alias = X86Lab.DIRECT_MAP + probe.mapUser(PAGES, X86Mmu.PRESENT | X86Mmu.WRITABLE);
      Loop loop = new Loop(new Random(seed), alias);
      String what = "seed " + seed + ": " + loop.code();
      X86Lab lab = X86FaultRulesTest.lab("skylake", X86FaultRulesTest.LOAD_IDT, X86FaultRulesTest.SET_STACK,
          loop.code());
      long[] pages = new long[2];
      for (int i = 0; i < 2; i++) {
        pages[i] = lab.mapUser(PAGES + (long) i * PAGE, X86Mmu.PRESENT | X86Mmu.WRITABLE);
        lab.machine.load(pages[i], Arrays.copyOfRange(loop.bytes, i * PAGE, (i + 1) * PAGE));
      }
      assertEquals(alias, X86Lab.DIRECT_MAP + pages[0], "the same page in every machine");
      X86Core core = lab.core(0);
      core.r[X86Core.RSI] = loop.from;
      core.r[X86Core.RDI] = loop.to;
      core.r[X86Core.RCX] = loop.count;
      boolean ends = loop.run();
      String outcome = X86FaultRulesTest.outcome(lab);
      assertEquals(!ends, outcome.startsWith("vector " + PAGE_FAULT), what + ": " + outcome);
      assertEquals(loop.count, core.r[X86Core.RCX], what);
      assertEquals(loop.from, core.r[X86Core.RSI], what);
      assertEquals(loop.to, core.r[X86Core.RDI], what);
      assertArrayEquals(loop.bytes, memory(lab, pages), what);
      faults += ends ? 0 : 1;
    }
    assertTrue(faults > ROUNDS / 20 && faults < ROUNDS / 2, faults + " faults");
  }

  /// A block over text is stores to text: what was fetched of it is old.
  @Test
  void textIsStoredTo() {
    // mov esi, ...; mov rdi, ...; mov ecx, 6; call 0x200; mov ebx, eax; rep movsb; cpuid; call 0x200; hlt
    String alias = String.format("%016x", Long.reverseBytes(X86Lab.DIRECT_MAP + X86Lab.TEXT - X86Lab.LINK_OFFSET
        + 0x200));
    String rest = String.format("%08x", Integer.reverseBytes((int) X86Lab.TEXT + 0x240));
    X86Lab lab = new X86Lab(1, X86FaultRulesTest.SET_STACK, "48 c7 c6", rest, "48 bf", alias, "b9 06 00 00 00",
        "e8", call(0x200, 7 + 7 + 10 + 5), "50  f3 a4  0f a2  e8", call(0x200, 7 + 7 + 10 + 5 + 5 + 5), "5b f4");
    lab.put(0x200, "b8 01 00 00 00 c3").put(0x240, "b8 02 00 00 00 c3");
    lab.run();
    assertEquals(1, lab.core(0).r[X86Core.RBX]);
    assertEquals(2, lab.core(0).r[X86Core.RAX]);
  }

  private static String call(int target, int from) {
    return String.format("%08x", Integer.reverseBytes(target - from - 5));
  }

  /// An element costs what a store does, be it one of a block or not.
  @Test
  void anElementCostsAStore() {
    long store = Machine.readTiming(new X86Isa(), "skylake").cost(CostClass.STORE);
    assertEquals(32 * store, clock(40) - clock(8));
    assertTrue(store >= ClockUnit.units(1), "a store costs a cycle or more");
  }

  private static long clock(int count) {
    X86Lab lab = new X86Lab(1, String.format("b9 %02x 00 00 00", count), "48 c7 c7 00 20 10 81  f3 aa  f4");
    lab.run();
    return lab.core(0).clock();
  }
}

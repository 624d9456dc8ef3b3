package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// Vector instructions at run time: whether they may run, their operands in memory, and what becomes of the upper half
/// of a register.
///
/// A helper micro-op of a vector instruction names vector registers as `dst`, `a` and `b`, or a general one where the
/// instruction has one; `c` holds the address of an operand in memory. Its flags say what it is, its immediate is the
/// instruction's.
final class X86Vectors {
  private X86Vectors() {}

  // ---- flags of the micro-op
  /// VEX: the upper half of the destination is cleared, if it is not written.
  static final int VEX = 1;
  /// 256 bits.
  static final int LONG = 2;
  /// Operand `b` is memory, `1 << width` bytes at `r[c]`.
  static final int MEMORY = 4;
  /// It must be aligned.
  static final int ALIGNED = 8;

  /// Number of the register that an operand in memory is loaded into, and of one for results.
  static final int LOADED = 16;

  static final int RESULT = 17;
  /// One for a result that is to be stored.
  static final int NARROWED = 18;

  static final int REGISTERS = 19;
  private static final int WORDS = X86Core.VECTOR_WORDS;

  /// Bits of XCR0 for SSE and AVX state.
  static final int XCR0_AVX = 6;

  /// x87, SSE, AVX: all there is.
  static final int XCR0_ALL = 7;

  // ---- whether it may run (SDM vol. 2A tables 2-18 and following; vol. 3 2.5, 13.1)

  /// Whether vector instructions may run now; else the fault is recorded.
  static boolean ready(X86Core c, long w) {
    boolean vex = (Uop.flags(w) & VEX) != 0;
    boolean there = vex
        ? (c.cr4 & X86Core.CR4_OSXSAVE) != 0 && (c.xcr0 & XCR0_AVX) == XCR0_AVX
        : (c.cr4 & X86Core.CR4_OSFXSR) != 0 && (c.cr0 & X86Core.CR0_EM) == 0;
    if (!there) {
      c.fault(X86Exceptions.UD, 0);
    } else if ((c.cr0 & X86Core.CR0_TS) != 0) {
      c.fault(X86Exceptions.NM, 0);
    }
    return c.faultCode == 0;
  }

  // ---- memory

  /// Loads the operand in memory, if there is one, and whether all is well.
  static boolean operands(X86Core c, long w) {
    return ready(c, w)
        && ((Uop.flags(w) & MEMORY) == 0 || load(c, c.r[Uop.c(w)], LOADED * WORDS, Uop.width(w), w));
  }

  /// Loads `1 << width` bytes to word `at` and following of [X86Core#v]; what is missing of 32 bytes is zero.
  private static boolean load(X86Core c, long va, int at, int width, long w) {
    if (misplaced(c, va, width, w)) {
      return false;
    }
    int words = width <= 3 ? 1 : 1 << (width - 3);
    for (int i = 0; i < WORDS; i++) {
      c.v[at + i] = i < words ? c.load(va + 8L * i, Math.min(width, 3), 0) : 0;
      if (c.faultCode != 0) {
        return false;
      }
    }
    return true;
  }

  /// Whether an operand of more than 8 bytes may not lie where it does, as far as addresses alone tell.
  private static boolean misplaced(X86Core c, long va, int width, long w) {
    if (width <= 3) {
      return false;
    }
    if ((Uop.flags(w) & ALIGNED) != 0 && (va & ((1 << width) - 1)) != 0) {
      c.generalProtection();
      return true;
    }
    return !c.canonicalTo(va, 1 << width) || X86Debug.refuses(c, va, 16);
  }

  /// Stores words `from` and following of [X86Core#v], whole or not at all.
  static int store(X86Core c, long w, int from) {
    int width = Uop.width(w);
    long va = c.r[Uop.c(w)];
    if (misplaced(c, va, width, w) || (width > 3 && !writable(c, va, 1 << width))) {
      return Outcome.FAULT;
    }
    for (int i = 0; i < Math.max(1, 1 << width >> 3); i++) {
      if (!c.store(va + 8L * i, c.v[from + i], Math.min(width, 3), 0)) {
        return Outcome.FAULT;
      }
    }
    return Outcome.OK;
  }

  /// Whether `bytes` bytes from `va` on, if they are on two pages, may be written; else the fault is recorded. A store
  /// within a page checks by itself.
  static boolean writable(X86Core c, long va, int bytes) {
    return va >> 12 == (va + bytes - 1) >> 12 || allWritable(c, va, bytes);
  }

  static boolean allWritable(X86Core c, long va, int bytes) {
    return spans(c, va, bytes, Core.WRITE);
  }

  /// Whether `bytes` bytes from `va` on, of one page or two, may be accessed; else the fault is recorded: of the lower
  /// page if both are to be told, and of the upper one its first byte.
  static boolean spans(X86Core c, long va, int bytes, int access) {
    long last = va + bytes - 1;
    return c.canonicalTo(va, bytes) && c.translate(va, access) != -1
        && (va >> 12 == last >> 12 || c.translate(last & -4096, access) != -1);
  }

  // ---- registers

  /// First word of a vector register.
  static int at(int register) {
    return register * WORDS;
  }

  static int dst(long w) {
    return Uop.dst(w) * WORDS;
  }

  static int first(long w) {
    return Uop.a(w) * WORDS;
  }

  /// First word of the second source, a register or what was loaded.
  static int second(long w) {
    return (Uop.flags(w) & MEMORY) != 0 ? LOADED * WORDS : Uop.b(w) * WORDS;
  }

  /// The second source where it is a general register or memory.
  static long general(X86Core c, long w) {
    return (Uop.flags(w) & MEMORY) != 0 ? c.v[LOADED * WORDS] : c.r[Uop.b(w)];
  }

  /// Words 0 and 1 of the destination have been written: with VEX the others are zero.
  static int written(X86Core c, long w) {
    if ((Uop.flags(w) & VEX) != 0) {
      c.v[dst(w) + 2] = 0;
      c.v[dst(w) + 3] = 0;
    }
    return Outcome.OK;
  }

  /// Writes the low 128 bits of the destination.
  static int write(X86Core c, long w, long low, long high) {
    c.v[dst(w)] = low;
    c.v[dst(w) + 1] = high;
    return written(c, w);
  }

  // ---- what helpers are made of

  /// A lane at a time, both sources alike.
  static X86Helper lanes(X86Lane lane) {
    return lanes(lane, 2, 0);
  }

  /// A lane at a time, the upper one with the bits of the immediate from bit `bits` on.
  static X86Helper split(X86Lane lane, int bits) {
    return lanes(lane, 2, bits);
  }

  /// A lane at a time, of which all have the same second source (shift counts).
  static X86Helper counted(X86Lane lane) {
    return lanes(lane, 0, 0);
  }

  private static X86Helper lanes(X86Lane lane, int step, int bits) {
    return (c, w, imm) -> {
      if (!operands(c, w)) {
        return Outcome.FAULT;
      }
      int d = dst(w);
      int a = first(w);
      int b = second(w);
      if ((Uop.flags(w) & LONG) == 0) {
        lane.run(c, d, a, b, (int) imm);
        return written(c, w);
      }
      if (step == 0 && d == b) {
        System.arraycopy(c.v, b, c.v, LOADED * WORDS, 2);
        b = LOADED * WORDS;
      }
      lane.run(c, d, a, b, (int) imm);
      lane.run(c, d + 2, a + 2, b + step, (int) imm >> bits);
      return Outcome.OK;
    };
  }

  /// What looks at, and writes, more than a lane at a time.
  interface Whole {
    /// Writes `words` words of [X86Core#v] from `d` on, which is none of the sources `a` and `b`.
    void run(X86Core c, int d, int a, int b, int words, int imm);
  }

  static X86Helper whole(Whole whole) {
    return (c, w, imm) -> {
      if (!operands(c, w)) {
        return Outcome.FAULT;
      }
      int words = (Uop.flags(w) & LONG) != 0 ? 4 : 2;
      whole.run(c, RESULT * WORDS, first(w), second(w), words, (int) imm);
      System.arraycopy(c.v, RESULT * WORDS, c.v, dst(w), words);
      return words == 4 ? Outcome.OK : written(c, w);
    };
  }

  /// Looks at vectors and gives a value for a general register.
  interface Result {
    long of(X86Core c, int b, int words, int imm);
  }

  /// Gives a general register, of which 32 or 64 bits are written by `width`.
  static X86Helper toGeneral(Result result) {
    return (c, w, imm) -> {
      if (!operands(c, w)) {
        return Outcome.FAULT;
      }
      int words = (Uop.flags(w) & LONG) != 0 ? 4 : 2;
      c.r[Uop.dst(w)] = result.of(c, second(w), words, (int) imm);
      return Outcome.OK;
    };
  }
}

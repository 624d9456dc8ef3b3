package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.fp.Extended;
import dev.crosspatch.core.fp.ExtendedUnit;
import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.FloatOrder;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;
import java.util.function.Function;

/// x87's instructions that compute, compare and move (SDM vol. 1 8.3, 8.5). A helper's third source is the address of
/// its operand in memory, [Uop#T1] that of the instruction, and the immediate has opcode and ModRM as FOP has them, and
/// [#MEMORY].
final class X86FloatStack {
  private X86FloatStack() {}

  /// In the immediate: there is an operand in memory.
  static final int MEMORY = 1 << 11;

  private static final int STACK_FAULT = 0x40;
  private static final int C0 = 1 << 8;
  private static final int C1 = 1 << 9;
  private static final int C2 = 1 << 10;
  private static final int C3 = 1 << 14;
  private static final int[] PRECISIONS = {24, 64, 53, 64};
  private static final int OF_OPERANDS =
      FloatUnit.INVALID | FloatUnit.DENORMAL | FloatUnit.DIVIDE_BY_ZERO | STACK_FAULT;
  private static final int OF_MEMORY = FloatUnit.INVALID | FloatUnit.OVERFLOW | FloatUnit.UNDERFLOW;

  /// What is done with ST0 and another operand.
  interface Operation {
    Extended of(ExtendedUnit u, Extended top, Extended other);
  }

  /// What becomes of ST0.
  interface Value {
    Extended of(X86Core c, Extended top);
  }

  /// What a number in memory is.
  interface Source {
    Extended at(X86Core c, long va);
  }

  /// How ST0 becomes a number in memory; 0 is no address.
  interface Sink {
    boolean store(X86Core c, long va, Extended value);
  }

  // ---- beginning and end

  private static boolean begin(X86Core c) {
    if (!X86X87.ready(c, true)) {
      return false;
    }
    ExtendedUnit u = c.extended;
    int control = c.x87.control;
    u.begin();
    u.trapped = ~control & 0x3f;
    u.rounding = X86Floats.rounding(control >> 10);
    u.precision = PRECISIONS[control >> 8 & 3];
    return true;
  }

  /// Notes exceptions and C1, and where the instruction is: on AMD's CPUs only if an exception is pending (APM vol. 2
  /// 11.4.4); its opcode, too, only then (SDM vol. 1 8.1.9.1).
  private static int end(X86Core c, long w, long imm) {
    X86FloatState x = c.x87;
    ExtendedUnit u = c.extended;
    u.exceptions &= u.isRefused() ? OF_OPERANDS : -1;
    x.status = (x.status & ~C1) | u.exceptions | (u.roundedUp ? C1 : 0);
    x.summarize();
    boolean pending = (u.exceptions & u.trapped) != 0;
    if (pending || !c.amd) {
      x.lastInstruction = c.r[Uop.T1];
      x.lastOperand = (imm & MEMORY) != 0 ? c.r[Uop.c(w)] : x.lastOperand;
      x.lastOpcode = pending ? (int) imm & 0x7ff : x.lastOpcode;
    }
    return Outcome.OK;
  }

  /// Notes an overflow or underflow of the stack.
  ///
  /// @return whether what comes of it is [Extended#INDEFINITE]; else nothing does
  private static boolean faults(X86Core c, boolean overflow) {
    ExtendedUnit u = c.extended;
    u.begin();
    u.raise(FloatUnit.INVALID | STACK_FAULT);
    u.roundedUp = overflow;
    return (u.trapped & FloatUnit.INVALID) == 0;
  }

  private static void pop(X86Core c, int times) {
    for (int i = 0; i < times; i++) {
      c.x87.free(0);
      c.x87.turn(1);
    }
  }

  private static void push(X86Core c, Extended value) {
    c.x87.turn(-1);
    c.x87.set(0, value);
  }

  /// For instructions that change C1 only if the stack underflows.
  private static void keepC1(X86Core c) {
    c.extended.roundedUp = (c.extended.exceptions & STACK_FAULT) == 0 && (c.x87.status & C1) != 0;
  }

  private static void condition(X86Core c, int bits) {
    c.x87.status = (c.x87.status & ~(C0 | C2 | C3)) | bits;
  }

  // ---- arithmetic

  /// ST0 and ST(i).
  ///
  /// @param toTop whether the result goes to ST0, else to ST(i)
  static X86Helper between(Operation operation, boolean toTop, boolean pops) {
    return (c, w, imm) -> {
      int i = (int) imm & 7;
      return computed(c, w, imm, operation, i, toTop ? 0 : i, pops);
    };
  }

  /// ST0 and ST1, result in ST1, which becomes ST0: FYL2X and kin.
  static X86Helper popping(Operation operation) {
    return (c, w, imm) -> computed(c, w, imm, operation, 1, 1, true);
  }

  /// ST0 and ST1, result in ST0: FPREM, FSCALE; without a second operand FSQRT and kin.
  static X86Helper top(Operation operation, int other) {
    return (c, w, imm) -> computed(c, w, imm, operation, other, 0, false);
  }

  private static int computed(X86Core c, long w, long imm, Operation operation, int other, int to, boolean pops) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    if (put(c, operation, other, to) && pops) {
      pop(c, 1);
    }
    return end(c, w, imm);
  }

  private static boolean put(X86Core c, Operation operation, int other, int to) {
    X86FloatState x = c.x87;
    boolean empty = x.isEmpty(0) || x.isEmpty(other);
    Extended result = empty ? Extended.INDEFINITE : operation.of(c.extended, x.get(0), x.get(other));
    boolean written = empty ? faults(c, false) : !c.extended.isRefused();
    if (written) {
      x.set(to, result);
    } else {
      c.extended.roundedUp = false;
    }
    return written;
  }

  /// ST0 and a number in memory, result in ST0.
  static X86Helper memory(Operation operation, Source source) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      Extended other = source.at(c, c.r[Uop.c(w)]);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      put(c, (u, a, b) -> operation.of(u, a, other), 0, 0);
      return end(c, w, imm);
    };
  }

  /// FPREM, FPREM1: the quotient's lowest bits are C0, C3 and C1, and C2 says that there is more to do.
  static X86Helper remainder(boolean nearest) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      c.extended.quotient = ExtendedUnit.NONE;
      int q = put(c, (u, a, b) -> u.remainder(a, b, nearest), 1, 0) ? c.extended.quotient : ExtendedUnit.NONE;
      int same = c.x87.status & (C0 | C3);
      condition(c, q == ExtendedUnit.NONE ? same : q == ExtendedUnit.PART ? C2 : (q & 4) << 6 | (q & 2) << 13);
      c.extended.roundedUp = q > 0 && (q & 1) != 0;
      return end(c, w, imm);
    };
  }

  /// FSIN, FCOS: C2 says that the argument is too far from zero, and nothing is done.
  static X86Helper sine(boolean cosine) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      if (!tooFar(c, true)) {
        put(c, (u, a, b) -> u.sine(a, cosine, !c.amd), 0, 0);
      }
      return end(c, w, imm);
    };
  }

  /// @param room for what is pushed
  private static boolean tooFar(X86Core c, boolean room) {
    boolean far = room && !c.x87.isEmpty(0) && ExtendedUnit.isFar(c.x87.get(0));
    condition(c, (c.x87.status & (C0 | C3)) | (far ? C2 : 0));
    return far;
  }

  /// FPTAN, FSINCOS: ST0 becomes the tangent and 1 is pushed, or the sine and its cosine.
  static X86Helper pair(Value first, Value pushed) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      if (tooFar(c, c.x87.isEmpty(7))) {
        return end(c, w, imm);
      }
      return pushed(c, w, imm, a -> {
        Extended value = first.of(c, a);
        boolean none = a.isNan() || a.isUnsupported() || a.isInfinite();
        return new Extended[] {value, none ? value : pushed.of(c, a)};
      });
    };
  }

  /// ST0 becomes one of two values, and the other is pushed.
  private static int pushed(X86Core c, long w, long imm, Function<Extended, Extended[]> operation) {
    X86FloatState x = c.x87;
    boolean empty = x.isEmpty(0);
    if (empty || !x.isEmpty(7)) {
      if (faults(c, !empty)) {
        x.set(0, Extended.INDEFINITE);
        push(c, Extended.INDEFINITE);
      }
      return end(c, w, imm);
    }
    Extended[] parts = operation.apply(x.get(0));
    if (!c.extended.isRefused()) {
      x.set(0, parts[0]);
      push(c, parts[1]);
    }
    return end(c, w, imm);
  }

  /// FXTRACT: ST0 becomes its exponent, and its significand is pushed.
  static int extract(X86Core c, long w, long imm) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    return pushed(c, w, imm, a -> c.extended.extract(a));
  }

  // ---- order

  /// FCOM, FUCOM with ST(i).
  static X86Helper compare(boolean signalling, int pops) {
    return (c, w, imm) -> {
      int i = (int) imm & 7;
      return begin(c) ? compared(c, w, imm, c.x87.isEmpty(i), c.x87.get(i), signalling, pops) : Outcome.FAULT;
    };
  }

  /// FCOM, FICOM with memory.
  static X86Helper compareMemory(Source source, int pops) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      Extended other = source.at(c, c.r[Uop.c(w)]);
      return c.faultCode == 0 ? compared(c, w, imm, false, other, true, pops) : Outcome.FAULT;
    };
  }

  /// FTST.
  static int test(X86Core c, long w, long imm) {
    return begin(c) ? compared(c, w, imm, false, Extended.ZERO, true, 0) : Outcome.FAULT;
  }

  private static int compared(X86Core c, long w, long imm, boolean empty, Extended other, boolean signalling,
      int pops) {
    condition(c, switch (order(c, empty, other, signalling)) {
      case LESS -> C0;
      case EQUAL -> C3;
      case GREATER -> 0;
      case UNORDERED -> C0 | C2 | C3;
    });
    if (!c.extended.isRefused()) {
      pop(c, pops);
    }
    return end(c, w, imm);
  }

  private static FloatOrder order(X86Core c, boolean empty, Extended other, boolean signalling) {
    if (empty || c.x87.isEmpty(0)) {
      faults(c, false);
      return FloatOrder.UNORDERED;
    }
    return c.extended.compare(c.x87.get(0), other, signalling);
  }

  /// FCOMI, FUCOMI: to ZF, PF and CF.
  static X86Helper compareFlags(boolean signalling, int pops) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      int i = (int) imm & 7;
      X86Floats.setFlags(c, order(c, c.x87.isEmpty(i), c.x87.get(i), signalling));
      if (!c.extended.isRefused()) {
        pop(c, pops);
      }
      keepC1(c);
      return end(c, w, imm);
    };
  }

  /// FXAM: what ST0 is, and its sign in C1, whether it is empty or not.
  static int examine(X86Core c, long w, long imm) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    Extended a = c.x87.get(0);
    condition(c, c.x87.isEmpty(0) ? C3 | C0 : a.isUnsupported() ? 0 : a.isNan() ? C0 : a.isInfinite() ? C2 | C0
        : a.isZero() ? C3 : a.isDenormal() ? C3 | C2 : C2);
    c.extended.roundedUp = a.isNegative();
    return end(c, w, imm);
  }

  // ---- moves

  /// FLD and FILD from memory, FLD1 and kin.
  static X86Helper load(Source source) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      Extended value = source.at(c, c.r[Uop.c(w)]);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      if (!c.x87.isEmpty(7)) {
        value = Extended.INDEFINITE;
        if (!faults(c, true)) {
          return end(c, w, imm);
        }
      }
      if ((c.extended.exceptions & c.extended.trapped & FloatUnit.INVALID) == 0) {
        push(c, value);
      }
      return end(c, w, imm);
    };
  }

  /// FLD ST(i).
  static int duplicate(X86Core c, long w, long imm) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    int i = (int) imm & 7;
    boolean empty = c.x87.isEmpty(i);
    if (!empty && c.x87.isEmpty(7)) {
      push(c, c.x87.get(i));
    } else if (faults(c, !empty)) {
      push(c, Extended.INDEFINITE);
    }
    return end(c, w, imm);
  }

  /// FST ST(i).
  static X86Helper copy(boolean pops) {
    return (c, w, imm) -> computed(c, w, imm, (u, a, b) -> a, 0, (int) imm & 7, pops);
  }

  /// An encoding that the manual reserves: FSTP, but if the stack underflows nothing is told and nothing copied.
  static int copyUnchecked(X86Core c, long w, long imm) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    if (!c.x87.isEmpty(0)) {
      c.x87.set((int) imm & 7, c.x87.get(0));
    }
    pop(c, 1);
    return end(c, w, imm);
  }

  /// FST, FIST and FBSTP to memory: nothing is stored and nothing popped if it is invalid, or overflows or underflows,
  /// and that traps.
  static X86Helper store(Sink sink, int pops) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      ExtendedUnit u = c.extended;
      boolean empty = c.x87.isEmpty(0);
      if (empty && !faults(c, false)) {
        return end(c, w, imm);
      }
      int before = u.exceptions;
      if (!sink.store(c, c.r[Uop.c(w)], empty ? Extended.INDEFINITE : c.x87.get(0))) {
        return c.faultCode != 0 ? Outcome.FAULT : end(c, w, imm);
      }
      if (empty) {
        u.exceptions = before;
      }
      pop(c, pops);
      return end(c, w, imm);
    };
  }

  /// FXCH.
  static int exchange(X86Core c, long w, long imm) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    X86FloatState x = c.x87;
    int i = (int) imm & 7;
    boolean none = x.isEmpty(0) || x.isEmpty(i);
    if (none && !faults(c, false)) {
      return end(c, w, imm);
    }
    Extended top = x.isEmpty(0) ? Extended.INDEFINITE : x.get(0);
    Extended other = x.isEmpty(i) ? Extended.INDEFINITE : x.get(i);
    x.set(i, top);
    x.set(0, other);
    return end(c, w, imm);
  }

  /// FCMOVcc: condition 0 to 3 is B, E, BE or U; 4 to 7 the contrary.
  static X86Helper move(int condition) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      int flags = c.flags.materialize();
      int mask = switch (condition & 3) {
        case 0 -> Flags.CF;
        case 1 -> Flags.ZF;
        case 2 -> Flags.CF | Flags.ZF;
        default -> Flags.PF;
      };
      boolean moves = (flags & mask) != 0 == condition < 4;
      put(c, (u, a, b) -> moves ? b : a, (int) imm & 7, 0);
      keepC1(c);
      return end(c, w, imm);
    };
  }

  // ---- the stack itself: FINCSTP, FDECSTP; FFREE, FFREEP

  static X86Helper turn(int by) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      c.x87.turn(by);
      return end(c, w, imm);
    };
  }

  static X86Helper free(int pops) {
    return (c, w, imm) -> {
      if (!begin(c)) {
        return Outcome.FAULT;
      }
      c.x87.free((int) imm & 7);
      pop(c, pops);
      return end(c, w, imm);
    };
  }

  /// FNOP.
  static int nothing(X86Core c, long w, long imm) {
    if (!begin(c)) {
      return Outcome.FAULT;
    }
    keepC1(c);
    return end(c, w, imm);
  }

  // ---- numbers in memory

  static Source real(FloatFormat f) {
    int width = f == FloatFormat.SINGLE ? 2 : 3;
    return (c, va) -> c.extended.widen(f, c.load(va, width, 0));
  }

  static Source integer(int width) {
    int unused = 64 - (8 << width);
    return (c, va) -> c.extended.fromInteger(c.load(va, width, 0) << unused >> unused);
  }

  static Extended loadExtended(X86Core c, long va) {
    if (!X86Vectors.spans(c, va, 10, Core.READ)) {
      return Extended.ZERO;
    }
    long significand = c.load(va, 3, 0);
    return new Extended((int) c.load(va + 8, 1, 0), significand);
  }

  /// FBLD: 18 decimal digits, of which none is looked at whether it is one.
  static Extended loadDecimal(X86Core c, long va) {
    if (!X86Vectors.spans(c, va, 10, Core.READ)) {
      return Extended.ZERO;
    }
    long digits = c.load(va, 3, 0);
    int more = (int) c.load(va + 8, 1, 0);
    long value = 10L * (more >> 4 & 15) + (more & 15);
    for (int i = 60; i >= 0; i -= 4) {
      value = 10 * value + (digits >>> i & 15);
    }
    return c.extended.fromInteger(value).withSign(more >> 15 != 0);
  }

  /// Whether no exception keeps it from being stored; one that does is the only one.
  private static boolean writes(X86Core c) {
    ExtendedUnit u = c.extended;
    if ((u.exceptions & u.trapped & OF_MEMORY) == 0) {
      return true;
    }
    u.exceptions &= OF_MEMORY;
    u.roundedUp = false;
    return false;
  }

  static Sink realSink(FloatFormat f) {
    int width = f == FloatFormat.SINGLE ? 2 : 3;
    return (c, va, value) -> {
      long narrow = c.extended.narrow(f, value);
      return writes(c) && c.store(va, narrow, width, 0);
    };
  }

  /// FIST; FISTTP if `truncates`.
  static Sink integerSink(int width, boolean truncates) {
    return (c, va, value) -> {
      ExtendedUnit u = c.extended;
      long integer = u.toInteger(value, 8 << width, truncates ? Rounding.ZERO : u.rounding);
      return writes(c) && c.store(va, integer, width, 0);
    };
  }

  static boolean storeExtended(X86Core c, long va, Extended value) {
    return storeTen(c, va, value.significand(), value.exponent());
  }

  private static boolean storeTen(X86Core c, long va, long low, int high) {
    return X86Vectors.spans(c, va, 10, Core.WRITE) && c.store(va, low, 3, 0) && c.store(va + 8, high, 1, 0);
  }

  static boolean storeDecimal(X86Core c, long va, Extended value) {
    long integer = c.extended.toDecimal(value);
    if (!writes(c)) {
      return false;
    }
    if (integer == Long.MIN_VALUE) {
      return storeTen(c, va, 0xc000_0000_0000_0000L, 0xffff);
    }
    long rest = Math.abs(integer);
    long digits = 0;
    for (int i = 0; i < 64; i += 4) {
      digits |= rest % 10 << i;
      rest /= 10;
    }
    int high = (int) ((rest / 10) << 4 | rest % 10) | (value.isNegative() ? 0x8000 : 0);
    return storeTen(c, va, digits, high);
  }
}

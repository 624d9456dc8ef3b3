package dev.crosspatch.core.uop;

/// Lazy condition flags: the operands and result of the last flag-setting operation, and the flags read from them on
/// demand.
///
/// x86 reads CF as carry out of an addition and borrow of a subtraction; AArch64's C after a subtraction is *no
/// borrow*, so its subtractions have a kind of their own.
public final class Flags {
  /// Flags are explicit in [#result]: bits as in [#materialize()].
  public static final int EXPLICIT = 0;

  public static final int ADD = 1;
  public static final int SUB = 2;
  /// CF = OF = 0 (x86), C = V = 0 (AArch64).
  public static final int LOGIC = 3;
  /// Carry in is in [#carry].
  public static final int ADC = 4;
  /// Borrow in is in [#carry].
  public static final int SBB = 5;
  /// CF as it was before, in [#carry].
  public static final int INC = 6;

  public static final int DEC = 7;
  /// AArch64 subtraction: C = no borrow.
  public static final int SUBC = 8;
  /// CF in [#carry], OF in bit 0 of [#b], AF clear.
  public static final int SHIFT = 9;

  // ---- explicit bits, those of x86 RFLAGS; AArch64 uses CF, ZF, SF, OF as C, Z, N, V
  public static final int CF = 1;
  public static final int PF = 4;
  public static final int AF = 16;
  public static final int ZF = 64;
  public static final int SF = 128;
  public static final int OF = 2048;

  public int kind;
  /// 64 minus the operand size in bits; only the low six bits count.
  private int shift;
  /// Operands; bits above the width mean nothing.
  public long a;

  public long b;
  /// Result, zero-extended from its width.
  public long result;

  public boolean carry;

  /// Sets all flags from explicit bits.
  public void set(int bits) {
    kind = EXPLICIT;
    result = bits;
  }

  /// Notes an operation on operands of `1 << width` bytes; flags are worked out when asked for.
  public void set(int kind, int width, long a, long b, long result) {
    note(kind, 64 - (8 << width), a, b, result);
  }

  /// As [#set], with the operand size as code lines keep it.
  public void note(int kind, int shift, long a, long b, long result) {
    this.kind = kind;
    this.shift = shift;
    this.a = a;
    this.b = b;
    this.result = result;
  }

  /// All flags as explicit bits.
  public int materialize() {
    if (kind == EXPLICIT) {
      return (int) result;
    }
    int bits = carry() ? CF : 0;
    bits |= (Integer.bitCount((int) result & 0xff) & 1) == 0 ? PF : 0;
    bits |= kind == LOGIC || kind == SHIFT ? 0 : (int) (a ^ b ^ result) & AF;
    bits |= zero() ? ZF : 0;
    bits |= negative() ? SF : 0;
    return bits | (overflow() ? OF : 0);
  }

  /// CF (x86) or C (AArch64).
  public boolean carry() {
    return switch (kind) {
      case EXPLICIT -> (result & CF) != 0;
      case ADD -> Long.compareUnsigned(result, top(a) >>> shift) < 0;
      case SUB -> below();
      case SUBC -> !below();
      case ADC -> carryOut();
      case SBB -> carry ? Long.compareUnsigned(top(a), top(b)) <= 0 : below();
      case INC, DEC, SHIFT -> carry;
      default -> false;
    };
  }

  private boolean carryOut() {
    int order = Long.compareUnsigned(result, top(a) >>> shift);
    return order < 0 || (carry && order == 0);
  }

  /// Whether condition `cond` ([dev.crosspatch.core.uop.Cond]) holds.
  public boolean test(int cond) {
    return pair(cond >> 1) != ((cond & 1) != 0);
  }

  private boolean pair(int pair) {
    return switch (pair) {
      case 0 -> overflow();
      case 1 -> carry();
      case 2 -> zero();
      case 3 -> carry() || zero();
      case 4 -> negative();
      case 5 -> parity();
      case 6 -> less();
      case 7 -> zero() || less();
      case 8 -> carry() && !zero();
      default -> true;
    };
  }

  private long top(long x) {
    return x << shift;
  }

  private boolean below() {
    return Long.compareUnsigned(top(a), top(b)) < 0;
  }

  private boolean zero() {
    return kind == EXPLICIT ? (result & ZF) != 0 : result == 0;
  }

  private boolean negative() {
    return kind == EXPLICIT ? (result & SF) != 0 : top(result) < 0;
  }

  private boolean parity() {
    return kind == EXPLICIT ? (result & PF) != 0 : (Integer.bitCount((int) result & 0xff) & 1) == 0;
  }

  /// Negative differs from overflow.
  private boolean less() {
    return switch (kind) {
      case SUB, SUBC -> top(a) < top(b);
      case LOGIC -> top(result) < 0;
      default -> negative() != overflow();
    };
  }

  private boolean overflow() {
    return switch (kind) {
      case EXPLICIT -> (result & OF) != 0;
      case ADD, ADC, INC -> top(~(a ^ b) & (a ^ result)) < 0;
      case SUB, SUBC, SBB, DEC -> top((a ^ b) & (a ^ result)) < 0;
      case SHIFT -> (b & 1) != 0;
      default -> false;
    };
  }
}

package dev.crosspatch.core.cpu;

/// Lazy condition flags: the operands and result of the last flag-setting operation, and the flags read from them on demand.
///
/// x86 reads CF as carry out of an addition and borrow of a subtraction; AArch64's C after a subtraction is *no borrow*, so
/// its subtractions have a kind of their own.
public final class Flags {
  /// Flags are explicit in [#result]: bits as in [#materialize()].
  public static final int EXPLICIT = 0;

  public static final int ADD = 1;
  public static final int SUB = 2;
  /// CF = OF = 0 (x86), C = V = 0 (AArch64).
  public static final int LOGIC = 3;
  public static final int ADC = 4;
  public static final int SBB = 5;
  /// CF as it was before, in [#carry].
  public static final int INC = 6;

  public static final int DEC = 7;
  /// AArch64 subtraction: C = no borrow.
  public static final int SUBC = 8;

  // ---- explicit bits, those of x86 RFLAGS; AArch64 uses CF, ZF, SF, OF as C, Z, N, V
  public static final int CF = 1;
  public static final int PF = 4;
  public static final int AF = 16;
  public static final int ZF = 64;
  public static final int SF = 128;
  public static final int OF = 2048;

  public int kind;
  /// log2 of the operand size in bytes.
  public int width;
  public long a;
  public long b;
  public long result;
  public boolean carry;

  /// Sets all flags from explicit bits.
  public void set(int bits) {
    kind = EXPLICIT;
    result = bits;
  }

  /// All flags as explicit bits.
  public int materialize() {
    throw new IllegalStateException("engine");
  }

  /// CF (x86) or C (AArch64).
  public boolean carry() {
    throw new IllegalStateException("engine");
  }

  /// Whether condition `cond` ([dev.crosspatch.core.uop.Cond]) holds.
  public boolean test(int cond) {
    throw new IllegalStateException("engine");
  }
}

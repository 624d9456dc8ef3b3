package dev.crosspatch.core.uop;

/// Condition numbers of [Uop#JCC], [Uop#SETCC] and [Uop#CSEL].
///
/// 0..15 are x86's condition codes in their encoding order (O NO B AE E NE BE A S NS P NP L GE LE G). 16..31 are
/// AArch64's in theirs (EQ NE CS CC MI PL VS VC HI LS GE LT GT LE AL NV) + 16. Both read the same lazy flags; they
/// differ in what carry means after a subtraction.
public final class Cond {
  private Cond() {}

  public static final int O = 0;
  public static final int NO = 1;
  public static final int B = 2;
  public static final int AE = 3;
  public static final int E = 4;
  public static final int NE = 5;
  public static final int BE = 6;
  public static final int A = 7;
  public static final int S = 8;
  public static final int NS = 9;
  public static final int P = 10;
  public static final int NP = 11;
  public static final int L = 12;
  public static final int GE = 13;
  public static final int LE = 14;
  public static final int G = 15;
  /// First of the AArch64 conditions.
  public static final int ARM = 16;
}

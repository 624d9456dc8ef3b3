package dev.crosspatch.core.uop;

/// Condition numbers of [Uop#JCC], [Uop#SETCC] and [Uop#CSEL].
///
/// One set for all ISAs, in pairs of a condition and its opposite. 0..15 are in x86's encoding order (O NO B AE E NE BE
/// A S NS P NP L GE LE G); what another ISA has besides is behind them. All read the same lazy flags, in which carry
/// after a subtraction is borrow or no borrow as its kind says, so AArch64's CS is `B`, its HI is not `A`.
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
  /// Carry and not zero, and its opposite (AArch64 HI, LS).
  public static final int CARRY_NOT_ZERO = 16;

  public static final int NO_CARRY_OR_ZERO = 17;
  public static final int ALWAYS = 18;
  /// How many there are.
  public static final int COUNT = 19;
}

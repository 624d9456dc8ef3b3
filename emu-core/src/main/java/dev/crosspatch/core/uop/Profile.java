package dev.crosspatch.core.uop;

/// What a model of a pipeline wants to know of an instruction besides its micro-ops: what it is called, and the
/// registers and accesses of helpers, whose micro-ops do not tell them. Filled by [UopDecoder#profile].
///
/// Registers are numbered as in micro-ops, with [#VECTOR] and what follows behind them.
public final class Profile {
  /// What reads as ready at all times.
  public static final int NONE = Uop.ZERO;

  public static final int FLAGS = Uop.T0;
  /// First of 32 vector registers.
  public static final int VECTOR = 64;
  /// First of the registers that an ISA has besides (x86: MMX and x87, as one; A64: FPCR and FPSR).
  public static final int OTHER = VECTOR + 32;

  /// How many numbers there are.
  public static final int REGISTERS = OTHER + 8;
  private static final int MOST = 8;

  /// Words by which tables name the instruction, with a blank between: its name, then what the ISA says of its
  /// operands.
  public String form = "";
  public CostClass cost = CostClass.ALU;
  /// The registers are the ones listed here alone, not those of the micro-ops besides.
  public boolean listed;
  /// Both sources are the same register, so that a zero idiom has none.
  public boolean same;
  /// Of an access that a helper makes: bytes that it reads and writes, 0 if none; in how many accesses; and the
  /// registers and the displacement that are its address.
  public int loadBytes;

  public int storeBytes;
  public int accesses = 1;
  public int base = Uop.ZERO;
  public int index = Uop.ZERO;
  public long displacement;

  /// Of a division: what is divided and by what, general registers or [#NONE], and bits of the operands.
  public int dividend = NONE;

  public int divisor = NONE;
  public int operandBits = 64;

  private final int[] reads = new int[MOST];
  private final int[] writes = new int[MOST];
  private int readCount;
  private int writeCount;

  /// Forgets everything.
  public void clear() {
    form = "";
    cost = CostClass.ALU;
    listed = false;
    same = false;
    loadBytes = 0;
    storeBytes = 0;
    accesses = 1;
    base = Uop.ZERO;
    index = Uop.ZERO;
    displacement = 0;
    dividend = NONE;
    divisor = NONE;
    operandBits = 64;
    readCount = 0;
    writeCount = 0;
  }

  /// The instruction reads a register. What is beyond the eighth is not told.
  public void read(int register) {
    if (readCount < MOST) {
      reads[readCount++] = register;
    }
  }

  public void write(int register) {
    if (writeCount < MOST) {
      writes[writeCount++] = register;
    }
  }

  public int reads() {
    return readCount;
  }

  public int readAt(int i) {
    return reads[i];
  }

  public int writes() {
    return writeCount;
  }

  public int writeAt(int i) {
    return writes[i];
  }
}

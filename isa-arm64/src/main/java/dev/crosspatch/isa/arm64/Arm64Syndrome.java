package dev.crosspatch.isa.arm64;

/// Values of ESR_EL1 (D19.2.37), which also serve as the fault codes of this ISA: exception class 31:26, IL 25, ISS
/// 24:0.
///
/// Aborts carry the class of a lower exception level; [Arm64Exceptions] turns it into the other one when the exception
/// is taken without a change of level.
final class Arm64Syndrome {
  private Arm64Syndrome() {}

  /// Instruction is 32 bits long.
  private static final int IL = 1 << 25;

  // ---- exception classes
  static final int WAIT_TRAP = 0x01;
  /// SIMD or floating point, by CPACR_EL1.FPEN.
  static final int VECTOR_TRAP = 0x07;
  /// Its ISS is PSTATE.BTYPE.
  static final int BRANCH_TARGET = 0x0d;
  static final int ILLEGAL_STATE = 0x0e;
  static final int SVC = 0x15;
  static final int SYSTEM_TRAP = 0x18;
  static final int FETCH_ABORT = 0x20;
  static final int PC_ALIGNMENT = 0x22;
  static final int DATA_ABORT = 0x24;
  static final int SP_ALIGNMENT = 0x26;
  /// Software step, from a lower level.
  static final int STEP = 0x32;
  static final int BRK = 0x3c;

  /// Unallocated or undefined instruction: class 0.
  static final int UNDEFINED = IL;

  // ---- ISS of trapped WFE, WFI, SIMD and floating point
  /// The instruction is unconditional: CV, COND 0b1110.
  static final int ALWAYS = 1 << 24 | 0xe << 20;
  static final int WFE = 1;

  // ---- ISS of data aborts
  /// The access was a write.
  static final int WRITE = 1 << 6;
  /// The access was cache maintenance.
  static final int MAINTENANCE = 1 << 8;

  // ---- ISS of a software step: the status code of debug exceptions; an instruction has been executed; it was a load
  // exclusive
  static final int DEBUG = 0x22;
  static final int STEPPED = 1 << 24;
  static final int STEPPED_EXCLUSIVE = 1 << 6;

  // ---- fault status codes; the first four take the level of the lookup in bits 1:0
  static final int ADDRESS_SIZE = 0x00;
  static final int TRANSLATION = 0x04;
  static final int ACCESS_FLAG = 0x08;
  static final int PERMISSION = 0x0c;
  static final int ALIGNMENT = 0x21;

  /// A syndrome.
  static int of(int exceptionClass, int iss) {
    return exceptionClass << 26 | IL | iss;
  }

  /// The exception class of a syndrome, 0..63.
  static int exceptionClass(int syndrome) {
    return syndrome >>> 26;
  }

  /// The fault status code of an abort.
  static int status(int syndrome) {
    return syndrome & 0x3f;
  }

  /// Whether FAR_EL1 is valid for it.
  static boolean hasAddress(int syndrome) {
    int ec = exceptionClass(syndrome);
    return ec == FETCH_ABORT || ec == DATA_ABORT || ec == PC_ALIGNMENT;
  }
}

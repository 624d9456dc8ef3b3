package dev.crosspatch.core.uop;

/// Timing class of an instruction: what a timing table has a row for. Decoders choose one per instruction; how many
/// cycles it means is the table's business.
public enum CostClass {
  NOP, ALU, SHIFT, LEA, MUL, DIV, LOAD, STORE, RMW, ATOMIC, BRANCH, INDIRECT_BRANCH, CALL, RETURN, STRING,
  /// CPUID, SERIALIZE, IRETQ, MOV CR, WRMSR, RDMSR, INVLPG, SYSCALL/SYSRET, SWAPGS, RDTSC: x86 system instructions.
  CPUID, SERIALIZE, IRET, MOV_CR, WRMSR, RDMSR, INVLPG, SYSCALL, SYSRET, SWAPGS, RDTSC, LFENCE, MFENCE, PAUSE, PORT,
  /// A64 system instructions.
  ISB, DSB, DMB, DC, IC, TLBI, MSR, MRS, ERET, SVC, HINT,
  /// HLT, WFI, WFE.
  WAIT,
  /// Instructions that trap: the exception itself is an event cost.
  TRAP;

  private static final CostClass[] ALL = values();

  /// The class with this ordinal.
  public static CostClass of(int ordinal) {
    return ALL[ordinal];
  }
}

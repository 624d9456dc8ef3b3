package dev.crosspatch.core.uop;

/// Timing class of an instruction: what a timing table has a row for. Decoders choose one per instruction; how many
/// cycles it means is the table's business.
///
/// | class | x86 | A64 |
/// |---|---|---|
/// | `MULTI_CYCLE` | | shifted and extended operands, BFM, EXTR, 32-bit products, CRC32, PAC |
/// | `MUL`, `MUL_HIGH` | products | 64-bit products; their high halves |
/// | `ADDRESS` | LEA | |
/// | `IDENTIFY` | CPUID | |
/// | `SYNCHRONIZE` | SERIALIZE | ISB |
/// | `EXCEPTION_RETURN` | IRET, far branches | ERET |
/// | `CONTROL_WRITE`, `CONTROL_READ` | MOV to CR, from CR | |
/// | `FLAGS_SAVE`, `FLAGS_RESTORE` | PUSHF, POPF | |
/// | `INTERRUPTS_OFF`, `INTERRUPTS_ON` | CLI, STI | |
/// | `SYSTEM_WRITE`, `SYSTEM_READ` | WRMSR, RDMSR | MSR, MRS |
/// | `TLB_INVALIDATE` | INVLPG | TLBI, AT |
/// | `SUPERVISOR_CALL`, `SUPERVISOR_RETURN` | SYSCALL, SYSRET | SVC |
/// | `BASE_SWAP` | SWAPGS | |
/// | `COUNTER_READ` | RDTSC | |
/// | `EXECUTION_FENCE` | LFENCE, SFENCE | |
/// | `MEMORY_FENCE` | MFENCE | DMB |
/// | `COMPLETION_FENCE` | | DSB |
/// | `DATA_MAINTENANCE`, `CODE_MAINTENANCE` | | DC, IC |
/// | `SPIN_HINT`, `HINT` | PAUSE | NOP and YIELD among the hints |
/// | `PORT` | IN, OUT | |
/// | `VECTOR`, `VECTOR_MUL` | SSE and AVX on integers; products | SIMD on integers; products |
/// | `FLOAT`, `FLOAT_DIV` | SSE and AVX floating point; division and square root | the same of FP and SIMD |
/// | `WAIT` | HLT | WFI, WFE |
public enum CostClass {
  NOP, ALU, SHIFT, MULTI_CYCLE, ADDRESS, MUL, MUL_HIGH, DIV, LOAD, STORE, RMW, ATOMIC, BRANCH, INDIRECT_BRANCH, CALL,
  RETURN, STRING,
  IDENTIFY, SYNCHRONIZE, EXCEPTION_RETURN, CONTROL_WRITE, CONTROL_READ, FLAGS_SAVE, FLAGS_RESTORE,
  INTERRUPTS_OFF, INTERRUPTS_ON, SYSTEM_WRITE, SYSTEM_READ, TLB_INVALIDATE, SUPERVISOR_CALL,
  SUPERVISOR_RETURN, BASE_SWAP, COUNTER_READ, EXECUTION_FENCE, MEMORY_FENCE, COMPLETION_FENCE, DATA_MAINTENANCE,
  CODE_MAINTENANCE, SPIN_HINT, HINT, PORT,
  VECTOR, VECTOR_MUL, FLOAT, FLOAT_DIV, WAIT,
  /// Instructions that trap: the exception itself is an event cost.
  TRAP;

  private static final CostClass[] ALL = values();

  /// The class with this ordinal.
  public static CostClass of(int ordinal) {
    return ALL[ordinal];
  }
}

package dev.crosspatch.core.code;

/// How an instruction steers the flow of control, as far as a trace decoder or a branch predictor cares.
///
/// A class says what the instruction *is*, not what a protocol emits for it: which classes cost a TNT bit (Intel PT) or
/// an atom (ETM) is the protocol's own table.
public enum FlowClass {
  /// Runs on to the next instruction.
  OTHER,
  /// Conditional direct branch (Jcc, LOOP, JRCXZ; B.cond, CBZ, TBZ).
  COND_BRANCH,
  /// Unconditional direct jump (JMP rel; B).
  JUMP,
  /// Direct call (CALL rel; BL).
  CALL,
  /// Indirect jump (JMP r/m; BR).
  INDIRECT_JUMP,
  /// Indirect call (CALL r/m; BLR).
  INDIRECT_CALL,
  /// Return from a call (RET; RET Xn).
  RETURN,
  /// Instruction that retires and enters a more privileged level (SYSCALL; SVC, HVC, SMC).
  SYSTEM_CALL,
  /// Return from an exception or a system call (IRET, SYSRET; ERET).
  TRAP_RETURN,
  /// Breakpoint or other instruction that always traps and does not retire (INT3, INT n, INT1, UD; BRK, UDF).
  TRAP,
  /// Context synchronization without a branch (ISB). Trace protocols may treat it as a waypoint. x86 has none: CPUID
  /// and SERIALIZE are `OTHER` to a tracer.
  SYNC,
  /// Writes the register that names the address space (MOV CR3; MSR TTBRn, CONTEXTIDR). Trace protocols may report it.
  CONTEXT_WRITE,
  /// Waits for an event (HLT, MWAIT; WFI, WFE).
  WAIT;

  private static final FlowClass[] ALL = values();

  /// The class with this ordinal.
  public static FlowClass of(int ordinal) {
    return ALL[ordinal];
  }

  /// Whether the instruction can leave the sequential path by a branch of its own (not a trap).
  public boolean isBranch() {
    return ordinal() >= COND_BRANCH.ordinal() && ordinal() <= TRAP_RETURN.ordinal();
  }

  /// Whether the target comes from a register or memory.
  public boolean isIndirect() {
    return this == INDIRECT_JUMP || this == INDIRECT_CALL || this == RETURN || this == TRAP_RETURN;
  }
}

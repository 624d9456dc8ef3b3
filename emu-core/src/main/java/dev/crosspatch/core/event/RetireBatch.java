package dev.crosspatch.core.event;

import dev.crosspatch.core.isa.FlowClass;

/// A column store of consecutive retire events of one core, in order. The engine fills it, sinks read it; nobody keeps it.
///
/// Each row is an instruction that retired ([#INSN]) or something that happened between two instructions. The columns:
///
/// | kind | pc | next | meaning |
/// |---|---|---|---|
/// | `INSN` | its address | address of the next instruction, valid for branches | retired |
/// | `TRAP` | address of the breakpoint | handler | INT3, BRK: the instruction itself does not retire |
/// | `FAULT` | faulting instruction | handler | fault, nothing of it retired |
/// | `INTERRUPT` | first instruction not run | handler | IRQ, NMI, IPI |
/// | `CALL` | preferred return address | handler | exception after an instruction that has its own `INSN` row (SVC, HVC; x86 INT n does not retire: TRAP) |
/// | `CONTEXT` | unused | value | address-space register written (CR3; CONTEXTIDR_EL1) |
/// | `WAKE` | next instruction | unused | left HLT/WFI; `time` is when |
///
/// `time` is the core's clock in whole cycles when the row happened; it never decreases.
public final class RetireBatch {
  /// Bits of the info column that hold the length.
  public static final int LENGTH_MASK = 31;
  /// Rows a batch holds.
  public static final int CAPACITY = 512;

  public static final int INSN = 0;
  public static final int TRAP = 1;
  public static final int FAULT = 2;
  public static final int INTERRUPT = 3;
  public static final int CALL = 4;
  public static final int CONTEXT = 5;
  public static final int WAKE = 6;

  // ---- info column: length 4:0, flow 9:5, taken 10, privilege 12:11, interrupts enabled 13, kind 17:14, vector 25:18
  public static final int FLOW_SHIFT = 5;
  public static final int TAKEN = 1 << 10;
  public static final int PRIVILEGE_SHIFT = 11;
  public static final int INTERRUPTS_ENABLED = 1 << 13;
  public static final int KIND_SHIFT = 14;
  public static final int VECTOR_SHIFT = 18;

  public final long[] pc = new long[CAPACITY];
  public final long[] next = new long[CAPACITY];
  public final long[] time = new long[CAPACITY];
  public final int[] info = new int[CAPACITY];
  /// Rows in use.
  public int count;

  /// Length of the instruction in bytes.
  public static int length(int info) {
    return info & LENGTH_MASK;
  }

  /// Flow class of the instruction.
  public static FlowClass flow(int info) {
    return FlowClass.of(info >> FLOW_SHIFT & 31);
  }

  /// Whether the branch left the sequential path.
  public static boolean taken(int info) {
    return (info & TAKEN) != 0;
  }

  /// Privilege after the row: CPL or exception level, 0..3.
  public static int privilege(int info) {
    return info >> PRIVILEGE_SHIFT & 3;
  }

  /// Row kind, one of the constants above.
  public static int kind(int info) {
    return info >> KIND_SHIFT & 15;
  }

  /// Vector or exception type of a TRAP, FAULT, INTERRUPT or CALL row, in the ISA's numbering (x86 vector; Arm: ETM exception type).
  public static int vector(int info) {
    return info >> VECTOR_SHIFT & 255;
  }
}

package dev.crosspatch.core.event;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.mem.Instruction;

/// One retire event of a core: an instruction that retired ([#INSN]) or something that happened between two
/// instructions.
///
/// | kind | pc | next | meaning |
/// |---|---|---|---|
/// | `INSN` | its address | address of the next instruction | retired |
/// | `TRAP` | address of the breakpoint | handler | INT3, BRK: the instruction itself does not retire |
/// | `FAULT` | faulting instruction | handler | fault, nothing of it retired |
/// | `INTERRUPT` | first instruction not run | handler | IRQ, NMI, IPI |
/// | `CALL` | preferred return address | handler | exception after an instruction that has its own `INSN` row (SVC, HVC; x86 INT n does not retire: TRAP) |
/// | `CONTEXT` | next instruction | value | address-space register written (CR3; CONTEXTIDR_EL1) |
/// | `WAKE` | next instruction | unused | left HLT/WFI; `time` is when |
public class RetireRow {
  public static final int INSN = 0;
  public static final int TRAP = 1;
  public static final int FAULT = 2;
  public static final int INTERRUPT = 3;
  public static final int CALL = 4;
  public static final int CONTEXT = 5;
  public static final int WAKE = 6;

  // ---- info: length 4:0 and flow 9:5 as in Instruction, taken 10, privilege 12:11, interrupts enabled 13, kind 17:14,
  // vector 25:18
  public static final int TAKEN = 1 << 10;
  public static final int PRIVILEGE_SHIFT = 11;
  public static final int INTERRUPTS_ENABLED = 1 << 13;
  public static final int KIND_SHIFT = 14;
  public static final int VECTOR_SHIFT = 18;

  private static final int LOUD = (Instruction.FLOW_MASK << Instruction.FLOW_SHIFT) | (15 << KIND_SHIFT);

  public long pc;
  public long next;
  /// The core's clock in whole cycles when the row happened; it never decreases.
  public long time;
  public int info;

  /// Row kind, one of the constants above.
  public final int kind() {
    return info >> KIND_SHIFT & 15;
  }

  /// Length of the instruction in bytes.
  public final int length() {
    return info & Instruction.LENGTH_MASK;
  }

  /// Flow class of the instruction.
  public final FlowClass flow() {
    return FlowClass.of(info >> Instruction.FLOW_SHIFT & Instruction.FLOW_MASK);
  }

  /// Whether the branch left the sequential path.
  public final boolean taken() {
    return (info & TAKEN) != 0;
  }

  /// Privilege after the row: CPL or exception level, 0..3.
  public final int privilege() {
    return info >> PRIVILEGE_SHIFT & 3;
  }

  /// Whether interrupts are enabled after the row.
  public final boolean interruptsEnabled() {
    return (info & INTERRUPTS_ENABLED) != 0;
  }

  /// Vector or exception type of a TRAP, FAULT, INTERRUPT or CALL row, in the ISA's numbering (x86 vector; Arm: ETM
  /// exception type).
  public final int vector() {
    return info >> VECTOR_SHIFT & 255;
  }

  /// Whether it is more than an instruction that retired and ran on to the next.
  public final boolean isLoud() {
    return (info & LOUD) != 0;
  }

  /// Address behind the instruction.
  public final long sequential() {
    return pc + length();
  }

  /// Where the flow stands behind the row.
  public final long behind() {
    return kind() >= CONTEXT ? pc : next;
  }

  final void set(long pc, long next, long time, int info) {
    this.pc = pc;
    this.next = next;
    this.time = time;
    this.info = info;
  }
}

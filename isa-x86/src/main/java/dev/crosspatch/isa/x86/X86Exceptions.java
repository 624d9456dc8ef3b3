package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.uop.Uop;

/// Exception and interrupt delivery in 64-bit mode (SDM vol. 3 chapter 6, 6.14): IDT gate, stack switch by IST or
/// RSP0..2, frame, error code, and what happens if that faults in turn (double and triple fault).
///
/// A fault code, as in [Core#fault], is the vector in bits 7:0, marks above it, and the error code in bits 31:16. What
/// a software interrupt raises has the mark [#SOFTWARE]: it is the vector alone that makes it look like an exception,
/// so it has no error code, is benign whatever its vector, and INT 8 is no double fault, INT 14 no page fault (SDM vol.
/// 2A INT n/INTO/INT3/INT1; vol. 3 6.4.2, 6.15).
final class X86Exceptions {
  private X86Exceptions() {}

  private static final int HAS_ERROR = 1 << 8;
  /// Trap: the frame holds the address behind the instruction, which is the fault's address.
  private static final int TRAP = 1 << 9;
  /// INT n or INT3: the gate's DPL must allow it, and errors on the way have EXT clear. (INT1 is none: SDM vol. 3
  /// 6.4.4.)
  static final int SOFTWARE = 1 << 10;

  /// The target of a near branch is not canonical. On AMD a fault of CALL's push comes first.
  private static final int TARGET = 1 << 13;

  static final int ERROR_SHIFT = 16;

  static final int DE = 0;
  static final int DB = 1;
  static final int NMI = 2;
  static final int BP = 3;
  static final int UD = 6;
  /// No x87 or SSE: CR0.TS.
  static final int NM = 7;
  static final int DF = 8 | HAS_ERROR;
  static final int TS = 10 | HAS_ERROR;
  static final int NP = 11 | HAS_ERROR;
  static final int SS = 12 | HAS_ERROR;
  static final int GP = 13 | HAS_ERROR;
  static final int PF = 14 | HAS_ERROR;
  static final int AC = 17 | HAS_ERROR;
  /// x87 and SSE floating point.
  static final int MF = 16;

  static final int XM = 19;

  /// A debug exception behind an instruction: a trap between two instructions, where [#TRAP] alone is one that an
  /// instruction is.
  static final int DEBUG_TRAP = DB | TRAP | 1 << 14;

  /// #DB of an instruction breakpoint: of all faults the one that does not set RF in the frame, that being up to the
  /// handler.
  static final int BREAKPOINT = DB | 1 << 15;

  /// A data access, or a fetch that runs into it, at an address that is not canonical: #GP(0), or #SS(0) if it was
  /// relative to the stack ([X86StackAccess]).
  static final int NOT_CANONICAL = GP | 1 << 12;

  /// #GP(0) of a near branch to an address that is not canonical.
  static final int BAD_TARGET = GP | TARGET;

  /// #DE has vector 0, but a fault code of 0 means none.
  private static final int DIVIDE_ERROR = 1 << 11;

  // ---- IDT gates and TSS (SDM vol. 3 figures 6-8, 8-11)
  private static final int INTERRUPT_GATE = 0xe;
  private static final int TRAP_GATE = 0xf;
  private static final int IDT_ERROR = 2;
  /// EXT: not caused by a software interrupt (SDM vol. 3 6.13).
  private static final int EXTERNAL = 1;
  private static final int TSS_RSP0 = 4;
  private static final int TSS_IST1 = 36;

  /// The fault code of `code` with an error code.
  static int withError(int code, int error) {
    return (code & 0xffff) | error << ERROR_SHIFT;
  }

  static int vector(int code) {
    return code & 0xff;
  }

  private static int error(int code) {
    return code >>> ERROR_SHIFT;
  }

  /// Records a software interrupt: INT n, INT3, INT1.
  static int software(X86Core c, int code) {
    return c.fault(code | TRAP, c.nextPc);
  }

  /// Records #DE.
  static int divideError(X86Core c) {
    return c.fault(DE | DIVIDE_ERROR, 0);
  }

  /// Enters the handler of a recorded fault or trap of the instruction at pc, whose bytes as executed are `text`.
  static void deliver(X86Core c, int code, long address, byte[] text) {
    boolean trap = (code & TRAP) != 0;
    if (isPageFault(code)) {
      c.cr2 = address;
    }
    if (code == NOT_CANONICAL) {
      enter(c, X86StackAccess.isAt(c, text, address) ? SS : GP, c.pc, RetireRow.FAULT);
    } else if (code == BAD_TARGET && c.amd && X86StackAccess.callCannotPush(c, text)) {
      deliver(c, c.faultCode == NOT_CANONICAL ? SS : c.faultCode, c.faultAddress, text);
    } else {
      enter(c, code, trap ? address : c.pc, trap && code != DEBUG_TRAP ? RetireRow.TRAP : RetireRow.FAULT);
    }
  }

  private static boolean isPageFault(int code) {
    return vector(code) == vector(PF) && (code & SOFTWARE) == 0;
  }

  private static boolean isDoubleFault(int code) {
    return vector(code) == vector(DF) && (code & SOFTWARE) == 0;
  }

  /// Enters the handler of `code`; `returnPc` goes into the frame. A fault on the way becomes the exception, or a
  /// double fault; a fault of the double fault stops the machine.
  ///
  /// @param row kind of the retire row
  static void enter(X86Core c, int code, long returnPc, int row) {
    c.faultCode = 0;
    if (gate(c, code, returnPc, row)) {
      return;
    }
    int nested = c.faultCode;
    if (isPageFault(nested)) {
      c.cr2 = c.faultAddress; // even if it becomes a double fault (SDM vol. 3 6.15, #PF)
    }
    if (isDoubleFault(code) && row != RetireRow.INTERRUPT) {
      c.faultCode = 0;
      c.machine.stop(String.format("cpu %d: triple fault at 0x%x", c.id, c.pc));
      return;
    }
    boolean both = row != RetireRow.INTERRUPT && makeDoubleFault(code, nested);
    enter(c, both ? DF : nested, c.pc, RetireRow.FAULT);
  }

  /// SDM vol. 3 table 6-5: a contributory exception behind a contributory one, and either of them or a page fault
  /// behind a page fault.
  private static boolean makeDoubleFault(int first, int second) {
    boolean pageFault = isPageFault(first);
    return (contributory(first) || pageFault) && (contributory(second) || (pageFault && isPageFault(second)));
  }

  /// SDM vol. 3 table 6-4: #DE, #TS, #NP, #SS, #GP (#CP and #VE do not occur).
  private static boolean contributory(int code) {
    int v = vector(code);
    return (code & SOFTWARE) == 0 && (v == DE || (v >= vector(TS) && v <= vector(GP)));
  }

  /// Reads and checks the gate, then pushes the frame. False with a fault recorded if something is wrong; nothing has
  /// changed then.
  private static boolean gate(X86Core c, int code, long returnPc, int row) {
    int at = vector(code) * 16;
    int idtError = vector(code) * 8 | IDT_ERROR | external(code);
    if (at + 15 > c.idtLimit) {
      c.fault(withError(GP, idtError), 0);
      return false;
    }
    long low = c.systemLoad(c.idtBase + at, 3);
    long high = c.faultCode != 0 ? 0 : c.systemLoad(c.idtBase + at + 8, 3);
    if (c.faultCode != 0) {
      return false;
    }
    int type = (int) (low >> 40) & 0x1f;
    int dpl = (int) (low >> 45) & 3;
    if ((type != INTERRUPT_GATE && type != TRAP_GATE) || ((code & SOFTWARE) != 0 && dpl < c.privilege)) {
      c.fault(withError(GP, idtError), 0);
      return false;
    }
    if ((low >> 47 & 1) == 0) {
      c.fault(withError(NP, idtError), 0);
      return false;
    }
    return frame(c, code, returnPc, row, low, (low & 0xffff) | (low >>> 32 & 0xffff_0000L) | high << 32);
  }

  /// Finds CPL and stack, pushes SS, RSP, RFLAGS, CS, RIP and the error code, and goes to the handler.
  private static boolean frame(X86Core c, int code, long returnPc, int row, long gate, long handler) {
    int selector = (int) (gate >> 16) & 0xffff;
    int cpl = X86Segments.handlerPrivilege(c, selector, external(code));
    if (cpl < 0) {
      return false;
    }
    long top = stack(c, (int) (gate >> 32) & 7, cpl, external(code));
    if (c.faultCode != 0) {
      return false;
    }
    if (!Uop.isCanonical(top) || !Uop.isCanonical(handler)) {
      c.fault(withError(Uop.isCanonical(top) ? GP : SS, external(code)), 0);
      return false;
    }
    long sp = top & -16;
    long flags = c.rflags() | (resumes(c, code, returnPc, row) ? X86Core.RF : 0);
    boolean pushed = push(c, sp, 1, c.selector[X86Core.SS]) && push(c, sp, 2, c.r[X86Core.RSP]) && push(c, sp, 3, flags)
        && push(c, sp, 4, c.selector[X86Core.CS]) && push(c, sp, 5, returnPc)
        && ((code & HAS_ERROR) == 0 || push(c, sp, 6, error(code)));
    if (!pushed) {
      if (c.faultCode == NOT_CANONICAL) {
        c.fault(withError(SS, external(code)), 0);
      }
      return false;
    }
    long from = c.pc;
    c.r[X86Core.RSP] = sp - ((code & HAS_ERROR) == 0 ? 40 : 48);
    if (cpl != c.privilege) {
      c.selector[X86Core.SS] = cpl;
    }
    c.selector[X86Core.CS] = (selector & ~3) | cpl;
    c.privilege = cpl;
    boolean interruptGate = (gate >> 40 & 0xf) == INTERRUPT_GATE;
    c.setFlags(0, X86Core.TF | X86Core.NT | X86Core.RF | (interruptGate ? X86Core.IF : 0));
    if (vector(code) == DB) {
      c.dr[7] &= ~X86Debug.GENERAL_DETECT;
    }
    c.shadowPc = -1;
    c.stackShadowPc = -1;
    c.partPc = -1;
    c.pc = handler;
    c.entered(row, from, vector(code));
    return true;
  }

  /// RF in the frame (SDM vol. 3 17.3.1.1): set by faults other than instruction breakpoints, and by what comes inside
  /// a repetition.
  private static boolean resumes(X86Core c, int code, long returnPc, int row) {
    boolean fault = row == RetireRow.FAULT && (code & TRAP) == 0;
    return fault ? code != BREAKPOINT : (code & SOFTWARE) == 0 && returnPc == c.partPc;
  }

  private static boolean push(X86Core c, long sp, int slot, long value) {
    return c.systemStore(sp - 8L * slot, value, 3);
  }

  /// The EXT bit of errors on the way to the handler of `code` (SDM vol. 3 6.13).
  private static int external(int code) {
    return (code & SOFTWARE) != 0 ? 0 : EXTERNAL;
  }

  /// The stack pointer the frame goes under (SDM vol. 3 6.14.2, 6.14.5).
  private static long stack(X86Core c, int ist, int cpl, int external) {
    if (ist == 0 && cpl == c.privilege) {
      return c.r[X86Core.RSP];
    }
    int offset = ist != 0 ? TSS_IST1 + 8 * (ist - 1) : TSS_RSP0 + 8 * cpl;
    if (offset + 7 > c.tssLimit) {
      c.fault(withError(TS, (c.selector[X86Core.TR] & ~3) | external), 0);
      return 0;
    }
    return c.systemLoad(c.tssBase + offset, 3);
  }
}

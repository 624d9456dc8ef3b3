package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.uop.Uop;

/// Single steps, breakpoints and alignment checks (SDM vol. 3 17.2, 17.3, 6.15 #DB and #AC).
///
/// Nothing of it costs anything while RFLAGS.TF and RF, DR7's enable bits and RFLAGS.AC are clear: the engine asks
/// [#steps] and [#watchesData] where the mode may have changed. #DB with DR7.GD, and with I/O breakpoints if CR4.DE, is
/// raised by the instructions concerned.
final class X86Debug {
  private X86Debug() {}

  // ---- DR6 and DR7 (SDM vol. 3 figure 17-1)
  private static final int BREAKPOINTS = 4;
  private static final long HITS = 15;
  private static final long ACCESS_DETECTED = 1 << 13;
  static final long SINGLE_STEP = 1 << 14;
  private static final long ENABLED = 0xff;
  static final long GENERAL_DETECT = 1 << 13;
  private static final int CONDITIONS = 16;
  private static final int EXECUTED = 0;
  private static final int WRITTEN = 1;
  private static final int PORT = 2;
  private static final int READ_OR_WRITTEN = 3;
  private static final int[] LENGTH = {1, 2, 8, 4};

  private static boolean enabled(X86Core c, int i) {
    return (c.dr[7] >> (2 * i) & 3) != 0;
  }

  /// R/W field of a breakpoint: [#EXECUTED], [#WRITTEN], [#PORT], or 3 for data read or written.
  private static int condition(X86Core c, int i) {
    return (int) (c.dr[7] >> (CONDITIONS + 4 * i)) & 3;
  }

  private static int length(X86Core c, int i) {
    return LENGTH[(int) (c.dr[7] >> (CONDITIONS + 2 + 4 * i)) & 3];
  }

  // ---- what the engine asks

  static boolean steps(X86Core c) {
    return (c.systemFlags & (X86Core.TF | X86Core.RF)) != 0 || (c.dr[7] & ENABLED) != 0;
  }

  static boolean watchesData(X86Core c) {
    if (checksAlignment(c)) {
      return true;
    }
    for (int i = 0; (c.dr[7] & ENABLED) != 0 && i < BREAKPOINTS; i++) {
      if (enabled(c, i) && (condition(c, i) & WRITTEN) != 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean checksAlignment(X86Core c) {
    return c.privilege == 3 && (c.systemFlags & X86Core.AC) != 0 && (c.cr0 & X86Core.CR0_AM) != 0;
  }

  /// Whether something may have to be told between the elements of a repetition.
  static boolean watchesElements(X86Core c) {
    return (c.systemFlags & X86Core.TF) != 0 || (c.dr[7] & ENABLED) != 0;
  }

  /// The single step that waits for no instruction.
  static void stepped(X86Core c) {
    report(c, SINGLE_STEP);
    X86Exceptions.enter(c, X86Exceptions.DEBUG_TRAP, c.pc, RetireRow.FAULT);
  }

  /// Instruction breakpoints: a fault of the instruction, unless RF is set or a MOV SS was before.
  static boolean before(X86Core c) {
    c.stepTrap = (c.systemFlags & X86Core.TF) != 0;
    c.resumed = (c.systemFlags & X86Core.RF) != 0;
    c.stepPart = false;
    long hits = 0;
    for (int i = 0; !c.resumed && c.pc != c.stackShadowPc && i < BREAKPOINTS; i++) {
      if (enabled(c, i) && condition(c, i) == EXECUTED && c.dr[i] == c.pc) {
        hits |= 1 << i;
      }
    }
    if (hits != 0) {
      report(c, hits);
      c.fault(X86Exceptions.BREAKPOINT, 0);
    }
    return hits == 0;
  }

  /// Traps behind the instruction: single step if TF was set when it began, and data breakpoints. None of them behind
  /// MOV SS: data breakpoints wait for the next instruction, the single step is lost (SDM vol. 3 6.8.3).
  static boolean after(X86Core c, boolean done) {
    if (!done) {
      c.dataHits = 0;
      return false;
    }
    if (c.resumed && !c.stepPart) {
      c.setFlags(0, X86Core.RF);
      c.resynchronize(); // nothing else may be a reason to step
    }
    if (c.stackShadowPc == c.pc && c.stackShadowSet) {
      c.stackShadowSet = false;
      return false;
    }
    c.stackShadowPc = -1;
    long hits = c.dataHits | (c.stepTrap ? SINGLE_STEP : 0);
    c.dataHits = 0;
    if (hits != 0) {
      report(c, hits);
      c.fault(X86Exceptions.DEBUG_TRAP, c.pc);
    }
    return hits != 0;
  }

  private static void report(X86Core c, long hits) {
    c.dr[6] = (c.dr[6] & ~HITS) | hits;
  }

  /// Data accesses at CPL 3, other than implicit ones of the system, are checked for alignment (SDM vol. 3 6.15, #AC).
  /// All are held against data breakpoints.
  static boolean accessing(X86Core c, long va, int width, int access, boolean user) {
    if (user && checksAlignment(c) && (va & (1 << width) - 1) != 0 && Uop.isCanonical(va)) {
      c.fault(X86Exceptions.AC, va);
      return false;
    }
    int wanted = access == Core.WRITE ? WRITTEN : READ_OR_WRITTEN;
    for (int i = 0; (c.dr[7] & ENABLED) != 0 && i < BREAKPOINTS; i++) {
      if (enabled(c, i) && (condition(c, i) & wanted) == wanted && overlaps(c, i, va, 1 << width)) {
        c.dataHits |= 1 << i;
      }
    }
    return true;
  }

  /// Whether an access of more than 8 bytes is refused as one that is not aligned: the fault is recorded then. (SDM
  /// vol. 3 6.15 leaves it to the CPU; Zen 4 wants 16 bytes.)
  static boolean refuses(X86Core c, long va, int alignment) {
    if (c.privilege == 3 && checksAlignment(c) && (va & (alignment - 1)) != 0) {
      c.fault(X86Exceptions.AC, va);
      return true;
    }
    return false;
  }

  private static boolean overlaps(X86Core c, int i, long va, int bytes) {
    long start = c.dr[i] & -length(c, i);
    return va - start < length(c, i) && start - va < bytes;
  }

  // ---- what instructions tell

  /// IN, OUT of `bytes` ports: breakpoints on ports need CR4.DE.
  static void port(X86Core c, int port, int bytes) {
    for (int i = 0; (c.cr4 & X86Core.CR4_DE) != 0 && (c.dr[7] & ENABLED) != 0 && i < BREAKPOINTS; i++) {
      if (enabled(c, i) && condition(c, i) == PORT && overlaps(c, i, port, bytes)) {
        c.dataHits |= 1 << i;
      }
    }
  }

  /// MOV from or to a debug register: false with a fault recorded if DR7.GD is set, or for DR4 and DR5 with CR4.DE.
  static boolean registersOpen(X86Core c, int number) {
    if ((c.cr4 & X86Core.CR4_DE) != 0 && (number == 4 || number == 5)) {
      c.fault(X86Exceptions.UD, 0);
      return false;
    }
    if ((c.dr[7] & GENERAL_DETECT) != 0) {
      c.dr[6] |= ACCESS_DETECTED;
      c.fault(X86Exceptions.DB, 0);
      return false;
    }
    return true;
  }
}

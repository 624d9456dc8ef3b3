package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.uop.CostClass;

/// Taking an exception to EL1 and returning from it. Source: DDI0487 D1.3 (AArch64.TakeException, ELFromSPSR,
/// SetPSTATEFromPSR).
///
/// Vectors of the rows for the tracers are the exception types of ETMv4 and ETE.
final class Arm64Exceptions {
  private Arm64Exceptions() {}

  // ---- ETM exception types
  private static final int CALL = 2;
  private static final int TRAP = 3;
  private static final int INSTRUCTION_DEBUG = 6;
  private static final int ALIGNMENT = 10;
  private static final int INSTRUCTION_FAULT = 11;
  private static final int DATA_FAULT = 12;
  private static final int IRQ = 14;

  // ---- offsets from VBAR_EL1
  private static final int VECTOR_SP_EL0 = 0x000;
  private static final int VECTOR_SP_EL1 = 0x200;
  private static final int VECTOR_LOWER = 0x400;
  private static final int VECTOR_IRQ = 0x80;

  // ---- SPSR_EL1
  private static final long SPSR_M = 0x1f;
  private static final int SPSR_BTYPE_SHIFT = 10;
  private static final long SPSR_SSBS = 1L << 12;
  private static final long SPSR_IL = 1L << 20;
  private static final long SPSR_SS = 1L << 21;
  private static final long SPSR_PAN = 1L << 22;
  private static final long SPSR_UAO = 1L << 23;
  private static final long MODE_EL0T = 0;
  private static final long MODE_EL1T = 4;
  private static final long MODE_EL1H = 5;

  /// A synchronous exception at the instruction itself, or behind an SVC.
  ///
  /// @param text the instruction's bytes as they were executed, or none
  static void fault(Arm64Core core, int syndrome, long address, byte[] text) {
    long from = core.pc;
    if (Arm64Syndrome.hasAddress(syndrome)) {
      core.system.set(FAR_EL1, address);
    }
    if (Arm64Syndrome.exceptionClass(syndrome) == Arm64Syndrome.SVC) {
      core.step.armed = false; // it has been executed
    }
    core.system.set(ESR_EL1, ofLevel(direction(core, syndrome, address, text), core.privilege));
    core.pc = enter(core, from, 0);
    int row = switch (Arm64Syndrome.exceptionClass(syndrome)) {
      case Arm64Syndrome.BRK -> RetireRow.TRAP;
      case Arm64Syndrome.SVC -> RetireRow.CALL;
      default -> RetireRow.FAULT;
    };
    core.entered(row, from, etmType(syndrome));
  }

  /// WnR of an atomic instruction that reads and writes says read if a read would have faulted the same way (D19.2.37,
  /// ISS of a data abort), as a page that is not there makes it.
  private static int direction(Arm64Core core, int syndrome, long address, byte[] text) {
    boolean write = Arm64Syndrome.exceptionClass(syndrome) == Arm64Syndrome.DATA_ABORT
        && (syndrome & Arm64Syndrome.WRITE) != 0;
    if (!write || (syndrome & Arm64Syndrome.MAINTENANCE) != 0 || !isAtomic(text)) {
      return syndrome;
    }
    boolean readFaults = Arm64Syndrome.status(syndrome) == Arm64Syndrome.ALIGNMENT
        || core.translate(address, Core.READ) == -1;
    core.faultCode = 0;
    return readFaults ? syndrome & ~Arm64Syndrome.WRITE : syndrome;
  }

  private static boolean isAtomic(byte[] text) {
    Arm64Row row = text.length == 0 ? null : Arm64Decoder.find(Arm64Decoder.word(text, 0));
    return row != null && row.cost() == CostClass.ATOMIC;
  }

  static void irq(Arm64Core core) {
    long from = core.pc;
    core.pc = enter(core, from, VECTOR_IRQ);
    core.entered(RetireRow.INTERRUPT, from, IRQ);
  }

  /// Saves the state, masks and switches to EL1h; returns the address of the vector.
  private static long enter(Arm64Core core, long returnAddress, int kind) {
    core.system.set(ELR_EL1, returnAddress);
    core.system.set(SPSR_EL1, state(core));
    int vector = core.privilege == 0 ? VECTOR_LOWER : core.stack() == 0 ? VECTOR_SP_EL0 : VECTOR_SP_EL1;
    core.privilege = 1;
    core.selectStack(1);
    core.setDaif(Arm64Core.DAIF_ALL);
    core.illegal = false;
    core.step.armed = false;
    core.target.clear();
    core.setUao(false);
    core.setSsbs((core.system.get(SCTLR_EL1) & Arm64SystemRegisters.SCTLR_DSSBS) != 0);
    if ((core.system.get(SCTLR_EL1) & Arm64SystemRegisters.SCTLR_SPAN) == 0) {
      core.setPan(true);
    }
    core.synchronizeContext();
    return core.mmu.branchAddress(core.system.get(VBAR_EL1) + vector + kind);
  }

  /// PSTATE as SPSR_EL1 holds it.
  private static long state(Arm64Core core) {
    long mode = core.privilege == 0 ? MODE_EL0T : core.stack() == 0 ? MODE_EL1T : MODE_EL1H;
    return mode
        | core.daif()
        | core.nzcv()
        | (core.illegal ? SPSR_IL : 0)
        | (core.step.armed ? SPSR_SS : 0)
        | (long) core.target.type() << SPSR_BTYPE_SHIFT
        | (core.pan ? SPSR_PAN : 0)
        | (core.uao ? SPSR_UAO : 0)
        | (core.ssbs ? SPSR_SSBS : 0);
  }

  /// ERET, to `target`.
  static int eret(Arm64Core core, long target) {
    long spsr = core.system.get(SPSR_EL1);
    long mode = spsr & SPSR_M;
    boolean debugging = core.step.isEnabled();
    boolean legal = mode == MODE_EL0T || mode == MODE_EL1T || mode == MODE_EL1H;
    core.setDaif(spsr);
    core.setNzcv(spsr);
    core.illegal = !legal || (spsr & SPSR_IL) != 0;
    core.setPan((spsr & SPSR_PAN) != 0);
    core.setUao((spsr & SPSR_UAO) != 0);
    core.setSsbs((spsr & SPSR_SSBS) != 0);
    if (legal) {
      core.privilege = (int) mode >> 2;
      core.selectStack((int) mode & 1);
    }
    core.target.next(legal ? (int) (spsr >>> SPSR_BTYPE_SHIFT) & 3 : 0);
    core.step.returned((spsr & SPSR_SS) != 0, debugging);
    core.monitor.clear();
    core.eventRegister = true;
    core.nextPc = core.mmu.branchAddress(target);
    core.synchronizeContext();
    return Outcome.BRANCH;
  }

  /// Aborts and software steps have a class of their own when taken from EL1; a PC alignment fault has not.
  private static long ofLevel(int syndrome, int level) {
    int ec = Arm64Syndrome.exceptionClass(syndrome);
    boolean two = ec == Arm64Syndrome.FETCH_ABORT || ec == Arm64Syndrome.DATA_ABORT || ec == Arm64Syndrome.STEP;
    return (two && level == 1 ? syndrome + (1 << 26) : syndrome) & 0xffff_ffffL;
  }

  private static int etmType(int syndrome) {
    return switch (Arm64Syndrome.exceptionClass(syndrome)) {
      case Arm64Syndrome.BRK, Arm64Syndrome.STEP -> INSTRUCTION_DEBUG;
      case Arm64Syndrome.SVC -> CALL;
      case Arm64Syndrome.FETCH_ABORT -> INSTRUCTION_FAULT;
      case Arm64Syndrome.DATA_ABORT -> Arm64Syndrome.status(syndrome) == Arm64Syndrome.ALIGNMENT
          ? ALIGNMENT : DATA_FAULT;
      case Arm64Syndrome.PC_ALIGNMENT, Arm64Syndrome.SP_ALIGNMENT -> ALIGNMENT;
      default -> TRAP;
    };
  }
}

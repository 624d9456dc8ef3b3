package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Structure;

/// The system registers of one core: values, and what reading and writing the special ones does.
final class Arm64SystemRegisters {
  // ---- SCTLR_EL1 (D19.2): all bits that mean something on this machine, but for C and I, which are kept and change
  // nothing
  static final long SCTLR_M = 1;
  /// Data accesses must be aligned to their size.
  static final long SCTLR_A = 1 << 1;
  private static final long SCTLR_C = 1 << 2;
  static final long SCTLR_SA = 1 << 3;
  static final long SCTLR_SA0 = 1 << 4;
  static final long SCTLR_UMA = 1 << 9;
  private static final long SCTLR_I = 1 << 12;
  static final long SCTLR_DZE = 1 << 14;
  static final long SCTLR_UCT = 1 << 15;
  static final long SCTLR_NTWI = 1 << 16;
  static final long SCTLR_NTWE = 1 << 18;
  static final long SCTLR_WXN = 1 << 19;
  static final long SCTLR_SPAN = 1 << 23;
  static final long SCTLR_UCI = 1 << 26;
  static final long SCTLR_DSSBS = 1L << 44;
  /// Bits that are one whatever is written: LSMAOE, nTLSMD, EIS, TSCXT, EOS, SED, ITD.
  private static final long SCTLR_ONES = 1 << 29 | 1 << 28 | 1 << 22 | 1 << 20 | 1 << 11 | 1 << 8 | 1 << 7;
  private static final long SCTLR_WRITABLE = SCTLR_M | SCTLR_A | SCTLR_C | SCTLR_SA | SCTLR_SA0 | SCTLR_UMA | SCTLR_I
      | SCTLR_DZE | SCTLR_UCT | SCTLR_NTWI
      | SCTLR_NTWE | SCTLR_WXN | SCTLR_UCI;
  static final long SCTLR_RESET = SCTLR_ONES | SCTLR_SPAN | SCTLR_NTWI | SCTLR_NTWE;

  /// TCR_EL1 without the bits of what this machine has not; HPD0 and HPD1 are FEAT_HPDS's.
  private static final long TCR_WRITABLE = 0x77_ffff_ffbfL;
  private static final long TCR_HPD = 3L << 41;
  /// TBID0 and TBID1.
  private static final long TCR_TBID = 3L << 51;
  private static final long VBAR_WRITABLE = -1L << 11;
  /// CPACR_EL1: who may use SIMD and floating point, and the value that traps EL0 alone.
  static final long CPACR_FPEN = 3 << 20;

  static final long CPACR_FPEN_EL1 = 1 << 20;
  /// FPSR: saturation, and the cumulative exceptions.
  private static final long FPSR_QC = 1 << 27;
  /// FPCR: alternative half precision, default NaN, flush to zero, rounding, flush halves to zero.
  private static final long FPCR_AHP = 1 << 26;

  private static final long FPCR_DN = 1 << 25;
  private static final long FPCR_FZ = 1 << 24;
  private static final int FPCR_RMODE_SHIFT = 22;
  private static final long FPCR_FZ16 = 1 << 19;
  private static final long FPCR_WRITABLE = FPCR_AHP | FPCR_DN | FPCR_FZ | 3 << FPCR_RMODE_SHIFT;
  /// What FPCR.RMode says.
  private static final Rounding[] ROUNDINGS = {Rounding.NEAREST_EVEN, Rounding.UP, Rounding.DOWN, Rounding.ZERO};
  /// DCZID_EL0: DC ZVA is not to be used.
  private static final long DZP = 1 << 4;

  /// log2 of the words of a line, less 2.
  private static final int CCSIDR_LINE_64 = 2;

  /// What a unified third level adds to CLIDR_EL1: its type 8:6, and one to the level of coherency 26:24.
  private static final int CLIDR_L3 = 4 << 6 | 1 << 24;

  private static final long CTR_IDC = 1L << 28;
  private static final long CTR_DIC = 1L << 29;
  private static final long MPIDR_RES1 = 1L << 31;
  private static final long CURRENT_EL_SHIFT = 2;
  /// CNTKCTL_EL1: EL0 may read the physical and virtual counter, and use the virtual and physical timer.
  private static final int EL0PCTEN = 1;

  static final int EL0VCTEN = 2;
  private static final int EL0VTEN = 1 << 8;
  private static final int EL0PTEN = 1 << 9;

  private final Arm64Core core;
  private final long[] values = new long[COUNT];

  Arm64SystemRegisters(Arm64Core core) {
    this.core = core;
    for (Arm64SystemRegister register : Arm64SystemRegister.values()) {
      values[register.ordinal()] = core.preset.value(register);
    }
    set(MPIDR_EL1, MPIDR_RES1 | Arm64Gic.affinity(core.id));
    boolean idc = core.machine.memory().isCoherent();
    boolean dic = core.machine.traits().fetch().snooped();
    set(CTR_EL0, CTR_EL0.reset() | (idc ? CTR_IDC : 0) | (dic ? CTR_DIC : 0));
  }

  /// The stored value, without side effects.
  long get(Arm64SystemRegister register) {
    return values[register.ordinal()];
  }

  /// Whether a bit of SCTLR_EL1 is set.
  boolean is(long sctlrBit) {
    return (get(SCTLR_EL1) & sctlrBit) != 0;
  }

  /// Stores a value, without side effects.
  void set(Arm64SystemRegister register, long value) {
    values[register.ordinal()] = value;
  }

  /// What MRS gives.
  long read(Arm64SystemRegister register) {
    return switch (register) {
      case SP_EL0 -> core.stackPointer(0);
      case SPSEL -> core.stack();
      case CURRENTEL -> (long) core.privilege << CURRENT_EL_SHIFT;
      case NZCV -> core.nzcv();
      case RNDR, RNDRRS -> random();
      case DAIF -> core.daif();
      case FPSR -> status(core.fp.exceptions) | (core.saturated ? FPSR_QC : 0);
      case PAN -> core.pan ? 1L << 22 : 0;
      case UAO -> core.uao ? 1L << 23 : 0;
      case SSBS -> core.ssbs ? 1L << 12 : 0;
      case DCZID_EL0 -> get(register) | (core.privilege == 0 && !is(SCTLR_DZE) ? DZP : 0);
      case CLIDR_EL1 -> get(register) + (geometry(Structure.L3) == 0 ? 0 : CLIDR_L3);
      case CCSIDR_EL1 -> cacheSize(get(CSSELR_EL1));
      case ISR_EL1 -> core.gic.signals() ? Arm64Core.DAIF_I : 0;
      case ICC_PMR_EL1, ICC_RPR_EL1, ICC_IAR1_EL1, ICC_HPPIR1_EL1, ICC_AP1R0_EL1 -> core.gic.read(register);
      case ICC_BPR1_EL1, ICC_CTLR_EL1, ICC_IGRPEN1_EL1 -> core.gic.read(register);
      case CNTFRQ_EL0, CNTPCT_EL0, CNTVCT_EL0 -> core.timer.read(register);
      case CNTP_TVAL_EL0, CNTP_CTL_EL0, CNTP_CVAL_EL0 -> core.timer.read(register);
      case CNTV_TVAL_EL0, CNTV_CTL_EL0, CNTV_CVAL_EL0 -> core.timer.read(register);
      default -> get(register);
    };
  }

  /// A random number; NZCV tell that there was one (D19.2.121).
  private long random() {
    core.setNzcv(0);
    return core.randomNumber();
  }

  /// CCSIDR_EL1 of the cache that CSSELR_EL1 selects: L1 data 0, L1 instruction 1, L2 2, L3 4. Sets 27:13 and ways
  /// 12:3, less one; line size 2:0.
  private long cacheSize(long selected) {
    return switch ((int) selected & 15) {
      case 0 -> geometry(Structure.L1D);
      case 1 -> geometry(Structure.L1I);
      case 2 -> geometry(Structure.L2);
      case 4 -> geometry(Structure.L3);
      default -> 0;
    };
  }

  private long geometry(Structure which) {
    Geometry size = core.machine.timing().table().size(which);
    return size.exists() ? (long) (size.sets() - 1) << 13 | (size.ways() - 1) << 3 | CCSIDR_LINE_64 : 0;
  }

  /// What MSR does. Returns an [Outcome].
  int write(Arm64SystemRegister register, long value) {
    switch (register) {
      case SP_EL0 -> core.setStackPointer(0, value);
      case SPSEL -> core.selectStack((int) value & 1);
      case NZCV -> core.setNzcv(value);
      case DAIF -> core.setDaif(value);
      case FPSR -> {
        core.saturated = (value & FPSR_QC) != 0;
        core.fp.exceptions = exceptions((int) value);
        return Outcome.OK;
      }
      case PAN -> core.setPan((value & 1L << 22) != 0);
      case UAO -> core.setUao((value & 1L << 23) != 0);
      case SSBS -> core.setSsbs((value & 1L << 12) != 0);
      case ICC_PMR_EL1, ICC_EOIR1_EL1, ICC_DIR_EL1, ICC_SGI1R_EL1, ICC_BPR1_EL1 -> core.gic.write(register, value);
      case ICC_CTLR_EL1, ICC_IGRPEN1_EL1, ICC_AP1R0_EL1 -> core.gic.write(register, value);
      case CNTP_TVAL_EL0, CNTP_CTL_EL0, CNTP_CVAL_EL0 -> core.timer.write(register, value);
      case CNTV_TVAL_EL0, CNTV_CTL_EL0, CNTV_CVAL_EL0 -> core.timer.write(register, value);
      case MDSCR_EL1 -> set(register, value); // software steps
      case OSLAR_EL1 -> set(OSLSR_EL1, OSLSR_EL1.reset() | (value & 1) << 1);
      case ICC_SRE_EL1, ICC_AP0R0_EL1 -> { }
      default -> {
        store(register, value);
        return Outcome.OK;
      }
    }
    return Outcome.RESYNC; // a mask or an interrupt's state may have changed
  }

  /// Registers that keep their value; the ones of translation and address space tell others of it.
  private void store(Arm64SystemRegister register, long value) {
    set(register, kept(register, value));
    switch (register) {
      case SCTLR_EL1, TCR_EL1 -> core.mmu.configured();
      case TTBR0_EL1, TTBR1_EL1 -> core.mmu.tableWritten();
      case CONTEXTIDR_EL1 -> core.contextWritten(value & 0xffff_ffffL);
      case FPCR -> arithmetic(get(FPCR));
      default -> { }
    }
  }

  private void arithmetic(long fpcr) {
    core.fp.rounding = ROUNDINGS[(int) (fpcr >> FPCR_RMODE_SHIFT) & 3];
    core.fp.flushInputs = (fpcr & FPCR_FZ) != 0;
    core.fp.flushResults = (fpcr & FPCR_FZ) != 0;
    core.fp.flushHalf = (fpcr & FPCR_FZ16) != 0;
    core.fp.defaultNan = (fpcr & FPCR_DN) != 0;
    core.alternativeHalf = (fpcr & FPCR_AHP) != 0;
  }

  /// Exceptions of [FloatUnit] as FPSR has them: IDC 7, IXC 4, UFC 3, OFC 2, DZC 1, IOC 0.
  private static long status(int exceptions) {
    return (exceptions & FloatUnit.INVALID) | (exceptions >> 1 & 0x1e) | (exceptions & FloatUnit.DENORMAL) << 6;
  }

  private static int exceptions(int status) {
    return (status & FloatUnit.INVALID) | (status & 0x1e) << 1 | (status >> 6 & FloatUnit.DENORMAL);
  }

  /// What a register keeps of `value`: bits of what this machine has not are fixed. CPACR_EL1 could also trap SVE and
  /// trace registers, of which there are none.
  private long kept(Arm64SystemRegister register, long value) {
    return switch (register) {
      case SCTLR_EL1 -> control(value);
      case TCR_EL1 -> value & (TCR_WRITABLE | (core.preset.has(Arm64Feature.HPDS) ? TCR_HPD : 0)
          | (core.preset.has(Arm64Feature.PAUTH) ? TCR_TBID : 0));
      case CPACR_EL1 -> value & CPACR_FPEN;
      case FPCR -> value & (FPCR_WRITABLE | (core.preset.has(Arm64Feature.FP16) ? FPCR_FZ16 : 0));
      case VBAR_EL1 -> value & VBAR_WRITABLE;
      default -> value;
    };
  }

  private long control(long value) {
    long ones = SCTLR_ONES | (core.preset.has(Arm64Feature.PAN) ? 0 : SCTLR_SPAN);
    long more = SCTLR_SPAN | (core.preset.has(Arm64Feature.SSBS2) ? SCTLR_DSSBS : 0)
        | (core.preset.has(Arm64Feature.PAUTH) ? Arm64PointerAuth.SCTLR_ENABLES : 0)
        | (core.preset.has(Arm64Feature.BTI) ? Arm64BranchTarget.SCTLR_BT0 | Arm64BranchTarget.SCTLR_BT1 : 0);
    return (value & (SCTLR_WRITABLE | more)) | ones;
  }

  /// Whether the current level may access `register`, or else the syndrome of the exception (Undefined, or a trap by a
  /// control bit).
  ///
  /// @param rt register number of the instruction, for the syndrome
  /// @return 0 if it may
  int denied(Arm64SystemRegister register, boolean write, int rt) {
    if (!core.preset.has(register.feature())) {
      return Arm64Syndrome.UNDEFINED;
    }
    if ((register == FPCR || register == FPSR) && core.vectorsTrapped()) {
      return Arm64Syndrome.of(Arm64Syndrome.VECTOR_TRAP, Arm64Syndrome.ALWAYS);
    }
    if (core.privilege != 0) {
      return register == SP_EL0 && core.stack() == 0 ? Arm64Syndrome.UNDEFINED : 0;
    }
    if (!(write ? register.writableAtEl0() : register.readableAtEl0())) {
      return Arm64Syndrome.UNDEFINED;
    }
    return enabledAtEl0(register)
        ? 0 : Arm64Syndrome.of(Arm64Syndrome.SYSTEM_TRAP, trapIss(register.encoding(), write, rt));
  }

  private boolean enabledAtEl0(Arm64SystemRegister register) {
    long timers = get(CNTKCTL_EL1);
    return switch (register) {
      case CTR_EL0 -> is(SCTLR_UCT);
      case DAIF -> is(SCTLR_UMA);
      case CNTFRQ_EL0 -> (timers & (EL0PCTEN | EL0VCTEN)) != 0;
      case CNTPCT_EL0 -> (timers & EL0PCTEN) != 0;
      case CNTVCT_EL0 -> (timers & EL0VCTEN) != 0;
      case CNTV_TVAL_EL0, CNTV_CTL_EL0, CNTV_CVAL_EL0 -> (timers & EL0VTEN) != 0;
      case CNTP_TVAL_EL0, CNTP_CTL_EL0, CNTP_CVAL_EL0 -> (timers & EL0PTEN) != 0;
      default -> true;
    };
  }

  /// ISS of a trapped MSR, MRS or system instruction: Op0 21:20, Op2 19:17, Op1 16:14, CRn 13:10, Rt 9:5, CRm 4:1, read
  /// 0.
  static int trapIss(int encoding, boolean write, int rt) {
    int op0 = encoding >> 14 & 3;
    int op1 = encoding >> 11 & 7;
    int crn = encoding >> 7 & 15;
    int crm = encoding >> 3 & 15;
    int op2 = encoding & 7;
    return op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1 | (write ? 0 : 1);
  }
}

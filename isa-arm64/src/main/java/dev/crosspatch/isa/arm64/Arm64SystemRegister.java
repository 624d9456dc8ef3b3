package dev.crosspatch.isa.arm64;

import org.jspecify.annotations.Nullable;

/// System registers, one row each: encoding op0, op1, CRn, CRm, op2 as in D19, access, and value at reset.
///
/// A register without special behaviour in [Arm64SystemRegisters] is a plain 64-bit cell (RW) or a constant (RO). The
/// order is that of the encodings within each group.
enum Arm64SystemRegister {
  // ---- debug: accepted and without effect, but for software steps ([Arm64Step]); OSLAR, OSDLR and DBGPRCR only as far
  // as a kernel's start needs them
  OSDTRRX_EL1(2, 0, 0, 0, 2, Access.RW),
  DBGBVR0_EL1(2, 0, 0, 0, 4, Access.RW),
  DBGBCR0_EL1(2, 0, 0, 0, 5, Access.RW),
  DBGWVR0_EL1(2, 0, 0, 0, 6, Access.RW),
  DBGWCR0_EL1(2, 0, 0, 0, 7, Access.RW),
  DBGBVR1_EL1(2, 0, 0, 1, 4, Access.RW),
  DBGBCR1_EL1(2, 0, 0, 1, 5, Access.RW),
  DBGWVR1_EL1(2, 0, 0, 1, 6, Access.RW),
  DBGWCR1_EL1(2, 0, 0, 1, 7, Access.RW),
  MDSCR_EL1(2, 0, 0, 2, 2, Access.RW),
  OSECCR_EL1(2, 0, 0, 6, 2, Access.RW),
  OSLAR_EL1(2, 0, 1, 0, 4, Access.WO),
  OSLSR_EL1(2, 0, 1, 1, 4, Access.RO, 0x8),
  OSDLR_EL1(2, 0, 1, 3, 4, Access.RW),
  DBGPRCR_EL1(2, 0, 1, 4, 4, Access.RW),

  // ---- identification
  MIDR_EL1(3, 0, 0, 0, 0, Access.RO),
  MPIDR_EL1(3, 0, 0, 0, 5, Access.RO),
  REVIDR_EL1(3, 0, 0, 0, 6, Access.RO),
  // what these say is the preset's ([Arm64Preset])
  ID_AA64PFR0_EL1(3, 0, 0, 4, 0, Access.RO),
  ID_AA64PFR1_EL1(3, 0, 0, 4, 1, Access.RO),
  ID_AA64DFR0_EL1(3, 0, 0, 5, 0, Access.RO),
  ID_AA64ISAR0_EL1(3, 0, 0, 6, 0, Access.RO),
  ID_AA64ISAR1_EL1(3, 0, 0, 6, 1, Access.RO),
  ID_AA64ISAR2_EL1(3, 0, 0, 6, 2, Access.RO),
  ID_AA64MMFR0_EL1(3, 0, 0, 7, 0, Access.RO),
  ID_AA64MMFR1_EL1(3, 0, 0, 7, 1, Access.RO),
  ID_AA64MMFR2_EL1(3, 0, 0, 7, 2, Access.RO),
  /// The rest of the identification space, which reads as zero.
  ID_RESERVED(3, 0, 0, 7, 7, Access.RO),
  CCSIDR_EL1(3, 1, 0, 0, 0, Access.RO),
  /// L1 split, L2 unified; unification at level 1, coherence at level 2.
  CLIDR_EL1(3, 1, 0, 0, 1, Access.RO, 0x0a20_0023),
  AIDR_EL1(3, 1, 0, 0, 7, Access.RO),
  CSSELR_EL1(3, 2, 0, 0, 0, Access.RW),
  CTR_EL0(3, 3, 0, 0, 1, Access.RO_EL0, 0x8444_c004L),
  /// DC ZVA zeroes 64 bytes.
  DCZID_EL0(3, 3, 0, 0, 7, Access.RO_EL0, 4),

  // ---- control and translation
  SCTLR_EL1(3, 0, 1, 0, 0, Access.RW, Arm64SystemRegisters.SCTLR_RESET),
  ACTLR_EL1(3, 0, 1, 0, 1, Access.RW),
  CPACR_EL1(3, 0, 1, 0, 2, Access.RW),
  TTBR0_EL1(3, 0, 2, 0, 0, Access.RW),
  TTBR1_EL1(3, 0, 2, 0, 1, Access.RW),
  TCR_EL1(3, 0, 2, 0, 2, Access.RW),
  APIAKEYLO_EL1(3, 0, 2, 1, 0, Access.RW),
  APIAKEYHI_EL1(3, 0, 2, 1, 1, Access.RW),
  APIBKEYLO_EL1(3, 0, 2, 1, 2, Access.RW),
  APIBKEYHI_EL1(3, 0, 2, 1, 3, Access.RW),
  APDAKEYLO_EL1(3, 0, 2, 2, 0, Access.RW),
  APDAKEYHI_EL1(3, 0, 2, 2, 1, Access.RW),
  APDBKEYLO_EL1(3, 0, 2, 2, 2, Access.RW),
  APDBKEYHI_EL1(3, 0, 2, 2, 3, Access.RW),
  APGAKEYLO_EL1(3, 0, 2, 3, 0, Access.RW),
  APGAKEYHI_EL1(3, 0, 2, 3, 1, Access.RW),
  PAR_EL1(3, 0, 7, 4, 0, Access.RW),
  MAIR_EL1(3, 0, 10, 2, 0, Access.RW),
  AMAIR_EL1(3, 0, 10, 3, 0, Access.RW),

  // ---- exceptions and process state
  SPSR_EL1(3, 0, 4, 0, 0, Access.RW),
  ELR_EL1(3, 0, 4, 0, 1, Access.RW),
  SP_EL0(3, 0, 4, 1, 0, Access.RW),
  SPSEL(3, 0, 4, 2, 0, Access.RW),
  CURRENTEL(3, 0, 4, 2, 2, Access.RO),
  PAN(3, 0, 4, 2, 3, Access.RW),
  UAO(3, 0, 4, 2, 4, Access.RW),
  SSBS(3, 3, 4, 2, 6, Access.RW_EL0),
  AFSR0_EL1(3, 0, 5, 1, 0, Access.RW),
  AFSR1_EL1(3, 0, 5, 1, 1, Access.RW),
  ESR_EL1(3, 0, 5, 2, 0, Access.RW),
  FAR_EL1(3, 0, 6, 0, 0, Access.RW),
  VBAR_EL1(3, 0, 12, 0, 0, Access.RW),
  ISR_EL1(3, 0, 12, 1, 0, Access.RO),
  CONTEXTIDR_EL1(3, 0, 13, 0, 1, Access.RW),
  TPIDR_EL1(3, 0, 13, 0, 4, Access.RW),
  RNDR(3, 3, 2, 4, 0, Access.RO_EL0),
  RNDRRS(3, 3, 2, 4, 1, Access.RO_EL0),
  NZCV(3, 3, 4, 2, 0, Access.RW_EL0),
  DAIF(3, 3, 4, 2, 1, Access.RW_EL0),
  FPCR(3, 3, 4, 4, 0, Access.RW_EL0),
  FPSR(3, 3, 4, 4, 1, Access.RW_EL0),
  TPIDR_EL0(3, 3, 13, 0, 2, Access.RW_EL0),
  TPIDRRO_EL0(3, 3, 13, 0, 3, Access.RW_READ_EL0),

  // ---- interrupt controller CPU interface
  ICC_PMR_EL1(3, 0, 4, 6, 0, Access.RW),
  ICC_AP0R0_EL1(3, 0, 12, 8, 4, Access.RW),
  ICC_AP1R0_EL1(3, 0, 12, 9, 0, Access.RW),
  ICC_DIR_EL1(3, 0, 12, 11, 1, Access.WO),
  ICC_RPR_EL1(3, 0, 12, 11, 3, Access.RO),
  ICC_SGI1R_EL1(3, 0, 12, 11, 5, Access.WO),
  ICC_IAR1_EL1(3, 0, 12, 12, 0, Access.RO),
  ICC_EOIR1_EL1(3, 0, 12, 12, 1, Access.WO),
  ICC_HPPIR1_EL1(3, 0, 12, 12, 2, Access.RO),
  ICC_BPR1_EL1(3, 0, 12, 12, 3, Access.RW),
  ICC_CTLR_EL1(3, 0, 12, 12, 4, Access.RW),
  ICC_SRE_EL1(3, 0, 12, 12, 5, Access.RW, 7),
  ICC_IGRPEN1_EL1(3, 0, 12, 12, 7, Access.RW),

  // ---- generic timer
  CNTKCTL_EL1(3, 0, 14, 1, 0, Access.RW),
  CNTFRQ_EL0(3, 3, 14, 0, 0, Access.RO_EL0),
  CNTPCT_EL0(3, 3, 14, 0, 1, Access.RO_EL0),
  CNTVCT_EL0(3, 3, 14, 0, 2, Access.RO_EL0),
  CNTP_TVAL_EL0(3, 3, 14, 2, 0, Access.RW_EL0),
  CNTP_CTL_EL0(3, 3, 14, 2, 1, Access.RW_EL0),
  CNTP_CVAL_EL0(3, 3, 14, 2, 2, Access.RW_EL0),
  CNTV_TVAL_EL0(3, 3, 14, 3, 0, Access.RW_EL0),
  CNTV_CTL_EL0(3, 3, 14, 3, 1, Access.RW_EL0),
  CNTV_CVAL_EL0(3, 3, 14, 3, 2, Access.RW_EL0);

  /// Who may read and write. Without `EL0` in the name it is EL1 only.
  enum Access { RO, RW, WO, RO_EL0, RW_EL0, RW_READ_EL0 }

  /// Number of registers.
  static final int COUNT = values().length;

  private static final Arm64SystemRegister[] ALL = values();
  /// Ordinal + 1 by bits 14:0 of the encoding; op0 is 2 or 3, so its high bit says nothing.
  private static final short[] BY_ENCODING = index();

  private final int encoding;
  private final Access access;
  private final long reset;

  Arm64SystemRegister(int op0, int op1, int crn, int crm, int op2, Access access) {
    this(op0, op1, crn, crm, op2, access, 0);
  }

  Arm64SystemRegister(int op0, int op1, int crn, int crm, int op2, Access access, long reset) {
    encoding = op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
    this.access = access;
    this.reset = reset;
  }

  private static short[] index() {
    short[] table = new short[1 << 15];
    for (Arm64SystemRegister r : values()) {
      table[r.encoding & 0x7fff] = (short) (r.ordinal() + 1);
    }
    return table;
  }

  /// The register with this encoding (bits 20:5 of MSR and MRS), or null.
  static @Nullable Arm64SystemRegister find(int encoding) {
    int at = BY_ENCODING[encoding & 0x7fff];
    if (at != 0) {
      return ALL[at - 1];
    }
    return isIdentification(encoding) ? ID_RESERVED : null;
  }

  /// op0 3, op1 0, CRn 0, CRm 1..7: reads as zero where nothing is (D19.1).
  private static boolean isIdentification(int encoding) {
    int crm = encoding >> 3 & 15;
    return encoding >> 7 == 3 << 7 && crm >= 1 && crm <= 7;
  }

  /// The register with this ordinal.
  static Arm64SystemRegister of(int ordinal) {
    return ALL[ordinal];
  }

  /// op0 15:14, op1 13:11, CRn 10:7, CRm 6:3, op2 2:0.
  int encoding() {
    return encoding;
  }

  long reset() {
    return reset;
  }

  /// What a core must have for the register to be there.
  Arm64Feature feature() {
    return switch (this) {
      case APIAKEYLO_EL1, APIAKEYHI_EL1, APIBKEYLO_EL1, APIBKEYHI_EL1 -> Arm64Feature.PAUTH;
      case APDAKEYLO_EL1, APDAKEYHI_EL1, APDBKEYLO_EL1, APDBKEYHI_EL1 -> Arm64Feature.PAUTH;
      case APGAKEYLO_EL1, APGAKEYHI_EL1 -> Arm64Feature.PACGA;
      case RNDR, RNDRRS -> Arm64Feature.RNG;
      case PAN -> Arm64Feature.PAN;
      case UAO -> Arm64Feature.UAO;
      case SSBS -> Arm64Feature.SSBS2;
      default -> Arm64Feature.BASE;
    };
  }

  boolean readable() {
    return access != Access.WO;
  }

  boolean writable() {
    return access != Access.RO && access != Access.RO_EL0;
  }

  boolean readableAtEl0() {
    return access == Access.RO_EL0 || access == Access.RW_EL0 || access == Access.RW_READ_EL0;
  }

  boolean writableAtEl0() {
    return access == Access.RW_EL0;
  }
}

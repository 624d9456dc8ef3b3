package dev.crosspatch.isa.arm64;

/// The optional parts of the architecture that this machine has: what its instructions and registers need
/// ([Arm64Row#feature], [Arm64SystemRegister#feature]), and the field of an identification register that tells software
/// of it. A core has those of its [Arm64Preset]; without them an instruction is undefined. Instructions of the hint
/// space are NOPs without theirs and need none. Source: DDI0487 A2.2, D19.2 (fields).
enum Arm64Feature {
  /// What every core has.
  BASE(Arm64SystemRegister.ID_AA64ISAR0_EL1, 0, 0),
  AES(Arm64SystemRegister.ID_AA64ISAR0_EL1, 4, 1),
  PMULL(Arm64SystemRegister.ID_AA64ISAR0_EL1, 4, 2),
  SHA1(Arm64SystemRegister.ID_AA64ISAR0_EL1, 8, 1),
  SHA256(Arm64SystemRegister.ID_AA64ISAR0_EL1, 12, 1),
  CRC32(Arm64SystemRegister.ID_AA64ISAR0_EL1, 16, 1),
  LSE(Arm64SystemRegister.ID_AA64ISAR0_EL1, 20, 2),
  RDM(Arm64SystemRegister.ID_AA64ISAR0_EL1, 28, 1),
  DOTPROD(Arm64SystemRegister.ID_AA64ISAR0_EL1, 44, 1),
  TLBIOS(Arm64SystemRegister.ID_AA64ISAR0_EL1, 56, 1),
  TLBIRANGE(Arm64SystemRegister.ID_AA64ISAR0_EL1, 56, 2),
  /// Random numbers: RNDR, RNDRRS.
  RNG(Arm64SystemRegister.ID_AA64ISAR0_EL1, 60, 1),
  DPB(Arm64SystemRegister.ID_AA64ISAR1_EL1, 0, 1),
  DPB2(Arm64SystemRegister.ID_AA64ISAR1_EL1, 0, 2),
  /// Pointer authentication, of addresses and of anything (PACGA), by QARMA5.
  PAUTH(Arm64SystemRegister.ID_AA64ISAR1_EL1, 4, 1),
  PACGA(Arm64SystemRegister.ID_AA64ISAR1_EL1, 24, 1),
  LRCPC(Arm64SystemRegister.ID_AA64ISAR1_EL1, 20, 1),
  SB(Arm64SystemRegister.ID_AA64ISAR1_EL1, 36, 1),
  XS(Arm64SystemRegister.ID_AA64ISAR1_EL1, 56, 1),
  HBC(Arm64SystemRegister.ID_AA64ISAR2_EL1, 20, 1),
  HPDS(Arm64SystemRegister.ID_AA64MMFR1_EL1, 12, 1),
  PAN(Arm64SystemRegister.ID_AA64MMFR1_EL1, 20, 1),
  PAN2(Arm64SystemRegister.ID_AA64MMFR1_EL1, 20, 2),
  CNP(Arm64SystemRegister.ID_AA64MMFR2_EL1, 0, 1),
  UAO(Arm64SystemRegister.ID_AA64MMFR2_EL1, 4, 1),
  /// Half precision, which fields of floating point and of SIMD tell alike.
  FP16(Arm64SystemRegister.ID_AA64PFR0_EL1, 16, 0x11),
  /// Branch target identification: PSTATE.BTYPE, guarded pages.
  BTI(Arm64SystemRegister.ID_AA64PFR1_EL1, 0, 1),
  /// PSTATE.SSBS, with its MSR and MRS.
  SSBS2(Arm64SystemRegister.ID_AA64PFR1_EL1, 4, 2);

  private final Arm64SystemRegister register;
  private final int shift;
  private final long value;
  /// All ones in the fields.
  private final long field;

  Arm64Feature(Arm64SystemRegister register, int shift, long value) {
    this.register = register;
    this.shift = shift;
    this.value = value;
    field = value > 15 ? 0xff : 15;
  }

  /// `id`, the contents of `of`, with this feature told in it.
  long tell(Arm64SystemRegister of, long id) {
    boolean more = of == register && value > (id >>> shift & field);
    return more ? (id & ~(field << shift)) | value << shift : id;
  }
}

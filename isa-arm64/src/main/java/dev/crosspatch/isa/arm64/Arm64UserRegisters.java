package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What Linux shows EL0 of identification registers (Documentation/arch/arm64/cpu-feature-registers.rst): fields that
/// are for programs as the core has them, all others with a value that promises nothing.
final class Arm64UserRegisters {
  private Arm64UserRegisters() {}

  /// What is shown of a register (arch/arm64/kernel/cpufeature.c, the tables `ftr_id_`).
  ///
  /// @param visible bits as the core has them: fields that are FTR_VISIBLE
  /// @param hidden  the safe values of the others
  private record Shown(long visible, long hidden) {}

  private static final Map<Arm64SystemRegister, Shown> SHOWN = Map.of(
      ID_AA64PFR0_EL1, new Shown(0x000f_000f_00ff_0000L, 0x11), // EL1 and EL0: AArch64 alone
      ID_AA64PFR1_EL1, new Shown(0x0f00_0fff, 0),
      ID_AA64DFR0_EL1, new Shown(0, 6), // DebugVer: Armv8
      ID_AA64ISAR0_EL1, new Shown(0xf0ff_ffff_f0ff_fff0L, 0),
      ID_AA64ISAR1_EL1, new Shown(0x00ff_f0ff_ffff_ffffL, 0),
      ID_AA64ISAR2_EL1, new Shown(0x00ff_0000_0000_ffffL, 0),
      ID_AA64MMFR0_EL1, new Shown(0xf000_0000_0000_0000L, 0x0000_0111_ff00_0000L), // no granule is there
      ID_AA64MMFR1_EL1, new Shown(0x0000_f000_0000_0000L, 0),
      ID_AA64MMFR2_EL1, new Shown(0x0000_000f_0000_0000L, 0));

  /// MPIDR_EL1 without a place: RES1 alone.
  private static final long ANY_PLACE = 1L << 31;

  /// The value of the register with this encoding (op0, op1, CRn, CRm, op2, as in MRS), or null if Linux does not show
  /// it. Those that nobody has heard of are 0.
  static @Nullable Long value(Arm64Core core, int encoding) {
    int place = encoding >> 3 & 15;
    Arm64SystemRegister register = Arm64SystemRegister.find(encoding);
    if (place >= 4 && place <= 7) {
      Shown shown = register == null ? null : SHOWN.get(register);
      return shown == null || register == null ? Long.valueOf(0)
          : Long.valueOf((core.system.read(register) & shown.visible) | shown.hidden);
    }
    return register == MIDR_EL1 ? Long.valueOf(core.system.read(MIDR_EL1))
        : register == MPIDR_EL1 ? Long.valueOf(ANY_PLACE)
        : register == REVIDR_EL1 ? Long.valueOf(0) : null;
  }
}

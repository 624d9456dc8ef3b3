package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.choice.SplitMix64;
import dev.crosspatch.core.cpu.Outcome;

/// Pointer authentication (FEAT_PAuth with QARMA5): a code in the bits of a pointer that translation does not use.
/// Source: DDI0487 D8.10, AddPAC, Auth, Strip. Without FEAT_EPAC, FEAT_PAuth2 and FEAT_FPAC, so a pointer that fails
/// gets two bits that make it fault when it is used. On cores without it, decoding makes nothing of it.
///
/// Helpers: `a` is the pointer, `b` the modifier, the immediate the key.
final class Arm64PointerAuth {
  private Arm64PointerAuth() {}

  // ---- keys
  static final int IA = 0;
  static final int IB = 1;
  static final int DA = 2;
  static final int DB = 3;

  private static final Arm64SystemRegister[] HIGH = {APIAKEYHI_EL1, APIBKEYHI_EL1, APDAKEYHI_EL1, APDBKEYHI_EL1};
  private static final Arm64SystemRegister[] LOW = {APIAKEYLO_EL1, APIBKEYLO_EL1, APDAKEYLO_EL1, APDBKEYLO_EL1};
  /// SCTLR_EL1.EnIA, EnIB, EnDA, EnDB.
  private static final long[] ENABLE = {1L << 31, 1L << 30, 1L << 27, 1L << 13};
  /// All of [#ENABLE].
  static final long SCTLR_ENABLES = 1L << 31 | 1L << 30 | 1L << 27 | 1L << 13;

  /// Bit 55 tells the halves of the address space apart and is no part of a code.
  private static final long HALF = 1L << 55;
  private static final long GENERIC = -1L << 32;

  /// Gives a core keys, the same ones in every run, and enables all instructions, as Linux does for a program, whose
  /// keys are random (arch/arm64/include/asm/pointer_auth.h).
  static void arm(Arm64Core core) {
    long number = 0;
    for (int key = IA; key <= DB; key++) {
      core.system.set(HIGH[key], SplitMix64.mix(++number));
      core.system.set(LOW[key], SplitMix64.mix(++number));
    }
    core.system.set(APGAKEYHI_EL1, SplitMix64.mix(++number));
    core.system.set(APGAKEYLO_EL1, SplitMix64.mix(++number));
    core.system.set(SCTLR_EL1, core.system.get(SCTLR_EL1) | SCTLR_ENABLES);
  }

  /// Whether the instructions of a key do anything.
  private static boolean enabled(Arm64Core core, int key) {
    return core.system.is(ENABLE[key]);
  }

  private static long code(Arm64Core core, long pointer, long modifier, int key) {
    return Arm64Qarma.encrypt(pointer, modifier, core.system.get(HIGH[key]), core.system.get(LOW[key]));
  }

  /// Bits that hold a code, bit 55 among them.
  private static long field(Arm64Core core, long pointer, boolean high, int key) {
    long below = (1L << core.mmu.addressBits(high)) - 1;
    return core.mmu.ignoresTop(pointer, key <= IB) ? ~below << 8 >>> 8 : ~below;
  }

  /// The pointer without a code, as bit 55 has it.
  private static long plain(Arm64Core core, long pointer, int key) {
    boolean high = (pointer & HALF) != 0;
    long field = field(core, pointer, high, key);
    return high ? pointer | field : pointer & ~field;
  }

  /// PACIA, PACIB, PACDA, PACDB and their kin.
  static int sign(Arm64Core core, long word, long imm) {
    int key = (int) imm;
    long pointer = core.r[a(word)];
    if (enabled(core, key)) {
      boolean high = (core.mmu.ignoresTop(pointer, key <= IB) ? pointer << 8 : pointer) < 0;
      long field = field(core, pointer, high, key);
      long good = high ? pointer | field : pointer & ~field;
      long code = code(core, good, core.r[b(word)], key);
      boolean canonical = (pointer & field) == 0 || (pointer & field) == field;
      long spoilt = canonical ? 0 : Long.highestOneBit(field) >>> 1;
      pointer = (pointer & ~field) | ((code ^ spoilt) & field & ~HALF) | (high ? HALF : 0);
    }
    core.result(word, pointer);
    return Outcome.OK;
  }

  /// AUTIA, AUTIB, AUTDA, AUTDB and their kin.
  static int authenticate(Arm64Core core, long word, long imm) {
    core.result(word, authenticated(core, core.r[a(word)], core.r[b(word)], (int) imm));
    return Outcome.OK;
  }

  /// The pointer without its code, if that is right; else one that no translation takes.
  static long authenticated(Arm64Core core, long pointer, long modifier, int key) {
    if (!enabled(core, key)) {
      return pointer;
    }
    long plain = plain(core, pointer, key);
    long field = field(core, pointer, (pointer & HALF) != 0, key);
    if (((code(core, plain, modifier, key) ^ pointer) & field & ~HALF) == 0) {
      return plain;
    }
    int error = 61 - Long.numberOfLeadingZeros(field);
    return (plain & ~(3L << error)) | ((key & 1) == 0 ? 1L : 2L) << error;
  }

  /// XPACI, XPACD, XPACLRI.
  static int strip(Arm64Core core, long word, long imm) {
    core.result(word, plain(core, core.r[a(word)], (int) imm));
    return Outcome.OK;
  }

  /// PACGA.
  static int generic(Arm64Core core, long word, long imm) {
    core.result(word, GENERIC & Arm64Qarma.encrypt(core.r[a(word)], core.r[b(word)], core.system.get(APGAKEYHI_EL1),
        core.system.get(APGAKEYLO_EL1)));
    return Outcome.OK;
  }

  /// ERETAA, ERETAB: modifier SP.
  static int eret(Arm64Core core, long word, long imm) {
    return core.privilege == 0 ? core.undefined() : Arm64Exceptions.eret(core,
        authenticated(core, core.system.get(ELR_EL1), core.r[Arm64Core.SP], (int) imm));
  }
}

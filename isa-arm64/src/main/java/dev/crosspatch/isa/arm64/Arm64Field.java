package dev.crosspatch.isa.arm64;

import java.util.Locale;

/// Names of the variable parts of an instruction word, as the manual's encoding diagrams call them. Where a field lies
/// is the business of each [Arm64Row].
enum Arm64Field {
  SF, SH, HW, N, IMMR, IMMS, SHIFT, OPTION, S, COND, NZCV,
  RD, RN, RM, RA, RT, RT2, RS,
  IMM2, IMM3, IMM5, IMM6, IMM7, IMM9, IMM12, IMM14, IMM16, IMM19, IMM26, IMMLO, IMMHI, B5, B40,
  SIZE, SZ, C, A, R, W, CRM, CRN, OP0, OP1, OP2,
  // SIMD and floating point
  Q, L, M, H, IMMH, IMMB, IMM4, IMM8, ABC, DEFGH, CMODE, LEN, FTYPE, SCALE;

  /// Number of fields.
  static final int COUNT = values().length;

  /// The field with this name in a row's pattern; case does not matter.
  static Arm64Field named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }
}

package dev.crosspatch.isa.x86;

/// Integer arithmetic and logic on packed elements, SSE2 to SSE4.2 and AVX2.
final class X86VectorIntegerRows {
  private X86VectorIntegerRows() {}

  static void add(X86Rows.Table t) {
    logic(t);
    sums(t);
    saturated(t);
    comparisons(t);
    extremes(t);
    products(t);
    shifts(t);
    neighbours(t);
  }

  private static void lanes(X86Rows.Table t, X86Lane lane, String rows) {
    X86Helper helper = X86Vectors.lanes(lane);
    t.vector(b -> X86EmitVector.compute(b, helper), rows);
  }

  private static void helper(X86Rows.Table t, X86Helper helper, String rows) {
    t.vector(b -> X86EmitVector.compute(b, helper), rows);
  }

  /// By a count in the low quadword of the second source.
  private static void counted(X86Rows.Table t, X86Lane lane, String row) {
    t.mmx(X86Vectors.counted(lane), X86Mmx.lanes(lane), row);
  }

  // ---- logic, which floating point has under names of its own
  private static void logic(X86Rows.Table t) {
    X86Lane and = X86Lane.words((a, b) -> a & b);
    t.mmx(and, "66 0F DB /r | PAND Vx,Hx,Wx | VECTOR | 2B PAND");
    lanes(t, and, """
        NP 0F 54 /r      | ANDPS Vps,Hps,Wps       | VECTOR                     | 2A ANDPS
        66 0F 54 /r      | ANDPD Vpd,Hpd,Wpd       | VECTOR                     | 2A ANDPD
        """);
    X86Lane andNot = X86Lane.words((a, b) -> ~a & b);
    t.mmx(andNot, "66 0F DF /r | PANDN Vx,Hx,Wx | VECTOR | 2B PANDN");
    lanes(t, andNot, """
        NP 0F 55 /r      | ANDNPS Vps,Hps,Wps      | VECTOR                     | 2A ANDNPS
        66 0F 55 /r      | ANDNPD Vpd,Hpd,Wpd      | VECTOR                     | 2A ANDNPD
        """);
    X86Lane or = X86Lane.words((a, b) -> a | b);
    t.mmx(or, "66 0F EB /r | POR Vx,Hx,Wx | VECTOR | 2B POR");
    lanes(t, or, """
        NP 0F 56 /r      | ORPS Vps,Hps,Wps        | VECTOR                     | 2B ORPS
        66 0F 56 /r      | ORPD Vpd,Hpd,Wpd        | VECTOR                     | 2B ORPD
        """);
    X86Lane exclusiveOr = X86Lane.words((a, b) -> a ^ b);
    t.mmx(exclusiveOr, "66 0F EF /r | PXOR Vx,Hx,Wx | VECTOR | 2B PXOR");
    lanes(t, exclusiveOr, """
        NP 0F 57 /r      | XORPS Vps,Hps,Wps       | VECTOR                     | 2D XORPS
        66 0F 57 /r      | XORPD Vpd,Hpd,Wpd       | VECTOR                     | 2D XORPD
        """);
    X86Helper test = X86Packed.test(-1);
    t.vector(b -> X86EmitVector.compare(b, test), "66 0F 38 17 /r | PTEST Vx,Wx | VECTOR | 2B PTEST");
  }

  private static void sums(X86Rows.Table t) {
    t.mmx(X86Packed.add(8), "66 0F FC /r | PADDB Vx,Hx,Wx | VECTOR | 2B PADDB/PADDW/PADDD/PADDQ");
    t.mmx(X86Packed.add(16), "66 0F FD /r | PADDW Vx,Hx,Wx | VECTOR | 2B PADDB/PADDW/PADDD/PADDQ");
    t.mmx(X86Packed.add(32), "66 0F FE /r | PADDD Vx,Hx,Wx | VECTOR | 2B PADDB/PADDW/PADDD/PADDQ");
    t.mmx(X86Packed.add(64), "66 0F D4 /r | PADDQ Vx,Hx,Wx | VECTOR | 2B PADDB/PADDW/PADDD/PADDQ");
    t.mmx(X86Packed.subtract(8), "66 0F F8 /r | PSUBB Vx,Hx,Wx | VECTOR | 2B PSUBB/PSUBW/PSUBD");
    t.mmx(X86Packed.subtract(16), "66 0F F9 /r | PSUBW Vx,Hx,Wx | VECTOR | 2B PSUBB/PSUBW/PSUBD");
    t.mmx(X86Packed.subtract(32), "66 0F FA /r | PSUBD Vx,Hx,Wx | VECTOR | 2B PSUBB/PSUBW/PSUBD");
    t.mmx(X86Packed.subtract(64), "66 0F FB /r | PSUBQ Vx,Hx,Wx | VECTOR | 2B PSUBQ");
    t.mmx(X86Lane.unsigned(8, (a, b) -> (a + b + 1) >> 1), "66 0F E0 /r | PAVGB Vx,Hx,Wx | VECTOR | 2B PAVGB/PAVGW");
    t.mmx(X86Lane.unsigned(16, (a, b) -> (a + b + 1) >> 1),
        "66 0F E3 /r | PAVGW Vx,Hx,Wx | VECTOR | 2B PAVGB/PAVGW");
    t.mmx(X86Lane.signed(8, (a, b) -> Math.abs(b)), "66 0F 38 1C /r | PABSB Vx,Wx | VECTOR | 2B PABSB/PABSW/PABSD");
    t.mmx(X86Lane.signed(16, (a, b) -> Math.abs(b)), "66 0F 38 1D /r | PABSW Vx,Wx | VECTOR | 2B PABSB/PABSW/PABSD");
    t.mmx(X86Lane.signed(32, (a, b) -> Math.abs(b)), "66 0F 38 1E /r | PABSD Vx,Wx | VECTOR | 2B PABSB/PABSW/PABSD");
    t.mmx(X86Packed.sign(8), "66 0F 38 08 /r | PSIGNB Vx,Hx,Wx | VECTOR | 2B PSIGNB/PSIGNW/PSIGND");
    t.mmx(X86Packed.sign(16), "66 0F 38 09 /r | PSIGNW Vx,Hx,Wx | VECTOR | 2B PSIGNB/PSIGNW/PSIGND");
    t.mmx(X86Packed.sign(32), "66 0F 38 0A /r | PSIGND Vx,Hx,Wx | VECTOR | 2B PSIGNB/PSIGNW/PSIGND");
  }

  private static void saturated(X86Rows.Table t) {
    t.mmx(X86Packed.saturatedSigned(8, (a, b) -> a + b),
        "66 0F EC /r | PADDSB Vx,Hx,Wx | VECTOR | 2B PADDSB/PADDSW");
    t.mmx(X86Packed.saturatedSigned(16, (a, b) -> a + b),
        "66 0F ED /r | PADDSW Vx,Hx,Wx | VECTOR | 2B PADDSB/PADDSW");
    t.mmx(X86Packed.saturatedSigned(8, (a, b) -> a - b),
        "66 0F E8 /r | PSUBSB Vx,Hx,Wx | VECTOR | 2B PSUBSB/PSUBSW");
    t.mmx(X86Packed.saturatedSigned(16, (a, b) -> a - b),
        "66 0F E9 /r | PSUBSW Vx,Hx,Wx | VECTOR | 2B PSUBSB/PSUBSW");
    t.mmx(X86Packed.saturatedUnsigned(8, (a, b) -> a + b),
        "66 0F DC /r | PADDUSB Vx,Hx,Wx | VECTOR | 2B PADDUSB/PADDUSW");
    t.mmx(X86Packed.saturatedUnsigned(16, (a, b) -> a + b),
        "66 0F DD /r | PADDUSW Vx,Hx,Wx | VECTOR | 2B PADDUSB/PADDUSW");
    t.mmx(X86Packed.saturatedUnsigned(8, (a, b) -> a - b),
        "66 0F D8 /r | PSUBUSB Vx,Hx,Wx | VECTOR | 2B PSUBUSB/PSUBUSW");
    t.mmx(X86Packed.saturatedUnsigned(16, (a, b) -> a - b),
        "66 0F D9 /r | PSUBUSW Vx,Hx,Wx | VECTOR | 2B PSUBUSB/PSUBUSW");
  }

  private static void comparisons(X86Rows.Table t) {
    t.mmx(X86Packed.equal(8), "66 0F 74 /r | PCMPEQB Vx,Hx,Wx | VECTOR | 2B PCMPEQB/PCMPEQW/PCMPEQD");
    t.mmx(X86Packed.equal(16), "66 0F 75 /r | PCMPEQW Vx,Hx,Wx | VECTOR | 2B PCMPEQB/PCMPEQW/PCMPEQD");
    t.mmx(X86Packed.equal(32), "66 0F 76 /r | PCMPEQD Vx,Hx,Wx | VECTOR | 2B PCMPEQB/PCMPEQW/PCMPEQD");
    lanes(t, X86Packed.equal(64), "66 0F 38 29 /r | PCMPEQQ Vx,Hx,Wx | VECTOR | 2B PCMPEQQ");
    t.mmx(X86Packed.greater(8), "66 0F 64 /r | PCMPGTB Vx,Hx,Wx | VECTOR | 2B PCMPGTB/PCMPGTW/PCMPGTD");
    t.mmx(X86Packed.greater(16), "66 0F 65 /r | PCMPGTW Vx,Hx,Wx | VECTOR | 2B PCMPGTB/PCMPGTW/PCMPGTD");
    t.mmx(X86Packed.greater(32), "66 0F 66 /r | PCMPGTD Vx,Hx,Wx | VECTOR | 2B PCMPGTB/PCMPGTW/PCMPGTD");
    lanes(t, X86Packed.greater(64), "66 0F 38 37 /r | PCMPGTQ Vx,Hx,Wx | VECTOR | 2B PCMPGTQ");
  }

  private static void extremes(X86Rows.Table t) {
    t.mmx(X86Lane.unsigned(8, Math::min), "66 0F DA /r | PMINUB Vx,Hx,Wx | VECTOR | 2B PMINUB/PMINUW");
    lanes(t, X86Lane.unsigned(16, Math::min), "66 0F 38 3A /r | PMINUW Vx,Hx,Wx | VECTOR | 2B PMINUB/PMINUW");
    lanes(t, X86Lane.unsigned(32, Math::min), "66 0F 38 3B /r | PMINUD Vx,Hx,Wx | VECTOR | 2B PMINUD/PMINUQ");
    lanes(t, X86Lane.signed(8, Math::min), "66 0F 38 38 /r | PMINSB Vx,Hx,Wx | VECTOR | 2B PMINSB/PMINSW");
    t.mmx(X86Lane.signed(16, Math::min), "66 0F EA /r | PMINSW Vx,Hx,Wx | VECTOR | 2B PMINSB/PMINSW");
    lanes(t, X86Lane.signed(32, Math::min), "66 0F 38 39 /r | PMINSD Vx,Hx,Wx | VECTOR | 2B PMINSD/PMINSQ");
    t.mmx(X86Lane.unsigned(8, Math::max), "66 0F DE /r | PMAXUB Vx,Hx,Wx | VECTOR | 2B PMAXUB/PMAXUW");
    lanes(t, X86Lane.unsigned(16, Math::max), "66 0F 38 3E /r | PMAXUW Vx,Hx,Wx | VECTOR | 2B PMAXUB/PMAXUW");
    lanes(t, X86Lane.unsigned(32, Math::max), "66 0F 38 3F /r | PMAXUD Vx,Hx,Wx | VECTOR | 2B PMAXUD/PMAXUQ");
    lanes(t, X86Lane.signed(8, Math::max),
        "66 0F 38 3C /r | PMAXSB Vx,Hx,Wx | VECTOR | 2B PMAXSB/PMAXSW/PMAXSD/PMAXSQ");
    t.mmx(X86Lane.signed(16, Math::max), "66 0F EE /r | PMAXSW Vx,Hx,Wx | VECTOR | 2B PMAXSB/PMAXSW/PMAXSD/PMAXSQ");
    lanes(t, X86Lane.signed(32, Math::max),
        "66 0F 38 3D /r | PMAXSD Vx,Hx,Wx | VECTOR | 2B PMAXSB/PMAXSW/PMAXSD/PMAXSQ");
    lanes(t, X86Packed::leastWord, "66 0F 38 41 /r | PHMINPOSUW Vdq,Wdq | VECTOR | 2B PHMINPOSUW");
  }

  private static void products(X86Rows.Table t) {
    t.mmx(X86Lane.signed(16, (a, b) -> a * b), "66 0F D5 /r | PMULLW Vx,Hx,Wx | VECTOR_MUL | 2B PMULLW");
    lanes(t, X86Lane.signed(32, (a, b) -> a * b), "66 0F 38 40 /r | PMULLD Vx,Hx,Wx | VECTOR_MUL | 2B PMULLD/PMULLQ");
    t.mmx(X86Lane.signed(16, (a, b) -> (a * b) >> 16), "66 0F E5 /r | PMULHW Vx,Hx,Wx | VECTOR_MUL | 2B PMULHW");
    t.mmx(X86Lane.unsigned(16, (a, b) -> (a * b) >> 16), "66 0F E4 /r | PMULHUW Vx,Hx,Wx | VECTOR_MUL | 2B PMULHUW");
    t.mmx(X86Lane.signed(16, (a, b) -> (((a * b) >> 14) + 1) >> 1),
        "66 0F 38 0B /r | PMULHRSW Vx,Hx,Wx | VECTOR_MUL | 2B PMULHRSW");
    t.mmx(X86Lane.words(X86Packed::multiplyUnsigned), "66 0F F4 /r | PMULUDQ Vx,Hx,Wx | VECTOR_MUL | 2B PMULUDQ");
    lanes(t, X86Lane.words(X86Packed::multiplySigned), "66 0F 38 28 /r | PMULDQ Vx,Hx,Wx | VECTOR_MUL | 2B PMULDQ");
    t.mmx(X86Lane.words(X86Packed::multiplyAdd), "66 0F F5 /r | PMADDWD Vx,Hx,Wx | VECTOR_MUL | 2B PMADDWD");
    t.mmx(X86Lane.words(X86Packed::multiplyAddBytes),
        "66 0F 38 04 /r | PMADDUBSW Vx,Hx,Wx | VECTOR_MUL | 2B PMADDUBSW");
    t.mmx(X86Lane.words(X86Packed::sumOfDifferences), "66 0F F6 /r | PSADBW Vx,Hx,Wx | VECTOR_MUL | 2B PSADBW");
  }

  // ---- shifts: by the low 64 bits of a register or memory, or by an immediate
  private static void shifts(X86Rows.Table t) {
    counted(t, X86Packed.shiftRight(16, false), "66 0F D1 /r | PSRLW Vx,Hx,Wdq | VECTOR | 2B PSRLW/PSRLD/PSRLQ");
    counted(t, X86Packed.shiftRight(32, false), "66 0F D2 /r | PSRLD Vx,Hx,Wdq | VECTOR | 2B PSRLW/PSRLD/PSRLQ");
    counted(t, X86Packed.shiftRight(64, false), "66 0F D3 /r | PSRLQ Vx,Hx,Wdq | VECTOR | 2B PSRLW/PSRLD/PSRLQ");
    counted(t, X86Packed.shiftArithmetic(16, false), "66 0F E1 /r | PSRAW Vx,Hx,Wdq | VECTOR | 2B PSRAW/PSRAD/PSRAQ");
    counted(t, X86Packed.shiftArithmetic(32, false), "66 0F E2 /r | PSRAD Vx,Hx,Wdq | VECTOR | 2B PSRAW/PSRAD/PSRAQ");
    counted(t, X86Packed.shiftLeft(16, false), "66 0F F1 /r | PSLLW Vx,Hx,Wdq | VECTOR | 2B PSLLW/PSLLD/PSLLQ");
    counted(t, X86Packed.shiftLeft(32, false), "66 0F F2 /r | PSLLD Vx,Hx,Wdq | VECTOR | 2B PSLLW/PSLLD/PSLLQ");
    counted(t, X86Packed.shiftLeft(64, false), "66 0F F3 /r | PSLLQ Vx,Hx,Wdq | VECTOR | 2B PSLLW/PSLLD/PSLLQ");
    t.mmx(X86Packed.shiftRight(16, true), "66 0F 71 /2 ib | PSRLW Hx,Ux,Ib | VECTOR | 2B PSRLW/PSRLD/PSRLQ");
    t.mmx(X86Packed.shiftRight(32, true), "66 0F 72 /2 ib | PSRLD Hx,Ux,Ib | VECTOR | 2B PSRLW/PSRLD/PSRLQ");
    t.mmx(X86Packed.shiftRight(64, true), "66 0F 73 /2 ib | PSRLQ Hx,Ux,Ib | VECTOR | 2B PSRLW/PSRLD/PSRLQ");
    t.mmx(X86Packed.shiftArithmetic(16, true), "66 0F 71 /4 ib | PSRAW Hx,Ux,Ib | VECTOR | 2B PSRAW/PSRAD/PSRAQ");
    t.mmx(X86Packed.shiftArithmetic(32, true), "66 0F 72 /4 ib | PSRAD Hx,Ux,Ib | VECTOR | 2B PSRAW/PSRAD/PSRAQ");
    t.mmx(X86Packed.shiftLeft(16, true), "66 0F 71 /6 ib | PSLLW Hx,Ux,Ib | VECTOR | 2B PSLLW/PSLLD/PSLLQ");
    t.mmx(X86Packed.shiftLeft(32, true), "66 0F 72 /6 ib | PSLLD Hx,Ux,Ib | VECTOR | 2B PSLLW/PSLLD/PSLLQ");
    t.mmx(X86Packed.shiftLeft(64, true), "66 0F 73 /6 ib | PSLLQ Hx,Ux,Ib | VECTOR | 2B PSLLW/PSLLD/PSLLQ");
    lanes(t, (c, d, a, b, imm) -> X86Shuffles.shift(c, d, b, imm & 0xff),
        "66 0F 73 /3 ib | PSRLDQ Hx,Ux,Ib | VECTOR | 2B PSRLDQ");
    lanes(t, (c, d, a, b, imm) -> X86Shuffles.shift(c, d, b, -(imm & 0xff)),
        "66 0F 73 /7 ib | PSLLDQ Hx,Ux,Ib | VECTOR | 2B PSLLDQ");
  }

  private static void neighbours(X86Rows.Table t) {
    t.mmx(X86Packed.horizontal(16, (a, b) -> a + b), "66 0F 38 01 /r | PHADDW Vx,Hx,Wx | VECTOR | 2B PHADDW/PHADDD");
    t.mmx(X86Packed.horizontal(32, (a, b) -> a + b), "66 0F 38 02 /r | PHADDD Vx,Hx,Wx | VECTOR | 2B PHADDW/PHADDD");
    t.mmx(X86Packed.horizontal(16, X86Packed::saturatedSum),
        "66 0F 38 03 /r | PHADDSW Vx,Hx,Wx | VECTOR | 2B PHADDSW");
    t.mmx(X86Packed.horizontal(16, (a, b) -> a - b), "66 0F 38 05 /r | PHSUBW Vx,Hx,Wx | VECTOR | 2B PHSUBW/PHSUBD");
    t.mmx(X86Packed.horizontal(32, (a, b) -> a - b), "66 0F 38 06 /r | PHSUBD Vx,Hx,Wx | VECTOR | 2B PHSUBW/PHSUBD");
    t.mmx(X86Packed.horizontal(16, X86Packed::saturatedDifference),
        "66 0F 38 07 /r | PHSUBSW Vx,Hx,Wx | VECTOR | 2B PHSUBSW");
    helper(t, X86Vectors.split(X86Packed::sumsOfDifferences, 3),
        "66 0F 3A 42 /r ib | MPSADBW Vx,Hx,Wx,Ib | VECTOR_MUL | 2B MPSADBW");
  }
}

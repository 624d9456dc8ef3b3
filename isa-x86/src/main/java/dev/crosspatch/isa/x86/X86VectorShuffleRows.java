package dev.crosspatch.isa.x86;

/// Shuffles, packs, unpacks, blends, SSE to SSE4.1 with their VEX forms.
final class X86VectorShuffleRows {
  private X86VectorShuffleRows() {}

  static void add(X86Rows.Table t) {
    unpacks(t);
    packs(t);
    shuffles(t);
    widenings(t);
    blends(t);
  }

  private static void lanes(X86Rows.Table t, X86Lane lane, String rows) {
    helper(t, X86Vectors.lanes(lane), rows);
  }

  private static void helper(X86Rows.Table t, X86Helper helper, String rows) {
    t.vector(b -> X86EmitVector.compute(b, helper), rows);
  }

  private static void unpacks(X86Rows.Table t) {
    lanes(t, X86Shuffles.interleave(8, 0), "66 0F 60 /r | PUNPCKLBW Vx,Hx,Wx | VECTOR | 2B PUNPCKLBW/PUNPCKLWD");
    lanes(t, X86Shuffles.interleave(16, 0), "66 0F 61 /r | PUNPCKLWD Vx,Hx,Wx | VECTOR | 2B PUNPCKLBW/PUNPCKLWD");
    lanes(t, X86Shuffles.interleave(32, 0), """
        66 0F 62 /r      | PUNPCKLDQ Vx,Hx,Wx      | VECTOR                     | 2B PUNPCKLBW/PUNPCKLWD
        NP 0F 14 /r      | UNPCKLPS Vps,Hps,Wps    | VECTOR                     | 2B UNPCKLPS
        """);
    lanes(t, X86Shuffles.interleave(64, 0), """
        66 0F 6C /r      | PUNPCKLQDQ Vx,Hx,Wx     | VECTOR                     | 2B PUNPCKLBW/PUNPCKLWD
        66 0F 14 /r      | UNPCKLPD Vpd,Hpd,Wpd    | VECTOR                     | 2B UNPCKLPD
        """);
    lanes(t, X86Shuffles.interleave(8, 1), "66 0F 68 /r | PUNPCKHBW Vx,Hx,Wx | VECTOR | 2B PUNPCKHBW/PUNPCKHWD");
    lanes(t, X86Shuffles.interleave(16, 1), "66 0F 69 /r | PUNPCKHWD Vx,Hx,Wx | VECTOR | 2B PUNPCKHBW/PUNPCKHWD");
    lanes(t, X86Shuffles.interleave(32, 1), """
        66 0F 6A /r      | PUNPCKHDQ Vx,Hx,Wx      | VECTOR                     | 2B PUNPCKHBW/PUNPCKHWD
        NP 0F 15 /r      | UNPCKHPS Vps,Hps,Wps    | VECTOR                     | 2B UNPCKHPS
        """);
    lanes(t, X86Shuffles.interleave(64, 1), """
        66 0F 6D /r      | PUNPCKHQDQ Vx,Hx,Wx     | VECTOR                     | 2B PUNPCKHBW/PUNPCKHWD
        66 0F 15 /r      | UNPCKHPD Vpd,Hpd,Wpd    | VECTOR                     | 2B UNPCKHPD
        """);
    mmxUnpacks(t, 8, "0", "8", "BW");
    mmxUnpacks(t, 16, "1", "9", "WD");
    mmxUnpacks(t, 32, "2", "A", "DQ");
  }

  /// Of MMX: the two halves of what its registers give in turn. The low one needs no more of memory than half, either.
  private static void mmxUnpacks(X86Rows.Table t, int bits, String low, String high, String name) {
    X86Lane both = X86Shuffles.interleave(bits, 0);
    t.add(b -> X86EmitVector.compute(b, X86Mmx.lanes(both)),
        "NP 0F 6" + low + " /r | PUNPCKL" + name + " Pq,Qd | VECTOR | 2B PUNPCKLBW/PUNPCKLWD");
    t.add(b -> X86EmitVector.compute(b, X86Mmx.upper(both)),
        "NP 0F 6" + high + " /r | PUNPCKH" + name + " Pq,Qq | VECTOR | 2B PUNPCKHBW/PUNPCKHWD");
  }

  private static void packs(X86Rows.Table t) {
    t.mmx(X86Shuffles.pack(16, true), "66 0F 63 /r | PACKSSWB Vx,Hx,Wx | VECTOR | 2B PACKSSWB/PACKSSDW");
    t.mmx(X86Shuffles.pack(32, true), "66 0F 6B /r | PACKSSDW Vx,Hx,Wx | VECTOR | 2B PACKSSWB/PACKSSDW");
    t.mmx(X86Shuffles.pack(16, false), "66 0F 67 /r | PACKUSWB Vx,Hx,Wx | VECTOR | 2B PACKUSWB");
    lanes(t, X86Shuffles.pack(32, false), "66 0F 38 2B /r | PACKUSDW Vx,Hx,Wx | VECTOR | 2B PACKUSDW");
  }

  private static void shuffles(X86Rows.Table t) {
    lanes(t, X86Shuffles::doublewords, "66 0F 70 /r ib | PSHUFD Vx,Wx,Ib | VECTOR | 2B PSHUFD");
    lanes(t, X86Shuffles::highWords, "F3 0F 70 /r ib | PSHUFHW Vx,Wx,Ib | VECTOR | 2B PSHUFHW");
    lanes(t, X86Shuffles::lowWords, "F2 0F 70 /r ib | PSHUFLW Vx,Wx,Ib | VECTOR | 2B PSHUFLW");
    t.mmx(X86Vectors.lanes(X86Shuffles::bytes), X86Mmx.lanes(X86Lane.words((a, b) -> X86Shuffles.bytes(a, a, b))),
        "66 0F 38 00 /r | PSHUFB Vx,Hx,Wx | VECTOR | 2B PSHUFB");
    t.mmx(X86Vectors.lanes(X86Shuffles::align),
        X86Mmx.lanes((c, d, a, b, imm) -> X86Shuffles.shift(c, d, b, imm & 0xff)),
        "66 0F 3A 0F /r ib | PALIGNR Vx,Hx,Wx,Ib | VECTOR | 2B PALIGNR");
    lanes(t, X86Shuffles::single, "NP 0F C6 /r ib | SHUFPS Vps,Hps,Wps,Ib | VECTOR | 2B SHUFPS");
    helper(t, X86Vectors.split(X86Shuffles::twice, 2), "66 0F C6 /r ib | SHUFPD Vpd,Hpd,Wpd,Ib | VECTOR | 2B SHUFPD");
    lanes(t, X86Lane.words(X86Shuffles::evenDoublewords), "F3 0F 12 /r | MOVSLDUP Vps,Wps | VECTOR | 2B MOVSLDUP");
    lanes(t, X86Lane.words(X86Shuffles::oddDoublewords), "F3 0F 16 /r | MOVSHDUP Vps,Wps | VECTOR | 2B MOVSHDUP");
    t.add(b -> X86EmitVector.compute(b, X86Vectors.lanes(X86Shuffles::lowTwice)), """
        F2 0F 12 /r      | MOVDDUP Vdq,Wq          | VECTOR                     | 2B MOVDDUP
        VEX.128.F2.0F 12 /r | VMOVDDUP Vdq,Wq      | VECTOR                     | 2B MOVDDUP
        VEX.256.F2.0F 12 /r | VMOVDDUP Vqq,Wqq     | VECTOR                     | 2B MOVDDUP
        """);
  }

  private static void widenings(X86Rows.Table t) {
    widening(t, 0, 8, 16, "BW", "Wq", "Wdq");
    widening(t, 1, 8, 32, "BD", "Wd", "Wq");
    widening(t, 2, 8, 64, "BQ", "Ww", "Wd");
    widening(t, 3, 16, 32, "WD", "Wq", "Wdq");
    widening(t, 4, 16, 64, "WQ", "Wd", "Wq");
    widening(t, 5, 32, 64, "DQ", "Wq", "Wdq");
  }

  /// The source of the 256-bit form has twice the size.
  private static void widening(X86Rows.Table t, int opcode, int from, int to, String name, String source,
      String twice) {
    for (int signed = 0; signed < 2; signed++) {
      X86Helper helper = X86Vectors.whole(X86Shuffles.widen(from, to, signed != 0));
      String code = "0F38 " + (signed != 0 ? 2 : 3) + opcode + " /r | ";
      String form = "PMOV" + (signed != 0 ? "SX" : "ZX") + name;
      String rest = " | VECTOR unaligned | 2B PMOV" + (signed != 0 ? "SX" : "ZX");
      t.add(b -> X86EmitVector.compute(b, helper),
          "66 " + code.replace("0F38", "0F 38") + form + " Vdq," + source + rest
          + "\nVEX.128.66." + code + "V" + form + " Vdq," + source + rest
          + "\nVEX.256.66." + code + "V" + form + " Vqq," + twice + rest);
    }
  }

  private static void blends(X86Rows.Table t) {
    lanes(t, X86Shuffles.blend(16), "66 0F 3A 0E /r ib | PBLENDW Vx,Hx,Wx,Ib | VECTOR | 2B PBLENDW");
    helper(t, X86Vectors.split(X86Shuffles.blend(32), 4),
        "66 0F 3A 0C /r ib | BLENDPS Vx,Hx,Wx,Ib | VECTOR | 2A BLENDPS");
    helper(t, X86Vectors.split(X86Shuffles.blend(64), 2),
        "66 0F 3A 0D /r ib | BLENDPD Vx,Hx,Wx,Ib | VECTOR | 2A BLENDPD");
    blendBy(t, 8, "10", "4C", "PBLENDVB", "2B PBLENDVB");
    blendBy(t, 32, "14", "4A", "BLENDVPS", "2A BLENDVPS");
    blendBy(t, 64, "15", "4B", "BLENDVPD", "2A BLENDVPD");
    t.vector(b -> X86EmitVector.compute(b, X86Shuffles::insert), """
        66 0F 3A 21 /r ib | INSERTPS Vdq,Hdq,Udq,Ib | VECTOR                    | 2A INSERTPS
        66 0F 3A 21 /r ib | INSERTPS Vdq,Hdq,Md,Ib | LOAD                       | 2A INSERTPS
        """);
  }

  private static void blendBy(X86Rows.Table t, int bits, String legacy, String vex, String name, String manual) {
    X86Helper helper = X86Shuffles.blendBy(bits);
    t.add(b -> X86EmitVector.compute(b, helper), "66 0F 38 " + legacy + " /r | " + name + " Vx,Wx | VECTOR | " + manual
        + "\nVEX.Lx.66.0F3A W0 " + vex + " /r ib | V" + name + " Vx,Hx,Wx,Lx | VECTOR | " + manual);
  }
}

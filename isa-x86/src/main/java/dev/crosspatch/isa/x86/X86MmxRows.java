package dev.crosspatch.isa.x86;

import static dev.crosspatch.core.fp.FloatFormat.DOUBLE;
import static dev.crosspatch.core.fp.FloatFormat.SINGLE;

/// What MMX, and SSE and SSE2 with its registers, have for themselves. Forms of what vectors have stand with those.
final class X86MmxRows {
  private X86MmxRows() {}

  static void add(X86Rows.Table t) {
    moves(t);
    conversions(t);
    X86Helper shuffle = X86Mmx.lanes(X86Shuffles::lowWords);
    t.add(b -> X86EmitVector.compute(b, shuffle), "NP 0F 70 /r ib | PSHUFW Pq,Qq,Ib | VECTOR | 2B PSHUFW");
    t.add(b -> X86EmitSystem.plain(b, X86Mmx::empty), "NP 0F 77 | EMMS | ALU | 2A EMMS");
  }

  private static void moves(X86Rows.Table t) {
    X86Helper load = X86Mmx.lanes(X86Lane.words((a, b) -> b));
    t.add(b -> X86EmitVector.move(b, load, X86Mmx::store), """
        NP 0F 6F /r      | MOVQ Pq,Qq              | VECTOR                     | 2B MOVQ
        NP 0F 7F /r      | MOVQ Qq,Pq              | VECTOR                     | 2B MOVQ
        NP 0F E7 /r      | MOVNTQ Mq,Pq            | STORE                      | 2B MOVNTQ
        """);
    t.add(b -> X86EmitVector.compute(b, X86Mmx::toVector), "F3 0F D6 /r | MOVQ2DQ Vdq,Nq | VECTOR | 2B MOVQ2DQ");
    t.add(b -> X86EmitVector.compute(b, X86Mmx::fromVector), "F2 0F D6 /r | MOVDQ2Q Pq,Udq | VECTOR | 2B MOVDQ2Q");
    t.add(b -> X86EmitVector.maskMove(b, X86Mmx::maskMove), "NP 0F F7 /r | MASKMOVQ Pq,Nq | STORE | 2B MASKMOVQ");
  }

  private static void conversions(X86Rows.Table t) {
    row(t, X86Mmx.toFloats(32, X86Floats.fromDoubleword(SINGLE)), "NP 0F 2A /r | CVTPI2PS Vps,Qq", "CVTPI2PS");
    row(t, X86Mmx.toFloats(64, X86Floats.fromDoubleword(DOUBLE)), "66 0F 2A /r | CVTPI2PD Vpd,Qq", "CVTPI2PD");
    row(t, X86Mmx.fromFloats(32, X86Floats.toDoubleword(SINGLE, true)), "NP 0F 2C /r | CVTTPS2PI Pq,Wq", "CVTTPS2PI");
    row(t, X86Mmx.fromFloats(64, X86Floats.toDoubleword(DOUBLE, true)), "66 0F 2C /r | CVTTPD2PI Pq,Wpd", "CVTTPD2PI");
    row(t, X86Mmx.fromFloats(32, X86Floats.toDoubleword(SINGLE, false)), "NP 0F 2D /r | CVTPS2PI Pq,Wq", "CVTPS2PI");
    row(t, X86Mmx.fromFloats(64, X86Floats.toDoubleword(DOUBLE, false)), "66 0F 2D /r | CVTPD2PI Pq,Wpd", "CVTPD2PI");
  }

  private static void row(X86Rows.Table t, X86Helper helper, String code, String name) {
    t.add(b -> X86EmitVector.compute(b, helper), code + " | FLOAT | 2A " + name);
  }
}

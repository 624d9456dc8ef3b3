package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import java.util.Arrays;

/// What AVX and AVX2 have beyond VEX forms of SSE; and the strings of SSE4.2.
final class X86AvxRows {
  private X86AvxRows() {}

  static void add(X86Rows.Table t) {
    strings(t);
    broadcasts(t);
    permutations(t);
    halves(t);
    shifts(t);
    memory(t);
  }

  private static void compute(X86Rows.Table t, X86Helper helper, String rows) {
    t.add(b -> X86EmitVector.compute(b, helper), rows);
  }

  private static void strings(X86Rows.Table t) {
    String[] rows = {
      "66 0F 3A 60 /r ib | PCMPESTRM Vdq,Wdq,Ib | VECTOR_MUL unaligned | 2B PCMPESTRM",
      "66 0F 3A 61 /r ib | PCMPESTRI Vdq,Wdq,Ib | VECTOR_MUL unaligned | 2B PCMPESTRI",
      "66 0F 3A 62 /r ib | PCMPISTRM Vdq,Wdq,Ib | VECTOR_MUL unaligned | 2B PCMPISTRM",
      "66 0F 3A 63 /r ib | PCMPISTRI Vdq,Wdq,Ib | VECTOR_MUL unaligned | 2B PCMPISTRI"
    };
    for (int i = 0; i < rows.length; i++) {
      X86Helper helper = X86TextStrings.compare(i < 2, (i & 1) != 0);
      t.vector(b -> X86EmitVector.strings(b, helper), rows[i]);
    }
  }

  private static void broadcasts(X86Rows.Table t) {
    compute(t, X86Vectors.whole(X86Shuffles.broadcast(8)),
        "VEX.Lx.66.0F38 W0 78 /r | VPBROADCASTB Vx,Wb | VECTOR | 2C VPBROADCAST");
    compute(t, X86Vectors.whole(X86Shuffles.broadcast(16)),
        "VEX.Lx.66.0F38 W0 79 /r | VPBROADCASTW Vx,Ww | VECTOR | 2C VPBROADCAST");
    compute(t, X86Vectors.whole(X86Shuffles.broadcast(32)), """
        VEX.Lx.66.0F38 W0 58 /r | VPBROADCASTD Vx,Wd | VECTOR                   | 2C VPBROADCAST
        VEX.Lx.66.0F38 W0 18 /r | VBROADCASTSS Vx,Wd | VECTOR                   | 2C VBROADCAST
        """);
    compute(t, X86Vectors.whole(X86Shuffles.broadcast(64)), """
        VEX.Lx.66.0F38 W0 59 /r | VPBROADCASTQ Vx,Wq | VECTOR                   | 2C VPBROADCAST
        VEX.256.66.0F38 W0 19 /r | VBROADCASTSD Vqq,Wq | VECTOR                 | 2C VBROADCAST
        """);
    compute(t, X86Vectors.whole((c, d, a, b, words, imm) -> {
      X86VectorMoves.set(c, d, c.v[b], c.v[b + 1]);
      X86VectorMoves.set(c, d + 2, c.v[b], c.v[b + 1]);
    }), """
        VEX.256.66.0F38 W0 1A /r | VBROADCASTF128 Vqq,Mdq | LOAD                | 2C VBROADCAST
        VEX.256.66.0F38 W0 5A /r | VBROADCASTI128 Vqq,Mdq | LOAD                | 2C VPBROADCAST
        """);
  }

  private static void permutations(X86Rows.Table t) {
    compute(t, X86Vectors.lanes(X86Shuffles::doublewordsBy),
        "VEX.Lx.66.0F38 W0 0C /r | VPERMILPS Vx,Hx,Wx | VECTOR | 2C VPERMILPS");
    compute(t, X86Vectors.lanes(X86Shuffles::quadwordsBy),
        "VEX.Lx.66.0F38 W0 0D /r | VPERMILPD Vx,Hx,Wx | VECTOR | 2C VPERMILPD");
    compute(t, X86Vectors.lanes(X86Shuffles::doublewords),
        "VEX.Lx.66.0F3A W0 04 /r ib | VPERMILPS Vx,Wx,Ib | VECTOR | 2C VPERMILPS");
    compute(t, X86Vectors.split((c, d, a, b, imm) -> X86Shuffles.twice(c, d, b, b, imm), 2),
        "VEX.Lx.66.0F3A W0 05 /r ib | VPERMILPD Vx,Wx,Ib | VECTOR | 2C VPERMILPD");
    compute(t, X86Vectors.whole(X86Shuffles::permuteDoublewords), """
        VEX.256.66.0F38 W0 36 /r | VPERMD Vqq,Hqq,Wqq | VECTOR                  | 2C VPERMD/VPERMW
        VEX.256.66.0F38 W0 16 /r | VPERMPS Vqq,Hqq,Wqq | VECTOR                 | 2C VPERMPS
        """);
    compute(t, X86Vectors.whole(X86Shuffles::permuteQuadwords), """
        VEX.256.66.0F3A W1 00 /r ib | VPERMQ Vqq,Wqq,Ib | VECTOR                | 2C VPERMQ
        VEX.256.66.0F3A W1 01 /r ib | VPERMPD Vqq,Wqq,Ib | VECTOR               | 2C VPERMPD
        """);
    compute(t, X86Vectors.whole(X86Shuffles::permuteHalves), """
        VEX.256.66.0F3A W0 06 /r ib | VPERM2F128 Vqq,Hqq,Wqq,Ib | VECTOR        | 2C VPERM2F128
        VEX.256.66.0F3A W0 46 /r ib | VPERM2I128 Vqq,Hqq,Wqq,Ib | VECTOR        | 2C VPERM2I128
        """);
    compute(t, X86Vectors.split(X86Shuffles.blend(32), 4),
        "VEX.Lx.66.0F3A W0 02 /r ib | VPBLENDD Vx,Hx,Wx,Ib | VECTOR | 2C VPBLENDD");
    X86Helper singles = X86Packed.test(0x8000_0000_8000_0000L);
    X86Helper doubles = X86Packed.test(Long.MIN_VALUE);
    t.add(b -> X86EmitVector.compare(b, singles),
        "VEX.Lx.66.0F38 W0 0E /r | VTESTPS Vx,Wx | VECTOR | 2C VTESTPD/VTESTPS");
    t.add(b -> X86EmitVector.compare(b, doubles),
        "VEX.Lx.66.0F38 W0 0F /r | VTESTPD Vx,Wx | VECTOR | 2C VTESTPD/VTESTPS");
  }

  private static void halves(X86Rows.Table t) {
    compute(t, X86Vectors.whole((c, d, a, b, words, imm) -> {
      System.arraycopy(c.v, a, c.v, d, words);
      X86VectorMoves.set(c, d + 2 * (imm & 1), c.v[b], c.v[b + 1]);
    }), """
        VEX.256.66.0F3A W0 18 /r ib | VINSERTF128 Vqq,Hqq,Wdq,Ib | VECTOR       | 2C VINSERTF128
        VEX.256.66.0F3A W0 38 /r ib | VINSERTI128 Vqq,Hqq,Wdq,Ib | VECTOR       | 2C VINSERTI128
        """);
    t.add(b -> X86EmitVector.extract(b, X86VectorMoves::half, X86VectorMoves::storeHalf), """
        VEX.256.66.0F3A W0 19 /r ib | VEXTRACTF128 Wdq,Vqq,Ib | VECTOR          | 2C VEXTRACTF128
        VEX.256.66.0F3A W0 39 /r ib | VEXTRACTI128 Wdq,Vqq,Ib | VECTOR          | 2C VEXTRACTI128
        """);
    t.add(b -> X86EmitVector.none(b, (c, w, imm) -> {
      if (!X86Vectors.ready(c, w)) {
        return Outcome.FAULT;
      }
      for (int i = 0; i < 16; i++) {
        X86VectorMoves.set(c, X86Vectors.at(i) + 2, 0, 0);
      }
      return Outcome.OK;
    }), "VEX.128.NP.0F 77 | VZEROUPPER | VECTOR | 2C VZEROUPPER");
    t.add(b -> X86EmitVector.none(b, (c, w, imm) -> {
      if (!X86Vectors.ready(c, w)) {
        return Outcome.FAULT;
      }
      Arrays.fill(c.v, 0);
      return Outcome.OK;
    }), "VEX.256.NP.0F 77 | VZEROALL | VECTOR | 2C VZEROALL");
  }

  private static void shifts(X86Rows.Table t) {
    String manual = " Vx,Hx,Wx | VECTOR | 2C ";
    compute(t, X86Vectors.lanes(X86Packed.variable(32, 0)),
        "VEX.Lx.66.0F38 W0 47 /r | VPSLLVD" + manual + "VPSLLVW/VPSLLVD/VPSLLVQ");
    compute(t, X86Vectors.lanes(X86Packed.variable(64, 0)),
        "VEX.Lx.66.0F38 W1 47 /r | VPSLLVQ" + manual + "VPSLLVW/VPSLLVD/VPSLLVQ");
    compute(t, X86Vectors.lanes(X86Packed.variable(32, 1)),
        "VEX.Lx.66.0F38 W0 45 /r | VPSRLVD" + manual + "VPSRLVW/VPSRLVD/VPSRLVQ");
    compute(t, X86Vectors.lanes(X86Packed.variable(64, 1)),
        "VEX.Lx.66.0F38 W1 45 /r | VPSRLVQ" + manual + "VPSRLVW/VPSRLVD/VPSRLVQ");
    compute(t, X86Vectors.lanes(X86Packed.variable(32, 2)),
        "VEX.Lx.66.0F38 W0 46 /r | VPSRAVD" + manual + "VPSRAVW/VPSRAVD/VPSRAVQ");
  }

  private static void memory(X86Rows.Table t) {
    t.add(b -> X86EmitVector.masked(b, X86VectorMemory.load(32)), """
        VEX.Lx.66.0F38 W0 2C /r | VMASKMOVPS Vx,Hx,Mx | LOAD                    | 2C VMASKMOV
        VEX.Lx.66.0F38 W0 8C /r | VPMASKMOVD Vx,Hx,Mx | LOAD                    | 2C VPMASKMOV
        """);
    t.add(b -> X86EmitVector.masked(b, X86VectorMemory.load(64)), """
        VEX.Lx.66.0F38 W0 2D /r | VMASKMOVPD Vx,Hx,Mx | LOAD                    | 2C VMASKMOV
        VEX.Lx.66.0F38 W1 8C /r | VPMASKMOVQ Vx,Hx,Mx | LOAD                    | 2C VPMASKMOV
        """);
    t.add(b -> X86EmitVector.masked(b, X86VectorMemory.store(32)), """
        VEX.Lx.66.0F38 W0 2E /r | VMASKMOVPS Mx,Hx,Vx | STORE                   | 2C VMASKMOV
        VEX.Lx.66.0F38 W0 8E /r | VPMASKMOVD Mx,Hx,Vx | STORE                   | 2C VPMASKMOV
        """);
    t.add(b -> X86EmitVector.masked(b, X86VectorMemory.store(64)), """
        VEX.Lx.66.0F38 W0 2F /r | VMASKMOVPD Mx,Hx,Vx | STORE                   | 2C VMASKMOV
        VEX.Lx.66.0F38 W1 8E /r | VPMASKMOVQ Mx,Hx,Vx | STORE                   | 2C VPMASKMOV
        """);
    t.add(b -> X86EmitVector.gather(b, X86VectorMemory.gather(32, 32)), """
        VEX.Lx.66.0F38 W0 90 /r | VPGATHERDD Vx,Md,Hx | LOAD vsib               | 2C VPGATHERDD/VPGATHERQD
        VEX.Lx.66.0F38 W0 92 /r | VGATHERDPS Vx,Md,Hx | LOAD vsib               | 2C VGATHERDPS/VGATHERQPS
        """);
    t.add(b -> X86EmitVector.gather(b, X86VectorMemory.gather(32, 64)), """
        VEX.Lx.66.0F38 W1 90 /r | VPGATHERDQ Vx,Mq,Hx | LOAD vsib               | 2C VPGATHERDQ/VPGATHERQQ
        VEX.Lx.66.0F38 W1 92 /r | VGATHERDPD Vx,Mq,Hx | LOAD vsib               | 2C VGATHERDPD/VGATHERQPD
        """);
    t.add(b -> X86EmitVector.gather(b, X86VectorMemory.gather(64, 32)), """
        VEX.Lx.66.0F38 W0 91 /r | VPGATHERQD Vx,Md,Hx | LOAD vsib               | 2C VPGATHERDD/VPGATHERQD
        VEX.Lx.66.0F38 W0 93 /r | VGATHERQPS Vx,Md,Hx | LOAD vsib               | 2C VGATHERDPS/VGATHERQPS
        """);
    t.add(b -> X86EmitVector.gather(b, X86VectorMemory.gather(64, 64)), """
        VEX.Lx.66.0F38 W1 91 /r | VPGATHERQQ Vx,Mq,Hx | LOAD vsib               | 2C VPGATHERDQ/VPGATHERQQ
        VEX.Lx.66.0F38 W1 93 /r | VGATHERQPD Vx,Mq,Hx | LOAD vsib               | 2C VGATHERDPD/VGATHERQPD
        """);
  }
}

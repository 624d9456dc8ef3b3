package dev.crosspatch.isa.x86;

/// Moves of vectors and their parts.
final class X86VectorMoveRows {
  private X86VectorMoveRows() {}

  static void add(X86Rows.Table t) {
    whole(t);
    halves(t);
    scalars(t);
    general(t);
    t.vector(b -> X86EmitVector.general(b, X86Floats::loadMxcsr, false),
        "NP 0F AE /2 | LDMXCSR Md | LOAD | 2A LDMXCSR");
    t.vector(b -> X86EmitVector.general(b, X86Floats::storeMxcsr, true),
        "NP 0F AE /3 | STMXCSR Md | STORE | 2B STMXCSR");
  }

  private static void whole(X86Rows.Table t) {
    t.vector(b -> X86EmitVector.move(b, X86VectorMoves.MOVE, X86VectorMoves.STORE), """
        NP 0F 28 /r      | MOVAPS Vps,Wps          | VECTOR aligned                | 2B MOVAPS
        NP 0F 29 /r      | MOVAPS Wps,Vps          | VECTOR aligned                | 2B MOVAPS
        66 0F 28 /r      | MOVAPD Vpd,Wpd          | VECTOR aligned                | 2B MOVAPD
        66 0F 29 /r      | MOVAPD Wpd,Vpd          | VECTOR aligned                | 2B MOVAPD
        NP 0F 10 /r      | MOVUPS Vps,Wps          | VECTOR unaligned              | 2B MOVUPS
        NP 0F 11 /r      | MOVUPS Wps,Vps          | VECTOR unaligned              | 2B MOVUPS
        66 0F 10 /r      | MOVUPD Vpd,Wpd          | VECTOR unaligned              | 2B MOVUPD
        66 0F 11 /r      | MOVUPD Wpd,Vpd          | VECTOR unaligned              | 2B MOVUPD
        66 0F 6F /r      | MOVDQA Vx,Wx            | VECTOR aligned                | 2B MOVDQA/VMOVDQA32/64
        66 0F 7F /r      | MOVDQA Wx,Vx            | VECTOR aligned                | 2B MOVDQA/VMOVDQA32/64
        F3 0F 6F /r      | MOVDQU Vx,Wx            | VECTOR unaligned              | 2B MOVDQU/VMOVDQU8/16/32/64
        F3 0F 7F /r      | MOVDQU Wx,Vx            | VECTOR unaligned              | 2B MOVDQU/VMOVDQU8/16/32/64
        F2 0F F0 /r      | LDDQU Vx,Mx             | LOAD unaligned             | 2A LDDQU
        NP 0F 2B /r      | MOVNTPS Mps,Vps         | STORE aligned              | 2B MOVNTPS
        66 0F 2B /r      | MOVNTPD Mpd,Vpd         | STORE aligned              | 2B MOVNTPD
        66 0F E7 /r      | MOVNTDQ Mx,Vx           | STORE aligned              | 2B MOVNTDQ
        66 0F 38 2A /r   | MOVNTDQA Vx,Mx          | LOAD aligned               | 2B MOVNTDQA
        """);
    t.vector(b -> X86EmitVector.maskMove(b, X86VectorMoves::maskMove),
        "66 0F F7 /r | MASKMOVDQU Vdq,Udq | STORE | 2B MASKMOVDQU");
  }

  private static void halves(X86Rows.Table t) {
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.LOW), """
        NP 0F 12 /r      | MOVLPS Vdq,Hdq,Mq       | LOAD                       | 2B MOVLPS
        66 0F 12 /r      | MOVLPD Vdq,Hdq,Mq       | LOAD                       | 2B MOVLPD
        """);
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.HIGH), """
        NP 0F 16 /r      | MOVHPS Vdq,Hdq,Mq       | LOAD                       | 2B MOVHPS
        66 0F 16 /r      | MOVHPD Vdq,Hdq,Mq       | LOAD                       | 2B MOVHPD
        NP 0F 16 /r      | MOVLHPS Vdq,Hdq,Udq     | VECTOR                     | 2B MOVLHPS
        """);
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.HIGH_TO_LOW),
        "NP 0F 12 /r | MOVHLPS Vdq,Hdq,Udq | VECTOR | 2B MOVHLPS");
    t.vector(b -> X86EmitVector.move(b, X86VectorMoves.LOW, X86VectorMoves.STORE), """
        NP 0F 13 /r      | MOVLPS Mq,Vdq           | STORE                      | 2B MOVLPS
        66 0F 13 /r      | MOVLPD Mq,Vdq           | STORE                      | 2B MOVLPD
        """);
    t.vector(b -> X86EmitVector.move(b, X86VectorMoves.HIGH, X86VectorMoves::storeHigh), """
        NP 0F 17 /r      | MOVHPS Mq,Vdq           | STORE                      | 2B MOVHPS
        66 0F 17 /r      | MOVHPD Mq,Vdq           | STORE                      | 2B MOVHPD
        """);
  }

  private static void scalars(X86Rows.Table t) {
    t.vector(b -> X86EmitVector.move(b, X86VectorMoves.SINGLE, X86VectorMoves.STORE), """
        F3 0F 10 /r      | MOVSS Vss,Hss,Uss       | VECTOR                     | 2B MOVSS
        F3 0F 11 /r      | MOVSS Uss,Hss,Vss       | VECTOR                     | 2B MOVSS
        F3 0F 11 /r      | MOVSS Md,Vss            | STORE                      | 2B MOVSS
        """);
    t.vector(b -> X86EmitVector.move(b, X86VectorMoves.LOW, X86VectorMoves.STORE), """
        F2 0F 10 /r      | MOVSD Vsd,Hsd,Usd       | VECTOR                     | 2B MOVSD
        F2 0F 11 /r      | MOVSD Usd,Hsd,Vsd       | VECTOR                     | 2B MOVSD
        F2 0F 11 /r      | MOVSD Mq,Vsd            | STORE                      | 2B MOVSD
        """);
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.LOAD), """
        F3 0F 10 /r      | MOVSS Vss,Md            | LOAD                       | 2B MOVSS
        F2 0F 10 /r      | MOVSD Vsd,Mq            | LOAD                       | 2B MOVSD
        """);
    t.vector(b -> X86EmitVector.move(b, X86VectorMoves.QUADWORD, X86VectorMoves.STORE), """
        F3 0F 7E /r      | MOVQ Vdq,Wq             | VECTOR                     | 2B MOVQ
        66 0F D6 /r      | MOVQ Wq,Vdq             | VECTOR                     | 2B MOVQ
        """);
  }

  // ---- between vectors and general registers
  private static void general(X86Rows.Table t) {
    t.mmx(X86VectorMoves::fromGeneral, X86Mmx::fromGeneral, """
        66 REX.W0 0F 6E /r | MOVD Vdq,Ed           | VECTOR                     | 2B MOVD/MOVQ
        66 REX.W1 0F 6E /r | MOVQ Vdq,Eq           | VECTOR                     | 2B MOVD/MOVQ
        """);
    X86Row.Emitter extract = b -> X86EmitVector.extract(b, X86VectorMoves::element, X86VectorMoves::storeElement);
    t.mmx(extract, b -> X86EmitVector.extract(b, X86Mmx::toRegister, X86Mmx::store), """
        66 REX.W0 0F 7E /r | MOVD Ed,Vdq           | VECTOR                     | 2B MOVD/MOVQ
        66 REX.W1 0F 7E /r | MOVQ Eq,Vdq           | VECTOR                     | 2B MOVD/MOVQ
        """);
    t.vector(extract, """
        66 0F 3A 14 /r ib | PEXTRB Eb,Vdq,Ib       | VECTOR                     | 2B PEXTRB/PEXTRD/PEXTRQ
        66 0F 3A 15 /r ib | PEXTRW Ew,Vdq,Ib       | VECTOR                     | 2B PEXTRW
        66 REX.W0 0F 3A 16 /r ib | PEXTRD Ed,Vdq,Ib | VECTOR                    | 2B PEXTRB/PEXTRD/PEXTRQ
        66 REX.W1 0F 3A 16 /r ib | PEXTRQ Eq,Vdq,Ib | VECTOR                    | 2B PEXTRB/PEXTRD/PEXTRQ
        66 0F 3A 17 /r ib | EXTRACTPS Ed,Vdq,Ib    | VECTOR                     | 2A EXTRACTPS
        """);
    t.mmx(X86Vectors.toGeneral((c, v, words, imm) -> X86VectorMoves.element(c, v, 1, imm)),
        X86Mmx.toGeneral((c, v, words, imm) -> X86VectorMoves.element(c, v, 1, imm & 3)),
        "66 0F C5 /r ib | PEXTRW Gd,Udq,Ib | VECTOR | 2B PEXTRW");
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.insert(0)),
        "66 0F 3A 20 /r ib | PINSRB Vdq,Hdq,Rd,Ib | VECTOR | 2B PINSRB/PINSRD/PINSRQ\n"
            + "66 0F 3A 20 /r ib | PINSRB Vdq,Hdq,Mb,Ib | LOAD | 2B PINSRB/PINSRD/PINSRQ");
    t.mmx(X86VectorMoves.insert(1), X86Mmx::insertWord,
        "66 0F C4 /r ib | PINSRW Vdq,Hdq,Rd,Ib | VECTOR | 2B PINSRW\n"
            + "66 0F C4 /r ib | PINSRW Vdq,Hdq,Mw,Ib | LOAD | 2B PINSRW");
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.insert(2)),
        "66 REX.W0 0F 3A 22 /r ib | PINSRD Vdq,Hdq,Ed,Ib | VECTOR | 2B PINSRB/PINSRD/PINSRQ");
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.insert(3)),
        "66 REX.W1 0F 3A 22 /r ib | PINSRQ Vdq,Hdq,Eq,Ib | VECTOR | 2B PINSRB/PINSRD/PINSRQ");
    t.mmx(X86VectorMoves.mask(8), X86Mmx.toGeneral((c, v, words, imm) -> X86VectorMoves.mask(c, v, words, 8)),
        "66 0F D7 /r | PMOVMSKB Gd,Ux | VECTOR | 2B PMOVMSKB");
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.mask(32)),
        "NP 0F 50 /r | MOVMSKPS Gd,Ups | VECTOR | 2B MOVMSKPS");
    t.vector(b -> X86EmitVector.compute(b, X86VectorMoves.mask(64)),
        "66 0F 50 /r | MOVMSKPD Gd,Upd | VECTOR | 2B MOVMSKPD");
  }
}

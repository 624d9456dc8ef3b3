package dev.crosspatch.isa.x86;

import dev.crosspatch.core.fp.FloatFormat;

/// Floating point, SSE to SSE4.1 with their VEX forms; FMA and F16C.
final class X86VectorFloatRows {
  private X86VectorFloatRows() {}

  private static final FloatFormat SINGLE = FloatFormat.SINGLE;
  private static final FloatFormat DOUBLE = FloatFormat.DOUBLE;

  static void add(X86Rows.Table t) {
    arithmetic(t);
    estimates(t);
    comparisons(t);
    neighbours(t);
    integers(t);
    formats(t);
    fused(t);
  }

  private static void helper(X86Rows.Table t, X86Helper helper, String rows) {
    t.vector(b -> X86EmitVector.compute(b, helper), rows);
  }

  /// Four rows: packed singles and doubles, a single and a double.
  private static void four(X86Rows.Table t, X86Floats.Operation operation, String rows) {
    String[] each = rows.split("\n", -1);
    helper(t, X86Floats.packed(SINGLE, operation), each[0]);
    helper(t, X86Floats.packed(DOUBLE, operation), each[1]);
    helper(t, X86Floats.scalar(SINGLE, operation), each[2]);
    helper(t, X86Floats.scalar(DOUBLE, operation), each[3]);
  }

  private static void arithmetic(X86Rows.Table t) {
    four(t, (u, f, a, b, i) -> u.sqrt(f, b), """
        NP 0F 51 /r      | SQRTPS Vps,Wps          | FLOAT_DIV                  | 2B SQRTPS
        66 0F 51 /r      | SQRTPD Vpd,Wpd          | FLOAT_DIV                  | 2B SQRTPD
        F3 0F 51 /r      | SQRTSS Vss,Hss,Wss      | FLOAT_DIV                  | 2B SQRTSS
        F2 0F 51 /r      | SQRTSD Vsd,Hsd,Wsd      | FLOAT_DIV                  | 2B SQRTSD
        """);
    four(t, (u, f, a, b, i) -> u.add(f, a, b), """
        NP 0F 58 /r      | ADDPS Vps,Hps,Wps       | FLOAT                      | 2A ADDPS
        66 0F 58 /r      | ADDPD Vpd,Hpd,Wpd       | FLOAT                      | 2A ADDPD
        F3 0F 58 /r      | ADDSS Vss,Hss,Wss       | FLOAT                      | 2A ADDSS
        F2 0F 58 /r      | ADDSD Vsd,Hsd,Wsd       | FLOAT                      | 2A ADDSD
        """);
    four(t, (u, f, a, b, i) -> u.mul(f, a, b), """
        NP 0F 59 /r      | MULPS Vps,Hps,Wps       | FLOAT                      | 2B MULPS
        66 0F 59 /r      | MULPD Vpd,Hpd,Wpd       | FLOAT                      | 2B MULPD
        F3 0F 59 /r      | MULSS Vss,Hss,Wss       | FLOAT                      | 2B MULSS
        F2 0F 59 /r      | MULSD Vsd,Hsd,Wsd       | FLOAT                      | 2B MULSD
        """);
    four(t, (u, f, a, b, i) -> u.sub(f, a, b), """
        NP 0F 5C /r      | SUBPS Vps,Hps,Wps       | FLOAT                      | 2B SUBPS
        66 0F 5C /r      | SUBPD Vpd,Hpd,Wpd       | FLOAT                      | 2B SUBPD
        F3 0F 5C /r      | SUBSS Vss,Hss,Wss       | FLOAT                      | 2B SUBSS
        F2 0F 5C /r      | SUBSD Vsd,Hsd,Wsd       | FLOAT                      | 2B SUBSD
        """);
    four(t, (u, f, a, b, i) -> u.min(f, a, b), """
        NP 0F 5D /r      | MINPS Vps,Hps,Wps       | FLOAT                      | 2B MINPS
        66 0F 5D /r      | MINPD Vpd,Hpd,Wpd       | FLOAT                      | 2B MINPD
        F3 0F 5D /r      | MINSS Vss,Hss,Wss       | FLOAT                      | 2B MINSS
        F2 0F 5D /r      | MINSD Vsd,Hsd,Wsd       | FLOAT                      | 2B MINSD
        """);
    four(t, (u, f, a, b, i) -> u.div(f, a, b), """
        NP 0F 5E /r      | DIVPS Vps,Hps,Wps       | FLOAT_DIV                  | 2A DIVPS
        66 0F 5E /r      | DIVPD Vpd,Hpd,Wpd       | FLOAT_DIV                  | 2A DIVPD
        F3 0F 5E /r      | DIVSS Vss,Hss,Wss       | FLOAT_DIV                  | 2A DIVSS
        F2 0F 5E /r      | DIVSD Vsd,Hsd,Wsd       | FLOAT_DIV                  | 2A DIVSD
        """);
    four(t, (u, f, a, b, i) -> u.max(f, a, b), """
        NP 0F 5F /r      | MAXPS Vps,Hps,Wps       | FLOAT                      | 2B MAXPS
        66 0F 5F /r      | MAXPD Vpd,Hpd,Wpd       | FLOAT                      | 2B MAXPD
        F3 0F 5F /r      | MAXSS Vss,Hss,Wss       | FLOAT                      | 2B MAXSS
        F2 0F 5F /r      | MAXSD Vsd,Hsd,Wsd       | FLOAT                      | 2B MAXSD
        """);
    four(t, (u, f, a, b, i) -> X86FloatLanes.round(u, f, b, i), """
        66 0F 3A 08 /r ib | ROUNDPS Vps,Wps,Ib      | FLOAT                      | 2B ROUNDPS
        66 0F 3A 09 /r ib | ROUNDPD Vpd,Wpd,Ib      | FLOAT                      | 2B ROUNDPD
        66 0F 3A 0A /r ib | ROUNDSS Vss,Hss,Wss,Ib  | FLOAT                      | 2B ROUNDSS
        66 0F 3A 0B /r ib | ROUNDSD Vsd,Hsd,Wsd,Ib  | FLOAT                      | 2B ROUNDSD
        """);
  }

  // ---- neither MXCSR nor exceptions
  private static void estimates(X86Rows.Table t) {
    X86Floats.Operation reciprocal = (u, f, a, b, i) -> X86FloatLanes.reciprocal(b);
    X86Floats.Operation root = (u, f, a, b, i) -> X86FloatLanes.reciprocalRoot(b);
    helper(t, X86Floats.packed(SINGLE, reciprocal), "NP 0F 53 /r | RCPPS Vps,Wps | FLOAT | 2B RCPPS");
    helper(t, X86Floats.scalar(SINGLE, reciprocal), "F3 0F 53 /r | RCPSS Vss,Hss,Wss | FLOAT | 2B RCPSS");
    helper(t, X86Floats.packed(SINGLE, root), "NP 0F 52 /r | RSQRTPS Vps,Wps | FLOAT | 2B RSQRTPS");
    helper(t, X86Floats.scalar(SINGLE, root), "F3 0F 52 /r | RSQRTSS Vss,Hss,Wss | FLOAT | 2B RSQRTSS");
  }

  private static void comparisons(X86Rows.Table t) {
    String[] rows = {
      "NP 0F C2 /r ib | CMPPS Vps,Hps,Wps,Ib | FLOAT | 2A CMPPS",
      "66 0F C2 /r ib | CMPPD Vpd,Hpd,Wpd,Ib | FLOAT | 2A CMPPD",
      "F3 0F C2 /r ib | CMPSS Vss,Hss,Wss,Ib | FLOAT | 2A CMPSS",
      "F2 0F C2 /r ib | CMPSD Vsd,Hsd,Wsd,Ib | FLOAT | 2A CMPSD"
    };
    for (int i = 0; i < rows.length; i++) {
      FloatFormat f = (i & 1) == 0 ? SINGLE : DOUBLE;
      X86Floats.Operation eight = (u, g, a, b, imm) -> X86FloatLanes.compare(u, g, a, b, imm & 7);
      X86Floats.Operation all = (u, g, a, b, imm) -> X86FloatLanes.compare(u, g, a, b, imm & 31);
      X86Helper legacy = i < 2 ? X86Floats.packed(f, eight) : X86Floats.scalar(f, eight);
      X86Helper vex = i < 2 ? X86Floats.packed(f, all) : X86Floats.scalar(f, all);
      t.vector(b -> X86EmitVector.compute(b, b.d.isVex() ? vex : legacy), rows[i]);
    }
    comparison(t, X86Floats.compare(SINGLE, true), "NP 0F 2F /r | COMISS Vss,Wss | FLOAT | 2A COMISS");
    comparison(t, X86Floats.compare(DOUBLE, true), "66 0F 2F /r | COMISD Vsd,Wsd | FLOAT | 2A COMISD");
    comparison(t, X86Floats.compare(SINGLE, false), "NP 0F 2E /r | UCOMISS Vss,Wss | FLOAT | 2B UCOMISS");
    comparison(t, X86Floats.compare(DOUBLE, false), "66 0F 2E /r | UCOMISD Vsd,Wsd | FLOAT | 2B UCOMISD");
  }

  private static void comparison(X86Rows.Table t, X86Helper helper, String row) {
    t.vector(b -> X86EmitVector.compare(b, helper), row);
  }

  private static void neighbours(X86Rows.Table t) {
    X86Floats.Operation add = (u, f, a, b, i) -> u.add(f, a, b);
    X86Floats.Operation subtract = (u, f, a, b, i) -> u.sub(f, a, b);
    lanes(t, X86FloatLanes.horizontal(SINGLE, add), "F2 0F 7C /r | HADDPS Vps,Hps,Wps | FLOAT | 2A HADDPS");
    lanes(t, X86FloatLanes.horizontal(DOUBLE, add), "66 0F 7C /r | HADDPD Vpd,Hpd,Wpd | FLOAT | 2A HADDPD");
    lanes(t, X86FloatLanes.horizontal(SINGLE, subtract), "F2 0F 7D /r | HSUBPS Vps,Hps,Wps | FLOAT | 2A HSUBPS");
    lanes(t, X86FloatLanes.horizontal(DOUBLE, subtract), "66 0F 7D /r | HSUBPD Vpd,Hpd,Wpd | FLOAT | 2A HSUBPD");
    lanes(t, X86FloatLanes.addSubtract(SINGLE), "F2 0F D0 /r | ADDSUBPS Vps,Hps,Wps | FLOAT | 2A ADDSUBPS");
    lanes(t, X86FloatLanes.addSubtract(DOUBLE), "66 0F D0 /r | ADDSUBPD Vpd,Hpd,Wpd | FLOAT | 2A ADDSUBPD");
    helper(t, X86Floats.whole(X86FloatLanes.dotProduct(SINGLE)),
        "66 0F 3A 40 /r ib | DPPS Vps,Hps,Wps,Ib | FLOAT | 2A DPPS");
    helper(t, X86Floats.whole(X86FloatLanes.dotProduct(DOUBLE)),
        "66 0F 3A 41 /r ib | DPPD Vdq,Hdq,Wdq,Ib | FLOAT | 2A DPPD");
  }

  private static void lanes(X86Rows.Table t, X86Lane lane, String rows) {
    helper(t, X86Floats.lanes(lane), rows);
  }

  // ---- integers to floating point and back
  private static void integers(X86Rows.Table t) {
    helper(t, X86Floats.fromGeneral(SINGLE), "F3 0F 2A /r | CVTSI2SS Vss,Hss,Ey | FLOAT | 2A CVTSI2SS");
    helper(t, X86Floats.fromGeneral(DOUBLE), "F2 0F 2A /r | CVTSI2SD Vsd,Hsd,Ey | FLOAT | 2A CVTSI2SD");
    toGeneral(t, X86Floats.toGeneral(SINGLE, true), "F3 0F 2C /r | CVTTSS2SI Gy,Wss | FLOAT | 2A CVTTSS2SI");
    toGeneral(t, X86Floats.toGeneral(DOUBLE, true), "F2 0F 2C /r | CVTTSD2SI Gy,Wsd | FLOAT | 2A CVTTSD2SI");
    toGeneral(t, X86Floats.toGeneral(SINGLE, false), "F3 0F 2D /r | CVTSS2SI Gy,Wss | FLOAT | 2A CVTSS2SI");
    toGeneral(t, X86Floats.toGeneral(DOUBLE, false), "F2 0F 2D /r | CVTSD2SI Gy,Wsd | FLOAT | 2A CVTSD2SI");
    helper(t, X86Floats.convert(32, 32, X86Floats.fromDoubleword(SINGLE)),
        "NP 0F 5B /r | CVTDQ2PS Vps,Wps | FLOAT | 2A CVTDQ2PS");
    helper(t, X86Floats.convert(32, 32, X86Floats.toDoubleword(SINGLE, false)),
        "66 0F 5B /r | CVTPS2DQ Vps,Wps | FLOAT | 2A CVTPS2DQ");
    helper(t, X86Floats.convert(32, 32, X86Floats.toDoubleword(SINGLE, true)),
        "F3 0F 5B /r | CVTTPS2DQ Vps,Wps | FLOAT | 2A CVTTPS2DQ");
    helper(t, X86Floats.convert(64, 32, X86Floats.toDoubleword(DOUBLE, false)),
        "F2 0F E6 /r | CVTPD2DQ Vdq,Wpd | FLOAT | 2A CVTPD2DQ");
    helper(t, X86Floats.convert(64, 32, X86Floats.toDoubleword(DOUBLE, true)),
        "66 0F E6 /r | CVTTPD2DQ Vdq,Wpd | FLOAT | 2A CVTTPD2DQ");
    X86Helper widen = X86Floats.convert(32, 64, X86Floats.fromDoubleword(DOUBLE));
    t.add(b -> X86EmitVector.compute(b, widen), """
        F3 0F E6 /r      | CVTDQ2PD Vdq,Wq         | FLOAT                      | 2A CVTDQ2PD
        VEX.128.F3.0F E6 /r | VCVTDQ2PD Vdq,Wq     | FLOAT                      | 2A CVTDQ2PD
        VEX.256.F3.0F E6 /r | VCVTDQ2PD Vqq,Wdq    | FLOAT                      | 2A CVTDQ2PD
        """);
  }

  private static void toGeneral(X86Rows.Table t, X86Helper helper, String row) {
    t.vector(b -> X86EmitVector.toGeneral(b, helper), row);
  }

  private static void formats(X86Rows.Table t) {
    helper(t, X86Floats.convertScalar(32, 64, (u, a, i) -> u.convert(SINGLE, DOUBLE, a)),
        "F3 0F 5A /r | CVTSS2SD Vsd,Hsd,Wss | FLOAT | 2A CVTSS2SD");
    helper(t, X86Floats.convertScalar(64, 32, (u, a, i) -> u.convert(DOUBLE, SINGLE, a)),
        "F2 0F 5A /r | CVTSD2SS Vss,Hss,Wsd | FLOAT | 2A CVTSD2SS");
    helper(t, X86Floats.convert(64, 32, (u, a, i) -> u.convert(DOUBLE, SINGLE, a)),
        "66 0F 5A /r | CVTPD2PS Vdq,Wpd | FLOAT | 2A CVTPD2PS");
    X86Helper widen = X86Floats.convert(32, 64, (u, a, i) -> u.convert(SINGLE, DOUBLE, a));
    t.add(b -> X86EmitVector.compute(b, widen), """
        NP 0F 5A /r      | CVTPS2PD Vdq,Wq         | FLOAT                      | 2A CVTPS2PD
        VEX.128.NP.0F 5A /r | VCVTPS2PD Vdq,Wq     | FLOAT                      | 2A CVTPS2PD
        VEX.256.NP.0F 5A /r | VCVTPS2PD Vqq,Wdq    | FLOAT                      | 2A CVTPS2PD
        """);
    X86Helper fromHalf = X86Floats.convert(16, 32, (u, a, i) -> u.convert(FloatFormat.HALF, SINGLE, a));
    t.add(b -> X86EmitVector.compute(b, fromHalf), """
        VEX.128.66.0F38 W0 13 /r | VCVTPH2PS Vdq,Wq | FLOAT                     | 2C VCVTPH2PS
        VEX.256.66.0F38 W0 13 /r | VCVTPH2PS Vqq,Wdq | FLOAT                    | 2C VCVTPH2PS
        """);
    t.add(b -> X86EmitVector.narrow(b, X86Floats.convert(32, 16, X86FloatLanes::toHalf)), """
        VEX.128.66.0F3A W0 1D /r ib | VCVTPS2PH Wq,Vdq,Ib | FLOAT               | 2C VCVTPS2PH
        VEX.256.66.0F3A W0 1D /r ib | VCVTPS2PH Wdq,Vqq,Ib | FLOAT              | 2C VCVTPS2PH
        """);
  }

  // ---- FMA: by the order of operands and what is done with them
  private static void fused(X86Rows.Table t) {
    int[] orders = {132, 213, 231};
    for (int i = 0; i < orders.length; i++) {
      X86Floats.Fused add = (u, f, a, b, c, k) -> u.fma(f, a, b, c);
      X86Floats.Fused subtract = (u, f, a, b, c, k) -> u.fma(f, a, b, f.negateNumber(c));
      X86Floats.Fused negativeAdd = (u, f, a, b, c, k) -> u.fma(f, f.negateNumber(a), b, c);
      X86Floats.Fused negativeSubtract = (u, f, a, b, c, k) -> u.fma(f, f.negateNumber(a), b, f.negateNumber(c));
      X86Floats.Fused addSubtract = (u, f, a, b, c, k) -> u.fma(f, a, b, (k & 1) != 0 ? c : f.negateNumber(c));
      X86Floats.Fused subtractAdd = (u, f, a, b, c, k) -> u.fma(f, a, b, (k & 1) == 0 ? c : f.negateNumber(c));
      String digit = "9AB".substring(i, i + 1);
      packed(t, orders[i], addSubtract, digit + "6", "VFMADDSUB");
      packed(t, orders[i], subtractAdd, digit + "7", "VFMSUBADD");
      packed(t, orders[i], add, digit + "8", "VFMADD");
      scalar(t, orders[i], add, digit + "9", "VFMADD");
      packed(t, orders[i], subtract, digit + "A", "VFMSUB");
      scalar(t, orders[i], subtract, digit + "B", "VFMSUB");
      packed(t, orders[i], negativeAdd, digit + "C", "VFNMADD");
      scalar(t, orders[i], negativeAdd, digit + "D", "VFNMADD");
      packed(t, orders[i], negativeSubtract, digit + "E", "VFNMSUB");
      scalar(t, orders[i], negativeSubtract, digit + "F", "VFNMSUB");
    }
  }

  private static void packed(X86Rows.Table t, int order, X86Floats.Fused operation, String opcode, String name) {
    fused(t, X86Floats.fused(SINGLE, order, false, operation), "Lx", "W0", opcode, name + order + "PS Vps,Hps,Wps");
    fused(t, X86Floats.fused(DOUBLE, order, false, operation), "Lx", "W1", opcode, name + order + "PD Vpd,Hpd,Wpd");
  }

  private static void scalar(X86Rows.Table t, int order, X86Floats.Fused operation, String opcode, String name) {
    fused(t, X86Floats.fused(SINGLE, order, true, operation), "LIG", "W0", opcode, name + order + "SS Vss,Hss,Wss");
    fused(t, X86Floats.fused(DOUBLE, order, true, operation), "LIG", "W1", opcode, name + order + "SD Vsd,Hsd,Wsd");
  }

  private static void fused(X86Rows.Table t, X86Helper helper, String length, String width, String opcode,
      String form) {
    t.add(b -> X86EmitVector.compute(b, helper), "VEX." + length + ".66.0F38 " + width + " " + opcode + " /r | " + form
        + " | FLOAT | 2C " + form.substring(0, form.indexOf(' ')));
  }
}

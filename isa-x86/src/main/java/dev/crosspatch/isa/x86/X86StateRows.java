package dev.crosspatch.isa.x86;

/// State of x87, SSE and AVX as a whole: saved and restored.
final class X86StateRows {
  private X86StateRows() {}

  static void add(X86Rows.Table t) {
    area(t, X86StateArea::fxsave, "NP", "0F AE /0", "FXSAVE", "STORE", "2A FXSAVE");
    area(t, X86StateArea::fxrstor, "NP", "0F AE /1", "FXRSTOR", "LOAD", "2A FXRSTOR");
    area(t, (c, w, imm) -> X86StateArea.xsave(c, w, imm != 0, false), "NP", "0F AE /4", "XSAVE", "STORE", "2D XSAVE");
    area(t, (c, w, imm) -> X86StateArea.xsave(c, w, imm != 0, true), "NP", "0F AE /6", "XSAVEOPT", "STORE",
        "2D XSAVEOPT");
    area(t, (c, w, imm) -> X86StateArea.xsavec(c, w, imm != 0), "NP", "0F C7 /4", "XSAVEC", "STORE", "2D XSAVEC");
    area(t, (c, w, imm) -> X86StateArea.xrstor(c, w, imm != 0), "NP", "0F AE /5", "XRSTOR", "LOAD", "2D XRSTOR");
    t.add(b -> X86EmitSystem.plain(b, X86StateArea::xgetbv), "NP 0F 01 D0 | XGETBV | SYSTEM_READ | 2D XGETBV");
    t.add(b -> X86EmitSystem.plain(b, X86StateArea::xsetbv), "NP 0F 01 D1 | XSETBV | SYSTEM_WRITE | 2D XSETBV");
  }

  /// The form with REX.W has 64-bit pointers.
  private static void area(X86Rows.Table t, X86Helper helper, String prefix, String code, String name, String cost,
      String manual) {
    t.add(b -> X86EmitVector.area(b, helper), 
        prefix + " REX.W0 " + code + " | " + name + " M | " + cost + " | " + manual + "\n"
            + prefix + " REX.W1 " + code + " | " + name + "64 M | " + cost + " | " + manual);
  }
}

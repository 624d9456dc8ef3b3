package dev.crosspatch.isa.x86;

/// State of x87, SSE and AVX as a whole: saved, restored, initialized.
final class X86StateRows {
  private X86StateRows() {}

  static void add(X86Rows.Table t) {
    areas(t);
    x87(t);
  }

  private static void areas(X86Rows.Table t) {
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

  // ---- x87: what goes with its state, but nothing that computes
  private static void x87(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.plain(b, X86X87::wait), "9B | FWAIT | ALU | 2D WAIT/FWAIT");
    t.add(b -> X86EmitSystem.plain(b, X86X87::init), "DB E3 | FNINIT | ALU | 2A FINIT/FNINIT");
    t.add(b -> X86EmitSystem.plain(b, X86X87::clearExceptions), "DB E2 | FNCLEX | ALU | 2A FCLEX/FNCLEX");
    t.add(b -> X86EmitSystem.plain(b, X86X87::empty), "NP 0F 77 | EMMS | ALU | 2A EMMS");
    t.add(b -> X86EmitVector.general(b, X86X87::loadControl, false), "D9 /5 | FLDCW Mw | LOAD | 2A FLDCW");
    t.add(b -> X86EmitVector.general(b, X86X87::storeControl, true), "D9 /7 | FNSTCW Mw | STORE | 2A FSTCW/FNSTCW");
    t.add(b -> X86EmitVector.environment(b, X86X87::storeEnvironment), "D9 /6 | FNSTENV M | STORE | 2A FSTENV/FNSTENV");
    t.add(b -> X86EmitVector.environment(b, X86X87::loadEnvironment), "D9 /4 | FLDENV M | LOAD | 2A FLDENV");
    t.add(b -> X86EmitVector.general(b, X86X87::storeStatus, true), "DD /7 | FNSTSW Mw | STORE | 2A FSTSW/FNSTSW");
    t.add(b -> X86EmitSystem.plain(b, X86X87::status), "DF E0 | FNSTSW | ALU | 2A FSTSW/FNSTSW");
  }
}

package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Branches, what does nothing, flags, traps.
final class X86FlowRows {
  private X86FlowRows() {}

  static void add(X86Rows.Table t) {
    branches(t);
    nothing(t);
    flags(t);
    traps(t);
  }

  // ---- branches
  private static void branches(X86Rows.Table t) {
    t.add(X86EmitFlow::jcc, """
        70+c cb          | Jcc Jb                  | BRANCH COND_BRANCH         | 2A Jcc
        0F 80+c cz       | Jcc Jz                  | BRANCH COND_BRANCH f64     | 2A Jcc
        """);
    t.add(X86EmitFlow::loopne, "E0 cb | LOOPNE Jb | BRANCH COND_BRANCH | 2A LOOP/LOOPcc");
    t.add(X86EmitFlow::loope, "E1 cb | LOOPE Jb | BRANCH COND_BRANCH | 2A LOOP/LOOPcc");
    t.add(X86EmitFlow::loop, "E2 cb | LOOP Jb | BRANCH COND_BRANCH | 2A LOOP/LOOPcc");
    t.add(X86EmitFlow::jrcxz, "E3 cb | JRCXZ Jb | BRANCH COND_BRANCH | 2A Jcc");
    t.add(X86EmitFlow::jmp, """
        EB cb            | JMP Jb                  | BRANCH JUMP f64            | 2A JMP
        E9 cz            | JMP Jz                  | BRANCH JUMP f64            | 2A JMP
        FF /4            | JMP Ev                  | INDIRECT_BRANCH INDIRECT_JUMP f64| 2A JMP
        """);
    t.add(X86EmitFlow::call, """
        E8 cz            | CALL Jz                 | CALL CALL f64              | 2A CALL
        FF /2            | CALL Ev                 | INDIRECT_BRANCH INDIRECT_CALL f64| 2A CALL
        """);
    t.add(X86EmitFlow::ret, """
        C3               | RET                     | RETURN RETURN f64          | 2B RET
        C2 iw            | RET Iw                  | RETURN RETURN f64          | 2B RET
        """);
    t.add(b -> b.helper(X86Returns::retf, Uop.SINK, Uop.ZERO, Uop.ZERO, b.width, b.d.immediate), """
        CB               | RETF                    | EXCEPTION_RETURN INDIRECT_JUMP | 2B RET
        CA iw            | RETF Iw                 | EXCEPTION_RETURN INDIRECT_JUMP | 2B RET
        """);
    t.add(b -> X86EmitSystem.farBranch(b, true), "FF /3 | CALLF Mp | EXCEPTION_RETURN INDIRECT_JUMP | 2A CALL");
    t.add(b -> X86EmitSystem.farBranch(b, false), "FF /5 | JMPF Mp | EXCEPTION_RETURN INDIRECT_JUMP | 2A JMP");
  }

  // ---- no operation
  private static void nothing(X86Rows.Table t) {
    t.add(X86EmitFlow::nop, """
        REX.B0 90        | NOP                     | NOP                        | 2B NOP
        0F 19-1F /r      | NOP Ev                  | NOP                        | 2B NOP
        """);
    t.add(X86EmitFlow::pause, """
        F3 REX.B0 90     | PAUSE                   | SPIN_HINT                  | 2B PAUSE
        F3 REX.B1 90     | PAUSE Zv                | SPIN_HINT                  | 2B PAUSE
        """);
    t.add(X86EmitFlow::nop, "F3 0F 1E FA | ENDBR64 | NOP | 2A ENDBR64");
    t.add(X86EmitFlow::nop, "0F 18 /r | PREFETCH Ev | NOP | 2B PREFETCHh");
    t.add(X86EmitFlow::nop, "0F 0D /r | PREFETCHW Ev | NOP | 2B PREFETCHW");
  }

  // ---- flags
  private static void flags(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setCarry(c, 0)), "F8 | CLC | ALU | 2A CLC");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setCarry(c, 1)), "F9 | STC | ALU | 2B STC");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setCarry(c, c.flags.carry() ? 0 : 1)),
        "F5 | CMC | ALU | 2A CMC");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setSystemFlag(c, X86Core.DF, false)),
        "FC | CLD | ALU | 2A CLD");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setSystemFlag(c, X86Core.DF, true)),
        "FD | STD | ALU | 2B STD");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::lahf), "9F | LAHF | ALU | 2A LAHF");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::sahf), "9E | SAHF | ALU | 2B SAHF");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::cli), "FA | CLI | INTERRUPTS_OFF | 2A CLI");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::sti), "FB | STI | INTERRUPTS_ON | 2B STI");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setAccess(c, false)),
        "NP 0F 01 CA | CLAC | ALU | 2A CLAC");
    t.add(b -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setAccess(c, true)),
        "NP 0F 01 CB | STAC | ALU | 2B STAC");
  }

  // ---- traps
  private static void traps(X86Rows.Table t) {
    t.add(b -> X86EmitFlow.interrupt(b, X86Exceptions.BP | X86Exceptions.SOFTWARE),
        "CC | INT3 | TRAP TRAP | 2A INT n/INTO/INT3/INT1");
    t.add(b -> X86EmitFlow.interrupt(b, (int) (b.d.immediate & 0xff) | X86Exceptions.SOFTWARE),
        "CD ib | INT Ib | TRAP TRAP | 2A INT n/INTO/INT3/INT1");
    t.add(b -> X86EmitFlow.interrupt(b, X86Exceptions.DB), "F1 | INT1 | TRAP TRAP | 2A INT n/INTO/INT3/INT1");
    t.add(X86Builder::undefined, "0F 0B | UD2 | TRAP TRAP | 2B UD");
    t.add(X86Builder::undefined, "0F B9 /r | UD1 Gv,Ev | TRAP TRAP | 2B UD");
    t.add(X86Builder::undefined, "0F FF /r | UD0 Gv,Ev | TRAP TRAP | 2B UD");
  }
}

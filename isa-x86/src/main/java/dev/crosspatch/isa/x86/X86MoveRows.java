package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Moves, stack, strings.
final class X86MoveRows {
  private X86MoveRows() {}

  static void add(X86Rows.Table t) {
    moves(t);
    stack(t);
    strings(t);
  }

  // ---- moves
  private static void moves(X86Rows.Table t) {
    t.add(X86EmitMove::mov, """
        88 /r            | MOV Eb,Gb               | ALU                        | 2B MOV
        89 /r            | MOV Ev,Gv               | ALU                        | 2B MOV
        8A /r            | MOV Gb,Eb               | ALU                        | 2B MOV
        8B /r            | MOV Gv,Ev               | ALU                        | 2B MOV
        C6 /0 ib         | MOV Eb,Ib               | ALU                        | 2B MOV
        C7 /0 iz         | MOV Ev,Iz               | ALU                        | 2B MOV
        B0+r ib          | MOV Zb,Ib               | ALU                        | 2B MOV
        B8+r iv          | MOV Zv,Iv               | ALU                        | 2B MOV
        A0 o             | MOV AL,Ob               | ALU                        | 2B MOV
        A1 o             | MOV rAX,Ov              | ALU                        | 2B MOV
        A2 o             | MOV Ob,AL               | ALU                        | 2B MOV
        A3 o             | MOV Ov,rAX              | ALU                        | 2B MOV
        """);
    t.add(X86EmitSystem::movSystem, """
        8C /r            | MOV Rv,Sw               | ALU                        | 2B MOV
        8C /r            | MOV Mw,Sw               | STORE                      | 2B MOV
        8E /r            | MOV Sw,Ew               | ALU                        | 2B MOV
        """);
    t.add(b -> X86EmitMove.extend(b, 0), """
        0F B6 /r         | MOVZX Gv,Eb             | ALU                        | 2B MOVZX
        0F B7 /r         | MOVZX Gv,Ew             | ALU                        | 2B MOVZX
        """);
    t.add(b -> X86EmitMove.extend(b, Uop.F_SIGNED), """
        0F BE /r         | MOVSX Gv,Eb             | ALU                        | 2B MOVSX
        0F BF /r         | MOVSX Gv,Ew             | ALU                        | 2B MOVSX
        """);
    t.add(X86EmitMove::movsxd, "63 /r | MOVSXD Gv,Ez | ALU | 2B MOVSX/MOVSXD");
    t.add(X86EmitMove::mov, "NP 0F C3 /r | MOVNTI My,Gy | STORE | 2B MOVNTI");
    t.add(X86EmitMove::movbe, """
        NFx 0F 38 F0 /r  | MOVBE Gv,Mv             | ALU                        | 2B MOVBE
        NFx 0F 38 F1 /r  | MOVBE Mv,Gv             | ALU                        | 2B MOVBE
        """);
    t.add(X86EmitMove::lea, "8D /r | LEA Gv,M | ADDRESS | 2A LEA");
    t.add(X86EmitMove::xchg, """
        86 /r            | XCHG Eb,Gb              | ALU lock                   | 2D XCHG
        87 /r            | XCHG Ev,Gv              | ALU lock                   | 2D XCHG
        90+r             | XCHG Zv,rAX             | ALU                        | 2D XCHG
        """);
    t.add(X86EmitAlu::cmpxchg, """
        0F B0 /r         | CMPXCHG Eb,Gb           | ALU lock                   | 2A CMPXCHG
        0F B1 /r         | CMPXCHG Ev,Gv           | ALU lock                   | 2A CMPXCHG
        """);
    t.add(X86EmitAlu::xadd, """
        0F C0 /r         | XADD Eb,Gb              | ALU lock                   | 2D XADD
        0F C1 /r         | XADD Ev,Gv              | ALU lock                   | 2D XADD
        """);
    t.add(b -> X86EmitSystem.addressed(b, X86Helpers::cmpxchg8b),
        "REX.W0 0F C7 /1 | CMPXCHG8B Mq | RMW lock | 2A CMPXCHG8B/CMPXCHG16B");
    t.add(b -> X86EmitSystem.addressed(b, X86Helpers::cmpxchg16b),
        "REX.W1 0F C7 /1 | CMPXCHG16B Mdq | RMW lock | 2A CMPXCHG8B/CMPXCHG16B");
    t.add(X86EmitAlu::cmov, "0F 40+c /r | CMOVcc Gv,Ev | ALU | 2A CMOVcc");
    t.add(X86EmitAlu::setcc, "0F 90+c /r | SETcc Eb | ALU | 2B SETcc");
    t.add(X86EmitMove::xlat, "D7 | XLAT | LOAD | 2D XLAT/XLATB");
  }

  // ---- stack
  private static void stack(X86Rows.Table t) {
    t.add(X86EmitMove::push, """
        50+r             | PUSH Zv                 | STORE d64                  | 2B PUSH
        FF /6            | PUSH Ev                 | STORE d64                  | 2B PUSH
        68 iz            | PUSH Iz                 | STORE d64                  | 2B PUSH
        6A ib            | PUSH Ib                 | STORE d64                  | 2B PUSH
        0F A0            | PUSH FS                 | STORE d64                  | 2B PUSH
        0F A8            | PUSH GS                 | STORE d64                  | 2B PUSH
        """);
    t.add(X86EmitMove::pop, """
        58+r             | POP Zv                  | LOAD d64                   | 2B POP
        8F /0            | POP Ev                  | LOAD d64                   | 2B POP
        0F A1            | POP FS                  | LOAD d64                   | 2B POP
        0F A9            | POP GS                  | LOAD d64                   | 2B POP
        """);
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::pushf), "9C | PUSHF | FLAGS_SAVE d64 | 2B PUSHF/PUSHFD/PUSHFQ");
    t.add(b -> X86EmitSystem.plain(b, X86Helpers::popf), "9D | POPF | FLAGS_RESTORE d64 | 2B POPF/POPFD/POPFQ");
    t.add(X86EmitMove::enter, "C8 iw ib | ENTER | STORE d64 | 2A ENTER");
    t.add(X86EmitMove::leave, "C9 | LEAVE | LOAD d64 | 2A LEAVE");
  }

  // ---- strings
  private static void strings(X86Rows.Table t) {
    t.add(b -> X86EmitMove.string(b, X86Strings::movs), """
        A4               | MOVS Yb,Xb              | STRING                     | 2B MOVS
        A5               | MOVS Yv,Xv              | STRING                     | 2B MOVS
        """);
    t.add(b -> X86EmitMove.string(b, X86Strings::cmps), """
        A6               | CMPS Xb,Yb              | STRING                     | 2A CMPS
        A7               | CMPS Xv,Yv              | STRING                     | 2A CMPS
        """);
    t.add(b -> X86EmitMove.string(b, X86Strings::stos), """
        AA               | STOS Yb,AL              | STRING                     | 2B STOS
        AB               | STOS Yv,rAX             | STRING                     | 2B STOS
        """);
    t.add(b -> X86EmitMove.string(b, X86Strings::lods), """
        AC               | LODS AL,Xb              | STRING                     | 2A LODS
        AD               | LODS rAX,Xv             | STRING                     | 2A LODS
        """);
    t.add(b -> X86EmitMove.string(b, X86Strings::scas), """
        AE               | SCAS AL,Yb              | STRING                     | 2B SCAS
        AF               | SCAS rAX,Yv             | STRING                     | 2B SCAS
        """);
  }
}

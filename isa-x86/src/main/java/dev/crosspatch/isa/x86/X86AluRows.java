package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Arithmetic and logic.
final class X86AluRows {
  private X86AluRows() {}

  static void add(X86Rows.Table t) {
    arithmetic(t);
  }

  // ---- arithmetic and logic
  private static void arithmetic(X86Rows.Table t) {
    t.add(b -> X86EmitAlu.binary(b, Uop.ADDF), """
        00 /r            | ADD Eb,Gb               | ALU lock                   | 2A ADD
        01 /r            | ADD Ev,Gv               | ALU lock                   | 2A ADD
        02 /r            | ADD Gb,Eb               | ALU                        | 2A ADD
        03 /r            | ADD Gv,Ev               | ALU                        | 2A ADD
        04 ib            | ADD AL,Ib               | ALU                        | 2A ADD
        05 iz            | ADD rAX,Iz              | ALU                        | 2A ADD
        80 /0 ib         | ADD Eb,Ib               | ALU lock                   | 2A ADD
        81 /0 iz         | ADD Ev,Iz               | ALU lock                   | 2A ADD
        83 /0 ib         | ADD Ev,Ib               | ALU lock                   | 2A ADD
        """);
    t.add(b -> X86EmitAlu.binary(b, Uop.ORF), """
        08 /r            | OR Eb,Gb                | ALU lock                   | 2B OR
        09 /r            | OR Ev,Gv                | ALU lock                   | 2B OR
        0A /r            | OR Gb,Eb                | ALU                        | 2B OR
        0B /r            | OR Gv,Ev                | ALU                        | 2B OR
        0C ib            | OR AL,Ib                | ALU                        | 2B OR
        0D iz            | OR rAX,Iz               | ALU                        | 2B OR
        80 /1 ib         | OR Eb,Ib                | ALU lock                   | 2B OR
        81 /1 iz         | OR Ev,Iz                | ALU lock                   | 2B OR
        83 /1 ib         | OR Ev,Ib                | ALU lock                   | 2B OR
        """);
    t.add(b -> X86EmitAlu.carry(b, Uop.ADCF), """
        10 /r            | ADC Eb,Gb               | ALU lock                   | 2A ADC
        11 /r            | ADC Ev,Gv               | ALU lock                   | 2A ADC
        12 /r            | ADC Gb,Eb               | ALU                        | 2A ADC
        13 /r            | ADC Gv,Ev               | ALU                        | 2A ADC
        14 ib            | ADC AL,Ib               | ALU                        | 2A ADC
        15 iz            | ADC rAX,Iz              | ALU                        | 2A ADC
        80 /2 ib         | ADC Eb,Ib               | ALU lock                   | 2A ADC
        81 /2 iz         | ADC Ev,Iz               | ALU lock                   | 2A ADC
        83 /2 ib         | ADC Ev,Ib               | ALU lock                   | 2A ADC
        """);
    t.add(b -> X86EmitAlu.carry(b, Uop.SBBF), """
        18 /r            | SBB Eb,Gb               | ALU lock                   | 2B SBB
        19 /r            | SBB Ev,Gv               | ALU lock                   | 2B SBB
        1A /r            | SBB Gb,Eb               | ALU                        | 2B SBB
        1B /r            | SBB Gv,Ev               | ALU                        | 2B SBB
        1C ib            | SBB AL,Ib               | ALU                        | 2B SBB
        1D iz            | SBB rAX,Iz              | ALU                        | 2B SBB
        80 /3 ib         | SBB Eb,Ib               | ALU lock                   | 2B SBB
        81 /3 iz         | SBB Ev,Iz               | ALU lock                   | 2B SBB
        83 /3 ib         | SBB Ev,Ib               | ALU lock                   | 2B SBB
        """);
    t.add(b -> X86EmitAlu.binary(b, Uop.ANDF), """
        20 /r            | AND Eb,Gb               | ALU lock                   | 2A AND
        21 /r            | AND Ev,Gv               | ALU lock                   | 2A AND
        22 /r            | AND Gb,Eb               | ALU                        | 2A AND
        23 /r            | AND Gv,Ev               | ALU                        | 2A AND
        24 ib            | AND AL,Ib               | ALU                        | 2A AND
        25 iz            | AND rAX,Iz              | ALU                        | 2A AND
        80 /4 ib         | AND Eb,Ib               | ALU lock                   | 2A AND
        81 /4 iz         | AND Ev,Iz               | ALU lock                   | 2A AND
        83 /4 ib         | AND Ev,Ib               | ALU lock                   | 2A AND
        """);
    t.add(b -> X86EmitAlu.binary(b, Uop.SUBF), """
        28 /r            | SUB Eb,Gb               | ALU lock                   | 2B SUB
        29 /r            | SUB Ev,Gv               | ALU lock                   | 2B SUB
        2A /r            | SUB Gb,Eb               | ALU                        | 2B SUB
        2B /r            | SUB Gv,Ev               | ALU                        | 2B SUB
        2C ib            | SUB AL,Ib               | ALU                        | 2B SUB
        2D iz            | SUB rAX,Iz              | ALU                        | 2B SUB
        80 /5 ib         | SUB Eb,Ib               | ALU lock                   | 2B SUB
        81 /5 iz         | SUB Ev,Iz               | ALU lock                   | 2B SUB
        83 /5 ib         | SUB Ev,Ib               | ALU lock                   | 2B SUB
        """);
    t.add(b -> X86EmitAlu.binary(b, Uop.XORF), """
        30 /r            | XOR Eb,Gb               | ALU lock                   | 2D XOR
        31 /r            | XOR Ev,Gv               | ALU lock                   | 2D XOR
        32 /r            | XOR Gb,Eb               | ALU                        | 2D XOR
        33 /r            | XOR Gv,Ev               | ALU                        | 2D XOR
        34 ib            | XOR AL,Ib               | ALU                        | 2D XOR
        35 iz            | XOR rAX,Iz              | ALU                        | 2D XOR
        80 /6 ib         | XOR Eb,Ib               | ALU lock                   | 2D XOR
        81 /6 iz         | XOR Ev,Iz               | ALU lock                   | 2D XOR
        83 /6 ib         | XOR Ev,Ib               | ALU lock                   | 2D XOR
        """);
    t.add(b -> X86EmitAlu.compare(b, Uop.SUBF), """
        38 /r            | CMP Eb,Gb               | ALU                        | 2A CMP
        39 /r            | CMP Ev,Gv               | ALU                        | 2A CMP
        3A /r            | CMP Gb,Eb               | ALU                        | 2A CMP
        3B /r            | CMP Gv,Ev               | ALU                        | 2A CMP
        3C ib            | CMP AL,Ib               | ALU                        | 2A CMP
        3D iz            | CMP rAX,Iz              | ALU                        | 2A CMP
        80 /7 ib         | CMP Eb,Ib               | ALU                        | 2A CMP
        81 /7 iz         | CMP Ev,Iz               | ALU                        | 2A CMP
        83 /7 ib         | CMP Ev,Ib               | ALU                        | 2A CMP
        """);
    t.add(b -> X86EmitAlu.compare(b, Uop.ANDF), """
        84 /r            | TEST Eb,Gb              | ALU                        | 2B TEST
        85 /r            | TEST Ev,Gv              | ALU                        | 2B TEST
        A8 ib            | TEST AL,Ib              | ALU                        | 2B TEST
        A9 iz            | TEST rAX,Iz             | ALU                        | 2B TEST
        F6 /0 ib         | TEST Eb,Ib              | ALU                        | 2B TEST
        F7 /0 iz         | TEST Ev,Iz              | ALU                        | 2B TEST
        F6 /1 ib         | TEST Eb,Ib              | ALU                        | 2B TEST, opcode map table A-6 note
        F7 /1 iz         | TEST Ev,Iz              | ALU                        | 2B TEST, opcode map table A-6 note
        """);
    t.add(X86EmitAlu::not, """
        F6 /2            | NOT Eb                  | ALU lock                   | 2B NOT
        F7 /2            | NOT Ev                  | ALU lock                   | 2B NOT
        """);
    t.add(X86EmitAlu::neg, """
        F6 /3            | NEG Eb                  | ALU lock                   | 2B NEG
        F7 /3            | NEG Ev                  | ALU lock                   | 2B NEG
        """);
    t.add(b -> X86EmitAlu.step(b, Uop.INCF), """
        FE /0            | INC Eb                  | ALU lock                   | 2A INC
        FF /0            | INC Ev                  | ALU lock                   | 2A INC
        """);
    t.add(b -> X86EmitAlu.step(b, Uop.DECF), """
        FE /1            | DEC Eb                  | ALU lock                   | 2A DEC
        FF /1            | DEC Ev                  | ALU lock                   | 2A DEC
        """);
    t.add(b -> X86EmitAlu.wide(b, X86Helpers::mulWide), """
        F6 /4            | MUL Eb                  | MUL                        | 2B MUL
        F7 /4            | MUL Ev                  | MUL                        | 2B MUL
        """);
    t.add(X86EmitAlu::imul, """
        F6 /5            | IMUL Eb                 | MUL                        | 2A IMUL
        F7 /5            | IMUL Ev                 | MUL                        | 2A IMUL
        69 /r iz         | IMUL Gv,Ev,Iz           | MUL                        | 2A IMUL
        6B /r ib         | IMUL Gv,Ev,Ib           | MUL                        | 2A IMUL
        0F AF /r         | IMUL Gv,Ev              | MUL                        | 2A IMUL
        """);
    t.add(b -> X86EmitAlu.wide(b, X86Division::div), """
        F6 /6            | DIV Eb                  | DIV                        | 2A DIV
        F7 /6            | DIV Ev                  | DIV                        | 2A DIV
        """);
    t.add(b -> X86EmitAlu.wide(b, X86Division::idiv), """
        F6 /7            | IDIV Eb                 | DIV                        | 2A IDIV
        F7 /7            | IDIV Ev                 | DIV                        | 2A IDIV
        """);
    t.add(X86EmitAlu::cbw, "98 | CBW | ALU | 2A CBW/CWDE/CDQE");
    t.add(X86EmitAlu::cwd, "99 | CWD | ALU | 2A CWD/CDQ/CQO");
    t.add(b -> X86EmitAlu.carryChain(b, X86Helpers::adcx), "66 0F 38 F6 /r | ADCX Gy,Ey | ALU | 2A ADCX");
    t.add(b -> X86EmitAlu.carryChain(b, X86Helpers::adox), "F3 0F 38 F6 /r | ADOX Gy,Ey | ALU | 2A ADOX");
  }
}

package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Shifts, rotates and bits.
final class X86BitRows {
  private X86BitRows() {}

  static void add(X86Rows.Table t) {
    shifts(t);
    bits(t);
  }

  // ---- shifts and rotates
  private static void shifts(X86Rows.Table t) {
    t.add(b -> X86EmitAlu.shift(b, Uop.ROLF), """
        C0 /0 ib         | ROL Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        C1 /0 ib         | ROL Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D0 /0            | ROL Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D1 /0            | ROL Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D2 /0            | ROL Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D3 /0            | ROL Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        """);
    t.add(b -> X86EmitAlu.shift(b, Uop.RORF), """
        C0 /1 ib         | ROR Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        C1 /1 ib         | ROR Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D0 /1            | ROR Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D1 /1            | ROR Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D2 /1            | ROR Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D3 /1            | ROR Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        """);
    t.add(b -> X86EmitAlu.throughCarry(b, X86Shifts::rcl), """
        C0 /2 ib         | RCL Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        C1 /2 ib         | RCL Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D0 /2            | RCL Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D1 /2            | RCL Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D2 /2            | RCL Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D3 /2            | RCL Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        """);
    t.add(b -> X86EmitAlu.throughCarry(b, X86Shifts::rcr), """
        C0 /3 ib         | RCR Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        C1 /3 ib         | RCR Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D0 /3            | RCR Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D1 /3            | RCR Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D2 /3            | RCR Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        D3 /3            | RCR Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
        """);
    t.add(b -> X86EmitAlu.shift(b, Uop.SHLF), """
        C0 /4 ib         | SHL Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        C1 /4 ib         | SHL Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D0 /4            | SHL Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D1 /4            | SHL Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D2 /4            | SHL Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D3 /4            | SHL Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        C0 /6 ib         | SHL Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
        C1 /6 ib         | SHL Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
        D0 /6            | SHL Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
        D1 /6            | SHL Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
        D2 /6            | SHL Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
        D3 /6            | SHL Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
        """);
    t.add(b -> X86EmitAlu.shift(b, Uop.SHRF), """
        C0 /5 ib         | SHR Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        C1 /5 ib         | SHR Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D0 /5            | SHR Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D1 /5            | SHR Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D2 /5            | SHR Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D3 /5            | SHR Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        """);
    t.add(b -> X86EmitAlu.shift(b, Uop.SARF), """
        C0 /7 ib         | SAR Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        C1 /7 ib         | SAR Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D0 /7            | SAR Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D1 /7            | SAR Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D2 /7            | SAR Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        D3 /7            | SAR Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
        """);
    t.add(b -> X86EmitAlu.doubleShift(b, X86Shifts::shld), """
        0F A4 /r ib      | SHLD Ev,Gv,Ib           | SHIFT                      | 2B SHLD
        0F A5 /r         | SHLD Ev,Gv,CL           | SHIFT                      | 2B SHLD
        """);
    t.add(b -> X86EmitAlu.doubleShift(b, X86Shifts::shrd), """
        0F AC /r ib      | SHRD Ev,Gv,Ib           | SHIFT                      | 2B SHRD
        0F AD /r         | SHRD Ev,Gv,CL           | SHIFT                      | 2B SHRD
        """);
  }

  // ---- bits
  private static void bits(X86Rows.Table t) {
    t.add(b -> X86EmitAlu.bitTest(b, X86Bits::bt, false), """
        0F A3 /r         | BT Ev,Gv                | ALU                        | 2A BT
        0F BA /4 ib      | BT Ev,Ib                | ALU                        | 2A BT
        """);
    t.add(b -> X86EmitAlu.bitTest(b, X86Bits::bts, true), """
        0F AB /r         | BTS Ev,Gv               | ALU lock                   | 2A BTS
        0F BA /5 ib      | BTS Ev,Ib               | ALU lock                   | 2A BTS
        """);
    t.add(b -> X86EmitAlu.bitTest(b, X86Bits::btr, true), """
        0F B3 /r         | BTR Ev,Gv               | ALU lock                   | 2A BTR
        0F BA /6 ib      | BTR Ev,Ib               | ALU lock                   | 2A BTR
        """);
    t.add(b -> X86EmitAlu.bitTest(b, X86Bits::btc, true), """
        0F BB /r         | BTC Ev,Gv               | ALU lock                   | 2A BTC
        0F BA /7 ib      | BTC Ev,Ib               | ALU lock                   | 2A BTC
        """);
    t.add(b -> X86EmitAlu.scan(b, X86Bits::bsf), "0F BC /r | BSF Gv,Ev | ALU | 2A BSF");
    t.add(b -> X86EmitAlu.scan(b, X86Bits::bsr), "0F BD /r | BSR Gv,Ev | ALU | 2A BSR");
    t.add(b -> X86EmitAlu.scan(b, X86Bits::tzcnt), "F3 0F BC /r | TZCNT Gv,Ev | ALU | 2B TZCNT");
    t.add(b -> X86EmitAlu.scan(b, X86Bits::lzcnt), "F3 0F BD /r | LZCNT Gv,Ev | ALU | 2A LZCNT");
    t.add(b -> X86EmitAlu.scan(b, X86Bits::popcnt), "F3 0F B8 /r | POPCNT Gv,Ev | ALU | 2B POPCNT");
    t.add(b -> X86EmitAlu.crc32(b), """
        F2 0F 38 F0 /r   | CRC32 Gy,Eb             | MUL                        | 2A CRC32
        F2 0F 38 F1 /r   | CRC32 Gy,Ev             | MUL                        | 2A CRC32
        """);
    t.add(X86EmitAlu::byteSwap, "0F C8+r | BSWAP Zy | ALU | 2A BSWAP");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::andn), "VEX.NP.0F38 F2 /r | ANDN Gy,By,Ey | ALU | 2A ANDN");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::bextr), "VEX.NP.0F38 F7 /r | BEXTR Gy,Ey,By | ALU | 2A BEXTR");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::blsr), "VEX.NP.0F38 F3 /1 | BLSR By,Ey | ALU | 2A BLSR");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::blsmsk), "VEX.NP.0F38 F3 /2 | BLSMSK By,Ey | ALU | 2A BLSMSK");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::blsi), "VEX.NP.0F38 F3 /3 | BLSI By,Ey | ALU | 2A BLSI");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::bzhi), "VEX.NP.0F38 F5 /r | BZHI Gy,Ey,By | ALU | 2A BZHI");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::pdep), "VEX.F2.0F38 F5 /r | PDEP Gy,By,Ey | ALU | 2B PDEP");
    t.add(b -> X86EmitAlu.bmi(b, X86Bits::pext), "VEX.F3.0F38 F5 /r | PEXT Gy,By,Ey | ALU | 2B PEXT");
    t.add(X86EmitAlu::mulx, "VEX.F2.0F38 F6 /r | MULX Gy,By,Ey | MUL | 2B MULX");
    t.add(b -> X86EmitAlu.shiftNoFlags(b, Uop.SHL), "VEX.66.0F38 F7 /r | SHLX Gy,Ey,By | SHIFT | 2B SARX/SHLX/SHRX");
    t.add(b -> X86EmitAlu.shiftNoFlags(b, Uop.SHR), "VEX.F2.0F38 F7 /r | SHRX Gy,Ey,By | SHIFT | 2B SARX/SHLX/SHRX");
    t.add(b -> X86EmitAlu.shiftNoFlags(b, Uop.SAR), "VEX.F3.0F38 F7 /r | SARX Gy,Ey,By | SHIFT | 2B SARX/SHLX/SHRX");
    t.add(X86EmitAlu::rorx, "VEX.F2.0F3A F0 /r ib | RORX Gy,Ey,Ib | SHIFT | 2B RORX");
  }
}

package dev.crosspatch.isa.x86;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The instruction rows: everything the decoder, the flow decoder, the timing and the tests know of an encoding.
///
/// A row is `encoding | form | cost [flow] [marks] | manual`.
///
/// * **encoding**, as in SDM vol. 2A, 3.1.1.1: prefixes (`NP` none; `66`, `F2`, `F3` required; `NFx` neither F2 nor F3;
///   `REX.W0`, `REX.W1`, `REX.B0`, `REX.B1`), the opcode (`B8+r` eight of them, `70+c` sixteen, `D8-DF` a range), `/r`
///   or `/0`..`/7` (ModRM) or a fixed ModRM byte, immediates (`ib iw id iz iv`, `cb cz` branch displacement, `o`
///   absolute address). `VEX.66.0F38` is a VEX encoding with L = 0.
/// * **form**: mnemonic and operands in the notation of SDM vol. 2D, A.2; see [X86Operand]. A form `* text` is an
///   instruction whose length is known and which raises #UD.
/// * **cost** ([dev.crosspatch.core.uop.CostClass]; ALU and SHIFT become LOAD, STORE, RMW or ATOMIC by what memory the
///   instruction touches) and **flow** ([dev.crosspatch.core.code.FlowClass], OTHER if missing).
/// * **marks**: `lock` may carry LOCK with a memory destination; `cpl0` else #GP; `d64`, `f64` operand size; `reg`,
///   `mem` ModRM form; `anymod` ModRM.mod is ignored; `no66` a 66 prefix besides F3 raises #UD.
/// * **manual**: volume and page of the SDM.
///
/// What an instruction does is found by its mnemonic in [X86Semantics]. Where two rows match, the more specific one
/// wins; [#OVERLAPS] lists each such pair.
final class X86Rows {
  private X86Rows() {}

  private static final String ARITHMETIC = """
      # arithmetic and logic
      00 /r            | ADD Eb,Gb               | ALU lock                   | 2A ADD
      01 /r            | ADD Ev,Gv               | ALU lock                   | 2A ADD
      02 /r            | ADD Gb,Eb               | ALU                        | 2A ADD
      03 /r            | ADD Gv,Ev               | ALU                        | 2A ADD
      04 ib            | ADD AL,Ib               | ALU                        | 2A ADD
      05 iz            | ADD rAX,Iz              | ALU                        | 2A ADD
      80 /0 ib         | ADD Eb,Ib               | ALU lock                   | 2A ADD
      81 /0 iz         | ADD Ev,Iz               | ALU lock                   | 2A ADD
      83 /0 ib         | ADD Ev,Ib               | ALU lock                   | 2A ADD
      08 /r            | OR Eb,Gb                | ALU lock                   | 2B OR
      09 /r            | OR Ev,Gv                | ALU lock                   | 2B OR
      0A /r            | OR Gb,Eb                | ALU                        | 2B OR
      0B /r            | OR Gv,Ev                | ALU                        | 2B OR
      0C ib            | OR AL,Ib                | ALU                        | 2B OR
      0D iz            | OR rAX,Iz               | ALU                        | 2B OR
      80 /1 ib         | OR Eb,Ib                | ALU lock                   | 2B OR
      81 /1 iz         | OR Ev,Iz                | ALU lock                   | 2B OR
      83 /1 ib         | OR Ev,Ib                | ALU lock                   | 2B OR
      10 /r            | ADC Eb,Gb               | ALU lock                   | 2A ADC
      11 /r            | ADC Ev,Gv               | ALU lock                   | 2A ADC
      12 /r            | ADC Gb,Eb               | ALU                        | 2A ADC
      13 /r            | ADC Gv,Ev               | ALU                        | 2A ADC
      14 ib            | ADC AL,Ib               | ALU                        | 2A ADC
      15 iz            | ADC rAX,Iz              | ALU                        | 2A ADC
      80 /2 ib         | ADC Eb,Ib               | ALU lock                   | 2A ADC
      81 /2 iz         | ADC Ev,Iz               | ALU lock                   | 2A ADC
      83 /2 ib         | ADC Ev,Ib               | ALU lock                   | 2A ADC
      18 /r            | SBB Eb,Gb               | ALU lock                   | 2B SBB
      19 /r            | SBB Ev,Gv               | ALU lock                   | 2B SBB
      1A /r            | SBB Gb,Eb               | ALU                        | 2B SBB
      1B /r            | SBB Gv,Ev               | ALU                        | 2B SBB
      1C ib            | SBB AL,Ib               | ALU                        | 2B SBB
      1D iz            | SBB rAX,Iz              | ALU                        | 2B SBB
      80 /3 ib         | SBB Eb,Ib               | ALU lock                   | 2B SBB
      81 /3 iz         | SBB Ev,Iz               | ALU lock                   | 2B SBB
      83 /3 ib         | SBB Ev,Ib               | ALU lock                   | 2B SBB
      20 /r            | AND Eb,Gb               | ALU lock                   | 2A AND
      21 /r            | AND Ev,Gv               | ALU lock                   | 2A AND
      22 /r            | AND Gb,Eb               | ALU                        | 2A AND
      23 /r            | AND Gv,Ev               | ALU                        | 2A AND
      24 ib            | AND AL,Ib               | ALU                        | 2A AND
      25 iz            | AND rAX,Iz              | ALU                        | 2A AND
      80 /4 ib         | AND Eb,Ib               | ALU lock                   | 2A AND
      81 /4 iz         | AND Ev,Iz               | ALU lock                   | 2A AND
      83 /4 ib         | AND Ev,Ib               | ALU lock                   | 2A AND
      28 /r            | SUB Eb,Gb               | ALU lock                   | 2B SUB
      29 /r            | SUB Ev,Gv               | ALU lock                   | 2B SUB
      2A /r            | SUB Gb,Eb               | ALU                        | 2B SUB
      2B /r            | SUB Gv,Ev               | ALU                        | 2B SUB
      2C ib            | SUB AL,Ib               | ALU                        | 2B SUB
      2D iz            | SUB rAX,Iz              | ALU                        | 2B SUB
      80 /5 ib         | SUB Eb,Ib               | ALU lock                   | 2B SUB
      81 /5 iz         | SUB Ev,Iz               | ALU lock                   | 2B SUB
      83 /5 ib         | SUB Ev,Ib               | ALU lock                   | 2B SUB
      30 /r            | XOR Eb,Gb               | ALU lock                   | 2D XOR
      31 /r            | XOR Ev,Gv               | ALU lock                   | 2D XOR
      32 /r            | XOR Gb,Eb               | ALU                        | 2D XOR
      33 /r            | XOR Gv,Ev               | ALU                        | 2D XOR
      34 ib            | XOR AL,Ib               | ALU                        | 2D XOR
      35 iz            | XOR rAX,Iz              | ALU                        | 2D XOR
      80 /6 ib         | XOR Eb,Ib               | ALU lock                   | 2D XOR
      81 /6 iz         | XOR Ev,Iz               | ALU lock                   | 2D XOR
      83 /6 ib         | XOR Ev,Ib               | ALU lock                   | 2D XOR
      38 /r            | CMP Eb,Gb               | ALU                        | 2A CMP
      39 /r            | CMP Ev,Gv               | ALU                        | 2A CMP
      3A /r            | CMP Gb,Eb               | ALU                        | 2A CMP
      3B /r            | CMP Gv,Ev               | ALU                        | 2A CMP
      3C ib            | CMP AL,Ib               | ALU                        | 2A CMP
      3D iz            | CMP rAX,Iz              | ALU                        | 2A CMP
      80 /7 ib         | CMP Eb,Ib               | ALU                        | 2A CMP
      81 /7 iz         | CMP Ev,Iz               | ALU                        | 2A CMP
      83 /7 ib         | CMP Ev,Ib               | ALU                        | 2A CMP
      84 /r            | TEST Eb,Gb              | ALU                        | 2B TEST
      85 /r            | TEST Ev,Gv              | ALU                        | 2B TEST
      A8 ib            | TEST AL,Ib              | ALU                        | 2B TEST
      A9 iz            | TEST rAX,Iz             | ALU                        | 2B TEST
      F6 /0 ib         | TEST Eb,Ib              | ALU                        | 2B TEST
      F7 /0 iz         | TEST Ev,Iz              | ALU                        | 2B TEST
      F6 /1 ib         | TEST Eb,Ib              | ALU                        | 2B TEST, opcode map table A-6 note
      F7 /1 iz         | TEST Ev,Iz              | ALU                        | 2B TEST, opcode map table A-6 note
      F6 /2            | NOT Eb                  | ALU lock                   | 2B NOT
      F7 /2            | NOT Ev                  | ALU lock                   | 2B NOT
      F6 /3            | NEG Eb                  | ALU lock                   | 2B NEG
      F7 /3            | NEG Ev                  | ALU lock                   | 2B NEG
      FE /0            | INC Eb                  | ALU lock                   | 2A INC
      FF /0            | INC Ev                  | ALU lock                   | 2A INC
      FE /1            | DEC Eb                  | ALU lock                   | 2A DEC
      FF /1            | DEC Ev                  | ALU lock                   | 2A DEC
      F6 /4            | MUL Eb                  | MUL                        | 2B MUL
      F7 /4            | MUL Ev                  | MUL                        | 2B MUL
      F6 /5            | IMUL Eb                 | MUL                        | 2A IMUL
      F7 /5            | IMUL Ev                 | MUL                        | 2A IMUL
      F6 /6            | DIV Eb                  | DIV                        | 2A DIV
      F7 /6            | DIV Ev                  | DIV                        | 2A DIV
      F6 /7            | IDIV Eb                 | DIV                        | 2A IDIV
      F7 /7            | IDIV Ev                 | DIV                        | 2A IDIV
      69 /r iz         | IMUL Gv,Ev,Iz           | MUL                        | 2A IMUL
      6B /r ib         | IMUL Gv,Ev,Ib           | MUL                        | 2A IMUL
      0F AF /r         | IMUL Gv,Ev              | MUL                        | 2A IMUL
      98               | CBW                     | ALU                        | 2A CBW/CWDE/CDQE
      99               | CWD                     | ALU                        | 2A CWD/CDQ/CQO
      66 0F 38 F6 /r   | ADCX Gy,Ey              | ALU                        | 2A ADCX
      F3 0F 38 F6 /r   | ADOX Gy,Ey              | ALU                        | 2A ADOX
      """;

  private static final String SHIFTS_AND_BITS = """
      # shifts and rotates
      C0 /0 ib         | ROL Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C1 /0 ib         | ROL Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D0 /0            | ROL Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D1 /0            | ROL Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D2 /0            | ROL Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D3 /0            | ROL Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C0 /1 ib         | ROR Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C1 /1 ib         | ROR Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D0 /1            | ROR Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D1 /1            | ROR Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D2 /1            | ROR Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D3 /1            | ROR Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C0 /2 ib         | RCL Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C1 /2 ib         | RCL Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D0 /2            | RCL Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D1 /2            | RCL Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D2 /2            | RCL Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D3 /2            | RCL Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C0 /3 ib         | RCR Eb,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C1 /3 ib         | RCR Ev,Ib               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D0 /3            | RCR Eb,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D1 /3            | RCR Ev,1                | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D2 /3            | RCR Eb,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      D3 /3            | RCR Ev,CL               | SHIFT                      | 2B RCL/RCR/ROL/ROR
      C0 /4 ib         | SHL Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      C1 /4 ib         | SHL Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D0 /4            | SHL Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D1 /4            | SHL Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D2 /4            | SHL Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D3 /4            | SHL Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      C0 /5 ib         | SHR Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      C1 /5 ib         | SHR Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D0 /5            | SHR Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D1 /5            | SHR Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D2 /5            | SHR Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D3 /5            | SHR Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      C0 /6 ib         | SHL Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
      C1 /6 ib         | SHL Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
      D0 /6            | SHL Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
      D1 /6            | SHL Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
      D2 /6            | SHL Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
      D3 /6            | SHL Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR, opcode map table A-6 note
      C0 /7 ib         | SAR Eb,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      C1 /7 ib         | SAR Ev,Ib               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D0 /7            | SAR Eb,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D1 /7            | SAR Ev,1                | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D2 /7            | SAR Eb,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      D3 /7            | SAR Ev,CL               | SHIFT                      | 2B SAL/SAR/SHL/SHR
      0F A4 /r ib      | SHLD Ev,Gv,Ib           | SHIFT                      | 2B SHLD
      0F A5 /r         | SHLD Ev,Gv,CL           | SHIFT                      | 2B SHLD
      0F AC /r ib      | SHRD Ev,Gv,Ib           | SHIFT                      | 2B SHRD
      0F AD /r         | SHRD Ev,Gv,CL           | SHIFT                      | 2B SHRD
      # bits
      0F A3 /r         | BT Ev,Gv                | ALU                        | 2A BT
      0F BA /4 ib      | BT Ev,Ib                | ALU                        | 2A BT
      0F AB /r         | BTS Ev,Gv               | ALU lock                   | 2A BTS
      0F BA /5 ib      | BTS Ev,Ib               | ALU lock                   | 2A BTS
      0F B3 /r         | BTR Ev,Gv               | ALU lock                   | 2A BTR
      0F BA /6 ib      | BTR Ev,Ib               | ALU lock                   | 2A BTR
      0F BB /r         | BTC Ev,Gv               | ALU lock                   | 2A BTC
      0F BA /7 ib      | BTC Ev,Ib               | ALU lock                   | 2A BTC
      0F BC /r         | BSF Gv,Ev               | ALU                        | 2A BSF
      0F BD /r         | BSR Gv,Ev               | ALU                        | 2A BSR
      F3 0F BC /r      | TZCNT Gv,Ev             | ALU                        | 2B TZCNT
      F3 0F BD /r      | LZCNT Gv,Ev             | ALU                        | 2A LZCNT
      F3 0F B8 /r      | POPCNT Gv,Ev            | ALU                        | 2B POPCNT
      0F C8+r          | BSWAP Zy                | ALU                        | 2A BSWAP
      VEX.NP.0F38 F2 /r| ANDN Gy,By,Ey           | ALU                        | 2A ANDN
      VEX.NP.0F38 F7 /r| BEXTR Gy,Ey,By          | ALU                        | 2A BEXTR
      VEX.NP.0F38 F3 /1| BLSR By,Ey              | ALU                        | 2A BLSR
      VEX.NP.0F38 F3 /2| BLSMSK By,Ey            | ALU                        | 2A BLSMSK
      VEX.NP.0F38 F3 /3| BLSI By,Ey              | ALU                        | 2A BLSI
      VEX.NP.0F38 F5 /r| BZHI Gy,Ey,By           | ALU                        | 2A BZHI
      VEX.F2.0F38 F5 /r| PDEP Gy,By,Ey           | ALU                        | 2B PDEP
      VEX.F3.0F38 F5 /r| PEXT Gy,By,Ey           | ALU                        | 2B PEXT
      VEX.F2.0F38 F6 /r| MULX Gy,By,Ey           | MUL                        | 2B MULX
      VEX.66.0F38 F7 /r| SHLX Gy,Ey,By           | SHIFT                      | 2B SARX/SHLX/SHRX
      VEX.F2.0F38 F7 /r| SHRX Gy,Ey,By           | SHIFT                      | 2B SARX/SHLX/SHRX
      VEX.F3.0F38 F7 /r| SARX Gy,Ey,By           | SHIFT                      | 2B SARX/SHLX/SHRX
      VEX.F2.0F3A F0 /r ib| RORX Gy,Ey,Ib           | SHIFT                      | 2B RORX
      """;

  private static final String MOVES = """
      # moves
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
      8C /r            | MOV Rv,Sw               | ALU                        | 2B MOV
      8C /r            | MOV Mw,Sw               | STORE                      | 2B MOV
      8E /r            | MOV Sw,Ew               | ALU                        | 2B MOV
      0F B6 /r         | MOVZX Gv,Eb             | ALU                        | 2B MOVZX
      0F B7 /r         | MOVZX Gv,Ew             | ALU                        | 2B MOVZX
      0F BE /r         | MOVSX Gv,Eb             | ALU                        | 2B MOVSX
      0F BF /r         | MOVSX Gv,Ew             | ALU                        | 2B MOVSX
      63 /r            | MOVSXD Gv,Ez            | ALU                        | 2B MOVSX/MOVSXD
      NP 0F C3 /r      | MOVNTI My,Gy            | STORE                      | 2B MOVNTI
      NFx 0F 38 F0 /r  | MOVBE Gv,Mv             | ALU                        | 2B MOVBE
      NFx 0F 38 F1 /r  | MOVBE Mv,Gv             | ALU                        | 2B MOVBE
      8D /r            | LEA Gv,M                | LEA                        | 2A LEA
      86 /r            | XCHG Eb,Gb              | ALU lock                   | 2D XCHG
      87 /r            | XCHG Ev,Gv              | ALU lock                   | 2D XCHG
      90+r             | XCHG Zv,rAX             | ALU                        | 2D XCHG
      0F B0 /r         | CMPXCHG Eb,Gb           | ALU lock                   | 2A CMPXCHG
      0F B1 /r         | CMPXCHG Ev,Gv           | ALU lock                   | 2A CMPXCHG
      0F C0 /r         | XADD Eb,Gb              | ALU lock                   | 2D XADD
      0F C1 /r         | XADD Ev,Gv              | ALU lock                   | 2D XADD
      REX.W0 0F C7 /1  | CMPXCHG8B Mq            | RMW lock                   | 2A CMPXCHG8B/CMPXCHG16B
      REX.W1 0F C7 /1  | CMPXCHG16B Mdq          | RMW lock                   | 2A CMPXCHG8B/CMPXCHG16B
      0F 40+c /r       | CMOVcc Gv,Ev            | ALU                        | 2A CMOVcc
      0F 90+c /r       | SETcc Eb                | ALU                        | 2B SETcc
      D7               | XLAT                    | LOAD                       | 2D XLAT/XLATB
      # stack
      50+r             | PUSH Zv                 | STORE d64                  | 2B PUSH
      FF /6            | PUSH Ev                 | STORE d64                  | 2B PUSH
      68 iz            | PUSH Iz                 | STORE d64                  | 2B PUSH
      6A ib            | PUSH Ib                 | STORE d64                  | 2B PUSH
      0F A0            | PUSH FS                 | STORE d64                  | 2B PUSH
      0F A8            | PUSH GS                 | STORE d64                  | 2B PUSH
      58+r             | POP Zv                  | LOAD d64                   | 2B POP
      8F /0            | POP Ev                  | LOAD d64                   | 2B POP
      0F A1            | POP FS                  | LOAD d64                   | 2B POP
      0F A9            | POP GS                  | LOAD d64                   | 2B POP
      9C               | PUSHF                   | STORE d64                  | 2B PUSHF/PUSHFD/PUSHFQ
      9D               | POPF                    | LOAD d64                   | 2B POPF/POPFD/POPFQ
      C8 iw ib         | ENTER                   | STORE d64                  | 2A ENTER
      C9               | LEAVE                   | LOAD d64                   | 2A LEAVE
      # strings
      A4               | MOVS Yb,Xb              | STRING                     | 2B MOVS
      A5               | MOVS Yv,Xv              | STRING                     | 2B MOVS
      A6               | CMPS Xb,Yb              | STRING                     | 2A CMPS
      A7               | CMPS Xv,Yv              | STRING                     | 2A CMPS
      AA               | STOS Yb,AL              | STRING                     | 2B STOS
      AB               | STOS Yv,rAX             | STRING                     | 2B STOS
      AC               | LODS AL,Xb              | STRING                     | 2A LODS
      AD               | LODS rAX,Xv             | STRING                     | 2A LODS
      AE               | SCAS AL,Yb              | STRING                     | 2B SCAS
      AF               | SCAS rAX,Yv             | STRING                     | 2B SCAS
      """;

  private static final String CONTROL = """
      # branches
      70+c cb          | Jcc Jb                  | BRANCH COND_BRANCH         | 2A Jcc
      0F 80+c cz       | Jcc Jz                  | BRANCH COND_BRANCH f64     | 2A Jcc
      E0 cb            | LOOPNE Jb               | BRANCH COND_BRANCH         | 2A LOOP/LOOPcc
      E1 cb            | LOOPE Jb                | BRANCH COND_BRANCH         | 2A LOOP/LOOPcc
      E2 cb            | LOOP Jb                 | BRANCH COND_BRANCH         | 2A LOOP/LOOPcc
      E3 cb            | JRCXZ Jb                | BRANCH COND_BRANCH         | 2A Jcc
      EB cb            | JMP Jb                  | BRANCH JUMP f64            | 2A JMP
      E9 cz            | JMP Jz                  | BRANCH JUMP f64            | 2A JMP
      FF /4            | JMP Ev                  | INDIRECT_BRANCH INDIRECT_JUMP f64| 2A JMP
      E8 cz            | CALL Jz                 | CALL CALL f64              | 2A CALL
      FF /2            | CALL Ev                 | INDIRECT_BRANCH INDIRECT_CALL f64| 2A CALL
      C3               | RET                     | RETURN RETURN f64          | 2B RET
      C2 iw            | RET Iw                  | RETURN RETURN f64          | 2B RET
      CB               | RETF                    | IRET INDIRECT_JUMP         | 2B RET
      FF /3            | CALLF Mp                | IRET INDIRECT_JUMP         | 2A CALL
      FF /5            | JMPF Mp                 | IRET INDIRECT_JUMP         | 2A JMP
      CA iw            | RETF Iw                 | IRET INDIRECT_JUMP         | 2B RET
      # no operation
      REX.B0 90        | NOP                     | NOP                        | 2B NOP
      F3 REX.B0 90     | PAUSE                   | PAUSE                      | 2B PAUSE
      F3 REX.B1 90     | PAUSE Zv                | PAUSE                      | 2B PAUSE
      F3 0F 1E FA      | ENDBR64                 | NOP                        | 2A ENDBR64
      0F 19-1F /r      | NOP Ev                  | NOP                        | 2B NOP
      0F 18 /r         | PREFETCH Ev             | NOP                        | 2B PREFETCHh
      0F 0D /r         | PREFETCHW Ev            | NOP                        | 2B PREFETCHW
      # flags
      F8               | CLC                     | ALU                        | 2A CLC
      F9               | STC                     | ALU                        | 2B STC
      F5               | CMC                     | ALU                        | 2A CMC
      FC               | CLD                     | ALU                        | 2A CLD
      FD               | STD                     | ALU                        | 2B STD
      9F               | LAHF                    | ALU                        | 2A LAHF
      9E               | SAHF                    | ALU                        | 2B SAHF
      FA               | CLI                     | ALU                        | 2A CLI
      FB               | STI                     | ALU                        | 2B STI
      NP 0F 01 CA      | CLAC                    | ALU                        | 2A CLAC
      NP 0F 01 CB      | STAC                    | ALU                        | 2B STAC
      # traps
      CC               | INT3                    | TRAP TRAP                  | 2A INT n/INTO/INT3/INT1
      CD ib            | INT Ib                  | TRAP TRAP                  | 2A INT n/INTO/INT3/INT1
      F1               | INT1                    | TRAP TRAP                  | 2A INT n/INTO/INT3/INT1
      0F 0B            | UD2                     | TRAP TRAP                  | 2B UD
      0F B9 /r         | UD1 Gv,Ev               | TRAP TRAP                  | 2B UD
      0F FF /r         | UD0 Gv,Ev               | TRAP TRAP                  | 2B UD
      """;

  private static final String SYSTEM = """
      # privilege
      0F 05            | SYSCALL                 | SYSCALL SYSTEM_CALL        | 2B SYSCALL
      0F 07            | SYSRET                  | SYSRET TRAP_RETURN         | 2B SYSRET
      CF               | IRET                    | IRET TRAP_RETURN           | 2A IRET/IRETD/IRETQ
      F4               | HLT                     | WAIT WAIT cpl0             | 2A HLT
      0F 01 F8         | SWAPGS                  | SWAPGS cpl0                | 2B SWAPGS
      F3 0F AE /0      | RDFSBASE Ry             | ALU                        | 2B RDFSBASE/RDGSBASE
      F3 0F AE /1      | RDGSBASE Ry             | ALU                        | 2B RDFSBASE/RDGSBASE
      F3 0F AE /2      | WRFSBASE Ry             | MOV_CR                     | 2D WRFSBASE/WRGSBASE
      F3 0F AE /3      | WRGSBASE Ry             | MOV_CR                     | 2D WRFSBASE/WRGSBASE
      # model-specific registers, time, identification
      0F 30            | WRMSR                   | WRMSR cpl0                 | 2D WRMSR
      0F 32            | RDMSR                   | RDMSR cpl0                 | 2B RDMSR
      0F 31            | RDTSC                   | RDTSC                      | 2B RDTSC
      0F 01 F9         | RDTSCP                  | RDTSC                      | 2B RDTSCP
      F3 0F C7 /7      | RDPID Rq                | RDMSR                      | 2B RDPID
      0F A2            | CPUID                   | CPUID                      | 2A CPUID
      NP 0F 01 E8      | SERIALIZE               | SERIALIZE                  | 2B SERIALIZE
      NP 0F 01 D0      | XGETBV                  | RDMSR                      | 2D XGETBV
      # control and debug registers
      0F 20 /r         | MOV Rq,Cq               | MOV_CR cpl0 f64 anymod     | 2B MOV, control registers
      0F 22 /r         | MOV Cq,Rq               | MOV_CR cpl0 f64 anymod     | 2B MOV, control registers
      0F 22 /3         | MOV Cq,Rq               | MOV_CR CONTEXT_WRITE cpl0 f64 anymod| 2B MOV, control registers (CR3)
      0F 21 /r         | MOV Rq,Dq               | MOV_CR cpl0 f64 anymod     | 2B MOV, debug registers
      0F 23 /r         | MOV Dq,Rq               | MOV_CR cpl0 f64 anymod     | 2B MOV, debug registers
      0F 06            | CLTS                    | MOV_CR cpl0                | 2A CLTS
      0F 01 /6         | LMSW Ew                 | MOV_CR cpl0                | 2A LMSW
      0F 01 /4         | SMSW Rv                 | ALU                        | 2B SMSW
      0F 01 /4         | SMSW Mw                 | STORE                      | 2B SMSW
      # descriptor tables
      0F 01 /0         | SGDT Ms                 | STORE                      | 2B SGDT
      0F 01 /1         | SIDT Ms                 | STORE                      | 2B SIDT
      0F 01 /2         | LGDT Ms                 | MOV_CR cpl0                | 2A LGDT/LIDT
      0F 01 /3         | LIDT Ms                 | MOV_CR cpl0                | 2A LGDT/LIDT
      0F 00 /0         | SLDT Rv                 | ALU                        | 2B SLDT
      0F 00 /0         | SLDT Mw                 | STORE                      | 2B SLDT
      0F 00 /1         | STR Rv                  | ALU                        | 2B STR
      0F 00 /1         | STR Mw                  | STORE                      | 2B STR
      0F 00 /2         | LLDT Ew                 | MOV_CR cpl0                | 2A LLDT
      0F 00 /3         | LTR Ew                  | MOV_CR cpl0                | 2A LTR
      0F 02 /r         | LAR Gv,Ew               | LOAD                       | 2A LAR
      0F 03 /r         | LSL Gv,Ew               | LOAD                       | 2A LSL
      0F B2 /r         | LSS Gv,Mp               | LOAD                       | 2A LDS/LES/LFS/LGS/LSS
      0F B4 /r         | LFS Gv,Mp               | LOAD                       | 2A LDS/LES/LFS/LGS/LSS
      0F B5 /r         | LGS Gv,Mp               | LOAD                       | 2A LDS/LES/LFS/LGS/LSS
      0F 00 /4         | VERR Ew                 | LOAD                       | 2C VERR/VERW
      0F 00 /5         | VERW Ew                 | LOAD                       | 2C VERR/VERW
      # translation and caches
      0F 01 /7         | INVLPG M                | INVLPG cpl0                | 2A INVLPG
      66 0F 38 82 /r   | INVPCID Gq,Mdq          | INVLPG cpl0                | 2A INVPCID
      0F 08            | INVD                    | MOV_CR cpl0                | 2A INVD
      0F 09            | WBINVD                  | MOV_CR cpl0                | 2D WBINVD
      NP 0F AE /7      | CLFLUSH Mb              | LOAD                       | 2A CLFLUSH
      66 0F AE /7      | CLFLUSHOPT Mb           | LOAD                       | 2A CLFLUSHOPT
      66 0F AE /6      | CLWB Mb                 | LOAD                       | 2A CLWB
      # fences
      NP 0F AE /5      | LFENCE                  | LFENCE reg                 | 2A LFENCE
      NP 0F AE /6      | MFENCE                  | MFENCE reg                 | 2B MFENCE
      NP 0F AE /7      | SFENCE                  | LFENCE reg                 | 2B SFENCE
      # ports and trace
      E4 ib            | IN AL,Ib                | PORT                       | 2A IN
      E5 ib            | IN eAX,Ib               | PORT                       | 2A IN
      E6 ib            | OUT Ib,AL               | PORT                       | 2B OUT
      E7 ib            | OUT Ib,eAX              | PORT                       | 2B OUT
      EC               | IN AL,DX                | PORT                       | 2A IN
      ED               | IN eAX,DX               | PORT                       | 2A IN
      EE               | OUT DX,AL               | PORT                       | 2B OUT
      EF               | OUT DX,eAX              | PORT                       | 2B OUT
      F3 0F AE /4      | PTWRITE Ey              | ALU no66                   | 2B PTWRITE
      """;

  private static final String FOREIGN = """
      # not emulated: these raise #UD, but their length is known to a flow decoder
      9B               | * FWAIT                 | TRAP                       | 2D appendix A
      C6 F8 ib         | * XABORT                | TRAP                       | 2D appendix A
      C7 F8 iz         | * XBEGIN                | TRAP                       | 2D appendix A
      D8-DF /r         | * x87                   | TRAP                       | 2D appendix A
      6C-6F            | * INS, OUTS             | TRAP                       | 2D appendix A
      0F 01 /r         | * group 7               | TRAP                       | 2D appendix A
      0F 01 C1         | * VMCALL                | TRAP SYSTEM_CALL           | 3C VMCALL
      0F 01 C2         | * VMLAUNCH              | TRAP TRAP_RETURN           | 3C VMLAUNCH/VMRESUME
      0F 01 C3         | * VMRESUME              | TRAP TRAP_RETURN           | 3C VMLAUNCH/VMRESUME
      0F 01 D8         | * VMRUN                 | TRAP TRAP_RETURN           | APM 3 VMRUN
      NP 0F 01 D9      | * VMMCALL               | TRAP SYSTEM_CALL           | APM 3 VMMCALL
      F2 0F 01 CA      | * ERETS                 | TRAP TRAP_RETURN           | 2A ERETS
      F3 0F 01 CA      | * ERETU                 | TRAP TRAP_RETURN           | 2A ERETU
      F3 0F 01 EC      | * UIRET                 | TRAP TRAP_RETURN           | 2B UIRET
      F3 0F 01 ED      | * TESTUI                | TRAP                       | 2B TESTUI
      F3 0F 01 EE      | * CLUI                  | TRAP                       | 2A CLUI
      F3 0F 01 EF      | * STUI                  | TRAP                       | 2B STUI
      F2 0F 00 /6      | * LKGS                  | TRAP                       | 2A LKGS
      0F 0E            | * FEMMS                 | TRAP                       | APM 3 FEMMS
      0F 0F /r ib      | * 3DNow!                | TRAP                       | 2D appendix A
      0F 10-17 /r      | * SSE moves             | TRAP                       | 2D appendix A
      0F 28-2F /r      | * SSE converts          | TRAP                       | 2D appendix A
      0F 33            | * RDPMC                 | TRAP                       | 2D appendix A
      0F 34            | * SYSENTER              | TRAP SYSTEM_CALL           | 2B SYSENTER
      0F 35            | * SYSEXIT               | TRAP TRAP_RETURN           | 2B SYSEXIT
      0F 37            | * GETSEC                | TRAP                       | 2D appendix A
      0F 50-6F /r      | * SSE, MMX              | TRAP                       | 2D appendix A
      0F 70-73 /r ib   | * SSE shifts by immediate| TRAP                       | 2D appendix A
      0F 74-76 /r      | * PCMPEQ                | TRAP                       | 2D appendix A
      0F 77            | * EMMS                  | TRAP                       | 2D appendix A
      0F 78-79 /r      | * VMREAD, VMWRITE       | TRAP                       | 2D appendix A
      66 0F 78 /r ib ib| * EXTRQ                 | TRAP reg                   | APM 4 EXTRQ
      F2 0F 78 /r ib ib| * INSERTQ               | TRAP reg                   | APM 4 INSERTQ
      66 0F 79 /r      | * EXTRQ                 | TRAP reg                   | APM 4 EXTRQ
      F2 0F 79 /r      | * INSERTQ               | TRAP reg                   | APM 4 INSERTQ
      0F 7C-7F /r      | * SSE                   | TRAP                       | 2D appendix A
      0F AA            | * RSM                   | TRAP TRAP_RETURN           | 2D appendix A
      0F AE /r         | * group 15              | TRAP                       | 2D appendix A
      0F C2 /r ib      | * CMPPS                 | TRAP                       | 2D appendix A
      0F C4-C6 /r ib   | * PINSRW, PEXTRW, SHUFPS| TRAP                       | 2D appendix A
      0F C7 /r         | * group 9               | TRAP                       | 2D appendix A
      0F D0-FE /r      | * SSE, MMX              | TRAP                       | 2D appendix A
      0F 38 00-FF /r   | * SSSE3 and later       | TRAP                       | 2D appendix A
      0F 3A 00-FF /r ib| * SSSE3 and later       | TRAP                       | 2D appendix A
      VEX.0F 10-17 /r  | * AVX                   | TRAP                       | 2D appendix A
      VEX.0F 28-2F /r  | * AVX                   | TRAP                       | 2D appendix A
      VEX.0F 41-4B /r  | * mask registers        | TRAP                       | 2D appendix A
      VEX.0F 50-6F /r  | * AVX                   | TRAP                       | 2D appendix A
      VEX.0F 70-73 /r ib| * AVX shifts by immediate| TRAP                       | 2D appendix A
      VEX.0F 74-76 /r  | * AVX                   | TRAP                       | 2D appendix A
      VEX.0F 77        | * VZEROUPPER            | TRAP                       | 2D appendix A
      VEX.0F 7C-7F /r  | * AVX                   | TRAP                       | 2D appendix A
      VEX.0F 90-99 /r  | * mask registers        | TRAP                       | 2D appendix A
      VEX.0F AE /r     | * VLDMXCSR, VSTMXCSR    | TRAP                       | 2D appendix A
      VEX.0F C2 /r ib  | * VCMPPS                | TRAP                       | 2D appendix A
      VEX.0F C4-C6 /r ib| * VPINSRW, VSHUFPS      | TRAP                       | 2D appendix A
      VEX.0F D0-FE /r  | * AVX                   | TRAP                       | 2D appendix A
      VEX.0F38 00-FF /r| * AVX                   | TRAP                       | 2D appendix A
      VEX.0F3A 00-FF /r ib| * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F 10-17 /r | * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F 28-2F /r | * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F 50-6F /r | * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F 70-73 /r ib| * AVX shifts by immediate| TRAP                       | 2D appendix A
      EVEX.0F 74-76 /r | * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F 78-7F /r | * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F 90-93 /r | * mask registers        | TRAP                       | APX 3.1.4
      EVEX.0F C2 /r ib | * VCMPPS                | TRAP                       | 2D appendix A
      EVEX.0F C4-C6 /r ib| * VPINSRW, VSHUFPS      | TRAP                       | 2D appendix A
      EVEX.0F D0-FE /r | * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F38 00-FF /r| * AVX                   | TRAP                       | 2D appendix A
      EVEX.0F3A 00-FF /r ib| * AVX                   | TRAP                       | 2D appendix A
      EVEX.M5 10-FF /r | * AVX512-FP16           | TRAP                       | 2D appendix A
      EVEX.M6 10-FF /r | * AVX512-FP16           | TRAP                       | 2D appendix A
      VEX.M5 F8-FF /r  | * AMX                   | TRAP                       | 2D appendix A
      VEX.M7 F6 /r id  | * RDMSR, WRMSRNS        | TRAP                       | 2B RDMSR
      VEX.M7 F8 /r id  | * URDMSR, UWRMSR        | TRAP                       | 2D URDMSR
      EVEX.M7 F6 /r id | * RDMSR, WRMSRNS        | TRAP                       | APX 3.1.4
      EVEX.M7 F8 /r id | * URDMSR, UWRMSR        | TRAP                       | APX 3.1.4
      # APX, map 4: the immediates of maps 1, 2 and 3 of the same instructions
      EVEX.M4 00-23 /r | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 24 /r ib | * SHLD                  | TRAP                       | APX 3.1.4
      EVEX.M4 28-2B /r | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 2C /r ib | * SHRD                  | TRAP                       | APX 3.1.4
      EVEX.M4 30-66 /r | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 69 /r iz | * IMUL                  | TRAP                       | APX 3.1.4
      EVEX.M4 6B /r ib | * IMUL                  | TRAP                       | APX 3.1.4
      EVEX.M4 80 /r ib | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 81 /r iz | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 83 /r ib | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 84-AF /r | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 C0-C1 /r ib| * APX                 | TRAP                       | APX 3.1.4
      EVEX.M4 D0-D3 /r | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 D4 /r ib | * SHA1RNDS4             | TRAP                       | APX 3.1.4
      EVEX.M4 D8-F5 /r | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 F6 /r    | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 F6 /0 ib | * CTEST                 | TRAP                       | APX 3.1.4
      EVEX.M4 F6 /1 ib | * CTEST                 | TRAP                       | APX 3.1.4
      EVEX.M4 F7 /r    | * APX                   | TRAP                       | APX 3.1.4
      EVEX.M4 F7 /0 iz | * CTEST                 | TRAP                       | APX 3.1.4
      EVEX.M4 F7 /1 iz | * CTEST                 | TRAP                       | APX 3.1.4
      EVEX.M4 F8-FF /r | * APX                   | TRAP                       | APX 3.1.4
      XOP.M8 80-FF /r ib| * XOP                  | TRAP                       | APM 6
      XOP.M9 00-FF /r  | * XOP                   | TRAP                       | APM 6
      XOP.MA 10-12 /r id| * BEXTR, LWPINS, LWPVAL| TRAP                       | APM 3 BEXTR
      """;

  /// Pairs of encodings that both match some instruction; the first is meant. Rows of foreign instructions need no
  /// mention.
  static final String[][] OVERLAPS = {
    {"REX.B0 90", "90+r"},
    {"F3 REX.B0 90", "90+r"},
    {"F3 REX.B1 90", "90+r"},
    {"F3 REX.B0 90", "REX.B0 90"},
    {"F3 0F 1E FA", "0F 19-1F /r"},
    {"F3 0F BC /r", "0F BC /r"},
    {"F3 0F BD /r", "0F BD /r"},
    {"0F 22 /3", "0F 22 /r"},
  };

  /// All rows.
  static final List<X86Row> ALL = compile();

  private static final X86Row[] NONE = {};
  /// Rows by `map << 8 | opcode`, the most specific first.
  private static final X86Row[][] CELLS = cells();

  private static List<X86Row> compile() {
    List<X86Row> rows = new ArrayList<>(420);
    for (String block : new String[] {ARITHMETIC, SHIFTS_AND_BITS, MOVES, CONTROL, SYSTEM, FOREIGN}) {
      int from = 0;
      for (int end = block.indexOf('\n'); end >= 0; end = block.indexOf('\n', from)) {
        if (block.charAt(from) != '#') {
          rows.add(new X86Row(block.substring(from, end)));
        }
        from = end + 1;
      }
    }
    return List.copyOf(rows);
  }

  private static X86Row[][] cells() {
    X86Row[][] cells = new X86Row[X86Row.MAPS << 8][];
    for (X86Row row : ALL) {
      for (int opcode = row.opcode; opcode < row.opcode + row.span; opcode++) {
        int cell = row.map << 8 | opcode;
        X86Row[] old = cells[cell] == null ? NONE : cells[cell];
        X86Row[] grown = Arrays.copyOf(old, old.length + 1);
        int at = old.length;
        while (at > 0 && grown[at - 1].rank < row.rank) {
          grown[at] = grown[--at];
        }
        grown[at] = row;
        cells[cell] = grown;
      }
    }
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cells[i] == null ? NONE : cells[i];
    }
    return cells;
  }

  /// The rows of an opcode, the most specific first; empty if there are none. Not to be changed.
  static X86Row[] cell(int map, int opcode) {
    return CELLS[map << 8 | opcode];
  }
}

package dev.crosspatch.isa.toy;

import static dev.crosspatch.core.code.FlowClass.*;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The toy's instructions, a row each: opcode, operands as they are written, how it steers the flow, what it costs,
/// what it does. Assembler, decoder and disassembler are made of them.
///
/// Operands: `d`, `a`, `b` registers; `i` a number; `t` the target of a branch; `m` memory, `[a + imm]`; `s` a system
/// register. Fields that a row does not name are 0, or the bytes are no instruction.
@SuppressWarnings("ImmutableEnumChecker") // emitters have no state
enum ToyRow {
  NOP(0x01, "", OTHER, CostClass.NOP, (w, out) -> out.nop()),
  /// d = imm, with its sign; the upper half of d = imm.
  LI(0x02, "d, i", OTHER, CostClass.ALU, (w, out) -> out.opi(Uop.MOVI, w.d(), Uop.ZERO, w.imm(), 3)),
  LIH(0x03, "d, i", OTHER, CostClass.ALU, ToyRow::upperHalf),

  ADD(0x10, "d, a, b", OTHER, CostClass.ALU, alu(Uop.ADD)),
  SUB(0x11, "d, a, b", OTHER, CostClass.ALU, alu(Uop.SUB)),
  AND(0x12, "d, a, b", OTHER, CostClass.ALU, alu(Uop.AND)),
  XOR(0x13, "d, a, b", OTHER, CostClass.ALU, alu(Uop.XOR)),
  MUL(0x14, "d, a, b", OTHER, CostClass.MUL, alu(Uop.MUL)),
  /// Unsigned; by 0 gives 0.
  DIV(0x15, "d, a, b", OTHER, CostClass.DIV, alu(Uop.UDIV)),
  ADDI(0x18, "d, a, i", OTHER, CostClass.ALU, immediate(Uop.ADDI)),
  ANDI(0x19, "d, a, i", OTHER, CostClass.ALU, immediate(Uop.ANDI)),
  SHLI(0x1a, "d, a, i", OTHER, CostClass.ALU, immediate(Uop.SHLI)),
  SHRI(0x1b, "d, a, i", OTHER, CostClass.ALU, immediate(Uop.SHRI)),

  /// Loads and stores of 8, 4 and 1 bytes, aligned to their size; loads fill with zeros.
  LD(0x20, "d, m", OTHER, CostClass.LOAD, load(3)),
  LW(0x21, "d, m", OTHER, CostClass.LOAD, load(2)),
  LB(0x22, "d, m", OTHER, CostClass.LOAD, load(0)),
  SD(0x24, "b, m", OTHER, CostClass.STORE, store(3)),
  SW(0x25, "b, m", OTHER, CostClass.STORE, store(2)),
  SB(0x26, "b, m", OTHER, CostClass.STORE, store(0)),
  /// d = 8 bytes at a, to which b is added; no other CPU comes between.
  AMOADD(0x28, "d, m, b", OTHER, CostClass.ATOMIC, ToyRow::atomicAdd),

  BEQ(0x30, "a, b, t", COND_BRANCH, CostClass.BRANCH, branch(Cond.E)),
  BNE(0x31, "a, b, t", COND_BRANCH, CostClass.BRANCH, branch(Cond.NE)),
  BLT(0x32, "a, b, t", COND_BRANCH, CostClass.BRANCH, branch(Cond.L)),
  BGE(0x33, "a, b, t", COND_BRANCH, CostClass.BRANCH, branch(Cond.GE)),
  /// Unsigned.
  BLTU(0x34, "a, b, t", COND_BRANCH, CostClass.BRANCH, branch(Cond.B)),
  J(0x38, "t", JUMP, CostClass.BRANCH, ToyRow::jump),
  /// The return address goes to lr.
  CALL(0x39, "t", FlowClass.CALL, CostClass.CALL, ToyRow::call),
  JR(0x3a, "a", INDIRECT_JUMP, CostClass.INDIRECT_BRANCH, (w, out) -> to(w.a(), out)),
  CALLR(0x3b, "a", INDIRECT_CALL, CostClass.INDIRECT_BRANCH, ToyRow::callRegister),
  /// To lr.
  RET(0x3c, "", RETURN, CostClass.RETURN, (w, out) -> to(ToyCore.LR, out)),

  /// Enters the handler; does not retire.
  TRAP(0x40, "", FlowClass.TRAP, CostClass.TRAP, ToyRow::trap),
  /// Returns from the handler, to epc.
  RFE(0x41, "", TRAP_RETURN, CostClass.EXCEPTION_RETURN, core(ToyCore::returnFromException)),
  MFS(0x42, "d, s", OTHER, CostClass.SYSTEM_READ, core(ToyCore::readSystem)),
  MTS(0x43, "s, a", OTHER, CostClass.SYSTEM_WRITE, core(ToyCore::writeSystem)),
  /// Interrupts CPU a.
  SEND(0x44, "a", OTHER, CostClass.SYSTEM_WRITE, core(ToyCore::send)),
  /// Until an interrupt is pending, masked or not.
  WAIT(0x45, "", FlowClass.WAIT, CostClass.WAIT, core(ToyCore::await)),
  /// The line at the address is made visible to instruction fetch; leaves all instruction caches.
  CLEAN(0x48, "m", OTHER, CostClass.DATA_MAINTENANCE, core(ToyCore::clean)),
  INVAL(0x49, "m", OTHER, CostClass.CODE_MAINTENANCE, core(ToyCore::invalidate)),
  /// Forgets what this CPU has fetched ahead. Nothing else does: neither a trap nor an interrupt, nor the return from
  /// one.
  SYNC(0x4a, "", FlowClass.SYNC, CostClass.SYNCHRONIZE, core(ToyCore::synchronize));

  /// Makes micro-ops.
  @FunctionalInterface
  private interface Emitter {
    void emit(ToyWord w, UopBuffer out);
  }

  private static final @Nullable ToyRow[] BY_OPCODE = new @Nullable ToyRow[256];

  static {
    for (ToyRow row : values()) {
      BY_OPCODE[row.opcode] = row;
    }
  }

  final int opcode;
  /// As above, without blanks, one character an operand.
  final String operands;
  final FlowClass flow;
  private final CostClass cost;
  private final Emitter emitter;

  ToyRow(int opcode, String operands, FlowClass flow, CostClass cost, Emitter emitter) {
    this.opcode = opcode;
    this.operands = operands.replace(", ", "");
    this.flow = flow;
    this.cost = cost;
    this.emitter = emitter;
  }

  /// The row of an instruction, or null if it is none.
  static @Nullable ToyRow of(ToyWord w) {
    ToyRow row = BY_OPCODE[w.opcode()];
    return row != null && row.fits(w) ? row : null;
  }

  String mnemonic() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Whether it has an operand of this kind, alone or, `a` and `i`, in memory's.
  boolean has(char operand) {
    return operands.indexOf(operand) >= 0;
  }

  private boolean fits(ToyWord w) {
    boolean immediate = has('i') || has('t') || has('m');
    return fits(w.d(), has('d')) && fits(w.a(), has('a') || has('m')) && fits(w.b(), has('b'))
        && (has('s') ? ToySystemRegister.is(w.imm()) : immediate || w.imm() == 0)
        && (!has('t') || w.imm() % ToyWord.LENGTH == 0);
  }

  private static boolean fits(int register, boolean named) {
    return register < (named ? ToyWord.REGISTERS : 1);
  }

  /// Appends its micro-ops.
  void emit(ToyWord w, UopBuffer out) {
    out.describe(flow, cost);
    emitter.emit(w, out);
  }

  // ---- semantics

  /// What micro-ops cannot say.
  private static Emitter core(ToyHelper helper) {
    return (w, out) -> out.helper(helper, w.d(), w.a(), w.b(), 3, w.imm());
  }

  private static Emitter alu(int op) {
    return (w, out) -> out.op(op, w.d(), w.a(), w.b(), 3);
  }

  private static Emitter immediate(int op) {
    return (w, out) -> out.opi(op, w.d(), w.a(), w.imm(), 3);
  }

  private static void upperHalf(ToyWord w, UopBuffer out) {
    out.opi(Uop.MOVI, Uop.T0, Uop.ZERO, w.imm(), 3);
    out.opi(Uop.BFI, w.d(), Uop.T0, 32 | 32 << 7, 3);
  }

  private static Emitter load(int width) {
    return (w, out) -> out.load(w.d(), w.a(), Uop.ZERO, 0, w.imm(), width, Uop.F_ALIGNED);
  }

  private static Emitter store(int width) {
    return (w, out) -> out.store(w.b(), w.a(), Uop.ZERO, 0, w.imm(), width, Uop.F_ALIGNED);
  }

  private static void atomicAdd(ToyWord w, UopBuffer out) {
    out.load(Uop.T0, w.a(), Uop.ZERO, 0, w.imm(), 3, Uop.F_ALIGNED | Uop.F_RMW);
    out.op(Uop.ADD, Uop.T1, Uop.T0, w.b(), 3);
    out.store(Uop.T1, w.a(), Uop.ZERO, 0, w.imm(), 3, Uop.F_ALIGNED);
    out.op(Uop.MOV, w.d(), Uop.T0, Uop.ZERO, 3);
  }

  private static Emitter branch(int condition) {
    return (w, out) -> {
      out.op(Uop.SUBF, Uop.SINK, w.a(), w.b(), 3);
      out.full(Uop.JCC, Uop.SINK, Uop.ZERO, Uop.ZERO, 3, condition, 0, behind(w));
    };
  }

  /// Micro-ops count from the next instruction.
  private static long behind(ToyWord w) {
    return (long) w.imm() - ToyWord.LENGTH;
  }

  private static void jump(ToyWord w, UopBuffer out) {
    out.opi(Uop.JUMP, Uop.SINK, Uop.ZERO, behind(w), 3);
  }

  private static void call(ToyWord w, UopBuffer out) {
    out.opi(Uop.NEXTPC, ToyCore.LR, Uop.ZERO, 0, 3);
    jump(w, out);
  }

  private static void callRegister(ToyWord w, UopBuffer out) {
    out.op(Uop.MOV, Uop.T0, w.a(), Uop.ZERO, 3);
    out.opi(Uop.NEXTPC, ToyCore.LR, Uop.ZERO, 0, 3);
    to(Uop.T0, out);
  }

  private static void to(int register, UopBuffer out) {
    out.op(Uop.JREG, Uop.SINK, register, Uop.ZERO, 3);
  }

  private static void trap(ToyWord w, UopBuffer out) {
    out.opi(Uop.FAULT, Uop.SINK, Uop.ZERO, ToyCore.CAUSE_TRAP, 3);
  }
}

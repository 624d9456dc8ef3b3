package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;

/// What emitters write an instruction's micro-ops with: access to the row's operands by number, whatever they are.
///
/// The order of calls is the order of micro-ops, so the rules of [Uop] for precise faults hold if an emitter reads,
/// then computes into [#target], then [#commit]s; a memory operand that is written after being read is read with
/// [#update].
final class X86Builder {
  /// Holds an address that takes more than base + index * scale + displacement.
  private static final int ADDRESS = Uop.T0 + 11;

  /// Flag of a helper micro-op: the helper needs CPL 0, else #GP(0).
  static final int PRIVILEGED = 0x80;

  final X86Decoder d;
  final X86Row row;
  final UopBuffer out;
  /// log2 of the operand size in bytes.
  final int width;

  private boolean resolved;
  private int base;
  private int index;
  private int scale;
  private long displacement;
  private boolean loads;
  private boolean stores;

  X86Builder(X86Decoder d, X86Row row, UopBuffer out) {
    this.d = d;
    this.row = row;
    this.out = out;
    width = d.operandWidth();
    base = d.base;
    index = d.index;
    scale = d.scale;
    displacement = d.displacement;
  }

  /// Makes `out` an instruction that only raises a fault.
  static void raise(UopBuffer out, int code) {
    out.clear();
    out.describe(FlowClass.OTHER, CostClass.TRAP);
    out.opi(Uop.FAULT, Uop.SINK, Uop.ZERO, code, 3);
  }

  /// Emits the instruction.
  void build() {
    row.emitter.emit(this);
    if (out.count() == 1 && Uop.op(out.word(0)) == Uop.FAULT) {
      return;
    }
    out.describe(row.flow, cost());
  }

  /// ALU, SHIFT and VECTOR rows cost by what they do with memory.
  private CostClass cost() {
    if (d.lock || (stores && row.locks)) {
      return CostClass.ATOMIC;
    }
    if (!row.costsByMemory || (!loads && !stores)) {
      return row.cost;
    }
    return !stores ? CostClass.LOAD : loads ? CostClass.RMW : CostClass.STORE;
  }

  void undefined() {
    raise(out, X86Exceptions.UD);
  }

  // ---- plain micro-ops

  void op(int op, int dst, int a, int b, int width) {
    out.op(op, dst, a, b, width);
  }

  void opi(int op, int dst, int a, long imm, int width) {
    out.opi(op, dst, a, imm, width);
  }

  /// Appends a call of `helper`; a `cpl0` row's helper checks the privilege first.
  void helper(X86Helper helper, int dst, int a, int b, int width, long imm) {
    helper(helper, dst, a, b, Uop.ZERO, width, imm);
  }

  void helper(X86Helper helper, int dst, int a, int b, int c, int width, long imm) {
    out.helper(helper, dst, a, b, c, width, row.privileged ? PRIVILEGED : 0, imm);
  }

  void move(int dst, int a) {
    out.op(Uop.MOV, dst, a, Uop.ZERO, 3);
  }

  void load(int dst, int base, long disp, int width) {
    out.load(dst, base, Uop.ZERO, 0, disp, width, 0);
  }

  void store(int src, int base, long disp, int width) {
    out.store(src, base, Uop.ZERO, 0, disp, width, 0);
  }

  // ---- operands

  int operands() {
    return row.operands.length;
  }

  X86Operand operand(int i) {
    return row.operands[i];
  }

  /// log2 of the size of operand `i` in bytes.
  int width(int i) {
    return row.operands[i].width(width, d.vectorWidth());
  }

  boolean isMemory(int i) {
    return switch (row.operands[i].kind()) {
      case X86Operand.RM, X86Operand.VECTOR_RM, X86Operand.MMX_RM -> d.modrm < 0xc0;
      case X86Operand.MEMORY, X86Operand.OFFSET -> true;
      default -> false;
    };
  }

  boolean isImmediate(int i) {
    int kind = row.operands[i].kind();
    return kind == X86Operand.IMMEDIATE || kind == X86Operand.ONE;
  }

  long immediate(int i) {
    return row.operands[i].kind() == X86Operand.ONE ? 1 : d.immediate;
  }

  /// Number 0..15 of the register operand `i` as encoded.
  int number(int i) {
    return switch (row.operands[i].kind()) {
      case X86Operand.RM, X86Operand.RM_REGISTER, X86Operand.VECTOR_RM, X86Operand.VECTOR_RM_REGISTER ->
          (d.modrm & 7) | (d.rex & 1) << 3;
      case X86Operand.MMX -> d.modrm >> 3 & 7;
      case X86Operand.MMX_RM, X86Operand.MMX_RM_REGISTER -> d.modrm & 7;
      case X86Operand.REG, X86Operand.SYSTEM, X86Operand.VECTOR -> (d.modrm >> 3 & 7) | (d.rex & 4) << 1;
      case X86Operand.VVVV, X86Operand.VECTOR_VVVV -> d.vvvv;
      case X86Operand.VECTOR_IMMEDIATE -> (int) d.immediate >> 4 & 15;
      case X86Operand.OPCODE_REGISTER -> (d.opcode & 7) | (d.rex & 1) << 3;
      case X86Operand.ACCUMULATOR -> X86Core.RAX;
      case X86Operand.COUNT -> X86Core.RCX;
      case X86Operand.PORT -> X86Core.RDX;
      default ->
          throw new IllegalStateException("operand " + row.operands[i].text() + " of '" + row + "' is no register");
    };
  }

  /// Whether operand `i` is AH, CH, DH or BH (SDM vol. 1 3.4.1.1: only without REX).
  private boolean isHighByte(int i) {
    int kind = row.operands[i].kind();
    return width(i) == 0 && !d.hasRex && number(i) >= 4 && kind != X86Operand.VVVV;
  }

  /// A register whose low bits are the value of operand `i`; `temp` if a micro-op is needed to get at it.
  int read(int i, int temp) {
    return read(i, temp, 0);
  }

  /// As [#read] for an operand that will be written: a write fault comes now.
  int update(int i, int temp) {
    return read(i, temp, Uop.F_RMW);
  }

  private int read(int i, int temp, int flags) {
    if (isMemory(i)) {
      loadOperand(i, temp, width(i), flags);
      return temp;
    }
    if (isImmediate(i)) {
      out.opi(Uop.MOVI, temp, Uop.ZERO, immediate(i), 3);
      return temp;
    }
    if (isHighByte(i)) {
      out.op(Uop.GET8H, temp, number(i) - 4, Uop.ZERO, 0);
      return temp;
    }
    return number(i);
  }

  /// Puts the value of operand `i` into `temp`, even if it is a register. 32-bit values are zero-extended.
  void copy(int i, int temp, int flags) {
    int r = read(i, temp, flags);
    if (r != temp) {
      out.op(Uop.MOV, temp, r, Uop.ZERO, Math.max(width(i), 2));
    }
  }

  /// Loads memory operand `i` with `width` and flags of [Uop#LOAD].
  void loadOperand(int i, int dst, int width, int flags) {
    resolve(i);
    loads = true;
    out.load(dst, base, index, scale, displacement, width, flags);
  }

  /// The register to compute the new value of operand `i` into: the operand itself if a whole write does it, else
  /// `temp`.
  int target(int i, int temp) {
    return isMemory(i) || width(i) < 2 ? temp : number(i);
  }

  /// Makes `r`, the outcome computed into [#target], the value of operand `i`.
  void commit(int i, int r) {
    if (isMemory(i) || width(i) < 2 || r != number(i)) {
      write(i, r);
    }
  }

  /// Writes the low bits of register `r` to operand `i`. 32-bit writes clear bits 63:32, narrower ones keep the rest
  /// (SDM vol. 1 3.4.1.1).
  void write(int i, int r) {
    if (isMemory(i)) {
      resolve(i);
      stores = true;
      out.store(r, base, index, scale, displacement, width(i), 0);
    } else if (width(i) >= 2) {
      out.op(Uop.MOV, number(i), r, Uop.ZERO, width(i));
    } else if (width(i) == 1) {
      out.op(Uop.MERGE16, number(i), r, Uop.ZERO, 1);
    } else if (isHighByte(i)) {
      out.op(Uop.MERGE8H, number(i) - 4, r, Uop.ZERO, 0);
    } else {
      out.op(Uop.MERGE8, number(i), r, Uop.ZERO, 0);
    }
  }

  /// As [#write] to a register, but a 32-bit value comes with its upper half.
  void assign(int i, int r) {
    if (width(i) == 2) {
      move(number(i), r);
    } else {
      write(i, r);
    }
  }

  // ---- addresses

  /// Computes the effective address of the ModRM operand without segment base, cut to `width` (LEA).
  void effectiveAddress(int dst, int width) {
    d.segment = Uop.ZERO;
    address(dst, width);
  }

  /// Computes the linear address of the ModRM operand.
  void linearAddress(int dst) {
    address(dst, 3);
  }

  /// As [#linearAddress] for a helper that loads from there, or stores if `store`: the instruction costs that.
  void accessAddress(int dst, boolean store) {
    loads |= !store;
    stores |= store;
    address(dst, 3);
  }

  /// Computes base and displacement of an operand whose index is a vector.
  void vectorBase(int dst) {
    loads = true;
    out.add(Uop.word(Uop.LEA, dst, d.base, Uop.ZERO, Uop.ZERO, 3, 0, 0, 0), d.displacement);
  }

  /// Computes the linear address that a register holds, for an instruction that stores there.
  void implicitAddress(int dst, int register) {
    stores = true;
    out.add(Uop.word(Uop.LEA, dst, register, Uop.ZERO, Uop.ZERO, d.address32 ? 2 : 3, 0, 0, 0), 0);
    if (d.segment != Uop.ZERO) {
      op(Uop.ADD, dst, dst, d.segment, 3);
    }
  }

  private void address(int dst, int width) {
    resolve(-1);
    out.add(Uop.word(Uop.LEA, dst, base, Uop.ZERO, index, width, scale, 0, 0), displacement);
  }

  /// Adds register `r` to the effective address of the ModRM operand (BT with a register as bit index). It is the sum
  /// that is cut to 32 bits by a 67 prefix, and that the segment's base is added to.
  void offsetAddress(int r) {
    if (d.ripRelative) {
      out.opi(Uop.NEXTPC, ADDRESS, Uop.ZERO, displacement, 3);
      plain(ADDRESS);
      d.ripRelative = false;
    }
    if (index != Uop.ZERO) {
      out.add(Uop.word(Uop.LEA, ADDRESS, base, Uop.ZERO, index, 3, scale, 0, 0), displacement);
      plain(ADDRESS);
    }
    index = r;
    scale = 0;
  }

  /// Adds `bytes` to RSP where the address uses it as base (POP m computes its address behind the increment).
  void shiftStackBase(int bytes) {
    if (d.modrm < 0xc0 && base == X86Core.RSP) {
      displacement += bytes;
    }
  }

  private void plain(int register) {
    base = register;
    index = Uop.ZERO;
    scale = 0;
    displacement = 0;
  }

  /// Brings the address into the form base + index * scale + displacement of memory micro-ops, once.
  private void resolve(int operand) {
    if (resolved) {
      return;
    }
    resolved = true;
    if (operand >= 0 && row.operands[operand].kind() == X86Operand.OFFSET) {
      displacement = d.immediate;
    } else if (d.ripRelative) {
      out.opi(Uop.NEXTPC, ADDRESS, Uop.ZERO, displacement, 3);
      plain(ADDRESS);
    }
    if (d.address32) {
      out.add(Uop.word(Uop.LEA, ADDRESS, base, Uop.ZERO, index, 2, scale, 0, 0), displacement);
      plain(ADDRESS);
    }
    if (d.segment != Uop.ZERO) {
      addSegment();
    }
  }

  private void addSegment() {
    if (base == Uop.ZERO) {
      base = d.segment;
      return;
    }
    if (index != Uop.ZERO) {
      out.add(Uop.word(Uop.LEA, ADDRESS, base, Uop.ZERO, index, 3, scale, 0, 0), displacement);
      plain(ADDRESS);
    }
    index = base;
    scale = 0;
    base = d.segment;
  }
}

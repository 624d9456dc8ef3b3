package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.CostClass.*;
import static dev.crosspatch.isa.arm64.Arm64EmitVector.*;
import static dev.crosspatch.isa.arm64.Arm64Packed.unsigned;
import static dev.crosspatch.isa.arm64.Arm64Row.row;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.IMMEDIATE;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.REGISTER;
import static dev.crosspatch.isa.arm64.Arm64Vectors.same;

import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.isa.arm64.Arm64Packed.Lane;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.ArrayList;
import java.util.List;

/// The rows of scalar floating point, by the groups of C4.1, "Data Processing -- Scalar Floating-Point and Advanced
/// SIMD": all that comes in a format, for each format. Half precision is FEAT_FP16's.
final class Arm64FloatRows {
  /// `ftype` by log2 of the bytes.
  private static final String[] FTYPE = {"", "11", "00", "01"};

  private final List<Arm64Row> rows = new ArrayList<>(300);
  /// log2 of the bytes of the format, and its field with what stands before it.
  private final int size;
  private final String bits;

  private Arm64FloatRows(int size) {
    this.size = size;
    bits = "0 00 11110 " + FTYPE[size] + " 1 ";
  }

  static List<Arm64Row> all() {
    List<Arm64Row> rows = new ArrayList<>(300);
    for (int size = 1; size <= 3; size++) {
      Arm64FloatRows table = new Arm64FloatRows(size);
      table.moves();
      table.one();
      table.two();
      table.three();
      table.comparisons();
      table.integers();
      table.fixedPoint();
      table.formats();
      rows.addAll(table.rows);
    }
    rows.add(row("FMOV (general)", "1 00 11110 10 1 01 110 000000 Rn:5 Rd:5", VECTOR, toGeneral(3, 1)));
    rows.add(row("FMOV (general)", "1 00 11110 10 1 01 111 000000 Rn:5 Rd:5", VECTOR,
        Arm64EmitVector::fromGeneralHigh));
    return rows;
  }

  /// Name of the encoding of halves, where a page has several.
  static String half(String name) {
    return name.endsWith(")")
        ? name.substring(0, name.length() - 1) + ", half-precision)" : name + " (half-precision)";
  }

  private void add(String name, String bits, CostClass cost, Emitter emitter) {
    add(name, bits, cost, Arm64Guard.NONE, emitter);
  }

  private void add(String name, String bits, CostClass cost, Arm64Guard guard, Emitter emitter) {
    rows.add(size == 1
        ? row(half(name), bits, cost, emitter).when(guard).needs(Arm64Feature.FP16)
        : row(name, bits, cost, emitter).when(guard));
  }

  // ---- moves: immediate, conditional select, general registers
  private void moves() {
    add("FMOV (scalar, immediate)", bits + "imm8:8 100 00000 Rd:5", VECTOR, scalarImmediate(size));
    add("FCSEL", bits + "Rm:5 cond:4 11 Rn:5 Rd:5", VECTOR, select(size));
    for (String sf : size == 1 ? List.of("0", "1") : List.of(size == 2 ? "0" : "1")) {
      String general = sf + " 00 11110 " + FTYPE[size] + " 1 00 ";
      add("FMOV (general)", general + "110 000000 Rn:5 Rd:5", VECTOR, toGeneral(size, 0));
      add("FMOV (general)", general + "111 000000 Rn:5 Rd:5", VECTOR, fromGeneral(size));
    }
  }

  // ---- Floating-point data-processing (1 source)
  private void one() {
    one("FMOV (register)", "000000", VECTOR, Arm64Lanes::move);
    one("FABS (scalar)", "000001", FLOAT, Arm64FloatLanes::fabs);
    one("FNEG (scalar)", "000010", FLOAT, Arm64FloatLanes::fneg);
    one("FSQRT (scalar)", "000011", FLOAT_DIV, Arm64FloatLanes::fsqrt);
    one("FRINTN (scalar)", "001000", FLOAT, Arm64FloatLanes.round(Rounding.NEAREST_EVEN));
    one("FRINTP (scalar)", "001001", FLOAT, Arm64FloatLanes.round(Rounding.UP));
    one("FRINTM (scalar)", "001010", FLOAT, Arm64FloatLanes.round(Rounding.DOWN));
    one("FRINTZ (scalar)", "001011", FLOAT, Arm64FloatLanes.round(Rounding.ZERO));
    one("FRINTA (scalar)", "001100", FLOAT, Arm64FloatLanes.round(Rounding.NEAREST_AWAY));
    one("FRINTX (scalar)", "001110", FLOAT, Arm64FloatLanes::frintx);
    one("FRINTI (scalar)", "001111", FLOAT, Arm64FloatLanes::frinti);
  }

  private void one(String name, String opcode, CostClass cost, Lane op) {
    add(name, bits + opcode + " 10000 Rn:5 Rd:5", cost, vector(same(IMMEDIATE, unsigned(op)), size));
  }

  /// FCVT to the other formats, halves included on every core.
  private void formats() {
    for (int to = 1; to <= 3; to++) {
      if (to != size) {
        rows.add(row("FCVT", bits + "0001 " + FTYPE[to] + " 10000 Rn:5 Rd:5", FLOAT,
            scalar(Arm64Floats::convert, size, to)));
      }
    }
  }

  // ---- Floating-point data-processing (2 source)
  private void two() {
    two("FMUL (scalar)", "0000", FLOAT, Arm64FloatLanes::fmul);
    two("FDIV (scalar)", "0001", FLOAT_DIV, Arm64FloatLanes::fdiv);
    two("FADD (scalar)", "0010", FLOAT, Arm64FloatLanes::fadd);
    two("FSUB (scalar)", "0011", FLOAT, Arm64FloatLanes::fsub);
    two("FMAX (scalar)", "0100", FLOAT, Arm64FloatLanes::fmax);
    two("FMIN (scalar)", "0101", FLOAT, Arm64FloatLanes::fmin);
    two("FMAXNM (scalar)", "0110", FLOAT, Arm64FloatLanes::fmaxnm);
    two("FMINNM (scalar)", "0111", FLOAT, Arm64FloatLanes::fminnm);
    two("FNMUL (scalar)", "1000", FLOAT, Arm64FloatLanes::fnmul);
  }

  private void two(String name, String opcode, CostClass cost, Lane op) {
    add(name, bits + "Rm:5 " + opcode + " 10 Rn:5 Rd:5", cost, vector(same(REGISTER, unsigned(op)), size));
  }

  // ---- Floating-point data-processing (3 source)
  private void three() {
    three("FMADD", "0", "0", Arm64FloatLanes::fmla);
    three("FMSUB", "0", "1", Arm64FloatLanes::fmls);
    three("FNMADD", "1", "0", Arm64FloatLanes::fnmla);
    three("FNMSUB", "1", "1", Arm64FloatLanes::fnmls);
  }

  private void three(String name, String o1, String o0, Lane op) {
    add(name, "0 00 11111 " + FTYPE[size] + " " + o1 + " Rm:5 " + o0 + " Ra:5 Rn:5 Rd:5", FLOAT,
        fused(Arm64Floats.fused(op), size));
  }

  // ---- Floating-point compare, conditional compare
  private void comparisons() {
    add("FCMP", bits + "Rm:5 00 1000 Rn:5 00 000", FLOAT, compare(size, 0));
    add("FCMP (zero)", bits + "..... 00 1000 Rn:5 01 000", FLOAT, compare(size, Arm64Floats.ZERO_OPERAND));
    add("FCMPE", bits + "Rm:5 00 1000 Rn:5 10 000", FLOAT, compare(size, Arm64Floats.SIGNALLING));
    add("FCMPE (zero)", bits + "..... 00 1000 Rn:5 11 000", FLOAT,
        compare(size, Arm64Floats.SIGNALLING | Arm64Floats.ZERO_OPERAND));
    add("FCCMP", bits + "Rm:5 cond:4 01 Rn:5 0 nzcv:4", FLOAT, compareIf(size, 0));
    add("FCCMPE", bits + "Rm:5 cond:4 01 Rn:5 1 nzcv:4", FLOAT, compareIf(size, Arm64Floats.SIGNALLING));
  }

  // ---- Conversion between floating-point and integer
  private void integers() {
    integer("FCVTNS (scalar)", "00 000", Arm64Floats.toGeneral(true, Rounding.NEAREST_EVEN));
    integer("FCVTNU (scalar)", "00 001", Arm64Floats.toGeneral(false, Rounding.NEAREST_EVEN));
    integer("FCVTAS (scalar)", "00 100", Arm64Floats.toGeneral(true, Rounding.NEAREST_AWAY));
    integer("FCVTAU (scalar)", "00 101", Arm64Floats.toGeneral(false, Rounding.NEAREST_AWAY));
    integer("FCVTPS (scalar)", "01 000", Arm64Floats.toGeneral(true, Rounding.UP));
    integer("FCVTPU (scalar)", "01 001", Arm64Floats.toGeneral(false, Rounding.UP));
    integer("FCVTMS (scalar)", "10 000", Arm64Floats.toGeneral(true, Rounding.DOWN));
    integer("FCVTMU (scalar)", "10 001", Arm64Floats.toGeneral(false, Rounding.DOWN));
    integer("FCVTZS (scalar, integer)", "11 000", Arm64Floats.toGeneral(true, Rounding.ZERO));
    integer("FCVTZU (scalar, integer)", "11 001", Arm64Floats.toGeneral(false, Rounding.ZERO));
    add("SCVTF (scalar, integer)", general("1 00 010 000000"), FLOAT,
        floatFromGeneral(Arm64Floats.fromGeneral(true), size));
    add("UCVTF (scalar, integer)", general("1 00 011 000000"), FLOAT,
        floatFromGeneral(Arm64Floats.fromGeneral(false), size));
  }

  private void integer(String name, String opcode, Arm64Helper helper) {
    add(name, general("1 " + opcode + " 000000"), FLOAT, floatToGeneral(helper, size));
  }

  private String general(String opcode) {
    return "sf:1 00 11110 " + FTYPE[size] + " " + opcode + " Rn:5 Rd:5";
  }

  // ---- Conversion between floating-point and fixed-point
  private void fixedPoint() {
    fixed("SCVTF (scalar, fixed-point)", "00 010", floatFromGeneral(Arm64Floats.fromGeneral(true), size));
    fixed("UCVTF (scalar, fixed-point)", "00 011", floatFromGeneral(Arm64Floats.fromGeneral(false), size));
    fixed("FCVTZS (scalar, fixed-point)", "11 000",
        floatToGeneral(Arm64Floats.toGeneral(true, Rounding.ZERO), size));
    fixed("FCVTZU (scalar, fixed-point)", "11 001",
        floatToGeneral(Arm64Floats.toGeneral(false, Rounding.ZERO), size));
  }

  private void fixed(String name, String opcode, Emitter emitter) {
    add(name, general("0 " + opcode + " scale:6"), FLOAT, Arm64Guard.FRACTION_FITS, emitter);
  }
}

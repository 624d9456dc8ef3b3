package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.CostClass.*;
import static dev.crosspatch.isa.arm64.Arm64EmitVector.*;
import static dev.crosspatch.isa.arm64.Arm64Packed.unsigned;
import static dev.crosspatch.isa.arm64.Arm64Row.row;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.ELEMENT;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.IMMEDIATE;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.REGISTER;
import static dev.crosspatch.isa.arm64.Arm64Vectors.*;

import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.isa.arm64.Arm64Packed.Lane;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.ArrayList;
import java.util.List;

/// The rows of SIMD floating point, by the groups of C4.1. Every instruction has an encoding for singles and doubles
/// and one for halves (FEAT_FP16), many of both also for scalars: a group's method adds them all. `u` and `a` are bits
/// 29 and 23.
final class Arm64VectorFloatRows {
  private final List<Arm64Row> rows = new ArrayList<>(300);

  private Arm64VectorFloatRows() {}

  static List<Arm64Row> all() {
    Arm64VectorFloatRows table = new Arm64VectorFloatRows();
    table.immediates();
    table.arithmetic();
    table.comparisons();
    table.pairs();
    table.reductions();
    table.one();
    table.roundings();
    table.integers();
    table.fixedPoint();
    table.formats();
    table.elements();
    return table.rows;
  }

  private void add(String name, String bits, CostClass cost, Arm64Guard guard, Emitter emitter) {
    rows.add(row(name, bits, cost, emitter).when(guard));
  }

  private void half(String name, String bits, CostClass cost, Emitter emitter) {
    rows.add(row(Arm64FloatRows.half(name), bits, cost, emitter).needs(Arm64Feature.FP16));
  }

  // ---- Advanced SIMD modified immediate
  private void immediates() {
    String bits = " 0111100000 abc:3 1111 ";
    add("FMOV (vector, immediate)", "0 Q:1 0" + bits + "01 defgh:5 Rd:5", VECTOR, Arm64Guard.NONE, immediateFloat(2));
    add("FMOV (vector, immediate)", "0 Q:1 1" + bits + "01 defgh:5 Rd:5", VECTOR, Arm64Guard.QUAD, immediateFloat(3));
    half("FMOV (vector, immediate)", "0 Q:1 0" + bits + "11 defgh:5 Rd:5", VECTOR, immediateFloat(1));
  }

  // ---- Advanced SIMD three same, and its scalar form. The opcode of halves is the low three bits.

  private void three(String name, int u, int a, String opcode, CostClass cost, Arm64Helper helper) {
    String which = u + " 01110 " + a;
    add(name, "0 Q:1 " + which + " sz:1 1 Rm:5 11" + opcode + " 1 Rn:5 Rd:5", cost, Arm64Guard.TWO_DOUBLES,
        vector(helper));
    half(name, "0 Q:1 " + which + " 10 Rm:5 00 " + opcode + " 1 Rn:5 Rd:5", cost, vector(helper, 1));
  }

  private void threeAndScalar(String name, int u, int a, String opcode, Lane op) {
    Arm64Helper helper = same(REGISTER, unsigned(op));
    three(name, u, a, opcode, FLOAT, helper);
    String which = u + " 11110 " + a;
    add(name, "01 " + which + " sz:1 1 Rm:5 11" + opcode + " 1 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE, vector(helper));
    half(name, "01 " + which + " 10 Rm:5 00 " + opcode + " 1 Rn:5 Rd:5", FLOAT, vector(helper, 1));
  }

  private void three(String name, int u, int a, String opcode, Lane op) {
    three(name, u, a, opcode, FLOAT, same(REGISTER, unsigned(op)));
  }

  private void arithmetic() {
    three("FADD (vector)", 0, 0, "010", Arm64FloatLanes::fadd);
    three("FSUB (vector)", 0, 1, "010", Arm64FloatLanes::fsub);
    three("FMUL (vector)", 1, 0, "011", Arm64FloatLanes::fmul);
    three("FDIV (vector)", 1, 0, "111", FLOAT_DIV, same(REGISTER, unsigned(Arm64FloatLanes::fdiv)));
    three("FMLA (vector)", 0, 0, "001", Arm64FloatLanes::fmla);
    three("FMLS (vector)", 0, 1, "001", Arm64FloatLanes::fmls);
    three("FMAX (vector)", 0, 0, "110", Arm64FloatLanes::fmax);
    three("FMIN (vector)", 0, 1, "110", Arm64FloatLanes::fmin);
    three("FMAXNM (vector)", 0, 0, "000", Arm64FloatLanes::fmaxnm);
    three("FMINNM (vector)", 0, 1, "000", Arm64FloatLanes::fminnm);
    threeAndScalar("FMULX", 0, 0, "011", Arm64FloatLanes::fmulx);
    threeAndScalar("FABD", 1, 1, "010", Arm64FloatLanes::fabd);
    threeAndScalar("FRECPS", 0, 0, "111", Arm64FloatLanes::frecps);
    threeAndScalar("FRSQRTS", 0, 1, "111", Arm64FloatLanes::frsqrts);
  }

  private void comparisons() {
    threeAndScalar("FCMEQ (register)", 0, 0, "100", Arm64FloatLanes::fcmeq);
    threeAndScalar("FCMGE (register)", 1, 0, "100", Arm64FloatLanes::fcmge);
    threeAndScalar("FCMGT (register)", 1, 1, "100", Arm64FloatLanes::fcmgt);
    threeAndScalar("FACGE", 1, 0, "101", Arm64FloatLanes::facge);
    threeAndScalar("FACGT", 1, 1, "101", Arm64FloatLanes::facgt);
    oneAndScalar("FCMGT (zero)", 0, 1, "01100", Arm64FloatLanes::fcmgt);
    oneAndScalar("FCMGE (zero)", 1, 1, "01100", Arm64FloatLanes::fcmge);
    oneAndScalar("FCMEQ (zero)", 0, 1, "01101", Arm64FloatLanes::fcmeq);
    oneAndScalar("FCMLE (zero)", 1, 1, "01101", Arm64FloatLanes::fcmle);
    oneAndScalar("FCMLT (zero)", 0, 1, "01110", Arm64FloatLanes::fcmlt);
  }

  private void pairs() {
    pairs("FADDP", 0, "010", "01101", Arm64FloatLanes::fadd);
    pairs("FMAXP", 0, "110", "01111", Arm64FloatLanes::fmax);
    pairs("FMINP", 1, "110", "01111", Arm64FloatLanes::fmin);
    pairs("FMAXNMP", 0, "000", "01100", Arm64FloatLanes::fmaxnm);
    pairs("FMINNMP", 1, "000", "01100", Arm64FloatLanes::fminnm);
  }

  private void pairs(String name, int a, String opcode, String scalarOpcode, Lane op) {
    three(name + " (vector)", 1, a, opcode, FLOAT, pairwise(unsigned(op)));
    Arm64Helper pair = pair(unsigned(op));
    String rest = " 11000 " + scalarOpcode + " 10 Rn:5 Rd:5";
    add(name + " (scalar)", "01 1 11110 " + a + " sz:1" + rest, FLOAT, Arm64Guard.NONE, vector(pair));
    half(name + " (scalar)", "01 0 11110 " + a + " 0" + rest, FLOAT, vector(pair, 1));
  }

  // ---- Advanced SIMD across lanes

  private void reductions() {
    reduction("FMAXV", 0, "01111", Arm64FloatLanes::fmax);
    reduction("FMINV", 1, "01111", Arm64FloatLanes::fmin);
    reduction("FMAXNMV", 0, "01100", Arm64FloatLanes::fmaxnm);
    reduction("FMINNMV", 1, "01100", Arm64FloatLanes::fminnm);
  }

  private void reduction(String name, int a, String opcode, Lane op) {
    String rest = " 01110 " + a + " 0 11000 " + opcode + " 10 Rn:5 Rd:5";
    add(name, "0 Q:1 1" + rest, FLOAT, Arm64Guard.QUAD, vector(across(unsigned(op)), 2));
    half(name, "0 Q:1 0" + rest, FLOAT, vector(across(unsigned(op)), 1));
  }

  // ---- Advanced SIMD two-register miscellaneous, and its scalar form

  private void one(String name, int u, int a, String opcode, CostClass cost, Lane op) {
    Arm64Helper helper = same(IMMEDIATE, unsigned(op));
    String which = u + " 01110 " + a;
    add(name, "0 Q:1 " + which + " sz:1 10000 " + opcode + " 10 Rn:5 Rd:5", cost, Arm64Guard.TWO_DOUBLES,
        vector(helper));
    half(name, "0 Q:1 " + which + " 1 11100 " + opcode + " 10 Rn:5 Rd:5", cost, vector(helper, 1));
  }

  private void scalar(String name, int u, int a, String opcode, Lane op) {
    Arm64Helper helper = same(IMMEDIATE, unsigned(op));
    String which = u + " 11110 " + a;
    add(name, "01 " + which + " sz:1 10000 " + opcode + " 10 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE, vector(helper));
    half(name, "01 " + which + " 1 11100 " + opcode + " 10 Rn:5 Rd:5", FLOAT, vector(helper, 1));
  }

  private void oneAndScalar(String name, int u, int a, String opcode, Lane op) {
    one(name, u, a, opcode, FLOAT, op);
    scalar(name, u, a, opcode, op);
  }

  private void one() {
    one("FABS (vector)", 0, 1, "01111", FLOAT, Arm64FloatLanes::fabs);
    one("FNEG (vector)", 1, 1, "01111", FLOAT, Arm64FloatLanes::fneg);
    one("FSQRT (vector)", 1, 1, "11111", FLOAT_DIV, Arm64FloatLanes::fsqrt);
    oneAndScalar("FRECPE", 0, 1, "11101", Arm64FloatLanes::frecpe);
    oneAndScalar("FRSQRTE", 1, 1, "11101", Arm64FloatLanes::frsqrte);
    scalar("FRECPX", 0, 1, "11111", Arm64FloatLanes::frecpx);
    words("URECPE", "0", Arm64FloatLanes::urecpe);
    words("URSQRTE", "1", Arm64FloatLanes::ursqrte);
  }

  private void words(String name, String u, Lane op) {
    add(name, "0 Q:1 " + u + " 01110 10 10000 11100 10 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE,
        vector(same(IMMEDIATE, unsigned(op)), 2));
  }

  private void roundings() {
    one("FRINTN (vector)", 0, 0, "11000", FLOAT, Arm64FloatLanes.round(Rounding.NEAREST_EVEN));
    one("FRINTM (vector)", 0, 0, "11001", FLOAT, Arm64FloatLanes.round(Rounding.DOWN));
    one("FRINTP (vector)", 0, 1, "11000", FLOAT, Arm64FloatLanes.round(Rounding.UP));
    one("FRINTZ (vector)", 0, 1, "11001", FLOAT, Arm64FloatLanes.round(Rounding.ZERO));
    one("FRINTA (vector)", 1, 0, "11000", FLOAT, Arm64FloatLanes.round(Rounding.NEAREST_AWAY));
    one("FRINTX (vector)", 1, 0, "11001", FLOAT, Arm64FloatLanes::frintx);
    one("FRINTI (vector)", 1, 1, "11001", FLOAT, Arm64FloatLanes::frinti);
  }

  private void integers() {
    oneAndScalar("FCVTNS (vector)", 0, 0, "11010", Arm64FloatLanes.toInteger(true, Rounding.NEAREST_EVEN));
    oneAndScalar("FCVTNU (vector)", 1, 0, "11010", Arm64FloatLanes.toInteger(false, Rounding.NEAREST_EVEN));
    oneAndScalar("FCVTMS (vector)", 0, 0, "11011", Arm64FloatLanes.toInteger(true, Rounding.DOWN));
    oneAndScalar("FCVTMU (vector)", 1, 0, "11011", Arm64FloatLanes.toInteger(false, Rounding.DOWN));
    oneAndScalar("FCVTAS (vector)", 0, 0, "11100", Arm64FloatLanes.toInteger(true, Rounding.NEAREST_AWAY));
    oneAndScalar("FCVTAU (vector)", 1, 0, "11100", Arm64FloatLanes.toInteger(false, Rounding.NEAREST_AWAY));
    oneAndScalar("FCVTPS (vector)", 0, 1, "11010", Arm64FloatLanes.toInteger(true, Rounding.UP));
    oneAndScalar("FCVTPU (vector)", 1, 1, "11010", Arm64FloatLanes.toInteger(false, Rounding.UP));
    oneAndScalar("FCVTZS (vector, integer)", 0, 1, "11011", Arm64FloatLanes.toInteger(true, Rounding.ZERO));
    oneAndScalar("FCVTZU (vector, integer)", 1, 1, "11011", Arm64FloatLanes.toInteger(false, Rounding.ZERO));
    oneAndScalar("SCVTF (vector, integer)", 0, 0, "11101", Arm64FloatLanes::scvtf);
    oneAndScalar("UCVTF (vector, integer)", 1, 0, "11101", Arm64FloatLanes::ucvtf);
  }

  // ---- Advanced SIMD shift by immediate, and its scalar form: the immediate is the bits of fraction

  private void fixedPoint() {
    fixed("SCVTF (vector, fixed-point)", 0, "11100", Arm64FloatLanes::scvtf);
    fixed("UCVTF (vector, fixed-point)", 1, "11100", Arm64FloatLanes::ucvtf);
    fixed("FCVTZS (vector, fixed-point)", 0, "11111", Arm64FloatLanes.toInteger(true, Rounding.ZERO));
    fixed("FCVTZU (vector, fixed-point)", 1, "11111", Arm64FloatLanes.toInteger(false, Rounding.ZERO));
  }

  private void fixed(String name, int u, String opcode, Lane op) {
    Emitter emitter = rightShift(same(IMMEDIATE, unsigned(op)));
    for (boolean vector : new boolean[] {true, false}) {
      String which = (vector ? "0 Q:1 " + u + " 011110 " : "01 " + u + " 111110 ");
      String rest = " immb:3 " + opcode + " 1 Rn:5 Rd:5";
      add(name, which + "1 immh:3" + rest, FLOAT, vector ? Arm64Guard.QUAD : Arm64Guard.NONE, emitter);
      add(name, which + "01 immh:2" + rest, FLOAT, Arm64Guard.NONE, emitter);
      half(name, which + "001 immh:1" + rest, FLOAT, emitter);
    }
  }

  // ---- other formats: halves are there on every core

  private void formats() {
    for (int size = 1; size <= 2; size++) {
      String rest = " 01110 0 " + (size - 1) + " 10000 ";
      add("FCVTL, FCVTL2", "0 Q:1 0" + rest + "10111 10 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE,
          vector(widening(IMMEDIATE, false, unsigned(Arm64FloatLanes::fcvtl)), size));
      add("FCVTN, FCVTN2", "0 Q:1 0" + rest + "10110 10 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE,
          vector(narrowing(IMMEDIATE, unsigned(Arm64FloatLanes::fcvtn)), size));
    }
    Emitter odd = vector(narrowing(IMMEDIATE, unsigned(Arm64FloatLanes::fcvtxn)), 2);
    add("FCVTXN, FCVTXN2", "0 Q:1 1 01110 01 10000 10110 10 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE, odd);
    add("FCVTXN, FCVTXN2", "01 1 11110 01 10000 10110 10 Rn:5 Rd:5", FLOAT, Arm64Guard.NONE, odd);
  }

  // ---- Advanced SIMD vector x indexed element, and its scalar form

  private void elements() {
    element("FMLA (by element)", 0, "0001", Arm64FloatLanes::fmla);
    element("FMLS (by element)", 0, "0101", Arm64FloatLanes::fmls);
    element("FMUL (by element)", 0, "1001", Arm64FloatLanes::fmul);
    element("FMULX (by element)", 1, "1001", Arm64FloatLanes::fmulx);
  }

  private void element(String name, int u, String opcode, Lane op) {
    Arm64Helper helper = same(ELEMENT, unsigned(op));
    String rest = " L:1 M:1 Rm:4 " + opcode + " H:1 0 Rn:5 Rd:5";
    add(name, "0 Q:1 " + u + " 01111 1 sz:1" + rest, FLOAT, Arm64Guard.ELEMENT_OF_TWO, byFloat(helper));
    add(name, "01 " + u + " 11111 1 sz:1" + rest, FLOAT, Arm64Guard.DOUBLE_INDEX, byFloat(helper));
    half(name, "0 Q:1 " + u + " 01111 00" + rest, FLOAT, byHalf(helper));
    half(name, "01 " + u + " 11111 00" + rest, FLOAT, byHalf(helper));
  }
}

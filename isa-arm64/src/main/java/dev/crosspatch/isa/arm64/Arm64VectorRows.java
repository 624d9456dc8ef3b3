package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.CostClass.*;
import static dev.crosspatch.isa.arm64.Arm64EmitVector.*;
import static dev.crosspatch.isa.arm64.Arm64Packed.signed;
import static dev.crosspatch.isa.arm64.Arm64Packed.unsigned;
import static dev.crosspatch.isa.arm64.Arm64Row.row;
import static dev.crosspatch.isa.arm64.Arm64Vectors.*;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.ELEMENT;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.IMMEDIATE;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.REGISTER;

import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.ArrayList;
import java.util.List;

/// The rows of SIMD instructions on integers and bits, by the groups of C4.1, "Data Processing -- Scalar
/// Floating-Point and Advanced SIMD". A group's methods have its pattern; a row says, with its name, the bits that
/// choose it: U and the opcode. To add an instruction: add a row to its group and, if it does something new, a method
/// to [Arm64Lanes].
final class Arm64VectorRows {
  private final List<Arm64Row> rows = new ArrayList<>(400);

  private Arm64VectorRows() {}

  static List<Arm64Row> all() {
    Arm64VectorRows table = new Arm64VectorRows();
    table.copies();
    table.immediates();
    table.permutations();
    table.logic();
    table.sameSums();
    table.sameSaturating();
    table.sameShifts();
    table.comparisons();
    table.choices();
    table.products();
    table.pairs();
    table.reductions();
    table.one();
    table.oneNarrowing();
    table.different();
    table.elements();
    table.elementsLong();
    table.rightShifts();
    table.leftShifts();
    table.narrowingShifts();
    table.dotProducts();
    table.aes();
    table.sha();
    return table.rows;
  }

  private void add(String name, String bits, CostClass cost, Arm64Guard guard, Emitter emitter) {
    rows.add(row(name, bits, cost, emitter).when(guard));
  }

  private void add(String name, String bits, Emitter emitter) {
    add(name, bits, VECTOR, Arm64Guard.NONE, emitter);
  }

  // ---- Advanced SIMD copy, scalar copy
  private void copies() {
    add("DUP (element)", "0 Q:1 0 01110000 imm5:5 0 0000 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT_FITS,
        Arm64EmitVector::dupElement);
    add("DUP (element)", "01 0 11110000 imm5:5 0 0000 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT,
        Arm64EmitVector::dupElement);
    add("DUP (general)", "0 Q:1 0 01110000 imm5:5 0 0001 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT_FITS,
        Arm64EmitVector::dupGeneral);
    add("SMOV", "0 Q:1 0 01110000 imm5:5 0 0101 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT_SIGNED, Arm64EmitVector::smov);
    add("UMOV", "0 Q:1 0 01110000 imm5:5 0 0111 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT_WHOLE, Arm64EmitVector::umov);
    add("INS (general)", "01 0 01110000 imm5:5 0 0011 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT,
        Arm64EmitVector::insertGeneral);
    add("INS (element)", "01 1 01110000 imm5:5 0 imm4:4 1 Rn:5 Rd:5", VECTOR, Arm64Guard.ELEMENT,
        Arm64EmitVector::insertElement);
  }

  // ---- Advanced SIMD modified immediate. `cmode` is the part of it that shifts.
  private void immediates() {
    modified("MOVI", 0, "0 cmode:2 0", immediate(SET, 2, false));
    modified("ORR (vector, immediate)", 0, "0 cmode:2 1", immediate(SET_BITS, 2, false));
    modified("MOVI", 0, "10 cmode:1 0", immediate(SET, 1, false));
    modified("ORR (vector, immediate)", 0, "10 cmode:1 1", immediate(SET_BITS, 1, false));
    modified("MOVI", 0, "110 cmode:1", immediateOnes(false));
    modified("MOVI", 0, "1110", Arm64EmitVector::immediateBytes);
    modified("MVNI", 1, "0 cmode:2 0", immediate(SET, 2, true));
    modified("BIC (vector, immediate)", 1, "0 cmode:2 1", immediate(CLEAR_BITS, 2, false));
    modified("MVNI", 1, "10 cmode:1 0", immediate(SET, 1, true));
    modified("BIC (vector, immediate)", 1, "10 cmode:1 1", immediate(CLEAR_BITS, 1, false));
    modified("MVNI", 1, "110 cmode:1", immediateOnes(true));
    modified("MOVI", 1, "1110", Arm64EmitVector::immediateMask);
  }

  private void modified(String name, int op, String cmode, Emitter emitter) {
    add(name, "0 Q:1 " + op + " 0111100000 abc:3 " + cmode + " 01 defgh:5 Rd:5", emitter);
  }

  // ---- Advanced SIMD table lookup, permute, extract
  private void permutations() {
    add("TBL", "0 Q:1 001110 00 0 Rm:5 0 len:2 0 00 Rn:5 Rd:5", table(0));
    add("TBX", "0 Q:1 001110 00 0 Rm:5 0 len:2 1 00 Rn:5 Rd:5", table(KEEP));
    add("EXT", "0 Q:1 101110 00 0 Rm:5 0 imm4:4 0 Rn:5 Rd:5", VECTOR, Arm64Guard.BYTE_FITS, Arm64EmitVector::ext);
    permutation("UZP", "01", Arm64Vectors::uzp);
    permutation("TRN", "10", Arm64Vectors::trn);
    permutation("ZIP", "11", Arm64Vectors::zip);
  }

  private void permutation(String name, String opcode, Arm64Helper helper) {
    for (int part = 0; part < 2; part++) {
      add(name + (part + 1), "0 Q:1 001110 size:2 0 Rm:5 0 " + part + opcode + " 10 Rn:5 Rd:5", VECTOR,
          Arm64Guard.TWO_DOUBLEWORDS, vectorWith(helper, part));
    }
  }

  // ---- Advanced SIMD three same, two-register miscellaneous: bits
  private void logic() {
    logic("AND (vector)", "0", "00", (core, d, n, m, size, bits) -> n & m);
    logic("BIC (vector, register)", "0", "01", (core, d, n, m, size, bits) -> n & ~m);
    logic("ORR (vector, register)", "0", "10", (core, d, n, m, size, bits) -> n | m);
    logic("ORN (vector)", "0", "11", (core, d, n, m, size, bits) -> n | ~m);
    logic("EOR (vector)", "1", "00", (core, d, n, m, size, bits) -> n ^ m);
    logic("BSL", "1", "01", (core, d, n, m, size, bits) -> (n & d) | (m & ~d));
    logic("BIT", "1", "10", (core, d, n, m, size, bits) -> (n & m) | (d & ~m));
    logic("BIF", "1", "11", (core, d, n, m, size, bits) -> (n & ~m) | (d & m));
    one("NOT", "1", "00", "00101", (core, d, n, m, size, bits) -> ~n);
    one("RBIT (vector)", "1", "01", "00101",
        (core, d, n, m, size, bits) -> Long.reverse(Long.reverseBytes(n)));
    one("CNT", "0", "00", "00101", unsigned(Arm64Lanes::cnt));
    one("REV64", "0", "00000", Arm64Guard.NO_DOUBLEWORDS,
        (core, d, n, m, size, bits) -> Arm64Packed.reverse(n, size, 3));
    one("REV32 (vector)", "1", "00000", Arm64Guard.BYTES_AND_HALVES,
        (core, d, n, m, size, bits) -> Arm64Packed.reverse(n, size, 2));
    one("REV16 (vector)", "0", "00", "00001", (core, d, n, m, size, bits) -> Arm64Packed.reverse(n, 0, 1));
  }

  private void logic(String name, String u, String which, Arm64Packed op) {
    add(name, "0 Q:1 " + u + " 01110 " + which + " 1 Rm:5 00011 1 Rn:5 Rd:5", vector(same(REGISTER, op)));
  }

  // ---- Advanced SIMD three same, and its scalar form

  private void three(String name, int u, String opcode, CostClass cost, Arm64Guard guard, Arm64Packed op) {
    add(name, "0 Q:1 " + u + " 01110 size:2 1 Rm:5 " + opcode + " 1 Rn:5 Rd:5", cost, guard,
        vector(same(REGISTER, op)));
  }

  /// Of every size, and a scalar of those that `sizes` says.
  private void threeAndScalar(String name, int u, String opcode, String sizes, Arm64Packed op) {
    three(name, u, opcode, VECTOR, Arm64Guard.TWO_DOUBLEWORDS, op);
    Arm64Helper helper = same(REGISTER, op);
    add(name, "01 " + u + " 11110 " + sizes + " 1 Rm:5 " + opcode + " 1 Rn:5 Rd:5",
        sizes.equals(DOUBLEWORD) ? vector(helper, 3) : vector(helper));
  }

  private static final String DOUBLEWORD = "11";
  private static final String ANY = "size:2";

  private void sameSums() {
    threeAndScalar("ADD (vector)", 0, "10000", DOUBLEWORD, unsigned(Arm64Lanes::add));
    threeAndScalar("SUB (vector)", 1, "10000", DOUBLEWORD, unsigned(Arm64Lanes::sub));
    three("SHADD", 0, "00000", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::halvingAdd));
    three("UHADD", 1, "00000", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::halvingAdd));
    three("SRHADD", 0, "00010", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::roundingHalvingAdd));
    three("URHADD", 1, "00010", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::roundingHalvingAdd));
    three("SHSUB", 0, "00100", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::halvingSub));
    three("UHSUB", 1, "00100", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::halvingSub));
  }

  private void sameSaturating() {
    threeAndScalar("SQADD", 0, "00001", ANY, signed(Arm64Lanes::sqadd));
    threeAndScalar("UQADD", 1, "00001", ANY, unsigned(Arm64Lanes::uqadd));
    threeAndScalar("SQSUB", 0, "00101", ANY, signed(Arm64Lanes::sqsub));
    threeAndScalar("UQSUB", 1, "00101", ANY, unsigned(Arm64Lanes::uqsub));
  }

  private void sameShifts() {
    threeAndScalar("SSHL", 0, "01000", DOUBLEWORD, signed(Arm64Lanes::sshl));
    threeAndScalar("USHL", 1, "01000", DOUBLEWORD, unsigned(Arm64Lanes::ushl));
    threeAndScalar("SQSHL (register)", 0, "01001", ANY, signed(Arm64Lanes::sqshl));
    threeAndScalar("UQSHL (register)", 1, "01001", ANY, unsigned(Arm64Lanes::uqshl));
    threeAndScalar("SRSHL", 0, "01010", DOUBLEWORD, signed(Arm64Lanes::srshl));
    threeAndScalar("URSHL", 1, "01010", DOUBLEWORD, unsigned(Arm64Lanes::urshl));
    threeAndScalar("SQRSHL", 0, "01011", ANY, signed(Arm64Lanes::sqrshl));
    threeAndScalar("UQRSHL", 1, "01011", ANY, unsigned(Arm64Lanes::uqrshl));
  }

  private void comparisons() {
    threeAndScalar("CMGT (register)", 0, "00110", DOUBLEWORD, signed(Arm64Lanes::greater));
    threeAndScalar("CMHI (register)", 1, "00110", DOUBLEWORD, unsigned(Arm64Lanes::higher));
    threeAndScalar("CMGE (register)", 0, "00111", DOUBLEWORD, signed(Arm64Lanes::greaterOrEqual));
    threeAndScalar("CMHS (register)", 1, "00111", DOUBLEWORD, unsigned(Arm64Lanes::higherOrSame));
    threeAndScalar("CMTST", 0, "10001", DOUBLEWORD, unsigned(Arm64Lanes::test));
    threeAndScalar("CMEQ (register)", 1, "10001", DOUBLEWORD, unsigned(Arm64Lanes::equal));
    oneAndScalar("CMGT (zero)", 0, "01000", DOUBLEWORD, signed(Arm64Lanes::greater));
    oneAndScalar("CMGE (zero)", 1, "01000", DOUBLEWORD, signed(Arm64Lanes::greaterOrEqual));
    oneAndScalar("CMEQ (zero)", 0, "01001", DOUBLEWORD, signed(Arm64Lanes::equal));
    oneAndScalar("CMLE (zero)", 1, "01001", DOUBLEWORD, signed(Arm64Lanes::lessOrEqual));
    oneAndScalar("CMLT (zero)", 0, "01010", DOUBLEWORD, signed(Arm64Lanes::less));
  }

  private void choices() {
    three("SMAX", 0, "01100", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::max));
    three("UMAX", 1, "01100", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::max));
    three("SMIN", 0, "01101", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::min));
    three("UMIN", 1, "01101", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::min));
    three("SABD", 0, "01110", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::difference));
    three("UABD", 1, "01110", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::difference));
    three("SABA", 0, "01111", VECTOR, Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::differenceAccumulate));
    three("UABA", 1, "01111", VECTOR, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::differenceAccumulate));
  }

  private void products() {
    three("MLA (vector)", 0, "10010", VECTOR_MUL, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::mla));
    three("MLS (vector)", 1, "10010", VECTOR_MUL, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::mls));
    three("MUL (vector)", 0, "10011", VECTOR_MUL, Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::mul));
    add("PMUL", "0 Q:1 1 01110 00 1 Rm:5 10011 1 Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.NONE,
        vector(same(REGISTER, unsigned(Arm64Lanes::pmul))));
    high("SQDMULH (vector)", "0", "1 Rm:5 10110 1", signed(Arm64Lanes::sqdmulh));
    high("SQRDMULH (vector)", "1", "1 Rm:5 10110 1", signed(Arm64Lanes::sqrdmulh));
    int before = rows.size();
    high("SQRDMLAH (vector)", "1", "0 Rm:5 1000 0 1", signed(Arm64Lanes::sqrdmlah));
    high("SQRDMLSH (vector)", "1", "0 Rm:5 1000 1 1", signed(Arm64Lanes::sqrdmlsh));
    needs(before, Arm64Feature.RDM);
  }

  /// The rows from `first` on need `feature`.
  private void needs(int first, Arm64Feature feature) {
    rows.subList(first, rows.size()).replaceAll(row -> row.needs(feature));
  }

  private void high(String name, String u, String opcode, Arm64Packed op) {
    Emitter emitter = vector(same(REGISTER, op));
    add(name, "0 Q:1 " + u + " 01110 size:2 " + opcode + " Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.HALVES_AND_WORDS,
        emitter);
    add(name, "01 " + u + " 11110 size:2 " + opcode + " Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.HALVES_AND_WORDS, emitter);
  }

  private void pairs() {
    pairs("ADDP (vector)", 0, "10111", Arm64Guard.TWO_DOUBLEWORDS, unsigned(Arm64Lanes::add));
    pairs("SMAXP", 0, "10100", Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::max));
    pairs("UMAXP", 1, "10100", Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::max));
    pairs("SMINP", 0, "10101", Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::min));
    pairs("UMINP", 1, "10101", Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::min));
    add("ADDP (scalar)", "01 0 11110 11 11000 11011 10 Rn:5 Rd:5", vector(pair(unsigned(Arm64Lanes::add)), 3));
  }

  private void pairs(String name, int u, String opcode, Arm64Guard guard, Arm64Packed op) {
    add(name, "0 Q:1 " + u + " 01110 size:2 1 Rm:5 " + opcode + " 1 Rn:5 Rd:5", VECTOR, guard, vector(pairwise(op)));
  }

  // ---- Advanced SIMD across lanes

  private void reductions() {
    reduction("ADDV", 0, "11011", across(unsigned(Arm64Lanes::add)));
    reduction("SMAXV", 0, "01010", across(signed(Arm64Lanes::max)));
    reduction("UMAXV", 1, "01010", across(unsigned(Arm64Lanes::max)));
    reduction("SMINV", 0, "11010", across(signed(Arm64Lanes::min)));
    reduction("UMINV", 1, "11010", across(unsigned(Arm64Lanes::min)));
    reduction("SADDLV", 0, "00011", acrossLong(true, unsigned(Arm64Lanes::add)));
    reduction("UADDLV", 1, "00011", acrossLong(false, unsigned(Arm64Lanes::add)));
  }

  private void reduction(String name, int u, String opcode, Arm64Helper helper) {
    add(name, "0 Q:1 " + u + " 01110 size:2 11000 " + opcode + " 10 Rn:5 Rd:5", VECTOR, Arm64Guard.FOUR_WORDS,
        vector(helper));
  }

  // ---- Advanced SIMD two-register miscellaneous, and its scalar form

  private void one(String name, String u, String opcode, Arm64Guard guard, Arm64Packed op) {
    add(name, "0 Q:1 " + u + " 01110 size:2 10000 " + opcode + " 10 Rn:5 Rd:5", VECTOR, guard,
        vector(same(IMMEDIATE, op)));
  }

  /// Of bytes, whatever the size says.
  private void one(String name, String u, String size, String opcode, Arm64Packed op) {
    add(name, "0 Q:1 " + u + " 01110 " + size + " 10000 " + opcode + " 10 Rn:5 Rd:5",
        vector(same(IMMEDIATE, op), 0));
  }

  private void oneAndScalar(String name, int u, String opcode, String sizes, Arm64Packed op) {
    one(name, u == 0 ? "0" : "1", opcode, Arm64Guard.TWO_DOUBLEWORDS, op);
    Arm64Helper helper = same(IMMEDIATE, op);
    add(name, "01 " + u + " 11110 " + sizes + " 10000 " + opcode + " 10 Rn:5 Rd:5",
        sizes.equals(DOUBLEWORD) ? vector(helper, 3) : vector(helper));
  }

  private void one() {
    oneAndScalar("ABS", 0, "01011", DOUBLEWORD, signed(Arm64Lanes::abs));
    oneAndScalar("NEG (vector)", 1, "01011", DOUBLEWORD, signed(Arm64Lanes::neg));
    oneAndScalar("SQABS", 0, "00111", ANY, signed(Arm64Lanes::sqabs));
    oneAndScalar("SQNEG", 1, "00111", ANY, signed(Arm64Lanes::sqneg));
    oneAndScalar("SUQADD", 0, "00011", ANY, signed(Arm64Lanes::suqadd));
    oneAndScalar("USQADD", 1, "00011", ANY, unsigned(Arm64Lanes::usqadd));
    one("CLS (vector)", "0", "00100", Arm64Guard.NO_DOUBLEWORDS, signed(Arm64Lanes::cls));
    one("CLZ (vector)", "1", "00100", Arm64Guard.NO_DOUBLEWORDS, unsigned(Arm64Lanes::clz));
    longPairs("SADDLP", 0, "00010", pairwiseLong(true, unsigned(Arm64Lanes::add)));
    longPairs("UADDLP", 1, "00010", pairwiseLong(false, unsigned(Arm64Lanes::add)));
    longPairs("SADALP", 0, "00110", pairwiseLong(true, unsigned(Arm64Lanes::accumulate)));
    longPairs("UADALP", 1, "00110", pairwiseLong(false, unsigned(Arm64Lanes::accumulate)));
  }

  private void longPairs(String name, int u, String opcode, Arm64Helper helper) {
    add(name, "0 Q:1 " + u + " 01110 size:2 10000 " + opcode + " 10 Rn:5 Rd:5", VECTOR, Arm64Guard.NO_DOUBLEWORDS,
        vector(helper));
  }

  private void oneNarrowing() {
    longPairs("XTN, XTN2", 0, "10010", narrowing(IMMEDIATE, unsigned(Arm64Lanes::move)));
    narrow("SQXTN, SQXTN2", 0, "10100", signed(Arm64Lanes::sqxtn));
    narrow("UQXTN, UQXTN2", 1, "10100", unsigned(Arm64Lanes::uqxtn));
    narrow("SQXTUN, SQXTUN2", 1, "10010", signed(Arm64Lanes::sqxtun));
    longPairs("SHLL, SHLL2", 1, "10011",
        widening(IMMEDIATE, false, unsigned((core, d, n, m, size) -> n << (4 << size))));
  }

  private void narrow(String name, int u, String opcode, Arm64Packed op) {
    Emitter emitter = vector(narrowing(IMMEDIATE, op));
    add(name, "0 Q:1 " + u + " 01110 size:2 10000 " + opcode + " 10 Rn:5 Rd:5", VECTOR, Arm64Guard.NO_DOUBLEWORDS,
        emitter);
    add(name, "01 " + u + " 11110 size:2 10000 " + opcode + " 10 Rn:5 Rd:5", VECTOR, Arm64Guard.NO_DOUBLEWORDS,
        emitter);
  }

  // ---- Advanced SIMD three different, and its scalar form

  private void different() {
    different("SADDL, SADDL2", 0, "0000", VECTOR, widening(REGISTER, true, unsigned(Arm64Lanes::add)));
    different("UADDL, UADDL2", 1, "0000", VECTOR, widening(REGISTER, false, unsigned(Arm64Lanes::add)));
    different("SADDW, SADDW2", 0, "0001", VECTOR, wide(true, unsigned(Arm64Lanes::add)));
    different("UADDW, UADDW2", 1, "0001", VECTOR, wide(false, unsigned(Arm64Lanes::add)));
    different("SSUBL, SSUBL2", 0, "0010", VECTOR, widening(REGISTER, true, unsigned(Arm64Lanes::sub)));
    different("USUBL, USUBL2", 1, "0010", VECTOR, widening(REGISTER, false, unsigned(Arm64Lanes::sub)));
    different("SSUBW, SSUBW2", 0, "0011", VECTOR, wide(true, unsigned(Arm64Lanes::sub)));
    different("USUBW, USUBW2", 1, "0011", VECTOR, wide(false, unsigned(Arm64Lanes::sub)));
    different("ADDHN, ADDHN2", 0, "0100", VECTOR, narrowing(REGISTER, unsigned(Arm64Lanes::addHigh)));
    different("RADDHN, RADDHN2", 1, "0100", VECTOR, narrowing(REGISTER, unsigned(Arm64Lanes::roundingAddHigh)));
    different("SUBHN, SUBHN2", 0, "0110", VECTOR, narrowing(REGISTER, unsigned(Arm64Lanes::subHigh)));
    different("RSUBHN, RSUBHN2", 1, "0110", VECTOR, narrowing(REGISTER, unsigned(Arm64Lanes::roundingSubHigh)));
    different("SABAL, SABAL2", 0, "0101", VECTOR, widening(REGISTER, true, signed(Arm64Lanes::differenceAccumulate)));
    different("UABAL, UABAL2", 1, "0101", VECTOR, widening(REGISTER, false, signed(Arm64Lanes::differenceAccumulate)));
    different("SABDL, SABDL2", 0, "0111", VECTOR, widening(REGISTER, true, signed(Arm64Lanes::difference)));
    different("UABDL, UABDL2", 1, "0111", VECTOR, widening(REGISTER, false, signed(Arm64Lanes::difference)));
    different("SMLAL, SMLAL2 (vector)", 0, "1000", VECTOR_MUL, widening(REGISTER, true, unsigned(Arm64Lanes::mla)));
    different("UMLAL, UMLAL2 (vector)", 1, "1000", VECTOR_MUL, widening(REGISTER, false, unsigned(Arm64Lanes::mla)));
    different("SMLSL, SMLSL2 (vector)", 0, "1010", VECTOR_MUL, widening(REGISTER, true, unsigned(Arm64Lanes::mls)));
    different("UMLSL, UMLSL2 (vector)", 1, "1010", VECTOR_MUL, widening(REGISTER, false, unsigned(Arm64Lanes::mls)));
    different("SMULL, SMULL2 (vector)", 0, "1100", VECTOR_MUL, widening(REGISTER, true, unsigned(Arm64Lanes::mul)));
    different("UMULL, UMULL2 (vector)", 1, "1100", VECTOR_MUL, widening(REGISTER, false, unsigned(Arm64Lanes::mul)));
    add("PMULL, PMULL2", "0 Q:1 0 01110 00 1 Rm:5 1110 00 Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.NONE,
        vector(widening(REGISTER, false, unsigned(Arm64Lanes::pmul)), 0));
    doubling("SQDMLAL, SQDMLAL2 (vector)", "1001", signed(Arm64Lanes::sqdmlal));
    doubling("SQDMLSL, SQDMLSL2 (vector)", "1011", signed(Arm64Lanes::sqdmlsl));
    doubling("SQDMULL, SQDMULL2 (vector)", "1101", signed(Arm64Lanes::sqdmull));
  }

  private void different(String name, int u, String opcode, CostClass cost, Arm64Helper helper) {
    add(name, "0 Q:1 " + u + " 01110 size:2 1 Rm:5 " + opcode + " 00 Rn:5 Rd:5", cost, Arm64Guard.NO_DOUBLEWORDS,
        vector(helper));
  }

  private void doubling(String name, String opcode, Arm64Packed op) {
    Emitter emitter = vector(widening(REGISTER, true, op));
    add(name, "0 Q:1 0 01110 size:2 1 Rm:5 " + opcode + " 00 Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.HALVES_AND_WORDS,
        emitter);
    add(name, "01 0 11110 size:2 1 Rm:5 " + opcode + " 00 Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.HALVES_AND_WORDS,
        emitter);
  }

  // ---- Advanced SIMD vector x indexed element, and its scalar form

  private void elements() {
    element("MLA (by element)", 1, "0000", same(ELEMENT, unsigned(Arm64Lanes::mla)));
    element("MLS (by element)", 1, "0100", same(ELEMENT, unsigned(Arm64Lanes::mls)));
    element("MUL (by element)", 0, "1000", same(ELEMENT, unsigned(Arm64Lanes::mul)));
    elementAndScalar("SQDMULH (by element)", 0, "1100",
        same(ELEMENT, signed(Arm64Lanes::sqdmulh)));
    elementAndScalar("SQRDMULH (by element)", 0, "1101",
        same(ELEMENT, signed(Arm64Lanes::sqrdmulh)));
    int before = rows.size();
    elementAndScalar("SQRDMLAH (by element)", 1, "1101",
        same(ELEMENT, signed(Arm64Lanes::sqrdmlah)));
    elementAndScalar("SQRDMLSH (by element)", 1, "1111",
        same(ELEMENT, signed(Arm64Lanes::sqrdmlsh)));
    needs(before, Arm64Feature.RDM);
  }

  private void elementsLong() {
    element("SMLAL, SMLAL2 (by element)", 0, "0010", widening(ELEMENT, true, unsigned(Arm64Lanes::mla)));
    element("UMLAL, UMLAL2 (by element)", 1, "0010", widening(ELEMENT, false, unsigned(Arm64Lanes::mla)));
    element("SMLSL, SMLSL2 (by element)", 0, "0110", widening(ELEMENT, true, unsigned(Arm64Lanes::mls)));
    element("UMLSL, UMLSL2 (by element)", 1, "0110", widening(ELEMENT, false, unsigned(Arm64Lanes::mls)));
    element("SMULL, SMULL2 (by element)", 0, "1010", widening(ELEMENT, true, unsigned(Arm64Lanes::mul)));
    element("UMULL, UMULL2 (by element)", 1, "1010", widening(ELEMENT, false, unsigned(Arm64Lanes::mul)));
    elementAndScalar("SQDMLAL, SQDMLAL2 (by element)", 0, "0011", widening(ELEMENT, true, signed(Arm64Lanes::sqdmlal)));
    elementAndScalar("SQDMLSL, SQDMLSL2 (by element)", 0, "0111", widening(ELEMENT, true, signed(Arm64Lanes::sqdmlsl)));
    elementAndScalar("SQDMULL, SQDMULL2 (by element)", 0, "1011", widening(ELEMENT, true, signed(Arm64Lanes::sqdmull)));
  }

  private void element(String name, int u, String opcode, Arm64Helper helper) {
    add(name, "0 Q:1 " + u + " 01111 size:2 L:1 M:1 Rm:4 " + opcode + " H:1 0 Rn:5 Rd:5", VECTOR_MUL,
        Arm64Guard.HALVES_AND_WORDS, byElement(helper));
  }

  private void elementAndScalar(String name, int u, String opcode, Arm64Helper helper) {
    element(name, u, opcode, helper);
    add(name, "01 " + u + " 11111 size:2 L:1 M:1 Rm:4 " + opcode + " H:1 0 Rn:5 Rd:5", VECTOR_MUL,
        Arm64Guard.HALVES_AND_WORDS, byElement(helper));
  }

  // ---- Advanced SIMD shift by immediate, and its scalar form

  private void rightShifts() {
    shift("SSHR", 0, "00000", signed(Arm64Lanes::sshr));
    shift("USHR", 1, "00000", unsigned(Arm64Lanes::ushr));
    shift("SSRA", 0, "00010", signed(Arm64Lanes::ssra));
    shift("USRA", 1, "00010", unsigned(Arm64Lanes::usra));
    shift("SRSHR", 0, "00100", signed(Arm64Lanes::srshr));
    shift("URSHR", 1, "00100", unsigned(Arm64Lanes::urshr));
    shift("SRSRA", 0, "00110", signed(Arm64Lanes::srsra));
    shift("URSRA", 1, "00110", unsigned(Arm64Lanes::ursra));
    shift("SRI", 1, "01000", unsigned(Arm64Lanes::sri));
  }

  private void leftShifts() {
    shift("SHL", 0, "01010", "1 immh:3", leftShift(same(IMMEDIATE, unsigned(Arm64Lanes::shl))));
    shift("SLI", 1, "01010", "1 immh:3", leftShift(same(IMMEDIATE, unsigned(Arm64Lanes::sli))));
    shift("SQSHLU", 1, "01100", "immh:4+", leftShift(same(IMMEDIATE, signed(Arm64Lanes::sqshlu))));
    shift("SQSHL (immediate)", 0, "01110", "immh:4+",
        leftShift(same(IMMEDIATE, signed(Arm64Lanes::sqshl))));
    shift("UQSHL (immediate)", 1, "01110", "immh:4+",
        leftShift(same(IMMEDIATE, unsigned(Arm64Lanes::uqshl))));
    halfShift("SSHLL, SSHLL2", 0, "10100", leftShift(widening(IMMEDIATE, true, unsigned(Arm64Lanes::shl))));
    halfShift("USHLL, USHLL2", 1, "10100", leftShift(widening(IMMEDIATE, false, unsigned(Arm64Lanes::shl))));
  }

  private void narrowingShifts() {
    halfShift("SHRN, SHRN2", 0, "10000", rightShift(narrowing(IMMEDIATE, unsigned(Arm64Lanes::ushr))));
    halfShift("RSHRN, RSHRN2", 0, "10001", rightShift(narrowing(IMMEDIATE, unsigned(Arm64Lanes::urshr))));
    narrowShift("SQSHRUN, SQSHRUN2", 1, "10000", signed(Arm64Lanes::sqshrun));
    narrowShift("SQRSHRUN, SQRSHRUN2", 1, "10001", signed(Arm64Lanes::sqrshrun));
    narrowShift("SQSHRN, SQSHRN2", 0, "10010", signed(Arm64Lanes::sqshrn));
    narrowShift("SQRSHRN, SQRSHRN2", 0, "10011", signed(Arm64Lanes::sqrshrn));
    narrowShift("UQSHRN, UQSHRN2", 1, "10010", unsigned(Arm64Lanes::uqshrn));
    narrowShift("UQRSHRN, UQRSHRN2", 1, "10011", unsigned(Arm64Lanes::uqrshrn));
  }

  /// To the right, of every size, and of a scalar of 64 bits.
  private void shift(String name, int u, String opcode, Arm64Packed op) {
    shift(name, u, opcode, "1 immh:3", rightShift(same(IMMEDIATE, op)));
  }

  /// Of every size, and of scalars that `scalar` says.
  private void shift(String name, int u, String opcode, String scalar, Emitter emitter) {
    add(name, "0 Q:1 " + u + " 011110 immh:4+ immb:3 " + opcode + " 1 Rn:5 Rd:5", VECTOR, Arm64Guard.SHIFT_FITS,
        emitter);
    add(name, "01 " + u + " 111110 " + scalar + " immb:3 " + opcode + " 1 Rn:5 Rd:5", emitter);
  }

  /// From or to the half of a register.
  private void halfShift(String name, int u, String opcode, Emitter emitter) {
    add(name, "0 Q:1 " + u + " 011110 0 immh:3+ immb:3 " + opcode + " 1 Rn:5 Rd:5", emitter);
  }

  private void narrowShift(String name, int u, String opcode, Arm64Packed op) {
    Emitter emitter = rightShift(narrowing(IMMEDIATE, op));
    halfShift(name, u, opcode, emitter);
    add(name, "01 " + u + " 111110 0 immh:3+ immb:3 " + opcode + " 1 Rn:5 Rd:5", emitter);
  }

  // ---- FEAT_DotProd: of bytes, added to words

  private void dotProducts() {
    int before = rows.size();
    dotProduct("SDOT", 0, unsigned(Arm64Lanes::sdot));
    dotProduct("UDOT", 1, unsigned(Arm64Lanes::udot));
    needs(before, Arm64Feature.DOTPROD);
  }

  private void dotProduct(String name, int u, Arm64Packed op) {
    add(name + " (vector)", "0 Q:1 " + u + " 01110 10 0 Rm:5 1001 01 Rn:5 Rd:5", VECTOR_MUL, Arm64Guard.NONE,
        vector(same(REGISTER, op), 2));
    add(name + " (by element)", "0 Q:1 " + u + " 01111 10 L:1 M:1 Rm:4 1110 H:1 0 Rn:5 Rd:5", VECTOR_MUL,
        Arm64Guard.NONE, byWord(same(ELEMENT, op)));
  }

  // ---- Cryptographic AES, three-register and two-register SHA, PMULL of 64 bits

  /// Polynomials of AESMC and AESIMC: FIPS 197, 5.1.3 and 5.3.3.
  private static final long MIX = 0x0301_0102;

  private static final long UNMIX = 0x0b0d_090e;

  private void aes() {
    int before = rows.size();
    aes("AESE", "00100", vectorWith(Arm64Crypto::aese, 0));
    aes("AESD", "00101", vectorWith(Arm64Crypto::aesd, 0));
    Arm64Helper mixColumns = Arm64Crypto::mixColumns;
    aes("AESMC", "00110", vectorWith(mixColumns, MIX));
    aes("AESIMC", "00111", vectorWith(mixColumns, UNMIX));
    needs(before, Arm64Feature.AES);
    before = rows.size();
    add("PMULL, PMULL2 (64-bit)", "0 Q:1 0 01110 11 1 Rm:5 1110 00 Rn:5 Rd:5", vectorWith(Arm64Crypto::pmull, 0));
    needs(before, Arm64Feature.PMULL);
  }

  private void aes(String name, String opcode, Emitter emitter) {
    add(name, "01001110 00 10100 " + opcode + " 10 Rn:5 Rd:5", emitter);
  }

  private void sha() {
    int before = rows.size();
    sha("SHA1C", "000", Arm64Crypto.sha1(Arm64Crypto::choose));
    sha("SHA1P", "001", Arm64Crypto.sha1(Arm64Crypto::parity));
    sha("SHA1M", "010", Arm64Crypto.sha1(Arm64Crypto::majority));
    sha("SHA1SU0", "011", Arm64Crypto::sha1su0);
    add("SHA1H", "01011110 00 10100 00000 10 Rn:5 Rd:5", vectorWith(Arm64Crypto::sha1h, 0));
    add("SHA1SU1", "01011110 00 10100 00001 10 Rn:5 Rd:5", vectorWith(Arm64Crypto::sha1su1, 0));
    needs(before, Arm64Feature.SHA1);
    before = rows.size();
    sha("SHA256H", "100", Arm64Crypto.sha256(true));
    sha("SHA256H2", "101", Arm64Crypto.sha256(false));
    sha("SHA256SU1", "110", Arm64Crypto::sha256su1);
    add("SHA256SU0", "01011110 00 10100 00010 10 Rn:5 Rd:5", vectorWith(Arm64Crypto::sha256su0, 0));
    needs(before, Arm64Feature.SHA256);
  }

  private void sha(String name, String opcode, Arm64Helper helper) {
    add(name, "01011110 00 0 Rm:5 0 " + opcode + " 00 Rn:5 Rd:5", vectorWith(helper, 0));
  }
}

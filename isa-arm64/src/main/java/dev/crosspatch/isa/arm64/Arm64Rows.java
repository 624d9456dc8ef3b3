package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.CostClass.*;
import static dev.crosspatch.isa.arm64.Arm64EmitAlu.*;
import static dev.crosspatch.isa.arm64.Arm64EmitMemory.atomic;
import static dev.crosspatch.isa.arm64.Arm64EmitMemory.atomicChoice;
import static dev.crosspatch.isa.arm64.Arm64EmitMemory.literal;
import static dev.crosspatch.isa.arm64.Arm64EmitSystem.*;
import static dev.crosspatch.isa.arm64.Arm64Helper.helper;
import static dev.crosspatch.isa.arm64.Arm64Row.row;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.isa.arm64.Arm64EmitMemory.Pair;
import dev.crosspatch.isa.arm64.Arm64EmitMemory.Transfer;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The instruction rows: name, bits, cost class, meaning; then how it steers the flow, which field values are
/// allocated, whether the row is a special case of another, and whether it may be replaced live. Decoder, flow classes,
/// cost classes, patch facts and tests all come from here.
///
/// A name is the title of the instruction's page in DDI0487 C6.2 or C7.2, where bits and meaning were taken from. SVE,
/// memory tagging and everything else without a row is unallocated on this machine.
///
/// To add an instruction: add a row; if no emitter fits, add a short one to `Arm64Emit*`; if micro-ops cannot say it,
/// add a method to [Arm64Helpers]. SIMD and floating point have tables of their own ([Arm64VectorRows],
/// [Arm64VectorMemoryRows], [Arm64VectorFloatRows], [Arm64FloatRows]).
final class Arm64Rows {
  private Arm64Rows() {}

  // ---- emitters of several rows: a method reference is a class of its own at every place it stands
  private static final Emitter NOTHING = Arm64EmitSystem::nothing;
  private static final Emitter UNDEFINED = Arm64EmitSystem::undefined;
  private static final Emitter MSR_REGISTER = Arm64EmitSystem::msr;
  private static final Emitter B_COND = Arm64EmitSystem::bCond;
  private static final Emitter STORE_EXCLUSIVE = Arm64EmitMemory::storeExclusive;
  private static final Emitter LOAD_EXCLUSIVE = Arm64EmitMemory::loadExclusive;
  private static final Emitter STORE_EXCLUSIVE_PAIR = Arm64EmitMemory::storeExclusivePair;
  private static final Emitter LOAD_EXCLUSIVE_PAIR = Arm64EmitMemory::loadExclusivePair;
  private static final Emitter LOAD_ACQUIRE = Arm64EmitMemory::loadAcquire;

  /// All rows.
  static final List<Arm64Row> ALL = all();

  private static List<Arm64Row> all() {
    List<Arm64Row> rows = new ArrayList<>(1024);
    rows.addAll(immediate());
    rows.addAll(register());
    rows.addAll(sources());
    rows.addAll(branches());
    rows.addAll(exceptions());
    rows.addAll(hints());
    rows.addAll(authentication());
    rows.addAll(barriers());
    rows.addAll(systemRegisters());
    rows.addAll(maintenance());
    rows.addAll(tlbMaintenance());
    rows.addAll(transfers());
    rows.addAll(literals());
    rows.addAll(pairs());
    rows.addAll(ordered());
    rows.addAll(exclusivePairs());
    rows.addAll(atomics());
    rows.addAll(Arm64VectorMemoryRows.all());
    rows.addAll(Arm64VectorRows.all());
    rows.addAll(Arm64VectorFloatRows.all());
    rows.addAll(Arm64FloatRows.all());
    return List.copyOf(rows);
  }

  // ---- C4.1, data processing, immediate
  private static List<Arm64Row> immediate() {
    return List.of(
        row("ADR", "0 immlo:2 10000 immhi:19 Rd:5", ALU, Arm64EmitAlu::adr),
        row("ADRP", "1 immlo:2 10000 immhi:19 Rd:5", ALU, Arm64EmitAlu::adrp),
        row("ADD (immediate)", "sf:1 00 100010 sh:1 imm12:12 Rn:5 Rd:5", ALU, addImmediate(Uop.ADDI)),
        row("ADDS (immediate)", "sf:1 01 100010 sh:1 imm12:12 Rn:5 Rd:5", ALU, addsImmediate(Uop.ADDFI)),
        row("SUB (immediate)", "sf:1 10 100010 sh:1 imm12:12 Rn:5 Rd:5", ALU, addImmediate(Uop.SUBI)),
        row("SUBS (immediate)", "sf:1 11 100010 sh:1 imm12:12 Rn:5 Rd:5", ALU, addsImmediate(Uop.SUBCI)),
        row("AND (immediate)", "sf:1 00 100100 N:1 immr:6 imms:6 Rn:5 Rd:5", ALU, logicalImmediate(Uop.ANDI))
            .when(Arm64Guard.BITMASK),
        row("ORR (immediate)", "sf:1 01 100100 N:1 immr:6 imms:6 Rn:5 Rd:5", ALU, logicalImmediate(Uop.ORI))
            .when(Arm64Guard.BITMASK),
        row("EOR (immediate)", "sf:1 10 100100 N:1 immr:6 imms:6 Rn:5 Rd:5", ALU, logicalImmediate(Uop.XORI))
            .when(Arm64Guard.BITMASK),
        row("ANDS (immediate)", "sf:1 11 100100 N:1 immr:6 imms:6 Rn:5 Rd:5", ALU, Arm64EmitAlu::ands)
            .when(Arm64Guard.BITMASK),
        row("MOVN", "sf:1 00 100101 hw:2 imm16:16 Rd:5", ALU, Arm64EmitAlu::movn).when(Arm64Guard.HALF_FITS),
        row("MOVZ", "sf:1 10 100101 hw:2 imm16:16 Rd:5", ALU, Arm64EmitAlu::movz).when(Arm64Guard.HALF_FITS),
        row("MOVK", "sf:1 11 100101 hw:2 imm16:16 Rd:5", ALU, Arm64EmitAlu::movk).when(Arm64Guard.HALF_FITS),
        row("SBFM", "sf:1 00 100110 N:1 immr:6 imms:6 Rn:5 Rd:5", SHIFT, bitfieldMove(Uop.F_SIGNED))
            .when(Arm64Guard.BITFIELD),
        row("BFM", "sf:1 01 100110 N:1 immr:6 imms:6 Rn:5 Rd:5", MULTI_CYCLE, Arm64EmitAlu::bfm)
            .when(Arm64Guard.BITFIELD),
        row("UBFM", "sf:1 10 100110 N:1 immr:6 imms:6 Rn:5 Rd:5", SHIFT, bitfieldMove(0)).when(Arm64Guard.BITFIELD),
        row("EXTR", "sf:1 00 100111 N:1 0 Rm:5 imms:6 Rn:5 Rd:5", MULTI_CYCLE, Arm64EmitAlu::extr)
            .when(Arm64Guard.EXTRACT));
  }

  // ---- C4.1, data processing, register: logic, additions, conditions
  private static List<Arm64Row> register() {
    return List.of(
        row("AND (shifted register)", "sf:1 00 01010 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.AND))
            .when(Arm64Guard.AMOUNT_FITS),
        row("BIC (shifted register)", "sf:1 00 01010 shift:2 1 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.BIC))
            .when(Arm64Guard.AMOUNT_FITS),
        row("ORR (shifted register)", "sf:1 01 01010 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, Arm64EmitAlu::orr)
            .when(Arm64Guard.AMOUNT_FITS),
        row("ORN (shifted register)", "sf:1 01 01010 shift:2 1 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.ORN))
            .when(Arm64Guard.AMOUNT_FITS),
        row("EOR (shifted register)", "sf:1 10 01010 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.XOR))
            .when(Arm64Guard.AMOUNT_FITS),
        row("EON (shifted register)", "sf:1 10 01010 shift:2 1 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.EON))
            .when(Arm64Guard.AMOUNT_FITS),
        row("ANDS (shifted register)", "sf:1 11 01010 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.ANDF))
            .when(Arm64Guard.AMOUNT_FITS),
        row("BICS (shifted register)", "sf:1 11 01010 shift:2 1 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.BICF))
            .when(Arm64Guard.AMOUNT_FITS),
        row("ADD (shifted register)", "sf:1 00 01011 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.ADD))
            .when(Arm64Guard.AMOUNT_FITS_NO_ROTATE),
        row("ADDS (shifted register)", "sf:1 01 01011 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.ADDF))
            .when(Arm64Guard.AMOUNT_FITS_NO_ROTATE),
        row("SUB (shifted register)", "sf:1 10 01011 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.SUB))
            .when(Arm64Guard.AMOUNT_FITS_NO_ROTATE),
        row("SUBS (shifted register)", "sf:1 11 01011 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5", ALU, shifted(Uop.SUBC))
            .when(Arm64Guard.AMOUNT_FITS_NO_ROTATE),
        row("ADD (extended register)", "sf:1 00 01011 001 Rm:5 option:3 imm3:3 Rn:5 Rd:5", ALU, extended(Uop.ADD))
            .when(Arm64Guard.EXTEND_AMOUNT),
        row("ADDS (extended register)", "sf:1 01 01011 001 Rm:5 option:3 imm3:3 Rn:5 Rd:5", ALU,
            extendedFlags(Uop.ADDF)).when(Arm64Guard.EXTEND_AMOUNT),
        row("SUB (extended register)", "sf:1 10 01011 001 Rm:5 option:3 imm3:3 Rn:5 Rd:5", ALU, extended(Uop.SUB))
            .when(Arm64Guard.EXTEND_AMOUNT),
        row("SUBS (extended register)", "sf:1 11 01011 001 Rm:5 option:3 imm3:3 Rn:5 Rd:5", ALU,
            extendedFlags(Uop.SUBC)).when(Arm64Guard.EXTEND_AMOUNT),
        row("ADC", "sf:1 00 11010000 Rm:5 000000 Rn:5 Rd:5", ALU, twoSources(Uop.ADC)),
        row("ADCS", "sf:1 01 11010000 Rm:5 000000 Rn:5 Rd:5", ALU, twoSources(Uop.ADCF)),
        row("SBC", "sf:1 10 11010000 Rm:5 000000 Rn:5 Rd:5", ALU, subtractCarry(Uop.ADC)),
        row("SBCS", "sf:1 11 11010000 Rm:5 000000 Rn:5 Rd:5", ALU, subtractCarry(Uop.ADCF)),
        row("CCMN (register)", "sf:1 01 11010010 Rm:5 cond:4 00 Rn:5 0 nzcv:4", ALU, conditionalCompare(true)),
        row("CCMN (immediate)", "sf:1 01 11010010 imm5:5 cond:4 10 Rn:5 0 nzcv:4", ALU,
            conditionalCompareImmediate(true)),
        row("CCMP (register)", "sf:1 11 11010010 Rm:5 cond:4 00 Rn:5 0 nzcv:4", ALU, conditionalCompare(false)),
        row("CCMP (immediate)", "sf:1 11 11010010 imm5:5 cond:4 10 Rn:5 0 nzcv:4", ALU,
            conditionalCompareImmediate(false)),
        row("CSEL", "sf:1 00 11010100 Rm:5 cond:4 00 Rn:5 Rd:5", ALU, Arm64EmitAlu::csel),
        row("CSINC", "sf:1 00 11010100 Rm:5 cond:4 01 Rn:5 Rd:5", ALU, Arm64EmitAlu::csinc),
        row("CSINV", "sf:1 10 11010100 Rm:5 cond:4 00 Rn:5 Rd:5", ALU, Arm64EmitAlu::csinv),
        row("CSNEG", "sf:1 10 11010100 Rm:5 cond:4 01 Rn:5 Rd:5", ALU, Arm64EmitAlu::csneg));
  }

  // ---- C4.1, data processing, register: by number of sources
  private static List<Arm64Row> sources() {
    return List.of(
        row("RBIT", "sf:1 10 11010110 00000 000000 Rn:5 Rd:5", ALU, Arm64EmitAlu::rbit),
        row("REV16", "sf:1 10 11010110 00000 000001 Rn:5 Rd:5", ALU, reverse(1)),
        row("REV (32-bit)", "0 10 11010110 00000 000010 Rn:5 Rd:5", ALU, reverse(2)),
        row("REV32", "1 10 11010110 00000 000010 Rn:5 Rd:5", ALU, reverse(2)),
        row("REV (64-bit)", "1 10 11010110 00000 000011 Rn:5 Rd:5", ALU, reverse(3)),
        row("CLZ", "sf:1 10 11010110 00000 000100 Rn:5 Rd:5", ALU, Arm64EmitAlu::clz),
        row("CLS", "sf:1 10 11010110 00000 000101 Rn:5 Rd:5", ALU, Arm64EmitAlu::cls),
        row("UDIV", "sf:1 00 11010110 Rm:5 000010 Rn:5 Rd:5", DIV, twoSources(Uop.UDIV)),
        row("SDIV", "sf:1 00 11010110 Rm:5 000011 Rn:5 Rd:5", DIV, twoSources(Uop.SDIV)),
        row("LSLV", "sf:1 00 11010110 Rm:5 001000 Rn:5 Rd:5", SHIFT, twoSources(Uop.SHL)),
        row("LSRV", "sf:1 00 11010110 Rm:5 001001 Rn:5 Rd:5", SHIFT, twoSources(Uop.SHR)),
        row("ASRV", "sf:1 00 11010110 Rm:5 001010 Rn:5 Rd:5", SHIFT, twoSources(Uop.SAR)),
        row("RORV", "sf:1 00 11010110 Rm:5 001011 Rn:5 Rd:5", SHIFT, twoSources(Uop.ROR)),
        row("CRC32B, CRC32H, CRC32W, CRC32X", "sf:1 00 11010110 Rm:5 0100 sz:2 Rn:5 Rd:5", MULTI_CYCLE,
            crc(Arm64Helpers::crc32))
            .when(Arm64Guard.CRC_SIZE).needs(Arm64Feature.CRC32),
        row("CRC32CB, CRC32CH, CRC32CW, CRC32CX", "sf:1 00 11010110 Rm:5 0101 sz:2 Rn:5 Rd:5", MULTI_CYCLE,
            crc(Arm64Helpers::crc32c)).when(Arm64Guard.CRC_SIZE).needs(Arm64Feature.CRC32),
        row("MADD", "sf:1 00 11011 000 Rm:5 0 Ra:5 Rn:5 Rd:5", MUL, Arm64EmitAlu::madd),
        row("MSUB", "sf:1 00 11011 000 Rm:5 1 Ra:5 Rn:5 Rd:5", MUL, Arm64EmitAlu::msub),
        row("SMADDL", "1 00 11011 001 Rm:5 0 Ra:5 Rn:5 Rd:5", MULTI_CYCLE, multiplyLong(Uop.ADD, SXTW)),
        row("SMSUBL", "1 00 11011 001 Rm:5 1 Ra:5 Rn:5 Rd:5", MULTI_CYCLE, multiplyLong(Uop.SUB, SXTW)),
        row("UMADDL", "1 00 11011 101 Rm:5 0 Ra:5 Rn:5 Rd:5", MULTI_CYCLE, multiplyLong(Uop.ADD, UXTW)),
        row("UMSUBL", "1 00 11011 101 Rm:5 1 Ra:5 Rn:5 Rd:5", MULTI_CYCLE, multiplyLong(Uop.SUB, UXTW)),
        row("SMULH", "1 00 11011 010 Rm:5 0 ..... Rn:5 Rd:5", MUL_HIGH, multiplyHigh(Uop.MULHS)),
        row("UMULH", "1 00 11011 110 Rm:5 0 ..... Rn:5 Rd:5", MUL_HIGH, multiplyHigh(Uop.MULHU)));
  }

  // ---- C4.1, branches
  private static List<Arm64Row> branches() {
    return List.of(
        row("B", "0 00101 imm26:26", BRANCH, Arm64EmitSystem::b).flow(FlowClass.JUMP).live(),
        row("BL", "1 00101 imm26:26", CALL, Arm64EmitSystem::bl).flow(FlowClass.CALL).live(),
        row("B.cond", "0101010 0 imm19:19 0 cond:4", BRANCH, B_COND).flow(FlowClass.COND_BRANCH),
        row("BC.cond", "0101010 0 imm19:19 1 cond:4", BRANCH, B_COND).flow(FlowClass.COND_BRANCH)
            .needs(Arm64Feature.HBC),
        row("CBZ", "sf:1 011010 0 imm19:19 Rt:5", BRANCH, compareBranch(Uop.JZ)).flow(FlowClass.COND_BRANCH),
        row("CBNZ", "sf:1 011010 1 imm19:19 Rt:5", BRANCH, compareBranch(Uop.JNZ)).flow(FlowClass.COND_BRANCH),
        row("TBZ", "b5:1 011011 0 b40:5 imm14:14 Rt:5", BRANCH, testBranch(Uop.JBC)).flow(FlowClass.COND_BRANCH),
        row("TBNZ", "b5:1 011011 1 b40:5 imm14:14 Rt:5", BRANCH, testBranch(Uop.JBS)).flow(FlowClass.COND_BRANCH),
        row("BR", "1101011 0000 11111 000000 Rn:5 00000", INDIRECT_BRANCH, Arm64EmitSystem::br)
            .flow(FlowClass.INDIRECT_JUMP),
        row("BLR", "1101011 0001 11111 000000 Rn:5 00000", INDIRECT_BRANCH, Arm64EmitSystem::blr)
            .flow(FlowClass.INDIRECT_CALL),
        row("RET", "1101011 0010 11111 000000 Rn:5 00000", RETURN, Arm64EmitSystem::ret).flow(FlowClass.RETURN),
        row("ERET", "1101011 0100 11111 000000 11111 00000", EXCEPTION_RETURN, simple(Arm64Helpers::eret))
            .flow(FlowClass.TRAP_RETURN));
  }

  // ---- C4.1, pointer authentication: every operation by each key. Unknown: its cost. Assumed that of a multiplication

  private static List<Arm64Row> authentication() {
    List<Arm64Row> rows = new ArrayList<>();
    List<String> keys = List.of("IA", "IB", "DA", "DB");
    for (int key = 0; key < keys.size(); key++) {
      operation(rows, "PAC", "0", keys.get(key), key, helper(Arm64PointerAuth::sign));
      operation(rows, "AUT", "1", keys.get(key), key, helper(Arm64PointerAuth::authenticate));
    }
    strip(rows, "XPACI", "0", Arm64PointerAuth.IA);
    strip(rows, "XPACD", "1", Arm64PointerAuth.DA);
    for (int key : new int[] {Arm64PointerAuth.IA, Arm64PointerAuth.IB}) {
      branches(rows, "A" + (key == 0 ? "A" : "B"), "00001" + key, key);
    }
    load(rows, "LDRAA", "0", Arm64PointerAuth.DA);
    load(rows, "LDRAB", "1", Arm64PointerAuth.DB);
    rows.addAll(authenticationHints());
    Arm64Row generic = row("PACGA", "1 00 11010110 Rm:5 001100 Rn:5 Rd:5", MULTI_CYCLE, Arm64EmitSystem::pacga)
        .needs(Arm64Feature.PACGA);
    return Stream.concat(rows.stream().map(row -> row.needs(Arm64Feature.PAUTH)), Stream.of(generic)).toList();
  }

  private static void operation(List<Arm64Row> rows, String name, String authenticates, String letters, int key,
      Arm64Helper helper) {
    String bits = authenticates + (key >> 1) + (key & 1);
    rows.add(row(name + letters, "1 10 11010110 00001 000" + bits + " Rn:5 Rd:5", MULTI_CYCLE, pointer(helper, key)));
    String zero = name + letters.charAt(0) + "Z" + letters.charAt(1);
    rows.add(row(zero, "1 10 11010110 00001 001" + bits + " 11111 Rd:5", MULTI_CYCLE, pointer(helper, key)));
  }

  private static void strip(List<Arm64Row> rows, String name, String bit, int key) {
    rows.add(row(name, "1 10 11010110 00001 01000" + bit + " 11111 Rd:5", ALU,
        pointer(Arm64PointerAuth::strip, key)));
  }

  private static void branches(List<Arm64Row> rows, String suffix, String bits, int key) {
    rows.add(row("BR" + suffix, "1101011 1000 11111 " + bits + " Rn:5 Rm:5", INDIRECT_BRANCH, authenticatedBr(key))
        .flow(FlowClass.INDIRECT_JUMP));
    rows.add(row("BR" + suffix + "Z", "1101011 0000 11111 " + bits + " Rn:5 11111", INDIRECT_BRANCH,
        authenticatedBr(key)).flow(FlowClass.INDIRECT_JUMP));
    rows.add(row("BLR" + suffix, "1101011 1001 11111 " + bits + " Rn:5 Rm:5", INDIRECT_BRANCH,
        authenticatedBlr(key)).flow(FlowClass.INDIRECT_CALL));
    rows.add(row("BLR" + suffix + "Z", "1101011 0001 11111 " + bits + " Rn:5 11111", INDIRECT_BRANCH,
        authenticatedBlr(key)).flow(FlowClass.INDIRECT_CALL));
    rows.add(row("RET" + suffix, "1101011 0010 11111 " + bits + " 11111 11111", RETURN, authenticatedRet(key))
        .flow(FlowClass.RETURN));
    rows.add(row("ERET" + suffix, "1101011 0100 11111 " + bits + " 11111 11111", EXCEPTION_RETURN,
        authenticatedEret(key)).flow(FlowClass.TRAP_RETURN));
  }

  private static void load(List<Arm64Row> rows, String name, String bit, int key) {
    rows.add(row(name, "11 111000 " + bit + " S:1 1 imm9:9 W:1 1 Rn:5 Rt:5", LOAD,
        Arm64EmitMemory.loadAuthenticated(key)));
  }

  /// PACIASP and its kin: of X17 by X16, of X30 by SP or by zero.
  private static List<Arm64Row> authenticationHints() {
    List<Arm64Row> rows = new ArrayList<>();
    for (int key : new int[] {Arm64PointerAuth.IA, Arm64PointerAuth.IB}) {
      String letter = key == 0 ? "A" : "B";
      for (String operation : List.of("PAC", "AUT")) {
        boolean signs = operation.equals("PAC");
        Arm64Helper helper = signs ? Arm64PointerAuth::sign : Arm64PointerAuth::authenticate;
        String name = operation + "I" + letter;
        String bits = (signs ? "0" : "1") + key;
        rows.add(hint(name + "1716", "0001 " + bits + "0", pointer(helper, key, 17, 16)));
        rows.add(hint(name + "Z", "0011 " + bits + "0", pointer(helper, key, LR, Uop.ZERO)));
        rows.add(hint(name + "SP", "0011 " + bits + "1", pointer(helper, key, LR, Arm64Core.SP)));
      }
    }
    rows.add(hint("XPACLRI", "0000 111", pointer(Arm64PointerAuth::strip, Arm64PointerAuth.IA, LR, Uop.ZERO)));
    return rows;
  }

  private static Arm64Row hint(String name, String bits, Emitter emitter) {
    return row(name, "11010101000000110010 " + bits + " 11111", MULTI_CYCLE, emitter).within("HINT");
  }

  // ---- C4.1, exception generation. There is no EL3 and no halting debug: SMC and HLT are undefined
  private static List<Arm64Row> exceptions() {
    return List.of(
        row("SVC", "11010100 000 imm16:16 000 01", SUPERVISOR_CALL, call(Arm64Helpers::supervisorCall))
            .flow(FlowClass.SYSTEM_CALL).live(),
        row("HVC", "11010100 000 imm16:16 000 10", SUPERVISOR_CALL,
            call(Arm64Helpers::hvc)).flow(FlowClass.SYSTEM_CALL).live(),
        row("SMC", "11010100 000 imm16:16 000 11", TRAP, UNDEFINED).flow(FlowClass.SYSTEM_CALL).live(),
        row("BRK", "11010100 001 imm16:16 000 00", TRAP, Arm64EmitSystem::brk).flow(FlowClass.TRAP).live(),
        row("HLT", "11010100 010 imm16:16 000 00", TRAP, UNDEFINED).flow(FlowClass.TRAP),
        row("UDF", "0000000000000000 imm16:16", TRAP, UNDEFINED).flow(FlowClass.TRAP));
  }

  // ---- C4.1, hints: YIELD, ESB, CSDB and the rest of the space do nothing here
  private static List<Arm64Row> hints() {
    return List.of(
        row("HINT", "11010101000000110010 CRm:4 op2:3 11111", HINT, NOTHING),
        row("NOP", "11010101000000110010 0000 000 11111", NOP, NOTHING).within("HINT").live(),
        row("BTI", "11010101000000110010 0100 ..0 11111", HINT, NOTHING).within("HINT").needs(Arm64Feature.BTI),
        row("WFE", "11010101000000110010 0000 010 11111", HINT, simple(Arm64Helpers::waitForEvent)).within("HINT")
            .flow(FlowClass.WAIT),
        row("WFI", "11010101000000110010 0000 011 11111", WAIT, simple(Arm64Helpers::waitForInterrupt)).within("HINT")
            .flow(FlowClass.WAIT),
        row("SEV", "11010101000000110010 0000 100 11111", HINT, simple(Arm64Helpers::sendEvent)).within("HINT"),
        row("SEVL", "11010101000000110010 0000 101 11111", HINT, simple(Arm64Helpers::localEvent)).within("HINT"));
  }

  // ---- C4.1, barriers
  private static List<Arm64Row> barriers() {
    return List.of(
        row("CLREX", "11010101000000110011 .... 010 11111", MEMORY_FENCE, simple(Arm64Helpers::clearExclusive)),
        row("DSB", "11010101000000110011 CRm:4 100 11111", COMPLETION_FENCE, Arm64EmitSystem::dsb),
        row("DSB nXS", "11010101000000110011 imm2:2 10 001 11111", COMPLETION_FENCE, Arm64EmitSystem::dsbWithoutXs)
            .needs(Arm64Feature.XS),
        row("SSBB", "11010101000000110011 0000 100 11111", MEMORY_FENCE, NOTHING).within("DSB"),
        row("PSSBB", "11010101000000110011 0100 100 11111", MEMORY_FENCE, NOTHING).within("DSB"),
        row("DMB", "11010101000000110011 CRm:4 101 11111", MEMORY_FENCE, Arm64EmitSystem::dmb),
        row("ISB", "11010101000000110011 .... 110 11111", SYNCHRONIZE, simple(Arm64Helpers::synchronize))
            .flow(FlowClass.SYNC).live(),
        row("SB", "11010101000000110011 0000 111 11111", COMPLETION_FENCE, NOTHING).needs(Arm64Feature.SB));
  }

  // ---- C4.1, system registers: which exist is the table of [Arm64SystemRegister]
  private static List<Arm64Row> systemRegisters() {
    return List.of(
        row("MRS", "1101010100 1 1 op0:1 op1:3 CRn:4 CRm:4 op2:3 Rt:5", SYSTEM_READ, Arm64EmitSystem::mrs),
        row("MSR (register)", "1101010100 0 1 op0:1 op1:3 CRn:4 CRm:4 op2:3 Rt:5", SYSTEM_WRITE, MSR_REGISTER),
        row("MSR TTBR0_EL1", "1101010100 0 1 1 000 0010 0000 000 Rt:5", SYSTEM_WRITE,
            MSR_REGISTER).within("MSR (register)")
            .flow(FlowClass.CONTEXT_WRITE),
        row("MSR TTBR1_EL1", "1101010100 0 1 1 000 0010 0000 001 Rt:5", SYSTEM_WRITE,
            MSR_REGISTER).within("MSR (register)")
            .flow(FlowClass.CONTEXT_WRITE),
        row("MSR CONTEXTIDR_EL1", "1101010100 0 1 1 000 1101 0000 001 Rt:5", SYSTEM_WRITE,
            MSR_REGISTER).within("MSR (register)")
            .flow(FlowClass.CONTEXT_WRITE),
        row("MSR UAO", "1101010100 0 00 000 0100 CRm:4 011 11111", SYSTEM_WRITE, msrImmediate(Arm64Helpers.UAO))
            .needs(Arm64Feature.UAO),
        row("MSR PAN", "1101010100 0 00 000 0100 CRm:4 100 11111", SYSTEM_WRITE, msrImmediate(Arm64Helpers.PAN))
            .needs(Arm64Feature.PAN),
        row("MSR SSBS", "1101010100 0 00 011 0100 CRm:4 001 11111", SYSTEM_WRITE, msrImmediate(Arm64Helpers.SSBS))
            .needs(Arm64Feature.SSBS2),
        row("MSR SPSel", "1101010100 0 00 000 0100 CRm:4 101 11111", SYSTEM_WRITE, msrImmediate(Arm64Helpers.SPSEL)),
        row("MSR DAIFSet", "1101010100 0 00 011 0100 CRm:4 110 11111", SYSTEM_WRITE,
            msrImmediate(Arm64Helpers.DAIF_SET)),
        row("MSR DAIFClr", "1101010100 0 00 011 0100 CRm:4 111 11111", SYSTEM_WRITE,
            msrImmediate(Arm64Helpers.DAIF_CLEAR)));
  }

  // ---- C5, cache maintenance and address translation
  private static List<Arm64Row> maintenance() {
    return List.of(
        row("IC IALLUIS", "1101010100 0 01 000 0111 0001 000 .....", CODE_MAINTENANCE,
            maintainAll(Arm64Helpers::icAll, Arm64Maintenance.BROADCAST)),
        row("IC IALLU", "1101010100 0 01 000 0111 0101 000 .....", CODE_MAINTENANCE,
            maintainAll(Arm64Helpers::icAll, Arm64Maintenance.LOCAL)),
        row("IC IVAU", "1101010100 0 01 011 0111 0101 001 Rt:5", CODE_MAINTENANCE, maintain(Arm64Helpers::icLine, 0)),
        row("DC IVAC", "1101010100 0 01 000 0111 0110 001 Rt:5", DATA_MAINTENANCE, maintain(Arm64Helpers::dcLine,
            Arm64Maintenance.PRIVILEGED | Arm64Maintenance.DROP | Arm64Maintenance.WRITES)),
        row("DC ISW", "1101010100 0 01 000 0111 0110 010 Rt:5", DATA_MAINTENANCE,
            maintain(Arm64Helpers::dcSet, Arm64Maintenance.DROP)),
        row("DC CSW", "1101010100 0 01 000 0111 1010 010 Rt:5", DATA_MAINTENANCE, maintain(Arm64Helpers::dcSet, 0)),
        row("DC CISW", "1101010100 0 01 000 0111 1110 010 Rt:5", DATA_MAINTENANCE,
            maintain(Arm64Helpers::dcSet, Arm64Maintenance.DROP)),
        row("DC ZVA", "1101010100 0 01 011 0111 0100 001 Rt:5", STORE, maintain(Arm64Helpers::dcZero, 0)),
        row("DC CVAC", "1101010100 0 01 011 0111 1010 001 Rt:5", DATA_MAINTENANCE, maintain(Arm64Helpers::dcLine, 0)),
        row("DC CVAU", "1101010100 0 01 011 0111 1011 001 Rt:5", DATA_MAINTENANCE, maintain(Arm64Helpers::dcLine, 0)),
        row("DC CVAP", "1101010100 0 01 011 0111 1100 001 Rt:5", DATA_MAINTENANCE, maintain(Arm64Helpers::dcLine, 0))
            .needs(Arm64Feature.DPB),
        row("DC CVADP", "1101010100 0 01 011 0111 1101 001 Rt:5", DATA_MAINTENANCE, maintain(Arm64Helpers::dcLine, 0))
            .needs(Arm64Feature.DPB2),
        row("DC CIVAC", "1101010100 0 01 011 0111 1110 001 Rt:5", DATA_MAINTENANCE,
            maintain(Arm64Helpers::dcLine, Arm64Maintenance.DROP)),
        row("AT S1E1R", "1101010100 0 01 000 0111 1000 000 Rt:5", TLB_INVALIDATE,
            maintain(Arm64Helpers::at, Core.READ)),
        row("AT S1E1W", "1101010100 0 01 000 0111 1000 001 Rt:5", TLB_INVALIDATE,
            maintain(Arm64Helpers::at, Core.WRITE)),
        row("AT S1E0R", "1101010100 0 01 000 0111 1000 010 Rt:5", TLB_INVALIDATE,
            maintain(Arm64Helpers::at, Core.READ | Arm64Maintenance.USER)),
        row("AT S1E0W", "1101010100 0 01 000 0111 1000 011 Rt:5", TLB_INVALIDATE,
            maintain(Arm64Helpers::at, Core.WRITE | Arm64Maintenance.USER)),
        row("AT S1E1RP", "1101010100 0 01 000 0111 1001 000 Rt:5", TLB_INVALIDATE,
            maintain(Arm64Helpers::at, Core.READ | Arm64Maintenance.PAN)).needs(Arm64Feature.PAN2),
        row("AT S1E1WP", "1101010100 0 01 000 0111 1001 001 Rt:5", TLB_INVALIDATE,
            maintain(Arm64Helpers::at, Core.WRITE | Arm64Maintenance.PAN))
            .needs(Arm64Feature.PAN2));
  }

  // ---- C5.5, TLB maintenance of EL1&0 translations: every operation within the core, the inner (IS) and the outer
  // (OS) shareable domain, each also in a form that does not wait for accesses with XS (nXS). What it does is the last
  // field, the domain the one before it.

  private static List<Arm64Row> tlbMaintenance() {
    List<Arm64Row> rows = new ArrayList<>();
    for (boolean xs : new boolean[] {true, false}) {
      tlbMaintenance(rows, "", "0111", "0110", xs);
      tlbMaintenance(rows, "IS", "0011", "0010", xs);
      tlbMaintenance(rows, "OS", "0001", "0101", xs);
    }
    return rows;
  }

  private static void tlbMaintenance(List<Arm64Row> rows, String domain, String crm, String crmOfRanges, boolean xs) {
    int how = domain.isEmpty() ? Arm64Maintenance.LOCAL : Arm64Maintenance.BROADCAST;
    String bits = "1101010100 0 01 000 " + (xs ? "1000 " : "1001 ");
    String suffix = domain + (xs ? "" : "nXS");
    var feature = !xs ? Arm64Feature.XS : domain.equals("OS") ? Arm64Feature.TLBIOS : Arm64Feature.BASE;
    var ofRanges = xs ? Arm64Feature.TLBIRANGE : Arm64Feature.XS;
    rows.add(row("TLBI VMALLE1" + suffix, bits + crm + " 000 .....", TLB_INVALIDATE,
        maintainAll(Arm64Helpers::tlbiAll, how))
        .needs(feature));
    rows.add(row("TLBI ASIDE1" + suffix, bits + crm + " 010 Rt:5", TLB_INVALIDATE,
        maintain(Arm64Helpers::tlbiSpace, how))
        .needs(feature));
    for (boolean everySpace : new boolean[] {false, true}) {
      for (boolean last : new boolean[] {false, true}) {
        String name = (everySpace ? "VAA" : "VA") + (last ? "L" : "") + "E1" + suffix;
        String op2 = (last ? "1" : "0") + (everySpace ? "1" : "0") + "1 Rt:5";
        int which = how | (everySpace ? Arm64Maintenance.EVERY_SPACE : 0);
        rows.add(row("TLBI " + name, bits + crm + " " + op2, TLB_INVALIDATE, maintain(Arm64Helpers::tlbiPage, which))
            .needs(feature));
        rows.add(row("TLBI R" + name, bits + crmOfRanges + " " + op2, TLB_INVALIDATE,
            maintain(Arm64Helpers::tlbiRange, which))
            .needs(ofRanges));
      }
    }
  }

  // ---- C4.1, loads and stores of one register: every transfer in every addressing form

  private static List<Arm64Row> transfers() {
    List<Arm64Row> rows = new ArrayList<>();
    transfer(rows, "STRB", "00", "00", stores(0));
    transfer(rows, "LDRB", "00", "01", loads(0, 0));
    transfer(rows, "LDRSB", "00", "10", loads(0, Uop.F_SIGNED));
    transfer(rows, "LDRSB", "00", "11", loads(0, Uop.F_SIGNED | Uop.F_WORD));
    transfer(rows, "STRH", "01", "00", stores(1));
    transfer(rows, "LDRH", "01", "01", loads(1, 0));
    transfer(rows, "LDRSH", "01", "10", loads(1, Uop.F_SIGNED));
    transfer(rows, "LDRSH", "01", "11", loads(1, Uop.F_SIGNED | Uop.F_WORD));
    transfer(rows, "STR", "10", "00", stores(2));
    transfer(rows, "LDR", "10", "01", loads(2, 0));
    transfer(rows, "LDRSW", "10", "10", loads(2, Uop.F_SIGNED));
    transfer(rows, "STR", "11", "00", stores(3));
    transfer(rows, "LDR", "11", "01", loads(3, 0));
    transfer(rows, "PRFM", "11", "10", new Transfer(Transfer.Kind.PREFETCH, 3, 0));
    return rows;
  }

  private static Transfer stores(int width) {
    return new Transfer(Transfer.Kind.STORE, width, 0);
  }

  private static Transfer loads(int width, int flags) {
    return new Transfer(Transfer.Kind.LOAD, width, flags);
  }

  private static void transfer(List<Arm64Row> rows, String name, String size, String opc, Transfer t) {
    var cost = t.kind() == Transfer.Kind.STORE ? STORE : LOAD;
    String bits = size + " 111000 " + opc;
    rows.add(row(name + " (immediate, unsigned offset)", size + " 111001 " + opc + " imm12:12 Rn:5 Rt:5", cost,
        t::unsignedOffset));
    rows.add(row(name + " (register)", bits + " 1 Rm:5 option:3 S:1 10 Rn:5 Rt:5", cost, t::registerOffset)
        .when(Arm64Guard.WIDE_OFFSET));
    rows.add(row(infix(name, "U"), bits + " 0 imm9:9 00 Rn:5 Rt:5", cost, t::unscaled));
    if (t.kind() != Transfer.Kind.PREFETCH) {
      rows.add(row(name + " (immediate, post-index)", bits + " 0 imm9:9 01 Rn:5 Rt:5", cost, t::postIndex));
      rows.add(row(infix(name, "T"), bits + " 0 imm9:9 10 Rn:5 Rt:5", cost, t::unprivileged));
      rows.add(row(name + " (immediate, pre-index)", bits + " 0 imm9:9 11 Rn:5 Rt:5", cost, t::preIndex));
    }
  }

  /// LDRB becomes LDURB or LDTRB, PRFM PRFUM.
  private static String infix(String name, String letter) {
    int at = name.startsWith("PRF") ? 3 : 2;
    return name.substring(0, at) + letter + name.substring(at);
  }

  private static List<Arm64Row> literals() {
    return List.of(
        row("LDR (literal, 32-bit)", "00 011 0 00 imm19:19 Rt:5", LOAD, literal(2, 0)),
        row("LDR (literal, 64-bit)", "01 011 0 00 imm19:19 Rt:5", LOAD, literal(3, 0)),
        row("LDRSW (literal)", "10 011 0 00 imm19:19 Rt:5", LOAD, literal(2, Uop.F_SIGNED)),
        row("PRFM (literal)", "11 011 0 00 imm19:19 Rt:5", LOAD, NOTHING));
  }

  // ---- C4.1, loads and stores of pairs

  private static List<Arm64Row> pairs() {
    List<Arm64Row> rows = new ArrayList<>();
    for (String opc : List.of("00", "10")) {
      int width = opc.equals("00") ? 2 : 3;
      Pair store = new Pair(false, width, 0);
      Pair load = new Pair(true, width, 0);
      rows.add(pair("STNP", opc + " 101 0 000 0", store));
      rows.add(pair("LDNP", opc + " 101 0 000 1", load));
      pairs(rows, "STP", opc, 0, store);
      pairs(rows, "LDP", opc, 1, load);
    }
    pairs(rows, "LDPSW", "01", 1, new Pair(true, 2, Uop.F_SIGNED));
    return rows;
  }

  private static void pairs(List<Arm64Row> rows, String name, String opc, int l, Pair p) {
    var cost = p.load() ? LOAD : STORE;
    rows.add(row(name + " (post-index)", opc + " 101 0 001 " + l + " imm7:7 Rt2:5 Rn:5 Rt:5", cost, p::postIndex));
    rows.add(pair(name + " (signed offset)", opc + " 101 0 010 " + l, p));
    rows.add(row(name + " (pre-index)", opc + " 101 0 011 " + l + " imm7:7 Rt2:5 Rn:5 Rt:5", cost, p::preIndex));
  }

  /// A pair at a base and offset.
  private static Arm64Row pair(String name, String opcode, Pair p) {
    return row(name, opcode + " imm7:7 Rt2:5 Rn:5 Rt:5", p.load() ? LOAD : STORE, p::signedOffset);
  }

  // ---- C4.1, ordered and exclusive. `Rs`, `Rt2` are should-be-one where the instruction has no such register.

  private static List<Arm64Row> ordered() {
    return List.of(
        row("STXR", "size:2 001000 000 Rs:5 0 ..... Rn:5 Rt:5", STORE, STORE_EXCLUSIVE),
        row("STLXR", "size:2 001000 000 Rs:5 1 ..... Rn:5 Rt:5", STORE, STORE_EXCLUSIVE),
        row("LDXR", "size:2 001000 010 ..... 0 ..... Rn:5 Rt:5", LOAD, LOAD_EXCLUSIVE),
        row("LDAXR", "size:2 001000 010 ..... 1 ..... Rn:5 Rt:5", LOAD, LOAD_EXCLUSIVE),
        row("STLR", "size:2 001000 100 ..... 1 ..... Rn:5 Rt:5", STORE, Arm64EmitMemory::storeRelease),
        row("LDAR", "size:2 001000 110 ..... 1 ..... Rn:5 Rt:5", LOAD, LOAD_ACQUIRE),
        row("LDAPR", "size:2 111000 101 ..... 1 100 00 Rn:5 Rt:5", LOAD, LOAD_ACQUIRE).needs(Arm64Feature.LRCPC));
  }

  private static List<Arm64Row> exclusivePairs() {
    return List.of(
        row("STXP", "1 sz:1 001000 001 Rs:5 0 Rt2:5 Rn:5 Rt:5", STORE, STORE_EXCLUSIVE_PAIR),
        row("STLXP", "1 sz:1 001000 001 Rs:5 1 Rt2:5 Rn:5 Rt:5", STORE, STORE_EXCLUSIVE_PAIR),
        row("LDXP", "1 sz:1 001000 011 ..... 0 Rt2:5 Rn:5 Rt:5", LOAD, LOAD_EXCLUSIVE_PAIR),
        row("LDAXP", "1 sz:1 001000 011 ..... 1 Rt2:5 Rn:5 Rt:5", LOAD, LOAD_EXCLUSIVE_PAIR));
  }

  // ---- C4.1, atomics (FEAT_LSE). A and R are acquire and release, in every combination; CAS and CASP call them L and
  // o0.

  private static List<Arm64Row> atomics() {
    return Stream.of(
        row("LDADD", "size:2 111000 A:1 R:1 1 Rs:5 0 000 00 Rn:5 Rt:5", ATOMIC, atomic(Uop.ADD)),
        row("LDCLR", "size:2 111000 A:1 R:1 1 Rs:5 0 001 00 Rn:5 Rt:5", ATOMIC, atomic(Uop.BIC)),
        row("LDEOR", "size:2 111000 A:1 R:1 1 Rs:5 0 010 00 Rn:5 Rt:5", ATOMIC, atomic(Uop.XOR)),
        row("LDSET", "size:2 111000 A:1 R:1 1 Rs:5 0 011 00 Rn:5 Rt:5", ATOMIC, atomic(Uop.OR)),
        row("LDSMAX", "size:2 111000 A:1 R:1 1 Rs:5 0 100 00 Rn:5 Rt:5", ATOMIC, atomicChoice(Arm64Helpers.SIGNED_MAX)),
        row("LDSMIN", "size:2 111000 A:1 R:1 1 Rs:5 0 101 00 Rn:5 Rt:5", ATOMIC, atomicChoice(Arm64Helpers.SIGNED_MIN)),
        row("LDUMAX", "size:2 111000 A:1 R:1 1 Rs:5 0 110 00 Rn:5 Rt:5", ATOMIC,
            atomicChoice(Arm64Helpers.UNSIGNED_MAX)),
        row("LDUMIN", "size:2 111000 A:1 R:1 1 Rs:5 0 111 00 Rn:5 Rt:5", ATOMIC,
            atomicChoice(Arm64Helpers.UNSIGNED_MIN)),
        row("SWP", "size:2 111000 A:1 R:1 1 Rs:5 1 000 00 Rn:5 Rt:5", ATOMIC, Arm64EmitMemory::swap),
        row("CAS", "size:2 001000 1 A:1 1 Rs:5 R:1 11111 Rn:5 Rt:5", ATOMIC, Arm64EmitMemory::compareAndSwap),
        row("CASP", "0 sz:1 001000 0 A:1 1 Rs:5 R:1 11111 Rn:5 Rt:5", ATOMIC, Arm64EmitMemory::compareAndSwapPair)
            .when(Arm64Guard.EVEN_PAIRS)).map(row -> row.needs(Arm64Feature.LSE)).toList();
  }
}

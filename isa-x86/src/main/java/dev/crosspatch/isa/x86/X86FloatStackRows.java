package dev.crosspatch.isa.x86;

import dev.crosspatch.core.fp.Extended;
import dev.crosspatch.core.fp.ExtendedUnit;
import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.isa.x86.X86FloatStack.Operation;
import dev.crosspatch.isa.x86.X86FloatStack.Source;

/// x87: opcodes D8 to DF (SDM vol. 2D, A.5.2).
final class X86FloatStackRows {
  private X86FloatStackRows() {}

  private static final Operation[] BASIC = {
    ExtendedUnit::add, ExtendedUnit::mul, null, null, ExtendedUnit::sub, (u, a, b) -> u.sub(b, a), ExtendedUnit::div,
    (u, a, b) -> u.div(b, a)};
  private static final String[] NAMES = {"ADD", "MUL", "COM", "COMP", "SUB", "SUBR", "DIV", "DIVR"};
  private static final String[] CONDITIONS = {"B", "E", "BE", "U"};
  private static final Source SINGLE = X86FloatStack.real(FloatFormat.SINGLE);
  private static final Source DOUBLE = X86FloatStack.real(FloatFormat.DOUBLE);

  static void add(X86Rows.Table t) {
    arithmetic(t);
    top(t);
    functions(t);
    order(t);
    constants(t);
    loads(t);
    stores(t);
    stack(t);
    control(t);
  }

  /// A row whose operand in memory, if there is one, is read.
  private static void row(X86Rows.Table t, X86Helper helper, String code, String form, String cost, String manual) {
    row(t, helper, false, code, form, cost, manual);
  }

  private static void row(X86Rows.Table t, X86Helper helper, boolean store, String code, String form, String cost,
      String manual) {
    t.add(b -> X86EmitVector.x87(b, helper, store), code + " | " + form + " | " + cost + " | " + manual);
  }

  // ---- ADD to DIVR: of ST0 with memory, with ST(i), of ST(i) with ST0. The reversed ones of the last kind have each
  // other's digits.
  private static void arithmetic(X86Rows.Table t) {
    for (int i = 0; i < BASIC.length; i++) {
      if (BASIC[i] == null) {
        continue;
      }
      String name = NAMES[i];
      String cost = i >= 6 ? "FLOAT_DIV" : "FLOAT";
      String plain = name.endsWith("R") ? name.substring(0, name.length() - 1) : name;
      String manual = "2A F" + name + "/F" + name + "P/FI" + name;
      row(t, X86FloatStack.memory(BASIC[i], SINGLE), "D8 /" + i, "F" + name + " Md", cost, manual);
      row(t, X86FloatStack.memory(BASIC[i], DOUBLE), "DC /" + i, "F" + name + " Mq", cost, manual);
      row(t, X86FloatStack.memory(BASIC[i], X86FloatStack.integer(2)), "DA /" + i, "FI" + name + " Md", cost, manual);
      row(t, X86FloatStack.memory(BASIC[i], X86FloatStack.integer(1)), "DE /" + i, "FI" + name + " Mw", cost, manual);
      row(t, X86FloatStack.between(BASIC[i], true, false), "D8 /" + i, "F" + name + " ST,STi", cost, manual);
      String other = i < 4 ? name : name.equals(plain) ? plain + "R" : plain;
      row(t, X86FloatStack.between(BASIC[i], false, false), "DC /" + i, "F" + other + " STi,ST", cost, manual);
      row(t, X86FloatStack.between(BASIC[i], false, true), "DE /" + i, "F" + other + "P STi,ST", cost, manual);
    }
  }

  // ---- what changes ST0
  private static void top(X86Rows.Table t) {
    row(t, X86FloatStack.top((u, a, b) -> a.negate(), 0), "D9 E0", "FCHS", "FLOAT", "2A FCHS");
    row(t, X86FloatStack.top((u, a, b) -> a.withSign(false), 0), "D9 E1", "FABS", "FLOAT", "2A FABS");
    row(t, X86FloatStack.top((u, a, b) -> u.sqrt(a), 0), "D9 FA", "FSQRT", "FLOAT_DIV", "2A FSQRT");
    row(t, X86FloatStack.top((u, a, b) -> u.roundToIntegral(a), 0), "D9 FC", "FRNDINT", "FLOAT", "2A FRNDINT");
    row(t, X86FloatStack.top(ExtendedUnit::scale, 1), "D9 FD", "FSCALE", "FLOAT", "2A FSCALE");
    row(t, X86FloatStack.remainder(false), "D9 F8", "FPREM", "FLOAT_DIV", "2A FPREM");
    row(t, X86FloatStack.remainder(true), "D9 F5", "FPREM1", "FLOAT_DIV", "2A FPREM1");
    row(t, X86FloatStack::extract, "D9 F4", "FXTRACT", "FLOAT", "2A FXTRACT");
    for (int i = 0; i < CONDITIONS.length; i++) {
      row(t, X86FloatStack.move(i), "DA /" + i, "FCMOV" + CONDITIONS[i] + " ST,STi", "FLOAT", "2A FCMOVcc");
      row(t, X86FloatStack.move(i + 4), "DB /" + i, "FCMOVN" + CONDITIONS[i] + " ST,STi", "FLOAT", "2A FCMOVcc");
    }
  }

  // ---- functions
  private static void functions(X86Rows.Table t) {
    row(t, X86FloatStack.top((u, a, b) -> u.exponential(a), 0), "D9 F0", "F2XM1", "FLOAT_DIV", "2A F2XM1");
    row(t, X86FloatStack.popping(ExtendedUnit::logarithm), "D9 F1", "FYL2X", "FLOAT_DIV", "2A FYL2X");
    row(t, X86FloatStack.popping(ExtendedUnit::logarithmNearOne), "D9 F9", "FYL2XP1", "FLOAT_DIV", "2A FYL2XP1");
    row(t, X86FloatStack.popping(ExtendedUnit::angle), "D9 F3", "FPATAN", "FLOAT_DIV", "2A FPATAN");
    row(t, X86FloatStack.pair((c, a) -> c.extended.tangent(a, !c.amd), (c, a) -> Extended.ONE), "D9 F2", "FPTAN",
        "FLOAT_DIV", "2A FPTAN");
    row(t, X86FloatStack.pair((c, a) -> c.extended.sine(a, false, !c.amd), (c, a) -> c.extended.sine(a, true, !c.amd)),
        "D9 FB", "FSINCOS", "FLOAT_DIV", "2A FSINCOS");
    row(t, X86FloatStack.sine(false), "D9 FE", "FSIN", "FLOAT_DIV", "2A FSIN");
    row(t, X86FloatStack.sine(true), "D9 FF", "FCOS", "FLOAT_DIV", "2A FCOS");
  }

  // ---- comparisons. FCOM and FCOMP have more encodings than assemblers use
  private static void order(X86Rows.Table t) {
    String manual = "2A FCOM/FCOMP/FCOMPP";
    for (int pops = 0; pops < 2; pops++) {
      String name = pops == 0 ? "" : "P";
      String digit = " /" + (2 + pops);
      row(t, X86FloatStack.compareMemory(SINGLE, pops), "D8" + digit, "FCOM" + name + " Md", "FLOAT", manual);
      row(t, X86FloatStack.compareMemory(DOUBLE, pops), "DC" + digit, "FCOM" + name + " Mq", "FLOAT", manual);
      row(t, X86FloatStack.compareMemory(X86FloatStack.integer(2), pops), "DA" + digit, "FICOM" + name + " Md", "FLOAT",
          "2A FICOM/FICOMP");
      row(t, X86FloatStack.compareMemory(X86FloatStack.integer(1), pops), "DE" + digit, "FICOM" + name + " Mw", "FLOAT",
          "2A FICOM/FICOMP");
      row(t, X86FloatStack.compare(true, pops), "D8" + digit, "FCOM" + name + " STi", "FLOAT", manual);
      row(t, X86FloatStack.compare(true, pops), "DC" + digit, "FCOM" + name + " STi", "FLOAT", "2D table A-11");
      row(t, X86FloatStack.compare(false, pops), "DD /" + (4 + pops), "FUCOM" + name + " STi", "FLOAT",
          "2A FUCOM/FUCOMP/FUCOMPP");
      String flags = pops == 0 ? "DB" : "DF";
      row(t, X86FloatStack.compareFlags(true, pops), flags + " /6", "FCOMI" + name + " ST,STi", "FLOAT",
          "2A FCOMI/FCOMIP/FUCOMI/FUCOMIP");
      row(t, X86FloatStack.compareFlags(false, pops), flags + " /5", "FUCOMI" + name + " ST,STi", "FLOAT",
          "2A FCOMI/FCOMIP/FUCOMI/FUCOMIP");
    }
    row(t, X86FloatStack.compare(true, 1), "DE /2", "FCOMP STi", "FLOAT", "2D table A-15");
    row(t, X86FloatStack.compare(true, 2), "DE D9", "FCOMPP", "FLOAT", manual);
    row(t, X86FloatStack.compare(false, 2), "DA E9", "FUCOMPP", "FLOAT", "2A FUCOM/FUCOMP/FUCOMPP");
    row(t, X86FloatStack::test, "D9 E4", "FTST", "FLOAT", "2A FTST");
    row(t, X86FloatStack::examine, "D9 E5", "FXAM", "FLOAT", "2A FXAM");
  }

  // ---- constants, which are rounded as all else
  private static void constants(X86Rows.Table t) {
    row(t, X86FloatStack.load((c, va) -> Extended.ONE), "D9 E8", "FLD1", "FLOAT", "2A FLD1 and kin");
    constant(t, "D9 E9", "FLDL2T", 1, 0xd49a784bcd1b8afeL, false);
    constant(t, "D9 EA", "FLDL2E", 0, 0xb8aa3b295c17f0bcL, true);
    constant(t, "D9 EB", "FLDPI", 1, 0xc90fdaa22168c235L, true);
    constant(t, "D9 EC", "FLDLG2", -2, 0x9a209a84fbcff799L, true);
    constant(t, "D9 ED", "FLDLN2", -1, 0xb17217f7d1cf79acL, true);
    row(t, X86FloatStack.load((c, va) -> Extended.ZERO), "D9 EE", "FLDZ", "FLOAT", "2A FLD1 and kin");
  }

  /// @param nearest the significand of the nearest number
  /// @param above   whether that is more than the constant
  private static void constant(X86Rows.Table t, String code, String name, int exponent, long nearest, boolean above) {
    Source source = (c, va) -> {
      Rounding r = c.extended.rounding;
      long significand = r == Rounding.NEAREST_EVEN || above == (r == Rounding.UP)
          ? nearest : nearest + (above ? -1 : r == Rounding.UP ? 1 : 0);
      return Extended.number(false, exponent, significand);
    };
    row(t, X86FloatStack.load(source), code, name, "FLOAT", "2A FLD1 and kin");
  }

  private static void loads(X86Rows.Table t) {
    row(t, X86FloatStack.load((c, va) -> c.extended.load(SINGLE.at(c, va))), "D9 /0", "FLD Md", "FLOAT", "2A FLD");
    row(t, X86FloatStack.load((c, va) -> c.extended.load(DOUBLE.at(c, va))), "DD /0", "FLD Mq", "FLOAT", "2A FLD");
    row(t, X86FloatStack.load(X86FloatStack::loadExtended), "DB /5", "FLD Mt", "FLOAT", "2A FLD");
    row(t, X86FloatStack::duplicate, "D9 /0", "FLD STi", "FLOAT", "2A FLD");
    row(t, X86FloatStack.load(X86FloatStack.integer(1)), "DF /0", "FILD Mw", "FLOAT", "2A FILD");
    row(t, X86FloatStack.load(X86FloatStack.integer(2)), "DB /0", "FILD Md", "FLOAT", "2A FILD");
    row(t, X86FloatStack.load(X86FloatStack.integer(3)), "DF /5", "FILD Mq", "FLOAT", "2A FILD");
    row(t, X86FloatStack.load(X86FloatStack::loadDecimal), "DF /4", "FBLD Mt", "FLOAT", "2A FBLD");
  }

  private static void stores(X86Rows.Table t) {
    String fst = "2A FST/FSTP";
    store(t, X86FloatStack.realSink(FloatFormat.SINGLE), 0, "D9 /2", "FST Md", fst);
    store(t, X86FloatStack.realSink(FloatFormat.SINGLE), 1, "D9 /3", "FSTP Md", fst);
    store(t, X86FloatStack.realSink(FloatFormat.DOUBLE), 0, "DD /2", "FST Mq", fst);
    store(t, X86FloatStack.realSink(FloatFormat.DOUBLE), 1, "DD /3", "FSTP Mq", fst);
    store(t, X86FloatStack::storeExtended, 1, "DB /7", "FSTP Mt", fst);
    row(t, X86FloatStack.copy(false), "DD /2", "FST STi", "FLOAT", fst);
    row(t, X86FloatStack.copy(true), "DD /3", "FSTP STi", "FLOAT", fst);
    row(t, X86FloatStack::copyUnchecked, "D9 /3", "FSTPNCE STi", "FLOAT", "2D table A-9");
    row(t, X86FloatStack.copy(true), "DF /2", "FSTP STi", "FLOAT", "2D table A-17");
    row(t, X86FloatStack.copy(true), "DF /3", "FSTP STi", "FLOAT", "2D table A-17");
    String[] codes = {"DF", "DB"};
    String[] sizes = {" Mw", " Md"};
    for (int i = 0; i < 2; i++) {
      store(t, X86FloatStack.integerSink(i + 1, true), 1, codes[i] + " /1", "FISTTP" + sizes[i], "2A FISTTP");
      store(t, X86FloatStack.integerSink(i + 1, false), 0, codes[i] + " /2", "FIST" + sizes[i], "2A FIST/FISTP");
      store(t, X86FloatStack.integerSink(i + 1, false), 1, codes[i] + " /3", "FISTP" + sizes[i], "2A FIST/FISTP");
    }
    store(t, X86FloatStack.integerSink(3, true), 1, "DD /1", "FISTTP Mq", "2A FISTTP");
    store(t, X86FloatStack.integerSink(3, false), 1, "DF /7", "FISTP Mq", "2A FIST/FISTP");
    store(t, X86FloatStack::storeDecimal, 1, "DF /6", "FBSTP Mt", "2A FBSTP");
  }

  private static void store(X86Rows.Table t, X86FloatStack.Sink sink, int pops, String code, String form,
      String manual) {
    row(t, X86FloatStack.store(sink, pops), true, code, form, "FLOAT", manual);
  }

  private static void stack(X86Rows.Table t) {
    row(t, X86FloatStack::exchange, "D9 /1", "FXCH STi", "FLOAT", "2A FXCH");
    row(t, X86FloatStack::exchange, "DD /1", "FXCH STi", "FLOAT", "2D table A-13");
    row(t, X86FloatStack::exchange, "DF /1", "FXCH STi", "FLOAT", "2D table A-17");
    row(t, X86FloatStack.turn(-1), "D9 F6", "FDECSTP", "FLOAT", "2A FDECSTP");
    row(t, X86FloatStack.turn(1), "D9 F7", "FINCSTP", "FLOAT", "2A FINCSTP");
    row(t, X86FloatStack.free(0), "DD /0", "FFREE STi", "FLOAT", "2A FFREE");
    row(t, X86FloatStack.free(1), "DF /0", "FFREEP STi", "FLOAT", "2D table A-17");
    row(t, X86FloatStack::nothing, "D9 D0", "FNOP", "FLOAT", "2A FNOP");
  }

  // ---- control, status and the state as a whole
  private static void control(X86Rows.Table t) {
    t.add(b -> X86EmitSystem.plain(b, X86X87::wait), "9B | FWAIT | ALU | 2D WAIT/FWAIT");
    t.add(b -> X86EmitSystem.plain(b, X86X87::nothing), """
        DB E0 | FENI8087_NOP  | ALU | 1 22.18.9
        DB E1 | FDISI8087_NOP | ALU | 1 22.18.9
        DB E4 | FSETPM        | ALU | 1 22.18.9
        """);
    t.add(b -> X86EmitSystem.plain(b, X86X87::init), "DB E3 | FNINIT | ALU | 2A FINIT/FNINIT");
    t.add(b -> X86EmitSystem.plain(b, X86X87::clearExceptions), "DB E2 | FNCLEX | ALU | 2A FCLEX/FNCLEX");
    t.add(b -> X86EmitVector.general(b, X86X87::loadControl, false), "D9 /5 | FLDCW Mw | LOAD | 2A FLDCW");
    t.add(b -> X86EmitVector.general(b, X86X87::storeControl, true), "D9 /7 | FNSTCW Mw | STORE | 2A FSTCW/FNSTCW");
    t.add(b -> X86EmitVector.environment(b, X86X87::storeEnvironment), "D9 /6 | FNSTENV M | STORE | 2A FSTENV/FNSTENV");
    t.add(b -> X86EmitVector.environment(b, X86X87::loadEnvironment), "D9 /4 | FLDENV M | LOAD | 2A FLDENV");
    t.add(b -> X86EmitVector.environment(b, X86X87::save), "DD /6 | FNSAVE M | STORE | 2A FSAVE/FNSAVE");
    t.add(b -> X86EmitVector.environment(b, X86X87::restore), "DD /4 | FRSTOR M | LOAD | 2A FRSTOR");
    t.add(b -> X86EmitVector.general(b, X86X87::storeStatus, true), "DD /7 | FNSTSW Mw | STORE | 2A FSTSW/FNSTSW");
    t.add(b -> X86EmitSystem.plain(b, X86X87::status), "DF E0 | FNSTSW | ALU | 2A FSTSW/FNSTSW");
  }
}

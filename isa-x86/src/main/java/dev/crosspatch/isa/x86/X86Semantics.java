package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// What a mnemonic does: which emitter writes its micro-ops or, where they cannot say it, which method runs it
/// ([X86Helper]). With the rows, the whole list of what is implemented. Arms of a switch and not a table of lambdas,
/// because linking one per mnemonic costs more start-up time than everything else about the rows; an arm links its own
/// when it is first decoded.
final class X86Semantics {
  private X86Semantics() {}

  /// Appends the micro-ops of the row's instruction.
  static void emit(X86Builder b) {
    switch (b.row.mnemonic) {
      case "ADD" -> X86EmitAlu.binary(b, Uop.ADDF);
      case "OR" -> X86EmitAlu.binary(b, Uop.ORF);
      case "AND" -> X86EmitAlu.binary(b, Uop.ANDF);
      case "SUB" -> X86EmitAlu.binary(b, Uop.SUBF);
      case "XOR" -> X86EmitAlu.binary(b, Uop.XORF);
      case "ADC" -> X86EmitAlu.carry(b, Uop.ADCF);
      case "SBB" -> X86EmitAlu.carry(b, Uop.SBBF);
      case "CMP" -> X86EmitAlu.compare(b, Uop.SUBF);
      case "TEST" -> X86EmitAlu.compare(b, Uop.ANDF);
      case "INC" -> X86EmitAlu.step(b, Uop.INCF);
      case "DEC" -> X86EmitAlu.step(b, Uop.DECF);
      case "NEG" -> X86EmitAlu.neg(b);
      case "NOT" -> X86EmitAlu.not(b);
      case "MUL" -> X86EmitAlu.wide(b, X86Helpers::mulWide);
      case "IMUL" -> X86EmitAlu.imul(b);
      case "DIV" -> X86EmitAlu.wide(b, X86Division::div);
      case "IDIV" -> X86EmitAlu.wide(b, X86Division::idiv);
      case "CBW" -> X86EmitAlu.cbw(b);
      case "CWD" -> X86EmitAlu.cwd(b);
      case "ADCX" -> X86EmitAlu.carryChain(b, X86Helpers::adcx);
      case "ADOX" -> X86EmitAlu.carryChain(b, X86Helpers::adox);
      case "ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SAR", "SHLD", "SHRD" -> shift(b);
      case "BT", "BTS", "BTR", "BTC", "BSF", "BSR", "TZCNT", "LZCNT", "POPCNT", "BSWAP" -> bits(b);
      case "ANDN", "BEXTR", "BLSR", "BLSMSK", "BLSI", "BZHI", "PDEP", "PEXT", "MULX", "SHLX", "SHRX", "SARX",
          "RORX" -> bmi(b);
      case "SETcc" -> X86EmitAlu.setcc(b);
      case "CMOVcc" -> X86EmitAlu.cmov(b);
      case "CMPXCHG" -> X86EmitAlu.cmpxchg(b);
      case "XADD" -> X86EmitAlu.xadd(b);
      case "CMPXCHG8B" -> X86EmitSystem.addressed(b, X86Helpers::cmpxchg8b);
      case "CMPXCHG16B" -> X86EmitSystem.addressed(b, X86Helpers::cmpxchg16b);
      case "MOVNTI" -> X86EmitMove.mov(b);
      case "MOV" -> mov(b);
      case "MOVZX" -> X86EmitMove.extend(b, 0);
      case "MOVSX" -> X86EmitMove.extend(b, Uop.F_SIGNED);
      case "MOVSXD" -> X86EmitMove.movsxd(b);
      case "MOVBE" -> X86EmitMove.movbe(b);
      case "LEA" -> X86EmitMove.lea(b);
      case "XCHG" -> X86EmitMove.xchg(b);
      case "XLAT" -> X86EmitMove.xlat(b);
      case "PUSH" -> X86EmitMove.push(b);
      case "POP" -> X86EmitMove.pop(b);
      case "ENTER" -> X86EmitMove.enter(b);
      case "LEAVE" -> X86EmitMove.leave(b);
      case "MOVS", "STOS", "LODS", "SCAS", "CMPS" -> string(b);
      default -> control(b);
    }
  }

  /// MOV has rows for general and for segment, control and debug registers.
  private static void mov(X86Builder b) {
    if (b.operand(0).kind() == X86Operand.SYSTEM || b.operand(1).kind() == X86Operand.SYSTEM) {
      X86EmitSystem.movSystem(b);
    } else {
      X86EmitMove.mov(b);
    }
  }

  private static void shift(X86Builder b) {
    switch (b.row.mnemonic) {
      case "ROL" -> X86EmitAlu.shift(b, Uop.ROLF);
      case "ROR" -> X86EmitAlu.shift(b, Uop.RORF);
      case "RCL" -> X86EmitAlu.throughCarry(b, X86Shifts::rcl);
      case "RCR" -> X86EmitAlu.throughCarry(b, X86Shifts::rcr);
      case "SHL" -> X86EmitAlu.shift(b, Uop.SHLF);
      case "SHR" -> X86EmitAlu.shift(b, Uop.SHRF);
      case "SAR" -> X86EmitAlu.shift(b, Uop.SARF);
      case "SHLD" -> X86EmitAlu.doubleShift(b, X86Shifts::shld);
      case "SHRD" -> X86EmitAlu.doubleShift(b, X86Shifts::shrd);
      default -> throw unknown(b);
    }
  }

  private static void bits(X86Builder b) {
    switch (b.row.mnemonic) {
      case "BT" -> X86EmitAlu.bitTest(b, X86Bits::bt, false);
      case "BTS" -> X86EmitAlu.bitTest(b, X86Bits::bts, true);
      case "BTR" -> X86EmitAlu.bitTest(b, X86Bits::btr, true);
      case "BTC" -> X86EmitAlu.bitTest(b, X86Bits::btc, true);
      case "BSF" -> X86EmitAlu.scan(b, X86Bits::bsf);
      case "BSR" -> X86EmitAlu.scan(b, X86Bits::bsr);
      case "TZCNT" -> X86EmitAlu.scan(b, X86Bits::tzcnt);
      case "LZCNT" -> X86EmitAlu.scan(b, X86Bits::lzcnt);
      case "POPCNT" -> X86EmitAlu.scan(b, X86Bits::popcnt);
      case "BSWAP" -> X86EmitAlu.byteSwap(b);
      default -> throw unknown(b);
    }
  }

  private static void bmi(X86Builder b) {
    switch (b.row.mnemonic) {
      case "ANDN" -> X86EmitAlu.bmi(b, X86Bits::andn);
      case "BEXTR" -> X86EmitAlu.bmi(b, X86Bits::bextr);
      case "BLSR" -> X86EmitAlu.bmi(b, X86Bits::blsr);
      case "BLSMSK" -> X86EmitAlu.bmi(b, X86Bits::blsmsk);
      case "BLSI" -> X86EmitAlu.bmi(b, X86Bits::blsi);
      case "BZHI" -> X86EmitAlu.bmi(b, X86Bits::bzhi);
      case "PDEP" -> X86EmitAlu.bmi(b, X86Bits::pdep);
      case "PEXT" -> X86EmitAlu.bmi(b, X86Bits::pext);
      case "MULX" -> X86EmitAlu.mulx(b);
      case "SHLX" -> X86EmitAlu.shiftNoFlags(b, Uop.SHL);
      case "SHRX" -> X86EmitAlu.shiftNoFlags(b, Uop.SHR);
      case "SARX" -> X86EmitAlu.shiftNoFlags(b, Uop.SAR);
      case "RORX" -> X86EmitAlu.rorx(b);
      default -> throw unknown(b);
    }
  }

  private static void string(X86Builder b) {
    switch (b.row.mnemonic) {
      case "MOVS" -> X86EmitMove.string(b, X86Strings::movs);
      case "STOS" -> X86EmitMove.string(b, X86Strings::stos);
      case "LODS" -> X86EmitMove.string(b, X86Strings::lods);
      case "SCAS" -> X86EmitMove.string(b, X86Strings::scas);
      case "CMPS" -> X86EmitMove.string(b, X86Strings::cmps);
      default -> throw unknown(b);
    }
  }

  private static void control(X86Builder b) {
    switch (b.row.mnemonic) {
      case "Jcc" -> X86EmitFlow.jcc(b);
      case "JMP" -> X86EmitFlow.jmp(b);
      case "CALL" -> X86EmitFlow.call(b);
      case "RET" -> X86EmitFlow.ret(b);
      case "LOOP" -> X86EmitFlow.loop(b);
      case "LOOPE" -> X86EmitFlow.loope(b);
      case "LOOPNE" -> X86EmitFlow.loopne(b);
      case "JRCXZ" -> X86EmitFlow.jrcxz(b);
      case "PAUSE" -> X86EmitFlow.pause(b);
      case "NOP", "ENDBR64", "PREFETCH", "PREFETCHW", "LFENCE", "MFENCE", "SFENCE" -> X86EmitFlow.nop(b);
      case "INT3" -> X86EmitFlow.interrupt(b, X86Exceptions.BP | X86Exceptions.SOFTWARE);
      case "INT" -> X86EmitFlow.interrupt(b, (int) (b.d.immediate & 0xff) | X86Exceptions.SOFTWARE);
      case "INT1" -> X86EmitFlow.interrupt(b, X86Exceptions.DB);
      case "UD0", "UD1", "UD2", "*" -> b.undefined();
      case "CLC" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setCarry(c, 0));
      case "STC" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setCarry(c, 1));
      case "CMC" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setCarry(c, c.flags.carry() ? 0 : 1));
      case "CLD" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setSystemFlag(c, X86Core.DF, false));
      case "STD" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setSystemFlag(c, X86Core.DF, true));
      case "LAHF" -> X86EmitSystem.plain(b, X86Helpers::lahf);
      case "SAHF" -> X86EmitSystem.plain(b, X86Helpers::sahf);
      case "CLI" -> X86EmitSystem.plain(b, X86Helpers::cli);
      case "STI" -> X86EmitSystem.plain(b, X86Helpers::sti);
      case "CLAC" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setAccess(c, false));
      case "STAC" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.setAccess(c, true));
      case "PUSHF" -> X86EmitSystem.plain(b, X86Helpers::pushf);
      case "POPF" -> X86EmitSystem.plain(b, X86Helpers::popf);
      default -> system(b);
    }
  }

  private static void system(X86Builder b) {
    switch (b.row.mnemonic) {
      case "SYSCALL" -> X86EmitSystem.plain(b, X86Returns::syscall);
      case "SYSRET" -> X86EmitSystem.plain(b, X86Returns::sysret);
      case "IRET" -> X86EmitSystem.plain(b, X86Returns::iret);
      case "CALLF" -> X86EmitSystem.farBranch(b, true);
      case "JMPF" -> X86EmitSystem.farBranch(b, false);
      case "RETF" -> b.helper(X86Returns::retf, Uop.SINK, Uop.ZERO, Uop.ZERO, b.width, b.d.immediate);
      case "HLT" -> X86EmitSystem.plain(b, (c, w, imm) -> Outcome.WAIT);
      case "SWAPGS" -> X86EmitSystem.plain(b, X86Helpers::swapgs);
      case "RDFSBASE" -> X86EmitSystem.produce(b, X86Helpers::readBase, X86Core.FS_BASE);
      case "RDGSBASE" -> X86EmitSystem.produce(b, X86Helpers::readBase, X86Core.GS_BASE);
      case "WRFSBASE" -> X86EmitSystem.consume(b, X86Helpers::writeBase, X86Core.FS_BASE);
      case "WRGSBASE" -> X86EmitSystem.consume(b, X86Helpers::writeBase, X86Core.GS_BASE);
      case "WRMSR" -> X86EmitSystem.plain(b, X86Msr::wrmsr);
      case "RDMSR" -> X86EmitSystem.plain(b, X86Msr::rdmsr);
      case "RDTSC" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Msr.rdtsc(c));
      case "RDTSCP" -> X86EmitSystem.plain(b, X86Msr::rdtscp);
      case "RDPID" -> X86EmitSystem.produce(b, X86Msr::rdpid, 0);
      case "CPUID" -> X86EmitSystem.plain(b, X86Cpuid::cpuid);
      case "SERIALIZE" -> X86EmitSystem.plain(b, (c, w, imm) -> X86Helpers.serialize(c));
      case "XGETBV" -> X86EmitSystem.plain(b, X86Helpers::xgetbv);
      case "CLTS" -> X86EmitSystem.plain(b, X86Control::clts);
      case "LMSW" -> X86EmitSystem.consume(b, X86Control::lmsw, 0);
      case "SMSW" -> X86EmitSystem.produce(b, X86Control::read, 0);
      case "SGDT" -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Segments.store(c, w, c.gdtBase, c.gdtLimit));
      case "SIDT" -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Segments.store(c, w, c.idtBase, c.idtLimit));
      case "LGDT" -> X86EmitSystem.addressed(b, X86Segments::lgdt);
      case "LIDT" -> X86EmitSystem.addressed(b, X86Segments::lidt);
      case "SLDT" -> X86EmitSystem.produce(b, X86Segments::read, X86Core.LDTR);
      case "STR" -> X86EmitSystem.produce(b, X86Segments::read, X86Core.TR);
      case "LLDT" -> X86EmitSystem.consume(b, X86Segments::lldt, 0);
      case "LTR" -> X86EmitSystem.consume(b, X86Segments::ltr, 0);
      case "LAR" -> X86EmitSystem.query(b, X86SegmentQueries::lar);
      case "LSL" -> X86EmitSystem.query(b, X86SegmentQueries::lsl);
      case "LSS" -> X86EmitSystem.loadFar(b, X86Core.SS);
      case "LFS" -> X86EmitSystem.loadFar(b, X86Core.FS);
      case "LGS" -> X86EmitSystem.loadFar(b, X86Core.GS);
      case "VERR" -> X86EmitSystem.consume(b, (c, w, imm) -> X86SegmentQueries.verify(c, w, imm != 0), 0);
      case "VERW" -> X86EmitSystem.consume(b, (c, w, imm) -> X86SegmentQueries.verify(c, w, imm != 0), 1);
      case "INVLPG" -> X86EmitSystem.addressed(b, X86Mmu::invlpg);
      case "INVPCID" -> X86EmitSystem.addressed(b, X86Mmu::invpcid);
      case "INVD", "WBINVD" -> X86EmitSystem.plain(b, X86Helpers::writeBackAll);
      case "CLFLUSH", "CLFLUSHOPT" -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Helpers.writeBackLine(c, w, true));
      case "CLWB" -> X86EmitSystem.addressed(b, (c, w, imm) -> X86Helpers.writeBackLine(c, w, false));
      case "IN" -> X86EmitSystem.port(b, X86Ports::in, 1);
      case "OUT" -> X86EmitSystem.port(b, X86Ports::out, 0);
      case "PTWRITE" -> X86EmitSystem.ptwrite(b);
      default -> throw unknown(b);
    }
  }

  private static IllegalStateException unknown(X86Builder b) {
    return new IllegalStateException("x86 row '" + b.row + "': mnemonic '" + b.row.mnemonic + "' has no emitter");
  }
}

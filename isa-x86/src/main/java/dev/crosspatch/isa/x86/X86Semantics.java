package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Which emitter a mnemonic has: with the rows, the whole list of what is implemented. A switch and not a table of
/// lambdas, because linking a lambda per mnemonic costs more start-up time than everything else about the rows.
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
      case "MUL" -> X86EmitAlu.wide(b, X86Helpers.MUL_WIDE);
      case "IMUL" -> X86EmitAlu.imul(b);
      case "DIV" -> X86EmitAlu.wide(b, X86Helpers.DIV);
      case "IDIV" -> X86EmitAlu.wide(b, X86Helpers.IDIV);
      case "CBW" -> X86EmitAlu.cbw(b);
      case "CWD" -> X86EmitAlu.cwd(b);
      case "ADCX" -> X86EmitAlu.carryChain(b, X86Helpers.ADCX);
      case "ADOX" -> X86EmitAlu.carryChain(b, X86Helpers.ADOX);
      case "ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SAR", "SHLD", "SHRD" -> shift(b);
      case "BT", "BTS", "BTR", "BTC", "BSF", "BSR", "TZCNT", "LZCNT", "POPCNT", "BSWAP" -> bits(b);
      case "ANDN", "BEXTR", "BLSR", "BLSMSK", "BLSI", "BZHI", "PDEP", "PEXT", "MULX", "SHLX", "SHRX", "SARX",
          "RORX" -> bmi(b);
      case "SETcc" -> X86EmitAlu.setcc(b);
      case "CMOVcc" -> X86EmitAlu.cmov(b);
      case "CMPXCHG" -> X86EmitAlu.cmpxchg(b);
      case "XADD" -> X86EmitAlu.xadd(b);
      case "CMPXCHG8B" -> X86EmitSystem.addressed(b, X86Helpers.CMPXCHG8B);
      case "CMPXCHG16B" -> X86EmitSystem.addressed(b, X86Helpers.CMPXCHG16B);
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
      case "ROL" -> X86EmitAlu.shift(b, Uop.ROLF, 0);
      case "ROR" -> X86EmitAlu.shift(b, Uop.RORF, 0);
      case "RCL" -> X86EmitAlu.shift(b, Uop.HELPER, X86Helpers.RCL);
      case "RCR" -> X86EmitAlu.shift(b, Uop.HELPER, X86Helpers.RCR);
      case "SHL" -> X86EmitAlu.shift(b, Uop.SHLF, 0);
      case "SHR" -> X86EmitAlu.shift(b, Uop.SHRF, 0);
      case "SAR" -> X86EmitAlu.shift(b, Uop.SARF, 0);
      case "SHLD" -> X86EmitAlu.doubleShift(b, X86Helpers.SHLD);
      case "SHRD" -> X86EmitAlu.doubleShift(b, X86Helpers.SHRD);
      default -> throw unknown(b);
    }
  }

  private static void bits(X86Builder b) {
    switch (b.row.mnemonic) {
      case "BT" -> X86EmitAlu.bitTest(b, X86Helpers.BT);
      case "BTS" -> X86EmitAlu.bitTest(b, X86Helpers.BTS);
      case "BTR" -> X86EmitAlu.bitTest(b, X86Helpers.BTR);
      case "BTC" -> X86EmitAlu.bitTest(b, X86Helpers.BTC);
      case "BSF" -> X86EmitAlu.scan(b, X86Helpers.BSF);
      case "BSR" -> X86EmitAlu.scan(b, X86Helpers.BSR);
      case "TZCNT" -> X86EmitAlu.scan(b, X86Helpers.TZCNT);
      case "LZCNT" -> X86EmitAlu.scan(b, X86Helpers.LZCNT);
      case "POPCNT" -> X86EmitAlu.scan(b, X86Helpers.POPCNT);
      case "BSWAP" -> X86EmitAlu.byteSwap(b);
      default -> throw unknown(b);
    }
  }

  private static void bmi(X86Builder b) {
    switch (b.row.mnemonic) {
      case "ANDN" -> X86EmitAlu.bmi(b, X86Helpers.ANDN);
      case "BEXTR" -> X86EmitAlu.bmi(b, X86Helpers.BEXTR);
      case "BLSR" -> X86EmitAlu.bmi(b, X86Helpers.BLSR);
      case "BLSMSK" -> X86EmitAlu.bmi(b, X86Helpers.BLSMSK);
      case "BLSI" -> X86EmitAlu.bmi(b, X86Helpers.BLSI);
      case "BZHI" -> X86EmitAlu.bmi(b, X86Helpers.BZHI);
      case "PDEP" -> X86EmitAlu.bmi(b, X86Helpers.PDEP);
      case "PEXT" -> X86EmitAlu.bmi(b, X86Helpers.PEXT);
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
      case "MOVS" -> X86EmitMove.string(b, X86Helpers.MOVS);
      case "STOS" -> X86EmitMove.string(b, X86Helpers.STOS);
      case "LODS" -> X86EmitMove.string(b, X86Helpers.LODS);
      case "SCAS" -> X86EmitMove.string(b, X86Helpers.SCAS);
      case "CMPS" -> X86EmitMove.string(b, X86Helpers.CMPS);
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
      case "CLC" -> X86EmitSystem.plain(b, X86Helpers.CLC);
      case "STC" -> X86EmitSystem.plain(b, X86Helpers.STC);
      case "CMC" -> X86EmitSystem.plain(b, X86Helpers.CMC);
      case "CLD" -> X86EmitSystem.plain(b, X86Helpers.CLD);
      case "STD" -> X86EmitSystem.plain(b, X86Helpers.STD);
      case "LAHF" -> X86EmitSystem.plain(b, X86Helpers.LAHF);
      case "SAHF" -> X86EmitSystem.plain(b, X86Helpers.SAHF);
      case "CLI" -> X86EmitSystem.plain(b, X86Helpers.CLI);
      case "STI" -> X86EmitSystem.plain(b, X86Helpers.STI);
      case "CLAC" -> X86EmitSystem.plain(b, X86Helpers.CLAC);
      case "STAC" -> X86EmitSystem.plain(b, X86Helpers.STAC);
      case "PUSHF" -> X86EmitSystem.plain(b, X86Helpers.PUSHF);
      case "POPF" -> X86EmitSystem.plain(b, X86Helpers.POPF);
      default -> system(b);
    }
  }

  private static void system(X86Builder b) {
    switch (b.row.mnemonic) {
      case "SYSCALL" -> X86EmitSystem.plain(b, X86Helpers.SYSCALL);
      case "SYSRET" -> X86EmitSystem.plain(b, X86Helpers.SYSRET);
      case "IRET" -> X86EmitSystem.plain(b, X86Helpers.IRET);
      case "CALLF" -> X86EmitSystem.farBranch(b, true);
      case "JMPF" -> X86EmitSystem.farBranch(b, false);
      case "RETF" -> b.helper(X86Helpers.RETF, Uop.SINK, Uop.ZERO, Uop.ZERO, b.width, b.d.immediate);
      case "HLT" -> X86EmitSystem.plain(b, X86Helpers.HLT);
      case "SWAPGS" -> X86EmitSystem.plain(b, X86Helpers.SWAPGS);
      case "RDFSBASE" -> X86EmitSystem.produce(b, X86Helpers.READ_BASE, X86Core.FS_BASE);
      case "RDGSBASE" -> X86EmitSystem.produce(b, X86Helpers.READ_BASE, X86Core.GS_BASE);
      case "WRFSBASE" -> X86EmitSystem.consume(b, X86Helpers.WRITE_BASE, X86Core.FS_BASE);
      case "WRGSBASE" -> X86EmitSystem.consume(b, X86Helpers.WRITE_BASE, X86Core.GS_BASE);
      case "WRMSR" -> X86EmitSystem.plain(b, X86Helpers.WRMSR);
      case "RDMSR" -> X86EmitSystem.plain(b, X86Helpers.RDMSR);
      case "RDTSC" -> X86EmitSystem.plain(b, X86Helpers.RDTSC);
      case "RDTSCP" -> X86EmitSystem.plain(b, X86Helpers.RDTSCP);
      case "RDPID" -> X86EmitSystem.produce(b, X86Helpers.RDPID, 0);
      case "CPUID" -> X86EmitSystem.plain(b, X86Helpers.CPUID);
      case "SERIALIZE" -> X86EmitSystem.plain(b, X86Helpers.SERIALIZE);
      case "XGETBV" -> X86EmitSystem.plain(b, X86Helpers.XGETBV);
      case "CLTS" -> X86EmitSystem.plain(b, X86Helpers.CLTS);
      case "LMSW" -> X86EmitSystem.consume(b, X86Helpers.LMSW, 0);
      case "SMSW" -> X86EmitSystem.produce(b, X86Helpers.READ_CR, 0);
      case "SGDT" -> X86EmitSystem.addressed(b, X86Helpers.SGDT);
      case "SIDT" -> X86EmitSystem.addressed(b, X86Helpers.SIDT);
      case "LGDT" -> X86EmitSystem.addressed(b, X86Helpers.LGDT);
      case "LIDT" -> X86EmitSystem.addressed(b, X86Helpers.LIDT);
      case "SLDT" -> X86EmitSystem.produce(b, X86Helpers.READ_SELECTOR, X86Core.LDTR);
      case "STR" -> X86EmitSystem.produce(b, X86Helpers.READ_SELECTOR, X86Core.TR);
      case "LLDT" -> X86EmitSystem.consume(b, X86Helpers.LLDT, 0);
      case "LTR" -> X86EmitSystem.consume(b, X86Helpers.LTR, 0);
      case "LAR" -> X86EmitSystem.query(b, X86Helpers.LAR);
      case "LSL" -> X86EmitSystem.query(b, X86Helpers.LSL);
      case "LSS" -> X86EmitSystem.loadFar(b, X86Core.SS);
      case "LFS" -> X86EmitSystem.loadFar(b, X86Core.FS);
      case "LGS" -> X86EmitSystem.loadFar(b, X86Core.GS);
      case "VERR" -> X86EmitSystem.consume(b, X86Helpers.VERIFY, 0);
      case "VERW" -> X86EmitSystem.consume(b, X86Helpers.VERIFY, 1);
      case "INVLPG" -> X86EmitSystem.addressed(b, X86Helpers.INVLPG);
      case "INVPCID" -> X86EmitSystem.addressed(b, X86Helpers.INVPCID);
      case "INVD", "WBINVD" -> X86EmitSystem.plain(b, X86Helpers.WRITE_BACK_ALL);
      case "CLFLUSH", "CLFLUSHOPT" -> X86EmitSystem.addressed(b, X86Helpers.FLUSH_LINE);
      case "CLWB" -> X86EmitSystem.addressed(b, X86Helpers.WRITE_BACK_LINE);
      case "IN" -> X86EmitSystem.port(b, X86Helpers.IN, 1);
      case "OUT" -> X86EmitSystem.port(b, X86Helpers.OUT, 0);
      case "PTWRITE" -> X86EmitSystem.ptwrite(b);
      default -> throw unknown(b);
    }
  }

  private static IllegalStateException unknown(X86Builder b) {
    return new IllegalStateException("x86 row '" + b.row + "': mnemonic '" + b.row.mnemonic + "' has no emitter");
  }
}

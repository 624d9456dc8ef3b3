package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Which emitter a mnemonic has: with the rows, the whole list of what is implemented.
final class X86Semantics {
  private X86Semantics() {}

  /// The emitter of `mnemonic`.
  ///
  /// @throws IllegalArgumentException naming the mnemonic if there is none
  static X86Emitter emitter(String mnemonic) {
    return switch (mnemonic) {
      case "ADD" -> b -> X86EmitAlu.binary(b, Uop.ADDF);
      case "OR" -> b -> X86EmitAlu.binary(b, Uop.ORF);
      case "AND" -> b -> X86EmitAlu.binary(b, Uop.ANDF);
      case "SUB" -> b -> X86EmitAlu.binary(b, Uop.SUBF);
      case "XOR" -> b -> X86EmitAlu.binary(b, Uop.XORF);
      case "ADC" -> b -> X86EmitAlu.carry(b, Uop.ADCF);
      case "SBB" -> b -> X86EmitAlu.carry(b, Uop.SBBF);
      case "CMP" -> b -> X86EmitAlu.compare(b, Uop.SUBF);
      case "TEST" -> b -> X86EmitAlu.compare(b, Uop.ANDF);
      case "INC" -> b -> X86EmitAlu.step(b, Uop.INCF);
      case "DEC" -> b -> X86EmitAlu.step(b, Uop.DECF);
      case "NEG" -> X86EmitAlu::neg;
      case "NOT" -> X86EmitAlu::not;
      case "MUL" -> b -> X86EmitAlu.wide(b, X86Helpers.MUL_WIDE);
      case "IMUL" -> X86EmitAlu::imul;
      case "DIV" -> b -> X86EmitAlu.wide(b, X86Helpers.DIV);
      case "IDIV" -> b -> X86EmitAlu.wide(b, X86Helpers.IDIV);
      case "CBW" -> X86EmitAlu::cbw;
      case "CWD" -> X86EmitAlu::cwd;
      case "ADCX" -> b -> X86EmitAlu.carryChain(b, X86Helpers.ADCX);
      case "ADOX" -> b -> X86EmitAlu.carryChain(b, X86Helpers.ADOX);
      case "ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SAR", "SHLD", "SHRD" -> shift(mnemonic);
      case "BT", "BTS", "BTR", "BTC", "BSF", "BSR", "TZCNT", "LZCNT", "POPCNT", "BSWAP" -> bits(mnemonic);
      case "ANDN", "BEXTR", "BLSR", "BLSMSK", "BLSI", "BZHI", "PDEP", "PEXT", "MULX", "SHLX", "SHRX", "SARX", "RORX" -> bmi(mnemonic);
      case "SETcc" -> X86EmitAlu::setcc;
      case "CMOVcc" -> X86EmitAlu::cmov;
      case "CMPXCHG" -> X86EmitAlu::cmpxchg;
      case "XADD" -> X86EmitAlu::xadd;
      case "CMPXCHG8B" -> b -> X86EmitSystem.addressed(b, X86Helpers.CMPXCHG8B);
      case "CMPXCHG16B" -> b -> X86EmitSystem.addressed(b, X86Helpers.CMPXCHG16B);
      case "MOVNTI" -> X86EmitMove::mov;
      case "MOV" -> X86Semantics::mov;
      case "MOVZX" -> b -> X86EmitMove.extend(b, 0);
      case "MOVSX", "MOVSXD" -> b -> X86EmitMove.extend(b, Uop.F_SIGNED);
      case "MOVBE" -> X86EmitMove::movbe;
      case "LEA" -> X86EmitMove::lea;
      case "XCHG" -> X86EmitMove::xchg;
      case "XLAT" -> X86EmitMove::xlat;
      case "PUSH" -> X86EmitMove::push;
      case "POP" -> X86EmitMove::pop;
      case "ENTER" -> X86EmitMove::enter;
      case "LEAVE" -> X86EmitMove::leave;
      case "MOVS", "STOS", "LODS", "SCAS", "CMPS" -> string(mnemonic);
      default -> control(mnemonic);
    };
  }

  /// MOV has rows for general and for segment, control and debug registers.
  private static void mov(X86Builder b) {
    if (b.operand(0).kind() == X86Operand.SYSTEM || b.operand(1).kind() == X86Operand.SYSTEM) {
      X86EmitSystem.movSystem(b);
    } else {
      X86EmitMove.mov(b);
    }
  }

  private static X86Emitter shift(String mnemonic) {
    return switch (mnemonic) {
      case "ROL" -> b -> X86EmitAlu.shift(b, X86Helpers.ROL);
      case "ROR" -> b -> X86EmitAlu.shift(b, X86Helpers.ROR);
      case "RCL" -> b -> X86EmitAlu.shift(b, X86Helpers.RCL);
      case "RCR" -> b -> X86EmitAlu.shift(b, X86Helpers.RCR);
      case "SHL" -> b -> X86EmitAlu.shift(b, X86Helpers.SHL);
      case "SHR" -> b -> X86EmitAlu.shift(b, X86Helpers.SHR);
      case "SAR" -> b -> X86EmitAlu.shift(b, X86Helpers.SAR);
      case "SHLD" -> b -> X86EmitAlu.doubleShift(b, X86Helpers.SHLD);
      case "SHRD" -> b -> X86EmitAlu.doubleShift(b, X86Helpers.SHRD);
      default -> throw unknown(mnemonic);
    };
  }

  private static X86Emitter bits(String mnemonic) {
    return switch (mnemonic) {
      case "BT" -> b -> X86EmitAlu.bitTest(b, X86Helpers.BT);
      case "BTS" -> b -> X86EmitAlu.bitTest(b, X86Helpers.BTS);
      case "BTR" -> b -> X86EmitAlu.bitTest(b, X86Helpers.BTR);
      case "BTC" -> b -> X86EmitAlu.bitTest(b, X86Helpers.BTC);
      case "BSF" -> b -> X86EmitAlu.scan(b, X86Helpers.BSF);
      case "BSR" -> b -> X86EmitAlu.scan(b, X86Helpers.BSR);
      case "TZCNT" -> b -> X86EmitAlu.scan(b, X86Helpers.TZCNT);
      case "LZCNT" -> b -> X86EmitAlu.scan(b, X86Helpers.LZCNT);
      case "POPCNT" -> b -> X86EmitAlu.scan(b, X86Helpers.POPCNT);
      case "BSWAP" -> X86EmitAlu::byteSwap;
      default -> throw unknown(mnemonic);
    };
  }

  private static X86Emitter bmi(String mnemonic) {
    return switch (mnemonic) {
      case "ANDN" -> b -> X86EmitAlu.bmi(b, X86Helpers.ANDN);
      case "BEXTR" -> b -> X86EmitAlu.bmi(b, X86Helpers.BEXTR);
      case "BLSR" -> b -> X86EmitAlu.bmi(b, X86Helpers.BLSR);
      case "BLSMSK" -> b -> X86EmitAlu.bmi(b, X86Helpers.BLSMSK);
      case "BLSI" -> b -> X86EmitAlu.bmi(b, X86Helpers.BLSI);
      case "BZHI" -> b -> X86EmitAlu.bmi(b, X86Helpers.BZHI);
      case "PDEP" -> b -> X86EmitAlu.bmi(b, X86Helpers.PDEP);
      case "PEXT" -> b -> X86EmitAlu.bmi(b, X86Helpers.PEXT);
      case "MULX" -> X86EmitAlu::mulx;
      case "SHLX" -> b -> X86EmitAlu.shiftNoFlags(b, Uop.SHL);
      case "SHRX" -> b -> X86EmitAlu.shiftNoFlags(b, Uop.SHR);
      case "SARX" -> b -> X86EmitAlu.shiftNoFlags(b, Uop.SAR);
      case "RORX" -> X86EmitAlu::rorx;
      default -> throw unknown(mnemonic);
    };
  }

  private static X86Emitter string(String mnemonic) {
    return switch (mnemonic) {
      case "MOVS" -> b -> X86EmitMove.string(b, X86Helpers.MOVS);
      case "STOS" -> b -> X86EmitMove.string(b, X86Helpers.STOS);
      case "LODS" -> b -> X86EmitMove.string(b, X86Helpers.LODS);
      case "SCAS" -> b -> X86EmitMove.string(b, X86Helpers.SCAS);
      case "CMPS" -> b -> X86EmitMove.string(b, X86Helpers.CMPS);
      default -> throw unknown(mnemonic);
    };
  }

  private static X86Emitter control(String mnemonic) {
    return switch (mnemonic) {
      case "Jcc" -> X86EmitFlow::jcc;
      case "JMP" -> X86EmitFlow::jmp;
      case "CALL" -> X86EmitFlow::call;
      case "RET" -> X86EmitFlow::ret;
      case "LOOP" -> X86EmitFlow::loop;
      case "LOOPE" -> X86EmitFlow::loope;
      case "LOOPNE" -> X86EmitFlow::loopne;
      case "JRCXZ" -> X86EmitFlow::jrcxz;
      case "NOP", "PAUSE", "ENDBR64", "PREFETCH", "PREFETCHW", "LFENCE", "MFENCE", "SFENCE" -> X86EmitFlow::nop;
      case "INT3" -> b -> X86EmitFlow.interrupt(b, X86Exceptions.BP | X86Exceptions.GATE_DPL);
      case "INT" -> b -> X86EmitFlow.interrupt(b, (int) (b.d.immediate & 0xff) | X86Exceptions.GATE_DPL);
      case "INT1" -> b -> X86EmitFlow.interrupt(b, X86Exceptions.DB);
      case "UD0", "UD1", "UD2", "*" -> X86Builder::undefined;
      case "CLC" -> helper(X86Helpers.CLC);
      case "STC" -> helper(X86Helpers.STC);
      case "CMC" -> helper(X86Helpers.CMC);
      case "CLD" -> helper(X86Helpers.CLD);
      case "STD" -> helper(X86Helpers.STD);
      case "LAHF" -> helper(X86Helpers.LAHF);
      case "SAHF" -> helper(X86Helpers.SAHF);
      case "CLI" -> helper(X86Helpers.CLI);
      case "STI" -> helper(X86Helpers.STI);
      case "CLAC" -> helper(X86Helpers.CLAC);
      case "STAC" -> helper(X86Helpers.STAC);
      case "PUSHF" -> helper(X86Helpers.PUSHF);
      case "POPF" -> helper(X86Helpers.POPF);
      default -> system(mnemonic);
    };
  }

  private static X86Emitter system(String mnemonic) {
    return switch (mnemonic) {
      case "SYSCALL" -> helper(X86Helpers.SYSCALL);
      case "SYSRET" -> helper(X86Helpers.SYSRET);
      case "IRET" -> helper(X86Helpers.IRET);
      case "RETF" -> b -> b.helper(X86Helpers.RETF, Uop.SINK, Uop.ZERO, Uop.ZERO, b.width, b.d.immediate);
      case "HLT" -> helper(X86Helpers.HLT);
      case "SWAPGS" -> helper(X86Helpers.SWAPGS);
      case "RDFSBASE" -> b -> X86EmitSystem.produce(b, X86Helpers.READ_BASE, X86Core.FS_BASE);
      case "RDGSBASE" -> b -> X86EmitSystem.produce(b, X86Helpers.READ_BASE, X86Core.GS_BASE);
      case "WRFSBASE" -> b -> X86EmitSystem.consume(b, X86Helpers.WRITE_BASE, X86Core.FS_BASE);
      case "WRGSBASE" -> b -> X86EmitSystem.consume(b, X86Helpers.WRITE_BASE, X86Core.GS_BASE);
      case "WRMSR" -> helper(X86Helpers.WRMSR);
      case "RDMSR" -> helper(X86Helpers.RDMSR);
      case "RDTSC" -> helper(X86Helpers.RDTSC);
      case "RDTSCP" -> helper(X86Helpers.RDTSCP);
      case "RDPID" -> b -> X86EmitSystem.produce(b, X86Helpers.RDPID, 0);
      case "CPUID" -> helper(X86Helpers.CPUID);
      case "SERIALIZE" -> helper(X86Helpers.SERIALIZE);
      case "XGETBV" -> helper(X86Helpers.XGETBV);
      case "CLTS" -> helper(X86Helpers.CLTS);
      case "LMSW" -> b -> X86EmitSystem.consume(b, X86Helpers.LMSW, 0);
      case "SMSW" -> b -> X86EmitSystem.produce(b, X86Helpers.READ_CR, 0);
      case "SGDT" -> b -> X86EmitSystem.addressed(b, X86Helpers.SGDT);
      case "SIDT" -> b -> X86EmitSystem.addressed(b, X86Helpers.SIDT);
      case "LGDT" -> b -> X86EmitSystem.addressed(b, X86Helpers.LGDT);
      case "LIDT" -> b -> X86EmitSystem.addressed(b, X86Helpers.LIDT);
      case "SLDT" -> b -> X86EmitSystem.produce(b, X86Helpers.READ_SELECTOR, X86Core.LDTR);
      case "STR" -> b -> X86EmitSystem.produce(b, X86Helpers.READ_SELECTOR, X86Core.TR);
      case "LLDT" -> b -> X86EmitSystem.consume(b, X86Helpers.LLDT, 0);
      case "LTR" -> b -> X86EmitSystem.consume(b, X86Helpers.LTR, 0);
      case "VERR" -> b -> X86EmitSystem.consume(b, X86Helpers.VERIFY, 0);
      case "VERW" -> b -> X86EmitSystem.consume(b, X86Helpers.VERIFY, 1);
      case "INVLPG" -> b -> X86EmitSystem.addressed(b, X86Helpers.INVLPG);
      case "INVPCID" -> b -> X86EmitSystem.addressed(b, X86Helpers.INVPCID);
      case "INVD", "WBINVD" -> helper(X86Helpers.SYNCHRONIZE);
      case "CLFLUSH", "CLFLUSHOPT", "CLWB" -> X86EmitSystem::flushLine;
      case "IN" -> b -> X86EmitSystem.port(b, X86Helpers.IN, 1);
      case "OUT" -> b -> X86EmitSystem.port(b, X86Helpers.OUT, 0);
      case "PTWRITE" -> X86EmitSystem::ptwrite;
      default -> throw unknown(mnemonic);
    };
  }

  private static X86Emitter helper(int id) {
    return b -> X86EmitSystem.plain(b, id);
  }

  private static IllegalArgumentException unknown(String mnemonic) {
    return new IllegalArgumentException("x86 row: mnemonic '" + mnemonic + "' has no emitter");
  }
}

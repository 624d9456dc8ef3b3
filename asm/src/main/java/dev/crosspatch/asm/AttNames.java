package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What Intel's syntax calls the instructions of AT&T syntax (GNU as manual, 9.16.3 and 9.16.4).
final class AttNames {
  /// A mnemonic of Intel's syntax.
  ///
  /// @param bits       operand size that a suffix says, or 0
  /// @param resultBits of the first operand in Intel's order if that has another size, or 0
  record Name(String intel, int bits, int resultBits) {
    Name(String intel, int bits) {
      this(intel, bits, 0);
    }
  }

  private static final Map<Character, Integer> SUFFIXES = Map.of('b', 8, 'w', 16, 'l', 32, 'q', 64);

  private static final Set<String> SHIFTS = Set.of("sal", "shl", "sar", "shr", "rol", "ror", "rcl", "rcr",
      "shld", "shrd");

  private static final Map<String, String> RENAMED = renamed();

  /// Instructions that take a suffix `b`, `w`, `l` or `q`, and need one where no register tells the size.
  private static final Set<String> SIZED = sized();

  private static final Set<Integer> ALL_BITS = Set.of(8, 16, 32, 64);

  /// Instructions that have some sizes only, which nothing behind would notice.
  private static final Map<String, Set<Integer>> BITS =
      Map.of(
          "push", Set.of(16, 64), "pop", Set.of(16, 64), "call", Set.of(16, 64), "jmp", Set.of(16, 64), "lgdt",
          Set.of(64), "lidt", Set.of(64), "sgdt", Set.of(64),
          "sidt", Set.of(64));

  /// Instructions with operands of one size, or of none, without a suffix.
  private static final Map<String, Integer> IMPLIED = implied();

  private static final Pattern STRING = Pattern.compile("(movs|cmps|lods|stos|scas|ins|outs)([bwlq])");
  private static final Pattern EXTENSION = Pattern.compile("mov(?:z([bw])|s([bwl]))([wlq]?)");
  private static final Pattern CONDITIONAL =
      Pattern.compile("(?:cmov|set)(n?[abglopsezc]|n?[abgl]e|p[eo]|nae|nbe|nge|nle)");
  private static final Pattern FLOAT = Pattern.compile("(fld|fstp?|fadd|fmul|fcomp?|fsubr?|fdivr?)([slt])");
  private static final Pattern INTEGER =
      Pattern.compile("(fild|fistp?|fisttp|fiadd|fimul|ficomp?|fisubr?|fidivr?)(s|ll?|q)");
  private static final Pattern CONVERSION = Pattern.compile("(v?cvtsi2s[sd]|v?cvtt?s[sd]2si)([lq])");
  private static final Pattern SCALAR = Pattern.compile("v(?!p)[a-z0-9]*?s([sd])(?:2s[ids])?");
  private static final Pattern ASKING_FLOAT = Pattern.compile("f(ld|stp?|add|mul|comp?|subr?|divr?|i[a-z]+)");
  private static final Pattern REVERSED = Pattern.compile("(fsub|fdiv)(r?)(p?)");

  private AttNames() {}

  private static Map<String, String> renamed() {
    String pairs =
        "cbtw cbw cwtl cwde cltq cdqe cwtd cwd cltd cdq cqto cqo lret retf lretl retf lretq retfq iret iretd iretl "
            + "iretd retq ret leaveq leave "
            + "sysretl sysret sysexitl sysexit lcalll lcall ljmpl ljmp fxsaveq fxsave64 fxrstorq fxrstor64 ud2a ud2 "
                + "xlat xlatb "
            + "xsaveq xsave64 xrstorq xrstor64 xsaveoptq xsaveopt64 xsavecq xsavec64 xsavesq xsaves64 xrstorsq "
                + "xrstors64 fldcww fldcw fnstcww fnstcw fstcww fstcw "
            + "fnstsww fnstsw fstsww fstsw";
    String[] words = pairs.split(" ", -1);
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < words.length; i += 2) {
      map.put(words[i], words[i + 1]);
    }
    return Map.copyOf(map);
  }

  private static Set<String> sized() {
    Set<String> names = new HashSet<>(SHIFTS);
    names.addAll(
        List.of(
            (
                "adc add and or sbb sub xor cmp test mov movabs dec inc div idiv mul imul neg not bsf bsr bt btc btr "
                    + "bts cmpxchg xadd xchg lar lsl lea nop "
                    + "push pop call jmp bswap popcnt lzcnt tzcnt andn bextr blsi blsr blsmsk bzhi pdep pext rorx sarx "
                        + "shlx shrx mulx adcx adox movbe movnti "
                    + "crc32 in out str smsw lmsw sldt lldt ltr verr verw rdrand rdseed rdfsbase rdgsbase wrfsbase "
                        + "wrgsbase ptwrite ud1 lgdt lidt sgdt sidt")
                .split(" ", -1)));
    return Set.copyOf(names);
  }

  private static Map<String, Integer> implied() {
    Map<String, Integer> map = new HashMap<>();
    List.of("push", "pop", "call", "jmp").forEach(name -> map.put(name, 64));
    List.of("str", "smsw", "lmsw", "sldt", "lldt", "ltr", "verr", "verw", "lar", "lsl")
        .forEach(name -> map.put(name, 16));
    List.of("lgdt", "lidt", "sgdt", "sidt", "lea").forEach(name -> map.put(name, 0));
    List.of("cvtsi2ss", "cvtsi2sd", "vcvtsi2ss", "vcvtsi2sd").forEach(name -> map.put(name, 32));
    return Map.copyOf(map);
  }

  /// The instruction that AT&T syntax calls `mnemonic`.
  ///
  /// @param operands in AT&T's order
  static Name find(String mnemonic, List<X86Argument> operands) {
    String other = RENAMED.get(mnemonic);
    if (other != null) {
      return new Name(other, 0);
    }
    if (mnemonic.equals("movq") && operands.stream().anyMatch(AttNames::isVector)) {
      return new Name(mnemonic, 0);
    }
    if (mnemonic.equals("movd")
        && operands.stream().anyMatch(o -> o instanceof Register r && X86Argument.isGeneral(r) && r.bits() == 64)) {
      return new Name("movq", 0);
    }
    Matcher string = STRING.matcher(mnemonic);
    if (string.matches() && !isExtension(mnemonic, operands)) {
      int bits = bits(string.group(2));
      return new Name(string.group(1) + (bits == 32 ? "d" : string.group(2)), bits);
    }
    Matcher extension = EXTENSION.matcher(mnemonic);
    if (extension.matches() && !operands.isEmpty()) {
      return extension(mnemonic, extension, operands.getLast());
    }
    return SIZED.contains(mnemonic) || isConditional(mnemonic) ? new Name(mnemonic, 0) : suffixed(mnemonic, operands);
  }

  /// `movsb`, `movsw` or `movsl` with a register as its result.
  private static boolean isExtension(String mnemonic, List<X86Argument> operands) {
    return mnemonic.startsWith("movs") && operands.size() == 2 && operands.getLast() instanceof Register;
  }

  private static Name extension(String mnemonic, Matcher parts, X86Argument result) {
    boolean signed = parts.group(2) != null;
    int from = bits(signed ? parts.group(2) : parts.group(1));
    int to = parts.group(3).isEmpty() && result instanceof Register r ? r.bits() : bits(parts.group(3));
    if (from >= to) {
      throw new SyntaxError("'" + mnemonic + "' extends nothing");
    }
    return new Name(from == 32 ? "movsxd" : signed ? "movsx" : "movzx", from, to);
  }

  private static Name suffixed(String mnemonic, List<X86Argument> operands) {
    String base = mnemonic.substring(0, mnemonic.length() - 1);
    Integer bits = SUFFIXES.get(mnemonic.charAt(mnemonic.length() - 1));
    if (bits != null && (SIZED.contains(base) || isConditional(base))) {
      if (operands.isEmpty()) {
        throw new SyntaxError("an operand of '" + mnemonic + "' is missing");
      }
      if (!BITS.getOrDefault(base, ALL_BITS).contains(bits)) {
        throw new SyntaxError("'" + base + "' has no form with " + bits + " bits");
      }
      return new Name(base, bits);
    }
    Matcher conversion = CONVERSION.matcher(mnemonic);
    if (conversion.matches()) {
      int integer = bits(conversion.group(2));
      boolean fromInteger = conversion.group(1).contains("si2");
      if (!fromInteger && operands.size() == 2 && operands.getFirst() instanceof Memory
          && operands.getLast() instanceof Register r && r.bits() == integer) {
        return new Name(conversion.group(1), 0);
      }
      return new Name(conversion.group(1), integer);
    }
    return floating(mnemonic, operands);
  }

  private static Name floating(String mnemonic, List<X86Argument> operands) {
    boolean inMemory = operands.size() == 1 && operands.getFirst() instanceof Memory;
    Matcher number = FLOAT.matcher(mnemonic);
    Matcher integer = INTEGER.matcher(mnemonic);
    if (!inMemory && (number.matches() || integer.matches())) {
      throw new SyntaxError("'" + mnemonic + "' takes one operand, in memory");
    }
    if (number.matches()) {
      return new Name(number.group(1), Map.of("s", 32, "l", 64, "t", 80).getOrDefault(number.group(2), 0));
    }
    if (integer.matches()) {
      return new Name(integer.group(1), Map.of("s", 16, "l", 32).getOrDefault(integer.group(2), 64));
    }
    Matcher reversed = REVERSED.matcher(mnemonic);
    // The names of what subtracts and divides the other way round are exchanged where the result is not in ST(0), but
    // in ST(1) if no operand is written.
    if (reversed.matches() && (!reversed.group(3).isEmpty() || operands.isEmpty()
        || (operands.size() == 2 && isLowerInStack(operands.getLast())))) {
      return new Name(reversed.group(1) + (reversed.group(2).isEmpty() ? "r" : "") + reversed.group(3), 0);
    }
    return new Name(mnemonic, 0);
  }

  private static boolean isLowerInStack(X86Argument operand) {
    return operand instanceof Register r && r.name().matches("st\\([1-7]\\)");
  }

  private static int bits(String suffix) {
    return suffix.isEmpty() ? 0 : SUFFIXES.getOrDefault(suffix.charAt(0), 0);
  }

  private static boolean isConditional(String mnemonic) {
    return CONDITIONAL.matcher(mnemonic).matches();
  }

  private static boolean isVector(X86Argument operand) {
    return operand instanceof Register r && r.name().matches("[xyz]?mm\\d+");
  }

  /// Whether `mnemonic` is IN or OUT.
  static boolean isPort(String mnemonic) {
    return mnemonic.matches("(in|out)[bwl]?");
  }

  /// Whether an operand of `intel` that is no target begins with `*`.
  static boolean isIndirectBranch(String intel) {
    return intel.matches("l?(jmp|call)[wlq]?");
  }

  /// Whether operand `i`, in Intel's order, has a size of its own.
  static boolean isOfOtherWidth(String intel, List<X86Argument> operands, int i) {
    if (SHIFTS.contains(intel)) {
      return i > 0 && i == operands.size() - 1;
    }
    return switch (intel) {
      case "in", "outs" -> i == (intel.equals("in") ? 1 : 0);
      case "out" -> i == 0;
      case "ins", "insb", "insw", "insd", "lar", "lsl" -> i == 1;
      case "outsb", "outsw", "outsd", "crc32" -> i == 0;
      default -> false;
    };
  }

  /// Whether `operand` is a segment register.
  static boolean isSegment(X86Argument operand) {
    return operand instanceof Register r && X86Argument.SEGMENT_PREFIXES.containsKey(r.name());
  }

  /// Bits of a memory operand of an instruction without a suffix; 0 if the other operands tell, or the instruction
  /// does.
  static int impliedBits(String mnemonic, String intel, List<X86Argument> operands) {
    Integer implied = IMPLIED.get(intel);
    if (implied != null) {
      return implied;
    }
    Matcher scalar = SCALAR.matcher(intel);
    if (scalar.matches()) {
      return scalar.group(1).equals("s") ? 32 : 64;
    }
    if (intel.startsWith("set") && isConditional(intel)) {
      return 8;
    }
    boolean asks = SIZED.contains(intel) || intel.equals("movzx") || intel.equals("movsx")
        || ASKING_FLOAT.matcher(mnemonic).matches();
    boolean told = !intel.equals("crc32") && !intel.startsWith("movz") && !intel.startsWith("movs");
    for (int i = 0; asks && told && i < operands.size(); i++) {
      asks = !isSegment(operands.get(i)) && (!(operands.get(i) instanceof Register r && X86Argument.isGeneral(r))
          || isOfOtherWidth(intel, operands, i));
    }
    if (asks) {
      throw new SyntaxError("'" + mnemonic + "' does not tell the size of its operand in memory; a suffix does");
    }
    return 0;
  }
}

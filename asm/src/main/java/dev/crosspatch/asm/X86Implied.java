package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Immediate;
import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Operands that an instruction has no field for, since they are always the same: whoever writes another one is
/// refused, where Keystone takes the width of what is written and leaves out the rest.
final class X86Implied {
  /// Bases of the memory operands of string instructions in order (SDM volume 1, 7.3.9), without the first letter.
  private static final Map<String, List<String>> STRINGS =
      Map.of(
          "movs", List.of("di", "si"), "cmps", List.of("si", "di"), "lods", List.of("si"), "stos", List.of("di"),
          "scas", List.of("di"), "ins", List.of("di"), "outs", List.of("si"));

  /// Instructions with a rounding mode in braces, in whose place Keystone (and LLVM of some) takes any number.
  private static final Pattern ROUNDED = Pattern
      .compile("v(add|sub|mul|div|sqrt|scalef|fn?m(add|sub|addsub|subadd)(132|213|231)?)[ps][sdh]|vcvt(?!ps2ph).*");

  /// Instructions of the x87 that name one register (SDM volume 2); of two, Keystone makes opcodes that no manual has,
  /// as DDCC of `fxch st, st(4)`.
  private static final Set<String> BESIDE_TOP = Set.of("fxch", "fcom", "fcomp", "fstp", "fstpnce");

  private X86Implied() {}

  /// Refuses an operand other than the implied one, and leaves out what is implied with it.
  static void check(String mnemonic, List<X86Argument> operands) {
    if (mnemonic.matches("fn?stsw") && !operands.isEmpty() && operands.getFirst() instanceof Register r
        && !r.name().equals("ax")) {
      throw new SyntaxError("'" + mnemonic + "' has no register but ax");
    }
    if (operands.size() > 1 && BESIDE_TOP.contains(mnemonic)) {
      throw new SyntaxError("'" + mnemonic + "' has one operand, and the other is always st");
    }
    if (mnemonic.startsWith("v") && operands.stream().anyMatch(Immediate.class::isInstance)
        && ROUNDED.matcher(mnemonic).matches()) {
      throw new SyntaxError("'" + mnemonic + "' takes no number");
    }
    if (mnemonic.matches("xlatb?") && !operands.isEmpty()) {
      checkBase(operands, List.of("bx"), false);
    }
    List<String> bases = STRINGS.get(mnemonic);
    if (bases == null && mnemonic.length() > 3 && "bwdq".indexOf(mnemonic.charAt(mnemonic.length() - 1)) >= 0) {
      bases = STRINGS.get(mnemonic.substring(0, mnemonic.length() - 1));
    }
    if (bases != null && operands.stream().noneMatch(X86Implied::isVector)) {
      checkBase(operands, bases, true);
      // The segment that RSI has anyway, which objdump always shows, needs no prefix.
      operands.replaceAll(operand -> operand instanceof Memory m && m.segment().equals("ds")
          ? m.withSegment("") : operand);
    }
  }

  /// LAR, LSL and MOV to a segment register take the low 16 bits of a register of any width, or 16 bits in memory (SDM
  /// volume 2): Keystone wants the width of the result in the first two, of LSL even in memory, and needs no prefix for
  /// 32 bits in the last.
  static void alignWidths(String mnemonic, List<X86Argument> operands) {
    if (mnemonic.equals("lsl") && operands.size() == 2 && operands.get(1) instanceof Memory place) {
      if (!place.size().isEmpty() && !place.size().equals("word")) {
        throw new SyntaxError("a segment selector has 16 bits in memory, not a " + place.size());
      }
      operands.set(1, place.withSize(""));
    }
    if (operands.size() != 2 || !(operands.get(0) instanceof Register to) || !(operands.get(1) instanceof Register from)
        || !isWide(from)) {
      return;
    }
    if ((mnemonic.equals("lar") || mnemonic.equals("lsl")) && isWide(to)) {
      operands.set(1, from.withBits(to.bits()));
    } else if (mnemonic.equals("mov") && X86Argument.SEGMENT_PREFIXES.containsKey(to.name()) && from.bits() == 16) {
      operands.set(1, from.withBits(32));
    }
  }

  private static boolean isWide(Register register) {
    return X86Argument.isGeneral(register) && register.bits() >= 16;
  }

  private static boolean isVector(X86Argument operand) {
    return operand instanceof Register r && r.name().matches("x?mm\\d+");
  }

  private static void checkBase(List<X86Argument> operands, List<String> bases, boolean string) {
    List<Memory> places = operands.stream().filter(Memory.class::isInstance).map(Memory.class::cast).toList();
    for (int i = 0; i < places.size(); i++) {
      Memory place = places.get(i);
      String base = bases.get(Math.min(i, bases.size() - 1));
      boolean segmentFits = !string || !base.equals("di") || place.segment().isEmpty() || place.segment().equals("es");
      if (!isPlain(place) || !place.base().matches("[er]" + base) || !segmentFits) {
        throw new SyntaxError("operand " + (operands.indexOf(place) + 1) + " is always [r" + base + "]"
            + (string && base.equals("di") ? " in es" : ""));
      }
    }
  }

  private static boolean isPlain(Memory place) {
    return place.index().isEmpty() && place.displacement().isConstant()
        && place.displacement().constant("a distance") == 0;
  }
}

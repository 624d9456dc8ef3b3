package dev.crosspatch.asm;

import dev.crosspatch.asm.AttNames.Name;
import dev.crosspatch.asm.X86Argument.Immediate;
import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Reads x86-64 instructions in AT&T syntax and gives them in Intel's: everything behind is the same for both.
/// What a suffix says must agree with the registers, and a size that nothing tells is asked for rather than guessed.
final class AttReader {
  /// Instructions whose operands have the same order in both syntaxes (GNU as manual, 9.16.3.1; AMD64 volume 3 for the
  /// others).
  private static final Set<String> SAME_ORDER = Set.of("enter", "monitor", "mwait", "monitorx", "mwaitx", "invlpga");

  private static final Set<String> STACK = Set.of("push", "pop");

  /// Their suffix tells the width of the result; what is in memory is a selector.
  private static final Set<String> SELECTED = Set.of("lar", "lsl");

  private static final Map<Integer, String> ACCUMULATORS = Map.of(8, "al", 16, "ax", 32, "eax");

  private static final Map<Integer, String> SIZES =
      Map.of(8, "byte", 16, "word", 32, "dword", 64, "qword", 80, "tbyte");

  private AttReader() {}

  /// Reads what stands behind `mnemonic`.
  static X86Line read(String mnemonic, String text, Unit unit) {
    List<AttOperand> written = new ArrayList<>();
    for (String each : Macro.splitArguments(text)) {
      if (each.isEmpty()) {
        throw new SyntaxError("an operand is missing");
      }
      written.add(AttOperand.parse(AttNames.isPort(mnemonic) && each.equals("(%dx)") ? "%dx" : each, unit));
    }
    List<X86Argument> operands = new ArrayList<>(written.stream().map(AttOperand::operand).toList());
    Name name = AttNames.find(mnemonic, operands);
    if (X86Branch.OPCODES.containsKey(name.intel()) && written.size() == 1 && !written.getFirst().starred()) {
      return branch(mnemonic, name, written.getFirst());
    }
    checkStars(mnemonic, name, written);
    if (!SAME_ORDER.contains(name.intel())) {
      Collections.reverse(operands);
    }
    addAccumulator(name, operands);
    checkRegisters(mnemonic, name, operands);
    setSize(mnemonic, name, operands);
    boolean word = name.bits() == 16 && STACK.contains(name.intel());
    return new X86Line(word ? name.intel() + "w" : name.intel(), operands, null, "");
  }

  private static X86Line branch(String mnemonic, Name name, AttOperand operand) {
    if (!operand.bare()) {
      throw new SyntaxError("the operand of an indirect branch begins with '*'");
    }
    if (name.bits() != 0 && name.bits() != 64) {
      throw new SyntaxError("'" + mnemonic + "' has no form with a target");
    }
    return X86Line.branch(name.intel(), ((Memory) operand.operand()).displacement(), "");
  }

  private static void checkStars(String mnemonic, Name name, List<AttOperand> written) {
    boolean indirect = AttNames.isIndirectBranch(name.intel());
    for (AttOperand each : written) {
      if (indirect && each.operand() instanceof Immediate) {
        throw new SyntaxError("a branch does not lead to '$'; its target is written without it");
      }
      if (each.starred() != indirect) {
        throw new SyntaxError(
            indirect ? "the operand of an indirect branch begins with '*'"
                : "'*' stands before the operand of an indirect branch only, not of '" + mnemonic + "'");
      }
    }
  }

  /// `inb %dx` is `inb %dx, %al`.
  private static void addAccumulator(Name name, List<X86Argument> operands) {
    boolean in = name.intel().equals("in");
    if (operands.size() == 1 && (in || name.intel().equals("out")) && ACCUMULATORS.containsKey(name.bits())) {
      operands.add(in ? 0 : 1, Objects.requireNonNull(X86Argument.REGISTERS.get(ACCUMULATORS.get(name.bits()))));
    }
  }

  private static void checkRegisters(String mnemonic, Name name, List<X86Argument> operands) {
    if (name.bits() == 0) {
      return;
    }
    for (int i = 0; i < operands.size(); i++) {
      boolean checked = operands.get(i) instanceof Register r && X86Argument.isGeneral(r)
          && !AttNames.isOfOtherWidth(name.intel(), operands, i);
      int bits = i == 0 && name.resultBits() != 0 ? name.resultBits() : name.bits();
      if (checked && operands.get(i) instanceof Register r && r.bits() != bits) {
        throw new SyntaxError("register '%" + r.name() + "' has " + r.bits() + " bits, where '" + mnemonic
            + "' says " + bits);
      }
    }
  }

  /// Gives the memory operands their size. Beside a segment register it is always 16 bits, and needs no prefix.
  private static void setSize(String mnemonic, Name name, List<X86Argument> operands) {
    boolean segment = operands.size() == 2 && operands.stream().anyMatch(AttNames::isSegment);
    if (segment) {
      if (name.bits() != 0 && name.bits() != 16 && operands.stream().anyMatch(Memory.class::isInstance)) {
        throw new SyntaxError("a segment register has 16 bits in memory, where '" + mnemonic + "' says " + name.bits());
      }
      return;
    }
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i) instanceof Memory m) {
        int bits = name.bits() != 0 ? name.bits() : AttNames.impliedBits(mnemonic, name.intel(), operands);
        String size = SELECTED.contains(name.intel()) ? "word" : SIZES.getOrDefault(bits, "");
        operands.set(i, m.withSize(size));
      }
    }
  }
}

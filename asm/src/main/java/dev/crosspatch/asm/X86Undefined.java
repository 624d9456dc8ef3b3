package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.List;
import java.util.Set;

/// What has a name or an encoding, but not in 64-bit mode, where it raises #UD: refused with the reason.
final class X86Undefined {
  /// SDM volume 2, instructions marked `Inv.` or `N.E.` in 64-bit mode.
  private static final Set<String> MNEMONICS = Set.of(
      "aaa", "aad", "aam", "aas", "daa", "das", "bound", "into", "lds", "les", "pusha", "pushaw", "pushad", "popa",
      "popaw", "popad", "pushfd", "popfd", "salc",
      "arpl", "jcxz");

  /// SDM volume 2B, MOV to and from control registers: an access to another one raises #UD.
  private static final Set<String> CONTROL = Set.of("cr0", "cr2", "cr3", "cr4", "cr8");

  private static final Set<String> STACK = Set.of("push", "pop", "pushw", "popw");

  private X86Undefined() {}

  /// Refuses such an instruction.
  static void check(String mnemonic, List<X86Argument> operands) {
    if (MNEMONICS.contains(mnemonic)) {
      throw new SyntaxError("'" + mnemonic + "' is no instruction of 64-bit mode");
    }
    if (mnemonic.equals("mov")) {
      operands.forEach(X86Undefined::checkSystemRegister);
      if (!operands.isEmpty() && operands.getFirst() instanceof Register r && r.name().equals("cs")) {
        throw new SyntaxError("cs is loaded by far branches only; 'mov' to it is undefined (#UD)");
      }
      checkWidths(operands);
    }
    if (STACK.contains(mnemonic) && operands.size() == 1) {
      checkStack(mnemonic, operands.getFirst());
    }
  }

  private static void checkSystemRegister(X86Argument operand) {
    if (operand instanceof Register r && r.name().matches("cr\\d+") && !CONTROL.contains(r.name())) {
      throw new SyntaxError("there is no control register '" + r.name() + "': to use it is undefined (#UD)");
    }
    if (operand instanceof Register r && r.name().matches("dr\\d+") && r.number() > 7) {
      throw new SyntaxError("there is no debug register '" + r.name() + "': to use it is undefined (#UD)");
    }
  }

  private static void checkWidths(List<X86Argument> operands) {
    boolean system = operands.stream().anyMatch(o -> o instanceof Register r && r.name().matches("[cd]r\\d+"));
    for (X86Argument operand : operands) {
      if (system && operand instanceof Register r && X86Argument.isGeneral(r) && r.bits() != 64) {
        throw new SyntaxError("control and debug registers are moved with 64 bits in 64-bit mode, and '" + r.name()
            + "' has " + r.bits());
      }
    }
  }

  private static void checkStack(String mnemonic, X86Argument operand) {
    boolean dword = (operand instanceof Register r && X86Argument.isGeneral(r) && r.bits() == 32)
        || (operand instanceof Memory m && m.size().equals("dword"));
    if (dword) {
      throw new SyntaxError("'" + mnemonic + "' takes 16 or 64 bits in 64-bit mode, not 32");
    }
    if (operand instanceof Register r && Set.of("cs", "ds", "es", "ss").contains(r.name())) {
      throw new SyntaxError("'" + mnemonic + " " + r.name() + "' is no instruction of 64-bit mode");
    }
  }
}

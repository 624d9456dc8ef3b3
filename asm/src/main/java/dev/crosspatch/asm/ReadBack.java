package dev.crosspatch.asm;

import dev.crosspatch.core.asm.InstructionLength;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.util.Arrays;
import java.util.HexFormat;

/// Reads what was assembled back: the bytes of each statement must be one instruction of just their length to whoever
/// runs them. A prefix that is a statement of its own belongs to the instruction behind it.
final class ReadBack {
  private final Dialect isa;
  private final InstructionLength decoder;

  ReadBack(Dialect isa, InstructionLength decoder) {
    this.isa = isa;
    this.decoder = decoder;
  }

  /// Checks all instructions of a section.
  ///
  /// @throws dev.crosspatch.core.asm.AssemblyException blaming the first that is read otherwise
  void run(SectionBuilder section, Image image) {
    byte[] code = image.section(section.name).map(Section::bytes).orElse(new byte[0]);
    int next;
    for (int first = section.nextInstruction(0); first >= 0; first = section.nextInstruction(next)) {
      next = section.endOfInstruction(first);
      int start = offset(section, first);
      while (isPrefix(code, start, offset(section, next)) && section.nextInstruction(next) == next) {
        next = section.endOfInstruction(next);
      }
      Statement statement = section.fragments().get(next - 1).statement();
      int end = offset(section, next);
      // Whatever stands behind a prefix that is not code may go with it.
      if (!isPrefix(code, start, end) || end == code.length) {
        check(code, start, end, statement);
      }
    }
  }

  private static int offset(SectionBuilder section, int fragment) {
    return (int) (section.address(fragment) - section.start);
  }

  private boolean isPrefix(byte[] code, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!isa.isPrefix(code[i])) {
        return false;
      }
    }
    return true;
  }

  private void check(byte[] code, int start, int end, Statement statement) {
    int from = end - start > 1 && isa.standsAlone(code[start]) ? start + 1 : start;
    int length = decoder.of(code, from, end - from);
    if (length == end - from) {
      return;
    }
    String hex = HexFormat.of().formatHex(Arrays.copyOfRange(code, start, end));
    throw statement.error(
        length == 0
            ? "the bytes " + hex + " that this makes are no instruction that a CPU executes"
            : "of the bytes " + hex + " that this makes a CPU takes " + (length + from - start)
            + " as the instruction, which leaves " + (end - from - length));
  }
}

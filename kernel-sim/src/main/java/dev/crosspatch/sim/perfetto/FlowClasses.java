package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.window.ExecutedText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How instructions of a text steer the flow, found out once for each version of a line.
final class FlowClasses {
  private static final int LINE = PhysicalMemory.LINE;

  private final Isa isa;
  private final ExecutedText text;
  private final List<@Nullable FlowClass @Nullable []> lines = new ArrayList<>();

  FlowClasses(Isa isa, ExecutedText text) {
    this.isa = isa;
    this.text = text;
  }

  /// A line has changed.
  void changed(int line) {
    forget(line);
    forget(text.before(line)); // what straddles
  }

  private void forget(int line) {
    if (line >= 0 && line < lines.size()) {
      lines.set(line, null);
    }
  }

  /// That of the instruction at an address.
  FlowClass at(long address) {
    int line = text.line(address);
    if (line < 0) {
      return FlowClass.OTHER;
    }
    while (lines.size() <= line) {
      lines.add(null);
    }
    @Nullable FlowClass[] known = lines.get(line);
    if (known == null) {
      known = new @Nullable FlowClass[LINE];
      lines.set(line, known);
    }
    int offset = (int) address & LINE - 1;
    FlowClass found = known[offset];
    if (found == null) {
      byte[] bytes = text.instruction(address);
      Insn insn = isa.classify(bytes, 0, bytes.length, address, Mode.CODE_64);
      found = insn == null ? FlowClass.OTHER : insn.flow();
      known[offset] = found;
    }
    return found;
  }
}

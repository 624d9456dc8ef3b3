package dev.crosspatch.tests.oracle;

import dev.crosspatch.tracer.flow.FlowListener.Gap;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;

/// Passes on the flow told by `iptflow.c` or `ocsdflow.c`.
final class FlowLines implements FlowStream.Listener {
  private final FlowListener out;
  private final String program;
  private int untold;

  /// @param out     who hears it
  /// @param program that tells it, for messages
  FlowLines(FlowListener out, String program) {
    this.out = out;
    this.program = program;
  }

  /// Exceptions of which the program could not tell where they went.
  int untold() {
    return untold;
  }

  @Override
  public void instruction(long address) {
    out.instruction(address);
  }

  @Override
  public void line(String text) {
    String[] words = text.split(" ", 4);
    switch (words[0]) {
      case "#" -> {}
      case "!" -> out.diverted(hex(words[1]), hex(words[2]));
      case "~" -> gap(words[1], hex(words[2]));
      case "?" -> out.problem(new Problem(
          Problem.Kind.MISMATCH, hex(words[2]), Long.MIN_VALUE, Long.MAX_VALUE,
          Integer.parseInt(words[1], 16), words[3]));
      default -> throw new AssertionError(program + " says: " + text);
    }
  }

  private void gap(String event, long address) {
    switch (event) {
      case "overflow" -> out.gap(address, Gap.OVERFLOW, Long.MIN_VALUE);
      case "untold" -> untold++;
      case "enabled", "disabled", "on" -> {} // A trace begins with it, or ends.
      default -> throw new AssertionError(program + " says: ~ " + event);
    }
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word, 16);
  }
}

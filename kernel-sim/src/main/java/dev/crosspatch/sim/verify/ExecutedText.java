package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.run.TextLog;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The text as one CPU executes it, byte for byte, while its truth goes by: the initial image with the versions of
/// lines that the truth has told.
final class ExecutedText {
  private static final int LINE = PhysicalMemory.LINE;

  private final Isa isa;
  private final TextLog versions;
  /// First line's address.
  private final long start;
  private final long end;
  private final byte[] initial;
  private final int lead;
  /// Lines that were told, as they are now.
  private final TextLog.@Nullable Line[] lines;

  /// @param versions of all CPUs
  ExecutedText(Isa isa, Image image, TextLog versions) {
    this.isa = isa;
    this.versions = versions;
    Section text = text(image);
    start = text.address() & -LINE;
    end = text.end();
    lead = (int) (text.address() - start);
    initial = text.bytes();
    lines = new TextLog.@Nullable Line[(lead + initial.length + LINE - 1) / LINE];
  }

  private static Section text(Image image) {
    return image.section(".text").orElse(new Section(".text", 0, new byte[0], Section.Access.TEXT));
  }

  /// Lines of the text.
  int count() {
    return lines.length;
  }

  /// Number of the line that holds `address`, or -1 if it is no text.
  int line(long address) {
    return address - start < 0 || address - end >= 0 ? -1 : (int) ((address - start) / LINE);
  }

  /// Goes on to a version, and returns the number of its line; -1 if it is no text.
  int goOn(long number) {
    TextLog.Line version = versions.line(number);
    int line = line(version.address());
    if (line >= 0) {
      lines[line] = version;
    }
    return line;
  }

  /// The instruction at `address`; if the bytes there are none, as many as one may have.
  byte[] instruction(long address) {
    byte[] window = new byte[(int) Math.min(isa.maxLength(), end - address)];
    for (int i = 0; i < window.length; i++) {
      window[i] = at(address + i);
    }
    Insn insn = isa.classify(window, 0, window.length, address, Mode.CODE_64);
    return insn == null ? window : Arrays.copyOf(window, insn.length());
  }

  private byte at(long address) {
    int offset = (int) (address - start);
    TextLog.Line line = lines[offset / LINE];
    if (line != null) {
      return line.bytes()[offset % LINE];
    }
    return offset < lead ? 0 : initial[offset - lead];
  }
}

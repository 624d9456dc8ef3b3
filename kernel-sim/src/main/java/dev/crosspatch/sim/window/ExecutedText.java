package dev.crosspatch.sim.window;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.run.TextLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The text as one CPU executes it, byte for byte, while its truth goes by: the initial image with the versions of
/// lines that the truth has told, also of lines where there was no text.
public final class ExecutedText {
  private static final int LINE = PhysicalMemory.LINE;

  private final Isa isa;
  private final TextLog versions;
  /// First line's address.
  private final long start;
  private final long end;
  private final byte[] initial;
  private final int lead;
  /// Lines that were told, as they are now: first those of the initial text, then others in the order of their telling.
  private final List<TextLog.@Nullable Line> lines;
  /// Numbers of those others, by address.
  private final Map<Long, Integer> others = new HashMap<>();

  /// @param versions of all CPUs
  public ExecutedText(Isa isa, Image image, TextLog versions) {
    this.isa = isa;
    this.versions = versions;
    Section text = text(image);
    start = text.address() & -LINE;
    end = text.end();
    lead = (int) (text.address() - start);
    initial = text.bytes();
    lines = new ArrayList<>(Collections.nCopies((lead + initial.length + LINE - 1) / LINE, null));
  }

  private static Section text(Image image) {
    return image.section(".text").orElse(new Section(".text", 0, new byte[0], Section.Access.TEXT));
  }

  /// Lines that there are: those of the initial text, and all others that were told so far.
  public int count() {
    return lines.size();
  }

  /// Number of the line that holds `address`, or -1 if it is no text.
  public int line(long address) {
    if (address - start < 0 || address - end >= 0) {
      return others.isEmpty() ? -1 : others.getOrDefault(address & -LINE, -1);
    }
    return (int) ((address - start) / LINE);
  }

  /// Goes on to a version, and returns the number of its line.
  public int goOn(long number) {
    TextLog.Line version = versions.line(number);
    int line = line(version.address());
    if (line < 0) {
      line = lines.size();
      others.put(version.address(), line);
      lines.add(version);
    } else {
      lines.set(line, version);
    }
    return line;
  }

  /// Number of the line before one that was told, or -1 if there is no text.
  public int before(int line) {
    TextLog.Line told = Objects.requireNonNull(lines.get(line));
    return line(told.address() - LINE);
  }

  /// The instruction at `address`; if the bytes there are none, as many as one may have.
  public byte[] instruction(long address) {
    byte[] window = new byte[isa.maxLength()];
    int length = 0;
    while (length < window.length && line(address + length) >= 0) {
      window[length] = at(address + length);
      length++;
    }
    Insn insn = isa.classify(window, 0, length, address, Mode.CODE_64);
    return Arrays.copyOf(window, insn == null ? length : insn.length());
  }

  private byte at(long address) {
    TextLog.Line line = lines.get(line(address));
    if (line != null) {
      return line.bytes()[(int) (address & LINE - 1)];
    }
    int offset = (int) (address - start);
    return offset < lead ? 0 : initial[offset - lead];
  }
}

package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Prints a decoded flow for people: a line per instruction with the time from which on it can have run (ticks of the
/// trace clock, as in the poke log; `-` where the trace has not told any), its address, symbol with offset, and text as
/// decoded at that time.
public final class FlowListing implements FlowListener {
  private static final int TIME_WIDTH = 12;

  private final Appendable out;
  private final TextTimeline text;
  private final Symbols symbols;
  private final Disassembler disassembler;
  /// Symbol and instruction where nothing ever changes the text; there are no more of them than instructions in it.
  private final Map<Long, String> fixed = new HashMap<>();
  /// The same by address and bytes.
  private final Map<String, String> changing = new HashMap<>();
  private @Nullable FlowDecoder decoder;

  public FlowListing(Appendable out, TextTimeline text, Image image, Disassembler disassembler) {
    this.out = out;
    this.text = text;
    this.disassembler = disassembler;
    symbols = new Symbols(image);
  }

  /// The decoder that will tell the flow.
  public void listenTo(FlowDecoder teller) {
    decoder = teller;
  }

  private void line(String line) {
    try {
      out.append(line).append('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String time() {
    String time = decoder == null || decoder.time() == Long.MIN_VALUE ? "-" : Long.toString(decoder.time());
    return " ".repeat(Math.max(0, TIME_WIDTH - time.length())) + time;
  }

  @Override
  public void instruction(long address) {
    String known = fixed.get(address);
    line(time() + (known != null ? known : described(address)));
  }

  private String described(long address) {
    TextVersion version = decoder == null ? null : decoder.text(address);
    byte[] bytes = version == null ? new byte[0] : version.bytes();
    if (decoder != null && text.at(address, decoder.mode()) != null) {
      return fixed.computeIfAbsent(address, a -> describe(a, bytes));
    }
    return changing.computeIfAbsent(address + " " + HexFormat.of().formatHex(bytes), _ -> describe(address, bytes));
  }

  private String describe(long address, byte[] bytes) {
    Disassembler.Line line = bytes.length == 0 ? null : disassembler.disassemble(bytes, 0, address);
    String what = line == null ? HexFormat.of().formatHex(bytes) : line.text();
    return String.format("  %x  %-32s %s", address, symbols.name(address), what);
  }

  @Override
  public void diverted(long from, long to) {
    line("! exception " + place(from) + " " + place(to));
  }

  @Override
  public void gap(long address, Gap reason, long time) {
    if (reason != Gap.BEGIN) {
      line("# gap " + reason + " " + place(address));
    }
  }

  @Override
  public void stopped(long address, long time) {
    line("# stopped " + place(address));
  }

  @Override
  public void problem(Problem problem) {
    line("# " + FailureKind.of(problem).label() + " " + place(problem.address()) + " " + problem.detail());
  }

  private String place(long address) {
    if (address == Elements.UNKNOWN) {
      return "(unknown)";
    }
    String name = symbols.name(address);
    return Long.toHexString(address) + (name.isEmpty() ? "" : " <" + name + ">");
  }
}

package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.tracer.text.Mapping;
import dev.crosspatch.tracer.text.MappingLog;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a finished directory says about its text.
///
/// @param config  of the run
/// @param image   initial image
/// @param symbols names of its addresses
/// @param pokes   the poke log
/// @param mappings text that was announced
/// @param text    the text over time, as the log tells it
/// @param stores  the text over time, as memory held it; null if no truth was kept
record Evidence(RunConfig config, Image image, Symbols symbols, PokeLog pokes, MappingLog mappings,
    TextTimeline text, @Nullable TextStores stores) {
  /// Bytes shown of what is no instruction.
  private static final int SHOWN = 8;

  static Evidence of(RunDirectory run) {
    Image image = run.image();
    PokeLog pokes = run.pokes();
    return new Evidence(run.config(), image, new Symbols(image), pokes, run.mappings(),
        new TextTimeline(run.config().isa(), image, pokes),
        run.kept() == Truth.NONE ? null : run.stores());
  }

  /// Text that was not there from the beginning.
  ///
  /// @param address where it begins
  /// @param name    what it is called
  private record Loaded(long address, String name) {}

  /// Name of a place, `function+0xoffset`: of the image, or of the text that appeared or was mapped there last, or is
  /// next; empty if there is none.
  String name(long address, long cycle) {
    String name = symbols.name(address);
    Loaded loaded = name.isEmpty() ? loaded(address, cycle) : null;
    if (loaded == null || loaded.name().isEmpty()) {
      return name;
    }
    long offset = address - loaded.address();
    return loaded.name() + (offset == 0 ? "" : "+0x" + Long.toHexString(offset));
  }

  /// Begin of the function that an address is in, or of the text that appeared or was mapped there; the address itself
  /// if it is in none.
  long start(long address, long cycle) {
    Loaded loaded = symbols.name(address).isEmpty() ? loaded(address, cycle) : null;
    return loaded == null ? symbols.start(address) : loaded.address();
  }

  /// The text that came to an address last before `cycle`, or that is next; null if none ever did.
  private @Nullable Loaded loaded(long address, long cycle) {
    Loaded nearest = null;
    for (Poke poke : pokes.pokes()) {
      long offset = address - poke.address();
      if (poke.before().length == 0 && offset >= 0 && offset < poke.after().length
          && (nearest == null || cycles(poke.time()) <= cycle)) {
        nearest = new Loaded(poke.address(), isText(poke.site()) ? "" : poke.site());
      }
    }
    for (Mapping mapping : mappings.mappings()) {
      if (mapping.contains(address) && (nearest == null || cycles(mapping.announced().time()) <= cycle)) {
        nearest = new Loaded(mapping.announced().address(), mapping.announced().name());
      }
    }
    return nearest;
  }

  /// Whether the image has text of that name: what is called after it is something else, as is the slot of a probe that
  /// is called after its site.
  private boolean isText(String name) {
    return image.find(name).map(Symbol::address).filter(address -> image.sections().stream()
        .anyMatch(section -> section.access() == Section.Access.TEXT && section.contains(address))).isPresent();
  }

  /// The instruction that memory held at `address` at `cycle`; some bytes if it was none, no bytes outside the text.
  byte[] memory(long address, long cycle) {
    byte[] bytes = bytesAt(address, config.isa().maxLength(), cycle);
    Insn insn = config.isa().classify(bytes, 0, bytes.length, address, Mode.CODE_64);
    return Arrays.copyOf(bytes, insn == null ? Math.min(bytes.length, SHOWN) : insn.length());
  }

  /// What memory held at `address` at `cycle`: as many bytes as `executed` has, or its whole instruction if that is
  /// longer.
  byte[] memoryBeside(byte[] executed, long address, long cycle) {
    int length = Math.max(executed.length, memory(address, cycle).length);
    return bytesAt(address, length, cycle);
  }

  private byte[] bytesAt(long address, int length, long cycle) {
    return stores == null ? new byte[0] : stores.bytesAt(image, address, length, cycle);
  }

  /// First cycle at which the trace clock reads `ticks`; the ends of time stay what they are.
  long cycles(long ticks) {
    return ticks == Long.MIN_VALUE || ticks == Long.MAX_VALUE ? ticks : config.cycles(ticks);
  }

  /// Last cycle at which the trace clock reads `ticks`; the ends of time stay what they are.
  long lastCycle(long ticks) {
    return ticks == Long.MIN_VALUE || ticks == Long.MAX_VALUE ? ticks : config.cycles(ticks + 1) - 1;
  }
}

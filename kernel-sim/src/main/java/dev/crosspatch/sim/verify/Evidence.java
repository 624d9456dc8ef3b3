package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.tracer.text.Mapping;
import dev.crosspatch.tracer.text.MappingLog;
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

  /// Name of a place, `function+0xoffset`: of the image, or of the mapping that was there last, or is next; empty if
  /// there is none.
  String name(long address, long cycle) {
    String name = symbols.name(address);
    if (!name.isEmpty()) {
      return name;
    }
    Mapping nearest = null;
    for (Mapping mapping : mappings.mappings()) {
      if (mapping.contains(address) && (nearest == null || cycles(mapping.announced().time()) <= cycle)) {
        nearest = mapping;
      }
    }
    if (nearest == null) {
      return "";
    }
    long offset = address - nearest.announced().address();
    return nearest.announced().name() + (offset == 0 ? "" : "+0x" + Long.toHexString(offset));
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

package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.sim.Json;
import java.util.Map;
import java.util.TreeMap;

/// The functions of an image by address.
final class Functions {
  private final TreeMap<Long, Symbol> byAddress = new TreeMap<>(Long::compareUnsigned);

  /// A function, or a stretch of text that belongs to none.
  ///
  /// @param start first address
  /// @param end   first address behind it
  record Function(String name, long start, long end) {
    boolean contains(long address) {
      return Long.compareUnsigned(address - start, end - start) < 0;
    }
  }

  Functions(Image image) {
    for (Symbol symbol : image.symbols()) {
      if (symbol.kind() == Symbol.Kind.FUNCTION && symbol.size() > 0) {
        byAddress.put(symbol.address(), symbol);
      }
    }
  }

  /// The one at an address.
  Function at(long address) {
    Map.Entry<Long, Symbol> below = byAddress.floorEntry(address);
    long end = below == null ? 0 : below.getValue().address() + below.getValue().size();
    if (below != null && Long.compareUnsigned(address, end) < 0) {
      return new Function(below.getValue().name(), below.getKey(), end);
    }
    Map.Entry<Long, Symbol> above = byAddress.higherEntry(address);
    return new Function("text from " + Json.address(end), end, above == null ? -1 : above.getKey());
  }
}

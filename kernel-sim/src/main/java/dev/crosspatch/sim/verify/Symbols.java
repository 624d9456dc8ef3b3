package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Symbol;
import java.util.Map;
import java.util.TreeMap;

/// Names addresses by the function or site they lie in.
public final class Symbols {
  private final TreeMap<Long, Symbol> byAddress = new TreeMap<>(Long::compareUnsigned);

  public Symbols(Image image) {
    for (Symbol symbol : image.symbols()) {
      if (symbol.size() > 0) {
        byAddress.put(symbol.address(), symbol);
      }
    }
  }

  /// Begin of what covers the address, a function rather than a site at that very address; the address itself if
  /// nothing does.
  long start(long address) {
    for (Map.Entry<Long, Symbol> e = byAddress.lowerEntry(address); e != null; e = byAddress.lowerEntry(e.getKey())) {
      if (Long.compareUnsigned(address - e.getKey(), e.getValue().size()) < 0) {
        return e.getKey();
      }
      if (Long.compareUnsigned(address - e.getKey(), 1 << 16) > 0) {
        break;
      }
    }
    return address;
  }

  /// Bytes of the symbol at this very address; 0 if there is none.
  long size(long address) {
    Symbol symbol = byAddress.get(address);
    return symbol == null ? 0 : symbol.size();
  }

  /// `name` or `name+0xoffset`; empty if no symbol covers the address.
  public String name(long address) {
    Map.Entry<Long, Symbol> entry = byAddress.floorEntry(address);
    while (entry != null && Long.compareUnsigned(address - entry.getKey(), entry.getValue().size()) >= 0) {
      // A small symbol (a site) may stand inside a larger one (its function): look further down, but not for ever.
      entry = Long.compareUnsigned(address - entry.getKey(), 1 << 16) > 0 ? null : byAddress.lowerEntry(entry.getKey());
    }
    if (entry == null) {
      return "";
    }
    long offset = address - entry.getKey();
    return entry.getValue().name() + (offset == 0 ? "" : "+0x" + Long.toHexString(offset));
  }
}

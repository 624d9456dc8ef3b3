package dev.crosspatch.sim.perfetto;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.verify.Symbols;
import dev.crosspatch.sim.window.Sites;

/// What all tracks of an export share.
///
/// @param out       where they are written
/// @param part      of the run
/// @param sites     that were patched
/// @param symbols   names of addresses
/// @param functions the same by function
record Subject(TraceEvents out, Cycles part, Sites sites, Symbols symbols, Functions functions) {

  /// An address by its symbol, or as it is.
  String place(long address) {
    String name = symbols.name(address);
    return name.isEmpty() ? Json.address(address) : name;
  }
}

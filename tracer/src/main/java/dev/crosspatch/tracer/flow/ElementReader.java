package dev.crosspatch.tracer.flow;

/// Front end of a protocol for one raw trace: hands out elements in chunks that end at synchronization points, so that
/// a long trace never has to be in memory as elements.
public interface ElementReader {

  /// Appends the next chunk to `elements` (cleared first). A chunk ends where the return stack is forgotten and the
  /// address is known again (PSB, Trace Info), or at the end of the trace.
  ///
  /// @return false if there is nothing left
  boolean next(Elements elements);

  /// Text of error number `index` in the present chunk: what and where, one line.
  String error(int index);
}

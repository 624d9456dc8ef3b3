package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;

/// The trace hardware of one CPU: hears retire events and produces the bytes that the hardware would have written.
public interface TraceUnit extends RetireSink {

  /// The trace so far, complete after [#end].
  byte[] bytes();

  /// Packets lost to a full buffer: how often the unit went into overflow.
  int overflows();

  /// Where the flow stands behind row `i`.
  ///
  /// @param before where it stood before the batch
  static long behind(RetireBatch batch, int i, long before) {
    int info = batch.info[i];
    return switch (RetireBatch.kind(info)) {
      case RetireBatch.INSN -> RetireBatch.flow(info).isBranch() ? batch.next[i] : batch.pc[i] + RetireBatch.length(info);
      case RetireBatch.WAKE -> batch.pc[i];
      case RetireBatch.CONTEXT -> i > 0 ? behind(batch, i - 1, before) : before;
      default -> batch.next[i];
    };
  }
}

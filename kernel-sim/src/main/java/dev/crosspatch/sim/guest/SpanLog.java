package dev.crosspatch.sim.guest;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.sim.mechanism.Span;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Hears from what retires on the patching CPU when functions of its kernel are called and when they return: the
/// [Span]s. A span lasts from the retirement of the call to that of the return, with all that interrupted it; a call
/// within a span of the same kind belongs to that.
///
/// A function that is not called but jumped to, as the last of another, returns where that one would: to an address
/// that a call has left, or, if no call since the first span began has, to one that none has. A return by another
/// instruction (x86's IRET to the caller) leaves its address behind, which the next return drops.
public final class SpanLog implements RetireSink {
  private static final int DEPTH = 64;
  private static final int SLOTS = 4096;
  private static final long NONE = -1;
  /// From the outer to the inner ones: those that end at once end in the opposite order.
  private static final Span[] SPANS = Span.values();

  /// Hears of spans, in order.
  public interface Listener {
    /// A span began.
    ///
    /// @param cycle the CPU's clock
    void begun(Span span, long cycle);

    /// A span ended.
    ///
    /// @param begin the CPU's clock when it began
    /// @param end   and now
    void ended(Span span, long begin, long end);
  }

  private final transient Listener listener;
  private final transient long[] entries;
  private final transient Span[] spans;
  /// By [#slot(long)]: whether an entry may be there. Nearly all of what runs goes on to none.
  private final transient boolean[] sieve = new boolean[SLOTS];
  /// By span: when it began, or [#NONE], and where its function returns to, [#NONE] if no call has told.
  private final long[] begun = new long[SPANS.length];
  private final long[] returns = new long[begun.length];
  private int open;
  /// Return addresses of the calls since a span began, the youngest last.
  private final long[] calls = new long[DEPTH];
  private int depth;
  /// Time of the last run that was looked at.
  private long known;

  /// @param functions addresses of the functions of each span
  public SpanLog(Map<Span, List<Long>> functions, Listener listener) {
    this.listener = listener;
    entries = functions.values().stream().flatMap(List::stream).mapToLong(a -> a).toArray();
    spans = functions.entrySet().stream().flatMap(e -> e.getValue().stream().map(a -> e.getKey())).toArray(Span[]::new);
    for (long entry : entries) {
      sieve[slot(entry)] = true;
    }
    Arrays.fill(begun, NONE);
  }

  /// Whether such a span lasts.
  public boolean isWithin(Span span) {
    return begun[span.ordinal()] != NONE;
  }

  /// The CPU's clock up to which all spans have been told.
  public long known() {
    return known;
  }

  @Override
  public void retired(RetireBatch batch) {
    if (open > 0 || mayEnter(batch)) {
      for (int i = 0; i < batch.runs(); i++) {
        known = batch.run(i).time;
        look(batch.run(i));
      }
    }
    if (batch.runs() > 0) {
      known = batch.run(batch.runs() - 1).time;
    }
  }

  private boolean mayEnter(RetireBatch batch) {
    boolean may = false;
    for (int i = 0; i < batch.runs(); i++) {
      may |= sieve[slot(batch.run(i).next)];
    }
    return may;
  }

  private static int slot(long address) {
    return (int) (address ^ address >>> 12) & SLOTS - 1;
  }

  private void look(RetireRun run) {
    if (run.kind() != RetireRow.INSN) {
      return;
    }
    switch (run.flow()) {
      case CALL, INDIRECT_CALL -> {
        push(run.sequential());
        enter(run);
      }
      case JUMP, INDIRECT_JUMP -> enter(run);
      case RETURN -> returned(run);
      default -> {}
    }
    depth = open == 0 ? 0 : depth;
  }

  private void push(long address) {
    if (depth == DEPTH) {
      System.arraycopy(calls, 1, calls, 0, --depth);
    }
    calls[depth++] = address;
  }

  private void enter(RetireRun run) {
    for (int i = 0; i < entries.length; i++) {
      int span = spans[i].ordinal();
      if (entries[i] == run.next && begun[span] == NONE) {
        begun[span] = run.time;
        returns[span] = depth > 0 ? calls[depth - 1] : NONE;
        open++;
        listener.begun(spans[i], run.time);
      }
    }
  }

  private void returned(RetireRun run) {
    int at = depth;
    while (at > 0 && calls[at - 1] != run.next) {
      at--;
    }
    depth = at > 0 ? at - 1 : depth;
    for (int i = SPANS.length - 1; i >= 0; i--) {
      Span span = SPANS[i];
      long begin = begun[span.ordinal()];
      long to = returns[span.ordinal()];
      if (begin != NONE && (to == run.next || (to == NONE && at == 0))) {
        begun[span.ordinal()] = NONE;
        open--;
        listener.ended(span, begin, run.time);
      }
    }
  }
}

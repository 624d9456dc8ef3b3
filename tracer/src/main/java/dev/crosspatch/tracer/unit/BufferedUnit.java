package dev.crosspatch.tracer.unit;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.PacketOutput;

/// A trace unit between its packets and memory: it loses packets when its buffer is full, ends when memory is, and
/// hands its bytes on. What is sent then is the protocol's.
abstract class BufferedUnit implements TraceUnit {

  /// Whether packets are sent.
  enum State {
    /// Not yet.
    OFF,
    /// Yes.
    ON,
    /// Not until there is room in the buffer.
    OVERFLOW,
    /// Not any more.
    ENDED
  }

  State state = State.OFF;
  private final TraceBuffer buffer;
  private final TraceFifo fifo;
  private final PacketOutput out;
  private final ByteSink sink;
  /// Bytes when [#account] last looked.
  private long accounted;

  BufferedUnit(TraceBuffer buffer, PacketOutput out, ByteSink sink) {
    this.buffer = buffer;
    this.out = out;
    this.sink = sink;
    fifo = new TraceFifo(buffer);
  }

  /// Bytes were written for a row: sends a synchronization if one is due.
  void synchronize() {}

  /// Memory is full behind a row at `time`; `next` is what would run next. Nothing is sent any more.
  abstract void full(long time, long next);

  /// Packets are lost from now on.
  abstract void overflow();

  /// The run ends while packets are sent.
  abstract void ends();

  /// The run ends while packets are lost.
  abstract void endsLost();

  /// What has been held back goes out.
  void flushed() {}

  @Override
  public final long size() {
    return out.total();
  }

  @Override
  public final int overflows() {
    return fifo.overflows();
  }

  /// Whether there is room again after an overflow.
  final boolean hasRoom(long time) {
    return fifo.isFree(time);
  }

  /// After a row: what its bytes lead to, if it has any; most have none, and leave the buffer no fuller.
  final void account(RetireRow row) {
    if (out.total() == accounted) {
      return;
    }
    synchronize();
    accounted = out.total();
    if (buffer.endsAt(accounted)) {
      full(row.time, row.behind());
      state = State.ENDED;
    } else if (fifo.isFull(accounted, row.time)) {
      overflow();
      state = State.OVERFLOW;
    }
  }

  /// After a batch: hands the bytes on, if they are enough.
  final void handOn() {
    if (out.size() >= CHUNK) {
      out.drainTo(sink);
    }
  }

  @Override
  public final void end() {
    switch (state) {
      case ON -> ends();
      case OVERFLOW -> endsLost();
      case OFF, ENDED -> {}
    }
    state = State.ENDED;
    flushed();
    out.drainTo(sink);
  }
}

package dev.crosspatch.sim.run;

import dev.crosspatch.tracer.flow.ByteSink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Writes every store that changed text to the file that [TextStores] reads.
final class StoreLog {
  private final ByteSink out;
  private final transient ByteBuffer record = ByteBuffer.allocate(TextStores.RECORD).order(ByteOrder.LITTLE_ENDIAN);

  StoreLog(ByteSink out) {
    this.out = out;
    out.write(TextStores.MAGIC, 0, TextStores.MAGIC.length);
  }

  /// Appends a store.
  void add(int cpu, long cycle, long address, int length, long value) {
    record.clear().putLong(cycle).putLong(address).putLong(value).putInt(cpu).putInt(length);
    out.write(record.array(), 0, TextStores.RECORD);
  }
}

package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.ByteSink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/// What cores did, besides executing and storing, while text changed ([TextChanges]). The file `truth/events.log`:
/// magic `CPEVENT1`, then records of 24 bytes, little endian: cycle (8), address (8), detail (4), CPU (2), kind (2).
public final class EventLog {
  static final byte[] MAGIC = {'C', 'P', 'E', 'V', 'E', 'N', 'T', '1'};
  static final int RECORD = 24;
  private static final Kind[] KINDS = Kind.values();

  private final RecordFile file;
  private final int cpus;

  /// What a record tells of. Their order is that of the file's numbers.
  public enum Kind {
    /// A context synchronization: what the CPU had fetched ahead is gone.
    SYNCHRONIZED,
    /// An interrupt was sent; detail: to which CPU, address: its vector.
    SENT,
    /// The flow left `address` for a handler; detail: kind of diversion as in the truth's rows.
    DIVERTED,
    /// Data of a line (address, 0: of all) reached the point of unification.
    CLEANED,
    /// A line (address, 0: all) left the instruction caches.
    INVALIDATED,
    /// A barrier that waits for maintenance; detail: how much of it that completed.
    BARRIER,
    /// The guest reported that the text at `address` changes.
    REPORTED
  }

  /// A record.
  ///
  /// @param cpu     who
  /// @param cycle   its clock
  /// @param address what the kind says of it, else 0
  /// @param detail  what the kind says of it, else 0
  public record Entry(Kind kind, int cpu, long cycle, long address, int detail) {}

  /// Writes the file.
  static final class Writer {
    private final ByteSink out;
    private final transient ByteBuffer record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);

    Writer(ByteSink out) {
      this.out = out;
      out.write(MAGIC, 0, MAGIC.length);
    }

    void add(Kind kind, int cpu, long cycle, long address, int detail) {
      record.clear().putLong(cycle).putLong(address).putInt(detail).putShort((short) cpu)
          .putShort((short) kind.ordinal());
      out.write(record.array(), 0, RECORD);
    }
  }

  private EventLog(RecordFile file, int cpus) {
    this.file = file;
    this.cpus = cpus;
  }

  /// Opens the file form, of a run of `cpus` CPUs.
  ///
  /// @throws BadInput if it is none
  public static EventLog open(Path file, int cpus) {
    return new EventLog(RecordFile.open(file, MAGIC, RECORD, "log of events"), cpus);
  }

  /// Tells `listener` of all records, in the order in which they were written: in that of time but for the length of an
  /// instruction.
  ///
  /// @throws BadInput if one is of no known kind, or of a CPU that the run has not
  public void forEach(Consumer<Entry> listener) {
    file.forEach(fields -> {
      listener.accept(entry(fields));
      return true;
    });
  }

  /// The same records one by one.
  public Cursor<Entry> cursor() {
    return file.cursor(this::entry);
  }

  private Entry entry(ByteBuffer fields) {
    int kind = fields.getShort(22);
    int cpu = fields.getShort(20);
    if (kind < 0 || kind >= KINDS.length) {
      throw new BadInput(file.file() + ": a record of kind " + kind + ", which there is not");
    }
    if (cpu < 0 || cpu >= cpus) {
      throw new BadInput(file.file() + ": a record of CPU " + cpu + ", and the run has " + cpus);
    }
    return new Entry(KINDS[kind], cpu, fields.getLong(0), fields.getLong(8), fields.getInt(16));
  }
}

package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.ByteSink;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/// What cores did, besides executing and storing, while text changed ([TextChanges]). The file `truth/events.log`:
/// magic `CPEVENT1`, then records of 24 bytes, little endian: cycle (8), address (8), detail (4), CPU (2), kind (2).
///
/// It is read anew for every question and never held.
public final class EventLog {
  static final byte[] MAGIC = {'C', 'P', 'E', 'V', 'E', 'N', 'T', '1'};
  static final int RECORD = 24;
  private static final int BUFFER = 1 << 16;
  private static final Kind[] KINDS = Kind.values();

  private final Path file;
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

  private EventLog(Path file, int cpus) {
    this.file = file;
    this.cpus = cpus;
  }

  /// Opens the file form, of a run of `cpus` CPUs.
  ///
  /// @throws BadInput if it is none
  public static EventLog open(Path file, int cpus) {
    try (InputStream in = Files.newInputStream(file)) {
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC) || (Files.size(file) - MAGIC.length) % RECORD != 0) {
        throw new BadInput(file + ": not a log of events, or cut off");
      }
      return new EventLog(file, cpus);
    } catch (IOException e) {
      throw unreadable(file);
    }
  }

  private static BadInput unreadable(Path file) {
    return new BadInput(file + ": cannot be read; the output of this run is not complete");
  }

  /// Tells `listener` of all records, in the order in which they were written: in that of time but for the length of an
  /// instruction.
  ///
  /// @throws BadInput if one is of no known kind, or of a CPU that the run has not
  public void forEach(Consumer<Entry> listener) {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
      in.skipNBytes(MAGIC.length);
      byte[] record = new byte[RECORD];
      ByteBuffer fields = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
      for (long number = 0; in.readNBytes(record, 0, RECORD) == RECORD; number++) {
        int kind = fields.getShort(22);
        if (kind < 0 || kind >= KINDS.length) {
          throw new BadInput(file + ": record " + number + ": there is no kind " + kind);
        }
        int cpu = fields.getShort(20);
        if (cpu < 0 || cpu >= cpus) {
          throw new BadInput(file + ": record " + number + ": of CPU " + cpu + ", and the run has " + cpus);
        }
        listener.accept(new Entry(KINDS[kind], cpu, fields.getLong(0), fields.getLong(8),
            fields.getInt(16)));
      }
    } catch (IOException e) {
      throw unreadable(file);
    }
  }
}

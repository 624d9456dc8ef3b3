package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.Event.VersionExecuted;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The versions of changed lines of text that CPUs executed, whose numbers stand in their truth logs. The file
/// `truth/text.log`: magic `CPTEXT01`, then records of 72 bytes: address of the line (8, little endian), its bytes
/// (64). Version 1 is the first.
///
/// It is read a record at a time and never held.
public final class TextLog implements AutoCloseable {
  static final byte[] MAGIC = {'C', 'P', 'T', 'E', 'X', 'T', '0', '1'};
  static final int RECORD = Long.BYTES + PhysicalMemory.LINE;

  private final Path file;
  private final FileChannel channel;

  /// A version.
  ///
  /// @param address of the line
  /// @param bytes   what it held
  public record Line(long address, byte[] bytes) {}

  private TextLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// Numbers versions and writes each that is new to it. It knows the versions that were executed last: one that it
  /// meets again much later gets another number, and another record of the same content.
  static final class Writer {
    private static final int KNOWN = 1 << 12;

    private record Version(long address, long line, long born) {}

    private final ByteSink out;
    private final SequencedMap<Version, Integer> numbers = new LinkedHashMap<>(16, 0.75f, true);
    private int last;

    Writer(ByteSink out) {
      this.out = out;
      out.write(MAGIC, 0, MAGIC.length);
    }

    /// Number of a version, 1 and up.
    int number(VersionExecuted e) {
      Version version = new Version(e.address(), e.line(), e.born());
      Integer known = numbers.get(version);
      if (known != null) {
        return known;
      }
      if (numbers.size() == KNOWN) {
        numbers.pollFirstEntry();
      }
      numbers.put(version, ++last);
      byte[] record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN).putLong(e.address())
          .put(e.bytes(), 0, PhysicalMemory.LINE).array();
      out.write(record, 0, RECORD);
      return last;
    }
  }

  /// Opens the file form; to be closed.
  ///
  /// @throws BadInput if it is none
  public static TextLog open(Path file) {
    try {
      FileChannel channel = FileChannel.open(file);
      TextLog log = new TextLog(file, channel);
      ByteBuffer magic = ByteBuffer.allocate(MAGIC.length);
      channel.read(magic, 0);
      if (!magic.flip().equals(ByteBuffer.wrap(MAGIC)) || (channel.size() - MAGIC.length) % RECORD != 0) {
        log.close();
        throw new BadInput(file + ": not a log of text versions, or cut off");
      }
      return log;
    } catch (IOException e) {
      throw unreadable(file);
    }
  }

  private static BadInput unreadable(Path file) {
    return new BadInput(file + ": cannot be read; the output of this run is not complete");
  }

  /// Version `number`.
  ///
  /// @throws BadInput if there is none
  public Line line(long number) {
    ByteBuffer record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (number < 1 || number > (channel.size() - MAGIC.length) / RECORD) {
        throw new BadInput(file + ": has no version " + number + ", which a truth log names");
      }
      channel.read(record, MAGIC.length + (number - 1) * RECORD);
    } catch (IOException e) {
      throw unreadable(file);
    }
    byte[] bytes = new byte[PhysicalMemory.LINE];
    long address = record.flip().getLong();
    record.get(bytes);
    return new Line(address, bytes);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}

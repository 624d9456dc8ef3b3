package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A log of records of one length behind a magic, little endian. It is read anew for every question and never held.
///
/// @param file   where it lies
/// @param magic  what it begins with
/// @param length bytes of a record
record RecordFile(Path file, byte[] magic, int length) {
  private static final int BUFFER = 1 << 16;

  /// Checks that a file is such a log.
  ///
  /// @param what it is for messages: `log of text stores`
  /// @throws BadInput if it is none
  static RecordFile open(Path file, byte[] magic, int length, String what) {
    try (InputStream in = Files.newInputStream(file)) {
      if (!Arrays.equals(in.readNBytes(magic.length), magic) || (Files.size(file) - magic.length) % length != 0) {
        throw new BadInput(file + ": not a " + what + ", or cut off");
      }
      return new RecordFile(file, magic, length);
    } catch (IOException e) {
      throw unreadable(file);
    }
  }

  private static BadInput unreadable(Path file) {
    return new BadInput(file + ": cannot be read; the output of this run is not complete");
  }

  /// Hands the records to `listener`, from the first on, in one buffer, until it returns false.
  void forEach(Predicate<ByteBuffer> listener) {
    try (Cursor<ByteBuffer> records = cursor(fields -> fields)) {
      ByteBuffer fields = records.next();
      while (fields != null && listener.test(fields)) {
        fields = records.next();
      }
    }
  }

  /// The records from the first on, made of the one buffer that they are read into.
  <T> Cursor<T> cursor(Function<ByteBuffer, T> make) {
    try {
      InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
      in.skipNBytes(magic.length);
      return new Records<>(file, in, length, make);
    } catch (IOException e) {
      throw unreadable(file);
    }
  }

  private static final class Records<T> implements Cursor<T> {
    private final Path file;
    private final InputStream in;
    private final byte[] record;
    private final ByteBuffer fields;
    private final Function<ByteBuffer, T> make;

    Records(Path file, InputStream in, int length, Function<ByteBuffer, T> make) {
      this.file = file;
      this.in = in;
      this.make = make;
      record = new byte[length];
      fields = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public @Nullable T next() {
      try {
        return in.readNBytes(record, 0, record.length) == record.length ? make.apply(fields) : null;
      } catch (IOException e) {
        throw unreadable(file);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }
}

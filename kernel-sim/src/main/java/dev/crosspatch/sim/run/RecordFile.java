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
import java.util.function.Predicate;

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
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      in.skipNBytes(magic.length);
      byte[] record = new byte[length];
      ByteBuffer fields = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
      boolean more = true;
      while (more && in.readNBytes(record, 0, length) == length) {
        more = listener.test(fields);
      }
    } catch (IOException e) {
      throw unreadable(file);
    }
  }
}

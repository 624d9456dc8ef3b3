package dev.crosspatch.sim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// Reads input files, each within a limit: whatever a path leads to, the answer is bytes or one line, soon.
public final class Inputs {
  /// Most bytes of a scenario, or of another text that is parsed as a whole.
  public static final int MOST_YAML = 1 << 20;
  /// Most bytes of an assembly source.
  public static final int MOST_SOURCE = 16 << 20;
  /// Most bytes of a file that is held in memory: traces, images, logs.
  public static final int MOST_BINARY = 1 << 30;

  private Inputs() {}

  /// The bytes of a file, or of a pipe that this process was given (`/dev/stdin`, `/dev/fd/N`).
  ///
  /// @param most the limit; a quarter of the heap is another
  /// @throws BadInput `FILE: cannot be read: why`
  public static byte[] bytes(Path file, int most) {
    long room = Math.min(most, Runtime.getRuntime().maxMemory() / 4);
    if (checkFile(file) > room) {
      throw tooLarge(file, room);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes((int) room + 1);
      if (bytes.length > room) {
        throw tooLarge(file, room);
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(file, IoReason.of(e).replace(file + ": ", ""));
    }
  }

  /// The text of a file in UTF-8.
  ///
  /// @throws BadInput if it cannot be read, is too long, or is not UTF-8 (`FILE:LINE: ...`)
  public static String text(Path file, int most) {
    byte[] bytes = bytes(file, most);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadInput(file + ":" + lineOfBadByte(bytes) + ": not text in UTF-8");
    }
  }

  private static int lineOfBadByte(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    java.nio.CharBuffer out = java.nio.CharBuffer.allocate(bytes.length + 1);
    StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    int line = 1;
    for (int i = 0; i < in.position(); i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    return line;
  }

  /// Checks that a path leads to a file, not to a directory, a device or a named pipe, which may have no end, or no
  /// beginning.
  ///
  /// @return its size; of a pipe 0
  /// @throws BadInput if it does not
  public static long checkFile(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      if (found.isDirectory()) {
        throw unreadable(file, "it is a directory");
      }
      if (found.isOther() && !isGiven(file)) {
        throw unreadable(file, "it is a pipe or a device, not a file");
      }
      return found.isOther() ? 0 : found.size();
    } catch (NoSuchFileException e) {
      throw unreadable(file, Files.isSymbolicLink(file) ? "it is a link to what is not there" : "it is not there");
    } catch (IOException e) {
      throw unreadable(file, IoReason.of(e).replace(file + ": ", ""));
    }
  }

  /// The same, of a file with `most` bytes at most.
  public static long checkFile(Path file, long most) {
    long size = checkFile(file);
    if (size > most) {
      throw tooLarge(file, most);
    }
    return size;
  }

  private static boolean isGiven(Path file) {
    String name = file.toString();
    return name.equals("/dev/stdin") || name.startsWith("/dev/fd/") || name.startsWith("/proc/self/fd/");
  }

  private static BadInput tooLarge(Path file, long most) {
    return unreadable(file, "it has more than " + most + " bytes");
  }

  private static BadInput unreadable(Path file, String why) {
    return new BadInput(file + ": cannot be read: " + why);
  }
}

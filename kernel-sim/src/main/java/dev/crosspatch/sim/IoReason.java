package dev.crosspatch.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/// What went wrong with a file, for people: most of these exceptions have nothing but a path for a message, or a path
/// and a reason.
public final class IoReason {
  private IoReason() {}

  /// The reason, with the path where the exception knows it: `/x/y is not there`, `No space left on device`.
  public static String of(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> none.getFile() + " is not there";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException there -> there.getFile() + " exists and is no directory";
      case NotDirectoryException none -> none.getFile() + " is no directory";
      case DirectoryNotEmptyException full -> full.getFile() + " is not empty";
      case FileSystemException other -> other.getFile() + ": " + orElse(other.getReason(), "not possible");
      case CharacterCodingException none -> "not UTF-8";
      default -> orElse(e.getMessage(), e.getClass().getSimpleName());
    };
  }

  /// The same of one that a stream has wrapped.
  public static String of(UncheckedIOException e) {
    IOException cause = e.getCause();
    return cause == null ? String.valueOf(e.getMessage()) : of(cause);
  }

  private static String orElse(@Nullable String text, String otherwise) {
    return text == null || text.isBlank() ? otherwise : text;
  }
}

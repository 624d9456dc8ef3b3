package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// A file of a kind of our own, which an option names: it replaces none of another kind.
///
/// @param option that names it
/// @param file   where it is to be
/// @param begins how files of its kind begin, within their first [#MOST] bytes
/// @param what   its kind is called
record OwnFile(String option, Path file, Pattern begins, String what) {
  private static final int MOST = 1 << 16;

  /// One whose kind always begins with the same text.
  OwnFile(String option, Path file, String begins, String what) {
    this(option, file, Pattern.compile(Pattern.quote(begins)), what);
  }

  /// Checks, before anything runs, that it can be written and takes the place of nothing else.
  ///
  /// @throws BadInput if it cannot, or would
  void check() throws IOException {
    if (file.equals(Path.of("-"))) {
      throw new BadInput(option + ": - is not standard output here; name a file");
    }
    WholeFile.check(file);
    if (Files.isRegularFile(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        String there = new String(in.readNBytes(MOST), StandardCharsets.UTF_8);
        if (!there.isEmpty() && !begins.matcher(there).lookingAt()) {
          throw new BadInput(option + ": " + file + " is there and is no " + what
              + "; choose another name or remove it");
        }
      }
    }
  }

  /// Checks that it is another file than one that is needed.
  ///
  /// @param other the other
  /// @param is    what that is, and what would become of it
  void checkOther(Path other, String is) throws IOException {
    if (same(file, other)) {
      throw new BadInput(option + ": " + file + " is " + is);
    }
  }

  /// Checks that it is outside of a directory that holds nothing but what every run leaves.
  void checkOutside(Path out) throws IOException {
    if (real(file).startsWith(real(out))) {
      throw new BadInput(option + ": " + file + " is in the output directory " + out
          + ", which holds nothing but what every run leaves");
    }
  }

  /// Whether two paths lead to one file; pipes and devices may be named twice.
  static boolean same(Path one, Path other) throws IOException {
    if (Files.exists(one) && Files.exists(other)) {
      return Files.isRegularFile(one) && Files.isSameFile(one, other);
    }
    return real(one).equals(real(other));
  }

  /// The path without links, as far as it is there.
  private static Path real(Path path) throws IOException {
    if (Files.exists(path) && (Files.isRegularFile(path) || Files.isDirectory(path))) {
      return path.toRealPath();
    }
    Path whole = path.toAbsolutePath().normalize();
    Path parent = whole.getParent();
    return parent == null ? whole : real(parent).resolve(whole.getFileName());
  }
}

package dev.crosspatch.tests.isa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// A difference from a stranger's reading of x86-64 bytes that is meant: a line of a table with tabs between its cells.
///
/// @param kind    of difference
/// @param bytes   whose beginning it is about, in hexadecimal
/// @param name    the stranger's mnemonic, or what stands for none
/// @param example bytes that show it, in hexadecimal
/// @param reason  who is right, and where that stands
record X86Meant(String kind, Pattern bytes, Pattern name, String example, String reason) {
  boolean covers(String difference, String hex, String theirs) {
    return difference.equals(kind) && name.matcher(theirs).matches() && bytes.matcher(hex).lookingAt();
  }

  /// All lines of a table of the tests' resources but comments.
  static List<X86Meant> all(String file) {
    try {
      return Files.readAllLines(Path.of("src", "test", "resources", file)).stream()
          .filter(line -> !line.isBlank() && !line.startsWith("#")).map(X86Meant::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static X86Meant parse(String line) {
    String[] cells = line.split("\t", 5);
    return new X86Meant(cells[0], Pattern.compile(cells[1]), Pattern.compile(cells[2]), cells[3], cells[4]);
  }
}

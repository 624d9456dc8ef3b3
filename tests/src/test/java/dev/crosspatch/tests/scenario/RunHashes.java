package dev.crosspatch.tests.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Hashes, shortened to 16 hex digits, of what a run must leave bit for bit: names and contents of its traces, its poke
/// log, and its truth.
record RunHashes(String trace, String pokes, String truth) {
  private static final int DIGITS = 16;

  /// Of a finished run.
  static RunHashes of(Path directory) {
    return new RunHashes(hash(directory, "trace"), hash(directory, "pokes.jsonl"), hash(directory, "truth"));
  }

  private static String hash(Path directory, String part) {
    try (Stream<Path> files = Files.walk(directory.resolve(part))) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      List<Path> sorted = files.filter(Files::isRegularFile).filter(p -> !p.toString().endsWith(".flow"))
          .sorted().toList();
      for (Path file : sorted) {
        digest.update(directory.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

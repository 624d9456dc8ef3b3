package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every scenario that ships leaves the same traces, poke logs and truth, bit for bit, as when `shipped-hashes.tsv` was
/// written: what only moves code changes none of them, and what changes time or behaviour shows here what it reaches,
/// and brings the new table with it, from `target/shipped-hashes.tsv`.
final class ShippedBytesTest {
  private static final String TABLE = "/shipped-hashes.tsv";

  @Test
  void sameBytesAsBefore() throws IOException {
    List<String> now = new ArrayList<>();
    List<String> names = ShippedScenariosTest.scenarios();
    for (String name : names) {
      RunHashes hashes = RunHashes.of(FinishedRun.of(name).directory().path());
      now.add(String.join("\t", name, hashes.trace(), hashes.pokes(), hashes.truth()));
    }
    Files.write(Path.of("target", "shipped-hashes.tsv"), now);
    assertEquals(String.join("\n", before(Set.copyOf(names))), String.join("\n", now));
  }

  /// The table's lines of these scenarios.
  private static List<String> before(Set<String> names) {
    try (InputStream in = Objects.requireNonNull(ShippedBytesTest.class.getResourceAsStream(TABLE))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
          .filter(line -> names.contains(line.substring(0, line.indexOf('\t')))).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

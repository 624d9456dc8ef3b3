package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A document with figures that a command prints.
final class Document {
  private Document() {}

  /// What stands there is what the command prints now; with `-Dcrosspatch.write=true` that is written in its place.
  static void holds(Path document, String before, String now) throws IOException {
    if (!Boolean.getBoolean("crosspatch.write")) {
      assertEquals(before, now, "run this test with -Pfull -Dcrosspatch.write=true to write the figures anew");
      return;
    }
    String text = Files.readString(document);
    assertTrue(text.contains(before), document::toString);
    Files.writeString(document, text.replace(before, now));
  }
}

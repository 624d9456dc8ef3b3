package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class OraclesTest {

  @Test
  void aMissingToolSkipsAndNamesThePackage() {
    TestAbortedException skipped = assertThrows(TestAbortedException.class,
        () -> Oracles.require("no-such-tool", "no-such-package"));
    assertEquals("skipped: no-such-tool is missing here; Debian package no-such-package has it", skipped.getMessage());
  }

  @Test
  void aMissingHeaderSkipsAndNamesThePackage() {
    Oracles.require("gcc", "gcc");
    TestAbortedException skipped =
        assertThrows(TestAbortedException.class,
            () -> Oracles.compile("no-such-program", "no-such-header.h", "no-such-package"));
    assertEquals("skipped: no-such-header.h is missing here; Debian package no-such-package has it",
        skipped.getMessage());
  }

  @Test
  void aFailingCommandIsToldWithItsStandardError() {
    AssertionError failed = assertThrows(AssertionError.class,
        () -> Oracles.run(List.of("sh", "-c", "echo no >&2; exit 3")));
    assertEquals("[sh, -c, echo no >&2; exit 3] ended with 3: no", failed.getMessage());
    assertEquals(List.of("a", "b"), Oracles.run(List.of("printf", "a\nb\n")));
  }
}

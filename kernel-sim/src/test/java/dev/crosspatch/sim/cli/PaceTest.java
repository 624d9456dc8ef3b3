package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.sweep.InOrder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the status line says, without a terminal.
final class PaceTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private long now = 1_000_000_000_000L;

  private Progress progress(boolean terminal) {
    return new Progress(new PrintStream(written, true, StandardCharsets.UTF_8), terminal) {
      @Override
      long now() {
        return now;
      }
    };
  }

  /// What stands on the line.
  private String line() {
    String all = written.toString(StandardCharsets.UTF_8);
    return all.substring(all.lastIndexOf('\r') + 1).stripTrailing();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "0    | 0    | 0 %",
      "0.5  | 1.9  | 50 %",
      "0.5  | 30   | 50 %, 0:30 left",
      "0.25 | 60   | 25 %, 3:00 left",
      "0.004 | 60  | 0 %",
      "0.01 | 3600 | 1 %, 99:00:00 left",
      "0.999 | 100 | 99 %, 0:00 left",
      "1    | 10   | 100 %, 0:00 left",
      "1.2  | 10   | 100 %, 0:00 left",
      "-1   | 10   | 0 %"
  })
  void percentAndTimeLeft(double share, double seconds, String text) {
    assertEquals(text, Pace.text(share, seconds));
  }

  @Test
  void aLineIsWrittenOverTheOneBefore() {
    try (Progress progress = progress(true)) {
      progress.show("running", 0.1, "10 of 100 flips");
      assertEquals("running: 10 of 100 flips, 10 %", line());
      now += 10_000_000_000L;
      progress.show("running", 0.5, "50 of 100 flips");
      assertEquals("running: 50 of 100 flips, 50 %, 0:10 left", line());
      progress.show("running", 0.6, "too soon");
      assertEquals("running: 50 of 100 flips, 50 %, 0:10 left", line());
      now += 1_000_000_000L;
      progress.show("decoding", 0.25, "CPU 1 of 0..3"); // another thing begins, with a time of its own
      assertEquals("decoding: CPU 1 of 0..3, 25 %", line());
    }
    assertTrue(written.toString(StandardCharsets.UTF_8).endsWith(" \r"), "cleared");
  }

  @Test
  void aPipeGetsNothing() {
    try (Progress progress = progress(false)) {
      progress.show("running", 0.1, "10 of 100 flips");
      progress.show("booting");
    }
    assertEquals(0, written.size());
  }

  /// Runs that are under way count for what is done of them.
  @Test
  void manyRunsAreOneLine() {
    List<String> lines = new ArrayList<>();
    try (SweepProgress sweep = new SweepProgress(progress(true), 4)) {
      List<InOrder.Work<String>> work = List.of(turn -> {
        try (Progress one = sweep.one(turn)) {
          one.show("running", 0, "");
          now += 6_000_000_000L;
          one.show("running", 1, "");
        }
        return line();
      }, turn -> {
        try (Progress one = sweep.one(turn)) {
          now += 1_000_000_000L;
          one.show("running", 0.5, "");
          lines.add(line());
          now += 1_000_000_000L;
          one.show("decoding", 0.5, "");
        }
        return line();
      });
      new InOrder().each(work.iterator(), 1, lines::add);
    }
    assertEquals(List.of("runs: 0 of 4, 15 %, 0:34 left", "runs: 1 of 4, 32 %, 0:15 left",
        "runs: 1 of 4, 45 %, 0:10 left"), lines);
  }

  @Test
  void aRunThatNobodyWillHearOfEnds() {
    List<String> ends = new ArrayList<>();
    try (SweepProgress sweep = new SweepProgress(progress(true), 2)) {
      List<InOrder.Work<String>> work = List.of(turn -> {
        turn.isLast();
        return "";
      }, turn -> {
        try (Progress one = sweep.one(turn)) {
          assertThrows(SweepProgress.Abandoned.class, () -> one.show("booting"));
        }
        return "";
      });
      new InOrder().each(work.iterator(), 1, ends::add);
    }
    assertEquals(2, ends.size());
  }
}

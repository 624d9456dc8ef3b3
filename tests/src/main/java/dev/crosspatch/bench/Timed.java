package dev.crosspatch.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A process that has ended, and what it took.
///
/// @param output    standard output, a character for each byte
/// @param error     standard error
/// @param status    exit status
/// @param seconds   from its start to its end
/// @param processor seconds of processor time, its own and the system's for it
record Timed(String output, String error, int status, double seconds, double processor) {
  /// Runs what stands behind its first argument, and writes to that file what the shell's children took.
  private static final String SHELL = "file=$1; shift; \"$@\"; status=$?; times >\"$file\"; exit $status";
  /// What `times` prints of each (POSIX.1-2017, times): user and system time.
  private static final Pattern TIME = Pattern.compile("(\\d+)m([\\d.]+)s");

  /// Runs a command without input.
  ///
  /// @param directory where its output may lie meanwhile
  static Timed run(Path directory, List<String> command) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Path times = directory.resolve("times");
    List<String> whole = new ArrayList<>(List.of("sh", "-c", SHELL, "sh", times.toString()));
    whole.addAll(command);
    long start = System.nanoTime();
    Process process = new ProcessBuilder(whole).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    int status;
    try {
      status = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Timed(text(out), text(err), status, seconds, children(text(times)));
  }

  /// Of the two lines that `times` prints the second, which is of the children.
  static double children(String times) {
    Matcher of = TIME.matcher(times.lines().skip(1).findFirst().orElse(""));
    double sum = 0;
    while (of.find()) {
      sum += 60 * Integer.parseInt(of.group(1)) + Double.parseDouble(of.group(2));
    }
    return sum;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}

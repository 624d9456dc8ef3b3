package dev.crosspatch.sim.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// What a call of the command line said. In arguments and output, `DIR` stands for the test's directory.
final class Said {
  final int status;
  final String out;
  final String err;

  private Said(int status, String out, String err) {
    this.status = status;
    this.out = out;
    this.err = err;
  }

  static Said of(Path dir, String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream heardOut = new ByteArrayOutputStream();
    ByteArrayOutputStream heardErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(heardOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(heardErr, true, StandardCharsets.UTF_8));
    try {
      int status = Main.execute(Arrays.stream(args).map(a -> a.replace("DIR", dir.toString())).toArray(String[]::new));
      return new Said(status, text(dir, heardOut), text(dir, heardErr));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static String text(Path dir, ByteArrayOutputStream heard) {
    return heard.toString(StandardCharsets.UTF_8).replace(dir.toString(), "DIR");
  }

  /// The first line of the output that starts so, without that start.
  String line(String start) {
    return out.lines().filter(l -> l.startsWith(start)).findFirst()
        .orElseThrow(() -> new AssertionError("no '" + start + "' in\n" + out))
        .substring(start.length());
  }
}

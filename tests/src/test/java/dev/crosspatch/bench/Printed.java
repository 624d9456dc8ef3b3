package dev.crosspatch.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/// What a benchmark printed in this process.
///
/// @param output standard output
/// @param error  standard error
/// @param status exit status
record Printed(String output, String error, int status) {

  static Printed of(Callable<Integer> command) throws Exception {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
    try {
      int status = command.call();
      return new Printed(output.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8), status);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}

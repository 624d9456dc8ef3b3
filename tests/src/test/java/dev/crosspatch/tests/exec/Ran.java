package dev.crosspatch.tests.exec;

import dev.crosspatch.sim.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a program left.
///
/// @param output standard output, a character for each byte
/// @param error  standard error
/// @param status exit status, 128 and its number if a signal ended it
record Ran(String output, String error, int status) {

  /// Runs it by `crosspatch exec`.
  static Ran of(List<String> options, Path program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("exec"));
    command.addAll(options);
    command.add(program.toString());
    command.addAll(arguments);
    return of(command, "");
  }

  /// The command that runs a program by `crosspatch exec` in a process of its own.
  static List<String> command(List<String> options, Path program, List<String> arguments) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path"),
        Main.class.getName(), "exec"));
    command.addAll(options);
    command.add(program.toString());
    command.addAll(arguments);
    return command;
  }

  /// Runs a command of crosspatch.
  static Ran of(List<String> command, String input) {
    return of(command, input.getBytes(StandardCharsets.UTF_8));
  }

  /// The same with any bytes as its standard input.
  static Ran of(List<String> command, byte[] input) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    InputStream in = System.in;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
      System.setIn(new ByteArrayInputStream(input));
      int status = Main.execute(command.toArray(String[]::new));
      return new Ran(output.toString(StandardCharsets.ISO_8859_1), error.toString(StandardCharsets.ISO_8859_1), status);
    } finally {
      System.setOut(out);
      System.setErr(err);
      System.setIn(in);
    }
  }
}

package dev.crosspatch.isa.toy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.sim.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// What a call of the command line said.
record Said(int status, String out, String err) {
  static Said of(Object... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream heardOut = new ByteArrayOutputStream();
    ByteArrayOutputStream heardErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(heardOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(heardErr, true, StandardCharsets.UTF_8));
    try {
      int status = Main.execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
      return new Said(status, heardOut.toString(StandardCharsets.UTF_8), heardErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /// Of one that ends well.
  static List<String> lines(Object... args) {
    Said said = of(args);
    assertEquals("", said.err);
    assertEquals(0, said.status, said.out);
    return said.out.lines().toList();
  }

  /// The first line that starts so.
  String line(String start) {
    return out.lines().filter(l -> l.startsWith(start)).findFirst()
        .orElseThrow(() -> new AssertionError("no '" + start + "' in\n" + out + err));
  }
}

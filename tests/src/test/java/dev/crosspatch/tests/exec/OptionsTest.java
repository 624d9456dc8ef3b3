package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.Plugins;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Options of `exec` that say nothing, or nothing together, are refused in a line.
final class OptionsTest {
  private static final int X86_64 = 62;

  @TempDir
  Path directory = Path.of("");

  @Test
  void theProgramWouldRun() throws IOException {
    Ran ran = Ran.of(List.of(), Files.write(directory.resolve("x"), program(X86_64)), List.of());
    assertEquals(128 + 11, ran.status(), ran.error());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --env FOO x             | --env: 'FOO' is no NAME=VALUE
      --env =x x              | --env: '=x' is no NAME=VALUE
      --env = x               | --env: '=' is no NAME=VALUE
      --env A=1 --env B x     | --env: 'B' is no NAME=VALUE
      --root EMPTY x          | --root: '' is no directory
      --trace EMPTY x         | --trace: '' is no directory
      EMPTY                   | PROGRAM.elf: '' is no file
      --root /nowhere/at/all x | --root: /nowhere/at/all is not there
      --writable x            | --writable: there are no files without --root
      --flow x                | --flow: nothing is traced without --trace
      --memory 3 x            | --memory: 3 is not within 4..1024
      --memory -1 x           | --memory: -1 is not within 4..1024
      --max-insns -1 x        | --max-insns: -1 is negative
      --stdin x               | --stdin: takes no program: x
      --stdin --cpus 2        | --cpus: is not for --stdin, which takes --preset alone
      --stdin --cpus 1        | --cpus: is not for --stdin
      --stdin --memory 64     | --memory: is not for --stdin
      --stdin --memory 3      | --memory: is not for --stdin
      --stdin --seed 2        | --seed: is not for --stdin
      --stdin --env A=1       | --env: is not for --stdin
      --stdin --root /        | --root: is not for --stdin
      --stdin --writable      | --writable: is not for --stdin
      --stdin --stats         | --stats: is not for --stdin
      --stdin --trace x       | --trace: is not for --stdin
      --stdin --trace-protocol pt | --trace-protocol: is not for --stdin
      --stdin --flow          | --flow: is not for --stdin
      --stdin --max-insns 5   | --max-insns: is not for --stdin
      --stdin --time none     | --time: is not for --stdin
      --preset 486 --stdin    | --preset: '486' is none of
      """)
  void areRefused(String options, String message) throws IOException {
    Path program = Files.write(directory.resolve("x"), program(X86_64));
    List<String> command = new ArrayList<>(List.of("exec"));
    Arrays.stream(options.split(" ", -1)).map(word -> word.equals("EMPTY") ? "" : word)
        .map(word -> word.equals("x") ? program.toString() : word).forEach(command::add);
    Ran ran = Ran.of(command, "");
    assertEquals(2, ran.status(), ran.error());
    assertEquals(1, ran.error().lines().count(), ran.error());
    assertTrue(ran.error().contains(message.replace("program: x", "program: " + program)), ran.error());
    assertEquals("", ran.output());
  }

  @Test
  void helpNamesThePresets() {
    String help = Ran.of(List.of("exec", "--help"), "").output().replaceAll("\\s+", " ");
    String all = String.join(", ", Stream.of("aarch64", "x86-64").flatMap(isa -> Plugins.isa(isa).presets().stream())
        .toList());
    assertTrue(all.startsWith("cortex-a72, ") && help.contains("(default: its first): " + all + "."), help);
  }

  /// A program without instructions, which would end by SIGSEGV.
  ///
  /// @param machine ELF's number of it
  static byte[] program(int machine) {
    ByteBuffer file = ByteBuffer.allocate(64 + 56).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(16, (short) 2).putShort(18, (short) machine);
    file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
    file.putInt(64, 1).putLong(64 + 16, 0x40_0000).putLong(64 + 40, 4096);
    return file.array();
  }
}

package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Standard input that comes while the program ([input.c](../../../../../c/input.c)) runs. How calls wait for it is no
/// architecture's own, so both ISAs are held against the host.
final class StandardInputTest {
  private static final int SECONDS = 300;
  private static final String FILE = "printf 'what there is\\n' > input; { \"$@\"; cat; } < input 2>&1";
  private static final String PIPE = "printf 'what there is\\n' | { \"$@\"; cat; } 2>&1";

  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void comesWhenItsPeerHasSeenOutput(Toolchain tools) throws IOException, InterruptedException {
    List<String> part = List.of("talk");
    String theirs = talk(List.of(Toolchain.X86.bare(directory, "input").toString(), "talk"));
    Path program = tools.bare(directory, "input");
    for (String cpus : List.of("2", "1")) {
      assertEquals(theirs, talk(Ran.command(List.of("--cpus", cpus), program, part)), cpus);
    }
  }

  /// Whoever reads it next finds what the program did not read.
  @ParameterizedTest
  @EnumSource
  void noMoreOfItIsTakenThanTheProgramTakes(Toolchain tools) throws IOException, InterruptedException {
    for (String script : List.of(FILE, PIPE)) {
      String theirs = read(script(script, List.of(Toolchain.X86.bare(directory, "input").toString(), "take")));
      Path program = tools.bare(directory, "input");
      assertEquals(theirs, read(script(script, Ran.command(List.of(), program, List.of("take")))), script);
    }
  }

  /// Where all of it is there before it is read, the program does the same in the same time whatever it comes from.
  @ParameterizedTest
  @EnumSource
  void whatIsThereAtOnceIsReadAtOnce(Toolchain tools) throws IOException, InterruptedException {
    List<String> command = Ran.command(List.of("--stats"), tools.bare(directory, "input"), List.of("copy"));
    List<List<String>> ran = new ArrayList<>();
    for (String script : List.of(FILE, PIPE)) {
      ran.add(read(script(script, command)).lines().filter(line -> !line.matches("(host seconds|MIPS).*")).toList());
    }
    assertEquals("what there is", ran.getFirst().getFirst());
    assertEquals("instructions", ran.getFirst().get(1).split(" ", 2)[0]);
    assertEquals(ran.getFirst(), ran.getLast());
  }

  private static List<String> script(String script, List<String> command) {
    List<String> all = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    all.addAll(command);
    return all;
  }

  private Process start(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).directory(directory.toFile())
        .redirectError(directory.resolve("error").toFile()).start();
    CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
    return process;
  }

  private String read(List<String> command) throws IOException, InterruptedException {
    Process process = start(command);
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.ISO_8859_1);
      process.waitFor();
      return text;
    }
  }

  /// Lets a command talk to a peer that answers each line that asks. Returns what it printed, and its exit status.
  private String talk(List<String> command) throws IOException, InterruptedException {
    Process process = start(command);
    StringBuilder all = new StringBuilder();
    OutputStream in = process.getOutputStream();
    try (BufferedReader out = process.inputReader(StandardCharsets.ISO_8859_1)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        all.append(line).append('\n');
        if (line.startsWith("?")) {
          in.write((line.substring(1) + "\n").getBytes(StandardCharsets.ISO_8859_1));
          in.flush();
        } else if (line.startsWith("!")) {
          in.close();
        }
      }
    }
    return all.append(process.waitFor()).toString();
  }
}

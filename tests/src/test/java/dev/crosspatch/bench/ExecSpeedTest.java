package dev.crosspatch.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.cli.Main;
import dev.crosspatch.tests.isa.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `./bench exec` and `./bench coldcode`: what they do not understand, and a little of what they print.
final class ExecSpeedTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> CROSSPATCH = List.of(
      Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
      Main.class.getName());

  @TempDir
  Path directory = Path.of("");

  private static Printed exec(String... args) throws Exception {
    return Printed.of(() -> ExecSpeed.execute(ROOT, CROSSPATCH, args));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "nope         | exec: 'nope' is none of the programs: blocks, calls, core, floats, longdouble, matrix, mmx, ",
      "-x           | exec: '-x' is no option; usage: exec [--runs N] [--percent N] [PROGRAM...]",
      "--runs       | exec: --runs: its number is missing",
      "--runs x     | exec: --runs: 'x' is no number",
      "core --runs 0| exec: --runs: 0 is not within 1..1000"})
  void badInputIsOneLine(String args, String said) throws Exception {
    refused(said, exec(args.split(" +", -1)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "--pass 1     | coldcode: '--pass' is no option; usage: coldcode [--warm-up N] [--passes N] [PROGRAM.elf...]",
      "--passes -1  | coldcode: --passes: '-1' is no number",
      "/nowhere     | coldcode: /nowhere: cannot be read: ",
      "/dev/null    | coldcode: /dev/null: "})
  void badInputOfColdCode(String args, String said) throws Exception {
    refused(said, Printed.of(() -> ColdCode.execute(ROOT, args.split(" +", -1))));
  }

  private static void refused(String said, Printed printed) {
    assertEquals(2, printed.status());
    assertTrue(printed.error().startsWith(said), printed.error());
    assertEquals(1, printed.error().lines().count(), printed.error());
  }

  @Test
  void aTinyRun() throws Exception {
    Compiler compiler = Compiler.values()[0].isNative() ? Compiler.values()[0] : Compiler.values()[1];
    Programs.need(compiler.command(), compiler.debianPackage());
    Printed printed = exec("--runs", "1", "--percent", "1", "records");
    assertEquals(0, printed.status(), printed.error());
    String row = printed.output().lines().filter(line -> line.startsWith("records    " + compiler.isa())).findFirst()
        .orElse("");
    String time = "\\d+\\.\\d{3} \\(\\d+\\.\\d{3}\\)";
    assertTrue(Pattern.matches("records +" + compiler.isa() + " +[1-9][\\d,]{5,} +" + time + " +[\\d.]+ +[\\d.]+ +"
        + time + ".*", row), printed.output());
  }

  /// Somebody who prints something else: no figure, and status 1.
  @Test
  void whoPrintsSomethingElse() throws Exception {
    Programs.need(Compiler.X86_64.command(), Compiler.X86_64.debianPackage());
    Printed printed = Printed.of(() -> ExecSpeed.execute(ROOT, List.of("echo"), "--runs", "1", "--percent", "1",
        "records"));
    assertEquals(1, printed.status());
    assertTrue(printed.error().contains("exit status 0, prints '"), printed.error());
    assertEquals(2, printed.output().lines().count(), printed.output());
  }

  @Test
  void coldCodeOfAProgram() throws Exception {
    Compiler compiler = Compiler.X86_64;
    Programs.need(compiler.command(), compiler.debianPackage());
    Path program = directory.resolve("program");
    assertEquals(0, Timed.run(directory, compiler.compile(ROOT.resolve("programs").resolve("calls.c"), program,
        List.of("-static"), List.of())).status());
    Printed printed = Printed.of(() -> ColdCode.execute(ROOT, "--warm-up", "1", "--passes", "2", program.toString()));
    assertEquals(0, printed.status(), printed.error());
    String row = printed.output().lines().toList().getLast();
    assertTrue(Pattern.matches(Pattern.quote(program.toString()) + " +x86-64 +[1-9]\\d*,\\d{3} +\\d+\\.\\d\\d "
        + " \\d+\\.\\d\\d\\.\\.\\d+\\.\\d\\d +\\d+\\.\\d\\d +\\d+ %", row), row);
  }

  @Test
  void timesOfChildren() {
    assertEquals(61.5, Timed.children("0m9.000s 0m9.000s\n1m1.250s 0m0.250s\n"));
    assertEquals(0, Timed.children(""));
  }
}

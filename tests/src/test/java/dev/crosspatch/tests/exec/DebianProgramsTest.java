package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Debian's busybox-static and bash-static, as they are, print under `crosspatch exec` what they print natively, or
/// under QEMU, and their traces tell every instruction.
final class DebianProgramsTest {
  private static final String BUSYBOX = "bin/busybox";
  private static final String BASH = "bin/bash-static";
  private static final List<String> ROOT = List.of("--root", "/");

  /// `FILE` stands for a file of lines.
  private static final List<List<String>> APPLETS = List.of(
      List.of("echo", "hello", "world"),
      List.of("sha256sum", "FILE"),
      List.of("sha512sum", "FILE"),
      List.of("md5sum", "FILE"),
      List.of("cksum", "FILE"),
      List.of("sort", "FILE"),
      List.of("sort", "-n", "-r", "FILE"),
      List.of("uniq", "-c", "FILE"),
      List.of("wc", "FILE"),
      List.of("grep", "-c", "-E", "^1?[3-7]+ ", "FILE"),
      List.of("sed", "-n", "s/\\([0-9]*\\) \\(.*\\)/\\2:\\1/;5,9p", "FILE"),
      List.of("od", "-x", "FILE"),
      List.of("base64", "FILE"),
      List.of("gzip", "-c", "-n", "-9", "FILE"),
      List.of("cut", "-c", "2-4", "FILE"),
      List.of("seq", "1", "0.25", "3"),
      List.of("factor", "1234567890123456789"),
      List.of("expr", "6", "*", "7"),
      List.of("date", "-u", "-d", "@1000000000"),
      List.of("printf", "%5.2f|%-6s|%x\\n", "3.14159", "ab", "255"),
      List.of("false"),
      List.of("cat", "/nowhere"),
      List.of("awk", "BEGIN { for (i = 1; i <= 100; i++) s += i * i / 3; printf \"%d %.6f %s\\n\", i, s,"
          + " toupper(\"abc\"); print sqrt(2), exp(1), log(10), sin(1), atan2(1, 2), 2 ^ 0.5, int(-7.5),"
          + " substr(\"hello\", 2, 3) }"),
      List.of("awk", "{ n[length($2)]++; t += $1 } END { print t; for (k = 0; k < 9; k++) print k, n[k] + 0 }",
          "FILE"),
      List.of("sh", "-c", "i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; echo $i; for w in a b; do echo $w; done"),
      List.of("sh", "-c", "f() { case $1 in 0) echo 1 ;; *) echo $(($1 * 3)) ;; esac; }; f 0; f 5; exit 7"));

  private static final List<String> SCRIPTS = List.of(
      "for ((i = 0; i < 300; i++)); do s=$((s + i * i)); done; echo $s",
      "printf '%.3f %e %s %q\\n' 3.14159 12345.678 x 'a b'",
      "a=(3 1 2); echo ${#a[@]} ${a[@]/1/one}; declare -A m=([k]=v [l]=w); echo ${m[k]} ${!m[@]}",
      "[[ abc-123 =~ ([a-z]+)-([0-9]+) ]] && echo ${BASH_REMATCH[2]} ${BASH_REMATCH[1]^^}",
      "f() { local n=$1; ((n < 2)) && { r=$n; return; }; f $((n - 1)); local a=$r; f $((n - 2)); r=$((a + r)); };"
          + " f 11; echo $r",
      "while read -r n w; do ((n % 7 == 0)) && echo \"$w\"; done < FILE; exit 3",
      "trap 'echo bye' EXIT; trap 'echo caught' USR1; kill -USR1 $$; echo ${0##*/} ${PPID:+parent};"
          + " cd /nowhere; echo $?");

  @TempDir
  Path directory = Path.of("");

  private String lines() throws IOException {
    Path file = directory.resolve("lines");
    Files.writeString(file, IntStream.range(0, 400).mapToObj(i -> i * 7919 % 200 / 2 + " word" + i % 37)
        .collect(Collectors.joining("\n", "", "\n")));
    return file.toString();
  }

  private void same(Toolchain tools, List<String> options, Path program, List<String> arguments)
      throws IOException, InterruptedException {
    String file = lines();
    List<String> given = arguments.stream().map(a -> a.replace("FILE", file)).toList();
    Ran theirs = tools.onLinux(directory, program, given);
    Ran ours = Ran.of(options, program, given);
    assertEquals(theirs.output(), ours.output(), () -> tools + " " + options + " " + given + "\n" + ours.error());
    assertEquals(theirs.status(), ours.status(), () -> tools + " " + options + " " + given + "\n" + ours.error());
  }

  @ParameterizedTest
  @EnumSource
  void busyboxPrintsWhatItPrintsOnLinux(Toolchain tools) throws IOException, InterruptedException {
    Path busybox = tools.debian(BUSYBOX);
    for (List<String> applet : APPLETS) {
      same(tools, ROOT, busybox, applet);
    }
  }

  /// glibc chooses its functions by CPUID: those for SSE2, and for SSE4.2.
  @ParameterizedTest
  @ValueSource(strings = {"x86-64-v1", "x86-64-v2"})
  void busyboxRunsOnCoresOfALevel(String preset) throws IOException, InterruptedException {
    Path busybox = Toolchain.X86.debian(BUSYBOX);
    for (List<String> applet : APPLETS) {
      same(Toolchain.X86, List.of("--root", "/", "--preset", preset), busybox, applet);
    }
  }

  @ParameterizedTest
  @EnumSource
  void bashPrintsWhatItPrintsOnLinux(Toolchain tools) throws IOException, InterruptedException {
    Path bash = tools.debian(BASH);
    for (String script : SCRIPTS) {
      same(tools, ROOT, bash, List.of("-c", script));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theirTracesTellEveryInstruction(Toolchain tools) throws IOException {
    String file = lines();
    Path trace = directory.resolve("trace");
    for (List<String> command : Stream.concat(APPLETS.stream().filter(a -> List.of("echo", "sha256sum", "sort", "awk",
        "sh").contains(a.getFirst())).map(a -> Stream.concat(Stream.of(BUSYBOX), a.stream()).toList()),
        Stream.of(List.of(BASH, "-c", SCRIPTS.getFirst()))).toList()) {
      List<String> options = Stream.concat(ROOT.stream(), Stream.of("--trace", trace.toString())).toList();
      Ran ran = Ran.of(options, tools.debian(command.getFirst()), command.subList(1, command.size()).stream()
          .map(a -> a.replace("FILE", file)).toList());
      assertTrue(ran.error().contains("verdict: PASS"), () -> tools + " " + command + "\n" + ran.error());
    }
  }
}

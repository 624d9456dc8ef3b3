package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Text of some KiB that appears, runs and goes away, by a mechanism that lies in a folder of its own.
final class TextRoomTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/crosspatch/sim/mechanism/jit");

  @TempDir private Path dir;

  @BeforeEach
  void copies() throws IOException {
    Files.createDirectory(dir.resolve("jit"));
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        Files.copy(file, dir.resolve("jit").resolve(file.getFileName()));
      }
    }
  }

  private Said run(String isa, String expect) throws IOException {
    boolean x86 = isa.equals("x86-64");
    Files.writeString(dir.resolve("x.yaml"), """
        isa: %s
        cpus: 3
        mechanism: ./jit
        protocol: %s
        sites: [{count: 4}]
        flips: {total: 5, interval: %d}
        trace: {protocol: %s}
        %s
        """.formatted(isa, x86 ? "pack" : "pages", x86 ? 40_000 : 3000, x86 ? "pt" : "etm", expect));
    return Said.of(dir, "run", "DIR/x.yaml", "--out", "DIR/out", "--flow");
  }

  private void edit(String file, String from, String to) throws IOException {
    Path path = dir.resolve("jit").resolve(file);
    String text = Files.readString(path);
    assertTrue(text.contains(from), from);
    Files.writeString(path, text.replace(from, to));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void textThatAppearsRunsAndGoesAwayIsDecoded(String isa) throws IOException {
    Said ran = run(isa, "expect: pass");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertEquals(0, Said.of(dir, "verify", "DIR/out").status);
    List<String> pokes = Files.readAllLines(dir.resolve("out/pokes.jsonl"));
    assertEquals(5, pokes.size());
    for (int i = 0; i < pokes.size(); i++) {
      String bytes = i % 2 == 0
          ? "\"old\":\"\",\"new\":\"[0-9a-f]{5000,}\"" : "\"old\":\"[0-9a-f]{5000,}\",\"new\":\"\"";
      assertTrue(pokes.get(i).matches("\\{.*" + bytes + ",\"mechanism\":\"jit\",\"site\":\"jit_image\"}"),
          pokes.get(i));
    }
    String address = pokes.getFirst().replaceFirst(".*\"address\":\"0x([0-9a-f]+)\".*", "$1");
    List<String> flow = Files.readAllLines(dir.resolve("out/truth/cpu1.flow"));
    assertTrue(flow.contains(address), "the text must have run");
    assertEquals(flow, Files.readAllLines(dir.resolve("out/decoded/cpu1.flow")));
    assertEquals(0, Said.of(dir, "export", "perfetto", "DIR/out", "-o", "DIR/trace.json").status);
    String shown = Files.readString(dir.resolve("trace.json"));
    assertTrue(shown.contains("\"cat\":\"function\",\"name\":\"text from 0x"), "it is no function of the image");
    assertEquals(5, shown.split("\"cat\":\"report\"", -1).length - 1);
  }

  /// The text is still there and still runs, but the log has it gone.
  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void whatRunsAfterItWentAwayIsFound(String isa) throws IOException {
    Said ran = run(isa, "leave-out: [close]\nexpect: {verdict: fail, kind: old-after-event, guest: good}");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.line("decode: ").startsWith("the trace cannot tell: "), ran.out);
    Said verified = Said.of(dir, "verify", "DIR/out");
    assertEquals(0, verified.status, verified.out);
    assertEquals(ran.line("first failure: "), verified.line("first failure: "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void textThatNobodyReportsIsFound(String isa) throws IOException {
    Said ran = run(isa, "leave-out: [report]\nexpect: {verdict: fail, kind: unreported}");
    assertEquals(0, ran.status, ran.out + ran.err);
  }

  /// The device believes nothing: what it cannot read, or was not announced, ends the run.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "manifest.yaml | [appear, vanish] | [change] | text event: text may not appear: jit reports only change",
      "x86-64.s | r8d, offset JIT_SIZE | r8d, 0x100001 | text event: 1048577 new bytes, more than 1048576",
      "x86-64.s | r8d, offset JIT_SIZE | r8d, 0 | text event: neither old nor new bytes",
      "x86-64.s | 'lea rcx, [rip + jit_image]' | mov ecx, 64 | text event: new bytes at 0x40, where the kernel "
          + "has no memory",
      "x86-64.s | 'lea r9, [rip + jit_name]' | 'lea r9, [rip + jit_poison]' | text event: name of the site at 0x"
  })
  void recordsThatMakeNoSenseEndTheRun(String file, String from, String to, String says) throws IOException {
    edit(file, from, to);
    Said ran = run("x86-64", "expect: {kind: bad-access}");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.out.contains(says), ran.out);
  }

  /// A mistake in a mechanism's text is told by its own file and line, also where a macro is used.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cli | cloi | jit/x86-64.s:7: ",
      "'    jmp init_text_room' | '    LAB LAB_NOTHING, rax' | jit/x86-64.s:17: ",
      "'    jmp init_text_room' | '    jmp nowhere' | jit/x86-64.s:17: undefined symbol 'nowhere'"
  })
  void mistakesInItsTextHaveItsFileAndLine(String from, String to, String says) throws IOException {
    edit("x86-64.s", from, to);
    Said ran = run("x86-64", "expect: pass");
    assertEquals(2, ran.status, ran.out);
    assertTrue(ran.err.startsWith("crosspatch: DIR/" + says), ran.err);
    assertEquals(1, ran.err.lines().count(), ran.err);
  }
}

package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said of a mechanism of the user's own when its kernel cannot be built: one line that names the user's file.
class MechanismMistakesTest {
  private static final String MANIFEST =
      """
      name: mine
      isas:
        x86-64:
          sites: {lengths: [5], align: 1}
          symbols: [mine_data]
          spans: {sync: [mine_sync]}
      protocols: {quick: {isa: x86-64, does: Nothing}}
      """;
  private static final String SOURCE =
      """
      .macro SITE n, length, boundary, offset
        .if \\boundary > 1
          jmp site_\\n
          .balign \\boundary, 0xcc
          .space \\offset, 0xcc
        .endif
      site_\\n:
          .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
      site_\\n\\()_on:
      .endm
      .text
      FUNCTION mechanism_flip
          ret
      END mechanism_flip
      FUNCTION mine_sync
          ret
      END mine_sync
      .data
      mine_data: .quad 0
      """;
  private static final String SCENARIO =
      """
      isa: x86-64
      mechanism: ./mine
      protocol: quick
      sites: [{count: 2, place: line 61}]
      trace: {protocol: pt}
      limits: {retired: 20000}
      expect: {verdict: fail, guest: limit}
      """;

  @TempDir private Path dir;

  private Said run(String manifest, String source) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("mine"));
    Files.writeString(folder.resolve("manifest.yaml"), manifest);
    Files.writeString(folder.resolve("x86-64.s"), source);
    Files.writeString(dir.resolve("x.yaml"), SCENARIO);
    return Said.of(dir, "run", "DIR/x.yaml", "--out", "DIR/out");
  }

  @Test
  void withoutAMistakeItRuns() throws IOException {
    Said said = run(MANIFEST, SOURCE);
    assertEquals(0, said.status, said.err);
  }

  /// Whatever section the source before it ends in.
  @Test
  void aSourceBeginsInText() throws IOException {
    Said said = run(MANIFEST.replace("symbols:", "uses: [poke-batch]\n    symbols:"), SOURCE.replace(".text\n", ""));
    assertEquals(0, said.status, said.err);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "[mine_data] | [data, mine_data] | manifest.yaml:5: isas.x86-64.symbols: the kernel has no 'data'",
      "[mine_sync] | [mine_sync, other] | manifest.yaml:6: isas.x86-64.spans.sync: the kernel has no function 'other'",
      "align: 1} | align: 1, algin: 2} | manifest.yaml:4: isas.x86-64.sites.algin: unknown key; known here: align, "
          + "lengths"
  })
  void inTheManifest(String good, String bad, String message) throws IOException {
    assertTrue(MANIFEST.contains(good), good);
    Said said = run(MANIFEST.replace(good, bad), SOURCE);
    assertEquals("crosspatch: DIR/mine/" + message + "\n", said.err);
    assertEquals(2, said.status);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "'site_\\n:' | '' | x86-64.s:3: undefined symbol 'site_0' \\(in macro 'SITE'\\): jmp site_0",
      "'site_\\n\\()_on:' | '' | x86-64.s: SITE lays no label 'site_0_on'",
      "'    .space \\offset, 0xcc' | '' | 'x86-64.s: SITE lays site_0 at 0x(?<at>[0-9a-f]+): the rest of that by 64 is "
          + "0, and the scenario wants 61'",
      "'.data' | 'FUNCTION sync_core' | x86-64.s:18: 'sync_core' is already defined at kernel/x86-64/call.s:\\d+ "
          + "\\(in macro 'FUNCTION'\\): sync_core:",
      "'.data' | 'mine_sync: ret' | x86-64.s:18: 'mine_sync' is already defined at DIR/mine/x86-64.s:15: mine_sync:",
      "'    ret' | '    rte' | x86-64.s:13: .*: rte",
      "'.data' | '.macro A;B;.endm;.macro B;nope;.endm;A' | x86-64.s:22: .* \\(in macro 'B'\\): nope"
  })
  void inTheSource(String good, String bad, String message) throws IOException {
    String line = good.replace("\\\\", "\\");
    assertTrue(SOURCE.contains(line), line);
    Said said = run(MANIFEST, SOURCE.replaceFirst("(?m)^" + Pattern.quote(line) + "$",
        Matcher.quoteReplacement(bad.replace(';', '\n'))));
    assertTrue(said.err.matches("crosspatch: DIR/mine/" + message + "\n"), said.err);
    assertEquals(2, said.status);
  }

  @Test
  void aSiteStandsWhereTheManifestAlignsIt() throws IOException {
    run(MANIFEST.replace("[5], align: 1", "[16], align: 16"), SOURCE);
    Path scenario = Files.writeString(dir.resolve("x.yaml"), SCENARIO.replace(", place: line 61", ""));
    Said said = Said.of(dir, "run", scenario.toString(), "--out", "DIR/out");
    assertTrue(said.err.matches("crosspatch: DIR/mine/x86-64.s: SITE lays site_0 at 0x[0-9a-f]+, which is no multiple "
        + "of 16, the manifest's 'align'\n"), said.err);
    assertEquals(2, said.status);
  }

  /// A site has the instruction that it begins with; a prefix may be one by itself.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "3  | .byte 0x0f, 0x1f, 0x44, 0x00, 0x00     | 5", "5  | .byte 0x0f, 0x1f, 0x44, 0x00, 0x00     | 5",
      "2  | lock inc dword ptr [rsp - 8]           | 5", "4  | lock inc dword ptr [rsp - 8]           | 5",
      "1  | lock inc dword ptr [rsp - 8]           | 1", "7  | nop; lock inc dword ptr [rsp - 8]; nop | 7"
  })
  void aSiteIsAsLongAsTheManifestSays(int said, String text, int laid) throws IOException {
    Said ran = run(MANIFEST.replace("[5]", "[" + said + "]"),
        SOURCE.replace(".byte 0x0f, 0x1f, 0x44, 0x00, 0x00", text.replace(';', '\n')));
    if (said == laid) {
      assertEquals(0, ran.status, ran.err);
    } else {
      assertTrue(ran.err.matches("crosspatch: DIR/mine/x86-64.s: SITE lays site_0 at 0x[0-9a-f]+ with an instruction"
          + " of " + laid + " bytes, and the site has " + said + ", of the manifest's 'lengths'\n"), ran.err);
      assertEquals(2, ran.status);
    }
  }

  private Said runToItsEnd(String source) throws IOException {
    run(MANIFEST, source);
    Files.writeString(dir.resolve("x.yaml"), """
        isa: x86-64
        mechanism: ./mine
        protocol: quick
        sites: [{count: 2}]
        flips: {total: 2, interval: 100}
        trace: {protocol: pt}
        """);
    return Said.of(dir, "run", "DIR/x.yaml", "--out", "DIR/end");
  }

  @Test
  void sitesThatCountNothingAreFound() throws IOException {
    Said said = runToItsEnd(SOURCE);
    assertTrue(said.line("first failure: ").matches("exit: exit 0, but what SITE adds up on CPU 0 is 0 and not \\d+ "
        + "after \\d+ iterations"), said.out);
    assertEquals(1, said.status);
    said = runToItsEnd(SOURCE.replace("site_\\n\\()_on:",
        "add qword ptr gs:[CPU_CHECKSUM], \\n + 1\nsite_\\n\\()_on:"));
    assertEquals("exit: exit 0, but SITE counted no pass, neither on nor off", said.line("first failure: "));
    assertEquals(1, said.status);
  }

  @Test
  void flipsThatChangeNoTextShowNothing() throws IOException {
    Said said = runToItsEnd(SOURCE.replaceFirst("(?s)SITE n, length, boundary, offset.*?\\.endm",
        "SITE n, length, boundary, offset\nSTATIC_BRANCH \\\\n, \\\\length, \\\\boundary, \\\\offset\n.endm"));
    assertEquals("none, no text was changed", said.line("windows: "));
    assertTrue(said.line("verdict: ").startsWith("INCONCLUSIVE (expected PASS)"), said.out);
    assertEquals(1, said.status);
  }
}

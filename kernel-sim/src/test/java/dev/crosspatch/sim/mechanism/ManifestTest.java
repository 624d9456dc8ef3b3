package dev.crosspatch.sim.mechanism;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestTest {
  private static final String GOOD =
      """
      name: mine
      description: A test's own
      reports: [change, appear]
      isas:
        x86-64:
          handles: [breakpoint]
          sites: {lengths: [5]}
          symbols: [mine_data]
      protocols:
        quick: {isa: x86-64, does: Writes at once}
      steps:
        report: {left-out: The event, excludes: [late-report]}
        late-report: {of: [quick], fault: The event comes too late}
      """;
  private static final String SOURCE = ".macro SITE n\n.endm\nFUNCTION mechanism_flip\nmechanism_breakpoint:\n";
  private static final String SCENARIO =
      """
      isa: x86-64
      mechanism: ./mine
      protocol: quick
      sites: [{count: 2}]
      trace: {protocol: pt}
      """;

  @TempDir private Path dir;

  private Path write(String manifest) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("mine"));
    Files.writeString(folder.resolve("manifest.yaml"), manifest);
    Files.writeString(folder.resolve("x86-64.s"), SOURCE);
    return Files.writeString(dir.resolve("x.yaml"), SCENARIO);
  }

  @Test
  void readsEveryPart() throws IOException {
    Scenario scenario = ScenarioReader.read(write(GOOD));
    Mechanism mechanism = scenario.guest().patching().mechanism();
    assertEquals("mine", mechanism.name());
    assertEquals(Set.of(Report.CHANGE, Report.APPEAR), mechanism.reports());
    assertEquals(new Protocol("quick", "x86-64", "Writes at once", ""), scenario.guest().patching().protocol());
    assertEquals(List.of(new Step("report", Set.of("quick"), false, "The event", Set.of("late-report")),
        new Step("late-report", Set.of("quick"), true, "The event comes too late", Set.of())), mechanism.steps());
    Variant variant = mechanism.on("x86-64");
    assertEquals(Set.of(Hook.BREAKPOINT), variant.hooks());
    assertEquals(5, variant.usualLength());
    assertEquals(List.of(5), variant.lengths());
    assertEquals(List.of("mine_data"), variant.symbols());
    assertEquals(SOURCE, variant.sources().getFirst().text());
  }

  @Test
  void aSiteHasUpToSixtyFourBytes() throws IOException {
    Scenario scenario = ScenarioReader.read(write(GOOD.replace("{lengths: [5]}", "{lengths: [64, 1]}")));
    assertEquals(List.of(64, 1), scenario.guest().patching().mechanism().on("x86-64").lengths());
  }

  /// A base's folder is the base's: it lies beside the file that names it.
  @Test
  void isFoundFromTheFileThatNamesIt() throws IOException {
    write(GOOD);
    Path below = Files.createDirectories(dir.resolve("below"));
    Path twin = Files.writeString(below.resolve("twin.yaml"), "base: ../x.yaml\nleave-out: [report]\n");
    assertEquals(Set.of("report"), ScenarioReader.read(twin).guest().patching().leftOut());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "name: mine | name: Mine | 1: name: 'Mine' is no name: lower case letters first",
      "name: mine | '' | 2: name: missing",
      "name: mine | nam: mine | 1: name: missing; given here: nam, ",
      "name: mine | 'name: mine\nfoo: 1' | 2: foo: unknown key; known here: ",
      "appear] | apear] | 3: reports: 'apear' is none of change, appear, vanish",
      "'  x86-64:' | '  x86_64:' | 6: isas.x86_64: no ISA is called 'x86_64'; there are: aarch64, x86-64",
      "breakpoint] | nmi] | 6: isas.x86-64.handles: 'nmi' is none of boot, breakpoint",
      "breakpoint] | boot] | 6: isas.x86-64.sources: there is no mechanism_boot in DIR/mine/x86-64.s: "
          + "'handles' says that there is one",
      "[5] | [5, 65] | 7: isas.x86-64.sites.lengths: '65' is not the length of a site: 1..64 bytes",
      "[5] | [5, 5] | 7: isas.x86-64.sites.lengths: '5' stands twice",
      "[5] | '{5: [nop, jmp]}' | 7: isas.x86-64.sites.lengths: must be a list",
      "[5] | 5 | 7: isas.x86-64.sites.lengths: must be a list",
      "{lengths: [5]} | '{lengths: [5], align: 4}' | 7: isas.x86-64.sites.lengths: '5' is not the length of a site: "
          + "1..64 bytes, a multiple of 4",
      "{lengths: [5]} | '{length: 5}' | 7: isas.x86-64.sites.length: unknown key; known here: align, lengths",
      "{lengths: [5]} | {} | 7: isas.x86-64.sites.lengths: needs at least one length",
      "{lengths | '{align: 3, lengths' | 7: isas.x86-64.sites.align: 3 is no power of two",
      "[mine_data] | '[a b]' | 8: isas.x86-64.symbols: 'a b' is no name of a symbol",
      "symbols: [mine_data] | sources: [../a.s] | 8: isas.x86-64.sources: '../a.s' is not the name of a file in this "
          + "folder",
      "symbols: [mine_data] | sources: [a.s] | 8: isas.x86-64.sources: DIR/mine/a.s: cannot be read: it is not there",
      "symbols: [mine_data] | 'spans: {pause: [f]}' | 8: isas.x86-64.spans.pause: unknown key; known here: batch, sync",
      "symbols: [mine_data] | 'spans: {flip: [f]}' | 8: isas.x86-64.spans.flip: unknown key; known here: batch, sync",
      "symbols: [mine_data] | 'spans: {sync: [f, f]}' | 8: isas.x86-64.spans.sync: 'f' stands twice",
      "symbols: [mine_data] | symbols: mine_data | 8: isas.x86-64.symbols: must be a list",
      "symbols: [mine_data] | uses: [heap] | 8: isas.x86-64.uses: 'heap' is no part of the guest library; there are: ",
      "isa: x86-64 | isa: aarch64 | 10: protocols.quick.isa: 'aarch64' is none of 'isas': x86-64",
      "left-out | lack | 12: steps.report: needs either 'left-out', what is left out, or 'fault', what is done wrongly",
      "isa: x86-64 | 'isa: x86-64, like: int3-batch' | 10: protocols.quick.like: 'int3-batch' is a protocol of part "
          + "poke-batch: add that to 'uses' of x86-64",
      "isa: x86-64 | 'isa: x86-64, like: anything' | 10: protocols.quick.like: no part that it uses on x86-64 brings a "
          + "protocol; remove it",
      "of: [quick] | of: [slow] | 13: steps.late-report.of: 'slow' is none of quick",
      "of: [quick] | of: [] | 13: steps.late-report.of: an empty list; without the key it is all protocols",
      "[late-report] | [report] | 12: steps.report.excludes: 'report' is the step itself",
      "[late-report] | [late] | 12: steps.report.excludes: 'late' is none of report, late-report"
  })
  void mistakesNameFileLineAndMend(String good, String bad, String message) throws IOException {
    assertTrue(GOOD.contains(good), good);
    Path scenario = write(GOOD.replace(good, bad));
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(scenario));
    assertTrue(e.line().startsWith(dir + "/mine/manifest.yaml:" + message.replace("DIR", dir.toString())), e.line());
    assertEquals(1, e.line().lines().count(), e.line());
  }

  /// A key that is not in the manifest is not to blame.
  @Test
  void missingUsualSourceIsNamedAlone() throws IOException {
    Path scenario = write(GOOD);
    Files.delete(dir.resolve("mine/x86-64.s"));
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(scenario));
    assertTrue(e.line().endsWith(dir + "/mine/x86-64.s: cannot be read: it is not there"), e.line());
    assertEquals(-1, e.line().indexOf("sources"), e.line());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "./mine | ./yours | x.yaml:2: mechanism: DIR/yours/manifest.yaml: cannot be read: it is not there",
      "./mine | yours | x.yaml:2: mechanism: no mechanism is called 'yours'; there are: ",
      "./mine | ./mine/x86-64.s | x.yaml:2: mechanism: DIR/mine/x86-64.s: is a file; a mechanism is a folder with a "
          + "manifest.yaml",
      "quick | slow | x.yaml:3: protocol: 'slow' is none of quick",
      "count: 2 | length: 2 | x.yaml:4: sites: sites[0].length: 2 is not 5, the lengths of x86-64",
      "protocol: quick | 'protocol: quick\nleave-out: [report, late-report]' | x.yaml:4: leave-out: 'report' and "
          + "'late-report': the first leaves out what the second is about"
  })
  void aScenarioSaysWhatItsMechanismHas(String good, String bad, String message) throws IOException {
    Path scenario = write(GOOD);
    Files.writeString(scenario, SCENARIO.replace(good, bad));
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(scenario));
    assertTrue(e.line().startsWith(dir + "/" + message.replace("DIR", dir.toString())), e.line());
  }
}

package dev.crosspatch.sim.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.run.Checked;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.TextLog;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What memory held is held against the contract, too. The run is a good one; the truth of its CPU 1 is written anew
/// with versions of the text that never were, so that everything decodes, by luck, and only the contract can tell.
final class FreshExecutionsTest {
  private static final int CPU = 1;

  @TempDir static Path dir;
  private static Path out;
  private static RunConfig config;
  private static Poke poke;
  private static byte[] truth = {};
  private static byte[] text = {};
  /// Number of a row of CPU 1 at the first poke's site well before it was patched, and of the last row there before.
  private static int ran;
  private static int lastBefore;

  @BeforeAll
  static void run() throws IOException {
    out = dir.resolve("out");
    config = SmallRun.into(out);
    poke = directory().pokes().pokes().getFirst();
    truth = Files.readAllBytes(out.resolve(RunFiles.truth(CPU)));
    text = Files.readAllBytes(out.resolve(RunFiles.TEXT));
    long event = config.cycles(poke.time());
    List<Integer> before = new ArrayList<>();
    boolean[] stale = {false};
    try (TruthReader reader = directory().truth(CPU)) {
      reader.hearText(number -> stale[0] = number == 0);
      for (int row = 0; reader.next() && reader.time() + TruthReader.TIME_GRAIN < event; row++) {
        if (reader.address() == poke.address() && reader.isInstruction() && !stale[0]) {
          before.add(row);
        }
        stale[0] = false;
      }
    }
    ran = before.get(before.size() / 2);
    lastBefore = before.getLast();
  }

  private static RunDirectory directory() {
    return new RunDirectory(out, config, Truth.WHOLE, new Checked(true, Checked.UNKNOWN, 0));
  }

  /// The site's line, or the one behind it, with other bytes at the site from a row on.
  ///
  /// @param cycle when it is fetched, 0: when the row before happened
  private record Version(int row, long cycle, int lines, byte... bytes) {
    byte[] record() {
      Section section = directory().image().section(".text").orElseThrow();
      long line = (poke.address() & -64) + 64L * lines;
      byte[] held = Arrays.copyOfRange(section.bytes(), (int) (line - section.address()),
          (int) (line - section.address()) + 64);
      System.arraycopy(bytes, 0, held, (int) poke.address() & 63, bytes.length);
      return ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN).putLong(line).put(held).array();
    }
  }

  private static Version version(int row, byte... bytes) {
    return new Version(row, 0, 0, bytes);
  }

  /// The verification of the run if CPU 1 had executed these versions.
  ///
  /// @param recorded a row that is said to stand among the stale executions, or -1
  private static Verification with(List<Violation> found, int recorded, Version... versions) throws IOException {
    Files.write(out.resolve(RunFiles.TEXT), text);
    for (Version version : versions) {
      Files.write(out.resolve(RunFiles.TEXT), version.record(), StandardOpenOption.APPEND);
    }
    try (OutputStream file = Files.newOutputStream(out.resolve(RunFiles.truth(CPU)))) {
      TruthLog log = new TruthLog((bytes, from, length) -> {
        try {
          file.write(bytes, from, length);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      rewrite(log, recorded, versions);
      log.end();
    }
    return new Verification(directory(), new GuestEnd(FailureKind.EXIT, -1, -1, 0, 0, "exit 0"), List.of(), found::add,
        cpu -> {});
  }

  private static void rewrite(TruthLog log, int recorded, Version... versions) {
    int known = (text.length - 8) / 72;
    TruthReader reader = new TruthReader("truth", truth);
    reader.hearText(number -> log.version(reader.time(), (int) number));
    long before = 0;
    for (int row = 0; reader.next(); row++) {
      for (int i = 0; i < versions.length; i++) {
        if (versions[i].row == row) {
          log.version(versions[i].cycle == 0 ? before : versions[i].cycle, known + i + 1);
        }
      }
      if (row == recorded) {
        log.stale(before);
      }
      RetireBatch batch = new RetireBatch();
      batch.add(reader.kind(), reader.address(), reader.isInstruction() ? 0 : reader.target(), reader.time(), 0);
      log.retired(batch);
      before = reader.time();
    }
  }

  @Test
  void theRunItselfIsGood() throws IOException {
    assertTrue(text.length > 8 + 4 * 72 && 0 < ran && ran < lastBefore, "something is patched, and run before");
    assertTrue(with(new ArrayList<>(), -1).verdict() == Verdict.PASS);
  }

  /// `0f1f440001` is a NOP as good as `0f1f440000`: it does the same, and the decoder cannot know it was there. Intel
  /// SDM, NOP r/m32: the operand is not accessed.
  @Test
  void tornTextThatDecodesByLuckIsTorn() throws IOException {
    List<Violation> found = new ArrayList<>();
    Verification verification = with(found, -1, version(ran - 1000, torn(1)), version(ran + 1000, poke.before()));
    assertTrue(verification.decodes());
    Failure failure = verification.firstFailure().orElseThrow();
    assertEquals(FailureKind.TORN, failure.kind());
    assertEquals(poke.address(), failure.address());
    assertEquals("0f1f440001", failure.executed());
    assertEquals("0f1f440001", failure.memory());
    assertTrue(verification.verdict() == Verdict.FAIL);
    assertEquals(List.of(CPU), found.stream().map(v -> v.execution().cpu()).toList(), "once, however often it ran");
    assertEquals(1, verification.checked().violations());
    assertTrue(verification.answers().getFirst().startsWith("contract: a CPU broke the contract, 0 of "),
        verification.answers()::toString);
    assertTrue(verification.answers().getFirst().endsWith(" stale executions and 1 of what memory held: torn 1"),
        verification.answers()::toString);
  }

  private static byte[] torn(int last) {
    byte[] bytes = poke.before().clone();
    bytes[4] = (byte) last;
    return bytes;
  }

  /// However short the time: a single execution is seen. The trap and the same text again are no violation; text behind
  /// that is no site is unreported.
  @ParameterizedTest
  @CsvSource({"0, torn, TORN", "1000, torn, TORN", "0, new, NEW_BEFORE_EVENT", "1000, new, NEW_BEFORE_EVENT",
      "0, trap, ", "1000, trap, ", "1000, same, ", "1000, behind, UNREPORTED"})
  void whatRanIsJudgedByTheLog(int around, String what, FailureKind kind) throws IOException {
    byte[] held = switch (what) {
      case "new" -> poke.after();
      case "trap" -> new byte[] {(byte) 0xcc};
      case "torn", "behind" -> torn(7);
      default -> poke.before();
    };
    int lines = what.equals("behind") ? 1 : 0;
    Verification verification = with(new ArrayList<>(), -1, new Version(ran - around, 0, lines, held),
        new Version(ran + 1 + around, 0, lines, poke.before()));
    assertEquals(kind, verification.firstFailure().map(Failure::kind).orElse(null));
    assertTrue((verification.verdict() == Verdict.PASS) == (kind == null));
  }

  /// Where a CPU goes on to another version the time is exact: at the event's own tick both texts may run, one tick
  /// earlier or later only one of them.
  @ParameterizedTest
  @CsvSource({"new, -1, NEW_BEFORE_EVENT", "new, 0, ", "old, 0, ", "old, 1, OLD_AFTER_EVENT"})
  void theEdgeOfThePokeIsExact(String what, int tick, FailureKind kind) throws IOException {
    boolean old = what.equals("old");
    long first = config.cycles(poke.time() + tick);
    long last = config.cycles(poke.time() + tick + 1) - 1;
    Verification verification = with(new ArrayList<>(), -1,
        new Version(lastBefore, kind == null == old ? last : first, 0, old ? poke.before() : poke.after()),
        version(lastBefore + 1, poke.before()));
    assertEquals(kind, verification.firstFailure().map(Failure::kind).orElse(null));
  }

  /// What stands in the log of stale executions is judged there, and only there.
  @Test
  void aRecordedExecutionIsNotJudgedTwice() throws IOException {
    Version torn = version(ran, torn(7));
    Version behind = version(ran + 1, poke.before());
    assertFalse(with(new ArrayList<>(), -1, torn, behind).verdict() == Verdict.PASS);
    assertTrue(with(new ArrayList<>(), ran, torn, behind).verdict() == Verdict.PASS);
  }

  @Test
  void aVersionThatIsNotThereIsNamed() throws IOException {
    with(new ArrayList<>(), -1, version(ran, poke.before()));
    Files.write(out.resolve(RunFiles.TEXT), text);
    BadInput bad = assertThrows(BadInput.class,
        () -> new Verification(directory(), new GuestEnd(FailureKind.EXIT, -1, -1, 0, 0, ""), null, v -> {},
            cpu -> {}));
    assertEquals(out.resolve(RunFiles.TEXT) + ": has no version " + ((text.length - 8) / 72 + 1)
        + ", which a truth log names", bad.line());
    Path other = Files.write(dir.resolve("text.log"), Arrays.copyOf(text, 100));
    assertEquals(other + ": not a log of text versions, or cut off",
        assertThrows(BadInput.class, () -> TextLog.open(other)).line());
  }

  /// At the event's own tick both texts may run.
  @Test
  void oldTextAfterItsEvent() throws IOException {
    List<Stretch> stretches = new ArrayList<>();
    Contract contract = new Contract(config, Evidence.of(directory()).text());
    long event = config.cycles(poke.time());
    contract.forbidden(poke.address(), poke.before(), event - 500, event + 500, stretches::add);
    assertEquals(1, stretches.size());
    Stretch stretch = stretches.getFirst();
    assertEquals(FailureKind.OLD_AFTER_EVENT, stretch.kind());
    assertTrue(config.ticks(stretch.first()) == poke.time() + 1 && config.ticks(stretch.first() - 1) == poke.time(),
        "at its own tick both may run");
    assertEquals(event + 500, stretch.last());
    assertArrayEquals(poke.before(), stretch.bytes());
  }

  /// Every kind of bytes at every time: what the stretches say is what the contract says cycle by cycle.
  @Test
  void stretchesAreWhatTheContractSays() {
    Contract contract = new Contract(config, Evidence.of(directory()).text());
    long event = config.cycles(poke.time());
    for (byte[] bytes : List.of(poke.before(), poke.after(), new byte[] {(byte) 0xcc},
        new byte[] {0x0f, 0x1f, 0x44, 0, 7}, new byte[] {(byte) 0x90})) {
      List<Stretch> stretches = new ArrayList<>();
      contract.forbidden(poke.address(), bytes, 0, 6 * event, stretches::add);
      for (long cycle = 0; cycle <= 6 * event; cycle++) {
        long now = cycle;
        List<FailureKind> kinds = stretches.stream().filter(s -> s.first() <= now && now <= s.last())
            .map(Stretch::kind).toList();
        FailureKind kind = contract.kind(poke.address(), bytes, cycle, true);
        assertEquals(kind == null ? List.of() : List.of(kind), kinds);
      }
    }
  }

  /// The text changes back: memory that holds it a little before the event is early, not late by two events. What
  /// memory held no longer was held before.
  @ParameterizedTest
  @CsvSource({
      "1001, true,  OLD_AFTER_EVENT", "2000, true,  OLD_AFTER_EVENT", "2001, true, NEW_BEFORE_EVENT",
      "2999, true, NEW_BEFORE_EVENT", "2999, false, OLD_AFTER_EVENT", "3001, true,"})
  void textThatComesBack(long tick, boolean fresh, @Nullable FailureKind kind) {
    PokeLog log = new PokeLog();
    log.add(new Poke(1000, 0, poke.address(), poke.before(), poke.after(), "", ""));
    log.add(new Poke(3000, 0, poke.address(), poke.after(), poke.before(), "", ""));
    Contract contract = new Contract(config, new TextTimeline(config.isa(), directory().image(), log));
    assertEquals(kind, contract.kind(poke.address(), poke.before(), config.cycles(tick), fresh));
    List<Stretch> stretches = new ArrayList<>();
    contract.forbidden(poke.address(), poke.before(), 0, config.cycles(9000), stretches::add);
    assertEquals(List.of(FailureKind.OLD_AFTER_EVENT, FailureKind.NEW_BEFORE_EVENT),
        stretches.stream().map(Stretch::kind).toList());
    assertEquals(stretches.getFirst().last() + 1, stretches.getLast().first());
  }
}

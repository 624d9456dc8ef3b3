package dev.crosspatch.sim.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.run.Checked;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.text.Poke;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What memory held is held against the contract, too. The run is a good one; its log of stores is given stores that never were, so that everything decodes, by
/// luck, and only the contract can tell.
final class FreshExecutionsTest {
  @TempDir static Path dir;
  private static Path out;
  private static RunConfig config;
  private static Poke poke;
  private static byte[] stores = {};
  /// When CPU 1 ran the first poke's site, well before it was patched.
  private static long ran;

  @BeforeAll
  static void run() throws IOException {
    out = dir.resolve("out");
    config = SmallRun.into(out);
    poke = directory().pokes().pokes().getFirst();
    stores = Files.readAllBytes(out.resolve(RunFiles.STORES));
    List<Long> times = new ArrayList<>();
    try (TruthReader truth = directory().truth(1)) {
      while (truth.next() && truth.time() < config.cycles(poke.time()) - 2000) {
        if (truth.address() == poke.address()) {
          times.add(truth.time());
        }
      }
    }
    ran = times.get(times.size() / 2);
  }

  private static RunDirectory directory() {
    return new RunDirectory(out, config, Truth.WHOLE, new Checked(true, Checked.UNKNOWN, 0));
  }

  private record Stored(long cycle, int offset, byte... bytes) {
    private byte[] record() {
      long value = 0;
      for (int i = 0; i < bytes.length; i++) {
        value |= (bytes[i] & 0xffL) << (8 * i);
      }
      return ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putLong(cycle).putLong(poke.address() + offset).putLong(value).putInt(0)
          .putInt(bytes.length).array();
    }
  }

  /// The verification of the run if these stores had been made before all others.
  private static Verification with(List<Violation> found, Stored... first) throws IOException {
    try (OutputStream file = Files.newOutputStream(out.resolve(RunFiles.STORES))) {
      file.write(stores, 0, 8);
      for (Stored store : first) {
        file.write(store.record());
      }
      file.write(stores, 8, stores.length - 8);
    }
    return new Verification(directory(), new GuestEnd(FailureKind.EXIT, -1, -1, 0, 0, "exit 0"), found::add, cpu -> {});
  }

  @Test
  void theRunItselfIsGood() throws IOException {
    assertTrue(Files.size(out.resolve(RunFiles.STORES)) > 8 + 4 * 32 && ran > 2000, "something is patched, and run before");
    assertTrue(with(new ArrayList<>()).verdict() == Verdict.PASS);
  }

  /// `0f1f440001` is a NOP as good as `0f1f440000`: it does the same, and the decoder cannot know it was there. Intel SDM, NOP r/m32: the operand is not accessed.
  @Test
  void tornTextThatDecodesByLuckIsTorn() throws IOException {
    List<Violation> found = new ArrayList<>();
    Verification verification = with(found, new Stored(ran - 1000, 4, (byte) 1), new Stored(ran + 1000, 4, (byte) 0));
    assertTrue(verification.decodes());
    Failure failure = verification.firstFailure().orElseThrow();
    assertEquals(FailureKind.TORN, failure.kind());
    assertEquals(poke.address(), failure.address());
    assertEquals("0f1f440001", failure.executed());
    assertEquals("0f1f440001", failure.memory());
    assertTrue(verification.verdict() == Verdict.FAIL);
    assertTrue(found.stream().anyMatch(v -> v.execution().cpu() == 1));
    assertEquals(found.size(), found.stream().map(v -> v.execution().cpu()).distinct().count(), "once for each CPU, however often each ran it");
    assertTrue(Math.abs(found.getFirst().execution().cycle() - ran) <= 1000);
    assertEquals(found.size(), verification.checked().violations());
    assertTrue(verification.answers().getFirst().startsWith("contract: a CPU broke the contract, 0 of "), verification.answers()::toString);
    assertTrue(verification.answers().getFirst().endsWith(" stale executions and %1$d of what memory held: torn %1$d".formatted(found.size())), verification.answers()::toString);
  }

  /// New text before its event, the trap before it, the same text again, torn text for so short a time that nobody certainly ran it, and text that is no site.
  @ParameterizedTest
  @CsvSource({"1000, new, NEW_BEFORE_EVENT", "1000, trap, ", "1000, same, ", "4, torn, ", "1000, torn, TORN", "1000, nowhere, "})
  void whatMemoryHeldIsJudgedByTheLog(long around, String what, FailureKind kind) throws IOException {
    byte[] old = poke.before();
    int at = what.equals("nowhere") ? 1 << 20 : 0;
    byte[] held = switch (what) {
      case "new" -> poke.after();
      case "trap" -> new byte[] {(byte) 0xcc};
      case "torn", "nowhere" -> new byte[] {old[0], old[1], old[2], old[3], 7};
      default -> old;
    };
    Verification verification = with(new ArrayList<>(), new Stored(ran - around, at, held), new Stored(ran + around, at, old));
    assertEquals(kind, verification.firstFailure().map(Failure::kind).orElse(null));
    assertTrue((verification.verdict() == Verdict.PASS) == (kind == null));
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
    assertTrue(config.ticks(stretch.first()) == poke.time() + 1 && config.ticks(stretch.first() - 1) == poke.time(), "at its own tick both may run");
    assertEquals(event + 500, stretch.last());
    assertArrayEquals(poke.before(), stretch.bytes());
  }

  /// Every kind of bytes at every time: what the stretches say is what the contract says cycle by cycle.
  @Test
  void stretchesAreWhatTheContractSays() {
    Contract contract = new Contract(config, Evidence.of(directory()).text());
    long event = config.cycles(poke.time());
    for (byte[] bytes : List.of(poke.before(), poke.after(), new byte[] {(byte) 0xcc}, new byte[] {0x0f, 0x1f, 0x44, 0, 7}, new byte[] {(byte) 0x90})) {
      List<Stretch> stretches = new ArrayList<>();
      contract.forbidden(poke.address(), bytes, 0, 6 * event, stretches::add);
      for (long cycle = 0; cycle <= 6 * event; cycle++) {
        long now = cycle;
        List<FailureKind> kinds = stretches.stream().filter(s -> s.first() <= now && now <= s.last()).map(Stretch::kind).toList();
        FailureKind kind = contract.kind(poke.address(), bytes, cycle);
        assertEquals(kind == null ? List.of() : List.of(kind), kinds);
      }
    }
  }
}

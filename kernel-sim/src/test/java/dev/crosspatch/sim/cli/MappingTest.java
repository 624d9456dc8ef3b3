package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.text.Mapping;
import dev.crosspatch.tracer.text.MappingEvent;
import dev.crosspatch.tracer.text.MappingLog;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mappings with acknowledgement: what an observer has copied at its leisure is all that a decoder has of new text, and
/// it is enough if the kernel waits.
final class MappingTest {
  @TempDir private Path dir;

  private Said run(String isa, String... settings) {
    return runOf(isa + "-jit-acknowledged", 7, settings);
  }

  private Said runOf(String name, int flips, String... settings) {
    String[] args = new String[6 + 2 * settings.length];
    String scenario = "../scenarios/" + name + ".yaml";
    List.of("run", scenario, "--flow", "--set", "flips.total=" + flips, "--out=DIR/out").toArray(args);
    for (int i = 0; i < settings.length; i++) {
      args[6 + 2 * i] = "--set";
      args[7 + 2 * i] = settings[i];
    }
    return Said.of(dir, args);
  }

  private MappingLog mappings() throws IOException {
    return MappingLog.read(dir.resolve("out/mappings.jsonl"));
  }

  /// Three images at one address, each copied a fixed time after its announcement, none given up before; all of them
  /// run, and are decoded.
  @ParameterizedTest
  @CsvSource({"x86, 30000", "arm64, 1500"})
  void whatIsAcknowledgedIsDecoded(String isa, long latency) throws IOException {
    Said ran = run(isa);
    assertEquals(0, ran.status, ran.out + ran.err);
    List<Mapping> mappings = List.copyOf(mappings().mappings());
    assertEquals(7, mappings.size());
    for (Mapping mapping : mappings.subList(0, 6)) {
      assertEquals(latency, mapping.copy().orElseThrow().time() - mapping.announced().time(), mapping::toString);
      assertTrue(mapping.copy().orElseThrow().time() <= mapping.withdrawn(), mapping::toString);
    }
    assertEquals(3, mappings.stream().map(m -> List.of(m.copy().orElseThrow().bytes().length, m.announced().name()))
        .distinct().count());
    assertEquals(1, mappings.stream().map(m -> m.announced().address()).distinct().count());
    List<String> flow = Files.readAllLines(dir.resolve("out/truth/cpu1.flow"));
    assertEquals(flow, Files.readAllLines(dir.resolve("out/decoded/cpu1.flow")));
    String first = Long.toHexString(mappings.getFirst().announced().address());
    Set<String> run = flow.stream().filter(line -> line.startsWith(first.substring(0, first.length() - 3)))
        .collect(Collectors.toSet());
    assertTrue(run.size() > 30, run::toString);
    assertEquals(0, Said.of(dir, "verify", "DIR/out").status);
    assertEquals("7 announced, 7 copied while they were there", ran.line("mappings: "));
  }

  /// The kernel waits for the slowest observer, and no longer than for that.
  @ParameterizedTest
  @ValueSource(strings = {"x86", "arm64"})
  void theSlowestIsWaitedFor(String isa) throws IOException {
    Said ran = run(isa, isa.equals("x86") ? "observer.latency=[100,50000,20000]" : "observer.latency=[10,3000,500]");
    assertEquals(0, ran.status, ran.out + ran.err);
    for (Mapping mapping : mappings().mappings()) {
      List<MappingEvent.Copied> copies = mapping.copies();
      assertEquals(Set.of(0, 1, 2), copies.stream().map(MappingEvent.Copied::observer).collect(Collectors.toSet()));
      long last = copies.stream().mapToLong(MappingEvent.Copied::time).max().orElseThrow();
      assertTrue(mapping.withdrawn() == Long.MAX_VALUE || (mapping.withdrawn() >= last
          && mapping.withdrawn() < last + (isa.equals("x86") ? 2000 : 100)), () -> mapping + " " + mapping.withdrawn());
    }
  }

  /// Text that is used again at once: the run says which, and when it was announced, given up, overwritten and copied.
  @ParameterizedTest
  @ValueSource(strings = {"x86", "arm64"})
  void whatIsUsedAgainAtOnceIsNamed(String isa) throws IOException {
    Said ran = run(isa, "leave-out=[acknowledge]", "expect={verdict: fail, kind: uncopied, guest: good}");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.line("decode: ").startsWith("the trace cannot tell: "), ran.out);
    assertTrue(ran.line("first failure: ").matches("uncopied: CPU 0, cycle \\d+, 0x[0-9a-f]+ "
        + "\\(jit_first\\): mapping 1 \\(jit_first\\) at 0x[0-9a-f]+: announced at cycle \\d+, given up at cycle \\d+, "
        + "overwritten from cycle \\d+, used again at cycle \\d+ by mapping 2 \\(jit_second\\), and copied by observer "
        + "0 only at cycle \\d+: what it has is not what ran; first seen as .*"), ran.line("first failure: "));
    Said verified = Said.of(dir, "verify", "DIR/out");
    assertEquals(0, verified.status, verified.out);
    assertEquals(ran.line("first failure: "), verified.line("first failure: "));
    Mapping first = mappings().mappings().iterator().next();
    assertFalse(first.isCopied());
  }

  private static List<Poke> within(Mapping mapping, PokeLog log) {
    return log.pokes().stream().filter(p -> p.before().length == p.after().length && mapping.contains(p.address())
        && p.time() >= mapping.announced().time() && p.time() <= mapping.withdrawn()).toList();
  }

  /// Both texts of a module are copied while they are there, also where they change meanwhile, before the copy and
  /// behind it; what one leaves another one gets, and every instruction decodes.
  @ParameterizedTest
  @ValueSource(strings = {"x86", "arm64"})
  void modulesAreCopiedBeforeTheirRoomIsUsedAgain(String isa) throws IOException {
    Said ran = runOf(isa + "-modules-acknowledged", 16);
    assertEquals(0, ran.status, ran.out + ran.err);
    assertEquals("16 announced, 16 copied while they were there", ran.line("mappings: "));
    List<Mapping> mappings = List.copyOf(mappings().mappings());
    assertEquals(8, mappings.stream().filter(m -> m.announced().name().endsWith("_init")).count());
    PokeLog log = PokeLog.read(dir.resolve("out/pokes.jsonl"));
    assertTrue(log.pokes().stream().allMatch(p -> p.before().length == p.after().length), "all else is mappings");
    boolean before = false;
    boolean behind = false;
    boolean others = false;
    for (Mapping mapping : mappings) {
      long copied = mapping.copy().orElseThrow().time();
      assertTrue(copied <= mapping.withdrawn(), mapping::toString);
      assertTrue(!mapping.announced().name().endsWith("_init") || mapping.withdrawn() < Long.MAX_VALUE);
      before |= within(mapping, log).stream().anyMatch(p -> p.time() < copied);
      behind |= within(mapping, log).stream().anyMatch(p -> p.time() > copied);
      others |= mappings.stream().anyMatch(m -> m.overlaps(mapping)
          && !m.announced().name().equals(mapping.announced().name()));
    }
    assertTrue(before && behind && others, before + ", " + behind + ", " + others);
    assertEquals(Files.readAllLines(dir.resolve("out/truth/cpu1.flow")),
        Files.readAllLines(dir.resolve("out/decoded/cpu1.flow")));
  }

  /// Init text is given up as soon as it has run, which is long before anybody has copied it.
  @ParameterizedTest
  @ValueSource(strings = {"x86", "arm64"})
  void initTextThatNobodyHasCopiedIsNamed(String isa) throws IOException {
    Said ran = runOf(isa + "-modules-without-acknowledge", 10);
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.line("first failure: ").matches(
        "uncopied: CPU 0, cycle \\d+, 0x[0-9a-f]+ \\(module_[abc]_init\\): .*"), ran.line("first failure: "));
    assertTrue(mappings().mappings().stream().filter(m -> !m.isCopied())
        .allMatch(m -> m.announced().name().endsWith("_init")));
  }

  /// An observer that is dead is waited for once, for as long as the scenario says.
  @ParameterizedTest
  @CsvSource({"x86, 30000, 90000", "arm64, 1500, 4000"})
  void whoIsDeadTimesOutVisibly(String isa, long latency, long timeout) throws IOException {
    Said ran = run(isa, "observer.latency=[" + latency + ",never]", "observer.timeout=" + timeout);
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.out.contains("mappings: observer 1 timed out at cycle "), ran.out);
    List<MappingEvent.TimedOut> timeouts = mappings().timeouts();
    assertEquals(1, timeouts.size());
    long waited = timeouts.getFirst().time() - mappings().mappings().iterator().next().announced().time();
    assertTrue(waited >= timeout, waited + " ticks");
    String summary = Files.readString(dir.resolve("out/summary.json")).replaceAll("\\s", "");
    assertTrue(summary.contains("\"mappings\":{\"announced\":7,\"copied\":7,\"timeouts\":"
        + "[{\"observer\":1,\"mapping\":1,"),
        summary);
    assertTrue(Files.readString(dir.resolve("out/report.html")).contains("bserver 1 timed out"));
    Said gaveUp = run(isa, "observer.latency=[" + latency + ",never]", "observer.timeout=" + timeout,
        "observer.then=panic", "expect={verdict: fail, kind: panic}");
    assertEquals(0, gaveUp.status, gaveUp.out + gaveUp.err);
    assertTrue(gaveUp.out.contains("an observer did not acknowledge a mapping"), gaveUp.out);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "latency=[1,soon] | observer.latency: 'soon' is neither a number of ticks nor never",
      "latency=[1,2,3,4,5,6,7,8,9] | observer.latency: 9 observers, more than 8",
      "timeout=0 | observer.timeout: 0 is not within 1..",
      "then=wait | observer.then: 'wait' is none of"})
  void observersThatMakeNoSenseAreRefused(String setting, String says) {
    Said said = run("x86", "observer." + setting);
    assertEquals(2, said.status);
    assertTrue(said.err.contains(says), said.err);
  }

  /// The device believes nothing.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "jmp init_mappings | ret | mapping: a mapping before anybody can acknowledge it",
      "'mov rdx, [rbx + JIT_LENGTH]\n    call announce' | 'xor edx, edx\n    call announce' | "
          + "mapping: a mapping of 0 bytes",
      "'call withdraw_mapping' | 'nop' | mapping: mapping 2 where mapping 1 is",
      "'mov rdi, [rip + jit_mapping]\n    call withdraw' "
          + "| 'mov edi, 9\n    call withdraw' | mapping: mapping 9 is given "
          + "up, and is not there",
      "'mov rdi, TEXT_ROOM\n    mov rsi, [rbx + JIT_NAME]' | 'mov edi, 64\n    mov rsi, [rbx + JIT_NAME]' | "
          + "mapping: text at 0x40, where the kernel has no memory"
  })
  void announcementsThatMakeNoSenseEndTheRun(String from, String to, String says) throws IOException {
    Path mine = Files.createDirectory(dir.resolve("mine"));
    Path shipped = Path.of("src/main/resources/dev/crosspatch/mechanisms/jit-images");
    for (String file : List.of("manifest.yaml", "aarch64.s")) {
      Files.copy(shipped.resolve(file), mine.resolve(file));
    }
    String text = Files.readString(shipped.resolve("x86-64.s"));
    assertTrue(text.contains(from), from);
    Files.writeString(mine.resolve("x86-64.s"), text.replace(from, to));
    Path scenario = Path.of("../scenarios/x86-jit-acknowledged.yaml").toAbsolutePath();
    Files.writeString(dir.resolve("x.yaml"), "base: " + scenario + "\nmechanism: ./mine\nflips: {total: 3}\n"
        + "expect: {kind: bad-access}\n");
    Said ran = Said.of(dir, "run", "DIR/x.yaml", "--out", "DIR/out");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.out.contains(says), ran.out);
  }
}

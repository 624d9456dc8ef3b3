package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The race detector on litmus tests of AArch64: it reports a race on those whose outcome the architecture allows, and
/// on no other. Verdicts are those of Arm's model, which Simner et al. (ESOP 2020) and the herd tools' catalogue of
/// tests of instruction fetch have; programs are our own.
final class LitmusTest {
  private static final String ALLOWED = "Allowed";
  private static final String FORBIDDEN = "Forbidden";

  /// Tests of that catalogue on which the detector says something else than the model: what a CPU was seen not yet to
  /// fetch orders nothing for it (it reports what is forbidden), and it takes a DMB for loads or stores only to order
  /// cleaning, too (it misses what is allowed).
  private static final Pattern KNOWN = Pattern.compile(
      "SB-bnop-cachesyncs[123]?(-reordered)?|MP.RF\\+dmb.st\\+dmb.ld-dc-dsb-ic-dsb-isb"
          + "|SB.RF\\+dmb\\+dmb.st-cachesync-isb");

  private static List<List<Integer>> orders(int threads) {
    if (threads == 0) {
      return List.of(List.of());
    }
    List<List<Integer>> orders = new ArrayList<>();
    for (List<Integer> order : orders(threads - 1)) {
      for (int at = order.size(); at >= 0; at--) {
        List<Integer> longer = new ArrayList<>(order);
        longer.add(at, threads - 1);
        orders.add(longer);
      }
    }
    return orders;
  }

  /// Whether the outcome that a test asks for is allowed, to the detector: of a run that has it but for text that a
  /// thread fetches last and that is new where the test asks for the old one, whether that thread has a race. Why not
  /// if no run comes as near as that.
  private static String verdict(Litmus test, boolean idc, boolean dic) throws Litmus.Unknown {
    List<Litmus.Asked> missed = List.of();
    for (List<Integer> order : orders(test.threads().size())) {
      for (Staleness staleness : Staleness.values()) {
        LitmusRun run = new LitmusRun(test, order, staleness, idc, dic);
        missed = run.missed();
        if (missed.isEmpty()) {
          assertTrue(test.threads().size() > 1 || run.isRaced(0), "what it was seen to do is no race: " + test.name());
          return ALLOWED;
        }
        if (missed.stream().allMatch(a -> test.tellsOfLastFetch(a.thread(), a.register()) && run.ranNew(a.thread()))) {
          return missed.stream().allMatch(a -> run.isRaced(a.thread())) ? ALLOWED : FORBIDDEN;
        }
      }
    }
    return "not to be had: " + missed;
  }

  /// Verdicts without IDC and DIC, with IDC, with both; `-` where no run can be had.
  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @CsvSource(delimiter = '!', value = {
      "CoFF                              ! -AF ! W a | F a=new; F a=old",
      "SM                                ! AAA ! W a; F a=old",
      "SM+isb                            ! AAA ! W a; isb; F a=old",
      "SM+dsb-isb                        ! AAF ! W a; dsb; isb; F a=old",
      "SM+dc-dsb-isb                     ! AAF ! W a; dc a; dsb; isb; F a=old",
      "SM+dsb-ic-dsb-isb                 ! AFF ! W a; dsb; ic a; dsb; isb; F a=old",
      "SM+cachesync                      ! AAA ! W a; cachesync a; F a=old",
      "SM+cachesync-isb                  ! FFF ! W a; cachesync a; isb; F a=old",
      "MP.RF+dmb+ctrl-isb                ! AAF ! W a; dmb.st; W x | R x; ctrl; isb; F a=old",
      "MP.RF+cachesync+ctrl-isb          ! FFF ! W a; cachesync a; W x | R x; ctrl; isb; F a=old",
      "MP.RF+cachesync+dsb-isb           ! FFF ! W a; cachesync a; W x | R x; dsb; isb; F a=old",
      "MP.RF+cachesync+dsb               ! AAA ! W a; cachesync a; W x | R x; dsb; F a=old",
      "MP.RF+cachesync+po                ! AAA ! W a; cachesync a; W x | R x; F a=old",
      "MP.RF+dc-dsb+ctrl-isb             ! AAF ! W a; dc a; dsb; W x | R x; ctrl; isb; F a=old",
      "MP.RF+dsb-ic-dsb+ctrl-isb         ! AFF ! W a; dsb; ic a; dsb; W x | R x; ctrl; isb; F a=old",
      "MP.RF+dc-dsb+dsb-ic-dsb-isb       ! FFF ! W a; dc a; dsb; W x | R x; dsb; ic a; dsb; isb; F a=old",
      "MP.RF+dc-dmb+dsb-ic-dsb-isb       ! FFF ! W a; dc a; dmb; W x | R x; dsb; ic a; dsb; isb; F a=old",
      "MP.RF+dmb.st+ctrl-isb-ic-dsb-isb  ! AFF ! W a; dmb.st; W x | R x; ctrl; isb; ic a; dsb; isb; F a=old",
      "MP.RF+dmb+dmb-cachesync-isb       ! FFF ! W a; dmb; W x | R x; dmb; cachesync a; isb; F a=old",
      "MP.FF+dmb+po                      ! -AF ! W a; dmb; W b | F b=new; F a=old",
      "MP.FF+cachesync+po                ! -FF ! W a; cachesync a; W b | F b=new; F a=old",
      "MP.FF+dmb.st+cachesync-isb        ! -FF ! W a; dmb.st; W b | F b=new; cachesync a; isb; F a=old",
      "ISA2.F+dc+ic+ctrl-isb             ! FFF ! W a; dc a; dsb; W x | R x; dsb; ic a; dsb;"
          + " W y | R y; ctrl; isb; F a=old",
      "ISA2.F+dc+po+ctrl-isb             ! AAF ! W a; dc a; dsb; W x | R x; dsb; W y | R y; ctrl; isb; F a=old",
      "WRC.FF+po+ctrl-isb                ! -AF ! W a | F a=new; dmb; W x | R x; ctrl; isb; F a=old",
      "WRC.FF+cachesync+ctrl-isb         ! -FF ! W a | F a=new; cachesync a; W x | R x; ctrl; isb; F a=old",
      "WRC.FF+cachesync+dsb              ! -AA ! W a | F a=new; cachesync a; W x | R x; dsb; F a=old"})
  void racesAreWhatTheArchitectureAllows(String name, String verdicts, String program) throws Litmus.Unknown {
    Litmus test = FetchPrograms.read(name, program);
    StringBuilder found = new StringBuilder();
    for (int features = 0; features <= 2; features++) {
      String verdict = verdict(test, features > 0, features > 1);
      found.append(verdict.equals(ALLOWED) || verdict.equals(FORBIDDEN) ? verdict.charAt(0) : '-');
    }
    assertEquals(verdicts, found.toString());
  }

  /// The catalogue of the herd tools, if its files lie in a directory of their own that `-Dcrosspatch.litmus=DIR`
  /// names, as `CONFIGURATION_NAME.litmus` with their `kinds.txt`.
  @Test
  void agreesWithTheCatalogue() throws IOException {
    assumeTrue(System.getProperty("crosspatch.litmus") != null, "-Dcrosspatch.litmus=DIR: the herd tools' catalogue");
    Path directory = Path.of(System.getProperty("crosspatch.litmus"));
    Map<String, String> kinds = new HashMap<>();
    for (String line : Files.readAllLines(directory.resolve("kinds.txt"))) {
      String[] words = line.strip().split(" +", -1);
      kinds.put(words[0], words[words.length - 1]);
    }
    Map<String, Integer> counts = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".litmus")).sorted().toList()) {
        String configuration = file.getFileName().toString();
        String verdict;
        String kind = "";
        try {
          Litmus test = Litmus.read(Files.readString(file));
          kind = KNOWN.matcher(test.name().replaceFirst("^(IDC1|DIC1)\\.", "")).matches() ? ""
              : kinds.getOrDefault(test.name(), "");
          verdict = verdict(test, configuration.contains("IDC1_"), configuration.contains("DIC1"));
        } catch (Litmus.Unknown | RuntimeException e) {
          verdict = "not understood";
        }
        boolean told = verdict.equals(ALLOWED) || verdict.equals(FORBIDDEN);
        counts.merge(told ? verdict : "not to be had", 1, Integer::sum);
        if (told && !kind.isEmpty() && !kind.equals(verdict)) {
          wrong.add(configuration + " " + kind);
        }
      }
    }
    assertEquals(List.of(), wrong, counts::toString);
    System.out.println(counts);
  }
}

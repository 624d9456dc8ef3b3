package dev.crosspatch.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `./bench latency` and `./bench flips` do not understand.
final class PatchLatencyTest {
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "keys 0                  | '0' is no number of CPUs within 1..64",
      "keys 65                 | '65' is no number of CPUs within 1..64",
      "keys -1                 | '-1' is no number of CPUs within 1..64",
      "keys 99999999999        | '99999999999' is no number of CPUs within 1..64",
      "step jump-label         | step needs a mechanism, a step, and numbers of CPUs",
      "step jump-label nope 1  | 'nope' is no step of jump_label, which has trap, ",
      "step jump-label trap x  | 'x' is no number of CPUs within 1..64",
      "sites ftrace 1          | sites needs a mechanism, a number of flips, and numbers of sites",
      "sites ftrace 0 5        | '0' is no number of flips within 1..1000000",
      "sites nothing 1 5       | nothing",
      "everything              | 'everything' is none of keys, machines, mechanisms, sites, step"},
      quoteCharacter = '"')
  void badInputIsOneLine(String args, String said) throws Exception {
    refused("latency: ", said, () -> PatchLatency.execute(args.split(" +", -1)));
  }

  @ParameterizedTest
  @CsvSource({
      "nope/brk, no mechanism is called 'nope'",
      "jump-label, no mechanism is called ''",
      "jump-label/nope, 'nope' is none of the protocols of jump_label: int3-batch"})
  void pairsOfFlips(String pair, String said) throws Exception {
    refused("flips: ", said, () -> PatchFlips.execute("-p", "of=" + pair));
  }

  private static void refused(String by, String said, Callable<Integer> command) throws Exception {
    Printed printed = Printed.of(command);
    assertEquals(2, printed.status());
    String first = printed.error().lines().findFirst().orElse("");
    assertTrue(first.startsWith(by) && first.contains(said), first);
  }
}

package dev.crosspatch.sim.truth;

/// The binary form of a truth log, `truth/cpuN.log`. Documented in `docs/formats.md`.
///
/// Magic `CPTRUTH2`, then tokens. A token is an unsigned LEB128 number whose two low bits are its kind:
///
/// | kind | rest of the token | then | meaning |
/// |---|---|---|---|
/// | 0 | zigzag(address - previous address) | | an instruction retired |
/// | 1 | row kind of [dev.crosspatch.core.event.RetireBatch] | zigzag(from - previous address), zigzag(to - from) | trap, fault, interrupt or call; `to` becomes the previous address |
/// | 2 | cycles since the last time token | | what follows happened at or after this time |
/// | 3 | version number of [dev.crosspatch.sim.run.TextLog], or 0 | | the CPU executes that version of its line from now on; 0: the next row stands in `truth/stale.jsonl` |
///
/// Sequential code costs one byte an instruction. The time before a token of kind 3 is exact, and so are times shortly
/// after a poke.
final class TruthFormat {
  private TruthFormat() {}

  static final byte[] MAGIC = {'C', 'P', 'T', 'R', 'U', 'T', 'H', '2'};
  static final int RETIRED = 0;
  static final int DIVERTED = 1;
  static final int TIME = 2;
  static final int TEXT = 3;
  /// A time token is due once this many cycles have passed since the last.
  static final int TIME_GRAIN = 32;

  static long zigzag(long v) {
    return v << 1 ^ v >> 63;
  }

  static long unzigzag(long v) {
    return v >>> 1 ^ -(v & 1);
  }
}

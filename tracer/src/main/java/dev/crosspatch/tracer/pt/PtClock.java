package dev.crosspatch.tracer.pt;

import dev.crosspatch.tracer.flow.Elements;

/// Follows the time through the timing packets of a trace, as bounds that are never wrong rather than as one best
/// guess.
///
/// - TSC is exact. It is a 56-bit value; the upper bits are taken as 0.
/// - MTC is exact to a tick, once a TMA has tied the crystal clock to the TSC.
/// - CYC is exact while the core runs at the ratio (CBR) that belongs to its known clock, and a TSC or MTC has told the
///   time of some CYC; else CYC tells nothing. It counts core cycles: where those are no TSC ticks, it is exact to a
///   tick.
///
/// Unknown: whether an MTC forces out a partly filled TNT, as a TSC must (all packets before it happened before).
/// Assumed so: our trace unit does it, and decoders read it that way.
final class PtClock {
  private final PtConfig config;
  private Elements elements = new Elements();
  /// Index of the first element that may lack an upper bound.
  private int unbounded;
  /// Earliest time of what follows, and latest time of this moment.
  private long low = Long.MIN_VALUE;
  private long high = Long.MAX_VALUE;

  private boolean ratioKnown = true;
  private boolean afterCyc;
  private boolean cycSeen;
  private boolean cycKnown;
  /// Cycles since the time that was told, and that time.
  private long cycles;
  private long cyclesFrom;

  private long tsc;
  private boolean ctcKnown;
  private int ctcBits;
  private long ctc;
  private long ctcElapsed;
  private long ctcStart;

  PtClock(PtConfig config) {
    this.config = config;
  }

  /// Goes on with another chunk.
  void enter(Elements chunk) {
    elements = chunk;
    unbounded = 0;
  }

  /// Adds an element. The packet after a CYC, and without threshold every packet, belongs to the very cycle that CYC
  /// has told.
  void add(int kind, long a, long b, long offset) {
    int index = elements.count();
    elements.add(kind, a, b, offset, low);
    boolean instant = kind != Elements.BITS || b == 1;
    if (instant && cycKnown && (afterCyc || config.cycThreshold() <= 1)) {
      elements.bound(index, high);
    }
  }

  /// A packet that carries no time was read.
  void other() {
    afterCyc = false;
  }

  void tsc(long value) {
    tsc = value;
    ctcKnown = false;
    advance(value, value);
    anchor(value);
  }

  void tma(long ctc16, long fastCounter) {
    ctcKnown = true;
    ctcBits = 16;
    ctc = ctc16;
    ctcElapsed = 0;
    ctcStart = tsc - fastCounter;
  }

  void mtc(long payload) {
    afterMtc(payload << config.mtcPeriod(), config.mtcPeriod() + 8);
  }

  /// `next` is the crystal clock, of which `bits` bits are known.
  private void afterMtc(long next, int bits) {
    int compared = Math.min(bits, ctcBits);
    long elapsed = (next - ctc) & ((1L << compared) - 1);
    if (!ctcKnown || elapsed == 0) {
      afterCyc = false;
      return;
    }
    ctcElapsed += elapsed;
    ctc = next;
    ctcBits = bits;
    long ticks = ctcElapsed * config.ctcNumerator();
    long earliest = ctcStart + ticks / config.ctcDenominator();
    long latest = ctcStart + Math.ceilDiv(ticks, config.ctcDenominator());
    advance(earliest, latest);
    if (earliest == latest) {
      anchor(earliest);
    }
  }

  void cyc(long more) {
    cycSeen = true;
    afterCyc = true;
    cycles += more;
    if (cycKnown) {
      long earliest = cyclesFrom + config.clocks().ticks(cycles);
      advance(earliest, config.clocks().isOne() ? earliest : earliest + 1);
    }
  }

  void cbr(int ratio) {
    ratioKnown = ratio == config.cbr();
    cycKnown &= ratioKnown;
  }

  /// Packets were lost, MTC and CYC may be among them: only a TSC can tell the time again.
  void lost() {
    ctcKnown = false;
    cycKnown = false;
  }

  /// The time of this moment is known, and so that of the last CYC, if that was this moment.
  private void anchor(long time) {
    if (ratioKnown && (afterCyc || !cycSeen || config.cycThreshold() <= 1)) {
      cycKnown = config.cyc();
      cycles = 0;
      cyclesFrom = time;
    }
    afterCyc = false;
  }

  /// What was before happened by `latest`, what follows not before `earliest`.
  private void advance(long earliest, long latest) {
    low = Math.max(low, earliest);
    high = Math.max(low, latest);
    for (; unbounded < elements.count(); unbounded++) {
      if (elements.high(unbounded) == Long.MAX_VALUE) {
        elements.bound(unbounded, high);
      }
    }
  }
}

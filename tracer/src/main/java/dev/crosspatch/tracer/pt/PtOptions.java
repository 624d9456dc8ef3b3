package dev.crosspatch.tracer.pt;

import java.util.LinkedHashMap;
import java.util.Map;

/// How a core is traced, as the guest would have set it up, and the two constants of the processor that give its clocks meaning.
///
/// @param tsc            TSC packets (TSCEn)
/// @param mtc            MTC packets (MTCEn)
/// @param mtcPeriod      an MTC every `2^mtcPeriod` crystal clocks (MTCFreq), 0..8
/// @param cyc            CYC packets (CYCEn)
/// @param cycThreshold   fewest cycles between two CYC packets; 0 and 1 are the same
/// @param psbPeriod      bytes from one PSB to the next; 0 for the first only
/// @param retCompression returns that the call stack predicts become TNT bits (DisRETC = 0)
/// @param longTnt        TNT packets of up to 47 branches instead of 6
/// @param fifoBytes      internal buffer, at least [#LEAST_FIFO]; 0 for one that never fills
/// @param drainBytes     bytes that leave the buffer in 16 cycles
/// @param maxBytes       size at which tracing ends, as with a full ToPA region that says STOP; 0 for no end
/// @param ctcNumerator   TSC ticks per crystal clock, numerator (CPUID.15H:EBX)
/// @param ctcDenominator and denominator (CPUID.15H:EAX)
/// @param cbr            core to bus clock ratio, constant and equal to the nominal one: a core cycle is a TSC tick
public record PtOptions(
    boolean tsc,
    boolean mtc,
    int mtcPeriod,
    boolean cyc,
    long cycThreshold,
    long psbPeriod,
    boolean retCompression,
    boolean longTnt,
    long fifoBytes,
    long drainBytes,
    long maxBytes,
    long ctcNumerator,
    long ctcDenominator,
    int cbr) {

  /// The buffer holds what the longest sequence of packets needs, twice.
  static final int LEAST_FIFO = 256;

  private static final Map<String, Long> DEFAULTS = defaults();

  static Map<String, Long> defaults() {
    Map<String, Long> map = new LinkedHashMap<>();
    map.put("timeless", 0L);
    map.put("tsc", 1L);
    map.put("mtc", 1L);
    map.put("mtc_period", 3L);
    map.put("cyc", 1L);
    map.put("cyc_threshold", 0L);
    map.put("psb_period", 4096L);
    map.put("ret_compression", 1L);
    map.put("long_tnt", 0L);
    map.put("fifo_bytes", 0L);
    map.put("drain_bytes", 16L);
    map.put("max_bytes", 0L);
    map.put("ctc_numerator", 100L);
    map.put("ctc_denominator", 1L);
    map.put("cbr", 25L);
    return map;
  }

  /// The options of a run; one that is not in the map has its default.
  ///
  /// @throws IllegalArgumentException naming the option, its value and what is allowed
  public static PtOptions of(Map<String, Long> map) {
    boolean timed = !flag(map, "timeless");
    PtOptions options = new PtOptions(
        timed && flag(map, "tsc"),
        timed && flag(map, "mtc"),
        (int) number(map, "mtc_period", 0, 8),
        timed && flag(map, "cyc"),
        number(map, "cyc_threshold", 0, 1 << 20),
        number(map, "psb_period", 0, 1 << 30),
        flag(map, "ret_compression"),
        flag(map, "long_tnt"),
        number(map, "fifo_bytes", 0, 1 << 30),
        number(map, "drain_bytes", 1, 1 << 20),
        number(map, "max_bytes", 0, Integer.MAX_VALUE),
        number(map, "ctc_numerator", 1, 511),
        number(map, "ctc_denominator", 1, 511),
        (int) number(map, "cbr", 1, 255));
    if (options.fifoBytes != 0 && options.fifoBytes < LEAST_FIFO) {
      throw new IllegalArgumentException("PT option fifo_bytes: " + options.fifoBytes + " is neither 0 nor " + LEAST_FIFO + " or more");
    }
    return options;
  }

  private static boolean flag(Map<String, Long> map, String name) {
    return number(map, name, 0, 1) != 0;
  }

  private static long number(Map<String, Long> map, String name, long least, long most) {
    long value = map.getOrDefault(name, DEFAULTS.getOrDefault(name, 0L));
    if (value < least || value > most) {
      throw new IllegalArgumentException("PT option " + name + ": " + value + " is not within " + least + ".." + most);
    }
    return value;
  }

  /// Crystal clocks at `tsc`.
  long ctc(long tsc) {
    return tsc * ctcDenominator / ctcNumerator;
  }

  /// First TSC tick of crystal clock `ctc`.
  long tscOf(long ctc) {
    return Math.ceilDiv(ctc * ctcNumerator, ctcDenominator);
  }
}

package dev.crosspatch.tracer.pt;

import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.flow.OptionMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// How a core is traced, as the guest would have set it up, and the two constants of the processor that give its clocks
/// meaning.
///
/// @param tsc            TSC packets (TSCEn)
/// @param mtc            MTC packets (MTCEn)
/// @param mtcPeriod      an MTC every `2^mtcPeriod` crystal clocks (MTCFreq), 0..8
/// @param cyc            CYC packets (CYCEn)
/// @param cycThreshold   fewest cycles between two CYC packets; 0 and 1 are the same
/// @param psbPeriod      bytes from one PSB to the next; 0 for the first only
/// @param retCompression returns that the call stack predicts become TNT bits (DisRETC = 0)
/// @param longTnt        TNT packets of up to 47 branches instead of 6
/// @param fifoBytes      internal buffer, at least [OptionMap#LEAST_FIFO]; 0 for one that never fills
/// @param drainBytes     bytes that leave the buffer in 16 cycles
/// @param maxBytes       size at which tracing ends, as with a full ToPA region that says STOP; 0 for no end
/// @param ctcNumerator   TSC ticks per crystal clock, numerator (CPUID.15H:EBX)
/// @param ctcDenominator and denominator (CPUID.15H:EAX)
/// @param cbr            core to bus clock ratio, constant
/// @param clocks         core clock and TSC
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
    int cbr,
    ClockRatio clocks) {

  private static final int BUS_MHZ = 100;
  private static final int MOST_CBR = 255;

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
    map.put("cbr", 0L);
    map.put("timer_mhz", 2500L);
    map.put("frequency_mhz", 2500L);
    return map;
  }

  /// The options of a run; one that is not in the map has its default.
  ///
  /// @throws IllegalArgumentException naming the option, its value and what is allowed
  public static PtOptions of(Map<String, Long> map) {
    OptionMap options = new OptionMap("PT", DEFAULTS, map);
    boolean timed = !options.flag("timeless");
    ClockRatio clocks = options.clocks();
    int cbr = (int) options.number("cbr", 0, MOST_CBR);
    return new PtOptions(
        timed && options.flag("tsc"),
        timed && options.flag("mtc"),
        (int) options.number("mtc_period", 0, 8),
        timed && options.flag("cyc"),
        options.number("cyc_threshold", 0, 1 << 20),
        options.number("psb_period", 0, 1 << 30),
        options.flag("ret_compression"),
        options.flag("long_tnt"),
        options.fifoBytes(),
        options.number("drain_bytes", 1, 1 << 20),
        options.number("max_bytes", 0, Integer.MAX_VALUE),
        options.number("ctc_numerator", 1, 511),
        options.number("ctc_denominator", 1, 511),
        cbr == 0 ? Math.clamp(Math.round((double) clocks.coreMhz() / BUS_MHZ), 1, MOST_CBR) : cbr,
        clocks);
  }

  /// The ratio at which a core cycle would be a TSC tick (maximum non-turbo ratio), as near as a whole number comes.
  public int nominalRatio() {
    return (int) Math.max(1, Math.round((double) cbr * clocks.timerMhz() / clocks.coreMhz()));
  }

  /// Crystal clocks at `tsc`.
  public long ctc(long tsc) {
    return tsc * ctcDenominator / ctcNumerator;
  }

  /// First TSC tick of crystal clock `ctc`.
  public long tscOf(long ctc) {
    return Math.ceilDiv(ctc * ctcNumerator, ctcDenominator);
  }
}

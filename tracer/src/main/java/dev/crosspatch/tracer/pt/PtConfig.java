package dev.crosspatch.tracer.pt;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.OptionReader;
import dev.crosspatch.tracer.flow.PacketListing;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.IOException;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/// How a core was traced: what its IA32_RTIT_CTL told the trace unit to send, and the two constants of the processor
/// that give its clocks meaning.
///
/// | option | default | meaning |
/// |---|---|---|
/// | `timeless` | 0 | 1 switches `tsc`, `mtc` and `cyc` off |
/// | `tsc` | 1 | TSC packets |
/// | `mtc` | 1 | MTC packets, one every 2^`mtc_period` crystal clocks |
/// | `mtc_period` | 3 | 0..8 |
/// | `cyc` | 1 | CYC packets |
/// | `cyc_threshold` | 0 | fewest cycles between two CYC packets |
/// | `ret_compression` | 1 | predicted returns are TNT bits |
/// | `ctc_numerator`, `ctc_denominator` | 100, 1 | TSC ticks per crystal clock (CPUID.15H EBX, EAX) |
/// | `cbr` | 0 | core to bus ratio, constant; 0: that of a bus of 100 MHz |
/// | `timer_mhz`, `frequency_mhz` | 2500, 2500 | TSC and core clock |
///
/// @param tsc            TSC packets (TSCEn)
/// @param mtc            MTC packets (MTCEn)
/// @param mtcPeriod      an MTC every `2^mtcPeriod` crystal clocks (MTCFreq), 0..8
/// @param cyc            CYC packets (CYCEn)
/// @param cycThreshold   fewest cycles between two CYC packets; 0 and 1 are the same
/// @param retCompression returns that the call stack predicts become TNT bits (DisRETC = 0)
/// @param ctcNumerator   TSC ticks per crystal clock, numerator (CPUID.15H:EBX)
/// @param ctcDenominator and denominator (CPUID.15H:EAX)
/// @param cbr            core to bus clock ratio, constant
/// @param clocks         core clock and TSC
public record PtConfig(
    boolean tsc,
    boolean mtc,
    int mtcPeriod,
    boolean cyc,
    long cycThreshold,
    boolean retCompression,
    long ctcNumerator,
    long ctcDenominator,
    int cbr,
    ClockRatio clocks) implements TraceConfig {

  /// Name of the protocol.
  static final String NAME = "pt";
  /// Entries of the call stack by which RET compression predicts.
  public static final int CALL_STACK = 64;

  private static final int BUS_MHZ = 100;
  private static final int MOST_CBR = 255;
  private static final long DEFAULT_MHZ = 2500;

  /// What is written in these options.
  ///
  /// @throws IllegalArgumentException naming the option, its value and what is allowed
  public static PtConfig of(TraceOptions given) {
    OptionReader options = new OptionReader("PT", given);
    boolean timed = !options.flag("timeless", false);
    boolean tsc = options.flag("tsc", true);
    boolean mtc = options.flag("mtc", true);
    int mtcPeriod = (int) options.number("mtc_period", 3, 0, 8);
    boolean cyc = options.flag("cyc", true);
    long cycThreshold = options.number("cyc_threshold", 0, 0, 1 << 20);
    boolean retCompression = options.flag("ret_compression", true);
    long ctcNumerator = options.number("ctc_numerator", 100, 1, 511);
    long ctcDenominator = options.number("ctc_denominator", 1, 1, 511);
    int cbr = (int) options.number("cbr", 0, 0, MOST_CBR);
    ClockRatio clocks = options.clocks(DEFAULT_MHZ);
    return new PtConfig(timed && tsc, timed && mtc, mtcPeriod, timed && cyc, cycThreshold, retCompression,
        ctcNumerator, ctcDenominator, cbr == 0 ? busRatio(clocks) : cbr, clocks);
  }

  private static int busRatio(ClockRatio clocks) {
    return Math.clamp(Math.round((double) clocks.coreMhz() / BUS_MHZ), 1, MOST_CBR);
  }

  @Override
  public String protocol() {
    return NAME;
  }

  @Override
  public ElementReader reader(TraceSource trace, Set<Mode> modes) {
    return new PtElementReader(trace, this, modes);
  }

  @Override
  public Report report(FlowClass flow) {
    return switch (flow) {
      case COND_BRANCH -> Report.BIT;
      case INDIRECT_JUMP, INDIRECT_CALL, SYSTEM_CALL, TRAP_RETURN -> Report.TARGET;
      case RETURN -> Report.BIT_IF_PREDICTED;
      case OTHER, JUMP, CALL, TRAP, SYNC, CONTEXT_WRITE, WAIT -> Report.NONE;
    };
  }

  @Override
  public int returnStackDepth() {
    return CALL_STACK;
  }

  @Override
  public boolean pushesCallToNext() {
    return false;
  }

  @Override
  public int list(RawTrace trace, Appendable out) throws IOException {
    return PacketListing.list(trace, PtPacketReader::new, PtPacketText::line, "PSB", out);
  }

  @Override
  public void write(ObjLongConsumer<String> out) {
    out.accept("tsc", tsc ? 1 : 0);
    out.accept("mtc", mtc ? 1 : 0);
    out.accept("mtc_period", mtcPeriod);
    out.accept("cyc", cyc ? 1 : 0);
    out.accept("cyc_threshold", cycThreshold);
    out.accept("ret_compression", retCompression ? 1 : 0);
    out.accept("ctc_numerator", ctcNumerator);
    out.accept("ctc_denominator", ctcDenominator);
    out.accept("cbr", cbr);
    out.accept("timer_mhz", clocks.timerMhz());
    out.accept("frequency_mhz", clocks.coreMhz());
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

package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.OptionReader;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.pt.PtConfig;
import java.util.function.ObjLongConsumer;

/// How the Intel PT hardware of a core is set up: [PtConfig], and what no decoder has to know, which is [TraceBuffer]
/// and
///
/// | option | default | meaning |
/// |---|---|---|
/// | `psb_period` | 4096 | bytes from PSB to PSB, 0 for only one |
/// | `long_tnt` | 0 | 1 packs up to 47 branches in a packet instead of 6 |
/// | `user_only` | 0 | 1 traces user mode only (IA32_RTIT_CTL.OS is 0) |
///
/// @param config    what decoders know
/// @param psbPeriod bytes from one PSB to the next; 0 for the first only
/// @param longTnt   TNT packets of up to 47 branches instead of 6
/// @param userOnly  nothing of CPL 0 is traced
/// @param buffer    where the bytes go
record PtSetup(PtConfig config, long psbPeriod, boolean longTnt, boolean userOnly, TraceBuffer buffer)
    implements TraceSetup {

  static PtSetup of(TraceOptions given) {
    OptionReader options = new OptionReader("PT", given);
    return new PtSetup(PtConfig.of(given), options.number("psb_period", 4096, 0, 1 << 30),
        options.flag("long_tnt", false), options.flag("user_only", false), TraceBuffer.of(options));
  }

  @Override
  public TraceUnit unit(int cpu, ByteSink out) {
    return new PtTraceUnit(this, out);
  }

  /// IA32_RTIT_CTL.PSBFreq is 2^(11+n) bytes, n up to 15; CycThresh is 0 or 2^(n-1) cycles, n up to 15 (SDM volume 3,
  /// "IA32_RTIT_CTL MSR").
  @Override
  public void checkHardware() {
    Hardware.checkPower("PT", "psb_period", psbPeriod, 1 << 11, 1 << 26);
    Hardware.checkPower("PT", "cyc_threshold", config.cycThreshold(), 1, 1 << 14);
    if (config.ctcNumerator() < config.ctcDenominator()) {
      throw new IllegalArgumentException(
          "PT option ctc_numerator: less than ctc_denominator, but no crystal clock is faster than the TSC");
    }
  }

  @Override
  public void write(ObjLongConsumer<String> out) {
    out.accept("psb_period", psbPeriod);
    out.accept("long_tnt", longTnt ? 1 : 0);
    if (userOnly) {
      out.accept("user_only", 1);
    }
    buffer.write(out);
  }
}

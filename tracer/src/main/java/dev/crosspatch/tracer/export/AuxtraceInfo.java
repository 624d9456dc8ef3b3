package dev.crosspatch.tracer.export;

import dev.crosspatch.tracer.pt.PtConfig;

/// The body of the AUXTRACE_INFO record for Intel PT: what perf's decoder wants to know before the first event. Each
/// entry is 64 bits wide; the order is that of `intel-pt.h` in perf's sources.
///
/// The conversion from TSC to perf time is the identity, so one tick reads as one nanosecond and poke times need no
/// conversion.
final class AuxtraceInfo {
  private AuxtraceInfo() {}

  /// Type of AUX area trace.
  static final int INTEL_PT = 1;

  static long[] entries(PtConfig config) {
    return new long[] {
      PerfAttr.PT_PMU,
      0, // time shift
      1, // time multiplier
      0, // time zero
      1, // ... and these three count
      PerfAttr.TSC,
      PerfAttr.NO_RETURN_COMPRESSION,
      0, // no context switch records
      0, // no snapshots
      1, // a buffer per CPU
      PerfAttr.MTC,
      PerfAttr.MTC_PERIOD,
      config.ctcNumerator(),
      config.ctcDenominator(),
      PerfAttr.CYC,
      config.nominalRatio(), // maximum non-turbo ratio: the CBR at which a core cycle is a TSC tick
      0, // length of the address filter
      0, // no event trace
    };
  }
}

package dev.crosspatch.tracer.export;

/// How a processor's Intel PT was set up and clocked, as far as a decoder has to know. Source: Intel SDM volume 3C, chapter Intel Processor
/// Trace, MSR IA32_RTIT_CTL and section Packet Generation Scenarios (timing packets).
///
/// @param tsc               TSC packets are generated; without them decoders know no time at all
/// @param cyc               CYC packets are generated
/// @param mtc               MTC packets are generated
/// @param mtcPeriod         one MTC each 2^mtcPeriod ticks of the core crystal clock, 0..15
/// @param returnCompression returns that match the return stack are taken bits
/// @param turboRatio        core-to-bus clock ratio (as in CBR packets) at which a core cycle is as long as a TSC tick
///     (MSR_PLATFORM_INFO bits 15:8), 1..255
/// @param ctcNumerator      TSC ticks per crystal clock tick: numerator, CPUID leaf 15H EBX; 0 if unknown
/// @param ctcDenominator    its denominator, CPUID leaf 15H EAX; 0 if unknown
public record PtSettings(
    boolean tsc, boolean cyc, boolean mtc, int mtcPeriod, boolean returnCompression, int turboRatio, int ctcNumerator, int ctcDenominator) {

  /// Checks the ranges.
  public PtSettings {
    check("MTC period", mtcPeriod, 0, 15);
    check("turbo ratio", turboRatio, 1, 255);
    check("CTC numerator", ctcNumerator, 0, Integer.MAX_VALUE);
    check("CTC denominator", ctcDenominator, 0, Integer.MAX_VALUE);
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(what + " " + value + " is not in " + least + ".." + most);
    }
  }
}

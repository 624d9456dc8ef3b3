package dev.crosspatch.tracer.pt;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.OptionMap;
import dev.crosspatch.tracer.flow.PacketListing;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.IOException;
import java.util.Map;

/// Intel Processor Trace. Options, as in [PtOptions]:
///
/// | option | default | meaning |
/// |---|---|---|
/// | `timeless` | 0 | 1 switches `tsc`, `mtc` and `cyc` off |
/// | `tsc` | 1 | TSC packets |
/// | `mtc` | 1 | MTC packets, one every 2^`mtc_period` crystal clocks |
/// | `mtc_period` | 3 | 0..8 |
/// | `cyc` | 1 | CYC packets |
/// | `cyc_threshold` | 0 | fewest cycles between two CYC packets |
/// | `psb_period` | 4096 | bytes from PSB to PSB, 0 for only one |
/// | `ret_compression` | 1 | predicted returns are TNT bits |
/// | `long_tnt` | 0 | 1 packs up to 47 branches in a packet instead of 6 |
/// | `fifo_bytes` | 0 | internal buffer, 256 or more; 0: it never overflows |
/// | `drain_bytes` | 16 | bytes that leave it in 16 cycles |
/// | `max_bytes` | 0 | tracing ends at this size; 0: never |
/// | `ctc_numerator`, `ctc_denominator` | 100, 1 | TSC ticks per crystal clock (CPUID.15H EBX, EAX) |
/// | `cbr` | 0 | core to bus ratio, constant; 0: that of a bus of 100 MHz |
/// | `timer_mhz`, `frequency_mhz` | 2500, 2500 | TSC and core clock; a run sets them to those of its core |
public final class PtProtocol implements TraceProtocol {
  /// Entries of the call stack by which RET compression predicts.
  public static final int CALL_STACK = 64;

  @Override
  public String name() {
    return "pt";
  }

  @Override
  public String isa() {
    return "x86-64";
  }

  @Override
  public Map<String, Long> options() {
    return PtOptions.defaults();
  }

  /// IA32_RTIT_CTL.PSBFreq is 2^(11+n) bytes, n up to 15; CycThresh is 0 or 2^(n-1) cycles, n up to 15 (SDM volume 3,
  /// "IA32_RTIT_CTL MSR").
  @Override
  public void checkSetup(Map<String, Long> options) {
    OptionMap map = new OptionMap("PT", PtOptions.defaults(), options);
    map.checkPower("psb_period", 1 << 11, 1 << 26);
    map.checkPower("cyc_threshold", 1, 1 << 14);
    if (map.number("ctc_numerator", 1, Long.MAX_VALUE) < map.number("ctc_denominator", 1, Long.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "PT option ctc_numerator: less than ctc_denominator, but no crystal clock is faster than the TSC");
    }
  }

  @Override
  public ElementReader reader(TraceSource trace, Map<String, Long> options) {
    return new PtElementReader(trace, PtOptions.of(options));
  }

  @Override
  public Report report(FlowClass flow, Map<String, Long> options) {
    return switch (flow) {
      case COND_BRANCH -> Report.BIT;
      case INDIRECT_JUMP, INDIRECT_CALL, SYSTEM_CALL, TRAP_RETURN -> Report.TARGET;
      case RETURN -> Report.BIT_IF_PREDICTED;
      case OTHER, JUMP, CALL, TRAP, SYNC, CONTEXT_WRITE, WAIT -> Report.NONE;
    };
  }

  @Override
  public int returnStackDepth(Map<String, Long> options) {
    return CALL_STACK;
  }

  @Override
  public boolean pushesCallToNext() {
    return false;
  }

  @Override
  public int list(byte[] trace, Map<String, Long> options, Appendable out) throws IOException {
    return PacketListing.list(() -> cursor(new PtPacketReader(trace), trace), trace.length, "PSB", out);
  }

  private static PacketListing.Cursor cursor(PtPacketReader packets, byte[] trace) {
    return new PacketListing.Cursor() {
      @Override
      public int next() {
        return packets.next();
      }

      @Override
      public boolean sync() {
        return packets.sync();
      }

      @Override
      public int offset() {
        return packets.offset();
      }

      @Override
      public String line() {
        return PtPacketText.line(packets, trace);
      }
    };
  }
}

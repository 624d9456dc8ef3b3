package dev.crosspatch.tracer.unit;

import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.OptionReader;
import dev.crosspatch.tracer.flow.TraceOptions;
import java.util.function.ObjLongConsumer;

/// How the ETMv4 or ETE of a PE is set up. Options, besides those of [TraceBuffer]:
///
/// | option | default | meaning |
/// |---|---|---|
/// | `timeless` | 0 | 1 switches `ts` and `cci` off |
/// | `ts` | 1 | timestamps at exceptions, exception returns, ISBs and synchronization |
/// | `cci` | 1 | cycle counts; without them the time of a branch is known only between two timestamps |
/// | `cci_threshold` | 16 | fewest cycles between two cycle counts, 4..4095 |
/// | `cid` | 1 | CONTEXTIDR_EL1 in context packets |
/// | `bb` | 0 | branch broadcasting: an address behind every taken branch and ISB |
/// | `return_stack` | 1 | predicted returns need no address |
/// | `sync_period` | 4096 | bytes from A-Sync to A-Sync, 0 for only one |
/// | `user_only` | 0 | 1 traces EL0 only (TRCVICTLR.EXLEVEL_NS excludes EL1) |
/// | `timer_mhz`, `frequency_mhz` | 1, 1 | generic timer and PE clock |
///
/// @param protocol       ETMv4 or ETE
/// @param timestamps     timestamps (TRCCONFIGR.TS), which read the generic timer
/// @param cycleCounts    cycle counts (TRCCONFIGR.CCI)
/// @param cycleThreshold fewest cycles from one Cycle Count element to the next (TRCCCCTLR.THRESHOLD),
///                       [#LEAST_THRESHOLD]..4095
/// @param contextId      CONTEXTIDR_EL1 in context packets (TRCCONFIGR.CID)
/// @param broadcast      an address behind every taken branch and ISB (TRCCONFIGR.BB)
/// @param returnStack    no address packet for an indirect branch that the return stack predicts (TRCCONFIGR.RS)
/// @param syncPeriod     bytes from one A-Sync to the next (TRCSYNCPR); 0 for the first only
/// @param userOnly       nothing of EL1 is traced (TRCVICTLR.EXLEVEL_NS)
/// @param buffer         where the bytes go
/// @param clocks         PE clock and generic timer
record EtmSetup(
    Protocol protocol,
    boolean timestamps,
    boolean cycleCounts,
    int cycleThreshold,
    boolean contextId,
    boolean broadcast,
    boolean returnStack,
    long syncPeriod,
    boolean userOnly,
    TraceBuffer buffer,
    ClockRatio clocks) implements TraceSetup {

  /// Smallest threshold that the trace unit takes (TRCIDR3.CCITMIN).
  static final int LEAST_THRESHOLD = 4;

  /// CoreSight trace ID of CPU 0; the others follow. 0x70 and up are reserved.
  private static final int FIRST_TRACE_ID = 0x10;

  static EtmSetup of(Protocol protocol, TraceOptions given) {
    OptionReader options = new OptionReader(protocol.label(), given);
    boolean timed = !options.flag("timeless", false);
    boolean timestamps = options.flag("ts", true);
    boolean cycleCounts = options.flag("cci", true);
    return new EtmSetup(protocol, timed && timestamps, timed && cycleCounts,
        (int) options.number("cci_threshold", 16, LEAST_THRESHOLD, 0xfff), options.flag("cid", true),
        options.flag("bb", false), options.flag("return_stack", true), options.number("sync_period", 4096, 0, 1 << 30),
        options.flag("user_only", false), TraceBuffer.of(options), options.clocks(1));
  }

  @Override
  public EtmConfig config() {
    int configr = (timestamps ? EtmRegisters.CONFIGR_TS : 0)
        | (cycleCounts ? EtmRegisters.CONFIGR_CCI : 0)
        | (contextId ? EtmRegisters.CONFIGR_CID : 0)
        | (broadcast ? EtmRegisters.CONFIGR_BB : 0)
        | (returnStack ? EtmRegisters.CONFIGR_RS : 0);
    return new EtmConfig(switch (protocol) {
      case ETMV4 -> EtmUnitRegisters.etmv4(configr, FIRST_TRACE_ID);
      case ETE -> EtmUnitRegisters.ete(configr, FIRST_TRACE_ID);
    }, clocks);
  }

  @Override
  public TraceUnit unit(int cpu, ByteSink out) {
    return new EtmTraceUnit(this, config().registers(cpu), out);
  }

  /// TRCSYNCPR.PERIOD is 0 or 2^n bytes, n in 8..20.
  @Override
  public void checkHardware() {
    Hardware.checkPower(protocol.label(), "sync_period", syncPeriod, 1 << 8, 1 << 20);
  }

  @Override
  public void write(ObjLongConsumer<String> out) {
    out.accept("ts", timestamps ? 1 : 0);
    out.accept("cci", cycleCounts ? 1 : 0);
    out.accept("cci_threshold", cycleThreshold);
    out.accept("cid", contextId ? 1 : 0);
    out.accept("bb", broadcast ? 1 : 0);
    out.accept("return_stack", returnStack ? 1 : 0);
    out.accept("sync_period", syncPeriod);
    if (userOnly) {
      out.accept("user_only", 1);
    }
    buffer.write(out);
  }
}

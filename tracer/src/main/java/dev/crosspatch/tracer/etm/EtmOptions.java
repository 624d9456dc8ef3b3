package dev.crosspatch.tracer.etm;

import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.flow.OptionMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// How a PE is traced, as the guest would have set it up, and the two constants of the processor that give its clocks
/// meaning.
///
/// @param timestamps     timestamps (TRCCONFIGR.TS), which read the generic timer
/// @param cycleCounts    cycle counts (TRCCONFIGR.CCI)
/// @param cycleThreshold fewest cycles from one Cycle Count element to the next (TRCCCCTLR.THRESHOLD),
///                       [#LEAST_THRESHOLD]..4095
/// @param contextId      CONTEXTIDR_EL1 in context packets (TRCCONFIGR.CID)
/// @param broadcast      an address behind every taken branch and ISB (TRCCONFIGR.BB)
/// @param returnStack    no address packet for an indirect branch that the return stack predicts (TRCCONFIGR.RS)
/// @param syncPeriod     bytes from one A-Sync to the next (TRCSYNCPR); 0 for the first only
/// @param fifoBytes      internal buffer, at least [OptionMap#LEAST_FIFO]; 0 for one that never fills
/// @param drainBytes     bytes that leave the buffer in 16 cycles
/// @param maxBytes       size at which tracing ends, as with a trace buffer that stops when it is full; 0 for no end
/// @param clocks         PE clock and generic timer
public record EtmOptions(
    boolean timestamps,
    boolean cycleCounts,
    int cycleThreshold,
    boolean contextId,
    boolean broadcast,
    boolean returnStack,
    long syncPeriod,
    long fifoBytes,
    long drainBytes,
    long maxBytes,
    ClockRatio clocks) {

  /// Smallest threshold that the trace unit takes (TRCIDR3.CCITMIN).
  static final int LEAST_THRESHOLD = 4;

  /// CoreSight trace ID of CPU 0; the others follow. 0x70 and up are reserved.
  private static final int FIRST_TRACE_ID = 0x10;

  private static final Map<String, Long> DEFAULTS = defaults();

  static Map<String, Long> defaults() {
    Map<String, Long> map = new LinkedHashMap<>();
    map.put("timeless", 0L);
    map.put("ts", 1L);
    map.put("cci", 1L);
    map.put("cci_threshold", 16L);
    map.put("cid", 1L);
    map.put("bb", 0L);
    map.put("return_stack", 1L);
    map.put("sync_period", 4096L);
    map.put("fifo_bytes", 0L);
    map.put("drain_bytes", 16L);
    map.put("max_bytes", 0L);
    map.put("timer_mhz", 1L);
    map.put("frequency_mhz", 1L);
    return map;
  }

  /// The options of a run; one that is not in the map has its default.
  ///
  /// @param name of the protocol, for messages
  /// @throws IllegalArgumentException naming the option, its value and what is allowed
  public static EtmOptions of(String name, Map<String, Long> map) {
    OptionMap options = new OptionMap(name, DEFAULTS, map);
    boolean timed = !options.flag("timeless");
    return new EtmOptions(
        timed && options.flag("ts"),
        timed && options.flag("cci"),
        (int) options.number("cci_threshold", LEAST_THRESHOLD, 0xfff),
        options.flag("cid"),
        options.flag("bb"),
        options.flag("return_stack"),
        options.number("sync_period", 0, 1 << 30),
        options.fifoBytes(),
        options.number("drain_bytes", 1, 1 << 20),
        options.number("max_bytes", 0, Integer.MAX_VALUE),
        options.clocks());
  }

  /// The registers of a trace unit set up this way.
  EtmConfig config(EtmConfig.Protocol protocol, int cpu) {
    int configr = (timestamps ? EtmConfig.CONFIGR_TS : 0)
        | (cycleCounts ? EtmConfig.CONFIGR_CCI : 0)
        | (contextId ? EtmConfig.CONFIGR_CID : 0)
        | (broadcast ? EtmConfig.CONFIGR_BB : 0)
        | (returnStack ? EtmConfig.CONFIGR_RS : 0);
    int traceId = FIRST_TRACE_ID + cpu;
    return switch (protocol) {
      case ETMV4 -> EtmConfig.etmv4(configr, traceId);
      case ETE -> EtmConfig.ete(configr, traceId);
    };
  }
}

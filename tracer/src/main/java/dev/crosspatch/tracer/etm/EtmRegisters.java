package dev.crosspatch.tracer.etm;

import dev.crosspatch.tracer.flow.OptionMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The registers of a trace unit that is not ours, as options of a reader: `trcconfigr`, `trcidr0`, `trcidr1`,
/// `trcidr2`, `trcidr8` and `trcdevarch`, each an unsigned 32-bit value as a CoreSight snapshot or perf's metadata
/// tells it. One that is not given has the value of our trace unit.
///
/// @param values by name, only those given
record EtmRegisters(Map<String, Integer> values) {
  private static final String CONFIGR = "trcconfigr";
  private static final String IDR0 = "trcidr0";
  private static final String IDR1 = "trcidr1";
  private static final String IDR2 = "trcidr2";
  private static final String IDR8 = "trcidr8";
  private static final String DEVARCH = "trcdevarch";
  private static final long NOT_GIVEN = -1;
  private static final long MOST = 0xffff_ffffL;

  static Map<String, Long> defaults() {
    Map<String, Long> map = new LinkedHashMap<>();
    for (String name : new String[] {CONFIGR, IDR0, IDR1, IDR2, IDR8, DEVARCH}) {
      map.put(name, NOT_GIVEN);
    }
    return map;
  }

  /// The registers in the map.
  ///
  /// @param protocol its name, for messages
  /// @throws IllegalArgumentException naming the register if its value has more than 32 bits
  static EtmRegisters of(String protocol, Map<String, Long> map) {
    OptionMap options = new OptionMap(protocol, Map.of(), map);
    Map<String, Integer> values = new LinkedHashMap<>();
    for (String name : defaults().keySet()) {
      if (map.getOrDefault(name, NOT_GIVEN) != NOT_GIVEN) {
        values.put(name, (int) options.number(name, 0, MOST));
      }
    }
    return new EtmRegisters(values);
  }

  /// `ours` with the registers that are given.
  ///
  /// @throws IllegalArgumentException naming a register with a reserved value
  EtmConfig in(EtmConfig ours) {
    if (values.isEmpty()) {
      return ours;
    }
    return new EtmConfig(
        ours.protocol(),
        values.getOrDefault(CONFIGR, ours.configr()),
        ours.traceidr(),
        values.getOrDefault(IDR0, ours.idr0()),
        values.getOrDefault(IDR1, ours.idr1()),
        values.getOrDefault(IDR2, ours.idr2()),
        values.getOrDefault(IDR8, ours.idr8()),
        values.getOrDefault(DEVARCH, ours.devarch()));
  }
}

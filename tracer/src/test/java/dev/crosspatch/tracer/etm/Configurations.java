package dev.crosspatch.tracer.etm;

import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;
import dev.crosspatch.tracer.unit.EtmUnitRegisters;
import java.util.Map;
import java.util.TreeMap;

/// Trace units that differ in what the packet layer must know of them.
final class Configurations {
  private static final int QSUPP = 3 << 15;
  private static final int ITE = 1 << 22;
  private static final int TSMARK = 1 << 23;
  private static final int COMMOPT = 1 << 29;
  private static final int IDR0 = 0x2800_0EA1;

  /// By the name that golden rows use.
  static final Map<String, EtmRegisters> ALL = new TreeMap<>();

  static {
    int all = EtmRegisters.CONFIGR_CCI | EtmRegisters.CONFIGR_CID | EtmRegisters.CONFIGR_VMID | EtmRegisters.CONFIGR_TS;
    ALL.put("etm4.5", EtmUnitRegisters.etmv4(all, 0x10));
    ALL.put("ete1.0", EtmUnitRegisters.ete(all, 0x10));
    // no timestamps, no cycle counts, no identifiers
    ALL.put("etm4.0-bare", etmv4(0x0000_0001, 0x4100_F400, 0x0000_0008, 0));
    // VMIDs of one byte, 12-bit counter, commits in cycle counts, Q packets, but no speculation
    ALL.put("etm4.2-commit", etmv4((IDR0 & ~COMMOPT) | QSUPP, 0x4100_F420, 0x0000_0488, 0));
    // VMIDs of two bytes, 48-bit timestamps, speculation
    ALL.put("etm4.6-spec", etmv4(0x0600_0EA1 | TSMARK, 0x4100_F460, 0x1000_0888, 64));
    ALL.put("ete1.3-spec", ete((IDR0 & ~COMMOPT) | QSUPP | ITE | TSMARK, 0x4773_5A13, 120));
  }

  private Configurations() {}

  static EtmRegisters etmv4(int idr0, int idr1, int idr2, int idr8) {
    return new EtmRegisters(Protocol.ETMV4, 1, 0x10, idr0, idr1, idr2, idr8, 0);
  }

  static EtmRegisters ete(int idr0, int devarch, int idr8) {
    return new EtmRegisters(Protocol.ETE, 1, 0x10, idr0, 0x4100_FFF0, 0x1000_1088, idr8, devarch);
  }

  static EtmRegisters named(String name) {
    EtmRegisters config = ALL.get(name);
    if (config == null) {
      throw new IllegalArgumentException("No configuration " + name + " in " + ALL.keySet());
    }
    return config;
  }
}

package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;

/// The ID registers of the trace units of our machines: no speculation, COMMOPT 1, 64-bit timestamps, 32-bit
/// identifiers.
public final class EtmUnitRegisters {
  // COMMOPT 1, 64-bit timestamps, four events, return stack, cycle counting, branch broadcast
  private static final int IDR0 = 0x2800_0EA1;
  private static final int IDR1_ETMV45 = 0x4100_F450;
  private static final int IDR1_ETE = 0x4100_FFF0;
  // 20-bit cycle counter, 32-bit VMID and Context ID, 64-bit addresses
  private static final int IDR2 = 0x1000_1088;
  private static final int DEVARCH_ETE10 = 0x4770_5A13;

  private EtmUnitRegisters() {}

  /// An ETMv4.5 trace unit.
  ///
  /// @param options `CONFIGR_*` bits
  /// @param traceId CoreSight trace ID, 0x01 to 0x6F
  public static EtmRegisters etmv4(int options, int traceId) {
    return new EtmRegisters(
        Protocol.ETMV4, EtmRegisters.CONFIGR_RES1 | options, traceId, IDR0, IDR1_ETMV45, IDR2, 0, 0);
  }

  /// An ETE 1.0 trace unit, otherwise as [#etmv4(int, int)].
  ///
  /// @param options `CONFIGR_*` bits
  /// @param traceId CoreSight trace ID, 0x01 to 0x6F
  public static EtmRegisters ete(int options, int traceId) {
    return new EtmRegisters(
        Protocol.ETE, EtmRegisters.CONFIGR_RES1 | options, traceId, IDR0, IDR1_ETE, IDR2, 0, DEVARCH_ETE10);
  }
}

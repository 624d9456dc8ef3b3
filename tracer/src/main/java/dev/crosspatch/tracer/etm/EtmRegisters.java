package dev.crosspatch.tracer.etm;

/// What a reader must know of a trace unit before it can take its bytes apart: protocol and register values.
///
/// Derived fields come from the ID registers, since they say what the trace unit can send; the programming in
/// TRCCONFIGR says only what it was asked to send.
///
/// @param protocol ETMv4 or ETE; the packet sets differ
/// @param configr  TRCCONFIGR, the programmed options
/// @param traceidr TRCTRACEIDR, the CoreSight trace ID in bits 6:0 (unused by a trace buffer without frames)
/// @param idr0     TRCIDR0: COMMOPT, TSSIZE, TSMARK, ITE, QSUPP, TRCCCI
/// @param idr1     TRCIDR1: the ETMv4 version in bits 11:4 (ETE has 0xFF there)
/// @param idr2     TRCIDR2: CIDSIZE, VMIDSIZE, CCSIZE
/// @param idr8     TRCIDR8: MAXSPEC, the greatest number of uncommitted P0 elements
/// @param devarch  TRCDEVARCH: the ETE version; 0 for ETMv4
public record EtmRegisters(
    Protocol protocol, int configr, int traceidr, int idr0, int idr1, int idr2, int idr8, int devarch) {

  /// The two trace protocols of A-profile trace units.
  public enum Protocol {
    /// Embedded Trace Macrocell, version 4.
    ETMV4("etm"),
    /// Embedded Trace Extension.
    ETE("ete");

    private final String label;

    Protocol(String label) {
      this.label = label;
    }

    /// Name in scenarios and file suffix.
    public String label() {
      return label;
    }
  }

  /// TRCCONFIGR: bit 0 is RES1; BB, CCI, CID, VMID, TS and RS switch options on.
  public static final int CONFIGR_RES1 = 1;

  /// TRCCONFIGR.BB: branch broadcasting.
  public static final int CONFIGR_BB = 1 << 3;

  /// TRCCONFIGR.CCI: cycle counting.
  public static final int CONFIGR_CCI = 1 << 4;

  /// TRCCONFIGR.CID: Context identifier tracing.
  public static final int CONFIGR_CID = 1 << 6;

  /// TRCCONFIGR.VMID: Virtual context identifier tracing.
  public static final int CONFIGR_VMID = 1 << 7;

  /// TRCCONFIGR.TS: timestamps.
  public static final int CONFIGR_TS = 1 << 11;

  /// TRCCONFIGR.RS: return stack.
  public static final int CONFIGR_RS = 1 << 12;

  /// Checks that every size field has a defined value.
  ///
  /// @throws IllegalArgumentException naming register, field and value
  public EtmRegisters {
    check(field(idr2, 5, 5) == 0 || field(idr2, 5, 5) == 4, "TRCIDR2", idr2, "CIDSIZE", field(idr2, 5, 5));
    int vmid = field(idr2, 10, 5);
    check(vmid <= 2 || vmid == 4, "TRCIDR2", idr2, "VMIDSIZE", vmid);
    check(field(idr2, 25, 4) <= 8, "TRCIDR2", idr2, "CCSIZE", field(idr2, 25, 4));
    int ts = field(idr0, 24, 5);
    check(ts == 0 || ts == 6 || ts == 8, "TRCIDR0", idr0, "TSSIZE", ts);
    if (protocol == Protocol.ETMV4) {
      check(field(idr1, 8, 4) == 4, "TRCIDR1", idr1, "TRCARCHMAJ", field(idr1, 8, 4));
    } else {
      check(field(devarch, 12, 4) == 5, "TRCDEVARCH", devarch, "ARCHVER", field(devarch, 12, 4));
    }
  }

  /// The same unit of another PE, which differs in its trace ID only.
  public EtmRegisters withTraceId(int id) {
    return new EtmRegisters(protocol, configr, id, idr0, idr1, idr2, idr8, devarch);
  }

  /// Whether the protocol is ETE.
  public boolean ete() {
    return protocol == Protocol.ETE;
  }

  /// Version as 0xMm: 0x40 to 0x46 for ETMv4.0 to 4.6, 0x50 to 0x53 for ETE 1.0 to 1.3.
  public int version() {
    return ete() ? field(devarch, 12, 4) << 4 | field(devarch, 16, 4) : field(idr1, 4, 8);
  }

  /// The trace ID that marks this source in CoreSight frames.
  public int traceId() {
    return field(traceidr, 0, 7);
  }

  /// Bytes of a Context identifier in a packet: 0 or 4.
  public int contextIdBytes() {
    return field(idr2, 5, 5);
  }

  /// Bytes of a Virtual context identifier in a packet: 0, 1, 2 or 4.
  public int vmidBytes() {
    return field(idr2, 10, 5);
  }

  /// Bits of the cycle counter: 12 to 20.
  public int cycleCountBits() {
    return 12 + field(idr2, 25, 4);
  }

  /// Bits of a timestamp: 0 (none), 48 or 64.
  public int timestampBits() {
    return 8 * field(idr0, 24, 5);
  }

  /// Whether cycle count packets exist (TRCIDR0.TRCCCI).
  public boolean hasCycleCounts() {
    return bit(idr0, 7);
  }

  /// Whether cycle count packets come without commits (TRCIDR0.COMMOPT).
  public boolean commitOption1() {
    return bit(idr0, 29);
  }

  /// Greatest number of uncommitted P0 elements (TRCIDR8.MAXSPEC); 0 means that no speculation is shown.
  public long maxSpeculation() {
    return Integer.toUnsignedLong(idr8);
  }

  /// Whether a Timestamp Marker goes before each Timestamp (TRCIDR0.TSMARK; ETMv4.6, ETE 1.1).
  public boolean hasTimestampMarkers() {
    return bit(idr0, 23);
  }

  /// Whether Instrumentation packets exist (TRCIDR0.ITE; ETE 1.3).
  public boolean hasInstrumentation() {
    return ete() && bit(idr0, 22);
  }

  /// Whether Q packets with an instruction count exist (TRCIDR0.QSUPP bit 0).
  public boolean hasCountedQ() {
    return bit(idr0, 15);
  }

  /// Whether Q packets without an instruction count exist (TRCIDR0.QSUPP bit 1).
  public boolean hasUncountedQ() {
    return bit(idr0, 16);
  }

  /// Whether WFI, WFE, WFIT and WFET are P0 instructions (TRCIDR2.WFXMODE).
  public boolean waitsAreP0() {
    return bit(idr2, 31);
  }

  /// Whether cycle counting is programmed (TRCCONFIGR.CCI).
  public boolean cycleCounting() {
    return (configr & CONFIGR_CCI) != 0;
  }

  /// Whether Context identifier tracing is programmed (TRCCONFIGR.CID).
  public boolean tracesContextId() {
    return (configr & CONFIGR_CID) != 0;
  }

  /// Whether Virtual context identifier tracing is programmed (TRCCONFIGR.VMID).
  public boolean tracesVmid() {
    return (configr & CONFIGR_VMID) != 0;
  }

  /// Whether timestamps are programmed (TRCCONFIGR.TS).
  public boolean timestamps() {
    return (configr & CONFIGR_TS) != 0;
  }

  /// Whether the return stack is programmed (TRCCONFIGR.RS).
  public boolean returnStack() {
    return (configr & CONFIGR_RS) != 0;
  }

  private static boolean bit(int register, int bit) {
    return ((register >>> bit) & 1) != 0;
  }

  private static int field(int register, int low, int width) {
    return (register >>> low) & ((1 << width) - 1);
  }

  private static void check(boolean ok, String register, int value, String field, int fieldValue) {
    if (!ok) {
      throw new IllegalArgumentException(
          "%s 0x%08x: %s value %d is reserved".formatted(register, value, field, fieldValue));
    }
  }
}

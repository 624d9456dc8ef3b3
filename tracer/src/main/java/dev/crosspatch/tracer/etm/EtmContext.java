package dev.crosspatch.tracer.etm;

/// The PE context that a Context packet states: where the following instructions run.
///
/// Source: DDI 0487 D5.3.10.
///
/// @param el        Exception level, 0 to 3
/// @param aarch64   SF: AArch64 (true) or AArch32 state
/// @param security  Security state, from NS and (ETE only) NSE
/// @param vmid      Virtual context identifier, unsigned 32 bits, or [#ABSENT] for "as last stated"
/// @param contextId Context identifier, unsigned 32 bits, or [#ABSENT] for "as last stated"
public record EtmContext(int el, boolean aarch64, Security security, long vmid, long contextId) {

  /// Marks an identifier that the packet does not carry.
  public static final long ABSENT = -1;

  static final int EL_MASK = 3;
  static final int NSE = 1 << 3;
  public static final int SF = 1 << 4;
  public static final int NS = 1 << 5;
  static final int V = 1 << 6;
  public static final int C = 1 << 7;

  /// Security states; [#ROOT] and [#REALM] need FEAT_RME, which only ETE can show.
  public enum Security {
    /// Secure state.
    SECURE(0),
    /// Non-secure state.
    NON_SECURE(NS),
    /// Root state.
    ROOT(NSE),
    /// Realm state.
    REALM(NSE | NS);

    private final int bits;

    Security(int bits) {
      this.bits = bits;
    }

    static Security of(int info) {
      boolean ns = (info & NS) != 0;
      return (info & NSE) != 0 ? (ns ? REALM : ROOT) : (ns ? NON_SECURE : SECURE);
    }
  }

  /// Checks ranges.
  ///
  /// @throws IllegalArgumentException naming field and value
  public EtmContext {
    if (el < 0 || el > 3) {
      throw new IllegalArgumentException("Exception level " + el + ": 0 to 3 expected");
    }
    checkIdentifier("VMID", vmid);
    checkIdentifier("Context ID", contextId);
  }

  /// Context without identifiers.
  public static EtmContext of(int el, boolean aarch64, Security security) {
    return new EtmContext(el, aarch64, security, ABSENT, ABSENT);
  }

  /// The same context with a Virtual context identifier.
  public EtmContext withVmid(int value) {
    return new EtmContext(el, aarch64, security, Integer.toUnsignedLong(value), contextId);
  }

  /// The same context with a Context identifier.
  public EtmContext withContextId(int value) {
    return new EtmContext(el, aarch64, security, vmid, Integer.toUnsignedLong(value));
  }

  /// The information byte: EL, NSE, SF, NS, and V and C for the identifiers that follow.
  public int info() {
    return el | (aarch64 ? SF : 0) | security.bits | (vmid != ABSENT ? V : 0) | (contextId != ABSENT ? C : 0);
  }

  static EtmContext of(int info, int vmid, int contextId) {
    return new EtmContext(
        info & EL_MASK,
        (info & SF) != 0,
        Security.of(info),
        (info & V) != 0 ? Integer.toUnsignedLong(vmid) : ABSENT,
        (info & C) != 0 ? Integer.toUnsignedLong(contextId) : ABSENT);
  }

  private static void checkIdentifier(String name, long value) {
    if (value != ABSENT && value >>> 32 != 0) {
      throw new IllegalArgumentException("%s 0x%x: more than 32 bits".formatted(name, value));
    }
  }
}

package dev.crosspatch.tracer.etm;

/// An instruction address together with the form it has in a packet.
///
/// The form decides the bytes, and which addresses it can express: trace unit and analyser keep the last three
/// addresses (of any packet kind) in an *address history buffer*; [Form#EXACT0] to [Form#EXACT2] repeat one of
/// them, [Form#SHORT] and [Form#LONG32] take their upper bits from the newest one. Source: DDI 0487 D4.4 (address
/// compression), K10.5.2.14.
///
/// @param form  encoding
/// @param is    sub-instruction set: 0 for A64 and A32 (addresses are multiples of 4), 1 for T32 (multiples of 2)
/// @param value virtual address
public record EtmAddress(Form form, int is, long value) {

  /// How an address is written.
  public enum Form {
    /// Equal to the newest entry of the address history buffer.
    EXACT0,
    /// Equal to the entry before the newest.
    EXACT1,
    /// Equal to the oldest entry.
    EXACT2,
    /// One or two bytes: bits 8:2 or 16:2 (IS1: 7:1 or 15:1) replaced in the newest entry.
    SHORT,
    /// Four bytes: bits 31:0 replaced in the newest entry.
    LONG32,
    /// Eight bytes: the whole address.
    LONG64;

    private static final Form[] VALUES = values();

    static Form of(int ordinal) {
      return VALUES[ordinal];
    }

    /// Whether the form is a reference into the address history buffer.
    public boolean exact() {
      return ordinal() <= EXACT2.ordinal();
    }
  }

  /// Checks sub-instruction set and alignment.
  ///
  /// @throws IllegalArgumentException naming the value
  public EtmAddress {
    checkAddress(value, is);
  }

  static void checkAddress(long value, int is) {
    if ((is & ~1) != 0) {
      throw new IllegalArgumentException("Sub-instruction set " + is + ": 0 or 1 expected");
    }
    int alignment = is == 0 ? 4 : 2;
    if ((value & (alignment - 1)) != 0) {
      throw new IllegalArgumentException(
          "Address 0x%x in IS%d: must be a multiple of %d".formatted(value, is, alignment));
    }
  }
}

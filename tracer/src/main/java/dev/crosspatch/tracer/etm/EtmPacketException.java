package dev.crosspatch.tracer.etm;

/// A packet that no trace unit of this configuration sends, and where it is.
///
/// The message is complete, e.g. `ETM packet at byte 0x41: header 0x52 is reserved`.
public final class EtmPacketException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String message;
  private final long offset;

  EtmPacketException(long offset, String message) {
    super(message);
    this.message = message;
    this.offset = offset;
  }

  @Override
  public String getMessage() {
    return message;
  }

  /// Offset of the packet's first byte.
  public long offset() {
    return offset;
  }
}

package dev.crosspatch.sim.guest;

/// The fields of the record by which a guest kernel tells of a text event, 8 bytes each, anywhere in its memory. The
/// assembler knows each by its offset under the name `EVENT_` and the constant's name. Addresses are the kernel's:
/// of its image, or of the writable alias of RAM.
enum TextRecord {
  /// Where text changes, appears or goes away.
  ADDRESS,
  /// How many bytes there were; 0: text appears.
  OLD_LENGTH,
  /// Address of the bytes that were there.
  OLD,
  /// How many bytes there are now; 0: text goes away.
  NEW_LENGTH,
  /// Address of the bytes that are there now.
  NEW,
  /// Address of the name of the site, zero-terminated.
  SITE,
  /// Address of the name of what patched, zero-terminated; 0: the kernel's mechanism.
  MECHANISM;

  /// Bytes of a record, a multiple of 16 as stacks have it.
  static final int SIZE = 64;

  /// Bytes from the record's begin.
  int offset() {
    return 8 * ordinal();
  }
}

package dev.crosspatch.sim.guest;

/// The fields of the record by which a guest kernel announces a mapping, 8 bytes each, anywhere in its memory. The
/// assembler knows each by its offset under the name `MAPPING_` and the constant's name.
enum MappingRecord {
  /// First byte of the text.
  ADDRESS,
  /// How many bytes.
  LENGTH,
  /// Address of its name, zero-terminated.
  NAME,
  /// Its number: the kernel counts from 1.
  SEQUENCE;

  /// Bytes of a record, a multiple of 16 as stacks have it.
  static final int SIZE = 32;

  /// Bytes from the record's begin.
  int offset() {
    return 8 * ordinal();
  }
}

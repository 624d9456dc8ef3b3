package dev.crosspatch.core.code;

/// A name for an address.
///
/// @param name    unique in its image
/// @param address virtual address
/// @param size    bytes it covers, 0 if unknown
/// @param kind    what it names
public record Symbol(String name, long address, long size, Kind kind) {

  /// ELF symbol types we use.
  public enum Kind { NOTYPE, OBJECT, FUNCTION }
}

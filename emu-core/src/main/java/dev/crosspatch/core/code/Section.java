package dev.crosspatch.core.code;

/// A contiguous run of bytes at a virtual address.
///
/// @param name    ELF-style name, e.g. `.text`
/// @param address virtual address of the first byte
/// @param bytes   contents; not copied, must not be changed afterwards
/// @param access  what the guest may do with it once loaded
public record Section(String name, long address, byte[] bytes, Access access) {

  /// Permissions of a section in the guest's page tables.
  public enum Access {
    /// Read and execute; writable only through an alias.
    TEXT,
    /// Read only.
    RODATA,
    /// Read and write.
    DATA
  }

  /// First address behind the section.
  public long end() {
    return address + bytes.length;
  }

  /// Whether `a` lies inside the section (addresses compare as unsigned).
  public boolean contains(long a) {
    return Long.compareUnsigned(a - address, bytes.length) < 0;
  }
}

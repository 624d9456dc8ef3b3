package dev.crosspatch.sim.linux;

import java.nio.ByteBuffer;

/// The note of a program's properties, as Linux reads it (fs/binfmt_elf.c, parse_elf_properties; Linux Extensions to
/// gABI, "Program Property").
final class ElfProperties {
  private static final int MOST = 1024;
  private static final int HEADER = 12;
  private static final int NAME = 4;
  private static final int GNU = 'G' | 'N' << 8 | 'U' << 16;
  private static final int NT_GNU_PROPERTY_TYPE_0 = 5;
  private static final int ALIGNMENT = 8;

  private ElfProperties() {}

  /// Whether bit 0 of a property of 32 bits is set.
  ///
  /// @param note     little-endian
  /// @param property its type
  /// @throws IllegalArgumentException saying what is wrong with it
  static boolean isSet(ByteBuffer note, int property) {
    int begin = HEADER + NAME;
    boolean named = note.limit() >= begin && note.limit() <= MOST && note.getInt(0) == NAME
        && note.getInt(8) == NT_GNU_PROPERTY_TYPE_0 && note.getInt(HEADER) == GNU;
    if (!named) {
      throw new IllegalArgumentException("it is none of GNU");
    }
    int size = note.getInt(4);
    if (size < 0 || size > note.limit() - begin) {
      throw new IllegalArgumentException("it is cut off");
    }
    return isSet(note, begin, begin + size, property);
  }

  private static boolean isSet(ByteBuffer note, int begin, int end, int property) {
    boolean set = false;
    long last = -1;
    for (int at = begin; at < end; ) {
      if (end - at < 2 * Integer.BYTES) {
        throw new IllegalArgumentException("it is cut off");
      }
      long type = Integer.toUnsignedLong(note.getInt(at));
      int size = note.getInt(at + 4);
      long padded = ((long) size + ALIGNMENT - 1) & -ALIGNMENT;
      at += 2 * Integer.BYTES;
      if (size < 0 || padded > end - at) {
        throw new IllegalArgumentException("it is cut off");
      }
      if (type <= last) {
        throw new IllegalArgumentException("properties are not in the order of their types");
      }
      if ((int) type == property) {
        if (size != Integer.BYTES) {
          throw new IllegalArgumentException(String.format("property 0x%x has %d bytes", property, size));
        }
        set = (note.getInt(at) & 1) != 0;
      }
      last = type;
      at += (int) padded;
    }
    return set;
  }
}

package dev.crosspatch.tests.isa;

import dev.crosspatch.isa.arm64.Arm64Isa;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/// A row of the A64 table as a test sees it: where its fields are, and words made from it.
///
/// @param name   the row's name
/// @param match  fixed bits
/// @param ignored should-be bits
/// @param free   bits of fields
/// @param fields position and width of each field, by lower-case name
record A64Pattern(String name, int match, int ignored, int free, Map<String, Field> fields) {

  /// Bits `shift + width - 1 .. shift`.
  record Field(int shift, int width) {
    int of(int word) {
      return word >>> shift & (1 << width) - 1;
    }

    int put(int word, int value) {
      int mask = ((1 << width) - 1) << shift;
      return (word & ~mask) | (value << shift & mask);
    }
  }

  static A64Pattern of(Arm64Isa.Pattern row) {
    int bit = 32;
    int match = 0;
    int ignored = 0;
    int free = 0;
    Map<String, Field> fields = new HashMap<>();
    for (String token : row.bits().split(" ", -1)) {
      int colon = token.indexOf(':');
      if (colon >= 0) {
        int width = Integer.parseInt(token.substring(colon + 1).replace("+", ""));
        bit -= width;
        Field field = new Field(bit, width);
        fields.put(token.substring(0, colon).toLowerCase(java.util.Locale.ROOT), field);
        free = field.put(free, -1);
        continue;
      }
      for (int i = 0; i < token.length(); i++) {
        char c = token.charAt(i);
        bit--;
        match |= c == '1' ? 1 << bit : 0;
        ignored |= c == '.' ? 1 << bit : 0;
      }
    }
    return new A64Pattern(row.name(), match, ignored, free, fields);
  }

  /// A word of the row: random fields, should-be bits as ones.
  int word(Random random) {
    return (random.nextInt() & free) | match | ignored;
  }

  boolean has(String field) {
    return fields.containsKey(field);
  }

  /// A field's value in `word`.
  int get(int word, String field) {
    Field f = fields.get(field);
    if (f == null) {
      throw new IllegalArgumentException(name + " has no field " + field);
    }
    return f.of(word);
  }

  /// A field's value, sign-extended.
  long signed(int word, String field) {
    int unused = 64 - fields.getOrDefault(field, new Field(0, 64)).width();
    return (long) get(word, field) << unused >> unused;
  }

  /// `word` with a field replaced.
  int with(int word, String field, int value) {
    return fields.getOrDefault(field, new Field(0, 0)).put(word, value);
  }

  /// First word of the name.
  String mnemonic() {
    return name.split("[ ,]", 2)[0];
  }
}

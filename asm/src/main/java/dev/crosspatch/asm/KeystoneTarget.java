package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What Keystone is opened for, and how several instructions become one text of which the bytes can be told apart.
enum KeystoneTarget {
  /// `KS_ARCH_X86`, `KS_MODE_64`. Marks of eight bytes that no instruction contains, the first four counting, stand
  /// between the instructions.
  X86_64(4, 8) {
    private static final long MARK = 0x3f8e61c7L << 32;

    @Override
    String batch(List<String> texts) {
      StringBuilder batch = new StringBuilder();
      for (int i = 0; i < texts.size(); i++) {
        batch.append(texts.get(i)).append("\n.quad ").append(MARK + i).append('\n');
      }
      return batch.toString();
    }

    @Override
    List<byte[]> split(byte[] bytes, int count) {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      List<byte[]> parts = new ArrayList<>();
      int start = 0;
      for (int at = 0; at + 8 <= bytes.length; at++) {
        if (in.getLong(at) == MARK + parts.size()) {
          if (at == start) {
            break;
          }
          parts.add(Arrays.copyOfRange(bytes, start, at));
          start = at + 8;
          at = start - 1;
        }
      }
      return parts;
    }
  },

  /// `KS_ARCH_ARM64`, `KS_MODE_LITTLE_ENDIAN`.
  AARCH64(2, 0) {
    @Override
    String batch(List<String> texts) {
      return String.join("\n", texts);
    }

    @Override
    List<byte[]> split(byte[] bytes, int count) {
      List<byte[]> parts = new ArrayList<>();
      for (int i = 0; bytes.length == 4 * count && i < count; i++) {
        parts.add(Arrays.copyOfRange(bytes, 4 * i, 4 * i + 4));
      }
      return parts;
    }
  };

  /// `KS_ARCH_*` and `KS_MODE_*`.
  final int arch;
  final int mode;

  KeystoneTarget(int arch, int mode) {
    this.arch = arch;
    this.mode = mode;
  }

  /// One text for Keystone out of several instructions.
  abstract String batch(List<String> texts);

  /// The bytes of each instruction of a [#batch] of `count`; a shorter list if one of them has none.
  abstract List<byte[]> split(byte[] bytes, int count);
}

package dev.crosspatch.tests.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// State and code for one run of a snippet, or the state it left: the records that `arm64exec.c` reads and writes.
final class A64Vector {
  static final long CODE = 0x4020_0000L;
  static final long SCRATCH = 0x4028_0000L;
  static final int SCRATCH_LONGS = 64;
  static final int SP = 31;
  static final int MAX_WORDS = 8;
  private static final int STATE_BYTES = 34 * 8;
  static final int VECTOR_BYTES = STATE_BYTES + 4 * MAX_WORDS + 8 * SCRATCH_LONGS;
  static final int RESULT_BYTES = STATE_BYTES + 8 * SCRATCH_LONGS;

  /// X0..X30 and SP.
  final long[] x = new long[32];
  final long[] scratch = new long[SCRATCH_LONGS];
  /// In bits 31:28.
  long nzcv;
  /// Results: signal that ended the snippet, or 0.
  long signal;
  int[] words = {};

  void write(ByteBuffer out) {
    for (long value : x) {
      out.putLong(value);
    }
    out.putLong(nzcv).putLong(words.length);
    for (int i = 0; i < MAX_WORDS; i++) {
      out.putInt(i < words.length ? words[i] : 0);
    }
    for (long value : scratch) {
      out.putLong(value);
    }
  }

  static A64Vector readResult(ByteBuffer in) {
    A64Vector v = new A64Vector();
    for (int i = 0; i < v.x.length; i++) {
      v.x[i] = in.getLong();
    }
    v.nzcv = in.getLong();
    v.signal = in.getLong();
    for (int i = 0; i < SCRATCH_LONGS; i++) {
      v.scratch[i] = in.getLong();
    }
    return v;
  }

  static ByteBuffer view(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The first difference to `other`, or null.
  @Nullable String differenceFrom(A64Vector other) {
    if (signal != other.signal) {
      return "signal " + signal + " against " + other.signal;
    }
    for (int i = 0; i < x.length; i++) {
      if (x[i] != other.x[i]) {
        return String.format("%s %x against %x", i == SP ? "sp" : "x" + i, x[i], other.x[i]);
      }
    }
    if (nzcv != other.nzcv) {
      return String.format("nzcv %x against %x", nzcv >>> 28, other.nzcv >>> 28);
    }
    int at = Arrays.mismatch(scratch, other.scratch);
    return at < 0 ? null
        : String.format("memory at scratch + %d: %x against %x", 8 * at, scratch[at], other.scratch[at]);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("words");
    for (int w : words) {
      text.append(String.format(" %08x", w));
    }
    text.append(String.format(" nzcv %x", nzcv >>> 28));
    for (int i = 0; i < x.length; i++) {
      text.append(String.format(" x%d=%x", i, x[i]));
    }
    return text.toString();
  }
}

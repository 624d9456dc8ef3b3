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
  /// Four pages, of which the first and the third can be read and written, the fourth be read, and the second is none;
  /// none follows. Scratch may lie at their edges instead: as many longs at each offset.
  static final long EDGES = 0x402a_0000L;

  static final int[][] EDGE_PIECES = {{4096 - 128, 16}, {2 * 4096, 16}, {3 * 4096 - 128, 16}, {3 * 4096, 8},
    {4 * 4096 - 64, 8}};
  static final int SP = 31;
  static final int MAX_WORDS = 8;
  private static final int STATE_BYTES = (36 + 64) * 8;
  static final int VECTOR_BYTES = STATE_BYTES + 4 * MAX_WORDS + 8 * SCRATCH_LONGS;
  static final int RESULT_BYTES = STATE_BYTES + 3 * 8 + 8 * SCRATCH_LONGS;

  /// X0..X30 and SP.
  final long[] x = new long[32];
  final long[] scratch = new long[SCRATCH_LONGS];
  /// V0..V31, low words first.
  final long[] v = new long[64];
  long fpcr;
  long fpsr;
  /// In bits 31:28.
  long nzcv;
  /// Results: signal that ended the snippet, or 0.
  long signal;
  /// Of that signal: `si_code`, `si_addr`, and the program counter in its frame.
  long code;

  long address;
  long pc;
  int[] words = {};

  void write(ByteBuffer out) {
    for (long value : x) {
      out.putLong(value);
    }
    out.putLong(nzcv).putLong(words.length).putLong(fpcr).putLong(fpsr);
    for (long value : v) {
      out.putLong(value);
    }
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
    v.fpcr = in.getLong();
    v.fpsr = in.getLong();
    for (int i = 0; i < v.v.length; i++) {
      v.v[i] = in.getLong();
    }
    v.code = in.getLong();
    v.address = in.getLong();
    v.pc = in.getLong();
    for (int i = 0; i < SCRATCH_LONGS; i++) {
      v.scratch[i] = in.getLong();
    }
    return v;
  }

  /// The same state and code.
  A64Vector copy() {
    A64Vector other = new A64Vector();
    System.arraycopy(x, 0, other.x, 0, x.length);
    System.arraycopy(v, 0, other.v, 0, v.length);
    System.arraycopy(scratch, 0, other.scratch, 0, scratch.length);
    other.nzcv = nzcv;
    other.fpcr = fpcr;
    other.fpsr = fpsr;
    other.words = words;
    return other;
  }

  /// The byte of scratch at an address at the edges of pages; 0 elsewhere.
  int getByte(long address) {
    int at = atEdge(address);
    return at < 0 ? 0 : (int) (scratch[at / 8] >>> (8 * (at % 8))) & 0xff;
  }

  /// Writes a byte of scratch that lies at the edges of pages, and none elsewhere.
  void putByte(long address, int value) {
    int at = atEdge(address);
    if (at >= 0) {
      int shift = 8 * (at % 8);
      scratch[at / 8] = (scratch[at / 8] & ~(0xffL << shift)) | (long) value << shift;
    }
  }

  /// Which byte of scratch lies there, or -1.
  private static int atEdge(long address) {
    int before = 0;
    for (int[] piece : EDGE_PIECES) {
      long at = address - EDGES - piece[0];
      if (at >= 0 && at < 8L * piece[1]) {
        return 8 * before + (int) at;
      }
      before += piece[1];
    }
    return -1;
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
    int lane = Arrays.mismatch(v, other.v);
    if (lane >= 0) {
      return String.format("v%d %016x_%016x against %016x_%016x", lane / 2, v[lane | 1], v[lane & ~1],
          other.v[lane | 1], other.v[lane & ~1]);
    }
    if (fpsr != other.fpsr || fpcr != other.fpcr) {
      return String.format("fpsr %x against %x, fpcr %x against %x", fpsr, other.fpsr, fpcr, other.fpcr);
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
    text.append(String.format(" fpcr=%x fpsr=%x", fpcr, fpsr));
    for (int i = 0; i < v.length; i += 2) {
      text.append(String.format(" v%d=%016x_%016x", i / 2, v[i + 1], v[i]));
    }
    return text.toString();
  }
}

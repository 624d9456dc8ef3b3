package dev.crosspatch.tests.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// State and code for one run of a snippet, or the state it left: the records that `x86exec.c` reads and writes.
final class X86Vector {
  static final long CODE = 0x1000_0000L;
  static final long SCRATCH = 0x1002_0800L;
  static final int SCRATCH_BYTES = 256;
  static final int MAX_CODE = 32;
  /// Words of the vector registers: 16 of 256 bits.
  static final int VECTOR_WORDS = 64;
  /// Words of x87: control, status and tags; ST0 to ST7, two each.
  static final int X87_WORDS = 17;
  private static final int STATE_BYTES = (18 + VECTOR_WORDS + 1 + X87_WORDS) * 8;
  static final int VECTOR_BYTES = STATE_BYTES + 8 + MAX_CODE + SCRATCH_BYTES;
  static final int RESULT_BYTES = STATE_BYTES + 5 * 8 + 16 + SCRATCH_BYTES;

  static final int CF = 1;
  static final int PF = 4;
  static final int AF = 16;
  static final int ZF = 64;
  static final int SF = 128;
  static final int OF = 2048;
  static final int FLAGS = OF | SF | ZF | AF | PF | CF;
  private static final String[] NAMES = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };

  final long[] r = new long[16];
  final long[] v = new long[VECTOR_WORDS];
  int mxcsr = 0x1f80;
  /// x87 as FXSAVE has it: control, status in bits 31:16 and tags in bits 39:32; for each of ST0 to ST7 its
  /// significand, and sign and exponent.
  final long[] x87 = new long[X87_WORDS];
  final byte[] scratch = new byte[SCRATCH_BYTES];
  long flags;
  /// Results: signal that ended the snippet, or 0.
  long signal;
  /// Results, if there was a signal: address, vector, error code of the exception, and CR2.
  long rip;
  long trap;
  long error;
  long cr2;
  /// Results: hash of the page of scratch; ES, CS, SS, DS, FS, GS.
  long hash;
  final int[] selectors = new int[6];
  byte[] code = {};
  /// Offset of the code in its page.
  long offset;
  /// Flags that are defined behind the snippet.
  int defined = FLAGS;
  /// What the snippet is made of, for messages; and the CPU feature it needs, or `-`.
  String form = "";

  /// Made to touch the page behind that of scratch, which is not mapped.
  boolean beyond;

  String feature = "-";

  X86Vector() {
    x87[0] = 0x37f;
  }

  void write(ByteBuffer out) {
    for (long value : r) {
      out.putLong(value);
    }
    out.putLong(flags).putLong(code.length);
    for (long value : v) {
      out.putLong(value);
    }
    out.putLong(mxcsr);
    for (long value : x87) {
      out.putLong(value);
    }
    out.putLong(offset).put(Arrays.copyOf(code, MAX_CODE)).put(scratch);
  }

  static X86Vector readResult(ByteBuffer in) {
    X86Vector v = new X86Vector();
    for (int i = 0; i < v.r.length; i++) {
      v.r[i] = in.getLong();
    }
    v.flags = in.getLong();
    v.signal = in.getLong();
    for (int i = 0; i < VECTOR_WORDS; i++) {
      v.v[i] = in.getLong();
    }
    v.mxcsr = (int) in.getLong();
    for (int i = 0; i < X87_WORDS; i++) {
      v.x87[i] = in.getLong();
    }
    v.rip = in.getLong();
    v.trap = in.getLong();
    v.error = in.getLong();
    v.cr2 = in.getLong();
    v.hash = in.getLong();
    for (int i = 0; i < v.selectors.length; i++) {
      v.selectors[i] = in.getShort() & 0xffff;
    }
    in.getInt();
    in.get(v.scratch);
    return v;
  }

  static ByteBuffer view(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The first difference of this result to `other`, or null; only `defined` flags count.
  @Nullable String differenceFrom(X86Vector other, int defined) {
    if (signal != other.signal) {
      return "signal " + signal + " against " + other.signal;
    }
    for (int i = 0; i < r.length; i++) {
      if (r[i] != other.r[i]) {
        return String.format("%s %x against %x", NAMES[i], r[i], other.r[i]);
      }
    }
    if (((flags ^ other.flags) & defined) != 0) {
      return String.format("flags %x against %x of %x", flags & defined, other.flags & defined, defined);
    }
    int word = Arrays.mismatch(v, other.v);
    if (word >= 0) {
      return String.format("ymm%d, word %d: %016x against %016x", word / 4, word % 4, v[word], other.v[word]);
    }
    if (mxcsr != other.mxcsr) {
      return String.format("mxcsr %x against %x", mxcsr, other.mxcsr);
    }
    int part = Arrays.mismatch(x87, other.x87);
    if (part >= 0) {
      return String.format("x87, %s: %x against %x", part == 0 ? "control, status, tags"
          : "ST" + (part - 1) / 2 + (part % 2 == 0 ? "'s exponent" : ""), x87[part], other.x87[part]);
    }
    int at = Arrays.mismatch(scratch, other.scratch);
    return at < 0 ? null : String.format("memory at scratch + %d: %x against %x", at, scratch[at], other.scratch[at]);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(form).append(": ").append(HexFormat.ofDelimiter(" ").formatHex(code));
    text.append(String.format(" flags=%x", flags & FLAGS));
    for (int i = 0; i < r.length; i++) {
      text.append(String.format(" %s=%x", NAMES[i], r[i]));
    }
    for (int i = 0; i < VECTOR_WORDS && Arrays.stream(v).anyMatch(word -> word != 0); i += 4) {
      text.append(String.format(" ymm%d=%016x_%016x_%016x_%016x", i / 4, v[i + 3], v[i + 2], v[i + 1], v[i]));
    }
    text.append(String.format(" mxcsr=%x x87=%x", mxcsr, x87[0]));
    for (int i = 0; i < 8 && Arrays.stream(x87, 1, X87_WORDS).anyMatch(word -> word != 0); i++) {
      text.append(String.format(" st%d=%04x_%016x", i, x87[2 + 2 * i], x87[1 + 2 * i]));
    }
    return text.toString();
  }
}

package dev.crosspatch.core.mem;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// RAM, seen from two sides: [#data] is what loads and stores see, [#unification] what the refill of an instruction
/// cache sees. They are one array when stores reach the point of unification by themselves (x86; AArch64 with
/// CTR_EL0.IDC = 1); otherwise a line moves from one to the other when it is cleaned.
///
/// Offsets count bytes from the RAM base, lines are offsets divided by [#LINE].
public final class PhysicalMemory {
  /// Bytes of a cache line, log2 of it.
  public static final int LINE = 64;

  public static final int LINE_SHIFT = 6;
  /// Line flag: a version of the line was fetched, or may be: stores to it concern fetch.
  public static final int HAS_CODE = 1;
  /// Line flag: some core's exclusive monitor stands on the line.
  public static final int MONITORED = 2;
  /// Line flag: stores to the line are told ([dev.crosspatch.core.event.Probe#textStores]).
  public static final int WATCHED = 4;
  /// Line flag: a core has stored to the line since it is [#WATCHED].
  public static final int STORED = 8;

  /// Line flag: the line has moved between cores, and somebody wants to know of stores to it
  /// ([dev.crosspatch.core.event.Probe#sharedStores]).
  public static final int SHARED = 16;

  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final long base;
  private final byte[] data;
  private final byte[] unification;
  private final byte[] flags;
  private final boolean coherent;

  /// @param base     physical address of the first byte
  /// @param size     bytes, a multiple of [#LINE]
  /// @param coherent whether stores are visible at the point of unification at once
  public PhysicalMemory(long base, int size, boolean coherent) {
    this.base = base;
    this.coherent = coherent;
    data = new byte[size];
    unification = coherent ? data : new byte[size];
    flags = new byte[size >> LINE_SHIFT];
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN).withInvokeExactBehavior();
  }

  /// The bytes loads and stores see. Not a copy.
  public byte[] data() {
    return data;
  }

  /// The bytes an instruction-cache refill sees. Not a copy.
  public byte[] unification() {
    return unification;
  }

  /// Whether stores are visible at the point of unification at once.
  public boolean isCoherent() {
    return coherent;
  }

  /// Number of lines.
  public int lines() {
    return flags.length;
  }

  /// Whether physical address `pa` is RAM.
  public boolean contains(long pa) {
    return Long.compareUnsigned(pa - base, data.length) < 0;
  }

  /// Offset of `pa`, which must be RAM.
  public int offset(long pa) {
    return (int) (pa - base);
  }

  /// Physical address of an offset.
  public long address(int offset) {
    return base + offset;
  }

  /// Flags of a line.
  public int flags(int line) {
    return flags[line];
  }

  /// Sets flags of a line.
  public void mark(int line, int flag) {
    flags[line] |= (byte) flag;
  }

  /// Clears flags of a line.
  public void unmark(int line, int flag) {
    flags[line] &= (byte) ~flag;
  }

  /// Little-endian, zero-extended `1 << width` bytes at `at`.
  public static long get(byte[] bytes, int at, int width) {
    return switch (width) {
      case 0 -> bytes[at] & 0xffL;
      case 1 -> (short) SHORT.get(bytes, at) & 0xffffL;
      case 2 -> (int) INT.get(bytes, at) & 0xffff_ffffL;
      default -> (long) LONG.get(bytes, at);
    };
  }

  /// The low `1 << width` bytes of `value`, zero-extended.
  public static long truncate(long value, int width) {
    int shift = 64 - (8 << width);
    return value << shift >>> shift;
  }

  /// Stores the low `1 << width` bytes of `value` at `at`.
  public static void put(byte[] bytes, int at, int width, long value) {
    switch (width) {
      case 0 -> bytes[at] = (byte) value;
      case 1 -> SHORT.set(bytes, at, (short) value);
      case 2 -> INT.set(bytes, at, (int) value);
      default -> LONG.set(bytes, at, value);
    }
  }

  /// Copies bytes in, visible to data and fetch alike.
  public void load(int offset, byte[] bytes) {
    System.arraycopy(bytes, 0, data, offset, bytes.length);
    System.arraycopy(bytes, 0, unification, offset, bytes.length);
  }

  /// Copies a line from the data side to the point of unification. Returns whether that changed what fetch can see.
  public boolean clean(int line) {
    int at = line << LINE_SHIFT;
    if (coherent || Arrays.equals(data, at, at + LINE, unification, at, at + LINE)) {
      return false;
    }
    System.arraycopy(data, at, unification, at, LINE);
    return true;
  }
}

package dev.crosspatch.core.lab;

import dev.crosspatch.core.uop.Uop;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/// Writes instructions of [MicroIsa] from an address on.
public final class Code {
  public final long start;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Long> labels = new HashMap<>();

  public Code(long start) {
    this.start = start;
  }

  public long here() {
    return start + out.size();
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  public Code label(String name) {
    labels.put(name, here());
    return this;
  }

  public long at(String name) {
    Long found = labels.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no label " + name);
    }
    return found;
  }

  public Code bytes(int... values) {
    for (int v : values) {
      out.write(v);
    }
    return this;
  }

  /// Fills with one-byte no-operations up to an address.
  public Code pad(long to) {
    while (here() < to) {
      nop();
    }
    return this;
  }

  public Code nop() {
    return bytes(1);
  }

  private Code number(long value, int size) {
    for (int i = 0; i < size; i++) {
      out.write((int) (value >>> (8 * i)));
    }
    return this;
  }

  public Code jump(long to) {
    return bytes(jumpBytes(here(), to));
  }

  public static int[] jumpBytes(long from, long to) {
    byte[] b = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN).put((byte) 2)
        .putInt((int) (to - from - 5)).array();
    return new int[] {b[0], b[1], b[2], b[3], b[4]};
  }

  public Code call(long to) {
    return bytes(3).number(to - here() - 4, 4);
  }

  /// An indirect call, for which guarded pages ask; by r1.
  public Code enter(long to) {
    return li(1, to).bytes(12);
  }

  public Code ret() {
    return bytes(4);
  }

  public Code breakpoint() {
    return bytes(5);
  }

  public Code jcc(int cond, long to) {
    return bytes(6, cond).number(to - here() - 4, 4);
  }

  public Code uop(long word, long imm) {
    return bytes(7).number(word, 8).number(imm, 8);
  }

  public Code op(int op, int dst, int a, int b, int width) {
    return uop(Uop.word(op, dst, a, b, Uop.ZERO, width, 0, 0, 0), 0);
  }

  public Code opi(int op, int dst, int a, long imm, int width) {
    return uop(Uop.word(op, dst, a, Uop.ZERO, Uop.ZERO, width, 0, 0, 0), imm);
  }

  public Code load(int dst, int base, long disp, int width, int flags) {
    return uop(Uop.word(Uop.LOAD, dst, base, Uop.ZERO, Uop.ZERO, width, 0, 0, flags), disp);
  }

  public Code store(int src, int base, long disp, int width, int flags) {
    return uop(Uop.word(Uop.STORE, Uop.SINK, base, src, Uop.ZERO, width, 0, 0, flags), disp);
  }

  public Code helper(int id) {
    return bytes(8, id);
  }

  public Code helper(int id, long argument) {
    return li(1, argument).helper(id);
  }

  public Code li(int reg, long value) {
    return bytes(9, reg).number(value, 8);
  }

  /// Two bytes: r0 = value.
  public Code set0(int value) {
    return bytes(10, value);
  }

  /// One byte: r0 += 1.
  public Code inc0() {
    return bytes(11);
  }

  public Code stop() {
    return helper(MicroCore.STOP);
  }

  public Code compact(int op, int dst, int a, int b, int width, int scale, int imm) {
    for (int k = 0; k < MicroIsa.COMPACT.length; k++) {
      if (MicroIsa.COMPACT[k] == op) {
        return bytes(0x40 + k, dst << 4 | a, b << 4 | width << 2 | scale, imm);
      }
    }
    throw new IllegalArgumentException("no compact form of micro-op " + op);
  }
}

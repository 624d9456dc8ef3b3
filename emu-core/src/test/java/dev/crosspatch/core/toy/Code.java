package dev.crosspatch.core.toy;

import dev.crosspatch.core.uop.Uop;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/// Writes toy instructions from an address on.
final class Code {
  final long start;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Long> labels = new HashMap<>();

  Code(long start) {
    this.start = start;
  }

  long here() {
    return start + out.size();
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  Code label(String name) {
    labels.put(name, here());
    return this;
  }

  long at(String name) {
    Long found = labels.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no label " + name);
    }
    return found;
  }

  Code bytes(int... values) {
    for (int v : values) {
      out.write(v);
    }
    return this;
  }

  /// Fills with one-byte no-operations up to an address.
  Code pad(long to) {
    while (here() < to) {
      nop();
    }
    return this;
  }

  Code nop() {
    return bytes(1);
  }

  private Code number(long value, int size) {
    for (int i = 0; i < size; i++) {
      out.write((int) (value >>> (8 * i)));
    }
    return this;
  }

  Code jump(long to) {
    return bytes(jumpBytes(here(), to));
  }

  static int[] jumpBytes(long from, long to) {
    byte[] b = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN).put((byte) 2)
        .putInt((int) (to - from - 5)).array();
    return new int[] {b[0], b[1], b[2], b[3], b[4]};
  }

  Code call(long to) {
    return bytes(3).number(to - here() - 4, 4);
  }

  Code ret() {
    return bytes(4);
  }

  Code breakpoint() {
    return bytes(5);
  }

  Code jcc(int cond, long to) {
    return bytes(6, cond).number(to - here() - 4, 4);
  }

  Code uop(long word, long imm) {
    return bytes(7).number(word, 8).number(imm, 8);
  }

  Code op(int op, int dst, int a, int b, int width) {
    return uop(Uop.word(op, dst, a, b, Uop.ZERO, width, 0, 0, 0), 0);
  }

  Code opi(int op, int dst, int a, long imm, int width) {
    return uop(Uop.word(op, dst, a, Uop.ZERO, Uop.ZERO, width, 0, 0, 0), imm);
  }

  Code load(int dst, int base, long disp, int width, int flags) {
    return uop(Uop.word(Uop.LOAD, dst, base, Uop.ZERO, Uop.ZERO, width, 0, 0, flags), disp);
  }

  Code store(int src, int base, long disp, int width, int flags) {
    return uop(Uop.word(Uop.STORE, Uop.SINK, base, src, Uop.ZERO, width, 0, 0, flags), disp);
  }

  Code helper(int id) {
    return bytes(8, id);
  }

  Code helper(int id, long argument) {
    return li(1, argument).helper(id);
  }

  Code li(int reg, long value) {
    return bytes(9, reg).number(value, 8);
  }

  /// Two bytes: r0 = value.
  Code set0(int value) {
    return bytes(10, value);
  }

  /// One byte: r0 += 1.
  Code inc0() {
    return bytes(11);
  }

  Code stop() {
    return helper(ToyCore.STOP);
  }

  Code compact(int op, int dst, int a, int b, int width, int scale, int imm) {
    for (int k = 0; k < MicroIsa.COMPACT.length; k++) {
      if (MicroIsa.COMPACT[k] == op) {
        return bytes(0x40 + k, dst << 4 | a, b << 4 | width << 2 | scale, imm);
      }
    }
    throw new IllegalArgumentException("no compact form of micro-op " + op);
  }
}

package dev.crosspatch.tests.isa;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// Makes vectors of vector instructions from their rows: every operand kind, VEX length and width that a row allows,
/// with values that matter to integers and to floating point; operands in memory at times misaligned or at the end of
/// their page.
final class X86VectorGenerator {
  private static final int RSP = 4;
  private static final int RDI = 7;
  /// Offset in scratch of the end of its page.
  private static final int PAGE_END = 0x800;

  private static final int MIDDLE = 96;
  /// Zero, the least and greatest denormal and normal, 1, infinity, quiet and signalling NaNs, integers at the limits.
  private static final int[] SINGLES = {
    0, 1, 0x7fffff, 0x800000, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0x7fa00001, 0x4f000000, 0x5f000000,
    0x4b000000, 0x3f000000, 0x7fc12345, 0x00400000, 0x3f7fffff
  };
  private static final long[] DOUBLES = {
    0, 1, 0xf_ffff_ffff_ffffL, 1L << 52, 0x3ff0_0000_0000_0000L, 0x7fef_ffff_ffff_ffffL, 0x7ff0_0000_0000_0000L,
    0x7ff8_0000_0000_0000L, 0x7ff4_0000_0000_0001L, 0x41e0_0000_0000_0000L, 0x43e0_0000_0000_0000L,
    0x41df_ffff_ffc0_0000L, 0x3fe0_0000_0000_0000L, 0x7ff8_1234_5678_9abcL, 0x3690_0000_0000_0000L,
    0x47ef_ffff_f000_0000L
  };
  private static final long[] INTEGERS = {
    0, -1, 1, 0x7fff_ffff_7fff_ffffL, 0x8000_0000_8000_0000L, 0x7fff_8000_7fff_8000L, 0x0080_7f80_ff01_7f80L,
    Long.MIN_VALUE, Long.MAX_VALUE, 0x0001_0203_0405_0607L, 0x4040_4040_4040_4040L
  };

  private final Random random;

  X86VectorGenerator(Random random) {
    this.random = random;
  }

  /// A vector of one instruction of a row.
  X86Vector next(X86RowForm form) {
    X86Vector v = new X86Vector();
    v.form = form.row();
    state(v);
    boolean memory = form.mayBeMemory() && (!form.mayBeRegister() || random.nextInt(3) == 0);
    int rm = random.nextInt(16);
    int reg = form.reg() >= 0 ? form.reg() : random.nextInt(16);
    boolean wide = form.wide() < 0 ? random.nextInt(4) == 0 : form.wide() == 1;
    ByteArrayOutputStream tail = new ByteArrayOutputStream();
    if (form.reg() > -2 && memory) {
      rm = memoryOperand(v, form, rm, reg, tail);
    } else if (form.reg() > -2) {
      tail.write(0xc0 | (reg & 7) << 3 | (rm & 7));
    }
    if (form.mnemonic().matches("V?MASKMOV(DQU|Q)")) {
      v.r[RDI] = X86Vector.SCRATCH + MIDDLE;
    }
    if (form.immediate()) {
      tail.write(random.nextInt(256));
    }
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    int rex = (reg >> 1 & 4) | rm >> 3 | (wide ? 8 : 0);
    if (form.vex()) {
      vex(code, form, rex);
    } else {
      legacy(code, form, rex);
    }
    code.writeBytes(tail.toByteArray());
    v.code = code.toByteArray();
    return v;
  }

  private void state(X86Vector v) {
    for (int i = 0; i < 16; i++) {
      v.r[i] = random.nextBoolean() ? random.nextLong() : INTEGERS[random.nextInt(INTEGERS.length)];
    }
    for (int i = 0; i < v.v.length; i++) {
      v.v[i] = word();
    }
    for (int i = 0; i < X86Vector.SCRATCH_BYTES; i += 8) {
      X86Vector.view(v.scratch).putLong(i, word());
    }
    v.flags = (random.nextInt() & X86Vector.FLAGS) | 0x202;
    v.r[RSP] = X86Vector.SCRATCH + 128;
    v.mxcsr = random.nextInt(3) == 0 ? 0x1f80 : 0x1f80 | random.nextInt(4) << 13 | random.nextInt(64)
        | (random.nextInt(4) == 0 ? 0x40 : 0) | (random.nextInt(4) == 0 ? 0x8000 : 0);
    if (random.nextInt(4) == 0) { // exceptions that are not masked
      v.mxcsr &= ~(random.nextInt(64) << 7);
    }
    x87(v);
  }

  /// Any top, tags and values; at times with an exception pending.
  private void x87(X86Vector v) {
    int masks = random.nextInt(8) == 0 ? random.nextInt(64) : 0x3f;
    long control = 0x340 | masks;
    v.x87[0] = control | (random.nextInt() & 0xffffL) << 16 | random.nextInt(256) * (1L << 32);
    for (int i = 1; i < v.x87.length; i += 2) {
      v.x87[i] = word();
      v.x87[i + 1] = random.nextInt(0x10000);
    }
  }

  private long word() {
    int sign = random.nextInt(2) << 31;
    return switch (random.nextInt(8)) {
      case 0 -> INTEGERS[random.nextInt(INTEGERS.length)];
      case 1 -> (long) (SINGLES[random.nextInt(SINGLES.length)] | sign) << 32
          | (SINGLES[random.nextInt(SINGLES.length)] & 0xffff_ffffL);
      case 2 -> DOUBLES[random.nextInt(DOUBLES.length)] | (long) sign << 32;
      case 3 -> Double.doubleToRawLongBits(random.nextGaussian() * Math.pow(2, random.nextInt(140) - 70));
      case 4 -> (Float.floatToRawIntBits((float) (random.nextGaussian() * Math.pow(2, random.nextInt(80) - 40)))
          & 0xffff_ffffL) | (long) Float.floatToRawIntBits((float) random.nextGaussian()) << 32;
      case 5 -> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  /// A base register and a displacement of 8 bits; the base's number.
  private int memoryOperand(X86Vector v, X86RowForm form, int rm, int reg, ByteArrayOutputStream tail) {
    int base = rm == RSP ? RDI : rm;
    int target = switch (random.nextInt(12)) {
      case 0 -> MIDDLE + random.nextInt(32);
      case 1 -> PAGE_END - random.nextInt(40);
      default -> MIDDLE - random.nextInt(2) * 32;
    };
    if (form.mnemonic().contains("GATHER")) {
      return gathered(v, base, reg, tail);
    }
    int displacement = random.nextInt(64) - 32;
    v.r[base] = X86Vector.SCRATCH + target - displacement;
    tail.write(0x40 | (reg & 7) << 3 | (base & 7));
    if ((base & 7) == RSP) {
      tail.write(0x24);
    }
    tail.write(displacement);
    return base;
  }

  /// Addresses with a vector, all of whose doublewords are small, as an index: all of them in scratch, but for some
  /// that are beyond its page.
  private int gathered(X86Vector v, int base, int reg, ByteArrayOutputStream tail) {
    int index = random.nextInt(8);
    int scale = random.nextInt(4);
    boolean quadwords = random.nextBoolean();
    for (int i = 0; i < 4; i++) {
      long low = random.nextInt(128) >> scale;
      low = random.nextInt(64) == 0 ? PAGE_END >> scale : low;
      v.v[4 * index + i] = quadwords ? low : low | (random.nextInt(128) >> scale) * (1L << 32);
    }
    v.r[base] = X86Vector.SCRATCH + 16;
    tail.write(0x44 | (reg & 7) << 3);
    tail.write(scale << 6 | index << 3 | (base & 7));
    tail.write(8);
    return base;
  }

  private static void legacy(ByteArrayOutputStream code, X86RowForm form, int rex) {
    if (form.prefixes() != 0) {
      code.write(form.prefixes());
    }
    if (rex != 0) {
      code.write(0x40 | rex);
    }
    code.write(0x0f);
    if (form.map() > 1) {
      code.write(form.map() == 2 ? 0x38 : 0x3a);
    }
    code.write(form.opcode());
  }

  private void vex(ByteArrayOutputStream code, X86RowForm form, int rex) {
    boolean uses = form.operands().stream().anyMatch(o -> o.charAt(0) == 'H' || o.charAt(0) == 'B');
    int vvvv = uses ? random.nextInt(16) : 0;
    int length = form.length().equals("256") ? 4 : form.length().equals("128") ? 0 : random.nextInt(2) * 4;
    int pp = form.prefixes() == 0 ? 0 : form.prefixes() == 0x66 ? 1 : form.prefixes() == 0xf3 ? 2 : 3;
    code.write(0xc4);
    code.write((~rex & 7) << 5 | form.map());
    code.write((rex & 8) << 4 | (~vvvv & 15) << 3 | length | pp);
    code.write(form.opcode());
  }
}

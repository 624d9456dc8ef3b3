package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64Vectors.element;
import static dev.crosspatch.isa.arm64.Arm64Vectors.put;
import static dev.crosspatch.isa.arm64.Arm64Vectors.quad;
import static dev.crosspatch.isa.arm64.Arm64Vectors.setElement;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;

/// Loads and stores of SIMD and floating-point registers. Accesses are made in words of 64 bits at most, from the
/// lowest address up; registers are written when all have succeeded.
final class Arm64VectorMemory {
  private Arm64VectorMemory() {}

  /// log2 of the bytes of a whole register, as `width`.
  static final int QUADWORD = 4;

  // ---- whole registers: `dst` at `r[a] + r[c] + imm`, `1 << width` bytes

  private static long address(Arm64Core core, long w, long imm) {
    return core.r[a(w)] + core.r[c(w)] + imm;
  }

  /// Whether `1 << width` bytes may not lie at `va`, which is a fault then. Accesses below 16 bytes are checked where
  /// they are made.
  private static boolean misaligned(Arm64Core core, long va, int width, int access) {
    boolean wrong = width == QUADWORD && (va & 15) != 0 && core.system.is(Arm64SystemRegisters.SCTLR_A);
    if (wrong) {
      core.alignmentFault(va, access);
    }
    return wrong;
  }

  static int load(Arm64Core core, long w, long imm) {
    long[] value = new long[2];
    return read(core, address(core, w, imm), width(w), value) ? put(core, dst(w), value[0], value[1]) : Outcome.FAULT;
  }

  private static boolean read(Arm64Core core, long va, int width, long[] to) {
    if (misaligned(core, va, width, Core.READ)) {
      return false;
    }
    to[0] = core.load(va, Math.min(3, width), 0);
    to[1] = width == QUADWORD && core.faultCode == 0 ? core.load(va + 8, 3, 0) : 0;
    return core.faultCode == 0;
  }

  static int store(Arm64Core core, long w, long imm) {
    return write(core, address(core, w, imm), width(w), dst(w)) ? Outcome.OK : Outcome.FAULT;
  }

  private static boolean write(Arm64Core core, long va, int width, int register) {
    return !misaligned(core, va, width, Core.WRITE)
        && core.store(va, core.v[2 * register], Math.min(3, width), 0)
        && (width < QUADWORD || core.store(va + 8, core.v[2 * register + 1], 3, 0));
  }

  /// LDP, LDNP: the second register is `b`.
  static int loadPair(Arm64Core core, long w, long imm) {
    long[] first = new long[2];
    long[] second = new long[2];
    long va = core.r[a(w)] + imm;
    if (!read(core, va, width(w), first) || !read(core, va + (1 << width(w)), width(w), second)) {
      return Outcome.FAULT;
    }
    put(core, dst(w), first[0], first[1]);
    return put(core, b(w), second[0], second[1]);
  }

  /// STP, STNP.
  static int storePair(Arm64Core core, long w, long imm) {
    long va = core.r[a(w)] + imm;
    return write(core, va, width(w), dst(w)) && write(core, va + (1 << width(w)), width(w), b(w))
        ? Outcome.OK : Outcome.FAULT;
  }

  // ---- structures of `imm & 7` elements, each in a register of its own

  /// LD1 to LD4 (multiple structures): `imm >> 3` times over.
  static int loadStructures(Arm64Core core, long w, long imm) {
    long[] words = new long[8];
    if (!readAll(core, w, imm, words)) {
      return Outcome.FAULT;
    }
    for (int i = 0; i < registers(imm); i++) {
      put(core, dst(w) + i & 31, 0, 0);
    }
    transfer(core, w, imm, words, true);
    return Outcome.OK;
  }

  /// ST1 to ST4 (multiple structures).
  static int storeStructures(Arm64Core core, long w, long imm) {
    long[] words = new long[8];
    transfer(core, w, imm, words, false);
    int step = step(core, w);
    for (int at = 0; at < bytes(w, imm); at += 1 << step) {
      if (!core.store(core.r[a(w)] + at, words[at >> 3] >>> (8 * at), step, 0)) {
        return Outcome.FAULT;
      }
    }
    return Outcome.OK;
  }

  private static boolean readAll(Arm64Core core, long w, long imm, long[] words) {
    int step = step(core, w);
    for (int at = 0; at < bytes(w, imm); at += 1 << step) {
      words[at >> 3] |= core.load(core.r[a(w)] + at, step, 0) << (8 * at);
      if (core.faultCode != 0) {
        return false;
      }
    }
    return true;
  }

  /// Elements are accessed one by one where it matters whether they are aligned.
  private static int step(Arm64Core core, long w) {
    return core.system.is(Arm64SystemRegisters.SCTLR_A) ? width(w) : 3;
  }

  private static int registers(long imm) {
    return (int) (imm & 7) * (int) (imm >> 3);
  }

  private static int bytes(long w, long imm) {
    return registers(imm) * (quad(w) ? 16 : 8);
  }

  /// Moves elements between registers and their places in `words`.
  private static void transfer(Arm64Core core, long w, long imm, long[] words, boolean load) {
    int structure = (int) imm & 7;
    int size = structure == 1 ? 3 : width(w); // a register alone is in order
    int elements = (quad(w) ? 16 : 8) >> size;
    int place = 0;
    for (int first = 0; first < registers(imm); first += structure) {
      for (int e = 0; e < elements; e++) {
        for (int i = 0; i < structure; i++, place++) {
          int register = dst(w) + first + i & 31;
          int bit = place << (3 + size);
          if (load) {
            setElement(core, register, e, size, words[bit >> 6] >>> bit);
          } else {
            words[bit >> 6] |= element(core, register, e, size) << bit;
          }
        }
      }
    }
  }

  // ---- one structure of `imm & 7` elements

  /// LD1 to LD4 (single structure), to elements `imm >> 3`.
  static int loadElements(Arm64Core core, long w, long imm) {
    long[] values = new long[4];
    if (!readElements(core, w, imm, values)) {
      return Outcome.FAULT;
    }
    for (int i = 0; i < (imm & 7); i++) {
      setElement(core, dst(w) + i & 31, (int) (imm >> 3), width(w), values[i]);
    }
    return Outcome.OK;
  }

  /// LD1R to LD4R: to all elements.
  static int loadReplicated(Arm64Core core, long w, long imm) {
    long[] values = new long[4];
    if (!readElements(core, w, imm, values)) {
      return Outcome.FAULT;
    }
    for (int i = 0; i < (imm & 7); i++) {
      long all = Arm64Packed.replicate(values[i], width(w));
      put(core, dst(w) + i & 31, all, quad(w) ? all : 0);
    }
    return Outcome.OK;
  }

  private static boolean readElements(Arm64Core core, long w, long imm, long[] values) {
    for (int i = 0; i < (imm & 7); i++) {
      values[i] = core.load(core.r[a(w)] + ((long) i << width(w)), width(w), 0);
      if (core.faultCode != 0) {
        return false;
      }
    }
    return true;
  }

  /// ST1 to ST4 (single structure), of elements `imm >> 3`.
  static int storeElements(Arm64Core core, long w, long imm) {
    for (int i = 0; i < (imm & 7); i++) {
      long value = element(core, dst(w) + i & 31, (int) (imm >> 3), width(w));
      if (!core.store(core.r[a(w)] + ((long) i << width(w)), value, width(w), 0)) {
        return Outcome.FAULT;
      }
    }
    return Outcome.OK;
  }
}

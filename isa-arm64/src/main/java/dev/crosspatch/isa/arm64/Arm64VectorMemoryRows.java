package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.ADD;
import static dev.crosspatch.core.uop.Uop.NEXTPC;
import static dev.crosspatch.core.uop.Uop.SHLI;
import static dev.crosspatch.core.uop.Uop.T0;
import static dev.crosspatch.core.uop.Uop.ZERO;
import static dev.crosspatch.isa.arm64.Arm64EmitMemory.writeBack;
import static dev.crosspatch.isa.arm64.Arm64Field.*;
import static dev.crosspatch.isa.arm64.Arm64Row.row;
import static dev.crosspatch.isa.arm64.Arm64VectorMemory.QUADWORD;

import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.ArrayList;
import java.util.List;

/// The rows of loads and stores of SIMD and floating-point registers, and their micro-ops: one helper each, then the
/// write-back.
final class Arm64VectorMemoryRows {
  private static final int FLAGS = Arm64Helper.VECTOR | Arm64Helper.ACCESS;
  private final List<Arm64Row> rows = new ArrayList<>(100);

  private Arm64VectorMemoryRows() {}

  static List<Arm64Row> all() {
    Arm64VectorMemoryRows table = new Arm64VectorMemoryRows();
    for (boolean load : new boolean[] {false, true}) {
      for (int width = 0; width <= QUADWORD; width++) {
        table.transfers(new Transfer(load, width));
      }
      for (int width = 2; width <= QUADWORD; width++) {
        table.pairs(new Pair(load, width));
      }
      table.structures(load);
    }
    return table.rows;
  }

  private static CostClass cost(boolean load) {
    return load ? CostClass.LOAD : CostClass.STORE;
  }

  private void add(String name, String bits, boolean load, Emitter emitter) {
    rows.add(row(name, bits, cost(load), emitter));
  }

  // ---- one register, in every addressing form. `opc` says load or store and, with a size of 0, 128 bits.

  private void transfers(Transfer t) {
    String name = t.load ? "LDR" : "STR";
    String size = t.width == QUADWORD ? "00" : bits(t.width);
    String opc = (t.width == QUADWORD ? "1" : "0") + (t.load ? 1 : 0);
    String bits = size + " 111100 " + opc;
    add(name + " (immediate, SIMD&FP, unsigned offset)", size + " 111101 " + opc + " imm12:12 Rn:5 Rt:5", t.load,
        t::unsignedOffset);
    rows.add(row(name + " (register, SIMD&FP)", bits + " 1 Rm:5 option:3 S:1 10 Rn:5 Rt:5", cost(t.load),
        t::registerOffset).when(Arm64Guard.WIDE_OFFSET));
    add(t.load ? "LDUR (SIMD&FP)" : "STUR (SIMD&FP)", bits + " 0 imm9:9 00 Rn:5 Rt:5", t.load, t::unscaled);
    add(name + " (immediate, SIMD&FP, post-index)", bits + " 0 imm9:9 01 Rn:5 Rt:5", t.load, t::postIndex);
    add(name + " (immediate, SIMD&FP, pre-index)", bits + " 0 imm9:9 11 Rn:5 Rt:5", t.load, t::preIndex);
    if (t.load && t.width >= 2) {
      add("LDR (literal, SIMD&FP)", bits(t.width - 2) + " 011 1 00 imm19:19 Rt:5", true, t::literal);
    }
  }

  private static String bits(int two) {
    return (two >> 1) + "" + (two & 1);
  }

  /// @param width log2 of the bytes accessed
  private record Transfer(boolean load, int width) {
    void unsignedOffset(Arm64Word w, UopBuffer out) {
      access(w, out, w.orSp(RN), ZERO, (long) w.get(IMM12) << width);
    }

    void unscaled(Arm64Word w, UopBuffer out) {
      access(w, out, w.orSp(RN), ZERO, w.signed(IMM9));
    }

    void postIndex(Arm64Word w, UopBuffer out) {
      access(w, out, w.orSp(RN), ZERO, 0);
      writeBack(w, out, w.signed(IMM9));
    }

    void preIndex(Arm64Word w, UopBuffer out) {
      unscaled(w, out);
      writeBack(w, out, w.signed(IMM9));
    }

    void registerOffset(Arm64Word w, UopBuffer out) {
      int index = w.source(RM);
      if ((w.get(OPTION) & 3) != 3) {
        Arm64EmitAlu.extend(out, T0, index, w.get(OPTION));
        index = T0;
      }
      if (w.is(S)) {
        out.opi(SHLI, T0, index, width, 3);
        index = T0;
      }
      access(w, out, w.orSp(RN), index, 0);
    }

    void literal(Arm64Word w, UopBuffer out) {
      out.opi(NEXTPC, T0, ZERO, w.signed(IMM19) * 4 - 4, 3);
      access(w, out, T0, ZERO, 0);
    }

    private void access(Arm64Word w, UopBuffer out, int base, int index, long displacement) {
      Arm64Helper helper = load ? Arm64VectorMemory::load : Arm64VectorMemory::store;
      out.helper(helper, w.get(RT), base, ZERO, index, width, FLAGS, displacement);
    }
  }

  // ---- pairs

  private void pairs(Pair p) {
    String name = p.load ? "LDP" : "STP";
    String opc = bits(p.width - 2);
    String rest = (p.load ? 1 : 0) + " imm7:7 Rt2:5 Rn:5 Rt:5";
    add(p.load ? "LDNP (SIMD&FP)" : "STNP (SIMD&FP)", opc + " 101 1 000 " + rest, p.load, p::offset);
    add(name + " (SIMD&FP, post-index)", opc + " 101 1 001 " + rest, p.load, p::postIndex);
    add(name + " (SIMD&FP, signed offset)", opc + " 101 1 010 " + rest, p.load, p::offset);
    add(name + " (SIMD&FP, pre-index)", opc + " 101 1 011 " + rest, p.load, p::preIndex);
  }

  /// @param width log2 of the bytes of one register
  private record Pair(boolean load, int width) {
    void offset(Arm64Word w, UopBuffer out) {
      access(w, out, w.signed(IMM7) << width);
    }

    void postIndex(Arm64Word w, UopBuffer out) {
      access(w, out, 0);
      writeBack(w, out, w.signed(IMM7) << width);
    }

    void preIndex(Arm64Word w, UopBuffer out) {
      offset(w, out);
      writeBack(w, out, w.signed(IMM7) << width);
    }

    private void access(Arm64Word w, UopBuffer out, long displacement) {
      Arm64Helper helper = load ? Arm64VectorMemory::loadPair : Arm64VectorMemory::storePair;
      out.helper(helper, w.get(RT), w.orSp(RN), w.get(RT2), ZERO, width, FLAGS, displacement);
    }
  }

  // ---- structures. With a post-index the last digits are Rm; 31 stands for the bytes accessed.

  private void structures(boolean load) {
    multiple(load, 1, 1, "0111");
    multiple(load, 1, 2, "1010");
    multiple(load, 1, 3, "0110");
    multiple(load, 1, 4, "0010");
    multiple(load, 2, 1, "1000");
    multiple(load, 3, 1, "0100");
    multiple(load, 4, 1, "0000");
    for (int elements = 1; elements <= 4; elements++) {
      single(load, elements);
    }
  }

  private static String name(boolean load, int elements) {
    return (load ? "LD" : "ST") + elements;
  }

  private void multiple(boolean load, int elements, int times, String opcode) {
    Structures s = new Structures(load ? Arm64VectorMemory::loadStructures : Arm64VectorMemory::storeStructures,
        elements | times << 3, elements * times);
    String name = name(load, elements) + " (multiple structures";
    String rest = " " + opcode + " size:2 Rn:5 Rt:5";
    String l = load ? "1" : "0";
    Arm64Guard guard = elements == 1 ? Arm64Guard.NONE : Arm64Guard.TWO_DOUBLEWORDS;
    rows.add(row(name + ")", "0 Q:1 0011000 " + l + " 000000" + rest, cost(load), s::plain).when(guard));
    rows.add(row(name + ", post-index)", "0 Q:1 0011001 " + l + " 0 Rm:5" + rest, cost(load), s::postIndex)
        .when(guard));
  }

  /// @param helper    what is done
  /// @param imm       its immediate
  /// @param registers how many are transferred
  private record Structures(Arm64Helper helper, int imm, int registers) {
    void plain(Arm64Word w, UopBuffer out) {
      int quad = w.is(Q) ? Arm64Vectors.QUAD : 0;
      out.helper(helper, w.get(RT), w.orSp(RN), ZERO, ZERO, w.get(SIZE), FLAGS | quad, imm);
    }

    void postIndex(Arm64Word w, UopBuffer out) {
      plain(w, out);
      advance(w, out, (w.is(Q) ? 16L : 8L) * registers);
    }
  }

  private static void advance(Arm64Word w, UopBuffer out, long bytes) {
    if (w.get(RM) == 31) {
      writeBack(w, out, bytes);
    } else {
      out.op(ADD, w.orSp(RN), w.orSp(RN), w.get(RM), 3);
      Arm64EmitAlu.stackWritten(out, w.orSp(RN));
    }
  }

  /// Opcode and R say how many elements and their size; Q, S and `size` together the index, those of its bits that the
  /// size does not take.
  private void single(boolean load, int elements) {
    String r = elements % 2 == 0 ? "1" : "0";
    String high = elements > 2 ? "1" : "0";
    for (int size = 0; size < 4; size++) {
      String index = switch (size) {
        case 0 -> " 00" + high + " S:1 size:2";
        case 1 -> " 01" + high + " S:1 size:1 0";
        case 2 -> " 10" + high + " S:1 00";
        default -> " 10" + high + " 0 01";
      };
      Arm64Helper helper = load ? Arm64VectorMemory::loadElements : Arm64VectorMemory::storeElements;
      single(load, r, index, name(load, elements) + " (single structure", new Single(helper, size, elements));
    }
    if (load) {
      single(true, r, " 11" + high + " 0 size:2", name(true, elements) + "R (all elements",
          new Single(Arm64VectorMemory::loadReplicated, Single.BY_FIELD, elements));
    }
  }

  private void single(boolean load, String r, String index, String name, Single s) {
    String rest = index + " Rn:5 Rt:5";
    String l = load ? "1 " : "0 ";
    add(name + ")", "0 Q:1 0011010 " + l + r + " 00000" + rest, load, s::plain);
    add(name + ", post-index)", "0 Q:1 0011011 " + l + r + " Rm:5" + rest, load, s::postIndex);
  }

  /// @param size log2 of an element's bytes, or [#BY_FIELD]
  private record Single(Arm64Helper helper, int size, int elements) {
    /// All elements, of the size that the field says.
    static final int BY_FIELD = -1;

    void plain(Arm64Word w, UopBuffer out) {
      int quad = w.is(Q) ? Arm64Vectors.QUAD : 0;
      out.helper(helper, w.get(RT), w.orSp(RN), ZERO, ZERO, width(w), FLAGS | quad, elements | index(w) << 3);
    }

    void postIndex(Arm64Word w, UopBuffer out) {
      plain(w, out);
      advance(w, out, (long) elements << width(w));
    }

    private int width(Arm64Word w) {
      return size < 0 ? w.get(SIZE) : size;
    }

    private int index(Arm64Word w) {
      return size < 0 ? 0 : (w.get(Q) << 3 | (w.bits() >>> 10 & 7)) >>> size;
    }
  }
}

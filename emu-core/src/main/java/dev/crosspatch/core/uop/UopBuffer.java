package dev.crosspatch.core.uop;

import dev.crosspatch.core.code.FlowClass;
import java.util.Arrays;

/// Collects the micro-ops of one instruction. Decoders append; the code line copies them out.
public final class UopBuffer {
  private long[] code = new long[32];
  private Helper[] helpers = new Helper[16];
  private int size;
  private FlowClass flow = FlowClass.OTHER;
  private CostClass cost = CostClass.ALU;

  /// Forgets everything.
  public void clear() {
    size = 0;
    flow = FlowClass.OTHER;
    cost = CostClass.ALU;
  }

  /// Sets how the instruction steers the flow and what it costs.
  public void describe(FlowClass flow, CostClass cost) {
    this.flow = flow;
    this.cost = cost;
  }

  public FlowClass flow() {
    return flow;
  }

  public CostClass cost() {
    return cost;
  }

  /// Micro-ops appended so far.
  public int count() {
    return size >> 1;
  }

  /// Word of micro-op `i`.
  public long word(int i) {
    return code[2 * i];
  }

  /// Immediate of micro-op `i`.
  public long imm(int i) {
    return code[2 * i + 1];
  }

  /// Helper of micro-op `i`, or [Helper#NONE].
  public Helper helper(int i) {
    return helpers[i];
  }

  /// Appends a micro-op.
  public void add(long word, long imm) {
    add(word, imm, Helper.NONE);
  }

  private void add(long word, long imm, Helper helper) {
    if (size == code.length) {
      code = Arrays.copyOf(code, 2 * size);
      helpers = Arrays.copyOf(helpers, size);
    }
    helpers[size >> 1] = helper;
    code[size++] = word;
    code[size++] = imm;
  }

  /// Appends a micro-op that does nothing.
  public UopBuffer nop() {
    op(Uop.NOP, Uop.SINK, Uop.ZERO, Uop.ZERO, 3);
    return this;
  }

  /// Appends `op dst, a, b`.
  public void op(int op, int dst, int a, int b, int width) {
    add(Uop.word(op, dst, a, b, Uop.ZERO, width, 0, 0, 0), 0);
  }

  /// Appends `op dst, a, imm`.
  public void opi(int op, int dst, int a, long imm, int width) {
    add(Uop.word(op, dst, a, Uop.ZERO, Uop.ZERO, width, 0, 0, 0), imm);
  }

  /// Appends `op dst, a, b` with condition or other `aux`, flags and immediate.
  public void full(int op, int dst, int a, int b, int width, int aux, int flags, long imm) {
    add(Uop.word(op, dst, a, b, Uop.ZERO, width, 0, aux, flags), imm);
  }

  /// Appends a load of `dst` from `r[base] + (r[index] << scale) + disp`.
  public void load(int dst, int base, int index, int scale, long disp, int width, int flags) {
    add(Uop.word(Uop.LOAD, dst, base, Uop.ZERO, index, width, scale, 0, flags), disp);
  }

  /// Appends a store of `src` to `r[base] + (r[index] << scale) + disp`.
  public void store(int src, int base, int index, int scale, long disp, int width, int flags) {
    add(Uop.word(Uop.STORE, Uop.SINK, base, src, index, width, scale, 0, flags), disp);
  }

  /// Appends a call of `helper` with registers and an immediate of the helper's own meaning.
  public void helper(Helper helper, int dst, int a, int b, int width, long imm) {
    helper(helper, dst, a, b, Uop.ZERO, width, 0, imm);
  }

  /// As above with a third register and flags.
  public void helper(Helper helper, int dst, int a, int b, int c, int width, int flags, long imm) {
    add(Uop.word(Uop.HELPER, dst, a, b, c, width, 0, 0, flags), imm, helper);
  }
}

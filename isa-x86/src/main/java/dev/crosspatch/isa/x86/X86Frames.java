package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// ENTER (SDM vol. 2A): what it pushes stays in memory if a later access of it faults, RSP and RBP do not move then.
final class X86Frames {
  private X86Frames() {}

  /// Immediate: bytes of locals 15:0, nesting level 20:16. The end of the new frame must be writable, as by an access
  /// of the operand size there.
  static int enter(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    int level = (int) (imm >>> 16) & 31;
    long frame = c.r[X86Core.RSP] - (1 << width);
    if (!c.store(frame, c.r[X86Core.RBP], width, 0) || !display(c, width, level, frame)) {
      return Outcome.FAULT;
    }
    long rsp = frame - ((long) level << width) - (imm & 0xffff);
    c.load(rsp, width, Uop.F_RMW);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    X86Helpers.writeRegister(c, X86Core.RBP, frame, width);
    c.r[X86Core.RSP] = rsp;
    return Outcome.OK;
  }

  /// Copies `level - 1` frame pointers of enclosing procedures, and adds this one's.
  private static boolean display(X86Core c, int width, int level, long frame) {
    for (int i = 1; i < level; i++) {
      long link = c.load(c.r[X86Core.RBP] - ((long) i << width), width, 0);
      if (c.faultCode != 0 || !c.store(frame - ((long) i << width), link, width, 0)) {
        return false;
      }
    }
    return level == 0 || c.store(frame - ((long) level << width), frame, width, 0);
  }
}

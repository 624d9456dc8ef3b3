package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// LAR, LSL, VERR, VERW: what a selector would give, told by ZF (SDM vol. 2A, 2C; vol. 3 5.10). A bad selector is no
/// fault.
final class X86SegmentQueries {
  private X86SegmentQueries() {}

  private static final int BUSY_TSS = 0xb;
  private static final int CALL_GATE = 0xc;
  /// Bytes 5 and 6 of the descriptor without the base; the limit's upper bits are left in, as CPUs do.
  private static final long RIGHTS = 0xff_ff00;

  /// The descriptor of a selector that CPL and RPL can see, or 0; with a fault recorded if reading it faults.
  private static long visible(X86Core c, int selector) {
    long place = (selector & ~3) == 0 ? -1 : X86Segments.place(c, selector, 8);
    long d = place == -1 ? 0 : c.systemLoad(place, 3);
    if (c.faultCode != 0) {
      return 0;
    }
    long conforming = X86Segments.CODE_OR_DATA | X86Segments.CODE | X86Segments.CONFORMING;
    return (d & conforming) == conforming || X86Segments.dpl(d) >= Math.max(c.privilege, selector & 3) ? d : 0;
  }

  private static int answer(X86Core c, boolean good) {
    c.setFlags(good ? Flags.ZF : 0, Flags.ZF);
    return Outcome.RESYNC;
  }

  /// VERR, VERW: can the segment be read, written?
  static int verify(X86Core c, long w, boolean write) {
    long d = visible(c, (int) c.r[Uop.a(w)] & 0xffff);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    boolean code = (d & X86Segments.CODE) != 0;
    boolean marked = (d & X86Segments.READ_WRITE) != 0;
    return answer(c, (d & X86Segments.CODE_OR_DATA) != 0 && (write ? !code && marked : !code || marked));
  }

  /// LAR: access rights of code, data, LDT, TSS and call gate.
  static int lar(X86Core c, long w, long imm) {
    long d = visible(c, (int) c.r[Uop.a(w)] & 0xffff);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    boolean good = hasLimit(d) || type(d) == CALL_GATE;
    if (good) {
      X86Helpers.writeRegister(c, Uop.b(w), d >>> 32 & RIGHTS, Uop.width(w));
    }
    return answer(c, good);
  }

  /// LSL: the limit, in bytes, of code, data, LDT and TSS.
  static int lsl(X86Core c, long w, long imm) {
    long d = visible(c, (int) c.r[Uop.a(w)] & 0xffff);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    if (hasLimit(d)) {
      X86Helpers.writeRegister(c, Uop.b(w), X86Segments.limit(d) & 0xffff_ffffL, Uop.width(w));
    }
    return answer(c, hasLimit(d));
  }

  private static int type(long d) {
    return (int) (d >> X86Segments.TYPE_SHIFT) & 0x1f;
  }

  private static boolean hasLimit(long d) {
    int type = type(d);
    return (d & X86Segments.CODE_OR_DATA) != 0 || type == X86Segments.LDT || type == X86Segments.TSS_AVAILABLE
        || type == BUSY_TSS;
  }
}

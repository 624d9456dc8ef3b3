package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.uop.Uop;

/// IN and OUT. Micro-op: `a` is the register with the port number, the immediate is added.
final class X86Ports {
  private X86Ports() {}

  /// Offset in the TSS of the offset of the I/O permission bitmap (SDM vol. 3 figure 8-11).
  static final int TSS_BITMAP = 102;

  static int in(X86Core c, long w, long imm) {
    if (!allowed(c, w, imm)) {
      return Outcome.FAULT;
    }
    X86Helpers.writeRegister(c, X86Core.RAX, c.machine.readPort(c, port(c, w, imm), Uop.width(w)), Uop.width(w));
    return Outcome.OK;
  }

  static int out(X86Core c, long w, long imm) {
    if (!allowed(c, w, imm)) {
      return Outcome.FAULT;
    }
    int width = Uop.width(w);
    c.machine.writePort(c, port(c, w, imm), width, PhysicalMemory.truncate(c.r[X86Core.RAX], width));
    return Outcome.OK;
  }

  private static int port(X86Core c, long w, long imm) {
    return (int) (c.r[Uop.a(w)] + imm) & 0xffff;
  }

  /// IOPL, or else the I/O permission bitmap (SDM vol. 1 19.5.2): all bits of the ports must be clear. Two bytes are
  /// read wherever the bits lie.
  private static boolean allowed(X86Core c, long w, long imm) {
    int port = port(c, w, imm);
    int bytes = 1 << Uop.width(w);
    if (!c.ioAllowed() && !bitmapAllows(c, port, bytes)) {
      return c.faultCode == 0 && c.generalProtection() == Outcome.OK;
    }
    X86Debug.port(c, port, bytes);
    return true;
  }

  private static boolean bitmapAllows(X86Core c, int port, int bytes) {
    if (TSS_BITMAP + 1 > c.tssLimit) {
      return false;
    }
    int at = (int) c.systemLoad(c.tssBase + TSS_BITMAP, 1) + port / 8;
    if (c.faultCode != 0 || at + 1 > c.tssLimit) {
      return false;
    }
    long bits = c.systemLoad(c.tssBase + at, 1) >>> (port & 7);
    return c.faultCode == 0 && (bits & (1L << bytes) - 1) == 0;
  }
}

package dev.crosspatch.isa.x86;

import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The floating-point part of a signal's frame (Linux: uapi/asm/sigcontext.h, `_fpstate_64`, `_xstate`;
/// arch/x86/kernel/fpu/signal.c): FXSAVE's 512 bytes; on a core that has XSAVE its header and the upper halves behind
/// them, and a mark.
final class X86SignalFloats {
  private X86SignalFloats() {}

  private static final int MXCSR_AT = 24;
  private static final int ST_AT = 32;
  private static final int XMM = 160;
  /// What software has of it: MAGIC1, the size with the mark, eight bytes of states, the size without.
  private static final int SOFTWARE = 464;
  private static final int HEADER = 512;
  private static final int YMM = 576;
  private static final int XSTATE = 832;
  private static final int MAGIC1 = 0x46505853;
  private static final int MAGIC2 = 0x46505845;
  private static final int MARK = 4;
  // ---- states of XSAVE
  private static final int X87 = 1;
  private static final int SSE = 2;
  private static final int AVX = 4;
  private static final int ALL = X87 | SSE | AVX;
  private static final int FCW_RESET = 0x37f;

  /// Bytes of it.
  static int size(boolean xsave) {
    return xsave ? XSTATE + MARK : HEADER;
  }

  static void save(ByteBuffer out, int at, UserContext context, boolean xsave) {
    out.putShort(at, (short) context.more[X86UserMode.FCW]).putShort(at + 2, (short) context.more[X86UserMode.FSW]);
    out.put(at + 4, (byte) context.more[X86UserMode.FTW]);
    for (int i = 0; i < 8; i++) {
      out.putLong(at + ST_AT + 16 * i, context.more[X86UserMode.ST + 2 * i]);
      out.putLong(at + ST_AT + 16 * i + 8, context.more[X86UserMode.ST + 2 * i + 1]);
    }
    out.putInt(at + MXCSR_AT, (int) context.more[X86UserMode.MXCSR]);
    out.putInt(at + MXCSR_AT + 4, X86Floats.MXCSR_MASK);
    for (int i = 0; i < 32; i++) {
      out.putLong(at + XMM + 8 * i, context.v[word(i)]);
    }
    if (xsave) {
      for (int i = 0; i < 32; i++) {
        out.putLong(at + YMM + 8 * i, context.v[word(i) + 2]);
      }
      out.putInt(at + SOFTWARE, MAGIC1).putInt(at + SOFTWARE + 4, XSTATE + MARK).putLong(at + SOFTWARE + 8, ALL);
      out.putInt(at + SOFTWARE + 16, XSTATE).putLong(at + HEADER, ALL).putInt(at + XSTATE, MAGIC2);
    }
  }

  /// Where quadword `i` of the lower halves of the vector registers is.
  private static int word(int i) {
    return X86Core.VECTOR_WORDS * (i >> 1) + (i & 1);
  }

  /// Registers as at the beginning of a program.
  static void reset(UserContext context) {
    context.more[X86UserMode.MXCSR] = X86Floats.MXCSR_RESET;
    resetX87(context);
    Arrays.fill(context.v, 0);
  }

  private static void resetX87(UserContext context) {
    context.more[X86UserMode.FCW] = FCW_RESET;
    Arrays.fill(context.more, X86UserMode.FSW, X86UserMode.ST + 16, 0);
  }

  /// Takes them back (`fpu__restore_sig`): no address, and they are as at the beginning; without the marks and sizes of
  /// an XSAVE area, FXSAVE's are taken and the upper halves are 0.
  ///
  /// @return whether FXRSTOR or XRSTOR can
  static boolean restore(long at, UserContext context, UserMode.Memory memory, boolean xsave) {
    if (at == 0) {
      reset(context);
      return true;
    }
    ByteBuffer in = little(memory, at, HEADER);
    int wanted = X87 | SSE;
    int there = wanted;
    int alignment = 16;
    if (xsave && isExtended(in, at, memory)) {
      in = little(memory, at, XSTATE);
      wanted = in.getInt(SOFTWARE + 8) & ALL;
      there = wanted & in.getInt(HEADER);
      alignment = 64;
      if ((in.getLong(HEADER) & ~ALL) != 0 || in.getLong(HEADER + 8) != 0 || in.getLong(HEADER + 16) != 0) {
        return false;
      }
    }
    int mxcsr = in.getInt(MXCSR_AT);
    boolean takesMxcsr = (wanted & (SSE | AVX)) != 0;
    if (at % alignment != 0 || (takesMxcsr && (mxcsr & ~X86Floats.MXCSR_MASK) != 0)) {
      return false;
    }
    reset(context);
    if (takesMxcsr) {
      context.more[X86UserMode.MXCSR] = mxcsr;
    }
    take(in, there, context);
    return true;
  }

  private static ByteBuffer little(UserMode.Memory memory, long at, int length) {
    return ByteBuffer.wrap(memory.read(at, length)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// `check_xstate_in_sigframe`.
  private static boolean isExtended(ByteBuffer in, long at, UserMode.Memory memory) {
    int size = in.getInt(SOFTWARE + 16);
    return in.getInt(SOFTWARE) == MAGIC1 && size >= YMM && size <= XSTATE
        && Integer.compareUnsigned(size, in.getInt(SOFTWARE + 4)) <= 0
        && little(memory, at + size, MARK).getInt(0) == MAGIC2;
  }

  private static void take(ByteBuffer in, int states, UserContext context) {
    if ((states & X87) != 0) {
      context.more[X86UserMode.FCW] = in.getShort(0) & 0xffff;
      context.more[X86UserMode.FSW] = in.getShort(2) & 0xffff;
      context.more[X86UserMode.FTW] = in.get(4) & 0xff;
      for (int i = 0; i < 8; i++) {
        context.more[X86UserMode.ST + 2 * i] = in.getLong(ST_AT + 16 * i);
        context.more[X86UserMode.ST + 2 * i + 1] = in.getShort(ST_AT + 16 * i + 8) & 0xffff;
      }
    }
    for (int i = 0; i < 32; i++) {
      if ((states & SSE) != 0) {
        context.v[word(i)] = in.getLong(XMM + 8 * i);
      }
      if ((states & AVX) != 0) {
        context.v[word(i) + 2] = in.getLong(YMM + 8 * i);
      }
    }
  }
}

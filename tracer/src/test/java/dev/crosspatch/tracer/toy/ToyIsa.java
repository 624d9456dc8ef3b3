package dev.crosspatch.tracer.toy;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.isa.FlowClass;
import dev.crosspatch.core.isa.Insn;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.core.isa.PatchKit;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An instruction set that can only be classified. The first byte tells flow and length; direct branches have a 32-bit displacement
/// from the next instruction.
public final class ToyIsa implements Isa {
  public static final ToyIsa TOY = new ToyIsa();

  /// 01..0f: an ordinary instruction of that many bytes.
  public static final int NOP5 = 0x05;
  public static final int JCC = 0x20;
  public static final int JMP = 0x21;
  public static final int CALL = 0x22;
  public static final int JMP_INDIRECT = 0x23;
  public static final int CALL_INDIRECT = 0x24;
  public static final int RET = 0x25;
  public static final int SYSCALL = 0x26;
  public static final int IRET = 0x27;
  public static final int CONTEXT = 0x28;
  public static final int HALT = 0x29;
  public static final int SYNC = 0x2a;
  public static final int TRAP = 0xcc;

  private ToyIsa() {}

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address) {
    int opcode = code[offset] & 0xff;
    int length = length(opcode);
    if (length == 0 || length > available) {
      return null;
    }
    FlowClass flow = flow(opcode);
    return new Insn(length, flow, length == 5 && flow != FlowClass.OTHER ? address + 5 + displacement(code, offset + 1) : 0);
  }

  private static int length(int opcode) {
    return switch (opcode) {
      case JCC, JMP, CALL -> 5;
      case JMP_INDIRECT, CALL_INDIRECT, SYSCALL -> 2;
      case RET, IRET, CONTEXT, HALT, SYNC, TRAP -> 1;
      default -> opcode < 0x10 ? opcode : 0;
    };
  }

  private static FlowClass flow(int opcode) {
    return switch (opcode) {
      case JCC -> FlowClass.COND_BRANCH;
      case JMP -> FlowClass.JUMP;
      case CALL -> FlowClass.CALL;
      case JMP_INDIRECT -> FlowClass.INDIRECT_JUMP;
      case CALL_INDIRECT -> FlowClass.INDIRECT_CALL;
      case RET -> FlowClass.RETURN;
      case SYSCALL -> FlowClass.SYSTEM_CALL;
      case IRET -> FlowClass.TRAP_RETURN;
      case CONTEXT -> FlowClass.CONTEXT_WRITE;
      case HALT -> FlowClass.WAIT;
      case SYNC -> FlowClass.SYNC;
      case TRAP -> FlowClass.TRAP;
      default -> FlowClass.OTHER;
    };
  }

  private static int displacement(byte[] code, int at) {
    return (code[at] & 0xff) | (code[at + 1] & 0xff) << 8 | (code[at + 2] & 0xff) << 16 | code[at + 3] << 24;
  }

  /// The bytes of a direct branch.
  public static byte[] branch(int opcode, long from, long to) {
    int d = (int) (to - from - 5);
    return new byte[] {(byte) opcode, (byte) d, (byte) (d >> 8), (byte) (d >> 16), (byte) (d >> 24)};
  }

  /// An ordinary instruction of `length` bytes.
  public static byte[] nop(int length) {
    byte[] bytes = new byte[length];
    bytes[0] = (byte) length;
    return bytes;
  }

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public int elfMachine() {
    return 0;
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public int maxLength() {
    return 15;
  }

  @Override
  public int decode(byte[] code, int offset, int available, UopBuffer out) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Core newCore(Machine machine, int id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> presets() {
    return List.of();
  }

  @Override
  public void boot(Machine machine, Image image) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long directMap() {
    return 0;
  }

  @Override
  public long deviceMap() {
    return 0;
  }

  @Override
  public long ramBase() {
    return 0;
  }

  @Override
  public long kernelBase() {
    return ToyText.BASE;
  }

  @Override
  public PatchKit patchKit() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String registerName(int index) {
    throw new UnsupportedOperationException();
  }
}

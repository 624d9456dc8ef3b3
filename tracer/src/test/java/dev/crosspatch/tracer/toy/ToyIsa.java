package dev.crosspatch.tracer.toy;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Mode;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A small part of x86-64 that can only be classified: NOPs of 1 to 9 bytes and one instruction of each flow class.
/// Being real encodings, the text can be given to other decoders.
///
/// Its Arm form pads each instruction to a multiple of 4 bytes, and its system call is an exception behind an
/// instruction that retires.
public final class ToyIsa implements InstructionSet {
  public static final ToyIsa TOY = new ToyIsa(1);
  public static final ToyIsa TOY_ARM = new ToyIsa(4);

  /// Instructions, by their first bytes.
  public static final String JCC = "0f84";
  public static final String JMP = "e9";
  public static final String CALL = "e8";
  public static final String JMP_INDIRECT = "ffe0";
  public static final String CALL_INDIRECT = "ffd0";
  public static final String RET = "c3";
  public static final String SYSCALL = "0f05";
  public static final String IRET = "48cf";
  public static final String CONTEXT = "0f22d8";
  public static final String HALT = "f4";
  /// CPUID, which here stands for a context synchronization instruction.
  public static final String SYNC = "0fa2";
  public static final String TRAP = "cc";

  private static final Map<String, FlowClass> FLOWS = Map.ofEntries(
      Map.entry(JCC, FlowClass.COND_BRANCH),
      Map.entry(JMP, FlowClass.JUMP),
      Map.entry(CALL, FlowClass.CALL),
      Map.entry(JMP_INDIRECT, FlowClass.INDIRECT_JUMP),
      Map.entry(CALL_INDIRECT, FlowClass.INDIRECT_CALL),
      Map.entry(RET, FlowClass.RETURN),
      Map.entry(SYSCALL, FlowClass.SYSTEM_CALL),
      Map.entry(IRET, FlowClass.TRAP_RETURN),
      Map.entry(CONTEXT, FlowClass.CONTEXT_WRITE),
      Map.entry(HALT, FlowClass.WAIT),
      Map.entry(SYNC, FlowClass.SYNC),
      Map.entry(TRAP, FlowClass.TRAP));

  private static final List<String> NOPS = List.of(
      "90", "6690", "0f1f00", "0f1f40", "0f1f44", "660f1f44", "0f1f80", "0f1f84", "660f1f84");

  private final int alignment;

  private ToyIsa(int alignment) {
    this.alignment = alignment;
  }

  /// Whether this is the Arm form.
  public boolean isArm() {
    return alignment > 1;
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.CODE_64);
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    require(mode);
    for (int n = 1; n <= Math.min(4, available); n++) {
      String opcode = HexFormat.of().formatHex(code, offset, offset + n);
      FlowClass flow = FLOWS.get(opcode);
      int length = flow == null ? NOPS.indexOf(opcode) + 1 : opcode.length() / 2 + (isDirect(flow) ? 4 : 0);
      if (length > 0) {
        long target = flow != null && isDirect(flow) && length <= available
            ? address + length + displacement(code, offset + length - 4) : 0;
        int padded = Math.ceilDiv(length, alignment) * alignment;
        return padded > available ? null : new Insn(padded, flow == null ? FlowClass.OTHER : flow, target);
      }
    }
    return null;
  }

  private static boolean isDirect(FlowClass flow) {
    return flow == FlowClass.COND_BRANCH || flow == FlowClass.JUMP || flow == FlowClass.CALL;
  }

  private static int displacement(byte[] code, int at) {
    return (code[at] & 0xff) | ((code[at + 1] & 0xff) << 8) | ((code[at + 2] & 0xff) << 16) | (code[at + 3] << 24);
  }

  /// The bytes of a direct branch.
  public static byte[] branch(String opcode, long from, long to) {
    int length = opcode.length() / 2 + 4;
    byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex(opcode), length);
    int d = (int) (to - from - length);
    for (int i = 0; i < 4; i++) {
      bytes[length - 4 + i] = (byte) (d >> (8 * i));
    }
    return bytes;
  }

  /// A NOP of `length` bytes, 1..9.
  public static byte[] nop(int length) {
    return Arrays.copyOf(HexFormat.of().parseHex(NOPS.get(length - 1)), length);
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
    return alignment;
  }

  @Override
  public int maxLength() {
    return 15;
  }
}

package dev.crosspatch.tracer.program;

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
///
/// A third form has 32- and 16-bit code besides: `48` is DEC there and no prefix, IRET has none, displacements in
/// 16-bit code have two bytes. A call that changes between the two, which x86 has not, stands for Arm's BLX.
public final class FlowIsa implements InstructionSet {
  public static final FlowIsa BYTES = new FlowIsa(1, Set.of(Mode.CODE_64));
  public static final FlowIsa WORDS = new FlowIsa(4, Set.of(Mode.CODE_64));
  public static final FlowIsa MODES = new FlowIsa(1, Set.of(Mode.values()));

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
  /// Only in 32- and 16-bit code: DEC, IRET, and the call that changes between them.
  public static final String DEC = "48";
  public static final String IRET_32 = "cf";
  public static final String CALL_OTHER_MODE = "0fff";

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
  private final Set<Mode> modes;

  private FlowIsa(int alignment, Set<Mode> modes) {
    this.alignment = alignment;
    this.modes = modes;
  }

  /// Whether this is the Arm form.
  public boolean isArm() {
    return alignment > 1;
  }

  @Override
  public Set<Mode> modes() {
    return modes;
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    require(mode);
    return mode == Mode.CODE_64 ? in64(code, offset, available, address)
        : narrow(code, offset, available, address, mode);
  }

  private @Nullable Insn narrow(byte[] code, int offset, int available, long address, Mode mode) {
    int head = available == 0 ? -1 : code[offset] & 0xff;
    if (head == 0x48 || head == 0xcf) {
      return new Insn(1, head == 0x48 ? FlowClass.OTHER : FlowClass.TRAP_RETURN, 0);
    }
    boolean other = head == 0x0f && available > 1 && code[offset + 1] == (byte) 0xff;
    Insn wide = other ? new Insn(6, FlowClass.CALL, 0) : in64(code, offset, available, address);
    if (wide == null || !isDirect(wide.flow())) {
      return wide;
    }
    int size = mode == Mode.CODE_16 ? 2 : 4;
    int length = wide.length() - 4 + size;
    int shown = available < length ? 0 : displacement(code, offset + length - size, size);
    Mode enters = !other ? null : mode == Mode.CODE_32 ? Mode.CODE_16 : Mode.CODE_32;
    return available < length ? null : new Insn(length, wide.flow(), address + length + shown, enters);
  }

  private @Nullable Insn in64(byte[] code, int offset, int available, long address) {
    for (int n = 1; n <= Math.min(4, available); n++) {
      String opcode = HexFormat.of().formatHex(code, offset, offset + n);
      FlowClass flow = FLOWS.get(opcode);
      int length = flow == null ? NOPS.indexOf(opcode) + 1 : opcode.length() / 2 + (isDirect(flow) ? 4 : 0);
      if (length > 0) {
        long target = flow != null && isDirect(flow) && length <= available
            ? address + length + displacement(code, offset + length - 4, 4) : 0;
        int padded = Math.ceilDiv(length, alignment) * alignment;
        return padded > available ? null : new Insn(padded, flow == null ? FlowClass.OTHER : flow, target);
      }
    }
    return null;
  }

  private static boolean isDirect(FlowClass flow) {
    return flow == FlowClass.COND_BRANCH || flow == FlowClass.JUMP || flow == FlowClass.CALL;
  }

  private static int displacement(byte[] code, int at, int size) {
    int value = code[at + size - 1];
    for (int i = size - 2; i >= 0; i--) {
      value = value << 8 | (code[at + i] & 0xff);
    }
    return value;
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
    return "flow";
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

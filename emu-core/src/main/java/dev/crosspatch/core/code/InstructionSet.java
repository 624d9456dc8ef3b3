package dev.crosspatch.core.code;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an instruction set says of bytes: where instructions begin and end, what they do to the flow, and how they
/// read. A decoder of traces needs no more. Implementations are stateless.
public interface InstructionSet {

  /// Short name used in scenarios and files.
  String name();

  /// ELF machine number (62 x86-64, 183 AArch64).
  int elfMachine();

  /// Instructions start at multiples of this many bytes (1 or 4).
  int alignment();

  /// Most bytes one instruction can have (15 or 4).
  int maxLength();

  /// The execution modes in which this instruction set decodes. All that take a [Mode] refuse others with an
  /// [IllegalArgumentException] ([#require(Mode)]): whoever has a mode from outside asks here first.
  Set<Mode> modes();

  /// Names of the trace protocols that cores of this instruction set can be traced by (`pt`; `etm`, `ete`), the usual
  /// one first. The flow classes of its instructions are what such a protocol has packets for.
  default List<String> tracedBy() {
    return List.of();
  }

  /// Refuses a mode that is not there.
  ///
  /// @throws IllegalArgumentException naming both if `mode` is none of [#modes()]
  default void require(Mode mode) {
    if (!modes().contains(mode)) {
      throw new IllegalArgumentException(name() + " decodes " + modes() + ", not " + mode);
    }
  }

  /// What a flow decoder needs of the instruction in `code[offset, offset + available)` standing at `address` and read
  /// in `mode`, or null if the bytes are no instruction that can be executed, or if more than `available` bytes are
  /// needed.
  @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode);

  /// The instruction in `code[offset, offset + available)` standing at `address` and read in `mode` as text, of the
  /// length that [#classify] tells, or null if the bytes are no instruction.
  ///
  /// @param other what a disassembler makes of the same bytes, which may know more instructions and fewer rules: its
  ///              text is used where it agrees with this ISA's decoder, else the decoder's own
  default Disassembler.@Nullable Line text(byte[] code, int offset, int available, long address, Mode mode,
      Disassembler.@Nullable Line other) {
    Insn insn = classify(code, offset, available, address, mode);
    if (insn == null) {
      return null;
    }
    return other != null && other.length() == insn.length()
        ? other : Disassembler.Line.bytes(code, offset, insn.length(), address);
  }
}

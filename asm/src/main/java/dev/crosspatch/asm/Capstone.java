package dev.crosspatch.asm;

import dev.crosspatch.asm.wasm.CapstoneMachine;
import dev.crosspatch.core.code.Disassembler;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.Memory;

/// The Capstone 5.0 library, opened for one ISA. Names of exports and imports are the minified ones of npm package
/// `capstone-wasm` 1.0.3 and hold for that file only, hence the build checks its hash. x86 text is in Intel syntax.
final class Capstone implements Disassembler {
  private static final WasmLibrary.Parts PARTS = new WasmLibrary.Parts(CapstoneMachine.class, "Capstone.meta",
      Integer.MAX_VALUE);

  // struct cs_insn of Capstone 5 with 32-bit pointers: id u32 @0, address u64 @8, size u16 @16, bytes u8[24] @18,
  // mnemonic char[32] @42, op_str char[160] @74, detail* @236.
  private static final int INSN_SIZE = 16;
  private static final int INSN_MNEMONIC = 42;
  private static final int INSN_OPERANDS = 74;
  private static final int INSN_MNEMONIC_LENGTH = INSN_OPERANDS - INSN_MNEMONIC;
  private static final int INSN_OPERANDS_LENGTH = 160;

  private static final int LONGEST_INSTRUCTION = 15;

  private final WasmLibrary library;
  private final int handle;
  private final ExportFunction disasm;
  private final ExportFunction csFree;
  /// The bytes to decode.
  private final int code;
  /// Where `cs_disasm` puts the pointer to its array.
  private final int result;

  /// Opens Capstone.
  ///
  /// @param arch `CS_ARCH_*`
  /// @param mode `CS_MODE_*`
  Capstone(int arch, int mode) {
    library = new WasmLibrary(PARTS, CapstoneMachine::new, IMPORTS, "d", "n", "m");
    disasm = library.function("l");
    csFree = library.function("m");
    code = library.malloc(LONGEST_INSTRUCTION + 1);
    result = library.malloc(4);
    long error = library.function("i").apply(arch, mode, result)[0];
    if (error != 0) {
      throw new IllegalStateException("cs_open(" + arch + ", " + mode + ") failed with error " + error);
    }
    handle = library.memory().readInt(result);
  }

  @Override
  public @Nullable Line disassemble(byte[] bytes, int offset, long address) {
    Memory memory = library.memory();
    int length = Math.min(LONGEST_INSTRUCTION, bytes.length - offset);
    memory.write(code, bytes, offset, length);
    if (disasm.apply(handle, code, length, address, 1, result)[0] == 0) {
      return null;
    }
    int insn = memory.readInt(result);
    Line line =
        new Line(
            address,
            (int) memory.readU16(insn + INSN_SIZE),
            text(insn + INSN_MNEMONIC, INSN_MNEMONIC_LENGTH),
            text(insn + INSN_OPERANDS, INSN_OPERANDS_LENGTH));
    csFree.apply(insn, 1);
    return line;
  }

  private String text(int pointer, int limit) {
    byte[] field = library.memory().readBytes(pointer, limit);
    int end = 0;
    while (end < limit && field[end] != 0) {
      end++;
    }
    return new String(field, 0, end, StandardCharsets.US_ASCII);
  }

  private static final Map<String, WasmLibrary.HostFunction> IMPORTS =
      Map.of(
          "a", (memory, args) -> 0, // emscripten_resize_heap: the memory cannot grow
          "b", Capstone::copy);

  /// `emscripten_memcpy_js(to, from, size)`.
  private static long copy(Memory memory, long[] args) {
    memory.copy((int) args[0], (int) args[1], (int) args[2]);
    return 0;
  }
}

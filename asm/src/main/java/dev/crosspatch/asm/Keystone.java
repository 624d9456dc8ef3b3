package dev.crosspatch.asm;

import dev.crosspatch.asm.WasmLibrary.HostFunction;
import dev.crosspatch.asm.wasm.KeystoneMachine;
import java.util.HashMap;
import java.util.Map;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.Memory;

/// The Keystone 0.9 library, opened for one ISA. Names of exports and imports are the minified ones of npm package
/// `@alexaltea/keystone-js` 0.9.2 and hold for that file only, hence the build checks its hash. Not thread safe.
final class Keystone {
  /// What `ks_asm` said.
  ///
  /// @param bytes the machine code, empty if there was an error
  /// @param error empty, or what is wrong, without a full stop
  record Result(byte[] bytes, String error) {}

  /// Keystone ended in a way that a library should not: it would have ended a process. It cannot be used any more.
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String message) {
      super(message);
    }
  }

  /// The three functions that are too large for Java methods belong to ISAs that are not ours, and reading them would
  /// take half of the time of opening.
  private static final int LARGEST_FUNCTION = 1000;

  private static final WasmLibrary.Parts PARTS = new WasmLibrary.Parts(KeystoneMachine.class, "Keystone.meta",
      LARGEST_FUNCTION);

  /// What encodes; a build with another one encodes some things otherwise.
  static final String VERSION = "keystone-js 0.9.2";

  // Numbers of enum ks_err. Higher ones than these are not in it: the AArch64 parser says so what operand it expected.
  private static final int ERR_ASM_INVALID_OPERAND = 512;
  private static final int ERR_ASM_MISSING_FEATURE = 513;
  private static final int ERR_ASM_MNEMONIC = 514;

  private static final int OPTION_SYNTAX = 1;

  // WASI error numbers, and the one Linux number emscripten's mmap answers with.
  private static final int WASI_EBADF = 8;
  private static final int WASI_ENOSYS = 52;
  private static final int WASI_ESPIPE = 70;
  private static final int MMAP_ENOSYS = -52;
  private static final int WASI_CHARACTER_DEVICE = 2;

  private final WasmLibrary library;
  private final int handle;
  private final ExportFunction asm;
  private final ExportFunction errno;
  private final ExportFunction ksFree;

  /// Room for the three results of `ks_asm`: pointer, size, statement count.
  private final int results;

  /// Opens Keystone.
  ///
  /// @param arch `KS_ARCH_*`
  /// @param mode `KS_MODE_*`
  Keystone(int arch, int mode) {
    this(arch, mode, 0);
  }

  /// @param syntax `KS_OPT_SYNTAX_*`, or 0 for the syntax of the manual
  Keystone(int arch, int mode, int syntax) {
    library = new WasmLibrary(PARTS, KeystoneMachine::new, imports(), "v", "G", "H");
    asm = library.function("E");
    errno = library.function("x");
    ksFree = library.function("D");
    results = library.malloc(12);
    long error = library.function("A").apply(arch, mode, results)[0];
    if (error != 0) {
      throw new IllegalStateException("ks_open(" + arch + ", " + mode + "): " + message((int) error));
    }
    handle = library.memory().readInt(results);
    if (syntax != 0) {
      library.function("C").apply(handle, OPTION_SYNTAX, syntax);
    }
  }

  /// Assembles `text`, at address 0.
  Result assemble(String text) {
    int string = library.newString(text);
    try {
      boolean failed = asm.apply(handle, string, 0, results, results + 4, results + 8)[0] != 0;
      return failed
          ? new Result(new byte[0], message((int) errno.apply(handle)[0]))
          : new Result(takeCode(), "");
    } finally {
      library.free(string);
    }
  }

  private byte[] takeCode() {
    int code = library.memory().readInt(results);
    int size = library.memory().readInt(results + 4);
    byte[] bytes = library.memory().readBytes(code, size);
    ksFree.apply(code);
    return bytes;
  }

  /// Keystone's text for an error number, in our wording where it says less than it could.
  private String message(int error) {
    return switch (error) {
      case ERR_ASM_MISSING_FEATURE -> "instruction of an extension that Keystone does not offer";
      case ERR_ASM_MNEMONIC -> "unknown mnemonic";
      default ->
          error >= ERR_ASM_INVALID_OPERAND
              ? "invalid operand"
              : library.memory().readCString((int) library.function("y").apply(error)[0]);
    };
  }

  private static Map<String, HostFunction> imports() {
    Map<String, HostFunction> imports = new HashMap<>();
    imports.put("a", (memory, args) -> fatal("__cxa_throw"));
    imports.put("h", (memory, args) -> fatal("exit"));
    imports.put("t", (memory, args) -> fatal("abort"));
    for (String fileCall : new String[] {"g", "o", "d", "e", "f", "p", "l"}) {
      imports.put(fileCall, (memory, args) -> 0);
    }
    imports.put("k", (memory, args) -> MMAP_ENOSYS);
    imports.put("c", (memory, args) -> WASI_EBADF);
    imports.put("r", (memory, args) -> WASI_ENOSYS);
    imports.put("i", (memory, args) -> WASI_ENOSYS);
    imports.put("j", (memory, args) -> WASI_ESPIPE);
    imports.put("b", Keystone::describeDescriptor);
    imports.put("q", Keystone::swallowOutput);
    imports.put("m", Keystone::emptyEnvironment);
    imports.put("n", Keystone::emptyEnvironment);
    imports.put("s", Keystone::growHeap);
    return imports;
  }

  private static long fatal(String call) {
    throw new Broken("Keystone called " + call);
  }

  /// `fd_fdstat_get(fd, fdstat*)`: every descriptor is a character device without rights.
  private static long describeDescriptor(Memory memory, long[] args) {
    int fdstat = (int) args[1];
    memory.write(fdstat, new byte[24]);
    memory.writeByte(fdstat, (byte) WASI_CHARACTER_DEVICE);
    return 0;
  }

  /// `fd_write(fd, iov*, count, written*)`: takes everything, prints nothing.
  private static long swallowOutput(Memory memory, long[] args) {
    int total = 0;
    for (int i = 0; i < args[2]; i++) {
      total += memory.readInt((int) args[1] + 8 * i + 4);
    }
    memory.writeI32((int) args[3], total);
    return 0;
  }

  /// `environ_sizes_get(count*, size*)` and, with nothing to write, `environ_get`.
  private static long emptyEnvironment(Memory memory, long[] args) {
    memory.writeI32((int) args[0], 0);
    memory.writeI32((int) args[1], 0);
    return 0;
  }

  /// `emscripten_resize_heap(size)`: 1 if the memory now has `size` bytes.
  private static long growHeap(Memory memory, long[] args) {
    int pages = (int) ((Integer.toUnsignedLong((int) args[0]) + Memory.PAGE_SIZE - 1) / Memory.PAGE_SIZE);
    return pages <= memory.pages() || memory.grow(pages - memory.pages()) >= 0 ? 1 : 0;
  }
}

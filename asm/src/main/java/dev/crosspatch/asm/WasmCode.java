package dev.crosspatch.asm;

import java.io.ByteArrayOutputStream;

/// Rewrites the code section of a WebAssembly module (WebAssembly core specification 5.5.13).
///
/// Functions that became Java methods have an empty body in the module already. Those too large for a method are kept
/// for the interpreter; reading them takes longer than all the rest, and a library may never call them.
final class WasmCode {
  private static final int HEADER = 8;
  private static final int CODE_SECTION = 10;

  /// No locals, `unreachable`, `end`; its size before it.
  private static final byte[] TRAP = {3, 0, 0x00, 0x0b};

  private final byte[] module;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int at;

  private WasmCode(byte[] module) {
    this.module = module;
  }

  /// `module` with every function body of more than `limit` bytes replaced by one that traps.
  static byte[] withoutLargeFunctions(byte[] module, int limit) {
    return new WasmCode(module).rewrite(limit);
  }

  private byte[] rewrite(int limit) {
    out.write(module, 0, HEADER);
    at = HEADER;
    while (at < module.length) {
      int start = at;
      int section = module[at++];
      int size = number();
      int content = at;
      at += size;
      if (section == CODE_SECTION) {
        byte[] code = functions(content, limit);
        out.write(CODE_SECTION);
        out.writeBytes(encoded(code.length));
        out.writeBytes(code);
        at = content + size;
      } else {
        out.write(module, start, at - start);
      }
    }
    return out.toByteArray();
  }

  private byte[] functions(int start, int limit) {
    at = start;
    var code = new ByteArrayOutputStream();
    int count = number();
    code.writeBytes(encoded(count));
    for (int i = 0; i < count; i++) {
      int body = at;
      int size = number();
      at += size;
      if (size > limit) {
        code.writeBytes(TRAP);
      } else {
        code.write(module, body, at - body);
      }
    }
    return code.toByteArray();
  }

  /// Takes an unsigned LEB128 number.
  private int number() {
    int value = 0;
    int shift = 0;
    byte next;
    do {
      next = module[at++];
      value |= (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }

  private static byte[] encoded(int number) {
    var bytes = new ByteArrayOutputStream();
    int rest = number;
    while (rest > 0x7f) {
      bytes.write(rest | 0x80);
      rest >>>= 7;
    }
    bytes.write(rest);
    return bytes.toByteArray();
  }
}

package dev.crosspatch.tracer.export;

import dev.crosspatch.core.code.Section;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Kernel text as an ELF64 core file, the form of `/proc/kcore` and of its copy in a perf.data directory: program
/// headers only, one loadable segment per text section. Source: System V ABI, chapters ELF Header and Program Header.
final class Kcore {
  private Kcore() {}

  static final int PAGE = 0x1000;
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final byte[] IDENT = {0x7f, 'E', 'L', 'F', /* 64 bits */ 2, /* little endian */ 1, /* version */ 1, 0,
      0, 0, 0, 0, 0, 0, 0, 0};
  private static final short CORE = 4;
  private static final int LOAD = 1;
  private static final int READ_WRITE_EXECUTE = 7;

  static byte[] bytes(List<Section> text, int machine) {
    int size = page(HEADER + text.size() * PROGRAM_HEADER);
    for (Section section : text) {
      size = Math.addExact(size, page(section.bytes().length));
    }
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put(IDENT).putShort(CORE).putShort((short) machine).putInt(1);
    out.putLong(0).putLong(HEADER).putLong(0).putInt(0); // entry, program headers, section headers, flags
    out.putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) text.size());
    out.position(HEADER);
    int at = page(HEADER + text.size() * PROGRAM_HEADER);
    for (Section section : text) {
      int length = section.bytes().length;
      out.putInt(LOAD).putInt(READ_WRITE_EXECUTE).putLong(at).putLong(section.address()).putLong(0).putLong(length)
          .putLong(length).putLong(PAGE);
      out.put(at, section.bytes());
      at += page(length);
    }
    return out.array();
  }

  private static int page(int size) {
    return Math.ceilDiv(size, PAGE) * PAGE;
  }
}

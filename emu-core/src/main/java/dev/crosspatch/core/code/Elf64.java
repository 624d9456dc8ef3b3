package dev.crosspatch.core.code;

import dev.crosspatch.core.code.Section.Access;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// Writes and reads an [Image] as a little-endian ELF64 executable (System V gABI, chapters 4 and 5).
///
/// Layout of the file: header, program headers (one `PT_LOAD` per section), the sections' bytes at offsets congruent to
/// their addresses modulo the page size, symbol table, string tables, section headers. A section called `.bss` takes no
/// space.
public final class Elf64 {
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SECTION_HEADER = 64;
  private static final int SYMBOL = 24;
  private static final int PAGE = 4096;

  private static final byte[] IDENT = {0x7f, 'E', 'L', 'F', 2, 1, 1};
  private static final short ET_EXEC = 2;
  private static final int PT_LOAD = 1;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;
  private static final int SHT_PROGBITS = 1;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_STRTAB = 3;
  private static final int SHT_NOBITS = 8;
  private static final long SHF_WRITE = 1;
  private static final long SHF_ALLOC = 2;
  private static final long SHF_EXECINSTR = 4;
  private static final int STB_GLOBAL = 1;
  private static final short SHN_ABS = (short) 0xfff1;

  private Elf64() {}

  // ---- writing

  /// The image as a file for the ELF machine number `machine`.
  public static byte[] write(Image image, int machine) {
    return new Writer(image).write(machine);
  }

  private static boolean takesSpace(Section section) {
    return !section.name().equals(".bss");
  }

  /// Where each part of one file goes.
  private static final class Writer {
    private final Image image;
    private final List<Section> sections;
    private final StringTable names = new StringTable();
    private final StringTable strings = new StringTable();
    private final List<Integer> offsets = new ArrayList<>();

    Writer(Image image) {
      this.image = image;
      this.sections = image.sections();
    }

    byte[] write(int machine) {
      int at = HEADER + PROGRAM_HEADER * sections.size();
      for (Section section : sections) {
        if (takesSpace(section)) {
          at += (int) Math.floorMod(section.address() - at, (long) PAGE);
        }
        offsets.add(at);
        at += takesSpace(section) ? section.bytes().length : 0;
      }
      byte[] symbols = symbols();
      int symbolsAt = Math.ceilDiv(at, 8) * 8;
      int stringsAt = symbolsAt + symbols.length;
      byte[] headers = sectionHeaders(symbolsAt, symbols.length, stringsAt);
      int namesAt = stringsAt + strings.bytes().length;
      int headersAt = Math.ceilDiv(namesAt + names.bytes().length, 8) * 8;
      byte[] file = new byte[headersAt + headers.length];
      ByteBuffer out = little(file);
      header(out, machine, headersAt);
      programHeaders(out);
      for (int i = 0; i < sections.size(); i++) {
        if (takesSpace(sections.get(i))) {
          out.put(offsets.get(i), sections.get(i).bytes());
        }
      }
      out.put(symbolsAt, symbols).put(stringsAt, strings.bytes()).put(namesAt, names.bytes()).put(headersAt, headers);
      return file;
    }

    private void header(ByteBuffer out, int machine, int headersAt) {
      out.put(IDENT).position(16);
      out.putShort(ET_EXEC).putShort((short) machine).putInt(1);
      out.putLong(image.find("start").map(Symbol::address).orElse(0L)).putLong(HEADER).putLong(headersAt);
      out.putInt(0).putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) sections.size());
      out.putShort((short) SECTION_HEADER).putShort((short) (sections.size() + 4))
          .putShort((short) (sections.size() + 3));
    }

    private void programHeaders(ByteBuffer out) {
      for (int i = 0; i < sections.size(); i++) {
        Section s = sections.get(i);
        int size = s.bytes().length;
        out.putInt(PT_LOAD).putInt(segmentFlags(s.access())).putLong(offsets.get(i)).putLong(s.address())
            .putLong(s.address());
        out.putLong(takesSpace(s) ? size : 0).putLong(size).putLong(takesSpace(s) ? PAGE : 1);
      }
    }

    private byte[] symbols() {
      List<Symbol> all = image.symbols();
      byte[] table = new byte[SYMBOL * (all.size() + 1)];
      ByteBuffer out = little(table);
      out.position(SYMBOL);
      for (Symbol s : all) {
        out.putInt(strings.add(s.name())).put((byte) (STB_GLOBAL << 4 | s.kind().ordinal())).put((byte) 0);
        out.putShort(indexOf(s.address())).putLong(s.address()).putLong(s.size());
      }
      return table;
    }

    /// Section header index for an address; one behind the end of a section still belongs to it (`_etext`).
    private short indexOf(long address) {
      for (int i = 0; i < sections.size(); i++) {
        if (sections.get(i).contains(address)) {
          return (short) (i + 1);
        }
      }
      for (int i = 0; i < sections.size(); i++) {
        if (sections.get(i).end() == address) {
          return (short) (i + 1);
        }
      }
      return SHN_ABS;
    }

    private byte[] sectionHeaders(int symbolsAt, int symbolsSize, int stringsAt) {
      byte[] table = new byte[SECTION_HEADER * (sections.size() + 4)];
      ByteBuffer out = little(table);
      out.position(SECTION_HEADER);
      for (int i = 0; i < sections.size(); i++) {
        Section s = sections.get(i);
        int type = takesSpace(s) ? SHT_PROGBITS : SHT_NOBITS;
        sectionHeader(out, s.name(), type, sectionFlags(s.access()), s.address(), offsets.get(i), s.bytes().length,
            0, 0, 16, 0);
      }
      int count = sections.size();
      sectionHeader(out, ".symtab", SHT_SYMTAB, 0, 0, symbolsAt, symbolsSize, count + 2, 1, 8, SYMBOL);
      sectionHeader(out, ".strtab", SHT_STRTAB, 0, 0, stringsAt, strings.bytes().length, 0, 0, 1, 0);
      int name = names.add(".shstrtab");
      sectionHeader(out, name, SHT_STRTAB, 0, 0, stringsAt + strings.bytes().length, names.bytes().length, 0, 0, 1, 0);
      return table;
    }

    private void sectionHeader(
        ByteBuffer out, String name, int type, long flags, long address, long offset, long size, int link, int info,
        long align, long entry) {
      sectionHeader(out, names.add(name), type, flags, address, offset, size, link, info, align, entry);
    }

    private static void sectionHeader(
        ByteBuffer out, int name, int type, long flags, long address, long offset, long size, int link, int info,
        long align, long entry) {
      out.putInt(name).putInt(type).putLong(flags).putLong(address).putLong(offset).putLong(size);
      out.putInt(link).putInt(info).putLong(align).putLong(entry);
    }
  }

  private static int segmentFlags(Access access) {
    return switch (access) {
      case TEXT -> PF_R | PF_X;
      case RODATA -> PF_R;
      case DATA -> PF_R | PF_W;
    };
  }

  private static long sectionFlags(Access access) {
    return switch (access) {
      case TEXT -> SHF_ALLOC | SHF_EXECINSTR;
      case RODATA -> SHF_ALLOC;
      case DATA -> SHF_ALLOC | SHF_WRITE;
    };
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// NUL-terminated names, each found by its offset.
  private static final class StringTable {
    private final StringBuilder all = new StringBuilder("\0");

    int add(String name) {
      int at = all.length();
      all.append(name).append('\0');
      return at;
    }

    byte[] bytes() {
      return all.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  // ---- reading

  /// Reads an image back. Sections that are not loaded, and symbols without a name, are left out.
  ///
  /// @throws IllegalArgumentException saying what is wrong and where if the file is no little-endian ELF64
  public static Image read(byte[] file) {
    ByteBuffer in = little(file);
    for (int i = 0; i < IDENT.length; i++) {
      if (file.length < HEADER || file[i] != IDENT[i]) {
        throw new IllegalArgumentException("not a little-endian ELF64 file: byte " + i + " is not as it should be");
      }
    }
    try {
      return read(in, Math.toIntExact(in.getLong(40)), Short.toUnsignedInt(in.getShort(60)),
          Short.toUnsignedInt(in.getShort(62)));
    } catch (BufferUnderflowException | IndexOutOfBoundsException | ArithmeticException
        | NegativeArraySizeException e) {
      throw new IllegalArgumentException("the ELF file is cut off or its offsets are wrong", e);
    }
  }

  private static Image read(ByteBuffer in, int headersAt, int count, int namesIndex) {
    Objects.checkFromIndexSize(headersAt, count * SECTION_HEADER, in.limit());
    int names = offset(in, headersAt, namesIndex);
    List<Section> sections = new ArrayList<>();
    List<Symbol> symbols = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int at = headersAt + i * SECTION_HEADER;
      if (in.getInt(at + 4) == SHT_SYMTAB) {
        readSymbols(in, at, offset(in, headersAt, in.getInt(at + 40)), symbols);
      } else if ((in.getLong(at + 8) & SHF_ALLOC) != 0) {
        sections.add(section(in, at, string(in, names + in.getInt(at))));
      }
    }
    sections.sort(Comparator.comparing(Section::address, Long::compareUnsigned));
    symbols.sort(Comparator.comparing(Symbol::address, Long::compareUnsigned).thenComparing(Symbol::name));
    return new Image(sections, symbols);
  }

  private static int offset(ByteBuffer in, int headersAt, int index) {
    return Math.toIntExact(in.getLong(headersAt + index * SECTION_HEADER + 24));
  }

  private static Section section(ByteBuffer in, int header, String name) {
    long flags = in.getLong(header + 8);
    byte[] bytes = new byte[Math.toIntExact(in.getLong(header + 32))];
    if (in.getInt(header + 4) != SHT_NOBITS) {
      in.get(Math.toIntExact(in.getLong(header + 24)), bytes);
    }
    Access access = (flags & SHF_EXECINSTR) != 0 ? Access.TEXT : (flags & SHF_WRITE) != 0 ? Access.DATA : Access.RODATA;
    return new Section(name, in.getLong(header + 16), bytes, access);
  }

  private static void readSymbols(ByteBuffer in, int header, int strings, List<Symbol> symbols) {
    int at = Math.toIntExact(in.getLong(header + 24));
    int count = Math.toIntExact(in.getLong(header + 32) / SYMBOL);
    for (int i = 1; i < count; i++) {
      int entry = at + i * SYMBOL;
      String name = string(in, strings + in.getInt(entry));
      int type = in.get(entry + 4) & 15;
      if (!name.isEmpty() && type < Symbol.Kind.values().length) {
        symbols.add(new Symbol(name, in.getLong(entry + 8), in.getLong(entry + 16), Symbol.Kind.values()[type]));
      }
    }
  }

  private static String string(ByteBuffer in, int at) {
    int end = at;
    while (in.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    in.get(at, text);
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}

package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A static program for Linux: what of an ELF file (System V gABI, chapter 5) its loading needs.
///
/// @param isa       whose instructions it has
/// @param entry     address of its first instruction
/// @param relative  whether it may lie anywhere (static-PIE)
/// @param pads      whether indirect branches come to landing pads only ([UserMode#guardProperty])
/// @param runsStack whether its stack can be executed
/// @param headers   address of its program headers
/// @param count     how many there are
/// @param segments  what is loaded, in the order of the file
/// @param file      the file
public record ElfProgram(Isa isa, long entry, boolean relative, boolean pads, boolean runsStack, long headers,
    int count, List<Segment> segments, byte[] file) {
  /// Bytes of a program header.
  static final int HEADER = 56;

  private static final int FILE_HEADER = 64;
  private static final int ET_EXEC = 2;
  private static final int ET_DYN = 3;
  private static final int PT_LOAD = 1;
  private static final int PT_INTERP = 3;
  private static final int PT_GNU_STACK = 0x6474_e551;
  private static final int PT_GNU_PROPERTY = 0x6474_e553;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  /// Bytes of all program headers (fs/binfmt_elf.c, load_elf_phdrs).
  private static final int MOST_HEADERS = 1 << 16;
  /// Of an interpreter's name what is shown.
  private static final int LONGEST_NAME = 64;
  private static final int PAGE = AddressSpace.PAGE;

  /// A `PT_LOAD`.
  ///
  /// @param address of its first byte
  /// @param size    in memory
  /// @param offset  in the file
  /// @param stored  bytes of the file that are there: its own, and those behind them in their last page, unless zeros
  ///                belong there
  /// @param rights  1 read, 2 write, 4 execute
  record Segment(long address, long size, int offset, int stored, int rights) {
    long end() {
      return address + size;
    }
  }

  /// Reads one.
  ///
  /// @param name for messages
  /// @throws BadInput saying in a line why it cannot run here
  public static ElfProgram read(byte[] file, String name) {
    try {
      return new Reader(file, name).read();
    } catch (IndexOutOfBoundsException e) {
      throw new BadInput(name + ": the ELF file is cut off, or its offsets are wrong");
    }
  }

  private static final class Reader {
    private final byte[] file;
    private final ByteBuffer in;
    private final String name;

    Reader(byte[] file, String name) {
      this.file = file;
      in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
      this.name = name;
    }

    BadInput bad(String what) {
      return new BadInput(name + ": " + what);
    }

    ElfProgram read() {
      if (in.limit() < 4 || in.getInt(0) != 0x464c457f) {
        throw bad("not an ELF file");
      }
      if (in.limit() < FILE_HEADER) {
        throw bad("the ELF file is cut off: it has " + in.limit() + " bytes");
      }
      check(EI_CLASS, ELFCLASS64, "a 32-bit ELF file; only 64-bit programs run here", "EI_CLASS");
      check(EI_DATA, ELFDATA2LSB, "a big-endian ELF file", "EI_DATA");
      Isa isa = isa(Short.toUnsignedInt(in.getShort(18)));
      int type = Short.toUnsignedInt(in.getShort(16));
      if (type != ET_EXEC && type != ET_DYN) {
        throw bad("an ELF file of type " + type + ", which is no program (a program has 2 or 3)");
      }
      return program(isa, type == ET_DYN);
    }

    /// A byte of the identification that is 1 or 2, of which one can run here.
    private void check(int at, int runs, String other, String name) {
      int value = Byte.toUnsignedInt(in.get(at));
      if (value != runs) {
        throw bad(value == 3 - runs ? other : "an ELF file with " + name + " " + value + ", which is neither 1 nor 2");
      }
    }

    private Isa isa(int machine) {
      List<String> known = new ArrayList<>();
      for (String isa : Plugins.isas()) {
        Isa plugin = Plugins.isa(isa);
        if (plugin.userMode() != null && plugin.elfMachine() == machine) {
          return plugin;
        }
        if (plugin.userMode() != null) {
          known.add(isa + " (" + plugin.elfMachine() + ")");
        }
      }
      throw bad("for ELF machine " + machine + "; programs run here for " + String.join(", ", known));
    }

    private ElfProgram program(Isa isa, boolean relative) {
      long headersAt = in.getLong(32);
      int size = Short.toUnsignedInt(in.getShort(54));
      int count = Short.toUnsignedInt(in.getShort(56));
      if (count == 0) {
        throw bad("an ELF file without program headers");
      }
      if (size != HEADER) {
        throw bad("its program headers are of " + size + " bytes each, not of " + HEADER);
      }
      if (count * HEADER > MOST_HEADERS) {
        throw bad("its program headers are " + count * HEADER + " bytes; Linux takes at most " + MOST_HEADERS);
      }
      int at = within("its program headers are", headersAt, (long) count * HEADER);
      List<Segment> segments = new ArrayList<>();
      long headers = 0;
      boolean pads = false;
      boolean runsStack = false; // also without the header, on both ISAs since Linux 5.8 (asm/elf.h)
      for (int i = 0; i < count; i++) {
        int header = at + i * HEADER;
        switch (in.getInt(header)) {
          case PT_INTERP ->
            throw bad("dynamically linked (it wants " + interpreter(header) + "); link it with -static");
          case PT_GNU_STACK -> runsStack = (in.getInt(header + 4) & PF_X) != 0;
          case PT_GNU_PROPERTY -> pads = hasLandingPads(header, isa);
          case PT_LOAD -> {
            Segment segment = segment(header);
            segments.add(segment);
            if (segment.offset <= at && at - segment.offset < in.getLong(header + 32)) {
              headers = segment.address + at - segment.offset;
            }
          }
          default -> { }
        }
      }
      if (segments.stream().noneMatch(s -> s.size > 0)) {
        throw bad("an ELF file with nothing to load");
      }
      return new ElfProgram(isa, in.getLong(24), relative, pads, runsStack, headers, count,
          List.copyOf(segments), file);
    }

    /// Where something begins in the file, all of which must be there.
    private int within(String what, long offset, long length) {
      long end = in.limit();
      if (offset < 0 || offset > end || length < 0 || length > end - offset) {
        throw bad("the ELF file is cut off: " + what + " " + Long.toUnsignedString(length) + " bytes from "
            + Long.toUnsignedString(offset) + " on, the file ends at " + end);
      }
      return (int) offset;
    }

    /// The bytes of a segment.
    private ByteBuffer bytes(String what, int header) {
      long length = in.getLong(header + 32);
      return in.slice(within(what, in.getLong(header + 8), length), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private boolean hasLandingPads(int header, Isa isa) {
      UserMode user = isa.userMode();
      int property = user == null ? 0 : user.guardProperty();
      try {
        return property != 0 && ElfProperties.isSet(bytes("the note of its properties is", header), property);
      } catch (IllegalArgumentException e) {
        throw bad("the note of its properties is wrong: " + e.getMessage());
      }
    }

    /// The name of its interpreter, up to its end, for people.
    private String interpreter(int header) {
      ByteBuffer name = bytes("the name of its interpreter is", header);
      StringBuilder shown = new StringBuilder();
      for (int i = 0; i < name.limit() && name.get(i) != 0; i++) {
        if (i == LONGEST_NAME) {
          return shown.append("...").toString();
        }
        byte b = name.get(i);
        shown.append(b >= ' ' && b <= '~' ? String.valueOf((char) b) : String.format("\\x%02x", b));
      }
      return shown.toString();
    }

    private Segment segment(int header) {
      long address = in.getLong(header + 16);
      long stored = in.getLong(header + 32);
      long size = in.getLong(header + 40);
      long offset = in.getLong(header + 8);
      int from = stored == 0 ? 0 : within("a segment is", offset, stored);
      if (Long.compareUnsigned(stored, size) > 0) {
        throw bad(String.format("a segment at 0x%x has more bytes in the file than in memory: p_filesz 0x%x, "
            + "p_memsz 0x%x", address, stored, size));
      }
      if (address < 0 || address > MemoryCalls.TOP || Long.compareUnsigned(size, MemoryCalls.TOP - address) > 0) {
        throw bad(String.format("a segment of 0x%x bytes at 0x%x cannot be loaded", size, address));
      }
      if ((address - offset) % PAGE != 0) {
        throw bad(String.format("a segment at 0x%x does not lie in its page as in the file", address));
      }
      int flags = in.getInt(header + 4);
      int rights = (flags & PF_R) >> 2 | (flags & PF_W) | (flags & PF_X) << 2;
      boolean zeroed = stored == 0 || (size > stored && (flags & PF_W) != 0);
      return new Segment(address, size, from, (int) stored + (zeroed ? 0 : behind(from + (int) stored)), rights);
    }

    /// How many bytes the file has from there to the end of the page: Linux maps whole pages (fs/binfmt_elf.c,
    /// elf_map), and zeroes behind a segment's bytes only if it has more memory, and may be written (padzero).
    private int behind(int end) {
      return Math.min(-end & PAGE - 1, in.limit() - end);
    }
  }
}

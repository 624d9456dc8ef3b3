package dev.crosspatch.tests.isa;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The exception that a vector of [A64FaultGenerator] raises at EL0, by the pseudocode of DDI0487, written out again,
/// and the signal that Linux makes of it (arch/arm64/kernel/traps.c, mm/fault.c).
///
/// @param sort     `stack`, `alignment`, `page`, `pc`, `fetch` or `undefined`
/// @param address  `si_addr`
/// @param syndrome ESR_EL1
record A64Exception(String sort, long signal, long code, long address, long syndrome) {
  private static final int PAGE = 4096;
  private static final long SIGILL = 4;
  private static final long SIGBUS = 7;
  private static final long SIGSEGV = 11;
  private static final long IL = 1 << 25;
  private static final long WRITE = 1 << 6;

  // ---- exception classes (D19.2.37)
  private static final long FETCH = 0x20L << 26 | IL;
  private static final long PC = 0x22L << 26 | IL;
  private static final long DATA = 0x24L << 26 | IL;
  private static final long STACK = 0x26L << 26 | IL;

  // ---- fault status
  private static final int ALIGNMENT = 0x21;
  private static final int TRANSLATION = 0x07;
  private static final int PERMISSION = 0x0f;

  private static final List<String> BRANCHES = List.of("B", "BL", "B.cond", "CBZ", "CBNZ", "BR", "BLR", "RET");
  private static final String ATOMIC = "(LD(ADD|CLR|EOR|SET|[SU]M(AX|IN))|SWP|CASP?)";

  /// Null if there is none; of a branch, if it is taken.
  static @Nullable A64Exception of(A64FaultGenerator.Fault f) {
    A64Pattern p = f.row();
    if (p == null) {
      return f.word() == A64FaultGenerator.DC_ZVA ? page(f.target(), f.target() & -64, 64, true, false)
          : new A64Exception("undefined", SIGILL, 1, A64Vector.CODE, IL);
    }
    return BRANCHES.contains(p.mnemonic()) ? branch(f.target()) : access(f, p);
  }

  private static @Nullable A64Exception branch(long target) {
    if ((target & 3) != 0) {
      return new A64Exception("pc", SIGBUS, 1, target, PC);
    }
    if ((target & -PAGE) == A64Vector.CODE) {
      return null;
    }
    boolean there = rights(target) != 0;
    return new A64Exception("fetch", SIGSEGV, there ? 2 : 1, target, FETCH | (there ? PERMISSION : TRANSLATION));
  }

  /// CheckSPAlignment comes first, then the alignment of the access, then the pages in the order of addresses.
  private static @Nullable A64Exception access(A64FaultGenerator.Fault f, A64Pattern p) {
    int word = f.word();
    boolean literal = p.name().contains("literal");
    boolean atomic = p.mnemonic().matches(ATOMIC);
    boolean store = p.name().startsWith("ST");
    long stack = f.vector().x[A64Vector.SP];
    if (!literal && p.get(word, "rn") == A64Vector.SP && (stack & 15) != 0) {
      return new A64Exception("stack", SIGBUS, 1, stack, STACK);
    }
    int bytes = bytes(p, word);
    if (!literal && A64Generator.needsAlignment(p) && (f.target() & bytes - 1) != 0) {
      return new A64Exception("alignment", SIGBUS, 1, f.target(), DATA | (store ? WRITE : 0) | ALIGNMENT);
    }
    return page(f.target(), f.target(), bytes, store, atomic);
  }

  /// @param told   `si_addr` of a fault in the first page
  /// @param atomic tells of a write where the read would have been allowed (WnR)
  private static @Nullable A64Exception page(long told, long from, int bytes, boolean store, boolean atomic) {
    for (long at = from; at < from + bytes; at = (at & -PAGE) + PAGE) {
      int rights = rights(at);
      long write = store ? WRITE : 0;
      if (rights == 0) {
        return new A64Exception("page", SIGSEGV, 1, Math.max(told, at), DATA | write | TRANSLATION);
      }
      if (rights == 1 && (store || atomic)) {
        return new A64Exception("page", SIGSEGV, 2, Math.max(told, at), DATA | WRITE | PERMISSION);
      }
    }
    return null;
  }

  /// 0 nothing, 1 read, 2 read and write.
  private static int rights(long address) {
    return switch ((int) ((address - A64Vector.EDGES) / PAGE)) {
      case 0, 2 -> 2;
      case 3 -> 1;
      default -> 0;
    };
  }

  /// How many bytes a row's word accesses from its address on.
  private static int bytes(A64Pattern p, int word) {
    boolean vector = A64Generator.vector(word);
    if (p.name().contains("structure") || p.name().matches("LD[1-4]R.*")) {
      return structures(p, word);
    }
    if (p.name().contains("literal")) {
      return vector ? 4 << (word >>> 30) : word >>> 30 == 1 ? 8 : 4;
    }
    if (p.has("imm7")) {
      return vector ? 8 << (word >>> 30) : p.mnemonic().equals("LDPSW") || word >>> 30 == 0 ? 8 : 16;
    }
    if (p.mnemonic().matches("LDA?XP|STL?XP|CASP")) {
      return (word >>> 30 & 1) != 0 ? 16 : 8;
    }
    return 1 << A64Generator.scale(word);
  }

  /// Loads and stores of structures (C4.1, Advanced SIMD load/store).
  private static int structures(A64Pattern p, int word) {
    int q = word >>> 30 & 1;
    if (p.name().contains("multiple")) {
      int registers = switch (word >>> 12 & 15) {
        case 0, 2 -> 4;
        case 4, 6 -> 3;
        case 8, 10 -> 2;
        default -> 1;
      };
      return registers * (8 << q);
    }
    int registers = ((word >>> 12 & 2) | (word >>> 21 & 1)) + 1;
    int size = word >>> 10 & 3;
    int element = switch (word >>> 14 & 3) {
      case 0 -> 1;
      case 1 -> 2;
      case 2 -> size == 1 ? 8 : 4;
      default -> 1 << size;
    };
    return registers * element;
  }
}

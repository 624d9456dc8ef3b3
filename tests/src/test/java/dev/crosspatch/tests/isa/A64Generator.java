package dev.crosspatch.tests.isa;

import dev.crosspatch.isa.arm64.Arm64Isa;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes snippets of user-level integer code with states to run them in. What DDI0487 leaves open (CONSTRAINED
/// UNPREDICTABLE) is avoided, and every access falls into the scratch area.
final class A64Generator {
  private static final Set<String> SKIPPED = Set.of(
      "SVC", "HVC", "SMC", "BRK", "HLT", "UDF", "ERET", "MRS", "MSR", "HINT", "NOP", "WFE", "WFI", "SEV", "SEVL",
      "CLREX", "DSB", "SSBB",
      "PSSBB", "DMB", "ISB", "SB", "IC", "DC", "AT", "TLBI", "BC.cond", "PRFM", "PRFUM");
  /// Pointer authentication: a process of QEMU's has keys of its own.
  private static final Pattern AUTHENTICATED =
      Pattern.compile("(PAC|AUT|XPAC)\\w+|BL?RA[AB]Z?|E?RETA[AB]|LDRA[AB]");
  private static final Set<String> BRANCHES = Set.of("B", "BL", "B.cond", "CBZ", "CBNZ", "TBZ", "TBNZ", "BR",
      "BLR", "RET");
  /// Bits of FPCR and FPSR that are free: roundings, modes; saturation, exceptions.
  private static final int FPCR = 0x7c8_0000;

  private static final int FPSR = 0x800_009f;
  /// FCVTZS (vector, fixed-point) of a scalar half: QEMU 7.2 writes a negative result's sign to bits 31:16, too, so it
  /// gets no negative numbers.
  private static final int FCVTZS_HALF = 0x5f10_fc00;

  private static final int FCVTZS_HALF_MASK = 0xfff0_fc00;
  private static final int CLREX = 0xd503_3f5f;
  private static final int MOV_X17_1 = 0xd280_0031;
  private static final long[] EDGES = {
    0, 1, 2, -1, -2, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x8000_0000L, 0xffff_ffffL,
    0x1_0000_0000L, 0x7f, 0x80,
    0xff, 0x7fff, 0x8000, 0xffff, 63, 64, 32, 31, 0x5555_5555_5555_5555L
  };

  private final Random random;
  private final List<A64Pattern> data = new ArrayList<>();
  private final List<A64Pattern> memory = new ArrayList<>();
  private final List<A64Pattern> branches = new ArrayList<>();

  A64Generator(Random random) {
    this.random = random;
    for (A64Pattern p : Arm64Isa.patterns().stream().map(A64Pattern::of).toList()) {
      if (BRANCHES.contains(p.mnemonic())) {
        branches.add(p);
      } else if (p.has("rt")) {
        memory.addAll(isSkipped(p) ? List.of() : List.of(p));
      } else if (!isSkipped(p)) {
        data.add(p);
      }
    }
  }

  private static boolean isSkipped(A64Pattern p) {
    return SKIPPED.contains(p.mnemonic()) || AUTHENTICATED.matcher(p.mnemonic()).matches();
  }

  /// A vector; `index` walks through the rows.
  A64Vector next(int index) {
    while (true) {
      A64Vector v = state();
      boolean done =
          switch (index % 8) {
            case 0, 1, 2 -> single(v, pick(data, index / 8));
            case 3 -> sequence(v);
            case 4, 5, 6 -> access(v, pick(memory, index / 8));
            default -> branch(v, pick(branches, index / 8));
          };
      if (done) {
        return v;
      }
    }
  }

  private A64Pattern pick(List<A64Pattern> from, int turn) {
    return random.nextInt(4) == 0 ? from.get(random.nextInt(from.size())) : from.get(turn % from.size());
  }

  /// Rows of loads, stores and atomics.
  List<A64Pattern> memory() {
    return List.copyOf(memory);
  }

  /// Registers, flags and memory of a vector, without words.
  A64Vector state() {
    A64Vector v = new A64Vector();
    for (int i = 0; i < A64Vector.SP; i++) {
      v.x[i] = value();
    }
    v.x[A64Vector.SP] = A64Vector.SCRATCH + 256;
    v.nzcv = (long) random.nextInt(16) << 28;
    for (int i = 0; i < v.v.length; i++) {
      v.v[i] = lanes();
    }
    v.fpcr = random.nextInt() & FPCR;
    v.fpsr = random.nextInt() & FPSR;
    for (int i = 0; i < A64Vector.SCRATCH_LONGS; i++) {
      v.scratch[i] = value();
    }
    return v;
  }

  private long value() {
    return switch (random.nextInt(4)) {
      case 0 -> EDGES[random.nextInt(EDGES.length)];
      case 1 -> random.nextLong() >>> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  /// Elements of one size: integers, or numbers in floating point.
  private long lanes() {
    boolean floats = random.nextBoolean();
    int bits = floats ? 16 << random.nextInt(3) : 8 << random.nextInt(4);
    long word = 0;
    for (int at = 0; at < 64; at += bits) {
      long element = floats ? number(bits) : value();
      word |= element << (64 - bits) >>> (64 - bits - at);
    }
    return word;
  }

  /// A number of some bits where formats have their edges: exponents around 0, one, integers and infinity, fractions of
  /// few and of many ones.
  private long number(int bits) {
    int fractionBits = bits == 16 ? 10 : bits == 32 ? 23 : 52;
    int top = (1 << (bits - fractionBits - 1)) - 1;
    int exponent = switch (random.nextInt(6)) {
      case 0 -> random.nextInt(2);
      case 1 -> top - random.nextInt(2);
      case 2 -> top / 2 + random.nextInt(70) - 2;
      case 3 -> random.nextInt(fractionBits + 2);
      default -> top / 2 + random.nextInt(8) - 4;
    };
    long fraction = switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> random.nextInt(3) - 1;
      case 2 -> (1L << random.nextInt(fractionBits)) - random.nextInt(2);
      default -> random.nextLong();
    };
    long sign = (long) random.nextInt(2) << (bits - 1);
    return sign | (long) Math.min(exponent, top) << fractionBits | (fraction & ((1L << fractionBits) - 1));
  }

  private boolean allocated(int word) {
    return Arm64Isa.executes(word) && (word & FCVTZS_HALF_MASK) != FCVTZS_HALF;
  }

  private boolean single(A64Vector v, A64Pattern p) {
    int word = p.word(random);
    v.words = new int[] {word};
    if ((word & FCVTZS_HALF_MASK) == FCVTZS_HALF) {
      v.v[2 * p.get(word, "rn")] &= ~0x8000L;
    }
    return Arm64Isa.executes(word);
  }

  private boolean sequence(A64Vector v) {
    v.words = new int[2 + random.nextInt(A64Vector.MAX_WORDS - 2)];
    for (int i = 0; i < v.words.length; i++) {
      do {
        v.words[i] = data.get(random.nextInt(data.size())).word(random);
      } while (!allocated(v.words[i]));
    }
    return true;
  }

  /// A branch over one instruction that leaves a mark.
  private boolean branch(A64Vector v, A64Pattern p) {
    int word = p.word(random);
    for (String immediate : List.of("imm26", "imm19", "imm14")) {
      if (p.has(immediate)) {
        word = p.with(word, immediate, 2);
      }
    }
    if (p.has("rn")) {
      int rn = p.get(word, "rn");
      if (rn == 31) {
        return false;
      }
      v.x[rn] = A64Vector.CODE + 8;
    }
    v.words = new int[] {word, MOV_X17_1};
    return true;
  }

  // ---- loads, stores, atomics

  private boolean access(A64Vector v, A64Pattern p) {
    int word = p.word(random);
    if (!allocated(word) || unpredictable(p, word)) {
      return false;
    }
    if (p.name().contains("literal")) {
      int words = (int) (A64Vector.SCRATCH - A64Vector.CODE) / 4 + random.nextInt(100);
      v.words = new int[] {p.with(word, "imm19", words)};
      return true;
    }
    if (!place(v, p, word)) {
      return false;
    }
    v.words = withMonitor(p, word);
    return true;
  }

  /// Sets the base (and index) so that the access lies in the middle of the scratch area.
  private boolean place(A64Vector v, A64Pattern p, int word) {
    int rn = p.get(word, "rn");
    Long offset = offset(v, p, word);
    if (offset == null) {
      return false;
    }
    boolean aligned = needsAlignment(p);
    long middle = A64Vector.SCRATCH + 128 + (aligned ? 16 * random.nextInt(16) : random.nextInt(256));
    if (rn != A64Vector.SP) {
      v.x[rn] = middle - offset;
      return true;
    }
    long at = v.x[rn] + offset;
    return at >= A64Vector.SCRATCH && at < A64Vector.SCRATCH + 480 && (!aligned || (at & 15) == 0);
  }

  /// Atomics and ordered accesses: the forms without an immediate or index.
  static boolean needsAlignment(A64Pattern p) {
    return !vector(p.match()) && !p.has("imm12") && !p.has("imm9") && !p.has("imm7") && !p.has("option");
  }

  /// Whether a load or store is of SIMD and floating-point registers.
  static boolean vector(int word) {
    return (word >>> 26 & 1) != 0;
  }

  /// log2 of the bytes of one register; opc has the high bit for those of 128 bits.
  static int scale(int word) {
    return word >>> 30 | (vector(word) ? word >>> 21 & 4 : 0);
  }

  /// What the word adds to its base before it accesses memory; null if it has no such offset. An index register is
  /// chosen for it.
  @Nullable Long offset(A64Vector v, A64Pattern p, int word) {
    if (p.has("imm12")) {
      return (long) p.get(word, "imm12") << scale(word);
    } else if (p.has("imm9")) {
      return p.name().contains("post-index") ? 0 : p.signed(word, "imm9");
    } else if (p.has("imm7")) {
      int scale = vector(word) ? 2 + (word >>> 30) : p.mnemonic().equals("LDPSW") || word >>> 30 == 0 ? 2 : 3;
      return p.name().contains("post-index") ? 0 : p.signed(word, "imm7") << scale;
    } else if (p.has("option")) {
      return index(v, p, word);
    }
    return 0L;
  }

  /// Chooses a small index and returns what it adds.
  private @Nullable Long index(A64Vector v, A64Pattern p, int word) {
    int rm = p.get(word, "rm");
    if (rm == p.get(word, "rn")) {
      return null;
    }
    int option = p.get(word, "option");
    boolean signed = (option & 4) != 0;
    long small = signed ? random.nextInt(200) - 100 : random.nextInt(200);
    boolean half = (option & 3) == 2;
    if (rm != 31) {
      v.x[rm] = half ? (small & 0xffff_ffffL) | random.nextLong() << 32 : small;
    }
    return rm == 31 ? 0 : small << (p.get(word, "s") != 0 ? scale(word) : 0);
  }

  /// Exclusive stores get a load before them, which decides whether they succeed.
  private int[] withMonitor(A64Pattern p, int word) {
    if (!p.name().matches("STL?X[RP]")) {
      return new int[] {word};
    }
    int load = (word & ~(31 << 16)) | 31 << 16 | 1 << 22;
    if (p.mnemonic().endsWith("R")) {
      load |= 31 << 10;
    }
    int rn = p.get(word, "rn");
    int free = rn <= 1 ? 5 : 0;
    load = (load & ~31) | free;
    if (p.mnemonic().endsWith("P")) {
      load = (load & ~(31 << 10)) | (free + 1) << 10;
    }
    return switch (random.nextInt(3)) {
      case 0 -> new int[] {CLREX, word};
      case 1 -> new int[] {load, CLREX, word};
      default -> new int[] {CLREX, load, word};
    };
  }

  static boolean unpredictable(A64Pattern p, int word) {
    int rt = p.get(word, "rt");
    int rn = p.has("rn") ? p.get(word, "rn") : 31;
    boolean writeBack = p.name().contains("index");
    boolean load = p.name().startsWith("LD");
    if (vector(word)) {
      return load && p.has("rt2") && rt == p.get(word, "rt2");
    }
    if (p.has("rt2")) {
      int rt2 = p.get(word, "rt2");
      boolean clash = writeBack && rn != 31 && (rt == rn || rt2 == rn);
      return clash || (load && rt == rt2) || exclusiveClash(p, word, rt2);
    }
    return (writeBack && rt == rn && rn != 31) || exclusiveClash(p, word, rt);
  }

  /// Status register of an exclusive store equal to another register of it.
  private static boolean exclusiveClash(A64Pattern p, int word, int other) {
    if (!p.name().matches("STL?X[RP]")) {
      return false;
    }
    int rs = p.get(word, "rs");
    return rs == p.get(word, "rt") || rs == other || rs == p.get(word, "rn");
  }
}

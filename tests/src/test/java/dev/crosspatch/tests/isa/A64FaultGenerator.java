package dev.crosspatch.tests.isa;

import dev.crosspatch.isa.arm64.Arm64Isa;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes A64 snippets that mostly fault: accesses at the edges of pages that are there, are not, or may not be written,
/// aligned or not; stack pointers and branches that are misaligned; branches to where no text is; words that are no
/// instruction.
final class A64FaultGenerator {
  private static final int PAGE = 4096;
  /// How near to an edge accesses begin.
  private static final int NEAR = 64;
  /// DC ZVA, X0.
  static final int DC_ZVA = 0xd50b_7420;

  private static final List<String> BRANCHES = List.of("B", "BL", "B.cond", "CBZ", "CBNZ", "BR", "BLR", "RET");
  /// Loads with pointer authentication: a process of QEMU's has keys of its own.
  private static final String AUTHENTICATED = "LDRA[AB].*";

  private final Random random;
  private final A64Generator generator;
  private final List<A64Pattern> memory = new ArrayList<>();
  private final List<A64Pattern> branches = new ArrayList<>();
  private final List<A64Pattern> all;

  /// A vector of one word, its row, and the address that it accesses or goes to.
  ///
  /// @param row    null of a word that is no instruction, and of DC ZVA
  /// @param target 0 if there is none
  record Fault(A64Vector vector, @Nullable A64Pattern row, long target) {
    int word() {
      return vector.words[0];
    }

    /// Name of the row.
    String name() {
      return row != null ? row.name() : word() == DC_ZVA ? "DC ZVA" : "undefined";
    }
  }

  A64FaultGenerator(Random random) {
    this.random = random;
    generator = new A64Generator(random);
    all = Arm64Isa.patterns().stream().map(A64Pattern::of).toList();
    for (A64Pattern p : generator.memory()) {
      if (!p.mnemonic().matches(AUTHENTICATED)) {
        memory.add(p);
      }
    }
    for (A64Pattern p : all) {
      if (BRANCHES.contains(p.mnemonic())) {
        branches.add(p);
      }
    }
  }

  /// Names of the rows of which there are vectors.
  List<String> rows() {
    return Stream.concat(memory.stream(), branches.stream()).map(A64Pattern::name).toList();
  }

  /// The next vector; `index` walks through the rows.
  Fault next(int index) {
    while (true) {
      Fault fault = switch (index % 16) {
        case 0 -> branch(branches.get(index / 16 % branches.size()));
        case 1 -> undefined();
        case 2 -> zero();
        default -> access(memory.get((index / 16 * 13 + index % 16 - 3) % memory.size()));
      };
      if (fault != null) {
        return fault;
      }
    }
  }

  /// An address near the edge between two pages.
  private long place(int alignment) {
    long edge = A64Vector.EDGES + PAGE * (1L + random.nextInt(4));
    long at = edge - NEAR + random.nextInt(2 * NEAR);
    return random.nextInt(4) == 0 ? at : at & -alignment;
  }

  private @Nullable Fault access(A64Pattern p) {
    int word = p.word(random);
    if (!Arm64Isa.executes(word) || A64Generator.unpredictable(p, word)) {
      return null;
    }
    A64Vector v = generator.state();
    long at = place(1 << random.nextInt(6));
    if (p.name().contains("literal")) {
      v.words = new int[] {p.with(word, "imm19", (int) ((at & -4) - A64Vector.CODE) / 4)};
      return new Fault(v, p, at & -4);
    }
    Long offset = generator.offset(v, p, word);
    if (offset == null) {
      return null;
    }
    v.x[p.get(word, "rn")] = at - offset;
    v.words = new int[] {word};
    return new Fault(v, p, at);
  }

  private Fault zero() {
    A64Vector v = generator.state();
    long at = A64Vector.EDGES + PAGE + 64L * random.nextInt(PAGE / 64) + random.nextInt(64);
    v.x[0] = random.nextBoolean() ? at : at + 2 * PAGE;
    v.words = new int[] {DC_ZVA};
    return new Fault(v, null, v.x[0]);
  }

  private @Nullable Fault branch(A64Pattern p) {
    A64Vector v = generator.state();
    int word = p.word(random);
    long at = random.nextInt(3) == 0 ? A64Vector.CODE + random.nextInt(8) : place(4);
    for (String immediate : List.of("imm26", "imm19")) {
      if (p.has(immediate)) {
        at &= -4;
        word = p.with(word, immediate, (int) (at - A64Vector.CODE) / 4);
      }
    }
    if (p.has("rn")) {
      v.x[p.get(word, "rn")] = at;
      if (p.get(word, "rn") == A64Vector.SP) {
        return null;
      }
    }
    v.words = new int[] {word};
    return at == A64Vector.CODE ? null : new Fault(v, p, at);
  }

  /// UDF, or a word of a row with bits changed that is then none; of SIMD and floating point none, at some of which
  /// QEMU 7.2 gives up.
  private @Nullable Fault undefined() {
    A64Pattern p = all.get(random.nextInt(all.size()));
    int word = random.nextInt(4) == 0 ? random.nextInt(1 << 16)
        : p.word(random) ^ 1 << random.nextInt(32) ^ 1 << random.nextInt(32);
    int group = word >>> 25 & 15;
    if (Arm64Isa.executes(word) || (group & 7) == 7 || (group < 4 && word >>> 16 != 0)) {
      return null;
    }
    A64Vector v = generator.state();
    v.words = new int[] {word};
    return new Fault(v, null, 0);
  }
}

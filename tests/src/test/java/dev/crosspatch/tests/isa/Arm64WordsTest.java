package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.tests.oracle.Llvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What A64 words are, held against Capstone and LLVM: which are instructions, which instruction, where a branch goes.
///
/// A quarter of the words are random, the others are words of our rows with up to two bits changed.
/// `-Dcrosspatch.words=N` and `-Dcrosspatch.seed=N` choose how many and which. Differences that are meant stand with
/// their reasons in `arm64-words-differences.tsv`.
class Arm64WordsTest {
  private static final int WORDS = Integer.getInteger("crosspatch.words", 500_000);
  /// Each with a decoder of its own, so that all processors have work.
  private static final int PARTS = 8;
  /// Words that a stranger is given at a time.
  private static final int CHUNK = 125_000;
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final long ADDRESS = 0xffff_8000_1000_0000L;
  /// What LLVM is told that there is: all that a row of ours is of.
  private static final String FEATURES = "+v8.5a,+fullfp16,+aes,+sha2,+rand,+hbc,+xs";
  private static final Path DIFFERENCES = Path.of("src", "test", "resources", "arm64-words-differences.tsv");

  /// Kinds of difference, as the file calls them.
  private static final String THEIRS_ONLY = "theirs-only";

  private static final String OURS_ONLY = "ours-only";
  /// Ours only, and a should-be-one bit is zero.
  private static final String SHOULD_BE = "should-be";
  /// Ours only, and the word names a register twice in a load or store.
  private static final String SAME_REGISTER = "same-register";
  private static final String NAME = "name";
  private static final String TARGET = "target";

  /// What is counted.
  private static final String KNOWN = "instructions";

  private static final Arm64Isa ISA = new Arm64Isa();
  /// Most specific first.
  private static final List<A64Pattern> PATTERNS = Arm64Isa.patterns().stream().map(A64Pattern::of)
      .sorted(Comparator.comparingInt((A64Pattern p) -> Integer.bitCount(p.free() | p.ignored()))).toList();

  /// The strangers' preferred names of instructions whose page has another one (DDI0487 C6.2, "is an alias of").
  private static final Map<String, List<String>> ALIASES = Map.ofEntries(
      Map.entry("mov", List.of("ORR", "MOVZ", "MOVN", "ADD", "UMOV", "INS", "DUP")),
      Map.entry("movz", List.of("MOVZ")),
      Map.entry("hint", List.of("BTI")),
      Map.entry("cmp", List.of("SUBS")),
      Map.entry("cmn", List.of("ADDS")),
      Map.entry("tst", List.of("ANDS")),
      Map.entry("neg", List.of("SUB")),
      Map.entry("negs", List.of("SUBS")),
      Map.entry("mvn", List.of("ORN", "NOT")),
      Map.entry("sxtl", List.of("SSHLL")),
      Map.entry("sxtl2", List.of("SSHLL")),
      Map.entry("uxtl", List.of("USHLL")),
      Map.entry("uxtl2", List.of("USHLL")),
      Map.entry("ngc", List.of("SBC")),
      Map.entry("ngcs", List.of("SBCS")),
      Map.entry("lsl", List.of("UBFM", "LSLV")),
      Map.entry("lsr", List.of("UBFM", "LSRV")),
      Map.entry("asr", List.of("SBFM", "ASRV")),
      Map.entry("ror", List.of("EXTR", "RORV")),
      Map.entry("sxtb", List.of("SBFM")),
      Map.entry("sxth", List.of("SBFM")),
      Map.entry("sxtw", List.of("SBFM")),
      Map.entry("sbfx", List.of("SBFM")),
      Map.entry("sbfiz", List.of("SBFM")),
      Map.entry("uxtb", List.of("UBFM")),
      Map.entry("uxth", List.of("UBFM")),
      Map.entry("ubfx", List.of("UBFM")),
      Map.entry("ubfiz", List.of("UBFM")),
      Map.entry("bfi", List.of("BFM")),
      Map.entry("bfc", List.of("BFM")),
      Map.entry("bfxil", List.of("BFM")),
      Map.entry("mul", List.of("MADD")),
      Map.entry("mneg", List.of("MSUB")),
      Map.entry("smull", List.of("SMADDL")),
      Map.entry("smnegl", List.of("SMSUBL")),
      Map.entry("umull", List.of("UMADDL")),
      Map.entry("umnegl", List.of("UMSUBL")),
      Map.entry("cset", List.of("CSINC")),
      Map.entry("cinc", List.of("CSINC")),
      Map.entry("csetm", List.of("CSINV")),
      Map.entry("cinv", List.of("CSINV")),
      Map.entry("cneg", List.of("CSNEG")),
      Map.entry("rev64", List.of("REV")));

  /// Names in the hint space that have no row of their own.
  private static final Set<String> HINTS = Set.of(
      "yield", "esb", "psb", "tsb", "csdb", "bti", "dgh", "xpaclri", "pacia1716", "pacib1716", "autia1716", "autib1716",
      "paciaz", "paciasp", "pacibz",
      "pacibsp", "autiaz", "autiasp", "autibz", "autibsp");

  /// Another decoder of A64.
  enum Stranger {
    CAPSTONE {
      @Override
      List<Disassembler.@Nullable Line> read(int[] words) {
        Optional<AssemblerProvider> provider = ServiceLoader.load(AssemblerProvider.class).stream()
            .map(ServiceLoader.Provider::get).filter(p -> p.supports("aarch64")).findFirst();
        Assumptions.assumeTrue(provider.isPresent(), "no disassembler for aarch64 on the class path (module asm)");
        Disassembler capstone = provider.orElseThrow().disassembler("aarch64");
        List<Disassembler.@Nullable Line> lines = new ArrayList<>();
        for (int word : words) {
          lines.add(capstone.disassemble(bytes(word), 0, ADDRESS));
        }
        return lines;
      }

      @Override
      String target(long target) {
        return String.format("#0x%x", target);
      }
    },
    LLVM {
      @Override
      List<Disassembler.@Nullable Line> read(int[] words) {
        return Llvm.disassemble("aarch64-linux-gnu", FEATURES, Arrays.stream(words).mapToObj(Arm64WordsTest::bytes)
            .toList());
      }

      @Override
      String target(long target) {
        return "#" + (target - ADDRESS);
      }
    };

    /// What it makes of each word, null if that is no instruction to it.
    abstract List<Disassembler.@Nullable Line> read(int[] words);

    /// How it writes the target of a branch that stands at [#ADDRESS].
    abstract String target(long target);

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// A meant difference: strangers and words, kind, mnemonics they or else we give them, reason. Strangers and
  /// mnemonics are regular expressions.
  private record Meant(Pattern strangers, A64Pattern words, String kind, Pattern names, String reason) {
    boolean covers(Stranger stranger, int word, String difference, Disassembler.@Nullable Line line) {
      return difference.equals(kind)
          && strangers.matcher(stranger.toString()).matches()
          && (word & ~(words.free() | words.ignored())) == words.match()
          && names.matcher(line == null ? ours(word) : line.mnemonic()).matches();
    }
  }

  @ParameterizedTest
  @EnumSource
  void wordsAreTheInstructionsTheySee(Stranger stranger) {
    List<Meant> meant = meant();
    Findings all = new Findings();
    IntStream.range(0, PARTS).parallel().forEach(part -> all.add(compare(new Random(SEED + part), stranger, meant)));
    assertEquals(List.of(), all.shown(),
        "seed " + SEED + ", " + all.kinds() + " kinds:\n" + String.join("\n", all.shown()) + "\n");
    assertTrue(all.counted(KNOWN) > WORDS / 2,
        () -> all.counted(KNOWN) + " of " + WORDS + " words are " + KNOWN + " to " + stranger);
  }

  private static Findings compare(Random random, Stranger stranger, List<Meant> meant) {
    Findings findings = new Findings();
    for (int left = WORDS / PARTS; left > 0; left -= CHUNK) {
      int[] words = IntStream.range(0, Math.min(left, CHUNK)).map(i -> i % 4 == 0 ? random.nextInt() : mutated(random))
          .toArray();
      List<Disassembler.@Nullable Line> lines = stranger.read(words);
      for (int i = 0; i < words.length; i++) {
        int word = words[i];
        Disassembler.@Nullable Line line = lines.get(i);
        if (line != null) {
          findings.count(KNOWN);
        }
        String kind = difference(stranger, word, line);
        if (kind != null && meant.stream().noneMatch(m -> m.covers(stranger, word, kind, line))) {
          findings.difference(kind + " " + (line == null ? ours(word) : line.mnemonic()), show(stranger, word, line));
        }
      }
    }
    return findings;
  }

  @ParameterizedTest
  @EnumSource
  void everyMeantDifferenceIsReal(Stranger stranger) {
    Random random = new Random(SEED);
    List<String> idle = new ArrayList<>();
    for (Meant m : meant()) {
      if (!m.strangers.matcher(stranger.toString()).matches()) {
        continue;
      }
      int any = m.words.free() | m.words.ignored();
      int[] words = random.ints(20_000).map(w -> (w & any) | m.words.match()).toArray();
      List<Disassembler.@Nullable Line> lines = stranger.read(words);
      boolean real = IntStream.range(0, words.length).anyMatch(i -> {
        String kind = difference(stranger, words[i], lines.get(i));
        return kind != null && m.covers(stranger, words[i], kind, lines.get(i));
      });
      if (!real) {
        idle.add(m.kind + " " + m.words.name() + " " + m.names + ": " + m.reason);
      }
    }
    assertEquals(List.of(), idle);
  }

  /// A word of a row with up to two bits changed.
  private static int mutated(Random random) {
    A64Pattern p = PATTERNS.get(random.nextInt(PATTERNS.size()));
    int word = (random.nextInt() & p.free()) | p.match() | p.ignored();
    for (int flips = random.nextInt(3); flips > 0; flips--) {
      word ^= 1 << random.nextInt(32);
    }
    return word;
  }

  private static byte[] bytes(int word) {
    return new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)};
  }

  /// The kind of difference between us and a stranger, or null.
  private static @Nullable String difference(Stranger stranger, int word, Disassembler.@Nullable Line line) {
    Insn insn = ISA.classify(bytes(word), 0, 4, ADDRESS, Mode.CODE_64);
    if (insn == null || !Arm64Isa.executes(word)) {
      return line == null ? null : THEIRS_ONLY;
    }
    if (line == null) {
      return alone(word);
    }
    if (!sameName(ours(word), line.mnemonic())) {
      return NAME;
    }
    boolean sameTarget = insn.target() == 0 || line.operands().endsWith(stranger.target(insn.target()));
    return sameTarget ? null : TARGET;
  }

  /// Why we alone take a word for an instruction.
  private static String alone(int word) {
    A64Pattern p = row(word).orElseThrow();
    if ((p.ignored() & ~word) != 0) {
      return SHOULD_BE;
    }
    boolean twice = p.has("rt") && p.has("rn") && p.get(word, "rt") == p.get(word, "rn");
    boolean pair = p.has("rt2") && (p.get(word, "rt") == p.get(word, "rt2") || p.get(word, "rn") == p.get(word, "rt2"));
    return twice || pair ? SAME_REGISTER : OURS_ONLY;
  }

  /// Mnemonic of the row a word belongs to, by the patterns alone.
  private static String ours(int word) {
    return row(word).map(A64Pattern::mnemonic).orElse("");
  }

  private static Optional<A64Pattern> row(int word) {
    return PATTERNS.stream().filter(p -> (word & ~(p.free() | p.ignored())) == p.match()).findFirst();
  }

  private static boolean sameName(String ours, String theirs) {
    String upper = theirs.toUpperCase(Locale.ROOT);
    boolean store = ours.startsWith("LD") && upper.startsWith("ST") && upper.startsWith(ours.substring(2), 2);
    return upper.equals(ours.toUpperCase(Locale.ROOT))
        || upper.equals(ours + "2")
        || ALIASES.getOrDefault(theirs, List.of()).contains(ours)
        || (ours.equals("HINT") && HINTS.contains(theirs))
        || (ours.matches("LDA?X?R|STL?X?R|LDAPR") && upper.matches(ours + "[BH]"))
        || (ours.equals("B.cond") && theirs.startsWith("b."))
        || (ours.equals("BC.cond") && theirs.startsWith("bc."))
        || (ours.matches("CRC32.*") && upper.startsWith("CRC32")
            && upper.startsWith("CRC32C") == ours.startsWith("CRC32C"))
        || (ours.matches("LD(ADD|CLR|EOR|SET|[SU]M(AX|IN))|SWP|CASP?") && (upper.startsWith(ours) || store));
  }

  private static String show(Stranger stranger, int word, Disassembler.@Nullable Line line) {
    return String.format("%08x is %s to us, %s to %s", word,
        !Arm64Isa.executes(word) ? "nothing" : ours(word), line == null ? "nothing" : line.text(), stranger);
  }

  private static List<Meant> meant() {
    try {
      return Files.readAllLines(DIFFERENCES).stream().filter(l -> !l.isBlank() && !l.startsWith("#"))
          .map(Arm64WordsTest::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Meant parse(String line) {
    String[] cells = line.split("\t", 5);
    return new Meant(Pattern.compile(cells[0]), A64Pattern.of(new Arm64Isa.Pattern(cells[1], cells[1])), cells[2],
        Pattern.compile(cells[3]), cells[4]);
  }
}

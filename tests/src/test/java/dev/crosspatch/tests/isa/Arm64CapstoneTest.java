package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.arm64.Arm64Isa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What A64 words are, held against Capstone: which are instructions, which instruction, where a branch goes.
///
/// A quarter of the words are random, the others are words of our rows with up to two bits changed.
/// `-Dcrosspatch.words=N` and `-Dcrosspatch.seed=N` choose how many and which. Differences that are meant stand with
/// their reasons in `arm64-capstone-differences.tsv`.
class Arm64CapstoneTest {
  private static final int WORDS = Integer.getInteger("crosspatch.words", 1_000_000);
  /// Each with a Capstone of its own, so that all processors have work.
  private static final int PARTS = 8;
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final long ADDRESS = 0xffff_8000_1000_0000L;
  private static final int SHOWN = 40;
  private static final Path DIFFERENCES = Path.of("src", "test", "resources", "arm64-capstone-differences.tsv");

  /// Kinds of difference, as the file calls them.
  private static final String CAPSTONE_ONLY = "capstone-only";

  private static final String OURS_ONLY = "ours-only";
  /// Ours only, and a should-be-one bit is zero.
  private static final String SHOULD_BE = "should-be";
  /// Ours only, and the word names a register twice in a load or store.
  private static final String SAME_REGISTER = "same-register";
  private static final String NAME = "name";
  private static final String TARGET = "target";

  private static final Arm64Isa ISA = new Arm64Isa();
  /// Most specific first.
  private static final List<A64Pattern> PATTERNS = Arm64Isa.patterns().stream().map(A64Pattern::of)
      .sorted(Comparator.comparingInt((A64Pattern p) -> Integer.bitCount(p.free() | p.ignored()))).toList();

  /// Capstone's preferred names of instructions whose page has another one (DDI0487 C6.2, "is an alias of").
  private static final Map<String, List<String>> ALIASES = Map.ofEntries(
      Map.entry("mov", List.of("ORR", "MOVZ", "MOVN", "ADD", "UMOV", "INS", "DUP")),
      Map.entry("movz", List.of("MOVZ")),
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

  /// A meant difference: words, kind, mnemonics Capstone or else we give them (a regular expression), reason.
  private record Meant(A64Pattern words, String kind, Pattern names, String reason) {
    boolean covers(int word, String difference, Disassembler.@Nullable Line line) {
      return difference.equals(kind)
          && (word & ~(words.free() | words.ignored())) == words.match()
          && names.matcher(line == null ? ours(word) : line.mnemonic()).matches();
    }
  }

  private static Disassembler capstone() {
    Optional<AssemblerProvider> provider = ServiceLoader.load(AssemblerProvider.class).stream()
        .map(ServiceLoader.Provider::get).filter(p -> p.supports("aarch64")).findFirst();
    Assumptions.assumeTrue(provider.isPresent(), "no disassembler for aarch64 on the class path (module asm)");
    return provider.orElseThrow().disassembler("aarch64");
  }

  /// What a part of the words showed.
  private static final class Findings {
    private final Map<String, String> differences = new TreeMap<>();
    private int instructions;

    synchronized void add(Findings more) {
      more.differences.forEach(this::difference);
      instructions += more.instructions;
    }

    /// Keeps the same one of several of a kind, whichever thread is first.
    private void difference(String kind, String text) {
      differences.merge(kind, text, (a, b) -> a.compareTo(b) < 0 ? a : b);
    }
  }

  @Test
  void wordsAreTheInstructionsCapstoneSees() {
    List<Meant> meant = meant();
    Findings all = new Findings();
    IntStream.range(0, PARTS).parallel().forEach(part -> all.add(compare(new Random(SEED + part), meant)));
    List<String> shown = all.differences.values().stream().limit(SHOWN).toList();
    assertEquals(List.of(), shown,
        "seed " + SEED + ", " + all.differences.size() + " kinds:\n" + String.join("\n", shown) + "\n");
    assertTrue(all.instructions > WORDS / 2, all.instructions + " of " + WORDS + " words are instructions to Capstone");
  }

  private static Findings compare(Random random, List<Meant> meant) {
    Findings findings = new Findings();
    Disassembler capstone = capstone();
    for (int i = 0; i < WORDS / PARTS; i++) {
      int word = i % 4 == 0 ? random.nextInt() : mutated(random);
      Disassembler.@Nullable Line line = capstone.disassemble(bytes(word), 0, ADDRESS);
      findings.instructions += line == null ? 0 : 1;
      String kind = difference(word, line);
      if (kind != null && meant.stream().noneMatch(m -> m.covers(word, kind, line))) {
        findings.difference(kind + " " + (line == null ? ours(word) : line.mnemonic()), show(word, line));
      }
    }
    return findings;
  }

  @Test
  void everyMeantDifferenceIsReal() {
    Disassembler capstone = capstone();
    Random random = new Random(SEED);
    List<String> idle = new ArrayList<>();
    for (Meant m : meant()) {
      boolean real = false;
      for (int i = 0; i < 20_000 && !real; i++) {
        int word = (random.nextInt() & (m.words.free() | m.words.ignored())) | m.words.match();
        Disassembler.@Nullable Line line = capstone.disassemble(bytes(word), 0, ADDRESS);
        String kind = difference(word, line);
        real = kind != null && m.covers(word, kind, line);
      }
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

  /// The kind of difference between us and Capstone, or null.
  private static @Nullable String difference(int word, Disassembler.@Nullable Line line) {
    Insn insn = ISA.classify(bytes(word), 0, 4, ADDRESS, Mode.CODE_64);
    if (insn == null || !Arm64Isa.executes(word)) {
      return line == null ? null : CAPSTONE_ONLY;
    }
    if (line == null) {
      return alone(word);
    }
    if (!sameName(ours(word), line.mnemonic())) {
      return NAME;
    }
    boolean sameTarget = insn.target() == 0 || line.operands().endsWith(String.format("#0x%x", insn.target()));
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

  private static String show(int word, Disassembler.@Nullable Line line) {
    return String.format("%08x is %s to us, %s to Capstone", word,
        !Arm64Isa.executes(word) ? "nothing" : ours(word), line == null ? "nothing" : line.text());
  }

  private static List<Meant> meant() {
    try {
      return Files.readAllLines(DIFFERENCES).stream().filter(l -> !l.isBlank() && !l.startsWith("#"))
          .map(Arm64CapstoneTest::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Meant parse(String line) {
    String[] cells = line.split("\t", 4);
    return new Meant(A64Pattern.of(new Arm64Isa.Pattern(cells[0], cells[0])), cells[1],
        Pattern.compile(cells[2]), cells[3]);
  }
}

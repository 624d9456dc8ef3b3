package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.x86.X86Isa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How long x86-64 instructions are to a tracer, whoever made the CPU that ran them: what a stranger's decoder takes
/// for an instruction has the same length to us. The strangers are LLVM ([Llvm]), libipt (`iptlength.c`) and
/// Capstone, the strings [X86LengthStrings]; `-Dcrosspatch.lengths=N` and `-Dcrosspatch.seed=N` choose how many and
/// which. Differences that are meant stand with their reasons in `x86-length-differences.tsv`. What only we take for an
/// instruction is no difference: our rows cover whole ranges of opcodes.
class X86LengthTest {
  private static final int STRINGS = Integer.getInteger("crosspatch.lengths", 100_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int SHOWN = 40;
  private static final Path DIFFERENCES = Path.of("src", "test", "resources", "x86-length-differences.tsv");
  private static final long ADDRESS = 0xffff_ffff_8100_0000L;

  /// What LLVM and Capstone call prefixes that they do not take for a part of an instruction.
  private static final Set<String> PREFIXES = Set.of("lock", "rep", "repe", "repne", "data16", "addr32", "rex64", "cs",
      "ds", "es", "ss", "fs", "gs",
      "xacquire", "xrelease");

  // ---- kinds of difference, as the file calls them: no instruction to us, and of another length
  private static final String NOTHING = "nothing";
  private static final String LENGTH = "length";

  private static final X86Isa ISA = new X86Isa();

  /// What a stranger makes of a string: length, 0 if it is no instruction, and mnemonic, if it tells one.
  private record Theirs(int length, String name) {}

  private interface Stranger {
    List<Theirs> measure(List<byte[]> strings);
  }

  /// A meant difference.
  private record Meant(String stranger, String kind, Pattern bytes, Pattern name, String example, String reason) {
    boolean covers(String who, byte[] code, Theirs theirs) {
      return who.equals(stranger) && kind.equals(length(code) == 0 ? NOTHING : LENGTH)
          && name.matcher(theirs.name).matches() && bytes.matcher(HexFormat.of().formatHex(code)).lookingAt();
    }
  }

  @Test
  void lengthsAreLlvms() {
    compare("llvm", X86LengthTest::llvm);
  }

  @Test
  void lengthsAreLibipts() {
    compare("libipt", X86LengthTest::libipt);
  }

  @Test
  void lengthsAreCapstones() {
    compare("capstone", X86LengthTest::capstone);
  }

  private static void compare(String who, Stranger stranger) {
    X86LengthStrings source = new X86LengthStrings(new Random(SEED));
    List<byte[]> strings = new ArrayList<>();
    for (int i = 0; i < STRINGS; i++) {
      strings.add(source.next());
    }
    List<Theirs> theirs = stranger.measure(strings);
    List<Meant> meant = meant();
    Map<String, String> differences = new TreeMap<>();
    int known = 0;
    for (int i = 0; i < STRINGS; i++) {
      byte[] code = strings.get(i);
      Theirs t = theirs.get(i);
      known += t.length == 0 ? 0 : 1;
      if (differs(code, t) && meant.stream().noneMatch(m -> m.covers(who, code, t))) {
        differences.merge(kind(code, t), tell(code, t), (a, b) -> a.compareTo(b) < 0 ? a : b);
      }
    }
    List<String> shown = differences.values().stream().limit(SHOWN).toList();
    assertTrue(shown.isEmpty(),
        () -> who + ", seed " + SEED + ", " + differences.size() + " kinds:\n" + String.join("\n", shown));
    assertTrue(known > STRINGS / 5, known + " of " + STRINGS + " strings are instructions to " + who);
  }

  /// Every meant difference is one.
  @ParameterizedTest
  @ValueSource(strings = {"llvm", "libipt", "capstone"})
  void everyMeantDifferenceIsReal(String who) {
    List<Meant> all = meant().stream().filter(m -> m.stranger.equals(who)).toList();
    List<byte[]> examples = all.stream()
        .map(m -> Arrays.copyOf(HexFormat.of().parseHex(m.example), X86LengthStrings.BYTES)).toList();
    List<Theirs> theirs = stranger(who).measure(examples);
    List<String> idle = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      byte[] code = examples.get(i);
      Theirs t = theirs.get(i);
      if (!differs(code, t) || !all.get(i).covers(who, code, t)) {
        idle.add(all.get(i).reason + ": " + tell(code, t));
      }
    }
    assertEquals(List.of(), idle);
    assertTrue(all.size() > 3, who);
  }

  private static Stranger stranger(String name) {
    return switch (name) {
      case "llvm" -> X86LengthTest::llvm;
      case "libipt" -> X86LengthTest::libipt;
      case "capstone" -> X86LengthTest::capstone;
      default -> throw new IllegalArgumentException(DIFFERENCES + ": unknown stranger " + name);
    };
  }

  private static boolean differs(byte[] code, Theirs theirs) {
    return theirs.length != 0 && length(code) != theirs.length;
  }

  /// Ours, 0 for what is no instruction.
  private static int length(byte[] code) {
    Insn insn = ISA.classify(code, 0, code.length, ADDRESS, Mode.CODE_64);
    return insn == null ? 0 : insn.length();
  }

  private static String kind(byte[] code, Theirs theirs) {
    return String.format("%s %02x %02x %s", theirs.name, code[0], code[1], length(code) == 0 ? NOTHING : LENGTH);
  }

  private static String tell(byte[] code, Theirs theirs) {
    return HexFormat.of().formatHex(code) + " has " + length(code) + " bytes, theirs " + theirs.length + " ("
        + theirs.name + ")";
  }

  private static List<Theirs> llvm(List<byte[]> strings) {
    return Llvm.disassemble("x86_64-linux-gnu", "", strings).stream().map(X86LengthTest::theirs).toList();
  }

  private static List<Theirs> libipt(List<byte[]> strings) {
    Path program = Oracles.compile("iptlength", "intel-pt.h", "libipt-dev", "-lipt");
    return Oracles.run(List.of(program.toString()), strings).stream()
        .map(line -> new Theirs(Integer.parseInt(line), "-")).toList();
  }

  private static List<Theirs> capstone(List<byte[]> strings) {
    Optional<AssemblerProvider> provider = ServiceLoader.load(AssemblerProvider.class).stream()
        .map(ServiceLoader.Provider::get).filter(p -> p.supports("x86-64")).findFirst();
    Assumptions.assumeTrue(provider.isPresent(), "no disassembler for x86-64 on the class path (module asm)");
    Disassembler capstone = provider.orElseThrow().disassembler("x86-64");
    return strings.stream().map(code -> theirs(capstone.disassemble(code, 0, ADDRESS))).toList();
  }

  private static Theirs theirs(Disassembler.@Nullable Line line) {
    return line == null || PREFIXES.contains(line.mnemonic())
        ? new Theirs(0, "-") : new Theirs(line.length(), line.mnemonic());
  }

  private static List<Meant> meant() {
    try {
      return Files.readAllLines(DIFFERENCES).stream().filter(l -> !l.isBlank() && !l.startsWith("#"))
          .map(X86LengthTest::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Meant parse(String line) {
    String[] cells = line.split("\t", 6);
    return new Meant(cells[0], cells[1], Pattern.compile(cells[2]), Pattern.compile(cells[3]), cells[4], cells[5]);
  }
}

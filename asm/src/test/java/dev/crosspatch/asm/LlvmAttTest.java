package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Disassembler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Instructions in AT&T syntax as GNU as, whose manual defines it, and LLVM read them. Where the two agree we must;
/// where they do not, with one of them. Bytes agree if Capstone reads the same instruction in them. What is meant to
/// differ stands with its reason in `att-differences.txt`. `-Dcrosspatch.operands=N` and `-Dcrosspatch.seed=N` choose
/// how many lines and which.
class LlvmAttTest {
  private static final int LINES = Integer.getInteger("crosspatch.operands", 6000);
  private static final long SEED = Long.getLong("crosspatch.seed", 19790608L);
  private static final int SHOWN = 60;
  private static final Pattern COMMENT = Pattern.compile("#.*");

  /// Both strangers leave the distance of such a number to a linker.
  private static final Pattern RELATIVE = Pattern.compile("(.* )?(j\\w+|call[wlq]?|loop\\w*|xbegin[wlq]?) [-0-9].*");

  private static final Assembler ATT = new KeystoneProvider().assembler(TestAssemblers.X86_64, Syntax.ATT);
  private static final Disassembler CAPSTONE = new KeystoneProvider().disassembler(TestAssemblers.X86_64);

  /// A meant difference.
  ///
  /// @param kind    `theirs-only` (both strangers take it, we do not), `ours-only` or `bytes`
  /// @param line    which lines, a regular expression
  /// @param example one of them
  private record Meant(String kind, Pattern line, String example) {
    boolean covers(String difference, String text) {
      return kind.equals(difference) && line.matcher(text).matches();
    }
  }

  @TempDir Path directory;

  @BeforeEach
  void needStrangers() {
    assumeTrue(LlvmTest.isInstalled(), "llvm-mc is not installed");
    assumeTrue(GnuAs.isInstalled(), "GNU as for x86-64 is not installed");
  }

  private static List<Meant> meant() {
    return rows("att-differences.txt").map(line -> line.split("\t", 4))
        .map(cells -> new Meant(cells[0], Pattern.compile(cells[1]), cells[2])).toList();
  }

  private static Stream<String> rows(String resource) {
    return TestAssemblers.resource(resource).lines().filter(l -> !l.isBlank() && !l.startsWith("//"));
  }

  /// What LLVM writes in AT&T syntax for `lines` in Intel's, without those it refuses.
  private List<String> translated(List<String> lines) throws IOException, InterruptedException {
    Process llvm = new ProcessBuilder(LlvmTest.command(TestAssemblers.X86_64, "--output-asm-variant=0"))
        .redirectError(directory.resolve("e").toFile()).start();
    try (var in = llvm.outputWriter(StandardCharsets.US_ASCII)) {
      for (String line : lines) {
        in.write(line + "\n");
      }
    }
    String output = new String(llvm.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    llvm.waitFor();
    return output.lines().map(l -> COMMENT.matcher(l).replaceAll("").replaceAll("\\s+", " ").strip())
        .filter(l -> !l.isEmpty() && !l.startsWith(".") && !RELATIVE.matcher(l).matches()).distinct().toList();
  }

  /// All known instructions of Intel's syntax but those that say where they lead: both strangers leave such a number to
  /// the linker.
  private static List<String> intel() {
    return TestAssemblers.rows(TestAssemblers.X86_64).stream().map(TestAssemblers.Row::text)
        .filter(text -> !LlvmTest.RELATIVE.matcher(text).matches()).toList();
  }

  @Test
  void takesWhatLlvmWrites() throws Exception {
    List<String> lines = translated(Stream.concat(intel().stream(),
        new OperandForms(TestAssemblers.X86_64, intel(), new Random(SEED)).lines(LINES).stream()).toList());
    int same = compare(lines);
    assertTrue(lines.size() > Math.min(LINES / 5, 1500) && same > lines.size() * 4 / 5,
        same + " of " + lines.size() + " lines");
  }

  @Test
  void takesTheNamesOfAttSyntax() throws Exception {
    List<String> lines = rows("instructions.att.txt").toList();
    assertTrue(lines.size() > 330, lines.size() + " lines");
    assertEquals(List.of(), lines.stream().map(LlvmAttTest::hex).filter(hex -> hex.startsWith("(")).toList());
    int same = compare(lines);
    assertTrue(same > lines.size() - lines.size() / 50,
        same + " of " + lines.size() + " are instructions to all three");
  }

  @Test
  void takesNothingThatIsNone() throws Exception {
    List<String> seeds = new ArrayList<>(rows("instructions.att.txt").toList());
    seeds.addAll(translated(intel()));
    List<String> lines = new AttForms(seeds, new Random(SEED)).lines(LINES).stream()
        .filter(l -> !RELATIVE.matcher(l).matches()).toList();
    int same = compare(lines);
    // All lines differ, so the share of instructions falls with their number: of 100,000 they were 15,563.
    assertTrue(seeds.size() > 700 && same > Math.min(LINES / 5, 10_000),
        same + " of " + lines.size() + " lines from " + seeds.size());
  }

  @Test
  void everyMeantDifferenceIsReal() throws Exception {
    List<String> examples = meant().stream().map(Meant::example).toList();
    List<String> gnu = GnuAs.encode(directory, examples);
    List<String> llvm = llvm(examples);
    for (int i = 0; i < examples.size(); i++) {
      String kind = kind(hex(examples.get(i)), gnu.get(i), llvm.get(i));
      assertTrue(meant().get(i).covers(kind, examples.get(i)), examples.get(i) + " is " + kind);
    }
  }

  private List<String> llvm(List<String> lines) throws IOException, InterruptedException {
    return LlvmTest.encode(directory, List.of("llvm-mc", "--triple=x86_64", "-show-encoding"), lines);
  }

  /// How many lines are instructions to all three.
  private int compare(List<String> lines) throws Exception {
    List<String> gnu = GnuAs.encode(directory, lines);
    List<String> llvm = llvm(lines);
    List<Meant> meant = meant();
    Map<String, String> differences = new TreeMap<>();
    int same = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String ours = hex(line);
      String kind = kind(ours, gnu.get(i), llvm.get(i));
      same += kind.isEmpty() && !ours.startsWith("(") && !gnu.get(i).isEmpty() && !llvm.get(i).isEmpty() ? 1 : 0;
      if (!kind.isEmpty() && !isCut(line, ours, gnu.get(i), llvm.get(i))
          && meant.stream().noneMatch(m -> m.covers(kind, line))) {
        differences.put(line, kind + ": " + line + ": " + ours + ", GNU " + gnu.get(i) + ", LLVM " + llvm.get(i));
      }
    }
    assertEquals(List.of(), differences.values().stream().limit(SHOWN).toList(),
        differences.size() + " of " + lines.size() + ", seed " + SEED);
    return same;
  }

  /// Whether all that keeps us from agreeing is a number that is too wide for its field, and which both strangers cut
  /// off; GNU as warns of some.
  private static boolean isCut(String line, String ours, String gnu, String llvm) {
    @Nullable String narrow = TooWide.cut(ours, line);
    return narrow != null && kind(hex(narrow), gnu, llvm).isEmpty();
  }

  private static String kind(String ours, String gnu, String llvm) {
    if (ours.startsWith("(")) {
      return gnu.isEmpty() || llvm.isEmpty() ? "" : "theirs-only";
    }
    if (ours.equals(gnu) || ours.equals(llvm) || meaning(ours).equals(meaning(gnu))
        || meaning(ours).equals(meaning(llvm))) {
      return "";
    }
    return gnu.isEmpty() && llvm.isEmpty() ? "ours-only" : "bytes";
  }

  /// What Capstone reads, or the bytes where it does not know all of them as one instruction. Overrides with CS, DS, ES
  /// and SS are ignored in 64-bit mode (SDM volume 1, 3.3.7.1).
  static String meaning(String hex) {
    byte[] code = HexFormat.of().parseHex(hex.matches("[0-9a-f]*") ? hex : "");
    Disassembler.Line line = code.length == 0 ? null : CAPSTONE.disassemble(code, 0, 0);
    return line == null || line.length() != code.length ? hex : ordered(line);
  }

  /// Both orders of the operands of XCHG are one instruction (SDM volume 2D, XCHG).
  private static String ordered(Disassembler.Line line) {
    String[] operands = line.operands().replaceAll("\\b[cdes]s:", "").split(", ", -1);
    if (line.mnemonic().endsWith("xchg")) {
      Arrays.sort(operands);
    }
    return line.mnemonic() + " " + String.join(", ", operands);
  }

  private static String hex(String line) {
    try {
      return HexFormat.of().formatHex(ATT.assemble(0, line));
    } catch (AssemblyException e) {
      return "(" + e.getMessage() + ")";
    }
  }
}

package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.asm.AssemblyException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Instructions with operands of every class, width and range: taken if LLVM's assembler takes them, and to the same
/// bytes. Differences that are meant stand with their reasons in `operand-differences.txt`. `-Dcrosspatch.operands=N`
/// and `-Dcrosspatch.seed=N` choose how many lines and which.
class LlvmOperandTest {
  private static final int LINES = Integer.getInteger("crosspatch.operands", 5000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int SHOWN = 40;

  /// A meant difference.
  ///
  /// @param kind    `llvm-only`, `ours-only` or `bytes`
  /// @param line    which lines, a regular expression
  /// @param example one of them
  private record Meant(String isa, String kind, Pattern line, String example, String reason) {
    boolean covers(String theIsa, String difference, String text) {
      return isa.equals(theIsa) && kind.equals(difference) && line.matcher(text).matches();
    }
  }

  @TempDir Path directory;

  @BeforeEach
  void needLlvm() {
    assumeTrue(LlvmTest.isInstalled(), "llvm-mc is not installed");
  }

  private static List<Meant> meant() {
    return TestAssemblers.resource("operand-differences.txt").lines().filter(l -> !l.isBlank() && !l.startsWith("//"))
        .map(LlvmOperandTest::parse).toList();
  }

  private static Meant parse(String line) {
    String[] cells = line.split("\t", 5);
    return new Meant(cells[0], cells[1], Pattern.compile(cells[2]), cells[3], cells[4]);
  }

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void takesWhatLlvmTakes(String isa) throws Exception {
    List<String> seeds = TestAssemblers.rows(isa).stream().map(TestAssemblers.Row::text)
        .filter(text -> !LlvmTest.RELATIVE.matcher(text).matches()).toList();
    List<String> lines = new OperandForms(isa, seeds, new Random(SEED)).lines(LINES);
    List<String> theirs = LlvmTest.encode(directory, isa, lines);
    List<Meant> meant = meant();
    Map<String, String> differences = new TreeMap<>();
    int same = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String ours = hex(isa, line);
      String kind = kind(ours, theirs.get(i));
      same += kind.isEmpty() && !ours.isEmpty() ? 1 : 0;
      if (!kind.isEmpty() && !isCut(isa, line, theirs.get(i))
          && meant.stream().noneMatch(m -> m.covers(isa, kind, line))) {
        differences.put(kind + " " + line,
            kind + ": " + line + " is " + ours + " to us, " + theirs.get(i) + " to LLVM");
      }
    }
    assertEquals(List.of(), differences.values().stream().limit(SHOWN).toList(), differences.size() + ", seed " + SEED);
    assertTrue(same > LINES / 10, same + " of " + LINES + " lines are instructions to both");
  }

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void everyMeantDifferenceIsReal(String isa) throws Exception {
    List<Meant> own = meant().stream().filter(m -> m.isa.equals(isa)).toList();
    List<String> examples = own.stream().map(Meant::example).toList();
    List<String> theirs = LlvmTest.encode(directory, isa, examples);
    for (int i = 0; i < examples.size(); i++) {
      String kind = kind(hex(isa, examples.get(i)), theirs.get(i));
      assertTrue(own.get(i).covers(isa, kind, examples.get(i)),
          own.get(i) + " is " + (kind.isEmpty() ? "no difference" : kind));
    }
  }

  /// Whether all that keeps us from agreeing are numbers that are too wide for their fields, and which LLVM cuts off:
  /// then the same instruction, if not in the same bytes, since LLVM takes no short form for the number that it leaves.
  private static boolean isCut(String isa, String line, String llvm) {
    String refusal = refusal(isa, line);
    @Nullable String narrow = TooWide.cut(refusal, line);
    if (narrow == null || llvm.isEmpty()) {
      return false;
    }
    String ours = hex(isa, narrow);
    boolean x86 = isa.equals(TestAssemblers.X86_64);
    boolean same = ours.equals(llvm) || (x86 && TooWide.cutAll(refusal, LlvmAttTest.meaning(ours))
        .equals(TooWide.cutAll(refusal, LlvmAttTest.meaning(llvm))));
    return same || isCut(isa, narrow, llvm);
  }

  private static String kind(String ours, String theirs) {
    if (ours.equals(theirs)) {
      return "";
    }
    return ours.isEmpty() ? "llvm-only" : theirs.isEmpty() ? "ours-only" : "bytes";
  }

  /// Empty if it is refused.
  private static String hex(String isa, String line) {
    try {
      return HexFormat.of().formatHex(TestAssemblers.assembler(isa).assemble(0, line));
    } catch (AssemblyException e) {
      return "";
    }
  }

  /// The message it is refused with, or empty.
  private static String refusal(String isa, String line) {
    try {
      TestAssemblers.assembler(isa).assemble(0, line);
      return "";
    } catch (AssemblyException e) {
      return Objects.requireNonNullElse(e.getMessage(), "");
    }
  }
}

package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.tests.oracle.Llvm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/// What x86-64 bytes are, held against LLVM: which are instructions, how long, which instruction with which operands,
/// as [X86Normal] reads both.
///
/// The strings come from [X86CapstoneStrings]; `-Dcrosspatch.llvm=N` and `-Dcrosspatch.seed=N` choose how many and
/// which. Of instructions that are not implemented nothing is compared, their lengths are `X86LengthTest`'s.
/// Differences that are meant stand with their reasons in `x86-llvm-differences.tsv`.
class X86LlvmTest {
  private static final int STRINGS = Integer.getInteger("crosspatch.llvm", 300_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  /// Each with a source of strings of its own, so that all processors have work.
  private static final int PARTS = 8;
  /// Strings that LLVM is given at a time.
  private static final int CHUNK = 25_000;
  private static final int BYTES = 15;
  private static final String TRIPLE = "x86_64-linux-gnu";
  private static final String DIFFERENCES = "x86-llvm-differences.tsv";
  /// What is counted.
  private static final String KNOWN = "instructions to LLVM";

  private static final String COMPARED = "compared with their operands";

  /// What LLVM calls prefixes that it does not take for a part of an instruction.
  private static final Set<String> PREFIXES = Set.of("lock", "rep", "repe", "repne", "data16", "addr32", "rex64", "cs",
      "ds", "es", "ss", "fs", "gs", "xacquire", "xrelease");

  // ---- kinds of difference, as the file calls them
  private static final String LLVM_ONLY = "llvm-only";
  private static final String OURS_ONLY = "ours-only";
  private static final String LENGTH = "length";
  private static final String TEXT = "text";

  private static final X86Isa ISA = new X86Isa();

  /// The bytes, what they are to us (null if nothing, or cut off), and to LLVM.
  private record Sample(byte[] code, @Nullable Insn ours, String row, Disassembler.@Nullable Line theirs) {
    static Sample of(byte[] code, Disassembler.@Nullable Line theirs) {
      String row = X86Isa.rowOf(code, 0, code.length);
      return new Sample(code, ISA.classify(code, 0, code.length, 0, Mode.CODE_64), row == null ? "" : row,
          theirs != null && PREFIXES.containsAll(List.of(theirs.text().split("\\s+", -1))) ? null : theirs);
    }

    /// Known to a tracer, but not to the processors at hand.
    boolean foreign() {
      return row.contains("| *") || (row.isEmpty() && ours != null);
    }

    String hex() {
      return HexFormat.of().formatHex(code);
    }

    /// LLVM's name without prefixes, or `-`.
    String name() {
      return theirs == null ? "-" : X86Normal.of(theirs.text(), 0).name();
    }

    /// Our own text, where nobody else has a say.
    String text() {
      Disassembler.Line line = ISA.text(code, 0, code.length, 0, Mode.CODE_64, null);
      return line == null ? "nothing" : line.text();
    }

    boolean sameText() {
      return ours != null && theirs != null
          && X86Normal.of(text(), ours.length()).same(X86Normal.of(theirs.text(), 0));
    }

    @Override
    public String toString() {
      return hex() + " is " + (ours == null ? "nothing" : ours.length() + " bytes, " + text() + ", " + row) + " to us, "
          + (theirs == null ? "nothing" : theirs.length() + " bytes, " + theirs.text()) + " to LLVM";
    }
  }

  @Test
  void bytesAreTheInstructionsLlvmSees(TestReporter reporter) {
    List<X86Meant> meant = X86Meant.all(DIFFERENCES);
    Findings all = new Findings();
    IntStream.range(0, PARTS).parallel().forEach(part -> all.add(compare(new Random(SEED + part), meant)));
    reporter.publishEntry(STRINGS + " strings, seed " + SEED + ": " + all.counted(KNOWN) + " " + KNOWN + ", "
        + all.counted(COMPARED) + " " + COMPARED);
    assertTrue(all.kinds() == 0,
        () -> "seed " + SEED + ", " + all.kinds() + " kinds:\n" + String.join("\n", all.shown()) + "\n");
    assertTrue(all.counted(KNOWN) > STRINGS / 2, all.counted(KNOWN) + " of " + STRINGS + " strings are " + KNOWN);
    assertTrue(all.counted(COMPARED) > STRINGS / 4, all.counted(COMPARED) + " of " + STRINGS + " " + COMPARED);
  }

  private static Findings compare(Random random, List<X86Meant> meant) {
    Findings findings = new Findings();
    X86CapstoneStrings strings = new X86CapstoneStrings(random);
    for (int left = STRINGS / PARTS; left > 0; left -= CHUNK) {
      List<byte[]> chunk = new ArrayList<>();
      for (int i = 0; i < Math.min(left, CHUNK); i++) {
        byte[] code = strings.next();
        String row = X86Isa.rowOf(code, 0, code.length);
        if (row != null && !row.contains("| *")) {
          strings.keep(row, code);
        }
        chunk.add(code);
      }
      List<Disassembler.@Nullable Line> lines = llvm(chunk);
      for (int i = 0; i < chunk.size(); i++) {
        compare(Sample.of(chunk.get(i), lines.get(i)), meant, findings);
      }
    }
    return findings;
  }

  /// What LLVM makes of strings; LOCK at the beginning, which it takes for an instruction, is put to what follows.
  private static List<Disassembler.@Nullable Line> llvm(List<byte[]> strings) {
    List<Disassembler.@Nullable Line> lines = new ArrayList<>(Llvm.disassemble(TRIPLE, "", strings));
    List<Integer> locked = IntStream.range(0, lines.size()).filter(i -> isLock(lines.get(i))).boxed().toList();
    if (!locked.isEmpty()) {
      List<byte[]> rest = locked.stream().map(i -> Arrays.copyOfRange(strings.get(i), 1, BYTES + 1)).toList();
      List<Disassembler.@Nullable Line> behind = Llvm.disassemble(TRIPLE, "", rest);
      for (int i = 0; i < locked.size(); i++) {
        Disassembler.Line line = behind.get(i);
        lines.set(locked.get(i),
            line == null ? null : new Disassembler.Line(0, 1 + line.length(), "lock", line.text()));
      }
    }
    return lines;
  }

  private static boolean isLock(Disassembler.@Nullable Line line) {
    return line != null && line.length() == 1 && line.text().strip().equals("lock");
  }

  private static void compare(Sample s, List<X86Meant> meant, Findings findings) {
    if (s.theirs != null) {
      findings.count(KNOWN);
    }
    if (s.ours != null && s.theirs != null && !s.foreign()) {
      findings.count(COMPARED);
    }
    String kind = difference(s);
    if (kind != null && meant.stream().noneMatch(m -> m.covers(kind, s.hex(), s.name()))) {
      findings.difference(kind + " " + s.name() + " " + s.row, kind + ": " + s);
    }
  }

  @Test
  void everyMeantDifferenceIsReal() {
    List<X86Meant> meant = X86Meant.all(DIFFERENCES);
    List<byte[]> examples =
        meant.stream().map(m -> Arrays.copyOf(HexFormat.of().parseHex(m.example()), BYTES)).toList();
    List<Disassembler.@Nullable Line> lines = llvm(examples);
    List<String> idle = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      Sample s = Sample.of(examples.get(i), lines.get(i));
      String kind = difference(s);
      if (kind == null || !meant.get(i).covers(kind, s.hex(), s.name())) {
        idle.add(meant.get(i).reason() + ": " + s);
      }
    }
    assertEquals(List.of(), idle);
  }

  /// The kind of difference between us and LLVM, or null.
  private static @Nullable String difference(Sample s) {
    if (s.theirs == null) {
      return s.ours == null || s.foreign() ? null : OURS_ONLY;
    }
    if (s.ours == null) {
      return LLVM_ONLY;
    }
    if (s.foreign()) {
      return null;
    }
    if (s.ours.length() != s.theirs.length()) {
      return LENGTH;
    }
    return s.sameText() ? null : TEXT;
  }
}

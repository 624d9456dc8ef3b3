package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.asm.Syntax;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Instructions in AT&T syntax as LLVM writes and reads them. `-Dcrosspatch.operands=N` and `-Dcrosspatch.seed=N` choose how many lines and
/// which.
class LlvmAttTest {
  private static final int LINES = Integer.getInteger("crosspatch.operands", 6000);
  private static final long SEED = Long.getLong("crosspatch.seed", 19790608L);
  private static final int SHOWN = 60;
  private static final Pattern COMMENT = Pattern.compile("#.*");

  /// What we refuse and LLVM takes, by our reason, or by the line where that says too little; `operand-differences.txt` tells why.
  private static final Pattern REFUSED = Pattern.compile(
      "does not fit|'bnd0'|#UD|repeats string instructions only|64-bit mode|does not tell the size|is always \\[|invalid operand: (invlpg\\)|la[rl]|lsl|movdir64b|mov.*%dr8|vpxorq)|unknown mnemonic: (iret|lret|ret|pushf|popf)w"
          + "|unknown mnemonic: (syscal|vmcal|fch|clt|cbt|cwt|xlat|cmpxchg16|l?cal|ljmp|lcall)|that Keystone does not offer|not of 'l?cal'");

  /// What LLVM makes other bytes of that mean the same, or refuses although it is right.
  private static final Pattern OTHERWISE = Pattern.compile("(notrack )?(jmp|call)q? -?\\d+|.*%[c-gs]s:.*|.*\\(%e.*|xchg.*|mov[wl]? .*%[c-gs]s\\b.*|ud2b|lock \\w+w .*");

  private static final List<String> SUFFIXES = List.of("b", "w", "l", "q", "s", "");
  private static final List<String> OPERANDS = List.of(
      "%al", "%ah", "%sil", "%r9b", "%dx", "%cx", "%r10w", "%eax", "%r11d", "%rax", "%r15", "%rsp", "%cl", "%xmm3", "%ymm9", "%mm2", "%st", "%st(2)", "%cr0", "%fs",
      "%rip", "(%rax)", "(%rsp)", "(%rip)", "8(%r13)", "-8(%rbp,%r12,4)", "(,%rcx,8)", "(%rax,%rsp)", "(%rax,%rcx,3)", "(%eax)", "(%rax,%ecx)", "(%ax)", "%gs:(%rdi)", "%fs:40",
      "4096", "-16", "*%rax", "*(%rax)", "*%ecx", "$1", "$-1", "$127", "$128", "$255", "$-129", "$65535", "$-2147483648", "$2147483648", "$4294967295",
      "$4294967296", "%es:(%rdi)", "(%rsi)", "%riz", "");

  private static final Assembler ATT = new KeystoneProvider().assembler(TestAssemblers.X86_64, Syntax.ATT);

  @TempDir Path directory;

  @BeforeEach
  void needLlvm() {
    assumeTrue(LlvmTest.isInstalled(), "llvm-mc is not installed");
  }

  /// What LLVM writes in AT&T syntax for `lines` in Intel's, without those it refuses.
  private List<String> translated(List<String> lines) throws IOException, InterruptedException {
    Process llvm = new ProcessBuilder(LlvmTest.command(TestAssemblers.X86_64, "--output-asm-variant=0")).redirectError(directory.resolve("e").toFile()).start();
    try (var in = llvm.outputWriter(StandardCharsets.US_ASCII)) {
      for (String line : lines) {
        in.write(line + "\n");
      }
    }
    String output = new String(llvm.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    llvm.waitFor();
    return output.lines().map(l -> COMMENT.matcher(l).replaceAll("").replace('\t', ' ').strip()).filter(l -> !l.isEmpty() && !l.startsWith(".")).toList();
  }

  private List<String> encode(List<String> lines) throws IOException, InterruptedException {
    List<String> source = new ArrayList<>(List.of(".att_syntax"));
    source.addAll(lines);
    return LlvmTest.encode(directory, TestAssemblers.X86_64, source).subList(1, source.size());
  }

  private static List<String> seeds() {
    return TestAssemblers.resource("instructions.att.txt").lines().filter(l -> !l.startsWith("//")).toList();
  }

  @Test
  void takesWhatLlvmWrites() throws Exception {
    List<String> known = TestAssemblers.rows(TestAssemblers.X86_64).stream().map(TestAssemblers.Row::text).filter(text -> !LlvmTest.RELATIVE.matcher(text).matches()).toList();
    List<String> intel = new ArrayList<>(known);
    intel.addAll(new OperandForms(TestAssemblers.X86_64, known, new Random(SEED)).lines(LINES));
    List<String> lines = translated(intel).stream().distinct().toList();
    assertTrue(compare(lines) > lines.size() * 2 / 3 && lines.size() > LINES / 10, lines.size() + " lines");
  }

  @Test
  void takesTheNamesOfAttSyntax() throws Exception {
    assertEquals(seeds().size(), compare(seeds()));
  }

  /// Suffixes and operands exchanged for others.
  @Test
  void takesNothingThatLlvmRefuses() throws Exception {
    Random random = new Random(SEED);
    List<String> seeds = seeds();
    List<String> lines = IntStream.range(0, LINES).mapToObj(i -> changed(seeds.get(random.nextInt(seeds.size())), random)).distinct().toList();
    assertTrue(compare(lines) > LINES / 10);
  }

  private static String changed(String line, Random random) {
    int blank = line.lastIndexOf(' ', line.indexOf(',') < 0 ? line.length() : line.indexOf(','));
    String name = blank < 0 ? line : line.substring(0, blank);
    List<String> operands = blank < 0 ? new ArrayList<>() : new ArrayList<>(Macro.splitArguments(line.substring(blank)));
    int what = random.nextInt(4);
    if (what == 0) {
      name = name.replaceFirst("[bwlqs]$", "") + SUFFIXES.get(random.nextInt(SUFFIXES.size()));
    }
    if (what == 1 && random.nextInt(4) == 0) {
      operands.add(OPERANDS.get(random.nextInt(OPERANDS.size())));
    } else if (what != 0 && !operands.isEmpty()) {
      operands.set(random.nextInt(operands.size()), OPERANDS.get(random.nextInt(OPERANDS.size())));
    }
    return (name + " " + String.join(", ", operands)).strip();
  }

  /// How many lines are instructions to both, and the same.
  private int compare(List<String> lines) throws Exception {
    List<String> theirs = encode(lines);
    Map<String, String> differences = new TreeMap<>();
    int same = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String ours = hex(line);
      boolean refused = ours.startsWith("(");
      same += ours.equals(theirs.get(i)) ? 1 : 0;
      boolean meant = refused ? theirs.get(i).isEmpty() || REFUSED.matcher(ours).find() : OTHERWISE.matcher(line).matches();
      if (!ours.equals(theirs.get(i)) && !meant) {
        differences.put(line, line + ": " + ours + ", LLVM " + theirs.get(i));
      }
    }
    assertEquals(List.of(), differences.values().stream().limit(SHOWN).toList(), differences.size() + " of " + lines.size() + ", seed " + SEED);
    return same;
  }

  private static String hex(String line) {
    try {
      return HexFormat.of().formatHex(ATT.assemble(0, line));
    } catch (AssemblyException e) {
      return "(" + e.getMessage() + ")";
    }
  }
}

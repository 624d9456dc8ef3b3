package dev.crosspatch.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Lines in AT&T syntax that may or may not be instructions: known ones with suffixes, operands and prefixes exchanged
/// for others.
final class AttForms {
  private static final List<String> SUFFIXES = List.of("b", "w", "l", "q", "s", "t", "ll", "x", "y", "");
  private static final List<String> PREFIXES = List.of("lock ", "rep ", "repne ", "data16 ", "addr32 ", "notrack ",
      "gs ", "cs ");
  private static final List<String> REGISTERS = List.of(
      "%al", "%ah", "%dh", "%sil", "%spl", "%r9b", "%dx", "%cx", "%r10w", "%eax", "%r11d", "%esp", "%rax", "%r15",
      "%rsp", "%cl", "%xmm3", "%xmm12", "%ymm9", "%mm2",
      "%st", "%st(2)", "%st(7)", "%cr0", "%cr4", "%cr8", "%dr7", "%fs", "%ds", "%cs", "%k2", "%rip", "%eip", "%riz",
      "%ip", "%r8l", "%zmm1", "%bnd1");
  private static final List<String> PLACES = List.of(
      "(%rax)", "(%rsp)", "(%rip)", "(%r12)", "8(%r13)", "-8(%rbp,%r12,4)", "(,%rcx,8)", "(,%rcx)", "(%rax,%rsp)",
      "(%rax,%rcx,3)", "(%rax,%rcx,)", "(%eax)",
      "8(%r9d,%ecx,2)", "(%rax,%ecx)", "(%ax)", "(%bx,%si)", "%gs:(%rdi)", "%fs:40", "%fs:8(%rax,%rbx)", "%ds:(%rbp)",
      "%ss:(%rbx)", "%es:(%rdi)", "%cs:(%rip)",
      "%gs:4(%eip)", "4096", "-16", "(%rsi)", "(%edi)", "%es:(%edi)", "0x7fffffff(%rax)", "-0x80000000(%rax)",
      "(%rsp,%rax,2)", "(%rip,%rax)", "(%xmm1)",
      "(%rax,%xmm2,4)", "(,%rsp,2)", "()", "(,1)", "16(,%eiz,4)", "%eax:(%rax)", "0x12345678", "(8)", "(4+4)(%rbx)",
      "%fs:(%esp)");
  private static final List<String> OTHERS = List.of(
      "*%rax", "*%r11", "*(%rax)", "*%ecx", "*%ax", "*8(%rsp)", "*%gs:16", "*4096", "$1", "$-1", "$127", "$128",
      "$-128", "$255", "$256", "$-129", "$32767", "$65535",
      "$65536", "$-32769", "$2147483647", "$-2147483648", "$2147483648", "$4294967295", "$4294967296",
      "$0x1122334455667788", "$-2147483649", "$0xffffffffffffff80", "");

  private final List<String> seeds;
  private final Random random;

  /// @param seeds known instructions
  AttForms(List<String> seeds, Random random) {
    this.seeds = seeds;
    this.random = random;
  }

  private String any(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  /// `count` different lines.
  List<String> lines(int count) {
    return IntStream.range(0, 4 * count).mapToObj(i -> next()).distinct().limit(count).toList();
  }

  private String next() {
    String line = any(seeds);
    int blank = line.lastIndexOf(' ', line.indexOf(',') < 0 ? line.length() : line.indexOf(','));
    String name = blank < 0 ? line : line.substring(0, blank);
    List<String> operands = blank < 0
        ? new ArrayList<>() : new ArrayList<>(Macro.splitArguments(line.substring(blank)));
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> name = name.replaceFirst("[bwlqs]$", "") + any(SUFFIXES);
      case 3 -> name += any(SUFFIXES);
      case 4 -> name = any(PREFIXES) + name;
      case 5 -> operands.add(random.nextInt(operands.size() + 1), operand());
      case 6 -> {
        if (!operands.isEmpty()) {
          operands.remove(random.nextInt(operands.size()));
        }
      }
      default -> exchange(operands);
    }
    if (random.nextInt(4) == 0) {
      exchange(operands);
    }
    return (name + " " + String.join(", ", operands)).strip();
  }

  private void exchange(List<String> operands) {
    if (operands.isEmpty()) {
      return;
    }
    int at = random.nextInt(operands.size());
    String old = operands.get(at);
    boolean alike = random.nextInt(4) != 0;
    boolean register = old.startsWith("%") && !old.contains(":");
    operands.set(at, !alike || old.startsWith("*") || old.startsWith("$")
        ? operand(old) : any(register ? registers(old) : PLACES));
  }

  /// Mostly those of the same kind and width.
  private List<String> registers(String old) {
    List<String> alike = random.nextInt(3) == 0
        ? List.of() : REGISTERS.stream().filter(r -> isAlike(r.substring(1), old.substring(1))).toList();
    return alike.isEmpty() ? REGISTERS : alike;
  }

  private static boolean isAlike(String a, String b) {
    X86Argument.Register first = X86Argument.REGISTERS.get(a);
    X86Argument.Register second = X86Argument.REGISTERS.get(b);
    return first != null && second != null && first.bits() == second.bits()
        && X86Argument.isGeneral(first) == X86Argument.isGeneral(second);
  }

  /// One that begins alike, if `old` begins with `*` or `$`.
  private String operand(String old) {
    String first = old.startsWith("*") || old.startsWith("$") ? old.substring(0, 1) : "";
    return any(OTHERS.stream().filter(o -> first.isEmpty() || o.startsWith(first)).toList());
  }

  private String operand() {
    return switch (random.nextInt(4)) {
      case 0 -> any(OTHERS);
      case 1 -> any(PLACES);
      default -> any(REGISTERS);
    };
  }
}

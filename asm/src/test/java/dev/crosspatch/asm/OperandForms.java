package dev.crosspatch.asm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Lines that may or may not be instructions: known ones with operands exchanged for others of every class, width and
/// range.
final class OperandForms {
  private static final List<String> X86_REGISTERS = List.of(
      "al", "cl", "ah", "ch", "bh", "spl", "sil", "dil", "r8b", "r15b", "ax", "dx", "bp", "r9w", "eax", "ecx", "esp",
      "edi", "r10d", "rax", "rdx",
      "rsp", "rbp", "r8", "r15", "rip", "eip", "ip", "cs", "ds", "ss", "fs", "gs", "cr0", "cr1", "cr3", "cr8", "cr9",
      "dr0", "dr7", "dr8", "xmm0",
      "xmm7", "xmm9", "ymm1", "ymm12", "mm0", "mm5", "st", "st(3)", "k1", "bnd0");
  private static final List<String> X86_ADDRESSES = List.of(
      "[rax]", "[r12]", "[r13]", "[rbp + rcx*4 + 8]", "[rsp + 0x1234]", "[rip + 0x10]", "[eax]", "[edi + r9d*2 - 1]",
      "fs:[0x28]", "gs:[rdi]",
      "ds:[rbx]", "es:[rdi]", "[0x1000]", "[rsp*2]", "[rax + rsp]", "[rsp + rsp]", "[ax]", "[bx + si]", "[rax + ecx]",
      "[eax + rcx]", "[al]", "[cs]",
      "[rip + rax]", "[rax*3]", "[rax + rcx*16]", "[rip*2]", "[rcx*8]", "[rax + 0x7fffffff]", "[rax + 0x80000000]",
      "[rax - 0x80000000]",
      "[xmm1]", "[rax + xmm2*4]", "[rax + st]", "[cr0]", "[eip + 8]", "[riz]");
  private static final List<String> X86_SIZES = List.of("", "", "byte ptr ", "word ptr ", "dword ptr ", "qword ptr ",
      "xmmword ptr ", "tbyte ptr ");
  private static final List<String> A64_REGISTERS = List.of(
      "w0", "w1", "w15", "w30", "wzr", "wsp", "x0", "x1", "x15", "x30", "xzr", "sp", "x31", "w31", "v0.16b", "v1.4s",
      "v2.2d", "d0", "s1", "q2", "b3",
      "h4", "w1, lsl #3", "x1, lsl #63", "w2, lsl #32", "x2, ror #1", "w3, uxtw #2", "x3, sxtx #4", "w3, uxtb",
      "w3, sxth #5", "x3, uxtx", "x4, asr #64",
      "eq", "nv", "lr", "fp");
  private static final List<String> A64_ADDRESSES = List.of(
      "[x0]", "[sp]", "[w0]", "[xzr]", "[x0, #8]", "[x0, #7]", "[x1, #255]", "[x1, #256]", "[x1, #-256]", "[x1, #-257]",
      "[x2, #4095]", "[x2, #4096]",
      "[x2, #16380]", "[x2, #32760]", "[x2, #32768]", "[x3, #504]", "[x3, #512]", "[x3, #-512]", "[x3, #-520]",
      "[x3, #252]", "[x3, #-256]!", "[x3, #16]!",
      "[x3, #1024]!", "[x0, x1]", "[x0, w1]", "[x0, w1, uxtw]", "[x0, w1, sxtw #2]", "[x0, x1, lsl #3]",
      "[x0, x1, lsl #2]", "[x0, x1, sxtx #3]",
      "[x0, x1, lsl #1]", "[x0], #8", "[x0], #-256", "[x0], #256", "[x0], #1008", "[x0], x1", "[sp, w2, uxtw #3]",
      "[x0, sp]", "[x0, x1, uxtw]");
  private static final List<String> NUMBERS = List.of(
      "0", "1", "2", "3", "7", "8", "15", "16", "31", "32", "63", "64", "127", "128", "255", "256", "-1", "-128",
      "-129", "-256", "4095", "4096",
      "0x7fff", "0x8000", "0xffff", "0x10000", "0xffff0000", "0xfff000", "0x1000000", "-0x8000", "-0x8001",
      "0x7fffffff", "0x80000000", "0xffffffff", "0xffffffff00000000",
      "0x5555555555555555", "0xff00ff00ff00ff00", "0xf0f0f0f0", "0x12345678", "0x100000000", "-0x80000000",
      "-0x80000001",
      "0x7fffffffffffffff", "0xffffffffffffffff", "0xffffffffffffff80", "0xff80", "0xffffff80");

  /// Registers of x86 by kind.
  private static final Map<String, List<String>> X86_ALIKE = X86Argument.REGISTERS.values().stream()
      .sorted(Comparator.comparing(X86Argument.Register::name))
      .collect(Collectors.groupingBy(OperandForms::kind,
          Collectors.mapping(X86Argument.Register::name, Collectors.toList())));

  private static final Pattern A64_NUMBERED = Pattern.compile("([wxbhsdqv])\\d+(.*)");

  private final boolean x86;
  private final List<String> seeds;
  private final Random random;

  /// @param seeds known instructions
  OperandForms(String isa, List<String> seeds, Random random) {
    x86 = isa.equals(TestAssemblers.X86_64);
    this.seeds = seeds;
    this.random = random;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /// A line.
  String next() {
    String seed = any(seeds);
    int blank = seed.indexOf(' ');
    if (blank < 0) {
      return random.nextInt(3) == 0 ? seed + " " + operand() : seed;
    }
    List<String> operands = new ArrayList<>(Macro.splitArguments(seed.substring(blank + 1)));
    int change = random.nextInt(operands.size());
    if (random.nextInt(12) == 0) {
      operands.remove(change);
    } else if (random.nextInt(16) == 0) {
      operands.add(operand());
    } else {
      operands.set(change, random.nextInt(3) == 0 ? operand() : alike(operands.get(change)));
    }
    if (random.nextInt(3) == 0 && !operands.isEmpty()) {
      int second = random.nextInt(operands.size());
      operands.set(second, alike(operands.get(second)));
    }
    return (seed.substring(0, blank) + " " + String.join(", ", operands)).strip();
  }

  /// An operand of the same kind.
  private String alike(String old) {
    if (old.contains("[")) {
      return address();
    }
    if (isNumber(old)) {
      return number();
    }
    return random.nextInt(3) == 0 ? register() : x86 ? x86Register(old) : a64Register(old);
  }

  /// A register of the same kind and width, so that many lines are instructions.
  private String x86Register(String old) {
    X86Argument.Register register = X86Argument.REGISTERS.get(old);
    return register == null ? register() : any(Objects.requireNonNull(X86_ALIKE.get(kind(register))));
  }

  private static String kind(X86Argument.Register register) {
    return register.bits() + (X86Argument.isGeneral(register) ? "" : register.name().replaceFirst("\\d.*", ""));
  }

  /// The same with another number.
  private String a64Register(String old) {
    Matcher numbered = A64_NUMBERED.matcher(old);
    return numbered.matches() ? numbered.group(1) + random.nextInt(31) + numbered.group(2) : register();
  }

  private boolean isNumber(String text) {
    String digits = text.replaceFirst("^#", "").replaceFirst("^-", "");
    return !digits.isEmpty() && Character.isDigit(digits.charAt(0));
  }

  private String operand() {
    return switch (random.nextInt(4)) {
      case 0 -> address();
      case 1 -> number();
      default -> register();
    };
  }

  private String register() {
    return any(x86 ? X86_REGISTERS : A64_REGISTERS);
  }

  private String address() {
    return x86 ? any(X86_SIZES) + any(X86_ADDRESSES) : any(A64_ADDRESSES);
  }

  private String number() {
    return (x86 ? "" : "#") + any(NUMBERS);
  }

  /// `count` different lines.
  List<String> lines(int count) {
    return IntStream.range(0, 4 * count).mapToObj(i -> next()).distinct().limit(count).toList();
  }
}

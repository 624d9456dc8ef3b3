package dev.crosspatch.tests.isa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An x86-64 instruction in Intel's syntax, whoever wrote it, in one form: without prefixes that do nothing, without
/// what stands for itself (segments but FS and GS, an index that is not there, a count of one, a scale of one), with
/// numbers as numbers, comparisons with their predicate as a number, and the names of SDM vol. 2.
///
/// @param name     with LOCK and what repeats a string instruction before it
/// @param operands in their order
record X86Normal(String name, List<Operand> operands) {

  /// A register or a place in memory with all its registers, and a number: immediate or displacement.
  ///
  /// @param size `qword` and kin, empty where it is not said
  /// @param bits of the number that count
  record Operand(String size, String text, long value, int bits) {
    /// A place in memory of which no size is told.
    boolean isUnsizedPlace() {
      return size.isEmpty() && text.endsWith("]");
    }

    boolean same(Operand other) {
      boolean sizes = size.isEmpty() || other.size.isEmpty() || size.equals(other.size);
      return sizes && text.equals(other.text) && (value - other.value) << (64 - Math.min(bits, other.bits)) == 0;
    }
  }

  private static final Pattern WORD = Pattern.compile("(\\S+)\\s*(.*)");
  private static final Set<String> REPEATS = Set.of("rep", "repe", "repz", "repne", "repnz");
  private static final Set<String> IDLE_PREFIXES =
      Set.of("data16", "addr32", "rex64", "cs", "ds", "es", "ss", "fs", "gs", "notrack", "xacquire", "xrelease");
  private static final Pattern STRINGS = Pattern.compile("(movs|cmps|stos|lods|scas)[bwdq]|(ins|outs)[bwd]");
  private static final Pattern COMPARED = Pattern.compile("(cmps|scas)[bwdq]");
  private static final Pattern PLACE = Pattern.compile("(?:(\\w+) ptr )?(?:([c-gs]s):)?\\[(.*)\\]");
  private static final Pattern NUMBER = Pattern.compile("-?(0x[0-9a-f]+|[0-9]+)");
  private static final Pattern COMPARISON = Pattern.compile("(v?cmp)(\\w+?)([ps][sd])");

  /// Of CMPPS and VCMPPS by their immediate (SDM vol. 2A tables 3-1 and 3-9, CMPPS).
  private static final List<String> PREDICATES = List.of("eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord", "eq_uq",
      "nge", "ngt", "false", "neq_oq", "ge", "gt", "true", "eq_os", "lt_oq", "le_oq", "unord_s", "neq_us", "nlt_uq",
      "nle_uq", "ord_s", "eq_us", "nge_uq", "ngt_uq", "false_os", "neq_os", "ge_oq", "gt_oq", "true_us");

  /// What shifts by one where it has a single operand.
  private static final Set<String> SHIFTS = Set.of("shl", "shr", "sar", "rol", "ror", "rcl", "rcr");

  /// Other names of an instruction, and the one that is taken here.
  private static final Map<String, String> NAMES = Map.of("sal", "shl", "movabs", "mov", "lcall", "callf", "ljmp",
      "jmpf", "fcompi", "fcomip", "fucompi", "fucomip", "wait", "fwait");

  /// With XMM0 as an operand that some write.
  private static final Set<String> BLENDS = Set.of("blendvps", "blendvpd", "pblendvb");

  /// Whose numbers are words.
  private static final Set<String> WORDS = Set.of("ret", "retf", "retfq", "enter", "push");

  /// Reads a line.
  ///
  /// @param text with any blanks
  /// @param next of a branch's numbers that are targets, where the instruction behind it lies; 0 for displacements
  static X86Normal of(String text, long next) {
    String lock = "";
    String repeat = "";
    boolean address32 = false;
    Matcher m = WORD.matcher(text);
    while (m.matches() && !m.group(2).isEmpty()
        && (m.group(1).equals("lock") || REPEATS.contains(m.group(1)) || IDLE_PREFIXES.contains(m.group(1)))) {
      lock = m.group(1).equals("lock") ? "lock " : lock;
      repeat = REPEATS.contains(m.group(1)) ? m.group(1) : repeat;
      address32 |= m.group(1).equals("addr32");
      m = WORD.matcher(m.group(2));
    }
    if (!m.matches()) {
      throw new IllegalArgumentException("no instruction: '" + text + "'");
    }
    String name = NAMES.getOrDefault(m.group(1), m.group(1));
    List<Operand> operands = operands(m.group(2), WORDS.contains(name) ? 16 : 64, address32);
    if (operands.size() == 1 && operands.getFirst().isUnsizedPlace() && (name.equals("call") || name.equals("jmp"))) {
      name += "f";
    }
    if (BLENDS.contains(name) && operands.size() == 3) {
      operands.removeLast();
    }
    if (name.equals("xchg")) {
      operands.sort(Comparator.comparing(Operand::text));
    }
    Matcher compares = COMPARISON.matcher(name);
    if (compares.matches() && PREDICATES.contains(compares.group(2))) {
      name = compares.group(1) + compares.group(3);
      operands.add(number(PREDICATES.indexOf(compares.group(2)), 8));
    }
    if (SHIFTS.contains(name) && operands.size() == 1) {
      operands.add(number(1, 8));
    }
    if (next != 0 && operands.size() == 1 && operands.getFirst().text.equals("#") && isBranch(name)) {
      operands.set(0, number(operands.getFirst().value - next, 64));
    }
    boolean string = STRINGS.matcher(name).matches() && operands.stream().noneMatch(o -> o.text.contains("mm"));
    return new X86Normal(lock + (string ? repeated(repeat, name) : "") + name, List.copyOf(operands));
  }

  private static boolean isBranch(String name) {
    return name.startsWith("j") || name.startsWith("loop") || name.equals("call");
  }

  private static String repeated(String repeat, String name) {
    if (repeat.isEmpty() || !COMPARED.matcher(name).matches()) {
      return repeat.isEmpty() ? "" : "rep ";
    }
    return repeat.startsWith("repn") ? "repne " : "repe ";
  }

  /// @param first bits of a number that stands first
  private static List<Operand> operands(String text, int first, boolean address32) {
    List<Operand> operands = new ArrayList<>();
    int bits = first;
    for (String one : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      Operand operand = operand(one.strip(), bits, address32);
      bits = operands.isEmpty() ? bits(operand) : bits;
      operands.add(operand);
    }
    return operands;
  }

  private static Operand operand(String text, int bits, boolean address32) {
    Matcher place = PLACE.matcher(text);
    if (place.matches()) {
      return place(place, address32);
    }
    return NUMBER.matcher(text).matches() ? number(value(text), bits)
        : new Operand("", text.equals("st") ? "st(0)" : text, 0, 64);
  }

  private static Operand number(long value, int bits) {
    return new Operand("", "#", value, bits);
  }

  private static Operand place(Matcher m, boolean address32) {
    String segment = "fs".equals(m.group(2)) || "gs".equals(m.group(2)) ? m.group(2) + ":" : "";
    StringBuilder sum = new StringBuilder();
    long displacement = 0;
    for (String term : m.group(3).replace("- ", "+ -").split(" \\+ |\\+", -1)) {
      String t = term.strip();
      if (NUMBER.matcher(t).matches()) {
        displacement += value(t);
      } else if (!t.contains("iz")) {
        sum.append(sum.isEmpty() ? "" : "+").append(scaled(t));
      }
    }
    int bits = !sum.isEmpty() || address32 || m.group(3).contains("eiz") ? 32 : 64;
    boolean gathers = sum.indexOf("mm") >= 0; // of which some tell an element, others all
    return new Operand(m.group(1) == null || gathers ? "" : m.group(1), segment + "[" + sum + "]", displacement, bits);
  }

  /// `4*rax` and `rax*4`.
  private static String scaled(String term) {
    String[] parts = term.split("\\*", -1);
    if (parts.length == 1) {
      return term;
    }
    boolean first = Character.isDigit(parts[0].charAt(0));
    String scale = parts[first ? 0 : 1];
    return parts[first ? 1 : 0] + (scale.equals("1") ? "" : "*" + scale);
  }

  private static long value(String text) {
    String digits = text.startsWith("-") ? text.substring(1) : text;
    long value = digits.startsWith("0x")
        ? Long.parseUnsignedLong(digits, 2, digits.length(), 16) : Long.parseUnsignedLong(digits);
    return text.startsWith("-") ? -value : value;
  }

  /// Of an operand, where an immediate behind it is as wide; 8 behind vectors.
  private static int bits(Operand operand) {
    String t = operand.text;
    if (!operand.size.isEmpty()) {
      return switch (operand.size) {
        case "byte" -> 8;
        case "word" -> 16;
        case "dword" -> 32;
        default -> 64;
      };
    }
    if (t.contains("mm") || t.equals("#") || t.matches("[a-d][lh]|(si|di|bp|sp)l|r\\d+b")) {
      return 8;
    }
    return t.matches("[a-d]x|si|di|bp|sp|r\\d+w") ? 16 : t.matches("e..|r\\d+d") ? 32 : 64;
  }

  /// Whether both are the same instruction; sizes that only one tells of do not count.
  boolean same(X86Normal other) {
    if (!name.equals(other.name) || operands.size() != other.operands.size()) {
      return false;
    }
    for (int i = 0; i < operands.size(); i++) {
      if (!operands.get(i).same(other.operands.get(i))) {
        return false;
      }
    }
    return true;
  }
}

package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Immediate;
import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/// The prefixes written before an instruction. One that would raise #UD or that means nothing there is refused, as GNU
/// as does.
final class X86Prefixes {
  /// Those that Keystone has as well.
  private static final Set<String> KEYSTONES = Set.of("lock", "rep", "repe", "repz", "repne", "repnz", "data16");

  /// All by name. Those that Keystone does not have are put before whatever follows.
  private static final Map<String, String> BYTES = Map.ofEntries(
      Map.entry("lock", "f0"), Map.entry("rep", "f3"), Map.entry("repe", "f3"), Map.entry("repz", "f3"),
      Map.entry("repne", "f2"), Map.entry("repnz", "f2"),
      Map.entry("xacquire", "f2"), Map.entry("xrelease", "f3"), Map.entry("data16", "66"), Map.entry("addr32", "67"),
      Map.entry("notrack", "3e"), Map.entry("bnd", "f2"),
      Map.entry("es", "26"), Map.entry("cs", "2e"), Map.entry("ss", "36"), Map.entry("ds", "3e"), Map.entry("fs", "64"),
      Map.entry("gs", "65"));

  /// SDM volume 2A, LOCK; the first operand is in memory (of XCHG either one).
  private static final Set<String> LOCKABLE = Set.of(
      "add", "adc", "and", "btc", "btr", "bts", "cmpxchg", "cmpxchg8b", "cmpxchg16b", "dec", "inc", "neg", "not", "or",
      "sbb", "sub", "xor", "xadd", "xchg");

  /// What GNU as takes behind REP, REPE and REPNE: string instructions (SDM volume 2B, REP), PAUSE as `rep nop`, TZCNT
  /// and LZCNT by the names of BSF and BSR, and RET, where branch predictors of the past wanted it.
  private static final Set<String> REPEATABLE = Set.of("nop", "bsf", "bsr", "ret", "retw");

  private static final String STRING = "(movs|cmps|stos|lods|scas|ins|outs)[bwdq]?";

  /// Instructions to which 66 is a part of the opcode (SDM volume 2D, tables) or #UD, besides those with
  /// vectors.
  private static final Pattern OTHER_WITH_66 = Pattern.compile(
      "vzero(upper|all)|v?ldmxcsr|v?stmxcsr|xsave.*|xrstor.*|fxsave.*|fxrstor.*|clflush.*|clwb|movnti|movdir.*|cldemote"
          + "|ad[co]x|wru?ss[dq]|tpause|umwait|umonitor|ptwrite"
          + "|andn|bextr|bls(i|r|msk)|bzhi|mulx|pdep|pext|rorx|s[ah][lr]x");

  private final List<String> names = new ArrayList<>();

  /// Takes what prefixes come next; the first word that is none is returned, and empty if nothing else comes.
  String read(Cursor cursor) {
    String word = X86.word(cursor);
    while (BYTES.containsKey(word)) {
      names.add(word);
      word = X86.word(cursor);
    }
    return word;
  }

  /// The bytes of all, for a statement that has nothing else.
  byte[] bytes() {
    checkRepeated();
    StringBuilder hex = new StringBuilder();
    names.forEach(name -> hex.append(BYTES.get(name)));
    return HexFormat.of().parseHex(hex);
  }

  boolean isEmpty() {
    return names.isEmpty();
  }

  boolean has(String name) {
    return names.contains(name);
  }

  /// Whether there are some that Keystone is to see.
  boolean keystones(X86Line line) {
    return names.stream().anyMatch(name -> KEYSTONES.contains(name) && !(name.equals("data16") && lengthens(line)));
  }

  /// As Keystone reads them, each with a blank behind it.
  String text() {
    StringBuilder text = new StringBuilder();
    names.stream().filter(KEYSTONES::contains).forEach(name -> text.append(name).append(' '));
    return text.toString();
  }

  /// Puts those before the instruction that are bytes.
  void addBytes(X86Line line, Statement statement, Unit unit) {
    // Keystone writes the prefix of an address of 32-bit registers.
    boolean narrow = line.operands().stream().anyMatch(o -> o instanceof Memory m && !m.isAbsolute());
    for (String name : names) {
      boolean ours = !KEYSTONES.contains(name) || (name.equals("data16") && lengthens(line));
      if (ours && !(narrow && name.equals("addr32"))) {
        unit.add(new Fragment.Bytes(statement, HexFormat.of().parseHex(BYTES.get(name))));
      }
    }
  }

  /// Puts the `data16` that come behind the first one, before a form that has the first one itself.
  void addRepeated(Statement statement, Unit unit) {
    byte[] repeated = new byte[Math.toIntExact(names.stream().filter(name -> name.equals("data16")).count()) - 1];
    Arrays.fill(repeated, (byte) 0x66);
    unit.add(new Fragment.Bytes(statement, repeated));
  }

  /// Refuses prefixes that `line` cannot have.
  void check(X86Line line) {
    checkRepeated();
    for (String name : names) {
      checkEach(name, line);
    }
  }

  private void checkRepeated() {
    if (names.stream().filter(name -> name.startsWith("rep")).count() > 1
        || names.stream().filter(name -> name.equals("lock")).count() > 1) {
      throw new SyntaxError("an instruction has one of rep, repe and repne, and one lock");
    }
  }

  private void checkEach(String name, X86Line line) {
    switch (name) {
      case "lock" -> checkLock(line);
      case "rep", "repe", "repz", "repne", "repnz" -> checkRepeat(name, line);
      case "notrack" -> checkNotrack(line);
      case "bnd" -> checkBound(line);
      case "xacquire", "xrelease" -> checkElision(name, line);
      case "addr32" -> checkAddresses(line);
      case "data16" -> checkOperandSize(line);
      default -> { }
    }
  }

  private static void checkLock(X86Line line) {
    List<X86Argument> operands = line.operands();
    boolean memory = !operands.isEmpty() && operands.getFirst() instanceof Memory;
    boolean either = line.mnemonic().equals("xchg") && operands.stream().anyMatch(Memory.class::isInstance);
    if (!LOCKABLE.contains(line.mnemonic())) {
      throw new SyntaxError("'" + line.mnemonic() + "' with lock is undefined (#UD)");
    }
    if (!memory && !either) {
      throw new SyntaxError("lock needs a destination in memory, else it is undefined (#UD)");
    }
  }

  private static void checkRepeat(String name, X86Line line) {
    boolean vector = line.operands().stream().anyMatch(o -> o instanceof Register r && !X86Argument.isGeneral(r));
    if ((!line.mnemonic().matches(STRING) || vector) && !REPEATABLE.contains(line.mnemonic())) {
      throw new SyntaxError("'" + name + "' repeats string instructions only, not '" + line.mnemonic() + "'");
    }
  }

  /// SDM volume 2C, XACQUIRE/XRELEASE: with LOCK, before XCHG with memory, and XRELEASE before MOV to memory.
  private void checkElision(String name, X86Line line) {
    boolean memory = line.operands().stream().anyMatch(Memory.class::isInstance);
    boolean first = !line.operands().isEmpty() && line.operands().getFirst() instanceof Memory;
    boolean store = name.equals("xrelease") && line.mnemonic().equals("mov") && first;
    if (!has("lock") && !(line.mnemonic().equals("xchg") && memory) && !store) {
      throw new SyntaxError("'" + name + "' stands before lock or xchg"
          + (name.equals("xrelease") ? " or a mov to memory" : ""));
    }
  }

  /// SDM volume 1 appendix E.5 (MPX): near branches, as objdump shows those of old procedure linkage tables.
  private static void checkBound(X86Line line) {
    if (!line.mnemonic().matches("jmp|call|ret") && !(line.target() != null && line.mnemonic().startsWith("j"))) {
      throw new SyntaxError("'bnd' stands before a near branch only");
    }
  }

  private static void checkNotrack(X86Line line) {
    if (line.target() != null || !line.mnemonic().matches("jmp|call")) {
      throw new SyntaxError("'notrack' stands before an indirect branch only");
    }
    if (line.operands().stream().anyMatch(o -> o instanceof Memory m && !m.segment().isEmpty())) {
      throw new SyntaxError("'notrack' is a segment prefix, and there is one already");
    }
  }

  private static void checkOperandSize(X86Line line) {
    boolean vector = line.operands().stream()
        .anyMatch(o -> o instanceof Register r && r.name().matches("[xyz]?mm\\d+|k\\d"));
    if (vector || OTHER_WITH_66.matcher(line.mnemonic()).matches()) {
      throw new SyntaxError("'" + line.mnemonic() + "' with data16 would be another instruction, or none");
    }
  }

  private static void checkAddresses(X86Line line) {
    for (X86Argument operand : line.operands()) {
      if (operand instanceof Memory m && (isWide(m.base()) || isWide(m.index()))) {
        throw new SyntaxError("an address with 'addr32' is made of 32-bit registers");
      }
    }
  }

  private static boolean isWide(String register) {
    return (X86Argument.ADDRESS_REGISTERS.contains(register) || register.equals("rip"))
        && Objects.requireNonNull(X86Argument.REGISTERS.get(register)).bits() == 64;
  }

  /// Whether `data16` does nothing but make a NOP longer, which X86Corrections has.
  private boolean lengthens(X86Line line) {
    return line.mnemonic().equals("nop") && !line.operands().isEmpty();
  }

  /// Whether it pushes a number of 16 bits, which Keystone does not know.
  boolean pushesWord(X86Line line) {
    return has("data16") && line.mnemonic().equals("push") && line.operands().size() == 1
        && line.operands().getFirst() instanceof Immediate;
  }
}

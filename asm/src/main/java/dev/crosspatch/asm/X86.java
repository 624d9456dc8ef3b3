package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Instruction.Kind;
import dev.crosspatch.asm.X86Instruction.Slot;
import dev.crosspatch.asm.X86Argument.Immediate;
import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import dev.crosspatch.core.asm.Syntax;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// x86-64, in Intel's syntax or in AT&T's ([AttReader]).
///
/// `jmp label` and `jcc label` are short if they can be; `jmp short label` and `jmp near label` say which. `[rip +
/// label]` addresses the label, `[rip + 16]` the place 16 bytes behind the instruction. A label as an immediate needs
/// `offset` (except behind `movabs`), since gas and NASM read it differently without.
final class X86 implements Dialect {
  private static final byte ADDRESS_SIZE = 0x67;

  private static final Set<String> BIT_TESTS = Set.of("bt", "bts", "btr", "btc");

  /// Segments that an address may have anyway. Keystone leaves their prefix out, even where the address has the other.
  private static final Set<String> DEFAULT_SEGMENTS = Set.of("ds", "ss");

  /// SDM volume 2, NOP, table 4-12: recommended multi-byte sequences of NOP, 1 to 9 bytes.
  private static final String[] NOPS = {
    "90", "6690", "0f1f00", "0f1f4000", "0f1f440000", "660f1f440000", "0f1f8000000000", "0f1f840000000000",
    "660f1f840000000000"
  };

  private final Encoder encoder;

  X86(Encoder encoder) {
    this.encoder = encoder;
  }

  @Override
  public String name() {
    return "x86-64";
  }

  @Override
  public Encoder encoder() {
    return encoder;
  }

  @Override
  public boolean hashComments() {
    return true;
  }

  @Override
  public boolean hasAttSyntax() {
    return true;
  }

  @Override
  public int wordWidth() {
    return 2;
  }

  @Override
  public boolean alignsByPower() {
    return false;
  }

  @Override
  public byte[] padding(int size) {
    ByteBuffer out = ByteBuffer.allocate(size);
    while (out.hasRemaining()) {
      out.put(HexFormat.of().parseHex(NOPS[Math.min(out.remaining(), NOPS.length) - 1]));
    }
    return out.array();
  }

  /// SDM volume 2A, 2.1.1 and 2.2.1.
  @Override
  public boolean isPrefix(byte b) {
    return isPrefixByte(b);
  }

  static boolean isPrefixByte(byte b) {
    return switch (b & 0xff) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default -> (b & 0xf0) == 0x40;
    };
  }

  /// WAIT, before FNSTCW in `fstcw` and the like.
  @Override
  public boolean standsAlone(byte b) {
    return (b & 0xff) == 0x9b;
  }

  @Override
  public Fragment instruction(Statement statement, Unit unit) {
    Cursor cursor = new Cursor(statement.text());
    boolean att = unit.syntax() == Syntax.ATT;
    X86Prefixes prefixes = new X86Prefixes();
    String mnemonic = prefixes.read(cursor);
    if (mnemonic.isEmpty() && cursor.atEnd() && !prefixes.isEmpty() && !prefixes.has("notrack")) {
      return new Fragment.Bytes(statement, prefixes.bytes());
    }
    if (mnemonic.isEmpty()) {
      throw new SyntaxError("a mnemonic expected before '" + cursor.rest() + "'");
    }
    if (mnemonic.startsWith(".")) {
      throw new SyntaxError("unknown directive '" + mnemonic + "'");
    }
    X86Line line = att ? AttReader.read(mnemonic, cursor.rest(), unit) : intel(mnemonic, cursor.rest(), unit);
    return fragment(prefixes, line, statement, unit);
  }

  private static Fragment fragment(X86Prefixes prefixes, X86Line line, Statement statement, Unit unit) {
    String mnemonic = line.mnemonic();
    X86Undefined.check(mnemonic, line.operands());
    prefixes.check(line);
    prefixes.addBytes(line, statement, unit);
    if (line.target() != null) {
      if (prefixes.keystones(line)) {
        throw new SyntaxError("no prefix is possible here");
      }
      return new X86Branch(statement, Objects.requireNonNull(X86Branch.OPCODES.get(mnemonic)), line.target(),
          line.form());
    }
    List<X86Argument> operands = line.operands();
    refuseHighByteWithRex(operands);
    X86Implied.check(mnemonic, operands);
    X86Implied.alignWidths(mnemonic, operands);
    addStringOperands(mnemonic, operands);
    if (prefixes.pushesWord(line)) {
      prefixes.addRepeated(statement, unit);
      return Objects.requireNonNull(X86Words.find("pushw", operands, statement, unit));
    }
    Fragment word = X86Words.find(mnemonic, operands, statement, unit);
    Fragment ours = word != null ? word : X86Corrections.find(mnemonic, operands, statement, unit);
    if (ours != null && (prefixes.keystones(line) || (prefixes.has("addr32") && mnemonic.equals("movabs")))) {
      throw new SyntaxError("no prefix is possible here");
    }
    return ours != null
        ? ours : encode(prefixes.text() + mnemonic, operands, statement, unit, X86Words.rewrite(mnemonic, operands));
  }

  /// Keystone would give the register that has this number behind a REX prefix.
  private static void refuseHighByteWithRex(List<X86Argument> operands) {
    boolean high = operands.stream().anyMatch(X86Argument::isHighByte);
    if (high && operands.stream().anyMatch(X86Argument::needsRex)) {
      throw new SyntaxError("ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix");
    }
  }

  /// Without operands MOVSD is the string instruction, and Keystone knows the SSE one only.
  private static void addStringOperands(String mnemonic, List<X86Argument> operands) {
    if (mnemonic.equals("movsd") && operands.isEmpty()) {
      Expression zero = new Expression.Constant(0);
      operands.add(new Memory("dword", "", "rdi", "", 1, zero, ""));
      operands.add(new Memory("dword", "", "rsi", "", 1, zero, ""));
    }
  }

  /// The word that comes next, in lower case.
  static String word(Cursor cursor) {
    return cursor.take(Cursor::isSymbolPart).toLowerCase(Locale.ROOT);
  }

  private static X86Line intel(String mnemonic, String text, Unit unit) {
    X86Line branch = branch(mnemonic, text, unit);
    return branch != null ? branch : new X86Line(mnemonic, operands(mnemonic, text, unit), null, "");
  }

  /// A branch to a place that an expression names; null if it is none.
  private static @Nullable X86Line branch(String mnemonic, String operand, Unit unit) {
    if (operand.isEmpty() || !X86Branch.OPCODES.containsKey(mnemonic)) {
      return null;
    }
    Cursor cursor = new Cursor(operand);
    String form = cursor.symbol().toLowerCase(Locale.ROOT);
    if (!form.equals("short") && !form.equals("near")) {
      form = "";
      cursor.seek(0);
    }
    return X86Argument.parse(cursor.rest(), unit) instanceof Immediate target
        ? X86Line.branch(mnemonic, target.value(), form) : null;
  }

  private static List<X86Argument> operands(String mnemonic, String text, Unit unit) {
    List<X86Argument> operands = new ArrayList<>();
    for (String each : Macro.splitArguments(text)) {
      if (each.isEmpty()) {
        throw new SyntaxError("an operand is missing");
      }
      X86Argument operand = X86Argument.parse(each, unit);
      if (operand instanceof Immediate i && !i.offset() && i.value().labels() != 0 && !mnemonic.equals("movabs")) {
        // Constants that are defined further down come here too: like gas we want them defined first.
        throw new SyntaxError(
            "'" + each + "' is no constant here; write 'offset " + each + "' for its value, '[rip + " + each
                + "]' for what is there");
      }
      operands.add(operand);
    }
    return operands;
  }

  /// An instruction for Keystone to encode.
  ///
  /// @param mnemonic with prefixes
  static Fragment encode(
      String mnemonic, List<X86Argument> operands, Statement statement, Unit unit, UnaryOperator<byte[]> rewrite) {
    List<Slot> slots = new ArrayList<>();
    StringBuilder text = new StringBuilder(mnemonic);
    String separator = " ";
    for (X86Argument operand : operands) {
      text.append(separator);
      separator = ", ";
      switch (operand) {
        case Register r -> text.append(r.name()).append(r.decoration());
        case Memory m -> {
          if (DEFAULT_SEGMENTS.contains(m.segment())) {
            byte[] prefix = HexFormat.of().parseHex(X86Argument.SEGMENT_PREFIXES.get(m.segment()));
            unit.add(new Fragment.Bytes(statement, prefix));
          }
          if (m.base().equals("eip")) {
            // Keystone takes it for the register with number 0; rip with an address-size prefix is what it is.
            unit.add(new Fragment.Bytes(statement, new byte[] {ADDRESS_SIZE}));
          }
          memory(m, slots, text);
        }
        case Immediate i -> {
          String name = mnemonic.substring(mnemonic.lastIndexOf(' ') + 1);
          Kind kind = name.equals("push") ? Kind.SIGNED : Kind.IMMEDIATE;
          int bits = immediateBits(name, operands, slots.isEmpty());
          slots.add(new Slot(take(text), BIT_TESTS.contains(name) ? asSignedByte(i.value()) : i.value(), kind, bits));
        }
      }
    }
    return new X86Instruction(statement, unit.encoder(), slots, text.toString(), rewrite);
  }

  /// Keystone has the bit number of BT and its kind as a signed byte, and takes one that is extended to the operand's
  /// width as well.
  private static Expression asSignedByte(Expression value) {
    if (!value.isConstant()) {
      return value;
    }
    long number = value.constant("a bit number");
    if (!Numbers.fits(number, 8)) {
      throw new SyntaxError("immediate " + Numbers.hex(number) + " does not fit 8 bits");
    }
    return new Expression.Constant((byte) number);
  }

  /// @param first whether it is the instruction's first number
  private static int immediateBits(String mnemonic, List<X86Argument> operands, boolean first) {
    if (mnemonic.equals("enter")) {
      return first ? 16 : 8;
    }
    Integer bits = X86Argument.width(operands);
    if (bits != null) {
      return bits;
    }
    return switch (mnemonic) {
      case "int", "xabort", "out" -> 8;
      case "ret", "retf", "retfq" -> 16;
      default -> 32;
    };
  }

  private static String take(StringBuilder text) {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }

  private static void memory(Memory m, List<Slot> slots, StringBuilder text) {
    if (!m.size().isEmpty()) {
      text.append(m.size()).append(" ptr ");
    }
    if (!m.segment().isEmpty() && !DEFAULT_SEGMENTS.contains(m.segment())) {
      text.append(m.segment()).append(':');
    }
    text.append('[').append(m.isAbsolute() ? "rsp" : m.base().equals("eip") ? "rip" : m.base());
    if (!m.index().isEmpty()) {
      text.append(m.base().isEmpty() ? "" : " + ").append(m.index()).append('*').append(m.scale());
    }
    boolean plain = m.displacement().isConstant() && m.displacement().constant("") == 0;
    if (!plain || m.isAbsolute()) {
      Kind kind = m.isAbsolute() ? Kind.ABSOLUTE : m.isRelativeToSymbol() ? Kind.RELATIVE : Kind.DISPLACEMENT;
      slots.add(new Slot(take(text.append(" + ")), m.displacement(), kind, 32));
    }
    text.append(']').append(m.decoration());
  }
}

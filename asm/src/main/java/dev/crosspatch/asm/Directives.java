package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Section.Access;
import dev.crosspatch.core.code.Symbol;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/// The directives of gas that place data, sections and symbols. Those that change which statements there are
/// (macros, repetitions, conditions) are in [Expander].
final class Directives {
  /// Accepted and without effect here: all symbols are visible, debug information is not made, and which
  /// instructions exist is not asked.
  private static final Set<String> IGNORED =
      Set.of(
          ".global", ".globl", ".local", ".weak", ".hidden", ".protected", ".internal", ".extern", ".ident", ".file",
          ".loc", ".code64", ".arch", ".cpu", ".arch_extension", ".addrsig", ".addrsig_sym");

  private static final Expression ZERO = new Expression.Constant(0);

  private final Unit unit;

  Directives(Unit unit) {
    this.unit = unit;
  }

  /// Takes the directive that comes next, or returns false and takes nothing if it is none of ours.
  boolean read(Cursor cursor) {
    int start = cursor.position();
    if (cursor.peek() != '.') {
      return false;
    }
    String name = cursor.symbol().toLowerCase(Locale.ROOT);
    if (IGNORED.contains(name) || name.startsWith(".cfi_")) {
      return true;
    }
    if (data(name, cursor) || place(name, cursor) || symbol(name, cursor) || syntax(name, cursor)) {
      cursor.expectEnd();
      return true;
    }
    cursor.seek(start);
    return false;
  }

  private boolean data(String name, Cursor cursor) {
    switch (name) {
      case ".byte", ".1byte" -> values(cursor, 1);
      case ".short", ".hword", ".half", ".2byte", ".value" -> values(cursor, 2);
      case ".word" -> values(cursor, unit.isa().wordWidth());
      case ".long", ".int", ".4byte" -> values(cursor, 4);
      case ".quad", ".8byte", ".xword", ".dword" -> values(cursor, 8);
      case ".ascii" -> strings(cursor, false);
      case ".asciz", ".string" -> strings(cursor, true);
      case ".zero", ".space", ".skip" -> space(cursor);
      case ".fill" -> fill(cursor);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void values(Cursor cursor, int width) {
    if (cursor.atEnd()) {
      return;
    }
    do {
      unit.add(new Fragment.Value(unit.statement(), unit.expression(cursor), width));
    } while (cursor.accept(","));
  }

  private void strings(Cursor cursor, boolean terminated) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    do {
      bytes.writeBytes(cursor.string());
      if (terminated) {
        bytes.write(0);
      }
    } while (cursor.accept(","));
    unit.add(new Fragment.Bytes(unit.statement(), bytes.toByteArray()));
  }

  private void space(Cursor cursor) {
    Expression count = unit.expression(cursor);
    Expression fill = cursor.accept(",") ? unit.expression(cursor) : ZERO;
    unit.add(new Fragment.Fill(unit.statement(), count, 1, fill));
  }

  private void fill(Cursor cursor) {
    Expression count = unit.expression(cursor);
    int unitBytes = cursor.accept(",") ? (int) unit.expression(cursor).constant("the size of .fill") : 1;
    Expression fill = cursor.accept(",") ? unit.expression(cursor) : ZERO;
    if (unitBytes < 0 || unitBytes > 8) {
      throw new SyntaxError("the size of .fill is 0 to 8, not " + unitBytes);
    }
    unit.add(new Fragment.Fill(unit.statement(), count, unitBytes, fill));
  }

  private boolean place(String name, Cursor cursor) {
    switch (name) {
      case ".align" -> align(cursor, unit.isa().alignsByPower());
      case ".balign" -> align(cursor, false);
      case ".p2align" -> align(cursor, true);
      case ".org" -> unit.add(new Fragment.Origin(unit.statement(), unit.expression(cursor), unit.section().start));
      case ".ltorg", ".pool" -> unit.placeLiterals();
      case ".text" -> unit.enterSection(".text", Access.TEXT);
      case ".data" -> unit.enterSection(".data", Access.DATA);
      case ".bss" -> unit.enterSection(".bss", Access.DATA);
      case ".rodata" -> unit.enterSection(".rodata", Access.RODATA);
      case ".section" -> section(cursor);
      case ".pushsection" -> {
        unit.pushSection();
        section(cursor);
      }
      case ".popsection" -> unit.popSection();
      case ".previous" -> unit.previousSection();
      default -> {
        return false;
      }
    }
    return true;
  }

  /// `.intel_syntax [noprefix]` and `.att_syntax [prefix]`.
  private boolean syntax(String name, Cursor cursor) {
    if (!unit.isa().hasAttSyntax() || (!name.equals(".intel_syntax") && !name.equals(".att_syntax"))) {
      return false;
    }
    boolean att = name.equals(".att_syntax");
    String registers = cursor.symbol();
    if (!registers.isEmpty() && !registers.equals(att ? "prefix" : "noprefix")) {
      throw new SyntaxError("registers have " + (att ? "a '%' in AT&T" : "no '%' in Intel's") + " syntax here, so '"
          + name + " " + registers + "' is not offered");
    }
    unit.setSyntax(att ? Syntax.ATT : Syntax.MANUAL);
    return true;
  }

  private void align(Cursor cursor, boolean power) {
    long number = unit.expression(cursor).constant("an alignment");
    long alignment = power ? (number >= 0 && number < 32 ? 1L << number : 0) : number;
    if (alignment <= 0 || Long.bitCount(alignment) != 1 || alignment > Layout.LARGEST_SECTION) {
      throw new SyntaxError("cannot align to " + (power ? "2^" : "") + number);
    }
    Fragment.Filler filler = unit.section().access == Access.TEXT ? unit.isa()::padding : byte[]::new;
    if (cursor.accept(",") && cursor.peek() != ',' && !cursor.atEnd()) {
      byte fill = (byte) unit.expression(cursor).constant("the fill of an alignment");
      filler = size -> repeat(fill, size);
    }
    long limit = cursor.accept(",") ? unit.expression(cursor).constant("the limit of an alignment") : Long.MAX_VALUE;
    unit.add(new Fragment.Align(unit.statement(), alignment, limit, filler));
  }

  private static byte[] repeat(byte value, int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, value);
    return bytes;
  }

  /// `NAME[, "flags"[, @type[, …]]]`. Without flags the name tells what a section is.
  private void section(Cursor cursor) {
    String name = cursor.peek() == '"' ? new String(cursor.string(), StandardCharsets.UTF_8) : sectionName(cursor);
    Access access = accessOf(name);
    if (cursor.accept(",")) {
      String flags = new String(cursor.string(), StandardCharsets.UTF_8);
      access = flags.contains("x") ? Access.TEXT : flags.contains("w") ? Access.DATA : Access.RODATA;
      cursor.take(c -> true);
    }
    unit.enterSection(name, access);
  }

  private static String sectionName(Cursor cursor) {
    String name = cursor.take(c -> Cursor.isSymbolPart(c) || c == '-');
    if (name.isEmpty()) {
      throw new SyntaxError("a section name is missing");
    }
    return name;
  }

  private static Access accessOf(String name) {
    if (name.matches("\\.(init\\.|entry\\.)?text(\\..*)?")) {
      return Access.TEXT;
    }
    return name.startsWith(".rodata") ? Access.RODATA : Access.DATA;
  }

  private boolean symbol(String name, Cursor cursor) {
    switch (name) {
      case ".set", ".equ", ".equiv" -> {
        String symbol = cursor.expectSymbol();
        cursor.expect(",");
        unit.assign(symbol, cursor);
      }
      case ".type" -> type(cursor);
      case ".size" -> {
        String symbol = cursor.expectSymbol();
        cursor.expect(",");
        unit.symbols().setSize(symbol, unit.expression(cursor), unit.statement());
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void type(Cursor cursor) {
    String symbol = cursor.expectSymbol();
    cursor.expect(",");
    if (!cursor.accept("@") && !cursor.accept("%") && !cursor.accept("#")) {
      cursor.accept("STT_");
    }
    String type = cursor.expectSymbol();
    Symbol.Kind kind =
        switch (type.toLowerCase(Locale.ROOT)) {
          case "function", "func" -> Symbol.Kind.FUNCTION;
          case "object" -> Symbol.Kind.OBJECT;
          case "notype" -> Symbol.Kind.NOTYPE;
          default -> throw new SyntaxError("unknown symbol type '" + type + "'");
        };
    unit.symbols().setKind(symbol, kind);
  }
}

package dev.crosspatch.asm;

import dev.crosspatch.asm.SectionBuilder.Literal;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Section.Access;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// A source while it is read: takes its statements one by one and grows sections and symbols. A [Dialect] reads
/// operands by it.
public final class Unit {
  private final Dialect isa;
  private final Map<String, Long> layout;
  private final SymbolTable symbols;
  private final Directives directives = new Directives(this);
  private final Map<String, SectionBuilder> sections = new LinkedHashMap<>();
  private final Deque<SectionBuilder> sectionStack = new ArrayDeque<>();
  private SectionBuilder section;
  private SectionBuilder previous;
  private Syntax syntax;
  private Statement statement = new Statement("", 0, "", "");

  /// @param layout  start address of each section
  /// @param symbols what the source uses and does not define
  /// @param syntax  of its instructions until a directive says another one
  Unit(Dialect isa, Map<String, Long> layout, SymbolTable symbols, Syntax syntax) {
    this.isa = isa;
    this.syntax = syntax;
    this.layout = layout;
    this.symbols = symbols;
    // The section before any directive; if it has no address only its use is an error.
    section = new SectionBuilder(".text", layout.getOrDefault(".text", 0L), Access.TEXT);
    previous = section;
    sections.put(".text", section);
  }

  Dialect isa() {
    return isa;
  }

  Encoder encoder() {
    return isa.encoder();
  }

  SymbolTable symbols() {
    return symbols;
  }

  Collection<SectionBuilder> sections() {
    return sections.values();
  }

  /// How instructions are written here.
  public Syntax syntax() {
    return syntax;
  }

  /// Has the instructions that follow read in another syntax.
  void setSyntax(Syntax next) {
    syntax = next;
  }

  /// The statement being read.
  Statement statement() {
    return statement;
  }

  /// The section being filled.
  SectionBuilder section() {
    return section;
  }

  /// Reads a statement: labels, then a directive, an assignment or an instruction.
  void read(Statement next) {
    statement = next;
    try {
      Cursor cursor = new Cursor(next.text());
      while (readLabel(cursor)) {}
      String rest = cursor.rest();
      if (rest.isEmpty() || readAssignment(cursor) || directives.read(cursor)) {
        return;
      }
      int first = section.nextIndex();
      add(isa.instruction(next.withText(rest), this));
      if (!rest.startsWith(".")) {
        section.markInstruction(first);
      }
    } catch (SyntaxError e) {
      throw next.error(e.reason());
    }
  }

  private boolean readLabel(Cursor cursor) {
    int start = cursor.position();
    String name = cursor.take(Cursor::isSymbolPart);
    if (name.isEmpty() || !cursor.accept(":") || !isLabel(name)) {
      cursor.seek(start);
      return false;
    }
    requireAddress();
    symbols.defineLabel(name, section, statement);
    return true;
  }

  private static boolean isLabel(String name) {
    return Cursor.isSymbolStart(name.charAt(0)) || name.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private boolean readAssignment(Cursor cursor) {
    int start = cursor.position();
    String name = cursor.symbol();
    if (name.isEmpty() || !cursor.accept("=") || cursor.accept("=")) {
      cursor.seek(start);
      return false;
    }
    assign(name, cursor);
    return true;
  }

  /// Sets `name` to the expression that comes next.
  void assign(String name, Cursor cursor) {
    Expression value = expression(cursor);
    cursor.expectEnd();
    if (name.equals(".")) {
      add(new Fragment.Origin(statement, value, section.start));
    } else {
      symbols.set(name, value, statement);
    }
  }

  /// The expression that is all of `text`.
  ///
  /// @throws SyntaxError if it is none
  public Expression expression(String text) {
    Cursor cursor = new Cursor(text);
    Expression value = expression(cursor);
    cursor.expectEnd();
    return value;
  }

  /// Takes an expression.
  Expression expression(Cursor cursor) {
    return new ExpressionParser(cursor, this::use).parse();
  }

  /// What a symbol stands for here; `.` is the current place.
  Expression use(String name) {
    if (name.equals(".")) {
      requireAddress();
      return new Expression.Reference(symbols.defineAnonymous(section, statement));
    }
    return symbols.use(name);
  }

  /// Appends to the current section.
  public void add(Fragment fragment) {
    requireAddress();
    section.add(fragment);
  }

  private void requireAddress() {
    if (!layout.containsKey(section.name)) {
      throw new SyntaxError(
          "section '" + section.name + "' has no address; there are ones for " + new TreeSet<>(layout.keySet()));
    }
  }

  /// Continues in section `name`.
  ///
  /// @param access what it is if it is new
  void enterSection(String name, Access access) {
    previous = section;
    section =
        sections.computeIfAbsent(name, n -> new SectionBuilder(n, layout.getOrDefault(n, 0L), access));
  }

  /// Remembers the current section for [#popSection].
  void pushSection() {
    sectionStack.push(section);
  }

  /// Continues in the section that was pushed last.
  void popSection() {
    if (sectionStack.isEmpty()) {
      throw new SyntaxError(".popsection without .pushsection");
    }
    previous = section;
    section = sectionStack.pop();
  }

  /// Continues in the section before the current one.
  void previousSection() {
    SectionBuilder before = previous;
    previous = section;
    section = before;
  }

  /// The address of a constant in the section's literal pool.
  public Expression literal(Expression value, int width) {
    for (Literal known : section.literals) {
      if (known.value().equals(value) && known.width() == width) {
        return new Expression.Reference(known.label());
      }
    }
    Literal literal = new Literal(symbols.reserveAnonymous(), value, width);
    section.literals.add(literal);
    return new Expression.Reference(literal.label());
  }

  /// Places the literals of the current section here, largest first so that all are aligned.
  void placeLiterals() {
    List<Literal> pool = section.literals;
    if (pool.isEmpty()) {
      return;
    }
    pool.sort((a, b) -> b.width() - a.width());
    add(new Fragment.Align(statement, pool.getFirst().width(), Long.MAX_VALUE, isa::padding));
    for (Literal literal : pool) {
      symbols.defineAnonymous(literal.label(), section, statement);
      add(new Fragment.Value(statement, literal.value(), literal.width()));
    }
    pool.clear();
  }

  /// Ends the source.
  void finish() {
    if (!sectionStack.isEmpty()) {
      throw statement.error(".pushsection without .popsection");
    }
    for (SectionBuilder each : sections.values()) {
      section = each;
      placeLiterals();
    }
  }
}

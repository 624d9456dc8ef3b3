package dev.crosspatch.asm;

import dev.crosspatch.core.code.Symbol;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The symbols of a unit: constants, labels, and names set to expressions of labels.
final class SymbolTable {
  private static final int DEEPEST_ALIAS = 100;
  /// Names that are followed for one value; more only if every name uses another one several times.
  private static final int MOST_FOLLOWED = 100_000;

  /// A place in a section.
  ///
  /// @param section where
  /// @param index   of the fragment it stands before
  record Label(SectionBuilder section, int index, Statement statement) {
    long address() {
      return section.address(index);
    }
  }

  private record Alias(Expression expression, Statement statement) {}

  private final Map<String, Long> constants;
  private final Map<String, Label> labels = new LinkedHashMap<>();
  private final Map<String, Alias> aliases = new HashMap<>();
  private final Map<String, Integer> numericLabels = new HashMap<>();
  private final Map<String, Symbol.Kind> kinds = new HashMap<>();
  private final Map<String, Alias> sizes = new HashMap<>();
  private int anonymous;
  private int depth;
  private int followed;

  /// @param given symbols with their values
  SymbolTable(Map<String, Long> given) {
    constants = new HashMap<>(given);
  }

  /// Whether `name` has been defined so far.
  boolean isDefined(String name) {
    return constants.containsKey(name) || labels.containsKey(name) || aliases.containsKey(name);
  }

  /// Whether `name` is a number by now.
  boolean isConstant(String name) {
    return constants.containsKey(name);
  }

  /// What `name` stands for at this point of the source.
  ///
  /// @param name a symbol, or a reference to a local label: digits and `b` or `f`
  Expression use(String name) {
    Long value = constants.get(name);
    if (value != null) {
      return new Expression.Constant(value);
    }
    return new Expression.Reference(Character.isDigit(name.charAt(0)) ? numericReference(name) : name);
  }

  private String numericReference(String name) {
    String number = name.substring(0, name.length() - 1);
    int seen = numericLabels.getOrDefault(number, 0);
    if (name.endsWith("f")) {
      return numericName(number, seen + 1);
    }
    if (seen == 0) {
      throw new SyntaxError("no label '" + number + ":' before this");
    }
    return numericName(number, seen);
  }

  /// A name that no source can contain.
  private static String numericName(String number, int occurrence) {
    return number + "#" + occurrence;
  }

  /// A name for a label that no source can use.
  String reserveAnonymous() {
    return "#" + anonymous++;
  }

  /// Defines a label of that kind.
  void defineAnonymous(String name, SectionBuilder section, Statement statement) {
    labels.put(name, new Label(section, section.nextIndex(), statement));
  }

  /// Defines a label that has no name and returns the name it got.
  String defineAnonymous(SectionBuilder section, Statement statement) {
    String name = reserveAnonymous();
    defineAnonymous(name, section, statement);
    return name;
  }

  /// Defines a label, or the next of the local labels if `name` is a number.
  void defineLabel(String name, SectionBuilder section, Statement statement) {
    String unique = Character.isDigit(name.charAt(0))
        ? numericName(name, numericLabels.merge(name, 1, Integer::sum)) : name;
    refuseSecond(unique);
    labels.put(unique, new Label(section, section.nextIndex(), statement));
  }

  /// Sets `name` to `expression`. Only constants can be set again.
  void set(String name, Expression expression, Statement statement) {
    if (labels.containsKey(name) || aliases.containsKey(name)) {
      refuseSecond(name);
    }
    if (expression.isConstant()) {
      constants.put(name, expression.constant(""));
    } else {
      refuseSecond(name);
      aliases.put(name, new Alias(expression, statement));
    }
  }

  private void refuseSecond(String name) {
    if (isDefined(name)) {
      Label label = labels.get(name);
      String where = label == null ? "" : " at line " + label.statement.writtenAt();
      throw new SyntaxError("'" + name + "' is already defined" + where);
    }
  }

  /// Notes what a `.type` statement says.
  void setKind(String name, Symbol.Kind kind) {
    kinds.put(name, kind);
  }

  /// Notes what a `.size` statement says.
  void setSize(String name, Expression size, Statement statement) {
    sizes.put(name, new Alias(size, statement));
  }

  /// The value of a symbol under the present layout.
  long value(String name) {
    Label label = labels.get(name);
    if (label != null) {
      return label.address();
    }
    Alias alias = aliases.get(name);
    if (alias != null) {
      return follow(name, alias);
    }
    Long constant = constants.get(name);
    if (constant == null) {
      throw new SyntaxError("undefined " + describe(name));
    }
    return constant;
  }

  private static String describe(String name) {
    int mark = name.indexOf('#');
    return mark < 0 ? "symbol '" + name + "'" : "label '" + name.substring(0, mark) + "f'";
  }

  private long follow(String name, Alias alias) {
    if (depth >= DEEPEST_ALIAS) {
      throw new SyntaxError("'" + name + "' is set to itself, or through more than " + DEEPEST_ALIAS + " other names");
    }
    followed = depth == 0 ? 0 : followed + 1;
    if (followed > MOST_FOLLOWED) {
      throw new SyntaxError("the value of '" + name + "' goes through more than " + MOST_FOLLOWED + " other names");
    }
    depth++;
    try {
      return alias.expression.value(this::value);
    } finally {
      depth--;
    }
  }

  /// The labels an image shows, in the order of their definition: neither numbered nor anonymous, not `.L…`.
  Map<String, Label> publicLabels() {
    Map<String, Label> result = new LinkedHashMap<>(labels);
    result.keySet().removeIf(name -> name.startsWith(".L") || name.indexOf('#') >= 0);
    return result;
  }

  /// Label `name` as a symbol of an image.
  Symbol symbol(String name, Label label) {
    Alias size = sizes.get(name);
    return new Symbol(
        name, label.address(), size == null ? 0 : sizeOf(size), kinds.getOrDefault(name, Symbol.Kind.NOTYPE));
  }

  private long sizeOf(Alias size) {
    try {
      return size.expression.value(this::value);
    } catch (SyntaxError e) {
      throw size.statement.error(e.reason());
    }
  }
}

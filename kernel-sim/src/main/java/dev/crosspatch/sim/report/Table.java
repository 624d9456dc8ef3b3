package dev.crosspatch.sim.report;

import java.util.ArrayList;
import java.util.List;

/// A table of a page. Where there is no room for its columns, each row is a list, with the columns' names before the
/// values.
public final class Table {
  private final List<String> columns;
  private final List<List<Object>> rows = new ArrayList<>();

  /// One with these columns, of which the first names the row.
  public Table(String... columns) {
    this.columns = List.of(columns);
  }

  /// Adds a row: numbers, [Html], or anything else for its text.
  public Table row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
    }
    rows.add(List.of(cells));
    return this;
  }

  /// Whether it has no row.
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /// Writes it.
  ///
  /// @param caption what it is a table of
  public void write(Html html, String caption) {
    html.open("table").element("caption", caption).open("thead").open("tr");
    boolean[] numbers = new boolean[columns.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = isNumber(i);
      html.element("th", columns.get(i), "scope", "col", "class", numbers[i] ? "n" : "t");
    }
    html.close("tr", "thead").open("tbody");
    for (List<Object> row : rows) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        cell(html, i, row.get(i), numbers[i] ? "n" : "t");
      }
      html.close("tr");
    }
    html.close("tbody", "table");
  }

  private void cell(Html html, int column, Object value, String kind) {
    String tag = column == 0 ? "th" : "td";
    html.open(tag, "data-label", columns.get(column), "class", kind);
    switch (value) {
      case Html part -> html.open("span").add(part).close("span");
      case Number n -> html.text(Html.number(n.longValue()));
      default -> html.text(value.toString());
    }
    html.close(tag);
  }

  /// Whether a column is one of numbers, but for what is not known.
  private boolean isNumber(int column) {
    return rows.stream().map(row -> row.get(column))
        .allMatch(v -> v instanceof Number || v.toString().matches("-|\\+?[\\d,]+"));
  }
}

package dev.crosspatch.sim.fields;

import java.util.List;

/// A text's content as a tree, in which every part knows its line: what YAML and JSON have in common.
sealed interface Value {
  /// 1-based line at which it begins.
  int line();

  /// A single value, as it is written, without quotes.
  record Scalar(String text, int line) implements Value {}

  /// A list.
  record Items(List<Value> items, int line) implements Value {}

  /// Keys with values, in the order in which they stand; a key may stand twice.
  record Mapping(List<Entry> entries, int line) implements Value {}

  /// A key of a mapping with its value.
  ///
  /// @param line of the key
  record Entry(String key, int line, Value value) {}
}

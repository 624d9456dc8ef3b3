package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Of each row of an instruction set, how many vectors were executed by us and by a stranger and compared; and the
/// section of `docs/isa-coverage.md` that tells it. `-Dcrosspatch.write=true` writes that anew.
final class RowVectors {
  private static final Path DOCUMENT = Path.of("..", "docs", "isa-coverage.md");
  private static final Path ELSEWHERE = Path.of("src", "test", "resources", "vectors-elsewhere.tsv");

  /// Parts of rows of x86-64, `encoding | form`.
  static final String X86 = "(?<rest>.*) \\| (?<mnemonic>\\S+).*";
  /// Parts of rows of AArch64, `ADD (immediate) | bits`.
  static final String A64 = "(?<mnemonic>[^(|]+?)(?: \\((?<rest>[^|]*)\\))? \\| .*";

  private final String isa;
  private final String test;
  private final Pattern parts;
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private final Set<String> lacking = new HashSet<>();
  private final Map<Pattern, String> elsewhere = new LinkedHashMap<>();

  /// Nothing was run yet.
  ///
  /// @param isa   as `vectors-elsewhere.tsv` has it
  /// @param test  who counts
  /// @param parts of a row: `mnemonic`, and `rest`, by which rows of a mnemonic are told apart
  /// @param rows  all that are emulated, as they are counted
  RowVectors(String isa, String test, String parts, List<String> rows) throws IOException {
    this.isa = isa;
    this.test = test;
    this.parts = Pattern.compile(parts);
    rows.forEach(row -> counts.put(row, 0));
    for (String line : Files.readAllLines(ELSEWHERE)) {
      String[] columns = line.split("\t", -1);
      if (columns[0].equals(isa)) {
        elsewhere.put(Pattern.compile(columns[1]), columns[2]);
      }
    }
  }

  /// A row was executed, unless none is.
  void count(@Nullable String row) {
    if (row != null) {
      counts.computeIfPresent(row, (r, n) -> n + 1);
    }
  }

  /// The stranger has not the instruction of this row.
  void lacks(@Nullable String row) {
    if (row != null) {
      lacking.add(row);
    }
  }

  /// Every row has vectors, or is listed with where else it is tested; and the document has the rows.
  void hold() throws IOException {
    assertEquals("", counts.keySet().stream()
        .filter(row -> isWithout(row) && !lacking.contains(row) && elsewhere(row) == null)
        .collect(Collectors.joining("\n")),
        "rows of which " + test + " compares nothing, and that " + ELSEWHERE.getFileName() + " does not list");
    assertEquals(List.of(), elsewhere.keySet().stream()
        .filter(listed -> rows(listed).isEmpty() || !rows(listed).stream().allMatch(this::isWithout)).toList(),
        "listed in " + ELSEWHERE.getFileName() + ", but there is no such row, or it has vectors");
    document();
  }

  private void document() throws IOException {
    String text = Files.readString(DOCUMENT);
    String beginning = "<!-- vectors of " + isa + ": written by " + test + " -->\n";
    int begin = text.indexOf(beginning) + beginning.length();
    int end = text.indexOf("<!-- vectors of " + isa + ": end -->", begin);
    if (Boolean.getBoolean("crosspatch.write")) {
      Files.writeString(DOCUMENT, text.substring(0, begin) + table() + text.substring(end));
      return;
    }
    assertEquals(withoutCounts(table()), withoutCounts(text.substring(begin, end)),
        "run this test with -Dcrosspatch.write=true to write the table anew");
  }

  /// Whether something of a row was compared.
  boolean has(String row) {
    return !isWithout(row);
  }

  private boolean isWithout(String row) {
    return counts.getOrDefault(row, 0) == 0;
  }

  private @Nullable String elsewhere(String row) {
    return elsewhere.keySet().stream().filter(listed -> listed.matcher(row).matches()).map(elsewhere::get)
        .findFirst().orElse(null);
  }

  private List<String> rows(Pattern listed) {
    return counts.keySet().stream().filter(row -> listed.matcher(row).matches()).toList();
  }

  private static String withoutCounts(String table) {
    return table.replaceAll("(?<=[:|;] )[0-9,]+(?=;| \\|)", "#");
  }

  /// A line for each mnemonic.
  private String table() {
    Map<String, List<String>> mnemonics = new TreeMap<>();
    counts.forEach((row, count) -> {
      Matcher m = parts.matcher(row);
      if (!m.matches()) {
        throw new IllegalArgumentException("row " + row);
      }
      String rest = m.group("rest") == null ? "" : m.group("rest") + ": ";
      mnemonics.computeIfAbsent(m.group("mnemonic"), key -> new ArrayList<>())
          .add(rest + (count == 0 && !lacking.contains(row) ? elsewhere(row) : String.format("%,d", count)));
    });
    return "\n| instruction | rows: vectors |\n|---|---|\n" + mnemonics.entrySet().stream()
        .map(e -> "| " + e.getKey() + " | " + String.join("; ", e.getValue()) + " |\n").collect(Collectors.joining())
        + "\n";
  }
}

package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The tables of AArch64 instructions and registers in `docs/isa-coverage.md` are the rows' own.
/// `-Dcrosspatch.write=true` writes them there.
class Arm64CoverageTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "isa-coverage.md");
  private static final String BEGIN = "<!-- AArch64 rows: written by Arm64CoverageTest -->\n";
  private static final String END = "<!-- AArch64 rows: end -->\n";
  /// First words of names that say nothing without the second.
  private static final Set<String> FAMILIES = Set.of("AT", "DC", "IC", "MSR", "TLBI", "DSB");

  @Test
  void documentTellsTheRows() throws IOException {
    String text = Files.readString(DOCUMENT);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    if (Boolean.getBoolean("crosspatch.write")) {
      Files.writeString(DOCUMENT, text.substring(0, begin) + tables() + text.substring(end));
      return;
    }
    assertEquals(tables(), text.substring(begin, end),
        "run this test with -Dcrosspatch.write=true to write the tables anew");
  }

  private static String tables() {
    StringBuilder out =
        new StringBuilder("\n| extension | cores | instructions | system registers |\n|---|---|---|---|\n");
    for (Arm64Feature feature : Arm64Feature.values()) {
      String title = feature == Arm64Feature.BASE ? "base" : "FEAT_" + feature;
      String registers = feature == Arm64Feature.BASE ? "below" : joined(registers(r -> r.feature() == feature));
      out.append("| ").append(title).append(" | ").append(cores(feature)).append(" | ")
          .append(joined(instructions(feature))).append(" | ")
          .append(registers).append(" |\n");
    }
    out.append("\nSystem registers of every core: ").append(joined(registers(r -> r.feature() == Arm64Feature.BASE)))
        .append(".\n\n");
    return out.append(identification()).append('\n').toString();
  }

  private static String cores(Arm64Feature feature) {
    return Arrays.stream(Arm64Preset.values()).filter(p -> p.has(feature)).map(p -> "`" + p.title() + "`")
        .collect(Collectors.joining(", "));
  }

  private static Set<String> instructions(Arm64Feature feature) {
    return Arm64Rows.ALL.stream().filter(row -> row.feature() == feature).map(Arm64CoverageTest::title)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String title(Arm64Row row) {
    return FAMILIES.contains(row.mnemonic())
        ? row.name().replace(" (register)", "") : row.name().replaceAll(" \\(.*", "");
  }

  private static Set<String> registers(Predicate<Arm64SystemRegister> which) {
    return Arrays.stream(Arm64SystemRegister.values()).filter(which).filter(r -> r != Arm64SystemRegister.ID_RESERVED)
        .map(Enum::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String joined(Set<String> names) {
    return names.isEmpty() ? "-" : String.join(", ", names);
  }

  private static String identification() {
    List<Arm64SystemRegister> registers = Arrays.stream(Arm64SystemRegister.values())
        .filter(r -> r.name().startsWith("ID_AA64") || r.name().equals("MIDR_EL1")).toList();
    StringBuilder out = new StringBuilder("| identification | " + Arrays.stream(Arm64Preset.values())
        .map(Arm64Preset::title).collect(Collectors.joining(" | ")) + " |\n|---|---|---|---|\n");
    for (Arm64SystemRegister register : registers) {
      out.append("| ").append(register.name());
      for (Arm64Preset preset : Arm64Preset.values()) {
        out.append(String.format(" | `%016x`", preset.value(register)));
      }
      out.append(" |\n");
    }
    return out.toString();
  }
}

package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.uop.CostClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Every row that computes has a form which the host CPU runs beside the emulator (`X86HostCpuTest` in module tests).
final class X86HostFormsTest {
  private static final Path FORMS = Path.of("..", "tests", "src", "test", "resources", "x86-host-forms.tsv");
  private static final Set<CostClass> COMPUTES =
      Set.of(CostClass.ALU, CostClass.SHIFT, CostClass.MUL, CostClass.DIV);
  /// System state, which user mode cannot see, may not change or finds otherwise than a kernel leaves it; faults and
  /// privileges of these are held by `X86HostPrivilegeTest` and by rules from the manual.
  private static final Set<String> SYSTEM = Set.of("RDFSBASE", "RDGSBASE", "SMSW", "SLDT", "STR", "CLI", "STI",
      "CLAC", "STAC");
  /// Rows whose forms are written out with their operands, or with the instructions that they need around them.
  private static final Set<String> WRITTEN_OUT = Set.of("A0 o", "A1 o", "A2 o", "A3 o", "FC", "FD", "0F 90+c /r");

  private static boolean computes(X86Row row) {
    boolean segment = row.form.startsWith("MOV") && row.form.contains("Sw");
    return !row.foreign && !row.privileged && COMPUTES.contains(row.cost) && !segment && !SYSTEM.contains(row.mnemonic)
        && !WRITTEN_OUT.contains(row.encoding);
  }

  private static String plain(String encoding) {
    return encoding.replaceAll("^(NFx|NP|F0) |REX\\.W[01] ", "");
  }

  @Test
  void everyRowThatComputesHasAFormForTheHostCpu() throws IOException {
    Set<String> forms = Files.readAllLines(FORMS).stream().filter(line -> !line.startsWith("#"))
        .map(line -> plain(line.substring(0, line.indexOf('\t')))).collect(Collectors.toSet());
    List<String> without = X86Rows.ALL.stream().filter(X86HostFormsTest::computes)
        .filter(row -> !forms.contains(plain(row.encoding))).map(X86Row::toString).toList();
    assertEquals(List.of(), without, "rows without a line in " + FORMS);
  }
}

package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.Disassembler;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the assembler accepts, Capstone must read as the same instruction.
class CapstoneRoundTripTest {
  private static final long ADDRESS = 0x1000;
  private static final Pattern NUMBER = Pattern.compile("-?\\b(0x[0-9a-f]+|\\d+)\\b");

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void capstoneReadsTheSameInstruction(String isa) {
    Disassembler capstone = new KeystoneProvider().disassembler(isa);
    List<TestAssemblers.Row> rows = TestAssemblers.rows(isa);
    assertTrue(rows.size() > 450, "only " + rows.size() + " rows");
    List<String> differences = new ArrayList<>();
    for (TestAssemblers.Row row : rows) {
      byte[] code = TestAssemblers.assembler(isa).assemble(ADDRESS, row.text());
      String seen = read(capstone, code);
      if (!seen.equals(plain(row.expected()))) {
        differences.add("line " + row.number() + ": " + row.text() + " is read as " + seen);
      }
    }
    assertEquals(List.of(), differences);
  }

  /// What Capstone calls `code`, all of which must be one instruction; `?` if it is none.
  private static String read(Disassembler capstone, byte[] code) {
    Disassembler.Line line = capstone.disassemble(code, 0, ADDRESS);
    return line == null || line.length() != code.length ? "?" : plain(line.text());
  }

  /// The text with all numbers in unsigned decimal.
  private static String plain(String text) {
    return NUMBER.matcher(text).replaceAll(m -> Long.toUnsignedString(number(m.group())));
  }

  private static long number(String text) {
    boolean minus = text.startsWith("-");
    String digits = minus ? text.substring(1) : text;
    long value =
        digits.startsWith("0x")
            ? Long.parseUnsignedLong(digits.substring(2), 16)
            : Long.parseUnsignedLong(digits);
    return minus ? -value : value;
  }

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void capstoneGivesNothingForTruncatedCode(String isa) {
    Disassembler capstone = new KeystoneProvider().disassembler(isa);
    byte[] code = isa.equals(TestAssemblers.X86_64) ? new byte[] {(byte) 0xe9, 0, 0} : new byte[] {0, 0, 0};
    assertNull(capstone.disassemble(code, 0, ADDRESS));
    assertNotNull(capstone.disassemble(TestAssemblers.assembler(isa).assemble(ADDRESS, "nop"), 0, ADDRESS));
  }
}

package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.code.Disassembler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the assembler accepts, Capstone must read as the same instruction.
class CapstoneRoundTripTest {
  private static final long ADDRESS = 0x1000;
  private static final int LINES = Integer.getInteger("crosspatch.lines", 4000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int[] PREFIXES = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x3e, 0x64, 0x65, 0x67};
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

  /// Texts that mean the same, and what they become before they are compared.
  private static final Map<String, String> SAME =
      Map.of(
          "^sal ", "shl ",
          // Without a size these are the 64-bit forms to us; Capstone gives the name to the 16-bit ones.
          "^(push|pop)f$", "$1fq",
          "^l(call|jmp) ", "$1 ptr ",
          // D8 and DC say this differently.
          "^(f\\w+) st\\(0\\), st\\(0\\)$", "$1 st(0)",
          // RSI has this segment anyway.
          "^((?:rep\\w* )?(?:lods|movs|cmps|outs).*)\\bds:", "$1",
          // Both orders are one encoding.
          "^(.*xchg) (\\w+), (\\w+)$", "$1 $3, $2");

  /// Lines nobody chose: what Capstone calls random code. Many are of extensions that Keystone does not have, and are
  /// refused. `-Dcrosspatch.lines=N` and `-Dcrosspatch.seed=N` choose how many and which.
  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void randomLinesAreRefusedOrReadTheSame(String isa) {
    Disassembler capstone = new KeystoneProvider().disassembler(isa);
    Random random = new Random(SEED);
    List<String> differences = new ArrayList<>();
    int accepted = 0;
    for (int i = 0; i < LINES; i++) {
      Disassembler.Line line = capstone.disassemble(randomCode(isa, random), 0, ADDRESS);
      byte[] code = line == null ? new byte[0] : assembled(isa, line.text());
      if (line == null || code.length == 0) {
        continue;
      }
      accepted++;
      String seen = read(capstone, code);
      if (!same(seen, plain(line.text()))) {
        differences.add(line.text() + " is read as " + seen);
      }
    }
    assertEquals(List.of(), differences, "seed " + SEED);
    assertTrue(accepted > LINES / 4, "only " + accepted + " lines of " + LINES + " accepted");
  }

  /// Empty if it is refused.
  private static byte[] assembled(String isa, String text) {
    try {
      return TestAssemblers.assembler(isa).assemble(ADDRESS, text);
    } catch (AssemblyException e) {
      return new byte[0];
    }
  }

  private static byte[] randomCode(String isa, Random random) {
    byte[] code = new byte[isa.equals(TestAssemblers.X86_64) ? 15 : 4];
    random.nextBytes(code);
    if (isa.equals(TestAssemblers.X86_64)) {
      int at = random.nextInt(8) == 0 ? 1 : 0;
      code[0] = at == 0 ? code[0] : (byte) PREFIXES[random.nextInt(PREFIXES.length)];
      boolean rex = random.nextInt(3) == 0;
      code[at] = rex ? (byte) (0x40 | (code[at] & 15)) : code[at];
      at += rex ? 1 : 0;
      code[at] = random.nextInt(3) == 0 ? 0x0f : code[at];
    }
    return code;
  }

  private static boolean same(String seen, String expected) {
    boolean equal = seen.equals(expected);
    for (Map.Entry<String, String> entry : SAME.entrySet()) {
      equal |= seen.equals(expected.replaceFirst(entry.getKey(), entry.getValue()));
    }
    // Capstone shows the immediate of one of the two encodings of TEST with a sign.
    return equal || (expected.startsWith("test ") && withoutImmediate(seen).equals(withoutImmediate(expected)));
  }

  private static String withoutImmediate(String text) {
    return text.replaceFirst(", \\d+$", "");
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

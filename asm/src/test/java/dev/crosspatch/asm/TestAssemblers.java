package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/// What the tests of this package share: one assembler per ISA, since opening Keystone takes long, and the test data.
final class TestAssemblers {
  static final String X86_64 = "x86-64";
  static final String AARCH64 = "aarch64";

  private static final Assembler X86_64_ASSEMBLER = new KeystoneProvider().assembler(X86_64);
  private static final Assembler AARCH64_ASSEMBLER = new KeystoneProvider().assembler(AARCH64);

  private TestAssemblers() {}

  static Assembler assembler(String isa) {
    return isa.equals(X86_64) ? X86_64_ASSEMBLER : AARCH64_ASSEMBLER;
  }

  static String x86(long address, String source) {
    return HexFormat.of().formatHex(X86_64_ASSEMBLER.assemble(address, source));
  }

  static String a64(long address, String source) {
    return HexFormat.of().formatHex(AARCH64_ASSEMBLER.assemble(address, source));
  }

  /// The message of the error that `source` is refused with.
  static String refusal(Executable source) {
    return Objects.requireNonNull(Assertions.assertThrows(AssemblyException.class, source).getMessage());
  }

  /// A line of `instructions.ISA.txt`.
  ///
  /// @param number   of the line
  /// @param text     an instruction
  /// @param expected what Capstone must call it, `?` if Capstone does not know it
  record Row(int number, String text, String expected) {}

  static List<Row> rows(String isa) {
    List<String> lines = resource("instructions." + isa + ".txt").lines().toList();
    return IntStream.range(0, lines.size())
        .filter(i -> !lines.get(i).startsWith("//"))
        .mapToObj(i -> row(i + 1, lines.get(i)))
        .toList();
  }

  private static Row row(int number, String line) {
    int arrow = line.indexOf(" => ");
    return arrow < 0
        ? new Row(number, line, line)
        : new Row(number, line.substring(0, arrow), line.substring(arrow + 4));
  }

  static String resource(String name) {
    try (InputStream in = TestAssemblers.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

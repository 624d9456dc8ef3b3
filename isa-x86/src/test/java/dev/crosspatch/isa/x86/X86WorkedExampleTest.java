package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.RunResult.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// README's example of an instruction: LAHF is a row, a line and a method, and runs.
final class X86WorkedExampleTest {
  private static final Path README = Path.of("../README.md");
  private static final Path SOURCES = Path.of("src/main/java");

  /// The lines README shows are the lines that are there.
  @Test
  void readmeShowsWhatIsThere() throws IOException {
    String readme = Files.readString(README);
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        sources.append(Files.readString(file));
      }
    }
    for (String line : new String[] {
        "9F               | LAHF                    | ALU                        | 2A LAHF",
        "case \"LAHF\" -> X86EmitSystem.plain(b, X86Helpers::lahf);",
        "static int lahf(X86Core c, long w, long imm) {"}) {
      assertTrue(readme.contains(line), line);
      assertTrue(sources.indexOf(line) >= 0, line);
    }
  }

  /// AH = SF ZF 0 AF 0 PF 1 CF (SDM vol. 2A LAHF): ZF and PF after XOR of a register with itself.
  @Test
  void runs() {
    X86Lab lab = new X86Lab(1,
        "31 c0", // xor eax, eax
        "9f", // lahf
        "f4"); // hlt
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(0x4600, lab.core(0).r[X86Core.RAX]);
  }
}

package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Disassembler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// LLVM's disassembler, of the newest LLVM here (`llvmdisasm.c`).
public final class Llvm {
  /// The first that was held against us; older ones know no APX, and take VEX BD for BSR.
  private static final int OLDEST = 19;

  private Llvm() {}

  /// What it makes of strings of bytes that all are as long; skips the test where there is no LLVM, or an old one.
  ///
  /// @param triple   names the ISA, as `aarch64-linux-gnu`
  /// @param features as `-mattr` takes them
  /// @param strings  of 1..16 bytes each
  /// @return of each string the instruction at its start, with displacements of branches and without an address; null
  ///         if it is none
  public static List<Disassembler.@Nullable Line> disassemble(String triple, String features, List<byte[]> strings) {
    Path program = Oracles.compile("llvmdisasm", "dlfcn.h", "libc6-dev", "-ldl");
    String size = String.valueOf(strings.getFirst().length);
    List<String> lines = Oracles.run(List.of(program.toString(), triple, features, size), strings);
    Assumptions.assumeFalse(lines.getFirst().equals("none"), "skipped: no libLLVM here; Debian package llvm has it");
    Assumptions.assumeTrue(Integer.parseInt(lines.getFirst()) >= OLDEST,
        "skipped: LLVM " + lines.getFirst() + " is too old; Debian package llvm-19 has a newer one");
    List<Disassembler.@Nullable Line> found = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      found.add(line(line));
    }
    return found;
  }

  private static Disassembler.@Nullable Line line(String line) {
    int blank = line.indexOf(' ');
    int length = Integer.parseInt(line, 0, blank, 10);
    String[] text = line.substring(blank + 1).split("[\t ]+", 2);
    return length == 0 ? null : new Disassembler.Line(0, length, text[0], text.length > 1 ? text[1] : "");
  }
}

package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.isa.x86.X86Isa;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every instruction that objdump finds in Debian's busybox-static and bash-static, with the C library's code for all
/// kinds of processors in them: the emulator has it, or no preset's identification tells the extension it belongs to.
class DebianCodeTest {
  /// objdump's lines: address, bytes (of A64 one word), text.
  private static final Pattern LINE = Pattern.compile(" +([0-9a-f]+):\t([0-9a-f ]+?) *\t(.*)");

  /// Traps are there, and nothing but a fault.
  private static final Pattern TRAPS = Pattern.compile("ud2|udf|brk");
  /// What no preset has, by objdump's mnemonics: AVX-512's mask instructions, RTM, CET; SVE, MTE, MOPS.
  private static final Pattern ELSEWHERE = Pattern.compile(
      "k(mov|or|ortest|test|unpck|xnor)[bwdq]+|x(begin|end|abort|test)|incsspq"
          + "|cnt[bd]|ptrue|whilelo|[ls]d1b|st1b|gmi|irg|ldg|stz?2?g|cpyf?[pme]|set[pme]");
  private static final int EVEX = 0x62;

  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource({"amd64, bin/busybox", "amd64, bin/bash-static", "arm64, bin/busybox", "arm64, bin/bash-static"})
  void everyInstructionIsThere(String architecture, String path, TestReporter reporter)
      throws IOException, InterruptedException {
    Path program = Programs.debian(architecture, path);
    boolean a64 = architecture.equals("arm64");
    String objdump = a64 ? "aarch64-linux-gnu-objdump" : "objdump";
    Programs.need(objdump, a64 ? "binutils-aarch64-linux-gnu" : "binutils");
    Isa isa = a64 ? new Arm64Isa() : new X86Isa();
    UopBuffer out = new UopBuffer();
    Map<String, String> absent = new TreeMap<>();
    int instructions = 0;
    int elsewhere = 0;
    for (String line : Programs.run(directory, List.of(objdump, "-d", "-w", program.toString()))) {
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        continue;
      }
      byte[] code = HexFormat.of().parseHex(parts.group(2).replace(" ", ""));
      if (a64) {
        code = new byte[] {code[3], code[2], code[1], code[0]};
      }
      String text = parts.group(3);
      instructions++;
      out.clear();
      int length = isa.decode(code, 0, code.length, Mode.CODE_64, out);
      boolean undefined = CompiledCodeTest.isUndefined(length, out) && !TRAPS.matcher(mnemonic(text)).matches();
      if (undefined && isElsewhere(a64, code, text)) {
        elsewhere++;
      } else if (undefined) {
        absent.putIfAbsent(mnemonic(text), line);
      } else {
        assertEquals(code.length, length, line);
      }
    }
    reporter.publishEntry(instructions + " instructions of " + path + ", " + architecture + ", " + elsewhere
        + " of extensions that no preset has");
    assertTrue(instructions > 100_000, instructions + " instructions");
    assertEquals(Map.of(), absent);
  }

  private static String mnemonic(String text) {
    return text.replaceFirst("\\s.*", "");
  }

  private static boolean isElsewhere(boolean a64, byte[] code, String text) {
    return ELSEWHERE.matcher(mnemonic(text)).matches()
        || (a64 ? text.matches("dc\\s+g.*|mov\\s+[zp].*") : (code[0] & 0xff) == EVEX);
  }
}

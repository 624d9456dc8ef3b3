package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Why AT&T syntax has a reader of ours: Keystone's own (`KS_OPT_SYNTAX_ATT`) reads decimal numbers as hexadecimal ones
/// and makes other addresses of absolute ones, without a word. Should a later Keystone pass this, its reader may serve.
class KeystoneAttTest {
  private static final int KS_OPT_SYNTAX_ATT = 2;

  private static final Keystone KEYSTONE = new Keystone(KeystoneTarget.X86_64.arch, KeystoneTarget.X86_64.mode,
      KS_OPT_SYNTAX_ATT);

  @TempDir Path directory;

  private static String keystone(String line) {
    Keystone.Result result = KEYSTONE.assemble(line);
    return result.error().isEmpty() ? HexFormat.of().formatHex(result.bytes()) : "(" + result.error() + ")";
  }

  /// What it makes, and what GNU as and LLVM make.
  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "pushq $16 => 6a16 => 6a10",
    "retq $16 => c21600 => c21000",
    "movups 16(%rsp), %xmm7 => 0f107c2416 => 0f107c2410",
    "imull $100, %eax, %ecx => 69c800010000 => 6bc864",
    "movq %gs:40, %rax => 65488b0540000000 => 65488b042528000000",
    "movl 16(%eip), %eax => 8b4016 => 678b0510000000",
  })
  void isWrongInSilence(String line, String keystones, String right) throws Exception {
    assertEquals(keystones, keystone(line));
    assertEquals(right, AttTest.att(line));
    if (GnuAs.isInstalled()) {
      assertEquals(List.of(right), GnuAs.encode(directory, List.of(line)));
    }
  }

  @Test
  void readsMuchOtherwise() throws Exception {
    assumeTrue(GnuAs.isInstalled(), "GNU as for x86-64 is not installed");
    List<String> lines = TestAssemblers.resource("instructions.att.txt").lines()
        .filter(l -> !l.startsWith("//")).toList();
    List<String> gnu = GnuAs.encode(directory, lines);
    int otherwise = 0;
    for (int i = 0; i < lines.size(); i++) {
      String theirs = keystone(lines.get(i));
      otherwise += gnu.get(i).isEmpty() || LlvmAttTest.meaning(theirs).equals(LlvmAttTest.meaning(gnu.get(i))) ? 0 : 1;
    }
    assertNotEquals(0, KEYSTONE.assemble("movl %eax, %ebx").bytes().length, "the option works");
    assertTrue(otherwise > 30, otherwise + " of " + lines.size());
    System.out.println("KS_OPT_SYNTAX_ATT reads " + otherwise + " of " + lines.size() + " lines otherwise than GNU as");
  }
}

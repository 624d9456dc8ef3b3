package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands `asm` and `disasm`: their options, and that nothing is assembled which the decoder reads otherwise.
class AsmTest {
  @TempDir static Path dir = Path.of("");

  private static Said say(String... args) {
    return Said.of(dir, args);
  }

  /// Bytes of SDM volume 2 and DDI0487; GNU as makes the same.
  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "intel => mov eax, ebx => 89d8",
    "att => mov %eax, %ebx => 89c3",
    "att => movw $label, 8(%rbx,%rcx,4); label = 5 => 66c7448b080500",
    "intel => mov eax, ebx; .att_syntax; mov %eax, %ebx => 89d889c3",
    "att => mov %eax, %ebx; .intel_syntax noprefix; mov eax, ebx => 89c389d8",
    "att => lock; incl (%rax) => f0ff00",
  })
  void syntaxChoosesHowSourcesAreRead(String syntax, String source, String bytes) {
    Said said = say("asm", "--isa", "x86-64", "--syntax", syntax, source);
    assertEquals("", said.err);
    assertEquals(bytes + "\n", said.out);
    assertEquals(0, said.status);
  }

  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "x86-64 => intel => mov %eax, %ebx => <input>:1: a value expected before '%eax': mov %eax, %ebx",
    "x86-64 => att => mov eax, ebx => <input>:1: register 'eax' has a '%' before it in AT&T syntax: mov eax, ebx",
    "x86-64 => ATT => nop => --syntax: 'ATT' is none; there are intel and att",
    "x86-64 => masm => nop => --syntax: 'masm' is none; there are intel and att",
    "x86-64 => '' => nop => --syntax: '' is none; there are intel and att",
    "aarch64 => att => nop => --syntax: aarch64 has no AT&T syntax",
    "aarch64 => gas => nop => --syntax: 'gas' is none; there are intel and att",
  })
  void aSyntaxThatIsNoneOrAnother(String isa, String syntax, String source, String message) {
    Said said = say("asm", "--isa", isa, "--syntax", syntax.replace("''", ""), source);
    assertEquals("crosspatch: " + message + "\n", said.err);
    assertEquals(2, said.status);
  }

  @Test
  void syntaxOfAFile() throws IOException {
    Files.writeString(dir.resolve("a.s"), ".text\nl: movl $1, %eax\njmp l\n");
    Files.writeString(dir.resolve("i.s"), ".text\nl: mov eax, 1\njmp l\n");
    assertEquals(0, say("asm", "--isa", "x86-64", "--syntax", "att", "DIR/a.s", "-o", "DIR/a").status);
    assertEquals(0, say("asm", "--isa", "x86-64", "--syntax", "intel", "DIR/i.s", "-o", "DIR/i").status);
    assertArrayEquals(Files.readAllBytes(dir.resolve("i")), Files.readAllBytes(dir.resolve("a")));
  }

  /// Its text is in the syntax of the manual, which [dev.crosspatch.sim.Listing] takes from the decoder.
  @Test
  void disasmHasNoSyntax() {
    Said said = say("disasm", "--isa", "x86-64", "--syntax", "att", "90");
    assertEquals("crosspatch: Unknown option: '--syntax'; see 'crosspatch disasm --help'\n", said.err);
    assertEquals(2, said.status);
  }

  /// Immediates that a prefix makes shorter (SDM volume 2A 2.1.1 and 2.2.1.5): GNU as and LLVM make bytes of which a
  /// CPU takes a part.
  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "x86-64 => data16 mov eax, 5 => of the bytes 66b805000000 that this makes a CPU takes 4 as the instruction, which "
        + "leaves 2",
    "x86-64 => data16 add eax, 0x12345 => of the bytes 660545230100 that this makes a CPU takes 4 as the instruction, "
        + "which leaves 2",
    "x86-64 => data16 imul eax, ecx, 0x12345 => of the bytes 6669c145230100 that this makes a CPU takes 5 as the "
        + "instruction, which leaves 2",
    "x86-64 => data16 test dword ptr [rax], 0x12345 => of the bytes 66f70045230100 that this makes a CPU takes 5 as "
        + "the instruction, which leaves 2",
    "x86-64 => data16 mov dword ptr [rbx + 8], 1 => of the bytes 66c7430801000000 that this makes a CPU takes 6 as the "
        + "instruction, which leaves 2",
    "x86-64 => lock => the bytes f0 that this makes are no instruction that a CPU executes",
    "x86-64 => data16 => the bytes 66 that this makes are no instruction that a CPU executes",
  })
  void bytesThatAreReadOtherwiseAreRefused(String isa, String source, String message) throws IOException {
    Said said = say("asm", "--isa", isa, source);
    assertEquals("crosspatch: <input>:1: " + message + ": " + source + "\n", said.err);
    assertEquals(2, said.status);
    Files.writeString(dir.resolve("wrong.s"), "nop\n" + source + "\n");
    assertEquals(2, say("asm", "--isa", isa, "DIR/wrong.s", "-o", "DIR/wrong").status);
    assertFalse(Files.exists(dir.resolve("wrong")));
  }

  /// A prefix may be a statement of its own; then it counts with the instruction behind it.
  @Test
  void aPrefixOnItsOwnLine() {
    assertEquals("f3a4f0ff00\n", say("asm", "--isa", "x86-64", "rep; movsb; lock; inc dword ptr [rax]").out);
    assertEquals("f3a4\n", say("asm", "--isa", "x86-64", "rep; .byte 0xa4").out);
    assertEquals("9bd938\n", say("asm", "--isa", "x86-64", "fstcw word ptr [rax]").out, "WAIT and FNSTCW");
    assertEquals(
        "crosspatch: <input>:1: the bytes f090 that this makes are no instruction that a CPU executes: nop\n",
        say("asm", "--isa", "x86-64", "lock; nop").err);
    assertEquals(
        "crosspatch: <input>:1: of the bytes 66b805000000 that this makes a CPU takes 4 as the instruction, which "
            + "leaves 2: mov eax, 5\n",
        say("asm", "--isa", "x86-64", "nop; data16; mov eax, 5").err);
  }
}

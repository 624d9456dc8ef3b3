package dev.crosspatch.asm;

import static dev.crosspatch.asm.TestAssemblers.AARCH64;
import static dev.crosspatch.asm.TestAssemblers.X86_64;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section.Access;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sections, symbols, directives and messages, which are the same for both ISAs.
class KeystoneAssemblerTest {
  private static final Map<String, Long> LAYOUT = Map.of(".text", 0x1000L, ".data", 0x3000L, ".rodata", 0x2000L);

  private static Image image(String source) {
    return TestAssemblers.assembler(X86_64).assemble("k.s", source, LAYOUT, Map.of("outside", 0x12345678L));
  }

  private static String hex(Image image, String section) {
    return HexFormat.of().formatHex(image.section(section).orElseThrow().bytes());
  }

  /// Bytes of `.data` after `source`.
  private static String data(String source) {
    return hex(image(".data\n" + source), ".data");
  }

  private static String message(String isa, String source) {
    return TestAssemblers.refusal(
        () -> TestAssemblers.assembler(isa).assemble("k.s", source, LAYOUT, Map.of("outside", 5L)));
  }

  @Test
  void placesSectionsInAddressOrderAndLeavesOutEmptyOnes() {
    Image image = image(".data\n.byte 1\n.text\nnop\n.section .rodata\n.data\n.byte 2");
    assertEquals(List.of(".text", ".data"), image.sections().stream().map(Section::name).toList());
    assertEquals(List.of(0x1000L, 0x3000L), image.sections().stream().map(Section::address).toList());
    assertEquals("0102", hex(image, ".data"));
  }

  @ParameterizedTest
  @CsvSource({
    ".text, TEXT", ".text.hot, TEXT", ".init.text, TEXT", ".rodata, RODATA", ".rodata.str1.1, RODATA", ".data, DATA",
    ".bss, DATA", "__ex_table, DATA"
  })
  void takesTheAccessFromTheName(String name, Access access) {
    assertEquals(access, only(".section " + name + "\n.byte 0", name).access());
  }

  @ParameterizedTest
  @CsvSource({"ax, TEXT", "aw, DATA", "a, RODATA"})
  void takesTheAccessFromFlagsIfThereAreAny(String flags, Access access) {
    assertEquals(access, only(".section .x, \"" + flags + "\", @progbits\n.byte 0", ".x").access());
  }

  private static Section only(String source, String name) {
    return TestAssemblers.assembler(X86_64).assemble("k.s", source, Map.of(name, 0L), Map.of()).sections().getFirst();
  }

  @Test
  void resolvesSymbolsAcrossSections() {
    Image image = image("f: call g\n.quad table\n.data\ntable: .quad f, g, outside, table - f\n.text\ng: ret");
    assertEquals("e808000000" + "0030000000000000" + "c3", hex(image, ".text"));
    assertEquals("0010000000000000" + "0d10000000000000" + "7856341200000000" + "0020000000000000",
        hex(image, ".data"));
  }

  @Test
  void listsLabelsAsSymbolsInAddressOrder() {
    Image image =
        image(
            ".data\nvalue: .quad 0\n.type value, @object\n.size value, 8\n.text\nnop\n.Llocal:\n.globl f\n"
                + ".type f, %function\nf: 1: ret\n.size f, . - f\n.set constant, 5");
    assertEquals(
        List.of(
            new Symbol("f", 0x1001, 1, Symbol.Kind.FUNCTION), new Symbol("value", 0x3000, 8, Symbol.Kind.OBJECT)),
        image.symbols());
  }

  @Test
  void returnsToThePreviousSection() {
    Image image =
        image(".byte 1\n.pushsection .data\n.byte 2\n.popsection\n.byte 3\n.data\n.byte 4\n.previous\n.byte 5");
    assertEquals("010305", hex(image, ".text"));
    assertEquals("0204", hex(image, ".data"));
  }

  @Test
  void pairsNumberedLabels() {
    assertEquals("0030000000000000" + "1030000000000000", data("1: .quad 1b, 1f\n1:"));
    assertEquals("ebfe" + "eb00", TestAssemblers.x86(0, "1: jmp 1b; jmp 1f; 1:"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        ".byte 1 + 2 * 3 => 07",
        ".byte 1 << 3 + 1 => 09",
        ".byte 6 & 3 + 1 => 03",
        ".byte (1 + 2) * 3, -1, ~0, !5, !0 => 09ffff0001",
        ".byte 7 / 2, 7 % 4, 0x10 >> 2, 5 ^ 1, 4 | 1 => 0303040405",
        ".byte 1 == 1, 1 != 1, 2 > 1, 2 < 1, 1 && 2, 0 || 0 => ff00ff000100",
        ".byte 'a', '\\n', ';', 0b101, 017, 0X1f => 610a3b050f1f",
        ".short 0x1234, -2 => 3412feff",
        ".word 0x1234 => 3412",
        ".long 0xffffffff, -0x80000000 => ffffffff00000080",
        ".quad 0xffffffffffffffff => ffffffffffffffff",
        ".ascii \"a\\x41\\101\\\\\\\"\" => 6141415c22",
        ".asciz \"ab\", \"c\" => 61620063" + "00",
        ".string \"a//b;#/*c\" => 612f2f623b232f2a6300",
        ".byte 1; .zero 3; .byte 2; .skip 2, 0xcc => 0100000002cccc",
        ".byte 1; .balign 4; .byte 2; .p2align 2, 0xee; .byte 3 => 0100000002eeeeee03",
        ".byte 1; .balign 8, 0, 3; .byte 2 => 0102",
        ".byte 1; .org 3; .byte 2 => 01000002",
        ".byte 1; . = . + 2; .byte 2 => 01000002",
        "a: .fill 2, 2, 0x1234; .byte b - a; b: => 3412341205",
        ".skip 5 - (b - a); a: .byte 1; b: => 0000000001",
        "x = 1; .byte x; x = x + 1; .byte x; .equ y, x * 3; .byte y => 010206",
        ".set end, b; .byte end - a; a: .byte 0; b: => 0100",
      })
  void assemblesData(String source, String expected) {
    assertEquals(expected, data(source));
  }

  @Test
  void dropsComments() {
    String source = "/* one\ntwo */ nop // three\n# four\n  nop # five\nnop /* six */; nop /* ; nop */";
    assertEquals("90909090", TestAssemblers.x86(0, source));
    assertEquals("1f2003d5" + "e00380d2", TestAssemblers.a64(0, "nop // x\n# y\nmov x0, #31 /* # */"));
  }

  @Test
  void blamesTheStatementBehindComments() {
    assertEquals("k.s:5: unknown mnemonic: bad", message(X86_64, "/* a\nb\n*/\n/*c*/\n /* d */ bad // e\nnop"));
    assertEquals("k.s:1: comment is not closed: /* a", message(X86_64, "/* a\nb"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "nop; bad eax, 1; nop => k.s:1: unknown mnemonic: bad eax, 1",
        "jmp nowhere => k.s:1: undefined symbol 'nowhere': jmp nowhere",
        "jmp 3f => k.s:1: undefined label '3f': jmp 3f",
        "jmp 3b => k.s:1: no label '3:' before this: jmp 3b",
        "a: nop; a: nop => k.s:1: 'a' is already defined at line 1: a:",
        "outside: nop => k.s:1: 'outside' is already defined: outside:",
        ".section .foo; nop => k.s:1: section '.foo' has no address; there are ones for [.data, .rodata, .text]: nop",
        ".quux 1 => k.s:1: unknown directive '.quux': .quux 1",
        ".byte 256 => k.s:1: 0x100 does not fit 1 byte: .byte 256",
        ".short -0x8001 => k.s:1: -0x8001 does not fit 2 bytes: .short -0x8001",
        ".byte 1 2 => k.s:1: unexpected '2': .byte 1 2",
        ".byte 1, => k.s:1: a value is missing: .byte 1,",
        ".byte 1 / 0 => k.s:1: division by zero: .byte 1 / 0",
        ".byte 0x1ffffffffffffffff => k.s:1: '0x1ffffffffffffffff' is not a 64-bit number: .byte 0x1ffffffffffffffff",
        ".ascii \"abc => k.s:1: literal is not closed: .ascii \"abc",
        ".balign 3 => k.s:1: cannot align to 3: .balign 3",
        ".byte 1; .org 0 => k.s:1: cannot move by -1 bytes: .org 0",
        ".zero 0 - 1 => k.s:1: cannot fill -1 units: .zero 0 - 1",
        ".popsection => k.s:1: .popsection without .pushsection: .popsection",
        ".set a, b; .set b, a; .quad a => k.s:1: 'a' is set to itself, or through more than 100 other names: .quad a",
        ".if x; .endif; x: => k.s:1: a condition needs a value known at this point: .if x",
        ".type a, @thing => k.s:1: unknown symbol type 'thing': .type a, @thing",
      })
  void blamesTheStatement(String source, String expected) {
    assertEquals(expected, message(X86_64, source));
  }

  @Test
  void blamesTheFirstOfManyStatements() {
    String good = "add rax, 1\n".repeat(500);
    assertTrue(message(X86_64, good + "nop rax, 5\n" + good + "foo\n").startsWith("k.s:501: invalid operand"));
    assertEquals("k.s:501: undefined symbol 'cr9x': mov eax, offset cr9x",
        message(X86_64, good + "mov eax, offset cr9x\n"));
    assertEquals("k.s:1501: unknown mnemonic: foo x0", message(AARCH64, "add x0, x0, #1\n".repeat(1500) + "foo x0\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {X86_64, AARCH64})
  void refusesOverlappingSections(String isa) {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                TestAssemblers.assembler(isa)
                    .assemble("k.s", ".zero 9\n.data\n.byte 1", Map.of(".text", 0x10L, ".data", 0x18L), Map.of()));
    assertEquals("section .text ends at 0x19, behind the start of section .data at 0x18", error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {X86_64, AARCH64})
  void assemblesNothingToNothing(String isa) {
    assertArrayEquals(new byte[0], TestAssemblers.assembler(isa).assemble(0x1000, " // nothing\n"));
  }

  @Test
  void placesSectionsOfTheUpperHalf() {
    Image image =
        TestAssemblers.assembler(X86_64)
            .assemble(
                "k.s",
                "f: lea rax, [rip + d]\n.data\nd: .quad f",
                Map.of(".text", 0xffffffff81000000L, ".data", 0xffffffff82000000L),
                Map.of());
    assertEquals("488d05f9ffff00", hex(image, ".text"));
    assertEquals(0xffffffff82000000L, image.address("d"));
    assertEquals(List.of("f", "d"), image.symbols().stream().map(Symbol::name).toList());
  }
}

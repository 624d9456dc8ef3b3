package dev.crosspatch.asm;

import static dev.crosspatch.asm.TestAssemblers.a64;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is particular to A64: operands with symbols, literal pools, and input that Keystone misreads.
class A64Test {
  private static final long KERNEL = 0xffff_8000_8000_0000L;

  /// The words of `source`, in hex, with the most significant digit first.
  private static String words(long address, String source) {
    String bytes = a64(address, source);
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < bytes.length(); i += 8) {
      int word = Integer.reverseBytes((int) Long.parseLong(bytes.substring(i, i + 8), 16));
      words.append(words.isEmpty() ? "" : " ").append(HexFormat.of().toHexDigits(word));
    }
    return words.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        // Words written out from Arm ARM C6.2.
        "b label => 1400030d",
        "b.ne label => 540061a1",
        "bl start => 94000000",
        "cbz x1, label => b40061a1",
        "tbnz w2, #5, label => 372861a2",
        "adr x0, label => 100061a0",
        "adr x0, label + 3 => 700061a0",
        "adrp x0, label => 90000000",
        "adrp x0, :pg_hi21:label + 0x1000 => b0000000",
        "add x0, x0, :lo12:label => 9130d000",
        "add x0, x0, #:lo12:label + 4 => 9130e000",
        "ldr x1, [x0, :lo12:label + 4] => f9461c01",
        "movz x0, #:abs_g3:label => d2ffffe0",
        "movk x0, #:abs_g2_nc:label => f2d00000",
        "ldr x3, label => 580061a3",
        "mov x0, #label - start => d2818680",
        "ldr w3, label => 180061a3",
        ".inst 0xd503201f => d503201f",
      })
  void encodesSymbols(String statement, String expected) {
    String source = "start: " + statement + "\n.org start + 0xc34\nlabel: ret";
    assertEquals(expected, words(KERNEL, fix(source)).substring(0, 8));
  }

  /// Relocation operators of MOVZ and MOVK imply a shift that only writers know here: it is written out.
  private static String fix(String source) {
    return source.replace("abs_g3:label", "abs_g3:label, lsl #48")
        .replace("abs_g2_nc:label", "abs_g2_nc:label, lsl #32");
  }

  @Test
  void placesLiteralsBehindTheSectionOrWhereToldTo() {
    assertEquals(
        "58000080 58000060 18000082 d503201f 89abcdef 01234567 00000007",
        words(0, "ldr x0, =0x0123456789abcdef\nldr x0, =0x0123456789abcdef\nldr w2, =7\nnop"));
    assertEquals(
        "58000041 14000003 00001000 00000000 d65f03c0",
        words(0x1000, "start: ldr x1, =start\nb 1f\n.ltorg\n1: ret"));
  }

  @Test
  void padsTextWithNops() {
    assertEquals("d65f03c0 d503201f d503201f d503201f", words(0, "ret\n.align 4"));
    assertEquals("00000001 d503201f", words(0, ".byte 1\n.balign 8"));
  }

  @Test
  void takesConstantsWithAndWithoutHash() {
    String source =
        "N = 3\nadd x0, x1, N\nadd x0, x1, #N * 2\nldr x0, [x1, N * 8]\nlsl x0, x1, N\nadd x0, x1, x2, lsl N";
    assertEquals("91000c20 91001820 f9400c20 d37df020 8b020c20", words(0, source));
  }

  @Test
  void takesConstantsInOperandsOfOurs() {
    assertEquals("990083e1 ce82fc20", words(0, "N = 8\nSTLUR W1, [SP, N]\nXAR V0.2D, V1.2D, V2.2D, #N * 8 - 1"));
  }

  @Test
  void takesMasksWhoseHighHalfSaysNothing() {
    String source = "eon w1, w2, #-2\nbic w1, w2, #0xfffffffffffffffe\norn w1, w2, #0xff00ff00\nbic x1, x2, #0xff";
    assertEquals("52000041 12000041 32009c41 9278dc41", words(0, source));
  }

  /// Words by VFPExpandImm of the Arm ARM.
  @Test
  void takesWholeNumbersForFloatingPointOnes() {
    assertEquals("1e65d000 1e639000 1e67f000 1e6e1000",
        words(0, "fmov d0, #15\nfmov d0, #7\nfmov d0, #31.0\nfmov d0, #1"));
  }

  @Test
  void knowsRegistersByTheirOtherNames() {
    assertEquals("c8a07c3e 10000000", words(0, "cas x0, lr, [x1]\nadr x0, .").replace("1000001e", "10000000"));
  }

  @Test
  void assemblesLabelsOfOtherSections() {
    var image =
        TestAssemblers.assembler(TestAssemblers.AARCH64)
            .assemble(
                "k.s",
                "adrp x0, d\nadd x0, x0, :lo12:d\n.data\n.quad 0\nd: .xword d, outside",
                Map.of(".text", KERNEL + 0xff8, ".data", KERNEL + 0x2000),
                Map.of("outside", 5L));
    assertEquals("000000d000200091", HexFormat.of().formatHex(image.sections().get(0).bytes()));
    assertEquals(
        "0000000000000000" + "082000800080ffff" + "0500000000000000",
        HexFormat.of().formatHex(image.sections().get(1).bytes()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "mov x0, [ => brackets do not match in '['",
        "ldr x0, [[[ => brackets do not match in '[[['",
        "ldr x0, [x1 => brackets do not match in '[x1'",
        "ldr x0, [x1]] => brackets do not match in '[x1]]'",
        "[[[ => a mnemonic expected before '[[['",
        "add x0, x1, => an operand is missing",
        "add x0, x1, #1 #2 => Keystone makes no code of this",
        "sub x0 x1, x2 => Keystone makes no code of this",
        "stp x0, x1, [sp, #-16]!! => Keystone makes no code of this",
        "ret x1 x2 => Keystone makes no code of this",
        "b.xx 0x10 => Keystone makes no code of this",
        "movz w0, #65536 => invalid operand",
        "eon w1, w15, #0x5555555555555555 => immediate 0x5555555555555555 does not fit 32 bits",
        "orn w15, w1, #0xff00ff00ff00ff00 => immediate -0xff00ff00ff0100 does not fit 32 bits",
        "bic w0, w1, #0x1000000ff => immediate 0x1000000ff does not fit 32 bits",
        "and w0, w1, #0x5555555555555555 => invalid operand",
        "mov w0, #0x100000000 => immediate 0x100000000 does not fit 32 bits",
        "mov W1, #0xffff00000000ffff => immediate -0xffffffff0001 does not fit 32 bits",
        "add w31, w0, w1 => there is no register 'w31'; number 31 is called sp, wsp, xzr or wzr",
        "ldr x0, [x31] => there is no register 'x31'; number 31 is called sp, wsp, xzr or wzr",
        "add x0, x1, w1, lsl #3 => lsl shifts a register as wide as the others; uxtw and sxtw extend 'w1'",
        "fmov d0, #1.1 => immediate 1.1 is no multiple of 1/16 of a power of two from 1/8 to 16, nor zero",
        "fmov d0, #-256 => immediate -256 is no multiple of 1/16 of a power of two from 1/8 to 16, nor zero",
        "fmov d0, #0x100 => an encoded floating-point number has 8 bits; 0x100 has more",
        "dc cvadp => invalid operand",
        "tlbi vmalle1os, x0 => invalid operand",
        "ldr x0, [x1, #3 + 32768] => invalid operand",
        "foo x0 => unknown mnemonic",
        "b 2 => target 0x2 is not a multiple of 4 bytes away",
        "b 0x8000000 => target is out of reach, 134217728 bytes away",
        "cbz x0 => 'cbz' takes 2 operands, not 1",
        "cbz sp, 0 => 'sp' is not a 32-bit register",
        "tbz w0, #32, 0 => 'w0' has no bit 32",
        "msr pan, #2 => PSTATE.PAN is 0 or 1, not 2",
        "cas x0, w1, [x2] => invalid operand",
        "casp x1, x2, x4, x5, [x2] => invalid operand",
        "casp x0, x2, x4, x5, [x2] => invalid operand",
        "prfm pldl1keep, l => prfm of a label is not offered",
        "bti x => invalid operand",
        "stlur x0, [x1, #256] => invalid operand",
        "ldapur x0, [x1, #8]! => invalid operand",
        "ldraa x0, [x1, #4] => invalid operand",
        "ldraa x0, [x1, #4096] => invalid operand",
        "rmif x0, #64, #0 => invalid operand",
        "aese v0.16b, v1.8b => invalid operand",
        "sha1h s0, q1 => invalid operand",
        "sm3tt1a v0.4s, v1.4s, v2.s[4] => invalid operand",
        "sm3tt1a v0.4s, v1.4s, v32.s[0] => invalid operand",
        "udf #65536 => udf takes a number of 16 bits",
        "ldr x0, [x0, :foo:l] => unknown relocation operator ':foo:'",
        "add x0, x0, #nothing => undefined symbol 'nothing'",
        "ld1 {v0.16b, [x0] => '}' is missing",
        ".quux => unknown directive '.quux'",
      })
  void refuses(String statement, String reason) {
    assertEquals("<input>:2: " + reason + ": " + statement, TestAssemblers.refusal(() -> a64(0, "l:\n" + statement)));
  }
}

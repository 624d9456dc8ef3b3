package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.Syntax;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// AT&T syntax: sources, symbols, and what is refused. [LlvmAttTest] has the instructions one by one.
class AttTest {
  private static final Assembler ATT = new KeystoneProvider().assembler(TestAssemblers.X86_64, Syntax.ATT);

  static String att(String source) {
    return HexFormat.of().formatHex(ATT.assemble(0x1000, source));
  }

  /// Bytes written out from SDM volume 2; GNU as makes the same.
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "mov %rsp, %rbp => 4889e5",
        "l: movl $5, l(%rip) => c705f6ffffff05000000",
        "movq $label, %rdi; label = 0x1234 => 48c7c734120000",
        "l: movq $l, %rdi => 48c7c700100000",
        "l: mov l, %eax => 8b042500100000",
        "l: jmp l => ebfe",
        "l: callq l => e8fbffffff",
        "jne 1f; nop; 1: ret => 750190c3",
        "l: jmp *l(%rip) => ff25faffffff",
        "l: jmp *l => ff242500100000",
        "mov %fs:40, %rax => 64488b042528000000",
        "mov -8+4*2(%rax), %ecx => 8b08",
        "mov (4+4)(%rax), %ecx => 8b4808",
        "lock; incl (%rax) => f0ff00",
        "cs nopw 0x0(%rax,%rax,1) => 2e660f1f0400",
        "repz retq => f3c3",
        "MOVL %EAX, %EBX => 89c3",
        "movb $'A', %al # the letter => b041",
        ".macro m r; inc \\r; .endm; m %ecx => ffc1",
        ".rept 2; pushq %rbx; .endr => 5353",
        ".intel_syntax noprefix; mov eax, ebx; .att_syntax prefix; mov %eax, %ebx => 89d889c3",
        "fsubrp %st, %st(1) => dee9",
        "fsub; fsubr; fdiv; fdivr => dee1dee9def1def9",
        "inb $96 => e460",
        "bnd jmp *%rax => f2ffe0",
        "bnd jmpq *8(%rip) => f2ff2508000000",
        "l: bnd call l => f2e8faffffff",
        "mov %rax, %db7 => 0f23f8",
        "data16 cs nopw 0x0(%rax,%rax,1) => 662e660f1f0400",
        "repz cmpsb %es:(%rdi),%ds:(%rsi) => f3a6",
        "outl %dx => ef",
        "xlat => d7",
        "xsaveq (%rdi) => 480fae27",
        "fnstcww 2(%rsp) => d97c2402",
        "movl (%rax,%rcx,), %eax => 8b0408",
        "movb 16(,1), %al => 8a042510000000",
        "larl %cx, %eax => 0f02c1",
        "pushw $5 => 666a05",
        "pushw $0x1234 => 66683412",
        "data16 push $0x1234 => 66683412",
        "larl (%rdi), %eax => 0f0207",
        "larq (%rdi), %rax => 480f0207",
        "lsl (%rdi), %ax => 660f0307",
        "lslq (%rdi), %rax => 480f0307",
        "movw %ds, (%rdi) => 8c1f",
        "pushw $0xfff0 => 666af0",
        "pushw %fs => 660fa0",
        "popw %gs => 660fa9",
        "pushw 8(%rax) => 66ff7008",
        "retw => 66c3",
        "retw $16 => 66c21000",
        "lretw $16 => 66ca1000",
        "iretw => 66cf",
        "pushfw; popfw => 669c669d",
        "ljmpw *(%rax) => 66ff28",
        "ljmpq *(%rax) => 48ff28",
        "lcallq *(%r8) => 49ff18",
        "addr32 movl (%ebx), %eax => 678b03",
        "fs; gs lodsb => 6465ac",
        "fsub %st, %st(2) => dce2",
        "vaddps %zmm1, %zmm2, %zmm3{%k1}{z} => 62f16cc958d9",
      })
  void assembles(String source, String bytes) {
    assertEquals(bytes, att(source));
  }

  @Test
  void canBeginInIntelsSyntax() {
    assertEquals("89d889c3", TestAssemblers.x86(0, "mov eax, ebx\n.att_syntax\nmov %eax, %ebx"));
    assertEquals("89d8", TestAssemblers.x86(0, "mov eax, ebx"), "the next source begins anew");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "mov rax, %rbx => register 'rax' has a '%' before it in AT&T syntax",
        "mov %foo, %rbx => no register is called '%foo'",
        "movl %rax, %ebx => register '%rax' has 64 bits, where 'movl' says 32",
        "movzbl %cx, %eax => register '%cx' has 16 bits, where 'movzbl' says 8",
        "movslq %ecx, %eax => register '%eax' has 32 bits, where 'movslq' says 64",
        "movzlq %eax, %rax => unknown mnemonic",
        "movswb (%rax), %al => unknown mnemonic",
        "movsww (%rax), %ax => 'movsww' extends nothing",
        "nopw => an operand of 'nopw' is missing",
        "add $1, (%rax) => 'add' does not tell the size of its operand in memory; a suffix does",
        "shl %cl, (%rax) => 'shl' does not tell the size of its operand in memory; a suffix does",
        "movzx (%rax), %eax => 'movzx' does not tell the size of its operand in memory; a suffix does",
        "fld (%rax) => 'fld' does not tell the size of its operand in memory; a suffix does",
        "fadds %st(1) => 'fadds' takes one operand, in memory",
        "jmp %rax => the operand of an indirect branch begins with '*'",
        "call 8(%rax) => the operand of an indirect branch begins with '*'",
        "jmp *$5 => a branch does not lead to '$'; its target is written without it",
        "jne *%rax => '*' stands before the operand of an indirect branch only, not of 'jne'",
        "mov *%rax, %rbx => '*' stands before the operand of an indirect branch only, not of 'mov'",
        "pushl %eax => 'push' has no form with 32 bits",
        "push %eax => 'push' takes 16 or 64 bits in 64-bit mode, not 32",
        "pushw $0x12345 => immediate 0x12345 does not fit 16 bits",
        "lock movl %eax, (%rbx) => 'mov' with lock is undefined (#UD)",
        "lock addl (%rbx), %eax => lock needs a destination in memory, else it is undefined (#UD)",
        "rep addl %eax, %ebx => 'rep' repeats string instructions only, not 'add'",
        "bnd nop => 'bnd' stands before a near branch only",
        "mov %rax, %dbx => no register is called '%dbx'",
        "notrack jmp foo => 'notrack' stands before an indirect branch only",
        "addr32 movl (%rbx), %eax => an address with 'addr32' is made of 32-bit registers",
        "mov %ax, %cs => cs is loaded by far branches only; 'mov' to it is undefined (#UD)",
        "mov (%rax,%rsp), %eax => register 'rsp' cannot be an index",
        "mov (%rax,%rcx,3), %eax => a scale is 1, 2, 4 or 8, not 3",
        "mov (%rax,%ecx), %eax => registers 'rax' and 'ecx' of one address have different widths",
        "mov (%rax, %ebx => ')' expected before ''",
        "mov %rip, %rax => '%rip' is the base of an address only, as in 16(%rip)",
        "mov %eax:(%rbx), %ecx => '%eax' is no segment register",
        "mov $, %eax => a value is missing",
        "mov %eax,, %ebx => an operand is missing",
        "mov $1 2, %eax => unexpected '2'",
        "addb $300, %al => immediate 0x12c does not fit 8 bits",
        "mov %ah, %r8b => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "mov undefined(%rip), %eax => undefined symbol 'undefined'",
        "frob %eax => unknown mnemonic",
      })
  void refuses(String statement, String reason) {
    assertEquals("<input>:1: " + reason + ": " + statement, TestAssemblers.refusal(() -> att(statement)));
  }

  @Test
  void isNoSyntaxOfAarch64() {
    var error = assertThrows(IllegalArgumentException.class,
        () -> new KeystoneProvider().assembler(TestAssemblers.AARCH64, Syntax.ATT));
    assertEquals("aarch64 has no AT&T syntax", Objects.requireNonNull(error.getMessage()));
    assertEquals("<input>:1: unknown directive '.att_syntax': .att_syntax",
        TestAssemblers.refusal(() -> TestAssemblers.a64(0, ".att_syntax")));
  }
}

package dev.crosspatch.asm;

import static dev.crosspatch.asm.TestAssemblers.X86_64;
import static dev.crosspatch.asm.TestAssemblers.x86;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is particular to x86-64: operands with symbols, branch sizes, and input that Keystone misreads.
class X86Test {
  private static final long KERNEL = 0xffffffff81000000L;

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        // Bytes written out from SDM volume 2.
        "mov rdi, offset label => 48c7c7c3000081",
        "mov edi, offset label => bfc3000081",
        "movabs rdi, offset label => 48bfc3000081ffffffff",
        "movabs rdi, label => 48bfc3000081ffffffff",
        "movabs rax, qword ptr [label] => 48a1c3000081ffffffff",
        "mov rax, qword ptr [rip + label] => 488b05bc000000",
        "mov rax, qword ptr ds:[rip + label] => 3e488b05bb000000",
        "mov rax, qword ptr [rip + label + 8] => 488b05c4000000",
        "mov rax, label[rip] => 488b05bc000000",
        "cmp dword ptr [rip + label], 0x12345678 => 813db900000078563412",
        "mov rax, qword ptr [label] => 488b0425c3000081",
        "mov rax, qword ptr gs:[label] => 65488b0425c3000081",
        "mov rax, qword ptr [rcx*8 + label] => 488b04cdc3000081",
        "mov rax, qword ptr [8*rcx + label - 0x10 + 0x20] => 488b04cdd3000081",
        "mov qword ptr [rip + label], offset label => 48c705b8000000c3000081",
        "call qword ptr [label] => ff1425c3000081",
        "push offset label => 68c3000081",
        "mov eax, label - start => b8c3000000",
        "add rax, label - start - 0x50 => 4883c073",
        "cmp qword ptr [rax + label - start], -1 => 4883b8c3000000ff",
        "jmp label => e9be000000",
        "call label => e8be000000",
        "jmp start => ebfe",
        "jmp [rip + label] => ff25bd000000",
        "LEA RAX, [RIP + label] => 488d05bc000000",
        "mov rax, [rsp*1 + rbx] => 488b041c",
        "mov rax, [rbx + rsp] => 488b041c",
        "mov rax, [rax + 4*3 - 2] => 488b400a",
        "mov rax, fs:[0x28] => 64488b042528000000",
        "lock inc dword ptr [rip + label] => f0ff05bc000000",
        "nop dword ptr [rip + label] => 0f1f05bc000000",
      })
  void encodesSymbols(String statement, String expected) {
    String source = "start: " + statement + "\n.org start + 0xc3\nlabel: ret";
    String code = x86(KERNEL, source);
    assertEquals(expected, code.substring(0, expected.length()));
    assertEquals(2 * 0xc4, code.length());
  }

  /// SDM volume 2, 2.7.5: behind EVEX a displacement of 8 bits counts in units, one of 32 bits does not. As GNU objdump
  /// and Capstone read the bytes.
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "vmovups zmm1, zmmword ptr [rsi + 0x40] => 62f17c48108e40000000",
        "vmovups zmm4, zmmword ptr [rcx - 0x100] => 62f17c4810a100ffffff",
        "vmovdqa32 zmm25, zmmword ptr [rcx + 0x80] => 62617d486f8980000000",
        "vmovdqu64 zmmword ptr fs:[rdi + rdx - 0x40], zmm17 => 6462e1fe487f8c17c0ffffff",
        "vpaddd zmm1, zmm2, dword ptr [rax + 4]{1to16} => 62f16d58fe8804000000",
        "vmovups zmm1, zmmword ptr [rsi + here] => 62f17c48108e40000000",
        "vmovups zmm1, zmmword ptr [rsi] => 62f17c48100e",
        "vmovups zmm1, zmmword ptr [r13] => 62d17c48104d00",
        "vmovups ymm1, ymmword ptr [rsi + 0x40] => c5fc104e40",
      })
  void displacementsBehindEvexAreNotScaled(String statement, String expected) {
    assertEquals(expected, x86(KERNEL, "here = 0x40\n" + statement));
  }

  @Test
  void growsBranchesOnlyWhereTheyMust() {
    assertEquals("eb7f", x86(0, "jmp l\n.zero 127\nl:").substring(0, 4));
    assertEquals("e980000000", x86(0, "jmp l\n.zero 128\nl:").substring(0, 10));
    assertEquals("eb80", x86(0, "l: .zero 126\njmp l").substring(252));
    assertEquals("e97cffffff", x86(0, "l: .zero 127\njmp l").substring(254));
    assertEquals("0f8480000000", x86(0, "je l\n.zero 128\nl:").substring(0, 12));
    assertEquals("eb0190c3", x86(0, ".zero 300\njmp l\nnop\nl: ret").substring(600));
    // The second branch grows and pushes the target of the first out of reach.
    String chain = x86(0, "jmp a\n.zero 124\njmp b\na: .zero 200\nb:");
    assertEquals("e981000000", chain.substring(0, 10));
  }

  @Test
  void keepsTheSizeThatIsAskedFor() {
    assertEquals("e9fbffffff", x86(0, "l: jmp near l"));
    assertEquals("0f84faffffff", x86(0, "l: je near l"));
    assertEquals(
        "<input>:1: target is out of reach, 128 bytes away: jmp short l",
        TestAssemblers.refusal(() -> x86(0, "jmp short l\n.zero 128\nl:")));
    assertEquals(
        "<input>:1: this branch has no short form: call short l",
        TestAssemblers.refusal(() -> x86(0, "call short l\nl:")));
  }

  @Test
  void padsTextWithTheRecommendedNops() {
    assertEquals("c3" + "0f1f8000000000", x86(0, "ret\n.balign 8"));
    assertEquals("c3" + "660f1f840000000000" + "660f1f440000", x86(0, "ret\n.p2align 4"));
    assertEquals("c3cccccc", x86(0, "ret\n.align 4, 0xcc"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "mov eax, [ => a value is missing",
        "mov eax, [rax => ']' expected before ''",
        "mov eax, dword ptr => an address is missing behind 'ptr'",
        "mov eax, => an operand is missing",
        "mov eax ebx => unexpected 'ebx'",
        "mov eax, [[rax]] => a value expected before '[rax]]'",
        "[[[ => a mnemonic expected before '[[['",
        "mov [[[, eax => a value expected before '[[, eax'",
        "mov eax, [rsp*2 + rbx] => register 'rsp' cannot be an index",
        "mov eax, [rax*3] => a scale is 1, 2, 4 or 8, not 3",
        "mov eax, [rax + rbx + rcx] => register 'rcx' is one too many in an address",
        "mov eax, [rax - rbx] => register 'rbx' cannot be subtracted",
        "mov eax, rax + 1 => unexpected '+ 1'",
        "mov eax, 1 + rax => register 'rax' cannot be part of an expression",
        "mov eax, 0x1ffffffff => immediate 0x1ffffffff does not fit 32 bits",
        "add al, 300 => immediate 0x12c does not fit 8 bits",
        "mov word ptr [rax], -0x8001 => immediate -0x8001 does not fit 16 bits",
        "mov rax, [al] => register 'al' cannot be a base",
        "mov rax, [rbx + cr0] => register 'cr0' cannot be an index",
        "mov rax, [rip + rax] => register 'rax' cannot be an index to rip",
        "push 0x80000000 => immediate 0x80000000 does not fit 32 bits",
        "into => 'into' is no instruction of 64-bit mode",
        "push 0x1ffffffff => immediate 0x1ffffffff does not fit 32 bits",
        "int 256 => invalid operand",
        "mov rax, [rbx + 0x80000000] => displacement 0x80000000 does not fit 32 bits",
        "mov rax, qword ptr [0x80000000] => displacement 0x80000000 does not fit 32 bits",
        "mov ah, r8b => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "mov sil, ch => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "mov spl, ah => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "add dil, bh => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "movzx rax, ah => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "mov [r8], dh => ah, ch, dh and bh have no encoding beside an operand that needs a REX prefix",
        "pop rip => 'rip' is the base of an address only, as in [rip + 16]",
        "mov rax, rip => 'rip' is the base of an address only, as in [rip + 16]",
        "lea rip,[rax] => 'rip' is the base of an address only, as in [rip + 16]",
        "mov eip, eax => 'eip' is the base of an address only, as in [eip + 16]",
        "btc bp, 0xffff => immediate 0xffff does not fit 8 bits",
        "bt ebx, 256 => immediate 0x100 does not fit 8 bits",
        "lock bts dword ptr [rax], -129 => immediate -0x81 does not fit 8 bits",
        "enter 8, 256 => immediate 0x100 does not fit 8 bits",
        "enter 256, 256 => immediate 0x100 does not fit 8 bits",
        "ptwrite dx => invalid operand",
        "rdpid ax => invalid operand",
        "nop cl => invalid operand",
        "nop cr1 => invalid operand",
        "ud1 eax, cs => invalid operand",
        "nop tbyte ptr [rax] => invalid operand",
        "rdsspq ecx => invalid operand",
        "movdiri dword ptr [rax], rcx => invalid operand",
        "umwait al => invalid operand",
        "mov eax, [eax + rbx] => registers 'eax' and 'rbx' of one address have different widths",
        "mov eax, [si] => register 'si' cannot be a base",
        "lodsb byte ptr [rax] => operand 1 is always [rsi]",
        "stosb byte ptr [rdi + 1] => operand 1 is always [rdi] in es",
        "movsd dword ptr [rsi], dword ptr [rdi] => operand 1 is always [rdi] in es",
        "stosq qword ptr fs:[rdi] => operand 1 is always [rdi] in es",
        "xlat byte ptr [rcx] => operand 1 is always [rbx]",
        "fnstsw eax => 'fnstsw' has no register but ax",
        "mov eax, fs: => a value is missing",
        "nop xmm0, 1 => invalid operand",
        "nop [rax] => the size of the operand is missing",
        "endbr64 rax => invalid operand",
        "lock jmp 0 => 'jmp' with lock is undefined (#UD)",
        "lock nop dword ptr [rdi] => 'nop' with lock is undefined (#UD)",
        "rep endbr64 => 'rep' repeats string instructions only, not 'endbr64'",
        "movabs rcx, qword ptr [0x10] => invalid operand",
        "movabs rax, dword ptr [0x10] => invalid operand",
        "movabs rax, qword ptr [rbx] => invalid operand",
        "add rax, 0x80000000 => invalid operand",
        "mov eax, l => 'l' is no constant here; write 'offset l' for its value, '[rip + l]' for what is there",
        "mov al, offset l => immediate 0x1000 does not fit 8 bits",
        ".att_syntax noprefix => registers have a '%' in AT&T syntax here, so '.att_syntax noprefix' is not offered",
        ".intel_syntax prefix => registers have no '%' in Intel's syntax here, "
            + "so '.intel_syntax prefix' is not offered",
      })
  void refuses(String statement, String reason) {
    assertEquals("<input>:2: " + reason + ": " + statement,
        TestAssemblers.refusal(() -> x86(0x1000, "l:\n" + statement)));
  }

  /// Bytes from the opcode tables of SDM volume 2; as and llvm-mc make the same.
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "bt ebx, 255 => 0fbae3ff",
        "bt rbx, -1 => 480fbae3ff",
        "btc word ptr [rax], 128 => 660fba3880",
        "mov rax, fs:0x28 => 64488b042528000000",
        "mov rax, QWORD PTR fs:40 => 64488b042528000000",
        "mov gs:8, ecx => 65890c2508000000",
        "movsd => a5",
        "rep movsd => f3a5",
        "movsd xmm1, xmm2 => f20f10ca",
        "movsd qword ptr [rax + 8], xmm9 => f2440f114808",
        "cmpsd => a7",
        "mov eax, [eip + 8] => 678b0508000000",
        "umonitor eax => 67f30faef0",
        "umwait rcx => f20faef1",
        "mov ah, [eax] => 678a20",
        "lodsd eax, dword ptr gs:[esi] => 6567ad",
        "fnstsw ax => dfe0",
      })
  void encodesWhatTheFieldTakes(String statement, String bytes) {
    assertEquals(bytes, x86(0x1000, statement));
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1000, 0x7fff_ffff, -0x8000_0000L, KERNEL})
  void encodesTheSameWhereverItStands(long address) {
    assertEquals("65488904251000000090" + "ebf4", x86(address, "l: mov qword ptr gs:[0x10], rax\nnop\njmp l"));
  }

  @Test
  void namesTheMissingSection() {
    var error =
        assertThrows(
            RuntimeException.class,
            () -> TestAssemblers.assembler(X86_64).assemble("k.s", "nop", Map.of(".data", 0L), Map.of()));
    assertEquals(
        "k.s:1: section '.text' has no address; there are ones for [.data]: nop", error.getMessage());
    assertEquals("90", HexFormat.of().formatHex(TestAssemblers.assembler(X86_64).assemble(0, "nop")));
  }
}

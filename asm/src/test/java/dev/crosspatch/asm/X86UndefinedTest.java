package dev.crosspatch.asm;

import static dev.crosspatch.asm.TestAssemblers.x86;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.AssemblyException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What would raise #UD, or do other things than its prefix says, is refused. LLVM takes most of it, GNU as
/// (`tc-i386.c`) refuses all but the system registers.
class X86UndefinedTest {
  private static final String UD = " (#UD)";

  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "lock mov [rax], rbx => 'mov' with lock is undefined" + UD,
    "lock cmp [rax], rbx => 'cmp' with lock is undefined" + UD,
    "lock test [rax], ebx => 'test' with lock is undefined" + UD,
    "lock bt [rax], rbx => 'bt' with lock is undefined" + UD,
    "lock shl dword ptr [rax], 1 => 'shl' with lock is undefined" + UD,
    "lock push [rax] => 'push' with lock is undefined" + UD,
    "lock mov cr0, rax => 'mov' with lock is undefined" + UD,
    "lock lodsb => 'lodsb' with lock is undefined" + UD,
    "lock add rax, rbx => lock needs a destination in memory, else it is undefined" + UD,
    "lock add rax, [rbx] => lock needs a destination in memory, else it is undefined" + UD,
    "lock xchg rax, rbx => lock needs a destination in memory, else it is undefined" + UD,
    "lock inc eax => lock needs a destination in memory, else it is undefined" + UD,
    "lock cmpxchg eax, ebx => lock needs a destination in memory, else it is undefined" + UD,
    "lock bts eax, 3 => lock needs a destination in memory, else it is undefined" + UD,
    "mov cs, ax => cs is loaded by far branches only; 'mov' to it is undefined" + UD,
    "mov cs, word ptr [rbx] => cs is loaded by far branches only; 'mov' to it is undefined" + UD,
    "mov cr1, rax => there is no control register 'cr1': to use it is undefined" + UD,
    "mov cr9, rax => there is no control register 'cr9': to use it is undefined" + UD,
    "mov rax, cr15 => there is no control register 'cr15': to use it is undefined" + UD,
    "mov dr8, rax => there is no debug register 'dr8': to use it is undefined" + UD,
    "mov rcx, dr15 => there is no debug register 'dr15': to use it is undefined" + UD,
    "mov eax, cr0 => control and debug registers are moved with 64 bits in 64-bit mode, and 'eax' has 32",
    "mov dr7, ecx => control and debug registers are moved with 64 bits in 64-bit mode, and 'ecx' has 32",
    "rep add eax, ebx => 'rep' repeats string instructions only, not 'add'",
    "repne jmp rax => 'repne' repeats string instructions only, not 'jmp'",
    "repz mov [rax], eax => 'repz' repeats string instructions only, not 'mov'",
    "rep movsd xmm1, xmm2 => 'rep' repeats string instructions only, not 'movsd'",
    "notrack nop => 'notrack' stands before an indirect branch only",
    "notrack jmp 0x1000 => 'notrack' stands before an indirect branch only",
    "addr32 mov eax, [rbx] => an address with 'addr32' is made of 32-bit registers",
    "addr32 movabs eax, [0x1000] => no prefix is possible here",
    "data16 call 0x1000 => no prefix is possible here",
    "data16 jne 0x1000 => no prefix is possible here",
    "data16 push 0x12345 => immediate 0x12345 does not fit 16 bits",
    "data16 shufps xmm1, xmm2, 3 => 'shufps' with data16 would be another instruction, or none",
    "data16 xsaveopt [rax] => 'xsaveopt' with data16 would be another instruction, or none",
    "lsl eax, dword ptr [rdi] => a segment selector has 16 bits in memory, not a dword",
    "lsl rax, qword ptr [rdi] => a segment selector has 16 bits in memory, not a qword",
    "mov dword ptr [rdi], ds => invalid operand",
    "repne rep => an instruction has one of rep, repe and repne, and one lock",
    "fxch st, st(4) => 'fxch' has one operand, and the other is always st",
    "fcom st, st => 'fcom' has one operand, and the other is always st",
    "fcomp st, st(4) => 'fcomp' has one operand, and the other is always st",
    "fstp st(4), st => 'fstp' has one operand, and the other is always st",
    "data16 bzhi eax, ecx, edx => 'bzhi' with data16 would be another instruction, or none",
    "rep repne movsb => an instruction has one of rep, repe and repne, and one lock",
    "lock lock inc dword ptr [rax] => an instruction has one of rep, repe and repne, and one lock",
    "notrack jmp qword ptr gs:[rax] => 'notrack' is a segment prefix, and there is one already",
    "addr32 mov eax, [rip + 16] => an address with 'addr32' is made of 32-bit registers",
    "vfmadd213sd xmm1, xmm2, xmm3, 255 => 'vfmadd213sd' takes no number",
    "vaddps zmm1, zmm2, zmm3, 5 => 'vaddps' takes no number",
    "vcvtsd2si eax, xmm1, 2 => 'vcvtsd2si' takes no number",
    "xacquire add [rax], ebx => 'xacquire' stands before lock or xchg",
    "xacquire mov [rax], ebx => 'xacquire' stands before lock or xchg",
    "xrelease add [rax], ebx => 'xrelease' stands before lock or xchg or a mov to memory",
    "xrelease nop => 'xrelease' stands before lock or xchg or a mov to memory",
    "xacquire lock add eax, ebx => lock needs a destination in memory, else it is undefined (#UD)",
    "push eax => 'push' takes 16 or 64 bits in 64-bit mode, not 32",
    "pop r9d => 'pop' takes 16 or 64 bits in 64-bit mode, not 32",
    "push dword ptr [rax] => 'push' takes 16 or 64 bits in 64-bit mode, not 32",
    "push cs => 'push cs' is no instruction of 64-bit mode",
    "pop ss => 'pop ss' is no instruction of 64-bit mode",
    "pushad => 'pushad' is no instruction of 64-bit mode",
    "les eax, [rax] => 'les' is no instruction of 64-bit mode",
    "jcxz 0x1000 => 'jcxz' is no instruction of 64-bit mode",
  })
  void refuses(String statement, String reason) {
    assertEquals("<input>:1: " + reason + ": " + statement, TestAssemblers.refusal(() -> x86(0x1000, statement)));
  }

  /// SDM volume 2A LOCK; bytes from the opcode tables, as GNU as makes them.
  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "lock add [rax], rbx => f0480118",
    "lock xchg [rbx], rax => f0488703",
    "lock xchg rax, [rbx] => f0488703",
    "lock not qword ptr [rax] => f048f710",
    "lock cmpxchg16b [rax] => f0480fc708",
    "lock bts [rax], rbx => f0480fab18",
    "mov cr8, rax => 440f22c0",
    "mov rax, dr7 => 0f21f8",
    "mov rax, dr4 => 0f21e0",
    "mov eax, cs => 8cc8",
    "rep nop => f390",
    "rep ret => f3c3",
    "repz ret 8 => f3c20800",
    "rep bsf eax, ebx => f30fbcc3",
    "repne scasb => f2ae",
    "rep insd => f36d",
    "notrack jmp rax => 3effe0",
    "notrack call [rax] => 3eff10",
    "data16 push 0x1234 => 66683412",
    "data16 push -0x1234 => 6668cced",
    "data16 push 5 => 666a05",
    "data16 push fs => 660fa0",
    "data16 push rax => 6650",
    "pushw 0x1234 => 66683412",
    "data16 nop => 6690",
    "data16 add ax, 0x1234 => 6666053412",
    "addr32 lodsb => 67ac",
    "addr32 nop => 6790",
    "data16 nop dword ptr [rax + rax] => 660f1f0400",
    "data16 cs nop word ptr [rax + rax + 0x200] => 662e660f1f840000020000",
    "lar edx, cx => 0f02d1",
    "lar rdx, ecx => 480f02d1",
    "lsl r9, r10w => 4d0f03ca",
    "lsl eax, word ptr [rdi] => 0f0307",
    "lsl r9, word ptr [rdi] => 4c0f030f",
    "lsl ax, [rdi] => 660f0307",
    "lar rax, word ptr [rdi] => 480f0207",
    // No operand-size prefix but the one that is written: a segment register has 16 bits in memory.
    "mov word ptr [rdi], gs => 8c2f",
    "mov [rax + rsp], es => 8c0404",
    "mov fs:[r8d], ds => 6467418c18",
    "mov es:[0x66], ss => 268c142566000000",
    "mov [rip + 0x10], cs => 8c0d10000000",
    "data16 mov [rdi], ds => 668c1f",
    "data16 data16 push 0x1234 => 6666683412",
    "data16 data16 data16 push 1 => 6666666a01",
    "mov ds, ax => 8ed8",
    "repne ret 0x7fff => f2c2ff7f",
    "vcvtps2ph xmm1, xmm2, 3 => c4e3791dd103",
    "cs nop => 2e90",
    "xacquire lock add [rax], ebx => f2f00118",
    "xacquire xchg [rax], ebx => f28718",
    "xrelease mov [rax], ebx => f38918",
    "xrelease mov byte ptr [rax], 1 => f3c60001",
    "xrelease lock dec dword ptr [rax] => f3f0ff08",
    "lock; inc dword ptr [rax] => f0ff00",
  })
  void encodes(String statement, String bytes) {
    assertEquals(bytes, x86(0x1000, statement));
  }

  private static final Set<String> LOCKABLE = Set.of(
      "adc", "add", "and", "btc", "btr", "bts", "cmpxchg", "cmpxchg16b", "cmpxchg8b", "dec", "inc", "neg", "not", "or",
      "sbb", "sub", "xadd", "xchg", "xor");

  /// Every known line with a destination in memory, behind LOCK.
  @Test
  void lockIsForItsInstructionsOnly() {
    List<String> lines = TestAssemblers.rows(TestAssemblers.X86_64).stream().map(TestAssemblers.Row::text)
        .filter(text -> text.matches("[a-z0-9]+ (\\w+ ptr )?\\w*:?\\[.*")).toList();
    int locked = 0;
    for (String line : lines) {
      if (LOCKABLE.contains(line.substring(0, line.indexOf(' ')))) {
        locked++;
        assertEquals(x86(0, line), x86(0, "lock " + line).replaceFirst("f0", ""), line);
      } else {
        assertThrows(AssemblyException.class, () -> x86(0, "lock " + line), line);
      }
    }
    assertTrue(locked > 20 && lines.size() > 100, locked + " of " + lines.size());
  }
}

package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.RunResult.End;
import dev.crosspatch.core.machine.RunResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Exceptions, interrupts, privilege and paging, with guest code written by hand.
final class X86CoreTest {
  private static final String LOAD_IDT = "0f 01 1c 25 00 00 10 81"; // lidt [DATA]
  private static final String SET_STACK = "48 c7 c4 00 80 10 81"; // mov rsp, DATA + 0x8000
  // mov ecx, 0x80f; mov eax, 0x1ff; xor edx, edx; wrmsr
  private static final String ENABLE_APIC = "b9 0f 08 00 00  b8 ff 01 00 00  31 d2  0f 30";
  // mov ecx, 0x80b; xor eax, eax; xor edx, edx; wrmsr
  private static final String END_OF_INTERRUPT = "b9 0b 08 00 00  31 c0  31 d2  0f 30";
  private static final int STACK = 0x8000;

  @Test
  void runsStraightLineCode() {
    X86Lab lab = new X86Lab(1,
        "48 c7 c0 05 00 00 00", // mov rax, 5
        "48 8d 58 07", // lea rbx, [rax + 7]
        "01 d8", // add eax, ebx
        "f4"); // hlt
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(17, lab.core(0).r[X86Core.RAX]);
    assertEquals(12, lab.core(0).r[X86Core.RBX]);
  }

  @Test
  void deliversTrapsAndFaults() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK,
        "cc", // 0f: int3
        "b8 07 00 00 00", // 10: mov eax, 7
        "8b 1c 25 10 00 00 00", // 15: mov ebx, [0x10]
        "0f 0b", // 1c: ud2
        "f4"); // 1e: hlt
    lab.gates(3, 0x40, 14, 0x50, 6, 0x70);
    lab.put(0x40, "59  51  48 ff c2  48 cf"); // pop rcx; push rcx; inc rdx; iretq
    lab.put(0x50, "41 58  41 0f 20 d1  48 83 04 24 07  48 cf"); // pop r8; mov r9, cr2; add qword [rsp], 7; iretq
    lab.put(0x70, "48 83 04 24 02  48 cf"); // add qword [rsp], 2; iretq
    List<String> rows = lab.rows(0);
    assertEquals(End.DEADLOCK, lab.run().end());
    lab.machine.end();
    X86Core core = lab.core(0);
    assertEquals(X86Lab.TEXT + 0x10, core.r[X86Core.RCX], "the frame of INT3 holds the address behind it");
    assertEquals(7, core.r[X86Core.RAX]);
    assertEquals(0, core.r[8], "error code of a read of an absent page by the kernel");
    assertEquals(0x10, core.r[9], "CR2");
    assertEquals(X86Lab.DATA + STACK, core.r[X86Core.RSP]);
    assertEquals(
        List.of(
            "OTHER 0 8", "OTHER 8 f",
            "trap f 40 v3", "OTHER 40 41", "OTHER 41 42", "OTHER 42 45", "TRAP_RETURN 45 10 taken",
            "OTHER 10 15",
            "fault 15 50 v14", "OTHER 50 52", "OTHER 52 56", "OTHER 56 5b", "TRAP_RETURN 5b 1c taken",
            "fault 1c 70 v6", "OTHER 70 75", "TRAP_RETURN 75 1e taken",
            "WAIT 1e 1f"),
        rows);
  }

  @Test
  void sendsAnInterruptToAnotherCpu() {
    X86Lab lab = new X86Lab(2, LOAD_IDT, SET_STACK, ENABLE_APIC,
        "85 ff", // 1d: test edi, edi
        "75 28", // 1f: jne 49
        "48 83 3c 25 00 01 10 81 00", // 21: cmp qword [DATA + 0x100], 0
        "74 f5", // 2a: je 21
        "b9 30 08 00 00  b8 f1 00 00 00  ba 01 00 00 00  0f 30", // 2c: wrmsr ICR: vector 0xf1 to APIC 1
        "48 83 3c 25 08 01 10 81 00", // 3d: cmp qword [DATA + 0x108], 0
        "74 f5", // 46: je 3d
        "f4", // 48: hlt
        "48 81 ec 00 10 00 00", // 49: sub rsp, 0x1000
        "48 c7 04 25 00 01 10 81 01 00 00 00", // 50: mov qword [DATA + 0x100], 1
        "fb  f4  fa", // 5c: sti; hlt; cli
        "48 89 c3", // 5f: mov rbx, rax
        "f4"); // 62: hlt
    lab.gates(0xf1, 0x80);
    // inc [DATA + 0x108]; EOI; mov eax, 99; iretq
    lab.put(0x80, "48 ff 04 25 08 01 10 81", END_OF_INTERRUPT, "b8 63 00 00 00  48 cf");
    List<String> rows = lab.rows(1);
    assertEquals(End.DEADLOCK, lab.run().end());
    lab.machine.end();
    assertEquals(99, lab.core(1).r[X86Core.RBX]);
    assertEquals(1, lab.data(0x108));
    assertTrue(rows.contains("interrupt 5e 80 v241"), rows::toString);
    assertTrue(rows.stream().anyMatch(r -> r.startsWith("wake")), rows::toString);
  }

  @Test
  void ticks() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, ENABLE_APIC,
        "b9 32 08 00 00  b8 20 00 02 00  0f 30", // wrmsr LVT timer: periodic, vector 0x20
        "b9 3e 08 00 00  b8 0b 00 00 00  0f 30", // wrmsr divide by 1
        "b9 38 08 00 00  b8 88 13 00 00  0f 30", // wrmsr initial count: 5000
        "fb  f4", // 41: sti; hlt
        "49 83 ff 03", // cmp r15, 3
        "72 f8", // jb 41
        "fa  0f 31  f4"); // cli; rdtsc; hlt
    lab.gates(0x20, 0x80);
    lab.put(0x80, "49 ff c7", END_OF_INTERRUPT, "48 cf"); // inc r15; EOI; iretq
    RunResult result = lab.machine.run(dev.crosspatch.core.machine.RunLimits.ofCycles(30_000));
    assertEquals(End.CYCLE_LIMIT, result.end());
    assertEquals(3, lab.core(0).r[15]);
    long tsc = lab.core(0).r[X86Core.RAX];
    assertTrue(tsc > 15_000 && tsc < 20_000, "three periods of 5000 ticks and some overhead, not " + tsc);
  }

  @Test
  void repetitionsLetInterruptsIn() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, ENABLE_APIC,
        "b9 32 08 00 00  b8 20 00 00 00  0f 30", // wrmsr LVT timer: one-shot, vector 0x20
        "b9 38 08 00 00  b8 00 04 00 00  0f 30", // wrmsr initial count: 1024 / 2
        "48 c7 c7 00 a0 10 81  b9 00 40 00 00  fb", // 35: mov rdi, DATA + 0xa000; mov ecx, 0x4000; sti
        "f3 aa", // 42: rep stosb
        "f4"); // hlt
    lab.gates(0x20, 0x80);
    lab.put(0x80, "49 89 cf", "51", END_OF_INTERRUPT, "59", "48 cf"); // mov r15, rcx; push rcx; EOI; pop rcx; iretq
    List<String> rows = lab.rows(0);
    assertEquals(End.DEADLOCK, lab.run().end());
    lab.machine.end();
    long left = lab.core(0).r[15];
    assertTrue(left > 0 && left < 0x4000, "interrupted with " + left + " elements left");
    assertEquals(0, lab.core(0).r[X86Core.RCX]);
    assertTrue(rows.contains("interrupt 42 80 v32"), rows::toString);
    assertEquals(1, rows.stream().filter("OTHER 42 44"::equals).count(), "retires once");
  }

  @Test
  void goesToUserModeAndBack() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK,
        "0f 01 14 25 10 00 10 81", // lgdt [DATA + 0x10]
        "b8 38 00 00 00  0f 00 d8", // mov eax, 0x38; ltr ax
        "b9 80 00 00 c0  b8 01 0d 00 00  31 d2  0f 30", // wrmsr EFER: SCE, too
        "b9 81 00 00 c0  31 c0  ba 10 00 20 00  0f 30", // wrmsr STAR
        "b9 82 00 00 c0  b8 90 00 00 81  ba ff ff ff ff  0f 30", // wrmsr LSTAR: TEXT + 0x90
        "b9 84 00 00 c0  b8 00 02 00 00  31 d2  0f 30", // wrmsr FMASK: IF
        "b9 00 00 40 00  41 bb 02 02 00 00  48 0f 07"); // mov ecx, 0x400000; mov r11d, 0x202; sysretq
    lab.put(0x90, "49 89 cc  4d 89 dd  66 8c c8  49 83 fe 00  75 06  49 ff c6  48 0f 07  f4");
    // mov r12, rcx; mov r13, r11; mov ax, cs; cmp r14, 0; jne hlt; inc r14; sysretq; hlt
    lab.gates(13, 0xb0);
    lab.put(0xb0, "48 8b 1c 24  48 89 e2  48 83 44 24 08 01  48 83 c4 08  48 cf");
    // mov rbx, [rsp]; mov rdx, rsp; add qword [rsp + 8], 1; add rsp, 8; iretq
    lab.setTask(X86Lab.DATA + 0x9000, 0);
    long code = lab.mapUser(0x40_0000, X86Mmu.PRESENT | X86Mmu.USER);
    lab.machine.load(code, X86Lab.bytes("0f 05  f4  0f 05")); // syscall; hlt; syscall
    assertEquals(End.DEADLOCK, lab.run().end());
    X86Core core = lab.core(0);
    assertEquals(1, core.r[14], "the first SYSCALL returned");
    assertEquals(0x40_0005, core.r[12], "RCX of the second SYSCALL");
    assertEquals(0x202, core.r[13] & 0x2ff);
    assertEquals(0x10, core.r[X86Core.RAX] & 0xffff, "CS in the kernel");
    assertEquals(0, core.r[X86Core.RBX], "error code of HLT in user mode");
    assertEquals(X86Lab.DATA + 0x9000 - 48, core.r[X86Core.RDX], "#GP came on the stack of RSP0");
    assertEquals(0, core.privilege);
  }

  @Test
  void aTripleFaultStopsTheMachine() {
    X86Lab lab = new X86Lab(1, "0f 0b");
    RunResult result = lab.run();
    assertEquals(End.STOPPED, result.end());
    assertEquals("cpu 0: triple fault at 0xffffffff81000000", result.reason());
  }

  @Test
  void storesToTextFault() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, "c6 04 25 00 00 00 81 cc", "f4"); // mov byte [TEXT], 0xcc
    lab.gates(14, 0x40);
    lab.put(0x40, "41 58  41 0f 20 d1  f4"); // pop r8; mov r9, cr2; hlt
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(3, lab.core(0).r[8], "error code: present, write");
    assertEquals(X86Lab.TEXT, lab.core(0).r[9]);
  }

  @Test
  void dataIsNotExecutable() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, "48 c7 c0 00 00 10 81", "ff e0"); // mov rax, DATA; jmp rax
    lab.gates(14, 0x40);
    lab.put(0x40, "41 58  41 0f 20 d1  f4"); // pop r8; mov r9, cr2; hlt
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(0x11, lab.core(0).r[8], "error code: present, fetch");
    assertEquals(X86Lab.DATA, lab.core(0).r[9]);
  }
}

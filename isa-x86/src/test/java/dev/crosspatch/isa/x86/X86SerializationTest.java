package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.RunResult.End;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Which instructions serialize: behind them code that was modified through another virtual address runs, on the most
/// adverse core; behind others it need not (SDM vol. 3 9.1.3 for the alias, 9.3 for the list).
final class X86SerializationTest {
  private static final int ROUNDS = 64;

  /// CALL f, store 2 over the 1 that f returns, the instruction, CALL f: R14 counts answers of 1. Then CPUID and the 1
  /// restored.
  private static long stale(String instruction) {
    int f = 0x800;
    X86Lab lab = new X86Lab(1, Staleness.ADVERSARIAL,
        "48 c7 c4 00 80 10 81", // mov rsp, DATA + 0x8000
        "0f 01 14 25 10 00 10 81", // lgdt [DATA + 0x10]
        "0f 01 1c 25 00 00 10 81", // lidt [DATA]
        "49 bc", alias(f + 1), // mov r12, alias of f + 1
        "41 bd 40 00 00 00", // mov r13d, 64
        "e9", relative(0x100, 0x2c)); // jmp loop
    lab.gates(3, 0x900).setTask(0, 0);
    lab.put(0x900, "58  48 83 c4 20  ff e0"); // INT3: pop rax; add rsp, 32; jmp rax
    lab.put(0x940, "ff e1"); // SYSCALL: jmp rcx
    lab.core(0).efer |= X86Core.EFER_SCE;
    lab.core(0).lstar = X86Lab.TEXT + 0x940;
    String body = "e8 " + relative(f, 0x105) // 100: loop: call f
        + "41 c6 04 24 02" // mov byte [r12], 2
        + instruction.replace(" ", "");
    int at = 0x100 + body.replace(" ", "").length() / 2;
    body += "e8" + relative(f, at + 5) // call f
        + "83 f8 02  74 03  49 ff c6" // cmp eax, 2; je 1f; inc r14; 1:
        + "41 c6 04 24 01  31 c0  0f a2" // mov byte [r12], 1; xor eax, eax; cpuid
        + "41 ff cd  0f 85"; // dec r13d; jne loop
    int end = 0x100 + body.replace(" ", "").length() / 2 + 4;
    lab.put(0x100, body, relative(0x100, end), "f4");
    lab.put(f, "b8 01 00 00 00  c3"); // mov eax, 1; ret
    assertEquals(End.DEADLOCK, lab.run().end(), instruction);
    assertEquals(0, lab.core(0).r[13], instruction + ": rounds left");
    assertTrue(lab.core(0).retired() > 10 * ROUNDS, instruction);
    return lab.core(0).r[14];
  }

  private static String alias(int offset) {
    return little(X86Lab.DIRECT_MAP + X86Lab.TEXT - X86Lab.LINK_OFFSET + offset, 8);
  }

  private static String relative(int target, int from) {
    return little(target - from, 4);
  }

  private static String little(long value, int bytes) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      hex.append(String.format("%02x", value >>> (8 * i) & 0xff));
    }
    return hex.toString();
  }

  @Test
  void serializingInstructionsDropWhatWasFetchedAhead() {
    Map<String, String> code = new TreeMap<>();
    code.put("CPUID", "31 c0  0f a2");
    code.put("SERIALIZE", "0f 01 e8");
    code.put("IRETQ to the next instruction", "48 89 e0  6a 18  50  9c  6a 10  48 8d 05 03 00 00 00  50  48 cf");
    code.put("MOV CR0", "0f 20 c0  0f 22 c0");
    code.put("MOV CR2", "0f 20 d0  0f 22 d0");
    code.put("MOV CR3", "0f 20 d8  0f 22 d8");
    code.put("MOV CR4", "0f 20 e0  0f 22 e0");
    code.put("MOV DR0", "31 c0  0f 23 c0");
    code.put("MOV DR7", "0f 21 f8  0f 23 f8");
    code.put("WRMSR of STAR", "b9 81 00 00 c0  0f 32  0f 30");
    code.put("INVD", "0f 08");
    code.put("WBINVD", "0f 09");
    code.put("INVLPG", "0f 01 3c 25 00 00 10 81");
    code.put("LGDT", "0f 01 14 25 10 00 10 81");
    code.put("LIDT", "0f 01 1c 25 00 00 10 81");
    code.put("LLDT", "31 c0  0f 00 d0");
    code.put("LTR", "c6 04 25 3d 02 10 81 89  b8 38 00 00 00  0f 00 d8"); // of a TSS marked available once more
    code.forEach((name, hex) -> assertEquals(0, stale(hex), name + ": stale calls of " + ROUNDS));
  }

  @Test
  void otherInstructionsDoNot() {
    Map<String, String> code = new TreeMap<>();
    code.put("NOP", "90");
    code.put("LFENCE", "0f ae e8");
    code.put("MFENCE", "0f ae f0");
    code.put("SFENCE", "0f ae f8");
    code.put("LOCK ADD", "f0 83 04 25 00 01 10 81 00");
    code.put("XCHG with memory", "87 04 25 00 01 10 81");
    code.put("CLFLUSH", "0f ae 3c 25 00 01 10 81");
    code.put("PAUSE", "f3 90");
    code.put("RDTSCP", "0f 01 f9");
    code.put("SWAPGS", "0f 01 f8");
    code.put("CLI", "fa");
    code.put("CLTS", "0f 06");
    code.put("LMSW", "0f 01 e0  0f 01 f0");
    code.put("MOV CR8", "44 0f 20 c0  44 0f 22 c0");
    code.put("MOV from CR3", "0f 20 d8");
    code.put("RDMSR", "b9 81 00 00 c0  0f 32");
    code.put("WRMSR of IA32_TSC_DEADLINE", "b9 e0 06 00 00  31 c0  31 d2  0f 30");
    code.put("WRMSR of the task priority", "b9 08 08 00 00  31 c0  31 d2  0f 30");
    code.put("INVPCID", "b8 02 00 00 00  66 0f 38 82 04 25 10 01 10 81");
    code.put("INT3 to a handler that returns without IRET", "cc");
    code.put("SYSCALL to a kernel that returns without SYSRET", "0f 05");
    code.forEach((name, hex) -> assertTrue(stale(hex) > 0, name + " has serialized"));
  }
}

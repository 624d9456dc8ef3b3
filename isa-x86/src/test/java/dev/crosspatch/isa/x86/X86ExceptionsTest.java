package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.machine.RunResult.End;
import dev.crosspatch.core.machine.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Gates, stacks and error codes (SDM vol. 3 chapter 6). Handlers load the top of the frame into RAX and halt.
final class X86ExceptionsTest {
  private static final String LOAD_IDT = "0f 01 1c 25 00 00 10 81"; // lidt [DATA]
  private static final String SET_STACK = "48 c7 c4 00 80 10 81"; // mov rsp, DATA + 0x8000
  private static final String TAKE_TOP = "48 8b 04 24  f4"; // mov rax, [rsp]; hlt
  private static final int HANDLER = 0x400;
  private static final long STACK = X86Lab.DATA + 0x8000;

  /// Runs code that faults with `vector`; RAX is the error code, or the saved RIP if the vector has none.
  private static X86Core fault(int vector, String... code) {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, String.join(" ", code));
    lab.gates(vector, HANDLER).put(HANDLER, TAKE_TOP);
    assertEquals(End.DEADLOCK, lab.run().end());
    return lab.core(0);
  }

  @Test
  void errorCodesNameWhatIsWrong() {
    assertEquals(0, fault(13, "b9 45 23 01 00  0f 32").r[X86Core.RAX], "rdmsr of an unknown register");
    assertEquals(0, fault(13, "48 b8 00 00 00 00 00 00 00 80  48 8b 18").r[X86Core.RAX],
        "load from a non-canonical address");
    assertEquals(0x38, fault(13, "b8 3b 00 00 00  8e e0").r[X86Core.RAX], "mov fs, selector beyond the GDT");
    assertEquals(0x40 * 8 + 2, fault(13, "cd 40").r[X86Core.RAX], "int 0x40 without a gate: IDT, not external");
    assertEquals(6 * 8 + 3, fault(13, "0f 0b").r[X86Core.RAX], "#UD without a gate: IDT, external");
    assertEquals(0, fault(13, "0f 22 c1").r[X86Core.RAX], "mov cr0, rcx: PG cleared");
  }

  /// SDM vol. 1 3.7.4, vol. 3 6.15: #SS(0) where the address is relative to the stack.
  @Test
  void addressesThatAreNotCanonicalRaiseStackOrGeneralProtectionFaults() {
    String high = "48 b8 00 00 00 00 00 00 00 80"; // mov rax, 1 << 63
    for (String code : List.of("48 89 c5  8b 5d 00", "48 89 c5  8b 1c 2c", "48 89 c5  c9", "48 89 c5  89 44 9d 10",
        "8b 5c 05 00")) {
      // mov rbp, rax; mov ebx, [rbp] / [rsp + rbp] / leave / mov [rbp + rbx * 4 + 16], eax; with RBP 0: mov ebx, [rbp +
      // rax]
      assertEquals(0, faultVector(12, high, code).r[X86Core.RAX], code + ": error code of #SS");
    }
    for (String code : List.of("8b 18", "48 89 c5  65 8b 5d 00", "49 89 c5  41 8b 5d 00", "ff 30", "ff 10", "8f 00",
        "48 89 c6  ad", "ff e0")) {
      // mov ebx, [rax] / gs:[rbp] / [r13]; push [rax]; call [rax]; pop [rax]; lodsd; jmp rax
      assertEquals(0, faultVector(13, high, code).r[X86Core.RAX], code + ": error code");
    }
  }

  /// SDM vol. 2, JMP, CALL, RET: the branch faults, with nothing of it done. RAX is the saved RSP.
  @Test
  void branchesToAddressesThatAreNotCanonicalFaultThemselves() {
    String high = "48 b8 00 00 00 00 00 00 00 80"; // mov rax, 1 << 63
    int branch = 8 + 7 + 10;
    assertBranchFaults(branch, STACK, high, "ff e0"); // jmp rax
    assertBranchFaults(branch, STACK, high, "ff d0"); // call rax
    assertBranchFaults(branch + 1, STACK - 8, high, "50  c3"); // push rax; ret
    assertBranchFaults(branch + 1, STACK - 8, high, "50  c2 10 00"); // push rax; ret 16
    assertBranchFaults(branch + 1, STACK - 8, high, "50  ff 24 24"); // push rax; jmp [rsp]
    assertBranchFaults(branch + 1, STACK - 8, high, "50  ff 14 24"); // push rax; call [rsp]
  }

  private static void assertBranchFaults(int at, long rsp, String... code) {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, String.join(" ", code));
    lab.gates(13, HANDLER).put(HANDLER, "48 8b 44 24 20  f4"); // mov rax, [rsp + 32]; hlt
    List<String> rows = lab.rows(0);
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(String.format("fault %x %x v13", at, HANDLER),
        rows.stream().filter(row -> row.startsWith("fault")).findFirst().orElse("no fault"));
    assertEquals(rsp, lab.core(0).r[X86Core.RAX], () -> String.join(" ", code) + ": RSP");
  }

  /// A fault taken on a stack of its own (IST 1), since the code may have spoiled RSP. RAX is the error code.
  private static X86Core faultVector(int vector, String... code) {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK,
        "0f 01 14 25 10 00 10 81", // lgdt [DATA + 0x10]
        "b8 38 00 00 00  0f 00 d8", // mov eax, 0x38; ltr ax
        String.join(" ", code));
    lab.setPseudo(0, X86Lab.DATA + X86Lab.IDT, 0xfff);
    lab.gate(vector, HANDLER, 0, 1);
    lab.gate(3, HANDLER, 0, 0);
    lab.put(HANDLER, TAKE_TOP);
    lab.setTask(0, STACK - 0x1000);
    assertEquals(End.DEADLOCK, lab.run().end(), () -> String.join(" ", code));
    assertEquals(STACK - 0x1000 - 48, lab.core(0).r[X86Core.RSP]);
    return lab.core(0);
  }

  @Test
  void pushesOnAStackThatIsNotCanonicalRaiseStackFaults() {
    String high = "48 b8 00 00 00 00 00 00 00 80  48 89 c4"; // mov rax, 1 << 63; mov rsp, rax
    for (String code
        : List.of("50", "58", "9c", "9d", "c3", "e8 00 00 00 00", "6a 00", "8b 04 24", "48 cf", "c8 10 00 00", "cc")) {
      assertEquals(0, faultVector(12, high, code).r[X86Core.RAX], code + ": error code of #SS");
    }
  }

  @Test
  void cacheLineFlushesFaultLikeLoads() {
    for (String code : List.of("0f ae 3c 25 10 00 00 00", "66 0f ae 3c 25 10 00 00 00", "66 0f ae 34 25 10 00 00 00")) {
      X86Core core = fault(14, code); // clflush, clflushopt, clwb [0x10]
      assertEquals(0, core.r[X86Core.RAX], code + ": error code of a read of an absent page");
      assertEquals(0x10, core.cr2);
    }
  }

  @Test
  void accessesThatCrossIntoAnAbsentPageFaultThereAndChangeNothing() {
    // mov eax, end of data - 15; cdqe; mov qword [rax + 8], -1
    X86Core core = fault(14, "b8 f1 ff 10 81  48 98  48 c7 40 08 ff ff ff ff");
    assertEquals(X86Lab.DATA + X86Lab.DATA_BYTES, core.cr2, "CR2 is the first byte that could not be written");
    assertEquals(2, core.r[X86Core.RAX], "error code: write to an absent page");
    assertEquals(0, physical(core, X86Lab.DATA - X86Lab.LINK_OFFSET + X86Lab.DATA_BYTES - 8),
        "nothing was written");
  }

  @Test
  void faultsReturnToTheInstructionAndTrapsBehindIt() {
    // 0f: xor edx, edx; xor ecx, ecx; mov eax, 7; 18: div ecx
    X86Core core = fault(0, "31 d2  31 c9  b8 07 00 00 00  f7 f1");
    assertEquals(X86Lab.TEXT + 0x18, core.r[X86Core.RAX]);
    assertEquals(STACK - 40, core.r[X86Core.RSP]);
    assertEquals(X86Lab.TEXT + 0x11, fault(3, "66 cc").r[X86Core.RAX], "INT3 with a prefix");
    assertEquals(X86Lab.TEXT + 0x10, fault(1, "f1").r[X86Core.RAX], "INT1");
    assertEquals(X86Lab.TEXT + 0x11, fault(0x80, "cd 80").r[X86Core.RAX], "INT 0x80");
  }

  @Test
  void theFrameHoldsTheOldState() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, "48 83 ec 03  f9  cc"); // 0f: sub rsp, 3; stc; int3
    lab.gates(3, HANDLER).put(HANDLER, "f4");
    lab.run();
    long sp = lab.core(0).r[X86Core.RSP];
    assertEquals(STACK - 16 - 40, sp, "the frame is aligned to 16 bytes");
    int at = (int) (sp - X86Lab.DATA);
    assertEquals(
        List.of(X86Lab.TEXT + 0x15, 0x10L, 3L, STACK - 3, 0x18L),
        List.of(lab.data(at), lab.data(at + 8), lab.data(at + 16) & 0x203, lab.data(at + 24), lab.data(at + 32)));
  }

  @Test
  void aFaultOfThePageFaultHandlersEntryIsADoubleFaultOnItsOwnStack() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK,
        "0f 01 14 25 10 00 10 81", // lgdt [DATA + 0x10]
        "b8 38 00 00 00  0f 00 d8", // mov eax, 0x38; ltr ax
        "48 31 e4  50"); // xor rsp, rsp; push rax: no stack for #PF
    lab.gates(14, HANDLER);
    lab.gate(8, HANDLER, 0, 1);
    lab.put(HANDLER, TAKE_TOP);
    lab.setTask(0, STACK - 0x1000);
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(0, lab.core(0).r[X86Core.RAX], "error code of #DF");
    assertEquals(STACK - 0x1000 - 48, lab.core(0).r[X86Core.RSP]);
    assertEquals(-8, lab.core(0).cr2, "CR2 of the second page fault");
  }

  @Test
  void trapGatesLeaveInterruptsOn() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, "fb  90  cc"); // sti; nop; int3
    lab.gates(3, HANDLER).put(HANDLER, "f4");
    lab.setData(X86Lab.IDT + 16 * 3, lab.data(X86Lab.IDT + 16 * 3) | 0x100L << 32);
    lab.run();
    assertEquals(true, lab.core(0).interruptsEnabled);
    X86Lab interruptGate = new X86Lab(1, LOAD_IDT, SET_STACK, "fb  90  cc");
    interruptGate.gates(3, HANDLER).put(HANDLER, "f4");
    interruptGate.run();
    assertEquals(false, interruptGate.core(0).interruptsEnabled);
  }

  private static long physical(X86Core core, long pa) {
    return ((Machine) core.machine).readPhysical(pa);
  }

  @Test
  void instructionsThatNeedCpl0FaultInUserMode() {
    for (String code : List.of("f4", "fa", "fb", "0f 22 c0", "0f 20 c0", "0f 30", "0f 32", "0f 01 f8", "0f 01 38",
        "0f 09", "ec", "0f 01 10")) {
      X86Core core = user(code);
      assertEquals(0x40_0000, physical(core, X86Lab.DATA - X86Lab.LINK_OFFSET + 0x9000 - 40),
          code + ": saved RIP");
      assertEquals(13, core.r[15], code + ": vector");
    }
    assertEquals(13, user("cd 21").r[15], "INT 0x21 through a gate of DPL 0");
    assertEquals(3, user("cc").r[15], "INT3 through a gate of DPL 3");
  }

  /// Runs code at CPL 3; R15 is the vector it ended with.
  private static X86Core user(String code) {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK,
        "0f 01 14 25 10 00 10 81", // lgdt [DATA + 0x10]
        "b8 38 00 00 00  0f 00 d8", // mov eax, 0x38; ltr ax
        "6a 2b  6a 00  6a 02  6a 33  68 00 00 40 00  48 cf"); // push 0x2b, 0, 2, 0x33, 0x400000; iretq
    lab.gates(13, HANDLER, 0x21, HANDLER + 0x20);
    lab.gate(3, HANDLER + 0x40, 3, 0);
    lab.put(HANDLER, "49 c7 c7 0d 00 00 00  f4"); // mov r15, 13; hlt
    lab.put(HANDLER + 0x40, "49 c7 c7 03 00 00 00  f4"); // mov r15, 3; hlt
    lab.setTask(X86Lab.DATA + 0x9000, 0);
    lab.machine.load(lab.mapUser(0x40_0000, X86Mmu.PRESENT | X86Mmu.USER), X86Lab.bytes(code));
    assertEquals(End.DEADLOCK, lab.run().end());
    return lab.core(0);
  }
}

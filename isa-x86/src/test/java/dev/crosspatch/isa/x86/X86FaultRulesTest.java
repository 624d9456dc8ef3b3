package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.RunResult.End;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Faults that user mode of a host cannot show, or that makers have differently (SDM vol. 3 chapter 6, 5.8, 17; what is
/// measured is so on Zen 4). The others are in X86HostFaultTest.
final class X86FaultRulesTest {
  static final String LOAD_IDT = "0f 01 1c 25 00 00 10 81"; // lidt [DATA]
  static final String SET_STACK = "48 c7 c4 00 80 10 81"; // mov rsp, DATA + 0x8000
  // lgdt [DATA + 0x10]; mov eax, 0x38; ltr ax
  static final String LOAD_TASK = "0f 01 14 25 10 00 10 81  b8 38 00 00 00  0f 00 d8";
  // push 0x2b, 0, 2, 0x33, 0x400000; iretq
  static final String TO_USER = "6a 2b  6a 00  6a 02  6a 33  68 00 00 40 00  48 cf";
  static final int HANDLERS = 0x400;

  /// A machine whose handler of every vector halts at HANDLERS + 16 * vector.
  static X86Lab lab(String preset, String... code) {
    X86Lab lab = new X86Lab(preset, String.join(" ", code));
    lab.gates();
    for (int vector = 0; vector < 256; vector++) {
      lab.gate(vector, HANDLERS + 16 * vector, vector == 3 ? 3 : 0, 0);
      lab.put(HANDLERS + 16 * vector, "f4");
    }
    lab.setTask(X86Lab.DATA + 0x9000, X86Lab.DATA + 0xa000);
    return lab;
  }

  static String outcome(X86Lab lab) {
    End end = lab.run().end();
    X86Core core = lab.core(0);
    int vector = (int) (core.pc - X86Lab.TEXT - HANDLERS) / 16;
    boolean hasError = List.of(8, 10, 11, 12, 13, 14, 17).contains(vector);
    String error = hasError ? String.format(" %x", lab.data((int) (core.r[X86Core.RSP] - X86Lab.DATA))) : "";
    return end == End.DEADLOCK ? "vector " + vector + error : "machine stopped: " + lab.machine.stopReason();
  }

  private static String kernel(String... code) {
    return outcome(lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, String.join(" ", code)));
  }

  static X86Lab user(String preset, String code) {
    X86Lab lab = lab(preset, LOAD_IDT, SET_STACK, LOAD_TASK, TO_USER);
    lab.machine.load(lab.mapUser(0x40_0000, X86Mmu.PRESENT | X86Mmu.USER | X86Mmu.WRITABLE), X86Lab.bytes(code));
    return lab;
  }

  @Test
  void noSoftwareInterruptStopsTheMachine() {
    for (int vector = 0; vector < 256; vector++) {
      String expected = vector == 3 ? "vector 3" : String.format("vector 13 %x", vector * 8 + 2);
      assertEquals(expected, outcome(user("skylake", String.format("cd %02x", vector))), "INT " + vector + " at CPL 3");
    }
    assertEquals("vector 6", outcome(user("skylake", "ce")), "INTO");
    assertEquals("vector 1", outcome(user("skylake", "f1")), "INT1 needs no DPL (SDM vol. 2A)");
  }

  /// INT n to vectors of exceptions: no error code, no CR2, and INT 8 is no double fault.
  @Test
  void softwareInterruptsAreNoExceptions() {
    X86Lab lab = user("skylake", "cd 08");
    lab.gate(8, HANDLERS, 3, 0);
    assertEquals("vector 0", outcome(lab));
    assertEquals(X86Lab.DATA + 0x9000 - 40, lab.core(0).r[X86Core.RSP], "no error code was pushed");
    X86Lab pageFault = user("skylake", "cd 0e");
    pageFault.gate(14, HANDLERS, 3, 0);
    assertEquals("vector 0", outcome(pageFault));
    assertEquals(0, pageFault.core(0).cr2);
  }

  /// SDM vol. 3 6.13, 6.14: what is wrong with a gate. EXT is set unless an INT n was at it.
  @Test
  void badGates() {
    String interrupt = "cd 25";
    String undefined = "0f 0b";
    assertEquals("vector 11 12a", gateProblem(interrupt, 0x25, 0, 0x8000L << 32), "not present");
    assertEquals("vector 11 33", gateProblem(undefined, 6, 0, 0x8000L << 32), "not present, for an exception");
    assertEquals("vector 13 12a", gateProblem(interrupt, 0x25, 0, 1L << 41), "a call gate");
    assertEquals("vector 13 0", gateProblem(interrupt, 0x25, 0, 0xffffL << 16), "null selector");
    assertEquals("vector 13 1", gateProblem(undefined, 6, 0, 0xffffL << 16), "null selector, for an exception");
    assertEquals("vector 13 18", gateProblem(interrupt, 0x25, 0x18L << 16, 0xffffL << 16), "a data segment");
    assertEquals("vector 13 19", gateProblem(undefined, 6, 0x18L << 16, 0xffffL << 16),
        "a data segment, for an exception");
    X86Lab high = lab("skylake", LOAD_IDT, SET_STACK, interrupt);
    high.setData(X86Lab.IDT + 16 * 0x25 + 8, 0x8000);
    assertEquals("vector 13 0", outcome(high), "a handler that is not canonical");
    X86Lab limit = lab("skylake", LOAD_IDT, SET_STACK, interrupt);
    limit.setPseudo(0, X86Lab.DATA + X86Lab.IDT, 16 * 0x25 + 14);
    assertEquals("vector 13 12a", outcome(limit), "beyond the limit of the table");
  }

  private static String gateProblem(String code, int vector, long set, long clear) {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, code);
    int at = X86Lab.IDT + 16 * vector;
    lab.setData(at, (lab.data(at) & ~clear) | set);
    return outcome(lab);
  }

  /// SDM vol. 3 table 6-5, row by row: the second exception is #NP of a gate, or #PF of its stack.
  @Test
  void doubleFaults() {
    String divide = "31 c9 f7 f1"; // xor ecx, ecx; div ecx
    String protection = "0f 22 c1"; // mov cr0, rcx
    String page = "48 8b 04 25 00 00 00 00"; // mov rax, [0]
    assertEquals("vector 11 33", second("0f 0b", 6, true), "benign, contributory");
    assertEquals("vector 14 2", second("0f 0b", 6, false), "benign, page fault");
    assertEquals("vector 8 0", second(divide, 0, true), "contributory, contributory");
    assertEquals("vector 14 2", second(divide, 0, false), "contributory, page fault");
    assertEquals("vector 8 0", second(protection, 13, true), "contributory, contributory");
    assertEquals("vector 8 0", second(page, 14, true), "page fault, contributory");
    assertEquals("vector 8 0", second(page, 14, false), "page fault, page fault");
    assertEquals("vector 11 6a", second("cd 0d", 13, true), "INT 13 is benign");
    X86Lab triple = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, divide);
    triple.setData(X86Lab.IDT, 0);
    triple.setData(X86Lab.IDT + 16 * 8, 0);
    assertTrue(outcome(triple).startsWith("machine stopped: cpu 0: triple fault at 0x"),
        "a double fault without a gate");
  }

  private static String second(String code, int vector, boolean absent) {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, code);
    lab.setData(0x320, 0x1000L << 32); // IST1 is not mapped
    lab.setData(0x328, 0);
    lab.gate(vector, HANDLERS + 16 * vector, 0, absent ? 0 : 1);
    int at = X86Lab.IDT + 16 * vector;
    lab.setData(at, absent ? lab.data(at) & ~(0x8000L << 32) : lab.data(at));
    return outcome(lab);
  }

  /// SDM vol. 2B MOV: selector 8 names the descriptor given.
  @Test
  void segmentLoads() {
    String ds = "b8 08 00 00 00  8e d8  cd 25"; // mov eax, 8; mov ds, eax; int 0x25
    String ss = "b8 08 00 00 00  8e d0  cd 25";
    String done = "vector 37";
    assertEquals(done, segment(0x00cf_9200_0000_ffffL, ds), "data");
    assertEquals(done, segment(0x00cf_9200_0000_ffffL, ss), "data");
    assertEquals("vector 11 8", segment(0x00cf_1200_0000_ffffL, ds), "not present");
    assertEquals("vector 12 8", segment(0x00cf_1200_0000_ffffL, ss), "not present");
    assertEquals("vector 13 8", segment(0x0000_8900_0000_ffffL, ds), "a task");
    assertEquals("vector 13 8", segment(0x00af_9800_0000_ffffL, ds), "code to execute only");
    assertEquals(done, segment(0x00af_9a00_0000_ffffL, ds), "code to read");
    assertEquals("vector 13 8", segment(0x00af_9a00_0000_ffffL, ss), "code");
    assertEquals("vector 13 8", segment(0x00cf_9000_0000_ffffL, ss), "data to read");
    assertEquals("vector 13 8", segment(0x00cf_f200_0000_ffffL, ss), "data of user mode");
    assertEquals("vector 13 8", segment(0x00cf_9200_0000_ffffL, ds.replace("08 00 00 00", "09 00 00 00")),
        "RPL 1, DPL 0");
    assertEquals("vector 13 18", kernel("b8 19 00 00 00  8e d0"), "SS with RPL 1 at CPL 0");
    assertEquals("vector 37", kernel("31 c0 8e d0 cd 25"), "null SS at CPL 0");
    assertEquals("vector 13 8", outcome(user("skylake", "bd 08 00 00 00  8e c5")), "mov es, ebp: DPL 0 at CPL 3");
    assertEquals("vector 13 0", outcome(user("skylake", "31 c0  8e d0")), "null SS at CPL 3");
  }

  private static String segment(long descriptor, String code) {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, code);
    lab.setData(0x208, descriptor);
    String outcome = outcome(lab);
    boolean loaded = outcome.equals("vector 37");
    assertEquals(loaded, (lab.data(0x208) >> 40 & 1) != 0 && (descriptor >> 40 & 1) == 0, "accessed bit");
    return outcome;
  }

  /// SDM vol. 2A IRET: what CPL 3 could not load is null there, and null selectors lose their RPL.
  @Test
  void returnsToUserModeDropInnerSegments() {
    String load = "b8 18 00 00 00 8e d8  b8 2b 00 00 00 8e c0  b8 03 00 00 00 8e e8"; // ds = 0x18, es = 0x2b, gs = 3
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, load, TO_USER);
    // mov eax, ds; ecx, es; edx, gs
    lab.machine.load(lab.mapUser(0x40_0000, X86Mmu.PRESENT | X86Mmu.USER), X86Lab.bytes("8c d8  8c c1  8c ea  0f 0b"));
    assertEquals("vector 6", outcome(lab));
    assertEquals(List.of(0L, 0x2bL, 0L), List.of(lab.core(0).r[0], lab.core(0).r[1], lab.core(0).r[2]));
  }

  /// SDM vol. 3 2.5, 12.12.2; vol. 4 table 2-2. AMD's CPUs ignore upper halves.
  @Test
  void registersRefuseReservedValues() {
    for (int bit : new int[] {0, 1, 6, 11, 12, 13, 14, 22, 23, 24}) {
      assertEquals("vector 13 0", kernel("0f 20 e0  48 0f ba e8", String.format("%02x", bit), "0f 22 e0  cd 25"),
          "CR4 bit " + bit);
    }
    for (int bit : new int[] {2, 3, 4, 7, 8, 9, 10, 16, 17, 18, 20}) {
      assertEquals("vector 37", kernel("0f 20 e0  48 0f ba e8", String.format("%02x", bit), "0f 22 e0  cd 25"),
          "CR4 bit " + bit);
    }
    String high = "31 c0  ba 00 00 00 80  0f 30  cd 25"; // edx:eax = 1 << 63; wrmsr
    // SYSENTER_ESP, EIP, FMASK, TSC_AUX
    for (String msr : List.of("75 01 00 00", "76 01 00 00", "84 00 00 c0", "03 01 00 c0")) {
      assertEquals("vector 13 0", kernel("b9", msr, high), msr);
      assertEquals("vector 37", outcome(lab("zen4", LOAD_IDT, SET_STACK, LOAD_TASK, "b9", msr, high)), msr);
    }
    for (int type : new int[] {2, 3, 8, 0x40}) {
      assertEquals("vector 13 0", kernel("b9 77 02 00 00  31 d2  b8 00 00", String.format("%02x", type),
          "00  0f 30  cd 25"), "PAT type " + type);
    }
    for (int type : new int[] {0, 1, 4, 5, 6, 7}) {
      assertEquals("vector 37", kernel("b9 77 02 00 00  31 d2  b8 00 00", String.format("%02x", type),
          "00  0f 30  cd 25"), "PAT type " + type);
    }
  }

  /// SDM vol. 2A CPUID: beyond the last leaf the last basic one; APM vol. 3: zeros.
  @Test
  void cpuidBeyondTheLastLeaf() {
    for (String leaf : List.of("17 00 00 00", "00 00 00 40", "09 00 00 80", "ff ff ff ff")) {
      assertTrue(lookUp("skylake", leaf) > 0, leaf);
      assertEquals(lookUp("skylake", "16 00 00 00"), lookUp("skylake", leaf), leaf);
      assertEquals(0, lookUp("zen4", leaf), leaf);
    }
  }

  private static long lookUp(String preset, String leaf) {
    X86Lab lab = new X86Lab(preset, "b8", leaf, "0f a2 f4");
    lab.run();
    return lab.core(0).r[0];
  }

  /// SDM vol. 1 19.5.2: a map of ports 0..63 with port 5 closed.
  @Test
  void theBitmapOpensPorts() {
    assertEquals("vector 6", port("ba 04 00 00 00  ec  0f 0b"), "port 4");
    assertEquals("vector 13 0", port("ba 05 00 00 00  ec  0f 0b"), "port 5");
    assertEquals("vector 13 0", port("ba 04 00 00 00  66 ed  0f 0b"), "ports 4 and 5");
    assertEquals("vector 13 0", port("ba 02 00 00 00  ef  0f 0b"), "ports 2 to 5");
    assertEquals("vector 6", port("e7 06  0f 0b"), "ports 6 to 9");
    assertEquals("vector 13 0", port("ba 40 00 00 00  ec  0f 0b"), "beyond the map");
  }

  private static String port(String code) {
    X86Lab lab = user("skylake", code);
    lab.setData(0x238, lab.data(0x238) + 8);
    lab.setData(0x360, 0x68L << 48);
    lab.setData(0x368, 1 << 5);
    return outcome(lab);
  }

  @Test
  void alignmentChecks() {
    String load = "8b 04 25 01 01 40 00  0f 0b"; // mov eax, [0x400101]; ud2
    String withAc = TO_USER.replace("6a 02", "68 02 00 04 00");
    assertEquals("vector 17 0", outcome(program(withAc, load)));
    assertEquals("vector 6", outcome(program(TO_USER, load)), "RFLAGS.AC clear");
    assertEquals("vector 6", outcome(program("0f 20 c0  0f ba f0 12  0f 22 c0 " + withAc, load)), "CR0.AM clear");
    assertEquals("vector 6", outcome(program(withAc, load.replace("01 01", "04 01"))), "aligned");
  }

  /// What an instruction reads for itself at CPL 3, here LAR a descriptor, it reads as the supervisor: the kernel's
  /// page does not refuse it, nor is its alignment checked (SDM vol. 3 4.6, 6.15 #AC). The instruction's neighbours
  /// have the user's rights all the same.
  @Test
  void implicitAccessesAreTheSupervisorsAndNoOthers() {
    String lar = "b8 33 00 00 00  0f 02 c8 "; // mov eax, 0x33; lar ecx, eax
    String kernelPage = "48 8b 14 25" + little((int) X86Lab.TEXT); // mov rdx, [text]
    X86Lab read = program(TO_USER, lar + "0f 0b");
    assertEquals("vector 6", outcome(read));
    assertEquals(0xaf_fb00, read.core(0).r[X86Core.RCX]);
    assertEquals("vector 14 5", outcome(program(TO_USER, kernelPage)));
    assertEquals("vector 14 5", outcome(program(TO_USER, lar + kernelPage)));
    X86Lab checked = program(TO_USER.replace("6a 02", "68 02 00 04 00"), lar + "0f 0b");
    for (int i = 0; i < 9; i++) {
      checked.setData(0x403 + 8 * i, checked.data(0x200 + 8 * i));
    }
    checked.setPseudo(0x10, X86Lab.DATA + 0x403, 9 * 8 - 1);
    assertEquals("vector 6", outcome(checked));
  }

  private static String little(int value) {
    return String.format("%08x", Integer.reverseBytes(value));
  }

  private static X86Lab program(String kernel, String user) {
    return program("skylake", kernel, user);
  }

  static X86Lab program(String preset, String kernel, String user) {
    X86Lab lab = lab(preset, LOAD_IDT, SET_STACK, LOAD_TASK, kernel);
    lab.machine.load(lab.mapUser(0x40_0000, X86Mmu.PRESENT | X86Mmu.USER | X86Mmu.WRITABLE), X86Lab.bytes(user));
    return lab;
  }

  private static final long BS = 1 << 14;

  /// SDM vol. 3 17.3.1.4.
  @Test
  void singleSteps() {
    String stepping = TO_USER.replace("6a 02", "68 02 01 00 00");
    assertStep(1, BS, program(stepping, "90 90"));
    assertStep(2, BS, program(stepping, "eb 00 90"));
    // rep lodsb: one element of three
    assertStep(0, BS, program("b9 03 00 00 00  be 00 00 40 00 " + stepping, "f3 ac"));
    X86Lab fault = program(stepping, "0f 0b");
    assertEquals("vector 6", outcome(fault));
    assertEquals(0, fault.core(0).dr[6] & BS, "a fault is no step");
    X86Lab stack = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK,
        "b8 18 00 00 00  9c  81 0c 24 00 01 00 00  9d  8e d0  90  90"); // ...; popf with TF; mov ss, eax; nop; nop
    assertEquals("vector 1", outcome(stack));
    assertEquals(X86Lab.TEXT + 8 + 7 + 16 + 5 + 1 + 7 + 1 + 2 + 1, saved(stack), "no trap behind MOV SS");
  }

  private static void assertStep(int offset, long dr6, X86Lab lab) {
    assertEquals("vector 1", outcome(lab));
    assertEquals(0x40_0000 + offset, saved(lab));
    assertEquals(dr6, lab.core(0).dr[6]);
  }

  static long saved(X86Lab lab) {
    return lab.data((int) (lab.core(0).r[X86Core.RSP] - X86Lab.DATA));
  }

  /// SDM vol. 3 17.2: breakpoints on an instruction (a fault, passed with RF), on data (traps), and DR7.GD.
  @Test
  void breakpoints() {
    // mov rax, TEXT + 0x100; mov dr0, rax; mov eax, 1; mov dr7, rax; jmp
    String set = "48 c7 c0 00 01 00 81  0f 23 c0  b8 01 00 00 00  0f 23 f8  e9";
    int behind = 8 + 7 + 16 + 7 + 3 + 5 + 3 + 5;
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, set, displacement(0x100 - behind)).put(0x100, "90 f4");
    assertEquals("vector 1", outcome(lab));
    assertEquals(X86Lab.TEXT + 0x100, saved(lab));
    assertEquals(1, lab.core(0).dr[6]);
    assertEquals(0, lab.data((int) (lab.core(0).r[X86Core.RSP] - X86Lab.DATA) + 16) & X86Core.RF,
        "RF is up to the handler");
    String resume = "81 4c 24 10 00 00 01 00  48 cf"; // or dword ptr [rsp + 16], 1 << 16; iretq
    X86Lab passed = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, set, displacement(0x100 - behind))
        .put(0x100, "90 cd 25").put(0x300, resume);
    passed.gate(1, 0x300, 0, 0);
    assertEquals("vector 37", outcome(passed), "IRET brings RF");
    // dr0 = DATA + 0x2000; dr7: 4 bytes written
    String data = "48 c7 c0 00 20 10 81  0f 23 c0  b8 01 00 0d 00  0f 23 f8";
    X86Lab written = lab("skylake", LOAD_IDT, SET_STACK, data, "8b 1c 25 00 20 10 81  88 1c 25 03 20 10 81  90");
    assertEquals("vector 1", outcome(written));
    assertEquals(X86Lab.TEXT + 8 + 7 + 18 + 14, saved(written), "behind the store, not the load");
    assertEquals("vector 37", outcome(lab("skylake", LOAD_IDT, SET_STACK, data, "88 1c 25 04 20 10 81  cd 25")),
        "the byte behind");
    // mov dr7 with GD; mov rbx, dr0
    X86Lab detected = lab("skylake", LOAD_IDT, SET_STACK, "b8 00 20 00 00  0f 23 f8  0f 21 c3");
    assertEquals("vector 1", outcome(detected));
    assertEquals(1 << 13, detected.core(0).dr[6]);
    assertEquals("vector 6", kernel("0f 20 e0  0c 08  0f 22 e0  0f 21 e0"), "DR4 with CR4.DE");
  }

  static String displacement(int value) {
    return String.format("%02x %02x %02x %02x", value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff,
        value >> 24 & 0xff);
  }

  /// What the manual leaves undefined, or makers have differently: RAX, RCX and R8 behind the code.
  @Test
  void eachPresetDoesAsItsCpu() {
    // rcx = 1 << 43, eax = 0x8123, ebx = 0x4567, r8d = 0x1234
    String registers = "48 b9 00 00 00 00 00 08 00 00  b8 23 81 00 00  bb 67 45 00 00  41 b8 34 12 00 00";
    assertEquals("8123 0 1234", both("skylake", registers, "67 f3 aa"), "Intel clears upper halves");
    assertEquals("8123 80000000000 1234", both("zen4", registers, "67 f3 aa"), "Zen 4 does not");
    assertEquals("8123 80000000000 1234", both("skylake", registers, "f3 41 90"), "PAUSE");
    assertEquals("1234 80000000000 8123", both("zen4", registers, "f3 41 90"), "XCHG");
    assertEquals("8acf 80000000000 1234", both("skylake", registers, "66 0f a4 d8 11"), "8123:4567:8123 << 17");
    assertEquals("8ace 80000000000 1234", both("zen4", registers, "66 0f a4 d8 11"), "8123:4567:4567 << 17");
    assertEquals("a2b3 80000000000 1234", both("zen4", registers, "66 0f ac d8 11"), "4567:4567:8123 >> 17");
    for (String preset : List.of("skylake", "zen4")) {
      assertEquals("0 80000000000 1234", both(preset, registers, "66 0f c8"), "bswap ax");
    }
    String call = "48 b8 00 00 00 00 00 00 00 80  48 89 c4  ff d0"; // mov rax, 1 << 63; mov rsp, rax; call rax
    String gates = "b8 38 00 00 00";
    assertEquals(13, callVector("skylake", call, gates));
    assertEquals(12, callVector("zen4", call, gates));
  }

  private static String both(String preset, String... code) {
    X86Lab lab = new X86Lab(preset, String.join(" ", code), "f4");
    lab.run();
    X86Core core = lab.core(0);
    return String.format("%x %x %x", core.r[0], core.r[1], core.r[8]);
  }

  private static int callVector(String preset, String call, String task) {
    X86Lab lab = lab(preset, LOAD_IDT, LOAD_TASK, task, call);
    lab.gate(12, HANDLERS + 16 * 12, 0, 1);
    lab.gate(13, HANDLERS + 16 * 13, 0, 1);
    outcome(lab);
    return (int) (lab.core(0).pc - X86Lab.TEXT - HANDLERS) / 16;
  }
}

package dev.crosspatch.tests.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A device with an interrupt line, an event and DMA on the lab board with x86-64 cores, through the I/O APIC (Intel
/// 82093AA datasheet 3.2.4; SDM vol. 3 10.8.5).
final class X86DeviceTest {
  private static final int VECTOR = 0x41;
  private static final long LEVEL = 1 << 15;
  private static final long MASKED = 1 << 16;
  private static final long NMI = 4 << 8;
  private static final int INPUT = 5;

  /// Sends for `LETTERS` letters, one after the other, and looks at each after `PATIENCE` turns.
  private static final String SOURCE = """
      .text
      start:
        lea rsp, [rip + stack_top]
        lidt [rip + idt_pointer]
        mov ecx, 0x80f
        mov eax, 0x1ff
        xor edx, edx
        wrmsr
        movabs rbx, offset IOAPIC
        mov dword ptr [rbx], 0x10 + 2 * INPUT + 1
        mov dword ptr [rbx + 0x10], DESTINATION
        mov dword ptr [rbx], 0x10 + 2 * INPUT
        mov dword ptr [rbx + 0x10], ENTRY
        movabs r12, offset COURIER
        lea r13, [rip + letter]
        movabs rax, offset LINK_OFFSET
        sub r13, rax
        mov r14d, 1
        sti
      1:
        mov [r12], r13
        mov [r12 + 8], r14
        mov qword ptr [r12 + 16], 3000
        mov ecx, PATIENCE
      2:
        dec ecx
        jnz 2b
        mov rax, [rip + letter]
        add [rip + sum], rax
        inc r14d
        cmp r14d, LETTERS
        jbe 1b
        cli
      3:
        hlt
        jmp 3b
      secondary_start:
        lea rsp, [rip + second_stack_top]
        lidt [rip + idt_pointer]
        mov ecx, 0x80f
        mov eax, 0x1ff
        xor edx, edx
        wrmsr
        sti
      4:
        hlt
        jmp 4b
      handler:
        push rax
        push rcx
        push rdx
        lea rax, [rip + taken]
        inc qword ptr [rax + 8 * rdi]
        movabs rax, offset COURIER
      .if ANSWERS
        mov [rax + 24], rax
      .endif
      .if ENDS
        mov ecx, 0x80b
        xor eax, eax
        xor edx, edx
        wrmsr
      .endif
        pop rdx
        pop rcx
        pop rax
        iretq
      .data
      .balign 64
      letter: .quad 0
      .balign 64
      taken: .quad 0, 0
      sum: .quad 0
      idt_pointer: .word 0x7ff
        .quad idt
      .balign 16
      idt: .zero 0x800
      .zero 0x1000
      stack_top:
      .zero 0x1000
      second_stack_top:
      """;

  private static DeviceGuest guest(int letters, boolean answers, boolean ends, long entry, int destination) {
    DeviceGuest guest = new DeviceGuest("x86-64", 2, SOURCE, INPUT, Map.of(
        "LETTERS", (long) letters, "ANSWERS", answers ? 1L : 0L, "ENDS", ends ? 1L : 0L,
        "ENTRY", entry | VECTOR, "DESTINATION", (long) destination << 24, "INPUT", (long) INPUT, "PATIENCE", 20_000L,
        "IOAPIC", DeviceGuest.deviceMap("x86-64") + 0xfec0_0000L));
    long handler = guest.image.address("handler");
    guest.set("idt", 16L * VECTOR,
        (handler & 0xffff) | 0x10 << 16 | 0x8e00L << 32 | (handler >>> 16 & 0xffff) << 48);
    guest.set("idt", 16L * VECTOR + 8, handler >>> 32);
    guest.set("idt", 16L * 2, guest.get("idt", 16L * VECTOR));
    guest.set("idt", 16L * 2 + 8, handler >>> 32);
    return guest;
  }

  private static List<Long> end(DeviceGuest guest) {
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(2_000_000)).end());
    return List.of(guest.get("taken", 0), guest.get("taken", 8), guest.get("sum", 0));
  }

  @Test
  void theGuestTakesItsInterruptsAndSeesWhatTheDeviceWrote() {
    assertEquals(List.of(3L, 0L, 6L), end(guest(3, true, true, LEVEL, 0)));
    assertEquals(List.of(0L, 3L, 6L), end(guest(3, true, true, LEVEL, 1)), "to the other core");
    assertEquals(List.of(3L, 3L, 6L), end(guest(3, true, true, LEVEL, 0xff)), "to all");
    assertEquals(List.of(3L, 0L, 6L), end(guest(3, true, true, 0, 0)), "edges");
  }

  @Test
  void withoutItsEndNoSecondInterruptComes() {
    assertEquals(List.of(1L, 0L, 6L), end(guest(3, true, false, LEVEL, 0)));
    assertEquals(List.of(1L, 0L, 6L), end(guest(3, true, false, 0, 0)), "nor after an edge");
  }

  @Test
  void aMaskedInputInterruptsNobody() {
    assertEquals(List.of(0L, 0L, 6L), end(guest(3, true, true, LEVEL | MASKED, 0)));
  }

  @Test
  void aLevelThatStaysInterruptsAgainAndAnEdgeDoesNot() {
    assertTrue(end(guest(1, false, true, LEVEL, 0)).getFirst() > 10);
    assertEquals(List.of(1L, 0L, 6L), end(guest(3, false, true, 0, 0)), "the line never falls, so it never rises");
  }

  /// 82093AA 3.2.4: NMI is treated as an edge even where the entry says level, so nothing has to be ended.
  @Test
  void anNmiIsAnEdgeWhateverTheEntrySays() {
    assertEquals(List.of(3L, 0L, 6L), end(guest(3, true, false, LEVEL | NMI, 0)));
    assertEquals(List.of(3L, 0L, 6L), end(guest(3, true, false, NMI, 0)));
    assertEquals(List.of(1L, 0L, 6L), end(guest(3, false, false, LEVEL | NMI, 0)), "the line never falls");
  }

  /// A level that nobody has accepted is not being served: whoever the entry names later gets it.
  @Test
  void aLevelThatNobodyTookIsSentWhenTheEntryNamesSomebody() {
    DeviceGuest guest = new DeviceGuest("x86-64", 1, """
        .text
        start:
          lea rsp, [rip + stack_top]
          mov ecx, 0x80f
          mov eax, 0x1ff
          xor edx, edx
          wrmsr
          movabs rbx, offset IOAPIC
          mov dword ptr [rbx], 0x10 + 2 * INPUT + 1
          mov dword ptr [rbx + 0x10], 7 << 24
          mov dword ptr [rbx], 0x10 + 2 * INPUT
          mov dword ptr [rbx + 0x10], 0xa041
          mov eax, [rbx + 0x10]
          mov [rip + entry], rax
          mov dword ptr [rbx], 0x10 + 2 * INPUT + 1
          mov dword ptr [rbx + 0x10], 0
          mov dword ptr [rbx], 0x10 + 2 * INPUT
          mov eax, [rbx + 0x10]
          mov [rip + entry + 8], rax
          mov edi, 20000
        1:
          dec edi
          jnz 1b
          mov ecx, 0x822
          rdmsr
          mov [rip + requested], rax
          hlt
        .data
        entry: .quad 0, 0
        requested: .quad 0
        .zero 64
        stack_top:
        """, INPUT, Map.of("INPUT", (long) INPUT,
            "IOAPIC", DeviceGuest.deviceMap("x86-64") + 0xfec0_0000L));
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(100_000)).end());
    // The idle line is active low, so it asks; remote IRR is bit 14.
    assertEquals(List.of(0xa041L, 0xe041L, 2L),
        List.of(guest.get("entry", 0), guest.get("entry", 8), guest.get("requested", 0)));
  }

  @Test
  void aSnapshotInTheMiddleGoesOnBitForBit() throws IOException {
    for (int cycle = 1000; cycle < 40_000; cycle += 4777) {
      DeviceGuest whole = guest(2, true, true, LEVEL, 1);
      DeviceGuest other = guest(2, true, true, LEVEL, 1);
      whole.machine.run(RunLimits.ofCycles(cycle));
      other.load(whole.save());
      assertEquals(end(whole), end(other), "saved at " + cycle);
      assertEquals(whole.state(), other.state(), "saved at " + cycle);
    }
  }

  @Test
  void textThatADeviceWritesIsSeen() {
    DeviceGuest guest = new DeviceGuest("x86-64", 1, """
        .text
        start:
          lea rsp, [rip + stack_top]
          call site
          mov [rip + first], rax
          movabs r12, offset COURIER
          lea r13, [rip + site]
          movabs rax, offset LINK_OFFSET
          sub r13, rax
          mov [r12], r13
          movabs rax, 0x9090c300000002b8
          mov [r12 + 8], rax
          mov qword ptr [r12 + 16], 3000
          mov ecx, 20000
        2:
          dec ecx
          jnz 2b
          call site
          mov [rip + second], rax
          hlt
          .balign 64
        site:
          mov eax, 1
          ret
          nop
          nop
        .data
        first: .quad 0
        second: .quad 0
        .zero 64
        stack_top:
        """, INPUT, Map.of());
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(100_000)).end());
    assertEquals(List.of(1L, 2L), List.of(guest.get("first", 0), guest.get("second", 0)));
  }

  /// What a device is told has the width of the access, across two lines as within one.
  @Test
  void aDeviceIsToldNoMoreThanIsStored() {
    DeviceGuest guest = new DeviceGuest("x86-64", 1, """
        .text
        start:
          movabs rbx, offset ECHO
          movabs rcx, 0x123456789abcdef0
          mov dword ptr [rbx + OFFSET], ecx
          mov rax, [rbx]
          mov [rip + told], rax
          mov eax, [rbx + OFFSET]
          mov [rip + told + 8], rax
          hlt
        .data
        told: .quad 0, 0
        """, INPUT, Map.of("ECHO", DeviceGuest.deviceMap("x86-64") + 0xf200_0000L, "OFFSET", 62L));
    guest.platform.bus().attach(0xf200_0000L, 0x100, new Courier.Echo());
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(100_000)).end());
    assertEquals(List.of(0x9abc_def1L, 0x9abc_def1L), List.of(guest.get("told", 0), guest.get("told", 8)));
  }

  @Test
  void portsAreDevicesToo() {
    DeviceGuest guest = new DeviceGuest("x86-64", 1, """
        .text
        start:
          mov al, 0x5a
          out 0x80, al
          mov dx, 0xf000
          in eax, dx
          mov [rip + nobody], rax
          xor eax, eax
          in al, 0x80
          mov [rip + somebody], rax
          hlt
        .data
        nobody: .quad 0
        somebody: .quad 0
        """, INPUT, Map.of());
    guest.platform.ports().attach(0x80, 1, new Courier.Echo());
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(100_000)).end());
    assertEquals(0xffff_ffffL, guest.get("nobody", 0));
    assertEquals(0x5b, guest.get("somebody", 0));
  }
}

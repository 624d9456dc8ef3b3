package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An instruction that was written while the machine ran and faults is told with its bytes, as it was fetched: nothing
/// of it retires. A breakpoint is no fault.
final class X86FaultingTextTest {
  private static final int TARGET = 0x300;
  private static final String DIVISOR = "31 c9"; // xor ecx, ecx

  /// The program writes the last byte of `code` at its place, then jumps to it; the bytes before stand there from the
  /// start.
  private static List<String> told(String code, int at, boolean stored) {
    byte[] bytes = X86Lab.bytes(code);
    int last = at + bytes.length - 1;
    // mov r12, alias; mov byte [r12], ...
    String store = stored ? "49 bc" + little(X86Lab.DIRECT_MAP + X86Lab.TEXT - X86Lab.LINK_OFFSET + last, 8)
        + "41 c6 04 24" + String.format("%02x", bytes[bytes.length - 1]) : "";
    String before = X86FaultRulesTest.LOAD_IDT + X86FaultRulesTest.SET_STACK + X86FaultRulesTest.LOAD_TASK + DIVISOR
        // mov rbx, an unmapped address; mov r15, one that is not canonical
        + "48 bb 00 00 00 00 05 00 00 00  49 bf 00 00 00 00 00 00 01 00"
        + store;
    int from = X86Lab.bytes(before).length + 5;
    X86Lab lab = X86FaultRulesTest.lab("skylake", before, "e9", little(at - from, 4));
    lab.put(at, HexFormat.of().formatHex(bytes, 0, bytes.length - (stored ? 1 : 0)));
    lab.machine.watchText(X86Lab.TEXT - X86Lab.LINK_OFFSET, 0x1000);
    List<StaleExecution> heard = new ArrayList<>();
    lab.machine.probe().staleExecutions.hear(heard::add);
    List<String> result = new ArrayList<>(List.of(X86FaultRulesTest.outcome(lab)));
    heard.stream().map(s -> String.format("%s at %x%s", HexFormat.of().formatHex(s.executed()),
        s.address() - X86Lab.TEXT, s.isFresh() ? "" : " stale")).forEach(result::add);
    return result;
  }

  private static String little(long value, int bytes) {
    return String.format("%016x", Long.reverseBytes(value)).substring(0, 2 * bytes);
  }

  /// SDM vol. 3 chapter 6: vectors of #DE, #UD, #PF, #GP. Places: in a line; across two lines, of which only the second
  /// was stored to.
  @ParameterizedTest
  @CsvSource({"f7f1, vector 0", "0f0b, vector 6", "0fd600, vector 6", "8b03, vector 14 0", "8903, vector 14 2",
      "418b07, vector 13 0", "0f22e3, vector 13 0"})
  void whatFaultsIsTold(String code, String outcome) {
    for (int at : new int[] {TARGET, TARGET + 0x40 - code.length() / 2 + 1}) {
      assertEquals(List.of(outcome, String.format("%s at %x", code, at)), told(code, at, true));
      assertEquals(List.of(outcome), told(code, at, false), "text that nobody stored to");
    }
  }

  // ---- the fault is that of what was executed, not of what memory holds by then

  /// MOV RAX, [base + nothing] runs, its SIB byte is overwritten, and it runs again with a base that is not canonical.
  ///
  /// @param rounds it runs, and is overwritten and restored, so often before: for other draws of the adversarial core
  /// @param sync   whether CPUID drops what was fetched ahead
  /// @return the outcome, and whether what was executed was stale
  private static List<Object> overwritten(int old, int now, int rounds, boolean sync) {
    String code = X86FaultRulesTest.LOAD_IDT + X86FaultRulesTest.SET_STACK + X86FaultRulesTest.LOAD_TASK
        + "48 89 e7" // mov rdi, rsp
        + "49 bc" + little(X86Lab.DIRECT_MAP + X86Lab.TEXT - X86Lab.LINK_OFFSET + TARGET + 3, 8);
    String cpuid = "31 c0  0f a2";
    for (int i = 0; i < rounds; i++) {
      code = visit(code) + store(now) + store(old) + cpuid;
    }
    code = visit(code) + store(now) + (sync ? cpuid : "")
        + "48 bf 00 00 00 00 00 00 01 00  48 89 fc"; // mov rdi; mov rsp, rdi
    X86Lab lab = new X86Lab(1, Staleness.ADVERSARIAL, visit(code)).gates();
    for (int vector : new int[] {12, 13}) {
      lab.gate(vector, X86FaultRulesTest.HANDLERS + 16 * vector, 0, 1);
      lab.put(X86FaultRulesTest.HANDLERS + 16 * vector, "f4");
    }
    lab.setTask(X86Lab.DATA + 0x9000, X86Lab.DATA + 0xa000);
    lab.put(TARGET, String.format("48 8b 04 %02x  ff e3", old)); // ...; jmp rbx
    return List.of(X86FaultRulesTest.outcome(lab), lab.machine.counters(0).staleExecutions() > 0);
  }

  /// mov rbx, behind; jmp target
  private static String visit(String code) {
    int behind = X86Lab.bytes(code).length + 7 + 5;
    return code + "48 c7 c3" + little((int) X86Lab.TEXT + behind, 4) + "e9" + little(TARGET - behind, 4);
  }

  private static String store(int value) {
    return String.format("41 c6 04 24 %02x", value); // mov byte [r12], value
  }

  /// SDM vol. 3 6.15: #SS(0) if the base is RSP (SIB base 4), #GP(0) if it is RDI (7).
  @ParameterizedTest
  @CsvSource({"0x24, 0x27, 12, 13", "0x27, 0x24, 13, 12"})
  void staleTextFaultsAsWhatItWas(int old, int now, int oldVector, int newVector) {
    int stale = 0;
    for (int rounds = 0; rounds < 16; rounds++) {
      List<Object> ran = overwritten(old, now, rounds, false);
      boolean wasStale = ran.get(1).equals(true);
      stale += wasStale ? 1 : 0;
      assertEquals("vector " + (wasStale ? oldVector : newVector) + " 0", ran.get(0), "rounds: " + rounds);
      assertEquals(List.of("vector " + newVector + " 0", false), overwritten(old, now, rounds, true));
    }
    assertTrue(stale > 0);
  }

  @Test
  void aBreakpointIsNoFault() {
    assertEquals(List.of("vector 3"), told("cc", TARGET, true));
  }
}

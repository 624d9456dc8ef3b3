package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.event.Event.StaleExecution;
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
    String store = stored ? "49 bc" + little(X86Boot.DIRECT_MAP + X86Lab.TEXT - X86Boot.LINK_OFFSET + last, 8)
        + "41 c6 04 24" + String.format("%02x", bytes[bytes.length - 1]) : "";
    String before = X86FaultRulesTest.LOAD_IDT + X86FaultRulesTest.SET_STACK + X86FaultRulesTest.LOAD_TASK + DIVISOR
        // mov rbx, an unmapped address; mov r15, one that is not canonical
        + "48 bb 00 00 00 00 05 00 00 00  49 bf 00 00 00 00 00 00 01 00"
        + store;
    int from = X86Lab.bytes(before).length + 5;
    X86Lab lab = X86FaultRulesTest.lab("skylake", before, "e9", little(at - from, 4));
    lab.put(at, HexFormat.of().formatHex(bytes, 0, bytes.length - (stored ? 1 : 0)));
    lab.machine.watchText(X86Lab.TEXT - X86Boot.LINK_OFFSET, 0x1000);
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
  @CsvSource({"f7f1, vector 0", "0f0b, vector 6", "0f1500, vector 6", "8b03, vector 14 0", "8903, vector 14 2",
      "418b07, vector 13 0", "0f22e3, vector 13 0"})
  void whatFaultsIsTold(String code, String outcome) {
    for (int at : new int[] {TARGET, TARGET + 0x40 - code.length() / 2 + 1}) {
      assertEquals(List.of(outcome, String.format("%s at %x", code, at)), told(code, at, true));
      assertEquals(List.of(outcome), told(code, at, false), "text that nobody stored to");
    }
  }

  @Test
  void aBreakpointIsNoFault() {
    assertEquals(List.of("vector 3"), told("cc", TARGET, true));
  }
}

package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Macros, repetitions and conditions.
class ExpanderTest {
  private static String bytes(String source) {
    return TestAssemblers.x86(0, source);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        ".macro m a, b=7; .byte \\a, \\b; .endm; m 1; m 2, 3; m b=4, a=5 => 010702030504",
        ".macro m a b; .byte \\a, \\b; .endm; m 1, 2 => 0102",
        ".macro m a, r:vararg; .byte \\a; .ifnb \\r; m \\r; .endif; .endm; m 1, 2, 3 => 010203",
        ".macro m; .byte \\@; .endm; m; m => 0001",
        ".macro m a; l\\a\\()x: .byte \\a; .endm; m 5; .byte l5x => 0500",
        ".macro m a; .byte \\a; .endm; .macro n a; m \\a; m \\a + 1; .endm; n 4 => 0405",
        ".macro m op; \\op; .endm; m \"push rax\"; m nop => 5090",
        ".macro m t; .ascii \"\\t\"; .endm; m ab => 6162",
        ".macro m; .byte 1; .endm; .macro m; .byte 2; .endm; m => 02",
        "x: .macro m; .byte 3; .endm; y: m; .byte y - x => 0300",
        ".rept 3; .byte 1; .endr => 010101",
        "n = 0; .rept 3; .byte n; n = n + 1; .endr => 000102",
        ".rept 2; .rept 2; .byte 1; .endr; .byte 2; .endr => 010102010102",
        ".rept 0; bad; .endr; .byte 1 => 01",
        ".irp v, 1, 2, 3; .byte \\v * 2; .endr => 020406",
        ".if 1; .byte 1; .else; .byte 2; .endif => 01",
        ".if 0; bad; .elseif 1; .byte 3; .elseif 1; bad; .else; bad; .endif => 03",
        ".if 0; .if 1; bad; .else; bad; .endif; .else; .byte 4; .endif => 04",
        "x = 1; .ifdef x; .byte 1; .endif; .ifndef x; bad; .endif; .ifdef y; bad; .endif => 01",
        ".ifc a, a; .byte 1; .endif; .ifnc a, a; bad; .endif; .ifeq 0; .byte 2; .endif; .ifgt -1; bad; .endif => 0102",
      })
  void expands(String source, String expected) {
    assertEquals(expected, bytes(source));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        ".macro m; nop => <input>:1: no .endm for this: .macro m",
        ".rept 2; nop => <input>:1: no .endr for this: .rept 2",
        ".endm => <input>:1: .endm ends nothing: .endm",
        ".if 1; nop => <input>:1: condition without .endif: .if 1",
        ".endif => <input>:1: .endif without .if: .endif",
        ".else => <input>:1: .else without .if: .else",
        ".macro m a; .endm; m 1, 2 => <input>:1: macro 'm' has 1 parameters, not one for '2': m 1, 2",
        ".macro m a:req; .endm; m => <input>:1: macro 'm' needs its argument 'a': m",
        ".rept 0 - 1; .endr => <input>:1: cannot repeat -1 times: .rept 0 - 1",
        ".error \"no such board\" => <input>:1: \"no such board\": .error \"no such board\"",
      })
  void blamesTheStatement(String source, String expected) {
    assertEquals(expected, TestAssemblers.refusal(() -> bytes(source)));
  }

  @Test
  void blamesTheStatementInAMacroAndItsUse() {
    String source = ".macro inner x\nnop\nbad \\x\n.endm\n.macro outer\ninner 7\n.endm\nnop\nouter\n";
    assertEquals(
        "<input>:3: unknown mnemonic (in macro 'inner' used at line 6) (in macro 'outer' used at line 9): bad 7",
        TestAssemblers.refusal(() -> bytes(source)));
  }

  @Test
  void endsMacrosThatNeverEnd() {
    String message = TestAssemblers.refusal(() -> bytes(".macro m\nm\n.endm\nm"));
    assertEquals("<input>:2: macros nest deeper than 50", message.substring(0, message.indexOf(" (in")));
  }

  /// What would take all memory or minutes.
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        ".rept 1000000000; nop; .endr => cannot repeat 1000000000 times",
        ".rept 1000000; .rept 1000000; .if 0; .endif; .endr; .endr => macros and repetitions make more than 8000000 "
            + "statements",
        ".rept 1000000; .if 0; .endif; .if 0; .endif; .if 0; .endif; .if 0; .endif; .if 0; .endif; .endr => "
            + "macros and repetitions make more than 8000000 statements",
        ".fill 100000000000 => cannot fill 100000000000 units",
        ".zero 300000000 => cannot fill 300000000 units",
        ".skip -1 => cannot fill -1 units",
        ".org 0x10000000000000 => cannot move by 4503599627370496 bytes",
        ".balign 0x4000000000 => cannot align to 274877906944",
      })
  void hasLimits(String source, String reason) {
    String message = assertTimeout(Duration.ofSeconds(20), () -> TestAssemblers.refusal(() -> bytes(source)));
    assertEquals("<input>:1: " + reason, message.substring(0, message.lastIndexOf(": ")));
  }

  /// On a thread with half of the stack that the command line has, whose frames are the interpreter's when it starts.
  @Test
  void expressionsHaveLimits() throws InterruptedException {
    List<Executable> all = List.of(
        () -> assertLimit("100 parentheses in each other", ".byte " + "(".repeat(100_000) + "1" + ")".repeat(100_000)),
        () -> assertLimit("100 parentheses in each other", ".byte " + "(".repeat(101) + "1" + ")".repeat(101)),
        () -> assertLimit("100 parentheses in each other", ".byte " + "1+(-(".repeat(51) + "1" + "))".repeat(51)),
        () -> assertLimit("1000 operators and parentheses", ".byte " + "-".repeat(100_000) + "1"),
        () -> assertLimit("1000 operators and parentheses", ".byte 1" + " + 1".repeat(5000)),
        () -> assertLimit("1000 operators and parentheses", ".byte 1" + " + (1)".repeat(501)),
        () -> assertEquals("07", bytes(".byte " + "(".repeat(100) + "7" + ")".repeat(100))),
        () -> assertEquals("05", bytes(".byte " + "-".repeat(1000) + "5")),
        () -> assertEquals("01", bytes(".byte 1" + " + (0)".repeat(500))));
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread thread = new Thread(null, () -> all.forEach(e -> tell(e, failures)), "small", 512 << 10);
    thread.start();
    thread.join();
    assertEquals(List.of(), failures);
  }

  private static void tell(Executable test, List<Throwable> failures) {
    try {
      test.execute();
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private static void assertLimit(String limit, String source) {
    String message = TestAssemblers.refusal(() -> bytes(source));
    assertEquals("<input>:1: an expression has at most " + limit, message.substring(0, message.indexOf(": .byte")));
  }
}

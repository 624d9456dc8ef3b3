package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What happens when Keystone does not come back. Our own reading of operands keeps such input away from it, so this
/// goes to the worker directly.
class KeystoneWorkerTest {
  private static final byte[] NOP = {(byte) 0x90};
  private static final String ENDLESS = "[[[";

  private static KeystoneWorker worker(long limitMillis) {
    return new KeystoneWorker(KeystoneTarget.X86_64.arch, KeystoneTarget.X86_64.mode, limitMillis);
  }

  @Test
  void givesUpOnATextThatNeverEndsAndWorksOn() {
    KeystoneWorker patient = worker(20_000);
    assertArrayEquals(NOP, patient.assemble("nop").bytes());
    KeystoneWorker worker = worker(1500);
    assertEquals("Keystone does not come to an end with this in 1505 ms", worker.assemble(ENDLESS).error());
    Keystone.Result after = worker.assemble("nop");
    for (int i = 0; i < 20 && !after.error().isEmpty(); i++) {
      after = worker.assemble("nop"); // opening anew may take longer than the limit on a busy machine
    }
    assertArrayEquals(NOP, after.bytes());
  }

  @Test
  void survivesATextThatEndsKeystone() {
    KeystoneWorker worker = worker(20_000);
    assertEquals("Keystone called exit on this", worker.assemble("mov ah, r8b").error());
    assertArrayEquals(NOP, worker.assemble("nop").bytes());
  }

  @Test
  void saysWhatIsWrong() {
    KeystoneWorker worker = worker(20_000);
    assertEquals("unknown mnemonic", worker.assemble("foo").error());
    assertEquals("invalid operand", worker.assemble("mov eax, rbx").error());
  }

  @Test
  void encoderBlamesTheStatementThatNeverEnds() {
    Encoder encoder = new KeystoneEncoder(KeystoneTarget.X86_64, worker(20_000), null);
    Map<String, Statement> wanted = new LinkedHashMap<>();
    for (int i = 1; i <= 9; i++) {
      wanted.put("add eax, " + i, new Statement("k.s", i, "add eax, " + i, ""));
    }
    encoder.encode(wanted);
    assertNotEquals(0, encoder.bytes("add eax, 3").length);
    wanted.put("mov ah, r9b", new Statement("k.s", 10, "mov ah, r9b", ""));
    wanted.put("nop", new Statement("k.s", 11, "nop", ""));
    assertEquals(
        "k.s:10: Keystone called exit on this: mov ah, r9b", TestAssemblers.refusal(() -> encoder.encode(wanted)));
    encoder.encode(Map.of("nop", new Statement("k.s", 11, "nop", "")));
    assertArrayEquals(NOP, encoder.bytes("nop"));
  }
}

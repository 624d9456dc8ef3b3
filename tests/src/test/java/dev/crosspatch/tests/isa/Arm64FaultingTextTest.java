package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.isa.arm64.Arm64Isa;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// As X86FaultingTextTest: a word that was stored and faults (Arm ARM: UDF and unallocated words are UNDEFINED, a load
/// from where nothing is mapped aborts) is told with its bytes; the BRK that patchers write is not.
final class Arm64FaultingTextTest {
  @ParameterizedTest
  @CsvSource({"0x00000000, 0x00, true", "0x0000beef, 0x00, true", "0xf9400021, 0x25, true", "0xd4200200, 0x3c, false"})
  void whatFaultsIsTold(long word, long exceptionClass, boolean told) {
    Arm64Guest guest = new Arm64Guest("""
          vectors
          address x0, site
          movz x2, TEXT_ALIAS & 0xffff
          movk x2, TEXT_ALIAS >> 16 & 0xffff, lsl 16
          movk x2, TEXT_ALIAS >> 32 & 0xffff, lsl 32
          movk x2, TEXT_ALIAS >> 48 & 0xffff, lsl 48
          address x3, start
          sub x3, x0, x3
          add x2, x2, x3
          movz w4, LOW
          movk w4, HIGH, lsl 16
          str w4, [x2]
          dc cvau, x0
          dsb ish
          ic ivau, x0
          dsb ish
          isb
          mov x1, 0x1000
        site:
          nop
          stop
        """.replace("LOW", String.valueOf(word & 0xffff)).replace("HIGH", String.valueOf(word >> 16)));
    List<StaleExecution> heard = new ArrayList<>();
    guest.machine.probe().staleExecutions.hear(heard::add);
    guest.machine.watchText(Arm64Guest.MAP.imageBase(), 0x4000);
    guest.run();
    assertEquals(exceptionClass, guest.x(20) >>> 26, "the class in ESR_EL1");
    assertEquals(told ? 1 : 0, heard.size());
    for (StaleExecution s : heard) {
      assertEquals(guest.address("site"), s.address());
      assertTrue(s.isFresh());
      assertArrayEquals(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) word).array(), s.executed());
    }
  }
}

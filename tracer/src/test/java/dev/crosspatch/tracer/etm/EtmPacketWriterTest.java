package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the writer chooses by itself, and what it refuses.
class EtmPacketWriterTest {
  private static final long SEED = Long.getLong("crosspatch.seed", 20191104);
  private static final EtmRegisters ETM = Configurations.named("etm4.5");
  private static final EtmRegisters ETE = Configurations.named("ete1.0");
  private static final EtmRegisters COMMIT = Configurations.named("ete1.3-spec");

  @ParameterizedTest
  @CsvSource({
    "E, f7", "N, f6", "EEE, ff", "EEEE, c0", "EEEN, e0", "NEEE, dc", "NEEEE, f5", "NENEN, d6",
    "EEEEEEEEEEEEEEEEEEEEEEEE, d4",
    "EEEEEEEEEEEEEEEEEEEEEEEN, f4", "EEEEEEEEEEEEEEEEEEEEEEEEE, d4 f7", "EEEEEEEEEEEEEEEEEEEEEEEEN, d4 f6",
    "NNEENN, fc f9", "ENENENEN, d7 fa", "NNNNNNNN, d5 f8"
  })
  void runsOfAtomsArePacked(String atoms, String hex) {
    byte[] bytes = bytes(ETM, w -> atoms.chars().forEach(c -> w.appendAtom(c == 'E')));
    assertEquals(hex, HexFormat.ofDelimiter(" ").formatHex(bytes));
  }

  @Test
  void packingIsAsShortAsCanBe() {
    Random random = new Random(SEED);
    for (int run = 0; run < 2000; run++) {
      boolean[] atoms = new boolean[random.nextInt(80)];
      double taken = random.nextDouble();
      for (int i = 0; i < atoms.length; i++) {
        atoms[i] = random.nextDouble() < taken;
      }
      byte[] bytes = bytes(ETM, w -> append(w, atoms));
      assertEquals(fewestPackets(atoms), bytes.length, "run " + run + ", seed " + SEED);
      assertArrayEquals(atoms, atomsOf(bytes), "run " + run + ", seed " + SEED);
    }
  }

  @Test
  void atomsComeBeforeThePacketThatFollowsThem() {
    assertHex("f7 04", ETM, w -> {
      w.appendAtom(true);
      w.appendTraceOn();
    });
    assertHex("db 90", ETM, w -> {
      w.appendAtoms(3, 2);
      w.appendAddress(0, 0);
    });
    assertHex("f7 f6", ETM, w -> {
      w.appendAtom(true);
      w.flushAtoms();
      w.appendAtom(false);
    });
    assertHex("f7 f6", ETM, w -> {
      w.appendAtom(true);
      w.write(new EtmPacket.Atoms(0, 1));
    });
  }

  @Test
  void addressFormsAreExactThenShortThen32Then64() {
    assertHex("9d 00 00 00 08 00 80 ff ff 95 04 90 92 9a 04 00 10 08 92 95 84 02", ETM, w -> {
      w.appendAddress(0xFFFF_8000_0800_0000L, 0);
      w.appendAddress(0xFFFF_8000_0800_0010L, 0);
      w.appendAddress(0xFFFF_8000_0800_0010L, 0);
      w.appendAddress(0xFFFF_8000_0800_0000L, 0);
      w.appendAddress(0xFFFF_8000_0810_0010L, 0);
      w.appendAddress(0xFFFF_8000_0800_0010L, 0);
      w.appendAddress(0xFFFF_8000_0800_0410L, 0);
    });
  }

  @Test
  void subInstructionSetsAreDifferentAddresses() {
    assertHex("95 04 96 08 91 91", ETM, w -> {
      w.appendAddress(0x10, 0);
      w.appendAddress(0x10, 1);
      w.appendAddress(0x10, 0);
      w.appendAddress(0x10, 1);
    });
  }

  @Test
  void allAddressesShareOneHistory() {
    assertHex("b4 04 06 0d 90 82 04 00 00 00 31 90", ETE, w -> {
      w.appendSourceAddress(0x10, 0);
      w.appendException(6, false, 0x10, 0);
      w.appendAddressContext(0x10, 0, 0x31, 0, 0);
      w.appendAddress(0x10, 0);
    });
  }

  @Test
  void exceptionWithContext() {
    assertHex("06 4c 85 04 03 02 01 00 80 ff ff f1 07 00 00 00 2a 00 00 00", ETE,
        w -> w.appendException(6, true, 0xFFFF_8000_0102_0610L, 0, 0xF1, 7, 0x2A));
  }

  @Test
  void traceInfoResetsHistoryTimestampAndThreshold() {
    assertHex("01 09 01 08 95 04 02 85 01 10 01 01 01 95 04 02 85 01 0d f8", ETM, w -> {
      w.appendTraceInfo(EtmPacket.TraceInfo.CYCLE_COUNTING, 0, 8);
      w.appendAddress(0x10, 0);
      w.appendTimestamp(0x85);
      w.appendCycleCount(0, 8);
      w.appendTraceInfo(EtmPacket.TraceInfo.CYCLE_COUNTING, 0, 0);
      w.appendAddress(0x10, 0);
      w.appendTimestamp(0x85);
      w.appendCycleCount(0, 8);
    });
  }

  @Test
  void cycleCountFormatsAre3Then2Then1() {
    assertHex("13 0d f4 0e 10 0f", ETM, w -> {
      w.appendCycleCount(0, 3);
      w.appendCycleCount(0, 4);
      w.appendCycleCount(0, 16);
      w.appendCycleCount(0, EtmPacket.UNKNOWN);
    });
    assertHex("1f 0c 43 0c f4 0d 03 0d ff 0e 11 00 0e 00 05 0f 02", COMMIT, w -> {
      w.appendCycleCount(4, 3);
      w.appendCycleCount(5, 3);
      w.appendCycleCount(16, 4);
      w.appendCycleCount(105, 3);
      w.appendCycleCount(120, 15);
      w.appendCycleCount(17, 0);
      w.appendCycleCount(0, 5);
      w.appendCycleCount(2, EtmPacket.UNKNOWN);
    });
  }

  @Test
  void clearKeepsTheCompressionState() {
    EtmPacketWriter writer = new EtmPacketWriter(ETM);
    writer.appendAddress(0xFFFF_8000_0800_0000L, 0);
    writer.clear();
    writer.appendAddress(0xFFFF_8000_0800_0010L, 0);
    assertEquals(2, writer.size());
    assertEquals("9504", HexFormat.of().formatHex(writer.toByteArray()));
    assertEquals(Form.EXACT1, writer.bestForm(0xFFFF_8000_0800_0000L, 0));
  }

  @Test
  void whatCannotBeSaidIsRefusedAndNothingIsWritten() {
    refuse(ETE, w -> w.write(new EtmPacket.ExceptionReturn()),
        "Exception Return: header 0x07 is invalid for this configuration");
    refuse(ETM, w -> w.appendSourceAddress(0x10, 0),
        "Source Address Short: header 0xb4 is invalid for this configuration");
    refuse(ETM, w -> w.write(new EtmPacket.PeReset(false)),
        "Exception without address is ETE only: type 0 is not possible in this configuration");
    refuse(ETM, w -> w.appendAddress(0x12, 0), "Address 0x12 in IS0: must be a multiple of 4");
    refuse(ETM, w -> w.appendAddress(0x13, 1), "Address 0x13 in IS1: must be a multiple of 2");
    refuse(ETM, w -> w.write(new EtmPacket.Address(new EtmAddress(Form.EXACT1, 0, 0x40))),
        "Address 0x40 IS0 cannot be EXACT1: the history is 0x0, 0x0, 0x0");
    refuse(ETM, w -> w.write(new EtmPacket.Address(new EtmAddress(Form.SHORT, 0, 0x20000))),
        "Address 0x20000 IS0 cannot be SHORT: the history is 0x0, 0x0, 0x0");
    refuse(ETM, w -> w.write(new EtmPacket.Address(new EtmAddress(Form.LONG32, 0, 0x1_0000_0000L))),
        "Address 0x100000000 IS0 cannot be LONG32: the history is 0x0, 0x0, 0x0");
    refuse(ETM, w -> w.appendCycleCount(1, 3), "Cycle Count F1 commit 1 is not possible in this configuration");
    refuse(ETM, w -> w.appendCycleCount(0, 1 << 20), "Cycle count 1048576 with threshold 0 needs more than 20 bits");
    refuse(ETM, w -> w.appendException(24, false, 0, 0), "Exception type 24 is not possible in this configuration");
    refuse(ETM, w -> w.appendContext(0x08, 0, 0), "Context information 8 is not possible in this configuration");
    refuse(Configurations.named("etm4.2-commit"), w -> w.appendContext(0x40, 256, 0),
        "VMID 256 is not possible in this configuration");
    refuse(Configurations.named("etm4.6-spec"), w -> w.appendTimestamp(1L << 48),
        "Timestamp 281474976710656 is not possible in this configuration");
    refuse(COMMIT, w -> w.write(new EtmPacket.CycleCountF2(17, 0)),
        "Cycle Count F2 commit 17 is not possible in this configuration");
    refuse(COMMIT, w -> w.write(new EtmPacket.CycleCountF3(1, 4)),
        "Cycle count 4 with threshold 0 needs more than 2 bits");
  }

  private static void refuse(EtmRegisters config, Consumer<EtmPacketWriter> write, String message) {
    EtmPacketWriter writer = new EtmPacketWriter(config);
    assertEquals(message, assertThrows(IllegalArgumentException.class, () -> write.accept(writer)).getMessage());
    assertEquals(0, writer.size());
  }

  private static void assertHex(String hex, EtmRegisters config, Consumer<EtmPacketWriter> write) {
    assertEquals(hex, HexFormat.ofDelimiter(" ").formatHex(bytes(config, write)));
  }

  private static byte[] bytes(EtmRegisters config, Consumer<EtmPacketWriter> write) {
    EtmPacketWriter writer = new EtmPacketWriter(config);
    write.accept(writer);
    return writer.toByteArray();
  }

  private static void append(EtmPacketWriter writer, boolean[] atoms) {
    for (boolean executed : atoms) {
      writer.appendAtom(executed);
    }
  }

  /// Length of the best of all ways to cut the run into atom packets.
  private static int fewestPackets(boolean[] atoms) {
    int[] best = new int[atoms.length + 1];
    for (int end = 1; end <= atoms.length; end++) {
      best[end] = Integer.MAX_VALUE;
      int bits = 0;
      for (int count = 1; count <= Math.min(24, end); count++) {
        bits = bits << 1 | (atoms[end - count] ? 1 : 0);
        if (EtmPacketTable.atomHeader(bits, count) != 0) {
          best[end] = Math.min(best[end], best[end - count] + 1);
        }
      }
    }
    return best[atoms.length];
  }

  private static boolean[] atomsOf(byte[] bytes) {
    boolean[] atoms = new boolean[24 * bytes.length];
    int n = 0;
    for (EtmPacket p : EtmPacketRoundTripTest.readAll(new EtmPacketReader(ETM, bytes))) {
      EtmPacket.Atoms a = (EtmPacket.Atoms) p;
      for (int i = 0; i < a.count(); i++) {
        atoms[n++] = ((a.bits() >>> i) & 1) != 0;
      }
    }
    return Arrays.copyOf(atoms, n);
  }
}

package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Report;
import dev.crosspatch.tracer.text.Poke;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Records of text events as a kernel may leave them in RAM, by the writable alias.
final class TextEventsTest {
  private static final int RAM = 32 << 20;
  private static final int RECORD = 0x1000;
  private static final int NAME = 0x2000;
  private static final int OTHER_NAME = 0x3000;
  private static final int OLD = 0x10_0000;
  private static final int NEW = 0x80_0000;

  private final Platform platform = new LabBoard().assemble(
      new MachineConfig(Plugins.isa("x86-64"), 1, "skylake", Staleness.TYPICAL, true, true, RAM, 1));
  private final Mechanism shipped = Keys.MECHANISM;
  private final Map<TextRecord, Long> record = new EnumMap<>(TextRecord.class);

  private long virtual(long offset) {
    return platform.map().directMap() + platform.map().ramBase() + offset;
  }

  private void write(long offset, byte... bytes) {
    platform.dma().write(platform.map().ramBase() + offset, bytes, 0);
  }

  private void name(String text) {
    write(NAME, (text + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  @BeforeEach
  void writeAGoodOne() {
    name("a ~site");
    write(OTHER_NAME, "kprobes\0".getBytes(StandardCharsets.US_ASCII));
    write(OLD, new byte[] {1, 2, 3});
    write(NEW, new byte[] {4, 5});
    record.put(TextRecord.ADDRESS, 0xffff_ffff_8100_0010L);
    record.put(TextRecord.OLD_LENGTH, 3L);
    record.put(TextRecord.OLD, virtual(OLD));
    record.put(TextRecord.NEW_LENGTH, 2L);
    record.put(TextRecord.NEW, virtual(NEW));
    record.put(TextRecord.SITE, virtual(NAME));
    record.put(TextRecord.MECHANISM, 0L);
  }

  private Poke read(Report... reports) throws TextEvents.BadRecord {
    record.forEach((field, value) -> platform.machine().writePhysical(
        platform.map().ramBase() + RECORD + field.offset(), value));
    return read(virtual(RECORD), reports);
  }

  private Poke read(long address, Report... reports) throws TextEvents.BadRecord {
    Mechanism mechanism = new Mechanism("mine", "", "", "", shipped.protocols(), shipped.steps(), Set.of(reports),
        shipped.variants());
    GuestMemory memory = new GuestMemory(platform, Keys.builder("int3-batch").build());
    return new TextEvents(mechanism, memory).read(platform.machine().core(0), address);
  }

  private void assertBad(String expected, Report... reports) {
    String what = assertThrows(TextEvents.BadRecord.class, () -> read(reports)).what();
    assertTrue(what.matches(expected), what);
  }

  @Test
  void everyField() throws TextEvents.BadRecord {
    Poke poke = read(Report.CHANGE);
    assertEquals(0xffff_ffff_8100_0010L, poke.address());
    assertArrayEquals(new byte[] {1, 2, 3}, poke.before());
    assertArrayEquals(new byte[] {4, 5}, poke.after());
    assertEquals("mine", poke.mechanism());
    assertEquals("a ~site", poke.site());
    record.put(TextRecord.MECHANISM, virtual(OTHER_NAME));
    assertEquals("kprobes", read(Report.CHANGE).mechanism());
  }

  @Test
  void whatIsNotAnnounced() throws TextEvents.BadRecord {
    assertBad("text may not change: mine reports only vanish", Report.VANISH);
    record.put(TextRecord.OLD_LENGTH, 0L);
    assertEquals(0, read(Report.APPEAR).before().length);
    assertBad("text may not appear: mine reports only change", Report.CHANGE);
    record.put(TextRecord.OLD_LENGTH, 3L);
    record.put(TextRecord.NEW_LENGTH, 0L);
    assertEquals(0, read(Report.VANISH).after().length);
    assertBad("text may not vanish: mine reports only appear", Report.APPEAR);
    record.put(TextRecord.OLD_LENGTH, 0L);
    assertBad("neither old nor new bytes", Report.values());
  }

  @Test
  void asManyBytesAsThereMayBe() throws TextEvents.BadRecord {
    record.put(TextRecord.OLD_LENGTH, (long) TextEvents.MOST);
    record.put(TextRecord.NEW_LENGTH, (long) TextEvents.MOST);
    Poke poke = read(Report.CHANGE);
    assertEquals(TextEvents.MOST, poke.before().length);
    assertEquals(TextEvents.MOST, poke.after().length);
    record.put(TextRecord.NEW_LENGTH, TextEvents.MOST + 1L);
    assertBad("1048577 new bytes, more than 1048576", Report.CHANGE);
    record.put(TextRecord.OLD_LENGTH, -1L);
    assertBad("18446744073709551615 old bytes, more than 1048576", Report.CHANGE);
    record.put(TextRecord.OLD_LENGTH, 1L << 32);
    assertBad("4294967296 old bytes, more than 1048576", Report.CHANGE);
  }

  @Test
  void namesHaveAnEnd() throws TextEvents.BadRecord {
    name("x".repeat(255));
    assertEquals("x".repeat(255), read(Report.CHANGE).site());
    name("x".repeat(256));
    assertBad("name of the site at 0x[0-9a-f]+ is no text of at most 255 characters", Report.CHANGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tab\t", "\u001f", "delete\u007f", "\u00e4"})
  void namesAreOfPlainCharacters(String text) {
    name(text);
    assertBad("name of the site at 0x[0-9a-f]+ is no text of at most 255 characters", Report.CHANGE);
  }

  @Test
  void whereThereIsNoMemory() throws TextEvents.BadRecord {
    long end = virtual(RAM);
    record.put(TextRecord.NEW, end - 2);
    assertEquals(2, read(Report.CHANGE).after().length);
    record.put(TextRecord.NEW, end - 1);
    assertBad("new bytes at 0x[0-9a-f]+, where the kernel has no memory", Report.CHANGE);
    record.put(TextRecord.NEW, virtual(NEW));
    record.put(TextRecord.MECHANISM, 8L);
    assertBad("name of the mechanism at 0x8, where the kernel has no memory", Report.CHANGE);
    assertEquals("record at 0x" + Long.toHexString(end - TextRecord.SIZE + 8) + ", where the kernel has no memory",
        assertThrows(TextEvents.BadRecord.class, () -> read(end - TextRecord.SIZE + 8, Report.CHANGE)).what());
  }
}

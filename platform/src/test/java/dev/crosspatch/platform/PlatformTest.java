package dev.crosspatch.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.ExclusiveMonitor;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.TablePages;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A board whose cores execute nothing: what a boot maps where, a device's access to RAM, its line.
final class PlatformTest {
  private static final int RAM_BYTES = 2 << 20;
  private static final long RAM = 1 << 30;
  private static final int PAGE = 4096;

  private final PlainIsa isa = new PlainIsa();

  private Platform platform(String... map) {
    return new Platform(new MapReader("test.map").read(List.of(map)),
        new MachineConfig(isa, 2, "plain", Staleness.TYPICAL, true, true, RAM_BYTES, 1), new SeededChoices(1, 2));
  }

  private Platform platform() {
    return platform("ram 1G", "tables top", "image 0x80000000 at 0x40010000", "direct 0x1000000000 by 1M",
        "devices 0x2000000000 by 1G");
  }

  private static Image image(long address, int length) {
    return new Image(List.of(new Section(".text", address, new byte[length], Section.Access.TEXT)),
        List.of(symbol("start", address), symbol("secondary_start", address + 8)));
  }

  private static Symbol symbol(String name, long address) {
    return new Symbol(name, address, 0, Symbol.Kind.FUNCTION);
  }

  // ---- boot

  @Test
  void bootMapsInTheOrderOfTheMapAndLeavesTheGibsOfRamOutOfTheDeviceWindow() {
    platform().boot(image(0x8000_0ff0L, 0x20));
    assertEquals(List.of(
        "80000000=40010000 1000 TEXT", "80001000=40011000 1000 TEXT",
        "1040000000=40000000 100000 DATA", "1040100000=40100000 100000 DATA",
        "2000000000=0 40000000 DEVICE", "2080000000=80000000 40000000 DEVICE", "20c0000000=c0000000 40000000 DEVICE",
        "0 at 80000ff0", "1 at 80000ff8"), isa.boot);
  }

  /// RAM lies in two GiBs, and the window has smaller leaves.
  @Test
  void ramAcrossTwoGibsTakesBothFromTheDeviceWindow() {
    platform("ram 0x3ff00000", "tables top", "devices 0 by 512M", "image 0x80000000 at 0x3ff00000", "direct 0 by 1M")
        .boot(image(0x8000_0000L, 16));
    assertEquals(List.of("80000000=80000000 20000000 DEVICE", "a0000000=a0000000 20000000 DEVICE",
        "c0000000=c0000000 20000000 DEVICE", "e0000000=e0000000 20000000 DEVICE"), isa.boot.subList(0, 4));
    assertEquals("80000000=3ff00000 1000 TEXT", isa.boot.get(4));
  }

  @Test
  void anImageThatDoesNotFitIsRefused() {
    assertEquals(
        "section .text at 0x801f0000..0x801f0001 does not fit: RAM of 2 MiB is linked at 0x7fff0000..0x801f0000",
        String.valueOf(assertThrows(IllegalArgumentException.class,
            () -> platform().boot(image(0x801f_0000L, 1))).getMessage()));
    platform().boot(image(0x801f_0000L - PAGE, PAGE));
    assertEquals(
        "section .text at 0x801ef001..0x801f0001 does not fit: RAM of 2 MiB is linked at 0x7fff0000..0x801f0000",
        String.valueOf(assertThrows(IllegalArgumentException.class,
            () -> platform().boot(image(0x801f_0001L - PAGE, PAGE))).getMessage()));
  }

  /// Pages that are given out from the top of RAM downwards end above what was loaded, and come again when they were
  /// given back.
  @Test
  void pagesEndAboveTheImage() {
    Booted booted = platform().boot(image(0x8000_0000L + 5 * PAGE, 3 * PAGE));
    TablePages pages = booted.pages();
    long all = pages.left();
    long last = 0;
    for (long i = 0; i < all; i++) {
      assertEquals(all - i, pages.left());
      last = pages.allocate();
    }
    assertEquals(0, pages.left());
    assertEquals(RAM + 0x1_0000 + 5 * PAGE + 3 * PAGE, last);
    assertThrows(IllegalArgumentException.class, pages::allocate);
    pages.release(last + 7 * PAGE);
    pages.write(last + 7 * PAGE, 5);
    assertEquals(1, pages.left());
    assertEquals(last + 7 * PAGE, pages.allocate());
    assertEquals(0, pages.read(last + 7 * PAGE), "a page is fresh again");
  }

  /// Two pages of tables at the top of RAM.
  @Test
  void anImageThatMeetsTheTablesIsRefused() {
    isa.pages = 2;
    platform().boot(image(0x801f_0000L - 3 * PAGE, PAGE));
    assertEquals("section .text ends at 0x801ee001, in the page tables: RAM of 2 MiB is too small",
        String.valueOf(assertThrows(IllegalArgumentException.class,
            () -> platform().boot(image(0x801f_0001L - 3 * PAGE, PAGE))).getMessage()));
  }

  // ---- pages for tables

  private static void assertPages(BootPages pages, long first, long step, int count, String room) {
    for (int i = 0; i < count; i++) {
      assertEquals(first + i * step, pages.allocate());
    }
    assertEquals("the page tables need more room than " + room,
        String.valueOf(assertThrows(IllegalArgumentException.class, pages::allocate).getMessage()));
  }

  @Test
  void roomForTablesEndsWhereTheMapSays() {
    Platform own = platform("ram 1G", "tables 0x40001000..0x40003000", "image 0x80000000 at 0x40010000",
        "direct 0 by 2M", "devices 0 by 1G");
    assertPages(new BootPages(own.machine(), own.map()), RAM + PAGE, PAGE, 2, "0x40001000..0x40003000");
    Platform top = platform();
    assertPages(new BootPages(top.machine(), top.map()), RAM + RAM_BYTES - PAGE, -PAGE, RAM_BYTES / PAGE,
        "0x40000000..0x40200000");
  }

  // ---- devices

  @Test
  void dmaAcrossALineReachesBothLines() {
    Platform platform = platform();
    ExclusiveMonitor first = platform.machine().core(0).monitor;
    ExclusiveMonitor second = platform.machine().core(1).monitor;
    long[] lines = {RAM + 0x1000, RAM + 0x1040, RAM + 0x1080};
    List<String> told = new ArrayList<>();
    platform.machine().watchText(lines[0], 128);
    platform.machine().probe().textStores.hear(e -> told.add(
        String.format("%x %d %x", e.address(), e.length(), e.value())));
    first.set(lines[0]);
    second.set(lines[1]);
    byte[] bytes = {1, 2, 3, 4, 5, 6, 7};
    platform.dma().write(lines[1] - 3, bytes, 0);
    assertArrayEquals(bytes, platform.dma().read(lines[1] - 3, bytes.length));
    assertEquals(List.of("4000103d 3 30201", "40001040 4 7060504"), told);
    assertFalse(first.claim(lines[0]));
    assertFalse(second.claim(lines[1]));
    second.set(lines[2]);
    platform.dma().write(lines[2] - 4, new byte[4], 0);
    assertTrue(second.claim(lines[2]), "the twin: up to the line");
  }

  @Test
  void dmaBehindRamIsRefusedWhole() {
    Platform platform = platform();
    long at = RAM + RAM_BYTES - 4;
    assertEquals("DMA of 5 bytes at 0x401ffffc, which is not all RAM", String.valueOf(assertThrows(
        IllegalArgumentException.class, () -> platform.dma().write(at, new byte[] {1, 1, 1, 1, 1}, 0)).getMessage()));
    assertArrayEquals(new byte[4], platform.dma().read(at, 4));
    assertFalse(platform.dma().reaches(RAM - 1, 2));
  }

  @Test
  void aLineTellsChangesOfItsLevel() {
    Platform platform = platform();
    IrqLine line = platform.line(1);
    line.set(false, 5);
    line.set(true, 6);
    line.set(true, 7);
    assertTrue(line.isRaised());
    line.set(false, 8);
    assertEquals(List.of("1 true 6", "1 false 8"), isa.levels);
    assertEquals("interrupt input 1 has a line already",
        String.valueOf(assertThrows(IllegalArgumentException.class, () -> platform.line(1)).getMessage()));
    assertEquals("interrupt input 2: there are 2",
        String.valueOf(assertThrows(IllegalArgumentException.class, () -> platform.line(2)).getMessage()));
  }
}

package dev.crosspatch.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MemoryMapTest {
  private static final List<String> LINES = List.of(
      "# a comment", "", "ram 1G", "tables 0x1000..2M", "direct 0xffff000000000000 by 2M", "image 64K at 0x40000000",
      "devices 0 by 1G # all", "lines registers at 0xfec00000");

  private static MemoryMap read(List<String> lines) {
    return new MapReader("test.map").read(lines);
  }

  private static String refusal(String... lines) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, () -> read(List.of(lines))).getMessage());
  }

  @Test
  void linesSayWhereThingsLieAndInWhichOrderTheyAreMapped() {
    assertEquals(
        new MemoryMap(1 << 30, new MemoryMap.Tables(0x1000, 2 << 20, false),
            List.of(new MemoryMap.Direct(0xffff_0000_0000_0000L, 2 << 20), new MemoryMap.Image(64 << 10, 1 << 30),
                new MemoryMap.Devices(0, 1 << 30)),
            Map.of("lines", 0xfec0_0000L)),
        read(LINES));
  }

  @Test
  void badLinesAreNamed() {
    assertEquals("test.map:1: 'rom' is none of ram, tables, image, direct, devices, and no 'registers at' follow",
        refusal("rom 0"));
    assertEquals("test.map:2: 'low' is no number", refusal("ram 0", "direct low by 2M"));
    assertEquals("test.map:1: '0x1000' is not two numbers", refusal("tables 0x1000"));
    assertEquals("test.map:1: a leaf is a power of two from 4K to 1G, not 3145728 bytes", refusal("direct 0 by 3M"));
    assertEquals("test.map:1: a leaf is a power of two from 4K to 1G, not 2147483648 bytes",
        refusal("devices 0 by 2G"));
    assertEquals("test.map:1: a leaf is a power of two from 4K to 1G, not 2048 bytes", refusal("devices 0 by 2K"));
    assertEquals("test.map:2: a second line 'image'", refusal("image 1G at 0", "image 1G at 2G"));
    assertEquals("test.map: no line 'image'", refusal("tables top"));
    assertEquals("test.map: no line 'ram'", refusal("image 1G at 0", "direct 0 by 2M", "devices 0 by 2M"));
    assertEquals("test.map: no line 'devices'",
        String.valueOf(assertThrows(IllegalArgumentException.class, () -> read(LINES.subList(0, 6))).getMessage()));
  }
}

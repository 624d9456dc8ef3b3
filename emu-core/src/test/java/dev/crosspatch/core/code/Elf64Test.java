package dev.crosspatch.core.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Elf64Test {
  private static final long BASE = 0xffffffff81000000L;
  private static final int X86_64 = 62;

  private static Image image() {
    return new Image(
        List.of(
            new Section(".text", BASE, new byte[] {(byte) 0x90, (byte) 0xc3}, Section.Access.TEXT),
            new Section(".rodata", BASE + 0x100010, new byte[] {1, 2, 3}, Section.Access.RODATA),
            new Section(".bss", BASE + 0x200000, new byte[100], Section.Access.DATA)),
        List.of(
            new Symbol("_text", BASE, 0, Symbol.Kind.NOTYPE),
            new Symbol("start", BASE, 2, Symbol.Kind.FUNCTION),
            new Symbol("_etext", BASE + 2, 0, Symbol.Kind.NOTYPE),
            new Symbol("table", BASE + 0x100010, 3, Symbol.Kind.OBJECT)));
  }

  @Test
  void readsBackWhatItWrote() {
    Image written = image();
    Image read = Elf64.read(Elf64.write(written, X86_64));
    assertEquals(written.sections().size(), read.sections().size());
    for (int i = 0; i < written.sections().size(); i++) {
      Section a = written.sections().get(i);
      Section b = read.sections().get(i);
      assertEquals(a.name(), b.name());
      assertEquals(a.address(), b.address());
      assertEquals(a.access(), b.access());
      assertArrayEquals(a.bytes(), b.bytes());
    }
    assertEquals(written.address("table"), read.address("table"));
    assertEquals(List.copyOf(written.symbols()).size(), read.symbols().size());
  }

  @Test
  void refusesWhatIsNoElfFile() {
    var e = assertThrows(IllegalArgumentException.class, () -> Elf64.read("no elf".getBytes(StandardCharsets.UTF_8)));
    assertEquals("not a little-endian ELF64 file: byte 0 is not as it should be", e.getMessage());
  }

  @Test
  void refusesEveryTruncationWithoutOtherExceptions() {
    byte[] whole = Elf64.write(image(), X86_64);
    for (int n = 0; n < whole.length; n += 7) {
      byte[] cut = Arrays.copyOf(whole, n);
      assertThrows(IllegalArgumentException.class, () -> Elf64.read(cut));
    }
  }

  @Test
  void readelfFindsNothingToWarnAbout(@TempDir Path dir) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/readelf")),
        "readelf is not installed: ELF files go unchecked by a stranger");
    Path file = dir.resolve("vmlinux");
    Files.write(file, Elf64.write(image(), X86_64));
    Process process = new ProcessBuilder("readelf", "-aW", file.toString()).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    assertEquals(-1, out.indexOf("Warning"), out);
    assertEquals(-1, out.indexOf("Error"), out);
  }
}

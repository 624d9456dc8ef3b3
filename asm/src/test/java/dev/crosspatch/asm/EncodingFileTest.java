package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.Syntax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingFileTest {
  private static final int NO_SUCH_ARCHITECTURE = 99;

  @TempDir Path directory;
  private Path path = Path.of("");

  @BeforeEach
  void choosePath() {
    path = directory.resolve("below/x86-64.encodings");
  }

  private EncodingFile file(String version) {
    return new EncodingFile(path, version);
  }

  /// An assembler whose Keystone cannot even be opened.
  private GasAssembler withoutKeystone() {
    return assembler(new KeystoneWorker(NO_SUCH_ARCHITECTURE, 0));
  }

  private GasAssembler assembler(KeystoneWorker keystone) {
    return new GasAssembler(new X86(new KeystoneEncoder(KeystoneTarget.X86_64, keystone, file("v1"))), Syntax.MANUAL,
        (code, offset, available) -> available);
  }

  @Test
  void assemblesWithoutKeystoneWhatHasBeenAssembledBefore() {
    KeystoneWorker keystone = new KeystoneWorker(KeystoneTarget.X86_64.arch, KeystoneTarget.X86_64.mode);
    String source = "l: mov rax, qword ptr [rip + l]\njmp l\nadd rbx, 5";
    byte[] code = assembler(keystone).assemble(0x1000, source);
    assertArrayEquals(code, withoutKeystone().assemble(0x1000, source));
    assertThrows(IllegalStateException.class, () -> withoutKeystone().assemble(0x1000, "add rbx, 6"));
  }

  @Test
  void isReadableText() throws IOException {
    file("v1").store(Map.of("nop", new byte[] {(byte) 0x90}, "add eax, 0x1", new byte[] {1, 2}));
    assertEquals(List.of("v1", "0102\tadd eax, 0x1", "90\tnop", "end 2"), Files.readAllLines(path));
    assertArrayEquals(new byte[] {1, 2}, file("v1").load().get("add eax, 0x1"));
    try (var files = Files.list(path.getParent())) {
      assertEquals(1, files.count(), "no temporary file is left");
    }
  }

  @Test
  void isAbsentForAnotherVersion() {
    file("v1").store(Map.of("nop", new byte[] {(byte) 0x90}));
    assertTrue(file("v2").load().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v1", "v1\n90\tnop\n", "v1\n90\tnop\nend 2\n", "v1\n9\tnop\nend 1\n",
      "v1\nxx\tnop\nend 1\n"})
  void isAbsentIfDamaged(String content) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
    assertTrue(file("v1").load().isEmpty());
  }

  @Test
  void saysNothingIfItCannotBeWritten() throws IOException {
    Files.writeString(directory.resolve("below"), "a file where the directory should be");
    file("v1").store(Map.of("nop", new byte[] {(byte) 0x90}));
    assertTrue(file("v1").load().isEmpty());
  }
}

package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Small ELF files made by hand: what of the file is in memory, as on the host, and why others cannot run.
final class ElfFilesTest {
  private static final int X86_64 = 62;
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int TEXT = 0x100;
  private static final int SIZE = 0x180;
  private static final long AT = 0x40_0000;
  /// MOV EDI, 42; MOV EAX, 60; SYSCALL: `exit(42)`.
  private static final byte[] EXIT = {(byte) 0xbf, 42, 0, 0, 0, (byte) 0xb8, 60, 0, 0, 0, 0x0f, 5};

  @TempDir
  Path directory = Path.of("");

  /// A program whose file is one segment.
  ///
  /// @param flags  PF_X 1, PF_W 2, PF_R 4
  /// @param stored `p_filesz`
  /// @param size   `p_memsz`
  private static byte[] program(int flags, long stored, long size) {
    byte[] bytes = new byte[SIZE];
    ByteBuffer file = little(bytes);
    file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1).putShort(16, (short) 2)
        .putShort(18, (short) X86_64).putInt(20, 1).putLong(24, AT + TEXT);
    file.putLong(32, HEADER).putShort(52, (short) HEADER).putShort(54, (short) PROGRAM_HEADER).putShort(56, (short) 1);
    file.putInt(HEADER, 1).putInt(HEADER + 4, flags).putLong(HEADER + 16, AT).putLong(HEADER + 32, stored)
        .putLong(HEADER + 40, size).putLong(HEADER + 48, 0x1000);
    file.put(TEXT, EXIT);
    return bytes;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private Path write(byte[] file) throws IOException {
    Path program = Files.write(directory.resolve("x"), file);
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  /// Whole pages of the file are there: text behind a segment's bytes runs, unless zeros belong there.
  @ParameterizedTest
  @CsvSource({"5, 0x180, 0x180, 42", "5, 0x80, 0x80, 42", "7, 0x80, 0x80, 42", "5, 0x80, 0x1000, 42",
      "7, 0x80, 0x1000, 139", "7, 0x80, 0x81, 139", "7, 0, 0x1000, 139"})
  void whatIsBehindASegmentsBytes(int flags, String stored, String size, int status)
      throws IOException, InterruptedException {
    Path program = write(program(flags, Long.decode(stored), Long.decode(size)));
    Ran ours = Ran.of(List.of("--trace", directory.resolve("trace").toString()), program, List.of());
    assertEquals(status, ours.status(), ours.error());
    assertTrue(status != 42 || ours.error().contains("verdict: PASS"), ours.error());
    Toolchain.X86.needStranger();
    assertEquals(status, Toolchain.X86.onLinux(directory, program, List.of()).status());
  }

  /// Tables of up to 64 KiB run, as on Linux.
  @ParameterizedTest
  @CsvSource({"1170, 42", "1171, 2"})
  void theTableOfProgramHeaders(int count, int status) throws IOException {
    byte[] one = program(5, SIZE, SIZE);
    byte[] file = Arrays.copyOf(one, SIZE + count * PROGRAM_HEADER);
    little(file).putLong(32, SIZE).putShort(56, (short) count).put(SIZE, one, HEADER, PROGRAM_HEADER);
    Ran ran = Ran.of(List.of(), write(file), List.of());
    assertEquals(status, ran.status());
    assertTrue(status == 42 || ran.error().endsWith(
        "x: its program headers are 65576 bytes; Linux takes at most 65536\n"), ran.error());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
       4 | 1      | a 32-bit ELF file; only 64-bit programs run here
       4 | 0      | an ELF file with EI_CLASS 0, which is neither 1 nor 2
       4 | 200    | an ELF file with EI_CLASS 200, which is neither 1 nor 2
       5 | 2      | a big-endian ELF file
       5 | 0      | an ELF file with EI_DATA 0, which is neither 1 nor 2
      17 | 255    | an ELF file of type 65282, which is no program (a program has 2 or 3)
      97 | 16     | a segment at 0x400000 has more bytes in the file than in memory: p_filesz 0x1080, p_memsz 0x180
      """)
  void isCalledWhatItIs(int at, int value, String message) throws IOException {
    byte[] file = Arrays.copyOf(program(5, SIZE, SIZE), 1 << 14);
    file[at] = (byte) value;
    Ran ran = Ran.of(List.of(), write(file), List.of());
    assertEquals(2, ran.status());
    assertEquals(1, ran.error().lines().count(), ran.error());
    assertTrue(ran.error().endsWith("x: " + message + "\n"), ran.error());
  }

  @Test
  void theNameOfAnInterpreterIsShort() throws IOException {
    byte[] file = program(5, SIZE, SIZE);
    ByteBuffer fields = little(file).putInt(HEADER, 3);
    String begin = "x: dynamically linked (it wants ";
    Ran magic = Ran.of(List.of(), write(file), List.of());
    assertEquals(2, magic.status());
    assertTrue(magic.error().endsWith(begin + "\\x7fELF\\x02\\x01\\x01); link it with -static\n"), magic.error());
    fields.putLong(HEADER + 8, TEXT).putLong(HEADER + 32, SIZE - TEXT).put(TEXT, "/l\u00e9\ud83d\ude00".repeat(16)
        .getBytes(StandardCharsets.UTF_8));
    Ran whole = Ran.of(List.of(), write(file), List.of());
    assertTrue(whole.error().endsWith(begin + "/l\\xc3\\xa9\\xf0\\x9f\\x98\\x80".repeat(8)
        + "...); link it with -static\n"), whole.error());
  }
}

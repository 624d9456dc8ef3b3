package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A program without a library ([userland.c](../../../../../c/userland.c)) does under `crosspatch exec` what it does on
/// Linux, natively on x86-64 and by qemu-aarch64; and its trace tells every instruction.
final class ExecTest {
  private static final int PROGRAM_HEADER = 56;
  private static final int PT_GNU_PROPERTY = 0x6474_e553;

  @TempDir
  Path directory = Path.of("");

  private Path program(Toolchain tools) throws IOException, InterruptedException {
    return tools.bare(directory, "userland");
  }

  @ParameterizedTest
  @EnumSource
  void doesWhatItDoesOnLinux(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    for (List<String> part : List.of(List.of("args", "one", "two three"), List.of("memory"), List.of("signals"),
        List.of("threads"), List.of("fault"), List.of("undefined"))) {
      Ran theirs = tools.onLinux(directory, program, part);
      Ran ours = Ran.of(List.of(), program, part);
      assertEquals(theirs.output(), ours.output(), tools + " " + part);
      assertEquals(theirs.status(), ours.status(), tools + " " + part);
    }
  }

  @ParameterizedTest
  @EnumSource
  void itsTraceTellsEveryInstruction(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Path trace = directory.resolve("trace");
    for (String part : List.of("memory", "signals", "threads")) {
      for (String protocol : tools.protocols()) {
        Ran ran = Ran.of(List.of("--trace", trace.toString(), "--flow", "--cpus", "2", "--trace-protocol", protocol),
            program, List.of(part));
        assertEquals(42, ran.status(), ran.error());
        assertTrue(ran.error().contains("verdict: PASS"), ran.error());
        for (int cpu = 0; cpu < 2; cpu++) {
          String flow = "cpu" + cpu + ".flow";
          assertEquals(-1, Files.mismatch(trace.resolve("truth").resolve(flow),
              trace.resolve("decoded").resolve(flow)), part + " " + flow);
        }
      }
    }
    List<String> bits = Files.readAllLines(trace.resolve("truth").resolve("cpu1.flow"));
    assertTrue(bits.size() > 10_000, "threads run on the second CPU, too: " + bits.size());
  }

  @ParameterizedTest
  @EnumSource
  void findsFilesBelowItsRootAlone(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.writeString(directory.resolve("secret"), "secret");
    Files.writeString(root.resolve("file"), "hello world\n");
    Files.createDirectories(root.resolve("sub"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("file"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    Ran theirs = tools.onLinux(directory, program, List.of("files", root.toString()));
    Files.delete(root.resolve("made"));
    List<String> options = List.of("--root", root.toString());
    List<String> writable = new ArrayList<>(options);
    writable.add("--writable");
    Ran readOnly = Ran.of(options, program, List.of("files", "/"));
    assertEquals(theirs.output().replaceAll("(?s)wrote.*", "made -30\n"), readOnly.output());
    assertTrue(Files.notExists(root.resolve("made")));
    assertEquals(theirs.output(), Ran.of(writable, program, List.of("files", "/")).output());
    assertEquals("hello\n", Files.readString(root.resolve("made")));
    Files.createSymbolicLink(root.resolve("out"), Path.of("../secret"));
    Files.createSymbolicLink(root.resolve("absolute"), directory.resolve("secret").toAbsolutePath());
    Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
    Ran escaping = Ran.of(options, program, List.of("escape"));
    assertEquals(7, escaping.output().lines().filter(line -> line.endsWith(" -2")).count(), escaping.output());
  }

  @ParameterizedTest
  @EnumSource
  void aLimitAndItsStatistics(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Ran cut = Ran.of(List.of("--max-insns", "1000"), program, List.of("threads"));
    assertEquals(2, cut.status());
    assertTrue(cut.error().endsWith("cut off: limit of 1000 instructions reached\n"), cut.error());
    Ran whole = Ran.of(List.of("--stats", "--cpus", "3"), program, List.of("threads"));
    for (String word : List.of("instructions ", "cycles ", "IPC ", "traps ", "L1I ", "L1D ", "TLB ", "mispred",
        "MIPS ")) {
      assertEquals(1, whole.error().lines().filter(line -> line.startsWith(word)).count(), whole.error());
    }
    Ran again = Ran.of(List.of("--stats", "--cpus", "3"), program, List.of("threads"));
    assertEquals(counted(whole), counted(again), "the same run");
  }

  private Path protectedBy(String protection) throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(Toolchain.BARE);
    flags.add("-mbranch-protection=" + protection);
    flags.add(protection.equals("bti") ? "-Wl,-z,force-bti" : "-Wl,-z,noexecstack");
    return Toolchain.ARM64.compile(directory, Path.of("src", "test", "c", "userland.c"), flags, List.of());
  }

  /// The note of a program's properties is read as Linux reads it, or the program is refused.
  @Test
  void theNoteOfPropertiesIsRead() throws IOException, InterruptedException {
    Path program = protectedBy("bti");
    byte[] file = Files.readAllBytes(program);
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) in.getLong(32);
    while (in.getInt(header) != PT_GNU_PROPERTY) {
      header += PROGRAM_HEADER;
    }
    int note = (int) in.getLong(header + 8);
    assertEquals(List.of(2, "the note of its properties is wrong: it is none of GNU"), with(file, note + 12, 0));
    assertEquals(List.of(2, "the note of its properties is wrong: it is cut off"), with(file, note + 4, 1 << 20));
    assertEquals(List.of(2, "the note of its properties is wrong: it is cut off"), with(file, note + 4, 12));
    assertEquals(List.of(2, "the note of its properties is wrong: property 0xc0000000 has 8 bytes"),
        with(file, note + 20, 8));
    assertEquals(List.of(2, "the note of its properties is wrong: properties are not in the order of their types"),
        with(file, note + 16, 5, note + 20, 0), "5 and 1, both empty");
    assertEquals(List.of(42, ""), with(file, note + 16, 0xc000_0001), "another property");
    assertEquals(2, type2(), "text is not guarded without it");
    assertEquals(List.of(42, ""), with(file, note + 24, 2), "PAC alone");
    assertEquals(2, type2());
    assertEquals(List.of(42, ""), with(file, note + 24, 3), "BTI and PAC");
    assertEquals(6, type2());
  }

  private String output = "";

  private long type2() {
    return output.lines().filter(line -> line.equals("type 2")).count();
  }

  /// Status and complaint of a program of which words are other ones.
  private List<Object> with(byte[] file, int... words) throws IOException {
    byte[] other = file.clone();
    for (int i = 0; i < words.length; i += 2) {
      ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putInt(words[i], words[i + 1]);
    }
    Path program = Files.write(directory.resolve("other.elf"), other);
    Ran ran = Ran.of(List.of("--preset", "max"), program, List.of("pads"));
    output = ran.output();
    return List.of(ran.status(), ran.error().replaceAll("(?s).*other.elf: |\n", ""));
  }

  /// Landing pads on a core that knows them: in memory that the program guards, and in its own text if its file says
  /// that it has them.
  @ParameterizedTest
  @ValueSource(strings = {"none", "bti"})
  void branchesComeToLandingPads(String protection) throws IOException, InterruptedException {
    boolean guarded = protection.equals("bti");
    Path program = protectedBy(protection);
    List<String> part = List.of("pads");
    Ran theirs = Toolchain.ARM64.onLinux(directory, program, part);
    Ran ours = Ran.of(List.of("--preset", "max"), program, part);
    assertEquals(theirs.output(), ours.output());
    assertEquals(theirs.status(), ours.status());
    assertEquals(guarded ? 6 : 2, ours.output().lines().filter(line -> line.equals("type 2")).count(), ours.output());
    Ran codes = Ran.of(List.of("--preset", "max"), program, List.of("pads", "code"));
    assertEquals(guarded ? 6 : 2, codes.output().lines().filter(line -> line.equals("code 1")).count(),
        "ILL_ILLOPC, where QEMU has ILL_ILLOPN");
    Ran without = Ran.of(List.of("--preset", "neoverse-n1"), program, part);
    assertEquals(List.of("AT_HWCAP2 0", "unknown -22", "guarded -22", "own text is back 0", "handler 0"),
        without.output().lines().toList());
  }

  /// Arguments of system calls that nobody means are errors.
  @ParameterizedTest
  @EnumSource
  void wildArgumentsAreErrors(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Path root = Files.createDirectories(directory.resolve("wild"));
    Files.writeString(root.resolve("file"), "hello world\n");
    Files.createDirectories(root.resolve("sub"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("file"));
    Ran theirs = tools.onLinux(directory, program, List.of("wild", root.toString()));
    Ran ours = Ran.of(List.of("--root", root.toString(), "--writable"), program, List.of("wild", "/"));
    assertEquals(theirs.output(), ours.output(), tools.toString());
  }

  /// Pointers are signed on a core that knows how, with keys that the system has made.
  @Test
  void pointersAreSigned() throws IOException, InterruptedException {
    Path program = program(Toolchain.ARM64);
    List<String> part = List.of("pointers");
    Ran theirs = Toolchain.ARM64.onLinux(directory, program, part);
    Ran ours = Ran.of(List.of("--preset", "max"), program, part);
    assertEquals(theirs.output(), ours.output());
    assertTrue(ours.output().contains("signed 1\n"), ours.output());
    assertEquals("HWCAP_PACA, HWCAP_PACG 0\n", Ran.of(List.of(), program, part).output());
  }

  /// TCR_EL1.TBI0 is 1 on Linux: the top byte of an address is a tag. The kernel takes tagged pointers only if it was
  /// asked to (Documentation/arch/arm64/tagged-address-abi.rst), but where they only name areas.
  @Test
  void theTopByteIsATag() throws IOException, InterruptedException {
    Path program = Toolchain.ARM64.bare(directory, "tags");
    List<String> part = List.of("areas");
    Ran theirs = Toolchain.ARM64.onLinux(directory, program, part);
    for (String preset : List.of("neoverse-n1", "max")) {
      Ran ours = Ran.of(List.of("--preset", preset), program, part);
      assertEquals(theirs.output(), ours.output(), ours.error());
      assertEquals(theirs.status(), ours.status());
    }
  }

  /// A branch may lead to where no instruction lies, and the target faults (Arm ARM D1.4.10). Packets have no room for
  /// the low bits of such an address, so the trace tells it without (D5.3).
  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "3"})
  void whatIsNotAlignedFaultsAndItsTraceIsExact(String by) throws IOException, InterruptedException {
    Path program = Toolchain.ARM64.bare(directory, "odd");
    assertEquals(128 + 7, Toolchain.ARM64.onLinux(directory, program, List.of(by)).status());
    for (String protocol : Toolchain.ARM64.protocols()) {
      Ran ran = Ran.of(List.of("--trace", directory.resolve("trace").toString(), "--trace-protocol", protocol), program,
          List.of(by));
      assertEquals(128 + 7, ran.status(), ran.error());
      assertTrue(ran.error().contains("verdict: PASS"), ran.error());
    }
  }

  private static List<String> counted(Ran ran) {
    return ran.error().lines().filter(line -> !line.startsWith("host") && !line.startsWith("MIPS")).toList();
  }
}

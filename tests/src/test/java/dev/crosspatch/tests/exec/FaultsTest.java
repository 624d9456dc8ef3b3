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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What handlers are told of faults ([faults.c](../../../../../c/faults.c)), and programs that cannot even begin.
final class FaultsTest {
  private static final int SIGSEGV = 11;

  @TempDir
  Path directory = Path.of("");

  /// All as the host tells it: signal, code, address, program counter, error code, trap and CR2 of branches that lead
  /// nowhere, of the kernel's addresses, of instructions and of floating point. INT1 alone is held against manuals: it
  /// is a trap (SDM vol. 2A, INT n), whose address is of what comes behind it; a virtual machine's host may have its
  /// own instead.
  @Test
  void handlersAreToldOnX86() throws IOException, InterruptedException {
    Path program = Toolchain.X86.bare(directory, "faults");
    List<String> theirs = Toolchain.X86.onLinux(directory, program, List.of()).output().lines().toList();
    List<String> ours = Ran.of(List.of(), program, List.of()).output().lines().toList();
    int int1 = theirs.indexOf("int1");
    assertEquals(without(theirs, int1), without(ours, int1));
    assertEquals(List.of("int1", " signal 5", " code 1"), ours.subList(int1, int1 + 3));
    assertTrue(ours.get(int1 + 3).matches(" address 0x4[0-9a-f]{5}"), ours.get(int1 + 3));
    assertEquals(" pc 0x1", ours.get(int1 + 4));
    assertEquals("times 32", ours.getLast());
  }

  /// Without what is told of the address of INT1.
  private static List<String> without(List<String> lines, int int1) {
    List<String> all = new ArrayList<>(lines);
    all.subList(int1 + 3, int1 + 5).clear();
    return all;
  }

  /// Of accesses of ten bytes the first byte of the page that is not there; of areas of x87's the last byte of the
  /// area, unless the first part already runs into it; MASKMOVDQU accesses all its bytes, whatever its mask. So has it
  /// Zen 3, and a host of AMD's tells all the same; the manuals say nothing.
  @Test
  void addressesOfLongAccesses() throws IOException, InterruptedException {
    Path program = Toolchain.X86.compile(
        directory, Path.of("src", "test", "c", "edges.c"), List.of("-O1", "-static"), List.of());
    List<String> ours = Ran.of(List.of("--preset", "zen4"), program, List.of()).output().lines().toList();
    assertTrue(ours.containsAll(List.of("fld, 8 below: 0", "fstp, 1 below: 0", "fld, 10 below: done",
        "fnsave, 3 below: 0", "fnsave, 4 below: 103", "fldenv, 14 below: 13", "fnstenvw, 4 below: 9",
        "maskmovdqu, 12 below: 0", "maskmovq, 8 below: done", "fnsave, 100 below: -100")), ours::toString);
    Assumptions.assumeTrue(Files.readString(Path.of("/proc/cpuinfo")).contains("AuthenticAMD"), "no host of AMD's");
    assertEquals(Toolchain.X86.onLinux(directory, program, List.of()).output().lines().toList(), ours);
  }

  /// As qemu-aarch64 tells it, but for the syndrome, which it does not know: of the kernel's addresses no more than
  /// that nothing is there (arch/arm64/mm/fault.c, set_thread_esr); and for stores between both halves of the
  /// addresses, of which it tells no address.
  @Test
  void handlersAreToldOnArm64() throws IOException, InterruptedException {
    Path program = Toolchain.ARM64.bare(directory, "faults");
    List<String> theirs = Toolchain.ARM64.onLinux(directory, program, List.of()).output().lines().toList();
    List<String> ours = Ran.of(List.of(), program, List.of()).output().lines().toList();
    int first = theirs.indexOf("read");
    int last = theirs.indexOf("write of all RAM");
    assertEquals(theirs.subList(first, last).stream().filter(line -> !line.startsWith(" esr")).toList(),
        ours.subList(first, last).stream().filter(line -> !line.startsWith(" esr")).toList());
    for (String name : List.of("no identity", "no identity either")) {
      int at = ours.indexOf(name);
      assertEquals(List.of(" signal 4", " code 1"), ours.subList(at + 1, at + 3));
      assertEquals(List.of(" fault_address 0x0", " pc 0x0", " esr 0x0"), ours.subList(at + 4, at + 7));
    }
    assertEquals(List.of(" esr 0x0", " esr 0x0",
        " esr 0x92000006", " esr 0x92000046", " esr 0x92000004", " esr 0x92000044",
        " esr 0x92000004", " esr 0x92000044", " esr 0x82000004", " esr 0x92000044", " esr 0x92000044",
        " esr 0x82000004"), ours.stream().filter(line -> line.startsWith(" esr")).toList());
    assertEquals("times 10", ours.getLast());
  }

  /// Identification registers as Linux shows them (arch/arm64/kernel/cpufeature.c), which QEMU has learned from it, on
  /// the same cores; but for fields of granules at stage 2, which Linux has since 5.11 and this QEMU has not.
  @ParameterizedTest
  @ValueSource(strings = {"neoverse-n1", "cortex-a72"})
  void whatACoreIsToEl0(String core) throws IOException, InterruptedException {
    Path program = Toolchain.ARM64.bare(directory, "faults");
    List<String> theirs = Toolchain.ARM64.onCore(core, directory, program).output().lines().limit(16)
        .map(line -> line.replace("c7_0 0xff000000", "c7_0 0x111ff000000")).toList();
    Ran ours = Ran.of(List.of("--preset", core), program, List.of());
    assertEquals(theirs, ours.output().lines().limit(16).toList());
  }

  // ---- ELF files of which a number is another

  private Path with(Path program, long... edits) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(program)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < edits.length; i += 2) {
      file.putLong((int) edits[i], edits[i + 1]);
    }
    Path made = Files.write(directory.resolve("edited.elf"), file.array());
    assertTrue(made.toFile().setExecutable(true));
    return made;
  }

  /// A program that begins nowhere ends as on Linux, and is told where: on AArch64 without the tag.
  @ParameterizedTest
  @CsvSource({"8000000000000000", "0000800000000000", "ffffffff81000000", "ffffffff812a0000", "00007ffffffff000"})
  void aProgramThatBeginsNowhere(String entry) throws IOException, InterruptedException {
    for (Toolchain tools : Toolchain.values()) {
      long at = Long.parseUnsignedLong(entry, 16);
      Path program = with(tools.bare(directory, "userland"), 24, at);
      long told = tools == Toolchain.ARM64 && (at >> 55 & 1) == 0 ? at << 8 >>> 8 : at;
      assertEquals(128 + SIGSEGV, tools.onLinux(directory, program, List.of("args")).status());
      Ran ours = Ran.of(List.of("--max-insns", "1000"), program, List.of("args"));
      assertEquals(128 + SIGSEGV, ours.status(), ours.error());
      assertTrue(ours.error().endsWith("ended by signal 11 SIGSEGV at 0x" + Long.toHexString(told)
          + ": nothing there may be read\n"), ours.error());
    }
  }

  /// Numbers are unsigned, and what Linux cannot load either is refused in a line.
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      h 32   | -64 | the ELF file is cut off: its program headers are * bytes from 18446744073709551552 on, the file ends
      h 32   | 4611686018427387904 | program headers are * bytes from 4611686018427387904 on, the file ends at
      p 32   | -1  | the ELF file is cut off: a segment is 18446744073709551615 bytes from 0 on, the file ends at
      p 32   | -9223372036854775808 | a segment is 9223372036854775808 bytes from 0 on
      p 8    | -4096 | a segment is * bytes from 18446744073709547520 on
      p 40   | -1  | a segment of 0xffffffffffffffff bytes at 0x400000 cannot be loaded
      p 40   | 1   | a segment at 0x400000 has more bytes in the file than in memory: p_filesz *, p_memsz 0x1
      p 40   | 70368744177664 | does not fit into the 256 MiB of --memory
      p 16   | 140737488351232 | bytes at 0x7ffffffff000 cannot be loaded
      p 16   | 140737488355328 | bytes at 0x800000000000 cannot be loaded
      p 16   | -4096 | bytes at 0xfffffffffffff000 cannot be loaded
      p 16   | 140737487306752 | a segment at 0x7ffffff00000 to * does not lie within 0x10000 to 0x7fffff7fe000
      p 16   | 0   | a segment at 0x0 to * does not lie within 0x10000 to 0x7fffff7fe000, above which the stack is
      p 16   | 4194305 | a segment at 0x400001 does not lie in its page as in the file
      """)
  void wrongNumbersInAFile(String place, long value, String message) throws IOException, InterruptedException {
    for (Toolchain tools : Toolchain.values()) {
      Path program = tools.bare(directory, "userland");
      ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(program)).order(ByteOrder.LITTLE_ENDIAN);
      String[] words = place.split(" ", -1);
      int at = (words[0].equals("p") ? loaded(file) : 0) + Integer.parseInt(words[1]);
      Path made = place.equals("p 32") ? with(program, at, value, at + 8, value) : with(program, at, value);
      Ran ran = Ran.of(List.of("--max-insns", "1000"), made, List.of("args"));
      assertEquals(2, ran.status(), ran.error());
      assertEquals(1, ran.error().lines().count(), ran.error());
      String pattern = message.replace("*", "[0-9a-fx]+");
      assertTrue(ran.error().replace("\n", "").matches(".*" + pattern + ".*"), ran.error());
    }
  }

  /// The first header of a segment that is loaded.
  private static int loaded(ByteBuffer file) {
    int header = (int) file.getLong(32);
    while (file.getInt(header) != 1) {
      header += 56;
    }
    return header;
  }
}

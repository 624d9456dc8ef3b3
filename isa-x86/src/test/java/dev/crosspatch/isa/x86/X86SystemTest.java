package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// CPUID, registers of the system, booting, and patching facts.
final class X86SystemTest {
  private static X86Core run(String... code) {
    X86Lab lab = new X86Lab(1, String.join(" ", code) + " f4");
    lab.run();
    return lab.core(0);
  }

  @Test
  void cpuidTellsWhatThereIs() {
    X86Core core = run("31 c0  0f a2"); // xor eax, eax; cpuid
    assertEquals("GenuineIntel", text(core.r[X86Core.RBX]) + text(core.r[X86Core.RDX]) + text(core.r[X86Core.RCX]));
    X86Core features = run("b8 01 00 00 00  0f a2");
    assertTrue((features.r[X86Core.RCX] >> 21 & 1) == 1, "x2APIC");
    assertTrue((features.r[X86Core.RDX] >> 25 & 1) == 1, "SSE");
    assertFalse((features.r[X86Core.RCX] >> 25 & 1) == 1, "AES");
    assertTrue((run("b8 07 00 00 00  31 c9  0f a2").r[X86Core.RDX] >> 14 & 1) == 1, "SERIALIZE");
    assertEquals(0x302e, run("b8 08 00 00 80  0f a2").r[X86Core.RAX], "48 virtual and 46 physical address bits");
  }

  private static String text(long word) {
    return "" + (char) (word & 0xff) + (char) (word >> 8 & 0xff) + (char) (word >> 16 & 0xff)
        + (char) (word >> 24 & 0xff);
  }

  @Test
  void timeStampsRise() {
    X86Core core = run("0f 31  89 c3  0f 01 f9  29 d8"); // rdtsc; mov ebx, eax; rdtscp; sub eax, ebx
    assertTrue(core.r[X86Core.RAX] > 0 && core.r[X86Core.RAX] < 1000,
        "ticks between two reads: " + core.r[X86Core.RAX]);
    X86Core written = run("b9 10 00 00 00  31 c0  ba 01 00 00 00  0f 30  0f 31"); // wrmsr TSC: 1 << 32; rdtsc
    assertEquals(1, written.r[X86Core.RDX]);
  }

  /// Cycles that loads of a line take: at once, after the instruction given, in that order.
  private static long[] loads(String between) {
    // rdtsc; mov esi, eax; mov rbx, [DATA + 0x2000]; rdtsc; sub eax, esi
    String timed = "0f 31  89 c6  48 8b 1c 25 00 20 10 81  0f 31  29 f0";
    // ... mov r8d, eax; ...; mov r9d, eax
    X86Core core = run("48 8b 1c 25 00 20 10 81", timed, "41 89 c0", between, timed, "41 89 c1");
    return new long[] {core.r[8], core.r[9]};
  }

  @Test
  void flushesTakeLinesFromTheCaches() {
    long memory = ClockUnit.cycles(Machine.readTiming(new X86Isa(), "skylake").cost(EventCost.MEMORY));
    // clflush, clflushopt, wbinvd, invd
    for (String flush : List.of("0f ae 3c 25 08 20 10 81", "66 0f ae 3c 25 08 20 10 81", "0f 09", "0f 08")) {
      long[] cycles = loads(flush);
      assertTrue(cycles[0] < 60, flush + ": a hit took " + cycles[0]);
      assertTrue(cycles[1] >= memory, flush + ": a load behind it took " + cycles[1]);
    }
    // clwb; clflush of the next line; mfence
    for (String other : List.of("66 0f ae 34 25 08 20 10 81", "0f ae 3c 25 40 20 10 81", "0f ae f0")) {
      long[] cycles = loads(other);
      assertTrue(cycles[1] < 60, other + ": a load behind it took " + cycles[1]);
    }
  }

  @Test
  void segmentBases() {
    X86Core core = run(
        "b9 01 01 00 c0  b8 00 00 10 81  ba ff ff ff ff  0f 30", // wrmsr GS base: DATA
        "65 48 c7 04 25 08 00 00 00 2a 00 00 00", // mov qword gs:[8], 42
        "0f 01 f8", // swapgs
        "b9 02 01 00 c0  0f 32", // rdmsr kernel GS base
        "0f 01 f8  65 48 8b 1c 25 08 00 00 00"); // swapgs; mov rbx, gs:[8]
    assertEquals(42, core.r[X86Core.RBX]);
    assertEquals(0x8110_0000L, core.r[X86Core.RAX]);
  }

  @Test
  void writingCr3IsASerializingContextWrite() {
    X86Lab lab = new X86Lab(1, "0f 20 d8  0f 22 d8  f4"); // mov rax, cr3; mov cr3, rax; hlt
    List<String> rows = lab.rows(0);
    lab.run();
    lab.machine.end();
    assertEquals("CONTEXT_WRITE 3 6", rows.get(1));
    assertTrue(rows.get(2).startsWith("context "), rows.get(2));
  }

  @Test
  void bootWantsSymbolsAndRoom() {
    Section text = new Section(".text", X86Lab.TEXT, new byte[] {(byte) 0xf4}, Section.Access.TEXT);
    Symbol start = new Symbol("start", X86Lab.TEXT, 1, Symbol.Kind.FUNCTION);
    assertEquals("no symbol 'secondary_start' in the image", refusal(32, 2, List.of(text), start));
    assertEquals(
        "section .text at 0xffffffff81000000..0xffffffff81000001 does not fit: RAM of 16 MiB is linked at "
            + "0xffffffff80200000..0xffffffff81000000",
        refusal(16, 1, List.of(text), start));
    Section data = new Section(".data", X86Lab.TEXT + 0x800, new byte[8], Section.Access.DATA);
    assertEquals("two mappings with different access share the page at 0xffffffff81000000",
        refusal(32, 1, List.of(text, data), start));
  }

  private static String refusal(int mib, int cpus, List<Section> sections, Symbol symbol) {
    Platform platform = new LabBoard().assemble(new MachineConfig(
        new X86Isa(), cpus, "zen4", MachineConfig.Staleness.TYPICAL, true, true, mib << 20, 1));
    Image image = new Image(sections, List.of(symbol));
    return Objects.requireNonNull(assertThrows(IllegalArgumentException.class, () -> platform.boot(image))
        .getMessage());
  }

  @Test
  void patchKitEncodesWhatTheDecoderReads() {
    X86Isa isa = new X86Isa();
    var kit = isa.patchKit();
    for (int length = 1; length <= 9; length++) {
      assertEquals(length, Objects.requireNonNull(isa.classify(kit.nop(length), 0, length, 0, Mode.CODE_64)).length());
    }
    long from = X86Lab.TEXT;
    for (int length : new int[] {2, 5}) {
      byte[] code = kit.jump(from, from + 0x40, length);
      Insn jump = Objects.requireNonNull(isa.classify(code, 0, length, from, Mode.CODE_64));
      assertEquals(from + 0x40, jump.target());
    }
    assertArrayEquals(X86Lab.bytes("e8 fb ef ff ff"), kit.call(from, from - 0x1000));
    assertEquals("jump of 2 bytes from 0xffffffff81000000 cannot reach 0xffffffff81000082",
        assertThrows(IllegalArgumentException.class, () -> kit.jump(from, from + 0x82, 2)).getMessage());
    assertEquals("call of 5 bytes from 0xffffffff81000000 cannot reach 0x7fffffff",
        assertThrows(IllegalArgumentException.class, () -> kit.call(from, 0x7fff_ffffL)).getMessage());
    assertEquals("x86 has no NOP of 10 bytes",
        assertThrows(IllegalArgumentException.class, () -> kit.nop(10)).getMessage());
    assertTrue(kit.replaceableLive(new byte[] {0x0f}, kit.trap()));
    assertFalse(kit.replaceableLive(kit.nop(5), kit.jump(from, from, 5)));
  }
}

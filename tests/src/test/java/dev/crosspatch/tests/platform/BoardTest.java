package dev.crosspatch.tests.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.Plugins;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// No ISA knows where a board has its RAM, its kernels and its devices.
final class BoardTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;
  private static final long BASE = 2 * GIB;
  private static final long LINKED = 0xffff_ffff_a000_0000L;
  private static final long ALIAS = 0xffff_9000_0000_0000L;
  private static final long DEVICES = 0xffff_a000_0000_0000L;
  private static final long DEVICE = 0xc000_0000L;

  private static final String X86 = """
      start:
        mov rax, [rip + word]
        inc rax
        movabs rbx, offset WORD_ALIAS
        mov [rbx], rax
        movabs rbx, offset DEVICE
        mov al, [rbx]
        mov [rip + answer], al
        hlt
      """;
  private static final String ARM64 = """
      start:
        ldr x1, =word
        ldr x0, [x1]
        add x0, x0, 1
        ldr x1, =WORD_ALIAS
        str x0, [x1]
        ldr x1, =DEVICE
        ldrb w0, [x1]
        ldr x1, =answer
        strb w0, [x1]
        1: wfi
        b 1b
        .ltorg
      """;

  /// A board on which nothing is where the lab's has it.
  private static MemoryMap map(MemoryMap.Tables tables) {
    return new MemoryMap(BASE, tables, List.of(
        new MemoryMap.Devices(DEVICES, 2 * MIB), new MemoryMap.Image(LINKED, BASE + 4 * MIB),
        new MemoryMap.Direct(ALIAS, 2 * MIB)), Map.of());
  }

  private static MachineConfig config(Isa isa) {
    return new MachineConfig(isa, 1, isa.presets().getFirst(), MachineConfig.Staleness.TYPICAL, isa.coherentFetch(),
        isa.coherentFetch(), (int) (8 * MIB), 1);
  }

  private static List<Long> run(String isaName, String source, MemoryMap.Tables tables) {
    Isa isa = Plugins.isa(isaName);
    Platform platform = new Platform(map(tables), config(isa), new SeededChoices(1, 1));
    platform.bus().attach(DEVICE, 1, new Courier.Echo());
    Image assembled = Plugins.assembler(isa, Syntax.MANUAL).assemble("guest.s",
        ".text\n" + source + ".data\nword: .quad 41\nanswer: .quad 0\n",
        Map.of(".text", LINKED, ".data", LINKED + 0x1000),
        Map.of("WORD_ALIAS", ALIAS + BASE + 4 * MIB + 0x1000, "DEVICE", DEVICES + DEVICE));
    platform.boot(new Image(assembled.sections().stream().map(s -> s.name().equals(".text") ? s
        : new Section(s.name(), s.address(), s.bytes(), Section.Access.DATA)).toList(), assembled.symbols()));
    assertEquals(RunResult.End.DEADLOCK, platform.machine().run(RunLimits.ofCycles(100_000)).end());
    long data = BASE + 4 * MIB + 0x1000;
    return List.of(platform.machine().readPhysical(data), platform.machine().readPhysical(data + 8));
  }

  @Test
  void aBoardMayHaveEverythingElsewhere() {
    MemoryMap.Tables low = new MemoryMap.Tables(BASE + 0x1000, BASE + 2 * MIB, false);
    MemoryMap.Tables top = new MemoryMap.Tables(0, 0, true);
    assertEquals(List.of(42L, 1L), run("x86-64", X86, low));
    assertEquals(List.of(42L, 1L), run("x86-64", X86, top));
    assertEquals(List.of(42L, 1L), run("aarch64", ARM64, low));
    assertEquals(List.of(42L, 1L), run("aarch64", ARM64, top));
  }

  @Test
  void tablesMustFit() {
    MemoryMap.Tables small = new MemoryMap.Tables(BASE + 0x1000, BASE + 0x3000, false);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> run("x86-64", X86, small));
    assertEquals("the page tables need more room than 0x80001000..0x80003000", e.getMessage());
  }

  @Test
  void linesLeadToInputsThatThereAre() {
    Isa isa = Plugins.isa("x86-64");
    Platform platform = new LabBoard().assemble(new MachineConfig(
        isa, 1, "skylake", MachineConfig.Staleness.TYPICAL, true, true, (int) (32 * MIB), 1));
    platform.line(3);
    assertEquals("interrupt input 24: there are 24",
        assertThrows(IllegalArgumentException.class, () -> platform.line(24)).getMessage());
    assertEquals("interrupt input 3 has a line already",
        assertThrows(IllegalArgumentException.class, () -> platform.line(3)).getMessage());
  }
}

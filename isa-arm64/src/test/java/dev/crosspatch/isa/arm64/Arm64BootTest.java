package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the boot loader refuses, and where it puts things.
class Arm64BootTest {
  private static final long BASE = Arm64Lab.TEXT;
  private static final Symbol START = new Symbol("start", BASE, 4, Symbol.Kind.FUNCTION);

  private static Section text(long address, int size) {
    return new Section(".text", address, new byte[size], Section.Access.TEXT);
  }

  private static Machine boot(int cpus, Image image) {
    Arm64Isa isa = new Arm64Isa();
    Platform platform = new LabBoard().assemble(new MachineConfig(
        isa, cpus, "neoverse-n1", MachineConfig.Staleness.TYPICAL, false, false, 2 << 20, 1));
    platform.boot(image);
    return platform.machine();
  }

  private static String refusal(int cpus, List<Section> sections, Symbol... symbols) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> boot(cpus, new Image(sections, List.of(symbols))));
    return String.valueOf(e.getMessage());
  }

  @Test
  void entryPointsMustExist() {
    assertEquals("no symbol 'start' in the image", refusal(1, List.of(text(BASE, 4))));
    assertEquals("no symbol 'secondary_start' in the image", refusal(2, List.of(text(BASE, 4)), START));
  }

  @Test
  void imageMustFit() {
    assertEquals("section .text at 0x10000..0x10004 does not fit: RAM of 2 MiB is linked at "
            + "0xffff800010000000..0xffff800010200000",
        refusal(1, List.of(text(0x10000, 4)), START));
    assertEquals("section .text ends at 0xffff8000101ffffc, in the page tables: RAM of 2 MiB is too small",
        refusal(1, List.of(text(BASE, (2 << 20) - 4)), START));
  }

  @Test
  void sectionsOfDifferentAccessNeedPagesOfTheirOwn() {
    Section data = new Section(".data", BASE + 0x100, new byte[4], Section.Access.DATA);
    assertEquals("two mappings with different access share the page at 0xffff800010000000",
        refusal(1, List.of(text(BASE, 4), data), START));
  }

  @Test
  void imageIsLoadedAtTheStartOfRam() {
    Section text = new Section(".text", BASE, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, Section.Access.TEXT);
    Machine machine = boot(1, new Image(List.of(text), List.of(START)));
    assertEquals(0x0807_0605_0403_0201L, machine.readPhysical(0x4000_0000L));
    assertEquals(BASE, machine.core(0).pc);
    assertEquals("SP", new Arm64Isa().registerName(31));
  }
}

package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.asm.AssemblerProvider;
import java.util.HexFormat;
import java.util.Objects;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class KeystoneProviderTest {
  private static AssemblerProvider provider(String isa) {
    return ServiceLoader.load(AssemblerProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(p -> p.supports(isa))
        .findFirst()
        .orElseThrow();
  }

  private static String disassemble(String isa, byte[] code) {
    return Objects.requireNonNull(provider(isa).disassembler(isa).disassemble(code, 0, 0x1000)).text();
  }

  @Test
  void assemblesAndDisassemblesX86() {
    byte[] code = provider("x86-64").assembler("x86-64").assemble(0x1000, "mov rax, qword ptr [rbx + 8]");
    assertEquals("488b4308", HexFormat.of().formatHex(code));
    assertEquals("mov rax, qword ptr [rbx + 8]", disassemble("x86-64", code));
  }

  @Test
  void assemblesAndDisassemblesAarch64() {
    byte[] code = provider("aarch64").assembler("aarch64").assemble(0x1000, "ldr x0, [x1, #8]");
    assertEquals("200440f9", HexFormat.of().formatHex(code));
    assertEquals("ldr x0, [x1, #8]", disassemble("aarch64", code));
  }

  @Test
  void refusesAnUnknownIsaByName() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> provider("aarch64").assembler("m68k"));
    assertEquals("no assembler for ISA 'm68k'; there are x86-64 and aarch64", error.getMessage());
  }
}

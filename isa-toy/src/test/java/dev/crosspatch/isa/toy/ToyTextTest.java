package dev.crosspatch.isa.toy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.PatchKit;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The toy's bytes as text and back, and what else is said of them.
final class ToyTextTest {
  private static final long HERE = 0x4000_0000L;
  private static final ToyIsa ISA = new ToyIsa();

  private final Assembler assembler = new ToyAssembler().assembler("toy");
  private final Disassembler disassembler = new ToyAssembler().disassembler("toy");

  /// Random words, of which most are no instructions: those that are read as text assemble to the same bytes.
  @Test
  void whatIsDisassembledAssemblesToTheSameBytes() {
    Random random = new Random(1);
    int instructions = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] code = new ToyWord(random.nextInt(0x50), register(random), register(random), register(random),
          random.nextBoolean() ? 0 : random.nextInt(-1000, 1000) * random.nextInt(1, 9)).bytes();
      Disassembler.Line line = disassembler.disassemble(code, 0, HERE);
      assertEquals(line == null, ISA.classify(code, 0, code.length, HERE, Mode.CODE_64) == null);
      if (line != null) {
        instructions++;
        assertArrayEquals(code, assembler.assemble(HERE, line.text()), line.text());
      }
    }
    assertEquals(true, instructions > 1000, "instructions met: " + instructions);
  }

  private static int register(Random random) {
    return random.nextBoolean() ? 0 : random.nextInt(34);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "add r1, r2 | <input>:1: add takes 3 operands, not 2: add r1, r2",
    "add r1, r2, r32 | <input>:1: there is no register 'r32': add r1, r2, r32",
    "ld r1, r2 | <input>:1: an address is written [register + number], not 'r2': ld r1, r2",
    "mfs r1, speed | <input>:1: there is no system register 'speed': mfs r1, speed",
    "li r1, 0x100000000 | <input>:1: 0x100000000 does not fit 32 bits: li r1, 0x100000000",
    "j . + 4 | <input>:1: 0x40000004 is no target from 0x40000000: j . + 4",
    "hop | <input>:1: unknown mnemonic: hop",
  })
  void refusalsSayWhy(String source, String message) {
    assertEquals(message, assertThrows(AssemblyException.class, () -> assembler.assemble(HERE, source)).getMessage());
  }

  @Test
  void whatAPatcherWritesIsWhatTheDecoderReads() {
    PatchKit kit = ISA.patchKit();
    assertEquals(FlowClass.TRAP, insn(kit.trap()).flow());
    assertEquals(FlowClass.OTHER, insn(kit.nop(8)).flow());
    assertEquals(new Insn(8, FlowClass.JUMP, HERE - 64), insn(kit.jump(HERE, HERE - 64, 8)));
    assertEquals(new Insn(8, FlowClass.CALL, HERE + 8000), insn(kit.call(HERE, HERE + 8000)));
    assertEquals("no instruction of 4 bytes on the toy, only of 8",
        assertThrows(IllegalArgumentException.class, () -> kit.nop(4)).getMessage());
    assertEquals("no branch from 0x40000000 to 0x40000004: it reaches 2 GiB in steps of 8 bytes",
        assertThrows(IllegalArgumentException.class, () -> kit.call(HERE, HERE + 4)).getMessage());
  }

  private static Insn insn(byte[] code) {
    return Objects.requireNonNull(ISA.classify(code, 0, code.length, HERE, Mode.CODE_64));
  }

  @Test
  void shortOrUndefinedBytesAreNoInstruction() {
    assertNull(ISA.classify(new byte[8], 0, 8, HERE, Mode.CODE_64));
    byte[] nop = ISA.patchKit().nop(8);
    assertNull(ISA.classify(nop, 0, 7, HERE, Mode.CODE_64));
    assertNotNull(ISA.classify(nop, 0, 8, HERE, Mode.CODE_64));
    nop[7] = 1;
    assertNull(ISA.classify(nop, 0, 8, HERE, Mode.CODE_64));
    assertThrows(IllegalArgumentException.class, () -> ISA.classify(nop, 0, 8, HERE, Mode.CODE_32));
  }
}

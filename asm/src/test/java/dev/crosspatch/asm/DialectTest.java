package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.asm.Syntax;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A dialect from outside: two instructions of four bytes, `put NUMBER` and `go PLACE`. What it does not say is served
/// by the assembler.
final class DialectTest {
  private static final byte PUT = 1;
  private static final byte GO = 2;

  private static final class Two implements Dialect {
    @Override
    public String name() {
      return "two";
    }

    @Override
    public Fragment instruction(Statement statement, Unit unit) {
      byte opcode = switch (statement.mnemonic()) {
        case "put" -> PUT;
        case "go" -> GO;
        default -> throw new SyntaxError("unknown mnemonic");
      };
      if (statement.operands().size() != 1) {
        throw new SyntaxError("takes one operand");
      }
      return new Fragment.Fixed(statement, 4, unit.expression(statement.operands().getFirst()),
          (operand, address) -> encode(opcode, opcode == GO ? operand - address : operand));
    }

    private static byte[] encode(byte opcode, long number) {
      if (number != (short) number) {
        throw new SyntaxError(number + " does not fit");
      }
      return new byte[] {opcode, 0, (byte) number, (byte) (number >> 8)};
    }

    @Override
    public byte[] padding(int size) {
      return HexFormat.of().parseHex("ee".repeat(size));
    }

    @Override
    public int wordWidth() {
      return 2;
    }
  }

  private static GasAssembler assembler() {
    return new GasAssembler(new Two(), Syntax.MANUAL, (code, offset, available) -> 4);
  }

  private static String hex(String source) {
    return HexFormat.of().formatHex(assembler().assemble(0x1000, source));
  }

  @Test
  void symbolsMacrosAndDataServeIt() {
    assertEquals("0200fcff" + "eeeeeeee" + "02000800" + "01000300" + "01000500" + "3412",
        hex("""
            .macro twice a
            put \\a
            put \\a + 2
            .endm
            go . - 4
            .balign 8
            start: go end
            twice end - start - 5
            .set end, start + 8
            .word 0x1234
            """));
  }

  @Test
  void sectionsAndLabelsBecomeAnImage() {
    var layout = Map.of(".text", 0x40L, ".data", 0x80L);
    var image = assembler().assemble("t.s", "f: go g\n.data\ng: .quad f", layout, Map.of());
    assertEquals(0x80, image.address("g"));
    assertEquals("02004000", HexFormat.of().formatHex(image.sections().get(0).bytes()));
    assertEquals("4000000000000000", HexFormat.of().formatHex(image.sections().get(1).bytes()));
  }

  private static String refusal(String source) {
    return String.valueOf(assertThrows(AssemblyException.class, () -> hex(source)).getMessage());
  }

  @Test
  void itsRefusalsNameTheStatement() {
    assertEquals("<input>:2: unknown mnemonic: take 1", refusal("put 1\ntake 1"));
    assertEquals("<input>:1: an operand is missing: put 1,", refusal("put 1,"));
    assertEquals("<input>:1: takes one operand: put 1, 2", refusal("put 1, 2"));
    assertEquals("<input>:1: 65535 does not fit: put x", refusal("put x\nx = 0xffff"));
    assertEquals("<input>:1: unexpected '1': put 1 1", refusal("put 1 1"));
  }

  @Test
  void whatItMakesIsReadBack() {
    var deaf = new GasAssembler(new Two(), Syntax.MANUAL, (code, offset, available) -> 0);
    assertEquals("<input>:1: the bytes 01000100 that this makes are no instruction that a CPU executes: put 1",
        String.valueOf(assertThrows(AssemblyException.class, () -> deaf.assemble(0, "put 1")).getMessage()));
  }

  @Test
  void anotherSyntaxIsRefused() {
    assertEquals("two has no AT&T syntax", assertThrows(IllegalArgumentException.class,
        () -> new GasAssembler(new Two(), Syntax.ATT, (code, offset, available) -> 4)).getMessage());
  }
}

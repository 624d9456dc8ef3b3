package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What only a tracer knows: to the processors at hand it raises #UD at its first byte, even with its last byte at the
/// end of a page, and changes nothing (SDM vol. 3 6.15, interrupt 6: the saved instruction pointer points at the
/// instruction). With the end on a page that is not there it is #UD or the page fault of fetching it.
final class X86ForeignTest {
  private static final int PAGE = 0x1000;
  private static final int PAGE_AT = 0x40_0000;
  private static final int FRAME = 0x9000 - 40;

  /// Forms that are no instruction at all to the processors at hand: REX2, APX, XOP, maps of VEX and EVEX that came
  /// later.
  private static final List<String> NEWER = List.of(
      "d5 00 01 c0", "d5 80 af c1", "d5 00 a1 0d 10 00 00 00 00 00 00", "d5 10 ff e0", "d5 00 c3", "d5 80 05",
      "66 d5 00 81 c1 01 02",
      "8f e8 78 c0 c1 05", "8f e9 78 90 c1", "8f ea 78 10 c1 01 02 03 04", "8f e8 78 c0 00 05",
      "c4 e7 7b f8 c1 01 02 03 04", "c4 e5 78 f9 00", "62 f7 7f 08 f8 c1 01 02 03 04", "62 f4 7c 08 01 c0",
      "62 f4 7d 08 81 c1 05 06",
      "62 f4 7c 08 24 c1 05", "62 f4 7c 08 ff f0", "62 fc 78 08 01 04 0c", "62 f9 7c 48 28 00");

  /// What a machine was like at the handler.
  private record Outcome(int vector, long pc, long cr2, long flags, long[] registers) {}

  private static Outcome run(byte[] code, int present) {
    X86Lab lab = X86FaultRulesTest.user("skylake", "");
    byte[] page = new byte[PAGE];
    Arrays.fill(page, (byte) 0x90);
    int jump = PAGE - present - 5;
    System.arraycopy(new byte[] {(byte) 0xe9, (byte) jump, (byte) (jump >> 8), 0, 0}, 0, page, 0, 5);
    System.arraycopy(code, 0, page, PAGE - present, present);
    lab.machine.load(lab.mapUser(PAGE_AT, X86Mmu.PRESENT | X86Mmu.USER | X86Mmu.WRITABLE), page);
    String outcome = X86FaultRulesTest.outcome(lab);
    int vector = Integer.parseInt(outcome.split(" ", -1)[1], 10);
    X86Core core = lab.core(0);
    long[] registers = Arrays.copyOf(core.r, 16);
    registers[X86Core.RSP] = 0; // differs by the error code of a page fault
    return new Outcome(vector, lab.data(FRAME), core.cr2, lab.data(FRAME + 16), registers);
  }

  /// The form and every row without semantics, with an operand in memory that is not there: an access would be a page
  /// fault.
  private static List<byte[]> encodings() {
    List<byte[]> all = new ArrayList<>();
    NEWER.forEach(hex -> all.add(X86Lab.bytes(hex)));
    for (X86Row row : X86Rows.ALL) {
      byte[] head = row.head();
      byte[] code = Arrays.copyOf(head, 15);
      code[head.length] = (byte) row.example();
      Insn insn = new X86Isa().classify(code, 0, code.length, 0, Mode.CODE_64);
      X86Decoder decoder = new X86Decoder(code, 0, code.length).tracing();
      decoder.parse();
      if (row.foreign && row.equals(decoder.row)) {
        assertNotNull(insn, row::toString);
        all.add(Arrays.copyOf(code, insn.length()));
      }
    }
    return all;
  }

  @Test
  void whatOnlyATracerKnowsIsUndefinedAndChangesNothing() {
    List<byte[]> encodings = encodings();
    assertTrue(encodings.size() > 100, encodings.size() + " encodings");
    Outcome undefined = run(X86Lab.bytes("0f 0b"), 2);
    assertEquals(6, undefined.vector);
    for (byte[] code : encodings) {
      String hex = HexFormat.of().formatHex(code);
      Insn insn = new X86Isa().classify(code, 0, code.length, 0, Mode.CODE_64);
      assertNotNull(insn, hex);
      assertEquals(code.length, insn.length(), hex);
      Outcome whole = run(code, code.length);
      assertEquals(6, whole.vector, hex);
      check(undefined, whole, code.length, hex);
      assertEquals(0, whole.cr2, hex);
      if (code.length > 1) {
        Outcome cut = run(code, code.length - 1);
        assertTrue(cut.vector == 6 || (cut.vector == 14 && cut.cr2 == PAGE_AT + PAGE), hex + " cut: " + cut);
        check(undefined, cut, code.length - 1, hex + " cut");
      }
    }
  }

  private static void check(Outcome undefined, Outcome outcome, int present, String hex) {
    assertEquals(PAGE_AT + PAGE - present, outcome.pc, hex);
    assertArrayEquals(undefined.registers, outcome.registers, hex);
    assertEquals(undefined.flags & 0xfff, outcome.flags & 0xfff, hex);
  }
}

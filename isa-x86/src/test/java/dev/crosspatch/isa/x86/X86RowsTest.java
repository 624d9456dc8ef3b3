package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.pipeline.PipelineTable;
import dev.crosspatch.core.time.Count;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.Structure;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The rows against themselves, and golden lengths and targets.
final class X86RowsTest {
  private final X86Isa isa = new X86Isa();

  @Test
  void rowsOverlapOnlyWhereDeclaredAndEveryDeclaredOverlapIsReal() {
    TreeSet<String> declared = new TreeSet<>();
    for (String[] pair : X86Rows.OVERLAPS) {
      declared.add(pair[0] + " before " + pair[1]);
    }
    TreeSet<String> real = new TreeSet<>();
    List<X86Row> rows = X86Rows.ALL;
    for (int i = 0; i < rows.size(); i++) {
      for (int j = i + 1; j < rows.size(); j++) {
        X86Row a = rows.get(i);
        X86Row b = rows.get(j);
        if (!a.foreign && !b.foreign && a.overlaps(b)) {
          assertTrue(a.rank != b.rank, a + " and " + b + " overlap with equal rank");
          real.add(a.rank > b.rank ? a.encoding + " before " + b.encoding : b.encoding + " before " + a.encoding);
        }
      }
    }
    assertEquals(declared, real);
  }

  @Test
  void foreignRowsDoNotOverlapEachOther() {
    List<X86Row> foreign = X86Rows.ALL.stream().filter(r -> r.foreign).toList();
    for (X86Row a : foreign) {
      for (X86Row b : foreign) {
        assertFalse(a != b && a.rank == b.rank && a.overlaps(b), () -> a + " and " + b);
      }
    }
  }

  /// The decoder reads ModRM before it knows the row.
  @Test
  void rowsOfAnOpcodeAgreeOnModrm() {
    for (int map = 0; map < X86Row.MAPS; map++) {
      for (int opcode = 0; opcode < 256; opcode++) {
        X86Row[] cell = X86Rows.cell(map, opcode);
        for (X86Row row : cell) {
          assertEquals(cell[0].hasModrm, row.hasModrm, row::toString);
          assertEquals(cell[0].anyMod, row.anyMod, row::toString);
        }
      }
    }
  }

  @Test
  void immediateOperandsAndImmediateBytesAgree() {
    for (X86Row row : X86Rows.ALL) {
      boolean operand = Arrays.stream(row.operands)
          .anyMatch(o -> o.kind() == X86Operand.IMMEDIATE || o.kind() == X86Operand.RELATIVE
              || o.kind() == X86Operand.OFFSET || o.kind() == X86Operand.VECTOR_IMMEDIATE);
      if (!row.foreign && !row.mnemonic.equals("ENTER")) {
        assertEquals(operand, !row.immediates.isEmpty(), row::toString);
      }
    }
  }

  /// An example of each row is decoded by that row, and its micro-ops branch at the end only.
  @Test
  void everyRowDecodesToMicroOps() {
    UopBuffer out = new UopBuffer();
    for (X86Row row : X86Rows.ALL) {
      byte[] code = example(row);
      if (row.encoding.equals("90+r")) {
        code[0] = (byte) 0x91; // 90 itself is NOP
      }
      X86Decoder decoder = new X86Decoder(code, 0, code.length);
      assertTrue(decoder.parse() > 0, row::toString);
      assertTrue(row.equals(decoder.row) || row.foreign, () -> row + " is decoded as " + decoder.row);
      decoder.emit(out);
      assertTrue(out.count() > 0, row::toString);
      for (int i = 0; i < out.count(); i++) {
        assertEquals(Uop.op(out.word(i)) == Uop.HELPER, out.helper(i) instanceof X86Helper, row::toString);
      }
      for (int i = 0; i < out.count() - 1; i++) {
        int op = Uop.op(out.word(i));
        assertTrue(!Uop.isBranch(op) && op != Uop.FAULT, () -> row + " branches before its last micro-op");
      }
    }
  }

  /// Prefix, opcode, ModRM and zero bytes.
  private static byte[] example(X86Row row) {
    byte[] code = new byte[15];
    byte[] head = row.head();
    System.arraycopy(head, 0, code, 0, head.length);
    code[head.length] = (byte) row.example();
    return code;
  }

  @Test
  void everyRowHasItsPlaceInEveryPipeline() {
    for (String preset : isa.presets()) {
      PipelineTable table = Machine.readPipeline(isa, preset);
      for (X86Row row : X86Rows.ALL) {
        assertFalse(table.source(row.form, row.cost).isBlank(), preset + " " + row);
      }
      for (CostClass c : List.of(CostClass.LOAD, CostClass.STORE, CostClass.RMW, CostClass.ATOMIC, CostClass.TRAP)) {
        assertFalse(table.source("", c).isBlank(), preset + " " + c);
      }
    }
  }

  @Test
  void everyCostClassOfARowHasATimingFigure() {
    for (String preset : isa.presets()) {
      TimingTable table = Machine.readTiming(isa, preset);
      for (X86Row row : X86Rows.ALL) {
        assertTrue(table.has(row.cost), () -> preset + " lacks " + row.cost);
      }
      for (CostClass c : List.of(CostClass.LOAD, CostClass.STORE, CostClass.RMW, CostClass.ATOMIC)) {
        assertTrue(table.has(c), () -> preset + " lacks " + c);
      }
      for (EventCost e : EventCost.values()) {
        assertTrue(table.cost(e) >= 0, e::name);
      }
      for (Structure s : Structure.values()) {
        assertTrue(table.size(s).entries() >= 0, s::name);
      }
      for (Count c : Count.values()) {
        assertTrue(table.count(c) > 0, c::name);
      }
    }
  }

  @Test
  void malformedRowsSayWhatIsWrong() {
    assertEquals("x86 row needs 4 columns: 90 | NOP | NOP", message("90 | NOP | NOP"));
    assertEquals("x86 row: '900' is no opcode", message("900 | NOP | NOP | 2A NOP"));
    assertEquals("x86 row without opcode: F3 0F", message("F3 0F | NOP | NOP | 2A NOP"));
    assertEquals("x86 row: unknown operand 'Tv'", message("90 | NOP Tv | NOP | 2A NOP"));
    assertEquals("x86 row: unknown operand size in 'Ek'", message("90 | NOP Ek | NOP | 2A NOP"));
  }

  private static String message(String row) {
    return Objects.requireNonNull(
        assertThrows(IllegalArgumentException.class, () -> new X86Row(row, X86Builder::undefined)).getMessage());
  }

  /// `bytes -> length flow target` with the instruction at 0x1000. Bytes by GNU as; lengths and classes by the manual.
  @Test
  void goldenInstructions() {
    Map<String, String> golden = new HashMap<>();
    golden.put("90", "1 OTHER 0");
    golden.put("0f 1f 44 00 00", "5 OTHER 0");
    golden.put("66 0f 1f 84 00 00 00 00 00", "9 OTHER 0");
    golden.put("cc", "1 TRAP 0");
    golden.put("cd 80", "2 TRAP 0");
    golden.put("0f 0b", "2 TRAP 0");
    golden.put("eb fe", "2 JUMP 1000");
    golden.put("e9 00 01 00 00", "5 JUMP 1105");
    golden.put("e8 fb ef ff ff", "5 CALL 0");
    golden.put("66 e8 00 00 00 00", "6 CALL 1006");
    golden.put("74 10", "2 COND_BRANCH 1012");
    golden.put("0f 85 00 00 00 80", "6 COND_BRANCH ffffffff80001006");
    golden.put("e2 fe", "2 COND_BRANCH 1000");
    golden.put("e3 00", "2 COND_BRANCH 1002");
    golden.put("c3", "1 RETURN 0");
    golden.put("f3 c3", "2 RETURN 0");
    golden.put("c2 08 00", "3 RETURN 0");
    golden.put("48 cb", "2 INDIRECT_JUMP 0");
    golden.put("ca 08 00", "3 INDIRECT_JUMP 0");
    // Classes as in libipt's pt_instruction_decode (pt_ild.c), the TIP of JMPABS as in its test tip-jmpabs.ptt.
    golden.put("0f 34", "2 SYSTEM_CALL 0");
    golden.put("0f 35", "2 TRAP_RETURN 0");
    golden.put("48 0f 35", "3 TRAP_RETURN 0");
    golden.put("0f 01 c1", "3 SYSTEM_CALL 0");
    golden.put("0f 01 c2", "3 TRAP_RETURN 0");
    golden.put("0f 01 c3", "3 TRAP_RETURN 0");
    golden.put("0f 01 c4", "3 OTHER 0");
    golden.put("f2 0f 01 ca", "4 TRAP_RETURN 0");
    golden.put("f3 0f 01 ca", "4 TRAP_RETURN 0");
    golden.put("f3 0f 01 ec", "4 TRAP_RETURN 0");
    golden.put("f3 0f 01 ed", "4 OTHER 0");
    golden.put("d5 00 a1 0d 10 00 00 00 00 00 00", "11 INDIRECT_JUMP 0");
    golden.put("d5 10 ff e0", "4 INDIRECT_JUMP 0");
    golden.put("d5 08 01 c0", "4 OTHER 0");
    golden.put("d5 80 af c1", "4 OTHER 0");
    golden.put("0f 0f c1 9e", "4 OTHER 0");
    // Lengths by llvm-mc 19; vol. 3 and 6 of AMD's manual, the APX specification 3.1.
    golden.put("0f 0e", "2 OTHER 0");
    golden.put("66 0f 78 c1 01 02", "6 OTHER 0");
    golden.put("f2 0f 78 c1 01 02", "6 OTHER 0");
    golden.put("f2 0f 79 c1", "4 OTHER 0");
    golden.put("0f 78 c1", "3 OTHER 0");
    golden.put("f2 0f 00 f0", "4 OTHER 0");
    golden.put("0f 01 d8", "3 TRAP_RETURN 0");
    golden.put("0f 01 d9", "3 SYSTEM_CALL 0");
    golden.put("0f 01 fa", "3 OTHER 0");
    golden.put("0f aa", "2 TRAP_RETURN 0");
    golden.put("8f e8 78 c0 c1 05", "6 OTHER 0");
    golden.put("8f e9 78 90 c1", "5 OTHER 0");
    golden.put("8f ea 78 10 c1 01 02 03 04", "9 OTHER 0");
    golden.put("8f 00", "2 OTHER 0");
    golden.put("c4 e7 7b f8 c1 01 02 03 04", "9 OTHER 0");
    golden.put("c4 e2 78 49 00", "5 OTHER 0");
    golden.put("62 f4 7c 08 24 c1 05", "7 OTHER 0");
    golden.put("62 f4 7d 08 81 c1 05 06", "8 OTHER 0");
    golden.put("62 f4 7c 08 81 c1 05 06 07 08", "10 OTHER 0");
    golden.put("62 fc 78 08 01 04 0c", "7 OTHER 0");
    golden.put("62 f7 7f 08 f8 c1 01 02 03 04", "10 OTHER 0");
    golden.put("66 d5 00 81 c1 01 02", "7 OTHER 0");
    golden.put("67 d5 00 81 c1 01 02 03 04", "9 OTHER 0");
    golden.put("c7 f8 00 00 00 00", "6 OTHER 0");
    golden.put("c6 f8 01", "3 OTHER 0");
    golden.put("48 cf", "2 TRAP_RETURN 0");
    golden.put("48 0f 07", "3 TRAP_RETURN 0");
    golden.put("0f 05", "2 SYSTEM_CALL 0");
    golden.put("ff e0", "2 INDIRECT_JUMP 0");
    golden.put("ff 24 c5 00 00 00 00", "7 INDIRECT_JUMP 0");
    golden.put("ff d2", "2 INDIRECT_CALL 0");
    golden.put("ff 15 10 00 00 00", "6 INDIRECT_CALL 0");
    golden.put("0f 22 d8", "3 CONTEXT_WRITE 0");
    golden.put("0f 22 c0", "3 OTHER 0");
    golden.put("f4", "1 WAIT 0");
    golden.put("0f a2", "2 OTHER 0");
    golden.put("0f 01 e8", "3 OTHER 0");
    golden.put("f3 0f 1e fa", "4 OTHER 0");
    golden.put("48 b8 01 02 03 04 05 06 07 08", "10 OTHER 0");
    golden.put("66 b8 01 02", "4 OTHER 0");
    golden.put("66 81 c1 34 12", "5 OTHER 0");
    golden.put("48 81 84 88 00 00 00 00 78 56 34 12", "12 OTHER 0");
    golden.put("a1 01 02 03 04 05 06 07 08", "9 OTHER 0");
    golden.put("67 a1 01 02 03 04", "6 OTHER 0");
    golden.put("f6 05 00 00 00 00 01", "7 OTHER 0");
    golden.put("f7 d0", "2 OTHER 0");
    golden.put("0f 28 c1", "3 OTHER 0");
    golden.put("c5 f8 77", "3 OTHER 0");
    golden.put("c4 e2 78 f2 c1", "5 OTHER 0");
    golden.put("62 f1 7c 48 28 c1", "6 OTHER 0");
    golden.put("d9 c0", "2 OTHER 0");
    golden.forEach((hex, expected) -> assertEquals(expected, classify(hex), hex));
  }

  @Test
  void undefinedAndUnfinishedInstructions() {
    List<String> undefined = new ArrayList<>(List.of(
        "06", "27", "60", "82 c0 00", "9a 00 00 00 00 00 00", "ce", "d6", "ea 00 00 00 00 00 00", "0f 04", "0f 0a",
        "0f 24 c0", "0f a6 c0",
        "fe d0", "ff f8", "8f 48 00", "c6 40 00", "8d c0", "0f ba c0 00", "f0 90", "f0 01 c0", "f0 8b 00",
        "48 c5 f8 77", "62 f0 7c 48 28 c1", "66 62 f4 7c 08 01 c0",
        "8f 28 00", "8f eb 78 10 c0", "66 8f e8 78 c0 c1 05", "c4 e4 78 f8 c1", "66 d5 00 a1 01 02 03 04 05 06 07 08",
        "d5 00 a8 01", "d5 80 31",
        "48 d5 00 01 c0", "d5 00 d5 00 01 c0"));
    undefined.addAll(List.of("48", "0f", "e8 00 00 00", "81 c0 00 00 00", "f0", "c4 e2", "66 0f 38"));
    for (String hex : undefined) {
      assertEquals("null", classify(hex), hex);
    }
    byte[] code = X86Lab.bytes("e8 00 00 00");
    assertEquals(-1, isa.decode(code, 0, code.length, Mode.CODE_64, new UopBuffer()));
  }

  /// SDM vol. 2A LOCK: these with a memory destination, everything else raises #UD.
  @Test
  void lockIsAllowedWhereTheManualSaysSo() {
    var lockable = java.util.Set.of("ADD", "ADC", "AND", "BTC", "BTR", "BTS", "CMPXCHG", "CMPXCHG8B", "CMPXCHG16B",
        "DEC", "INC", "NEG", "NOT", "OR", "SBB",
        "SUB", "XOR", "XADD", "XCHG");
    for (X86Row row : X86Rows.ALL) {
      byte[] plain = example(row);
      byte[] locked = new byte[16];
      locked[0] = (byte) 0xf0;
      System.arraycopy(plain, 0, locked, 1, 15);
      boolean memory = row.hasModrm && row.example() < 0xc0;
      boolean destination = row.operands.length > 0
          && (row.operands[0].kind() == X86Operand.RM || row.operands[0].kind() == X86Operand.MEMORY);
      boolean allowed = lockable.contains(row.mnemonic) && memory && destination;
      assertEquals(allowed, isa.classify(locked, 0, 16, 0, Mode.CODE_64) != null, () -> "LOCK before " + row);
      if (allowed) {
        locked[1 + row.head().length] |= (byte) 0xc0;
        assertEquals(null, isa.classify(locked, 0, 16, 0, Mode.CODE_64), () -> "LOCK before a register form of " + row);
      }
    }
  }

  @Test
  void exchangesWithMemoryCostALock() {
    assertEquals(CostClass.ATOMIC, cost("87 00"), "xchg [rax], eax");
    assertEquals(CostClass.ATOMIC, cost("f0 01 00"), "lock add [rax], eax");
    assertEquals(CostClass.RMW, cost("01 00"), "add [rax], eax");
    assertEquals(CostClass.ALU, cost("87 c0"), "xchg eax, eax");
    assertEquals(CostClass.LOAD, cost("03 00"), "add eax, [rax]");
    assertEquals(CostClass.STORE, cost("89 00"), "mov [rax], eax");
  }

  private CostClass cost(String hex) {
    byte[] code = X86Lab.bytes(hex);
    UopBuffer out = new UopBuffer();
    assertEquals(code.length, isa.decode(code, 0, code.length, Mode.CODE_64, out));
    return out.cost();
  }

  @Test
  void otherModesAreRefused() {
    byte[] code = {(byte) 0x90};
    assertEquals("x86-64 decodes [CODE_64], not CODE_32",
        assertThrows(IllegalArgumentException.class, () -> isa.classify(code, 0, 1, 0, Mode.CODE_32)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> isa.text(code, 0, 1, 0, Mode.CODE_16, null));
    assertThrows(IllegalArgumentException.class, () -> isa.decode(code, 0, 1, Mode.CODE_16, new UopBuffer()));
  }

  @Test
  void instructionsLongerThan15BytesRaiseGeneralProtection() {
    byte[] code = X86Lab.bytes("66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90");
    UopBuffer out = new UopBuffer();
    assertEquals(15, isa.decode(code, 0, 16, Mode.CODE_64, out));
    assertEquals(Uop.FAULT, Uop.op(out.word(0)));
    assertEquals(13, out.imm(0) & 0xff);
    assertEquals(15, isa.decode(code, 0, 15, Mode.CODE_64, out));
    code = X86Lab.bytes("66 66 66 66 66 66 66 66 66 66 66 66 66 66 90 90");
    assertEquals(15, isa.decode(code, 0, 16, Mode.CODE_64, out));
    assertEquals(Uop.NOP, Uop.op(out.word(0)));
  }

  private String classify(String hex) {
    byte[] code = X86Lab.bytes(hex);
    Insn insn = isa.classify(code, 0, code.length, 0x1000, Mode.CODE_64);
    return insn == null ? "null" : String.format("%d %s %x", insn.length(), insn.flow(), insn.target());
  }
}

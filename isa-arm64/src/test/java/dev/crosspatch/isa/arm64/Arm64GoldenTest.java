package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.PatchKit;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Words another assembler made, and the patching facts.
class Arm64GoldenTest {
  private static final long ADDRESS = 0xffff_8000_1000_0000L;
  private static final Arm64Isa ISA = new Arm64Isa();

  private static byte[] bytes(int word) {
    return new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)};
  }

  private static List<String[]> rows() throws IOException {
    try (InputStream in = Arm64GoldenTest.class.getResourceAsStream("golden.tsv")) {
      assertNotNull(in, "golden.tsv");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
          .filter(l -> !l.startsWith("#")).map(l -> l.split("\t", -1)).toList();
    }
  }

  @Test
  void otherModesAreRefused() {
    byte[] code = bytes(0xd503201f);
    assertEquals("aarch64 decodes [CODE_64], not CODE_32",
        assertThrows(IllegalArgumentException.class, () -> ISA.classify(code, 0, 4, 0, Mode.CODE_32)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> ISA.text(code, 0, 4, 0, Mode.CODE_16, null));
    assertThrows(IllegalArgumentException.class, () -> ISA.decode(code, 0, 4, Mode.CODE_16, new UopBuffer()));
  }

  @Test
  void wordsSteerTheFlowAsTheManualSays() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String[] row : rows()) {
      Insn insn = ISA.classify(bytes(Integer.parseUnsignedInt(row[0], 16)), 0, 4, ADDRESS, Mode.CODE_64);
      long target = row[3].equals("-") ? 0 : ADDRESS + Long.parseLong(row[3]);
      Insn expected = new Insn(4, FlowClass.valueOf(row[2]), target);
      if (!expected.equals(insn)) {
        wrong.add(row[1] + ": " + insn);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void wordsReplaceableLiveAreTheOnesTheManualLists() throws IOException {
    PatchKit kit = ISA.patchKit();
    List<String> wrong = new ArrayList<>();
    for (String[] row : rows()) {
      byte[] word = bytes(Integer.parseUnsignedInt(row[0], 16));
      boolean live = kit.replaceableLive(word, kit.trap()) && kit.replaceableLive(kit.nop(4), word);
      if (live != row[4].equals("live")) {
        wrong.add(row[1]);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void patchKitEncodes() {
    PatchKit kit = ISA.patchKit();
    assertArrayEquals(bytes(0xd503201f), kit.nop(4));
    assertArrayEquals(bytes(0x14000002), kit.jump(ADDRESS, ADDRESS + 8, 4));
    assertArrayEquals(bytes(0x97ffffff), kit.call(ADDRESS, ADDRESS - 4));
    assertArrayEquals(bytes(0xd4200200), kit.trap());
    assertFalse(kit.replaceableLive(new byte[8], kit.trap()), "eight bytes are no instruction");
  }

  @Test
  void patchKitRefusesByName() {
    PatchKit kit = ISA.patchKit();
    assertEquals("no NOP of 5 bytes on AArch64, only of 4",
        assertThrows(IllegalArgumentException.class, () -> kit.nop(5)).getMessage());
    assertEquals("no jump of 2 bytes on AArch64, only of 4",
        assertThrows(IllegalArgumentException.class, () -> kit.jump(0, 8, 2)).getMessage());
    assertEquals("no branch from 0x1000 to 0x8001000: it reaches 128 MiB in steps of 4 bytes",
        assertThrows(IllegalArgumentException.class, () -> kit.call(0x1000, 0x8001000)).getMessage());
    assertEquals("no branch from 0x1000 to 0x1006: it reaches 128 MiB in steps of 4 bytes",
        assertThrows(IllegalArgumentException.class, () -> kit.call(0x1000, 0x1006)).getMessage());
  }

  @Test
  void halfAWordIsNotEnough() {
    UopBuffer out = new UopBuffer();
    assertEquals(-1, ISA.decode(bytes(0xd503201f), 0, 3, Mode.CODE_64, out));
    assertNull(ISA.classify(bytes(0xd503201f), 0, 3, ADDRESS, Mode.CODE_64));
  }

  @Test
  void unallocatedWordsDecodeToUndefined() {
    for (int word : new int[] {0x12f00000, 0x93407c00 ^ 1 << 31, 0xffffffff, 0x1ea02000, 0x0b01a000 | 7 << 10}) {
      UopBuffer out = new UopBuffer();
      assertFalse(Arm64Isa.executes(word), () -> Integer.toHexString(word));
      assertEquals(4, ISA.decode(bytes(word), 0, 4, Mode.CODE_64, out));
      assertEquals(1, out.count());
      assertEquals(Uop.FAULT, Uop.op(out.word(0)));
      assertEquals(1 << 25, out.imm(0), "class 0, IL");
    }
  }

  @Test
  void bitmaskImmediates() {
    assertEquals(0x5555_5555_5555_5555L, Arm64Bitmask.decode(0, 0x3c, 0));
    assertEquals(0xffff_ffff_0000_0000L, Arm64Bitmask.decode(1, 0x1f, 0x20));
    assertEquals(0x8000_0000_8000_0000L, Arm64Bitmask.decode(0, 0, 1));
    assertFalse(Arm64Bitmask.valid(1, 0x3f), "all ones");
    assertFalse(Arm64Bitmask.valid(0, 0x3e), "element of one bit");
    assertTrue(Arm64Bitmask.valid(1, 0x3e));
  }
}

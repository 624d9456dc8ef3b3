package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Disassembler.Line;
import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.sim.Listing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Disassembly tells what the decoder runs: the same lengths, the same undefined bytes, and its own text where Capstone
/// is wrong or blind. `-Dcrosspatch.listing=N` and `-Dcrosspatch.seed=N` choose how many strings and words and which.
class ListingTest {
  private static final int COUNT = Integer.getInteger("crosspatch.listing", 20_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final long ADDRESS = 0xffff_ffff_8100_0000L;

  private static String listing(Isa isa, String hex) {
    byte[] code = HexFormat.of().parseHex(hex);
    return lines(new Listing(isa), code).stream().map(Line::text).collect(Collectors.joining(" | "));
  }

  private static List<Line> lines(Listing listing, byte[] code) {
    List<Line> lines = new ArrayList<>();
    for (int at = 0; at < code.length; ) {
      Line line = listing.disassemble(code, at, ADDRESS + at);
      lines.add(line);
      at += line.length();
    }
    return lines;
  }

  /// Texts by the page of SDM vol. 2 that the row names; undefined bytes as objdump shows them.
  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "0fff00 => ud0 eax, dword ptr [rax]",
    "0fb9c8 => ud1 ecx, eax",
    "0f01e8 => serialize",
    "480f01e8 => serialize",
    "660fc8 => bswap ax",
    "66410fcf => bswap r15w",
    "0fc8 => bswap eax",
    "66480fc9 => bswap rcx",
    "6320 => movsxd esp, dword ptr [rax]",
    "6663d4 => movsxd dx, sp",
    "6648c23b01 => ret 0x13b",
    "f0f2410fb7d6 => (bad) | movzx edx, r14w",
    "f00fb7d6 => (bad) | movzx edx, si",
    "66480fc307 => (bad) | movnti qword ptr [rdi], rax",
    "0f0bf0901f => ud2 | (bad) | nop | (bad)",
    "660f80a1504f3a => jo 0xffffffffbb4f50a8",
    "66f22e0f48ed => cmovs bp, bp",
    "f20fbc38 => bsf edi, dword ptr [rax]",
    "66f30f4717 => cmova dx, word ptr [rdi]",
    "0f18d1 => nop ecx",
    "0faeec => lfence",
    "f34890 => pause",
    "f390 => pause",
    "f34190 => pause",
    "f34990 => pause",
    "f34f90 => pause",
    "66f34190 => pause",
    "f3664190 => pause",
    "2ef24064f34590 => pause",
    "f3f24190 => xchg r8d, eax",
    "f24190 => xchg r8d, eax",
    "664190 => xchg r8w, ax",
    "4f90 => xchg r8, rax",
    "f34191 => xchg r9d, eax",
    "f390f0 => pause | .byte 0xf0",
    "674a0fae7afc => clflush byte ptr [edx - 4]",
    "67e311 => jecxz 0xffffffff81000014",
    "f0f38045ac46 => lock add byte ptr [rbp - 0x54], 0x46",
    "66480f38f060e9 => movbe rsp, qword ptr [rax - 0x17]",
    "f24cf3643e450fb86951 => popcnt r13d, dword ptr fs:[r9 + 0x51]",
    "0f0e => femms",
    "0f2030 => (bad) | and byte ptr [rax], dh",
    "f30f09 => wbnoinvd",
    "f30f1c07 => cldemote byte ptr [rdi]",
    "0f58c1 => addps xmm0, xmm1",
    "f20f01e8 => .byte 0xf2, 0x0f, 0x01, 0xe8",
    "0f01ca => clac",
    "f30f01ca => eretu",
    "f20f01ca => erets",
    "f30f01ec => uiret",
    "f30f01ed => testui",
    "f30f01ee => clui",
    "f30f01ef => stui",
    "0f01ee => rdpkru",
    "0f01d9 => vmmcall",
    "d500a18877665544332211 => jmpabs 0x1122334455667788",
    "9048b8 => nop | .byte 0x48, 0xb8",
    "e90000 => .byte 0xe9, 0x00, 0x00",
  })
  void x86SaysWhatTheDecoderSays(String hex, String expected) {
    assertEquals(expected, listing(new X86Isa(), hex));
  }

  /// Texts by DDI0487 C6.2.
  @ParameterizedTest
  @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
    "ff3003d5 => sb",
    "9f3003d5 => ssbb",
    "9f3403d5 => pssbb",
    "9f3f03d5 => dsb sy",
    "00000000 => udf #0",
    "ffff0000 => udf #65535",
    "5f4000d5 => axflag",
    "3f4000d5 => xaflag",
    "1f4000d5 => cfinv",
    "3f4103d5 => msr ssbs, #1",
    "9f4003d5 => msr tco, #0",
    "9f4f00d5 => msr pan, #15",
    "30000054 => bc.eq #0xffffffff81000004",
    "200000d4 => .inst 0xd4000020 ; undefined",
    "1f8103d5 => .inst 0xd503811f ; undefined",
    "0000c028 => ldp w0, w0, [x0], #0",
    "007c5f48 => ldxrh w0, [x0]",
    "007c4108 => ldxrb w0, [x0]",
    "0080df88 => ldar w0, [x0]",
    "21f85fb8 => ldtr w1, [x1, #-1]",
    "210c40f8 => ldr x1, [x1, #0]!",
    "1f2003d51f => nop | .byte 0x1f",
    "200c014e => dup v0.16b, w1",
    "e33f0174 => cbgt w3, w1, #0xffffffff80fffffc",
    "2380f9f5 => cbne x3, #51, #0xffffffff81000004",
    "63c0e174 => cbhne w3, w1, #0xffffffff8100000c",
    "1f000055 => retaasppc #0xffffffff81000000",
    "e70b5fd6 => retaasppcr x7",
  })
  void a64SaysWhatTheDecoderSays(String hex, String expected) {
    assertEquals(expected, listing(new Arm64Isa(), hex));
  }

  /// Every string begins as the decoder says, and what is no instruction is told as such.
  @Test
  void x86StringsHaveTheDecodersBoundaries() {
    X86Isa isa = new X86Isa();
    Listing listing = new Listing(isa);
    X86CapstoneStrings strings = new X86CapstoneStrings(new Random(SEED));
    int instructions = 0;
    for (int i = 0; i < COUNT; i++) {
      byte[] code = Arrays.copyOf(strings.next(), i % 4 == 0 ? 1 + i / 4 % 15 : 15);
      String row = X86Isa.rowOf(code, 0, code.length);
      if (row != null && !row.contains("| *")) {
        strings.keep(row, code.length == 15 ? code : Arrays.copyOf(code, 15));
      }
      instructions += compareAll(isa, listing, code);
    }
    assertTrue(instructions > COUNT, instructions + " instructions in " + COUNT + " strings");
  }

  @Test
  void a64WordsHaveTheDecodersBoundaries() {
    Arm64Isa isa = new Arm64Isa();
    Listing listing = new Listing(isa);
    List<A64Pattern> patterns = Arm64Isa.patterns().stream().map(A64Pattern::of).toList();
    Random random = new Random(SEED);
    for (int i = 0; i < COUNT; i++) {
      A64Pattern p = patterns.get(random.nextInt(patterns.size()));
      int word = i % 4 == 0 ? random.nextInt() : (random.nextInt() & (p.free() | p.ignored())) | p.match();
      compareAll(isa, listing, new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)});
    }
  }

  /// A word that a tracer lets run on, since some machine may have it, but not ours.
  private static boolean isUndefinedWord(Isa isa, Insn insn, byte[] code, int at) {
    UopBuffer out = new UopBuffer();
    return isa.alignment() == 4 && insn.flow() == FlowClass.OTHER
        && isa.decode(code, at, code.length - at, Mode.CODE_64, out) == 4 && out.flow() == FlowClass.TRAP;
  }

  /// Compares line by line with the decoder; returns how many were instructions.
  private static int compareAll(Isa isa, Listing listing, byte[] code) {
    int instructions = 0;
    for (int at = 0; at < code.length; ) {
      Line line = listing.disassemble(code, at, ADDRESS + at);
      Insn insn = isa.classify(code, at, code.length - at, ADDRESS + at, Mode.CODE_64);
      String shown = HexFormat.of().formatHex(code, at, code.length) + ": " + line + ", " + insn + ", seed " + SEED;
      boolean undefined = line.mnemonic().equals("(bad)") || line.mnemonic().equals(".inst");
      if (insn != null) {
        assertEquals(insn.length(), line.length(), shown);
        assertEquals(undefined, undefined && isUndefinedWord(isa, insn, code, at), shown);
        instructions++;
      } else if (isa.alignment() == 1) {
        assertTrue(undefined ? line.length() == 1 : line.mnemonic().equals(".byte")
            && at + line.length() == code.length, shown);
      }
      if (insn != null && insn.target() != 0) {
        assertTrue(line.operands().endsWith("0x" + Long.toHexString(insn.target())), shown);
      }
      at += line.length();
    }
    return instructions;
  }
}

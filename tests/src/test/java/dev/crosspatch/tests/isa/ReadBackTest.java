package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.sim.Listing;
import dev.crosspatch.sim.Plugins;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What is assembled is read back: nothing comes through that the decoder takes for something else, and nothing is
/// refused that Capstone reads as one instruction, too. `-Dcrosspatch.readback=N` and `-Dcrosspatch.seed=N` choose how
/// many lines and which.
class ReadBackTest {
  private static final int COUNT = Integer.getInteger("crosspatch.readback", 500);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final long ADDRESS = 0xffff_ffff_8100_0000L;
  private static final List<String> PREFIXES = List.of("", "data16 ", "addr32 ", "lock ", "rep ", "repne ", "cs ",
      "gs ", "notrack ", "data16; ", "addr32; ", "lock; ", "rep; ");

  /// What Capstone reads although it raises #UD: LOCK before what has no such form (SDM vol. 2A LOCK), VEX and EVEX
  /// behind 66 and REP (SDM vol. 2A 2.3.2, 2.3.4), 66 and REP where the opcode stands without a prefix (NP).
  private static final Pattern LAX = Pattern
      .compile("lock\\b.*|(data16|rep|repne)\\b;? (v|movnti|andn|bextr|bls|bzhi|mulx|pdep|pext|rorx|s[ah][lr]x).*");

  private final List<String> wrong = new ArrayList<>();
  private int assembled;
  private int refused;

  private void check(Isa isa, Set<String> lines) {
    Assembler checked = Plugins.assembler(isa, Syntax.MANUAL);
    Assembler unchecked = Plugins.assembler(isa.name()).assembler(isa.name());
    Disassembler capstone = Plugins.assembler(isa.name()).disassembler(isa.name());
    for (String line : lines) {
      byte[] code = code(unchecked, line);
      if (code.length == 0) {
        assertEquals(0, code(checked, line).length, line);
        continue;
      }
      Insn insn = isa.classify(code, 0, code.length, ADDRESS, Mode.CODE_64);
      boolean whole = insn != null && insn.length() == code.length;
      boolean taken = code(checked, line).length != 0;
      Disassembler.Line other = capstone.disassemble(code, 0, ADDRESS);
      boolean strangerTakes = other != null && other.length() == code.length && !LAX.matcher(line).matches();
      assembled += taken ? 1 : 0;
      refused += taken ? 0 : 1;
      if (taken ? !whole : strangerTakes) {
        wrong.add(line + (taken ? " is taken: " : " is refused: ") + HexFormat.of().formatHex(code)
            + ", Capstone " + other);
      }
    }
    assertEquals(List.of(), wrong, "seed " + SEED);
  }

  /// Empty if it is refused.
  private static byte[] code(Assembler assembler, String line) {
    try {
      return assembler.assemble(ADDRESS, line);
    } catch (AssemblyException e) {
      return new byte[0];
    }
  }

  @Test
  void x86LinesBehindPrefixes() {
    X86Isa isa = new X86Isa();
    Listing listing = new Listing(isa);
    Random random = new Random(SEED);
    X86CapstoneStrings strings = new X86CapstoneStrings(random);
    Set<String> lines = new LinkedHashSet<>();
    while (lines.size() < COUNT) {
      Disassembler.Line line = listing.disassemble(strings.next(), 0, ADDRESS);
      if (!line.mnemonic().startsWith(".") && !line.mnemonic().equals("(bad)")) {
        lines.add(PREFIXES.get(random.nextInt(PREFIXES.size())) + line.text());
      }
    }
    check(isa, lines);
    assertTrue(assembled > COUNT / 4 && refused > COUNT / 100, assembled + " taken, " + refused + " refused");
  }

  @Test
  void a64Lines() {
    Arm64Isa isa = new Arm64Isa();
    Listing listing = new Listing(isa);
    List<A64Pattern> patterns = Arm64Isa.patterns().stream().map(A64Pattern::of).toList();
    Random random = new Random(SEED);
    Set<String> lines = new LinkedHashSet<>();
    while (lines.size() < COUNT) {
      A64Pattern p = patterns.get(random.nextInt(patterns.size()));
      int word = (random.nextInt() & p.free()) | p.match();
      lines.add(listing.disassemble(new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16),
          (byte) (word >> 24)}, 0, ADDRESS).text());
    }
    check(isa, lines);
    assertTrue(assembled > COUNT / 3, assembled + " taken, " + refused + " refused");
  }
}

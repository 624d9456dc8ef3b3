package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Presets `x86-64-v1` and `x86-64-v2` are what the System V psABI (x86-64 supplement, 3.1.1 table 3.1) says of these
/// levels: CPUID tells it, and what is beyond raises #UD.
final class X86LevelTest {
  /// A feature of the psABI's table, and its bit of CPUID (SDM vol. 2A CPUID, APM vol. 3 E.4.2).
  private record Feature(String name, int level, int leaf, int register, int bit) {}

  private static final List<Feature> PSABI = List.of(
      new Feature("CMOV", 1, 1, X86Core.RDX, 15), new Feature("CX8", 1, 1, X86Core.RDX, 8),
      new Feature("FPU", 1, 1, X86Core.RDX, 0), new Feature("FXSR", 1, 1, X86Core.RDX, 24),
      new Feature("MMX", 1, 1, X86Core.RDX, 23), new Feature("SCE", 1, 0x8000_0001, X86Core.RDX, 11),
      new Feature("SSE", 1, 1, X86Core.RDX, 25), new Feature("SSE2", 1, 1, X86Core.RDX, 26),
      new Feature("CMPXCHG16B", 2, 1, X86Core.RCX, 13), new Feature("LAHF-SAHF", 2, 0x8000_0001, X86Core.RCX, 0),
      new Feature("POPCNT", 2, 1, X86Core.RCX, 23), new Feature("SSE3", 2, 1, X86Core.RCX, 0),
      new Feature("SSE4_1", 2, 1, X86Core.RCX, 19), new Feature("SSE4_2", 2, 1, X86Core.RCX, 20),
      new Feature("SSSE3", 2, 1, X86Core.RCX, 9));

  /// What every core in 64-bit mode needs, or only its kernel sees.
  private static final List<Feature> BESIDE = List.of(
      new Feature("DE", 1, 1, X86Core.RDX, 2), new Feature("PSE", 1, 1, X86Core.RDX, 3),
      new Feature("TSC", 1, 1, X86Core.RDX, 4), new Feature("MSR", 1, 1, X86Core.RDX, 5),
      new Feature("PAE", 1, 1, X86Core.RDX, 6), new Feature("APIC", 1, 1, X86Core.RDX, 9),
      new Feature("PGE", 1, 1, X86Core.RDX, 13), new Feature("PAT", 1, 1, X86Core.RDX, 16),
      new Feature("CLFSH", 1, 1, X86Core.RDX, 19), new Feature("x2APIC", 1, 1, X86Core.RCX, 21),
      new Feature("TSC deadline", 1, 1, X86Core.RCX, 24), new Feature("NX", 1, 0x8000_0001, X86Core.RDX, 20),
      new Feature("long mode", 1, 0x8000_0001, X86Core.RDX, 29));

  /// Rows that are what others had before at the same bytes: BSF and BSR; a NOP.
  private static final Set<String> OTHERWISE = Set.of("TZCNT", "LZCNT", "PREFETCHW");

  private static final int FEATURE_LEAVES = 0x8000_0001;

  private static long expected(int level, int leaf, int register) {
    long bits = 0;
    for (List<Feature> features : List.of(PSABI, BESIDE)) {
      for (Feature f : features) {
        bits |= f.level <= level && f.leaf == leaf && f.register == register ? 1L << f.bit : 0;
      }
    }
    return bits;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void cpuidTellsOfTheLevelAndNoMore(int level) {
    X86Core core = new X86Lab("x86-64-v" + level, "f4").core(0);
    for (int leaf : new int[] {1, 7, 0xd, FEATURE_LEAVES}) {
      core.r[X86Core.RAX] = leaf & 0xffff_ffffL;
      core.r[X86Core.RCX] = 0;
      X86Cpuid.cpuid(core, 0, 0);
      for (int register : new int[] {X86Core.RCX, X86Core.RDX}) {
        assertEquals(expected(level, leaf, register), core.r[register],
            String.format("leaf 0x%x, register %d", leaf, register));
      }
      if (leaf == 7 || leaf == 0xd) {
        assertEquals(0, core.r[X86Core.RAX] | core.r[X86Core.RBX], "leaf " + leaf);
      }
    }
  }

  /// Which bits of CPUID an instruction wants says [X86CpuidTest].
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void rowsBeyondTheLevelAreUndefined(int level) {
    Isa all = new X86Isa();
    Isa core = all.forPreset("x86-64-v" + level);
    List<String> wrong = new ArrayList<>();
    int undefined = 0;
    for (X86Row row : X86Rows.ALL) {
      if (row.foreign || OTHERWISE.contains(row.mnemonic) || isUndefined(all, row)) {
        continue;
      }
      boolean here = !isUndefined(core, row);
      undefined += here ? 0 : 1;
      if (here != isOfLevel(row, level)) {
        wrong.add(row + (here ? " is there" : " is undefined"));
      }
    }
    assertEquals(List.of(), wrong, "X86Level.BEYOND has what no level has, SECOND what the second has, of what their "
        + "opcode maps do not tell; NEEDS of X86CpuidTest what bit of CPUID tells of them");
    assertTrue(undefined > (level == 1 ? 500 : 400), undefined + " undefined rows");
  }

  private static boolean isOfLevel(X86Row row, int level) {
    boolean ofSse2 = row.mnemonic.matches("P(EXTR|INSR)W") && row.map == X86Row.MAP_0F;
    return ofSse2 || X86CpuidTest.NEEDS.stream().filter(need -> need.matches(row))
        .allMatch(need -> (expected(level, need.leaf(), need.register()) >>> need.bit() & 1) != 0);
  }

  private static boolean isUndefined(Isa isa, X86Row row) {
    byte[] code = new byte[15];
    byte[] head = row.head();
    System.arraycopy(head, 0, code, 0, head.length);
    code[head.length] = (byte) row.example();
    UopBuffer out = new UopBuffer();
    isa.decode(code, 0, code.length, Mode.CODE_64, out);
    return out.count() == 1 && Uop.op(out.word(0)) == Uop.FAULT;
  }

  /// Without TZCNT and LZCNT their bytes are BSF and BSR with an F3 that nothing asks for (SDM vol. 2A LZCNT).
  @Test
  void countsOfZerosAreSearches() {
    // mov eax, 8; lzcnt ecx, eax; tzcnt edx, eax; hlt
    String code = "b8 08 00 00 00  f3 0f bd c8  f3 0f bc d0  f4";
    assertEquals(3, searched("x86-64-v2", code), "BSR");
    assertEquals(28, searched("skylake", code), "LZCNT");
  }

  private static long searched(String preset, String code) {
    X86Lab lab = new X86Lab(preset, code);
    lab.run();
    return lab.core(0).r[X86Core.RCX];
  }
}

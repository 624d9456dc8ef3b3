package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// CPUID tells of the instructions that have a bit there if, and only if, the rows have them.
final class X86CpuidTest {
  private static final int EBX = X86Core.RBX;
  private static final int ECX = X86Core.RCX;
  private static final int EDX = X86Core.RDX;

  /// Instructions whose mnemonic matches are there if the bit is set. Source: SDM vol. 2A, CPUID, tables 3-10 and 3-11
  /// and leaves 7 and 0x80000001.
  record Need(Pattern mnemonics, int leaf, int register, int bit) {
    boolean isTold(X86Core core) {
      core.r[X86Core.RAX] = leaf;
      core.r[X86Core.RCX] = 0;
      X86Cpuid.cpuid(core, 0, 0);
      return (core.r[register] >>> bit & 1) != 0;
    }

    boolean isRow() {
      return X86Rows.ALL.stream().anyMatch(row -> !row.foreign && matches(row));
    }

    boolean matches(X86Row row) {
      return mnemonics.matcher(row.mnemonic).matches();
    }
  }

  private static Need need(String mnemonics, int leaf, int register, int bit) {
    return new Need(Pattern.compile(mnemonics), leaf, register, bit);
  }

  static final List<Need> NEEDS = List.of(
      need("CMPXCHG16B", 1, ECX, 13), need("CRC32", 1, ECX, 20), need("MOVBE", 1, ECX, 22), need("POPCNT", 1, ECX, 23),
      need("RDRAND", 1, ECX, 30), need("MONITOR|MWAIT", 1, ECX, 3), need("RDTSC", 1, EDX, 4),
      need("RDMSR|WRMSR", 1, EDX, 5), need("CMPXCHG8B", 1, EDX, 8), need("CMOV.*", 1, EDX, 15),
      need("CLFLUSH", 1, EDX, 19), need("EMMS|MOVD|PSHUFW", 1, EDX, 23), need("(RD|WR)[FG]SBASE", 7, EBX, 0),
      need("ANDN|BEXTR|BLS.*|TZCNT", 7, EBX, 3),
      need("BZHI|MULX|PDEP|PEXT|RORX|S[AH][LR]X", 7, EBX, 8), need("INVPCID", 7, EBX, 10), need("RDSEED", 7, EBX, 18),
      need("AD[CO]X", 7, EBX, 19), need("CLAC|STAC", 7, EBX, 20), need("CLFLUSHOPT", 7, EBX, 23),
      need("CLWB", 7, EBX, 24), need("RDPID", 7, ECX, 22), need("MOVDIRI", 7, ECX, 27), need("MOVDIR64B", 7, ECX, 28),
      need("SERIALIZE", 7, EDX, 14), need("LZCNT", 0x8000_0001, ECX, 5), need("PREFETCHW", 0x8000_0001, ECX, 8),
      need("RDTSCP", 0x8000_0001, EDX, 27), need("FXSAVE|FXRSTOR", 1, EDX, 24),
      need("MOVAPS|CVT.*|UNPCK.*|MOVNTPS|SHUFPS", 1, EDX, 25),
      need("P(ADD|SUB)[BWDQ]|MOVDQ[AU]|PSHUFD|MASKMOVDQU", 1, EDX, 26),
      need("H(ADD|SUB)P[SD]|ADDSUBP[SD]|LDDQU|MOVDDUP|MOVS[HL]DUP|FISTTP", 1, ECX, 0),
      need("PABS[BWD]|PALIGNR|PH(ADD|SUB)(W|D|SW)|PMADDUBSW|PMULHRSW|PSHUFB|PSIGN[BWD]", 1, ECX, 9),
      need("BLENDV?P[SD]|DPP[SD]|EXTRACTPS|INSERTPS|MOVNTDQA|MPSADBW|PACKUSDW|PBLEND(VB|W)|PCMPEQQ|P(EXTR|INSR)[BWDQ]|"
          + "PHMINPOSUW|PM(AX|IN)(SB|SD|UW|UD)|PMOV[SZ]X..|PMULDQ|PMULLD|PTEST|ROUND[PS][SD]", 1, ECX, 19),
      need("PCMP[EI]STR[IM]|PCMPGTQ", 1, ECX, 20), need("XSAVE(C|OPT)?(64)?|XRSTOR(64)?|X[GS]ETBV", 1, ECX, 26),
      need("V(?!ER[RW]).*", 1, ECX, 28), need("VPERM2I128|VPBROADCAST[BWDQ]|VINSERTI128", 7, EBX, 5),
      need("LAHF|SAHF", 0x8000_0001, ECX, 0), need("VFN?M.*", 1, ECX, 12), need("VCVT(PH2PS|PS2PH)", 1, ECX, 29));

  @Test
  void cpuidTellsOfWhatTheRowsHave() {
    List<String> wrong = new ArrayList<>();
    X86Core core = new X86Lab(1, "f4").core(0);
    for (Need need : NEEDS) {
      if (need.isTold(core) != need.isRow()) {
        wrong.add(String.format("%s is %s, its bit is %s: leaf 0x%x, bit %d", need.mnemonics,
            need.isRow() ? "a row" : "no row", need.isTold(core) ? "set" : "clear", need.leaf, need.bit));
      }
    }
    assertEquals(List.of(), wrong, "the bits are constants of X86Cpuid; what is (not) there stands in "
        + "docs/isa-coverage.md");
  }

  /// Of SSE's instructions with registers of MMX AMD's CPUs tell apart (APM vol. 3 E.4.2, MmxExt).
  @Test
  void amdTellsOfItsExtensionsOfMmx() {
    Need mmxExt = need("PSHUFW|MASKMOVQ", 0x8000_0001, EDX, 22);
    assertTrue(mmxExt.isRow());
    assertTrue(mmxExt.isTold(new X86Lab("zen4", "f4").core(0)));
    assertFalse(mmxExt.isTold(new X86Lab("skylake", "f4").core(0)));
  }

  /// All that is behind 0F38, 0F3A or VEX came as an extension.
  @Test
  void whatCameAsAnExtensionHasItsBit() {
    List<String> without = X86Rows.ALL.stream()
        .filter(row -> !row.foreign && row.map >= X86Row.MAP_0F38)
        .filter(row -> NEEDS.stream().noneMatch(need -> need.matches(row))).map(X86Row::toString).toList();
    assertEquals(List.of(), without, "NEEDS of this test says which bit of CPUID tells of them (SDM vol. 2A), X86Cpuid "
        + "sets it, docs/isa-coverage.md names what is there");
  }

  private static long register(X86Core core, long leaf, int register) {
    core.r[X86Core.RAX] = leaf;
    core.r[X86Core.RCX] = 0;
    X86Cpuid.cpuid(core, 0, 0);
    return core.r[register];
  }

  /// SDM vol. 2A CPUID, leaf 1 EDX 28: EBX 23:16 counts.
  @Test
  void coresThatAreNotAloneSaySo() {
    for (int cpus = 1; cpus <= 2; cpus++) {
      X86Core core = new X86Lab(cpus, "f4").core(0);
      assertEquals(cpus - 1, register(core, 1, EDX) >>> 28 & 1);
      assertEquals(cpus, register(core, 1, EBX) >>> 16 & 0xff);
    }
  }

  /// APM vol. 3 E.4.4: 32 MiB of 16 ways; Intel's say nothing there. SDM vol. 2A CPUID, leaf 7 EBX 13.
  @Test
  void vendorsTellOfWhatIsTheirs() {
    X86Core amd = new X86Lab("zen4", "f4").core(0);
    X86Core intel = new X86Lab("skylake", "f4").core(0);
    assertEquals(64 << 18 | 8 << 12 | 1 << 8 | 64, register(amd, 0x8000_0006L, EDX));
    assertEquals(0, register(intel, 0x8000_0006L, EDX));
    assertEquals(0, register(amd, 7, EBX) >>> 13 & 1);
    assertEquals(1, register(intel, 7, EBX) >>> 13 & 1);
  }
}

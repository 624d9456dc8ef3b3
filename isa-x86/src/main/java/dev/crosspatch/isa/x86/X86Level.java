package dev.crosspatch.isa.x86;

import java.util.Set;

/// How much of the instruction set a core has: a microarchitecture level of the System V psABI (x86-64 supplement,
/// 3.1.1, table 3.1), or everything that there is.
enum X86Level {
  /// CMOV, CX8, FPU, FXSR, MMX, OSFXSR, SCE, SSE, SSE2.
  V1("x86-64-v1"),
  /// And CMPXCHG16B, LAHF-SAHF, POPCNT, SSE3, SSE4.1, SSE4.2, SSSE3.
  V2("x86-64-v2"),
  ALL("");

  /// SSE3 and what else came before the opcode maps 0F38 and 0F3A.
  private static final Set<String> SECOND = Set.of("CMPXCHG16B", "LAHF", "SAHF", "POPCNT", "ADDSUBPD", "ADDSUBPS",
      "HADDPD", "HADDPS", "HSUBPD", "HSUBPS", "LDDQU", "MOVDDUP", "MOVSHDUP", "MOVSLDUP", "FISTTP");

  /// Without a VEX prefix, which all are beyond.
  private static final Set<String> BEYOND = Set.of("MOVBE", "ADCX", "ADOX", "INVPCID", "RDRAND", "RDSEED", "RDPID",
      "RDTSCP", "RDFSBASE", "RDGSBASE", "WRFSBASE", "WRGSBASE", "SERIALIZE", "CLAC", "STAC", "CLFLUSHOPT", "CLWB",
      "TZCNT", "LZCNT", "XGETBV", "XSETBV", "XSAVE", "XSAVE64", "XSAVEC", "XSAVEC64", "XSAVEOPT", "XSAVEOPT64",
      "XRSTOR", "XRSTOR64");

  /// CR4.FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP: of what no level has.
  private static final long CR4_BEYOND = 0x37_0000;

  private final String preset;

  X86Level(String preset) {
    this.preset = preset;
  }

  /// That of a preset: everything, unless its name is a level's.
  static X86Level of(String preset) {
    return preset.equals(V1.preset) ? V1 : preset.equals(V2.preset) ? V2 : ALL;
  }

  /// The least level that has an instruction.
  ///
  /// @param map of its opcode, as [X86Row] counts them
  static X86Level of(String mnemonic, int map) {
    if (map > X86Row.MAP_0F3A || BEYOND.contains(mnemonic)) {
      return ALL;
    }
    return map > X86Row.MAP_0F || SECOND.contains(mnemonic) ? V2 : V1;
  }

  boolean has(X86Level other) {
    return compareTo(other) >= 0;
  }

  /// The bits of CR4 among `bits` that are not reserved.
  long cr4(long bits) {
    return this == ALL ? bits : bits & ~CR4_BEYOND;
  }
}

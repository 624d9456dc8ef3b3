package dev.crosspatch.isa.x86;

import dev.crosspatch.core.time.Count;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Structure;
import dev.crosspatch.core.time.TimingTable;
import java.nio.charset.StandardCharsets;

/// CPUID (SDM vol. 2A; APM vol. 3): says what the emulator has and nothing else.
///
/// Presets `skylake` and `zen4` are x86-64-v3 (System V psABI, 3.1.1). The presets that are called as a level tell of
/// it and no more, but for what only a kernel sees and the boot hands over: x2APIC, TSC deadline, NX.
final class X86Cpuid {
  private X86Cpuid() {}

  private static final int MAX_BASIC = 0x16;
  private static final int MAX_EXTENDED = 0x8000_0008;

  /// Leaf 1 ECX: SSE3 0, SSSE3 9, FMA 12, CMPXCHG16B 13, PCID 17, SSE4.1 19, SSE4.2 20, x2APIC 21, MOVBE 22, POPCNT 23,
  /// TSC deadline 24, XSAVE 26, AVX 28, F16C 29, RDRAND 30.
  private static final int FEATURES_1C = 1 | 1 << 9 | 1 << 12 | 1 << 13 | 1 << 17 | 1 << 19 | 1 << 20 | 1 << 21
      | 1 << 22 | 1 << 23 | 1 << 24 | 1 << 26 | 1 << 28 | 1 << 29 | 1 << 30;
  /// Leaf 1 ECX of levels: x2APIC, TSC deadline, and from the second on SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2,
  /// POPCNT.
  private static final int LEVEL_1C = 1 << 21 | 1 << 24;

  private static final int LEVEL_2_1C = LEVEL_1C | 1 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23;
  /// Leaf 0x80000001 of levels: ECX from the second on, LAHF 0; EDX, SYSCALL 11, NX 20, long mode 29.
  private static final int LEVEL_2_EXTENDED_C = 1;

  private static final int LEVEL_EXTENDED_D = 1 << 11 | 1 << 20 | 1 << 29;
  /// Leaf 1 EAX of levels: family 6, and a model that is nobody's.
  private static final int LEVEL_SIGNATURE = 0x600;
  /// Leaf 1 ECX bit 27, OSXSAVE: CR4 has it.
  private static final int OSXSAVE = 1 << 27;
  /// Leaf 1 EDX: FPU 0, DE 2, PSE 3, TSC 4, MSR 5, PAE 6, CX8 8, APIC 9, PGE 13, CMOV 15, PAT 16, CLFSH 19, MMX 23,
  /// FXSR 24, SSE 25, SSE2 26.
  private static final int FEATURES_1D = 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 13
      | 1 << 15 | 1 << 16 | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26;
  /// Of these AMD's CPUs have in leaf 0x80000001 as well: all but CLFSH, SSE and SSE2.
  private static final int REPEATED = 0x183_f3ff;
  /// And SSE's instructions on registers of MMX, which AMD's had before SSE: leaf 0x80000001 EDX bit 22, MmxExt (APM
  /// vol. 3 E.4.2).
  private static final int MMX_EXTENSIONS = 1 << 22;
  /// Leaf 1 EDX bit 28, HTT: there are other cores, so many as EBX says.
  private static final int NOT_ALONE = 1 << 28;
  /// Leaf 7 EBX bit 13 of Intel's: FCS and FDS are stored as zeros.
  private static final int NO_X87_SELECTORS = 1 << 13;
  /// Leaf 7 EBX: FSGSBASE 0, BMI1 3, AVX2 5, SMEP 7, BMI2 8, ERMS 9, INVPCID 10, RDSEED 18, ADX 19, SMAP 20,
  /// CLFLUSHOPT 23, CLWB 24.
  private static final int FEATURES_7B =
      1 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 18 | 1 << 19 | 1 << 20 | 1 << 23 | 1 << 24;
  /// Leaf 7 ECX: RDPID 22.
  private static final int FEATURES_7C = 1 << 22;
  /// Leaf 7 EDX: SERIALIZE 14.
  private static final int FEATURES_7D = 1 << 14;
  /// Leaf 0x80000001 ECX: LAHF 0, LZCNT 5, PREFETCHW 8. EDX: SYSCALL 11, NX 20, 1 GiB pages 26, RDTSCP 27, long mode
  /// 29.
  private static final int FEATURES_EXTENDED_C = 1 | 1 << 5 | 1 << 8;

  private static final int FEATURES_EXTENDED_D = 1 << 11 | 1 << 20 | 1 << 26 | 1 << 27 | 1 << 29;
  /// Leaf 0xd.1 EAX: XSAVEOPT 0, XSAVEC 1, XGETBV with ECX 1 2.
  private static final int XSAVE_FEATURES = 7;
  /// A subleaf of 0xd of which there is nothing.
  private static final int NO_STATE = 63;
  /// Leaf 2 sends to leaf 4.
  private static final int NO_DESCRIPTORS = 0xff01;

  // ---- the caches that are modelled
  /// Of leaf 4, in order.
  private static final Structure[] CACHES = {Structure.L1D, Structure.L1I, Structure.L2, Structure.L3};
  private static final int LINE = 64;
  /// Code of associativity in leaf 8000_0006H by ways (APM vol. 3 E.4.4).
  private static final int[] WAYS_CODES = {0, 1, 2, 2, 4, 4, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 8};
  private static final int CLFLUSH_LINE = 8 << 8;
  /// AMD's leaves of caches: lines per tag.
  private static final int ONE_LINE = 1 << 8;

  /// Leaf 1 EDX.
  static int features() {
    return FEATURES_1D;
  }

  /// Serializing.
  static int cpuid(X86Core c, long w, long imm) {
    int leaf = existing(c, (int) c.r[X86Core.RAX]);
    int subleaf = (int) c.r[X86Core.RCX];
    boolean amd = c.amd;
    int cpus = c.machine.cpus();
    switch (leaf) {
      case 0 -> vendor(c, amd, MAX_BASIC);
      case 1 ->
          set(c, c.level != X86Level.ALL ? LEVEL_SIGNATURE : amd ? 0x00a1_0f11 : 0x0005_0654,
              c.id << 24 | cpus << 16 | CLFLUSH_LINE, features(c),
              FEATURES_1D | (cpus > 1 ? NOT_ALONE : 0));
      case 2 -> set(c, amd ? 0 : NO_DESCRIPTORS, 0, 0, 0);
      case 4 -> cache(c, amd ? CACHES.length : subleaf);
      case 6 -> set(c, 1 << 2, 0, 0, 0); // the APIC timer always runs
      case 7 -> structured(c, subleaf == 0 && c.level == X86Level.ALL);
      case 0xb -> topology(c, subleaf, cpus);
      case 0xd -> extendedState(c, c.level == X86Level.ALL ? subleaf : NO_STATE);
      case 0x15 -> set(c, 1, 1, c.machine.timing().table().timerMhz() * 1_000_000, 0);
      case 0x16 -> set(c, c.machine.timing().table().frequencyMhz(), c.machine.timing().table().frequencyMhz(), 100, 0);
      case 0x8000_0000 -> vendor(c, amd, MAX_EXTENDED);
      case 0x8000_0001 ->
          set(c, 0, 0, choose(c, 0, LEVEL_2_EXTENDED_C, FEATURES_EXTENDED_C),
              choose(c, LEVEL_EXTENDED_D, LEVEL_EXTENDED_D, FEATURES_EXTENDED_D)
                  | (amd ? MMX_EXTENSIONS | (FEATURES_1D & REPEATED) : 0));
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> brand(c, leaf - 0x8000_0002);
      case 0x8000_0005 -> set(c, 0, 0, amd ? amdFirst(size(c, Structure.L1D)) : 0,
          amd ? amdFirst(size(c, Structure.L1I)) : 0);
      case 0x8000_0006 -> set(c, 0, 0, second(size(c, Structure.L2), amd),
          amd ? amdThird(size(c, Structure.L3)) : 0);
      case 0x8000_0007 -> set(c, 0, 0, 0, 1 << 8);
      case 0x8000_0008 -> set(c, 48 << 8 | X86Mmu.PHYSICAL_BITS, 0, 0, 0);
      default -> set(c, 0, 0, 0, 0);
    }
    return X86Helpers.serialize(c);
  }

  /// Leaf 7.
  private static void structured(X86Core c, boolean first) {
    int ebx = FEATURES_7B | (c.amd ? 0 : NO_X87_SELECTORS);
    set(c, 0, first ? ebx : 0, first ? FEATURES_7C : 0, first ? FEATURES_7D : 0);
  }

  /// Leaf 1 ECX.
  private static int features(X86Core c) {
    boolean extended = c.level == X86Level.ALL && (c.cr4 & X86Core.CR4_OSXSAVE) != 0;
    return choose(c, LEVEL_1C, LEVEL_2_1C, FEATURES_1C) | (extended ? OSXSAVE : 0);
  }

  private static int choose(X86Core c, int first, int second, int all) {
    return switch (c.level) {
      case V1 -> first;
      case V2 -> second;
      case ALL -> all;
    };
  }

  /// Leaf 4: L1 data, L1 instruction, L2, L3, and how many share it; with the last subleaf or beyond it there is no
  /// cache.
  private static void cache(X86Core c, int subleaf) {
    if (subleaf < 0 || subleaf >= CACHES.length || !size(c, CACHES[subleaf]).exists()) {
      set(c, 0, 0, 0, 0);
      return;
    }
    TimingTable table = c.machine.timing().table();
    Geometry size = size(c, CACHES[subleaf]);
    int type = subleaf == 0 ? 1 : subleaf == 1 ? 2 : 3;
    int level = Math.max(1, subleaf);
    int cores = level == 1 ? 1 : table.count(level == 2 ? Count.L2_CORES : Count.L3_CORES);
    int cpus = c.machine.cpus();
    set(c, type | level << 5 | 1 << 8 | (Math.min(cores, cpus) - 1) << 14 | (cpus - 1 & 63) << 26,
        (LINE - 1) | (size.ways() - 1) << 22, size.sets() - 1, 0);
  }

  private static Geometry size(X86Core c, Structure which) {
    return c.machine.timing().table().size(which);
  }

  private static int kib(Geometry size) {
    return (size.entries() * LINE) >> 10;
  }

  /// Leaf 8000_0005H, ECX and EDX: KiB, ways, lines per tag, bytes of a line.
  private static int amdFirst(Geometry size) {
    return kib(size) << 24 | size.ways() << 16 | ONE_LINE | LINE;
  }

  /// Leaf 8000_0006H, ECX: KiB, code of its ways, lines per tag of AMD's, bytes of a line.
  private static int second(Geometry size, boolean amd) {
    return kib(size) << 16 | ways(size) | (amd ? ONE_LINE : 0) | LINE;
  }

  /// Leaf 8000_0006H, EDX: units of 512 KiB, code of its ways, lines per tag, bytes of a line.
  private static int amdThird(Geometry size) {
    return size.exists() ? kib(size) >> 9 << 18 | ways(size) | ONE_LINE | LINE : 0;
  }

  /// The code of its ways, where leaf 8000_0006H has it.
  private static int ways(Geometry size) {
    return WAYS_CODES[Math.min(size.ways(), WAYS_CODES.length - 1)] << 12;
  }

  /// Leaf 0xd: what XSAVE saves and where.
  private static void extendedState(X86Core c, int subleaf) {
    switch (subleaf) {
      case 0 -> set(c, X86Vectors.XCR0_ALL, X86StateArea.size(c.xcr0), X86StateArea.size(X86Vectors.XCR0_ALL), 0);
      case 1 -> set(c, XSAVE_FEATURES, X86StateArea.size(c.xcr0), 0, 0);
      case 2 -> set(c, X86StateArea.AVX_BYTES, X86StateArea.AVX, 0, 0);
      default -> set(c, 0, 0, 0, 0);
    }
  }

  /// Beyond the last leaf of its range Intel's CPUs give what the last basic one has (SDM vol. 2A CPUID), AMD's zeros
  /// (APM vol. 3 CPUID), as a leaf between does.
  private static int existing(X86Core c, int leaf) {
    int last = leaf < 0 ? MAX_EXTENDED : MAX_BASIC;
    return !c.amd && Integer.compareUnsigned(leaf, last) > 0 ? MAX_BASIC : leaf;
  }

  private static void set(X86Core c, int a, int b, int cx, int d) {
    c.r[X86Core.RAX] = a & 0xffff_ffffL;
    c.r[X86Core.RBX] = b & 0xffff_ffffL;
    c.r[X86Core.RCX] = cx & 0xffff_ffffL;
    c.r[X86Core.RDX] = d & 0xffff_ffffL;
  }

  private static int word(byte[] text, int i) {
    return (text[i] & 0xff) | (text[i + 1] & 0xff) << 8 | (text[i + 2] & 0xff) << 16 | (text[i + 3] & 0xff) << 24;
  }

  private static void vendor(X86Core c, boolean amd, int max) {
    byte[] name = (amd ? "AuthenticAMD" : "GenuineIntel").getBytes(StandardCharsets.US_ASCII);
    set(c, max, word(name, 0), word(name, 8), word(name, 4));
  }

  private static void brand(X86Core c, int part) {
    byte[] name = new byte[48];
    byte[] text = ("Crosspatch " + c.machine.traits().preset()).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, name, 0, Math.min(text.length, 47));
    int at = 16 * part;
    set(c, word(name, at), word(name, at + 4), word(name, at + 8), word(name, at + 12));
  }

  /// One thread per core, all cores in one package.
  private static void topology(X86Core c, int level, int cpus) {
    int shift = level == 1 ? 32 - Integer.numberOfLeadingZeros(cpus - 1) : 0;
    int count = level == 0 ? 1 : level == 1 ? cpus : 0;
    set(c, shift, count, (level & 0xff) | (level < 2 ? (level + 1) << 8 : 0), c.id);
  }
}

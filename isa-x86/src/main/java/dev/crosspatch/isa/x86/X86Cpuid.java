package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import java.nio.charset.StandardCharsets;

/// CPUID (SDM vol. 2A): says what the emulator has and nothing else, so neither x87 nor SSE, although every real x86-64
/// has them.
final class X86Cpuid {
  private X86Cpuid() {}

  private static final int MAX_BASIC = 0x16;
  private static final int MAX_EXTENDED = 0x8000_0008;

  /// Leaf 1 ECX: CMPXCHG16B 13, x2APIC 21, MOVBE 22, POPCNT 23, TSC deadline 24.
  private static final int FEATURES_1C = 1 << 13 | 1 << 21 | 1 << 22 | 1 << 23 | 1 << 24;
  /// Leaf 1 EDX: DE 2, PSE 3, TSC 4, MSR 5, PAE 6, CX8 8, APIC 9, PGE 13, CMOV 15, PAT 16, CLFSH 19.
  private static final int FEATURES_1D =
      1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 16 | 1 << 19;
  /// Leaf 7 EBX: FSGSBASE 0, BMI1 3, SMEP 7, BMI2 8, ERMS 9, INVPCID 10, ADX 19, SMAP 20, CLFLUSHOPT 23, CLWB 24.
  private static final int FEATURES_7B =
      1 | 1 << 3 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 19 | 1 << 20 | 1 << 23 | 1 << 24;
  /// Leaf 7 ECX: RDPID 22.
  private static final int FEATURES_7C = 1 << 22;
  /// Leaf 7 EDX: SERIALIZE 14.
  private static final int FEATURES_7D = 1 << 14;
  /// Leaf 0x80000001 ECX: LAHF 0, LZCNT 5, PREFETCHW 8. EDX: SYSCALL 11, NX 20, 1 GiB pages 26, RDTSCP 27, long mode
  /// 29.
  private static final int FEATURES_EXTENDED_C = 1 | 1 << 5 | 1 << 8;

  private static final int FEATURES_EXTENDED_D = 1 << 11 | 1 << 20 | 1 << 26 | 1 << 27 | 1 << 29;
  private static final int CLFLUSH_LINE = 8 << 8;

  /// Serializing.
  static int cpuid(X86Core c, long w, long imm) {
    int leaf = existing(c, (int) c.r[X86Core.RAX]);
    int subleaf = (int) c.r[X86Core.RCX];
    boolean amd = c.amd;
    int cpus = c.machine.cpus();
    switch (leaf) {
      case 0 -> vendor(c, amd, MAX_BASIC);
      case 1 ->
          set(c, amd ? 0x00a1_0f11 : 0x0005_0654, c.id << 24 | cpus << 16 | CLFLUSH_LINE, FEATURES_1C, FEATURES_1D);
      case 7 ->
          set(c, 0, subleaf == 0 ? FEATURES_7B : 0, subleaf == 0 ? FEATURES_7C : 0, subleaf == 0 ? FEATURES_7D : 0);
      case 0xb -> topology(c, subleaf, cpus);
      case 0x15 -> set(c, 1, 1, c.machine.timing().table().timerMhz() * 1_000_000, 0);
      case 0x16 -> set(c, c.machine.timing().table().frequencyMhz(), c.machine.timing().table().frequencyMhz(), 100, 0);
      case 0x8000_0000 -> vendor(c, amd, MAX_EXTENDED);
      case 0x8000_0001 -> set(c, 0, 0, FEATURES_EXTENDED_C, FEATURES_EXTENDED_D);
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> brand(c, leaf - 0x8000_0002);
      case 0x8000_0007 -> set(c, 0, 0, 0, 1 << 8);
      case 0x8000_0008 -> set(c, 48 << 8 | X86Mmu.PHYSICAL_BITS, 0, 0, 0);
      default -> set(c, 0, 0, 0, 0);
    }
    return X86Helpers.serialize(c);
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

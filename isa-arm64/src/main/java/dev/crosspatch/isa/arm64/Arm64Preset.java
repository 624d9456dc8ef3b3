package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Feature.*;

import java.util.Arrays;
import java.util.List;

/// The cores there are, by the name of their timing table: what their identification registers say, and which optional
/// instructions they have.
///
/// Both come from the core's Technical Reference Manual ("AArch64 identification registers"), less what this machine
/// has not: what is not there is not claimed. So no core has AArch32, EL2, EL3, performance monitors or RAS,
/// granules of 16 or 64 KiB, or big-endian data; all have two breakpoints and two watchpoints, the least there can be,
/// and GICv3 system registers.
enum Arm64Preset {
  /// Cortex-A72 r0p3, Arm v8.0. Source: TRM 100095, 4.3.
  CORTEX_A72("cortex-a72", 0x410f_d083L, 0x0100_0011L, 6, 44, AES, PMULL, SHA1, SHA256, CRC32),
  /// Neoverse N1 r4p1, Arm v8.2. Source: TRM 100616, B2.4.
  NEOVERSE_N1("neoverse-n1", 0x414f_d0c1L, 0x1100_0000_0100_0011L, 8, 48, AES, PMULL, SHA1, SHA256, CRC32, LSE,
      RDM, DOTPROD, FP16, DPB, LRCPC, HPDS, PAN, PAN2, CNP, UAO, SSBS2),
  /// No core of anybody's (implementer 0): everything that this machine has.
  MAX("max", 0x000f_0000L, 0x1100_0000_0100_0011L, 8, 48, Arm64Feature.values());

  /// ID_AA64DFR0_EL1 above its lowest field: two breakpoints, two watchpoints.
  private static final long DEBUG = 0x10_1000;
  /// ID_AA64MMFR0_EL1 above its lowest field: 16-bit ASIDs, 4 KiB granule only.
  private static final long MEMORY = 0x0f00_0020;

  private final String title;
  private final long midr;
  private final long processor;
  private final int debug;
  private final int physicalBits;
  /// A bit for each feature, by its ordinal.
  private final long features;

  Arm64Preset(String title, long midr, long processor, int debug, int physicalBits, Arm64Feature... features) {
    this.title = title;
    this.midr = midr;
    this.processor = processor;
    this.debug = debug;
    this.physicalBits = physicalBits;
    this.features = Arrays.stream(features).mapToLong(feature -> 1L << feature.ordinal())
        .reduce(1L << BASE.ordinal(), (a, b) -> a | b);
  }

  /// The preset called `title`.
  ///
  /// @throws IllegalArgumentException if there is none
  static Arm64Preset named(String title) {
    for (Arm64Preset preset : values()) {
      if (preset.title.equals(title)) {
        return preset;
      }
    }
    throw new IllegalArgumentException("preset: '" + title + "' is none of " + String.join(", ", titles()));
  }

  /// All names, default first.
  static List<String> titles() {
    return Arrays.stream(values()).map(preset -> preset.title).toList();
  }

  /// Name of the preset and of its timing table.
  String title() {
    return title;
  }

  boolean has(Arm64Feature feature) {
    return (features >>> feature.ordinal() & 1) != 0;
  }

  /// Width of a physical address, in bits.
  int physicalBits() {
    return physicalBits;
  }

  /// Value of an identification register; of other registers, their value at reset.
  long value(Arm64SystemRegister register) {
    long value = switch (register) {
      case MIDR_EL1 -> midr;
      case ID_AA64PFR0_EL1 -> processor;
      case ID_AA64DFR0_EL1 -> DEBUG | debug;
      case ID_AA64MMFR0_EL1 -> MEMORY | physicalRange();
      default -> register.reset();
    };
    for (Arm64Feature feature : Arm64Feature.values()) {
      value = has(feature) ? feature.tell(register, value) : value;
    }
    return value;
  }

  /// PARange of [#physicalBits].
  private long physicalRange() {
    return switch (physicalBits) {
      case 44 -> 4;
      case 48 -> 5;
      default -> throw new IllegalStateException(title + " has physical addresses of " + physicalBits + " bits");
    };
  }
}

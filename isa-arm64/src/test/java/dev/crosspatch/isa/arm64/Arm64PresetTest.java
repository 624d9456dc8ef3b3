package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a core's identification registers deny is undefined on it, what they say is there runs, and they say no more
/// than the real core's.
class Arm64PresetTest {
  private static final long SEED = 20191101;
  private static final int SAMPLES = 50;
  private static final Arm64Isa ISA = new Arm64Isa();

  /// Instructions of an extension: rows whose name matches need at least `value` in the field of `register` at `shift`.
  /// Source: DDI0487 C6.2 ("This instruction is present when FEAT_...") and D19.2, field descriptions.
  private record Need(Pattern names, Arm64SystemRegister register, int shift, int value) {}

  private static Need need(String names, Arm64SystemRegister register, int shift, int value) {
    return new Need(Pattern.compile(names), register, shift, value);
  }

  private static final List<Need> NEEDS = List.of(
      need("CRC32.*", Arm64SystemRegister.ID_AA64ISAR0_EL1, 16, 1),
      need("(LD(ADD|CLR|EOR|SET|SMAX|SMIN|UMAX|UMIN)|SWP|CASP?)", Arm64SystemRegister.ID_AA64ISAR0_EL1, 20, 2),
      need("AES.*", Arm64SystemRegister.ID_AA64ISAR0_EL1, 4, 1),
      need("PMULL, PMULL2 \\(64-bit\\)", Arm64SystemRegister.ID_AA64ISAR0_EL1, 4, 2),
      need("SHA1.*", Arm64SystemRegister.ID_AA64ISAR0_EL1, 8, 1),
      need("SHA256.*", Arm64SystemRegister.ID_AA64ISAR0_EL1, 12, 1),
      need("[SU]DOT.*", Arm64SystemRegister.ID_AA64ISAR0_EL1, 44, 1),
      need("SQRDML[AS]H.*", Arm64SystemRegister.ID_AA64ISAR0_EL1, 28, 1),
      need(".*half-precision.*", Arm64SystemRegister.ID_AA64PFR0_EL1, 16, 1),
      need("TLBI (VMALL|VA|VAA|VAL|VAAL|ASID)E1OS", Arm64SystemRegister.ID_AA64ISAR0_EL1, 56, 1),
      need("TLBI R[A-Z]+E1(IS|OS)?", Arm64SystemRegister.ID_AA64ISAR0_EL1, 56, 2),
      need("DC CVAP", Arm64SystemRegister.ID_AA64ISAR1_EL1, 0, 1),
      need("DC CVADP", Arm64SystemRegister.ID_AA64ISAR1_EL1, 0, 2),
      need("(PAC|AUT)[ID]Z?[AB]|XPAC[ID]|BL?RA[AB]Z?|E?RETA[AB]|LDRA[AB]", Arm64SystemRegister.ID_AA64ISAR1_EL1, 4, 1),
      need("PACGA", Arm64SystemRegister.ID_AA64ISAR1_EL1, 24, 1),
      need("LDAPR", Arm64SystemRegister.ID_AA64ISAR1_EL1, 20, 1),
      need("SB", Arm64SystemRegister.ID_AA64ISAR1_EL1, 36, 1),
      need("(TLBI|DSB) .*nXS", Arm64SystemRegister.ID_AA64ISAR1_EL1, 56, 1),
      need("BC.cond", Arm64SystemRegister.ID_AA64ISAR2_EL1, 20, 1),
      need("MSR PAN", Arm64SystemRegister.ID_AA64MMFR1_EL1, 20, 1),
      need("AT S1E1[RW]P", Arm64SystemRegister.ID_AA64MMFR1_EL1, 20, 2),
      need("MSR UAO", Arm64SystemRegister.ID_AA64MMFR2_EL1, 4, 1),
      need("MSR SSBS", Arm64SystemRegister.ID_AA64PFR1_EL1, 4, 2));

  private static boolean promised(Arm64Preset preset, @Nullable Need need) {
    return need == null || (preset.value(need.register) >>> need.shift & 15) >= need.value;
  }

  @Test
  void everyRowIsThereWhereTheIdentificationRegistersSaySo() {
    Set<Need> met = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    Random random = new Random(SEED);
    for (Arm64Row row : Arm64Rows.ALL) {
      Need need = NEEDS.stream().filter(n -> n.names.matcher(row.name()).matches()).findFirst().orElse(null);
      if (need != null) {
        met.add(need);
      }
      for (int i = 0; i < SAMPLES; i++) {
        int word = (random.nextInt() & ~row.mask()) | row.match();
        for (Arm64Preset preset : Arm64Preset.values()) {
          if (Arm64Decoder.find(word) == row && !isUndefined(word, Arm64Preset.MAX)
              && isUndefined(word, preset) == promised(preset, need)) {
            wrong.add(preset + " " + row);
          }
        }
      }
    }
    assertEquals(List.of(), wrong, "rows that are there where identification registers deny them, or the other way "
        + "about. A new extension has a constant of Arm64Feature, is in presets of Arm64Preset, and stands in NEEDS "
        + "with the field that the manual says");
    assertEquals(new HashSet<>(NEEDS), met, "every need is some row's");
  }

  private static boolean isUndefined(int word, Arm64Preset preset) {
    UopBuffer out = new UopBuffer();
    byte[] code = {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)};
    ISA.forPreset(preset.title()).decode(code, 0, 4, Mode.CODE_64, out);
    return Uop.op(out.word(0)) == Uop.FAULT && out.imm(0) == Arm64Syndrome.UNDEFINED;
  }

  @Test
  void wordsOfAMissingExtensionAreUndefinedWhenTheyRun() {
    int[] words = {0x54000050, 0x9ac34c41, 0xf8200020, 0xf8bfc020, 0xd50330ff, 0xd500419f, 0xd500407f, 0xd503413f,
        0xd50b7c20, 0xd5087900};
    int[] a72 = {0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    int[] n1 = {0, 1, 1, 1, 0, 1, 1, 1, 1, 1};
    for (int i = 0; i < words.length; i++) {
      runs("cortex-a72", words[i], a72[i] != 0);
      runs("neoverse-n1", words[i], n1[i] != 0);
      runs("max", words[i], true);
    }
  }

  private static void runs(String preset, int word, boolean there) {
    Arm64Lab lab = new Arm64Lab(1, preset);
    lab.core(0).r[0] = Arm64Lab.MAP.directMap() + Arm64Lab.MAP.ramBase() + (4 << 20);
    lab.core(0).r[1] = lab.core(0).r[0];
    assertEquals(there ? 0 : Arm64Syndrome.UNDEFINED, lab.run(0, word),
        () -> String.format("%08x on %s", word, preset));
  }

  @Test
  void stateOfAMissingExtensionHasNoRegister() {
    int[] registers = {0xd5384260 /* pan */, 0xd5384280 /* uao */, 0xd53b42c0 /* ssbs */};
    for (int word : registers) {
      assertEquals(Arm64Syndrome.UNDEFINED, new Arm64Lab(1, "cortex-a72").run(0, word),
          () -> Integer.toHexString(word));
      assertEquals(0, new Arm64Lab(1, "neoverse-n1").run(0, word), () -> Integer.toHexString(word));
    }
    for (int word : new int[] {0xd53b9e00 /* pmuserenr_el0 */,
        0xd538a460 /* lorc_el1 */, 0xd53b2440 /* none */}) {
      for (Arm64Preset preset : Arm64Preset.values()) {
        assertEquals(Arm64Syndrome.UNDEFINED, new Arm64Lab(1, preset.title()).run(0, word),
            () -> preset + " " + Integer.toHexString(word));
      }
    }
  }

  /// DDI0487 D19.2: RNDR, RNDRRS.
  @Test
  void randomNumbersAreOfOnePreset() {
    for (int word : new int[] {0xd53b2401, 0xd53b2421}) {
      for (String preset : List.of("cortex-a72", "neoverse-n1")) {
        assertEquals(Arm64Syndrome.UNDEFINED, new Arm64Lab(1, preset).run(0, word));
      }
      Arm64Lab lab = new Arm64Lab(1, "max");
      lab.core(0).setNzcv(0xf000_0000L);
      assertEquals(0, lab.run(0, word));
      assertEquals(0, lab.core(0).nzcv(), "there was one");
      assertTrue(lab.core(0).r[1] != 0);
    }
  }

  /// Identification registers as the Technical Reference Manuals have them, with the Cryptographic Extension and the
  /// GIC's system registers (Cortex-A72: 100095, 4.3; Neoverse N1: 100616, B2.4). The same numbers stand in QEMU's
  /// target/arm/tcg/cpu64.c.
  private static final long[][] TRUE_VALUES = {
    {0x410f_d083L, 0x0100_2222L, 0, 0x1030_5106L, 0x0001_1120L, 0, 0, 0x1124L, 0, 0},
    {0x414f_d0c1L, 0x1100_0000_1111_1112L, 0x20, 0x1_1030_5408L, 0x1000_1021_1120L, 0x10_0001L, 0, 0x10_1125L,
        0x1021_2122L, 0x1011L}
  };
  private static final Arm64SystemRegister[] IDENTIFICATION = {
    Arm64SystemRegister.MIDR_EL1, Arm64SystemRegister.ID_AA64PFR0_EL1, Arm64SystemRegister.ID_AA64PFR1_EL1,
    Arm64SystemRegister.ID_AA64DFR0_EL1,
    Arm64SystemRegister.ID_AA64ISAR0_EL1, Arm64SystemRegister.ID_AA64ISAR1_EL1, Arm64SystemRegister.ID_AA64ISAR2_EL1,
    Arm64SystemRegister.ID_AA64MMFR0_EL1,
    Arm64SystemRegister.ID_AA64MMFR1_EL1, Arm64SystemRegister.ID_AA64MMFR2_EL1
  };

  @Test
  void noCoreClaimsWhatItsManualDoesNot() {
    for (int p = 0; p < TRUE_VALUES.length; p++) {
      Arm64Preset preset = Arm64Preset.values()[p];
      Arm64Lab lab = new Arm64Lab(1, preset.title());
      assertEquals(TRUE_VALUES[p][0], lab.core(0).system.read(Arm64SystemRegister.MIDR_EL1), "MIDR_EL1");
      for (int i = 1; i < IDENTIFICATION.length; i++) {
        long ours = lab.core(0).system.read(IDENTIFICATION[i]);
        for (int shift = 0; shift < 64; shift += 4) {
          long field = ours >>> shift & 15;
          boolean absent = field == 15; // granules say with this that they are not there
          assertTrue(absent || field <= (TRUE_VALUES[p][i] >>> shift & 15),
              preset + " " + IDENTIFICATION[i] + " at bit " + shift + ": " + field);
        }
      }
    }
  }

  @Test
  void presetsDifferAsTheirCoresDo() {
    assertEquals(0x0001_1120L, Arm64Preset.CORTEX_A72.value(Arm64SystemRegister.ID_AA64ISAR0_EL1), "as the core's");
    assertEquals(0, Arm64Preset.CORTEX_A72.value(Arm64SystemRegister.ID_AA64MMFR1_EL1), "no PAN");
    assertEquals(0x0f00_0024L, Arm64Preset.CORTEX_A72.value(Arm64SystemRegister.ID_AA64MMFR0_EL1), "44 bits");
    assertEquals(0x1000_1021_1120L, Arm64Preset.NEOVERSE_N1.value(Arm64SystemRegister.ID_AA64ISAR0_EL1),
        "as the core's");
    assertEquals(0x10_0001L, Arm64Preset.NEOVERSE_N1.value(Arm64SystemRegister.ID_AA64ISAR1_EL1),
        "LRCPC and DPB, as the core's");
    assertEquals(0x20_1000L, Arm64Preset.NEOVERSE_N1.value(Arm64SystemRegister.ID_AA64MMFR1_EL1), "PAN2 and HPDS");
    assertEquals(0x11L, Arm64Preset.NEOVERSE_N1.value(Arm64SystemRegister.ID_AA64MMFR2_EL1), "UAO and CnP");
    assertEquals(0x20, Arm64Preset.NEOVERSE_N1.value(Arm64SystemRegister.ID_AA64PFR1_EL1), "SSBS, as the core's");
    assertEquals(0x21, Arm64Preset.MAX.value(Arm64SystemRegister.ID_AA64PFR1_EL1), "BT besides");
  }
}

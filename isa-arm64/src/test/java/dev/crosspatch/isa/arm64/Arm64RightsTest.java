package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What cache maintenance needs the right to and what its faults tell, how the stack pointer's alignment follows the
/// mode, and what of the system instruction space is open to EL0. Expected values are written from DDI0487's register
/// and instruction descriptions (C5.3, C5.2, D19.2).
class Arm64RightsTest {
  private static final List<String> PRESETS = List.of("max", "cortex-a72", "neoverse-n1");
  private static final long IL = 1 << 25;
  private static final long ABORT = 0x25L << 26 | IL;
  private static final long STACK_FAULT = 0x26L << 26 | IL;
  private static final long MAINTENANCE = 1 << 8;
  private static final long WRITE = 1 << 6;
  private static final int PERMISSION = 0x0f;
  private static final int TRANSLATION = 0x07;
  private static final long USER = 0x1_0000;
  private static final long DATA = Arm64Lab.MAP.directMap() + Arm64Lab.MAP.ramBase() + (4 << 20);
  private static final long SA = 1 << 3;
  private static final long SA0 = 1 << 4;
  private static final int ZVA = 0xd50b7423;
  private static final int IVAC = 0xd5087623;
  private static final int CIVAC = 0xd50b7e23;
  private static final int CVAU = 0xd50b7b23;
  private static final int IVAU = 0xd50b7523;

  private final Arm64Lab lab = new Arm64Lab(1, "max");
  private final Arm64Core core = lab.core(0);

  private void control(long bits) {
    core.system.write(Arm64SystemRegister.SCTLR_EL1, Arm64SystemRegisters.SCTLR_RESET
        | Arm64SystemRegisters.SCTLR_M | bits);
  }

  private void faults(long syndrome, long address, int word) {
    core.r[3] = address;
    core.system.set(Arm64SystemRegister.FAR_EL1, 0);
    assertEquals(syndrome, lab.run(0, word), () -> Integer.toHexString(word));
    assertEquals(syndrome == 0 ? 0 : address, core.system.get(Arm64SystemRegister.FAR_EL1),
        () -> "FAR_EL1 of " + Integer.toHexString(word));
  }

  /// DC IVAC needs the right to write (C5.3, DC IVAC); FAR_EL1 has the address as the register had it, that of DC ZVA
  /// and a tag included (D19.2, FAR_EL1).
  @Test
  void maintenanceNeedsRightsAndTellsTheAddressGiven() {
    lab.mapUser(USER, 0);
    lab.mapUser(USER + 0x1000, Arm64Mmu.AP_READ_ONLY);
    faults(0, USER + 4, IVAC);
    faults(ABORT | MAINTENANCE | WRITE | PERMISSION, USER + 0x1004, IVAC);
    faults(ABORT | WRITE | PERMISSION, USER + 0x1034, ZVA);
    for (int word : new int[] {CIVAC, CVAU, IVAU}) {
      faults(0, USER + 0x1004, word);
    }
    core.system.write(Arm64SystemRegister.TCR_EL1, core.system.get(Arm64SystemRegister.TCR_EL1) | 1L << 37);
    for (long tag : new long[] {0, 0x5aL << 56}) {
      for (int word : new int[] {IVAC, CIVAC, CVAU, IVAU}) {
        faults(ABORT | MAINTENANCE | WRITE | TRANSLATION, USER + 0x2034 | tag, word);
      }
      faults(ABORT | WRITE | TRANSLATION, USER + 0x2034 | tag, ZVA);
      faults(0, USER + 0x34 | tag, ZVA);
    }
    core.setPan(true);
    faults(0, USER + 4, IVAC);
    faults(ABORT | MAINTENANCE | WRITE | PERMISSION, USER + 0x1004, IVAC);
  }

  /// CheckSPAlignment looks at the stack pointer in use, however it came to be that.
  @Test
  void everyWayToChangeTheStackPointerInUseIsNoticed() {
    int load = 0xf94003e4; // ldr x4, [sp]
    lab.mapUser(USER, 0);
    control(SA | SA0);
    core.r[31] = DATA;
    core.setStackPointer(0, USER + 8);
    assertEquals(STACK_FAULT, lab.run(0, load, 0xd50040bf /* msr spsel, 0 */, load));
    core.setStackPointer(1, DATA);
    assertEquals(STACK_FAULT, lab.run(0, load, 0xd5184203 /* msr spsel, x3 */, load));
    core.r[31] = DATA;
    core.system.set(Arm64SystemRegister.SPSR_EL1, 0x3c0);
    core.system.set(Arm64SystemRegister.ELR_EL1, Arm64Lab.TEXT + 8);
    assertEquals(STACK_FAULT, lab.run(0, load, 0xd69f03e0 /* eret */, load), "EL0's");
    control(0);
    core.r[31] = DATA + 8;
    core.r[3] = core.system.get(Arm64SystemRegister.SCTLR_EL1) | SA;
    assertEquals(STACK_FAULT, lab.run(0, load, 0xd5181003 /* msr sctlr_el1, x3 */, 0xd5033fdf /* isb */, load));
    for (int prefetch
        : new int[] {0xf98003e0 /* prfm pldl1keep, [sp] */, 0xf88003e0 /* prfum */, 0xf8bf6be0 /* prfm [sp, xzr] */}) {
      assertEquals(0, lab.run(0, prefetch), "a prefetch checks nothing (C6.2, PRFM)");
    }
  }

  /// SCTLR_EL1.A is about the address accessed, whatever it was made of; a pair is two elements
  /// (shared/functions/memory, AArch64.CheckAlignment).
  @Test
  void alignmentIsThatOfTheAddressAccessed() {
    control(1 << 1);
    long aligned = 0x25L << 26 | IL | 0x21;
    core.r[5] = 4;
    offset(0, DATA + 4, 0xf8404064 /* ldur x4, [x3, 4] */, 8);
    offset(aligned, DATA, 0xf8404064, 4);
    offset(aligned, DATA, 0xf8404c64 /* ldr x4, [x3, 4]! */, 4);
    offset(aligned | WRITE, DATA, 0xf81fcc64 /* str x4, [x3, -4]! */, -4);
    offset(0, DATA + 4, 0xf8404c64, 8);
    offset(aligned, DATA, 0xf8656864 /* ldr x4, [x3, x5] */, 4);
    offset(0, DATA, 0xf8657864 /* ldr x4, [x3, x5, lsl 3] */, 32);
    offset(aligned, DATA, 0xf8404864 /* ldtr x4, [x3, 4] */, 4);
    offset(0, DATA, 0x29409864 /* ldp w4, w6, [x3, 4] */, 4);
    offset(0, DATA, 0x69409864 /* ldpsw x4, x6, [x3, 4] */, 4);
    offset(aligned, DATA + 4, 0xa9401864 /* ldp x4, x6, [x3] */, 4);
    offset(aligned | WRITE, DATA + 4, 0xa9401864 & ~(1 << 22) /* stp x4, x6, [x3] */, 4);
    offset(aligned, DATA + 4, 0xa8401864 /* ldnp x4, x6, [x3] */, 4);
    offset(aligned, DATA + 2, 0x29401864 /* ldp w4, w6, [x3] */, 2);
    offset(0, DATA, 0xf9801460 /* prfm pldl1keep, [x3, 40] */, 40);
  }

  /// @param by where the access goes, from [#DATA]
  private void offset(long syndrome, long base, int word, int by) {
    core.r[3] = base;
    core.system.set(Arm64SystemRegister.FAR_EL1, 0);
    assertEquals(syndrome, lab.run(0, word), () -> Integer.toHexString(word));
    if (syndrome != 0) {
      assertEquals(DATA + by, core.system.get(Arm64SystemRegister.FAR_EL1), () -> Integer.toHexString(word));
      assertEquals(base, core.r[3], () -> "no write-back of " + Integer.toHexString(word));
    }
  }

  /// A pair across two pages: the element that cannot be reached tells its own address, and nothing has been loaded.
  @Test
  void theSecondOfAPairTellsItsAddress() {
    lab.mapUser(USER, 0);
    for (int word : new int[] {0xa9401864 /* ldp x4, x6, [x3] */, 0xa9001864 /* stp */, 0xa8c11864 /* ldp x4, x6, [x3],
        16 */, 0xa9401863 /* ldp x3, x6, [x3] */}) {
      core.r[3] = USER + 0xff8;
      boolean store = (word & 1 << 22) == 0;
      assertEquals(ABORT | TRANSLATION | (store ? WRITE : 0), lab.run(0, word), () -> Integer.toHexString(word));
      assertEquals(USER + 0x1000, core.system.get(Arm64SystemRegister.FAR_EL1), () -> Integer.toHexString(word));
      assertEquals(USER + 0xff8, core.r[3], () -> Integer.toHexString(word));
    }
  }

  /// All of op0 2 and 3 by MRS and MSR, and of op0 1 with X3: what does not raise Undefined at EL0: trapped or not.
  @Test
  void nothingElseIsOpenToUserCode() {
    String timers =
        "MRS df00, MRS df01, MRS df02, MRS df10, MRS df11, MRS df12, MRS df18, MRS df19, MRS df1a, MSR df10, MSR df11, "
            + "MSR df12, MSR df18, MSR df19, MSR df1a";
    // DCZID_EL0, NZCV, FPCR, FPSR, TPIDR_EL0, TPIDRRO_EL0
    String plain =
        "MRS d807, MRS da10, MRS da20, MRS da21, MRS de82, MRS de83, MSR da10, MSR da20, MSR da21, MSR de82";
    String byLine = "SYS 5ba1, SYS 5ba9, SYS 5bd1, SYS 5bd9, SYS 5bf1"; // DC ZVA, IC IVAU, CVAC, CVAU, CIVAC
    for (String preset : PRESETS) {
      List<String> expected =
          new ArrayList<>(List.of((plain + ", MRS d801, MRS da11, MSR da11, " + timers + ", " + byLine).split(", ")));
      // SSBS, DC CVAP
      expected.addAll(preset.equals("cortex-a72") ? List.of() : List.of("MRS da16", "MSR da16", "SYS 5be1"));
      // DC CVADP, RNDR, RNDRRS
      expected.addAll(preset.equals("max") ? List.of("SYS 5be9", "MRS d920", "MRS d921") : List.of());
      assertEquals(expected.stream().sorted().toList(), open(new Arm64Lab(1, preset)), preset);
    }
  }

  private static List<String> open(Arm64Lab lab) {
    lab.mapUser(USER, 0);
    List<String> open = new ArrayList<>();
    IntStream.range(0x8000, 0x1_0000).filter(e -> allows(lab, 0xd5200000 | e << 5))
        .forEach(e -> open.add(String.format("MRS %04x", e)));
    IntStream.range(0x8000, 0x1_0000).filter(e -> allows(lab, 0xd5000000 | e << 5))
        .forEach(e -> open.add(String.format("MSR %04x", e)));
    IntStream.range(0x4000, 0x8000).filter(e -> allows(lab, 0xd5000000 | e << 5))
        .forEach(e -> open.add(String.format("SYS %04x", e)));
    return open.stream().sorted().toList();
  }

  private static boolean allows(Arm64Lab lab, int word) {
    lab.enter(0, 0);
    lab.core(0).r[3] = USER;
    return lab.run(0, word | 3) != Arm64Syndrome.UNDEFINED;
  }
}

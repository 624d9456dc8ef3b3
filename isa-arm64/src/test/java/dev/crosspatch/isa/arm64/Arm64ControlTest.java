package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the bits of SCTLR_EL1, TCR_EL1 and PSTATE do to branches, accesses and system instructions. Expected values are
/// written from DDI0487's pseudocode (shared/functions, aarch64/exceptions) and register descriptions (D19.2), named at
/// each.
class Arm64ControlTest {
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int ROUNDS = Integer.getInteger("crosspatch.control.rounds", 4_000);
  private static final long IL = 1 << 25;
  private static final long USER = 0x1_0000;
  private static final long DATA = Arm64Lab.MAP.directMap() + Arm64Lab.MAP.ramBase() + (4 << 20);
  private static final int A = 1;
  private static final int SA = 3;
  private static final int SA0 = 4;
  private static final int UMA = 9;
  private static final int DZE = 14;
  private static final int UCT = 15;
  private static final int NTWI = 16;
  private static final int NTWE = 18;
  private static final int UCI = 26;
  private static final int TBI0 = 37;
  private static final int TBI1 = 38;

  private final Arm64Lab lab = new Arm64Lab(1, "max");
  private final Arm64Core core = lab.core(0);
  private final Random random = new Random(SEED);

  private void set(Arm64SystemRegister register, long value) {
    core.system.write(register, value);
  }

  private void control(int... bits) {
    long value = (Arm64SystemRegisters.SCTLR_RESET & ~(1L << NTWI | 1L << NTWE)) | Arm64SystemRegisters.SCTLR_M;
    for (int bit : bits) {
      value |= 1L << bit;
    }
    set(Arm64SystemRegister.SCTLR_EL1, value);
  }

  // ---- tags in branches

  /// AArch64.BranchAddr with AArch64.AddrTop, without FEAT_PAuth.
  private static long branchAddress(long target, boolean tbi0, boolean tbi1) {
    boolean high = (target >>> 55 & 1) != 0;
    if (!(high ? tbi1 : tbi0)) {
      return target;
    }
    return high ? target | 0xffL << 56 : target & (1L << 56) - 1;
  }

  @Test
  void thePcNeverKeepsATag() {
    int[] branches = {0xd61f0060 /* br x3 */, 0xd63f0060 /* blr x3 */, 0xd65f0060 /* ret x3 */, 0xd69f03e0 /* eret */};
    for (int i = 0; i < ROUNDS; i++) {
      boolean tbi0 = random.nextBoolean();
      boolean tbi1 = random.nextBoolean();
      set(Arm64SystemRegister.TCR_EL1, 16 | 16L << 16 | 2L << 30 | 2L << 32 | (tbi0 ? 1L << TBI0 : 0)
          | (tbi1 ? 1L << TBI1 : 0));
      long target = (random.nextBoolean() ? Arm64Lab.TEXT + 0x40 : random.nextLong() & -4)
          ^ (random.nextBoolean() ? 0 : (long) random.nextInt(256) << 56);
      int word = branches[random.nextInt(branches.length)];
      lab.enter(0, 1);
      core.r[3] = target;
      set(Arm64SystemRegister.ELR_EL1, target);
      set(Arm64SystemRegister.SPSR_EL1, random.nextBoolean() ? 0x3c5 : 0x3c0);
      assertEquals(0, lab.run(0, word));
      assertEquals(branchAddress(target, tbi0, tbi1), core.pc,
          () -> String.format("seed %d: %08x to 0x%x, TBI0 %b, TBI1 %b", SEED, word, target, tbi0, tbi1));
    }
  }

  @Test
  void vectorsLoseTheirTagToo() {
    set(Arm64SystemRegister.TCR_EL1, core.system.get(Arm64SystemRegister.TCR_EL1) | 1L << TBI1);
    set(Arm64SystemRegister.VBAR_EL1, Arm64Lab.VECTORS ^ 0x77L << 56);
    assertEquals(Arm64Syndrome.UNDEFINED, lab.run(0, 0));
    assertEquals(Arm64Lab.VECTORS + 0x200, core.pc);
    assertEquals(Arm64Lab.TEXT, core.system.get(Arm64SystemRegister.ELR_EL1));
  }

  @Test
  void withoutTopByteIgnoreATaggedTargetFaults() {
    long target = (Arm64Lab.TEXT + 0x40) ^ (0x12L << 56);
    core.r[3] = target;
    assertEquals(0, lab.run(0, 0xd61f0060));
    assertEquals(target, core.pc);
    long exceptions = core.counters().exceptions();
    while (core.counters().exceptions() == exceptions) {
      core.run(core.clock() + 1);
    }
    assertEquals(0x21L << 26 | IL | 0x04, core.system.get(Arm64SystemRegister.ESR_EL1),
        "instruction abort, translation fault at level 0");
    assertEquals(target, core.system.get(Arm64SystemRegister.ELR_EL1));
    assertEquals(target, core.system.get(Arm64SystemRegister.FAR_EL1));
  }

  // ---- alignment

  /// A load or store of X4 (or W4, and X5 or W5) at a base.
  ///
  /// @param word    with base register 0
  /// @param size    bytes that must be aligned: of one element
  /// @param ordered aligned whatever SCTLR_EL1.A says
  private record Access(String name, int word, int size, boolean write, boolean ordered) {
    int on(int base) {
      return word | base << 5;
    }
  }

  private static final List<Access> ACCESSES = List.of(
      new Access("ldrb", 0x39400004, 1, false, false), new Access("ldrh", 0x79400004, 2, false, false),
      new Access("ldr w", 0xb9400004, 4, false, false),
      new Access("ldr x", 0xf9400004, 8, false, false), new Access("strb", 0x39000004, 1, true, false),
      new Access("strh", 0x79000004, 2, true, false),
      new Access("str w", 0xb9000004, 4, true, false), new Access("str x", 0xf9000004, 8, true, false),
      new Access("ldursw", 0xb8800004, 4, false, false),
      new Access("ldp w", 0x29401404, 4, false, false), new Access("ldp x", 0xa9401404, 8, false, false),
      new Access("stp x", 0xa9001404, 8, true, false),
      new Access("ldar x", 0xc8dffc04, 8, false, true), new Access("stlr w", 0x889ffc04, 4, true, true),
      new Access("ldxr x", 0xc85f7c04, 8, false, true),
      new Access("ldaxrh", 0x485ffc04, 2, false, true), new Access("stxr x", 0xc8067c04, 8, true, true),
      new Access("ldxp x", 0xc87f1404, 16, false, true),
      new Access("stxp w", 0x88261404, 8, true, true), new Access("ldadd x", 0xf8260004, 8, false, true),
      new Access("swph", 0x78268004, 2, false, true),
      new Access("cas w", 0x88a67c04, 4, false, true), new Access("ldapr x", 0xf8bfc004, 8, false, true));

  /// CheckSPAlignment, then AArch64.CheckAlignment, then translation.
  @Test
  void misalignedAccessesFaultAsTheControlBitsSay() {
    lab.mapUser(USER, 0);
    for (int i = 0; i < ROUNDS; i++) {
      Access access = ACCESSES.get(random.nextInt(ACCESSES.size()));
      int level = random.nextInt(2);
      boolean strict = random.nextBoolean();
      boolean stack = random.nextBoolean();
      boolean stackUser = random.nextBoolean();
      control(strict ? A : 0, stack ? SA : 0, stackUser ? SA0 : 0);
      lab.enter(0, level);
      int base = random.nextBoolean() ? 31 : 3;
      long address = (level == 0 ? USER : DATA) + 128 + (random.nextBoolean() ? 16 : 1) * (long) random.nextInt(64);
      core.r[base] = address;
      core.monitor.clear();
      long stackFault = base == 31 && (address & 15) != 0 && (level == 0 ? stackUser : stack)
          ? (long) Arm64Syndrome.SP_ALIGNMENT << 26 | IL : 0;
      boolean misaligned = (access.ordered || strict) && (address & (access.size - 1)) != 0;
      long abort = (level == 0 ? 0x24L : 0x25L) << 26 | IL | 0x21 | (access.write ? 1 << 6 : 0);
      long expected = stackFault != 0 ? stackFault : misaligned ? abort : 0;
      set(Arm64SystemRegister.FAR_EL1, 0);
      long seen = lab.run(0, access.on(base));
      assertEquals(expected, seen,
          () -> String.format("seed %d: %s at 0x%x, base %d, EL%d, A %b, SA %b, SA0 %b: ESR 0x%x", SEED, access.name,
              address, base,
          level, strict, stack, stackUser, seen));
      assertEquals(expected == abort ? address : 0, core.system.get(Arm64SystemRegister.FAR_EL1), access.name);
    }
  }

  @Test
  void everyWayToWriteTheStackPointerIsNoticed() {
    control(SA);
    int load = 0xf94003e4; // ldr x4, [sp]
    int[] writes = {0x910023ff /* add sp, sp, 8 */, 0x9100007f /* mov sp, x3 */, 0xcb2563ff /* sub sp, sp, x5 */,
        0xb27d03ff /* orr sp, xzr, 8 */,
      0xf8008fe4 /* str x4, [sp, 8]! */, 0xf84087e4 /* ldr x4, [sp], 8 */, 0xa9c08fe5 /* ldp x5, x3, [sp, 8]! */};
    for (int word : writes) {
      core.r[31] = DATA;
      core.r[3] = DATA + 8;
      core.r[5] = 8;
      assertEquals((long) Arm64Syndrome.SP_ALIGNMENT << 26 | IL, lab.run(0, load, word, load),
          () -> Integer.toHexString(word));
      assertEquals(Arm64Lab.TEXT + 8, core.system.get(Arm64SystemRegister.ELR_EL1),
          "the access behind the write faults, not the write");
      core.r[31] = DATA;
      assertEquals(0, lab.run(0, load, 0x910023ff, 0xd10023ff /* sub sp, sp, 8 */, load), "aligned again");
    }
  }

  // ---- EL0 and its traps (D19.2.129; AArch64.SystemAccessTrap, ISS D19.2.37)

  /// An instruction of EL0 that a bit of SCTLR_EL1 allows, and the ISS with which it is trapped otherwise.
  private void trapped(int word, int bit, int exceptionClass, long iss) {
    for (boolean allowed : new boolean[] {false, true}) {
      control(allowed ? bit : 0);
      lab.enter(0, 0);
      core.r[3] = USER;
      core.r[31] = USER + 64;
      core.eventRegister = false;
      core.setDaif(0x3c0);
      if (allowed && word == 0xd503207f) {
        continue; // WFI would wait for ever
      }
      assertEquals(allowed ? 0 : (long) exceptionClass << 26 | IL | iss, lab.run(0, word),
          () -> Integer.toHexString(word));
      lab.enter(0, 1);
      if (word != 0xd503207f) {
        assertEquals(0, lab.run(0, word), () -> Integer.toHexString(word) + " at EL1");
      }
    }
  }

  /// ISS of a trapped system instruction, from the instruction's own bits.
  private static long systemIss(int word) {
    return (word >>> 19 & 3L) << 20 | (word >>> 5 & 7L) << 17 | (word >>> 16 & 7L) << 14 | (word >>> 12 & 15L) << 10
        | (word & 31L) << 5 | (word >>> 8 & 15L) << 1
        | (word >>> 21 & 1L);
  }

  @Test
  void userCodeIsTrappedAsTheControlBitsSay() {
    lab.mapUser(USER, 0);
    core.system.set(Arm64SystemRegister.CNTKCTL_EL1, 0);
    for (int word : new int[] {0xd53b4223 /* mrs x3, daif */, 0xd51b4223 /* msr daif, x3 */, 0xd50342df /* msr daifset,
        2 */, 0xd50343ff /* msr daifclr, 3 */,
        0xd53b423f /* mrs xzr, daif */, 0xd51b423f /* msr daif, xzr */}) {
      trapped(word, UMA, 0x18, systemIss(word));
    }
    trapped(0xd53b0023 /* mrs x3, ctr_el0 */, UCT, 0x18, systemIss(0xd53b0023));
    for (int word : new int[] {0xd50b7a23 /* dc cvac, x3 */, 0xd50b7b23 /* dc cvau */, 0xd50b7c23 /* dc cvap */,
        0xd50b7d23 /* dc cvadp */, 0xd50b7e23 /* dc civac */,
        0xd50b7523 /* ic ivau */}) {
      trapped(word, UCI, 0x18, systemIss(word));
    }
    trapped(0xd50b7423 /* dc zva, x3 */, DZE, 0x18, systemIss(0xd50b7423));
    long always = 1 << 24 | 0xe << 20; // CV, COND
    trapped(0xd503205f /* wfe */, NTWE, 0x01, always | 1);
    trapped(0xd503207f /* wfi */, NTWI, 0x01, always);
  }

  @Test
  void aWaitThatWouldNotSleepIsNotTrapped() {
    control();
    lab.enter(0, 0);
    core.eventRegister = true;
    assertEquals(0, lab.run(0, 0xd503205f /* wfe */));
    assertEquals(1 << 24 | 0xe << 20 | 1L << 26 | IL | 1, lab.run(0, 0xd503205f), "the event has been consumed");
    assertEquals(Arm64Lab.TEXT, core.system.get(Arm64SystemRegister.ELR_EL1),
        "the return address is the instruction's own");
  }

  @Test
  void zeroingIsForbiddenWhereItIsTrapped() {
    control();
    lab.enter(0, 0);
    assertEquals(0, lab.run(0, 0xd53b00e3 /* mrs x3, dczid_el0 */));
    assertEquals(0x14, core.r[3], "DZP");
    control(DZE);
    lab.enter(0, 0);
    assertEquals(0, lab.run(0, 0xd53b00e3));
    assertEquals(4, core.r[3]);
  }

  @Test
  void bitsOfWhatIsNotThereAreFixed() {
    long ones = 1 << 29 | 1 << 28 | 1 << 22 | 1 << 20 | 1 << 11 | 1 << 8 | 1 << 7;
    set(Arm64SystemRegister.SCTLR_EL1, Arm64SystemRegisters.SCTLR_M);
    assertEquals(ones | 1, core.system.get(Arm64SystemRegister.SCTLR_EL1), "RES1");
    set(Arm64SystemRegister.SCTLR_EL1, -1);
    long kept = ones | 1 << 26 | 1 << 23 | 1 << 19 | 1 << 18 | 1 << 16 | 1 << 15 | 1 << 14 | 1 << 12 | 1 << 9
        | 0x1f | 1L << 44 | 1L << 36 | 1L << 35 | 1L << 31 | 1L << 30 | 1L << 27 | 1L << 13;
    assertEquals(kept, core.system.get(Arm64SystemRegister.SCTLR_EL1),
        "no big-endian data, no AArch32, no tags");
    Arm64Core plain = new Arm64Lab(1, "cortex-a72").core(0);
    plain.system.write(Arm64SystemRegister.SCTLR_EL1, Arm64SystemRegisters.SCTLR_M);
    assertEquals(ones | 1 | 1 << 23, plain.system.get(Arm64SystemRegister.SCTLR_EL1), "without PAN, SPAN is RES1");
    set(Arm64SystemRegister.CPACR_EL1, -1);
    assertEquals(3 << 20, core.system.get(Arm64SystemRegister.CPACR_EL1), "FPEN: no SVE, no trace registers");
    set(Arm64SystemRegister.VBAR_EL1, -1);
    assertEquals(-1L << 11, core.system.get(Arm64SystemRegister.VBAR_EL1));
  }

  // ---- address translation (AArch64.EncodePAR, D19.2.105)

  @Test
  void translationTellsAttributesAndShareability() {
    long mair = 0x44_bb_00_04_ffL | 0x0cL << 40;
    set(Arm64SystemRegister.MAIR_EL1, mair);
    for (int index = 0; index < 6; index++) {
      for (int shareability = 0; shareability < 4; shareability++) {
        if (shareability == 1) {
          continue; // reserved
        }
        long va = USER + 0x1000L * (4 * index + shareability);
        long pa = lab.mapUser(va, (long) index << 2 | (long) shareability << 8);
        long attribute = mair >>> (8 * index) & 0xff;
        long expected = attribute << 56 | pa | 1 << 11 | 1 << 9
            | (attribute < 0x10 || attribute == 0x44 ? 2 : shareability) << 7;
        core.r[3] = va + 0x123;
        assertEquals(0, lab.run(0, 0xd5087803 /* at s1e1r, x3 */));
        assertEquals(expected, core.system.get(Arm64SystemRegister.PAR_EL1));
      }
    }
    core.r[3] = 0x1f_f000;
    assertEquals(0, lab.run(0, 0xd5087803));
    assertEquals(1 << 11 | 1 | 0x07 << 1, core.system.get(Arm64SystemRegister.PAR_EL1) & 0xffff,
        "translation fault at level 3");
  }

  @Test
  void panCountsForTheFormThatAsksForIt() {
    lab.mapUser(USER, 0);
    core.setPan(true);
    core.r[3] = USER;
    assertEquals(0, lab.run(0, 0xd5087803 /* at s1e1r */));
    assertEquals(0, core.system.get(Arm64SystemRegister.PAR_EL1) & 1);
    assertEquals(0, lab.run(0, 0xd5087903 /* at s1e1rp */));
    assertEquals(1 | 0x0f << 1, core.system.get(Arm64SystemRegister.PAR_EL1) & 0x7f, "permission fault at level 3");
    assertEquals(0, lab.run(0, 0xd50b7b23 /* dc cvau, x3 */), "maintenance does not heed PAN");
    assertEquals(0x25L << 26 | IL | 0x0f, lab.run(0, 0xf9400064 /* ldr x4, [x3] */));
    core.setPan(false);
    core.setUao(true);
    lab.mapUser(USER + 0x1000, 0);
    core.r[3] = Arm64Lab.VECTORS + 0x1000;
    assertEquals(0, lab.run(0, 0xd5087843 /* at s1e0r: user permissions whatever UAO says */));
    assertTrue((core.system.get(Arm64SystemRegister.PAR_EL1) & 1) != 0, "a kernel page");
  }

  @Test
  void outputAddressesAreAsWideAsTcrSays() {
    long leaf = lab.mapUser(USER, 0);
    long table = core.system.get(Arm64SystemRegister.TTBR0_EL1);
    lab.machine.writePhysical(lab.entry(table, USER, 3), lab.machine.readPhysical(lab.entry(table, USER, 3))
        | 1L << 40);
    core.r[3] = USER;
    assertEquals(0x25L << 26 | IL | 0x03, lab.run(0, 0xf9400064 /* ldr x4, [x3] */),
        "IPS of 40 bits: address size fault at level 3; the page is at " + leaf);
    set(Arm64SystemRegister.TCR_EL1, core.system.get(Arm64SystemRegister.TCR_EL1) | 4L << 32);
    assertEquals(0, lab.run(0, 0xd5087803));
    assertEquals(1L << 40 | leaf, core.system.get(Arm64SystemRegister.PAR_EL1) & 0x0000_ffff_ffff_f000L);
  }
}

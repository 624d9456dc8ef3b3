package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Translations;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// What TLB maintenance makes certain (DDI0487 D8.14): once a TLBI that names it has been executed, no translation is
/// used that was changed before. The other way round nothing is promised, so the model below remembers every
/// translation that was ever used, and forgets what the manual says is forgotten.
class Arm64TlbTest {
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int STEPS = Integer.getInteger("crosspatch.tlb.steps", 60_000);
  private static final String PRESET = "max";
  private static final long LOW = 0x12_4000_0000L;
  private static final long HIGH = 0xffff_0012_4000_0000L;
  /// TCR_EL1: the boot loader's, TBI0, TBI1, ASIDs of 16 bits.
  private static final long TCR = 16 | 16L << 16 | 2L << 30 | 2L << 32 | 1L << 36 | 1L << 37 | 1L << 38;
  private static final long LEAF = Arm64Mmu.VALID | Arm64Mmu.ACCESS_FLAG;
  private static final long CONTIGUOUS = 1L << 52;
  private static final int RT = 3;

  private final Arm64Lab lab = new Arm64Lab(2, PRESET);
  private final long low = lab.newTable();
  private final long high = lab.newTable();

  private void start(Arm64Core core) {
    // the text that runs the words stays mapped where the boot loader put it: its tables are the upper half's first
    // ones
    long boot = core.system.get(Arm64SystemRegister.TTBR1_EL1);
    for (int i = 256; i < 512; i++) {
      lab.machine.writePhysical(high + 8L * i, lab.machine.readPhysical(boot + 8L * i));
    }
    core.system.write(Arm64SystemRegister.TCR_EL1, TCR);
    core.system.write(Arm64SystemRegister.TTBR0_EL1, low);
    core.system.write(Arm64SystemRegister.TTBR1_EL1, high);
  }

  private void map(long va, int level, long pa, long bits) {
    lab.machine.writePhysical(lab.entry(va < 0 ? high : low, va, level),
        pa | bits | LEAF | (level == 3 ? Arm64Mmu.TABLE : 0));
  }

  private long read(int cpu, long va) {
    Arm64Core core = lab.core(cpu);
    long pa = core.translate(va, Core.READ);
    core.faultCode = 0;
    return pa;
  }

  private void tlbi(int cpu, String operation, long argument) {
    lab.core(cpu).r[RT] = argument;
    assertEquals(0, lab.run(cpu, Arm64Lab.word("TLBI " + operation, RT)), operation);
  }

  private static long page(long va) {
    return va << 8 >>> 20;
  }

  @Test
  void maintenanceOfOneAddressReachesAllOfABlock() {
    start(lab.core(0));
    for (String operation : List.of("VAE1", "VALE1", "VAAE1", "VAALE1", "VAE1IS", "VALE1IS", "VAAE1IS", "VAALE1IS")) {
      for (long base : new long[] {LOW, HIGH}) {
        for (int level = 1; level <= 3; level++) {
          oneBlock(operation, base, level);
        }
      }
    }
  }

  private void oneBlock(String operation, long base, int level) {
    String where = operation + " of the base of a level " + level + " block at 0x" + Long.toHexString(base);
    long tagged = (base + 0x6000) ^ (0x5aL << 56);
    mapRun(base, level, 0x4000_0000L);
    assertEquals(0x4000_5000L, read(0, base + 0x5000));
    assertEquals(0x4000_6008L, read(0, tagged + 8), "through a tag");
    mapRun(base, level, 0x8000_0000L);
    assertEquals(0x4000_5000L, read(0, base + 0x5000), "the TLB still has it");
    assertEquals(0x4000_6000L, read(0, tagged), "and through the tag");
    tlbi(0, operation, page(base));
    assertEquals(0x8000_5000L, read(0, base + 0x5000), where);
    assertEquals(0x8000_6000L, read(0, tagged), where + ", entered through a tag");
    tlbi(0, "VMALLE1", 0);
    lab.machine.writePhysical(lab.entry(base < 0 ? high : low, base, level), 0);
  }

  /// A block; at level 3 sixteen pages that belong together.
  private void mapRun(long base, int level, long pa) {
    for (int i = 0; i < (level == 3 ? 16 : 1); i++) {
      map(base + i * 0x1000L, level, pa + i * 0x1000L, level == 3 ? CONTIGUOUS : 0);
    }
  }

  // ---- random sequences against a model

  /// A translation that was used: bits 55:0 of where its block begins, log2 of its size, where it leads, and its
  /// address space or EVERY_SPACE.
  private record Used(long base, int shift, long pa, int space) {
    boolean meets(long first, long last) {
      return base <= last && base + (1L << shift) > first;
    }

    boolean serves(int asid) {
      return space == Translations.EVERY_SPACE || space == asid;
    }
  }

  /// A place that is mapped anew again and again.
  private static final class Slot {
    final long base;
    final int level;
    final boolean contiguous;
    long pa;
    boolean mapped;
    boolean global;

    Slot(long base, int level, boolean contiguous) {
      this.base = base;
      this.level = level;
      this.contiguous = contiguous;
    }

    int descriptorShift() {
      return 39 - 9 * level;
    }

    int shift() {
      return descriptorShift() + (contiguous ? 4 : 0);
    }
  }

  private static final int[] SPACES = {1, 2, 0x101};
  private static final long[] BASES = {LOW, HIGH};
  private final Random random = new Random(SEED);
  private final List<Slot> slots = new ArrayList<>();
  private final List<List<Used>> used = List.of(new ArrayList<>(), new ArrayList<>());
  private final int[] space = new int[2];
  private int stale;

  @Test
  void whatMaintenanceNamesIsNeverUsedAgain() {
    for (long base : BASES) {
      slots.add(new Slot(base, 1, false));
      slots.add(new Slot(base + (1L << 30), 2, false));
      slots.add(new Slot(base + (1L << 30) + (32L << 20), 2, true));
      slots.add(new Slot(base + (2L << 30), 3, false));
      slots.add(new Slot(base + (2L << 30) + 0x1_0000, 3, true));
    }
    for (int cpu = 0; cpu < 2; cpu++) {
      start(lab.core(cpu));
      enter(cpu);
    }
    for (int step = 0; step < STEPS; step++) {
      step(step);
    }
    assertTrue(stale > STEPS / 100,
        "a test that meets " + stale + " old translations in " + STEPS + " steps shows little");
  }

  private void step(int step) {
    int cpu = random.nextInt(2);
    switch (random.nextInt(16)) {
      case 0 -> remap(slots.get(random.nextInt(slots.size())));
      case 1 -> enter(cpu);
      case 2 -> maintain(cpu);
      default -> check(cpu, step);
    }
  }

  private void enter(int cpu) {
    space[cpu] = SPACES[random.nextInt(SPACES.length)];
    lab.core(cpu).system.write(Arm64SystemRegister.TTBR0_EL1, low | (long) space[cpu] << 48);
  }

  private void remap(Slot slot) {
    slot.mapped = random.nextInt(8) != 0;
    slot.global = random.nextInt(3) == 0;
    slot.pa = (long) random.nextInt(8) << 35;
    for (int i = 0; i < (slot.contiguous ? 16 : 1); i++) {
      long by = (long) i << slot.descriptorShift();
      long bits = (slot.contiguous ? CONTIGUOUS : 0) | (slot.global ? 0 : Arm64Mmu.NOT_GLOBAL);
      if (slot.mapped) {
        map(slot.base + by, slot.level, slot.pa + by, bits);
      } else {
        lab.machine.writePhysical(lab.entry(slot.base < 0 ? high : low, slot.base + by, slot.level), 0);
      }
    }
  }

  /// An offset in a slot: one of few pages, which meet no other slot's in the TLB.
  private long within(Slot slot) {
    long pages = (8L * slots.indexOf(slot) + random.nextInt(4)) << 12;
    return (pages | (long) random.nextInt(4) << 24 | random.nextInt(4096)) & ((1L << slot.shift()) - 1);
  }

  private void check(int cpu, int step) {
    Slot slot = slots.get(random.nextInt(slots.size()));
    long offset = within(slot);
    long at = slot.base + offset;
    long tagged = random.nextInt(4) != 0 ? at : at ^ ((long) random.nextInt(256) << 56);
    long now = slot.mapped ? slot.pa + offset : -1;
    long seen = read(cpu, tagged);
    if (seen == now) {
      if (slot.mapped) {
        Used entry = new Used(bits(slot.base), slot.shift(), slot.pa, slot.global
            ? Translations.EVERY_SPACE : space[cpu]);
        if (!used.get(cpu).contains(entry)) {
          used.get(cpu).add(entry);
        }
      }
      return;
    }
    stale++;
    assertTrue(used.get(cpu).stream()
        .anyMatch(u -> u.meets(bits(at), bits(at)) && u.serves(space[cpu]) && u.pa + bits(at) - u.base == seen),
        () ->
            String
                .format(
                    "seed %d, step %d: CPU %d translates 0x%x to 0x%x, not to 0x%x, and nothing used and not "
                        + "invalidated says so",
            SEED, step, cpu, tagged, seen, now));
  }

  private static long bits(long va) {
    return va << 8 >>> 8;
  }

  private static final List<String> BY_ADDRESS = List.of("VAE1", "VALE1", "VAAE1", "VAALE1");

  private void maintain(int cpu) {
    String domain = List.of("", "IS", "OS").get(random.nextInt(3)) + (random.nextBoolean() ? "" : "nXS");
    int asid = SPACES[random.nextInt(SPACES.length)];
    Slot slot = slots.get(random.nextInt(slots.size()));
    long va = slot.base + (random.nextLong() & ((1L << slot.shift()) - 1));
    String address = BY_ADDRESS.get(random.nextInt(BY_ADDRESS.size()));
    boolean every = address.startsWith("VAA");
    boolean local = !domain.startsWith("IS") && !domain.startsWith("OS");
    switch (random.nextInt(6)) {
      case 0 -> {
        tlbi(cpu, "VMALLE1" + domain, random.nextLong());
        forget(cpu, local, u -> true);
      }
      case 1 -> {
        tlbi(cpu, "ASIDE1" + domain, (long) asid << 48 | random.nextLong() >>> 16);
        forget(cpu, local, u -> u.space == asid);
      }
      case 2, 3 -> {
        int scale = random.nextInt(4);
        int num = random.nextInt(32);
        long first = va & -4096;
        long last = first + ((num + 1L) << (5 * scale + 13)) - 1;
        tlbi(cpu, "R" + address + domain, (long) asid << 48 | 1L << 46 | (long) scale << 44 | (long) num << 39
            | first << 15 >>> 27);
        forget(cpu, local, u -> u.meets(bits(first), bits(last)) && (every || u.serves(asid)));
      }
      default -> {
        tlbi(cpu, address + domain, (long) asid << 48 | page(va));
        forget(cpu, local, u -> u.meets(bits(va), bits(va)) && (every || u.serves(asid)));
      }
    }
  }

  private void forget(int cpu, boolean local, Predicate<Used> which) {
    for (int i = 0; i < 2; i++) {
      if (i == cpu || !local) {
        used.get(i).removeIf(which);
      }
    }
  }
}

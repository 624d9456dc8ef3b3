package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingModel;
import org.junit.jupiter.api.Test;

/// Table walks are cacheable accesses of the core that walks (DDI0487 D8.2): what its cache has not costs a miss.
final class Arm64WalkTest {
  private static final long VA = 0x1_0000;

  private final Arm64Lab lab = new Arm64Lab(2, "max");

  private static long walk(Core core) {
    core.translations.flush(false);
    long before = core.clock();
    assertTrue(core.translate(VA, Core.READ) != -1);
    return core.clock() - before;
  }

  @Test
  void aWalkCostsTheMissesOfItsDescriptors() {
    lab.mapUser(VA, 0);
    TimingModel timing = lab.machine.timing();
    long hit = timing.cost(EventCost.TLB_MISS);
    long tables = 3L * timing.cost(EventCost.WALK_LEVEL);
    assertEquals(hit + tables + 4L * timing.cost(EventCost.MEMORY), walk(lab.core(0)));
    assertEquals(hit, walk(lab.core(0)), "the walk cache knows the last table");
    assertEquals(hit + tables + 4L * timing.cost(EventCost.REMOTE_LINE), walk(lab.core(1)), "the other core has them");
    lab.core(0).markTable(lab.entry(lab.core(0).system.get(Arm64SystemRegister.TTBR0_EL1), VA, 3), 0);
    assertEquals(hit + timing.cost(EventCost.REMOTE_LINE), walk(lab.core(1)), "the other core has one modified");
  }
}

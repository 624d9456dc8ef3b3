package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.InterruptController;

/// The redistributors of all cores, one after the other: 64 KiB of its own and 64 KiB for its private interrupts each
/// (IHI0069 12.10, 12.11).
record Arm64Redistributors(Arm64Distributor distributor, int cores) implements InterruptController.Registers {
  /// PIDR2: GICv3.
  static final int ARCHITECTURE = 0x3b;

  private static final int STRIDE = 0x2_0000;
  private static final int PRIVATE = 0x1_0000;
  private static final int TYPER = 0x0008;
  private static final int TYPER_HIGH = 0x000c;
  private static final int WAKER = 0x0014;
  private static final int PIDR2 = 0xffe8;
  private static final int PROCESSOR_SLEEP = 1 << 1;
  private static final int CHILDREN_ASLEEP = 1 << 2;
  private static final int LAST = 1 << 4;

  @Override
  public String name() {
    return "gicr";
  }

  @Override
  public long size() {
    return (long) cores * STRIDE;
  }

  @Override
  public long read(Core core, long offset, int width) {
    int id = (int) offset / STRIDE;
    int at = (int) offset % STRIDE;
    Arm64Gic gic = distributor.gic(id);
    if (at >= PRIVATE) {
      return Arm64GicBank.bankOf(at - PRIVATE) == 0 ? gic.own.read(at - PRIVATE, width) : 0;
    }
    return switch (at) {
      case TYPER -> type(id);
      case TYPER_HIGH -> type(id) >>> 32;
      case WAKER -> gic.isAsleep() ? PROCESSOR_SLEEP | CHILDREN_ASLEEP : 0;
      case PIDR2 -> ARCHITECTURE;
      default -> 0;
    };
  }

  private long type(int id) {
    return Arm64Gic.affinity(id) << 32 | (long) id << 8 | (id == cores - 1 ? LAST : 0);
  }

  @Override
  public void write(Core core, long offset, int width, long value) {
    int at = (int) offset % STRIDE;
    Arm64Gic gic = distributor.gic((int) offset / STRIDE);
    if (at >= PRIVATE && Arm64GicBank.bankOf(at - PRIVATE) == 0) {
      gic.own.write(at - PRIVATE, width, (int) value);
    } else if (at == WAKER) {
      gic.sleep((value & PROCESSOR_SLEEP) != 0);
    }
    gic.changed(core.clock());
  }
}

package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.machine.InterruptController;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import java.util.List;

/// The distributor of a GICv3 with 64 shared peripheral interrupts (SPIs, 32..95), and the redistributors of all cores
/// as memory-mapped registers (IHI0069 chapters 8 and 12). One security state, affinity routing on, no 1-of-N, no
/// message-based interrupts, no LPIs.
///
/// It stands as firmware leaves it: group 1 is enabled, all interrupts are in it, SPIs are disabled, level-sensitive
/// and go to core 0, private interrupts are enabled ([Arm64Gic]), redistributors are awake.
///
/// An SPI that is to be taken is offered to the core it is routed to, which hears of it after [EventCost#IPI].
final class Arm64Distributor implements InterruptController {
  /// Number of the first SPI.
  static final int FIRST = 32;

  private static final int BANKS = 2;
  private static final int SPIS = 32 * BANKS;

  private final Uncore machine;
  private final Arm64GicBank[] banks = new Arm64GicBank[BANKS];
  /// By bank: those that the core they are routed to has been told of.
  private final int[] offered = new int[BANKS];
  /// IROUTER of each.
  private final long[] routes = new long[SPIS];
  private boolean groupOne = true;

  Arm64Distributor(Uncore machine) {
    this.machine = machine;
    for (int i = 0; i < BANKS; i++) {
      banks[i] = new Arm64GicBank(0, 0, true, 0);
    }
    for (int i = 0; i < machine.cpus(); i++) {
      gic(i).connect(this);
    }
  }

  Arm64Gic gic(int core) {
    return ((Arm64Core) machine.core(core)).gic;
  }

  // ---- inputs

  @Override
  public int inputs() {
    return SPIS;
  }

  @Override
  public void level(int input, boolean asserted, long clock) {
    banks[input >> 5].level(input & 31, asserted);
    update(clock);
  }

  /// Offers what has come to ask for a core, and forgets what asks no longer.
  private void update(long clock) {
    for (int bank = 0; bank < BANKS; bank++) {
      int now = groupOne ? banks[bank].candidates() : 0;
      for (int left = now & ~offered[bank]; left != 0; left &= left - 1) {
        offer(32 * bank + Integer.numberOfTrailingZeros(left), clock);
      }
      offered[bank] = now;
    }
  }

  private void offer(int spi, long clock) {
    for (int i = 0; i < machine.cpus(); i++) {
      if (routes[spi] == Arm64Gic.affinity(i)) {
        machine.post(i, clock + machine.timing().cost(EventCost.IPI), Arm64Gic.EVENT_SPI, spi);
        if (machine.probe().interruptsSent.isHeard()) {
          machine.probe().interruptsSent.tell(
              new Event.InterruptSent(Event.NO_CPU, ClockUnit.cycles(clock), i, FIRST + spi));
        }
      }
    }
  }

  // ---- as CPU interfaces see it

  /// Whether interrupts of group 1 are forwarded at all.
  boolean forwards() {
    return groupOne;
  }

  /// The most urgent SPI of those in `heard` (a bit each) that still asks for core `id`, or -1.
  int best(long heard, int id) {
    int best = -1;
    long asking = (offered[0] & 0xffff_ffffL) | (long) offered[1] << 32;
    for (long left = heard & asking; left != 0; left &= left - 1) {
      int spi = Long.numberOfTrailingZeros(left);
      if (routes[spi] == Arm64Gic.affinity(id) && (best < 0 || priority(spi) < priority(best))) {
        best = spi;
      }
    }
    return best;
  }

  int priority(int spi) {
    return banks[spi >> 5].priority(spi & 31);
  }

  void acknowledge(int spi, long clock) {
    banks[spi >> 5].acknowledge(spi & 31);
    update(clock);
  }

  void deactivate(int spi, long clock) {
    if (spi < SPIS) {
      banks[spi >> 5].deactivate(spi & 31);
      update(clock);
    }
  }

  // ---- registers

  @Override
  public List<Registers> registers() {
    return List.of(new Frame(), new Arm64Redistributors(this, machine.cpus()));
  }

  /// GICD (12.9).
  private final class Frame implements Registers {
    private static final int CTLR = 0x0000;
    private static final int TYPER = 0x0004;
    private static final int IROUTER = 0x6000;
    private static final int PIDR2 = 0xffe8;

    /// EnableGrp1.
    private static final int GROUP_ONE = 1 << 1;
    /// ARE, DS.
    private static final int CTLR_FIXED = 1 << 4 | 1 << 6;
    /// 96 interrupts, identifiers of 10 bits, No1N.
    private static final int TYPER_VALUE = BANKS | 9 << 19 | 1 << 25;
    /// Aff3, Aff2, Aff1, Aff0.
    private static final long AFFINITY = 0xff_00ff_ffffL;

    @Override
    public String name() {
      return "gicd";
    }

    @Override
    public long size() {
      return 0x1_0000;
    }

    @Override
    public long read(Core core, long offset, int width) {
      int at = (int) offset;
      int bank = Arm64GicBank.bankOf(at);
      if (bank >= 0) {
        return bank >= 1 && bank <= BANKS ? banks[bank - 1].read(at, width) : 0;
      }
      if (isRoute(at)) {
        return routes[route(at)] >>> (8 * (at & 4));
      }
      return switch (at) {
        case CTLR -> CTLR_FIXED | (groupOne ? GROUP_ONE : 0);
        case TYPER -> TYPER_VALUE;
        case PIDR2 -> Arm64Redistributors.ARCHITECTURE;
        default -> 0;
      };
    }

    @Override
    public void write(Core core, long offset, int width, long value) {
      int at = (int) offset;
      int bank = Arm64GicBank.bankOf(at);
      if (bank >= 1 && bank <= BANKS) {
        banks[bank - 1].write(at, width, (int) value);
      } else if (isRoute(at)) {
        reroute(route(at), at & 4, width, value);
      } else if (at == CTLR) {
        groupOne = (value & GROUP_ONE) != 0;
      }
      update(core.clock());
      if (at == CTLR || Arm64GicBank.isPriority(at)) { // what has been offered may be signalled only now
        for (int i = 0; i < machine.cpus(); i++) {
          gic(i).changed(core.clock());
        }
      }
    }

    private static boolean isRoute(int at) {
      return at >= IROUTER + 8 * FIRST && at < IROUTER + 8 * (FIRST + SPIS);
    }

    private static int route(int at) {
      return (at - IROUTER) / 8 - FIRST;
    }

    /// Whatever had been offered to another core is offered anew.
    private void reroute(int spi, int half, int width, long value) {
      long mask = width == 3 ? -1 : 0xffff_ffffL << (8 * half);
      routes[spi] = ((routes[spi] & ~mask) | (value << (8 * half) & mask)) & AFFINITY;
      offered[spi >> 5] &= ~(1 << spi);
    }
  }
}

package dev.crosspatch.isa.arm64;

import java.util.Arrays;

/// State of 32 interrupts of a GICv3, and the registers that a distributor has for every 32 of its own and a
/// redistributor for the private ones (IHI0069 12.9, 12.11). Group 0 is never signalled: nothing here takes an FIQ.
final class Arm64GicBank {
  /// Five bits of priority are implemented.
  static final int PRIORITY_MASK = 0xf8;

  // ---- offsets of registers with a bit per interrupt, a word per bank
  private static final int IGROUPR = 0x080;
  private static final int ISENABLER = 0x100;
  private static final int ICENABLER = 0x180;
  private static final int ISPENDR = 0x200;
  private static final int ICPENDR = 0x280;
  private static final int ISACTIVER = 0x300;
  private static final int ICACTIVER = 0x380;
  // ---- with a byte, and with two bits
  private static final int IPRIORITYR = 0x400;
  private static final int PRIORITIES_END = 0x800;
  private static final int ICFGR = 0xc00;
  private static final int CONFIGURATION_END = 0xd00;

  private final boolean configurable;
  private int groupOne = -1;
  private int enabled;
  /// Edges that have come, and what software has made pending.
  private int latched;
  private int level;
  private int active;
  private int edge;
  private final byte[] priority = new byte[32];

  /// All in group 1, as firmware leaves them.
  ///
  /// @param enabled      those that are
  /// @param edge         those that are triggered by an edge
  /// @param configurable whether software may change which
  Arm64GicBank(int enabled, int edge, boolean configurable, int priority) {
    this.enabled = enabled;
    this.edge = edge;
    this.configurable = configurable;
    Arrays.fill(this.priority, (byte) priority);
  }

  // ---- inputs

  /// Sets the line of interrupt `n`.
  void level(int n, boolean up) {
    if (up && (edge & ~level & 1 << n) != 0) {
      latched |= 1 << n;
    }
    level = up ? level | 1 << n : level & ~(1 << n);
  }

  /// Makes interrupt `n` pending.
  void latch(int n) {
    latched |= 1 << n;
  }

  /// Whether interrupt `n` asks for a core once it is pending.
  boolean isReady(int n) {
    return (enabled & groupOne & ~active & 1 << n) != 0;
  }

  boolean isLatched(int n) {
    return (latched & 1 << n) != 0;
  }

  // ---- outputs

  private int pending() {
    return latched | (level & ~edge);
  }

  /// Those that ask for a core: a bit each.
  int candidates() {
    return pending() & enabled & groupOne & ~active;
  }

  int priority(int n) {
    return priority[n] & 0xff;
  }

  /// The most urgent of `which`, of several the lowest number; -1 if there is none.
  int best(int which) {
    int best = -1;
    for (int left = which; left != 0; left &= left - 1) {
      int n = Integer.numberOfTrailingZeros(left);
      if (best < 0 || priority(n) < priority(best)) {
        best = n;
      }
    }
    return best;
  }

  void acknowledge(int n) {
    latched &= ~(1 << n);
    active |= 1 << n;
  }

  void deactivate(int n) {
    active &= ~(1 << n);
  }

  // ---- registers

  /// Number of the bank that has the register at `offset`, or -1 if it is none of a bank.
  static int bankOf(int offset) {
    if (offset >= IGROUPR && offset < IPRIORITYR) {
      return (offset & 0x7f) >> 2;
    }
    if (offset >= IPRIORITYR && offset < PRIORITIES_END) {
      return (offset - IPRIORITYR) >> 5;
    }
    return offset >= ICFGR && offset < CONFIGURATION_END ? (offset - ICFGR) >> 3 : -1;
  }

  /// Whether the register at `offset` holds priorities.
  static boolean isPriority(int offset) {
    return offset >= IPRIORITYR && offset < PRIORITIES_END;
  }

  long read(int offset, int width) {
    if (offset >= ICFGR) {
      return configuration(offset);
    }
    if (offset >= IPRIORITYR) {
      return priorities(offset & 31, 1 << width);
    }
    return switch (offset & ~0x7f) {
      case IGROUPR -> groupOne;
      case ISENABLER, ICENABLER -> enabled;
      case ISPENDR, ICPENDR -> pending();
      case ISACTIVER, ICACTIVER -> active;
      default -> 0;
    } & 0xffff_ffffL;
  }

  /// Two bits each, of which the upper one says that it is triggered by an edge.
  private long configuration(int offset) {
    long bits = 0;
    int half = edge >>> ((offset & 4) << 2);
    for (int i = 0; i < 16; i++) {
      bits |= (long) (half >>> i & 1) << (2 * i + 1);
    }
    return bits;
  }

  private long priorities(int first, int count) {
    long bytes = 0;
    for (int i = 0; i < count && first + i < 32; i++) {
      bytes |= (long) priority(first + i) << (8 * i);
    }
    return bytes;
  }

  void write(int offset, int width, int value) {
    if (offset >= ICFGR) {
      configure(offset, value);
    } else if (offset >= IPRIORITYR) {
      for (int i = 0; i < 1 << width && (offset & 31) + i < 32; i++) {
        priority[(offset & 31) + i] = (byte) (value >> (8 * i) & PRIORITY_MASK);
      }
    } else {
      writeBits(offset & ~0x7f, value);
    }
  }

  private void configure(int offset, int value) {
    int first = (offset & 4) << 2;
    for (int i = 0; i < 16 && configurable; i++) {
      int bit = 1 << (first + i);
      edge = (value >>> (2 * i + 1) & 1) != 0 ? edge | bit : edge & ~bit;
    }
  }

  private void writeBits(int register, int value) {
    switch (register) {
      case IGROUPR -> groupOne = value;
      case ISENABLER -> enabled |= value;
      case ICENABLER -> enabled &= ~value;
      case ISPENDR -> latched |= value;
      case ICPENDR -> latched &= ~value;
      case ISACTIVER -> active |= value;
      case ICACTIVER -> active &= ~value;
      default -> { }
    }
  }
}

package dev.crosspatch.tracer.pt;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random packets for property tests, reproducible from their seed.
final class PtPackets {
  private final Random random;

  PtPackets(long seed) {
    this.random = new Random(seed);
  }

  /// One packet of every kind and form that may stand in a block of `block`-byte items (0: outside blocks), with random
  /// contents.
  List<PtPacket> oneOfEach(int block) {
    List<PtPacket> packets = new ArrayList<>();
    packets.add(new PtPacket.Pad());
    packets.add(tnt8(block));
    packets.add(tnt64());
    for (IpCompression compression : IpCompression.values()) {
      packets.add(new PtPacket.Tip(compression, compression.canonical(value())));
      packets.add(new PtPacket.TipPge(compression, compression.canonical(value())));
      packets.add(new PtPacket.TipPgd(compression, compression.canonical(value())));
      packets.add(new PtPacket.Fup(compression, compression.canonical(value())));
    }
    addState(packets);
    addTime(packets);
    addPower(packets);
    addBlock(packets, block);
    addEvents(packets);
    return packets;
  }

  private void addState(List<PtPacket> packets) {
    packets.add(new PtPacket.Pip(bits(47) << 5, flag()));
    packets.add(new PtPacket.ModeExec(false, flag(), flag()));
    packets.add(new PtPacket.ModeExec(true, false, flag()));
    packets.add(new PtPacket.ModeTsx(flag(), false));
    packets.add(new PtPacket.ModeTsx(false, true));
    packets.add(new PtPacket.Vmcs(bits(40) << 12));
    packets.add(new PtPacket.Psb());
    packets.add(new PtPacket.PsbEnd());
    packets.add(new PtPacket.Ovf());
    packets.add(new PtPacket.TraceStop());
    packets.add(new PtPacket.Mnt(value()));
    packets.add(new PtPacket.Ptw(bits(32), 4, flag()));
    packets.add(new PtPacket.Ptw(value(), 8, flag()));
  }

  private void addTime(List<PtPacket> packets) {
    packets.add(new PtPacket.Tsc(bits(56)));
    packets.add(new PtPacket.Mtc((int) bits(8)));
    packets.add(new PtPacket.Tma((int) bits(16), (int) bits(9)));
    packets.add(new PtPacket.Cbr((int) bits(8)));
    for (int width = 1; width <= 64; width++) {
      packets.add(new PtPacket.Cyc(bits(width)));
    }
  }

  private void addPower(List<PtPacket> packets) {
    packets.add(new PtPacket.ExStop(flag()));
    packets.add(new PtPacket.Mwait(random.nextInt(), random.nextInt()));
    packets.add(new PtPacket.Pwre((int) bits(4), (int) bits(4), flag()));
    packets.add(new PtPacket.Pwrx((int) bits(4), (int) bits(4), (int) bits(4)));
  }

  private void addBlock(List<PtPacket> packets, int block) {
    packets.add(new PtPacket.Bbp(flag() ? 4 : 8, (int) bits(5)));
    if (block != 0) {
      packets.add(new PtPacket.Bip((int) bits(5), bits(8 * block)));
    }
    packets.add(new PtPacket.Bep(flag()));
  }

  private void addEvents(List<PtPacket> packets) {
    packets.add(new PtPacket.Cfe((int) bits(5), (int) bits(8), flag()));
    packets.add(new PtPacket.Evd((int) bits(6), value()));
    packets.add(new PtPacket.Trig((int) bits(8), flag(), flag(), -1));
    packets.add(new PtPacket.Trig((int) bits(8), flag(), flag(), (int) bits(16)));
  }

  /// In a block the writer refuses what would read as a BIP: two branches or more of which the youngest two are `!.`,
  /// and `.` alone.
  private PtPacket tnt8(int block) {
    while (true) {
      int count = 1 + random.nextInt(6);
      long bits = bits(count);
      if (block == 0 || ((bits | (1L << count)) & 3) != 2) {
        return new PtPacket.Tnt8(bits, count);
      }
    }
  }

  private PtPacket tnt64() {
    int count = 1 + random.nextInt(47);
    return new PtPacket.Tnt64(bits(count), count);
  }

  /// Uniform in `width` bits.
  long bits(int width) {
    return random.nextLong() >>> (64 - width);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean flag() {
    return random.nextBoolean();
  }

  /// A number of random magnitude and sign.
  long value() {
    return random.nextLong() >> random.nextInt(64);
  }
}

package dev.crosspatch.tests.oracle;

import static dev.crosspatch.tests.oracle.PtText.*;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One CPU's flow, told by hand: the instructions that ran, the packets that hardware writes for them, and what libipt
/// and perf make of these.
///
/// The three are written side by side, so nothing of Crosspatch but the packet writer has a part in them.
final class PtStory {
  private static final int SHORT_TNT = 6;
  private static final long[] OLD_TURN = {WORK, SITE, SITE + 5, SITE + 8};
  private static final long[] NEW_TURN = {WORK, SITE, OTHER, OTHER + 4, OTHER + 7};

  private final PtPacketWriter out = new PtPacketWriter();
  private final List<String> truth = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final List<String> oldest = new ArrayList<>();
  private long bits;
  private int count;

  /// Tracing begins at `address`, TSC `tsc`.
  PtStory begin(long tsc, long address) {
    out.appendPsb();
    status(tsc);
    out.write(new PtPacket.PsbEnd());
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendTipPge(address);
    return this;
  }

  /// A PSB while `address` is next. In cycle-accurate mode a CYC stands before its TSC, by which decoders anchor cycles
  /// to time.
  PtStory psb(long tsc, long address, boolean cyc) {
    flush();
    out.appendPsb();
    if (cyc) {
      out.appendCyc(0);
    }
    status(tsc);
    out.write(new PtPacket.ModeExec(true, false, false));
    out.appendFup(address);
    out.write(new PtPacket.PsbEnd());
    return this;
  }

  private void status(long tsc) {
    out.appendTsc(tsc);
    out.write(new PtPacket.Cbr(PtStories.CBR));
  }

  /// Tracing ends before `address`.
  PtStory end(long address) {
    flush();
    out.appendFup(address);
    out.write(new PtPacket.TipPgd(IpCompression.SUPPRESSED, 0));
    return this;
  }

  /// These instructions ran.
  PtStory ran(long... addresses) {
    return tale(addresses, addresses, addresses);
  }

  /// `real` ran; libipt and perf say `said`. All leave the same packets.
  ///
  /// @param first what one says who takes the oldest text wherever more than one fits
  PtStory tale(long[] real, long[] said, long[] first) {
    add(truth, real);
    add(told, said);
    add(oldest, first);
    return this;
  }

  private static void add(List<String> list, long[] addresses) {
    for (long address : addresses) {
      list.add(Long.toHexString(address));
    }
  }

  PtStory taken() {
    return bit(1);
  }

  PtStory notTaken() {
    return bit(0);
  }

  private PtStory bit(int taken) {
    bits = bits << 1 | taken;
    if (++count == SHORT_TNT) {
      flush();
    }
    return this;
  }

  private void flush() {
    if (count > 0) {
      out.appendTnt(bits, count);
    }
    bits = 0;
    count = 0;
  }

  PtStory tip(long target) {
    flush();
    out.appendTip(target);
    return this;
  }

  /// The flow left before `from` ran, for `handler`.
  PtStory async(long from, long handler) {
    flush();
    out.appendFup(from);
    out.appendTip(handler);
    return this;
  }

  PtStory tsc(long tsc) {
    flush();
    out.appendTsc(tsc);
    return this;
  }

  PtStory cyc(long cycles) {
    flush();
    out.appendCyc(cycles);
    return this;
  }

  PtStory packet(PtPacket packet) {
    flush();
    out.write(packet);
    return this;
  }

  // ---- the loop of PtText

  /// Turns over the NOP.
  PtStory old(int turns) {
    for (int i = 0; i < turns; i++) {
      ran(OLD_TURN).taken();
    }
    return this;
  }

  /// Turns over the jump.
  PtStory fresh(int turns) {
    for (int i = 0; i < turns; i++) {
      ran(NEW_TURN).taken();
    }
    return this;
  }

  /// Turns over the jump that libipt and perf take for turns over the NOP, in silence. So must we, but not in silence.
  PtStory unseen(int turns) {
    for (int i = 0; i < turns; i++) {
      tale(NEW_TURN, OLD_TURN, OLD_TURN).taken();
    }
    return this;
  }

  /// A turn over the jump that libipt and perf take for such, although the packets do not tell.
  PtStory lucky() {
    return tale(NEW_TURN, NEW_TURN, OLD_TURN).taken();
  }

  /// A turn that runs into INT3 at the site; the handler emulates the NOP.
  PtStory trapOld() {
    return trap(SITE + NOP5.length).ran(SITE + 5, SITE + 8).taken();
  }

  /// A turn that runs into INT3 at the site; the handler emulates the jump.
  PtStory trapNew() {
    return trap(OTHER).ran(OTHER, OTHER + 4, OTHER + 7).taken();
  }

  /// INT3 at the site, up to the handler's return.
  PtStory trap(long resume) {
    return ran(WORK).async(SITE, TRAP).ran(TRAP, TRAP + 2).tip(resume);
  }

  /// A sync IPI before `next`; the handler takes 10 cycles.
  PtStory sync(long next) {
    return async(next, SYNC).ran(SYNC, SYNC + 2).cyc(10).tip(next);
  }

  /// The raw trace.
  byte[] trace() {
    flush();
    return out.toByteArray();
  }

  /// What ran, addresses in hex.
  List<String> truth() {
    return Collections.unmodifiableList(truth);
  }

  /// What one says who takes the oldest text wherever more than one fits.
  List<String> oldest() {
    return Collections.unmodifiableList(oldest);
  }

  /// What libipt and perf say.
  List<String> told() {
    return Collections.unmodifiableList(told);
  }
}

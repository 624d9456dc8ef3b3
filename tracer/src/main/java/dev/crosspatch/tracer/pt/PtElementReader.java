package dev.crosspatch.tracer.pt;

import static dev.crosspatch.tracer.pt.PtPacketTable.*;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.flow.TraceWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Front end of Intel PT: packets to elements. A chunk ends with the status packets behind a PSB, whose FUP becomes its
/// last element (`AT`), so that look-ahead inside a chunk always finds firm ground.
///
/// Packets that belong together become one element: FUP and TIP `ASYNC`, FUP and TIP.PGD `STOP`, OVF and FUP `LOST`,
/// `START`. A FUP that only tells where a PTWRITE, power, event, transaction or mode packet belongs is a `PLACE`. What
/// has nothing to do with flow or time is dropped.
final class PtElementReader implements ElementReader {
  /// Branches of a full TNT.
  private static final int TNT_8_MOST = 6;
  private static final int TNT_64_MOST = 47;

  private final PtPacketReader packets;
  private final PtClock clock;
  private final List<String> errors = new ArrayList<>();
  private boolean synced;
  private boolean finished;

  /// Whether packets are enabled (PacketEn), as far as told.
  private boolean on;
  private boolean inPsb;
  private boolean psbHasIp;
  private long psbIp;
  private boolean lost;
  /// A FUP that waits for its TIP.
  private boolean fupPending;
  private long fup;
  /// The next FUP belongs to a packet that is not about flow.
  private boolean fupElsewhere;
  /// If so: the instruction there has retired.
  private boolean fupRetired;
  private final Set<Mode> modes;
  /// The present mode, the one that begins with the next packet with an IP, and the one told last by an element.
  private Mode mode = Mode.CODE_64;
  private Mode nextMode = Mode.CODE_64;
  private Mode toldMode = Mode.CODE_64;
  /// Whether code of the present mode can be followed; if not, whether that was told.
  private boolean follows;
  private boolean modeTold;
  private long modePlace;
  /// The packet before the present one, timing aside, was a full TNT: a TIP behind it may have been deferred.
  private boolean fullTnt;
  private boolean chunkEnds;

  PtElementReader(TraceSource trace, PtConfig config, Set<Mode> modes) {
    this.modes = modes;
    follows = modes.contains(mode);
    packets = new PtPacketReader(new TraceWindow(trace));
    clock = new PtClock(config);
  }

  @Override
  public String error(int index) {
    return errors.get(index);
  }

  @Override
  public boolean next(Elements elements) {
    elements.clear();
    errors.clear();
    clock.enter(elements);
    chunkEnds = false;
    if (!synced) {
      synced = true;
      begin();
    }
    while (!finished && !chunkEnds) {
      packet(packets.next());
    }
    return elements.count() > 0;
  }

  private void begin() {
    if (!packets.sync()) {
      finished = true;
      if (packets.next() != PtPacketReader.END) {
        error("PT packet at byte 0x0: there is no PSB in the trace");
      }
    }
  }

  private void packet(int kind) {
    switch (kind) {
      case TNT_8, TNT_64 -> tnt();
      case CYC -> clock.cyc(packets.payload());
      case TIP -> tip();
      case FUP -> fup();
      case MTC -> clock.mtc(packets.payload());
      case TSC -> clock.tsc(packets.payload());
      case TMA -> clock.tma(TMA_CTC.get(packets.payload()), TMA_FC.get(packets.payload()));
      case CBR -> clock.cbr((int) CBR_RATIO.get(packets.payload()));
      case PAD, MNT -> {}
      case PIP -> pip();
      case TIP_PGE -> enabled();
      case TIP_PGD -> disabled();
      case PSB -> psb();
      case PSBEND -> psbEnd();
      case OVF -> overflow();
      case MODE_EXEC -> mode();
      case MODE_TSX -> ownsFup(on && !inPsb && !TSX_ABORT.isSet(packets.header()));
      case PTW -> {
        ownsFup(PTW_IP.isSet(packets.header()));
        fupRetired = true;
      }
      case EXSTOP -> ownsFup(EXSTOP_IP.isSet(packets.header()));
      case BEP -> ownsFup(BEP_IP.isSet(packets.header()));
      case CFE -> ownsFup(CFE_IP.isSet(packets.header()));
      case TRIG -> ownsFup(TRIG_IP.isSet(packets.header()));
      case PtPacketReader.END -> end();
      case PtPacketReader.BAD_PACKET, PtPacketReader.NEED_MORE_BYTES ->
          lose(String.valueOf(packets.error().getMessage()));
      default -> clock.other();
    }
  }

  private void add(int kind, long a, long b) {
    clock.add(kind, a, b, packets.place());
    clock.other();
  }

  // ---- flow

  private void tnt() {
    if (!on || fupPending || inPsb) {
      misplaced("TNT");
      return;
    }
    if (follows) {
      int count = packets.count();
      add(Elements.BITS, Long.reverse(packets.bits()) >>> (64 - count), count);
      fullTnt = count == TNT_8_MOST || count == TNT_64_MOST;
    }
  }

  private void tip() {
    if (lost && !inPsb && packets.ipCompression() != 0) {
      // some processors lose the FUP behind an overflow (erratum SKD010): the first TIP tells an address as well
      start(packets.ip());
      return;
    }
    if (!on || inPsb) {
      misplaced("TIP");
      return;
    }
    if (packets.ipCompression() == 0) {
      withoutTarget();
    } else if (!follows) {
      leaveMode();
    } else if (fupPending) {
      add(Elements.ASYNC, fup, packets.ip());
    } else {
      add(Elements.TARGET, packets.ip(), fullTnt ? 1 : 0);
    }
    fullTnt = false;
    fupPending = false;
    fupElsewhere = false;
    enterMode();
  }

  /// It still proves that the flow came to its branch, or to the address of its FUP.
  private void withoutTarget() {
    boolean branch = follows && !fupPending;
    if (follows && fupPending && fup != Elements.UNKNOWN) {
      add(Elements.PLACE, fup, 0);
    }
    add(Elements.ERROR, errors.size(), branch ? 1 : 0);
    errors.add(place("a TIP without IP does not tell where the flow went"));
  }

  private void fup() {
    if (inPsb) {
      psbHasIp = packets.ipCompression() != 0;
      psbIp = packets.ip();
    } else if (fupElsewhere) {
      place();
    } else if (lost && packets.ipCompression() != 0) {
      start(packets.ip());
    } else if (!on || fupPending) {
      misplaced("FUP");
    } else {
      fupPending = true;
      fup = packets.ipCompression() == 0 ? Elements.UNKNOWN : packets.ip();
      if (fup == Elements.UNKNOWN) {
        error(place("a FUP without IP does not tell where the flow stands"));
      }
    }
  }

  /// A packet that is not about flow; whether the next FUP is its own. No TIP is put off beyond it.
  private void ownsFup(boolean owns) {
    fullTnt = false;
    fupElsewhere |= owns;
    fupRetired = false;
  }

  /// The FUP of such a packet: the flow has reached its address.
  private void place() {
    fupElsewhere = false;
    fullTnt = false;
    if (on && packets.ipCompression() == 0 && nextMode != mode) {
      error(place("a FUP without IP does not tell where the mode changed"));
    } else if (on && (follows || modes.contains(nextMode)) && packets.ipCompression() != 0) {
      add(Elements.PLACE, packets.ip(), fupRetired ? 1 : 0);
    }
    if (on) {
      enterMode();
    }
  }

  private void start(long address) {
    on = true;
    lost = false;
    fupPending = false;
    fupElsewhere = false;
    fullTnt = false;
    changeMode();
    modeTold = false;
    if (follows) {
      add(Elements.START, address, 0);
    }
    tellMode();
  }

  private void enabled() {
    if (inPsb || packets.ipCompression() == 0) {
      misplaced("TIP.PGE");
    } else {
      start(packets.ip());
    }
  }

  private void disabled() {
    if (on && follows) {
      add(Elements.STOP, fupPending ? fup : Elements.UNKNOWN, packets.ipCompression() == 0
          ? Elements.UNKNOWN : packets.ip());
    }
    off();
  }

  /// The trace does not tell where the flow went from a FUP. It tells how far it came before.
  private void leave() {
    if (on && fupPending && follows) {
      add(Elements.STOP, fup, Elements.UNKNOWN);
    }
    off();
  }

  private void off() {
    on = false;
    lost = false;
    inPsb = false;
    fupPending = false;
    fupElsewhere = false;
    fullTnt = false;
  }

  private void end() {
    leave();
    finished = true;
  }

  // ---- modes: the same bytes mean other instructions in another mode; code of one that the instruction set has not is
  // skipped

  /// The mode begins with the next packet that has an IP (SDM Vol. 3C 33.4.2.8). If that is a FUP which no other FUP
  /// came before, it only says where the mode changed.
  private void mode() {
    nextMode = EXEC_CS_L.isSet(packets.header()) ? Mode.CODE_64
        : EXEC_CS_D.isSet(packets.header()) ? Mode.CODE_32 : Mode.CODE_16;
    modePlace = packets.place();
    ownsFup(!inPsb && !fupPending && !lost);
    clock.other();
  }

  private void enterMode() {
    if (nextMode != mode) {
      changeMode();
      modeTold = false;
      tellMode();
    }
  }

  private void changeMode() {
    mode = nextMode;
    follows = modes.contains(mode);
  }

  private void leaveMode() {
    if (modes.contains(nextMode)) {
      start(packets.ip());
    }
  }

  /// Behind the element that tells where it begins.
  private void tellMode() {
    if (follows && toldMode != mode) {
      toldMode = mode;
      add(Elements.MODE, mode.ordinal(), 0);
    } else if (!follows && !modeTold) {
      modeTold = true;
      error(place(modePlace, width(mode) + "-bit code cannot be followed"));
    }
  }

  private static int width(Mode mode) {
    return switch (mode) {
      case CODE_64 -> 64;
      case CODE_32 -> 32;
      case CODE_16 -> 16;
    };
  }

  /// Between a FUP and its TIP it tells of the context in which the flow goes on, no instruction wrote it.
  private void pip() {
    if (!inPsb && !fupPending) {
      add(Elements.CONTEXT, PIP_CR3.get(packets.payload()) << 5, 0);
    }
  }

  // ---- synchronization, loss, errors

  private void psb() {
    inPsb = true;
    psbHasIp = false;
    clock.other();
  }

  private void psbEnd() {
    if (inPsb && psbHasIp) {
      atSync();
    }
    inPsb = false;
    fupPending = false;
  }

  private void atSync() {
    boolean known = on && follows;
    modeTold &= mode == nextMode;
    changeMode();
    if (follows) {
      add(known ? Elements.AT : Elements.START, psbIp, 0);
      chunkEnds = true;
    }
    tellMode();
    on = true;
    lost = false;
  }

  private void overflow() {
    leave();
    add(Elements.LOST, 0, 0);
    clock.lost();
    lost = true;
  }

  private void misplaced(String packet) {
    String why = inPsb ? "between PSB and PSBEND" : fupPending ? "between FUP and TIP" : "while tracing is off";
    lose(place(packet + " " + why));
  }

  private String place(String what) {
    return place(packets.place(), what);
  }

  private static String place(long at, String what) {
    return String.valueOf(new PtPacketException(at, what, false).getMessage());
  }

  /// Gives up until the next PSB.
  private void lose(String message) {
    leave();
    error(message);
    clock.lost();
    finished = !packets.sync();
  }

  private void error(String message) {
    add(Elements.ERROR, errors.size(), 0);
    errors.add(message);
  }
}

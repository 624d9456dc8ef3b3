package dev.crosspatch.tracer.pt;

import static dev.crosspatch.tracer.pt.PtPacketTable.*;

import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.flow.TraceWindow;
import java.util.ArrayList;
import java.util.List;

/// Front end of Intel PT: packets to elements. A chunk ends with the status packets behind a PSB, whose FUP becomes its last
/// element (`AT`), so that look-ahead inside a chunk always finds firm ground.
///
/// Packets that belong together become one element: FUP and TIP `ASYNC`, FUP and TIP.PGD `STOP`, OVF and FUP `LOST`, `START`. FUPs that
/// only tell where a PTWRITE, power or event packet belongs are dropped, as is all that has nothing to do with flow or time.
final class PtElementReader implements ElementReader {
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
  private boolean chunkEnds;

  PtElementReader(TraceSource trace, PtOptions options) {
    packets = new PtPacketReader(new TraceWindow(trace));
    clock = new PtClock(options);
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
      case MODE_TSX -> fupElsewhere |= !inPsb && !TSX_ABORT.isSet(packets.header());
      case PTW -> fupElsewhere |= PTW_IP.isSet(packets.header());
      case EXSTOP -> fupElsewhere |= EXSTOP_IP.isSet(packets.header());
      case BEP -> fupElsewhere |= BEP_IP.isSet(packets.header());
      case CFE -> fupElsewhere |= CFE_IP.isSet(packets.header());
      case TRIG -> fupElsewhere |= TRIG_IP.isSet(packets.header());
      case PtPacketReader.END -> finished = true;
      case PtPacketReader.BAD_PACKET, PtPacketReader.NEED_MORE_BYTES -> lose(String.valueOf(packets.error().getMessage()));
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
    int count = packets.count();
    add(Elements.BITS, Long.reverse(packets.bits()) >>> (64 - count), count);
  }

  private void tip() {
    if (!on || inPsb) {
      misplaced("TIP");
    } else if (packets.ipCompression() == 0) {
      lose(place("a TIP without IP does not tell where the flow went"));
    } else if (fupPending) {
      add(Elements.ASYNC, fup, packets.ip());
    } else {
      add(Elements.TARGET, packets.ip(), 0);
    }
    fupPending = false;
  }

  private void fup() {
    if (inPsb) {
      psbHasIp = packets.ipCompression() != 0;
      psbIp = packets.ip();
    } else if (fupElsewhere) {
      fupElsewhere = false;
    } else if (packets.ipCompression() == 0) {
      lose(place("a FUP without IP does not tell where the flow stands"));
    } else if (lost) {
      start(packets.ip());
    } else if (!on || fupPending) {
      misplaced("FUP");
    } else {
      fupPending = true;
      fup = packets.ip();
    }
  }

  private void start(long address) {
    add(Elements.START, address, 0);
    on = true;
    lost = false;
    fupPending = false;
  }

  private void enabled() {
    if (inPsb || packets.ipCompression() == 0) {
      misplaced("TIP.PGE");
    } else {
      start(packets.ip());
    }
  }

  private void disabled() {
    if (on) {
      add(Elements.STOP, fupPending ? fup : Elements.UNKNOWN, 0);
    }
    on = false;
    lost = false;
    fupPending = false;
  }

  /// The flow classes of the text are those of 64-bit code; the same bytes mean other instructions in another mode.
  private void mode() {
    if (EXEC_CS_L.isSet(packets.header())) {
      clock.other();
    } else {
      lose(place((EXEC_CS_D.isSet(packets.header()) ? 32 : 16) + "-bit code cannot be followed"));
    }
  }

  private void pip() {
    if (!inPsb) {
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
      add(on ? Elements.AT : Elements.START, psbIp, 0);
      on = true;
      lost = false;
      chunkEnds = true;
    }
    inPsb = false;
    fupPending = false;
  }

  private void overflow() {
    add(Elements.LOST, 0, 0);
    clock.lost();
    on = false;
    lost = true;
    inPsb = false;
    fupPending = false;
    fupElsewhere = false;
  }

  private void misplaced(String packet) {
    String why = inPsb ? "between PSB and PSBEND" : fupPending ? "between FUP and TIP" : "while tracing is off";
    lose(place(packet + " " + why));
  }

  private String place(String what) {
    return String.valueOf(new PtPacketException(packets.place(), what, false).getMessage());
  }

  /// Gives up until the next PSB.
  private void lose(String message) {
    error(message);
    on = false;
    lost = false;
    inPsb = false;
    fupPending = false;
    fupElsewhere = false;
    clock.lost();
    finished = !packets.sync();
  }

  private void error(String message) {
    add(Elements.ERROR, errors.size(), 0);
    errors.add(message);
  }
}

package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.flow.TraceWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Front end of ETMv4 and ETE: packets to elements. A chunk ends with the address behind a periodic Trace Info, which
/// becomes its last element (`AT`), so that look-ahead inside a chunk always finds firm ground.
///
/// Packets that belong together become one element: Exception and address of the handler `ASYNC`, Trace On and address
/// `START`. An Exception whose address is also a branch target (E1:E0 = 10) makes two. A Debug halt is a `STOP`.
///
/// Trace units without speculation, transactions, Q elements and source addresses can be followed; a packet of the
/// others is an error. Where the packets themselves can be read on, the next target address is told all the same: the
/// flow can be taken up there. Code of a mode that the instruction set has not is skipped so.
final class EtmElementReader implements ElementReader {
  private static final Map<Mode, String> MODE_NAMES =
      Map.of(Mode.CODE_64, "A64", Mode.CODE_32, "A32", Mode.CODE_16, "T32");

  private final EtmPacketReader packets;
  private final EtmClock clock;
  private final List<String> errors = new ArrayList<>();
  private boolean synced;
  private boolean finished;

  /// Whether the flow is known, as far as told.
  private boolean on;
  /// A Trace Info waits for its address.
  private boolean infoPending;
  /// An exception waits for the address of its handler.
  private boolean exceptionPending;
  private long from;
  /// Packets are skipped up to the next address.
  private boolean lost;
  private final Set<Mode> modes;
  /// The PE is in AArch64 state.
  private boolean aarch64 = true;
  /// It changed, and no address was told since.
  private boolean stateChanged;
  /// Sub-instruction set of the last address.
  private int is;
  /// The element before the next packet told an address.
  private boolean behindAddress;
  private Mode toldMode = Mode.CODE_64;
  private boolean contextKnown;
  private int contextId;
  private boolean chunkEnds;

  EtmElementReader(TraceSource trace, EtmRegisters registers, ClockRatio clocks, Set<Mode> modes) {
    this.modes = modes;
    packets = new EtmPacketReader(registers, new TraceWindow(trace));
    clock = new EtmClock(clocks);
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
    clock.release();
    return elements.count() > 0;
  }

  private void begin() {
    if (!packets.sync()) {
      finished = true;
      if (!packets.isEmpty()) {
        error("ETM packet at byte 0x0: there is no A-Sync in the trace");
      }
    }
  }

  private void packet(int kind) {
    switch (kind) {
      case ATOMS -> atoms();
      case ADDRESS -> address();
      case ADDRESS_CONTEXT -> {
        if (context()) {
          address();
        }
      }
      case CONTEXT -> contextAlone();
      case EXCEPTION -> exception();
      case TIMESTAMP -> clock.timestamp(packets.timestamp(), packets.cycles());
      case TIMESTAMP_MARKER -> clock.mark();
      case CYCLE_COUNT_F1, CYCLE_COUNT_F2, CYCLE_COUNT_F3 -> clock.count(packets.cycles());
      case TRACE_INFO -> traceInfo();
      case TRACE_ON -> traceOn();
      case OVERFLOW -> overflow();
      case DISCARD -> discard();
      case A_SYNC, EXCEPTION_RETURN, CONTEXT_SAME, EVENT, INSTRUMENTATION, IGNORE -> {}
      case EtmPacketReader.END -> end();
      case EtmPacketReader.BAD_PACKET, EtmPacketReader.NEED_MORE_BYTES ->
          lose(String.valueOf(packets.error().getMessage()));
      case SOURCE_ADDRESS, Q, PE_RESET -> skip(place(EtmPacketText.text(packets.packet()) + " cannot be followed"));
      default -> lose(place(EtmPacketText.text(packets.packet()) + " cannot be followed"));
    }
  }

  private void add(int kind, long a, long b) {
    clock.add(kind, a, b, packets.place());
    behindAddress = false;
  }

  /// Tells an address, and from there on the mode. A branch in AArch32 state may change it without a packet.
  private void addAddress(int kind, long a, long b) {
    add(kind, a, b);
    tellMode();
    behindAddress = true;
    stateChanged = false;
  }

  private void tellMode() {
    Mode mode = mode();
    if (toldMode != mode || mode != Mode.CODE_64) {
      toldMode = mode;
      add(Elements.MODE, mode.ordinal(), 0);
    }
  }

  /// At the last address (DDI0487 D5.3: SF of its context, IS of its packet).
  private Mode mode() {
    return aarch64 ? Mode.CODE_64 : is == 0 ? Mode.CODE_32 : Mode.CODE_16;
  }

  // ---- flow

  /// Behind a Trace Info where the trace was taken up, atoms before the first address tell nothing. Where the flow is
  /// known they go on: the address tells where the last of them led (I_CHTFM).
  private void atoms() {
    if (exceptionPending) {
      skip(place("atoms between an exception and the address of its handler"));
    } else if (stateChanged && on && !lost) {
      skip(place("atoms between a change of the execution state and an address"));
    } else if (on && !lost) {
      add(Elements.BITS, packets.atomBits(), packets.atomCount());
    }
  }

  private void address() {
    if (!follows()) {
      return;
    }
    if (lost && on) {
      lost = false;
      addAddress(infoPending ? Elements.AT : Elements.TARGET, packets.address(), 0);
      chunkEnds = infoPending;
      infoPending = false;
      return;
    }
    if (exceptionPending) {
      exceptionPending = false;
      addAddress(Elements.ASYNC, from, packets.address());
    } else if (!on) {
      on = true;
      infoPending = false;
      addAddress(Elements.START, packets.address(), 0);
    } else if (!infoPending) {
      addAddress(Elements.TARGET, packets.address(), 0);
    }
    if (infoPending) {
      infoPending = false;
      chunkEnds = true;
      addAddress(Elements.AT, packets.address(), 0);
    }
  }

  private void exception() {
    if (!on || lost) {
      return;
    }
    if (packets.hasContext() && !context()) {
      return;
    }
    if (packets.exceptionIsTarget() && !follows()) {
      return;
    }
    if (exceptionPending && packets.exceptionIsTarget()) {
      addAddress(Elements.ASYNC, from, packets.address());
    } else if (exceptionPending) {
      skip(place("an exception between another and the address of its handler"));
      return;
    } else if (packets.exceptionIsTarget()) {
      addAddress(Elements.TARGET, packets.address(), 0);
    }
    from = packets.address();
    exceptionPending = packets.exceptionType() != EtmPacket.ExceptionEntry.DEBUG_HALT;
    if (!exceptionPending) {
      stop(from);
    }
  }

  /// The address of the packet is one that the flow goes to.
  ///
  /// @return whether its mode is one that the instruction set has
  private boolean follows() {
    is = packets.is();
    if (modes.contains(mode())) {
      return true;
    }
    skip(place(MODE_NAMES.get(mode()) + " code cannot be followed"));
    return false;
  }

  /// A context without an address is that of the address told just before, or of the next.
  private void contextAlone() {
    boolean before = aarch64;
    if (context() && aarch64 != before) {
      stateChanged = !behindAddress;
      if (behindAddress && !modes.contains(mode())) {
        skip(place(MODE_NAMES.get(mode()) + " code cannot be followed"));
      } else if (behindAddress) {
        tellMode();
      }
    }
  }

  /// Takes up a context. The same bytes mean other instructions in another state.
  ///
  /// @return whether the flow can be followed there
  private boolean context() {
    aarch64 = (packets.contextInfo() & EtmContext.SF) != 0;
    if (!aarch64 && !modes.contains(Mode.CODE_32) && !modes.contains(Mode.CODE_16)) {
      skip(place("AArch32 state cannot be followed"));
      return false;
    }
    boolean told = (packets.contextInfo() & EtmContext.C) != 0;
    if (told && (!contextKnown || contextId != packets.contextId())) {
      contextKnown = true;
      contextId = packets.contextId();
      add(Elements.CONTEXT, Integer.toUnsignedLong(contextId), 0);
    }
    return true;
  }

  // ---- synchronization, loss, errors

  private void traceInfo() {
    if (packets.count() == 0) {
      infoPending = true;
    } else {
      lose(place(packets.count() + " P0 elements that are still speculative cannot be followed"));
    }
  }

  private void end() {
    leave();
    finished = true;
  }

  private void traceOn() {
    leave();
    off();
  }

  /// The trace does not tell where an exception led. It tells how far the flow came before.
  private void leave() {
    if (exceptionPending) {
      stop(from);
    }
  }

  private void stop(long address) {
    add(Elements.STOP, address, 0);
    off();
  }

  private void discard() {
    leave();
    if (on) {
      stop(Elements.UNKNOWN);
    }
  }

  private void overflow() {
    leave();
    add(Elements.LOST, 0, 0);
    clock.lost();
    off();
  }

  private void off() {
    on = false;
    lost = false;
    exceptionPending = false;
  }

  private String place(String what) {
    return "ETM packet at byte 0x%x: %s".formatted(packets.place(), what);
  }

  /// Gives up until the next address, which does not need to be one that a branch of the text needs.
  private void skip(String message) {
    if (lost) {
      return;
    }
    leave();
    error(message);
    on = true;
    lost = true;
  }

  /// Gives up until the next A-Sync.
  private void lose(String message) {
    leave();
    error(message);
    off();
    clock.lost();
    finished = !packets.sync();
  }

  private void error(String message) {
    add(Elements.ERROR, errors.size(), 0);
    errors.add(message);
  }
}

package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import dev.crosspatch.tracer.flow.PacketListing;
import dev.crosspatch.tracer.flow.TraceWindow;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Takes a byte stream apart into packets, keeping address history, last timestamp and cycle count threshold.
///
/// As a cursor: [#next()] steps to the next packet and returns its kind (a constant of [EtmPacketTable]); accessors
/// tell its content until the next step. Nothing is allocated. [#packet()] makes a record of the current packet, and
/// [#read()] does both at once.
///
/// - Bytes that end inside a packet give [#NEED_MORE_BYTES] and change nothing: after [#extend(byte[], int)] the same
///   packet is read again from its start.
/// - Bytes that are no packet give [#BAD_PACKET], and the reader stays there: [#sync()] goes on at the next A-Sync.
///
/// [#error()] says what and where. No input makes the reader throw anything but [EtmPacketException].
public final class EtmPacketReader extends EtmPacketBody implements PacketListing.Cursor {
  /// No packet: the stream ends here.
  public static final int END = -1;

  /// No packet: the stream ends inside one. [#extend(byte[], int)], then call [#next()] again.
  public static final int NEED_MORE_BYTES = -2;

  /// No packet: no trace unit of this configuration sends these bytes. Only [#sync()] gets beyond them.
  public static final int BAD_PACKET = -3;

  private final @Nullable TraceWindow window;
  /// Offset in the whole trace of `data[0]`.
  private long base;
  private byte[] data;
  /// Of the current packet: its first byte, the one behind it, what it is.
  private int start;
  private int position;
  private int kind;

  /// Reader of a whole array.
  public EtmPacketReader(EtmRegisters config, byte[] data) {
    this(config, data, 0, data.length);
  }

  /// Reader of `data` from offset `from` (inclusive) to `to` (exclusive); not copied.
  public EtmPacketReader(EtmRegisters config, byte[] data, int from, int to) {
    this(config, null, data, Objects.checkFromToIndex(from, to, data.length), to);
  }

  /// Reader of all that comes through `window`; offsets are those in its array, which moves on over the trace
  /// ([#place]).
  public EtmPacketReader(EtmRegisters config, TraceWindow window) {
    this(config, window, window.bytes(), 0, window.limit());
  }

  private EtmPacketReader(EtmRegisters config, @Nullable TraceWindow window, byte[] data, int from, int to) {
    super(config, data, to);
    this.window = window;
    this.data = data;
    position = from;
  }

  // ---- cursor

  /// Continues with `longer`, which holds all the bytes given before at the same offsets and more, up to `to`
  /// (exclusive).
  public void extend(byte[] longer, int to) {
    Objects.checkFromToIndex(in.limit(), to, longer.length);
    data = longer;
    in.extend(longer, to);
  }

  /// Steps to the next packet.
  ///
  /// @return its kind, not negative; or [#END], [#NEED_MORE_BYTES] or [#BAD_PACKET]
  @Override
  public int next() {
    kind = step();
    while (kind < 0 && kind != BAD_PACKET && refill(start)) {
      kind = step();
    }
    return kind;
  }

  /// Lets the window move on, so that the byte at index `keep` comes to index 0.
  ///
  /// @return whether there are more bytes than before
  private boolean refill(int keep) {
    if (window == null) {
      return false;
    }
    boolean more = window.advance(keep);
    data = window.bytes();
    in.extend(data, window.limit());
    base += keep;
    start = Math.max(0, start - keep);
    position = Math.max(0, position - keep);
    return more;
  }

  /// Whether the stream has no byte at all. To be asked when its end was met.
  public boolean isEmpty() {
    return base == 0 && in.limit() == 0;
  }

  private int step() {
    start = position;
    if (start >= in.limit()) {
      return END;
    }
    header = data[start] & 0xFF;
    detail = details[header];
    int headerKind = kinds[header];
    if (headerKind == ATOMS) {
      position = start + 1;
      return ATOMS;
    }
    return finish(read(headerKind, start + 1));
  }

  /// Goes to the next A-Sync, at or behind the current position, or behind a bad packet's first byte.
  ///
  /// @return whether there is one; it is then the next packet. If not, at most the last zeros, which may begin one,
  ///     remain to be read.
  @Override
  public boolean sync() {
    int zeros = 0;
    int at = kind == BAD_PACKET ? start + 1 : position;
    kind = END;
    while (true) {
      if (at == in.limit()) {
        int kept = Math.min(zeros, A_SYNC_ZEROS);
        if (!refill(at - kept)) {
          position = in.limit() - kept;
          return false;
        }
        at = kept;
      } else if (data[at] == A_SYNC_ZERO) {
        zeros++;
        at++;
      } else if (zeros >= A_SYNC_ZEROS && data[at] == (byte) A_SYNC_END) {
        position = at - A_SYNC_ZEROS;
        return true;
      } else {
        zeros = 0;
        at++;
      }
    }
  }

  /// Kind of the current packet, as [#next()] returned it.
  public int kind() {
    return kind;
  }

  /// Offset of the current packet's first byte, in the array that was given.
  public int offset() {
    return start;
  }

  /// The same in the whole trace.
  @Override
  public long place() {
    return base + start;
  }

  /// The array in which [#offset] stands, until the next step.
  byte[] bytes() {
    return data;
  }

  /// How many bytes there are from [#offset] on, `most` at most.
  int ahead(int most) {
    while (in.limit() - start < most && refill(start)) {}
    return Math.min(most, in.limit() - start);
  }

  /// Offset behind the current packet, where the next one begins.
  public int position() {
    return position;
  }

  /// Bytes of the current packet; 0 if there is none.
  public int size() {
    return position - start;
  }

  /// Header byte of the current packet.
  public int header() {
    return header;
  }

  /// Atoms of kind ATOMS, oldest in bit 0, 1 for E.
  public int atomBits() {
    return EtmPacketTable.atomBits(detail);
  }

  /// Number of atoms of kind ATOMS, 1 to 24.
  public int atomCount() {
    return EtmPacketTable.atomCount(detail);
  }

  /// Whether the packet has an address.
  public boolean hasAddress() {
    return hasAddress;
  }

  /// Address of the packet, for exceptions the preferred return address.
  public long address() {
    return address & ~1;
  }

  /// Sub-instruction set of the address.
  public int is() {
    return (int) address & 1;
  }

  /// Whether the packet states a context.
  public boolean hasContext() {
    return hasContext;
  }

  /// Context information byte, see [EtmContext#info()]; bits V and C tell whether the identifiers count.
  public int contextInfo() {
    return contextInfo;
  }

  /// Virtual context identifier of a context with bit V.
  public int vmid() {
    return vmid;
  }

  /// Context identifier of a context with bit C.
  public int contextId() {
    return contextId;
  }

  /// Exception type, D5.3.26.
  public int exceptionType() {
    return EtmPacketTable.exceptionType(info);
  }

  /// Whether the address of an exception is also the target of the last taken indirect branch.
  public boolean exceptionIsTarget() {
    return (info & EXCEPTION_E1) != 0;
  }

  /// Timestamp in ticks.
  public long timestamp() {
    return lastTimestamp;
  }

  /// Cycle count, threshold included, of a Cycle Count, or of a Timestamp; [EtmPacket#UNKNOWN] if unknown or absent.
  public int cycles() {
    return cycles;
  }

  /// P0 elements of Commit, Cancel and Cycle Count (0: no commit); instructions of Q, [EtmPacket#UNKNOWN] if absent.
  public long count() {
    return count;
  }

  /// Atoms before a Mispredict or Cancel F2.
  public EtmPacket.AtomsBefore atomsBefore() {
    return EtmPacket.AtomsBefore.of(detail);
  }

  /// Whether a Cancel F1 ends with a Mispredict.
  public boolean mispredict() {
    return detail != 0;
  }

  /// Whether an E atom precedes a Cancel F3.
  public boolean afterE() {
    return (detail & 1) != 0;
  }

  /// Events of an Event packet, bit n for event n.
  public int events() {
    return detail;
  }

  /// INFO of a Trace Info packet.
  public int traceInfo() {
    return info;
  }

  /// Cycle count threshold: of the last Trace Info.
  public int threshold() {
    return threshold;
  }

  /// Says what [#NEED_MORE_BYTES] or [#BAD_PACKET] was about, e.g. `ETM packet at byte 0x41: header 0x52 is reserved`.
  ///
  /// @throws IllegalStateException if there was no such error
  public EtmPacketException error() {
    if (kind != NEED_MORE_BYTES && kind != BAD_PACKET) {
      throw new IllegalStateException("No error at byte 0x%x".formatted(start));
    }
    String what =
        kind == BAD_PACKET
            ? in.problem() : "ends after %d bytes, %s goes on".formatted(in.limit() - start, name(header));
    return new EtmPacketException(place(), "ETM packet at byte 0x%x: %s".formatted(place(), what));
  }

  // ---- records

  /// Steps to the next packet and gives it as a record.
  ///
  /// @return null at the end of the stream
  /// @throws EtmPacketException if the bytes are no packet, or not all of one
  public @Nullable EtmPacket read() {
    int next = next();
    if (next < END) {
      throw error();
    }
    return next == END ? null : packet();
  }

  /// The current packet as a record.
  ///
  /// @throws IllegalStateException if there is none
  public EtmPacket packet() {
    return switch (kind) {
      case A_SYNC -> new EtmPacket.ASync();
      case DISCARD -> new EtmPacket.Discard();
      case OVERFLOW -> new EtmPacket.Overflow();
      case TRACE_INFO -> new EtmPacket.TraceInfo(info, value, count, cycles);
      case TIMESTAMP -> new EtmPacket.Timestamp(lastTimestamp, cycles);
      case TIMESTAMP_MARKER -> new EtmPacket.TimestampMarker();
      case TRACE_ON -> new EtmPacket.TraceOn();
      case EXCEPTION -> new EtmPacket.ExceptionEntry(exceptionType(), exceptionIsTarget(), etmAddress(), etmContext());
      case EXCEPTION_RETURN -> new EtmPacket.ExceptionReturn();
      case PE_RESET -> new EtmPacket.PeReset(exceptionIsTarget());
      case TRANSACTION_FAILURE -> new EtmPacket.TransactionFailure(exceptionIsTarget());
      case TRANSACTION_START -> new EtmPacket.TransactionStart();
      case TRANSACTION_COMMIT -> new EtmPacket.TransactionCommit();
      case INSTRUMENTATION -> new EtmPacket.Instrumentation(info, value);
      case CYCLE_COUNT_F1 -> new EtmPacket.CycleCountF1(count, cycles);
      case CYCLE_COUNT_F2 -> new EtmPacket.CycleCountF2(count, cycles);
      case CYCLE_COUNT_F3 -> new EtmPacket.CycleCountF3((int) count, cycles);
      case COMMIT -> new EtmPacket.Commit(count);
      case CANCEL_F1 -> new EtmPacket.CancelF1(count, mispredict());
      case CANCEL_F2 -> new EtmPacket.CancelF2(atomsBefore());
      case CANCEL_F3 -> new EtmPacket.CancelF3(afterE(), (int) count);
      case MISPREDICT -> new EtmPacket.Mispredict(atomsBefore());
      case IGNORE -> new EtmPacket.Ignore();
      case EVENT -> new EtmPacket.Event(events());
      case CONTEXT_SAME -> new EtmPacket.ContextSame();
      case CONTEXT -> new EtmPacket.Context(EtmContext.of(contextInfo, vmid, contextId));
      case ADDRESS -> new EtmPacket.Address(etmAddress());
      case ADDRESS_CONTEXT ->
          new EtmPacket.AddressContext(etmAddress(), EtmContext.of(contextInfo, vmid, contextId));
      case SOURCE_ADDRESS -> new EtmPacket.SourceAddress(etmAddress());
      case Q -> new EtmPacket.Q(count, hasAddress ? etmAddress() : null);
      case ATOMS -> new EtmPacket.Atoms(atomBits(), atomCount());
      default -> throw new IllegalStateException("No packet at byte 0x%x".formatted(start));
    };
  }

  private EtmAddress etmAddress() {
    return new EtmAddress(Form.of(addressDetail >>> 1), is(), address());
  }

  private @Nullable EtmContext etmContext() {
    return hasContext ? EtmContext.of(contextInfo, vmid, contextId) : null;
  }

  /// Ends a packet: only one that is whole and good changes the reader's state.
  private int finish(int packetKind) {
    if (in.missing()) {
      return NEED_MORE_BYTES;
    }
    if (in.problem() != null) {
      return BAD_PACKET;
    }
    position = in.at();
    if (hasAddress) {
      history.push(address);
    } else if (packetKind == TIMESTAMP) {
      lastTimestamp = value;
    } else if (packetKind == TRACE_INFO) {
      resetState();
    } else if (packetKind == PE_RESET || packetKind == TRANSACTION_FAILURE) {
      history.push(0);
    }
    return packetKind;
  }

  private void resetState() {
    history.clear();
    lastTimestamp = 0;
    threshold = (info & EtmPacket.TraceInfo.CYCLE_COUNTING) != 0 ? cycles : 0;
  }
}

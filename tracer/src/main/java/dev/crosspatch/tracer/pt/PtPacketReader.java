package dev.crosspatch.tracer.pt;

import static dev.crosspatch.tracer.pt.PtPacketTable.*;

import dev.crosspatch.tracer.flow.PacketListing;
import dev.crosspatch.tracer.flow.TraceWindow;
import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Reads Intel PT packets, one at a time, exactly as they stand: PAD is a packet like any other. Not thread safe.
///
/// Two ways to use it, which mix: [#read] gives packet records and throws on bytes that are none; [#next] moves a
/// cursor, allocates nothing and answers by code, the packet's parts being asked of the accessors.
///
/// ```
/// for (int kind = reader.next(); kind >= 0; kind = reader.next()) {
///   switch (kind) {
///     case PtPacketTable.TNT_8, PtPacketTable.TNT_64 -> branches(reader.bits(), reader.count());
///     case PtPacketTable.TIP -> target(reader.ip());
///     ...
///   }
/// }
/// if (reader.kind() != PtPacketReader.END) throw reader.error();
/// ```
///
/// Context is kept as hardware keeps it: the last IP is 0 after PSB (and at the start), a packet with suppressed IP
/// leaves it; whether a byte `xxxxx100` is a TNT-8 or a BIP depends on the open block. OVF leaves the last IP, as in
/// libipt.
public final class PtPacketReader implements PacketListing.Cursor {
  /// No packet: the stream ends here.
  public static final int END = -1;
  /// No packet: the stream ends inside one. [#extend] with more bytes, then call [#next] again.
  public static final int NEED_MORE_BYTES = -2;
  /// No packet: the bytes are none. Only [#sync] gets beyond them.
  public static final int BAD_PACKET = -3;

  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final @Nullable TraceWindow window;
  /// Offset in the whole trace of `data[0]`.
  private long base;
  private int start;
  private byte[] data;
  private int limit;
  private int offset;
  private int nextOffset;
  private int kind = END;
  private long header;
  private long payload;
  private long lastIp;
  private int block;
  private int count;
  private int needed;
  private String reason = "";

  /// Reads all of `data`, which is not copied.
  public PtPacketReader(byte[] data) {
    this(data, 0, data.length);
  }

  /// Reads `data` from offset `from` (inclusive) to `to` (exclusive).
  public PtPacketReader(byte[] data, int from, int to) {
    if (from < 0 || from > to || to > data.length) {
      throw new IllegalArgumentException("range " + from + ".." + to + " is not inside 0.." + data.length);
    }
    this.window = null;
    this.data = data;
    this.start = from;
    this.limit = to;
    this.offset = from;
    this.nextOffset = from;
  }

  /// Reads all that comes through `window`; offsets are those in its array, which moves on over the trace ([#place]).
  public PtPacketReader(TraceWindow window) {
    this.window = window;
    this.data = window.bytes();
    this.limit = window.limit();
  }

  /// Continues with `data`, which holds all the bytes given before at the same offsets and more of them, up to `to`
  /// (exclusive).
  public void extend(byte[] data, int to) {
    if (to < limit || to > data.length) {
      throw new IllegalArgumentException("end " + to + " is not inside " + limit + ".." + data.length);
    }
    this.data = data;
    this.limit = to;
  }

  /// Moves to the next packet.
  ///
  /// @return its kind, a constant of [PtPacketTable]; or [#END], [#NEED_MORE_BYTES], [#BAD_PACKET], all negative, and
  ///     then the cursor stays before the offending bytes
  @Override
  public int next() {
    offset = nextOffset;
    kind = offset == limit ? END : decode(data[offset] & 0xff);
    return kind < 0 && kind != BAD_PACKET && refill(Math.max(start, nextOffset - PSB_BYTES + 1)) ? next() : kind;
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
    limit = window.limit();
    base += keep;
    start = 0;
    offset = Math.max(0, offset - keep);
    nextOffset = Math.max(0, nextOffset - keep);
    return more;
  }

  /// Moves to the next packet and gives it as a record.
  ///
  /// @return null at the end of the stream
  /// @throws PtPacketException if the bytes are no packet, or not all of one
  public @Nullable PtPacket read() {
    int found = next();
    if (found == END) {
      return null;
    }
    if (found < 0) {
      throw error();
    }
    return packet();
  }

  /// Moves before the next PSB at or after the present place, so that [#next] reads it. A PSB of which the packet
  /// before has swallowed the beginning counts as well: that packet was damaged. So the place may go back, by less than
  /// a PSB; reading goes on behind it all the same. Of a longer run of the pattern the PSB is the last 16 bytes; the
  /// rest is that of a damaged one.
  ///
  /// @return false, with nothing moved but the window, if there is none
  @Override
  public boolean sync() {
    int at = Math.max(start, nextOffset - PSB_BYTES + 1);
    while (true) {
      if (at > limit - PSB_BYTES) {
        if (!refill(at)) {
          return false;
        }
        at = 0;
      } else if (isPsb(at)) {
        moveTo(lastOfPattern(at));
        return true;
      } else {
        at++;
      }
    }
  }

  private int lastOfPattern(int psb) {
    int at = psb;
    while (true) {
      if (at > limit - PSB_BYTES - 2) {
        boolean more = refill(at);
        at = window == null ? at : 0;
        if (!more) {
          return at;
        }
      } else if (isPsb(at + 2)) {
        at += 2;
      } else {
        return at;
      }
    }
  }

  private void moveTo(int psb) {
    offset = psb;
    nextOffset = psb;
    kind = END;
    block = 0;
  }

  /// What [#next] returned last.
  public int kind() {
    return kind;
  }

  /// Offset of the present packet's first byte, or of the bytes that are none, in the array that was given.
  public int offset() {
    return offset;
  }

  /// The same in the whole trace.
  @Override
  public long place() {
    return base + offset;
  }

  /// The array in which [#offset] stands, until the next step.
  byte[] bytes() {
    return data;
  }

  /// How many bytes there are from [#offset] on, `most` at most.
  int ahead(int most) {
    while (limit - offset < most && refill(Math.max(start, nextOffset - PSB_BYTES + 1))) {}
    return Math.min(most, limit - offset);
  }

  /// Bytes of the present packet; 0 if there is none.
  public int size() {
    return nextOffset - offset;
  }

  /// First bytes of the packet, for the header fields of [PtPacketTable]. Unspecified for CYC.
  public long header() {
    return header;
  }

  /// Payload of the packet, zero-extended: the branches of a TNT, the value of a CYC, the bytes behind the header of
  /// all others.
  public long payload() {
    return payload;
  }

  /// Branches of a TNT: the youngest in bit 0, the oldest in bit `count() - 1`; 1 = taken or compressed return.
  public long bits() {
    return payload;
  }

  /// Number of branches of a TNT, 1..47.
  public int count() {
    return count;
  }

  /// The last IP: of this packet if it is an IP packet with an IP, otherwise of the last such packet, 0 after PSB.
  public long ip() {
    return lastIp;
  }

  /// IPBytes code of an IP packet; 0 says that it has no IP.
  public int ipCompression() {
    return (int) IP_BYTES.get(header);
  }

  /// Item size of the block open behind the present packet: 4 or 8, 0 outside blocks.
  public int block() {
    return block;
  }

  /// Says what [#NEED_MORE_BYTES] or [#BAD_PACKET] was about.
  ///
  /// @throws IllegalStateException if there was no such error
  public PtPacketException error() {
    return switch (kind) {
      case NEED_MORE_BYTES ->
          new PtPacketException(place(), "cut after " + (limit - offset) + " of at least " + needed + " bytes", true);
      case BAD_PACKET -> new PtPacketException(place(), reason, false);
      default -> throw new IllegalStateException("no error at byte 0x" + Integer.toHexString(offset));
    };
  }

  /// The present packet as a record.
  ///
  /// @throws IllegalStateException if there is none
  public PtPacket packet() {
    return switch (kind) {
      case PAD -> new PtPacket.Pad();
      case TNT_8 -> new PtPacket.Tnt8(payload, count);
      case TNT_64 -> new PtPacket.Tnt64(payload, count);
      case TIP -> new PtPacket.Tip(compression(), canonicalIp());
      case TIP_PGE -> new PtPacket.TipPge(compression(), canonicalIp());
      case TIP_PGD -> new PtPacket.TipPgd(compression(), canonicalIp());
      case FUP -> new PtPacket.Fup(compression(), canonicalIp());
      case PIP -> new PtPacket.Pip(PIP_CR3.get(payload) << 5, PIP_NR.isSet(payload));
      case MODE_EXEC -> new PtPacket.ModeExec(EXEC_CS_L.isSet(header), EXEC_CS_D.isSet(header), EXEC_IF.isSet(header));
      case MODE_TSX -> new PtPacket.ModeTsx(TSX_IN_TX.isSet(header), TSX_ABORT.isSet(header));
      case TSC -> new PtPacket.Tsc(payload);
      case MTC -> new PtPacket.Mtc((int) payload);
      case TMA -> new PtPacket.Tma((int) TMA_CTC.get(payload), (int) TMA_FC.get(payload));
      case CYC -> new PtPacket.Cyc(payload);
      case CBR -> new PtPacket.Cbr((int) CBR_RATIO.get(payload));
      case VMCS -> new PtPacket.Vmcs(VMCS_BASE.get(payload) << 12);
      case PSB -> new PtPacket.Psb();
      case PSBEND -> new PtPacket.PsbEnd();
      case OVF -> new PtPacket.Ovf();
      case TRACE_STOP -> new PtPacket.TraceStop();
      case MNT -> new PtPacket.Mnt(payload);
      case PTW -> new PtPacket.Ptw(payload, size() - headerBytes(PTW), PTW_IP.isSet(header));
      case EXSTOP -> new PtPacket.ExStop(EXSTOP_IP.isSet(header));
      case MWAIT -> new PtPacket.Mwait((int) MWAIT_HINTS.get(payload), (int) MWAIT_EXT.get(payload));
      case PWRE ->
          new PtPacket.Pwre((int) PWRE_STATE.get(payload), (int) PWRE_SUB_STATE.get(payload), PWRE_HW.isSet(payload));
      case PWRX -> new PtPacket.Pwrx((int) PWRX_LAST.get(payload), (int) PWRX_DEEPEST.get(payload),
          (int) PWRX_WAKE.get(payload));
      case BBP -> new PtPacket.Bbp(block, (int) BBP_TYPE.get(header));
      case BIP -> new PtPacket.Bip((int) BIP_ID.get(header), payload);
      case BEP -> new PtPacket.Bep(BEP_IP.isSet(header));
      case CFE -> new PtPacket.Cfe((int) CFE_TYPE.get(header), (int) CFE_VECTOR.get(payload), CFE_IP.isSet(header));
      case EVD -> new PtPacket.Evd((int) EVD_TYPE.get(header), payload);
      case TRIG -> new PtPacket.Trig((int) TRIG_TRIGGERS.get(payload), TRIG_IP.isSet(header),
          TRIG_MULTIPLE.isSet(header), triggerCount());
      default -> throw new IllegalStateException("no packet at byte 0x" + Integer.toHexString(offset));
    };
  }

  private IpCompression compression() {
    return IpCompression.of(ipCompression());
  }

  private long canonicalIp() {
    return compression().canonical(payload);
  }

  private int triggerCount() {
    return TRIG_COUNTED.isSet(header) ? (int) TRIG_COUNT.get(payload) : -1;
  }

  private int decode(int first) {
    int found = kindOfFirst(first, block != 0);
    return switch (found) {
      case TNT_8 -> tnt8(first);
      case TIP, TIP_PGE, TIP_PGD, FUP -> ip(found, first);
      case CYC -> cyc(first);
      case ESCAPE -> escaped(first);
      case UNKNOWN -> bad(unknownOpcode(1));
      default -> packet(found);
    };
  }

  private int tnt8(int first) {
    header = first;
    branches(TNT_8_BITS.get(first));
    return accept(TNT_8, 1);
  }

  private int ip(int found, int first) {
    header = first;
    int bytes = payloadBytes(found, first, block);
    if (bytes < 0) {
      return bad("IP compression " + ipCompression() + " is reserved");
    }
    if (limit - offset <= bytes) {
      return needMore(1 + bytes);
    }
    payload = littleEndian(offset + 1, bytes);
    lastIp = expandIp(ipCompression(), payload, lastIp);
    return accept(found, 1 + bytes);
  }

  private int cyc(int first) {
    long value = CYC_LOW.get(first);
    boolean more = CYC_MORE.isSet(first);
    int at = offset + 1;
    for (int shift = CYC_LOW.width(); more; shift += CYC_NEXT.width()) {
      if (at == limit) {
        return needMore(at - offset + 1);
      }
      int next = data[at++] & 0xff;
      long bits = CYC_NEXT.get(next);
      if (shift >= 64 || (bits << shift) >>> shift != bits) {
        return bad("CYC value exceeds 64 bits");
      }
      value |= bits << shift;
      more = CYC_NEXT_MORE.isSet(next);
    }
    payload = value;
    return accept(CYC, at - offset);
  }

  private int escaped(int first) {
    if (limit - offset < 2) {
      return needMore(2);
    }
    int found = kindOfSecond(first | ((data[offset + 1] & 0xff) << 8));
    return found == UNKNOWN ? bad(unknownOpcode(2)) : packet(found);
  }

  /// Any packet whose size follows from its header.
  private int packet(int found) {
    int headerBytes = headerBytes(found);
    if (limit - offset < headerBytes) {
      return needMore(headerBytes);
    }
    header = littleEndian(offset, headerBytes);
    if (!matches(found, (int) header, headerBytes)) {
      return bad(unknownOpcode(headerBytes));
    }
    int bytes = payloadBytes(found, header, block);
    if (bytes < 0) {
      return bad("PTW payload size code " + PTW_BYTES.get(header) + " is reserved");
    }
    if (limit - offset < headerBytes + bytes) {
      return needMore(headerBytes + bytes);
    }
    payload = littleEndian(offset + headerBytes, Math.min(bytes, 8));
    String wrong = check(found);
    return wrong == null ? accept(found, headerBytes + bytes) : bad(wrong);
  }

  /// What is wrong with the contents of the packet, or null. Takes the stop bit off a TNT-64.
  private @Nullable String check(int found) {
    return switch (found) {
      case TNT_64 -> payload <= 1 ? "TNT-64 holds no branch" : branches(payload);
      case MODE_EXEC -> EXEC_CS_L.isSet(header) && EXEC_CS_D.isSet(header) ? "MODE.Exec has both CS.L and CS.D" : null;
      case MODE_TSX -> TSX_IN_TX.isSet(header) && TSX_ABORT.isSet(header) ? "MODE.TSX has both InTX and TXAbort" : null;
      case PSB -> isPsb(offset) ? null : "PSB breaks off";
      default -> null;
    };
  }

  private int accept(int found, int bytes) {
    nextOffset = offset + bytes;
    if (found == PSB) {
      lastIp = 0;
    }
    if (block != 0 || found == BBP) {
      block = blockAfter(found, header, block);
    }
    return found;
  }

  private int needMore(int bytes) {
    needed = bytes;
    return NEED_MORE_BYTES;
  }

  private int bad(String why) {
    reason = why;
    return BAD_PACKET;
  }

  private String unknownOpcode(int bytes) {
    StringBuilder text = new StringBuilder("opcode");
    for (int i = 0; i < bytes; i++) {
      text.append(' ').append(Character.forDigit((data[offset + i] >> 4) & 15, 16))
          .append(Character.forDigit(data[offset + i] & 15, 16));
    }
    return text.append(" is unknown").toString();
  }

  private @Nullable String branches(long bitsAndStop) {
    count = 63 - Long.numberOfLeadingZeros(bitsAndStop);
    payload = bitsAndStop ^ (1L << count);
    return null;
  }

  private boolean isPsb(int at) {
    return (long) LONG.get(data, at) == PSB_WORD && (long) LONG.get(data, at + 8) == PSB_WORD;
  }

  /// `bytes` (0..8) bytes at `at`, which are there; the eight-byte load may look beyond them.
  private long littleEndian(int at, int bytes) {
    if (bytes == 0) {
      return 0;
    }
    int unwanted = 64 - 8 * bytes;
    if (at <= data.length - 8) {
      return ((long) LONG.get(data, at) << unwanted) >>> unwanted;
    }
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = (value << 8) | (data[at + i] & 0xff);
    }
    return value;
  }
}

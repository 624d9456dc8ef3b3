package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.tracer.etm.EtmAddress.Form;

/// The content of one packet, field by field, and how it is read: what stands behind the header byte.
///
/// A packet's fields depend on the packets before it: address history, last timestamp, cycle count threshold.
abstract sealed class EtmPacketBody permits EtmPacketReader {
  final EtmRegisters config;
  final EtmPacketTable table;
  final byte[] kinds;
  final int[] details;
  final int vmidBytes;
  final int contextIdBytes;
  final int contextReserved;
  final int timestampBits;
  final int cycleCountBits;
  final PacketInput in;
  final AddressHistory history = new AddressHistory();
  long lastTimestamp;
  int threshold;

  // the current packet
  int header;
  int detail;
  long address; // with the sub-instruction set in bit 0, as in the history
  int addressDetail;
  boolean hasAddress;
  boolean hasContext;
  int contextInfo;
  int vmid;
  int contextId;
  int info;
  long value;
  long count;
  int cycles;

  EtmPacketBody(EtmRegisters config, byte[] data, int to) {
    this.config = config;
    table = new EtmPacketTable(config);
    kinds = table.kinds();
    details = details();
    vmidBytes = config.vmidBytes();
    contextIdBytes = config.contextIdBytes();
    contextReserved = contextReserved(config);
    timestampBits = config.timestampBits();
    cycleCountBits = config.cycleCountBits();
    in = new PacketInput(data, to);
  }

  /// Reads a packet whose header has been read, from index `at` on.
  ///
  /// @return its kind, or [EtmPacketReader#BAD_PACKET]
  final int read(int headerKind, int at) {
    in.start(at);
    hasAddress = false;
    hasContext = false;
    return body(headerKind);
  }

  // ---- packet bodies; each returns the packet's kind

  private int body(int headerKind) {
    return switch (headerKind) {
      case EtmPacketReader.BAD_PACKET -> in.bad(table.problem(header));
      case EXTENSION -> extension();
      case TRACE_INFO -> traceInfoBody();
      case TIMESTAMP -> timestampBody();
      case EXCEPTION -> exceptionBody();
      case INSTRUMENTATION -> instrumentation();
      case CYCLE_COUNT_F1 -> cycleCountF1();
      case CYCLE_COUNT_F2 -> cycleCountF2();
      case CYCLE_COUNT_F3 -> cycleCountF3();
      case COMMIT -> counted(COMMIT);
      case CANCEL_F1 -> cancelF1();
      case CANCEL_F3 -> cancelF3();
      case CONTEXT -> contextBody(CONTEXT);
      case ADDRESS, SOURCE_ADDRESS -> addressBody(headerKind, detail);
      case ADDRESS_CONTEXT -> contextBody(addressBody(ADDRESS_CONTEXT, detail));
      case Q -> q();
      default -> headerKind;
    };
  }

  private int extension() {
    int second = in.u8();
    return switch (second) {
      case EXTENSION_DISCARD -> DISCARD;
      case EXTENSION_OVERFLOW -> OVERFLOW;
      case A_SYNC_ZERO -> aSync();
      default -> in.bad("extension 0x%02x is reserved".formatted(second));
    };
  }

  private int aSync() {
    int zeros = 2;
    int b = in.u8();
    while (b == A_SYNC_ZERO && !in.missing()) {
      zeros++;
      b = in.u8();
    }
    if (in.missing() || (zeros >= A_SYNC_ZEROS && b == A_SYNC_END)) {
      return A_SYNC;
    }
    return in.bad("alignment synchronization has %d zero bytes, then 0x%02x".formatted(zeros, b));
  }

  private int traceInfoBody() {
    int sections = in.u8();
    int known =
        TraceInfoSections.INFO | TraceInfoSections.KEY | TraceInfoSections.SPEC | TraceInfoSections.CYCT;
    if ((sections & ~known) != 0) {
      return in.bad("trace info control 0x%02x has reserved bits".formatted(sections));
    }
    info = (sections & TraceInfoSections.INFO) != 0 ? (int) in.number("trace info INFO", 7) : 0;
    value = (sections & TraceInfoSections.KEY) != 0 ? in.number("trace info KEY", 32) : 0;
    count = (sections & TraceInfoSections.SPEC) != 0 ? in.number("trace info SPEC", 32) : 0;
    cycles = (sections & TraceInfoSections.CYCT) != 0 ? (int) in.number("trace info CYCT", 12) : 0;
    return TRACE_INFO;
  }

  private int timestampBody() {
    long ticks = 0;
    int shift = 0;
    int b = in.u8();
    while (b >= PacketBytes.MORE && shift < 56) {
      ticks |= (long) (b & ~PacketBytes.MORE) << shift;
      shift += 7;
      b = in.u8();
    }
    ticks |= (long) b << shift;
    int changed = shift == 56 ? 64 : shift + 7;
    value = changed == 64 ? ticks : lastTimestamp >>> changed << changed | ticks;
    cycles = detail != 0 ? cycleField("timestamp cycle count") : EtmPacket.UNKNOWN;
    boolean tooLong = value >>> (timestampBits - 1) > 1; // a shift by 64 would shift nothing
    return tooLong ? in.bad("timestamp has more than %d bits".formatted(timestampBits)) : TIMESTAMP;
  }

  /// A count in up to three bytes, which no counter of this trace unit exceeds.
  private int cycleField(String name) {
    int field = (int) in.number(name, 20);
    if (field >>> cycleCountBits != 0) {
      in.bad("%s has more than %d bits".formatted(name, cycleCountBits));
    }
    return field;
  }

  private int exceptionBody() {
    info = in.u8();
    boolean e0 = (info & EXCEPTION_E0) != 0;
    if ((info & EXCEPTION_EXTENDED) != 0 || e0 == ((info & EXCEPTION_E1) != 0)) {
      return in.bad("exception information 0x%02x is reserved".formatted(info));
    }
    int type = exceptionType(info);
    int second = in.u8();
    if (second == UNKNOWN_ADDRESS && config.ete()) {
      return type == TYPE_PE_RESET
          ? PE_RESET
          : type == TYPE_TRANSACTION_FAILURE ? TRANSACTION_FAILURE : in.bad("exception " + type + " has no address");
    }
    if (!isExceptionType(type)) {
      return in.bad("exception type " + type + " is reserved");
    }
    return switch (kinds[second]) {
      case ADDRESS -> addressBody(EXCEPTION, details[second]);
      case ADDRESS_CONTEXT -> contextBody(addressBody(EXCEPTION, details[second]));
      default -> in.bad("exception is followed by 0x%02x, not by an address".formatted(second));
    };
  }

  private int instrumentation() {
    info = in.u8();
    value = in.bytes(8);
    return info > 3 ? in.bad("instrumentation level 0x%02x has reserved bits".formatted(info)) : INSTRUMENTATION;
  }

  private int cycleCountF1() {
    count = config.commitOption1() ? 0 : in.number("commit count", 32);
    cycles = detail == 0 ? cycleField("cycle count") + threshold : EtmPacket.UNKNOWN;
    return CYCLE_COUNT_F1;
  }

  private int cycleCountF2() {
    int counts = in.u8();
    cycles = (counts & 15) + threshold;
    count = config.commitOption1() ? 0 : (counts >>> 4) + (detail == 0 ? 1 : config.maxSpeculation() - 15);
    if (count <= 0 && !config.commitOption1()) {
      return in.bad("commit of " + count + " P0 elements");
    }
    return CYCLE_COUNT_F2;
  }

  private int cycleCountF3() {
    count = config.commitOption1() ? 0 : (detail >>> 2) + 1L;
    cycles = (detail & 3) + threshold;
    return CYCLE_COUNT_F3;
  }

  private int counted(int packetKind) {
    count = in.number("element count", 32);
    return packetKind;
  }

  private int cancelF1() {
    counted(CANCEL_F1);
    return count == 0 ? in.bad("cancel of 0 P0 elements") : CANCEL_F1;
  }

  private int cancelF3() {
    count = (detail >>> 1) + 2L;
    return CANCEL_F3;
  }

  private int q() {
    if (detail < Q_COUNT) {
      addressBody(Q, detail);
    }
    count = detail == Q_NOTHING ? EtmPacket.UNKNOWN : in.number("Q count", 32);
    return Q;
  }

  private int contextBody(int packetKind) {
    hasContext = true;
    contextInfo = in.u8();
    if ((contextInfo & contextReserved) != 0) {
      return in.bad("context information 0x%02x has reserved bits".formatted(contextInfo));
    }
    vmid = (contextInfo & EtmContext.V) != 0 ? identifier(vmidBytes, "VMID") : 0;
    contextId = (contextInfo & EtmContext.C) != 0 ? identifier(contextIdBytes, "Context ID") : 0;
    return packetKind;
  }

  private int identifier(int bytes, String name) {
    if (bytes == 0) {
      in.bad(name + " in a context, but this trace unit has none");
    }
    return (int) in.bytes(bytes);
  }

  private int addressBody(int packetKind, int form) {
    hasAddress = true;
    addressDetail = form;
    int is = form & 1;
    address =
        switch (Form.of(form >>> 1)) {
          case EXACT0, EXACT1, EXACT2 -> history.entry(form >>> 1);
          case SHORT -> shortAddress(2 - is) | is;
          case LONG32 -> history.newest() >>> 32 << 32 | longAddress(is, 4) | is;
          case LONG64 -> longAddress(is, 8) | is;
        };
    return packetKind;
  }

  private long shortAddress(int shift) {
    int b = in.u8();
    int bits = 7 + shift;
    long low = (long) (b & 0x7F) << shift;
    if (b >= 0x80) {
      low |= (long) in.u8() << bits;
      bits += 8;
    }
    return history.newest() >>> bits << bits | low;
  }

  private long longAddress(int is, int bytes) {
    int first = in.u8();
    int second = in.u8();
    if (((is == 0 ? first | second : first) & 0x80) != 0) {
      in.bad("address bytes 0x%02x 0x%02x have reserved bits".formatted(first, second));
    }
    long a = is == 0 ? (long) first << 2 | (long) second << 9 : (long) first << 1 | (long) second << 8;
    return a | in.bytes(bytes - 2) << 16;
  }
}

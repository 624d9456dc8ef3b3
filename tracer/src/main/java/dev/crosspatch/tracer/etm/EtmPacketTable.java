package dev.crosspatch.tracer.etm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The table of packet headers: writer, reader and listing take every header byte from here.
///
/// A row gives a run of headers one packet kind and a *detail*, which counts up along the run: the low bits of the
/// header in most kinds, [#address(EtmAddress.Form, int)] for addresses, the atoms themselves for atoms. A table
/// is built per configuration: a header whose packet this trace unit cannot send is *invalid for this
/// configuration*, one without a row is *reserved*. Source: DDI 0487 D5.2 (table D5-3), "Configurations" in D5.3.
public final class EtmPacketTable {
  static final int EXTENSION = 0;

  /// Kind of [EtmPacket.ASync].
  public static final int A_SYNC = 1;

  /// Kind of [EtmPacket.Discard].
  public static final int DISCARD = 2;

  /// Kind of [EtmPacket.Overflow].
  public static final int OVERFLOW = 3;

  /// Kind of [EtmPacket.TraceInfo].
  public static final int TRACE_INFO = 4;

  /// Kind of [EtmPacket.Timestamp].
  public static final int TIMESTAMP = 5;

  /// Kind of [EtmPacket.TimestampMarker].
  public static final int TIMESTAMP_MARKER = 6;

  /// Kind of [EtmPacket.TraceOn].
  public static final int TRACE_ON = 7;

  /// Kind of [EtmPacket.ExceptionEntry].
  public static final int EXCEPTION = 8;

  /// Kind of [EtmPacket.ExceptionReturn].
  public static final int EXCEPTION_RETURN = 9;

  /// Kind of [EtmPacket.PeReset].
  public static final int PE_RESET = 10;

  /// Kind of [EtmPacket.TransactionFailure].
  public static final int TRANSACTION_FAILURE = 11;

  /// Kind of [EtmPacket.TransactionStart].
  public static final int TRANSACTION_START = 12;

  /// Kind of [EtmPacket.TransactionCommit].
  public static final int TRANSACTION_COMMIT = 13;

  /// Kind of [EtmPacket.Instrumentation].
  public static final int INSTRUMENTATION = 14;

  /// Kind of [EtmPacket.CycleCountF1]; detail 1: unknown count.
  public static final int CYCLE_COUNT_F1 = 15;

  /// Kind of [EtmPacket.CycleCountF2]; detail 1: commit counts up to MAXSPEC.
  public static final int CYCLE_COUNT_F2 = 16;

  /// Kind of [EtmPacket.CycleCountF3]; detail: commit - 1 in bits 3:2, count in bits 1:0.
  public static final int CYCLE_COUNT_F3 = 17;

  /// Kind of [EtmPacket.Commit].
  public static final int COMMIT = 18;

  /// Kind of [EtmPacket.CancelF1]; detail 1: with Mispredict.
  public static final int CANCEL_F1 = 19;

  /// Kind of [EtmPacket.CancelF2].
  public static final int CANCEL_F2 = 20;

  /// Kind of [EtmPacket.CancelF3]; detail: count - 2 in bits 2:1, E first in bit 0.
  public static final int CANCEL_F3 = 21;

  /// Kind of [EtmPacket.Mispredict].
  public static final int MISPREDICT = 22;

  /// Kind of [EtmPacket.Ignore].
  public static final int IGNORE = 23;

  /// Kind of [EtmPacket.Event]; detail: the events.
  public static final int EVENT = 24;

  /// Kind of [EtmPacket.ContextSame].
  public static final int CONTEXT_SAME = 25;

  /// Kind of [EtmPacket.Context].
  public static final int CONTEXT = 26;

  /// Kind of [EtmPacket.Address].
  public static final int ADDRESS = 27;

  /// Kind of [EtmPacket.AddressContext].
  public static final int ADDRESS_CONTEXT = 28;

  /// Kind of [EtmPacket.SourceAddress].
  public static final int SOURCE_ADDRESS = 29;

  /// Kind of [EtmPacket.Q]; detail also [#Q_COUNT] and [#Q_NOTHING].
  public static final int Q = 30;

  /// Kind of [EtmPacket.Atoms].
  public static final int ATOMS = 31;

  private static final int OTHER_PROFILE = 32;
  private static final int KINDS = 33;

  /// Detail of a Q packet with a count and no address.
  static final int Q_COUNT = 12;

  /// Detail of a Q packet with neither.
  static final int Q_NOTHING = 13;

  /// Second byte of an extension: one of at least eleven zeros before [#A_SYNC_END].
  static final int A_SYNC_ZERO = 0x00;

  /// Zero bytes of an A-Sync packet, header included; more are allowed, K10.5.2.3.
  static final int A_SYNC_ZEROS = 11;

  /// Last byte of an A-Sync packet.
  static final int A_SYNC_END = 0x80;

  /// Second byte of a Discard packet.
  static final int EXTENSION_DISCARD = 0x03;

  /// Second byte of an Overflow packet.
  static final int EXTENSION_OVERFLOW = 0x05;

  /// In place of an exception's address header: no address follows (K10.5.2.13.1).
  static final int UNKNOWN_ADDRESS = 0x70;

  /// Exception type of a PE reset.
  static final int TYPE_PE_RESET = 0;

  /// Exception type that marks a Transaction Failure packet.
  static final int TYPE_TRANSACTION_FAILURE = 24;

  // 0 to 4, 6, 7, 10 to 12, 14 to 23
  private static final int EXCEPTION_TYPES = 0x00FF_DCDF;

  /// High nibble of Cycle Count F2 with COMMOPT 1. Unknown: the layout figure is not in the text at hand; assumed all
  /// ones because the pseudocode (K10.5.2.16.2) takes 0b1111 there. The reader ignores it.
  static final int COUNT_ONLY_COMMIT = 0xF;

  /// Sections that the control byte (PLCTL) of a Trace Info packet announces, in this order.
  static final class TraceInfoSections {
    static final int INFO = 1;
    static final int KEY = 1 << 1;
    static final int SPEC = 1 << 2;
    static final int CYCT = 1 << 3;

    private TraceInfoSections() {}
  }

  // information byte of an exception: E in bits 6 and 0, TYPE in bits 5:1, bit 7 for the M profile's second byte
  static final int EXCEPTION_E0 = 1;
  static final int EXCEPTION_E1 = 1 << 6;
  static final int EXCEPTION_EXTENDED = 1 << 7;

  /// When a trace unit can send a packet.
  private enum Gate {
    ALWAYS,
    ETMV4,
    ETE,
    /// Conditional and data tracing of other profiles: ETE has no such packets at all.
    OTHER_PROFILE,
    TIMESTAMPS,
    MARKERS,
    INSTRUMENTATION,
    CYCLE_COUNTS,
    COUNTS_WITH_COMMIT,
    SPECULATION,
    IGNORES,
    COUNTED_Q,
    UNCOUNTED_Q;

    boolean open(EtmRegisters c) {
      return switch (this) {
        case ALWAYS -> true;
        case ETMV4 -> !c.ete();
        case ETE -> c.ete();
        case OTHER_PROFILE -> false;
        case TIMESTAMPS -> c.timestampBits() != 0;
        case MARKERS -> c.hasTimestampMarkers() && c.version() >= 0x46;
        case INSTRUMENTATION -> c.hasInstrumentation();
        case CYCLE_COUNTS -> c.hasCycleCounts();
        case COUNTS_WITH_COMMIT -> c.hasCycleCounts() && !c.commitOption1();
        case SPECULATION -> c.maxSpeculation() != 0;
        case IGNORES -> c.version() >= 0x43;
        case COUNTED_Q -> c.hasCountedQ();
        case UNCOUNTED_Q -> c.hasUncountedQ();
      };
    }
  }

  private record Row(int first, int last, int kind, int detail, Gate gate, String name) {}

  private static final List<Row> ROWS =
      List.of(
          row(0x00, 0x00, EXTENSION, 0, Gate.ALWAYS, "Extension"),
          row(0x01, 0x01, TRACE_INFO, 0, Gate.ALWAYS, "Trace Info"),
          row(0x02, 0x03, TIMESTAMP, 0, Gate.TIMESTAMPS, "Timestamp"),
          row(0x04, 0x04, TRACE_ON, 0, Gate.ALWAYS, "Trace On"),
          row(0x06, 0x06, EXCEPTION, 0, Gate.ALWAYS, "Exception"),
          row(0x07, 0x07, EXCEPTION_RETURN, 0, Gate.ETMV4, "Exception Return"),
          row(0x09, 0x09, INSTRUMENTATION, 0, Gate.INSTRUMENTATION, "Instrumentation"),
          row(0x0A, 0x0A, TRANSACTION_START, 0, Gate.ETE, "Transaction Start"),
          row(0x0B, 0x0B, TRANSACTION_COMMIT, 0, Gate.ETE, "Transaction Commit"),
          row(0x0C, 0x0C, CYCLE_COUNT_F2, 0, Gate.COUNTS_WITH_COMMIT, "Cycle Count F2 small commit"),
          row(0x0D, 0x0D, CYCLE_COUNT_F2, 1, Gate.CYCLE_COUNTS, "Cycle Count F2"),
          row(0x0E, 0x0F, CYCLE_COUNT_F1, 0, Gate.CYCLE_COUNTS, "Cycle Count F1"),
          row(0x10, 0x13, CYCLE_COUNT_F3, 0, Gate.CYCLE_COUNTS, "Cycle Count F3"),
          row(0x14, 0x1F, CYCLE_COUNT_F3, 4, Gate.COUNTS_WITH_COMMIT, "Cycle Count F3"),
          row(0x20, 0x2C, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Data Synchronization Marker"),
          row(0x2D, 0x2D, COMMIT, 0, Gate.SPECULATION, "Commit"),
          row(0x2E, 0x2F, CANCEL_F1, 0, Gate.SPECULATION, "Cancel F1"),
          row(0x30, 0x33, MISPREDICT, 0, Gate.ALWAYS, "Mispredict"),
          row(0x34, 0x37, CANCEL_F2, 0, Gate.SPECULATION, "Cancel F2"),
          row(0x38, 0x3F, CANCEL_F3, 0, Gate.SPECULATION, "Cancel F3"),
          row(0x40, 0x42, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Instruction F2"),
          row(0x43, 0x43, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Flush"),
          row(0x44, 0x46, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Result F4"),
          row(0x48, 0x4A, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Result F2"),
          row(0x4C, 0x4E, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Result F2"),
          row(0x50, 0x5F, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Result F3"),
          row(0x68, 0x6B, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Result F1"),
          row(0x6C, 0x6C, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Instruction F1"),
          row(0x6D, 0x6D, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Instruction F3"),
          row(0x6E, 0x6F, OTHER_PROFILE, 0, Gate.OTHER_PROFILE, "Conditional Result F1"),
          row(0x70, 0x70, IGNORE, 0, Gate.IGNORES, "Ignore"),
          row(0x71, 0x7F, EVENT, 1, Gate.ALWAYS, "Event"),
          row(0x80, 0x80, CONTEXT_SAME, 0, Gate.ALWAYS, "Context Same"),
          row(0x81, 0x81, CONTEXT, 0, Gate.ALWAYS, "Context"),
          row(0x82, 0x83, ADDRESS_CONTEXT, EtmAddress.Form.LONG32, Gate.ALWAYS, "Target Address with Context 32-bit"),
          row(0x85, 0x86, ADDRESS_CONTEXT, EtmAddress.Form.LONG64, Gate.ALWAYS, "Target Address with Context 64-bit"),
          row(0x88, 0x88, TIMESTAMP_MARKER, 0, Gate.MARKERS, "Timestamp Marker"),
          row(0x90, ADDRESS, EtmAddress.Form.EXACT0, Gate.ALWAYS, "Target Address Exact Match"),
          row(0x91, ADDRESS, EtmAddress.Form.EXACT1, Gate.ALWAYS, "Target Address Exact Match"),
          row(0x92, ADDRESS, EtmAddress.Form.EXACT2, Gate.ALWAYS, "Target Address Exact Match"),
          row(0x95, 0x96, ADDRESS, EtmAddress.Form.SHORT, Gate.ALWAYS, "Target Address Short"),
          row(0x9A, 0x9B, ADDRESS, EtmAddress.Form.LONG32, Gate.ALWAYS, "Target Address 32-bit"),
          row(0x9D, 0x9E, ADDRESS, EtmAddress.Form.LONG64, Gate.ALWAYS, "Target Address 64-bit"),
          row(0xA0, Q, EtmAddress.Form.EXACT0, Gate.COUNTED_Q, "Q with Exact Match Address"),
          row(0xA1, Q, EtmAddress.Form.EXACT1, Gate.COUNTED_Q, "Q with Exact Match Address"),
          row(0xA2, Q, EtmAddress.Form.EXACT2, Gate.COUNTED_Q, "Q with Exact Match Address"),
          row(0xA5, 0xA6, Q, EtmAddress.Form.SHORT, Gate.COUNTED_Q, "Q Short Address"),
          row(0xAA, 0xAB, Q, EtmAddress.Form.LONG32, Gate.COUNTED_Q, "Q 32-bit Address"),
          row(0xAC, 0xAC, Q, Q_COUNT, Gate.COUNTED_Q, "Q with count"),
          row(0xAF, 0xAF, Q, Q_NOTHING, Gate.UNCOUNTED_Q, "Q"),
          row(0xB0, SOURCE_ADDRESS, EtmAddress.Form.EXACT0, Gate.ETE, "Source Address Exact Match"),
          row(0xB1, SOURCE_ADDRESS, EtmAddress.Form.EXACT1, Gate.ETE, "Source Address Exact Match"),
          row(0xB2, SOURCE_ADDRESS, EtmAddress.Form.EXACT2, Gate.ETE, "Source Address Exact Match"),
          row(0xB4, 0xB5, SOURCE_ADDRESS, EtmAddress.Form.SHORT, Gate.ETE, "Source Address Short"),
          row(0xB6, 0xB7, SOURCE_ADDRESS, EtmAddress.Form.LONG32, Gate.ETE, "Source Address 32-bit"),
          row(0xB8, 0xB9, SOURCE_ADDRESS, EtmAddress.Form.LONG64, Gate.ETE, "Source Address 64-bit"),
          atoms(0xC0, "EEEE", "Atom F6"), // up to 0xD4, one E more each
          atoms(0xD5, "NNNNN", "Atom F5"),
          atoms(0xD6, "NENEN", "Atom F5"),
          atoms(0xD7, "ENENE", "Atom F5"),
          atoms(0xD8, "NN", "Atom F2"),
          atoms(0xD9, "EN", "Atom F2"),
          atoms(0xDA, "NE", "Atom F2"),
          atoms(0xDB, "EE", "Atom F2"),
          atoms(0xDC, "NEEE", "Atom F4"),
          atoms(0xDD, "NNNN", "Atom F4"),
          atoms(0xDE, "NENE", "Atom F4"),
          atoms(0xDF, "ENEN", "Atom F4"),
          atoms(0xE0, "EEEN", "Atom F6"), // up to 0xF4, one E more each
          atoms(0xF5, "NEEEE", "Atom F5"),
          atoms(0xF6, "N", "Atom F1"),
          atoms(0xF7, "E", "Atom F1"),
          atoms(0xF8, "NNN", "Atom F3"),
          atoms(0xF9, "ENN", "Atom F3"),
          atoms(0xFA, "NEN", "Atom F3"),
          atoms(0xFB, "EEN", "Atom F3"),
          atoms(0xFC, "NNE", "Atom F3"),
          atoms(0xFD, "ENE", "Atom F3"),
          atoms(0xFE, "NEE", "Atom F3"),
          atoms(0xFF, "EEE", "Atom F3"));

  private static final int ATOM_COUNT_SHIFT = 24;
  private static final int ATOM_BITS_MASK = (1 << ATOM_COUNT_SHIFT) - 1;
  private static final int MAX_ATOMS = 24;

  private static final @Nullable Row[] ROW_OF = new Row[256];
  private static final int[] DETAIL_OF = new int[256];
  // header by kind << 4 | detail; atoms apart
  private static final int[] HEADER_OF = new int[KINDS << 4];
  // header by 1 << count | bits, up to 5 atoms; by count << 1 | last is N for a run of E's and one more atom
  private static final int[] FEW_ATOMS = new int[64];
  private static final int[] MANY_ATOMS = new int[(MAX_ATOMS + 1) << 1];

  static {
    ROWS.forEach(EtmPacketTable::fill);
  }

  private final boolean ete;
  private final byte[] kinds = new byte[256];

  /// Builds the table for a trace unit.
  public EtmPacketTable(EtmRegisters config) {
    for (int header = 0; header < 256; header++) {
      Row row = ROW_OF[header];
      kinds[header] = (byte) (row != null && row.gate.open(config) ? row.kind : EtmPacketReader.BAD_PACKET);
    }
    ete = config.ete();
  }

  /// Kind of the packet that begins with `header`, [EtmPacketReader#BAD_PACKET] where none does.
  int kind(int header) {
    return kinds[header];
  }

  byte[] kinds() {
    return kinds;
  }

  /// What is wrong with a header that begins no packet.
  String problem(int header) {
    Row row = ROW_OF[header];
    boolean known = row != null && !(ete && row.gate == Gate.OTHER_PROFILE);
    return "header 0x%02x is %s".formatted(header, known ? "invalid for this configuration" : "reserved");
  }

  /// The manual's name of the packet that begins with `header`; empty where none does.
  static String name(int header) {
    Row row = ROW_OF[header];
    return row == null ? "" : row.name;
  }

  static int detail(int header) {
    return DETAIL_OF[header];
  }

  static int[] details() {
    return DETAIL_OF;
  }

  /// First byte of a packet of this kind and detail.
  static int header(int kind, int detail) {
    return HEADER_OF[kind << 4 | detail];
  }

  /// Detail of an address.
  static int address(EtmAddress.Form form, int is) {
    return form.exact() ? form.ordinal() << 1 : form.ordinal() << 1 | is;
  }

  /// Header of the one packet with these atoms; 0 where there is none.
  static int atomHeader(int bits, int count) {
    if (count < 1 || count > MAX_ATOMS || bits >>> count != 0) {
      return 0;
    }
    if (count <= 5) {
      return FEW_ATOMS[1 << count | bits];
    }
    boolean lastE = bits >>> (count - 1) != 0;
    int run = (1 << (count - 1)) - 1;
    return (bits & run) == run ? MANY_ATOMS[count << 1 | (lastE ? 0 : 1)] : 0;
  }

  static int atomBits(int detail) {
    return detail & ATOM_BITS_MASK;
  }

  static int atomCount(int detail) {
    return detail >>> ATOM_COUNT_SHIFT;
  }

  /// Format of an atom packet, 1 to 6.
  static int atomFormat(int header) {
    String name = name(header);
    return name.charAt(name.length() - 1) - '0';
  }

  /// Whether an Exception packet with an address may have this type (D5.3.26).
  static boolean isExceptionType(int type) {
    return type >= 0 && type < 32 && (EXCEPTION_TYPES >>> type & 1) != 0;
  }

  static int exceptionInfo(int type, boolean isTarget) {
    return type << 1 | (isTarget ? EXCEPTION_E1 : EXCEPTION_E0);
  }

  static int exceptionType(int info) {
    return info >>> 1 & 0x1F;
  }

  /// Bits of the context information byte that must be 0.
  static int contextReserved(EtmRegisters config) {
    return config.ete() ? 1 << 2 : 1 << 2 | EtmContext.NSE;
  }

  private static Row row(int first, int last, int kind, int detail, Gate gate, String name) {
    return new Row(first, last, kind, detail, gate, name);
  }

  /// IS0 and IS1 of an address form.
  private static Row row(int first, int last, int kind, EtmAddress.Form form, Gate gate, String name) {
    return new Row(first, last, kind, address(form, 0), gate, name);
  }

  /// An exact match.
  private static Row row(int header, int kind, EtmAddress.Form form, Gate gate, String name) {
    return new Row(header, header, kind, address(form, 0), gate, name);
  }

  /// Atoms, oldest first; format 6 goes on with one E more in front per header.
  private static Row atoms(int first, String pattern, String name) {
    int last = name.endsWith("6") ? first + MAX_ATOMS - 4 : first;
    int bits = 0;
    for (int i = 0; i < pattern.length(); i++) {
      bits |= (pattern.charAt(i) == 'E' ? 1 : 0) << i;
    }
    return new Row(first, last, ATOMS, pattern.length() << 24 | bits, Gate.ALWAYS, name);
  }

  private static void fill(Row row) {
    for (int header = row.first, detail = row.detail; header <= row.last; header++) {
      ROW_OF[header] = row;
      DETAIL_OF[header] = detail;
      if (row.kind == ATOMS) {
        fillAtoms(header, atomBits(detail), atomCount(detail));
        detail = oneMoreE(detail);
      } else if (row.kind != OTHER_PROFILE) {
        HEADER_OF[row.kind << 4 | detail++] = header;
      }
    }
  }

  private static int oneMoreE(int detail) {
    return (atomCount(detail) + 1) << ATOM_COUNT_SHIFT | atomBits(detail) << 1 | 1;
  }

  private static void fillAtoms(int header, int bits, int count) {
    if (count <= 5) {
      FEW_ATOMS[1 << count | bits] = header;
    } else {
      MANY_ATOMS[count << 1 | (bits >>> (count - 1) != 0 ? 0 : 1)] = header;
    }
  }
}

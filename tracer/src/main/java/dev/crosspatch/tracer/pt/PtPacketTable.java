package dev.crosspatch.tracer.pt;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import java.util.List;

/// The one table of Intel PT packets: opcodes, masks, sizes and fields. Writer and reader both work from it; no opcode
/// stands anywhere else.
///
/// A *header* is the packet's first one to three bytes, taken as one little-endian number; the *payload* is what
/// follows, up to eight bytes, little-endian too. [Field]s pick bits out of either. Reserved bits (`-`) are written as
/// zero and ignored when read: the manual does not promise that hardware clears them.
public final class PtPacketTable {
  /// Packet kinds, as [PtPacketReader#next()] returns them. Dense, so that a `switch` becomes a jump table.
  public static final int PAD = 0;
  public static final int TNT_8 = 1;
  public static final int TNT_64 = 2;
  public static final int TIP = 3;
  public static final int TIP_PGE = 4;
  public static final int TIP_PGD = 5;
  public static final int FUP = 6;
  public static final int PIP = 7;
  public static final int MODE_EXEC = 8;
  public static final int MODE_TSX = 9;
  public static final int TSC = 10;
  public static final int MTC = 11;
  public static final int TMA = 12;
  public static final int CYC = 13;
  public static final int CBR = 14;
  public static final int VMCS = 15;
  public static final int PSB = 16;
  public static final int PSBEND = 17;
  public static final int OVF = 18;
  public static final int TRACE_STOP = 19;
  public static final int MNT = 20;
  public static final int PTW = 21;
  public static final int EXSTOP = 22;
  public static final int MWAIT = 23;
  public static final int PWRE = 24;
  public static final int PWRX = 25;
  public static final int BBP = 26;
  public static final int BIP = 27;
  public static final int BEP = 28;
  public static final int CFE = 29;
  public static final int EVD = 30;
  public static final int TRIG = 31;

  /// One packet kind.
  ///
  /// @param kind    one of the constants above; also the row's index
  /// @param name    as listings print it
  /// @param header  bits of the header, first byte first, bit 7 first: `0` and `1` are the opcode, letters name fields,
  ///                `-` is reserved
  /// @param payload fields of the payload as `name:bits`, lowest bits first, `-` reserved; [#VARIABLE] if the header
  ///                decides the size
  /// @param block   whether a packet of this kind leaves the BBP..BEP block it stands in open
  /// @param section title of the defining section of the manual
  record Row(int kind, String name, String header, String payload, boolean block, String section) {
    int headerBytes() {
      return (header.length() + 1) / 9;
    }

    int payloadBytes() {
      return payload.equals(VARIABLE) ? -1 : payload.isEmpty() ? 0 : Field.inPayload(this, "").shift / 8;
    }

    /// Header bits of which `bits` holds the character, as a little-endian number.
    int headerMask(String bits) {
      int mask = 0;
      for (int i = 0; i < header.length(); i++) {
        if (bits.indexOf(header.charAt(i)) >= 0) {
          mask |= 1 << (i / 9 * 8 + 7 - i % 9);
        }
      }
      return mask;
    }
  }

  /// The size of the payload follows from the header ([PtPacketTable#payloadBytes]).
  static final String VARIABLE = "*";
  private static final boolean IN_BLOCK = true;
  private static final boolean ENDS_BLOCK = false;

  // Which kinds end a block: the manual does not list them; taken from what perf's packet decoder does.
  // Unknown: CFE, EVD, TRIG. Assumed to end a block because, like TIP, they report control flow that interrupts it.
  static final List<Row> ROWS = List.of(
      new Row(PAD, "pad", "00000000", "", IN_BLOCK, "PAD Packet"),
      new Row(TNT_8, "tnt.8", "bbbbbbb0", "", ENDS_BLOCK, "Taken/Not-taken (TNT) Packet"),
      new Row(TNT_64, "tnt.64", "00000010 10100011", "bits:48", ENDS_BLOCK, "Taken/Not-taken (TNT) Packet"),
      new Row(TIP, "tip", "ccc01101", VARIABLE, ENDS_BLOCK, "Target IP (TIP) Packet"),
      new Row(TIP_PGE, "tip.pge", "ccc10001", VARIABLE, ENDS_BLOCK, "Packet Generation Enable (TIP.PGE)"),
      new Row(TIP_PGD, "tip.pgd", "ccc00001", VARIABLE, ENDS_BLOCK, "Packet Generation Disable (TIP.PGD)"),
      new Row(FUP, "fup", "ccc11101", VARIABLE, IN_BLOCK, "Flow Update (FUP) Packet"),
      new Row(PIP, "pip", "00000010 01000011", "nr:1 cr3:47", ENDS_BLOCK, "Paging Information (PIP) Packet"),
      new Row(MODE_EXEC, "mode.exec", "10011001 000--fdl", "", ENDS_BLOCK, "MODE Packets"),
      new Row(MODE_TSX, "mode.tsx", "10011001 001---ai", "", ENDS_BLOCK, "MODE Packets"),
      new Row(TSC, "tsc", "00011001", "tsc:56", IN_BLOCK, "Timestamp Counter (TSC) Packet"),
      new Row(MTC, "mtc", "01011001", "ctc:8", IN_BLOCK, "Mini Time Counter (MTC) Packet"),
      new Row(TMA, "tma", "00000010 01110011", "ctc:16 -:8 fc:9 -:7", IN_BLOCK, "TSC/MTC Alignment (TMA) Packet"),
      new Row(CYC, "cyc", "vvvvve11", VARIABLE, IN_BLOCK, "Cycle Count (CYC) Packet"),
      new Row(CBR, "cbr", "00000010 00000011", "ratio:8 -:8", IN_BLOCK, "Core:Bus Ratio (CBR) Packet"),
      new Row(VMCS, "vmcs", "00000010 11001000", "base:40", ENDS_BLOCK, "VMCS Packet"),
      new Row(PSB, "psb", "00000010 10000010", "pattern:112", ENDS_BLOCK, "Packet Stream Boundary (PSB) Packet"),
      new Row(PSBEND, "psbend", "00000010 00100011", "", ENDS_BLOCK, "PSBEND Packet"),
      new Row(OVF, "ovf", "00000010 11110011", "", ENDS_BLOCK, "Overflow (OVF) Packet"),
      new Row(TRACE_STOP, "stop", "00000010 10000011", "", ENDS_BLOCK, "TraceStop Packet"),
      new Row(MNT, "mnt", "00000010 11000011 10001000", "payload:64", IN_BLOCK, "Maintenance (MNT) Packet"),
      new Row(PTW, "ptw", "00000010 ipp10010", VARIABLE, ENDS_BLOCK, "PTWRITE Packet"),
      new Row(EXSTOP, "exstop", "00000010 i1100010", "", IN_BLOCK, "Execution Stop (EXSTOP) Packet"),
      new Row(MWAIT, "mwait", "00000010 11000010", "hints:32 ext:32", ENDS_BLOCK, "MWAIT Packet"),
      new Row(PWRE, "pwre", "00000010 00100010", "-:7 hw:1 sub:4 state:4", IN_BLOCK, "Power Entry (PWRE) Packet"),
      new Row(PWRX, "pwrx", "00000010 10100010", "deepest:4 last:4 wake:4 -:28", IN_BLOCK, "Power Exit (PWRX) Packet"),
      new Row(BBP, "bbp", "00000010 01100011 s--ttttt", "", IN_BLOCK, "Block Begin Packet (BBP)"),
      new Row(BIP, "bip", "iiiii100", VARIABLE, IN_BLOCK, "Block Item Packet (BIP)"),
      new Row(BEP, "bep", "00000010 i0110011", "", ENDS_BLOCK, "Block End Packet (BEP)"),
      new Row(CFE, "cfe", "00000010 00010011 i--ttttt", "vector:8", ENDS_BLOCK, "Control Flow Event (CFE) Packet"),
      new Row(EVD, "evd", "00000010 01010011 --tttttt", "payload:64", ENDS_BLOCK, "Event Data (EVD) Packet"),
      new Row(TRIG, "trig", "11011001 icm-----", VARIABLE, ENDS_BLOCK, "Trigger (TRIG) Packet"));

  /// Bits of a header or payload.
  ///
  /// @param shift lowest bit
  /// @param width number of bits, 1..64
  public record Field(int shift, int width) {
    /// The field's value in `bits`.
    public long get(long bits) {
      return (bits >>> shift) & (-1L >>> (64 - width));
    }

    /// Whether a field of one bit is set in `bits`.
    public boolean isSet(long bits) {
      return get(bits) != 0;
    }

    /// The field's low bits of `value` at the field's place.
    long put(long value) {
      return (value & (-1L >>> (64 - width))) << shift;
    }

    long put(boolean value) {
      return put(value ? 1 : 0);
    }

    /// The bits called `letter` in the header of `kind`.
    private static Field inHeader(int kind, String letter) {
      int mask = ROWS.get(kind).headerMask(letter);
      return new Field(Integer.numberOfTrailingZeros(mask), Integer.bitCount(mask));
    }

    private static Field inPayload(int kind, String name) {
      return inPayload(ROWS.get(kind), name);
    }

    /// The field called `name`, or what lies behind the last field if there is none.
    private static Field inPayload(Row row, String name) {
      int shift = 0;
      for (String field : row.payload.split(" ", -1)) {
        int colon = field.indexOf(':');
        int width = Integer.parseInt(field.substring(colon + 1));
        if (field.substring(0, colon).equals(name)) {
          return new Field(shift, width);
        }
        shift += width;
      }
      return new Field(shift, 0);
    }
  }

  /// Header fields. `*_IP`: a FUP with the packet's IP follows.
  public static final Field IP_BYTES = Field.inHeader(TIP, "c");
  public static final Field EXEC_CS_L = Field.inHeader(MODE_EXEC, "l");
  public static final Field EXEC_CS_D = Field.inHeader(MODE_EXEC, "d");
  public static final Field EXEC_IF = Field.inHeader(MODE_EXEC, "f");
  public static final Field TSX_IN_TX = Field.inHeader(MODE_TSX, "i");
  public static final Field TSX_ABORT = Field.inHeader(MODE_TSX, "a");
  public static final Field PTW_IP = Field.inHeader(PTW, "i");
  public static final Field EXSTOP_IP = Field.inHeader(EXSTOP, "i");
  public static final Field BBP_SHORT = Field.inHeader(BBP, "s");
  public static final Field BBP_TYPE = Field.inHeader(BBP, "t");
  public static final Field BIP_ID = Field.inHeader(BIP, "i");
  public static final Field BEP_IP = Field.inHeader(BEP, "i");
  public static final Field CFE_IP = Field.inHeader(CFE, "i");
  public static final Field CFE_TYPE = Field.inHeader(CFE, "t");
  public static final Field EVD_TYPE = Field.inHeader(EVD, "t");
  public static final Field TRIG_IP = Field.inHeader(TRIG, "i");
  public static final Field TRIG_COUNTED = Field.inHeader(TRIG, "c");
  public static final Field TRIG_MULTIPLE = Field.inHeader(TRIG, "m");
  static final Field TNT_8_BITS = Field.inHeader(TNT_8, "b");
  static final Field CYC_MORE = Field.inHeader(CYC, "e");
  static final Field CYC_LOW = Field.inHeader(CYC, "v");
  static final Field PTW_BYTES = Field.inHeader(PTW, "p");

  /// Payload fields. PIP_CR3 is CR3 >> 5, VMCS_BASE the VMCS address >> 12.
  public static final Field PIP_NR = Field.inPayload(PIP, "nr");
  public static final Field PIP_CR3 = Field.inPayload(PIP, "cr3");
  public static final Field TMA_CTC = Field.inPayload(TMA, "ctc");
  public static final Field TMA_FC = Field.inPayload(TMA, "fc");
  public static final Field CBR_RATIO = Field.inPayload(CBR, "ratio");
  public static final Field VMCS_BASE = Field.inPayload(VMCS, "base");
  public static final Field MWAIT_HINTS = Field.inPayload(MWAIT, "hints");
  public static final Field MWAIT_EXT = Field.inPayload(MWAIT, "ext");
  public static final Field PWRE_HW = Field.inPayload(PWRE, "hw");
  public static final Field PWRE_SUB_STATE = Field.inPayload(PWRE, "sub");
  public static final Field PWRE_STATE = Field.inPayload(PWRE, "state");
  public static final Field PWRX_DEEPEST = Field.inPayload(PWRX, "deepest");
  public static final Field PWRX_LAST = Field.inPayload(PWRX, "last");
  public static final Field PWRX_WAKE = Field.inPayload(PWRX, "wake");
  public static final Field CFE_VECTOR = Field.inPayload(CFE, "vector");
  public static final Field TRIG_TRIGGERS = new Field(0, 8);
  public static final Field TRIG_COUNT = new Field(8, 16);
  /// Any CYC byte after the first: one bit that says more follow, and seven of the value.
  static final Field CYC_NEXT_MORE = new Field(0, 1);
  static final Field CYC_NEXT = new Field(1, 7);

  /// Eight bytes of a PSB, which repeats its opcode eight times.
  static final long PSB_WORD = ROWS.get(PSB).headerMask("1") * 0x0001_0001_0001_0001L;
  /// Bytes of a whole PSB.
  static final int PSB_BYTES = 16;
  /// Most bytes any packet has.
  static final int MAX_BYTES = 16;

  /// Table entry for bytes no packet starts with.
  static final byte UNKNOWN = -1;
  /// Table entry for a first byte after which the second decides the kind.
  static final byte ESCAPE = -2;

  private static final int[] OPCODES = new int[ROWS.size()];
  private static final int[] MASKS = new int[ROWS.size()];
  private static final byte[] HEADER_BYTES = new byte[ROWS.size()];
  private static final byte[] PAYLOAD_BYTES = new byte[ROWS.size()];
  private static final boolean[] LEAVES_BLOCK_OPEN = new boolean[ROWS.size()];
  private static final byte[] IP_PAYLOAD_BYTES = {-1, -1, -1, -1, -1, -1, -1, -1};
  /// Kind by first byte.
  private static final byte[] FIRST = new byte[256];
  /// Kind by first byte inside a block.
  private static final byte[] FIRST_IN_BLOCK;
  /// Kind by first and second byte where [#FIRST] says [#ESCAPE].
  private static final byte[] SECOND = new byte[256 * 256];

  static {
    for (Row row : ROWS) {
      int kind = row.kind();
      OPCODES[kind] = row.headerMask("1");
      MASKS[kind] = row.headerMask("01");
      HEADER_BYTES[kind] = (byte) row.headerBytes();
      PAYLOAD_BYTES[kind] = (byte) row.payloadBytes();
      LEAVES_BLOCK_OPEN[kind] = row.block();
    }
    for (IpCompression compression : IpCompression.values()) {
      IP_PAYLOAD_BYTES[compression.code()] = (byte) compression.bytes();
    }
    for (int first = 0; first < 256; first++) {
      FIRST[first] = kindOfFirst(first);
    }
    FIRST_IN_BLOCK = FIRST.clone();
    for (int first = 0; first < 256; first++) {
      if (matches(BIP, first, 1)) {
        FIRST_IN_BLOCK[first] = BIP;
      }
    }
    for (int bytes = 0; bytes < SECOND.length; bytes++) {
      SECOND[bytes] = FIRST[bytes & 0xff] == ESCAPE ? kindOfTwo(bytes) : UNKNOWN;
    }
  }

  private PtPacketTable() {}

  /// The row with most opcode bits wins: TNT-8, which is any even byte, gives way to PAD and to the escape 02.
  private static byte kindOfFirst(int first) {
    byte found = UNKNOWN;
    int foundBits = 0;
    for (Row row : ROWS) {
      int bits = Integer.bitCount(MASKS[row.kind()] & 0xff);
      if (row.kind() != BIP && bits > foundBits && matches(row.kind(), first, 1)) {
        found = row.headerBytes() > 1 ? ESCAPE : (byte) row.kind();
        foundBits = bits;
      }
    }
    return found;
  }

  private static byte kindOfTwo(int bytes) {
    for (Row row : ROWS) {
      if (row.headerBytes() > 1 && matches(row.kind(), bytes, 2)) {
        return (byte) row.kind();
      }
    }
    return UNKNOWN;
  }

  /// Whether the first `count` header bytes in `header` have this kind's opcode.
  static boolean matches(int kind, int header, int count) {
    return ((header ^ OPCODES[kind]) & MASKS[kind] & ((1 << (8 * count)) - 1)) == 0;
  }

  /// Kind by first byte, [#ESCAPE] or [#UNKNOWN].
  static int kindOfFirst(int first, boolean inBlock) {
    return (inBlock ? FIRST_IN_BLOCK : FIRST)[first];
  }

  /// Kind by the first two bytes after [#ESCAPE], or [#UNKNOWN].
  static int kindOfSecond(int twoBytes) {
    return SECOND[twoBytes];
  }

  static int opcode(int kind) {
    return OPCODES[kind];
  }

  static int headerBytes(int kind) {
    return HEADER_BYTES[kind];
  }

  /// Name in listings.
  public static String name(int kind) {
    return ROWS.get(kind).name();
  }

  /// Bytes of payload behind this header, or -1 if a size field in the header has a reserved value. Not for CYC.
  ///
  /// @param block item size of the open block, 0 if none
  static int payloadBytes(int kind, long header, int block) {
    return switch (kind) {
      case TIP, TIP_PGE, TIP_PGD, FUP -> IP_PAYLOAD_BYTES[(int) IP_BYTES.get(header)];
      case PTW -> PTW_BYTES.get(header) > 1 ? -1 : 4 << PTW_BYTES.get(header);
      case BIP -> block;
      case TRIG -> TRIG_COUNTED.isSet(header) ? 3 : 1;
      default -> PAYLOAD_BYTES[kind];
    };
  }

  /// Item size of the open block behind a packet: 4 or 8, 0 outside blocks.
  static int blockAfter(int kind, long header, int block) {
    if (kind == BBP) {
      return BBP_SHORT.isSet(header) ? 4 : 8;
    }
    return LEAVES_BLOCK_OPEN[kind] ? block : 0;
  }

  /// The IP that an IP payload stands for.
  ///
  /// @param code    IPBytes field, not a reserved value
  /// @param payload as in the packet, however extended
  /// @param lastIp  IP of the last IP packet that had one; the answer if `code` is 0 (suppressed)
  static long expandIp(int code, long payload, long lastIp) {
    return switch (code) {
      case 0 -> lastIp;
      case 1 -> (lastIp & ~0xffffL) | (payload & 0xffffL);
      case 2 -> (lastIp & ~0xffff_ffffL) | (payload & 0xffff_ffffL);
      case 3 -> (payload << 16) >> 16;
      case 4 -> (lastIp & ~0xffff_ffff_ffffL) | (payload & 0xffff_ffff_ffffL);
      default -> payload;
    };
  }
}

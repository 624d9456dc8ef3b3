package dev.crosspatch.tracer.pt;

import org.jspecify.annotations.Nullable;

/// An Intel PT packet: what its bytes say and nothing else. It knows neither its place nor the state that gives it
/// meaning (last IP, open block), so equal bytes in the same block context are equal packets.
///
/// Constructors reject values the packet cannot hold with an `IllegalArgumentException` naming field, value and range.
/// [PtPacketText] has them in the notation of listings.
public sealed interface PtPacket {

  /// How much of an IP a packet carries, by the IPBytes field. Codes 5 and 7 are reserved.
  enum IpCompression {
    /// No payload: the IP is not told.
    SUPPRESSED(0, 0),
    /// The low 16 bits; the rest is that of the last IP.
    UPDATE_16(1, 2),
    /// The low 32 bits; the rest is that of the last IP.
    UPDATE_32(2, 4),
    /// 48 bits, to be sign-extended.
    SEXT_48(3, 6),
    /// The low 48 bits; the rest is that of the last IP.
    UPDATE_48(4, 6),
    /// All of it.
    FULL(6, 8);

    private static final @Nullable IpCompression[] BY_CODE = new @Nullable IpCompression[8];

    static {
      for (IpCompression compression : values()) {
        BY_CODE[compression.code] = compression;
      }
    }

    private final int code;
    private final int bytes;

    IpCompression(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }

    /// Value of the IPBytes field.
    public int code() {
      return code;
    }

    /// Bytes of payload.
    public int bytes() {
      return bytes;
    }

    /// The compression with this code.
    ///
    /// @throws IllegalArgumentException if the code is reserved
    public static IpCompression of(int code) {
      IpCompression compression = BY_CODE[code & 7];
      if (compression == null || code != (code & 7)) {
        throw new IllegalArgumentException("IP compression " + code + " is reserved");
      }
      return compression;
    }

    /// The payload as a number with this compression: sign-extended for [#SEXT_48], otherwise zero-extended.
    long canonical(long payload) {
      return switch (this) {
        case SUPPRESSED -> 0;
        case SEXT_48 -> payload << 16 >> 16;
        case UPDATE_16, UPDATE_32, UPDATE_48, FULL -> payload & (-1L >>> (64 - 8 * bytes));
      };
    }

    private void check(long ip) {
      if (canonical(ip) != ip) {
        throw new IllegalArgumentException("IP " + Long.toHexString(ip) + " does not fit IP compression " + code);
      }
    }
  }

  /// No operation; fills up to an alignment.
  record Pad() implements PtPacket {}

  /// One to six conditional branches or compressed returns.
  ///
  /// @param bits  the youngest in bit 0, the oldest in bit `count - 1`; 1 = taken or compressed return
  /// @param count 1..6
  record Tnt8(long bits, int count) implements PtPacket {
    public Tnt8 {
      checkTnt(bits, count, 6);
    }
  }

  /// One to 47 conditional branches or compressed returns.
  ///
  /// @param bits  the youngest in bit 0, the oldest in bit `count - 1`; 1 = taken or compressed return
  /// @param count 1..47
  record Tnt64(long bits, int count) implements PtPacket {
    public Tnt64 {
      checkTnt(bits, count, 47);
    }
  }

  /// Target of an indirect branch, a far transfer, an exception or an interrupt.
  ///
  /// @param compression how much of the IP the packet carries
  /// @param ip          that much of it: the payload, sign-extended for [IpCompression#SEXT_48], 0 if suppressed
  record Tip(IpCompression compression, long ip) implements PtPacket {
    public Tip {
      compression.check(ip);
    }
  }

  /// Packet generation starts at an IP; components as in [Tip].
  record TipPge(IpCompression compression, long ip) implements PtPacket {
    public TipPge {
      compression.check(ip);
    }
  }

  /// Packet generation stops with a branch to an IP; components as in [Tip].
  record TipPgd(IpCompression compression, long ip) implements PtPacket {
    public TipPgd {
      compression.check(ip);
    }
  }

  /// Source IP of an asynchronous event, or the IP that the packet before belongs to; components as in [Tip].
  record Fup(IpCompression compression, long ip) implements PtPacket {
    public Fup {
      compression.check(ip);
    }
  }

  /// A new CR3.
  ///
  /// @param cr3     bits 51:5, the others 0
  /// @param nonRoot in VMX non-root operation
  record Pip(long cr3, boolean nonRoot) implements PtPacket {
    public Pip {
      checkMultiple("PIP CR3", cr3, 5, 52);
    }
  }

  /// Execution mode: neither flag is 16-bit, `csD` 32-bit, `csL` 64-bit code.
  ///
  /// @param csL           CS.L and EFER.LMA; not with csD
  /// @param csD           CS.D
  /// @param interruptFlag RFLAGS.IF, told with event trace only
  record ModeExec(boolean csL, boolean csD, boolean interruptFlag) implements PtPacket {
    public ModeExec {
      if (csL && csD) {
        throw new IllegalArgumentException("MODE.Exec has both CS.L and CS.D");
      }
    }
  }

  /// Transaction state: neither flag is a commit.
  ///
  /// @param inTx  a transaction begins; not with abort
  /// @param abort a transaction aborts
  record ModeTsx(boolean inTx, boolean abort) implements PtPacket {
    public ModeTsx {
      if (inTx && abort) {
        throw new IllegalArgumentException("MODE.TSX has both InTX and TXAbort");
      }
    }
  }

  /// Time stamp counter.
  ///
  /// @param tsc its low 56 bits
  record Tsc(long tsc) implements PtPacket {
    public Tsc {
      checkBits("TSC", tsc, 56);
    }
  }

  /// Mini time counter.
  ///
  /// @param ctc eight bits of the crystal clock counter, chosen by MTCFreq
  record Mtc(int ctc) implements PtPacket {
    public Mtc {
      checkBits("MTC CTC", ctc, 8);
    }
  }

  /// Ties TSC and MTC together.
  ///
  /// @param ctc         low 16 bits of the crystal clock counter
  /// @param fastCounter TSC ticks since that counter changed, 9 bits
  record Tma(int ctc, int fastCounter) implements PtPacket {
    public Tma {
      checkBits("TMA CTC", ctc, 16);
      checkBits("TMA fast counter", fastCounter, 9);
    }
  }

  /// Core cycles since the last CYC.
  ///
  /// @param cycles unsigned 64-bit
  record Cyc(long cycles) implements PtPacket {}

  /// Core frequency as a multiple of the bus clock.
  ///
  /// @param ratio 0..255
  record Cbr(int ratio) implements PtPacket {
    public Cbr {
      checkBits("CBR ratio", ratio, 8);
    }
  }

  /// A new VMCS.
  ///
  /// @param base its physical address, bits 51:12
  record Vmcs(long base) implements PtPacket {
    public Vmcs {
      checkMultiple("VMCS base", base, 12, 52);
    }
  }

  /// Packet stream boundary: where a decoder can start. Sets the last IP to 0.
  record Psb() implements PtPacket {}

  /// End of the status packets that follow a PSB.
  record PsbEnd() implements PtPacket {}

  /// Packets were lost in the core's buffer.
  record Ovf() implements PtPacket {}

  /// Execution entered a TraceStop range.
  record TraceStop() implements PtPacket {}

  /// Maintenance; the payload's meaning depends on the model.
  record Mnt(long payload) implements PtPacket {}

  /// Operand of a PTWRITE instruction.
  ///
  /// @param payload the operand, zero-extended
  /// @param bytes   its size, 4 or 8
  /// @param ip      a FUP with the instruction's IP follows
  record Ptw(long payload, int bytes, boolean ip) implements PtPacket {
    public Ptw {
      checkItem("PTW payload", payload, bytes);
    }
  }

  /// Execution stopped because the core clock did.
  ///
  /// @param ip a FUP with the IP follows
  record ExStop(boolean ip) implements PtPacket {}

  /// An MWAIT was executed. The manual defines hints 7:0 and extensions 1:0 and reserves the rest; all of it is kept.
  ///
  /// @param hints EAX
  /// @param ext   ECX
  record Mwait(int hints, int ext) implements PtPacket {}

  /// The core entered a C-state. States are encoded as in MWAIT hints: 0 is C1, 15 is C0.
  ///
  /// @param state    resolved thread C-state, 0..15
  /// @param subState resolved thread sub C-state, 0..15
  /// @param hardware entered by the hardware's own decision
  record Pwre(int state, int subState, boolean hardware) implements PtPacket {
    public Pwre {
      checkBits("PWRE state", state, 4);
      checkBits("PWRE sub state", subState, 4);
    }
  }

  /// The core left a C-state. States as in [Pwre].
  ///
  /// @param last       core C-state at the wake, 0..15
  /// @param deepest    deepest core C-state since the thread left C0, 0..15
  /// @param wakeReason one bit of: 1 interrupt, 2 timer deadline, 4 store to the monitored address, 8 hardware.
  ///     Unknown: 2. Assumed timer deadline because the manual has such a wake and libipt names only the other three.
  record Pwrx(int last, int deepest, int wakeReason) implements PtPacket {
    public Pwrx {
      checkBits("PWRX last state", last, 4);
      checkBits("PWRX deepest state", deepest, 4);
      checkBits("PWRX wake reason", wakeReason, 4);
    }
  }

  /// A block of items (PEBS output) begins.
  ///
  /// @param itemBytes payload size of the block's items, 4 or 8
  /// @param type      kind of the items, 0..31
  record Bbp(int itemBytes, int type) implements PtPacket {
    public Bbp {
      checkItem("BBP item", 0, itemBytes);
      checkBits("BBP type", type, 5);
    }
  }

  /// An item of the open block, as many bytes as its BBP says.
  ///
  /// @param id      0..31
  /// @param payload zero-extended
  record Bip(int id, long payload) implements PtPacket {
    public Bip {
      checkBits("BIP id", id, 5);
    }
  }

  /// The open block ends.
  ///
  /// @param ip a FUP with the IP follows
  record Bep(boolean ip) implements PtPacket {}

  /// An event changed the control flow (event trace).
  ///
  /// @param type   0..31; see the manual's list
  /// @param vector 0..255, 0 for types that have none
  /// @param ip     a FUP with the IP follows
  record Cfe(int type, int vector, boolean ip) implements PtPacket {
    public Cfe {
      checkBits("CFE type", type, 5);
      checkBits("CFE vector", vector, 8);
    }
  }

  /// Data of the event that the next CFE reports.
  ///
  /// @param type    0..63: 0 page fault address, 1 VMX exit qualification, 2 VMX exit reason.
  ///     Unknown: the field's width. Assumed 6 bits because perf reads them; libipt reads 5.
  /// @param payload the data
  record Evd(int type, long payload) implements PtPacket {
    public Evd {
      checkBits("EVD type", type, 6);
    }
  }

  /// Trace triggers fired.
  ///
  /// @param triggers which, 8 bits
  /// @param ip       a FUP with the IP follows
  /// @param multiple more than one hit since the last packet
  /// @param count    instructions since the trigger, 16 bits, or -1 if not told
  record Trig(int triggers, boolean ip, boolean multiple, int count) implements PtPacket {
    public Trig {
      checkBits("TRIG triggers", triggers, 8);
      if (count != -1) {
        checkBits("TRIG count", count, 16);
      }
    }
  }

  private static void checkTnt(long bits, int count, int most) {
    if (count < 1 || count > most) {
      throw new IllegalArgumentException("TNT bit count " + count + " is not in 1.." + most);
    }
    checkBits("TNT bits", bits, count);
  }

  private static void checkItem(String what, long payload, int bytes) {
    if (bytes != 4 && bytes != 8) {
      throw new IllegalArgumentException(what + " size " + bytes + " is neither 4 nor 8");
    }
    checkBits(what, payload, 8 * bytes);
  }

  private static void checkMultiple(String what, long value, int zeros, int width) {
    if ((value & ((1L << zeros) - 1)) != 0) {
      throw new IllegalArgumentException(what + " 0x" + Long.toHexString(value) + " is not a multiple of "
          + (1 << zeros));
    }
    checkBits(what, value, width);
  }

  private static void checkBits(String what, long value, int width) {
    if (width < 64 && value >>> width != 0) {
      throw new IllegalArgumentException(what + " 0x" + Long.toHexString(value) + " does not fit " + width + " bits");
    }
  }
}

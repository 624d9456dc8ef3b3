package dev.crosspatch.tracer.pt;

import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// An Intel PT packet: what its bytes say and nothing else. It knows neither its place nor the state that gives it meaning (last
/// IP, open block), so equal bytes in the same block context are equal packets.
///
/// Constructors reject values the packet cannot hold with an `IllegalArgumentException` naming field, value and range.
/// `toString` is the notation of packet listings (that of libipt's ptdump where it has the packet): numbers are hexadecimal
/// without prefix, `!` is a taken and `.` a not taken branch, `ip` says that a FUP with the packet's IP follows.
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

    /// Listing form: code, then 16 digits with `?` for those the packet does not tell.
    private String text(String name, long ip) {
      int digits = this == SEXT_48 ? 16 : 2 * bytes;
      return name + " " + code + ": " + "?".repeat(16 - digits) + (digits == 0 ? "" : hex(ip, digits));
    }
  }

  /// No operation; fills up to an alignment.
  record Pad() implements PtPacket {
    @Override
    public String toString() {
      return "pad";
    }
  }

  /// One to six conditional branches or compressed returns.
  ///
  /// @param bits  the youngest in bit 0, the oldest in bit `count - 1`; 1 = taken or compressed return
  /// @param count 1..6
  record Tnt8(long bits, int count) implements PtPacket {
    public Tnt8 {
      checkTnt(bits, count, 6);
    }

    @Override
    public String toString() {
      return "tnt.8 " + branches(bits, count);
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

    @Override
    public String toString() {
      return "tnt.64 " + branches(bits, count);
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

    @Override
    public String toString() {
      return compression.text("tip", ip);
    }
  }

  /// Packet generation starts at an IP; components as in [Tip].
  record TipPge(IpCompression compression, long ip) implements PtPacket {
    public TipPge {
      compression.check(ip);
    }

    @Override
    public String toString() {
      return compression.text("tip.pge", ip);
    }
  }

  /// Packet generation stops with a branch to an IP; components as in [Tip].
  record TipPgd(IpCompression compression, long ip) implements PtPacket {
    public TipPgd {
      compression.check(ip);
    }

    @Override
    public String toString() {
      return compression.text("tip.pgd", ip);
    }
  }

  /// Source IP of an asynchronous event, or the IP that the packet before belongs to; components as in [Tip].
  record Fup(IpCompression compression, long ip) implements PtPacket {
    public Fup {
      compression.check(ip);
    }

    @Override
    public String toString() {
      return compression.text("fup", ip);
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

    @Override
    public String toString() {
      return "pip " + Long.toHexString(cr3) + (nonRoot ? ", nr" : "");
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

    @Override
    public String toString() {
      return flags("mode.exec", csD ? "cs.d" : "", csL ? "cs.l" : "", interruptFlag ? "if" : "");
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

    @Override
    public String toString() {
      return flags("mode.tsx", inTx ? "intx" : "", abort ? "abrt" : "");
    }
  }

  /// Time stamp counter.
  ///
  /// @param tsc its low 56 bits
  record Tsc(long tsc) implements PtPacket {
    public Tsc {
      checkBits("TSC", tsc, 56);
    }

    @Override
    public String toString() {
      return "tsc " + Long.toHexString(tsc);
    }
  }

  /// Mini time counter.
  ///
  /// @param ctc eight bits of the crystal clock counter, chosen by MTCFreq
  record Mtc(int ctc) implements PtPacket {
    public Mtc {
      checkBits("MTC CTC", ctc, 8);
    }

    @Override
    public String toString() {
      return "mtc " + Integer.toHexString(ctc);
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

    @Override
    public String toString() {
      return "tma " + Integer.toHexString(ctc) + ", " + Integer.toHexString(fastCounter);
    }
  }

  /// Core cycles since the last CYC.
  ///
  /// @param cycles unsigned 64-bit
  record Cyc(long cycles) implements PtPacket {
    @Override
    public String toString() {
      return "cyc " + Long.toHexString(cycles);
    }
  }

  /// Core frequency as a multiple of the bus clock.
  ///
  /// @param ratio 0..255
  record Cbr(int ratio) implements PtPacket {
    public Cbr {
      checkBits("CBR ratio", ratio, 8);
    }

    @Override
    public String toString() {
      return "cbr " + Integer.toHexString(ratio);
    }
  }

  /// A new VMCS.
  ///
  /// @param base its physical address, bits 51:12
  record Vmcs(long base) implements PtPacket {
    public Vmcs {
      checkMultiple("VMCS base", base, 12, 52);
    }

    @Override
    public String toString() {
      return "vmcs " + Long.toHexString(base);
    }
  }

  /// Packet stream boundary: where a decoder can start. Sets the last IP to 0.
  record Psb() implements PtPacket {
    @Override
    public String toString() {
      return "psb";
    }
  }

  /// End of the status packets that follow a PSB.
  record PsbEnd() implements PtPacket {
    @Override
    public String toString() {
      return "psbend";
    }
  }

  /// Packets were lost in the core's buffer.
  record Ovf() implements PtPacket {
    @Override
    public String toString() {
      return "ovf";
    }
  }

  /// Execution entered a TraceStop range.
  record TraceStop() implements PtPacket {
    @Override
    public String toString() {
      return "stop";
    }
  }

  /// Maintenance; the payload's meaning depends on the model.
  record Mnt(long payload) implements PtPacket {
    @Override
    public String toString() {
      return "mnt " + Long.toHexString(payload);
    }
  }

  /// Operand of a PTWRITE instruction.
  ///
  /// @param payload the operand, zero-extended
  /// @param bytes   its size, 4 or 8
  /// @param ip      a FUP with the instruction's IP follows
  record Ptw(long payload, int bytes, boolean ip) implements PtPacket {
    public Ptw {
      checkItem("PTW payload", payload, bytes);
    }

    @Override
    public String toString() {
      return flags("ptw " + (bytes / 4 - 1) + ": " + Long.toHexString(payload) + (ip ? "," : ""), ip ? "ip" : "");
    }
  }

  /// Execution stopped because the core clock did.
  ///
  /// @param ip a FUP with the IP follows
  record ExStop(boolean ip) implements PtPacket {
    @Override
    public String toString() {
      return flags("exstop", ip ? "ip" : "");
    }
  }

  /// An MWAIT was executed. The manual defines hints 7:0 and extensions 1:0 and reserves the rest; all of it is kept.
  ///
  /// @param hints EAX
  /// @param ext   ECX
  record Mwait(int hints, int ext) implements PtPacket {
    @Override
    public String toString() {
      return "mwait " + hex(hints & 0xffff_ffffL, 8) + ", " + hex(ext & 0xffff_ffffL, 8);
    }
  }

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

    @Override
    public String toString() {
      return "pwre c" + ((state + 1) & 15) + "." + ((subState + 1) & 15) + (hardware ? ", hw" : "");
    }
  }

  /// The core left a C-state. States as in [Pwre].
  ///
  /// @param last       core C-state at the wake, 0..15
  /// @param deepest    deepest core C-state since the thread left C0, 0..15
  /// @param wakeReason one bit of: 1 interrupt, 2 timer deadline, 4 store to the monitored address, 8 hardware
  record Pwrx(int last, int deepest, int wakeReason) implements PtPacket {
    public Pwrx {
      checkBits("PWRX last state", last, 4);
      checkBits("PWRX deepest state", deepest, 4);
      checkBits("PWRX wake reason", wakeReason, 4);
    }

    @Override
    public String toString() {
      String reason = switch (wakeReason) {
        case 1 -> "int";
        case 2 -> "timer";
        case 4 -> "st";
        case 8 -> "hw";
        default -> Integer.toHexString(wakeReason);
      };
      return "pwrx " + reason + ": c" + ((last + 1) & 15) + ", c" + ((deepest + 1) & 15);
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

    @Override
    public String toString() {
      return "bbp " + itemBytes + ": " + Integer.toHexString(type);
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

    @Override
    public String toString() {
      return "bip " + Integer.toHexString(id) + ": " + Long.toHexString(payload);
    }
  }

  /// The open block ends.
  ///
  /// @param ip a FUP with the IP follows
  record Bep(boolean ip) implements PtPacket {
    @Override
    public String toString() {
      return flags("bep", ip ? "ip" : "");
    }
  }

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

    @Override
    public String toString() {
      return "cfe " + cfeType(type) + ": " + Integer.toHexString(vector) + (ip ? ", ip" : "");
    }
  }

  /// Data of the event that the next CFE reports.
  ///
  /// @param type    0..63: 0 page fault address, 1 VMX exit qualification, 2 VMX exit reason
  /// @param payload the data
  record Evd(int type, long payload) implements PtPacket {
    public Evd {
      checkBits("EVD type", type, 6);
    }

    @Override
    public String toString() {
      String name = switch (type) {
        case 0 -> "cr2";
        case 1 -> "vmxq";
        case 2 -> "vmxr";
        default -> Integer.toHexString(type);
      };
      return "evd " + name + ": " + Long.toHexString(payload);
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

    @Override
    public String toString() {
      return "trig " + hex(triggers, 2) + (ip ? ", ip" : "") + (multiple ? ", mult" : "") + (count < 0 ? "" : ", icnt " + Integer.toHexString(count));
    }
  }

  private static String cfeType(int type) {
    return switch (type) {
      case 1 -> "intr";
      case 2 -> "iret";
      case 3 -> "smi";
      case 4 -> "rsm";
      case 5 -> "sipi";
      case 6 -> "init";
      case 7 -> "vmentry";
      case 8 -> "vmexit";
      case 9 -> "vmexit-intr";
      case 10 -> "shutdown";
      case 12 -> "uintr";
      case 13 -> "uiret";
      case 14 -> "swintr";
      case 15 -> "syscall";
      default -> Integer.toHexString(type);
    };
  }

  private static String hex(long value, int digits) {
    return String.format(Locale.ROOT, "%0" + digits + "x", value);
  }

  private static String flags(String name, String... flags) {
    StringJoiner set = new StringJoiner(", ", name + " ", "").setEmptyValue(name);
    for (String flag : flags) {
      if (!flag.isEmpty()) {
        set.add(flag);
      }
    }
    return set.toString();
  }

  private static String branches(long bits, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = count - 1; i >= 0; i--) {
      text.append(((bits >>> i) & 1) != 0 ? '!' : '.');
    }
    return text.toString();
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
      throw new IllegalArgumentException(what + " 0x" + Long.toHexString(value) + " is not a multiple of " + (1 << zeros));
    }
    checkBits(what, value, width);
  }

  private static void checkBits(String what, long value, int width) {
    if (width < 64 && value >>> width != 0) {
      throw new IllegalArgumentException(what + " 0x" + Long.toHexString(value) + " does not fit " + width + " bits");
    }
  }
}

package dev.crosspatch.tracer.pt;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import java.util.StringJoiner;

/// Packets as people read them, in the notation of libipt's ptdump where it has the packet.
///
/// Numbers are hexadecimal without prefix. `!` is a taken branch, `.` one not taken, oldest first. An IP packet shows
/// its IPBytes code, then 16 digits with `?` for those it does not carry. `ip` says that a FUP with the packet's IP
/// follows.
public final class PtPacketText {
  private static final int BYTES_SHOWN = 8;

  private PtPacketText() {}

  /// One line for the place the reader is at: offset, bytes, and packet or error.
  public static String line(PtPacketReader reader) {
    boolean error = reader.kind() < PtPacketReader.END;
    int size = error ? reader.ahead(BYTES_SHOWN) : reader.size();
    String text = error ? reader.error().getMessage() : text(reader.packet());
    return "%8x  %-26s %s".formatted(reader.place(), hex(reader.bytes(), reader.offset(), size), text);
  }

  /// Name and fields of a packet, e.g. `tip.pge 3: ffffffff81000000`.
  public static String text(PtPacket packet) {
    return switch (packet) {
      case PtPacket.Pad() -> "pad";
      case PtPacket.Tnt8(long bits, int count) -> "tnt.8 " + branches(bits, count);
      case PtPacket.Tnt64(long bits, int count) -> "tnt.64 " + branches(bits, count);
      case PtPacket.Tip(IpCompression compression, long ip) -> "tip " + ip(compression, ip);
      case PtPacket.TipPge(IpCompression compression, long ip) -> "tip.pge " + ip(compression, ip);
      case PtPacket.TipPgd(IpCompression compression, long ip) -> "tip.pgd " + ip(compression, ip);
      case PtPacket.Fup(IpCompression compression, long ip) -> "fup " + ip(compression, ip);
      case PtPacket.Pip(long cr3, boolean nonRoot) -> "pip %x".formatted(cr3) + (nonRoot ? ", nr" : "");
      case PtPacket.ModeExec(boolean l, boolean d, boolean f) ->
          "mode.exec" + flags(d ? "cs.d" : "", l ? "cs.l" : "", f ? "if" : "");
      case PtPacket.ModeTsx(boolean inTx, boolean abort) -> "mode.tsx" + flags(inTx ? "intx" : "", abort ? "abrt" : "");
      case PtPacket.Tsc(long tsc) -> "tsc %x".formatted(tsc);
      case PtPacket.Mtc(int ctc) -> "mtc %x".formatted(ctc);
      case PtPacket.Tma(int ctc, int fastCounter) -> "tma %x, %x".formatted(ctc, fastCounter);
      case PtPacket.Cyc(long cycles) -> "cyc %x".formatted(cycles);
      case PtPacket.Cbr(int ratio) -> "cbr %x".formatted(ratio);
      case PtPacket.Vmcs(long base) -> "vmcs %x".formatted(base);
      case PtPacket.Psb() -> "psb";
      case PtPacket.PsbEnd() -> "psbend";
      case PtPacket.Ovf() -> "ovf";
      case PtPacket.TraceStop() -> "stop";
      case PtPacket.Mnt(long payload) -> "mnt %x".formatted(payload);
      case PtPacket.Ptw(long payload, int bytes, boolean ip) ->
          "ptw %d: %x".formatted(bytes / 4 - 1, payload) + (ip ? ", ip" : "");
      case PtPacket.ExStop(boolean ip) -> "exstop" + flags(ip ? "ip" : "");
      case PtPacket.Mwait(int hints, int ext) -> "mwait %08x, %08x".formatted(hints, ext);
      case PtPacket.Pwre(int state, int sub, boolean hw) ->
          "pwre c%d.%d".formatted(cState(state), cState(sub)) + (hw ? ", hw" : "");
      case PtPacket.Pwrx(int last, int deepest, int wake) ->
          "pwrx %s: c%d, c%d".formatted(wakeReason(wake), cState(last), cState(deepest));
      case PtPacket.Bbp(int itemBytes, int type) -> "bbp %d: %x".formatted(itemBytes, type);
      case PtPacket.Bip(int id, long payload) -> "bip %x: %x".formatted(id, payload);
      case PtPacket.Bep(boolean ip) -> "bep" + flags(ip ? "ip" : "");
      case PtPacket.Cfe(int type, int vector, boolean ip) ->
          "cfe %s: %x".formatted(cfeType(type), vector) + (ip ? ", ip" : "");
      case PtPacket.Evd(int type, long payload) -> "evd %s: %x".formatted(evdType(type), payload);
      case PtPacket.Trig trig -> trigger(trig);
    };
  }

  private static String ip(IpCompression compression, long ip) {
    int digits = compression == IpCompression.SEXT_48 ? 16 : 2 * compression.bytes();
    return compression.code() + ": " + "?".repeat(16 - digits) + "%016x".formatted(ip).substring(16 - digits);
  }

  private static String branches(long bits, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = count - 1; i >= 0; i--) {
      text.append(((bits >>> i) & 1) != 0 ? '!' : '.');
    }
    return text.toString();
  }

  /// Those that are not empty.
  private static String flags(String... flags) {
    StringJoiner set = new StringJoiner(", ", " ", "").setEmptyValue("");
    for (String flag : flags) {
      if (!flag.isEmpty()) {
        set.add(flag);
      }
    }
    return set.toString();
  }

  private static String trigger(PtPacket.Trig trig) {
    String count = trig.count() < 0 ? "" : ", icnt %x".formatted(trig.count());
    return "trig %02x".formatted(trig.triggers()) + (trig.ip() ? ", ip" : "")
        + (trig.multiple() ? ", mult" : "") + count;
  }

  /// MWAIT counts C-states from 0 = C1 to 14 = C15, then 15 = C0.
  private static int cState(int encoded) {
    return (encoded + 1) & 15;
  }

  private static String wakeReason(int reason) {
    return switch (reason) {
      case 1 -> "int";
      case 2 -> "timer";
      case 4 -> "st";
      case 8 -> "hw";
      default -> Integer.toHexString(reason);
    };
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

  private static String evdType(int type) {
    return switch (type) {
      case 0 -> "cr2";
      case 1 -> "vmxq";
      case 2 -> "vmxr";
      default -> Integer.toHexString(type);
    };
  }

  private static String hex(byte[] data, int offset, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(length, BYTES_SHOWN); i++) {
      text.append("%02x ".formatted(data[offset + i]));
    }
    return length > BYTES_SHOWN ? text + ".." : text.toString();
  }
}

package dev.crosspatch.tracer.etm;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Packets as people read them: the manual's packet name, then the fields.
///
/// Atoms are letters, oldest first; an address is followed by its sub-instruction set; identifiers are hexadecimal.
public final class EtmPacketText {
  private static final String[] EXCEPTION_NAMES = {
    "PE reset", "debug halt", "call", "trap", "system error", "", "inst debug", "data debug",
    "", "", "alignment", "inst fault", "data fault", "", "IRQ", "FIQ"
  };
  private static final int BYTES_SHOWN = 8;

  private EtmPacketText() {}

  /// One line for the place the reader is at: offset, bytes, and packet or error.
  public static String line(EtmPacketReader reader) {
    boolean error = reader.kind() < EtmPacketReader.END;
    int size = error ? reader.ahead(BYTES_SHOWN) : reader.size();
    String text = error ? reader.error().getMessage() : text(reader.packet());
    return "%8x  %-26s %s".formatted(reader.place(), hex(reader.bytes(), reader.offset(), size), text);
  }

  /// Name and fields of a packet.
  public static String text(EtmPacket packet) {
    return switch (packet) {
      case EtmPacket.ASync() -> "A-Sync";
      case EtmPacket.Discard() -> "Discard";
      case EtmPacket.Overflow() -> "Overflow";
      case EtmPacket.TraceInfo t -> "Trace Info" + traceInfo(t);
      case EtmPacket.Timestamp(long ticks, int cycles) ->
          "Timestamp 0x%x".formatted(ticks) + optional("cycles", cycles);
      case EtmPacket.TimestampMarker() -> "Timestamp Marker";
      case EtmPacket.TraceOn() -> "Trace On";
      case EtmPacket.ExceptionEntry e -> "Exception" + exception(e);
      case EtmPacket.ExceptionReturn() -> "Exception Return";
      case EtmPacket.PeReset(boolean isTarget) -> "PE Reset" + target(isTarget);
      case EtmPacket.TransactionFailure(boolean isTarget) -> "Transaction Failure" + target(isTarget);
      case EtmPacket.TransactionStart() -> "Transaction Start";
      case EtmPacket.TransactionCommit() -> "Transaction Commit";
      case EtmPacket.Instrumentation(int el, long value) -> "Instrumentation EL%d 0x%x".formatted(el, value);
      case EtmPacket.CycleCountF1(long commit, int cycles) -> "Cycle Count F1" + cycleCount(commit, cycles);
      case EtmPacket.CycleCountF2(long commit, int cycles) -> "Cycle Count F2" + cycleCount(commit, cycles);
      case EtmPacket.CycleCountF3(int commit, int cycles) -> "Cycle Count F3" + cycleCount(commit, cycles);
      case EtmPacket.Commit(long count) -> "Commit " + count;
      case EtmPacket.CancelF1(long count, boolean m) -> "Cancel F1 " + count + (m ? ", mispredict" : "");
      case EtmPacket.CancelF2(EtmPacket.AtomsBefore atoms) -> "Cancel F2" + before(atoms) + " 1, mispredict";
      case EtmPacket.CancelF3(boolean e, int count) -> "Cancel F3" + (e ? " after E " : " ") + count + ", mispredict";
      case EtmPacket.Mispredict(EtmPacket.AtomsBefore atoms) -> "Mispredict" + before(atoms);
      case EtmPacket.Ignore() -> "Ignore";
      case EtmPacket.Event(int events) -> "Event" + events(events);
      case EtmPacket.ContextSame() -> "Context Same";
      case EtmPacket.Context(EtmContext context) -> "Context" + context(context);
      case EtmPacket.Address(EtmAddress a) -> "Target Address" + address(a);
      case EtmPacket.AddressContext(EtmAddress a, EtmContext c) -> "Target Address" + address(a) + context(c);
      case EtmPacket.SourceAddress(EtmAddress a) -> "Source Address" + address(a);
      case EtmPacket.Q(long count, EtmAddress a) -> "Q" + address(a) + optional("count", count);
      case EtmPacket.Atoms atoms -> "Atom F" + atoms.format() + " " + atoms(atoms.bits(), atoms.count());
    };
  }

  /// Atoms as letters, oldest first: `EEN`.
  public static String atoms(int bits, int count) {
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < count; i++) {
      letters.append(((bits >>> i) & 1) != 0 ? 'E' : 'N');
    }
    return letters.toString();
  }

  private static String traceInfo(EtmPacket.TraceInfo t) {
    boolean counting = (t.info() & EtmPacket.TraceInfo.CYCLE_COUNTING) != 0;
    return " info 0x%02x".formatted(t.info())
        + (counting ? ", threshold " + t.threshold() : "")
        + (t.speculation() != 0 ? ", speculation " + t.speculation() : "")
        + (t.key() != 0 ? ", key " + t.key() : "");
  }

  private static String exception(EtmPacket.ExceptionEntry e) {
    String name = e.type() < 16 ? EXCEPTION_NAMES[e.type()] : "implementation defined " + (e.type() - 16);
    EtmContext context = e.context();
    return " %d (%s)".formatted(e.type(), name)
        + target(e.isTarget())
        + ", return to"
        + address(e.address())
        + (context == null ? "" : context(context));
  }

  private static String target(boolean isTarget) {
    return isTarget ? " at a branch target" : "";
  }

  private static String cycleCount(long commit, int cycles) {
    return (commit != 0 ? " commit " + commit + "," : "")
        + (cycles == EtmPacket.UNKNOWN ? " cycles unknown" : " cycles " + cycles);
  }

  private static String optional(String name, long value) {
    return value == EtmPacket.UNKNOWN ? "" : ", " + name + " " + value;
  }

  private static String before(EtmPacket.AtomsBefore atoms) {
    return atoms == EtmPacket.AtomsBefore.NONE ? "" : " after " + atoms;
  }

  private static String events(int events) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      list.append(((events >>> i) & 1) != 0 ? " " + i : "");
    }
    return list.toString();
  }

  private static String address(@Nullable EtmAddress a) {
    if (a == null) {
      return "";
    }
    String form =
        switch (a.form()) {
          case EXACT0, EXACT1, EXACT2 -> "Exact Match [" + a.form().ordinal() + "]";
          case SHORT -> "Short";
          case LONG32 -> "32-bit";
          case LONG64 -> "64-bit";
        };
    return " %s IS%d 0x%x".formatted(form, a.is(), a.value());
  }

  private static String context(EtmContext c) {
    return " EL%d %s %s".formatted(c.el(), c.aarch64() ? "AArch64" : "AArch32", security(c))
        + (c.vmid() != EtmContext.ABSENT ? ", VMID 0x%x".formatted(c.vmid()) : "")
        + (c.contextId() != EtmContext.ABSENT ? ", Context ID 0x%x".formatted(c.contextId()) : "");
  }

  private static String security(EtmContext c) {
    return c.security().name().replace('_', '-').toLowerCase(Locale.ROOT);
  }

  private static String hex(byte[] data, int offset, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(length, BYTES_SHOWN); i++) {
      text.append("%02x ".formatted(data[offset + i]));
    }
    return length > BYTES_SHOWN ? text + ".." : text.toString();
  }
}

package dev.crosspatch.sim.guest;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Report;
import dev.crosspatch.tracer.text.Poke;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the records of text events in a guest kernel's memory ([TextRecord]), at the moment at which the kernel rings.
final class TextEvents {
  /// Most bytes of text in one event.
  static final int MOST = 1 << 20;

  private static final int LONGEST_NAME = 255;

  private final Mechanism mechanism;
  private final GuestMemory memory;

  /// A record that makes no sense.
  static final class BadRecord extends Exception {
    private static final long serialVersionUID = 1L;

    BadRecord(String what) {
      super(what);
    }

    /// What is wrong with it.
    String what() {
      return String.valueOf(getMessage());
    }
  }

  TextEvents(Mechanism mechanism, GuestMemory memory) {
    this.mechanism = mechanism;
    this.memory = memory;
  }

  /// The event that `core` tells of by the record at `address`.
  Poke read(Core core, long address) throws BadRecord {
    byte[] record = bytes("record", address, TextRecord.SIZE);
    byte[] before = text(record, TextRecord.OLD, TextRecord.OLD_LENGTH);
    byte[] after = text(record, TextRecord.NEW, TextRecord.NEW_LENGTH);
    Report report = before.length == 0 ? Report.APPEAR : after.length == 0 ? Report.VANISH : Report.CHANGE;
    if (before.length == 0 && after.length == 0) {
      throw new BadRecord("neither old nor new bytes");
    }
    if (!mechanism.reports().contains(report)) {
      throw new BadRecord("text may not " + report.label() + ": " + mechanism.name() + " reports only "
          + String.join(", ", mechanism.reports().stream().map(Report::label).toList()));
    }
    long patched = field(record, TextRecord.MECHANISM);
    return new Poke(core.ticks(), core.id, field(record, TextRecord.ADDRESS), before, after,
        patched == 0 ? mechanism.name() : name("mechanism", patched), name("site", field(record, TextRecord.SITE)));
  }

  private static long field(byte[] record, TextRecord field) {
    return PhysicalMemory.get(record, field.offset(), 3);
  }

  private byte[] text(byte[] record, TextRecord where, TextRecord howMany) throws BadRecord {
    long length = field(record, howMany);
    String what = where == TextRecord.OLD ? "old" : "new";
    if (length < 0 || length > MOST) {
      throw new BadRecord(Long.toUnsignedString(length) + " " + what + " bytes, more than " + MOST);
    }
    return length == 0 ? new byte[0] : bytes(what + " bytes", field(record, where), (int) length);
  }

  /// Memory of the kernel.
  byte[] bytes(String what, long address, int length) throws BadRecord {
    byte @Nullable [] bytes = memory.read(address, length);
    if (bytes == null) {
      throw new BadRecord(what + " at 0x" + Long.toHexString(address) + ", where the kernel has no memory");
    }
    return bytes;
  }

  /// A zero-terminated text in the kernel's memory.
  String name(String what, long address) throws BadRecord {
    StringBuilder name = new StringBuilder();
    while (name.length() <= LONGEST_NAME) {
      byte c = bytes("name of the " + what, address + name.length(), 1)[0];
      if (c == 0) {
        return name.toString();
      }
      if (c < ' ' || c > '~') {
        break;
      }
      name.append(new String(new byte[] {c}, StandardCharsets.US_ASCII));
    }
    throw new BadRecord("name of the " + what + " at 0x" + Long.toHexString(address)
        + " is no text of at most " + LONGEST_NAME + " characters");
  }
}

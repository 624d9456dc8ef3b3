package dev.crosspatch.tracer.etm;

import org.jspecify.annotations.Nullable;

/// One packet of an ETMv4 instruction trace or ETE stream.
///
/// Compact constructors check what holds in every stream; what depends on the configuration or on earlier packets
/// (address history, timestamp, cycle count threshold) is checked by [EtmPacketWriter]. Numbers are unsigned.
/// Source: DDI 0487 D5.3, one section per packet.
public sealed interface EtmPacket {

  /// Stands for a count that a packet says is unknown, or that it does not carry.
  int UNKNOWN = -1;

  /// Atoms that precede the rest of a Mispredict or Cancel packet; in the order of the field's values.
  enum AtomsBefore {
    /// None.
    NONE,
    /// One E atom.
    E,
    /// Two E atoms.
    EE,
    /// One N atom.
    N;

    private static final AtomsBefore[] VALUES = values();

    static AtomsBefore of(int field) {
      return VALUES[field];
    }

    /// Number of atoms.
    public int count() {
      return this == NONE ? 0 : this == EE ? 2 : 1;
    }

    /// The atoms, oldest in bit 0; 1 is E.
    public int bits() {
      return this == E ? 1 : this == EE ? 3 : 0;
    }
  }

  /// Alignment Synchronization: the next byte is a header.
  record ASync() implements EtmPacket {}

  /// Discard: uncommitted elements are gone, tracing stopped.
  record Discard() implements EtmPacket {}

  /// Overflow: the trace unit's buffer overflowed, packets are lost.
  record Overflow() implements EtmPacket {}

  /// Trace Info: address history and timestamp start from 0 again.
  ///
  /// @param info        bit 0: cycle counting; 3:1: conditional, 5:4: data tracing (never A-profile); 6: in transaction
  /// @param key         P0 key of data tracing; 0
  /// @param speculation number of uncommitted P0 elements
  /// @param threshold   what cycle count packets leave out of their counts, 12 bits
  record TraceInfo(int info, long key, long speculation, int threshold) implements EtmPacket {
    /// INFO bit 0: cycle counting is enabled.
    public static final int CYCLE_COUNTING = 1;

    /// INFO bit 6: the PE is in Transactional state.
    public static final int IN_TRANSACTION = 1 << 6;

    /// Checks ranges.
    public TraceInfo {
      checkBits("Trace Info INFO", info, 7);
      checkBits("Trace Info KEY", key, 32);
      checkBits("Trace Info SPEC", speculation, 32);
      checkBits("Trace Info CYCT", threshold, 12);
    }
  }

  /// Timestamp.
  ///
  /// @param ticks  of the trace clock, 64 bits
  /// @param cycles since the last Cycle Count element, 20 bits, or [#UNKNOWN] when the packet carries none
  record Timestamp(long ticks, int cycles) implements EtmPacket {
    /// Checks the range of `cycles`.
    public Timestamp {
      if (cycles != UNKNOWN) {
        checkBits("Timestamp cycle count", cycles, 20);
      }
    }

    /// A timestamp without cycle count.
    public Timestamp(long ticks) {
      this(ticks, UNKNOWN);
    }
  }

  /// Timestamp Marker: the element before it is what the next Timestamp times.
  record TimestampMarker() implements EtmPacket {}

  /// Trace On: there was a gap.
  record TraceOn() implements EtmPacket {}

  /// Exception with the preferred return address.
  ///
  /// @param type     0 to 31 as in D5.3.26; 24 is [TransactionFailure]
  /// @param isTarget E is 0b10: the address is also the target of the last taken indirect branch; otherwise E is 0b01
  /// @param address  preferred exception return address
  /// @param context  context at that address, for the 32-bit and 64-bit forms
  record ExceptionEntry(int type, boolean isTarget, EtmAddress address, @Nullable EtmContext context)
      implements EtmPacket {
    /// Type of the entry to Debug state.
    public static final int DEBUG_HALT = 1;

    /// Checks type, and that only long forms come with a context.
    public ExceptionEntry {
      if (!EtmPacketTable.isExceptionType(type)) {
        throw new IllegalArgumentException("Exception type " + type + " is reserved");
      }
      if (context != null) {
        checkLong("Exception with context", address);
      }
    }
  }

  /// Exception Return (ETMv4 only; ETE leaves it to the ERET opcode).
  record ExceptionReturn() implements EtmPacket {}

  /// PE Reset without address (ETE); pushes address 0 to the history.
  ///
  /// @param isTarget as in [ExceptionEntry]
  record PeReset(boolean isTarget) implements EtmPacket {}

  /// Transaction Failure (ETE); pushes address 0 to the history.
  ///
  /// @param isTarget as in [ExceptionEntry]
  record TransactionFailure(boolean isTarget) implements EtmPacket {}

  /// Transaction Start (ETE).
  record TransactionStart() implements EtmPacket {}

  /// Transaction Commit (ETE).
  record TransactionCommit() implements EtmPacket {}

  /// Instrumentation: a TRCIT instruction (ETE 1.3).
  ///
  /// @param el    Exception level of the instruction
  /// @param value of its register
  record Instrumentation(int el, long value) implements EtmPacket {
    /// Checks the Exception level.
    public Instrumentation {
      checkBits("Instrumentation EL", el, 2);
    }
  }

  /// Cycle Count format 1.
  ///
  /// @param commit P0 elements committed before the count; 0 is no Commit element, and all that COMMOPT 1 can say
  /// @param cycles count including the threshold, or [#UNKNOWN]
  record CycleCountF1(long commit, int cycles) implements EtmPacket {
    /// Checks the range of `commit` and `cycles`.
    public CycleCountF1 {
      checkBits("Cycle Count F1 commit", commit, 32);
      if (cycles != UNKNOWN) {
        checkBits("Cycle Count F1 count", cycles, 21);
      }
    }
  }

  /// Cycle Count format 2.
  ///
  /// @param commit P0 elements committed: 1 to 16, or MAXSPEC - 15 to MAXSPEC; 0 with COMMOPT 1
  /// @param cycles threshold + 0 to 15
  record CycleCountF2(long commit, int cycles) implements EtmPacket {
    /// Checks the range of `commit` and `cycles`.
    public CycleCountF2 {
      checkBits("Cycle Count F2 commit", commit, 32);
      checkBits("Cycle Count F2 count", cycles, 13);
    }
  }

  /// Cycle Count format 3.
  ///
  /// @param commit P0 elements committed, 1 to 4; 0 with COMMOPT 1
  /// @param cycles threshold + 0 to 3
  record CycleCountF3(int commit, int cycles) implements EtmPacket {
    /// Checks the range of `commit` and `cycles`.
    public CycleCountF3 {
      if (commit < 0 || commit > 4) {
        throw new IllegalArgumentException("Cycle Count F3 commit " + commit + ": 0 to 4 expected");
      }
      checkBits("Cycle Count F3 count", cycles, 13);
    }
  }

  /// Commit.
  ///
  /// @param count P0 elements
  record Commit(long count) implements EtmPacket {
    /// Checks the range of `count`.
    public Commit {
      checkBits("Commit count", count, 32);
    }
  }

  /// Cancel format 1.
  ///
  /// @param count      P0 elements, at least 1
  /// @param mispredict whether a Mispredict element follows
  record CancelF1(long count, boolean mispredict) implements EtmPacket {
    /// Checks the range of `count`.
    public CancelF1 {
      checkBits("Cancel F1 count", count, 32);
      if (count == 0) {
        throw new IllegalArgumentException("Cancel F1 of 0 elements is reserved");
      }
    }
  }

  /// Cancel format 2: atoms, then Cancel of one P0 element, then Mispredict.
  ///
  /// @param atoms that come first
  record CancelF2(AtomsBefore atoms) implements EtmPacket {}

  /// Cancel format 3: perhaps an E atom, then Cancel of 2 to 5 P0 elements, then Mispredict.
  ///
  /// @param afterE whether an E atom comes first
  /// @param count  P0 elements, 2 to 5
  record CancelF3(boolean afterE, int count) implements EtmPacket {
    /// Checks the range of `count`.
    public CancelF3 {
      if (count < 2 || count > 5) {
        throw new IllegalArgumentException("Cancel F3 count " + count + ": 2 to 5 expected");
      }
    }
  }

  /// Mispredict, after atoms.
  ///
  /// @param atoms that come first
  record Mispredict(AtomsBefore atoms) implements EtmPacket {}

  /// Ignore: padding (ETMv4.3).
  record Ignore() implements EtmPacket {}

  /// Event.
  ///
  /// @param events bit n set: event n occurred; 1 to 15
  record Event(int events) implements EtmPacket {
    /// Checks the range.
    public Event {
      if (events < 1 || events > 15) {
        throw new IllegalArgumentException("Events " + events + ": 1 to 15 expected");
      }
    }
  }

  /// Context Same: a Context element equal to the last one.
  record ContextSame() implements EtmPacket {}

  /// Context.
  ///
  /// @param context new context
  record Context(EtmContext context) implements EtmPacket {}

  /// Target Address: where an indirect branch, exception or gap led.
  ///
  /// @param address target
  record Address(EtmAddress address) implements EtmPacket {}

  /// Target Address with Context.
  ///
  /// @param address target, in a long form
  /// @param context at the target
  record AddressContext(EtmAddress address, EtmContext context) implements EtmPacket {
    /// Checks the form.
    public AddressContext {
      checkLong("Target Address with Context", address);
    }
  }

  /// Source Address (ETE): the P0 instruction at this address was taken, all P0 instructions before it were not.
  ///
  /// @param address of the instruction
  record SourceAddress(EtmAddress address) implements EtmPacket {}

  /// Q: instructions ran, without atoms.
  ///
  /// @param count   how many, or [#UNKNOWN]
  /// @param address of the next instruction, in any form but 64-bit; only together with a count
  record Q(long count, @Nullable EtmAddress address) implements EtmPacket {
    /// Checks count and form.
    public Q {
      if (count != UNKNOWN) {
        checkBits("Q count", count, 32);
      } else if (address != null) {
        throw new IllegalArgumentException("Q packet with address " + address + " needs a count");
      }
      if (address != null && address.form() == EtmAddress.Form.LONG64) {
        throw new IllegalArgumentException("Q packet has no 64-bit form: " + address);
      }
    }
  }

  /// Atom packet of any format: 1 to 24 atoms, of which only certain patterns exist for 4 and more.
  ///
  /// @param bits  oldest atom in bit 0; 1 is E (taken), 0 is N
  /// @param count number of atoms
  record Atoms(int bits, int count) implements EtmPacket {
    /// Checks that one packet can hold these atoms.
    public Atoms {
      if (EtmPacketTable.atomHeader(bits, count) == 0) {
        throw new IllegalArgumentException("No atom packet holds " + EtmPacketText.atoms(bits, count));
      }
    }

    /// The atom format, 1 to 6.
    public int format() {
      return EtmPacketTable.atomFormat(EtmPacketTable.atomHeader(bits, count));
    }
  }

  private static void checkBits(String name, long value, int bits) {
    if (value >>> bits != 0) {
      throw new IllegalArgumentException("%s %d: more than %d bits".formatted(name, value, bits));
    }
  }

  private static void checkLong(String name, EtmAddress address) {
    if (address.form().compareTo(EtmAddress.Form.LONG32) < 0) {
      throw new IllegalArgumentException(name + " has no form " + address.form());
    }
  }
}

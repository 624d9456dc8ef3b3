package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import dev.crosspatch.tracer.flow.ByteSink;
import org.jspecify.annotations.Nullable;

/// Writes packets as bytes, with the compression state of a trace unit: the address history buffer, the last
/// timestamp and the cycle count threshold.
///
/// Two ways in. The `append…` methods with primitive arguments are for a trace unit: they choose the encoding and
/// allocate nothing but buffer growth. [#write(EtmPacket)] writes exactly the packet it is given, in the form it
/// names. Both share state and can be mixed.
///
/// Choices, so that equal calls give equal bytes:
/// - addresses: exact match (newest entry first) before short before 32-bit before 64-bit, the fewest bytes of it;
/// - atoms: held back until 24 are pending, another packet comes or [#flushAtoms()] is called, then the longest
///   packet that fits the oldest ones. Every tail of an atom packet is an atom packet, so this is also the fewest;
/// - timestamps: as few bytes as change anything, at least one;
/// - cycle counts: format 3 before 2 before 1, the small commit form of 2 before the large one;
/// - Trace Info: always INFO; KEY, SPEC and CYCT when not 0.
///
/// A packet that this configuration does not have is an [IllegalArgumentException]; nothing is written then.
public final class EtmPacketWriter {
  // longest is an Exception with 64-bit address and both identifiers: 20 bytes
  private static final int LONGEST_PACKET = 24;

  private final EtmRegisters config;
  private final EtmPacketTable table;
  private final int largeCommitOffset;
  private final PacketBytes out = new PacketBytes();
  private final AddressHistory history = new AddressHistory();
  private long timestamp;
  private int threshold;
  private long pendingAtoms;
  private int pendingCount;
  private long cleared;

  /// Writer for a trace unit, in the state that Trace Info leaves.
  public EtmPacketWriter(EtmRegisters config) {
    this.config = config;
    table = new EtmPacketTable(config);
    largeCommitOffset = (int) Math.min(config.maxSpeculation(), Integer.MAX_VALUE) - 15;
  }

  /// Number of bytes written since the start or the last [#clear()], without pending atoms.
  public int size() {
    return out.size();
  }

  /// Bytes ever written, the forgotten ones included, without pending atoms.
  public long total() {
    return cleared + out.size();
  }

  /// Hands the bytes over and forgets them; pending atoms stay.
  public void drainTo(ByteSink sink) {
    sink.write(out.array(), 0, out.size());
    clear();
  }

  /// The writer's own buffer, [#size()] bytes of it valid until the next call that writes.
  public byte[] buffer() {
    return out.array();
  }

  /// A copy of the bytes, pending atoms flushed first.
  public byte[] toByteArray() {
    flushAtoms();
    return out.copy();
  }

  /// Forgets the bytes, which have gone to the trace buffer, but not the compression state.
  public void clear() {
    cleared += out.size();
    out.clear();
  }

  // ---- hot path

  /// Appends one atom.
  ///
  /// @param executed E (true: taken) or N
  public void appendAtom(boolean executed) {
    pendingAtoms |= (executed ? 1L : 0L) << pendingCount;
    if (++pendingCount > 24) {
      writeOldestAtoms();
    }
  }

  /// Appends a run of atoms.
  ///
  /// @param bits  oldest in bit 0; 1 is E
  /// @param count 0 to 64
  public void appendAtoms(long bits, int count) {
    for (int i = 0; i < count; i++) {
      appendAtom((bits >>> i & 1) != 0);
    }
  }

  /// Writes the pending atoms, so that none shares a packet with what comes later.
  public void flushAtoms() {
    while (pendingCount > 0) {
      writeOldestAtoms();
    }
  }

  /// Appends a target address in its best form.
  ///
  /// @param address multiple of 4 in IS0, of 2 in IS1
  /// @param is      sub-instruction set, 0 or 1
  public void appendAddress(long address, int is) {
    EtmAddress.checkAddress(address, is);
    writeAddress(ADDRESS, history.bestForm(address, is), address, is);
  }

  /// Appends a source address in its best form (ETE).
  public void appendSourceAddress(long address, int is) {
    EtmAddress.checkAddress(address, is);
    writeAddress(SOURCE_ADDRESS, history.bestForm(address, is), address, is);
  }

  /// Appends a target address with context, 32-bit where that suffices.
  ///
  /// @param info      context information byte, see [EtmContext#info()]
  /// @param vmid      if bit V of `info` is set
  /// @param contextId if bit C of `info` is set
  public void appendAddressContext(long address, int is, int info, int vmid, int contextId) {
    EtmAddress.checkAddress(address, is);
    checkContext(info, vmid);
    writeAddress(ADDRESS_CONTEXT, history.longForm(address), address, is);
    writeContext(info, vmid, contextId);
  }

  /// Appends a context; parameters as in [#appendAddressContext].
  public void appendContext(int info, int vmid, int contextId) {
    checkContext(info, vmid);
    header(CONTEXT, 0);
    writeContext(info, vmid, contextId);
  }

  /// Appends an exception with its preferred return address in its best form.
  ///
  /// @param type     exception type, D5.3.26
  /// @param isTarget whether the address is also the target of the last taken indirect branch
  public void appendException(int type, boolean isTarget, long address, int is) {
    EtmAddress.checkAddress(address, is);
    writeException(type, isTarget);
    writeAddress(ADDRESS, history.bestForm(address, is), address, is);
  }

  /// Appends an exception with its preferred return address and the context there.
  public void appendException(
      int type, boolean isTarget, long address, int is, int info, int vmid, int contextId) {
    EtmAddress.checkAddress(address, is);
    checkContext(info, vmid);
    writeException(type, isTarget);
    writeAddress(ADDRESS_CONTEXT, history.longForm(address), address, is);
    writeContext(info, vmid, contextId);
  }

  /// Appends a timestamp without cycle count.
  public void appendTimestamp(long ticks) {
    appendTimestamp(ticks, EtmPacket.UNKNOWN);
  }

  /// Appends a timestamp.
  ///
  /// @param ticks  of the trace clock
  /// @param cycles since the last Cycle Count element, or [EtmPacket#UNKNOWN] to leave it out
  public void appendTimestamp(long ticks, int cycles) {
    check(config.timestampBits() == 64 || ticks >>> config.timestampBits() == 0, "Timestamp", ticks);
    boolean counted = cycles != EtmPacket.UNKNOWN;
    check(!counted || cycles >>> config.cycleCountBits() == 0, "Timestamp cycle count", cycles);
    header(TIMESTAMP, counted ? 1 : 0);
    writeTicks(ticks);
    if (counted) {
      out.putNumber(cycles);
    }
  }

  /// Appends a cycle count in its best format.
  ///
  /// @param commit P0 elements that it commits; 0 with COMMOPT 1
  /// @param cycles at least the threshold, or [EtmPacket#UNKNOWN]
  public void appendCycleCount(long commit, int cycles) {
    int field = cycles - threshold;
    boolean withCommit = !config.commitOption1();
    if (cycles == EtmPacket.UNKNOWN || field < 0 || field > 15 || withCommit == (commit == 0)) {
      writeCycleCountF1(commit, cycles);
    } else if (field <= 3 && commit <= 4) {
      writeCycleCountF3((int) commit, cycles);
    } else if (!withCommit || commit <= 16 || isLargeCommit(commit)) {
      writeCycleCountF2(commit, cycles);
    } else {
      writeCycleCountF1(commit, cycles);
    }
  }

  /// Appends Alignment Synchronization.
  public void appendASync() {
    header(EXTENSION, 0);
    for (int i = 1; i < A_SYNC_ZEROS; i++) {
      out.put(A_SYNC_ZERO);
    }
    out.put(A_SYNC_END);
  }

  /// Appends Trace Info, which resets address history and timestamp.
  ///
  /// @param info        INFO bits, see [EtmPacket.TraceInfo]
  /// @param speculation uncommitted P0 elements
  /// @param newThreshold cycle count threshold, 12 bits
  public void appendTraceInfo(int info, long speculation, int newThreshold) {
    writeTraceInfo(info, 0, speculation, newThreshold);
  }

  /// Appends Trace On.
  public void appendTraceOn() {
    header(TRACE_ON, 0);
  }

  /// Appends Overflow.
  public void appendOverflow() {
    header(EXTENSION, 0);
    out.put(EXTENSION_OVERFLOW);
  }

  /// Appends Exception Return (ETMv4).
  public void appendExceptionReturn() {
    header(EXCEPTION_RETURN, 0);
  }

  // ---- exactly the packet given

  /// Writes a packet in the very form it names.
  ///
  /// @throws IllegalArgumentException if the configuration lacks the packet, or history and threshold cannot
  ///     express it
  public void write(EtmPacket packet) {
    switch (packet) {
      case EtmPacket.ASync() -> appendASync();
      case EtmPacket.Discard() -> writeDiscard();
      case EtmPacket.Overflow() -> appendOverflow();
      case EtmPacket.TraceInfo(int info, long key, long spec, int cyct) -> writeTraceInfo(info, key, spec, cyct);
      case EtmPacket.Timestamp(long ticks, int cycles) -> appendTimestamp(ticks, cycles);
      case EtmPacket.TimestampMarker() -> header(TIMESTAMP_MARKER, 0);
      case EtmPacket.TraceOn() -> appendTraceOn();
      case EtmPacket.ExceptionEntry e -> writeException(e);
      case EtmPacket.ExceptionReturn() -> appendExceptionReturn();
      case EtmPacket.PeReset(boolean target) -> writeWithoutAddress(TYPE_PE_RESET, target);
      case EtmPacket.TransactionFailure(boolean target) -> writeWithoutAddress(TYPE_TRANSACTION_FAILURE, target);
      case EtmPacket.TransactionStart() -> header(TRANSACTION_START, 0);
      case EtmPacket.TransactionCommit() -> header(TRANSACTION_COMMIT, 0);
      case EtmPacket.Instrumentation(int el, long value) -> writeInstrumentation(el, value);
      case EtmPacket.CycleCountF1(long commit, int cycles) -> writeCycleCountF1(commit, cycles);
      case EtmPacket.CycleCountF2(long commit, int cycles) -> writeCycleCountF2(commit, cycles);
      case EtmPacket.CycleCountF3(int commit, int cycles) -> writeCycleCountF3(commit, cycles);
      case EtmPacket.Commit(long count) -> writeCounted(COMMIT, 0, count);
      case EtmPacket.CancelF1(long count, boolean mispredict) -> writeCounted(CANCEL_F1, mispredict ? 1 : 0, count);
      case EtmPacket.CancelF2(EtmPacket.AtomsBefore atoms) -> header(CANCEL_F2, atoms.ordinal());
      case EtmPacket.CancelF3(boolean e, int count) -> header(CANCEL_F3, (count - 2) << 1 | (e ? 1 : 0));
      case EtmPacket.Mispredict(EtmPacket.AtomsBefore atoms) -> header(MISPREDICT, atoms.ordinal());
      case EtmPacket.Ignore() -> header(IGNORE, 0);
      case EtmPacket.Event(int events) -> header(EVENT, events);
      case EtmPacket.ContextSame() -> header(CONTEXT_SAME, 0);
      case EtmPacket.Context(EtmContext c) -> appendContext(c.info(), (int) c.vmid(), (int) c.contextId());
      case EtmPacket.Address(EtmAddress a) -> writeAddress(ADDRESS, a);
      case EtmPacket.AddressContext(EtmAddress a, EtmContext c) -> writeAddressContext(a, c);
      case EtmPacket.SourceAddress(EtmAddress a) -> writeAddress(SOURCE_ADDRESS, a);
      case EtmPacket.Q(long count, EtmAddress a) -> writeQ(count, a);
      case EtmPacket.Atoms(int bits, int count) -> writeAtoms(bits, count);
    }
  }

  /// The form that the `append…` methods would give this address now.
  public Form bestForm(long address, int is) {
    return history.bestForm(address, is);
  }

  // ---- packets

  private void writeOldestAtoms() {
    int count = longestAtoms(pendingAtoms, pendingCount);
    long bits = pendingAtoms & (1L << count) - 1;
    pendingAtoms >>>= count;
    pendingCount -= count;
    out.ensure(LONGEST_PACKET);
    out.put(atomHeader((int) bits, count));
  }

  /// Length of the longest atom packet at the start of a run.
  private static int longestAtoms(long bits, int count) {
    int run = Math.min(Long.numberOfTrailingZeros(~bits), count);
    if (run >= 3 && count > 3) {
      return Math.min(Math.min(run + 1, count), 24);
    }
    if (count >= 5 && atomHeader((int) bits & 31, 5) != 0) {
      return 5;
    }
    if (count >= 4 && atomHeader((int) bits & 15, 4) != 0) {
      return 4;
    }
    return Math.min(count, 3);
  }

  private void writeAtoms(int bits, int count) {
    flushAtoms();
    out.ensure(LONGEST_PACKET);
    out.put(atomHeader(bits, count));
  }

  private void writeDiscard() {
    header(EXTENSION, 0);
    out.put(EXTENSION_DISCARD);
  }

  private void writeTraceInfo(int info, long key, long speculation, int newThreshold) {
    check(info >>> 7 == 0, "Trace Info INFO", info);
    check(speculation >>> 32 == 0, "Trace Info SPEC", speculation);
    check(newThreshold >>> 12 == 0, "Trace Info CYCT", newThreshold);
    header(TRACE_INFO, 0);
    out.put(TraceInfoSections.INFO
        | (key != 0 ? TraceInfoSections.KEY : 0)
        | (speculation != 0 ? TraceInfoSections.SPEC : 0)
        | (newThreshold != 0 ? TraceInfoSections.CYCT : 0));
    out.put(info);
    if (key != 0) {
      out.putNumber(key);
    }
    if (speculation != 0) {
      out.putNumber(speculation);
    }
    if (newThreshold != 0) {
      out.putNumber(newThreshold);
    }
    history.clear();
    timestamp = 0;
    threshold = (info & EtmPacket.TraceInfo.CYCLE_COUNTING) != 0 ? newThreshold : 0;
  }

  private void writeTicks(long ticks) {
    int changedBits = 64 - Long.numberOfLeadingZeros(ticks ^ timestamp);
    out.putGroups(ticks, Math.clamp((changedBits + 6) / 7, 1, 9));
    timestamp = ticks;
  }

  private void writeException(EtmPacket.ExceptionEntry e) {
    EtmAddress a = e.address();
    EtmContext c = e.context();
    history.check(a);
    if (c != null) {
      checkContext(c.info(), (int) c.vmid());
    }
    writeException(e.type(), e.isTarget());
    writeAddress(c == null ? ADDRESS : ADDRESS_CONTEXT, a.form(), a.value(), a.is());
    if (c != null) {
      writeContext(c.info(), (int) c.vmid(), (int) c.contextId());
    }
  }

  private void writeException(int type, boolean isTarget) {
    check(isExceptionType(type), "Exception type", type);
    header(EXCEPTION, 0);
    out.put(exceptionInfo(type, isTarget));
  }

  private void writeWithoutAddress(int type, boolean isTarget) {
    check(config.ete(), "Exception without address is ETE only: type", type);
    header(EXCEPTION, 0);
    out.put(exceptionInfo(type, isTarget));
    out.put(UNKNOWN_ADDRESS);
    history.push(0);
  }

  private void writeInstrumentation(int el, long value) {
    header(INSTRUMENTATION, 0);
    out.put(el);
    out.putBytes(value, 8);
  }

  private void writeCycleCountF1(long commit, int cycles) {
    boolean known = cycles != EtmPacket.UNKNOWN;
    int field = known ? countField(cycles, config.cycleCountBits()) : 0;
    check(commit >>> (config.commitOption1() ? 0 : 32) == 0, "Cycle Count F1 commit", commit);
    header(CYCLE_COUNT_F1, known ? 0 : 1);
    if (!config.commitOption1()) {
      out.putNumber(commit);
    }
    if (known) {
      out.putNumber(field);
    }
  }

  private void writeCycleCountF2(long commit, int cycles) {
    int field = countField(cycles, 4);
    if (config.commitOption1()) {
      check(commit == 0, "Cycle Count F2 commit", commit);
      header(CYCLE_COUNT_F2, 1);
      out.put(COUNT_ONLY_COMMIT << 4 | field);
    } else if (commit >= 1 && commit <= 16) {
      header(CYCLE_COUNT_F2, 0);
      out.put((int) (commit - 1) << 4 | field);
    } else {
      check(isLargeCommit(commit), "Cycle Count F2 commit", commit);
      header(CYCLE_COUNT_F2, 1);
      out.put((int) (commit - largeCommitOffset) << 4 | field);
    }
  }

  private void writeCycleCountF3(int commit, int cycles) {
    int field = countField(cycles, 2);
    check(config.commitOption1() == (commit == 0), "Cycle Count F3 commit", commit);
    header(CYCLE_COUNT_F3, Math.max(commit - 1, 0) << 2 | field);
  }

  private boolean isLargeCommit(long commit) {
    return commit > 0 && commit >= largeCommitOffset && commit <= config.maxSpeculation();
  }

  private int countField(int cycles, int bits) {
    int field = cycles - threshold;
    if (field >>> bits != 0) {
      throw new IllegalArgumentException(
          "Cycle count %d with threshold %d needs more than %d bits".formatted(cycles, threshold, bits));
    }
    return field;
  }

  private void writeCounted(int kind, int detail, long count) {
    header(kind, detail);
    out.putNumber(count);
  }

  private void writeAddress(int kind, EtmAddress a) {
    history.check(a);
    writeAddress(kind, a.form(), a.value(), a.is());
  }

  private void writeAddressContext(EtmAddress a, EtmContext c) {
    checkContext(c.info(), (int) c.vmid());
    writeAddress(ADDRESS_CONTEXT, a);
    writeContext(c.info(), (int) c.vmid(), (int) c.contextId());
  }

  private void writeQ(long count, @Nullable EtmAddress a) {
    if (a == null) {
      header(Q, count == EtmPacket.UNKNOWN ? Q_NOTHING : Q_COUNT);
    } else {
      writeAddress(Q, a);
    }
    if (count != EtmPacket.UNKNOWN) {
      out.putNumber(count);
    }
  }

  /// Header and bytes of an address whose form has been checked.
  private void writeAddress(int kind, Form form, long address, int is) {
    header(kind, address(form, is));
    switch (form) {
      case EXACT0, EXACT1, EXACT2 -> {}
      case SHORT -> writeShort(address, is);
      case LONG32 -> writeLong(address, is, 4);
      case LONG64 -> writeLong(address, is, 8);
    }
    history.push(address | is);
  }

  private void writeShort(long address, int is) {
    int bits = 9 - is;
    boolean oneByte = (address ^ history.newest()) >>> bits == 0;
    int low = (int) (address >>> (2 - is)) & 0x7F;
    out.put(oneByte ? low : low | PacketBytes.MORE);
    if (!oneByte) {
      out.put((int) (address >>> bits));
    }
  }

  private void writeLong(long address, int is, int bytes) {
    out.put((int) (address >>> (2 - is)) & 0x7F);
    out.put(is == 0 ? (int) (address >>> 9) & 0x7F : (int) (address >>> 8));
    out.putBytes(address >>> 16, bytes - 2);
  }

  private void writeContext(int info, int vmid, int contextId) {
    out.put(info);
    if ((info & EtmContext.V) != 0) {
      out.putBytes(vmid, config.vmidBytes());
    }
    if ((info & EtmContext.C) != 0) {
      out.putBytes(contextId, config.contextIdBytes());
    }
  }

  // ---- checks, state and bytes

  private void checkContext(int info, int vmid) {
    check((info & contextReserved(config)) == 0, "Context information", info);
    check((info & EtmContext.C) == 0 || config.contextIdBytes() != 0, "Context ID with CIDSIZE", 0);
    check((info & EtmContext.V) == 0 || config.vmidBytes() != 0, "VMID with VMIDSIZE", 0);
    boolean fits = config.vmidBytes() >= 4 || vmid >>> (8 * config.vmidBytes()) == 0;
    check((info & EtmContext.V) == 0 || fits, "VMID", vmid);
  }

  private static void check(boolean ok, String what, long value) {
    if (!ok) {
      throw new IllegalArgumentException(what + " " + value + " is not possible in this configuration");
    }
  }

  private void header(int kind, int detail) {
    int header = EtmPacketTable.header(kind, detail);
    if (table.kind(header) != kind) {
      throw new IllegalArgumentException(name(header) + ": " + table.problem(header));
    }
    flushAtoms();
    out.ensure(LONGEST_PACKET);
    out.put(header);
  }
}

package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.PacketOutput;

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
public final class EtmPacketWriter extends EtmPacketEncoder implements PacketOutput {
  private long cleared;

  /// Writer for a trace unit, in the state that Trace Info leaves.
  public EtmPacketWriter(EtmRegisters config) {
    super(config);
  }

  /// Number of bytes written since the start or the last [#clear()], without pending atoms.
  @Override
  public int size() {
    return out.size();
  }

  /// Bytes ever written, the forgotten ones included, without pending atoms.
  @Override
  public long total() {
    return cleared + out.size();
  }

  /// Hands the bytes over and forgets them; pending atoms stay.
  @Override
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
    flush();
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
}

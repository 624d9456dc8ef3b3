package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import org.jspecify.annotations.Nullable;

/// The bytes of each packet, and the state on which they depend: address history, last timestamp, cycle count
/// threshold, atoms that wait for their packet.
abstract sealed class EtmPacketEncoder permits EtmPacketWriter {
  // longest is an Exception with 64-bit address and both identifiers: 20 bytes
  private static final int LONGEST_PACKET = 24;

  final EtmRegisters config;
  final EtmPacketTable table;
  final int largeCommitOffset;
  final PacketBytes out = new PacketBytes();
  final AddressHistory history = new AddressHistory();
  long timestamp;
  int threshold;
  long pendingAtoms;
  int pendingCount;

  EtmPacketEncoder(EtmRegisters config) {
    this.config = config;
    table = new EtmPacketTable(config);
    largeCommitOffset = (int) Math.min(config.maxSpeculation(), Integer.MAX_VALUE) - 15;
  }

  /// Writes the atoms that wait.
  final void flush() {
    while (pendingCount > 0) {
      writeOldestAtoms();
    }
  }

  final void writeOldestAtoms() {
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

  final void writeAtoms(int bits, int count) {
    flush();
    out.ensure(LONGEST_PACKET);
    out.put(atomHeader(bits, count));
  }

  final void writeDiscard() {
    header(EXTENSION, 0);
    out.put(EXTENSION_DISCARD);
  }

  final void writeTraceInfo(int info, long key, long speculation, int newThreshold) {
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

  final void writeTicks(long ticks) {
    int changedBits = 64 - Long.numberOfLeadingZeros(ticks ^ timestamp);
    out.putGroups(ticks, Math.clamp((changedBits + 6) / 7, 1, 9));
    timestamp = ticks;
  }

  final void writeException(EtmPacket.ExceptionEntry e) {
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

  final void writeException(int type, boolean isTarget) {
    check(isExceptionType(type), "Exception type", type);
    header(EXCEPTION, 0);
    out.put(exceptionInfo(type, isTarget));
  }

  final void writeWithoutAddress(int type, boolean isTarget) {
    check(config.ete(), "Exception without address is ETE only: type", type);
    header(EXCEPTION, 0);
    out.put(exceptionInfo(type, isTarget));
    out.put(UNKNOWN_ADDRESS);
    history.push(0);
  }

  final void writeInstrumentation(int el, long value) {
    header(INSTRUMENTATION, 0);
    out.put(el);
    out.putBytes(value, 8);
  }

  final void writeCycleCountF1(long commit, int cycles) {
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

  final void writeCycleCountF2(long commit, int cycles) {
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

  final void writeCycleCountF3(int commit, int cycles) {
    int field = countField(cycles, 2);
    check(config.commitOption1() == (commit == 0), "Cycle Count F3 commit", commit);
    header(CYCLE_COUNT_F3, Math.max(commit - 1, 0) << 2 | field);
  }

  final boolean isLargeCommit(long commit) {
    return commit > 0 && commit >= largeCommitOffset && commit <= config.maxSpeculation();
  }

  final int countField(int cycles, int bits) {
    int field = cycles - threshold;
    if (field >>> bits != 0) {
      throw new IllegalArgumentException(
          "Cycle count %d with threshold %d needs more than %d bits".formatted(cycles, threshold, bits));
    }
    return field;
  }

  final void writeCounted(int kind, int detail, long count) {
    header(kind, detail);
    out.putNumber(count);
  }

  final void writeAddress(int kind, EtmAddress a) {
    history.check(a);
    writeAddress(kind, a.form(), a.value(), a.is());
  }

  final void writeAddressContext(EtmAddress a, EtmContext c) {
    checkContext(c.info(), (int) c.vmid());
    writeAddress(ADDRESS_CONTEXT, a);
    writeContext(c.info(), (int) c.vmid(), (int) c.contextId());
  }

  final void writeQ(long count, @Nullable EtmAddress a) {
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
  final void writeAddress(int kind, Form form, long address, int is) {
    header(kind, address(form, is));
    switch (form) {
      case EXACT0, EXACT1, EXACT2 -> {}
      case SHORT -> writeShort(address, is);
      case LONG32 -> writeLong(address, is, 4);
      case LONG64 -> writeLong(address, is, 8);
    }
    history.push(address | is);
  }

  final void writeShort(long address, int is) {
    int bits = 9 - is;
    boolean oneByte = (address ^ history.newest()) >>> bits == 0;
    int low = (int) (address >>> (2 - is)) & 0x7F;
    out.put(oneByte ? low : low | PacketBytes.MORE);
    if (!oneByte) {
      out.put((int) (address >>> bits));
    }
  }

  final void writeLong(long address, int is, int bytes) {
    out.put((int) (address >>> (2 - is)) & 0x7F);
    out.put(is == 0 ? (int) (address >>> 9) & 0x7F : (int) (address >>> 8));
    out.putBytes(address >>> 16, bytes - 2);
  }

  final void writeContext(int info, int vmid, int contextId) {
    out.put(info);
    if ((info & EtmContext.V) != 0) {
      out.putBytes(vmid, config.vmidBytes());
    }
    if ((info & EtmContext.C) != 0) {
      out.putBytes(contextId, config.contextIdBytes());
    }
  }

  final void checkContext(int info, int vmid) {
    check((info & contextReserved(config)) == 0, "Context information", info);
    check((info & EtmContext.C) == 0 || config.contextIdBytes() != 0, "Context ID with CIDSIZE", 0);
    check((info & EtmContext.V) == 0 || config.vmidBytes() != 0, "VMID with VMIDSIZE", 0);
    boolean fits = config.vmidBytes() >= 4 || vmid >>> (8 * config.vmidBytes()) == 0;
    check((info & EtmContext.V) == 0 || fits, "VMID", vmid);
  }

  static void check(boolean ok, String what, long value) {
    if (!ok) {
      throw new IllegalArgumentException(what + " " + value + " is not possible in this configuration");
    }
  }

  final void header(int kind, int detail) {
    int header = EtmPacketTable.header(kind, detail);
    if (table.kind(header) != kind) {
      throw new IllegalArgumentException(name(header) + ": " + table.problem(header));
    }
    flush();
    out.ensure(LONGEST_PACKET);
    out.put(header);
  }
}

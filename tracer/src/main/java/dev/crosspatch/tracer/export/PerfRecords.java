package dev.crosspatch.tracer.export;

import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.text.Loss;
import dev.crosspatch.tracer.text.Poke;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The records of a perf.data file's data section. Layout: `linux/perf_event.h`; types from 64 on are perf's own
/// (`perf/event.h` of libperf). A record is type (4 bytes), misc (2), size in bytes (2), body; a multiple of 8. Kernel
/// records end in a trailer: who, when, where and the id of the event.
final class PerfRecords {
  // ---- types
  private static final int MMAP = 1;
  private static final int LOST = 2;
  private static final int COMM = 3;
  private static final int AUX = 11;
  private static final int ITRACE_START = 12;
  private static final int KSYMBOL = 17;
  private static final int TEXT_POKE = 20;
  private static final int FINISHED_ROUND = 68;
  private static final int AUXTRACE_INFO = 70;
  private static final int AUXTRACE = 71;

  /// misc: the record is about the kernel. perf drops a TEXT_POKE without it.
  private static final int KERNEL = 1;
  /// Symbol type of KSYMBOL: code outside of the kernel's and the modules' text.
  private static final int OUT_OF_LINE = 2;
  private static final int UNREGISTER = 1;

  private static final int SIZE_OFFSET = 6;
  /// The size field has 16 bits.
  private static final int MAX_RECORD = 0xfff8;
  private static final int TRAILER = 32;
  private static final int TEXT_POKE_HEAD = 8 + 12;
  /// Bytes, old and new together, that fit a TEXT_POKE.
  static final int MAX_POKE = MAX_RECORD - TRAILER - TEXT_POKE_HEAD;

  private final long id;
  private final ByteBuffer record = ByteBuffer.allocate(MAX_RECORD).order(ByteOrder.LITTLE_ENDIAN);
  private final List<RawTrace> chunks = new ArrayList<>();
  private long size;

  /// Records of the event called `id`.
  PerfRecords(long id) {
    this.id = id;
  }

  /// What was written so far, in pieces; a trace is one.
  List<RawTrace> chunks() {
    return Collections.unmodifiableList(chunks);
  }

  /// Bytes written so far.
  long size() {
    return size;
  }

  /// Tells the decoder about the trace; must be the first record.
  void auxtraceInfo(long[] entries) {
    begin(AUXTRACE_INFO, 0).putInt(AuxtraceInfo.INTEL_PT).putInt(0);
    for (long entry : entries) {
      record.putLong(entry);
    }
    end();
  }

  /// The kernel's text, relocated so that symbol `_text` stands at `text`.
  void kernel(long text, long length) {
    begin(MMAP, KERNEL).putInt(-1).putInt(0).putLong(text).putLong(length).putLong(text);
    string("[kernel.kallsyms]_text");
    trailer(-1, 0, 0, 0);
  }

  /// Thread `tid` is called `name`.
  void comm(int tid, String name, long time) {
    begin(COMM, 0).putInt(tid).putInt(tid);
    string(name);
    trailer(tid, tid, time, 0);
  }

  /// Tracing of thread `tid` began on `cpu`.
  void traceStart(int tid, int cpu, long time) {
    begin(ITRACE_START, 0).putInt(tid).putInt(tid);
    trailer(tid, tid, time, cpu);
  }

  /// `bytes` bytes of trace became visible in the buffer of `cpu`.
  void aux(int tid, int cpu, long bytes, long time) {
    begin(AUX, 0).putLong(0).putLong(bytes).putLong(0);
    trailer(tid, tid, time, cpu);
  }

  /// Text outside of the image appears, or goes away: where `poke` says.
  void outOfLine(Poke poke, boolean appears) {
    int length = appears ? poke.after().length : poke.before().length;
    begin(KSYMBOL, 0).putLong(poke.address()).putInt(length).putShort((short) OUT_OF_LINE)
        .putShort((short) (appears ? 0 : UNREGISTER));
    string(poke.mechanism().isEmpty() ? "out_of_line" : poke.mechanism());
    trailer(0, 0, poke.time(), poke.cpu());
  }

  /// A text change.
  ///
  /// @throws IllegalArgumentException if it does not fit a record
  void textPoke(Poke poke) {
    int bytes = poke.before().length + poke.after().length;
    if (bytes > MAX_POKE) {
      throw new IllegalArgumentException(
          "poke at " + Long.toHexString(poke.address()) + " time " + poke.time() + ": its " + bytes
              + " bytes do not fit a TEXT_POKE record, which takes "
              + MAX_POKE);
    }
    begin(TEXT_POKE, KERNEL).putLong(poke.address()).putShort((short) poke.before().length)
        .putShort((short) poke.after().length);
    record.put(poke.before()).put(poke.after());
    pad();
    trailer(0, 0, poke.time(), poke.cpu());
  }

  /// Text changes that a buffer had no room for.
  void lost(Loss loss) {
    begin(LOST, 0).putLong(id).putLong(loss.count());
    trailer(0, 0, loss.time(), loss.cpu());
  }

  /// The raw trace of `cpu`, padded with PAD packets to a multiple of 8. Its size has 64 bits, so one record takes any
  /// trace and no packet has to be cut in two, which perf would not put together again.
  ///
  /// @param reference TSC near the first packet; 0 would make perf ignore TSC packets
  void auxtrace(int cpu, RawTrace trace, long reference) {
    int padding = (int) -trace.size() & 7;
    begin(AUXTRACE, 0).putLong(trace.size() + padding).putLong(0).putLong(reference).putInt(cpu).putInt(-1)
        .putInt(cpu).putInt(0);
    end();
    add(trace);
    add(RawTrace.of(new byte[padding]));
  }

  /// All records so far may be put in the order of time.
  void finishedRound() {
    begin(FINISHED_ROUND, 0);
    end();
  }

  private ByteBuffer begin(int type, int misc) {
    return record.clear().putInt(type).putShort((short) misc).putShort((short) 0);
  }

  private void string(String text) {
    record.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
    pad();
  }

  private void pad() {
    while ((record.position() & 7) != 0) {
      record.put((byte) 0);
    }
  }

  private void trailer(int pid, int tid, long time, int cpu) {
    record.putInt(pid).putInt(tid).putLong(time).putInt(cpu).putInt(0).putLong(id);
    end();
  }

  private void end() {
    record.putShort(SIZE_OFFSET, (short) record.position());
    byte[] bytes = new byte[record.position()];
    record.get(0, bytes);
    add(RawTrace.of(bytes));
  }

  private void add(RawTrace bytes) {
    chunks.add(bytes);
    size += bytes.size();
  }
}

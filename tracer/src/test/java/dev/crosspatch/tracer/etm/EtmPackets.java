package dev.crosspatch.tracer.etm;

import static dev.crosspatch.tracer.etm.EtmPacketTable.*;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Seeded packets of every header that a configuration has, in streams that the rules of history allow.
///
/// Every header is as likely as any other, so that long streams have each kind in each form. History, timestamp and
/// threshold are kept here once more, apart from writer and reader.
final class EtmPackets {
  private static final int[] EXCEPTION_TYPES = IntStream.range(0, 32).filter(EtmPacketTable::isExceptionType).toArray();

  private final Random random;
  private final EtmRegisters config;
  private final EtmPacketTable table;
  private final int[] headers;
  private final long[] history = new long[3];
  private long ticks;
  private int threshold;

  EtmPackets(EtmRegisters config, long seed) {
    this.config = config;
    random = new Random(seed);
    table = new EtmPacketTable(config);
    headers = IntStream.range(0, 256).filter(h -> table.kind(h) >= 0).toArray();
  }

  List<EtmPacket> take(int count) {
    List<EtmPacket> packets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      packets.add(next());
    }
    return packets;
  }

  private EtmPacket next() {
    int header = headers[random.nextInt(headers.length)];
    int detail = detail(header);
    return switch (table.kind(header)) {
      case EXTENSION -> extension();
      case TRACE_INFO -> traceInfo();
      case TIMESTAMP -> timestamp(detail == 1);
      case TIMESTAMP_MARKER -> new EtmPacket.TimestampMarker();
      case TRACE_ON -> new EtmPacket.TraceOn();
      case EXCEPTION -> exception();
      case EXCEPTION_RETURN -> new EtmPacket.ExceptionReturn();
      case TRANSACTION_START -> new EtmPacket.TransactionStart();
      case TRANSACTION_COMMIT -> new EtmPacket.TransactionCommit();
      case INSTRUMENTATION -> new EtmPacket.Instrumentation(random.nextInt(4), random.nextLong());
      case CYCLE_COUNT_F1 -> new EtmPacket.CycleCountF1(commit(0, 1L << 32), detail == 1 ? -1 : cycles(1 << 20));
      case CYCLE_COUNT_F2 -> new EtmPacket.CycleCountF2(commitF2(detail == 1), cycles(16));
      case CYCLE_COUNT_F3 -> new EtmPacket.CycleCountF3((int) commit(1, 4), cycles(4));
      case COMMIT -> new EtmPacket.Commit(number(32));
      case CANCEL_F1 -> new EtmPacket.CancelF1(Math.max(1, number(32)), detail == 1);
      case CANCEL_F2 -> new EtmPacket.CancelF2(EtmPacket.AtomsBefore.of(detail));
      case CANCEL_F3 -> new EtmPacket.CancelF3((detail & 1) != 0, (detail >>> 1) + 2);
      case MISPREDICT -> new EtmPacket.Mispredict(EtmPacket.AtomsBefore.of(detail));
      case IGNORE -> new EtmPacket.Ignore();
      case EVENT -> new EtmPacket.Event(detail);
      case CONTEXT_SAME -> new EtmPacket.ContextSame();
      case CONTEXT -> new EtmPacket.Context(context());
      case ADDRESS -> new EtmPacket.Address(address(detail));
      case ADDRESS_CONTEXT -> new EtmPacket.AddressContext(address(detail), context());
      case SOURCE_ADDRESS -> new EtmPacket.SourceAddress(address(detail));
      case Q -> q(detail);
      case ATOMS -> new EtmPacket.Atoms(atomBits(detail), atomCount(detail));
      default -> throw new AssertionError("header " + header);
    };
  }

  private EtmPacket extension() {
    return switch (random.nextInt(3)) {
      case 0 -> new EtmPacket.ASync();
      case 1 -> new EtmPacket.Discard();
      default -> new EtmPacket.Overflow();
    };
  }

  private EtmPacket traceInfo() {
    boolean counting = random.nextBoolean();
    threshold = counting ? (int) number(12) : 0;
    history[0] = history[1] = history[2] = 0;
    ticks = 0;
    int info = (counting ? EtmPacket.TraceInfo.CYCLE_COUNTING : 0)
        | (config.ete() && random.nextBoolean() ? EtmPacket.TraceInfo.IN_TRANSACTION : 0);
    return new EtmPacket.TraceInfo(info, 0, number(32), threshold);
  }

  private EtmPacket timestamp(boolean counted) {
    ticks = (ticks ^ number(64)) & -1L >>> (64 - config.timestampBits());
    return new EtmPacket.Timestamp(ticks, counted ? (int) number(config.cycleCountBits()) : EtmPacket.UNKNOWN);
  }

  private EtmPacket exception() {
    boolean isTarget = random.nextBoolean();
    if (config.ete() && random.nextInt(8) == 0) {
      push(0);
      return random.nextBoolean() ? new EtmPacket.PeReset(isTarget) : new EtmPacket.TransactionFailure(isTarget);
    }
    int type = EXCEPTION_TYPES[random.nextInt(EXCEPTION_TYPES.length)];
    EtmAddress a = address(random.nextInt(Q_COUNT));
    EtmContext c = a.form().compareTo(Form.LONG32) >= 0 && random.nextBoolean() ? context() : null;
    return new EtmPacket.ExceptionEntry(type, isTarget, a, c);
  }

  private EtmPacket q(int detail) {
    @Nullable EtmAddress a = detail < Q_COUNT ? address(detail) : null;
    return new EtmPacket.Q(detail == Q_NOTHING ? EtmPacket.UNKNOWN : number(32), a);
  }

  private EtmAddress address(int detail) {
    Form form = Form.of(detail >>> 1);
    int is = form.exact() ? (int) history[form.ordinal()] & 1 : detail & 1;
    long low = random.nextLong();
    long a =
        switch (form) {
          case EXACT0, EXACT1, EXACT2 -> history[form.ordinal()];
          case SHORT -> replace(low, (random.nextBoolean() ? 9 : 17) - is);
          case LONG32 -> replace(low, 32);
          case LONG64 -> low;
        };
    a &= is == 0 ? ~3L : ~1L;
    push(a | is);
    return new EtmAddress(form, is, a);
  }

  private long replace(long low, int bits) {
    return (history[0] >>> bits << bits) | (low & ((1L << bits) - 1));
  }

  private void push(long entry) {
    history[2] = history[1];
    history[1] = history[0];
    history[0] = entry;
  }

  private EtmContext context() {
    EtmContext.Security[] states = EtmContext.Security.values();
    EtmContext c =
        EtmContext.of(random.nextInt(4), random.nextBoolean(), states[random.nextInt(config.ete() ? 4 : 2)]);
    if (config.vmidBytes() != 0 && random.nextBoolean()) {
      c = c.withVmid((int) number(8 * config.vmidBytes()));
    }
    return config.contextIdBytes() != 0 && random.nextBoolean() ? c.withContextId(random.nextInt()) : c;
  }

  private long commit(long least, long values) {
    return config.commitOption1() ? 0 : least + random.nextLong(values);
  }

  private long commitF2(boolean large) {
    long max = config.maxSpeculation();
    boolean hasLarge = large && max > 0;
    return commit(hasLarge ? Math.max(1, max - 15) : 1, hasLarge ? Math.min(16, max) : 16);
  }

  private int cycles(int fields) {
    return threshold + (fields > 16 ? (int) number(config.cycleCountBits()) : random.nextInt(fields));
  }

  /// Up to `bits` bits, every width as likely as any other.
  private long number(int bits) {
    int width = random.nextInt(bits + 1);
    return width == 0 ? 0 : random.nextLong() >>> (64 - width);
  }
}

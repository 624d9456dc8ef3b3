package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.etm.EteProtocol;
import dev.crosspatch.tracer.etm.EtmAddress;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.EtmContext;
import dev.crosspatch.tracer.etm.EtmPacket;
import dev.crosspatch.tracer.etm.EtmPacketReader;
import dev.crosspatch.tracer.etm.EtmPacketText;
import dev.crosspatch.tracer.etm.EtmPacketWriter;
import dev.crosspatch.tracer.etm.Frames;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.unit.EtmUnitRegisters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// OpenCSD's packet processor and our reader agree, packet by packet, on what our writer writes, up to the differences
/// that [#seenByOpencsd] lists; and OpenCSD takes our CoreSight frames apart as we put them together.
class OpencsdPacketTest {
  private static final int PACKETS = 4000;
  /// How the listing shows a header that OpenCSD refuses.
  private static final String RESERVED = " bad 0x302";
  private static final String RESERVED_FOR_CONFIGURATION = " bad 0x303";
  private static final int HEADER_OFFSET = 15;
  private static final int HEADER_STRIDE = 40;
  private static Path etmdump = Path.of("");

  @TempDir Path dir = Path.of("");

  @BeforeAll
  static void compile() throws IOException {
    etmdump = Oracles.compile("etmdump", "opencsd/c_api/opencsd_c_api.h", "libopencsd-dev", "-lopencsd_c_api",
        "-lopencsd");
    Path empty = Files.createTempFile("empty", ".etm");
    String version = Oracles.run(command(EtmUnitRegisters.ete(0, 0x10), "raw", empty)).getFirst();
    Files.delete(empty);
    Assumptions.assumeTrue(version.equals("OpenCSD 1.3.3"),
        "skipped: the differences listed here are those of OpenCSD 1.3.3, this is " + version);
  }

  /// A trace unit whose packets OpenCSD can tell apart.
  record Unit(String name, EtmRegisters config) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Unit> UNITS =
      List.of(
          new Unit("ETMv4.5", EtmUnitRegisters.etmv4(0, 0x10)),
          new Unit("ETMv4.2, commits, Q",
              new EtmRegisters(Protocol.ETMV4, 1, 0x10, 0x0801_8EA1, 0x4100_F420, 0x1000_0488, 0, 0)),
          new Unit("ETMv4.6, speculation, Q",
              new EtmRegisters(Protocol.ETMV4, 1, 0x10, 0x0881_8EA1, 0x4100_F460, 0x1000_0888, 64, 0)),
          new Unit("ETE 1.0", EtmUnitRegisters.ete(0, 0x10)),
          // without TRCIDR0.ITE: OpenCSD 1.3.3 does not know Instrumentation packets
          new Unit("ETE 1.3, speculation, Q",
              new EtmRegisters(Protocol.ETE, 1, 0x10, 0x0881_8EA1, 0x4100_FFF0, 0x1000_1088, 120, 0x4773_5A13)));

  static Stream<Arguments> units() {
    return UNITS.stream().flatMap(u -> Stream.of(1L, 2L, 3L, 4L).map(seed -> Arguments.of(u, seed)));
  }

  static Stream<Unit> eteUnits() {
    return UNITS.stream().filter(u -> u.config.ete());
  }

  /// The units for which OpenCSD knows all that decides on a header: it takes speculation, commit counts, timestamps
  /// and cycle counts from any.
  static Stream<Unit> fullUnits() {
    return UNITS.stream().filter(u -> u.config.maxSpeculation() != 0);
  }

  @ParameterizedTest
  @MethodSource("units")
  void readsWhatOurWriterWrites(Unit unit, long seed) throws IOException {
    byte[] trace = randomTrace(unit.config, seed);
    assertLines(ours(unit.config, trace), opencsd(unit.config, "raw", trace), unit + ", seed " + seed);
  }

  static Stream<Unit> strangers() {
    return UNITS.stream().filter(u -> !u.equals(UNITS.get(0)) && !u.name.equals("ETE 1.0"));
  }

  /// The way of whoever has a trace from elsewhere: registers by name, as `--option` takes them, and a listing. It has
  /// OpenCSD's packets; that by the registers of our own trace unit has not.
  @ParameterizedTest
  @MethodSource("strangers")
  void listsTheTraceOfAnotherUnitByItsRegisters(Unit unit) throws IOException {
    byte[] trace = randomTrace(unit.config, 6);
    List<String> packets = opencsd(unit.config, "raw", trace).stream().map(line -> line.split(" ", 2)[0]).toList();
    assertEquals(packets, listed(unit.config, trace));
    EtmRegisters ours = unit.config.ete() ? EtmUnitRegisters.ete(0, 0x10) : EtmUnitRegisters.etmv4(0, 0x10);
    assertNotEquals(packets, listed(ours, trace));
  }

  /// Where the packets of a listing begin, in hex.
  private static List<String> listed(EtmRegisters r, byte[] trace) throws IOException {
    Map<String, Integer> registers = Map.of("trcconfigr", r.configr(), "trcidr0", r.idr0(), "trcidr1", r.idr1(),
        "trcidr2", r.idr2(), "trcidr8", r.idr8(), "trcdevarch", r.devarch());
    TraceConfig config = (r.ete() ? new EteProtocol() : new EtmProtocol()).configure((name, otherwise) ->
        registers.containsKey(name) ? Integer.toUnsignedLong(registers.get(name)) : otherwise);
    StringBuilder listing = new StringBuilder();
    config.list(RawTrace.of(trace), listing);
    return listing.toString().lines().map(line -> line.strip().split(" ", 2)[0]).toList();
  }

  /// [#command] explains why the structured listing is not made with OpenCSD's ETE decoder. Here that decoder prints
  /// for itself: it finds the same packets at the same places.
  @ParameterizedTest
  @MethodSource("eteUnits")
  void theEteDecoderFindsTheSamePackets(Unit unit) throws IOException {
    byte[] trace = randomTrace(unit.config, 5);
    List<String> listing = Oracles.run(command("ete-listing", unit.config, "raw", file(trace)));
    List<String> places = new ArrayList<>();
    for (String line : listing.subList(1, listing.size())) {
      if (line.startsWith("Idx:")) {
        places.add(line.substring(4, line.indexOf(';')));
        assertTrue(!line.contains("I_RESERVED") && !line.contains("I_BAD"), line);
      }
    }
    assertEquals(offsets(unit.config, trace), places);
  }

  @ParameterizedTest
  @MethodSource("fullUnits")
  void theSameHeadersAreNone(Unit unit) throws IOException {
    byte[] trace = everyHeader(unit.config);
    Set<String> refused = new TreeSet<>();
    for (String line : opencsd(unit.config, "raw", trace)) {
      if (line.endsWith(RESERVED) || line.endsWith(RESERVED_FOR_CONFIGURATION)) {
        refused.add(headerAt(Integer.parseInt(line, 0, line.indexOf(' '), 16)));
      }
    }
    Set<String> ours = new TreeSet<>();
    EtmPacketReader reader = new EtmPacketReader(unit.config, trace);
    for (int kind = reader.next(); kind != EtmPacketReader.END; kind = reader.next()) {
      if (kind == EtmPacketReader.BAD_PACKET) {
        if (reader.error().getMessage().contains(": header ")) {
          ours.add(headerAt(reader.offset()));
        }
        assertTrue(reader.sync() || reader.offset() > trace.length - HEADER_STRIDE);
      }
    }
    assertEquals(ours.toString(), refused.toString());
  }

  private static String headerAt(int offset) {
    assertEquals(HEADER_OFFSET, offset % HEADER_STRIDE);
    return "%02x".formatted(offset / HEADER_STRIDE);
  }

  /// Each header behind A-Sync and Trace Info, and before bytes that end any field and are Ignore packets themselves.
  private static byte[] everyHeader(EtmRegisters config) {
    EtmPacketWriter writer = new EtmPacketWriter(config);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int header = 0; header < 256; header++) {
      writer.clear();
      writer.appendASync();
      writer.appendTraceInfo(0, 0, 0);
      out.writeBytes(writer.toByteArray());
      out.write(header);
      writer.clear();
      for (int i = HEADER_OFFSET + 1; i < HEADER_STRIDE; i++) {
        writer.write(new EtmPacket.Ignore());
      }
      out.writeBytes(writer.toByteArray());
    }
    return out.toByteArray();
  }

  @Test
  void framesOfTwoSourcesComeApart() throws IOException {
    EtmRegisters one = EtmUnitRegisters.etmv4(0, 0x11);
    EtmRegisters two = EtmUnitRegisters.etmv4(0, 0x22);
    byte[] first = randomTrace(one, 11);
    byte[] second = randomTrace(two, 12);
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    Frames.write(interleave(first, second, new Random(13)), frames);
    byte[] framed = frames.toByteArray();
    assertLines(withoutOffsets(ours(one, first)), withoutOffsets(opencsd(one, "frames", framed)), "trace ID 0x11");
    assertLines(withoutOffsets(ours(two, second)), withoutOffsets(opencsd(two, "frames", framed)), "trace ID 0x22");
  }

  @Test
  void theStreamsHoldEveryKindThatOpencsdKnows() {
    Set<Class<?>> kinds = new HashSet<>(List.of(EtmPacket.class.getPermittedSubclasses()));
    for (Unit unit : UNITS) {
      EtmPacketReader reader = new EtmPacketReader(unit.config, randomTrace(unit.config, 1));
      for (EtmPacket p = reader.read(); p != null; p = reader.read()) {
        kinds.remove(p.getClass());
      }
    }
    assertEquals(Set.of(EtmPacket.Instrumentation.class), kinds);
  }

  /// A packet as OpenCSD 1.3.3 shows it, where that differs from what it is.
  private static String seenByOpencsd(EtmRegisters config, EtmPacket packet, byte payload) {
    return EtmPacketText.text(switch (packet) {
      // E is not kept for the two exceptions without address
      case EtmPacket.PeReset r -> new EtmPacket.PeReset(false);
      case EtmPacket.TransactionFailure f -> new EtmPacket.TransactionFailure(false);
      // an unknown count is shown as 0
      case EtmPacket.CycleCountF1(long commit, int cycles) when cycles == EtmPacket.UNKNOWN ->
          new EtmPacket.CycleCountF1(commit, 0);
      // the form is taken from bit 0 of the payload, not of the header, and COMMOPT is not looked at
      case EtmPacket.CycleCountF2(long commit, int cycles) ->
          new EtmPacket.CycleCountF2(formTwoCommit(config, payload), cycles);
      default -> packet;
    });
  }

  private static long formTwoCommit(EtmRegisters config, byte payload) {
    long offset = (payload & 1) != 0 ? config.maxSpeculation() - 15 : 1;
    return ((payload & 0xF0) >>> 4) + offset & 0xFFFF_FFFFL;
  }

  private static List<String> ours(EtmRegisters config, byte[] trace) {
    List<String> lines = new ArrayList<>();
    EtmPacketReader reader = new EtmPacketReader(config, trace);
    for (EtmPacket p = reader.read(); p != null; p = reader.read()) {
      byte payload = trace[Math.min(reader.offset() + 1, trace.length - 1)];
      lines.add("%x %s".formatted(reader.offset(), seenByOpencsd(config, p, payload)));
    }
    return lines;
  }

  /// Offsets of the packets, those of exceptions' addresses included, in decimal.
  private static List<String> offsets(EtmRegisters config, byte[] trace) {
    List<String> offsets = new ArrayList<>();
    EtmPacketReader reader = new EtmPacketReader(config, trace);
    for (EtmPacket p = reader.read(); p != null; p = reader.read()) {
      offsets.add(Integer.toString(reader.offset()));
      if (p instanceof EtmPacket.ExceptionEntry) {
        offsets.add(Integer.toString(reader.offset() + 2));
      }
    }
    return offsets;
  }

  private List<String> opencsd(EtmRegisters config, String form, byte[] trace) throws IOException {
    List<String> lines = Oracles.run(command(config, form, file(trace)));
    return lines.subList(1, lines.size());
  }

  private Path file(byte[] trace) throws IOException {
    return Files.write(dir.resolve("trace.etm"), trace);
  }

  /// OpenCSD 1.3.3 has no packet callback for ETE in its C API: `ete` is its ETMv4 packet processor, which serves both,
  /// told that the version is 5.
  private static List<String> command(EtmRegisters config, String form, Path file) {
    return command(config.ete() ? "ete" : "etmv4", config, form, file);
  }

  private static List<String> command(String protocol, EtmRegisters c, String form, Path file) {
    List<String> command = new ArrayList<>(List.of(etmdump.toString(), protocol, form));
    for (int register : new int[] {c.idr0(), c.idr1(), c.idr2(), c.idr8(), c.devarch(), c.traceidr()}) {
      command.add(Integer.toHexString(register));
    }
    command.add(file.toString());
    return command;
  }

  private static void assertLines(List<String> expected, List<String> actual, String what) {
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      assertEquals(expected.get(i), actual.get(i), "packet " + i + ", " + what);
    }
    assertEquals(expected.size(), actual.size(), what);
  }

  private static List<String> withoutOffsets(List<String> lines) {
    return lines.stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
  }

  private static List<Frames.Stream> interleave(byte[] first, byte[] second, Random random) {
    List<Frames.Stream> segments = new ArrayList<>();
    int one = 0;
    int two = 0;
    while (one < first.length || two < second.length) {
      int nextOne = Math.min(first.length, one + random.nextInt(random.nextBoolean() ? 3 : 50));
      int nextTwo = Math.min(second.length, two + random.nextInt(random.nextBoolean() ? 3 : 50));
      segments.add(new Frames.Stream(0x11, RawTrace.of(Arrays.copyOfRange(first, one, nextOne))));
      segments.add(new Frames.Stream(0x22, RawTrace.of(Arrays.copyOfRange(second, two, nextTwo))));
      one = nextOne;
      two = nextTwo;
    }
    return segments;
  }

  // ---- streams

  private static byte[] randomTrace(EtmRegisters config, long seed) {
    EtmPacketWriter writer = new EtmPacketWriter(config);
    writer.appendASync();
    writer.appendTraceInfo(0, 0, 0);
    writer.appendContext(EtmContext.of(1, true, EtmContext.Security.NON_SECURE).info(), 0, 0);
    Source source = new Source(config, seed, writer);
    for (int i = 0; i < PACKETS; i++) {
      source.append();
    }
    return writer.toByteArray();
  }

  /// Appends random packets, most of them in the form that the writer chooses.
  private static final class Source {
    private static final int[] EXCEPTION_TYPES = {0, 1, 2, 3, 4, 6, 7, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20,
        21, 22, 23};

    private final EtmRegisters config;
    private final Random random;
    private final EtmPacketWriter writer;
    private final boolean speculation;
    // OpenCSD keeps the upper half of an address that comes in 32-bit form only if the last context was AArch64
    private final boolean wide;
    private long address;
    private long ticks;
    private int threshold;

    Source(EtmRegisters config, long seed, EtmPacketWriter writer) {
      this.config = config;
      random = new Random(seed);
      this.writer = writer;
      speculation = config.maxSpeculation() != 0;
      wide = seed % 2 != 0;
    }

    void append() {
      switch (random.nextInt(18)) {
        case 0, 1 -> writer.appendAtoms(random.nextLong() | bits(64), random.nextInt(40));
        case 2 -> writer.appendAtoms(-1, random.nextInt(60));
        case 3, 4 -> appendAddress();
        case 5 -> appendAddressContext();
        case 6 -> writer.write(random.nextBoolean() ? new EtmPacket.Context(context()) : new EtmPacket.ContextSame());
        case 7 -> appendException();
        case 8 -> appendTimestamp();
        case 9, 10 -> appendCycleCount();
        case 11 -> appendSynchronization();
        case 12 -> writer.write(new EtmPacket.Event(1 + random.nextInt(15)));
        case 13 -> appendSpeculation();
        case 14 -> appendQ();
        case 15 -> writer.write(config.version() >= 0x43 ? new EtmPacket.Ignore() : new EtmPacket.TraceOn());
        case 16 -> appendTransaction();
        default -> writer.write(new EtmPacket.Mispredict(any(EtmPacket.AtomsBefore.values())));
      }
    }

    private void appendAddress() {
      int is = random.nextInt(4) == 0 ? 1 : 0;
      if (config.ete() && random.nextBoolean()) {
        writer.appendSourceAddress(newAddress(is), is);
      } else {
        writer.appendAddress(newAddress(is), is);
      }
    }

    private void appendAddressContext() {
      int is = random.nextInt(2);
      EtmContext c = context();
      writer.appendAddressContext(newAddress(is), is, c.info(), (int) c.vmid(), (int) c.contextId());
    }

    private void appendException() {
      int is = random.nextInt(4) == 0 ? 1 : 0;
      // OpenCSD takes type 0 of ETE for a PE Reset packet, whatever follows
      int type = EXCEPTION_TYPES[config.ete()
          ? 1 + random.nextInt(EXCEPTION_TYPES.length - 1) : random.nextInt(EXCEPTION_TYPES.length)];
      EtmContext c = context();
      if (random.nextBoolean()) {
        writer.appendException(type, random.nextBoolean(), newAddress(is), is);
      } else {
        writer.appendException(type, random.nextBoolean(), newAddress(is), is, c.info(), (int) c.vmid(),
            (int) c.contextId());
      }
    }

    private void appendTimestamp() {
      ticks ^= bits(64);
      if (config.hasTimestampMarkers() && random.nextBoolean()) {
        writer.write(new EtmPacket.TimestampMarker());
      }
      writer.appendTimestamp(ticks, random.nextBoolean() ? EtmPacket.UNKNOWN : (int) bits(config.cycleCountBits()));
    }

    private void appendCycleCount() {
      long commit = config.commitOption1() ? 0 : 1 + bits(random.nextBoolean() ? 3 : 8);
      int cycles = threshold + (int) bits(random.nextBoolean() ? 4 : config.cycleCountBits());
      writer.appendCycleCount(commit, random.nextInt(8) == 0 ? EtmPacket.UNKNOWN : cycles);
    }

    private void appendSynchronization() {
      switch (random.nextInt(6)) {
        case 0 -> writer.write(new EtmPacket.Discard());
        case 1 -> writer.appendOverflow();
        case 2 -> writer.appendTraceOn();
        default -> {
          writer.appendASync();
          boolean counting = random.nextBoolean();
          threshold = counting ? (int) bits(12) : 0;
          int info = (counting ? EtmPacket.TraceInfo.CYCLE_COUNTING : 0)
              | (config.ete() && random.nextBoolean() ? EtmPacket.TraceInfo.IN_TRANSACTION : 0);
          writer.appendTraceInfo(info, bits(32), threshold);
          writer.write(new EtmPacket.Context(context()));
          ticks = 0;
        }
      }
    }

    private void appendSpeculation() {
      if (!speculation) {
        return;
      }
      writer.write(switch (random.nextInt(4)) {
        case 0 -> new EtmPacket.Commit(bits(32));
        case 1 -> new EtmPacket.CancelF1(1 + bits(31), random.nextBoolean());
        case 2 -> new EtmPacket.CancelF2(any(EtmPacket.AtomsBefore.values()));
        default -> new EtmPacket.CancelF3(random.nextBoolean(), 2 + random.nextInt(4));
      });
    }

    private void appendQ() {
      if (!config.hasCountedQ()) {
        return;
      }
      int is = random.nextInt(2);
      address = address >>> 32 << 32 | (newAddress(is) & 0xFFFF_FFFFL);
      EtmAddress.Form form = writer.bestForm(address, is);
      boolean addressed = random.nextBoolean() && form != EtmAddress.Form.LONG64;
      writer.write(new EtmPacket.Q(
          addressed || random.nextBoolean() ? bits(32) : EtmPacket.UNKNOWN, addressed
              ? new EtmAddress(form, is, address) : null));
    }

    private void appendTransaction() {
      if (!config.ete()) {
        writer.appendExceptionReturn();
        return;
      }
      writer.write(switch (random.nextInt(4)) {
        case 0 -> new EtmPacket.TransactionStart();
        case 1 -> new EtmPacket.TransactionCommit();
        case 2 -> new EtmPacket.TransactionFailure(random.nextBoolean());
        default -> new EtmPacket.PeReset(random.nextBoolean());
      });
    }

    private long newAddress(int is) {
      address = random.nextInt(4) == 0 ? address : address ^ bits(wide ? 64 : 32);
      address &= is == 0 ? ~3L : ~1L;
      return address;
    }

    private EtmContext context() {
      EtmContext.Security[] states = EtmContext.Security.values();
      EtmContext c = EtmContext.of(random.nextInt(4), wide || random.nextBoolean(),
          states[random.nextInt(config.ete() ? 4 : 2)]);
      c = random.nextBoolean() ? c.withVmid((int) bits(8 * config.vmidBytes())) : c;
      return random.nextBoolean() ? c.withContextId(random.nextInt()) : c;
    }

    private <T> T any(T[] values) {
      return values[random.nextInt(values.length)];
    }

    /// Up to `most` bits, every width as likely as any other.
    private long bits(int most) {
      int width = random.nextInt(most + 1);
      return width == 0 ? 0 : random.nextLong() >>> (64 - width);
    }
  }
}

package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketException;
import dev.crosspatch.tracer.pt.PtPacketReader;
import dev.crosspatch.tracer.pt.PtPacketText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// libipt's packet decoder and our reader agree, packet by packet, on what our writer writes, and on streams damaged at
/// random, up to the differences that [#seenByLibipt] lists.
class LibiptPacketTest {
  private static final String BAD = "bad";
  /// Kinds that libipt 2.0 refuses: BBP, BIP, BEP (no version knows them), CFE, EVD (2.1 does) and TRIG (2.2 does).
  private static final Set<String> UNKNOWN_TO_LIBIPT = Set.of("Bbp", "Bip", "Bep", "Cfe", "Evd", "Trig");
  private static Path ptdump = Path.of("");

  @TempDir Path dir = Path.of("");

  /// A line of a listing.
  ///
  /// @param text size in hex and the packet, or `bad` or `cut`
  private record Line(int offset, String text) {
    static Line parse(String line) {
      int blank = line.indexOf(' ');
      return new Line(Integer.parseInt(line.substring(0, blank), 16), line.substring(blank + 1));
    }
  }

  /// What we expect libipt to say, from what our reader says.
  ///
  /// @param apart one of the two accepts the bytes, the other does not: they go on at different places
  private record Expected(Line line, boolean apart) {}

  @BeforeAll
  static void compile() throws IOException {
    ptdump = Oracles.compile("ptdump", "intel-pt.h", "libipt-dev", "-lipt");
    Path empty = Files.createTempFile("empty", ".pt");
    String version = Oracles.run(List.of(ptdump.toString(), empty.toString())).getFirst();
    Files.delete(empty);
    Assumptions.assumeTrue(version.startsWith("libipt 2.0."),
        "skipped: the differences listed here are those of libipt 2.0, this is " + version);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void readsWhatOurWriterWrites(long seed) throws IOException {
    List<PtPacket> packets = PtPacketStream.random(seed).stream().filter(packet -> !refused(packet)).toList();
    byte[] trace = PtPacketStream.write(packets);
    List<Line> libipt = libipt(trace);
    assertEquals(packets.size(), libipt.size(), "seed " + seed);
    assertEquals(ours(trace).stream().map(Expected::line).toList(), libipt, "seed " + seed);
    assertEquals(packets, readAll(trace), "seed " + seed);
  }

  @Test
  void theStreamsHoldEveryKind() {
    Map<String, Long> kinds =
        PtPacketStream.random(1).stream()
            .collect(Collectors.groupingBy(p -> p.getClass().getSimpleName(), TreeMap::new, Collectors.counting()));
    Set<String> expected =
        Arrays.stream(PtPacket.class.getPermittedSubclasses()).map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    expected.remove("Bip");
    assertEquals(expected, kinds.keySet());
    assertTrue(kinds.values().stream().allMatch(count -> count > 10), kinds.toString());
  }

  @Test
  void refusesTheKindsItDoesNotKnow() throws IOException {
    List<PtPacket> unknown = List.of(
        new PtPacket.Bbp(8, 1), new PtPacket.Bep(true), new PtPacket.Cfe(1, 14, false), new PtPacket.Evd(0, 5),
        new PtPacket.Trig(1, false, false, -1), new PtPacket.Cyc(-1));
    for (PtPacket packet : unknown) {
      assertEquals(List.of(new Line(0, BAD)), libipt(PtPacketStream.write(List.of(packet))), PtPacketText.text(packet));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8, 9, 10})
  void agreesOnDamagedStreams(long seed) throws IOException {
    Random random = new Random(seed);
    List<PtPacket> packets = PtPacketStream.random(seed);
    for (int i = 0; i < packets.size(); i += 20) {
      packets.set(i, new PtPacket.Psb());
    }
    byte[] trace = PtPacketStream.write(packets);
    for (int flips = trace.length / 100; flips > 0; flips--) {
      trace[random.nextInt(trace.length)] ^= (byte) (1 << random.nextInt(8));
    }
    // Padding behind the damage: what looks like a packet cut by the end is one libipt may not know.
    int compared = compare(libipt(Arrays.copyOf(trace, trace.length + 16)),
        ours(Arrays.copyOf(trace, trace.length + 16)), "seed " + seed);
    assertTrue(compared > packets.size() / 3, compared + " of some " + packets.size() + " packets were compared");
  }

  @Test
  void agreesOnCutStreams() throws IOException {
    List<PtPacket> packets = PtPacketStream.random(11).stream().filter(packet -> !refused(packet)).toList();
    byte[] trace = PtPacketStream.write(packets.subList(0, 20));
    for (int length = 0; length < trace.length; length++) {
      byte[] cut = Arrays.copyOf(trace, length);
      assertEquals(ours(cut).stream().map(Expected::line).toList(), libipt(cut), "cut after " + length);
    }
  }

  /// Compares line by line; where the two go on at different places, from the next PSB that both see.
  ///
  /// @return number of lines compared
  private static int compare(List<Line> libipt, List<Expected> ours, String what) {
    int i = 0;
    int compared = 0;
    for (int j = 0; j < ours.size(); compared++) {
      assertEquals(ours.get(j).line(), i < libipt.size() ? libipt.get(i) : null, what);
      if (ours.get(j).apart()) {
        int psb = nextCommonPsb(libipt, i, ours, j);
        i = indexOf(psb, libipt);
        j = indexOf(psb, ours.stream().map(Expected::line).toList());
      } else {
        i++;
        j++;
      }
    }
    assertTrue(i == libipt.size(), what + ": libipt goes on");
    return compared;
  }

  private static int nextCommonPsb(List<Line> libipt, int i, List<Expected> ours, int j) {
    Set<Integer> theirs = psbs(libipt.subList(i + 1, libipt.size()).stream()).collect(Collectors.toSet());
    return psbs(ours.subList(j + 1, ours.size()).stream().map(Expected::line)).filter(theirs::contains).findFirst()
        .orElse(-1);
  }

  private static Stream<Integer> psbs(Stream<Line> lines) {
    return lines.filter(line -> line.text().endsWith(" psb")).map(Line::offset);
  }

  /// Index of the line at `offset`, behind the last for -1.
  private static int indexOf(int offset, List<Line> lines) {
    return offset < 0 ? lines.size() : lines.stream().map(Line::offset).toList().indexOf(offset);
  }

  /// What libipt 2.0 says of a packet that we accept. It agrees with us but for these, in each of which the manual says
  /// what we do:
  ///
  /// - It does not know some kinds.
  /// - MODE.Exec.IF, which came with event trace, is not shown.
  /// - PWRE.HW is bit 7 of the first payload byte; it takes bit 3, which is reserved.
  /// - PWRX wake reason "timer deadline" is not shown.
  /// - A CYC of 10 bytes is refused.
  /// - A TMA with reserved bits set is refused; the manual does not promise that they are clear.
  private static String seenByLibipt(PtPacketReader reader) {
    PtPacket packet = reader.packet();
    if (refused(packet) || (packet instanceof PtPacket.Tma && (reader.payload() & 0xfe_00ff_0000L) != 0)) {
      return BAD;
    }
    PtPacket seen = switch (packet) {
      case PtPacket.ModeExec(boolean l, boolean d, boolean ignored) -> new PtPacket.ModeExec(l, d, false);
      case PtPacket.Pwre(int state, int subState, boolean ignored) ->
          new PtPacket.Pwre(state, subState, (reader.payload() & 8) != 0);
      case PtPacket.Pwrx(int last, int deepest, int wake) -> new PtPacket.Pwrx(last, deepest, wake & ~2);
      default -> packet;
    };
    return Integer.toHexString(reader.size()) + " " + PtPacketText.text(seen);
  }

  private static boolean refused(PtPacket packet) {
    return UNKNOWN_TO_LIBIPT.contains(packet.getClass().getSimpleName())
        || (packet instanceof PtPacket.Cyc(long cycles) && cycles >>> 61 != 0);
  }

  /// What libipt 2.0 says of bytes that we refuse: it shows both flags where the manual allows one.
  private static String seenByLibipt(PtPacketException bad) {
    return switch (bad.getMessage() == null ? "" : bad.getMessage().replaceAll("^.*: ", "")) {
      case "MODE.Exec has both CS.L and CS.D" -> "2 mode.exec cs.d cs.l";
      case "MODE.TSX has both InTX and TXAbort" -> "2 mode.tsx intx abrt";
      default -> BAD;
    };
  }

  private static List<Expected> ours(byte[] trace) {
    PtPacketReader reader = new PtPacketReader(trace);
    List<Expected> lines = new ArrayList<>();
    while (true) {
      int kind = reader.next();
      int offset = reader.offset();
      if (kind >= 0) {
        String seen = seenByLibipt(reader);
        lines.add(new Expected(new Line(offset, seen), seen.equals(BAD)));
      } else if (kind == PtPacketReader.BAD_PACKET) {
        String seen = seenByLibipt(reader.error());
        lines.add(new Expected(new Line(offset, seen), !seen.equals(BAD)));
        if (!reader.sync()) {
          return lines;
        }
      } else {
        if (kind == PtPacketReader.NEED_MORE_BYTES) {
          lines.add(new Expected(new Line(offset, "cut"), false));
        }
        return lines;
      }
    }
  }

  private List<Line> libipt(byte[] trace) throws IOException {
    Path file = Files.write(dir.resolve("trace.pt"), trace);
    return Oracles.run(List.of(ptdump.toString(), file.toString())).stream().skip(1).map(Line::parse).toList();
  }

  private static List<PtPacket> readAll(byte[] trace) {
    PtPacketReader reader = new PtPacketReader(trace);
    List<PtPacket> packets = new ArrayList<>();
    for (PtPacket packet = reader.read(); packet != null; packet = reader.read()) {
      packets.add(packet);
    }
    return packets;
  }
}

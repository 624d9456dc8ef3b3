package dev.crosspatch.tracer.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import dev.crosspatch.tracer.text.EventRoom;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small bundle, byte by byte. That perf accepts it is the business of the oracle tests.
class PerfBundleTest {
  private static final long TEXT = 0xffff_ffff_8100_0000L;
  private static final PtConfig CONFIG =
      config(Map.of("mtc", 0L, "cyc", 0L, "cbr", 24L, "ctc_numerator", 88L, "ctc_denominator", 2L));

  @TempDir Path dir = Path.of("");

  private static Image image() {
    return new Image(
        List.of(
            new Section(".text", TEXT, bytes("900f1f440000c3"), Section.Access.TEXT),
            new Section(".data", TEXT + 0x1000, bytes("0102"), Section.Access.DATA),
            new Section(".sites", TEXT + 0x2000, bytes("cc"), Section.Access.TEXT)),
        List.of(
            new Symbol("_text", TEXT, 0, Symbol.Kind.NOTYPE), new Symbol("f", TEXT + 1, 6, Symbol.Kind.FUNCTION),
            new Symbol("_etext", TEXT + 7, 0, Symbol.Kind.NOTYPE),
            new Symbol("counter", TEXT + 0x1000, 2, Symbol.Kind.OBJECT),
            new Symbol("limit", 0x7fff_ffff_0000_0000L, 0, Symbol.Kind.NOTYPE)));
  }

  private static PokeLog log(Poke... pokes) {
    PokeLog log = new PokeLog();
    Arrays.stream(pokes).forEach(log::add);
    return log;
  }

  private static byte[] trace() {
    PtPacketWriter writer = new PtPacketWriter();
    writer.appendPsb();
    writer.appendTsc(0x1122334455L);
    writer.write(new PtPacket.PsbEnd());
    return writer.toByteArray();
  }

  private static PtConfig config(Map<String, Long> options) {
    return PtConfig.of(options::getOrDefault);
  }

  private byte[] data(PokeLog pokes, byte[]... traces) throws IOException {
    return data(CONFIG, pokes, traces);
  }

  private byte[] data(PtConfig config, PokeLog pokes, byte[]... traces) throws IOException {
    Path out = Files.createTempDirectory(dir, "bundle");
    PerfBundle.write(out, new PerfBundle.Input(image(), pokes, Stream.of(traces).map(RawTrace::of).toList(), config));
    return Files.readAllBytes(out.resolve("data"));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
  }

  private static void assertBytes(String expected, byte[] file, int from, int length) {
    HexFormat hex = HexFormat.of();
    assertEquals(hex.formatHex(bytes(expected)), hex.formatHex(Arrays.copyOfRange(file, from, from + length)));
  }

  /// Offset of the first record of this type, found by walking the records as perf does.
  private static int record(byte[] data, int type) {
    for (int at = 256; at < data.length; ) {
      if (u16(data, at) == type) {
        return at;
      }
      at += u16(data, at + 6) + (u16(data, at) == 71 ? u16(data, at + 8) : 0);
    }
    throw new AssertionError("no record of type " + type);
  }

  private static int u16(byte[] data, int at) {
    return (data[at] & 0xff) | (data[at + 1] & 0xff) << 8;
  }

  private static void assertRecord(String expected, byte[] data, int type) {
    assertBytes(expected, data, record(data, type), bytes(expected).length);
  }

  @Test
  void beginsWithHeaderIdAndAttribute() throws IOException {
    byte[] data = data(log());
    int rest = data.length - 256;
    assertBytes("50455246494c4532 6800000000000000 9000000000000000", data, 0, 24);
    assertBytes("7000000000000000 9000000000000000 0001000000000000", data, 24, 24);
    assertBytes(HexFormat.of().toHexDigits(Long.reverseBytes(rest)) + "00".repeat(48), data, 48, 56);
    assertBytes("0100000000000000", data, 104, 8);
    assertBytes(
        """
        08000000 80000000 0124000000000000 0100000000000000 8700010000000000 0400000000000000 0003042002000000
        """ + "00".repeat(80), data, 112, 128);
    assertBytes("6800000000000000 0800000000000000", data, 240, 16);
  }

  @Test
  void tellsTheOptionsInTheAttribute() throws IOException {
    byte[] all = data(config(Map.of("mtc_period", 7L, "ret_compression", 0L)), log());
    assertBytes("03ee010000000000", all, 120, 8);
    byte[] timeless = data(config(Map.of("timeless", 1L)), log());
    assertBytes("0120000000000000", timeless, 120, 8);
  }

  @Test
  void tellsTheClocksFirst() throws IOException {
    assertBytes(
        """
        46000000 0000 a000 01000000 00000000
        0800000000000000 0000000000000000 0100000000000000 0000000000000000 0100000000000000
        0004000000000000 0008000000000000 0000000000000000 0000000000000000 0100000000000000
        0002000000000000 00c0030000000000 5800000000000000 0200000000000000 0200000000000000
        1800000000000000 0000000000000000 0000000000000000
        """, data(log()), 256, 160);
  }

  @Test
  void mapsTheSectionOfTheReference() throws IOException {
    assertRecord(
        """
        01000000 0100 6000 ffffffff 00000000 00000081ffffffff 0700000000000000 00000081ffffffff
        5b6b65726e656c2e6b616c6c73796d735d5f7465787400 00
        ffffffff 00000000 0000000000000000 00000000 00000000 0100000000000000
        """, data(log()), 1);
  }

  @Test
  void namesTheThread() throws IOException {
    assertRecord(
        """
        03000000 0000 3800 01000000 01000000 6775657374000000 01000000 01000000 0000000000000000 00000000 00000000 0100000000000000
        """, data(log()), 3);
  }

  @Test
  void tellsWhereAndWhenTracingBegan() throws IOException {
    byte[] data = data(log(), new byte[0], trace());
    String trailer = "01000000 01000000 5544332211000000 01000000 00000000 0100000000000000";
    assertRecord("0c000000 0000 3000 01000000 01000000" + trailer, data, 12);
    assertRecord("0b000000 0000 4000 0000000000000000 1a00000000000000 0000000000000000" + trailer, data, 11);
  }

  @Test
  void padsTheTraceWithPadPackets() throws IOException {
    byte[] trace = trace();
    byte[] data = data(log(), new byte[0], trace);
    assertRecord(
        """
        47000000 0000 3000 2000000000000000 0000000000000000 5544332211000000 01000000 ffffffff 01000000 00000000
        """ + HexFormat.of().formatHex(trace) + "000000000000", data, 71);
    assertEquals(0x1a, trace.length);
  }

  @Test
  void endsWithFinishedRound() throws IOException {
    byte[] data = data(log(), trace());
    assertBytes("44000000 0000 0800", data, data.length - 8, 8);
  }

  @Test
  void takesTheReferenceBehindDamage() throws IOException {
    byte[] damaged = new byte[28];
    damaged[0] = (byte) 0xd1;
    System.arraycopy(trace(), 0, damaged, 2, 26);
    byte[] data = data(log(), damaged);
    assertBytes("5544332211000000", data, record(data, 71) + 24, 8);
    byte[] without = data(log(), new byte[] {2, 0x23});
    assertBytes("0100000000000000", without, record(without, 71) + 24, 8);
  }

  @Test
  void writesAPokeAsItIs() throws IOException {
    Poke poke = new Poke(0x123456789aL, 3, TEXT + 1, bytes("0f1f440000"), bytes("e912000000"), "jump_label", "site_0");
    assertRecord(
        """
        14000000 0100 4000 01000081ffffffff 0500 0500 0f1f440000 e912000000 0000
        00000000 00000000 9a78563412000000 03000000 00000000 0100000000000000
        """, data(log(poke)), 20);
  }

  /// The room that the laboratory's buffers give an event is what its record really takes.
  @Test
  void recordsHaveTheSizesThatBuffersReckonWith() throws IOException {
    for (int length : new int[] {1, 2, 4, 5, 6, 15, 4096}) {
      Poke poke = new Poke(1, 0, TEXT + 1, new byte[length], new byte[length], "m", "s");
      byte[] data = data(log(poke));
      assertEquals(EventRoom.of(poke), u16(data, record(data, 20) + 6));
    }
    PokeLog log = log();
    log.lost(0x123456789aL, 3, 17);
    byte[] data = data(log);
    assertRecord(
        """
        02000000 0000 3800 0100000000000000 1100000000000000
        00000000 00000000 9a78563412000000 03000000 00000000 0100000000000000
        """, data, 2);
    assertEquals(EventRoom.LOST, u16(data, record(data, 2) + 6));
  }

  @Test
  void announcesTextOutsideOfTheImage() throws IOException {
    Poke appears = new Poke(7, 0, TEXT + 0x9000, new byte[0], bytes("90c3"), "", "");
    String trailer = "00000000 00000000 0700000000000000 00000000 00000000 0100000000000000";
    byte[] data = data(log(appears));
    assertRecord("11000000 0000 4800 00900081ffffffff 02000000 0200 0000 6f75745f6f665f6c696e6500 00000000"
        + trailer, data, 17);
    assertEquals(20, u16(data, record(data, 17) + 0x48), "the poke follows");
    Poke goes = new Poke(7, 0, TEXT + 0x9000, bytes("90c3"), new byte[0], "bpf", "");
    assertRecord("11000000 0000 4000 00900081ffffffff 02000000 0200 0100 62706600 00000000" + trailer,
        data(log(goes)), 17);
  }

  @Test
  void refusesAPokeTooLongForARecord() {
    Poke poke = new Poke(5, 0, TEXT, new byte[32760], new byte[32741], "m", "s");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> data(log(poke)));
    assertEquals("poke at ffffffff81000000 time 5: its 65501 bytes do not fit a TEXT_POKE record, which takes 65476",
        e.getMessage());
  }

  @Test
  void refusesAnImageWithoutReference() {
    Image other = new Image(image().sections(), List.of());
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class,
        () -> PerfBundle.write(dir.resolve("none"), new PerfBundle.Input(other, log(), List.of(), CONFIG)));
    assertEquals("no symbol '_text' in the image", e.getMessage());
    assertFalse(Files.exists(dir.resolve("none")));
    Image empty = new Image(List.of(), image().symbols());
    e = assertThrows(
        IllegalArgumentException.class,
        () -> PerfBundle.write(dir.resolve("none"), new PerfBundle.Input(empty, log(), List.of(), CONFIG)));
    assertEquals("no text section of the image holds _text (ffffffff81000000)", e.getMessage());
  }

  @Test
  void refusesToOverwrite() throws IOException {
    PerfBundle.Input input = new PerfBundle.Input(image(), log(), List.of(), CONFIG);
    PerfBundle.write(dir.resolve("twice"), input);
    assertThrows(FileAlreadyExistsException.class, () -> PerfBundle.write(dir.resolve("twice"), input));
  }

  @Test
  void writesTheTextAsACoreFile() throws IOException {
    PerfBundle.write(dir.resolve("b"), new PerfBundle.Input(image(), log(), List.of(), CONFIG));
    byte[] core = Files.readAllBytes(dir.resolve("b/kcore_dir/kcore"));
    assertEquals(0x3000, core.length);
    assertBytes(
        """
        7f454c46020101000000000000000000 0400 3e00 01000000 0000000000000000 4000000000000000 0000000000000000
        00000000 4000 3800 0200 0000 0000 0000
        01000000 07000000 0010000000000000 00000081ffffffff 0000000000000000 0700000000000000 0700000000000000 0010000000000000
        01000000 07000000 0020000000000000 00200081ffffffff 0000000000000000 0100000000000000 0100000000000000 0010000000000000
        """, core, 0, 176);
    assertBytes("900f1f440000c300", core, 0x1000, 8);
    assertBytes("cc00", core, 0x2000, 2);
  }

  @Test
  void listsTheSymbols() throws IOException {
    PerfBundle.write(dir.resolve("b"), new PerfBundle.Input(image(), log(), List.of(), CONFIG));
    Path kcore = dir.resolve("b/kcore_dir");
    assertEquals(
        """
        7fffffff00000000 A limit
        ffffffff81000000 T _text
        ffffffff81000001 T f
        ffffffff81000007 T _etext
        ffffffff81001000 D counter
        """, Files.readString(kcore.resolve("kallsyms")));
    assertArrayEquals(new byte[0], Files.readAllBytes(kcore.resolve("modules")));
    for (String name : List.of("kcore", "kallsyms", "modules")) {
      assertEquals("r--------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(kcore.resolve(name))), name);
    }
  }
}

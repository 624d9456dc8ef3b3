package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketReader;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// perf's packet decoder and our reader agree, packet by packet, on what our writer writes: on all kinds but TRIG, so
/// also on those that libipt 2.0 does not know.
class PerfPacketTest {
  private static final Pattern PACKET = Pattern.compile("\\. {2}([0-9a-f]{8}): {2}((?:[0-9a-f]{2} )+) *(.*)");
  private static final String BAD = "Bad packet!";

  @TempDir Path dir = Path.of("");

  @BeforeAll
  static void require() {
    Oracles.require("perf", "linux-perf");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsWhatOurWriterWrites(long seed) throws IOException {
    List<PtPacket> packets = packets(seed);
    byte[] trace = PtPacketStream.write(packets);
    List<String> expected = ours(trace);
    assertTrue(expected.stream().filter(line -> line.contains("BIP")).count() > 50, "seed " + seed);
    assertTrue(expected.size() > 5000, "seed " + seed);
    assertEquals(String.join("\n", expected), String.join("\n", perf(trace)), "seed " + seed);
  }

  @Test
  void doesNotKnowTriggers() throws IOException {
    List<String> lines =
        perf(PtPacketStream.write(List.of(new PtPacket.Psb(), new PtPacket.Trig(1, false, false, -1))));
    assertEquals("10 d9 " + BAD, lines.get(1));
  }

  /// With blocks that have items.
  private static List<PtPacket> packets(long seed) {
    Random random = new Random(seed);
    List<PtPacket> packets = new ArrayList<>(List.of(new PtPacket.Psb()));
    for (PtPacket packet : PtPacketStream.random(seed)) {
      if (packet instanceof PtPacket.Trig) {
        continue;
      }
      packets.add(packet);
      if (packet instanceof PtPacket.Bbp(int itemBytes, int ignored)) {
        for (int items = random.nextInt(9); items > 0; items--) {
          long value = random.nextLong();
          packets.add(new PtPacket.Bip(random.nextInt(32), itemBytes == 4 ? value >>> 32 : value));
        }
      }
    }
    return packets;
  }

  private List<String> perf(byte[] trace) throws IOException {
    Path bundle = dir.resolve("bundle");
    PerfBundle.write(bundle,
        new PerfBundle.Input(PtText.image(), new PokeLog(), List.of(RawTrace.of(trace)),
            PtConfig.of((name, otherwise) -> otherwise)));
    List<String> command =
        List.of(Oracles.require("perf", "linux-perf").toString(), "script", "-f", "-D", "--itrace=e", "-i",
            bundle.toString());
    List<String> lines = new ArrayList<>();
    for (String line : Oracles.run(command)) {
      Matcher packet = PACKET.matcher(line);
      if (packet.matches()) {
        lines.add(Integer.toHexString(Integer.parseInt(packet.group(1), 16)) + " " + packet.group(2) + packet.group(3));
      }
    }
    return lines;
  }

  /// What we expect perf to say, from what our reader says. perf counts padding behind a packet of less than eight
  /// bytes as the packet's; a record is padded to a multiple of eight.
  private static List<String> ours(byte[] packets) {
    byte[] trace = Arrays.copyOf(packets, (packets.length + 7) & ~7);
    PtPacketReader reader = new PtPacketReader(trace);
    List<String> lines = new ArrayList<>();
    int told = 0;
    while (reader.next() >= 0) {
      if (reader.offset() < told) {
        continue; // padding
      }
      int from = reader.offset();
      told = from + reader.size();
      while (told < trace.length && told < from + 8 && trace[told] == 0) {
        told++;
      }
      String bytes = HexFormat.ofDelimiter(" ").formatHex(trace, from, told);
      lines.add(Integer.toHexString(from) + " " + bytes + " " + text(reader.packet(), reader.payload()));
    }
    assertEquals(PtPacketReader.END, reader.kind());
    return lines;
  }

  private static String text(PtPacket packet, long payload) {
    return switch (packet) {
      case PtPacket.Pad() -> "PAD";
      case PtPacket.Tnt8(long bits, int count) -> branches(bits, count);
      case PtPacket.Tnt64(long bits, int count) -> branches(bits, count);
      case PtPacket.Tip(PtPacket.IpCompression c, long ignored) -> "TIP " + ip(c, payload);
      case PtPacket.TipPge(PtPacket.IpCompression c, long ignored) -> "TIP.PGE " + ip(c, payload);
      case PtPacket.TipPgd(PtPacket.IpCompression c, long ignored) -> "TIP.PGD " + ip(c, payload);
      case PtPacket.Fup(PtPacket.IpCompression c, long ignored) -> "FUP " + ip(c, payload);
      case PtPacket.Pip(long cr3, boolean nr) -> "PIP 0x%x (NR=%d)".formatted(cr3 >>> 5, bit(nr));
      case PtPacket.ModeExec(boolean l, boolean d, boolean f) ->
          "MODE.Exec IF:%d %d".formatted(bit(f), l ? 64 : d ? 32 : 16);
      case PtPacket.ModeTsx(boolean in, boolean abort) -> "MODE.TSX TXAbort:%d InTX:%d".formatted(bit(abort), bit(in));
      case PtPacket.Tsc(long tsc) -> "TSC 0x%x".formatted(tsc);
      case PtPacket.Mtc(int ctc) -> "MTC 0x%x".formatted(ctc);
      case PtPacket.Tma(int ctc, int fast) -> "TMA CTC 0x%x FC 0x%x".formatted(ctc, fast);
      case PtPacket.Cyc(long cycles) -> "CYC 0x%x".formatted(cycles);
      case PtPacket.Cbr(int ratio) -> "CBR 0x%x".formatted(ratio);
      case PtPacket.Vmcs(long base) -> "VMCS 0x%x".formatted(base >>> 12);
      case PtPacket.Psb() -> "PSB";
      case PtPacket.PsbEnd() -> "PSBEND";
      case PtPacket.Ovf() -> "OVF";
      case PtPacket.TraceStop() -> "TraceSTOP";
      case PtPacket.Mnt(long value) -> "MNT 0x%x".formatted(value);
      default -> youngerText(packet, payload);
    };
  }

  private static String youngerText(PtPacket packet, long payload) {
    return switch (packet) {
      case PtPacket.Ptw(long value, int ignored, boolean ip) -> "PTWRITE 0x%x IP:%d".formatted(value, bit(ip));
      case PtPacket.ExStop(boolean ip) -> "EXSTOP IP:%d".formatted(bit(ip));
      case PtPacket.Mwait ignored ->
          "MWAIT 0x%x Hints 0x%x Extensions 0x%x".formatted(payload, payload & 0xff, payload >>> 32 & 3);
      case PtPacket.Pwre(int state, int sub, boolean hw) ->
          "PWRE 0x%x HW:%d CState:%d Sub-CState:%d".formatted(payload, bit(hw), state, sub);
      case PtPacket.Pwrx(int last, int deepest, int wake) ->
          "PWRX 0x%x Last CState:%d Deepest CState:%d Wake Reason 0x%x".formatted(payload, last, deepest, wake);
      case PtPacket.Bbp(int itemBytes, int type) -> "BBP SZ %d-byte Type 0x%x".formatted(itemBytes, type);
      case PtPacket.Bip(int id, long value) -> "BIP ID 0x%02x Value 0x%x".formatted(id, value);
      case PtPacket.Bep(boolean ip) -> "BEP IP:%d".formatted(bit(ip));
      case PtPacket.Cfe(int type, int vector, boolean ip) ->
          "CFE IP:%d Type 0x%02x Vector 0x%x".formatted(bit(ip), type, vector);
      case PtPacket.Evd(int type, long value) -> "EVD Type 0x%02x Payload 0x%x".formatted(type, value);
      default -> throw new IllegalArgumentException(packet.toString());
    };
  }

  private static String ip(PtPacket.IpCompression compression, long payload) {
    return compression == PtPacket.IpCompression.SUPPRESSED ? "no ip" : "0x%x".formatted(payload);
  }

  private static String branches(long bits, int count) {
    StringBuilder text = new StringBuilder("TNT ");
    for (int i = count - 1; i >= 0; i--) {
      text.append((bits >>> i & 1) != 0 ? 'T' : 'N');
    }
    return text.append(" (").append(count).append(')').toString();
  }

  private static int bit(boolean flag) {
    return flag ? 1 : 0;
  }
}

package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every row of `packets.golden`, read and written.
class EtmPacketGoldenTest {

  /// @param setup bytes before the packet
  /// @param note  empty if writing the packet gives the bytes
  record Golden(byte[] setup, byte[] bytes, String packet, EtmRegisters config, String note) {
    static Golden parse(String line) {
      String[] cells = line.split("\\|", -1);
      String[] bytes = cells[0].split(">", -1);
      return new Golden(
          bytes.length == 1 ? new byte[0] : hex(bytes[0]),
          hex(bytes[bytes.length - 1]),
          cells[1].strip(),
          Configurations.named(cells[2].strip()),
          cells.length > 3 ? cells[3].strip() : "");
    }

    private static byte[] hex(String text) {
      return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    byte[] stream() {
      byte[] stream = Arrays.copyOf(setup, setup.length + bytes.length);
      System.arraycopy(bytes, 0, stream, setup.length, bytes.length);
      return stream;
    }

    @Override
    public String toString() {
      return HexFormat.ofDelimiter(" ").formatHex(bytes) + " is " + packet;
    }
  }

  static Stream<Golden> rows() {
    try (InputStream in = Objects.requireNonNull(EtmPacketGoldenTest.class.getResourceAsStream("packets.golden"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<Golden> rows =
          text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).map(Golden::parse).toList();
      return rows.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void readsAs(Golden row) {
    EtmPacketReader reader = new EtmPacketReader(row.config, row.stream());
    while (reader.position() < row.setup.length) {
      assertTrue(reader.next() >= 0);
    }
    EtmPacket packet = reader.read();
    assertEquals(row.packet, packet == null ? "end" : EtmPacketText.text(packet));
    assertEquals(row.setup.length, reader.offset());
    assertEquals(row.bytes.length, reader.size());
    assertEquals(EtmPacketReader.END, reader.next());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void writesAs(Golden row) {
    EtmPacketReader reader = new EtmPacketReader(row.config, row.stream());
    EtmPacketWriter writer = new EtmPacketWriter(row.config);
    int before = 0;
    for (EtmPacket packet = reader.read(); packet != null; packet = reader.read()) {
      before = writer.size();
      writer.write(packet);
    }
    byte[] bytes = writer.toByteArray();
    byte[] written = Arrays.copyOfRange(bytes, before, bytes.length);
    if (row.note.isEmpty()) {
      assertArrayEquals(row.bytes, written);
    } else {
      assertFalse(Arrays.equals(row.bytes, written), "needs no note: " + row.note);
    }
  }

  @Test
  void everyKindHasARow() {
    Set<Class<?>> kinds = new HashSet<>(List.of(EtmPacket.class.getPermittedSubclasses()));
    rows().forEach(row -> kinds.remove(lastOf(row).getClass()));
    assertTrue(kinds.isEmpty(), "without a row: " + kinds);
  }

  private static EtmPacket lastOf(Golden row) {
    List<EtmPacket> packets = EtmPacketRoundTripTest.readAll(new EtmPacketReader(row.config, row.stream()));
    return packets.get(packets.size() - 1);
  }
}

package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every row of `packets.golden`, read and written in every context it is for.
class PtPacketGoldenTest {

  /// @param note empty if writing the packet gives the bytes
  record Golden(byte[] bytes, String packet, String context, String note) {
    static Golden parse(String line) {
      String[] cells = line.split("\\|", -1);
      byte[] bytes = HexFormat.of().parseHex(cells[0].replace(" ", ""));
      return new Golden(bytes, cells[1].strip(), cells[2].strip(), cells.length > 3 ? cells[3].strip() : "");
    }

    List<Integer> blocks() {
      return context.equals("*") ? List.of(0, 4, 8) : context.equals("-")
          ? List.of(0) : List.of(Integer.valueOf(context));
    }

    @Override
    public String toString() {
      return HexFormat.ofDelimiter(" ").formatHex(bytes) + " is " + packet;
    }
  }

  static Stream<Golden> rows() {
    try (InputStream in = Objects.requireNonNull(PtPacketGoldenTest.class.getResourceAsStream("packets.golden"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).map(Golden::parse);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void readsAs(Golden row) {
    for (int block : row.blocks()) {
      byte[] stream = concat(opening(block), row.bytes);
      PtPacketReader reader = new PtPacketReader(stream);
      if (block != 0) {
        reader.next();
      }
      reader.read();
      assertEquals(row.packet, PtPacketText.text(reader.packet()), "in block of " + block);
      assertEquals(row.bytes.length, reader.size());
      assertEquals(PtPacketReader.END, reader.next());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void writesAs(Golden row) {
    for (int block : row.blocks()) {
      PtPacketReader reader = new PtPacketReader(concat(opening(block), row.bytes));
      PtPacketWriter writer = new PtPacketWriter();
      for (PtPacket packet = reader.read(); packet != null; packet = reader.read()) {
        writer.write(packet);
      }
      byte[] expected = concat(opening(block), row.bytes);
      assertEquals(row.note.isEmpty(), java.util.Arrays.equals(expected, writer.toByteArray()), row.note);
      if (row.note.isEmpty()) {
        assertArrayEquals(expected, writer.toByteArray());
      }
    }
  }

  @Test
  void everyKindAndEveryCompressionHasARow() {
    TreeSet<String> kinds = rows().map(row -> row.packet.replaceAll(" .*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
    TreeSet<String> expected = PtPacketTable.ROWS.stream().map(PtPacketTable.Row::name)
        .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, kinds);
    for (String name : List.of("tip", "tip.pge", "tip.pgd", "fup")) {
      for (PtPacket.IpCompression compression : PtPacket.IpCompression.values()) {
        assertTrue(rows().anyMatch(row -> row.packet.startsWith(name + " " + compression.code() + ":")),
            name + " " + compression);
      }
    }
  }

  private static byte[] opening(int block) {
    return block == 0 ? new byte[0] : HexFormat.of().parseHex(block == 4 ? "026380" : "026300");
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}

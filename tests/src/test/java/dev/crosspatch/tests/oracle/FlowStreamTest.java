package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The binary form in which oracle programs tell a flow.
class FlowStreamTest {

  private static InputStream bytes(String hex) {
    return new ByteArrayInputStream(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private static List<String> rows(InputStream in) throws IOException {
    List<String> rows = new ArrayList<>();
    FlowStream.read(in, new FlowStream.Listener() {
      @Override
      public void instruction(long address) {
        rows.add(Long.toHexString(address));
      }

      @Override
      public void line(String text) {
        rows.add("line " + text);
      }
    });
    return rows;
  }

  @Test
  void rowsAreStepsAddressesAndLines() throws IOException {
    List<String> expected = List.of("ffffffff81000040", "ffffffff81000045", "ffffffff81000054", "line ! 1 2",
        "ffffffff81000054", "4");
    assertEquals(expected, rows(bytes("10 400000 81ffffffff 05 0f 2120312032 0a 00 10 0400000000000000")));
    assertEquals(List.of(), rows(bytes("")));
  }

  @Test
  void rowsMayComeInPieces() throws IOException {
    assertEquals(List.of("1234", "1238"), rows(new SequenceInputStream(bytes("10 3412 0000"), bytes("0000 0000 04"))));
  }

  @Test
  void whatIsNoRowIsSaid() {
    assertEquals("a row of the flow begins with byte 17",
        assertThrows(AssertionError.class, () -> rows(bytes("01 11"))).getMessage());
    assertEquals("the flow ends within a row",
        assertThrows(AssertionError.class, () -> rows(bytes("10 01"))).getMessage());
    assertEquals("the flow ends within a row",
        assertThrows(AssertionError.class, () -> rows(bytes("23"))).getMessage());
  }
}

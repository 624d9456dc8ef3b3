package dev.crosspatch.sim.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// What a plot shows stands where it belongs, measured in the file.
final class LatencyPlotTest {
  private static Element parse(String svg) throws IOException, ParserConfigurationException, SAXException {
    assertTrue(svg.startsWith(LatencyPlot.BEGINS), svg);
    return DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8))).getDocumentElement();
  }

  private static List<double[]> lines(Element svg, String classes) {
    List<double[]> lines = new ArrayList<>();
    NodeList all = svg.getElementsByTagName("polyline");
    for (int i = 0; i < all.getLength(); i++) {
      Element line = (Element) all.item(i);
      if (line.getAttribute("class").equals(classes)) {
        lines.add(Arrays.stream(line.getAttribute("points").strip().split(" ")).mapToDouble(Double::parseDouble)
            .toArray());
      }
    }
    return lines;
  }

  private static double attribute(Element svg, String tag, String text, String name) {
    NodeList all = svg.getElementsByTagName(tag);
    for (int i = 0; i < all.getLength(); i++) {
      if (all.item(i).getTextContent().equals(text)) {
        return Double.parseDouble(((Element) all.item(i)).getAttribute(name));
      }
    }
    throw new AssertionError("no " + text);
  }

  @Test
  void numbersStandToScaleWhateverTheirOrder() throws IOException, ParserConfigurationException, SAXException {
    List<Row> rows = new ArrayList<>();
    for (int cpus : new int[] {8, 1, 4, 2}) {
      for (int seed = 1; seed <= 3; seed++) { // the median is that of seed 2
        rows.add(Rows.passed("one", Rows.set("cpus=" + cpus), seed, 1000L * cpus + seed, 2000L * cpus + seed,
            2500L * cpus + seed));
      }
    }
    Element svg = parse(LatencyPlot.svg(Axis.of("cpus=8,1,4,2"), rows));
    double[] p50 = lines(svg, "p50 c0").getFirst();
    assertEquals(8, p50.length);
    double unit = (p50[6] - p50[0]) / 7;
    assertEquals(p50[0] + unit, p50[2], 0.2);
    assertEquals(p50[0] + 3 * unit, p50[4], 0.2);
    double zero = lineAt(svg, "0");
    double perCycle = (zero - lineAt(svg, "10,000")) / 10_000;
    for (int i = 0; i < 4; i++) {
      assertEquals((1000 << i) + 2, (zero - p50[2 * i + 1]) / perCycle, 25, "p50 at " + (1 << i));
      assertEquals((2000 << i) + 2, (zero - lines(svg, "p99 c0").getFirst()[2 * i + 1]) / perCycle, 25);
      assertEquals((2500 << i) + 2, (zero - lines(svg, "max c0").getFirst()[2 * i + 1]) / perCycle, 25);
    }
    assertTrue(svg.getTextContent().contains("8  p99: 16,002 cycles (3 runs)"), svg.getTextContent());
  }

  /// The height at which an ordinate of that label is.
  private static double lineAt(Element svg, String label) {
    return attribute(svg, "text", label, "y") - 4;
  }

  @Test
  void otherValuesStandSideBySideAndOtherKeysHaveLinesOfTheirOwn()
      throws IOException, ParserConfigurationException, SAXException {
    List<Row> rows = new ArrayList<>();
    for (String sync : List.of("cpuid", "iret", "serialize")) {
      for (String cpus : List.of("1", "2")) {
        rows.add(Rows.passed("a<b", Rows.set("sync=" + sync, "cpus=" + cpus), 1, 10, 20, 30));
      }
    }
    rows.add(Rows.passed("other", Rows.set("sync=iret", "cpus=1"), 1, 10, 20, 30));
    rows.add(Rows.bad("other", Rows.set("sync=cpuid", "cpus=1"), 1, "no kernel"));
    rows.add(Rows.inconclusive("other", Rows.set("sync=serialize", "cpus=1"), 1)); // and no flip
    Element svg = parse(LatencyPlot.svg(Axis.of("sync=cpuid,iret,serialize"), rows));
    double[] first = lines(svg, "p50 c0").getFirst();
    assertEquals(first[2] - first[0], first[4] - first[2], 0.2);
    assertEquals(6, lines(svg, "max c1").getFirst().length);
    assertEquals(2, lines(svg, "p99 c2").getFirst().length, "what has no flips has no point");
    for (String name : List.of("a<b cpus=1", "a<b cpus=2", "other cpus=1", "cpuid", "iret", "serialize")) {
      assertTrue(attribute(svg, "text", name, "y") > 0, name);
    }
  }

  /// Labels of an axis do not run into each other, and are within the drawing.
  @Test
  void labelsHaveRoom() throws IOException, ParserConfigurationException, SAXException {
    StringBuilder values = new StringBuilder("interval=");
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      values.append(i == 1 ? "" : ",").append(i * 1_000_000);
      rows.add(Rows.passed("one", Rows.set("interval=" + i * 1_000_000), 1, 1, 1, 1));
    }
    Element svg = parse(LatencyPlot.svg(Axis.of(values.toString()), rows));
    NodeList texts = svg.getElementsByTagName("text");
    double free = 0;
    int labels = 0;
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      if (text.getAttribute("text-anchor").equals("middle") && text.getTextContent().matches("\\d+")) {
        double half = text.getTextContent().length() * 0.6 * 12 / 2;
        double x = Double.parseDouble(text.getAttribute("x"));
        assertTrue(x - half >= free && x + half <= 760, text.getTextContent() + " at " + x);
        free = x + half;
        labels++;
      }
    }
    assertTrue(labels >= 5 && labels < 60, String.format(Locale.ROOT, "%d labels", labels));
  }

  @Test
  void nothingToDrawIsADrawing() throws IOException, ParserConfigurationException, SAXException {
    parse(LatencyPlot.svg(Axis.of("cpus=1,2"), List.of()));
  }
}

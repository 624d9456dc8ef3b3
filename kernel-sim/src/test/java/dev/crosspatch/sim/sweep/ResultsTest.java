package dev.crosspatch.sim.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// The files for other programs, read by those: JSON by Jackson, XML by the JDK; CSV by the rules of RFC 4180.
final class ResultsTest {
  private static final String NASTY = "a \"quoted\", <b>&amp;\n]]> line \u0001 \ud83d\ude00 'x'";
  private static final List<Row> ROWS = List.of(
      Rows.passed("one", Rows.set("cpus=1", "sync=cpuid", "idc=true"), 1, 100, 200, 300),
      Rows.failed("one", Rows.set("cpus=2", "sync=a,b", "idc=false"), 2, NASTY),
      Rows.inconclusive("one", Rows.set("cpus=3", "sync=x", "idc=true"), Long.MAX_VALUE),
      Rows.bad("two", Rows.set("cpus=007", "sync=\"q\"", "idc=true"), 4, "no kernel: " + NASTY));

  /// Paths of all values with their text, lists joined.
  private static List<Map<String, String>> runs(String json) throws IOException {
    List<Map<String, String>> runs = new ArrayList<>();
    try (JsonParser in = new JsonFactory().createParser(json)) {
      while (in.nextToken() != null) {
        String path = in.getParsingContext().pathAsPointer().toString();
        if (in.currentToken().isScalarValue() && path.startsWith("/runs/")) {
          String[] parts = path.split("/", 4);
          int run = Integer.parseInt(parts[2]);
          if (run == runs.size()) {
            runs.add(new LinkedHashMap<>());
          }
          String name = parts[3].replaceFirst("/\\d+$", "").replace('/', '.');
          String text = in.currentToken() == JsonToken.VALUE_NULL ? "" : in.getText();
          runs.get(run).merge(name, text, (a, b) -> a + " " + b);
        }
      }
    }
    return runs;
  }

  /// Cells of each line.
  private static List<List<String>> cells(String csv) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && csv.startsWith("\"\"", i)) {
        cell.append(csv.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        line.add(cell.toString());
        cell.setLength(0);
        if (c == '\n') {
          lines.add(line);
          line = new ArrayList<>();
        }
      } else {
        cell.append(c);
      }
    }
    assertEquals(0, cell.length() + line.size(), "the last line ends");
    return lines;
  }

  @Test
  void jsonHasAllOfARow() throws IOException {
    List<Map<String, String>> runs = runs(Results.json(ROWS, "1.2"));
    assertEquals(4, runs.size());
    Map<String, String> failed = runs.get(1);
    assertEquals(Map.of("scenario", "one", "set.cpus", "2", "set.sync", "a,b", "verdict", "fail", "as_expected",
        "false", "first_failure.kind", "torn", "first_failure.detail", NASTY, "flip.p99_cycles", "19", "output",
        "out/x"), keep(failed, "scenario", "set.cpus", "set.sync", "verdict", "as_expected", "first_failure.kind",
            "first_failure.detail", "flip.p99_cycles", "output"));
    assertEquals("tail tail+head", runs.get(2).get("windows_missed"));
    assertEquals("9223372036854775807", runs.get(2).get("seed"));
    assertEquals("error", runs.get(3).get("verdict"));
    assertEquals("no kernel: " + NASTY, runs.get(3).get("error"));
    assertEquals("", runs.get(3).get("pokes"));
    assertEquals("", runs.get(0).get("first_failure"));
  }

  private static Map<String, String> keep(Map<String, String> all, String... keys) {
    Map<String, String> some = new LinkedHashMap<>(all);
    some.keySet().retainAll(List.of(keys));
    return some;
  }

  @Test
  void valuesThatAreNumbersAreNumbers() {
    String json = Results.json(ROWS, "1.2");
    assertTrue(json.contains("\"cpus\" : 2,"), json);
    assertTrue(json.contains("\"cpus\" : \"007\""), "no number of JSON");
    assertTrue(json.contains("\"idc\" : true"), json);
    assertTrue(json.startsWith(Results.JSON_BEGINS + "\"1.2\""), json);
    assertTrue(json.replaceAll("\\s", "").endsWith("\"summary\":{\"runs\":4,\"as_expected\":1,\"pass\":1,\"fail\":1,"
        + "\"inconclusive\":1,\"error\":1}}"), json);
  }

  /// A line has the fields of the JSON, under the names that flattening it gives.
  @Test
  void csvIsTheJsonFlattened() throws IOException {
    List<List<String>> lines = cells(Results.csv(ROWS));
    List<Map<String, String>> runs = runs(Results.json(ROWS, "1.2"));
    List<String> names = lines.getFirst();
    assertEquals(5, lines.size());
    for (int i = 0; i < 4; i++) {
      List<String> line = lines.get(i + 1);
      assertEquals(names.size(), line.size());
      for (int cell = 0; cell < names.size(); cell++) {
        assertEquals(runs.get(i).getOrDefault(names.get(cell), ""), line.get(cell), names.get(cell));
      }
    }
    for (String name : runs.get(1).keySet()) {
      assertTrue(names.contains(name), name);
    }
    assertTrue(Results.CSV_BEGINS.matcher(Results.csv(List.of())).lookingAt());
    assertTrue(Results.CSV_BEGINS.matcher(Results.csv(ROWS)).lookingAt());
    assertFalse(Results.CSV_BEGINS.matcher("scenario,seed\nmine,1\n").lookingAt());
  }

  /// Elements and attributes of the schemas of Jenkins' xUnit plug-in (junit-10.xsd) and of Maven Surefire.
  @Test
  void junitIsReadByAnXmlParser() throws IOException, ParserConfigurationException, SAXException {
    String text = JUnitFile.text(ROWS);
    assertTrue(text.startsWith(JUnitFile.BEGINS), text);
    Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))).getDocumentElement();
    assertEquals("testsuites", root.getTagName());
    assertEquals("4 2 1 2.750", counts(root));
    NodeList suites = root.getElementsByTagName("testsuite");
    assertEquals(2, suites.getLength());
    assertEquals("3 2 0 2.750", counts((Element) suites.item(0)));
    assertEquals("1 0 1 0.000", counts((Element) suites.item(1)));
    NodeList cases = root.getElementsByTagName("testcase");
    assertEquals("cpus=1,sync=cpuid,idc=true,seed-1", ((Element) cases.item(0)).getAttribute("name"));
    assertEquals("one", ((Element) cases.item(0)).getAttribute("classname"));
    assertEquals(0, ((Element) cases.item(0)).getElementsByTagName("*").getLength());
    Element failure = (Element) ((Element) cases.item(1)).getElementsByTagName("failure").item(0);
    assertEquals("expected PASS, was FAIL: torn, CPU 1, site_2", failure.getAttribute("message"));
    assertTrue(failure.getTextContent().contains("repeat with: crosspatch run 'one'\n"), failure.getTextContent());
    assertTrue(failure.getTextContent().contains(NASTY.replace('\u0001', '\ufffd')), failure.getTextContent());
    assertEquals("expected PASS, was INCONCLUSIVE: nobody met tail, tail+head",
        ((Element) ((Element) cases.item(2)).getElementsByTagName("failure").item(0)).getAttribute("message"));
    Element error = (Element) ((Element) cases.item(3)).getElementsByTagName("error").item(0);
    assertEquals("no kernel: " + NASTY.replace('\u0001', '\ufffd').replace('\n', ' '), error.getAttribute("message"),
        "XML reads an end of line in an attribute as a blank");
  }

  private static String counts(Element suite) {
    return suite.getAttribute("tests") + " " + suite.getAttribute("failures") + " " + suite.getAttribute("errors")
        + " " + suite.getAttribute("time");
  }
}

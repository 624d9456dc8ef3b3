package dev.crosspatch.sim.sweep;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// What came of all runs, as CI systems read the results of tests: a suite for each scenario, a case for each run. One
/// that did not end as expected is a failure, one that could not be run or judged an error.
public final class JUnitFile {
  /// How it begins.
  public static final String BEGINS = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"crosspatch\"";

  private final XMLStreamWriter xml;

  private JUnitFile(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /// The whole file.
  public static String text(List<Row> rows) {
    StringWriter out = new StringWriter();
    try {
      new JUnitFile(XMLOutputFactory.newInstance().createXMLStreamWriter(out)).write(rows);
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return out.append('\n').toString();
  }

  private void write(List<Row> rows) throws XMLStreamException {
    Map<String, List<Row>> suites =
        rows.stream().collect(Collectors.groupingBy(Row::scenario, LinkedHashMap::new, Collectors.toList()));
    xml.writeStartDocument("UTF-8", "1.0");
    begin(0, "testsuites");
    attribute("name", "crosspatch");
    counts(rows);
    for (Map.Entry<String, List<Row>> suite : suites.entrySet()) {
      begin(1, "testsuite");
      attribute("name", suite.getKey());
      counts(suite.getValue());
      attribute("skipped", "0");
      for (Row row : suite.getValue()) {
        write(row);
      }
      end(1);
    }
    end(0);
    xml.writeEndDocument();
    xml.close();
  }

  private void counts(List<Row> rows) throws XMLStreamException {
    attribute("tests", String.valueOf(rows.size()));
    attribute("failures", String.valueOf(rows.stream().filter(r -> r.found() != null && !r.asExpected()).count()));
    attribute("errors", String.valueOf(rows.stream().filter(r -> r.found() == null).count()));
    attribute("time", seconds(rows.stream().mapToDouble(Row::seconds).sum()));
  }

  private void write(Row row) throws XMLStreamException {
    begin(2, "testcase");
    attribute("name", row.label());
    attribute("classname", row.scenario());
    attribute("time", seconds(row.seconds()));
    if (row.asExpected()) {
      xml.writeEndElement();
      return;
    }
    begin(3, row.found() == null ? "error" : "failure");
    attribute("type", row.verdict());
    attribute("message", row.found() == null ? row.error() : "expected " + row.expect() + ", was " + row.verdict()
        + (row.why().isEmpty() ? "" : ": " + (row.found().failure().isPresent() ? "" : "nobody met ") + row.why()));
    xml.writeCharacters(allowed(detail(row)));
    xml.writeEndElement();
    end(2);
  }

  private static String detail(Row row) {
    StringBuilder text = new StringBuilder("\nrepeat with: ").append(row.repeat()).append('\n');
    if (row.found() != null && row.found().failure().isPresent()) {
      text.append("first failure: ").append(row.found().failure().get()).append('\n');
    }
    return row.output().isEmpty() ? text.toString() : text.append("output in ").append(row.output()).append('\n')
        .toString();
  }

  private void begin(int depth, String name) throws XMLStreamException {
    indent(depth);
    xml.writeStartElement(name);
  }

  private void end(int depth) throws XMLStreamException {
    indent(depth);
    xml.writeEndElement();
  }

  private void indent(int depth) throws XMLStreamException {
    xml.writeCharacters("\n" + "  ".repeat(depth));
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, allowed(value));
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds);
  }

  /// XML 1.0 has no way to write most control characters.
  private static String allowed(String text) {
    return text.replaceAll("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]", "\uFFFD");
  }
}

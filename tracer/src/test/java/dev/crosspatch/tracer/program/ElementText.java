package dev.crosspatch.tracer.program;

import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.Elements;
import java.util.ArrayList;
import java.util.List;

/// Elements as text.
public final class ElementText {
  private static final List<String> KINDS = List.of("START", "BITS", "TARGET", "ASYNC", "AT", "STOP", "LOST", "CONTEXT",
      "ERROR", "PLACE", "MODE");

  private ElementText() {}

  /// All but the first: `KIND a [b] low..high`, chunks divided by `--`; infinite bounds left out.
  public static List<String> behindTheFirst(ElementReader reader) {
    Elements elements = new Elements();
    List<String> result = new ArrayList<>();
    while (reader.next(elements)) {
      result.add("--");
      for (int i = 0; i < elements.count(); i++) {
        result.add(describe(elements, i, reader));
      }
    }
    return result.subList(Math.min(2, result.size()), result.size());
  }

  /// An element of the chunk that `reader` gave last.
  public static String describe(Elements e, int i, ElementReader reader) {
    String b = e.kind(i) == Elements.BITS || e.kind(i) == Elements.ASYNC ? " " + Long.toHexString(e.b(i)) : "";
    String a = e.kind(i) == Elements.ERROR ? reader.error((int) e.a(i)) : Long.toHexString(e.a(i)) + b;
    String low = e.low(i) == Long.MIN_VALUE ? "" : "" + e.low(i);
    String high = e.high(i) == Long.MAX_VALUE ? "" : "" + e.high(i);
    return KINDS.get(e.kind(i)) + " " + a + " " + low + ".." + high;
  }
}

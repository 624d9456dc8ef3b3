package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Mode;

/// A place in a chunk of trace elements: the next element, the bits left of the last one, and what that implies about
/// the time.
abstract class FlowCursor {
  private static final Elements NOTHING = new Elements();

  Elements elements = NOTHING;
  /// Index of the next element. One whose bits are not used up counts as consumed.
  int cursor;
  long bits;
  int bitCount;
  private int bitsElement;
  /// Earliest time of what comes next.
  long low = Long.MIN_VALUE;
  /// Waypoints (bits, targets, diversions) that may still be consumed.
  long waypoints = Long.MAX_VALUE;
  /// Elements since the last one consumed that told of a change of the address space, less the writes of it passed.
  int contexts;

  /// The trace goes no further here, and the walk goes on to the last instruction that it still proves.
  boolean leaving;

  final void copyCursor(FlowCursor other) {
    elements = other.elements;
    cursor = other.cursor;
    bits = other.bits;
    bitCount = other.bitCount;
    bitsElement = other.bitsElement;
    low = other.low;
    waypoints = other.waypoints;
    contexts = other.contexts;
    leaving = other.leaving;
  }

  /// Goes on with another chunk.
  void enter(Elements chunk) {
    elements = chunk;
    cursor = 0;
    bitCount = 0;
    contexts = 0;
    takeMode();
  }

  /// Kind of the next element; at the end of the chunk as if packets had been lost.
  final int kind() {
    return cursor == elements.count() ? Elements.LOST : elements.kind(cursor);
  }

  /// Steps over an element that the walk has reached, and reads on in the mode that is told behind it.
  final void pass() {
    low = elements.low(cursor++);
    contexts = 0;
    takeMode();
  }

  /// Takes up the mode that the next element tells, if that is what it tells.
  private void takeMode() {
    if (cursor < elements.count() && elements.kind(cursor) == Elements.MODE) {
      enterMode(Mode.of((int) elements.a(cursor++)));
    }
  }

  /// Reads the text in another mode from here on.
  abstract void enterMode(Mode mode);

  /// The mode that is told behind the next element, or `present` if none is.
  final Mode modeBehind(Mode present) {
    int next = cursor + 1;
    return next < elements.count() && elements.kind(next) == Elements.MODE
        ? Mode.of((int) elements.a(next)) : present;
  }

  /// Steps over an element that is a waypoint.
  final void consumeElement() {
    pass();
    waypoints--;
  }

  /// Takes up the bits of the next element.
  final void load() {
    bits = elements.a(cursor);
    bitCount = (int) elements.b(cursor);
    bitsElement = cursor++;
    contexts = 0;
  }

  /// Uses up a bit.
  final void useBit() {
    bits >>>= 1;
    bitCount--;
    low = elements.low(bitsElement);
    waypoints--;
  }

  /// Counts the elements that come next and tell of a change of the address space.
  final void skipContext() {
    while (cursor < elements.count() && elements.kind(cursor) == Elements.CONTEXT) {
      cursor++;
      contexts++;
    }
  }

  /// The element whose time bounds the present one from above.
  private int upcoming() {
    int next = leaving ? cursor - Math.max(contexts, 0) : cursor;
    return bitCount > 0 ? bitsElement : Math.min(next, elements.count() - 1);
  }

  /// Latest time of the present.
  final long high() {
    int element = upcoming();
    return element < 0 ? Long.MAX_VALUE : elements.high(element);
  }

  /// Byte offset in the trace of the packet that comes next.
  final long offset() {
    int element = upcoming();
    return element < 0 ? 0 : elements.offset(element);
  }

  /// What comes next, for people.
  final String upcomingText() {
    int element = bitCount > 0 ? bitsElement : cursor;
    if (element >= elements.count()) {
      return "its end";
    }
    String a = Long.toHexString(elements.a(element));
    String what = switch (elements.kind(element)) {
      case Elements.BITS -> bitCount + " outcomes";
      case Elements.TARGET -> "target " + a;
      case Elements.ASYNC -> "a diversion at " + a;
      case Elements.AT, Elements.PLACE -> "address " + a;
      case Elements.STOP ->
          elements.a(element) == Elements.UNKNOWN ? "the end of tracing" : "the end of tracing at " + a;
      case Elements.START -> "a start at " + a;
      case Elements.LOST -> "lost packets";
      case Elements.CONTEXT -> "context " + a;
      case Elements.MODE -> Mode.of((int) elements.a(element)) + " code";
      default -> "an error";
    };
    return what + " (byte 0x" + Long.toHexString(elements.offset(element)) + ")";
  }
}

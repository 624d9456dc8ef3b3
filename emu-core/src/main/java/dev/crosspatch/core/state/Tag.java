package dev.crosspatch.core.state;

/// What stands before a value in a snapshot.
enum Tag {
  NULL, LONG, INTEGER, BOOLEAN, DOUBLE, STRING, ENUM, RECORD, ARRAY, LIST, DEQUE, SET, MAP, BITS, TEXT,
  /// An object that comes and goes: met for the first time, with its fields; met again.
  NEW, KNOWN,
  /// A part that both objects have in the same place.
  PART;

  private static final Tag[] ALL = values();

  static Tag of(int number) throws Snapshot.Unfit {
    if (number < 0 || number >= ALL.length) {
      throw new Snapshot.Unfit("it is damaged: no value is of kind " + number);
    }
    return ALL[number];
  }
}

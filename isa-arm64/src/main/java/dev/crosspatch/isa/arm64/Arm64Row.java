package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.UopBuffer;
import org.jspecify.annotations.Nullable;

/// One instruction: its name, bits, meaning and everything the rest of the system asks about it. Immutable.
///
/// A pattern is read from bit 31 down; blanks mean nothing to the machine:
///
/// * `0`, `1`: the bit must have this value;
/// * `.`: the bit is ignored (a should-be bit that this machine does not check);
/// * `name:width`: a field, see [Arm64Field]; `name:width+` one that is not zero.
final class Arm64Row {

  /// Appends the micro-ops of the instruction.
  interface Emitter {
    void emit(Arm64Word word, UopBuffer out);
  }

  private static final Arm64Field[] DISTANCES = {Arm64Field.IMM26, Arm64Field.IMM19, Arm64Field.IMM14, Arm64Field.IMM9};

  private final String name;
  private final String pattern;
  private final Emitter emitter;
  private final CostClass cost;
  private final FlowClass flow;
  private final Arm64Guard guard;
  private final @Nullable String within;
  private final boolean replaceableLive;
  private final Arm64Feature feature;
  private final int mask;
  private final int match;
  /// Bits of which one must be set, or 0.
  private final int nonZero;
  private final byte[] shifts;
  private final byte[] sizes;

  /// @throws IllegalArgumentException if the pattern has not 32 bits or an unknown field, naming the row
  static Arm64Row row(String name, String pattern, CostClass cost, Emitter emitter) {
    return new Arm64Row(name, pattern, cost, emitter);
  }

  private Arm64Row(String name, String pattern, CostClass cost, Emitter emitter) {
    this.name = name;
    this.pattern = pattern;
    this.cost = cost;
    this.emitter = emitter;
    flow = FlowClass.OTHER;
    guard = Arm64Guard.NONE;
    within = null;
    replaceableLive = false;
    feature = Arm64Feature.BASE;
    shifts = new byte[Arm64Field.COUNT];
    sizes = new byte[Arm64Field.COUNT];
    long maskMatch = parse();
    mask = (int) (maskMatch >>> 32);
    match = (int) maskMatch;
    nonZero = nonZeroField();
  }

  private Arm64Row(Arm64Row from, FlowClass flow, Arm64Guard guard, @Nullable String within, boolean live,
      Arm64Feature feature) {
    name = from.name;
    pattern = from.pattern;
    cost = from.cost;
    emitter = from.emitter;
    this.flow = flow;
    this.guard = guard;
    this.within = within;
    replaceableLive = live;
    this.feature = feature;
    shifts = from.shifts;
    sizes = from.sizes;
    mask = from.mask;
    match = from.match;
    nonZero = from.nonZero;
  }

  /// The same row, steering the flow of control.
  Arm64Row flow(FlowClass f) {
    return new Arm64Row(this, f, guard, within, replaceableLive, feature);
  }

  /// The same row, allocated only where `g` allows it.
  Arm64Row when(Arm64Guard g) {
    return new Arm64Row(this, flow, g, within, replaceableLive, feature);
  }

  /// The same row, declared to be a special case of the row called `general`, before which it is tried.
  Arm64Row within(String general) {
    return new Arm64Row(this, flow, guard, general, replaceableLive, feature);
  }

  /// The same row, one of those that may replace each other while other CPUs execute them (B2.2.5).
  Arm64Row live() {
    return new Arm64Row(this, flow, guard, within, true, feature);
  }

  /// The same row, on cores that have `f`.
  Arm64Row needs(Arm64Feature f) {
    return new Arm64Row(this, flow, guard, within, replaceableLive, f);
  }

  /// Fills shifts and sizes; returns mask and match in the high and low half.
  private long parse() {
    int bit = 32;
    int fixed = 0;
    int ones = 0;
    for (String token : pattern.split(" ", -1)) {
      int colon = token.indexOf(':');
      if (colon >= 0) {
        bit -= field(token, colon, bit);
        continue;
      }
      for (int i = 0; i < token.length(); i++) {
        bit--;
        char c = token.charAt(i);
        fixed |= c == '.' ? 0 : 1 << bit;
        ones |= c == '1' ? 1 << bit : 0;
      }
    }
    if (bit != 0) {
      throw new IllegalArgumentException("row " + name + ": pattern has " + (32 - bit) + " bits, not 32: " + pattern);
    }
    return (long) fixed << 32 | (ones & 0xffff_ffffL);
  }

  private int field(String token, int colon, int bit) {
    int size = Integer.parseInt(token, colon + 1, token.length() - (token.endsWith("+") ? 1 : 0), 10);
    int field = Arm64Field.named(token.substring(0, colon)).ordinal();
    shifts[field] = (byte) (bit - size);
    sizes[field] = (byte) size;
    return size;
  }

  /// Bits of the field that is not zero.
  private int nonZeroField() {
    for (String token : pattern.split(" ", -1)) {
      if (token.endsWith("+")) {
        int field = Arm64Field.named(token.substring(0, token.indexOf(':'))).ordinal();
        return ((1 << sizes[field]) - 1) << shifts[field];
      }
    }
    return 0;
  }

  /// The manual's name of the page that describes the instruction, in C6.2.
  String name() {
    return name;
  }

  /// The mnemonic: the first word of the name.
  String mnemonic() {
    int blank = name.indexOf(' ');
    return blank < 0 ? name : name.substring(0, blank);
  }

  /// Bits and fields as written in the table.
  String pattern() {
    return pattern;
  }

  Emitter emitter() {
    return emitter;
  }

  CostClass cost() {
    return cost;
  }

  FlowClass flow() {
    return flow;
  }

  /// Name of the row this one is declared to be a special case of.
  @Nullable String within() {
    return within;
  }

  /// What a core must have for the instruction to be there.
  Arm64Feature feature() {
    return feature;
  }

  boolean replaceableLive() {
    return replaceableLive;
  }

  /// Bits the pattern fixes.
  int mask() {
    return mask;
  }

  /// Their values.
  int match() {
    return match;
  }

  /// Whether the row has this field.
  boolean has(Arm64Field field) {
    return sizes[field.ordinal()] != 0;
  }

  int shift(Arm64Field field) {
    return shifts[field.ordinal()];
  }

  /// Width of a field.
  ///
  /// @throws IllegalArgumentException if the row has no such field
  int size(Arm64Field field) {
    int size = sizes[field.ordinal()];
    if (size == 0) {
      throw new IllegalArgumentException("row " + name + " has no field " + field);
    }
    return size;
  }

  /// Whether `bits` is this instruction.
  boolean matches(int bits) {
    return (bits & mask) == match && (nonZero == 0 || (bits & nonZero) != 0)
        && (guard == Arm64Guard.NONE || guard.allows(new Arm64Word(this, bits)));
  }

  /// Whether some word matches both patterns.
  boolean overlaps(Arm64Row other) {
    return ((match ^ other.match) & mask & other.mask) == 0 && !excludes(other) && !other.excludes(this);
  }

  private boolean excludes(Arm64Row other) {
    return nonZero != 0 && (other.mask & nonZero) == nonZero && (other.match & nonZero) == 0;
  }

  /// Distance of a direct branch from its own address, by whichever immediate the row has.
  ///
  /// @throws IllegalArgumentException if the row has none
  long distance(int bits) {
    Arm64Word word = new Arm64Word(this, bits);
    for (Arm64Field field : DISTANCES) {
      if (has(field)) {
        return word.signed(field) * 4;
      }
    }
    throw new IllegalArgumentException("row " + name + " has no distance");
  }

  @Override
  public String toString() {
    return name + " [" + pattern + "]";
  }
}

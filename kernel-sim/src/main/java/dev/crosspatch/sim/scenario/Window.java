package dev.crosspatch.sim.scenario;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A time in which a CPU may meet a site that is being patched: from a store to its text until that CPU has
/// synchronized its context behind it, when it may run either text; or from there to the next store, when it may run
/// that text alone.
///
/// @param stores         a bit for each [StoreKind] of the stores that the CPU has not synchronized behind; if it has,
///                       for that of the last store
/// @param isSynchronized whether it has
public record Window(int stores, boolean isSynchronized) implements Comparable<Window> {
  /// Numbers are below this.
  public static final int COUNT = 2 << StoreKind.values().length;
  private static final String SYNCED = "-synced";

  /// The one of a [#number].
  static Window of(int number) {
    return new Window(number >> 1, (number & 1) != 0);
  }

  /// The one that is called so; empty if none is.
  public static Optional<Window> named(String name) {
    return IntStream.range(2, COUNT).mapToObj(Window::of).filter(w -> w.name().equals(name))
        .filter(w -> !w.isSynchronized || Integer.bitCount(w.stores) == 1).findFirst();
  }

  /// A number of its own, 2 and up, below [#COUNT].
  public int number() {
    return stores << 1 | (isSynchronized ? 1 : 0);
  }

  private List<StoreKind> list() {
    return Arrays.stream(StoreKind.values()).filter(kind -> (stores & kind.bit()) != 0).toList();
  }

  /// `trap`, `tail+head`, `trap-synced`.
  public String name() {
    return list().stream().map(StoreKind::label).collect(Collectors.joining("+")) + (isSynchronized ? SYNCED : "");
  }

  /// In the order of a patch.
  @Override
  public int compareTo(Window other) {
    return Integer.compare(order(), other.order());
  }

  private int order() {
    return Integer.highestOneBit(stores) * COUNT + (isSynchronized ? 1 << StoreKind.values().length : 0) + stores;
  }

  @Override
  public String toString() {
    return name();
  }
}

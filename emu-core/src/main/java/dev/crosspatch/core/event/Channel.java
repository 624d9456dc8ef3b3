package dev.crosspatch.core.event;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Where one kind of event is told. Those who tell ask [#isHeard] first: what nobody wants to hear costs one question
/// and makes no object.
///
/// @param <E> kind of event
public final class Channel<E extends Event> {
  private final IntConsumer settle;
  private final List<Consumer<? super E>> listeners = new ArrayList<>();
  private boolean heard;

  /// @param settle hands what retired on a core so far to its sinks
  Channel(IntConsumer settle) {
    this.settle = settle;
  }

  /// Tells `listener` of every event from now on. When it hears one, all rows of instructions that the core retired
  /// before have been handed to the core's sinks.
  public void hear(Consumer<? super E> listener) {
    listeners.add(listener);
    heard = true;
  }

  /// Whether anybody listens.
  public boolean isHeard() {
    return heard;
  }

  /// Tells all listeners, in the order in which they came.
  public void tell(E event) {
    settle.accept(event.cpu());
    for (Consumer<? super E> listener : listeners) {
      listener.accept(event);
    }
  }
}

package dev.crosspatch.core.event;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// The one place where a machine tells what happens on it: a [Channel] for each kind of [Event]. What retires is told
/// in batches, to the [RetireSink]s of each core, in order with the events of that core.
public final class Probe {
  public final Channel<Event.TextStored> textStores;
  public final Channel<Event.VersionExecuted> versions;
  public final Channel<Event.StaleExecution> staleExecutions;
  public final Channel<Event.MaintenanceBegun> maintenanceBegun;
  public final Channel<Event.MaintenanceCompleted> maintenanceCompleted;
  public final Channel<Event.BarrierExecuted> barriers;
  public final Channel<Event.ContextSynchronized> synchronizations;
  /// They are many: what retired is not handed to its sinks before.
  public final Channel<Event.LineMoved> lineMoves;
  public final Channel<Event.LineTaken> linesTaken;
  /// Nor before these.
  public final Channel<Event.SharedStored> sharedStores;
  /// Nor before these.
  public final Channel<Event.FenceExecuted> fences;
  public final Channel<Event.TranslationsDropped> translations;
  public final Channel<Event.InterruptSent> interruptsSent;
  public final Channel<Event.Diverted> diversions;
  public final Channel<Event.DeviceWritten> deviceWrites;

  private final List<Channel<? extends Event>> all;

  /// A probe that nobody listens to yet.
  ///
  /// @param settle hands what retired on a core so far to its sinks
  public Probe(IntConsumer settle) {
    textStores = new Channel<>(settle);
    versions = new Channel<>(settle);
    staleExecutions = new Channel<>(settle);
    maintenanceBegun = new Channel<>(settle);
    maintenanceCompleted = new Channel<>(settle);
    barriers = new Channel<>(settle);
    synchronizations = new Channel<>(settle);
    lineMoves = new Channel<>(cpu -> {});
    linesTaken = new Channel<>(cpu -> {});
    sharedStores = new Channel<>(cpu -> {});
    fences = new Channel<>(cpu -> {});
    translations = new Channel<>(settle);
    interruptsSent = new Channel<>(settle);
    diversions = new Channel<>(settle);
    deviceWrites = new Channel<>(settle);
    all = List.of(textStores, versions, staleExecutions, maintenanceBegun, maintenanceCompleted, barriers,
        synchronizations, lineMoves, linesTaken, sharedStores, fences, translations, interruptsSent, diversions,
        deviceWrites);
  }

  /// Tells `listener` of all events of all kinds.
  public void hearAll(Consumer<Event> listener) {
    all.forEach(channel -> channel.hear(listener));
  }
}

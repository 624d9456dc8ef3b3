package dev.crosspatch.core.time;

import dev.crosspatch.core.uop.CostClass;
import java.util.List;

/// What time things take on the cores of a machine, in [ClockUnit]s: the one place where executors, caches, fetch and
/// ISAs ask.
///
/// The model is additive: an instruction costs what its class does in the [TimingTable], whatever its neighbours are,
/// so a block costs the sum over its instructions. (That is what lets a decoded line keep sums over its instructions,
/// and the interpreter tell time once a block.) Events are added as they happen. Without time ([Grade#NONE]) every
/// instruction costs a cycle, and an event that stalls no more than the core itself nothing.
public final class TimingModel {
  /// What lies at least between two instructions of a pipeline: no core retires more than 16 a cycle.
  public static final int RETIRED_APART = ClockUnit.PER_CYCLE / 16;

  /// By what a core may learn of another: a refill of its L1 caches from wherever, an interrupt.
  private static final List<EventCost> MEETINGS = List.of(
      EventCost.L2_HIT, EventCost.L3_HIT, EventCost.MEMORY, EventCost.FETCH_L2_HIT, EventCost.FETCH_L3_HIT,
      EventCost.REMOTE_LINE, EventCost.REMOTE_LINE_SOCKET, EventCost.REMOTE_LINE_MACHINE,
      EventCost.IPI, EventCost.IPI_SOCKET, EventCost.IPI_MACHINE);

  private final TimingTable table;
  private final int[] events = new int[EventCost.values().length];
  private final int[] classes = new int[CostClass.values().length];
  private final int least;
  private final int lookahead;
  private final int clusterCores;
  private final int socketCores;

  /// @throws IllegalStateException naming table and row if an event is missing
  public TimingModel(TimingTable table, Grade grade) {
    this.table = table;
    clusterCores = table.count(Count.CLUSTER_CORES);
    socketCores = table.count(Count.SOCKET_CORES);
    int cheapest = Integer.MAX_VALUE;
    for (EventCost event : EventCost.values()) {
      events[event.ordinal()] = grade == Grade.NONE && event.isStall() ? 0 : table.cost(event);
    }
    for (CostClass c : CostClass.values()) {
      classes[c.ordinal()] = grade == Grade.NONE ? ClockUnit.PER_CYCLE : table.has(c) ? Math.max(1, table.cost(c)) : 0;
      cheapest = table.has(c) ? Math.min(cheapest, classes[c.ordinal()]) : cheapest;
    }
    least = grade == Grade.PIPELINE ? RETIRED_APART : cheapest;
    int nearest = MEETINGS.stream().mapToInt(this::cost).min().orElseThrow();
    lookahead = grade == Grade.PIPELINE ? 0 : nearest / ClockUnit.PER_CYCLE;
  }

  /// The figures it works with, and the clocks.
  public TimingTable table() {
    return table;
  }

  /// Cost of an instruction of this class: at least a unit, so that time goes on.
  public int cost(CostClass c) {
    int cost = classes[c.ordinal()];
    return cost != 0 ? cost : table.cost(c);
  }

  /// Cost of an event.
  public int cost(EventCost event) {
    return events[event.ordinal()];
  }

  /// Cost of a line that comes from a core so far away.
  public int transfer(Distance distance) {
    return cost(switch (distance) {
      case CLUSTER -> EventCost.REMOTE_LINE;
      case SOCKET -> EventCost.REMOTE_LINE_SOCKET;
      case MACHINE -> EventCost.REMOTE_LINE_MACHINE;
    });
  }

  /// How long an interrupt takes from one core to another.
  public int interrupt(int from, int to) {
    return cost(switch (distance(from, to)) {
      case CLUSTER -> EventCost.IPI;
      case SOCKET -> EventCost.IPI_SOCKET;
      case MACHINE -> EventCost.IPI_MACHINE;
    });
  }

  /// How far two cores are from each other.
  public Distance distance(int a, int b) {
    if (a / clusterCores == b / clusterCores) {
      return Distance.CLUSTER;
    }
    return a / socketCores == b / socketCores ? Distance.SOCKET : Distance.MACHINE;
  }

  /// Cycles within which nothing that a core does can reach another: the least that a line costs which may come from
  /// elsewhere, or an interrupt. 0 where such costs are not the core's own ([Grade#PIPELINE]), or nothing
  /// ([Grade#NONE]).
  public int lookahead() {
    return lookahead;
  }

  /// No instruction costs less.
  public int least() {
    return least;
  }
}

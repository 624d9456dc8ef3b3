package dev.crosspatch.sim.race;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.event.Event.Completed;
import dev.crosspatch.core.event.Event.FenceExecuted;
import dev.crosspatch.core.event.Event.Maintenance;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rules of B2.7.4.2 (DDI0487) that one event after the other makes plain.
final class PublicationTest {
  private static final int STORER = 0;
  private static final int OTHER = 1;
  private static final long ACKNOWLEDGED = 0x1000;
  private static final long DONE = 0x1040;

  private final Clocks clocks = new Clocks(2);
  private final Publication publication = new Publication(clocks, true, true, false);

  private void barrier(int cpu, Completed completed, boolean instructions) {
    publication.fence(new FenceExecuted(cpu, 0, true, instructions, completed));
  }

  private void maintain(int cpu, StoredLine line) {
    publication.begin(cpu, Maintenance.CLEAN, List.of(line));
    barrier(cpu, Completed.ALL, true);
    publication.begin(cpu, Maintenance.INVALIDATE, List.of(line));
    barrier(cpu, Completed.ALL, true);
  }

  /// A store that another CPU has read of and done the maintenance for is visible to all, so its own CPU needs no DSB
  /// for it before it synchronizes its context; but it has to have heard of that maintenance.
  @ParameterizedTest
  @CsvSource({"true, true, true", "true, false, false", "false, true, false"})
  void maintenanceByAnotherWhoSawTheStore(boolean acknowledges, boolean hears, boolean seen) {
    StoredLine line = new StoredLine(new byte[64], new ArrayList<>());
    TextWrite write = publication.store(STORER, 0, 0, new byte[4], new byte[] {1, 1, 1, 1});
    line.add(write);
    if (acknowledges) {
      clocks.store(STORER, ACKNOWLEDGED);
      clocks.load(OTHER, ACKNOWLEDGED, STORER);
    }
    maintain(OTHER, line);
    if (hears) {
      clocks.store(OTHER, DONE);
      clocks.load(STORER, DONE, OTHER);
    }
    publication.synchronize(STORER);
    clocks.synchronize(STORER);
    assertEquals(seen, publication.isSeen(write, STORER));
  }

  /// The CPU's own maintenance does not wait for a store that only a DMB is behind.
  @ParameterizedTest
  @CsvSource({"true, true", "false, false"})
  void ownMaintenance(boolean completes, boolean seen) {
    StoredLine line = new StoredLine(new byte[64], new ArrayList<>());
    TextWrite write = publication.store(STORER, 0, 0, new byte[4], new byte[] {1, 1, 1, 1});
    line.add(write);
    publication.begin(STORER, Maintenance.CLEAN, List.of(line));
    barrier(STORER, completes ? Completed.ALL : Completed.CLEANS, completes);
    publication.begin(STORER, Maintenance.INVALIDATE, List.of(line));
    barrier(STORER, Completed.ALL, true);
    publication.synchronize(STORER);
    clocks.synchronize(STORER);
    assertEquals(seen, publication.isSeen(write, STORER));
  }
}

package dev.crosspatch.core.mem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.time.TimingTable;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What accesses cost as lines move between caches, with the micro table: L2 14 cycles beyond a hit, memory 200,
/// another core's cache 60, fetch from L2 12.
final class CacheSystemTest {
  private static final int HIT = 0;
  private static final int L2 = 14;
  private static final int MEMORY = 200;
  private static final int REMOTE = 60;
  private static final int FETCH_L2 = 12;
  private static final int LINE = 77;
  /// Lines so far apart share a set of L1.
  private static final int SAME_SET = 64;
  private static final int WAYS = 8;

  private final PhysicalMemory memory = new PhysicalMemory(0, 4 << 20, false);
  private CacheSystem caches = system(true);

  private CacheSystem system(boolean writesBack) {
    return system(3, writesBack, Map.of());
  }

  /// @param rows of the table that are not as in micro
  private CacheSystem system(int cores, boolean writesBack, Map<String, String> rows) {
    TimingModel micro = new TimingModel(TimingTable.read("micro",
        name -> Objects.requireNonNull(getClass().getResourceAsStream("/dev/crosspatch/timing/" + name + ".tsv")))
        .with(rows), Grade.ADDITIVE);
    return new CacheSystem(cores, memory, new CodeSpace(memory, line -> { }), micro, writesBack,
        (line, from, to) -> { });
  }

  private int read(int core, int line) {
    return caches.cache(core).access(line, false) / ClockUnit.PER_CYCLE;
  }

  private int write(int core, int line) {
    return caches.cache(core).access(line, true) / ClockUnit.PER_CYCLE;
  }

  @Test
  void aLineComesFromMemoryOnceAndThenFromWhereItIs() {
    assertEquals(MEMORY, read(0, LINE));
    assertEquals(HIT, read(0, LINE));
    assertEquals(L2, read(1, LINE), "clean elsewhere: L2 has it");
    assertEquals(HIT, read(1, LINE));
    assertEquals(1, caches.cache(0).misses());
  }

  @Test
  void writesNeedTheLineAlone() {
    read(0, LINE);
    assertEquals(HIT, write(0, LINE), "nobody else has it");
    assertTrue(caches.cache(0).modified(LINE));
    assertEquals(REMOTE, read(1, LINE), "from the core that changed it");
    assertFalse(caches.cache(0).modified(LINE), "shared from now on");
    assertEquals(HIT, read(0, LINE));
    assertEquals(REMOTE, write(0, LINE), "the other copy is taken away");
    assertEquals(REMOTE, write(1, LINE));
    assertEquals(REMOTE, write(0, LINE), "lines bounce");
    assertEquals(HIT, write(0, LINE));
  }

  @Test
  void copiesOfSeveralCoresAreAllTakenAway() {
    read(0, LINE);
    read(1, LINE);
    read(2, LINE);
    assertEquals(REMOTE, write(2, LINE));
    assertEquals(REMOTE, read(0, LINE));
    assertEquals(L2, read(1, LINE), "written back when core 0 read it");
  }

  @Test
  void theLeastRecentlyUsedLineMakesRoom() {
    for (int i = 0; i < WAYS; i++) {
      assertEquals(MEMORY, read(0, LINE + i * SAME_SET));
    }
    assertEquals(HIT, read(0, LINE));
    assertEquals(MEMORY, read(0, LINE + WAYS * SAME_SET));
    assertEquals(HIT, read(0, LINE), "used since");
    assertEquals(L2, read(0, LINE + SAME_SET), "pushed out to L2");
  }

  @Test
  void instructionFetchFindsLinesInL2AndInOtherCaches() {
    assertEquals(FETCH_L2 + MEMORY, caches.fetch(0, LINE) / ClockUnit.PER_CYCLE);
    assertEquals(FETCH_L2, caches.fetch(0, LINE) / ClockUnit.PER_CYCLE);
    write(1, LINE);
    assertEquals(REMOTE, caches.fetch(0, LINE) / ClockUnit.PER_CYCLE);
    caches.clean(LINE);
    assertEquals(FETCH_L2, caches.fetch(0, LINE) / ClockUnit.PER_CYCLE);
  }

  @Test
  void aFlushedLineIsInNoCache() {
    write(0, LINE);
    write(1, LINE + 1);
    caches.flush(LINE);
    assertEquals(MEMORY, read(1, LINE));
    assertEquals(HIT, write(1, LINE + 1), "the next line is left alone");
    caches.flush(LINE + 2);
    assertEquals(MEMORY, read(0, LINE + 2), "a line that was nowhere");
  }

  @Test
  void emptyingACachesLeavesTheOthers() {
    for (int i = 0; i < 3 * SAME_SET; i++) {
      write(0, i);
    }
    read(1, LINE + 5 * SAME_SET);
    caches.flushAll(0);
    for (int i = 0; i < 3 * SAME_SET; i++) {
      assertEquals(MEMORY, read(0, i), "line " + i);
    }
    assertEquals(HIT, read(1, LINE + 5 * SAME_SET), "core 1 keeps what only it has");
  }

  @Test
  void setsAndWaysNameTheLinesHeld() {
    read(0, LINE);
    read(0, LINE + SAME_SET);
    int set = LINE % SAME_SET;
    assertEquals(LINE + SAME_SET, caches.lineAt(0, set, 0), "the last used comes first");
    assertEquals(LINE, caches.lineAt(0, set, 1));
    assertEquals(-1, caches.lineAt(0, set, 2));
    assertEquals(-1, caches.lineAt(1, set, 0), "another core's cache");
  }

  /// Two cores of a cluster with an L2 each and an L3, two clusters of a socket, two sockets.
  private void places() {
    caches = system(8, true, Map.of("L2", "16x1", "L2_CORES", "1", "L3", "1024x8", "L3_CORES", "2", "L3_HIT", "40",
        "FETCH_L3_HIT", "41", "CLUSTER_CORES", "2", "SOCKET_CORES", "4", "REMOTE_LINE_SOCKET", "90",
        "REMOTE_LINE_MACHINE", "150"));
  }

  @Test
  void linesComeFromFartherTheFartherTheOwnerIs() {
    places();
    write(0, LINE);
    assertEquals(REMOTE, write(1, LINE), "its cluster");
    assertEquals(90, write(2, LINE), "another cluster");
    assertEquals(90, read(1, LINE), "modified there");
    assertEquals(150, write(7, LINE), "another socket, which takes it from two");
    assertEquals(150, caches.fetch(0, LINE) / ClockUnit.PER_CYCLE, "for fetch, too");
    assertEquals(90, read(5, LINE), "its own socket");
    assertEquals(REMOTE, read(4, LINE), "shared: the nearest");
    assertEquals(150, write(6, LINE + 1) + write(0, LINE + 1) - MEMORY);
  }

  @Test
  void theThirdLevelTakesWhatTheSecondDrops() {
    places();
    assertEquals(MEMORY, read(0, LINE));
    for (int i = 1; i <= WAYS + 1; i++) {
      assertEquals(MEMORY, read(0, LINE + i * SAME_SET), "of one set of L1, and of L2, which has one way");
    }
    assertEquals(L2, read(0, LINE + SAME_SET), "dropped by L1 last");
    assertEquals(40, read(0, LINE), "dropped by both");
    assertEquals(41, caches.fetch(1, LINE + 9 * SAME_SET) / ClockUnit.PER_CYCLE, "shared by the cluster");
    assertEquals(90, read(2, LINE + 3 * SAME_SET), "another cluster has it");
    assertEquals(150, read(4, LINE + 4 * SAME_SET), "another socket has it");
    caches.flush(LINE + 5 * SAME_SET);
    assertEquals(MEMORY, read(0, LINE + 5 * SAME_SET), "flushed from all");
  }

  @Test
  void whoStoresToALineTakesItFromTheCachesOfOthers() {
    places();
    read(2, LINE);
    read(2, LINE + SAME_SET);
    write(0, LINE + SAME_SET);
    for (int i = 2; i < 2 + WAYS; i++) {
      read(0, LINE + i * SAME_SET);
    }
    assertEquals(90, read(3, LINE + SAME_SET), "not the old one of its own cluster's L3");
  }

  /// What refills of instruction caches see without CTR_EL0.IDC.
  @Test
  void changesReachThePointOfUnificationByCleaningOrEviction() {
    byte[] unification = memory.unification();
    int at = LINE << PhysicalMemory.LINE_SHIFT;
    write(0, LINE);
    memory.data()[at] = 7;
    assertEquals(0, unification[at]);
    caches.clean(LINE);
    assertEquals(7, unification[at], "cleaned");
    write(0, LINE);
    memory.data()[at] = 8;
    caches.flush(LINE);
    assertEquals(8, unification[at], "flushed");
    write(0, LINE);
    memory.data()[at] = 9;
    for (int i = 1; i <= WAYS; i++) {
      read(0, LINE + i * SAME_SET);
    }
    assertEquals(9, unification[at], "pushed out");
  }
}

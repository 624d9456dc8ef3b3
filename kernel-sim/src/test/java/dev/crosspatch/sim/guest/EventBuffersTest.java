package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.tracer.text.EventRoom;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The buffers of text events lose and tell what perf's would: `perf_output_begin` in Linux's
/// `kernel/events/ring_buffer.c`.
final class EventBuffersTest {
  private final List<String> told = new ArrayList<>();
  private final LabDevice.Listener listener = new LabDevice.Listener() {
    @Override
    public void poke(Poke poke) {
      told.add("poke " + poke.time());
    }

    @Override
    public void dropped(Poke poke) {
      told.add("dropped " + poke.time());
    }

    @Override
    public void lost(long time, int cpu, long count) {
      told.add("lost " + count + " of CPU " + cpu + " at " + time);
    }
  };

  private static Poke poke(long time, int cpu, int bytes) {
    return new Poke(time, cpu, 0x1000, new byte[bytes], new byte[bytes], "m", "s");
  }

  private List<String> told() {
    List<String> all = List.copyOf(told);
    told.clear();
    return all;
  }

  /// Header 8, address 8, two lengths of 2 with the bytes in multiples of 8, sample_id 32.
  @Test
  void anEventTakesTheRoomOfItsRecord() {
    assertEquals(64, EventRoom.of(poke(0, 0, 5)));
    assertEquals(64, EventRoom.of(poke(0, 0, 4)));
    assertEquals(56, EventRoom.of(poke(0, 0, 2)));
    assertEquals(8 + 8 + 4 + 4096 + 4 + 32, EventRoom.of(new Poke(0, 0, 0, new byte[0], new byte[4096], "", "")));
    assertEquals(56, EventRoom.LOST);
  }

  @Test
  void withoutALimitNothingIsLost() {
    EventBuffers buffers = new EventBuffers(Events.UNLIMITED, 1);
    for (int i = 0; i < 3; i++) {
      buffers.put(poke(i, 0, 1 << 20), listener);
    }
    buffers.end(new long[] {9}, listener);
    assertEquals(List.of("poke 0", "poke 1", "poke 2"), told());
  }

  /// Of 256 bytes 255 can be used: three records of 64, and not the fourth.
  @Test
  void whatFindsNoRoomIsToldWithTheNextThatDoes() {
    EventBuffers buffers = new EventBuffers(new Events(256, 128, 100), 2);
    for (int time = 1; time <= 5; time++) {
      buffers.put(poke(time, 0, 5), listener);
    }
    assertEquals(List.of("poke 1", "poke 2", "poke 3", "dropped 4", "dropped 5"), told());
    buffers.put(poke(6, 1, 5), listener);
    assertEquals(List.of("poke 6"), told(), "the other CPU has a buffer of its own");
    buffers.put(poke(100, 0, 5), listener);
    assertEquals(List.of("lost 2 of CPU 0 at 100", "poke 100"), told(), "64 + 56 + 64 bytes");
    buffers.put(poke(101, 0, 5), listener);
    assertEquals(List.of("poke 101"), told());
    buffers.end(new long[] {200, 200}, listener);
    assertEquals(List.of(), told());
  }

  /// Room for the event alone is not enough if a loss must be told before it.
  @Test
  void theRecordOfTheLossNeedsRoomToo() {
    EventBuffers buffers = new EventBuffers(new Events(184, 64, 10), 1);
    for (int time = 1; time <= 3; time++) {
      buffers.put(poke(time, 0, 5), listener);
    }
    assertEquals(List.of("poke 1", "poke 2", "dropped 3"), told(), "192 of 183 bytes");
    buffers.put(poke(11, 0, 5), listener);
    assertEquals(List.of("dropped 11"), told(), "64 bytes are used, and 120 more would fill it");
    buffers.put(poke(12, 0, 1), listener);
    assertEquals(List.of("lost 2 of CPU 0 at 12", "poke 12"), told(), "and 112 more do not");
  }

  @Test
  void whatIsNeverToldIsToldAtTheEnd() {
    EventBuffers buffers = new EventBuffers(new Events(128, 0, 1), 2);
    for (int time = 1; time <= 4; time++) {
      buffers.put(poke(time * 1000L, 1, 5), listener);
    }
    assertEquals(List.of("poke 1000", "dropped 2000", "dropped 3000", "dropped 4000"), told());
    buffers.end(new long[] {7000, 8000}, listener);
    assertEquals(List.of("lost 3 of CPU 1 at 8000"), told());
  }

  /// Its size has 16 bits.
  @Test
  void anEventThatNoRecordTakesIsLostInAnyBuffer() {
    EventBuffers buffers = new EventBuffers(new Events(1 << 20, 1 << 20, 1), 1);
    buffers.put(new Poke(1, 0, 0, new byte[0], new byte[65_476], "", ""), listener);
    buffers.put(new Poke(2, 0, 0, new byte[0], new byte[65_477], "", ""), listener);
    assertEquals(List.of("poke 1", "dropped 2"), told());
  }

  @Test
  void sizesHaveLimits() {
    assertThrows(IllegalArgumentException.class, () -> new Events(127, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Events(128, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Events(128, 1, 0));
  }
}

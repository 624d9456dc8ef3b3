package dev.crosspatch.sim.guest;

import dev.crosspatch.tracer.text.EventRoom;
import dev.crosspatch.tracer.text.Poke;

/// The per-CPU buffers of text events ([Events]), by the rules of perf's (`perf_output_begin` in Linux's
/// `kernel/events/ring_buffer.c`, without `overwrite`): an event takes the room of a PERF_RECORD_TEXT_POKE, and while
/// there is no room for it, it is lost and counted. The next for which there is room comes behind a PERF_RECORD_LOST
/// that tells the count, and both must fit. A buffer never gets quite full: of `n` bytes `n - 1` can be used.
///
/// The observer comes to every buffer at the same times, all multiples of [Events#drainEvery].
final class EventBuffers {
  private final Events setup;
  private final int[] used;
  private final long[] lost;
  /// When each was last looked at.
  private final long[] seen;

  EventBuffers(Events setup, int cpus) {
    this.setup = setup;
    used = new int[cpus];
    lost = new long[cpus];
    seen = new long[cpus];
  }

  /// Takes up an event if there is room for it, and tells `listener`, before it of what was lost.
  void put(Poke poke, LabDevice.Listener listener) {
    if (!setup.limited()) {
      listener.poke(poke);
      return;
    }
    int cpu = poke.cpu();
    drain(cpu, poke.time());
    int bytes = EventRoom.of(poke);
    int needed = bytes + (lost[cpu] > 0 ? EventRoom.LOST : 0);
    if (!EventRoom.isRecord(bytes) || used[cpu] + needed >= setup.bufferBytes()) {
      lost[cpu]++;
      listener.dropped(poke);
      return;
    }
    used[cpu] += needed;
    tell(cpu, poke.time(), listener);
    listener.poke(poke);
  }

  private void drain(int cpu, long now) {
    long visits = now / setup.drainEvery() - seen[cpu] / setup.drainEvery();
    seen[cpu] = now;
    if (setup.drainBytes() > 0 && visits > 0) {
      used[cpu] = visits > used[cpu] / setup.drainBytes() ? 0 : used[cpu] - (int) visits * setup.drainBytes();
    }
  }

  private void tell(int cpu, long now, LabDevice.Listener listener) {
    if (lost[cpu] > 0) {
      listener.lost(now, cpu, lost[cpu]);
      lost[cpu] = 0;
    }
  }

  /// The run is over: the observer learns what was lost since the last event, as perf does of an event's own count
  /// (`PERF_FORMAT_LOST`).
  ///
  /// @param now what each CPU's trace clock reads
  void end(long[] now, LabDevice.Listener listener) {
    for (int cpu = 0; cpu < now.length; cpu++) {
      tell(cpu, now[cpu], listener);
    }
  }
}

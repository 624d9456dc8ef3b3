package dev.crosspatch.tracer.text;

/// Text events that a CPU's buffer had no room for, as perf's PERF_RECORD_LOST tells it: how many, once there is room
/// again. Which they were nobody knows.
///
/// @param time  ticks of the trace clock: when there was room again, or the run was over
/// @param cpu   whose buffer
/// @param count how many events, at least 1
/// @param since time of the last event of that CPU before that the log has, or of the loss that it told last; 0 if
///              there is none
public record Loss(long time, int cpu, long count, long since) {

  @Override
  public String toString() {
    return String.format("%,d text %s of CPU %d lost between ticks %d and %d", count, count == 1 ? "event" : "events",
        cpu, since, time);
  }
}

package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextLog;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// The tracks of all CPUs, which go on together.
final class CpuTracks implements AutoCloseable {
  /// They are at most this many cycles apart.
  private static final int STRETCH = 1 << 12;

  private final Subject subject;
  private final TextLog versions;
  private final List<CpuTrack> tracks = new ArrayList<>();

  /// @param recorded violations of the run that have a record of their own
  CpuTracks(RunDirectory run, Image image, Subject subject, long recorded) {
    this.subject = subject;
    versions = run.text();
    BitSet arrows = Deliveries.within(run, subject.part());
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      tracks.add(new CpuTrack(run, image, subject, cpu, versions, arrows, recorded));
    }
  }

  /// Writes them.
  ///
  /// @param most stops before there are more events than these
  /// @return the first cycle that was not written for all of them
  long write(long most) {
    long end = subject.part().to();
    for (long at = advance(subject.part().from()); at < end;) {
      long next = advance(Math.min(end, at + STRETCH));
      if (subject.out().count() > most && at > subject.part().from()) {
        return at;
      }
      at = next;
    }
    tracks.forEach(CpuTrack::end);
    return end;
  }

  /// Goes on to a cycle, and returns it or, if nothing is there for a while, a later one.
  private long advance(long until) {
    long next = Long.MAX_VALUE;
    for (CpuTrack track : tracks) {
      next = Math.min(next, track.advance(until));
    }
    return Math.max(next, until);
  }

  /// When the last row of each happened that was read.
  List<Long> ends() {
    return tracks.stream().map(CpuTrack::time).toList();
  }

  @Override
  public void close() {
    tracks.forEach(CpuTrack::close);
    versions.close();
  }
}

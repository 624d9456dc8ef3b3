package dev.crosspatch.sim.perfetto;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.window.Patch;
import dev.crosspatch.sim.window.Sites;
import java.util.List;

/// The patched text: a track for each site with a slice for each patch, in it one for each of its steps; and how many
/// sites are between two texts, as a counter.
final class SiteTracks {
  private final Subject subject;
  private final TraceEvents out;

  SiteTracks(Subject subject) {
    this.subject = subject;
    out = subject.out();
  }

  /// Writes them.
  void write(RunDirectory run) {
    List<Long> addresses = subject.sites().addresses();
    for (int site = 0; site < addresses.size(); site++) {
      Track track = Track.ofSite(site, subject.symbols().name(addresses.get(site)));
      if (site == 0) {
        out.name(track, true, "patched text");
      }
      out.name(track, false, track.name());
      subject.sites().patches(site, patch -> patch(track, patch));
    }
    if (!addresses.isEmpty()) {
      progress(run);
    }
  }

  private void patch(Track track, Patch patch) {
    Cycles part = subject.part();
    long begin = patch.steps().getFirst().cycle();
    long end = patch.steps().getLast().cycle();
    if (begin >= part.to() || end < part.from()) {
      return;
    }
    out.begin(track, part.nearest(begin), "patch", Json.hex(patch.before()) + " -> " + Json.hex(patch.after()), g -> {
      g.writeNumberField("from", begin);
      g.writeNumberField("to", end);
      g.writeNumberField("cpu", patch.steps().getFirst().cpu());
      g.writeBooleanField("complete", patch.complete());
    });
    for (int i = 0; i + 1 < patch.steps().size(); i++) {
      Patch.Step step = patch.steps().get(i);
      long next = patch.steps().get(i + 1).cycle();
      if (next > part.from() && step.cycle() < part.to()) {
        out.begin(track, part.nearest(step.cycle()), "step", step.kind().label(), g -> {});
        out.end(track, part.nearest(next));
      }
    }
    out.end(track, part.nearest(end));
  }

  private void progress(RunDirectory run) {
    Track track = Track.ofProgress();
    Sites.Progress progress = subject.sites().new Progress();
    run.stores().forEach(store -> {
      int before = progress.count();
      progress.stored(store);
      if (progress.count() != before && subject.part().contains(store.cycle())) {
        out.counter(track, store.cycle(), "patches in progress", progress.count());
      }
      return true;
    });
  }
}

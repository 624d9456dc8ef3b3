package dev.crosspatch.tracer.export;

import dev.crosspatch.tracer.pt.PtConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/// `crosspatch export perf`: see [PerfBundle].
public final class PerfExporter implements TraceExporter {
  private static final int EM_X86_64 = 62;

  @Override
  public String name() {
    return "perf";
  }

  @Override
  public Set<String> protocols() {
    return Set.of("pt");
  }

  @Override
  public Set<Integer> machines() {
    return Set.of(EM_X86_64);
  }

  @Override
  public void write(Path out, TracedRun run) throws IOException {
    PerfBundle.write(out, new PerfBundle.Input(run.image(), run.pokes(), run.traces(), (PtConfig) run.config()));
  }
}

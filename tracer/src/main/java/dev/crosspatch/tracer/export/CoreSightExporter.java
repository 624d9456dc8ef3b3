package dev.crosspatch.tracer.export;

import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.export.CoreSightSnapshot.Form;
import dev.crosspatch.tracer.export.CoreSightSnapshot.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// `crosspatch export coresight`: see [CoreSightSnapshot]. ETMv4 traces come in frames, as through a CoreSight funnel;
/// ETE traces raw, as from trace buffer extensions.
public final class CoreSightExporter implements TraceExporter {
  private static final int EM_AARCH64 = 183;

  @Override
  public String name() {
    return "coresight";
  }

  @Override
  public Set<String> protocols() {
    return Set.of("etm", "ete");
  }

  @Override
  public Set<Integer> machines() {
    return Set.of(EM_AARCH64);
  }

  @Override
  public void write(Path out, TracedRun run) throws IOException {
    EtmConfig config = (EtmConfig) run.config();
    boolean ete = config.registers().ete();
    List<Source> sources = new ArrayList<>();
    for (int cpu = 0; cpu < run.traces().size(); cpu++) {
      sources.add(new Source(run.traces().get(cpu), config.registers(cpu)));
    }
    CoreSightSnapshot.write(out, new CoreSightSnapshot.Input(run.image(), sources, ete ? Form.RAW : Form.FRAMED));
  }
}

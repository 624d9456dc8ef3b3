package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.tests.scenario.FinishedRun;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.export.CoreSightSnapshot.Form;
import dev.crosspatch.tracer.export.CoreSightSnapshot.Source;
import dev.crosspatch.tracer.export.CoreSightSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// OpenCSD's lister decodes the snapshots that we export. It knows no pokes, so the run ends before the first.
class OpencsdSnapshotTest {
  private static final String SCENARIO = """
      isa: aarch64
      cpus: 2
      protocol: brk
      sites: [{count: 16}]
      flips: {total: 1, interval: 1000000}
      tick: 2000
      limits: {cycles: 25000}
      """;
  private static final Pattern RANGE =
      Pattern.compile("Idx:\\d+; ID:(\\w+); .*INSTR_RANGE\\(exec range=0x(\\w+):\\[0x(\\w+)].*");
  private static final int INSTRUCTION = 4;

  @TempDir Path dir = Path.of("");

  @ParameterizedTest
  @CsvSource({"etm, FRAMED", "etm, RAW", "ete, FRAMED", "ete, RAW"})
  void listerDecodesTheTruth(String protocol, Form form) throws IOException {
    String lister = Oracles.require("trc_pkt_lister", "libopencsd-bin").toString();
    Scenario scenario = ScenarioReader.parse("snapshot", "snapshot.yaml",
        SCENARIO + "trace: {protocol: " + protocol + "}\n");
    FinishedRun finished = FinishedRun.of(scenario, dir.resolve("run"));
    RunDirectory run = finished.directory();
    assertEquals(0, run.pokes().pokes().size());
    Path snapshot = dir.resolve("snapshot");
    List<Source> sources = sources(run);
    CoreSightSnapshot.write(snapshot, new CoreSightSnapshot.Input(run.image(), sources, form));
    for (int cpu = 0; cpu < sources.size(); cpu++) {
      String buffer = "BUF_" + (form == Form.RAW ? cpu : 0);
      List<String> listing = Oracles.run(List.of(lister, "-ss_dir", snapshot.toString(), "-src_name", buffer,
          "-decode_only", "-logstdout"));
      assertEquals(List.of(), listing.stream().filter(l -> l.contains("OCSD_ERR") || l.contains("ADDR_NACC")).toList());
      FlowComparison comparison = new FlowComparison(run.truth(cpu).instructionsOnly(), run.config()::cycles);
      tell(listing, sources.get(cpu).registers().traceId(), comparison);
      Flows.assertTruth(protocol + " " + form + " CPU " + cpu, finished.cpus().get(cpu), comparison);
    }
  }

  private static List<Source> sources(RunDirectory run) {
    EtmConfig config = (EtmConfig) run.config().trace();
    List<Source> sources = new ArrayList<>();
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      sources.add(new Source(run.trace(cpu), config.registers(cpu)));
    }
    return sources;
  }

  private static void tell(List<String> listing, int traceId, FlowComparison out) {
    for (String line : listing) {
      Matcher range = RANGE.matcher(line);
      if (range.matches() && Integer.parseInt(range.group(1), 16) == traceId) {
        for (long a = hex(range.group(2)); a != hex(range.group(3)); a += INSTRUCTION) {
          out.instruction(a);
        }
      }
    }
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word, 16);
  }
}

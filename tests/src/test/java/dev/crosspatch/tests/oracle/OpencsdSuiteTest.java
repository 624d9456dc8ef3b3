package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/// OpenCSD's own test suite: snapshots of real and modelled machines, decoded by its lister and by us. Every ETMv4 and
/// ETE source must give the same instructions, but those that stand with their reason in
/// `opencsd-snapshot-differences.tsv`. `./test` fetches the suite with Debian's source package;
/// `-Dcrosspatch.opencsd.snapshots=DIR` takes another directory with snapshots anywhere below.
class OpencsdSuiteTest {
  private static final Path SUITE =
      Path.of(System.getProperty("crosspatch.opencsd.snapshots", "target/suites/opencsd/decoder/tests"));
  private static final Path DIFFERENCES = Path.of("src", "test", "resources", "opencsd-snapshot-differences.tsv");
  private static final Pattern RANGE =
      Pattern.compile("Idx:\\d+; ID:(\\w+); .*INSTR_RANGE\\(exec range=0x(\\w+):\\[0x(\\w+)].*");
  private static final int INSTRUCTION = 4;

  /// The instructions of a flow.
  private static final class Told implements FlowListener {
    private long[] addresses = new long[1024];
    private int count;

    @Override
    public void instruction(long address) {
      if (count == addresses.length) {
        addresses = Arrays.copyOf(addresses, 2 * count);
      }
      addresses[count++] = address;
    }

    @Override
    public void diverted(long from, long to) {}

    @Override
    public void gap(long address, Gap reason, long time) {}

    @Override
    public void problem(Problem problem) {}

    /// Index of the first instruction that differs, or -1.
    int mismatch(Told other) {
      return Arrays.mismatch(addresses, 0, count, other.addresses, 0, other.count);
    }
  }

  @Test
  void sourcesAgree(TestReporter reporter) throws IOException {
    Assumptions.assumeTrue(Files.isDirectory(SUITE),
        () -> "skipped: OpenCSD's snapshots are missing here; Debian's source package libopencsd has them");
    Path lister = Oracles.require("trc_pkt_lister", "libopencsd-bin");
    Map<String, String> listed = listed();
    List<String> unexplained = new ArrayList<>();
    int agree = 0;
    int all = 0;
    for (Path dir : snapshots()) {
      for (SnapshotFiles.Source source : SnapshotFiles.sources(dir)) {
        Told ours = ours(source);
        Told theirs = theirs(lister, dir, source);
        int difference = ours.mismatch(theirs);
        all++;
        agree += difference < 0 ? 1 : 0;
        if (difference >= 0 && !listed.containsKey(dir.getFileName() + " " + source.name())) {
          unexplained.add("%s %s: the first %d instructions are the same, of ours %d, theirs %d"
              .formatted(dir.getFileName(), source.name(), difference, ours.count, theirs.count));
        }
      }
    }
    String counts = "OpenCSD's snapshots: %d of %d sources agree, %d listed".formatted(agree, all,
        all - agree - unexplained.size());
    System.out.println(counts);
    reporter.publishEntry(counts);
    assertEquals(List.of(), unexplained, counts);
  }

  private static List<Path> snapshots() throws IOException {
    try (Stream<Path> found = Files.walk(SUITE)) {
      return found.filter(p -> p.endsWith("snapshot.ini")).map(Path::getParent).sorted().toList();
    }
  }

  private static Told ours(SnapshotFiles.Source source) {
    Told told = new Told();
    TextTimeline text = new TextTimeline(new Arm64Isa(), source.text(), new PokeLog());
    new FlowDecoder(source.config(), text, told)
        .decode(source.config().reader(TraceSource.of(source.trace()), Set.of(Mode.CODE_64)));
    return told;
  }

  private static Told theirs(Path lister, Path dir, SnapshotFiles.Source source) {
    Told told = new Told();
    for (String line : Oracles.run(List.of(lister.toString(), "-ss_dir", dir.toString(), "-src_name", source.buffer(),
        "-decode_only", "-logstdout"))) {
      Matcher range = RANGE.matcher(line);
      if (range.matches() && Integer.parseInt(range.group(1), 16) == source.traceId()) {
        for (long a = hex(range.group(2)); a != hex(range.group(3)); a += INSTRUCTION) {
          told.instruction(a);
        }
      }
    }
    return told;
  }

  /// Snapshot and source, and why they differ.
  private static Map<String, String> listed() throws IOException {
    Map<String, String> result = new LinkedHashMap<>();
    for (String line : Files.readAllLines(DIFFERENCES)) {
      String[] cells = line.split("\t", 3);
      if (!line.isBlank() && !line.startsWith("#")) {
        for (String source : cells[1].split(",", -1)) {
          result.put(cells[0] + " " + source, cells[2]);
        }
      }
    }
    return result;
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word, 16);
  }
}

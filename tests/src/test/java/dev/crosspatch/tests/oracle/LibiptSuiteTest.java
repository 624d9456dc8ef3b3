package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The flow tests of libipt's own suite, where they can be had: `./test` takes them from Debian's source package,
/// `-Dcrosspatch.libipt=DIR` from a checkout's `test/src`. A test agrees if our decoder tells the instructions that
/// `ptxed` must tell, and has a problem if and only if it has. Those that do not are rows of
/// `libipt-suite-differences.tsv` with a reason; one that agrees nevertheless fails here, too.
class LibiptSuiteTest {
  private static final Path DIFFERENCES = Path.of("src", "test", "resources", "libipt-suite-differences.tsv");
  private static final Pattern FLOW_TEST = Pattern.compile("(?<!pttc)/test/src/[^/]+\\.ptt$");
  private static final Path UNPACKED = Path.of("target", "suites", "libipt");

  @TempDir private Path work;

  @Test
  void suite() throws IOException {
    List<Path> files = files();
    Path yasm = Oracles.require("yasm", "yasm");
    Map<String, String> differences = differences();
    Map<String, String> wrong = new TreeMap<>();
    int agree = 0;
    int listed = 0;
    for (Path path : files) {
      PttFile file = PttFile.read(path, yasm, work);
      if (file.expected().isEmpty()) {
        continue;
      }
      String difference = difference(file);
      agree += difference.isEmpty() ? 1 : 0;
      listed += difference.isEmpty() ? 0 : 1;
      if (difference.isEmpty() == differences.containsKey(file.name())) {
        wrong.put(file.name(), difference.isEmpty()
            ? "agrees, but is listed: " + differences.get(file.name()) : difference);
      }
    }
    System.out.printf("libipt's suite: %d of %d agree, %d listed%n", agree, agree + listed, listed);
    assertTrue(agree > 0, "no test with expected instructions in " + files.getFirst().getParent());
    assertEquals("", String.join("\n", wrong.entrySet().stream().map(e -> e.getKey() + "\t" + e.getValue()).toList()));
  }

  private static List<Path> files() throws IOException {
    Path dir = Path.of(System.getProperty("crosspatch.libipt", UNPACKED.toString()));
    Assumptions.assumeTrue(Files.isDirectory(dir),
        "skipped: libipt's test suite is missing here; Debian's source package intel-processor-trace has it");
    try (Stream<Path> walk = Files.walk(dir.toAbsolutePath())) {
      return walk.filter(f -> FLOW_TEST.matcher(f.toString()).find()).sorted().toList();
    }
  }

  private static Map<String, String> differences() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (String line : Files.readAllLines(DIFFERENCES)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        String[] row = line.split("\t", 2);
        rows.put(row[0], row[1]);
      }
    }
    return rows;
  }

  private static String difference(PttFile file) {
    Told told = new Told(new TextTimeline(new X86Isa(), file.image(), new PokeLog()));
    PtConfig config = PtConfig.of((name, otherwise) -> otherwise);
    new FlowDecoder(config, told.text, told)
        .decode(config.reader(TraceSource.of(PttTrace.bytes(file)), Set.of(Mode.CODE_64)));
    List<String> expected = file.instructions().stream().filter(told::retires).toList();
    if (file.count() >= 0 && file.count() != told.instructions().size()) {
      return "expected " + file.count() + " instructions, told " + told.instructions().size() + " " + told.problems();
    }
    if (file.listsInstructions() && !told.instructions().equals(expected)) {
      return "expected " + expected + ", told " + told.instructions() + " " + told.problems();
    }
    return told.problems().isEmpty() != file.fails() ? "" : file.fails()
        ? "an error is expected" : "no error is expected: " + told.problems();
  }

  /// What our decoder tells, in the way of `ptxed`, but for software interrupts: `ptxed` lists some of them ("this
  /// should really be: int 42", it says of the others), we tell none, as they do not retire.
  private static final class Told extends Flows.Recorder {
    final TextTimeline text;

    Told(TextTimeline text) {
      this.text = text;
    }

    boolean retires(String address) {
      Insn insn = text.at(Long.parseUnsignedLong(address, 16), Mode.CODE_64);
      return insn == null || insn.flow() != FlowClass.TRAP;
    }

    @Override
    public void problem(Problem problem) {
      if (problem.kind() == Problem.Kind.MISMATCH && text.at(problem.address(), Mode.CODE_64) != null) {
        instruction(problem.address()); // ptxed lists the branch that the trace contradicts, then its error
      }
      super.problem(problem);
    }
  }
}

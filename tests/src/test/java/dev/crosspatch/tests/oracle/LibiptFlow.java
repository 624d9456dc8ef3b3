package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.text.Poke;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// What libipt's instruction flow decoder makes of a trace: every instruction, every diversion, gaps and errors. libipt
/// knows no pokes; `iptflow.c` applies each to the text when libipt delivers the first event that is not before its
/// time.
final class LibiptFlow {
  /// What libipt says of packets younger than itself.
  static final String UNKNOWN_OPCODE = "unknown opcode";

  private final Path program;
  private final Path dir;
  private final PerfBundle.Input input;
  private final List<String> text = new ArrayList<>();

  /// Without libipt the calling test is skipped.
  ///
  /// @param dir for temporary files
  LibiptFlow(Path dir, PerfBundle.Input input) throws IOException {
    program = program();
    this.dir = dir;
    this.input = input;
    for (Section section : input.image().sections()) {
      if (section.access() == Section.Access.TEXT && section.bytes().length > 0) {
        Path file = Files.write(dir.resolve("text-" + text.size() + ".bin"), section.bytes());
        text.add(file + "@" + Long.toHexString(section.address()));
      }
    }
    Files.write(dir.resolve("pokes.txt"), input.pokes().pokes().stream().map(LibiptFlow::line).toList());
  }

  /// Builds the program, or skips the calling test.
  static Path program() {
    return Oracles.compile("iptflow", "intel-pt.h", "libipt-dev", "-lipt");
  }

  /// The library, e.g. `libipt 2.0.5`.
  static String version(Path dir) throws IOException {
    Path ptdump = Oracles.compile("ptdump", "intel-pt.h", "libipt-dev", "-lipt");
    return Oracles.run(List.of(ptdump.toString(), Files.createFile(dir.resolve("empty.pt")).toString())).getFirst();
  }

  private static String line(Poke poke) {
    return poke.time() + " " + Long.toHexString(poke.address()) + " " + HexFormat.of().formatHex(poke.after());
  }

  /// Tells `out` the flow of `cpu`.
  void decode(int cpu, FlowListener out) throws IOException {
    Path trace = Files.write(dir.resolve("cpu" + cpu + ".pt"), Flows.bytes(input.traces().get(cpu)));
    PtConfig config = input.config();
    List<String> command = new ArrayList<>(List.of(
        program.toString(), "-r", "" + config.nominalRatio(), "-m", "" + config.mtcPeriod(), "-x",
        config.ctcNumerator() + "/" + config.ctcDenominator(),
        "-p", dir.resolve("pokes.txt").toString(), trace.toString()));
    command.addAll(text);
    Oracles.stream(command, new FlowLines(out, "iptflow"));
  }
}

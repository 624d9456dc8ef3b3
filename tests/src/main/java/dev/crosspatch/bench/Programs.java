package dev.crosspatch.bench;

import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The programs of `programs/`, compiled for both ISAs, and what `crosspatch exec --stats` says of one.
final class Programs {
  private static final Path SOURCES = Path.of("programs");
  private static final Path BUILT = Path.of("tests", "target", "programs");
  private static final List<String> FLAGS = List.of("-O2", "-static", "-ffp-contract=off");

  /// Argument of each program: some fifty million instructions, of which those of `blocks` move blocks.
  private static final Map<String, Integer> ROUNDS = new TreeMap<>(Map.ofEntries(Map.entry("blocks", 1500),
      Map.entry("core", 250), Map.entry("records", 200_000), Map.entry("sha256", 512), Map.entry("sort", 40_000),
      Map.entry("strings", 10_000), Map.entry("matrix", 80), Map.entry("calls", 100_000), Map.entry("floats", 20_000),
      Map.entry("longdouble", 100), Map.entry("vectors", 1300), Map.entry("mmx", 1300)));

  private static final Pattern STATISTIC = Pattern.compile("(?m)^(instructions|IPC|MIPS) +([\\d,.]+)$");

  private final Path sources;
  private final Path directory;

  /// @param root of the repository
  Programs(Path root) throws IOException {
    sources = root.resolve(SOURCES);
    directory = Files.createDirectories(root.resolve(BUILT).toAbsolutePath());
  }

  /// Their names, in order.
  static List<String> names() {
    return List.copyOf(ROUNDS.keySet());
  }

  /// Argument of a program that is to run so many percent of its usual time.
  static String rounds(String name, int percent) {
    return String.valueOf(Math.max(1, (long) Objects.requireNonNull(ROUNDS.get(name)) * percent / 100));
  }

  /// Where they are built, and run.
  Path directory() {
    return directory;
  }

  /// Compilers that are here; says which are not.
  ///
  /// @param by who says so
  static List<Compiler> compilers(String by) {
    List<Compiler> here = new ArrayList<>();
    for (Compiler compiler : Compiler.values()) {
      if (Compiler.find(compiler.command()).isEmpty()) {
        System.err.println(by + ": no " + compiler.command() + " (Debian package " + compiler.debianPackage()
            + "): no rows of " + compiler.isa());
      } else {
        here.add(compiler);
      }
    }
    return here;
  }

  Path compiled(String name, Compiler compiler) throws IOException, InterruptedException {
    Path program = directory.resolve(name + "." + compiler.isa());
    Timed compiled = Timed.run(directory, compiler.compile(sources.resolve(name + ".c"), program, FLAGS,
        List.of("-lm")));
    if (compiled.status() != 0) {
      throw new BadInput(compiler.command() + ": " + compiled.error().lines().findFirst().orElse("failed"));
    }
    return program;
  }

  /// What a run says of itself at its end; NaN if it does not.
  ///
  /// @param name `instructions`, `IPC` or `MIPS`
  static double statistic(Timed run, String name) {
    Matcher line = STATISTIC.matcher(run.error());
    while (line.find()) {
      if (line.group(1).equals(name)) {
        return Double.parseDouble(line.group(2).replace(",", ""));
      }
    }
    return Double.NaN;
  }
}

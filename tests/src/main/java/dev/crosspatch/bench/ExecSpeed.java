package dev.crosspatch.bench;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.cli.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The programs of `programs/` under `crosspatch exec`, each run a process of its own as users start it, beside the
/// host itself and QEMU's user mode, which also translates one instruction at a time: seconds, medians of runs in
/// turns, and ratios of these.
public final class ExecSpeed {
  private static final String USAGE = "usage: exec [--runs N] [--percent N] [PROGRAM...]";
  private static final int RUNS = 3;
  private static final int PERCENT = 100;

  private final List<String> crosspatch;
  private final int runs;
  private final int percent;
  private final Programs programs;
  private final Path directory;

  /// @param root       of the repository
  /// @param crosspatch the command
  private ExecSpeed(Path root, List<String> crosspatch, int runs, int percent) throws IOException {
    programs = new Programs(root);
    this.crosspatch = crosspatch;
    this.runs = runs;
    this.percent = percent;
    directory = programs.directory();
  }

  /// Who runs a program.
  private enum Runner { EXEC, NATIVE, QEMU, ONE }

  public static void main(String[] args) throws IOException, InterruptedException {
    int status = execute(Path.of(""), List.of(System.getProperty("crosspatch.bench.command", "./crosspatch")), args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Prints the table. Returns the exit status: 1 if somebody prints something else than others, 2 if the arguments are
  /// not understood or nothing can be measured, and says why.
  ///
  /// @param root       of the repository
  /// @param crosspatch the command
  static int execute(Path root, List<String> crosspatch, String... args) throws IOException, InterruptedException {
    try {
      Options options = Options.read(args, List.of("--runs", "--percent"), USAGE);
      for (String name : options.rest()) {
        if (!Programs.names().contains(name)) {
          throw new BadInput("'" + name + "' is none of the programs: " + String.join(", ", Programs.names()));
        }
      }
      List<String> names = options.rest().isEmpty() ? Programs.names() : options.rest();
      return new ExecSpeed(root, crosspatch, options.number("--runs", RUNS, 1000),
          options.number("--percent", PERCENT, 100_000)).table(names) ? 0 : 1;
    } catch (BadInput e) {
      System.err.println("exec: " + e.getMessage());
      return 2;
    }
  }

  private boolean table(List<String> names) throws IOException, InterruptedException {
    List<Compiler> compilers = compilers();
    System.out.println("seconds of whole processes, of processor time in brackets; MIPS of the process, of the run in "
        + "it; ratios of seconds");
    System.out.printf(ROW, "program", "ISA", "instructions", "exec", "MIPS", "run", "native", "QEMU", "one by one",
        "exec/native", "exec/QEMU", "exec/one by one");
    boolean same = true;
    try (Progress progress = new Progress()) {
      for (String name : names) {
        for (Compiler compiler : compilers) {
          same &= row(name, compiler, progress);
        }
      }
    }
    return same;
  }

  /// Those that are here; says which are not, and what is missing besides.
  private static List<Compiler> compilers() {
    List<Compiler> here = Programs.compilers("exec");
    for (Compiler compiler : here) {
      if (Compiler.find(compiler.qemu()).isEmpty()) {
        System.err.println("exec: no " + compiler.qemu() + " (Debian package " + Compiler.QEMU_PACKAGE
            + "): not beside rows of " + compiler.isa());
      }
    }
    if (here.isEmpty()) {
      throw new BadInput("no compiler");
    }
    return here;
  }

  private boolean row(String name, Compiler compiler, Progress progress) throws IOException, InterruptedException {
    Path program = programs.compiled(name, compiler);
    String rounds = Programs.rounds(name, percent);
    Map<Runner, List<String>> commands = commands(compiler);
    Map<Runner, List<Timed>> took = new EnumMap<>(Runner.class);
    for (int i = 0; i < runs; i++) {
      for (Map.Entry<Runner, List<String>> by : commands.entrySet()) {
        progress.show(name + ", " + compiler.isa() + ", run " + (i + 1) + " of " + runs);
        List<String> command = new ArrayList<>(by.getValue());
        command.addAll(List.of(program.toString(), rounds));
        took.computeIfAbsent(by.getKey(), k -> new ArrayList<>()).add(Timed.run(directory, command));
      }
    }
    progress.clear();
    if (!same(name + ", " + compiler.isa(), took)) {
      return false;
    }
    print(name, compiler, took);
    return true;
  }

  /// Whether all have printed the same; says who has not.
  private static boolean same(String what, Map<Runner, List<Timed>> took) {
    Timed first = Objects.requireNonNull(took.get(Runner.EXEC)).getFirst();
    boolean same = true;
    for (Map.Entry<Runner, List<Timed>> by : took.entrySet()) {
      for (Timed run : by.getValue()) {
        if (run.status() != 0 || !run.output().equals(first.output())) {
          System.err.println("exec: " + what + ", " + by.getKey() + ": exit status " + run.status() + ", prints '"
              + run.output().strip() + "', exec '" + first.output().strip() + "' " + run.error().strip());
          same = false;
        }
      }
    }
    return same;
  }

  private Map<Runner, List<String>> commands(Compiler compiler) throws IOException, InterruptedException {
    Map<Runner, List<String>> commands = new EnumMap<>(Runner.class);
    List<String> exec = new ArrayList<>(crosspatch);
    exec.addAll(List.of("exec", "--stats"));
    commands.put(Runner.EXEC, exec);
    if (compiler.isNative()) {
      commands.put(Runner.NATIVE, List.of());
    }
    if (Compiler.find(compiler.qemu()).isPresent()) {
      commands.put(Runner.QEMU, List.of(compiler.qemu()));
      // as it is called since QEMU 8.1
      boolean isNew = Timed.run(directory, List.of(compiler.qemu(), "-h")).output().contains("-one-insn-per-tb");
      commands.put(Runner.ONE, List.of(compiler.qemu(), isNew ? "-one-insn-per-tb" : "-singlestep"));
    }
    return commands;
  }

  // ---- what stands in a row

  private static final String ROW = "%-10s %-8s %13s  %-16s %6s %6s  %-14s %-14s %-14s %11s %10s %16s%n";

  private static void print(String name, Compiler compiler, Map<Runner, List<Timed>> took) {
    List<Timed> exec = Objects.requireNonNull(took.get(Runner.EXEC));
    double instructions = Programs.statistic(exec.getFirst(), "instructions");
    System.out.printf(ROW, name, compiler.isa(), String.format("%,.0f", instructions), seconds(exec),
        String.format("%.1f", instructions / median(exec, Timed::seconds) / 1e6),
        String.format("%.1f", median(exec, run -> Programs.statistic(run, "MIPS"))),
        seconds(took.get(Runner.NATIVE)), seconds(took.get(Runner.QEMU)), seconds(took.get(Runner.ONE)),
        ratio(exec, took.get(Runner.NATIVE)), ratio(exec, took.get(Runner.QEMU)), ratio(exec, took.get(Runner.ONE)));
  }

  private static double median(List<Timed> runs, ToDoubleFunction<Timed> what) {
    return Spread.of(runs.stream().mapToDouble(what).toArray()).median();
  }

  private static String seconds(@Nullable List<Timed> runs) {
    return runs == null ? "-" : String.format("%.3f (%.3f)", median(runs, Timed::seconds),
        median(runs, Timed::processor));
  }

  private static String ratio(List<Timed> ours, @Nullable List<Timed> theirs) {
    return theirs == null ? "-" : String.format("%.1f", median(ours, Timed::seconds) / median(theirs, Timed::seconds));
  }
}

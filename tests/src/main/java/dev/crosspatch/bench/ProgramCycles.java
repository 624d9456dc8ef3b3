package dev.crosspatch.bench;

import dev.crosspatch.core.time.Grade;
import dev.crosspatch.sim.cli.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Instructions per cycle that presets tell of whole programs, in both grades that tell time.
final class ProgramCycles {
  /// Some two million instructions.
  private static final int PERCENT = 4;

  private ProgramCycles() {}

  /// Prints a row for each program and preset.
  ///
  /// @param crosspatch the command
  /// @param presets    one of each ISA, by its compiler's order
  static void print(Path root, List<String> crosspatch, List<String> presets)
      throws IOException, InterruptedException {
    Programs programs = new Programs(root);
    List<Compiler> here = Programs.compilers("time");
    try (Progress progress = new Progress()) {
      for (Compiler compiler : here) {
        String preset = presets.get(compiler.ordinal());
        for (String name : Programs.names()) {
          Path program = programs.compiled(name, compiler);
          StringBuilder row = new StringBuilder();
          double instructions = 0;
          for (Grade grade : List.of(Grade.ADDITIVE, Grade.PIPELINE)) {
            progress.show(name + ", " + preset);
            List<String> command = new ArrayList<>(crosspatch);
            command.addAll(List.of("exec", "--stats", "--preset", preset, "--time", word(grade), program.toString(),
                Programs.rounds(name, PERCENT)));
            Timed run = Timed.run(programs.directory(), command);
            instructions = Programs.statistic(run, "instructions");
            row.append(String.format(" %s %.2f", word(grade), Programs.statistic(run, "IPC")));
          }
          progress.clear();
          System.out.printf("%-62s instructions %,.0f, IPC:%s%n", preset + " " + name, instructions, row);
        }
      }
    }
  }

  private static String word(Grade grade) {
    return grade.name().toLowerCase(Locale.ROOT);
  }
}

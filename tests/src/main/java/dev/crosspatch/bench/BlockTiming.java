package dev.crosspatch.bench;

import dev.crosspatch.bench.BlockFile.Block;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// How far the cycles that presets tell of straight-line blocks are from measured ones; `docs/timing.md` says what the
/// columns are.
public final class BlockTiming {
  private static final String USAGE = "usage: time [--data DIR] [--ablation] | [--time GRADE] [--set ROW=FIGURE]... "
      + "[--blocks] --preset P FILE";
  /// Where measured blocks lie, if nobody says.
  private static final Path DATA = Path.of("..", "shared", "data");

  /// A file of blocks that some core's cycles were measured of.
  private record Measured(String preset, String file) {}

  private static final List<Measured> ALL =
      List.of(new Measured("zen4", "zen4-blocks.csv"), new Measured("cortex-a72", "a72-sequences.tsv"));

  /// Parts of the pipeline that can be left out: what they are, and what row leaves them out.
  private static final Map<String, Map<String, String>> PARTS = parts("waiting for registers", "DEPENDENCES", "ports",
      "PORTS", "waiting for recent stores", "MEMORY", "memory renaming", "RENAMES", "steps of stores that leave",
      "COMMIT", "eliminated copies and zero idioms", "ELIMINATION", "the stack engine", "STACK_ENGINE",
      "bits of quotients", "QUOTIENT");

  private BlockTiming() {}

  private static Map<String, Map<String, String>> parts(String... names) {
    Map<String, Map<String, String>> parts = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i += 2) {
      parts.put(names[i], Map.of(TimingTable.PIPELINE + names[i + 1], "0"));
    }
    return parts;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int status = execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Prints what is asked for. Returns the exit status: 2 if that is not understood, and says why.
  static int execute(String... args) throws IOException, InterruptedException {
    try {
      new Request(args).run();
      return 0;
    } catch (BadInput e) {
      System.err.println("time: " + e.getMessage());
      return 2;
    }
  }

  /// What is asked for.
  private static final class Request {
    private String preset = "";
    private Grade time = Grade.PIPELINE;
    private Path data = DATA;
    private boolean each;
    private boolean ablation;
    private final Map<String, String> rows = new TreeMap<>();
    private final List<Path> files = new ArrayList<>();

    Request(String... args) {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--preset" -> preset = value(args, ++i);
          case "--time" -> time = grade(value(args, ++i));
          case "--data" -> data = Path.of(value(args, ++i));
          case "--blocks" -> each = true;
          case "--ablation" -> ablation = true;
          case "--set" -> set(value(args, ++i));
          default -> {
            if (args[i].startsWith("-")) {
              throw new BadInput("'" + args[i] + "' is no option; " + USAGE);
            }
            files.add(Path.of(args[i]));
          }
        }
      }
      if (preset.isEmpty() ? !files.isEmpty() || !rows.isEmpty() : files.size() != 1 || ablation) {
        throw new BadInput("a preset and a file go together; " + USAGE);
      }
    }

    private static String value(String[] args, int i) {
      if (i >= args.length) {
        throw new BadInput("'" + args[i - 1] + "' needs a value; " + USAGE);
      }
      return args[i];
    }

    private void set(String text) {
      int at = text.indexOf('=');
      if (at < 1) {
        throw new BadInput("--set: '" + text + "' is not ROW=FIGURE; " + USAGE);
      }
      rows.put(TimingTable.row(text.substring(0, at)), text.substring(at + 1));
    }

    private static Grade grade(String text) {
      for (Grade grade : Grade.values()) {
        if (name(grade).equals(text)) {
          return grade;
        }
      }
      throw new BadInput("'" + text + "' is none of "
          + String.join(", ", Arrays.stream(Grade.values()).map(Request::name).toList()));
    }

    private static String name(Grade grade) {
      return grade.name().toLowerCase(Locale.ROOT);
    }

    private static Isa isa(String preset) {
      List<String> all = new ArrayList<>();
      for (Isa isa : Plugins.isas().stream().map(Plugins::isa).toList()) {
        if (isa.userMode() != null) {
          if (isa.presets().contains(preset)) {
            return isa;
          }
          all.addAll(isa.presets());
        }
      }
      throw new BadInput("preset '" + preset + "' is none of " + String.join(", ", all));
    }

    void run() throws IOException, InterruptedException {
      if (preset.isEmpty()) {
        for (Measured one : ALL) {
          Path file = data.resolve(one.file);
          if (!Files.exists(file)) {
            throw new BadInput(file + ": it is not there; " + USAGE);
          }
          if (ablation) {
            ablation(one.preset, file);
          } else {
            table(one.preset, file);
          }
        }
        if (!ablation) {
          ProgramCycles.print(Path.of(""), List.of(System.getProperty("crosspatch.bench.command", "./crosspatch")),
              ALL.stream().map(Measured::preset).toList());
        }
        return;
      }
      Isa isa = isa(preset);
      List<Block> blocks = BlockFile.read(files.getFirst(), isa);
      double[] measured = measured(blocks);
      double[] predicted = predicted(isa, preset, time, rows, blocks);
      if (each) {
        for (int i = 0; i < measured.length; i++) {
          System.out.printf(Locale.ROOT, "%d %.3f %.3f%n", i, measured[i], predicted[i]);
        }
      }
      System.out.println(Accuracy.of(measured, predicted));
    }

    private static double[] measured(List<Block> blocks) {
      return blocks.stream().mapToDouble(Block::cycles).toArray();
    }

    private static double[] predicted(
        Isa isa, String preset, Grade time, Map<String, String> rows, List<Block> blocks) {
      BlockMachine machine;
      try {
        machine = new BlockMachine(isa, preset, time, rows);
      } catch (IllegalArgumentException e) {
        throw new BadInput("--set: " + e.getMessage());
      }
      return blocks.stream().mapToDouble(b -> machine.cycles(b.code()) / b.copies()).toArray();
    }

    /// Every predictor, each on the half by which parameters were chosen and on the other.
    private static void table(String preset, Path file) throws IOException {
      Isa isa = isa(preset);
      List<Block> blocks = BlockFile.read(file, isa);
      double[] measured = measured(blocks);
      for (Grade grade : List.of(Grade.ADDITIVE, Grade.PIPELINE)) {
        rows(preset + " " + name(grade), blocks, measured, predicted(isa, preset, grade, Map.of(), blocks));
      }
      double[] counts = blocks.stream()
          .mapToDouble(b -> (double) BlockMachine.instructions(isa.forPreset(preset), b.code()) / b.copies()).toArray();
      rows(preset + " instructions x constant", blocks, measured, scaled(counts, measured));
      rows(preset + " constant", blocks, measured, scaled(Arrays.stream(measured).map(m -> 1).toArray(), measured));
      McaPeer mca = McaPeer.of(isa, preset);
      if (mca != null) {
        rows(preset + " " + mca.name(), blocks, measured, mca.cycles(blocks));
      } else {
        System.err.println("time: no llvm-mca is installed that knows " + preset);
      }
    }

    /// The pipeline whole, and without each of its parts.
    private static void ablation(String preset, Path file) throws IOException {
      Isa isa = isa(preset);
      List<Block> blocks = BlockFile.read(file, isa);
      double[] measured = measured(blocks);
      rows(preset + " pipeline", blocks, measured, predicted(isa, preset, Grade.PIPELINE, Map.of(), blocks));
      for (var part : PARTS.entrySet()) {
        rows(preset + " without " + part.getKey(), blocks, measured,
            predicted(isa, preset, Grade.PIPELINE, part.getValue(), blocks));
      }
    }

    /// Counts times the constant of least mean error, which makes one of the blocks exact.
    private static double[] scaled(double[] counts, double[] measured) {
      double[] best = counts;
      for (int i = 0; i < counts.length; i++) {
        double each = measured[i] / counts[i];
        double[] tried = Arrays.stream(counts).map(c -> c * each).toArray();
        best = Accuracy.error(measured, tried) < Accuracy.error(measured, best) ? tried : best;
      }
      return best;
    }

    private static void rows(String name, List<Block> blocks, double[] measured, double[] predicted) {
      row(name + ", fitted half", measured, predicted, half(blocks, true));
      row(name + ", other half", measured, predicted, half(blocks, false));
    }

    private static void row(String name, double[] measured, double[] predicted, int[] which) {
      System.out.printf("%-62s %s%n", name, Accuracy.of(
          Arrays.stream(which).mapToDouble(i -> measured[i]).toArray(),
          Arrays.stream(which).mapToDouble(i -> predicted[i]).toArray()));
    }

    /// Blocks by the parity of a hash of their bytes.
    private static int[] half(List<Block> blocks, boolean fitted) {
      return IntStream.range(0, blocks.size())
          .filter(i -> (Integer.bitCount(Arrays.hashCode(blocks.get(i).code())) & 1) == 0 == fitted).toArray();
    }
  }
}

package dev.crosspatch.bench;

import dev.crosspatch.bench.BlockFile.Block;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.Listing;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// LLVM's machine code analyzer, where it is installed: cycles of a block as the difference between two numbers of
/// iterations.
final class McaPeer {
  private static final Pattern CYCLES = Pattern.compile("Total Cycles: +(\\d+)");
  private static final List<String> NAMES = List.of("llvm-mca-19", "llvm-mca-18", "llvm-mca-17", "llvm-mca");
  private static final int FEW = 100;
  private static final int MANY = 200;
  /// LLVM's names of presets.
  private static final Map<String, String> CPUS = Map.of("zen4", "znver4", "skylake", "skylake", "cortex-a72",
      "cortex-a72", "neoverse-n1", "neoverse-n1");

  private final String program;
  private final String cpu;
  private final Isa isa;

  private McaPeer(String program, String cpu, Isa isa) {
    this.program = program;
    this.cpu = cpu;
    this.isa = isa;
  }

  /// The peer for a preset, or null: none is installed, or it does not know the core.
  static @Nullable McaPeer of(Isa isa, String preset) {
    String cpu = CPUS.get(preset);
    String program = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable).map(Path::toString).findFirst().orElse(null);
    return cpu == null || program == null ? null : new McaPeer(program, cpu, isa);
  }

  /// What it is called, and the core it takes.
  String name() {
    return Path.of(program).getFileName() + " " + cpu;
  }

  /// Cycles of each block, NaN where it takes none.
  double[] cycles(List<Block> blocks) throws IOException {
    double[] all = new double[blocks.size()];
    Arrays.fill(all, Double.NaN);
    part(blocks, all, 0, blocks.size());
    return all;
  }

  /// One text for many blocks; where a block of it is refused, halves of it.
  private void part(List<Block> blocks, double[] into, int from, int to) throws IOException {
    StringBuilder text = new StringBuilder(isa.coherentFetch() ? ".intel_syntax noprefix\n" : "");
    for (int i = from; i < to; i++) {
      text.append("# LLVM-MCA-BEGIN\n");
      source(blocks.get(i).code(), text);
      text.append("# LLVM-MCA-END\n");
    }
    double[] few = run(text.toString(), FEW, to - from);
    double[] many = few.length == 0 ? few : run(text.toString(), MANY, to - from);
    if (many.length > 0) {
      for (int i = from; i < to; i++) {
        into[i] = (many[i - from] - few[i - from]) / (MANY - FEW) / blocks.get(i).copies();
      }
    } else if (to - from > 1) {
      int half = (from + to) / 2;
      part(blocks, into, from, half);
      part(blocks, into, half, to);
    }
  }

  private void source(byte[] code, StringBuilder out) {
    Listing listing = new Listing(isa);
    for (int at = 0; at < code.length; ) {
      Disassembler.Line line = listing.disassemble(code, at, at);
      out.append(line.text()).append('\n');
      at += Math.max(1, line.length());
    }
  }

  /// Cycles of each region; none if the text is refused.
  private double[] run(String text, int iterations, int regions) throws IOException {
    Process process = new ProcessBuilder(program, "-mtriple=" + (isa.coherentFetch() ? "x86_64" : "aarch64") + "-linux",
        "-mcpu=" + cpu, "-iterations=" + iterations, "-").redirectError(ProcessBuilder.Redirect.DISCARD).start();
    Thread writer = Thread.ofVirtual().start(() -> write(process, text));
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      writer.join();
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Matcher cycles = CYCLES.matcher(output);
    double[] found = cycles.results().mapToDouble(m -> Double.parseDouble(m.group(1))).toArray();
    return found.length == regions ? found : new double[0];
  }

  private static void write(Process process, String text) {
    try (var out = process.getOutputStream()) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // it has ended, and what it said tells that it refused
    }
  }
}

package dev.crosspatch.sim.cli;

import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Listing;
import dev.crosspatch.sim.linux.ElfProgram;
import dev.crosspatch.sim.linux.Execution;
import dev.crosspatch.sim.linux.StateLines;
import dev.crosspatch.sim.linux.Tracing;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs a program.
@Command(
    name = "exec",
    description = {
      "Runs a static ELF program for Linux on an emulated machine, in user mode; its system calls are answered by the "
          + "host. Options stand before the program, what follows it is the program's.",
      "Exit status: the program's, 128 and the number of a signal that ended it; 2 bad input, a program that cannot "
          + "run here, or one that was cut off by a limit; 3 an internal error."
    },
    mixinStandardHelpOptions = true)
final class ExecCommand implements Callable<Integer> {
  private static final int MOST_FILE = 1 << 28;
  /// Options that states take.
  private static final List<String> FOR_STATES = List.of("--stdin", "--preset");
  private static final int MIB = 1 << 20;
  private static final List<String> SIGNALS = List.of("", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE",
      "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM");

  @Parameters(index = "0", arity = "0..1", paramLabel = "PROGRAM.elf",
      description = "A static program, also static-PIE.")
  private @Nullable Path program;

  @Parameters(index = "1..*", paramLabel = "ARGS", description = "Arguments of the program.")
  private List<String> arguments = List.of();

  @Option(names = "--cpus", paramLabel = "N", description = "CPUs (default: ${DEFAULT-VALUE}).")
  private int cpus = 1;

  @Option(names = "--preset", paramLabel = "NAME", completionCandidates = Arguments.UserPresets.class,
      description = "The core, one of those of the program's instruction set (default: its first): "
          + "${COMPLETION-CANDIDATES}.")
  private @Nullable String preset;

  @Option(names = "--time", paramLabel = "GRADE",
      description = "How closely time is told: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Grade time = Grade.ADDITIVE;

  @Option(names = "--memory", paramLabel = "MIB", description = "RAM in MiB (default: ${DEFAULT-VALUE}).")
  private int memory = 256;

  @Option(names = "--seed", paramLabel = "N",
      description = "Seed of what the program gets as random, and of what manuals leave open "
          + "(default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(names = "--max-insns", paramLabel = "N",
      description = "The program is cut off after so many instructions of all CPUs.")
  private long most = Long.MAX_VALUE;

  @Option(names = "--root", paramLabel = "DIR",
      description = "What the program sees as its file system; without it there are no files.")
  private @Nullable Path root;

  @Option(names = "--writable", description = "The program may change files below --root.")
  private boolean writable;

  @Option(names = "--env", paramLabel = "NAME=VALUE",
      description = "A variable of its environment, which is else empty.")
  private List<String> environment = List.of();

  @Option(names = "--stats", description = "Say at the end, on standard error, what it took.")
  private boolean statistics;

  @Option(names = "--trace", paramLabel = "DIR",
      description = "Trace user mode on every CPU as hardware would, write the traces to this directory, decode them "
          + "and compare them with what ran. A trace that does not tell it gives exit status 1.")
  private @Nullable Path trace;

  @Option(names = "--trace-protocol", paramLabel = "NAME",
      description = "One of those that trace the program's instruction set (default: its first).")
  private @Nullable String protocol;

  @Option(names = "--flow",
      description = "With --trace: also write truth/cpuN.flow and decoded/cpuN.flow, one line per instruction.")
  private boolean flow;

  @Option(names = "--stdin",
      description = "No program: states as lines of JSON on standard input, and what becomes of each on standard "
          + "output (docs/exec.md).")
  private boolean states;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (states) {
      return answerStates();
    }
    Path file = Arguments.present(program, "PROGRAM.elf");
    if (file.toString().isEmpty()) {
      throw new BadInput("PROGRAM.elf: '' is no file");
    }
    environment.forEach(ExecCommand::checkVariable);
    if (trace != null) {
      checkNamed("--trace", trace);
    }
    ElfProgram elf = ElfProgram.read(Inputs.bytes(file, MOST_FILE), file.toString());
    if (trace == null && (flow || protocol != null)) {
      throw new BadInput((flow ? "--flow" : "--trace-protocol") + ": nothing is traced without --trace");
    }
    PrintWriter err = Arguments.present(spec, "command").commandLine().getErr();
    List<OutputStream> outputs = StandardOutput.forProgram();
    Execution execution = new Execution(
        new Execution.Request(elf, file.toString(), arguments, environment, config(elf.isa()), folder(), writable),
        new Execution.Streams(StandardOutput.inputForProgram(), outputs.getFirst(), outputs.getLast(),
            what -> err.println("crosspatch: " + what)));
    Execution.Outcome outcome;
    boolean exact = true;
    if (trace == null) {
      outcome = run(execution, err);
    } else {
      try (Tracing tracing = new Tracing(trace, execution,
          protocol == null ? elf.isa().tracedBy().getFirst() : protocol)) {
        outcome = run(execution, err);
        exact = judge(tracing, err);
      }
    }
    if (outcome.death() != null) {
      err.println("crosspatch: " + file + ": " + death(outcome.death(), elf.isa()));
    }
    if (!exact) {
      return Main.NOT_AS_EXPECTED;
    }
    if (outcome.status() == null) {
      throw new BadInput(file + ": cut off: " + outcome.result().reason());
    }
    return outcome.status();
  }

  private int answerStates() throws IOException {
    if (program != null) {
      throw new BadInput("--stdin: takes no program: " + program);
    }
    for (CommandLine.Model.OptionSpec option : Arguments.present(spec, "command").commandLine().getParseResult()
        .matchedOptions()) {
      if (!FOR_STATES.contains(option.longestName())) {
        throw new BadInput(option.longestName() + ": is not for --stdin, which takes --preset alone");
      }
    }
    new StateLines(preset).answer(System.in, new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    return Main.AS_EXPECTED;
  }

  private static void checkVariable(String text) {
    if (text.indexOf('=') < 1) {
      throw new BadInput("--env: '" + text + "' is no NAME=VALUE");
    }
  }

  private static void checkNamed(String option, Path path) {
    if (path.toString().isEmpty()) {
      throw new BadInput(option + ": '' is no directory");
    }
  }

  private Execution.Outcome run(Execution execution, PrintWriter err) {
    long start = System.nanoTime();
    Execution.Outcome outcome = execution.run(most);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (statistics) {
      statistics(outcome, seconds, err);
    }
    return outcome;
  }

  private boolean judge(Tracing tracing, PrintWriter err) {
    List<Tracing.Judgement> all = tracing.judge(flow, Main.VERSION);
    for (Tracing.Judgement cpu : all) {
      err.printf(Locale.ROOT, "CPU %d: %,d instructions in user mode, %,d decoded, %,d bytes of trace%s%n", cpu.cpu(),
          cpu.executed(), cpu.decoded(), cpu.bytes(), cpu.difference().isEmpty() ? "" : "; " + cpu.difference());
    }
    boolean exact = all.stream().allMatch(Tracing.Judgement::exact);
    err.println(exact ? "decode: exact, the trace tells every instruction" : "decode: the trace cannot tell");
    err.println("verdict: " + (exact ? "PASS" : "FAIL"));
    return exact;
  }

  private static String death(Execution.Death death, Isa isa) {
    String name = death.signal() < SIGNALS.size() ? "SIG" + SIGNALS.get(death.signal()) : "";
    String text = death.why() != null ? death.why() : death.text().length == 0 ? "nothing there may be read"
        : new Listing(isa).disassemble(death.text(), 0, death.pc()).text() + " (" + Json.hex(death.text()) + ")";
    return String.format("ended by signal %d %s at 0x%x: %s", death.signal(), name, death.pc(), text);
  }

  private MachineConfig config(Isa isa) {
    if (memory < 4 || memory > 1024) {
      throw new BadInput("--memory: " + memory + " is not within 4..1024");
    }
    if (most < 0) {
      throw new BadInput("--max-insns: " + most + " is negative");
    }
    try {
      return new MachineConfig(isa, cpus, preset == null ? isa.presets().getFirst() : preset,
          MachineConfig.Staleness.TYPICAL, isa.coherentFetch(), isa.coherentFetch(), (memory + 1 & ~1) * MIB, seed)
          .withTime(time);
    } catch (IllegalArgumentException e) {
      throw new BadInput("--" + e.getMessage());
    }
  }

  private @Nullable Path folder() {
    if (root == null) {
      if (writable) {
        throw new BadInput("--writable: there are no files without --root");
      }
      return null;
    }
    checkNamed("--root", root);
    try {
      Path real = root.toRealPath();
      if (!Files.isDirectory(real)) {
        throw new BadInput("--root: " + root + " is no directory");
      }
      return real;
    } catch (IOException e) {
      throw new BadInput("--root: " + root + " is not there");
    }
  }

  private static void statistics(Execution.Outcome outcome, double seconds, PrintWriter err) {
    List<Counters> all = outcome.cpus();
    long instructions = outcome.result().retired();
    long cycles = outcome.result().cycles();
    long busy = sum(all, Counters::cycles);
    err.printf(Locale.ROOT, "instructions       %,d%n", instructions);
    err.printf(Locale.ROOT, "cycles             %,d%n", cycles);
    err.printf(Locale.ROOT, "IPC                %.2f%n", busy == 0 ? 0 : (double) instructions / busy);
    err.printf(Locale.ROOT, "traps              %,d%n", outcome.traps());
    err.printf(Locale.ROOT, "L1I line misses    %,d%n", sum(all, Counters::icacheMisses));
    err.printf(Locale.ROOT, "L1D misses         %,d%n", sum(all, Counters::dcacheMisses));
    err.printf(Locale.ROOT, "TLB misses         %,d%n", sum(all, Counters::tlbMisses));
    err.printf(Locale.ROOT, "mispredictions     %,d%n", sum(all, Counters::mispredicts));
    err.printf(Locale.ROOT, "host seconds       %.2f%n", seconds);
    err.printf(Locale.ROOT, "MIPS               %.1f%n", instructions / seconds / 1e6);
    err.flush();
  }

  private static long sum(List<Counters> all, ToLongFunction<Counters> what) {
    return all.stream().mapToLong(what).sum();
  }
}

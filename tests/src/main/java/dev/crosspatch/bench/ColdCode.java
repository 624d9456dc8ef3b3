package dev.crosspatch.bench;

import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.CodeSpace;
import dev.crosspatch.core.mem.DecodedLine;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.linux.ElfProgram;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Instructions per microsecond of processor time that a machine makes blocks of when it meets their code for the first
/// time: lines fetched, instructions decoded, micro-ops unpacked and chained, those that straddle lines joined. The
/// code is the text of programs, from its first byte to its last.
public final class ColdCode {
  private static final String USAGE = "usage: coldcode [--warm-up N] [--passes N] [PROGRAM.elf...]";
  private static final Path SUITES = Path.of("tests", "target", "suites");
  private static final int MOST_FILE = 1 << 28;
  private static final int RAM = 64 << 20;
  private static final int PASSES = 15;
  private static final int WARM_UP = 40;

  private final Uncore machine;
  private final int bytes;
  private final DecodedLine.Decoder decoder;

  /// Of the text of a program.
  private ColdCode(Isa isa, byte[] text) {
    machine = new LabBoard().assemble(new MachineConfig(isa, 1, isa.presets().getFirst(),
        MachineConfig.Staleness.TYPICAL, isa.coherentFetch(), isa.coherentFetch(), RAM, 1)).machine().core(0).machine;
    bytes = text.length;
    machine.memory().load(0, text);
    decoder = new DecodedLine.Decoder(machine.traits().decoder(), machine.timing(), new UopBuffer(), null);
  }

  public static void main(String[] args) {
    int status = execute(Path.of(""), args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Prints the figures. Returns the exit status: 2 if the arguments or a program are not understood, and says why.
  ///
  /// @param root of the repository
  static int execute(Path root, String... args) {
    try {
      Options options = Options.read(args, List.of("--warm-up", "--passes"), USAGE);
      int warmUp = options.number("--warm-up", WARM_UP, 1000);
      int passes = options.number("--passes", PASSES, 1000);
      List<Path> programs = options.rest().isEmpty() ? usual(root.resolve(SUITES))
          : options.rest().stream().map(Path::of).toList();
      System.out.printf("%-46s %-8s %12s %7s  %-12s %7s  %s%n", "program", "ISA", "instructions", "per us",
          "range", "first", "garbage");
      for (Path program : programs) {
        measure(program, warmUp, passes);
      }
    } catch (BadInput e) {
      System.err.println("coldcode: " + e.getMessage());
      return 2;
    }
    return 0;
  }

  /// Debian's busybox for each instruction set, which `./test` fetches.
  private static List<Path> usual(Path suites) {
    List<Path> all = Arrays.stream(Compiler.values())
        .map(compiler -> suites.resolve("programs-" + compiler.architecture()).resolve("bin").resolve("busybox"))
        .toList();
    List<Path> found = all.stream().filter(Files::isReadable).toList();
    if (found.isEmpty()) {
      throw new BadInput("no " + all.getFirst() + ", which ./test fetches; name a static program");
    }
    return found;
  }

  private static void measure(Path file, int warmUp, int passes) {
    byte[] elf = Inputs.bytes(file, MOST_FILE);
    Isa isa = ElfProgram.read(elf, file.toString()).isa();
    Section text = Elf64.read(elf).section(".text")
        .filter(section -> section.bytes().length < RAM - PhysicalMemory.LINE)
        .orElseThrow(() -> new BadInput(file + ": no section .text of less than " + RAM + " bytes"));
    ColdCode code = new ColdCode(isa, text.bytes());
    double[] speed = new double[warmUp + passes];
    long instructions = 0;
    long collected = 0;
    long began = 0;
    for (int i = 0; i < speed.length; i++) {
      if (i == warmUp) {
        collected = collecting();
        began = System.nanoTime();
      }
      long start = processorTime();
      instructions = code.pass();
      double micros = (processorTime() - start) / 1e3;
      speed[i] = instructions / micros;
    }
    double garbage = 1e8 * (collecting() - collected) / (System.nanoTime() - began);
    Spread spread = Spread.of(Arrays.copyOfRange(speed, warmUp, speed.length));
    System.out.printf("%-46s %-8s %,12d %7.2f  %-12s %7.2f %6.0f %%%n", file, isa.name(), instructions,
        spread.median(), String.format("%.2f..%.2f", spread.min(), spread.max()), speed[0], garbage);
  }

  /// Of this thread, in nanoseconds: a busy host makes less of a difference to it than to the time of day.
  private static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /// Milliseconds that the JVM has collected garbage for.
  private static long collecting() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
  }

  /// Meets all of it for the first time; returns how many instructions there are.
  private long pass() {
    CodeSpace space = new CodeSpace(machine.memory(), line -> {});
    long instructions = 0;
    int at = 0;
    while (at < bytes) {
      int number = at >> PhysicalMemory.LINE_SHIFT;
      CodeLine line = space.current(number);
      DecodedLine decoded = line.in(Mode.CODE_64);
      int offset = at & PhysicalMemory.LINE - 1;
      Instruction met = decoded.decode(offset, decoder);
      if (met == Instruction.STRADDLES) {
        met = Objects.requireNonNull(decoded.join(offset, space.current(number + 1), decoder).straddling());
      }
      at += met.length();
      instructions++;
    }
    return instructions;
  }
}

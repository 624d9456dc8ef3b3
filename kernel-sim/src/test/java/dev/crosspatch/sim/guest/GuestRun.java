package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/// A guest kernel that ran to its end on a machine.
///
/// @param isa     instruction set
/// @param config  of the kernel
/// @param image   before the run
/// @param machine after it
/// @param lab     how it ended
/// @param reports what the kernel told
/// @param result  how the machine stopped
record GuestRun(
    Isa isa, GuestConfig config, Image image, Machine machine, LabDevice lab, Reports reports, RunResult result) {
  /// Far beyond what any test needs: a kernel that runs into it has lost its way.
  private static final long CYCLES = 400_000_000;

  private static final Map<String, Assembler> ASSEMBLERS = new LinkedHashMap<>();

  /// All that was reported.
  static final class Reports implements LabDevice.Listener, SpanLog.Listener {
    private final List<Poke> pokes = new ArrayList<>();
    private final Map<Span, Integer> begun = new EnumMap<>(Span.class);
    private final Map<Span, Integer> ended = new EnumMap<>(Span.class);
    private final Map<Span, Long> cycles = new EnumMap<>(Span.class);
    private final List<StaleExecution> stale = new ArrayList<>();

    @Override
    public void poke(Poke poke) {
      pokes.add(poke);
    }

    @Override
    public void begun(Span span, long cycle) {
      begun.merge(span, 1, Integer::sum);
    }

    @Override
    public void ended(Span span, long begin, long end) {
      ended.merge(span, 1, Integer::sum);
      cycles.merge(span, end - begin, Long::sum);
    }

    /// Cycles of all such spans together.
    long cycles(Span span) {
      return cycles.getOrDefault(span, 0L);
    }
  }

  List<Poke> pokes() {
    return reports.pokes;
  }

  List<StaleExecution> stale() {
    return reports.stale;
  }

  static Isa isa(String protocol) {
    return named(Keys.protocol(protocol).isa());
  }

  private static Isa named(String name) {
    for (Isa isa : ServiceLoader.load(Isa.class)) {
      if (isa.name().equals(name)) {
        return isa;
      }
    }
    throw new IllegalStateException("no ISA " + name);
  }

  /// One assembler per ISA: opening Keystone takes longer than a kernel.
  static Assembler assembler(Isa isa) {
    return ASSEMBLERS.computeIfAbsent(isa.name(), name -> {
      for (AssemblerProvider provider : ServiceLoader.load(AssemblerProvider.class)) {
        if (provider.supports(name)) {
          return provider.assembler(name);
        }
      }
      throw new IllegalStateException("no assembler for " + name);
    });
  }

  static GuestRun of(GuestConfig config) {
    return of(config, Staleness.TYPICAL, true);
  }

  static GuestRun of(GuestConfig config, Staleness staleness, boolean coherent) {
    Isa isa = named(config.patching().protocol().isa());
    return of(isa, config, GuestKernel.build(isa, assembler(isa), config), staleness, coherent);
  }

  /// Runs an image that need not be what the kernel's builder made.
  static GuestRun of(Isa isa, GuestConfig config, Image image, Staleness staleness, boolean coherent) {
    Platform platform = new LabBoard().assemble(new MachineConfig(
        isa, config.work().cpus(), isa.presets().getFirst(), staleness, coherent, coherent,
        GuestLayout.ramBytes(config), 1));
    Machine machine = platform.machine();
    Reports reports = new Reports();
    machine.probe().staleExecutions.hear(reports.stale::add);
    LabDevice lab = new LabDevice(platform, config, reports);
    platform.boot(image);
    for (int cpu : config.patching().cpus()) {
      machine.attach(cpu, new SpanLog(functions(config, image), reports));
    }
    RunResult result = machine.run(RunLimits.ofCycles(CYCLES));
    machine.end();
    return new GuestRun(isa, config, image, machine, lab, reports, result);
  }

  private static Map<Span, List<Long>> functions(GuestConfig config, Image image) {
    Map<Span, List<Long>> functions = new EnumMap<>(Span.class);
    config.spans()
        .forEach((span, names) -> functions.put(span, names.stream().map(image::address).toList()));
    return functions;
  }

  Section text() {
    return image.section(".text").orElseThrow();
  }

  /// The image's text with all reported pokes applied.
  byte[] expectedText() {
    byte[] bytes = text().bytes().clone();
    for (Poke poke : pokes()) {
      System.arraycopy(poke.after(), 0, bytes, (int) (poke.address() - text().address()), poke.after().length);
    }
    return bytes;
  }

  /// The text in RAM. Both boot loaders put the image at the begin of RAM or at an offset of whole 2 MiB; found by its
  /// first bytes.
  byte[] textInRam() {
    int at = textAt();
    return Arrays.copyOfRange(machine.memory().data(), at, at + text().bytes().length);
  }

  /// Where the text lies in RAM.
  int textAt() {
    byte[] ram = machine.memory().data();
    byte[] text = text().bytes();
    for (int at = 0; at + text.length <= ram.length; at += 2 << 20) {
      if (Arrays.equals(ram, at, at + 64, text, 0, 64)) {
        return at;
      }
    }
    throw new IllegalStateException("no text in RAM");
  }

  /// How many spans there were, all of which ended.
  long spans(Span span) {
    int begun = reports.begun.getOrDefault(span, 0);
    assertEquals(begun, reports.ended.getOrDefault(span, 0));
    return begun;
  }
}

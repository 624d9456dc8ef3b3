package dev.crosspatch.sim.run;

import dev.crosspatch.core.image.Elf64;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.image.Section;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.LabDevice;
import dev.crosspatch.sim.guest.Outcome;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.tracer.export.KernelFiles;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// One run of a scenario: boots the guest kernel, lets it patch itself under trace, and keeps what it leaves.
public final class Run {
  /// Cycles between two reports of progress.
  private static final long SLICE = 2_000_000;

  private final Scenario scenario;
  private final Image image;
  private final Machine machine;
  private final LabDevice lab;
  private final TextStores stores = new TextStores();
  private final List<CpuRecord> cpus = new ArrayList<>();
  private final List<BystanderLog> bystanders = new ArrayList<>();
  private double hostSeconds;
  private RunResult result;

  /// Boots the machine of `scenario`; [#execute] runs it.
  ///
  /// @throws BadInput if its kernel is larger than the room there is
  public Run(Scenario scenario) {
    this.scenario = scenario;
    image = kernel(scenario);
    machine = new Machine(scenario.machine());
    lab = new LabDevice(machine.cpus());
    machine.bus().attach(LabDevice.BASE, LabDevice.SIZE, lab);
    Isa isa = scenario.machine().isa();
    isa.boot(machine, image);
    watchText(isa);
    TraceProtocol protocol = Plugins.protocol(scenario.trace().protocol());
    Map<String, Long> options = RunConfig.traceOptions(scenario, machine.timing());
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CpuRecord record = new CpuRecord(new TruthLog(), protocol.unit(isa, cpu, options, bytes::write), bytes);
      cpus.add(record);
      machine.attach(cpu, record);
      BystanderLog bystander = new BystanderLog(image.address("answer_call"));
      bystanders.add(bystander);
      if (cpu != scenario.guest().patchingCpu()) {
        machine.attach(cpu, bystander);
      }
    }
    result = new RunResult(RunResult.End.CYCLE_LIMIT, "not started", 0, 0);
  }

  private static Image kernel(Scenario scenario) {
    try {
      return Kernels.get(scenario.machine().isa(), scenario.guest());
    } catch (IllegalArgumentException e) {
      throw new BadInput(scenario.name() + ": no kernel can be built for it: " + e.getMessage());
    }
  }

  private void watchText(Isa isa) {
    Section text = image.section(".text").orElseThrow();
    long link = isa.kernelBase() - isa.imageBase();
    machine.watch(
        text.address() - link, text.bytes().length, (cpu, cycle, pa, bytes, value) -> stores.add(cpu, cycle, pa + link, bytes, value));
  }

  /// Runs to the end, telling `progress` now and then how far it is.
  public Run execute(Consumer<RunResult> progress) {
    long start = System.nanoTime();
    RunLimits limits = scenario.limits();
    long until = 0;
    do {
      until = Math.min(limits.cycles(), until + SLICE);
      result = machine.run(new RunLimits(until, limits.retired(), limits.slack()));
      progress.accept(result);
    } while (result.end() == RunResult.End.CYCLE_LIMIT && until < limits.cycles());
    machine.end();
    hostSeconds = (System.nanoTime() - start) / 1e9;
    return this;
  }

  /// Writes image, traces, pokes and truth.
  public void write(OutputDirectory out) {
    String protocol = scenario.trace().protocol();
    int machineNumber = scenario.machine().isa().elfMachine();
    out.write(RunFiles.IMAGE, Elf64.write(image, machineNumber));
    KernelFiles.of(image, machineNumber).forEach((name, content) -> out.write(RunFiles.IMAGES + name, content));
    try {
      pokes().write(out.file(RunFiles.POKES));
    } catch (IOException e) {
      throw out.failure(RunFiles.POKES, e);
    }
    out.write(RunFiles.STORES, stores.bytes());
    out.write(RunFiles.STALE, StaleLog.write(machine.staleExecutions()));
    for (int cpu = 0; cpu < cpus.size(); cpu++) {
      out.write(RunFiles.trace(cpu, protocol), cpus.get(cpu).bytes().toByteArray());
      out.write(RunFiles.truth(cpu), cpus.get(cpu).truth().bytes());
    }
  }

  /// The pokes that the guest reported.
  public PokeLog pokes() {
    PokeLog log = new PokeLog();
    lab.pokes().forEach(log::add);
    return log;
  }

  /// Whether the guest kernel came to its own good end.
  public boolean endedWell() {
    return lab.outcome() instanceof Outcome.Exited exit && exit.code() == 0;
  }

  /// How the guest ended, or why the machine stopped without it.
  public String ending() {
    return lab.outcome() instanceof Outcome.Running ? result.reason() : lab.outcome().text();
  }

  public Scenario scenario() {
    return scenario;
  }

  public Image image() {
    return image;
  }

  public Machine machine() {
    return machine;
  }

  public LabDevice lab() {
    return lab;
  }

  /// What patching took from the CPUs that did not patch.
  StolenCycles stolen() {
    return new StolenCycles(lab.marks(), bystanders);
  }

  /// The trace of a CPU.
  public byte[] traceBytes(int cpu) {
    return cpus.get(cpu).bytes().toByteArray();
  }

  /// The trace unit of a CPU.
  public dev.crosspatch.tracer.flow.TraceUnit trace(int cpu) {
    return cpus.get(cpu).trace();
  }

  /// Host time of the guest run.
  public double hostSeconds() {
    return hostSeconds;
  }
}

package dev.crosspatch.core.cpu;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.mem.CacheSystem;
import dev.crosspatch.core.mem.CodeSpace;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.pipeline.PipelineTable;
import dev.crosspatch.core.time.TimingModel;
import org.jspecify.annotations.Nullable;

/// The machine around a core, as the core sees it: memory, the other cores, devices, time.
public interface Uncore {

  /// What all cores have in common.
  CoreTraits traits();

  /// What things cost.
  TimingModel timing();

  /// What the cores' pipelines are made of, if time is told by a model of them.
  @Nullable PipelineTable pipeline();

  /// RAM.
  PhysicalMemory memory();

  /// Versions of code lines.
  CodeSpace code();

  /// Data caches.
  CacheSystem caches();

  /// Where to tell what happens.
  Probe probe();

  /// Whom to ask where the manual leaves a choice.
  Choices choices();

  int cpus();

  Core core(int id);

  /// A core reads `1 << width` bytes of a device.
  long readDevice(Core core, long pa, int width);

  /// A core writes them.
  void writeDevice(Core core, long pa, int width, long value);

  /// A core reads `1 << width` bytes of a port, where the ISA has a space of them (x86); all ones if nothing answers.
  long readPort(Core core, int port, int width);

  /// A core writes them.
  void writePort(Core core, int port, int width, long value);

  /// Sends an event to a core: [Core#event] is called there once its clock reaches `clock`.
  void post(int core, long clock, int kind, long value);

  /// Forgets the events of this kind posted to a core and not yet delivered (a timer reprogrammed).
  void cancel(int core, int kind);

  /// A core's next turn may have moved.
  void touch(int core);

  /// The latest time at which a core other than `core` may have done what concerns it where they meet, in
  /// [dev.crosspatch.core.time.ClockUnit]s.
  long front(int core, Meeting where);

  /// A core has done at `clock` what others can see.
  void reached(int core, long clock);

  /// Ends the run after the current instruction; `reason` is for people.
  void stop(String reason);

  /// A core stored to a watched line.
  void storedToWatched(Core core, long pa, int bytes, long value);

  /// A core stored to a line that has moved between cores.
  void storedToShared(Core core, long pa);

  /// A store of `writer` to a monitored line: the other cores' monitors on it fall.
  void breakMonitors(int line, Core writer);

  /// A monitor on `line` was cleared.
  void unwatch(int line);

  /// A store made a fetched line differ from memory.
  void superseded(int line);

  /// The page at `pa` may be executed: from now on an adversarial core may have fetched any line of it ahead.
  void executable(long pa);
}

package dev.crosspatch.sim.perfetto;

/// A line of the picture, a thread of the format: what is on it comes in order of time, and slices on it nest.
final class Track {
  /// The machine as a process; its threads are CPUs.
  static final int MACHINE = 1;
  /// The patched text as a process; its threads are sites.
  static final int TEXT = 2;

  // Numbers of threads. Perfetto takes thread 0 for the one that has its process's number.
  private static final int CPUS = 100;
  private static final int TRACES = 200;
  private static final int DEVICES = 300;
  private static final int POKES = 301;
  private static final int SITES = 1000;

  private final int process;
  private final int thread;
  private final String name;
  private long latest;

  private Track(int process, int thread, String name) {
    this.process = process;
    this.thread = thread;
    this.name = name;
  }

  /// What a CPU does.
  static Track ofCpu(int cpu) {
    return new Track(MACHINE, CPUS + cpu, "CPU " + cpu);
  }

  /// What the trace of a CPU cannot tell.
  static Track ofTrace(int cpu) {
    return new Track(MACHINE, TRACES + cpu, "trace of CPU " + cpu);
  }

  /// What devices do to text.
  static Track ofDevices() {
    return new Track(MACHINE, DEVICES, "devices");
  }

  /// What the poke log contradicts.
  static Track ofPokeLog() {
    return new Track(MACHINE, POKES, "poke log");
  }

  /// What is counted over all sites.
  static Track ofProgress() {
    return new Track(TEXT, SITES - 1, "");
  }

  /// What happens to a site, by its number.
  static Track ofSite(int number, String name) {
    return new Track(TEXT, SITES + number, name);
  }

  int process() {
    return process;
  }

  int thread() {
    return thread;
  }

  String name() {
    return name;
  }

  /// Time of the next thing on it, in nanoseconds: what is told late, as times of the truth may be, comes with what was
  /// told before.
  long time(long nanoseconds) {
    latest = Math.max(latest, nanoseconds);
    return latest;
  }
}

package dev.crosspatch.sim.run;

/// Names of the files of a finished directory, relative to it. `docs/formats.md` describes each.
public final class RunFiles {
  private RunFiles() {}

  public static final String SUMMARY = "summary.json";
  public static final String REPORT = "report.html";
  public static final String IMAGE = "image/vmlinux";
  /// Where [dev.crosspatch.tracer.export.KernelFiles] go.
  public static final String IMAGES = "image/";
  public static final String POKES = "pokes.jsonl";
  public static final String STALE = "truth/stale.jsonl";
  public static final String STORES = "truth/stores.log";

  /// Raw trace of a CPU.
  public static String trace(int cpu, String protocol) {
    return "trace/cpu" + cpu + (protocol.equals("pt") ? ".pt" : ".etm");
  }

  /// Truth log of a CPU.
  public static String truth(int cpu) {
    return "truth/cpu" + cpu + ".log";
  }

  /// Text form of the truth or the decoded flow of a CPU (`--flow`).
  public static String flow(String side, int cpu) {
    return side + "/cpu" + cpu + ".flow";
  }
}

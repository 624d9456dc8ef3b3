package dev.crosspatch.sim.run;

import java.util.regex.Pattern;

/// Names of the files of a finished directory, relative to it. `docs/formats.md` describes each.
public final class RunFiles {
  private RunFiles() {}

  public static final String SUMMARY = "summary.json";
  public static final String REPORT = "report.html";
  public static final String IMAGE = "image/vmlinux";
  /// Where [dev.crosspatch.tracer.export.KernelFiles] go.
  public static final String IMAGES = "image/";
  public static final String POKES = "pokes.jsonl";
  /// Of a kernel that announces mappings.
  public static final String MAPPINGS = "mappings.jsonl";
  /// Where the truth goes.
  public static final String TRUTH = "truth";
  public static final String STALE = "truth/stale.jsonl";
  public static final String VIOLATIONS = "violations.jsonl";
  public static final String RACES = "races.jsonl";
  public static final String STORES = "truth/stores.log";
  public static final String TEXT = "truth/text.log";
  public static final String EVENTS = "truth/events.log";

  /// Every file there is, also of earlier versions: an output directory with anything else in it is not replaced.
  private static final Pattern NAMES =
      Pattern.compile(
          "summary\\.json|report\\.html|(pokes|mappings|violations|races)\\.jsonl"
              + "|image/(vmlinux|kcore|kallsyms|modules)|trace/cpu\\d+\\.(pt|etm)"
              + "|truth/(stale\\.jsonl|(stores|text|events)\\.log)|truth/cpu\\d+\\.(log|flow)|decoded/cpu\\d+\\.flow");
  private static final Pattern DIRECTORIES = Pattern.compile("image|trace|truth|decoded");
  /// Names in the longest path.
  static final int DEPTH = 2;

  /// Whether a run may write a file of that name.
  static boolean isName(String name) {
    return NAMES.matcher(name).matches();
  }

  /// Whether a run may make a directory of that name.
  static boolean isDirectory(String name) {
    return DIRECTORIES.matcher(name).matches();
  }

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

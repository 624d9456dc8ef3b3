package dev.crosspatch.sim.run;

import dev.crosspatch.tracer.flow.ByteSink;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Where the logs of a run go while it runs: to files, or nowhere. A run holds none of them, so its memory does not
/// grow with its length.
public final class RunLogs implements AutoCloseable {
  private final transient Function<String, ByteSink> open;
  private final boolean truth;
  private final List<LogFile> files = new ArrayList<>();

  private RunLogs(boolean truth, Function<String, ByteSink> open) {
    this.truth = truth;
    this.open = open;
  }

  /// Logs that nobody keeps.
  public static RunLogs none() {
    return new RunLogs(false, name -> (bytes, from, length) -> {});
  }

  /// Logs that something else takes, which gets the name of each.
  ///
  /// @param truth whether truth logs are among them
  public static RunLogs to(boolean truth, Function<String, ByteSink> sinks) {
    return new RunLogs(truth, sinks);
  }

  /// Logs in the directory's working place.
  ///
  /// @param truth whether truth logs are among them
  public static RunLogs in(OutputDirectory out, boolean truth) {
    return new RunLogs(truth, name -> new LogFile(out, name));
  }

  /// Whether every instruction is to be logged.
  boolean truth() {
    return truth;
  }

  /// A new log of that name.
  ByteSink open(String name) {
    ByteSink sink = open.apply(name);
    if (sink instanceof LogFile file) {
      files.add(file);
    }
    return sink;
  }

  /// Writes what is held back; to be called at the end of the run.
  void flush() {
    files.forEach(LogFile::flush);
  }

  /// Writes the content of all files so far.
  void save(DataOutputStream out) throws IOException {
    out.writeInt(files.size());
    for (LogFile file : files) {
      out.writeUTF(file.name());
      file.save(out);
    }
  }

  /// Gives all files the content that was saved.
  ///
  /// @throws IOException if there were others
  void load(DataInputStream in) throws IOException {
    if (in.readInt() != files.size()) {
      throw new IOException("it has other logs");
    }
    for (LogFile file : files) {
      if (!in.readUTF().equals(file.name())) {
        throw new IOException("it has other logs");
      }
      file.load(in);
    }
  }

  @Override
  public void close() {
    files.forEach(LogFile::close);
  }
}

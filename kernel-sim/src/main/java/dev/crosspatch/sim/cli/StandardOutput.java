package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Standard output that tells when it cannot be written. Java's own print streams keep that to themselves, and a
/// command whose output went to a full disk would end as if all were well.
///
/// A pipe whose reader has gone, as with `| head -1`, is no error: commands that only print end quietly with [Closed],
/// at the latest when a full buffer more was written; those that come to a verdict go on to it ([#goOnWhenClosed]).
final class StandardOutput extends FilterOutputStream {
  private static final int BUFFER = 1 << 15;

  private static volatile boolean goesOn;
  /// What [#install] made standard output.
  private static volatile @Nullable PrintStream installed;

  /// The reader of this output has gone: nobody is interested any more.
  static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /// After the first error all else is thrown away: it was told.
  private boolean failed;

  private StandardOutput(OutputStream out) {
    super(out);
  }

  /// Makes it the standard output of this process.
  static void install() {
    PrintStream stream = on(new FileOutputStream(FileDescriptor.out));
    installed = stream;
    System.setOut(stream);
  }

  /// Standard output and standard error of this process, for a program that is to see itself if they cannot be written;
  /// or what stands for them, if that is not this process's.
  static List<OutputStream> forProgram() {
    return isInstalled()
        ? List.of(new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err))
        : List.of(System.out, System.err);
  }

  /// Standard input of this process without a buffer, since what the program does not ask for is not taken from it; or
  /// what stands for it.
  static InputStream inputForProgram() {
    return isInstalled() ? new FileInputStream(FileDescriptor.in) : System.in;
  }

  private static boolean isInstalled() {
    return System.out.equals(installed); // print streams are equal only to themselves
  }

  /// One that writes to `out`.
  static PrintStream on(OutputStream out) {
    return new PrintStream(new BufferedOutputStream(new StandardOutput(out), BUFFER), false, System.out.charset());
  }

  /// From now on what nobody reads is thrown away.
  static void goOnWhenClosed() {
    goesOn = true;
  }

  /// Forgets [#goOnWhenClosed].
  static void endWhenClosed() {
    goesOn = false;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    if (failed) {
      return;
    }
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      failed(e);
    }
  }

  @Override
  public void flush() {
    if (failed) {
      return;
    }
    try {
      out.flush();
    } catch (IOException e) {
      failed(e);
    }
  }

  private void failed(IOException e) {
    failed = true;
    String reason = IoReason.of(e);
    if (!reason.toLowerCase(Locale.ROOT).contains("broken pipe")) {
      throw new BadInput("standard output cannot be written: " + reason);
    }
    if (!goesOn) {
      throw new Closed();
    }
  }
}

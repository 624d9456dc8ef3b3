package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;

/// Standard output for long listings: it notices soon when nobody reads on, as behind `| head`, and when what is written is lost.
final class CheckedOutput implements Appendable {
  private static final int LINES = 1 << 10;

  /// The reader has gone; there is nothing wrong, and no more to do.
  static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Closed() {
      super("nobody reads standard output", null, false, false);
    }
  }

  private final PrintWriter out;
  private int pending;

  CheckedOutput(PrintWriter out) {
    this.out = out;
  }

  @Override
  public CheckedOutput append(CharSequence text) {
    out.append(text);
    return this;
  }

  @Override
  public CheckedOutput append(CharSequence text, int start, int end) {
    out.append(text, start, end);
    return this;
  }

  /// A newline is where to look whether the others arrived.
  @Override
  public CheckedOutput append(char c) {
    out.append(c);
    if (c == '\n' && ++pending == LINES) {
      check();
    }
    return this;
  }

  /// Brings all to where it goes.
  ///
  /// @throws Closed   if the reader has gone
  /// @throws BadInput if it cannot be written for another reason
  void check() {
    pending = 0;
    if (out.checkError() || System.out.checkError()) { // the writer does not hear of errors of the stream below
      throw problem();
    }
  }

  /// Writers keep errors to themselves, so the reason is asked for by another write.
  private static RuntimeException problem() {
    try {
      new FileOutputStream(FileDescriptor.out).write('\n');
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      return why.contains("Broken pipe") ? new Closed() : new BadInput("standard output cannot be written: " + why);
    }
    return new BadInput("standard output could not be written");
  }
}

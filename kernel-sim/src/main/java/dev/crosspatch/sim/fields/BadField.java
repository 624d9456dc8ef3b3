package dev.crosspatch.sim.fields;

import dev.crosspatch.sim.BadInput;

/// A value of a file that cannot be used: `file:line: key: what`.
public final class BadField extends BadInput {
  private static final long serialVersionUID = 1L;

  BadField(String file, int line, String path, String what) {
    super(file + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + what);
  }
}

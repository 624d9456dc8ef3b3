package dev.crosspatch.sim.fields;

import dev.crosspatch.sim.BadInput;

/// A value that cannot be used: `file:line: key: what`, or `option: key: what` of one that stands in no file.
public final class BadField extends BadInput {
  private static final long serialVersionUID = 1L;

  BadField(String file, int line, String path, String what) {
    super(file + (line == 0 ? "" : ":" + line) + ": " + (path.isEmpty() ? "" : path + ": ") + what);
  }
}

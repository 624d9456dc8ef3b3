package dev.crosspatch.sim.scenario;

import dev.crosspatch.sim.BadInput;

/// A scenario file that cannot be run: `file:line: key: what`.
public final class BadScenario extends BadInput {
  private static final long serialVersionUID = 1L;

  BadScenario(String file, int line, String path, String what) {
    super(file + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + what);
  }
}

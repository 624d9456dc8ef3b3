package dev.crosspatch.sim.linux;

import java.util.Map;

/// What is a pipe to the program, whoever has its other end: bytes in order, without places.
abstract class PipeFile extends OpenFile {
  PipeFile(int flags) {
    super(flags);
  }

  @Override
  final boolean hasPlaces() {
    return false;
  }

  @Override
  final Map<String, Long> stat() {
    return plain(PIPE | 0600);
  }
}

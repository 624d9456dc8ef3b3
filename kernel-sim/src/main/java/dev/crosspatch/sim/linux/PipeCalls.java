package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import java.io.IOException;
import java.util.Map;

/// System calls that make pipes.
final class PipeCalls {
  private static final int O_WRONLY = 1;

  private final UserProcess process;
  private final FileTable files;

  PipeCalls(UserProcess process, FileTable files) {
    this.process = process;
    this.files = files;
  }

  void addTo(Map<String, Call> table) {
    table.put("pipe", (_, a) -> pipe(a[0], 0));
    table.put("pipe2", (_, a) -> pipe(a[0], a[1]));
  }

  /// Stores the descriptors of both ends, that to read first.
  private long pipe(long to, long flags) throws IOException {
    if (((int) flags & ~(FileTable.O_CLOEXEC | OpenFile.O_NONBLOCK)) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    process.space.check(to, 2 * Integer.BYTES, Core.WRITE);
    Pipe pipe = new Pipe(process.waits::changed);
    int kept = (int) flags & OpenFile.O_NONBLOCK;
    int reader = files.add(pipe.end(kept), 0);
    int writer;
    try {
      writer = files.add(pipe.end(kept | O_WRONLY), 0);
    } catch (Errno e) {
      files.close(reader);
      throw e;
    }
    boolean closes = ((int) flags & FileTable.O_CLOEXEC) != 0;
    files.setCloseOnExec(reader, closes);
    files.setCloseOnExec(writer, closes);
    process.write(to, Bytes.all(Bytes.of(2 * Integer.BYTES).putInt(reader).putInt(writer)));
    return 0;
  }
}

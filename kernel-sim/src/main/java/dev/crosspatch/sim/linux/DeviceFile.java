package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// `/dev/null`, `/dev/zero` and `/dev/urandom`, which are there whatever the root.
final class DeviceFile extends OpenFile {
  private final String name;
  private final SplittableRandom random;

  private DeviceFile(String name, int flags, SplittableRandom random) {
    super(flags);
    this.name = name;
    this.random = random;
  }

  /// The device called so, or null if there is none.
  static @Nullable DeviceFile of(String path, int flags, SplittableRandom random) {
    return switch (path) {
      case "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random" -> new DeviceFile(path, flags, random);
      default -> null;
    };
  }

  @Override
  byte[] read(int most) {
    byte[] bytes = new byte[name.equals("/dev/null") ? 0 : most];
    if (name.endsWith("random")) {
      random.nextBytes(bytes);
    }
    return bytes;
  }

  @Override
  byte[] readAt(long at, int most) {
    return read(most);
  }

  /// Mappings of `/dev/zero` are fresh memory; others there are none.
  @Override
  AddressSpace.@Nullable Backing mapped(long offset, boolean shared) throws IOException {
    return name.equals("/dev/zero") ? null : super.mapped(offset, shared);
  }

  @Override
  int write(byte[] bytes) {
    return bytes.length;
  }

  @Override
  long seek(long offset, int whence) {
    return 0;
  }

  @Override
  void truncate(long size) {}

  @Override
  Map<String, Long> stat() {
    return plain(CHARACTER | 0666);
  }
}

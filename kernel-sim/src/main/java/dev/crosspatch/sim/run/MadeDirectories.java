package dev.crosspatch.sim.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Directories made because something is to be put into them. Those that are still empty when it is closed go away
/// again.
public final class MadeDirectories implements AutoCloseable {
  /// Those that were not there, the deepest first.
  private final List<Path> made = new ArrayList<>();
  private boolean stay;

  /// Makes a directory and those above it that are not there.
  ///
  /// @throws IOException if one cannot be made; then none was
  public void make(Path directory) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path above = directory; above != null && !Files.exists(above, LinkOption.NOFOLLOW_LINKS);
        above = above.getParent()) {
      missing.add(above);
    }
    made.addAll(0, missing);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /// All stay, whatever is in them.
  void stay() {
    stay = true;
  }

  @Override
  public void close() {
    for (Path directory : stay ? List.<Path>of() : made) {
      try {
        Files.deleteIfExists(directory);
      } catch (IOException e) {
        // Something is in it, or somebody else uses it now.
      }
    }
  }
}

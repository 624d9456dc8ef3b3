package dev.crosspatch.sim.mechanism;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Finds mechanisms: those that ship, by their names, and folders of the user's own.
public final class Mechanisms {
  /// The one that a scenario means if it names none.
  public static final String USUAL = "jump-label";

  private static final String SHIPPED = "/dev/crosspatch/mechanisms";
  private static final Map<String, Mechanism> READ = new ConcurrentHashMap<>();

  private Mechanisms() {}

  /// The files of a mechanism.
  interface Folder {
    /// How messages name a file.
    String shown(String file);

    /// A file's text.
    ///
    /// @throws BadInput if it cannot be read
    String text(String file);
  }

  /// A mechanism that ships.
  ///
  /// @throws BadInput listing those there are if there is none of that name
  public static Mechanism shipped(String name) {
    if (!names().contains(name)) {
      throw new BadInput("no mechanism is called '" + name + "'; there are: " + String.join(", ", names())
          + "; a folder of your own is written with a /, as in ./" + name);
    }
    return READ.computeIfAbsent(name, n -> ManifestReader.read(new Resources(n)));
  }

  /// The mechanism in a folder.
  ///
  /// @throws BadInput if it has no manifest, or one that says something wrong
  public static Mechanism in(Path folder) {
    if (Files.isRegularFile(folder)) {
      throw new BadInput(folder.normalize() + ": is a file; a mechanism is a folder with a " + ManifestReader.MANIFEST);
    }
    return ManifestReader.read(new Directory(folder));
  }

  /// What a scenario says: a name, or, if it has a `/`, the path of a folder.
  ///
  /// @param beside file that the path is relative to
  /// @throws BadInput if there is none, or its manifest says something wrong
  public static Mechanism find(String said, Path beside) {
    if (!said.contains("/")) {
      return shipped(said);
    }
    try {
      return in(beside.resolveSibling(said));
    } catch (InvalidPathException e) {
      throw new BadInput("'" + said + "' is no path");
    }
  }

  /// Names of those that ship, in alphabetical order.
  public static List<String> names() {
    URL url = Objects.requireNonNull(Mechanisms.class.getResource(SHIPPED), SHIPPED);
    try {
      URI uri = url.toURI();
      if (!uri.getScheme().equals("jar")) {
        return folders(Path.of(uri));
      }
      try (FileSystem jar = FileSystems.newFileSystem(Path.of(URI.create(
          uri.getSchemeSpecificPart().replaceFirst("!.*", ""))))) {
        return folders(jar.getPath(SHIPPED));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> folders(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.filter(e -> Files.exists(e.resolve(ManifestReader.MANIFEST)))
          .map(e -> String.valueOf(e.getFileName()).replace("/", "")).sorted().toList();
    }
  }

  /// Of a mechanism that ships.
  private record Resources(String name) implements Folder {
    @Override
    public String shown(String file) {
      return "mechanisms/" + name + "/" + file;
    }

    @Override
    public String text(String file) {
      try (InputStream in = Mechanisms.class.getResourceAsStream(SHIPPED + "/" + name + "/" + file)) {
        if (in == null) {
          throw new BadInput(shown(file) + ": cannot be read: it is not there");
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Of the user's own.
  private record Directory(Path path) implements Folder {
    @Override
    public String shown(String file) {
      return path.resolve(file).normalize().toString();
    }

    @Override
    public String text(String file) {
      return Inputs.text(path.resolve(file).normalize(), Inputs.MOST_YAML);
    }
  }
}

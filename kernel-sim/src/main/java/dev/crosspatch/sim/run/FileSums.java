package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.fields.Fields;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Size and SHA-256 of every file a run left, the object `files` of `summary.json`: by name, relative to the directory
/// with `/` between. `summary.json` itself is not among them; it ends with a checksum of its own.
///
/// @param files in order of their names
public record FileSums(Map<String, Sum> files) {
  /// What a file must be.
  ///
  /// @param size   bytes
  /// @param sha256 64 hex digits
  public record Sum(long size, String sha256) {}

  /// Folders of a run's directory in which nothing may lie but what the run left.
  private static final List<String> FOLDERS = List.of("trace", "truth", "image", "decoded");

  /// Copies the map.
  public FileSums {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /// Of all files that lie in `directory` now.
  public static FileSums of(Path directory) {
    Map<String, Sum> files = new TreeMap<>();
    for (String name : names(directory)) {
      if (!name.equals(RunFiles.SUMMARY)) {
        files.put(name, sum(directory.resolve(name)));
      }
    }
    return new FileSums(files);
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.filter(p -> !Files.isDirectory(p)).map(p -> directory.relativize(p).toString().replace('\\', '/'))
          .sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Sum sum(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = digest();
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        size += n;
      }
      return new Sum(size, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read: " + IoReason.of(e).replace(file + ": ", ""));
    }
  }

  /// A SHA-256 that begins.
  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /// What is not as it should be in `directory`, a line per file: missing, of another size, changed, or there without
  /// being a run's.
  public List<String> damage(Path directory) {
    List<String> lines = new ArrayList<>();
    files.forEach((name, sum) -> {
      Path file = directory.resolve(name);
      if (!Files.isRegularFile(file)) {
        lines.add(file + ": missing; the run left it here");
      } else {
        long size = file.toFile().length();
        if (size != sum.size()) {
          lines.add(file + ": changed since the run: it has " + size + " bytes, the run left " + sum.size());
        } else if (!sum(file).equals(sum)) {
          lines.add(file + ": changed since the run: its SHA-256 is not what the run left");
        }
      }
    });
    for (String name : names(directory)) {
      if (!files.containsKey(name) && FOLDERS.contains(name.replaceFirst("/.*", ""))) {
        lines.add(directory.resolve(name) + ": not of this run, which left no such file");
      }
    }
    return lines;
  }

  /// Writes the object's fields.
  public void write(JsonGenerator g) throws IOException {
    for (Map.Entry<String, Sum> file : files.entrySet()) {
      g.writeObjectFieldStart(file.getKey());
      g.writeNumberField("size", file.getValue().size());
      g.writeStringField("sha256", file.getValue().sha256());
      g.writeEndObject();
    }
  }

  /// Reads them back.
  public static FileSums read(Fields map) {
    Map<String, Sum> files = new TreeMap<>();
    for (String name : map.keys()) {
      Fields file = map.map(name);
      if (name.startsWith("/") || name.contains("..") || name.indexOf('\0') >= 0) {
        throw map.bad(name, "is no file of this directory");
      }
      files.put(name, new Sum(file.number("size", 0, 0, Long.MAX_VALUE), file.text("sha256", null)));
    }
    return new FileSums(files);
  }
}

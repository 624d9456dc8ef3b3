package dev.crosspatch.asm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Encodings kept on disk from one process to the next. With it, assembling a kernel that has been assembled before
/// needs no Keystone, whose start in a cold JVM takes longer than all the rest.
///
/// A text file: a line that names the format and the versions, a line `hex<TAB>text` per instruction in order of the
/// texts, a line `end N`. A file that is damaged or of other versions counts as absent, and one that cannot be written
/// is not an error: it only saves time.
///
/// @param path    the file
/// @param version the first line
record EncodingFile(Path path, String version) {
  /// A file with more encodings is begun anew, lest it grow for ever.
  private static final int MOST_ENCODINGS = 50_000;

  private static final System.Logger LOG = System.getLogger(EncodingFile.class.getName());

  /// The encodings in the file.
  Map<String, byte[]> load() {
    try {
      return Files.exists(path) ? parse(Files.readAllLines(path)) : new HashMap<>();
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(System.Logger.Level.DEBUG, "encodings in " + path + " are not usable", e);
      return new HashMap<>();
    }
  }

  private Map<String, byte[]> parse(List<String> lines) {
    Map<String, byte[]> encodings = new HashMap<>();
    int count = lines.size() - 2;
    boolean whole = count >= 0 && lines.getFirst().equals(version) && lines.getLast().equals("end " + count);
    if (whole && count <= MOST_ENCODINGS) {
      for (String line : lines.subList(1, lines.size() - 1)) {
        int tab = line.indexOf('\t');
        encodings.put(line.substring(tab + 1), HexFormat.of().parseHex(line, 0, Math.max(tab, 0)));
      }
    }
    return encodings;
  }

  /// Writes `encodings` in place of what was there.
  void store(Map<String, byte[]> encodings) {
    StringBuilder text = new StringBuilder(version).append('\n');
    new TreeMap<>(encodings)
        .forEach((key, bytes) -> text.append(HexFormat.of().formatHex(bytes)).append('\t').append(key).append('\n'));
    text.append("end ").append(encodings.size()).append('\n');
    try {
      Path directory = path.toAbsolutePath().getParent();
      Files.createDirectories(directory);
      Path temporary = Files.createTempFile(directory, "encodings", ".tmp");
      try {
        Files.write(temporary, text.toString().getBytes(StandardCharsets.UTF_8));
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot keep encodings in " + path, e);
    }
  }
}

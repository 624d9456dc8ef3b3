package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What an output directory holds, and so what may be replaced by a new one: nothing that somebody else put there.
public enum OutputKind {
  /// Output of `crosspatch run`: replaces an earlier one, which is known by its `summary.json` and by having no file
  /// that its run did not leave.
  RUN,
  /// Output of `crosspatch export`: replaces nothing.
  EXPORT;

  private static final String MEND = "; choose another directory or remove it";

  /// Whether this kind of output may have a file of that name (relative, with `/`).
  boolean owns(String name) {
    return this == EXPORT || RunFiles.isName(name);
  }

  /// Checks that `directory`, which exists, may be replaced.
  ///
  /// @param shown its name for messages
  /// @throws BadInput saying why not
  void checkReplaceable(String shown, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new BadInput(shown + ": exists and is no directory; choose another name");
    }
    try {
      if (!isEmpty(directory)) {
        check(shown, directory);
      }
    } catch (IOException e) {
      throw new BadInput(shown + ": cannot be looked into: " + IoReason.of(e));
    } catch (UncheckedIOException e) {
      throw new BadInput(shown + ": cannot be looked into: " + IoReason.of(e));
    }
  }

  private void check(String shown, Path directory) throws IOException {
    if (this == EXPORT) {
      throw new BadInput(shown + ": exists and is not empty" + MEND);
    }
    Path summary = directory.resolve(RunFiles.SUMMARY);
    if (!Files.isRegularFile(summary, LinkOption.NOFOLLOW_LINKS)) {
      throw new BadInput(shown + ": exists and is not an earlier output (it has no " + RunFiles.SUMMARY + ")" + MEND);
    }
    Set<String> left = new HashSet<>();
    if (!isSummary(summary, left)) {
      throw new BadInput(shown + ": exists and is not an earlier output (its " + RunFiles.SUMMARY
          + " is not that of a run)" + MEND);
    }
    Optional<String> foreign = foreign(directory, left);
    if (foreign.isPresent()) {
      boolean might = RunFiles.isName(foreign.get())
          && Files.isRegularFile(directory.resolve(foreign.get()), LinkOption.NOFOLLOW_LINKS);
      throw new BadInput(shown + ": not replaced, for it holds " + foreign.get() + ", which "
          + (might ? "its run did not leave" : "no run writes")
          + "; move that away, or choose another directory");
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  /// Something in the directory that no run writes, or not the one that left the files `left` (of earlier versions,
  /// whose summaries have no checksums: empty).
  private static Optional<String> foreign(Path directory, Set<String> left) throws IOException {
    try (Stream<Path> walk = Files.walk(directory, RunFiles.DEPTH + 1)) {
      return walk.skip(1).filter(p -> !isOurs(directory.relativize(p).toString(), p, left))
          .map(p -> directory.relativize(p).toString()).findFirst();
    }
  }

  private static boolean isOurs(String name, Path path, Set<String> left) {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return RunFiles.isDirectory(name);
    }
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && RunFiles.isName(name)
        && (left.isEmpty() || left.contains(name) || name.equals(RunFiles.SUMMARY));
  }

  /// Whether a file is an object with what a run's summary has had since its first version. Reads no further than the
  /// first thing that is not as in one.
  ///
  /// @param left gets the names of the files that it has checksums of
  private static boolean isSummary(Path file, Set<String> left) throws IOException {
    Set<String> missing = new HashSet<>(Set.of("verdict", "cpus", "config", "seed", "version"));
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        missing.remove(field);
        boolean files = json.nextToken() == JsonToken.START_OBJECT && field.equals("files");
        while (files && json.nextToken() == JsonToken.FIELD_NAME) {
          left.add(json.currentName());
          json.nextToken();
          json.skipChildren();
        }
        json.skipChildren();
      }
      return missing.isEmpty() && json.currentToken() == JsonToken.END_OBJECT;
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      return false;
    }
  }
}

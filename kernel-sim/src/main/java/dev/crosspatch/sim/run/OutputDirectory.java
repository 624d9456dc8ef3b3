package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// An output directory that appears complete or not at all: files go to a temporary directory beside it, [#commit] puts
/// them in its place. Closing without commit leaves nothing behind, and an earlier output as it was. What a killed
/// process left is removed by the next that writes there.
///
/// A target that is a symbolic link to a directory stands for that directory.
public final class OutputDirectory implements AutoCloseable {
  /// Exchanges tried if others write to the same target meanwhile.
  private static final int TRIES = 50;
  /// Removals tried if the program goes on writing while it is being ended.
  private static final int LAST_TRIES = 200;

  /// Those that are open: what they hold goes away if the program is ended. Guards [#ended], too.
  private static final Set<OutputDirectory> OPEN = new HashSet<>();
  /// The program is being ended: no directory is opened any more.
  private static boolean ended;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(OutputDirectory::end));
  }

  private final String shown;
  private final Path target;
  private final OutputKind kind;
  private final WorkDirectory work;
  private final MadeDirectories parents = new MadeDirectories();
  private boolean abandoned;

  /// Opens `target` for writing.
  ///
  /// @param kind what will be written, which says what may be replaced
  /// @throws BadInput if `target` exists and must not be replaced, or nothing can be created beside it
  public OutputDirectory(Path target, OutputKind kind) {
    this.shown = target.toString();
    this.kind = kind;
    synchronized (OPEN) { // so that what is made is known to whoever ends the program
      if (ended) {
        throw new BadInput(target + ": nothing is written any more: the program is being ended");
      }
      try {
        this.target = resolve(target);
        work = open();
        OPEN.add(this);
      } catch (IOException e) {
        parents.close();
        throw new BadInput(target + ": cannot create the output directory: " + IoReason.of(e));
      }
    }
  }

  private WorkDirectory open() throws IOException {
    Path parent = target.getParent();
    if (parent == null || Path.of("").toRealPath().startsWith(target)) {
      throw new BadInput((shown.isEmpty() ? "''" : shown)
          + ": cannot be an output directory, for this process works in it; name another");
    }
    parents.make(parent);
    WorkDirectory.removeLeftovers(target);
    try {
      checkTarget();
    } catch (NoSuchFileException e) {
      // Another run is just putting its own in its place; it is looked at again before ours goes there.
    }
    return WorkDirectory.create(target);
  }

  /// The directory that is meant: behind all symbolic links, if it is there.
  private static Path resolve(Path given) throws IOException {
    if (Files.exists(given)) {
      try {
        return given.toRealPath();
      } catch (NoSuchFileException e) {
        // Another run is just putting its own in its place.
      }
    }
    if (Files.isSymbolicLink(given)) {
      throw new BadInput(given + ": a symbolic link to " + Files.readSymbolicLink(given)
          + ", which is not there; make that directory or remove the link");
    }
    return given.toAbsolutePath().normalize();
  }

  /// What another run replaces meanwhile looks strange for a moment: then it is looked at again.
  private void checkTarget() throws IOException {
    for (int i = 1; ; i++) {
      try {
        checkTargetOnce();
        return;
      } catch (BadInput | FileSystemException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  private void checkTargetOnce() throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      kind.checkReplaceable(shown, target);
      if (!Files.getFileStore(target).equals(Files.getFileStore(target.resolveSibling(".")))) {
        throw new BadInput(shown + ": a file system of its own, which cannot be replaced; name a directory in it");
      }
    }
  }

  /// Where the files are before [#commit].
  public Path work() {
    return work.fresh();
  }

  /// Path of a file to be written, its directories created. Whoever writes it tells of errors as [#failure] does;
  /// [#write] and [#stream] do so.
  ///
  /// @param name relative to the target; one that this kind of output has, or a later run would take it for somebody
  ///             else's
  public synchronized Path file(String name) {
    if (!kind.owns(name)) {
      throw new IllegalArgumentException(name + ": no file of this kind of output; RunFiles has to know it");
    }
    Path file = work.fresh().resolve(name);
    try {
      if (abandoned || Files.notExists(work.fresh())) {
        throw new NoSuchFileException(shown); // somebody has removed it, and does not want it back
      }
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw failure(name, e);
    }
    return file;
  }

  /// What is said if a file cannot be written.
  public BadInput failure(String name, IOException e) {
    String reason = IoReason.of(e).replace(work.fresh().resolve(name) + ": ", "");
    return new BadInput(shown + ": " + name + " cannot be written: " + reason
        + "; nothing of this output is left, what stood there before is untouched");
  }

  /// Writes a file, creating its directories.
  ///
  /// @throws BadInput if it cannot be written
  public void write(String name, byte[] content) {
    try {
      Files.write(file(name), content);
    } catch (IOException e) {
      throw failure(name, e);
    }
  }

  /// Writes a text file in UTF-8.
  ///
  /// @throws BadInput if it cannot be written
  public void write(String name, String content) {
    write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /// Removes a file that was needed meanwhile only, or an empty directory.
  ///
  /// @throws BadInput if it cannot be removed
  public void remove(String name) {
    try {
      Files.delete(work.fresh().resolve(name));
    } catch (IOException e) {
      throw failure(name, e);
    }
  }

  /// What a file holds that was written; to be closed.
  ///
  /// @throws BadInput if it cannot be read
  InputStream read(String name) {
    try {
      return Files.newInputStream(work.fresh().resolve(name));
    } catch (IOException e) {
      throw failure(name, e);
    }
  }

  /// How many bytes a file has that was written.
  long size(String name) {
    return work.fresh().resolve(name).toFile().length();
  }

  /// A file to be written piece by piece, without a buffer.
  ///
  /// @return a stream whose methods throw [BadInput] if it cannot be written
  public OutputStream stream(String name) {
    try {
      return new FileStream(name, Files.newOutputStream(file(name)));
    } catch (IOException e) {
      throw failure(name, e);
    }
  }

  private final class FileStream extends FilterOutputStream {
    private final String name;

    FileStream(String name, OutputStream out) {
      super(out);
      this.name = name;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        throw failure(name, e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw failure(name, e);
      }
    }
  }

  /// Puts the directory in place of whatever earlier output stood there.
  ///
  /// @throws BadInput if that is not possible, or something else stands there now
  public synchronized void commit() {
    try {
      for (int i = 1; !exchanged(i == TRIES); i++) {
        // Another run may come between any two steps, and what was there a moment ago is not: then it is tried again.
      }
      parents.stay();
    } catch (IOException e) {
      throw new BadInput(shown + ": cannot be put in its place: " + IoReason.of(e)
          + "; nothing of this output is left");
    }
  }

  private boolean exchanged(boolean last) throws IOException {
    try {
      checkTarget();
      if (Files.exists(target)) {
        Files.move(target, work.old());
      }
      Files.move(work.fresh(), target);
      return true;
    } catch (FileSystemException e) {
      if (last) {
        throw e;
      }
      if (Files.exists(target)) {
        work.removeOld();
      }
    }
    return false;
  }

  @Override
  public void close() {
    work.remove();
    parents.close();
    synchronized (OPEN) {
      OPEN.remove(this);
    }
  }

  /// Whether somebody is ending the program, and outputs are taken away: then nothing that a run comes to is true.
  public static boolean isEnded() {
    synchronized (OPEN) {
      return ended;
    }
  }

  /// Abandons all that are open.
  private static void end() {
    List<OutputDirectory> open;
    synchronized (OPEN) {
      ended = true;
      open = List.copyOf(OPEN);
    }
    open.forEach(OutputDirectory::abandon);
  }

  /// Leaves nothing of it. The program may be about to write a file, or to close it itself, until it is at an end.
  private synchronized void abandon() {
    abandoned = true;
    for (int tries = 0; work.isThere() && tries < LAST_TRIES; tries++) {
      work.remove();
    }
    parents.close();
  }
}

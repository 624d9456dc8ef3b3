package dev.crosspatch.sim.run;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.choice.ForcedChoices;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.WholeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// A run on its way, as a file: magic `CPRUN002`, what it is a run of ([RunSubject]), its cycle, its decisions so far,
/// what its logs hold so far, the [Snapshot] of all that it is built of, and the SHA-256 of all that. A run of the same
/// subject that begins with it goes on as the one that was saved, and leaves the same output, byte for byte
/// but for the host's time. `docs/formats.md` has the layout.
final class RunSnapshot {
  private static final byte[] MAGIC = {'C', 'P', 'R', 'U', 'N', '0', '0', '2'};
  /// Bytes of the magic that other versions have, too.
  private static final int FAMILY = 5;
  private static final int SUM = 32;
  /// Decisions of a run that does not number them.
  private static final long UNNUMBERED = -1;

  private RunSnapshot() {}

  /// What a run has decided.
  ///
  /// @param made   how many decisions; [#UNNUMBERED] if it does not count
  /// @param forced options that were forced, by the numbers of the decisions, some perhaps still to come
  private record Decisions(long made, Map<Long, Integer> forced) {
    static Decisions of(Choices choices) {
      return choices instanceof ForcedChoices f ? new Decisions(f.count(), new TreeMap<>(f.forced()))
          : new Decisions(UNNUMBERED, Map.of());
    }

    static Decisions read(DataInputStream in) throws IOException {
      long made = in.readLong();
      Map<Long, Integer> forced = new TreeMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        forced.put(in.readLong(), in.readInt());
      }
      return new Decisions(made, forced);
    }

    void write(DataOutputStream out) throws IOException {
      out.writeLong(made);
      out.writeInt(forced.size());
      for (Map.Entry<Long, Integer> e : forced.entrySet()) {
        out.writeLong(e.getKey());
        out.writeInt(e.getValue());
      }
    }
  }

  /// Writes the state of `run`, which has come to `cycle`.
  ///
  /// @throws BadInput if the file cannot be written
  static void save(Run run, long cycle, Path file) {
    WholeFile.write(file, out -> {
      DigestOutputStream summed = new DigestOutputStream(out, FileSums.digest());
      DataOutputStream data = new DataOutputStream(summed);
      data.write(MAGIC);
      byte[] subject = RunSubject.of(run).getBytes(StandardCharsets.UTF_8);
      data.writeInt(subject.length);
      data.write(subject);
      data.writeLong(cycle);
      Decisions.of(run.machine().choices()).write(data);
      run.logs().save(data);
      Snapshot.save(run, data);
      data.flush();
      out.write(summed.getMessageDigest().digest());
    });
  }

  /// Brings `run`, which has just been made, into the saved state; returns its cycle.
  ///
  /// @throws BadInput if the file is no snapshot of such a run
  static long load(Run run, Path file) {
    long content = checkWhole(file);
    try (DataInputStream in = new DataInputStream(new First(new BufferedInputStream(Files.newInputStream(file)),
        content))) {
      in.skipNBytes(MAGIC.length);
      String there = new String(in.readNBytes(Math.max(0, in.readInt())), StandardCharsets.UTF_8);
      String here = RunSubject.of(run);
      if (!there.equals(here)) {
        throw new BadInput(file + ": a snapshot of another run: " + RunSubject.difference(there, here));
      }
      long cycle = in.readLong();
      if (cycle < 1 || cycle > run.scenario().limits().cycles()) {
        throw unusable(file, "no run of " + run.scenario().limits().cycles() + " cycles is kept at cycle " + cycle);
      }
      checkDecisions(file, Decisions.read(in), Decisions.of(run.machine().choices()));
      run.logs().load(in);
      Snapshot.load(run, in);
      return cycle;
    } catch (Snapshot.Unfit e) {
      throw unusable(file, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw unusable(file, "its content is not what it should be");
    }
  }

  /// Checks that a file is a snapshot and as it was written; returns how many bytes are before its sum.
  private static long checkWhole(Path file) {
    long size = Inputs.checkFile(file);
    if (!Files.isRegularFile(file)) {
      throw new BadInput(file + ": cannot be read: it is a pipe, and a snapshot is read twice");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      byte[] magic = in.readNBytes(MAGIC.length);
      if (magic.length < MAGIC.length || !Arrays.equals(magic, 0, FAMILY, MAGIC, 0, FAMILY)) {
        throw new BadInput(file + ": not a snapshot of a run");
      }
      if (!Arrays.equals(magic, MAGIC)) {
        throw unusable(file, "another version made it");
      }
      var digest = FileSums.digest();
      digest.update(magic);
      byte[] buffer = new byte[1 << 16];
      for (long left = size - SUM - MAGIC.length; left > 0;) {
        int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (n < 0) {
          break;
        }
        digest.update(buffer, 0, n);
        left -= n;
      }
      if (!Arrays.equals(in.readNBytes(SUM), digest.digest()) || in.read() >= 0) {
        throw unusable(file, "it is damaged or cut off");
      }
      return size - SUM;
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read: " + IoReason.of(e).replace(file + ": ", ""));
    }
  }

  private static BadInput unusable(Path file, String why) {
    return new BadInput(file + ": this snapshot cannot be used: " + why);
  }

  /// What was decided before the snapshot must be what the run would have decided; what comes later may differ.
  private static void checkDecisions(Path file, Decisions there, Decisions here) {
    if (there.made() == UNNUMBERED && here.made() != UNNUMBERED) {
      throw unusable(file, "it was kept without --choices and --force, so its decisions have no numbers; keep it again "
          + "with one of them, or go on without");
    }
    if (there.made() != UNNUMBERED && here.made() == UNNUMBERED) {
      throw unusable(file, "it was kept with --choices or --force; go on with one of them, too");
    }
    there.forced().forEach((number, option) -> {
      if (number < there.made() && !option.equals(here.forced().get(number))) {
        throw unusable(file, "decision " + number + " was forced before it was kept; go on with --force " + number + "="
            + option);
      }
    });
    for (long number : here.forced().keySet()) {
      if (number < there.made() && !there.forced().containsKey(number)) {
        throw unusable(file, "--force " + number + ": that decision was made before it was kept, and not forced; "
            + "decisions from " + there.made() + " on can be");
      }
    }
  }

  /// The first bytes of a stream.
  private static final class First extends InputStream {
    private final InputStream in;
    private long left;

    First(InputStream in, long length) {
      this.in = in;
      left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int from, int length) throws IOException {
      int n = left == 0 ? -1 : in.read(to, from, (int) Math.min(left, length));
      left -= Math.max(0, n);
      return n;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(left, in.available());
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}

package dev.crosspatch.sim.run;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.WholeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/// A run on its way, as a file: magic `CPRUN001`, what it is a run of, its cycle, what its logs hold so far, and the
/// [Snapshot] of all that it is built of. A run of the same scenario that begins with it goes on as the one that was
/// saved, and leaves the same output, byte for byte.
final class RunSnapshot {
  private static final byte[] MAGIC = {'C', 'P', 'R', 'U', 'N', '0', '0', '1'};

  private RunSnapshot() {}

  /// Writes the state of `run`, which has come to `cycle`.
  ///
  /// @throws BadInput if the file cannot be written
  static void save(Run run, long cycle, Path file) {
    WholeFile.write(file, out -> {
      DataOutputStream data = new DataOutputStream(out);
      data.write(MAGIC);
      data.writeUTF(subject(run));
      data.writeLong(cycle);
      run.logs().save(data);
      Snapshot.save(run, data);
      data.flush();
    });
  }

  /// Brings `run`, which has just been made, into the saved state; returns its cycle.
  ///
  /// @throws BadInput if the file is no snapshot of such a run
  static long load(Run run, Path file) {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        throw new BadInput(file + ": not a snapshot of a run");
      }
      String subject = in.readUTF();
      if (!subject.equals(subject(run))) {
        throw new BadInput(file + ": a snapshot of another run: of " + subject + ", and this is " + subject(run));
      }
      long cycle = in.readLong();
      run.logs().load(in);
      Snapshot.load(run, in);
      return cycle;
    } catch (NoSuchFileException e) {
      throw new BadInput(file + ": no such file");
    } catch (Snapshot.Unfit e) {
      throw new BadInput(file + ": this snapshot cannot be used: " + e.getMessage());
    } catch (IOException e) {
      throw new BadInput(file + ": this snapshot cannot be used: it is damaged or cut off");
    }
  }

  /// What makes two runs the same.
  private static String subject(Run run) {
    MachineConfig m = run.scenario().machine();
    CRC32 image = new CRC32();
    for (Section section : run.image().sections()) {
      image.update(section.bytes());
    }
    return String.format("kernel %08x, %s, %d CPUs, %s, %s, seed %d, trace %s, %s, %s", image.getValue(),
        m.isa().name(), m.cpus(), m.preset(), m.staleness(), m.seed(), run.scenario().trace().protocol(),
        run.logs().truth() ? "truth" : "no truth", run.machine().choices().getClass().getSimpleName());
  }
}

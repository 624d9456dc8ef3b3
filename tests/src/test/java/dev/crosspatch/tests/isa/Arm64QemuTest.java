package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.platform.LabBoard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What A64 instructions do, held against QEMU's user mode: the same snippet in the same state must leave the same
/// registers, flags and memory. `-Dcrosspatch.vectors=N` and `-Dcrosspatch.seed=N` choose how many and which.
class Arm64QemuTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.vectors",
      Boolean.getBoolean("crosspatch.full") ? 4_000_000 : 1_000_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int RAM = 8 << 20;
  private static final int STEPS = 64;
  private static final int SHOWN = 20;

  @TempDir
  Path directory = Path.of("");

  @Test
  void snippetsLeaveTheStateThatQemuLeaves() throws IOException, InterruptedException {
    A64Qemu qemu = new A64Qemu(directory, false);
    A64Generator generator = new A64Generator(new QuickRandom(SEED));
    Ours ours = new Ours();
    RowVectors rows = new RowVectors("AArch64", "Arm64QemuTest", RowVectors.A64,
        Arm64Isa.patterns().stream().map(Arm64Isa.Pattern::row).toList());
    List<String> differences = new ArrayList<>();
    qemu.run(VECTORS, generator::next, (v, theirs) -> {
      String difference = ours.run(v).differenceFrom(theirs);
      if (difference != null && differences.size() < SHOWN) {
        differences.add(difference + ": " + v);
      }
      Arrays.stream(v.words).mapToObj(Arm64Isa::rowOf).forEach(rows::count);
    });
    assertEquals(List.of(), differences,
        "ours against QEMU's, seed " + SEED + "\n" + String.join("\n", differences) + "\n");
    rows.hold();
  }

  /// The emulator side: one core, translation off, so virtual addresses are physical ones.
  private static final class Ours {
    private final Machine machine =
        new LabBoard().assemble(new MachineConfig(
            new Arm64Isa(), 1, "max", MachineConfig.Staleness.TYPICAL, true, true, RAM, SEED)).machine();

    /// msr cpacr_el1, x0; msr fpcr, x1; msr fpsr, x2; and mrs x0, fpcr; mrs x1, fpsr.
    private static final int[] STATE = {0xd518_1040, 0xd51b_4401, 0xd51b_4422, 0xd53b_4400, 0xd53b_4421};
    private static final long SET_STATE = A64Vector.CODE - 64;
    private static final int SETS = 3;
    private static final long FPEN = 3 << 20;

    Ours() {
      load(SET_STATE, STATE);
    }

    private void load(long address, int[] words) {
      byte[] code = new byte[4 * words.length];
      A64Vector.view(code).asIntBuffer().put(words);
      machine.load(address, code);
    }

    /// Runs instructions `from` to `to` of [#STATE].
    private void state(Core core, int from, int to) {
      core.pc = SET_STATE + 4L * from;
      machine.run(RunLimits.ofRetired(core.retired() + to - from));
    }

    A64Vector run(A64Vector in) {
      Core core = machine.core(0);
      load(in, core);
      long end = A64Vector.CODE + 4L * in.words.length;
      A64Vector out = new A64Vector();
      for (int i = 0; core.pc != end; i++) {
        machine.run(RunLimits.ofRetired(core.retired() + 1));
        if (machine.stopReason() != null || i == STEPS) {
          out.signal = -1;
          break;
        }
      }
      System.arraycopy(core.r, 0, out.x, 0, out.x.length);
      System.arraycopy(core.v, 0, out.v, 0, out.v.length);
      out.nzcv = nzcv(core.flags.materialize());
      for (int i = 0; i < A64Vector.SCRATCH_LONGS; i++) {
        out.scratch[i] = machine.readPhysical(A64Vector.SCRATCH + 8L * i);
      }
      state(core, SETS, STATE.length);
      out.fpcr = core.r[0];
      out.fpsr = core.r[1];
      return out;
    }

    private void load(A64Vector in, Core core) {
      core.r[0] = FPEN;
      core.r[1] = in.fpcr;
      core.r[2] = in.fpsr;
      state(core, 0, SETS);
      load(A64Vector.CODE, in.words);
      byte[] scratch = new byte[8 * A64Vector.SCRATCH_LONGS];
      A64Vector.view(scratch).asLongBuffer().put(in.scratch);
      machine.load(A64Vector.SCRATCH, scratch);
      System.arraycopy(in.x, 0, core.r, 0, in.x.length);
      System.arraycopy(in.v, 0, core.v, 0, in.v.length);
      core.flags.set(flags(in.nzcv));
      core.pc = A64Vector.CODE;
    }

    private static final int[] BITS = {Flags.OF, Flags.CF, Flags.ZF, Flags.SF};

    private static int flags(long nzcv) {
      int bits = 0;
      for (int i = 0; i < BITS.length; i++) {
        bits |= (nzcv >> (28 + i) & 1) != 0 ? BITS[i] : 0;
      }
      return bits;
    }

    private static long nzcv(int flags) {
      long bits = 0;
      for (int i = 0; i < BITS.length; i++) {
        bits |= (flags & BITS[i]) != 0 ? 1L << (28 + i) : 0;
      }
      return bits;
    }
  }
}

package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// What x86-64 instructions do, held against the CPU this test runs on: the same snippet in the same state must leave
/// the same registers, defined flags and memory. `-Dcrosspatch.vectors=N` and `-Dcrosspatch.seed=N` choose how many and
/// which.
class X86HostCpuTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.vectors",
      Boolean.getBoolean("crosspatch.full") ? 10_000_000 : 1_000_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int SHOWN = 20;
  private static final long SIGILL = 4;
  private static final long SIGFPE = 8;
  private static final long SIGSEGV = 11;

  @TempDir
  Path directory = Path.of("");

  @Test
  void snippetsLeaveTheStateThatTheHostLeaves(TestReporter reporter) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    X86HostCpu host = new X86HostCpu(directory);
    Ours ours = new Ours(X86HostCpu.preset());
    List<String> differences = new ArrayList<>();
    Set<String> missing = new TreeSet<>();
    Set<String> others = X86RowForm.all().stream().map(X86RowForm::row).collect(Collectors.toSet());
    RowVectors rows = new RowVectors("x86-64", "X86HostCpuTest", RowVectors.X86,
        X86Isa.rows().stream().filter(row -> !others.contains(row)).toList());
    host.run(VECTORS, vectors(), (v, theirs) -> {
      if (theirs.signal == SIGILL && !v.feature.equals("-")) {
        missing.add(v.feature);
        rows(v.code).forEach(rows::lacks);
        return;
      }
      String difference = ours.run(v).differenceFrom(theirs, v.defined);
      if (difference != null && differences.size() < SHOWN) {
        differences.add(difference + ": " + v);
      }
      rows(v.code).forEach(rows::count);
    });
    reporter.publishEntry("vectors " + VECTORS + ", seed " + SEED + ", features the host lacks: " + missing);
    assertTrue(differences.isEmpty(),
        () -> "ours against the host's, seed " + SEED + "\n" + String.join("\n", differences) + "\n");
    rows.hold();
  }

  /// Of all instructions of a snippet.
  private static List<@Nullable String> rows(byte[] code) {
    List<@Nullable String> rows = new ArrayList<>();
    for (int at = 0; at < code.length;) {
      rows.add(X86Isa.rowOf(code, at, code.length));
      Insn insn = new X86Isa().classify(code, at, code.length, X86Vector.CODE, Mode.CODE_64);
      at += insn == null ? code.length : insn.length();
    }
    return rows;
  }

  /// Every form equally often, some chains, and accesses that fault.
  private static IntFunction<X86Vector> vectors() throws IOException {
    List<X86Form> forms = X86Form.all();
    List<X86Form> chainable = forms.stream().filter(X86Form::chains).toList();
    List<X86Form> faulting = forms.stream().filter(X86Form::mayReachBeyond).toList();
    X86Generator generator = new X86Generator(new QuickRandom(SEED));
    return i -> switch (i % 8) {
      case 7 -> generator.chain(chainable);
      case 3 -> generator.beyond(faulting.get(i / 8 % faulting.size()));
      default -> generator.single(forms.get(i / 2 % forms.size()));
    };
  }

  /// The emulator side: one core at CPL 0 with code and scratch mapped where the host has them.
  private static final class Ours {
    private static final long CODE_FRAME = 0x1f_c000;
    private static final long SCRATCH_FRAME = 0x1f_d000;
    private static final long ROOT = 0x1000;
    private static final long TABLE = 7;
    private static final long PAGE = 0x63;
    private static final int STEPS = 16;

    private final Machine machine;

    Ours(String preset) {
      Platform platform = new LabBoard().assemble(new MachineConfig(
          new X86Isa(), 1, preset, MachineConfig.Staleness.TYPICAL, true, true, 32 << 20, SEED));
      machine = platform.machine();
      long base = platform.map().kernelBase();
      byte[] halt = {(byte) 0xf4};
      platform.boot(new Image(
          List.of(new Section(".text", base, halt, Section.Access.TEXT)),
          List.of(new Symbol("start", base, 1, Symbol.Kind.FUNCTION))));
      long frame = 0x1f_0000;
      machine.writePhysical(ROOT, frame | TABLE);
      machine.writePhysical(frame, frame + 0x1000 | TABLE);
      machine.writePhysical(frame + 0x1000 + (X86Vector.CODE >> 21) * 8, frame + 0x2000 | TABLE);
      machine.writePhysical(frame + 0x2000, CODE_FRAME | PAGE);
      machine.writePhysical(frame + 0x2000 + (X86Vector.SCRATCH >> 12 & 511) * 8, SCRATCH_FRAME | PAGE);
    }

    X86Vector run(X86Vector in) {
      Core core = machine.core(0);
      machine.load(CODE_FRAME, in.code);
      byte[] page = new byte[4096];
      System.arraycopy(in.scratch, 0, page, (int) X86Vector.SCRATCH & 0xfff, in.scratch.length);
      machine.load(SCRATCH_FRAME, page);
      System.arraycopy(in.r, 0, core.r, 0, in.r.length);
      core.flags.set((int) in.flags & X86Vector.FLAGS);
      core.pc = X86Vector.CODE;
      core.synchronizeContext();
      X86Vector out = new X86Vector();
      for (int i = 0; core.pc != X86Vector.CODE + in.code.length && out.signal == 0; i++) {
        machine.run(RunLimits.ofRetired(core.retired() + 1));
        out.signal = machine.stopReason() != null || i == STEPS ? signal(in) : 0;
      }
      System.arraycopy(core.r, 0, out.r, 0, out.r.length);
      out.flags = core.flags.materialize();
      for (int i = 0; i < X86Vector.SCRATCH_BYTES; i += 8) {
        X86Vector.view(out.scratch).putLong(i, machine.readPhysical(SCRATCH_FRAME + (X86Vector.SCRATCH & 0xfff) + i));
      }
      return out;
    }

    /// There is no IDT, so every fault ends as a triple fault, with the state that the first one left. Vectors are made
    /// to raise none but #DE or, if they reach beyond the mapped page, #PF.
    private long signal(X86Vector in) {
      return machine.stopReason() == null ? -1 : in.beyond ? SIGSEGV : SIGFPE;
    }
  }
}

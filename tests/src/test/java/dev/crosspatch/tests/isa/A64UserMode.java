package dev.crosspatch.tests.isa;

import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.platform.Booted;
import dev.crosspatch.platform.Device;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.platform.UserBoard;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Runs vectors in our user mode as `arm64exec.c` does in Linux's, with scratch at the edges of pages: the same pages,
/// and a signal for every exception.
final class A64UserMode implements Device {
  private static final int RAM = 8 << 20;
  private static final int STEPS = 64;
  private static final int PAGE = 4096;
  private static final int READ = 1 << Core.READ;
  private static final int WRITE = 1 << Core.WRITE;
  private static final int FETCH = 1 << Core.FETCH;
  private static final int[] EDGE_RIGHTS = {READ | WRITE, 0, READ | WRITE, READ};
  private static final int MAPPED = 1;
  private static final int REFUSED = 2;
  /// SVC #0.
  private static final int END = 0xd400_0001;

  private final UserMode user = new Arm64Isa().userMode();
  private final Machine machine;
  private final Core core;
  private final Image gate;
  private final long codeFrame;
  private final long[] edgeFrames = new long[EDGE_RIGHTS.length];
  private final UserContext context;
  private UserMode.@Nullable Trap trap;
  /// ESR_EL1 of the last exception.
  private long syndrome;

  A64UserMode() {
    Platform platform = new UserBoard().assemble(new MachineConfig(new Arm64Isa(), 1, "max",
        MachineConfig.Staleness.TYPICAL, true, true, RAM, 1), new SeededChoices(1, 1));
    machine = platform.machine();
    core = machine.core(0);
    long device = Objects.requireNonNull(platform.map().registers().get("gate"));
    gate = user.gate(platform.map().kernelBase(), platform.map().deviceMap() + device, 1);
    Booted booted = platform.boot(gate);
    platform.bus().attach(device, PAGE, this);
    user.prepare(core, gate, platform.map().deviceMap() + device);
    context = user.newContext(core);
    codeFrame = booted.pages().allocate();
    booted.tables().user(A64Vector.CODE, codeFrame, READ | WRITE | FETCH);
    for (int i = 0; i < edgeFrames.length; i++) {
      edgeFrames[i] = booted.pages().allocate();
      if (EDGE_RIGHTS[i] != 0) {
        booted.tables().user(A64Vector.EDGES + (long) PAGE * i, edgeFrames[i], EDGE_RIGHTS[i]);
      }
    }
  }

  @Override
  public long read(Core reader, long offset, int width) {
    return 0;
  }

  @Override
  public void write(Core writer, long offset, int width, long value) {
    trap = user.trap(core, gate);
    user.save(core, gate, context);
    machine.stop("at the gate");
  }

  /// ESR_EL1 of the exception that ended the last vector.
  long syndrome() {
    return syndrome;
  }

  /// What a vector leaves; -1 as its signal says that it did not end.
  A64Vector run(A64Vector in) {
    load(in);
    trap = null;
    user.place(core, context);
    machine.run(RunLimits.ofRetired(core.retired() + STEPS));
    A64Vector out = new A64Vector();
    out.signal = -1;
    UserMode.Trap met = trap;
    if (met == null) {
      return out;
    }
    syndrome = met.vector();
    System.arraycopy(context.r, 0, out.x, 0, out.x.length);
    System.arraycopy(context.v, 0, out.v, 0, out.v.length);
    out.nzcv = context.flags & 0xf000_0000L;
    out.fpcr = context.more[0];
    out.fpsr = context.more[1];
    out.signal = met.sort() == UserMode.Sort.CALL ? 0 : met.signal();
    if (out.signal != 0) {
      out.code = met.sort() == UserMode.Sort.PAGE ? code(met.address()) : met.code();
      out.address = met.address();
      out.pc = context.pc;
    }
    move(out.scratch, true);
    return out;
  }

  /// Linux's: SEGV_MAPERR where nothing is mapped, SEGV_ACCERR where something is.
  private static long code(long address) {
    long page = (address - A64Vector.EDGES) / PAGE;
    boolean mapped = address >= A64Vector.EDGES && page < EDGE_RIGHTS.length && EDGE_RIGHTS[(int) page] != 0;
    return mapped || (address & -PAGE) == A64Vector.CODE ? REFUSED : MAPPED;
  }

  private void load(A64Vector in) {
    byte[] code = new byte[4 * (A64Vector.MAX_WORDS + 1)];
    A64Vector.view(code).asIntBuffer().put(in.words).put(END);
    machine.load(codeFrame, code);
    move(in.scratch, false);
    System.arraycopy(in.x, 0, context.r, 0, in.x.length);
    System.arraycopy(in.v, 0, context.v, 0, in.v.length);
    context.more[0] = in.fpcr;
    context.more[1] = in.fpsr;
    context.flags = in.nzcv;
    context.pc = A64Vector.CODE;
  }

  private void move(long[] scratch, boolean back) {
    int at = 0;
    for (int[] piece : A64Vector.EDGE_PIECES) {
      long from = edgeFrames[piece[0] / PAGE] + piece[0] % PAGE;
      for (int i = 0; i < piece[1]; i++, at++) {
        if (back) {
          scratch[at] = machine.readPhysical(from + 8L * i);
        } else {
          machine.writePhysical(from + 8L * i, scratch[at]);
        }
      }
    }
  }
}

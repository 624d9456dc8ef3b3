package dev.crosspatch.tracer.program;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.tracer.text.PokeLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Runs a program, unprivileged but for its handlers, with random branch outcomes, interrupts and text patching;
/// tells a sink, and keeps the truth.
public final class ProgramRun {
  /// What happens besides the program.
  ///
  /// @param interrupts one interrupt in so many instructions, 0 for none
  /// @param pokes      one instruction in so many starts to patch a site when none is being patched, 0 for none
  /// @param syncs      whether the patcher interrupts the CPU around the poke, as the real protocol does
  /// @param sleep      most cycles a HALT sleeps
  public record Plan(int rows, int interrupts, int pokes, boolean syncs, int sleep) {}

  /// Arm's exception types of TRAP, FAULT, INTERRUPT and CALL rows.
  private static final int[] VECTORS = {0, 6, 12, 14, 2};

  private final Program program;
  private final Plan plan;
  private final Random random;
  private final RetireSink sink;
  private final byte[] text;
  private final @Nullable Insn[] decoded;
  private final RetireBatch batch = new RetireBatch();
  private final List<String> truth = new ArrayList<>();
  private final ProgramPatcher patcher;
  /// Return addresses; then where each handler returns to.
  private final Deque<Long> calls = new ArrayDeque<>();
  private final Deque<Long> traps = new ArrayDeque<>();
  private long pc;
  private long now = 1000;
  private boolean interruptPending;

  public ProgramRun(Program program, Plan plan, long seed, RetireSink sink) {
    this.program = program;
    this.plan = plan;
    this.random = new Random(seed);
    this.sink = sink;
    this.text = program.image().sections().getFirst().bytes().clone();
    this.decoded = new Insn[text.length];
    this.patcher = new ProgramPatcher(this, program.sites(), plan.syncs(), random);
    pc = program.at("f0");
  }

  /// Runs all of the plan.
  public ProgramRun run() {
    for (int i = 0; i < plan.rows(); i++) {
      if (traps.isEmpty() && (interruptPending || oneIn(plan.interrupts()))) {
        interruptPending = false;
        divert(RetireRow.INTERRUPT, pc);
        patcher.interrupted();
      } else {
        step();
      }
      patcher.turn(oneIn(plan.pokes()));
    }
    flush();
    sink.end();
    return this;
  }

  /// A line per retired instruction, `! from to` for diversions.
  public List<String> truth() {
    return truth;
  }

  public PokeLog pokes() {
    return patcher.log();
  }

  public int pokeCount() {
    return patcher.log().pokes().size();
  }

  long now() {
    return now;
  }

  /// Other CPUs' stores become visible at once.
  void store(long address, byte[] bytes, int from, int to) {
    System.arraycopy(bytes, from, text, (int) (address - ProgramText.BASE) + from, to - from);
    decoded[(int) (address - ProgramText.BASE)] = null;
  }

  /// Asks for an interrupt as soon as no handler runs.
  void interrupt() {
    interruptPending = true;
  }

  private boolean oneIn(int n) {
    return n > 0 && random.nextInt(n) == 0;
  }

  private void step() {
    Insn insn = fetch();
    now += random.nextInt(4);
    if (insn.flow() == FlowClass.TRAP) {
      trap();
      return;
    }
    long at = pc;
    long sequential = pc + insn.length();
    pc = next(insn, sequential);
    truth.add(Long.toHexString(at));
    row(RetireRow.INSN, at, pc, insn.length() | (insn.flow().ordinal() << Instruction.FLOW_SHIFT)
        | (pc != sequential ? RetireRow.TAKEN : 0));
    behind(insn);
  }

  private Insn fetch() {
    int offset = (int) (pc - ProgramText.BASE);
    Insn insn = decoded[offset];
    if (insn == null) {
      insn = classify(Arrays.copyOfRange(text, offset, Math.min(offset + 16, text.length)), pc);
      decoded[offset] = insn;
    }
    return insn;
  }

  /// The instruction at the start of `code`.
  Insn classify(byte[] code, long address) {
    Insn insn = program.isa().classify(code, 0, code.length, address, Mode.CODE_64);
    if (insn == null) {
      throw new IllegalStateException("no instruction at " + Long.toHexString(address));
    }
    return insn;
  }

  private long next(Insn insn, long sequential) {
    return switch (insn.flow()) {
      case COND_BRANCH -> random.nextInt(3) == 0 ? sequential : insn.target();
      case JUMP -> insn.target();
      case CALL -> called(sequential, insn.target());
      case INDIRECT_CALL -> called(sequential, program.function(random));
      case INDIRECT_JUMP -> program.function(random);
      case SYSTEM_CALL -> program.isa().isArm() ? sequential : program.function(random);
      case RETURN -> calls.isEmpty() || random.nextInt(50) == 0 ? program.function(random) : calls.pop();
      case TRAP_RETURN -> traps.pop();
      case OTHER, TRAP, SYNC, CONTEXT_WRITE, WAIT -> sequential;
    };
  }

  private long called(long sequential, long target) {
    if (calls.size() > 200) {
      calls.clear();
    }
    calls.push(sequential);
    return target;
  }

  private void behind(Insn insn) {
    if (insn.flow() == FlowClass.CONTEXT_WRITE) {
      row(RetireRow.CONTEXT, pc, random.nextLong() & 0xffff_ffe0L, 0);
    } else if (insn.flow() == FlowClass.WAIT && plan.sleep() > 0) {
      now += random.nextInt(plan.sleep());
      row(RetireRow.WAKE, pc, 0, 0);
    } else if (insn.flow() == FlowClass.SYSTEM_CALL && program.isa().isArm()) {
      divert(RetireRow.CALL, pc);
    }
  }

  /// The site's handler emulates the old or the new text.
  private void trap() {
    long site = pc;
    divert(RetireRow.TRAP, patcher.emulate(site));
  }

  private void divert(int kind, long returnTo) {
    long handler = program.at(Program.HANDLER);
    truth.add("! " + Long.toHexString(pc) + " " + Long.toHexString(handler));
    now += random.nextInt(4);
    traps.push(returnTo);
    row(kind, pc, handler, VECTORS[kind] << RetireRow.VECTOR_SHIFT);
    pc = handler;
  }

  private void row(int kind, long at, long next, int info) {
    batch.add(kind, at, next, now, info | (traps.isEmpty() ? 0 : 1 << RetireRow.PRIVILEGE_SHIFT));
    if (batch.isFull()) {
      flush();
    }
  }

  private void flush() {
    sink.retired(batch);
    batch.clear();
  }
}

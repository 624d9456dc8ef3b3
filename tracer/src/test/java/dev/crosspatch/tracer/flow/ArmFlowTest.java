package dev.crosspatch.tracer.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.tracer.program.DecodedFlow;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.Program;
import dev.crosspatch.tracer.program.ProgramRun;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Truth to elements in Arm's way of reporting, and back.
class ArmFlowTest {

  /// What an Arm trace unit with a return stack would tell, as elements.
  private static final class ArmUnit implements RetireSink {
    private final Elements elements = new Elements();
    private final ReturnStack stack = new ReturnStack(15);
    private final Random random;
    private final boolean usesStack;
    private boolean started;
    private long bits;
    private int bitCount;
    private long bitsFrom;
    private long bitsTo;

    ArmUnit(long seed, boolean usesStack) {
      random = new Random(seed);
      this.usesStack = usesStack;
    }

    @Override
    public void retired(RetireBatch batch) {
      for (int i = 0; i < batch.rows(); i++) {
        row(batch.row(i));
      }
    }

    private void row(RetireRow row) {
      long time = row.time;
      if (!started) {
        started = true;
        element(Elements.START, row.pc, 0, time);
      }
      switch (row.kind()) {
        case RetireRow.INSN -> instruction(row.flow(), row.sequential(), row.next, row.taken(), time);
        case RetireRow.CONTEXT -> element(Elements.CONTEXT, row.next, 0, time);
        case RetireRow.WAKE -> {}
        default -> element(Elements.ASYNC, row.pc, row.next, time);
      }
      if (bitCount == 64 || random.nextInt(7) == 0) {
        flush();
      }
    }

    private void instruction(FlowClass flow, long next, long target, boolean taken, long time) {
      switch (flow) {
        case COND_BRANCH -> bit(taken, time);
        case JUMP, SYNC -> bit(true, time);
        case CALL -> {
          bit(true, time);
          stack.push(next);
        }
        case INDIRECT_CALL -> {
          indirect(target, time);
          stack.push(next);
        }
        case INDIRECT_JUMP, RETURN, TRAP_RETURN -> indirect(target, time);
        // The program jumps with it; Arm's takes an exception.
        case SYSTEM_CALL -> element(Elements.ASYNC, next, target, time);
        case OTHER, TRAP, CONTEXT_WRITE, WAIT -> {}
      }
    }

    private void indirect(long target, long time) {
      bit(true, time);
      if (usesStack && !stack.isEmpty() && stack.peek() == target) {
        stack.pop();
      } else {
        element(Elements.TARGET, target, 0, time);
      }
    }

    private void bit(boolean taken, long time) {
      if (bitCount == 0) {
        bitsFrom = time;
      }
      bitsTo = time;
      bits |= taken ? 1L << bitCount : 0;
      bitCount++;
      if (bitCount == 64) {
        flush();
      }
    }

    private void flush() {
      if (bitCount > 0) {
        add(Elements.BITS, bits, bitCount, bitsFrom, bitsTo);
        bits = 0;
        bitCount = 0;
      }
    }

    private void element(int kind, long a, long b, long time) {
      flush();
      add(kind, a, b, time, time);
    }

    private void add(int kind, long a, long b, long low, long high) {
      elements.add(kind, a, b, elements.count(), low);
      elements.bound(elements.count() - 1, high);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void decodesExactly(boolean usesStack) {
    int pokes = 0;
    for (long seed = 0; seed < 20; seed++) {
      Program program = new Program(seed, 8);
      ArmUnit unit = new ArmUnit(seed, usesStack);
      ProgramRun run = new ProgramRun(program, new ProgramRun.Plan(5000, 200, 40, true, 0), seed + 1, unit).run();
      unit.flush();
      DecodedFlow flow = new DecodedFlow();
      new FlowDecoder(Traces.ARM, new TextTimeline(FlowIsa.BYTES, program.image(), run.pokes()), flow)
          .decode(Traces.reader(unit.elements));
      assertEquals(List.of(), flow.problems(), "seed " + seed);
      List<String> truth = run.truth().stream().filter(line -> !line.startsWith("!")).toList();
      List<String> decoded = flow.untilProblem().stream().filter(line -> !line.startsWith("!")).toList();
      // What ran behind the last element is not told. A system call here only jumps, so diversions are more.
      assertEquals(truth.subList(0, decoded.size()), decoded, "seed " + seed);
      assertTrue(decoded.size() > truth.size() - 50, decoded.size() + " of " + truth.size());
      pokes += run.pokeCount();
    }
    assertTrue(pokes > 100, "pokes: " + pokes);
  }
}

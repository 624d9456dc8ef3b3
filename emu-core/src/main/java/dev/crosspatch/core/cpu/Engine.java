package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.Channel;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.DecodedLine;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.pipeline.PipelineDecoder;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Steers one core: events, interrupts and faults, fetch, and the [Interpreter] in between.
final class Engine {
  /// The interpreter comes back after so much time at the latest: the host compiles a loop that never ends less well
  /// than a method that is called again and again.
  private static final long STRETCH = ClockUnit.units(4096);

  private static final byte[] NO_TEXT = {};

  private final Core core;
  private final PhysicalMemory memory;
  private final transient Channel<StaleExecution> staleExecutions;
  private final byte[] trap;
  private final DecodedLine.Decoder decoder;
  private final int alignmentMask;
  /// The instruction of the present step is told of as stale.
  private boolean toldStale;
  /// [Core#follower] has been told of the instruction that is next.
  private boolean announced;

  Engine(Core core, Uncore machine) {
    this.core = core;
    memory = machine.memory();
    staleExecutions = machine.probe().staleExecutions;
    trap = machine.traits().trap();
    decoder = new DecodedLine.Decoder(machine.traits().decoder(), machine.timing(), new UopBuffer(),
        machine.pipeline() == null ? null : new PipelineDecoder(machine.traits().decoder(), machine.pipeline()));
    alignmentMask = machine.traits().alignment() - 1;
  }

  /// Runs until the clock reaches `until`, the core waits beyond it, or somebody calls [Core#giveWay].
  void run(long until) {
    core.until = until;
    while (core.clock < core.until) {
      boolean quiet = !core.waiting && !core.resync && core.clock < core.events.next();
      if (!quiet && !(attend() && core.clock < core.until)) {
        return;
      }
      if (core.follower != null && !announced) {
        continue; // an interrupt was taken: its handler's first instruction is to be told of
      }
      long due = Math.min(core.until, core.events.next());
      core.limit = core.resync || core.stepping ? Long.MIN_VALUE : Math.min(due, core.clock + STRETCH);
      if (core.stepping) {
        singleStep();
      } else {
        step();
        core.log.writeDeferred(core);
      }
    }
  }

  /// Delivers what is due. Returns false if the core goes on waiting, or waking has taken up its turn.
  private boolean attend() {
    if (core.waiting && !(awake() && core.clock < core.until)) {
      return false;
    }
    deliverEvents();
    if (core.resync) {
      core.resync = false;
      core.refreshMode();
      if (core.follower != null) {
        announce(core.follower);
      }
      if (core.interruptReady()) {
        interrupt();
      }
    }
    return true;
  }

  /// Lets a waiting core sleep from event to event until one wakes it.
  private boolean awake() {
    deliverEvents();
    while (!core.resync || !core.wakes()) {
      core.resync = false;
      long next = core.events.next();
      if (next >= core.until) {
        return false;
      }
      core.clock = next;
      deliverEvents();
    }
    core.waiting = false;
    core.spend(core.sleepsDeeply() ? EventCost.DEEP_WAKE : EventCost.WAKE);
    core.log.row(RetireRow.WAKE, core.pc, core.pc, core.cycles(), core.mode);
    return true;
  }

  private void deliverEvents() {
    while (core.events.next() <= core.clock) {
      int kind = core.events.firstKind();
      long value = core.events.firstValue();
      core.events.removeFirst();
      core.event(kind, value);
      core.resync = true;
    }
  }

  /// Tells a follower of the instruction that is next, once. The core has to look around again before each, and so runs
  /// one at a time.
  private void announce(Follower follower) {
    if (!announced) {
      announced = true;
      follower.before(core);
    }
    core.resync = true;
  }

  private void interrupt() {
    announced = false;
    core.interrupts++;
    core.spend(EventCost.INTERRUPT);
    core.interrupt();
    core.faultCode = 0;
    core.refreshMode();
  }

  /// Runs instructions until something needs attention: at least one, or the fault that prevents it.
  private void step() {
    toldStale = false;
    announced = false;
    DecodedLine line = line();
    if (line == null) {
      fault(NO_TEXT);
      return;
    }
    if (core.fetch.careful) {
      core.leaveLoop();
    }
    core.frame.enter(line);
    if (core.fetch.isGuarded(core.pc) && !core.mayEnter(executed())) {
      faultAtFrame();
      return;
    }
    while (Interpreter.run(core, core.frame) == Interpreter.LONG_WAY) {
      if (!LongWay.execute(core, core.frame)) {
        faultAtFrame();
        return;
      }
    }
    core.log.flushIfFull();
    if (core.faultCode != 0) { // Outcome.CALL
      core.log.writeDeferred(core);
      fault(executed());
    }
  }

  private void faultAtFrame() {
    byte[] executed = executed();
    tellFault(executed);
    fault(executed);
  }

  /// One instruction, with the ISA asked before and told after it.
  private void singleStep() {
    if (!core.beforeStep()) {
      fault(NO_TEXT);
      return;
    }
    long faults = core.exceptions;
    step();
    core.log.writeDeferred(core);
    if (core.afterStep(core.exceptions == faults)) {
      core.waiting = false;
      fault(NO_TEXT);
    }
  }

  /// The code line to execute at the present pc, with the instruction there decoded; null if fetching it faults.
  private @Nullable DecodedLine line() {
    if (((int) core.pc & alignmentMask) != 0) {
      core.misalignedFetch();
      return null;
    }
    long began = core.clock;
    CodeLine fetched = core.fetch.fetch(core.pc);
    if (fetched == null) {
      return null;
    }
    DecodedLine line = fetched.in(core.codeMode);
    int offset = (int) core.pc & Frame.LINE_MASK;
    Instruction instruction = line.instructions[offset];
    if (instruction == null) {
      instruction = line.decode(offset, decoder);
    }
    if (instruction == Instruction.STRADDLES) {
      return straddling(line, offset, began);
    }
    if (fetched.superseded) {
      checkStale(fetched, fetched, instruction);
    }
    return line;
  }

  private @Nullable DecodedLine straddling(DecodedLine line, int offset, long began) {
    CodeLine second = core.fetch.fetchRest((core.pc | Frame.LINE_MASK) + 1, began);
    if (second == null) {
      return null;
    }
    DecodedLine joined = line.join(offset, second, decoder);
    if (line.code.superseded || second.superseded) {
      checkStale(joined.code, second, Objects.requireNonNull(joined.at(offset)));
    }
    return joined;
  }

  /// Counts the execution of bytes that memory no longer holds. Bytes beyond the end of the line belong to `second`.
  private void checkStale(CodeLine line, CodeLine second, Instruction instruction) {
    int offset = instruction.offset;
    int length = instruction.end - offset;
    byte[] executed = Arrays.copyOfRange(line.bytes, offset, offset + length);
    byte[] held = new byte[length];
    byte[] data = memory.data();
    for (int i = 0; i < length; i++) {
      int from = offset + i <= Frame.LINE_MASK ? line.line : second.line;
      held[i] = data[(from << PhysicalMemory.LINE_SHIFT) + (offset + i & Frame.LINE_MASK)];
    }
    if (!Arrays.equals(executed, held)) {
      core.staleExecutions++;
      toldStale = true;
      if (staleExecutions.isHeard()) {
        staleExecutions.tell(new StaleExecution(core.id, core.cycles(), core.pc, executed, held));
      }
    }
  }

  /// Tells of an instruction that faults in text that was stored to, as of a stale one, which it may be: what faults
  /// was executed, up to its fault. A breakpoint is no fault.
  private void tellFault(byte[] executed) {
    DecodedLine line = core.frame.code;
    boolean stored = stored(line.code) || (line.second != null && stored(line.second));
    if (!staleExecutions.isHeard() || toldStale || !stored) {
      return;
    }
    if (!Arrays.equals(executed, trap)) {
      staleExecutions.tell(new StaleExecution(core.id, core.cycles(), core.pc, executed, executed));
    }
  }

  /// Bytes of the instruction at which the frame stands, as they were fetched.
  private byte[] executed() {
    Instruction at = core.frame.op.instruction;
    return Arrays.copyOfRange(core.frame.code.code.bytes, at.offset, at.end);
  }

  private boolean stored(CodeLine line) {
    return (memory.flags(line.line) & PhysicalMemory.STORED) != 0;
  }

  /// Enters the handler of a fault, if one is recorded.
  ///
  /// @param text as [Core#deliver] wants it
  private void fault(byte[] text) {
    if (core.faultCode == 0) {
      return;
    }
    core.log.dropDeferred();
    int code = core.faultCode;
    core.faultCode = 0;
    core.exceptions++;
    core.spend(EventCost.EXCEPTION);
    core.deliver(code, core.faultAddress, text);
    core.faultCode = 0;
    core.resynchronize();
  }
}

package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.flow.FlowListener.Gap;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rebuilds the flow of one CPU from its trace and the text timeline, for every protocol and instruction set. It knows
/// neither packets nor opcodes, and nothing of the machine.
///
/// Where the time window between two elements holds more than one version of an instruction, each is tried against the
/// trace that follows ([FlowLookahead]). One that fits is taken in silence; of several, [Problem.Kind#AMBIGUOUS] is
/// reported and the oldest is taken (the search is bounded; the problem says if it came to its bound); none is a
/// [Problem.Kind#MISMATCH]. Versions that would make the flow go on alike are one.
///
/// A window that begins at the very tick of a poke holds both texts, as a tick may hold many cycles: the old one can
/// have run in it, before the report, and the new one behind. Nothing is preferred.
///
/// What is known to have run narrows what can run later: once a poke's new text was the only one to fit, text that
/// ended with that poke or before it is no candidate any more. An ambiguous choice narrows nothing.
///
/// Behind a problem the flow is taken up at the next element that tells an address for certain: a start, a
/// synchronization point, the target of a diversion (a trap's or interrupt's handler), a place on the way, or any
/// target that is not older than bits before it. Behind all but the first two the return stack is incomplete; if a
/// return needs what is missing, the decoder looks for the next such element, without another problem.
public final class FlowDecoder {
  private final FlowRules rules;
  private final FlowListener out;
  private final FlowWalker walker;
  private final FlowLookahead lookahead;
  private Elements elements = new Elements();
  private boolean following;
  private boolean stackIncomplete;
  private Gap pending = Gap.BEGIN;

  /// A decoder for one CPU's trace; several may share a timeline, on several threads.
  ///
  /// @param config how the CPU was traced
  public FlowDecoder(TraceConfig config, TextTimeline text, FlowListener out) {
    rules = new FlowRules(config);
    this.out = out;
    walker = new FlowWalker(text, rules);
    lookahead = new FlowLookahead(text, rules);
  }

  /// Decodes all that the reader has.
  public void decode(ElementReader reader) {
    while (reader.next(elements)) {
      decode(elements, reader);
    }
    if (!following && pending == Gap.OVERFLOW) {
      out.gap(Elements.UNKNOWN, pending, walker.low);
    }
  }

  /// Decodes one chunk; `reader` gives the texts of its errors.
  public void decode(Elements chunk, ElementReader reader) {
    elements = chunk;
    walker.enter(chunk);
    while (following || resume(reader)) {
      int end = walker.walk(out);
      switch (end) {
        case FlowWalker.END -> {
          return;
        }
        case FlowWalker.EVENT -> event(reader);
        case FlowWalker.FORK -> fork();
        case FlowWalker.NO_TEXT -> lose(Problem.Kind.NO_TEXT, walker.contradiction(end));
        default -> contradiction(end);
      }
    }
  }

  /// For a listener that is being told of an instruction: the earliest time at which it can have run, in ticks;
  /// [Long#MIN_VALUE] if the trace does not say.
  public long time() {
    return walker.low;
  }

  /// For a listener that is being told of the instruction at `address`: the version of the text that the decoder has
  /// taken, or null without text.
  public @Nullable TextVersion text(long address) {
    return walker.text.taken(address, walker);
  }

  /// For a listener that is being told of an instruction: the execution mode in which it ran.
  public Mode mode() {
    return walker.text.mode();
  }

  private void event(ElementReader reader) {
    int element = walker.cursor;
    switch (elements.kind(element)) {
      case Elements.AT -> synchronizedAt();
      case Elements.START -> interrupted(Gap.OFF);
      case Elements.STOP -> {
        walker.pass();
        stopped(element);
        interrupted(Gap.OFF);
      }
      case Elements.LOST -> {
        walker.pass();
        interrupted(Gap.OVERFLOW);
      }
      case Elements.ERROR -> badPacket(reader);
      default -> lose(Problem.Kind.MISMATCH, "no text at " + Long.toHexString(walker.pc));
    }
  }

  /// The flow has come to a synchronization point. The execution mode there is the one it came in.
  private void synchronizedAt() {
    if (walker.modeBehind(walker.text.mode()) != walker.text.mode()) {
      lose(Problem.Kind.MISMATCH, walker.otherMode());
      return;
    }
    walker.pass();
    walker.stack.clear();
    stackIncomplete = false;
  }

  /// Tells that tracing ended at `element`.
  private void stopped(int element) {
    out.stopped(elements.a(element), elements.low(element));
  }

  private void interrupted(Gap reason) {
    following = false;
    pending = reason;
  }

  private void badPacket(ElementReader reader) {
    String detail = reader.error((int) elements.a(walker.cursor));
    lose(Problem.Kind.BAD_PACKET, detail);
    walker.pass();
  }

  private void contradiction(int end) {
    if (stackIncomplete && walker.reason() == FlowContradiction.EMPTY_STACK) {
      interrupted(Gap.RESYNC);
    } else {
      lose(Problem.Kind.MISMATCH, walker.contradiction(end));
    }
  }

  private void lose(Problem.Kind kind, String detail) {
    report(kind, detail);
    interrupted(Gap.RESYNC);
  }

  private void report(Problem.Kind kind, String detail) {
    out.problem(new Problem(kind, walker.pc, walker.low, walker.high(), walker.offset(), detail));
  }

  /// Several versions of the text are possible.
  private void fork() {
    List<FlowLookahead.Candidate> all = lookahead.candidates(walker);
    List<FlowLookahead.Candidate> fitting = lookahead.fitting(walker, all);
    if (fitting.isEmpty()) {
      lose(Problem.Kind.MISMATCH, all.stream().map(c -> lookahead.explain(walker, c))
          .collect(Collectors.joining("; ", "no version fits: ", "")));
      return;
    }
    FlowLookahead.Candidate choice = fitting.getFirst();
    walker.text.decide(walker.pc, choice.insn);
    if (fitting.size() == 1) {
      walker.text.floor = Math.max(walker.text.floor, choice.since);
    } else {
      String fit = fitting.size() + (lookahead.gaveUp() ? " versions fit as far as was searched: " : " versions fit: ");
      report(Problem.Kind.AMBIGUOUS, fitting.stream().map(Object::toString).collect(Collectors.joining("; ", fit, "")));
    }
  }

  /// Takes the flow up at the next element with an address.
  ///
  /// @return false if the chunk has none
  private boolean resume(ElementReader reader) {
    for (; walker.cursor < elements.count(); walker.cursor++) {
      int element = walker.cursor;
      switch (elements.kind(element)) {
        case Elements.START, Elements.AT -> {
          return follow(elements.a(element), false);
        }
        case Elements.ASYNC -> {
          if (pending == Gap.RESYNC) {
            return follow(elements.b(element), true);
          }
        }
        case Elements.PLACE -> {
          if (pending == Gap.RESYNC) {
            return follow(elements.a(element), true);
          }
        }
        case Elements.TARGET -> {
          if (pending == Gap.RESYNC && elements.b(element) == 0) {
            return follow(elements.a(element), true);
          }
        }
        case Elements.LOST -> pending = Gap.OVERFLOW;
        case Elements.MODE -> walker.enterMode(Mode.of((int) elements.a(element)));
        case Elements.STOP -> {
          stopped(element);
          pending = Gap.OFF;
        }
        case Elements.ERROR -> badPacketInGap(reader.error((int) elements.a(element)));
        default -> {}
      }
    }
    return false;
  }

  private void badPacketInGap(String detail) {
    report(Problem.Kind.BAD_PACKET, detail);
    pending = Gap.RESYNC;
  }

  private boolean follow(long address, boolean incomplete) {
    walker.start(address);
    out.gap(address, pending, walker.low);
    following = true;
    stackIncomplete = incomplete;
    return true;
  }
}

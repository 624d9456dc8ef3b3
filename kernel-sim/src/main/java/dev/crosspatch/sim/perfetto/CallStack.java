package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.verify.Symbols;
import java.util.ArrayList;
import java.util.List;

/// What a CPU is in the middle of: functions and, on top of them, handlers with their own functions. Each is a slice on
/// its track. It follows from addresses alone, so that text which changes, torn instructions and a kernel that panics
/// cannot confuse it for long: whoever comes to the beginning of a function has called it, whoever comes into the
/// middle of one returns to it if it is there, else has jumped to it.
final class CallStack {
  /// A guest that traps over and over never returns: with so many on each other all end, and it begins anew.
  private static final int MOST = 64;
  private static final int NONE = -1;

  private final TraceEvents out;
  private final Track track;
  private final Functions functions;
  private final Symbols symbols;
  private final List<Frame> frames = new ArrayList<>();
  private boolean shown;

  /// A function, or a handler, which is entered between two instructions.
  ///
  /// @param function that runs; of a handler the empty stretch at the address that it interrupted
  private record Frame(String category, String name, Functions.Function function, long cycle, Json.Body args,
      boolean isHandler) {}

  CallStack(TraceEvents out, Track track, Functions functions, Symbols symbols) {
    this.out = out;
    this.track = track;
    this.functions = functions;
    this.symbols = symbols;
  }

  /// From here on it is written, with what has begun before.
  void show(long cycle) {
    shown = true;
    frames.forEach(f -> begin(f, Math.max(f.cycle, cycle)));
  }

  private void begin(Frame frame, long cycle) {
    out.begin(track, cycle, frame.category, frame.name, g -> {
      if (frame.cycle != cycle) {
        g.writeNumberField("began", frame.cycle);
      }
      frame.args.write(g);
    });
  }

  /// The present one, to which an address mostly belongs.
  private boolean isInside(long address) {
    return !frames.isEmpty() && frames.getLast().function.contains(address);
  }

  /// An instruction of a function begins.
  void run(long address, long cycle) {
    if (isInside(address)) {
      return;
    }
    Functions.Function function = functions.at(address);
    int known = find(function.start());
    if (known != NONE) {
      end(known + 1, cycle);
      return;
    }
    boolean jumped = address != function.start() && !frames.isEmpty() && !frames.getLast().isHandler;
    if (jumped) {
      end(frames.size() - 1, cycle);
    }
    push(new Frame("function", function.name(), function, cycle, g -> {}, false));
  }

  /// Place of a function among those above the innermost handler.
  private int find(long start) {
    for (int i = frames.size() - 1; i >= 0 && !frames.get(i).isHandler; i--) {
      if (frames.get(i).function.start() == start) {
        return i;
      }
    }
    return NONE;
  }

  /// The flow leaves for a handler.
  ///
  /// @param kind as in [RetireRow]
  void divert(int kind, long from, long to, long cycle) {
    String category = switch (kind) {
      case RetireRow.TRAP -> "trap";
      case RetireRow.FAULT -> "fault";
      case RetireRow.INTERRUPT -> "interrupt";
      default -> "call";
    };
    String place = symbols.name(kind == RetireRow.INTERRUPT ? to : from);
    Json.Body args = g -> {
      g.writeStringField("from", symbols.name(from));
      g.writeStringField("address", Json.address(from));
      g.writeStringField("handler", symbols.name(to));
    };
    push(new Frame(category, category + " " + (place.isEmpty() ? Json.address(from) : place),
        new Functions.Function("", from, from), cycle, args, true));
  }

  /// Whether a handler runs.
  boolean isDiverted() {
    return innermostHandler() != NONE;
  }

  private int innermostHandler() {
    for (int i = frames.size() - 1; i >= 0; i--) {
      if (frames.get(i).isHandler) {
        return i;
      }
    }
    return NONE;
  }

  /// An exception return went on to `to`: mostly back from the innermost handler, but x86-64 synchronizes by one that
  /// goes on within the handler, too.
  void returned(long to, long cycle) {
    int handler = innermostHandler();
    if (handler != NONE && (frames.get(handler).function.start() == to || !isWithin(handler, to))) {
      end(handler, cycle);
    }
  }

  /// A return went on to `to` while a handler runs. If nothing there has called what returns, the stack is another
  /// task's, which had given way by itself: the handler preempted the one before, and it is over.
  void wentBack(long to, long cycle) {
    long start = functions.at(to).start();
    if (to != start && find(start) == NONE) {
      end(innermostHandler(), cycle);
    }
  }

  /// Whether an address belongs to a function that a handler runs.
  private boolean isWithin(int handler, long address) {
    return frames.stream().skip(handler + 1L).anyMatch(f -> f.function.contains(address));
  }

  private void push(Frame frame) {
    if (frames.size() == MOST) {
      end(0, frame.cycle);
    }
    frames.add(frame);
    if (shown) {
      begin(frame, frame.cycle);
    }
  }

  /// All but the lowest `left` end.
  void end(int left, long cycle) {
    while (frames.size() > left) {
      frames.removeLast();
      if (shown) {
        out.end(track, cycle);
      }
    }
  }
}

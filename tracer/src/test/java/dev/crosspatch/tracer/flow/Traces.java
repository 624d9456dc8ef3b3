package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.flow.TraceConfig.Report;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/// Hand-made traces: elements without packets, and the two ways to report flow.
final class Traces {
  private Traces() {}

  /// One chunk.
  static ElementReader reader(Elements chunk) {
    return new ElementReader() {
      private boolean done;

      @Override
      public boolean next(Elements elements) {
        elements.clear();
        for (int i = 0; !done && i < chunk.count(); i++) {
          elements.add(chunk.kind(i), chunk.a(i), chunk.b(i), chunk.offset(i), chunk.low(i));
          elements.bound(i, chunk.high(i));
        }
        done = true;
        return elements.count() > 0;
      }

      @Override
      public String error(int index) {
        return "error number " + index;
      }
    };
  }

  /// How Arm's trace reports: every waypoint costs a bit.
  static final TraceConfig ARM = new Config("arm", 15, true) {
    @Override
    public Report report(FlowClass flow) {
      return switch (flow) {
        case COND_BRANCH, JUMP, CALL, SYNC -> Report.BIT;
        case INDIRECT_JUMP, INDIRECT_CALL, RETURN, TRAP_RETURN -> Report.BIT_AND_TARGET;
        case OTHER, SYSTEM_CALL, TRAP, CONTEXT_WRITE, WAIT -> Report.NONE;
      };
    }
  };

  /// How Intel's trace reports.
  static final TraceConfig INTEL = new Config("intel", 64, false) {
    @Override
    public Report report(FlowClass flow) {
      return switch (flow) {
        case COND_BRANCH -> Report.BIT;
        case INDIRECT_JUMP, INDIRECT_CALL, SYSTEM_CALL, TRAP_RETURN -> Report.TARGET;
        case RETURN -> Report.BIT_IF_PREDICTED;
        case OTHER, JUMP, CALL, TRAP, SYNC, CONTEXT_WRITE, WAIT -> Report.NONE;
      };
    }
  };

  private abstract static class Config implements TraceConfig {
    private final String name;
    private final int depth;
    private final boolean pushesCallToNext;

    Config(String name, int depth, boolean pushesCallToNext) {
      this.name = name;
      this.depth = depth;
      this.pushesCallToNext = pushesCallToNext;
    }

    @Override
    public String protocol() {
      return name;
    }

    @Override
    public ElementReader reader(TraceSource trace, Set<Mode> modes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int returnStackDepth() {
      return depth;
    }

    @Override
    public boolean pushesCallToNext() {
      return pushesCallToNext;
    }

    @Override
    public int list(RawTrace trace, Appendable out) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(ObjLongConsumer<String> out) {
      throw new UnsupportedOperationException();
    }
  }
}

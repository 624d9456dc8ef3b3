package dev.crosspatch.tracer.etm;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.OptionMap;
import dev.crosspatch.tracer.flow.PacketListing;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.IOException;
import java.util.Map;

/// Arm ETMv4 instruction trace. Options, as in [EtmOptions]:
///
/// | option | default | meaning |
/// |---|---|---|
/// | `timeless` | 0 | 1 switches `ts` and `cci` off |
/// | `ts` | 1 | timestamps at exceptions, exception returns, ISBs and synchronization |
/// | `cci` | 1 | cycle counts; without them the time of a branch is known only between two timestamps |
/// | `cci_threshold` | 16 | fewest cycles between two cycle counts, 4..4095 |
/// | `cid` | 1 | CONTEXTIDR_EL1 in context packets |
/// | `bb` | 0 | branch broadcasting: an address behind every taken branch and ISB |
/// | `return_stack` | 1 | predicted returns need no address |
/// | `sync_period` | 4096 | bytes from A-Sync to A-Sync, 0 for only one |
/// | `fifo_bytes` | 0 | internal buffer, 256 or more; 0: it never overflows |
/// | `drain_bytes` | 16 | bytes that leave it in 16 cycles |
/// | `max_bytes` | 0 | tracing ends at this size; 0: never |
/// | `timer_mhz`, `frequency_mhz` | 1, 1 | generic timer and PE clock; a run sets them to those of its core |
///
/// For readers of a trace that another trace unit made there are its registers besides, see [EtmRegisters].
public sealed class EtmProtocol implements TraceProtocol permits EteProtocol {
  /// Entries of the return stack of our trace units.
  public static final int RETURN_STACK = 15;

  @Override
  public String name() {
    return "etm";
  }

  @Override
  public String isa() {
    return "aarch64";
  }

  @Override
  public Map<String, Long> options() {
    return EtmOptions.defaults();
  }

  @Override
  public Map<String, Long> readerOptions() {
    return EtmRegisters.defaults();
  }

  /// Which packets the trace unit has.
  EtmConfig.Protocol packets() {
    return EtmConfig.Protocol.ETMV4;
  }

  /// The trace unit's registers, as a reader of its trace has to know them.
  ///
  /// @param options as [#options] gives them
  public EtmConfig config(int cpu, Map<String, Long> options) {
    return EtmRegisters.of(name(), options).in(EtmOptions.of(name(), options).config(packets(), cpu));
  }

  /// TRCSYNCPR.PERIOD is 0 or 2^n bytes, n in 8..20.
  @Override
  public void checkSetup(Map<String, Long> options) {
    new OptionMap(name(), EtmOptions.defaults(), options).checkPower("sync_period", 1 << 8, 1 << 20);
  }

  @Override
  public ElementReader reader(TraceSource trace, Map<String, Long> options) {
    return new EtmElementReader(trace, config(0, options), EtmOptions.of(name(), options));
  }

  @Override
  public Report report(FlowClass flow, Map<String, Long> options) {
    return switch (flow) {
      case COND_BRANCH, JUMP, CALL, SYNC -> Report.BIT;
      case INDIRECT_JUMP, INDIRECT_CALL, RETURN, TRAP_RETURN -> Report.BIT_AND_TARGET;
      case WAIT -> config(0, options).waitsAreP0() ? Report.BIT : Report.NONE;
      case OTHER, SYSTEM_CALL, TRAP, CONTEXT_WRITE -> Report.NONE;
    };
  }

  @Override
  public int returnStackDepth(Map<String, Long> options) {
    return config(0, options).returnStack() ? RETURN_STACK : 0;
  }

  @Override
  public boolean pushesCallToNext() {
    return true;
  }

  @Override
  public int list(byte[] trace, Map<String, Long> options, Appendable out) throws IOException {
    EtmConfig config = config(0, options);
    return PacketListing.list(() -> cursor(new EtmPacketReader(config, trace), trace), trace.length, "A-Sync", out);
  }

  private static PacketListing.Cursor cursor(EtmPacketReader packets, byte[] trace) {
    return new PacketListing.Cursor() {
      @Override
      public int next() {
        return packets.next();
      }

      @Override
      public boolean sync() {
        return packets.sync();
      }

      @Override
      public int offset() {
        return packets.offset();
      }

      @Override
      public String line() {
        return EtmPacketText.line(packets, trace);
      }
    };
  }
}

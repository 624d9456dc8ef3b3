package dev.crosspatch.tracer.etm;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.OptionReader;
import dev.crosspatch.tracer.flow.PacketListing;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.IOException;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/// How a PE was traced: the registers of its trace unit, whoever made it, and the clocks.
///
/// | option | meaning |
/// |---|---|
/// | `trcconfigr`, `trcidr0`, `trcidr2`, `trcidr8` | registers, as a CoreSight snapshot or perf's metadata tells them |
/// | `trcidr1` (ETMv4), `trcdevarch` (ETE) | which version it is |
/// | `trctraceidr` | trace ID of CPU 0, 0 if it is not given; those of the others follow |
/// | `timer_mhz`, `frequency_mhz` | generic timer and PE clock; 1 if they are not given |
///
/// @param registers of the trace unit of CPU 0
/// @param clocks    PE clock and generic timer
public record EtmConfig(EtmRegisters registers, ClockRatio clocks) implements TraceConfig {
  /// Entries of the return stack of our trace units, and the most that one can have.
  public static final int RETURN_STACK = 15;

  /// What is written in these options.
  ///
  /// @throws IllegalArgumentException naming the option or register, its value and what is allowed
  public static EtmConfig of(Protocol protocol, TraceOptions given) {
    OptionReader options = new OptionReader(protocol.label(), given);
    int configr = options.register("trcconfigr");
    int traceidr = (int) options.number("trctraceidr", 0, 0, 0x7f);
    int idr0 = options.register("trcidr0");
    int idr1 = protocol == Protocol.ETMV4 ? options.register("trcidr1") : 0;
    int idr2 = options.register("trcidr2");
    int idr8 = options.register("trcidr8");
    int devarch = protocol == Protocol.ETE ? options.register("trcdevarch") : 0;
    return new EtmConfig(
        new EtmRegisters(protocol, configr, traceidr, idr0, idr1, idr2, idr8, devarch), options.clocks(1));
  }

  @Override
  public String protocol() {
    return registers.protocol().label();
  }

  /// The registers of the trace unit of `cpu`.
  public EtmRegisters registers(int cpu) {
    return registers.withTraceId(registers.traceId() + cpu);
  }

  @Override
  public ElementReader reader(TraceSource trace, Set<Mode> modes) {
    return new EtmElementReader(trace, registers, clocks, modes);
  }

  @Override
  public Report report(FlowClass flow) {
    return switch (flow) {
      case COND_BRANCH, JUMP, CALL, SYNC -> Report.BIT;
      case INDIRECT_JUMP, INDIRECT_CALL, RETURN, TRAP_RETURN -> Report.BIT_AND_TARGET;
      case WAIT -> registers.waitsAreP0() ? Report.BIT : Report.NONE;
      case OTHER, SYSTEM_CALL, TRAP, CONTEXT_WRITE -> Report.NONE;
    };
  }

  @Override
  public int returnStackDepth() {
    return registers.returnStack() ? RETURN_STACK : 0;
  }

  @Override
  public boolean pushesCallToNext() {
    return true;
  }

  @Override
  public int list(RawTrace trace, Appendable out) throws IOException {
    return PacketListing.list(
        trace, window -> new EtmPacketReader(registers, window), EtmPacketText::line, "A-Sync", out);
  }

  @Override
  public void write(ObjLongConsumer<String> out) {
    register(out, "trcconfigr", registers.configr());
    register(out, "trctraceidr", registers.traceId());
    register(out, "trcidr0", registers.idr0());
    register(out, "trcidr2", registers.idr2());
    register(out, "trcidr8", registers.idr8());
    if (registers.ete()) {
      register(out, "trcdevarch", registers.devarch());
    } else {
      register(out, "trcidr1", registers.idr1());
    }
    out.accept("timer_mhz", clocks.timerMhz());
    out.accept("frequency_mhz", clocks.coreMhz());
  }

  private static void register(ObjLongConsumer<String> out, String name, int value) {
    out.accept(name, Integer.toUnsignedLong(value));
  }
}

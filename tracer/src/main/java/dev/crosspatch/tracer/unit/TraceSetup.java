package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.TraceConfig;
import java.util.function.ObjLongConsumer;

/// How the trace units of a run are set up, as the guest would have done it: what they send, and when, and what their
/// buffers hold. Immutable and valid; made by [TraceUnitProvider#configure].
public interface TraceSetup {

  /// All of it that a decoder of the traces has to know.
  TraceConfig config();

  /// A trace unit for one CPU.
  ///
  /// @param out where the trace goes
  TraceUnit unit(int cpu, ByteSink out);

  /// Checks that hardware could be set up this way; simulation takes more, such as shorter periods.
  ///
  /// @throws IllegalArgumentException `... option NAME: what is wrong`
  void checkHardware();

  /// Tells `out` name and value of each option that only the trace unit needs.
  void write(ObjLongConsumer<String> out);
}

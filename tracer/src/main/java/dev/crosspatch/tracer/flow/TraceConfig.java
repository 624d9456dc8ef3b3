package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Mode;
import java.io.IOException;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/// What a decoder has to know of how a CPU was traced: what its trace unit was told to send, and the constants of the
/// processor that give the packets meaning. Immutable and valid; made by [TraceProtocol#configure].
public interface TraceConfig {

  /// Name of the protocol.
  String protocol();

  /// Turns the raw trace of one CPU into elements. A trace that ends inside a packet gives an error as its last
  /// element, behind all that the packets before it prove: what the packet would have told is lost. (For [#list] it is
  /// no bad byte: any piece of a trace may be listed, but the trace of a run is whole.)
  ///
  /// @param modes those of the instruction set ([dev.crosspatch.core.code.InstructionSet#modes()]): code of another is
  ///              skipped and told as an error, where it begins
  ElementReader reader(TraceSource trace, Set<Mode> modes);

  /// How a trace unit set up this way reports an instruction of this class.
  Report report(FlowClass flow);

  /// Entries of the return stack by which decoders predict return targets; the youngest entries stay when it is full. 0
  /// if a trace unit set up this way predicts none.
  int returnStackDepth();

  /// Whether a direct call to the next instruction pushes on the return stack.
  boolean pushesCallToNext();

  /// Lists the packets of a raw trace for people, one a line: offset, bytes, packet. A bad packet is a line with what
  /// is wrong, followed by one that says which bytes were skipped to the next synchronization packet; so are bytes
  /// before the first one. A packet cut off by the trace's end is a line that says so.
  ///
  /// @return how often there were bytes that are no packets
  int list(RawTrace trace, Appendable out) throws IOException;

  /// Tells `out` name and value of each option that makes this configuration, as [TraceProtocol#configure] reads them.
  void write(ObjLongConsumer<String> out);

  /// How an instruction shows in the trace.
  enum Report {
    /// Not at all; an unconditional direct branch is followed by reading the text.
    NONE,
    /// One outcome bit.
    BIT,
    /// No bit; its target is the next `TARGET` (Intel PT indirect branches).
    TARGET,
    /// A taken bit if the return stack predicts the target, else a `TARGET` without a bit (Intel PT RET).
    BIT_IF_PREDICTED,
    /// One outcome bit, followed by a `TARGET` unless the return stack predicts it (ETM indirect branches).
    BIT_AND_TARGET
  }
}

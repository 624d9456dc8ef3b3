package dev.crosspatch.tracer.flow;

/// Passes a flow on as it is; what a filter is about, it overrides.
public class FlowFilter implements FlowListener {
  private final FlowListener out;

  /// Passes all on to `out`.
  protected FlowFilter(FlowListener out) {
    this.out = out;
  }

  @Override
  public void instruction(long address) {
    out.instruction(address);
  }

  @Override
  public void diverted(long from, long to) {
    out.diverted(from, to);
  }

  @Override
  public void gap(long address, Gap reason, long time) {
    out.gap(address, reason, time);
  }

  @Override
  public void stopped(long address, long time) {
    out.stopped(address, time);
  }

  @Override
  public void problem(Problem problem) {
    out.problem(problem);
  }
}

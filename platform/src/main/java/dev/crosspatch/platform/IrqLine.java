package dev.crosspatch.platform;

import dev.crosspatch.core.machine.InterruptController;

/// The wire from a device to an input of the interrupt controller.
public final class IrqLine {
  private final InterruptController controller;
  private final int input;
  private boolean raised;

  IrqLine(InterruptController controller, int input) {
    this.controller = controller;
    this.input = input;
  }

  /// The device wants to be served, or no longer.
  ///
  /// @param clock when, in [dev.crosspatch.core.time.ClockUnit]s
  public void set(boolean up, long clock) {
    if (up != raised) {
      raised = up;
      controller.level(input, up, clock);
    }
  }

  /// Whether the device wants to be served.
  public boolean isRaised() {
    return raised;
  }
}

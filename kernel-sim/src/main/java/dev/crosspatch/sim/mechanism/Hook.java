package dev.crosspatch.sim.mechanism;

import java.util.Locale;

/// Where the guest library calls a mechanism, if its manifest says that it `handles` this: the function of that name,
/// `mechanism_boot` for [#BOOT]. Besides, every mechanism has `mechanism_flip`, which gets a key's number, and macro
/// `SITE`.
public enum Hook {
  /// On the boot CPU, once, before the others go on.
  BOOT,
  /// On a breakpoint, with interrupts off; gets the frame of the exception and returns 1 if the breakpoint was its own
  /// and the frame says where to go on, else 0.
  BREAKPOINT,
  /// On a CPU that patches, before the one that is parked comes up again.
  HOTPLUG;

  /// As a manifest says it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The function that the library calls.
  public String function() {
    return "mechanism_" + label();
  }
}

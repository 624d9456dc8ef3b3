package dev.crosspatch.platform;

/// A board for programs in user mode: RAM, and the window of the gate's device, which whoever stands in for the
/// operating system puts there ([dev.crosspatch.core.machine.UserMode]). Its map says where, by the name `gate`.
public final class UserBoard implements Board {
  @Override
  public String name() {
    return "user";
  }
}

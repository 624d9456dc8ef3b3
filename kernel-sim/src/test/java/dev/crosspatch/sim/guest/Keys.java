package dev.crosspatch.sim.guest;

import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Protocol;

/// Static keys, the shipped mechanism, for tests.
public final class Keys {
  public static final Mechanism MECHANISM = Mechanisms.shipped(Mechanisms.USUAL);

  private Keys() {}

  public static Protocol protocol(String name) {
    return MECHANISM.protocol(name);
  }

  public static GuestConfig.Builder builder(String protocol) {
    return GuestConfig.builder(MECHANISM, protocol(protocol));
  }

  public static boolean isX86(String protocol) {
    return protocol(protocol).isa().equals("x86-64");
  }
}

package dev.crosspatch.sim.guest;

/// The serializing instruction each x86-64 CPU runs in a sync (Intel SDM vol. 3, 9.3). AArch64 kernels ignore it: there
/// the exception entry of the kick is the context synchronization event.
public enum SyncKind {
  /// CPUID with EAX = 0. Traps to the hypervisor in a guest, hence Linux avoids it.
  CPUID,
  /// IRETQ to the next instruction, as Linux does without SERIALIZE.
  IRET,
  /// SERIALIZE.
  SERIALIZE
}

package dev.crosspatch.sim.guest;

/// How a guest kernel replaces instructions that other CPUs may be running.
public enum Protocol {
  /// x86-64: the batched breakpoint protocol of Linux (`smp_text_poke_batch_finish`): INT3 over every first byte, sync
  /// A; the other bytes and the report, sync B; the first bytes, sync C.
  INT3_BATCH("x86-64"),
  /// Writes every byte of the new instruction in ascending order with no breakpoint, reports, then one sync. Wrong on
  /// purpose, except where an architecture allows it; the twin of the other protocols.
  DIRECT("x86-64"),
  /// AArch64: BRK over every word, cache maintenance, kick; report; the new words, maintenance, kick.
  BRK("aarch64"),
  /// AArch64 as Linux does it for static keys: each word stored and maintained (`aarch64_insn_patch_text_nosync`),
  /// reported, and one kick of all CPUs (`kick_all_cpus_sync`) for the batch.
  NOSYNC_KICK("aarch64");

  private final String isa;

  Protocol(String isa) {
    this.isa = isa;
  }

  /// Name of the only ISA that has this protocol.
  public String isa() {
    return isa;
  }
}

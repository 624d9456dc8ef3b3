package dev.crosspatch.sim.guest;

import java.util.Map;
import java.util.Set;

/// A step of a patching protocol that a scenario can leave out, or move, to see what breaks.
///
/// A step left out is not assembled into the kernel at all, so the rest of the protocol keeps its timing.
public enum Step {
  /// The breakpoint writes (INT3, BRK).
  TRAP(Protocol.INT3_BATCH, Protocol.BRK),
  /// Sync after the breakpoints. x86-64: the broadcast, the patching CPU's own serialization and the wait. AArch64: the
  /// first kick.
  SYNC_A(Protocol.INT3_BATCH, Protocol.BRK),
  /// The writes of bytes 1 and up. Leaves a mixed instruction behind.
  TAIL(Protocol.INT3_BATCH),
  /// Sync after the tails.
  SYNC_B(Protocol.INT3_BATCH),
  /// The last sync. x86-64: after the first bytes (INT3_BATCH) or all bytes (DIRECT). AArch64: the kick after the new
  /// words.
  SYNC_C(Protocol.values()),
  /// The text-poke event: the poke log stays empty.
  REPORT(Protocol.values()),
  /// Moves the text-poke event of every site of a batch before sync A (not left out). With [#TRAP] kept, this is the
  /// order that the 2019 sketch for AArch64 had.
  REPORT_BEFORE_SYNC_A(Protocol.INT3_BATCH, Protocol.BRK),
  /// DC CVAU: new words may stay above the point of unification. Nothing changes where CTR_EL0.IDC is 1.
  DC_CVAU(Protocol.BRK, Protocol.NOSYNC_KICK),
  /// IC IVAU: instruction caches may keep old words. Nothing changes where CTR_EL0.DIC is 1.
  IC_IVAU(Protocol.BRK, Protocol.NOSYNC_KICK),
  /// Both DSB ISH of the cache maintenance (and the DSB ISHST that stands for DC CVAU where CTR_EL0.IDC is 1).
  DSB(Protocol.BRK, Protocol.NOSYNC_KICK),
  /// Every kick of the other CPUs: [#SYNC_A] and [#SYNC_C] at once.
  KICK(Protocol.BRK, Protocol.NOSYNC_KICK),
  /// The ISB on the patching CPU at the end of each cache maintenance.
  LOCAL_ISB(Protocol.BRK, Protocol.NOSYNC_KICK),
  /// The wait until no CPU uses the site vector any more.
  REFCOUNT_WAIT(Protocol.INT3_BATCH);

  /// Steps that leave out what others are about: both cannot be left out, or one moved.
  public static final Map<Step,
      Set<Step>> CONTRADICTIONS = Map.of(KICK, Set.of(SYNC_A, SYNC_C), REPORT, Set.of(REPORT_BEFORE_SYNC_A));

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable set
  private final Set<Protocol> protocols;

  Step(Protocol... protocols) {
    this.protocols = Set.of(protocols);
  }

  /// Whether `protocol` has this step.
  public boolean appliesTo(Protocol protocol) {
    return protocols.contains(protocol);
  }
}

package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Meeting;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.cpu.Translations;
import dev.crosspatch.core.event.Event.Maintenance;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Structure;
import java.util.Arrays;

/// Cache, translation and TLB maintenance of one core, and the DSB that completes it. Source: DDI0487 D7.5, D8.17,
/// B2.3.12.
///
/// Cache maintenance is only sure to have happened at the next DSB of this core that orders loads and stores. A typical
/// core does it at once. An adversarial one does it at the worst moment that is allowed: at that DSB, or, for IC IVAU
/// of a line whose DC CVAU has not completed either, right away, so that the instruction cache is refilled before the
/// new code is there.
///
/// TLB maintenance takes effect at once.
///
/// Maintenance by set and way reaches the lines that this core's L1 data cache holds, and no other core's: a way is a
/// place in the order of use. L2 is the point of unification, so there nothing is left to be done.
///
/// Unknown: whether DSB NSH completes a DC CVAU or a broadcast IC for the core itself; assumed not, because no more is
/// promised.
final class Arm64Maintenance {
  // ---- arguments of the rows
  static final int LOCAL = 0;
  static final int BROADCAST = 1;
  /// TLBI: whatever the address space.
  static final int EVERY_SPACE = 2;
  /// DC: not for EL0, whatever SCTLR_EL1.UCI says.
  static final int PRIVILEGED = 1;
  /// DC: the line leaves the data caches, besides being cleaned.
  static final int DROP = 2;
  /// DC: needs the right to write.
  static final int WRITES = 16;
  /// AT: as EL0.
  static final int USER = 4;
  /// AT: as PSTATE.PAN says.
  static final int PAN = 8;

  private static final int LINE = 64;
  private static final int CLEAN = 0;
  private static final int INVALIDATE = 1;
  private static final int INVALIDATE_ALL = 2;
  private static final int INVALIDATE_ALL_LOCAL = 3;
  private static final int FLUSH = 4;

  // ---- operand of maintenance by set and way (C5.3.15): level 3:1, way on top of bits 31:0, set above the offset in a
  // line
  private static final int LEVEL = 7 << 1;
  private static final int SET_SHIFT = 6;

  // ---- operand of TLBI by range
  private static final int RANGE_GRANULE = 46;
  private static final int GRANULE_4K = 1;
  private static final int RANGE_SCALE = 44;
  private static final int RANGE_NUM = 39;
  private static final int PAGE_SHIFT = 12;

  // ---- DSB option
  private static final int DSB_TYPE = 3;
  private static final int DSB_DOMAIN = 12;
  private static final int NON_SHAREABLE = 4;
  private static final int LOADS = 1;
  private static final int STORES = 2;

  // ---- PAR_EL1
  private static final long PAR_FAILED = 1;
  private static final long PAR_ADDRESS = 0x0000_ffff_ffff_f000L;
  private static final long PAR_RES1 = 1 << 11;
  /// NS, which in the non-secure state says nothing.
  private static final long PAR_NON_SECURE = 1 << 9;
  private static final int PAR_SHAREABILITY = 7;
  private static final int PAR_ATTRIBUTE = 56;

  private final Arm64Core core;
  private final boolean adversarial;
  private int[] kinds = new int[16];
  private long[] addresses = new long[16];
  private int pending;

  Arm64Maintenance(Arm64Core core) {
    this.core = core;
    adversarial = core.machine.traits().fetch().adversarial();
  }

  // ---- caches

  /// DC CVAU, and DC CVAC, CIVAC, IVAC, which clean at least as far (nothing is ever lost by invalidation here: IVAC
  /// cleans, too, as the manual allows).
  int cleanLine(long va, int how) {
    int denied = denied(how, Arm64SystemRegisters.SCTLR_UCI);
    long pa = denied == 0 ? locate(va, (how & WRITES) != 0 ? Core.WRITE : Core.READ) : -1;
    if (pa == -1) {
      return denied != 0 ? core.fault(denied, 0) : Outcome.FAULT;
    }
    data((how & DROP) != 0, pa & -LINE);
    return Outcome.OK;
  }

  private void data(boolean drop, long line) {
    core.caches.begun(drop ? Maintenance.FLUSH : Maintenance.CLEAN, line);
    if (isDeferred()) {
      defer(drop ? FLUSH : CLEAN, line);
    } else {
      complete(drop ? FLUSH : CLEAN, line);
    }
  }

  /// DC CSW, CISW, ISW.
  int cleanSet(long operand, int how) {
    if (core.privilege == 0) {
      return core.undefined();
    }
    if ((operand & LEVEL) == 0) {
      Geometry size = core.machine.timing().table().size(Structure.L1D);
      int set = (int) (operand >>> SET_SHIFT) & size.sets() - 1;
      int wayBits = Integer.SIZE - Integer.numberOfLeadingZeros(size.ways() - 1);
      int way = (int) ((operand & 0xffff_ffffL) >>> (Integer.SIZE - wayBits));
      long line = way < size.ways() ? core.caches.lineAt(set, way) : -1;
      if (line != -1) {
        data((how & DROP) != 0, line);
      }
    }
    return Outcome.OK;
  }

  /// IC IVAU.
  int invalidateLine(long va, int how) {
    int denied = denied(how, Arm64SystemRegisters.SCTLR_UCI);
    long pa = denied == 0 ? locate(va, Core.READ) : -1;
    if (pa == -1) {
      return denied != 0 ? core.fault(denied, 0) : Outcome.FAULT;
    }
    core.caches.begun(Maintenance.INVALIDATE, pa);
    if (adversarial && !cleanPending(pa & -LINE) && isDeferred()) {
      defer(INVALIDATE, pa & -LINE);
    } else {
      core.caches.invalidate(pa, true);
    }
    return Outcome.OK;
  }

  /// IC IALLU, IC IALLUIS.
  int invalidateAll(int how) {
    if (core.privilege == 0) {
      return core.undefined();
    }
    boolean broadcast = (how & BROADCAST) != 0;
    core.caches.begun(broadcast ? Maintenance.INVALIDATE_ALL : Maintenance.INVALIDATE_OWN, 0);
    if (isDeferred()) {
      defer(broadcast ? INVALIDATE_ALL : INVALIDATE_ALL_LOCAL, 0);
    } else {
      core.caches.invalidateAll(broadcast);
    }
    return Outcome.OK;
  }

  /// DC ZVA. A fault tells the address as it is in the register (D19.2, FAR_EL1).
  int zeroLine(long va, int how) {
    int denied = denied(how, Arm64SystemRegisters.SCTLR_DZE);
    if (denied != 0) {
      return core.fault(denied, 0);
    }
    if (core.translate(va, Core.WRITE) == -1) {
      return Outcome.FAULT;
    }
    for (int i = 0; i < LINE; i += 8) {
      if (!core.store((va & -LINE) + i, 0, 3, 0)) {
        return Outcome.FAULT;
      }
    }
    return Outcome.OK;
  }

  /// 0, or the syndrome of an attempt at EL0 that `enable` of SCTLR_EL1 does not allow.
  ///
  /// @param how argument of the row in bits 7:0, bits 23:0 of the instruction above
  private int denied(int how, long enable) {
    if (core.privilege != 0 || (core.system.is(enable) && (how & PRIVILEGED) == 0)) {
      return 0;
    }
    if ((how & PRIVILEGED) != 0) {
      return Arm64Syndrome.UNDEFINED;
    }
    int instruction = how >>> 8;
    int iss = Arm64SystemRegisters.trapIss(instruction >> 5 & 0xffff, true, instruction & 31);
    return Arm64Syndrome.of(Arm64Syndrome.SYSTEM_TRAP, iss);
  }

  /// Physical address of `va`, or -1 after a fault that says it was maintenance. PSTATE.PAN does not count.
  private long locate(long va, int access) {
    long pa = core.translate(va, access);
    if (pa == -1 && core.pan && core.privilege != 0) {
      core.faultCode = 0;
      pa = core.mmu.walk(va, access, false, false);
    }
    if (pa == -1) {
      core.faultCode |= Arm64Syndrome.MAINTENANCE | Arm64Syndrome.WRITE;
    }
    return pa;
  }

  // ---- completion

  private boolean isDeferred() {
    return adversarial && core.choose(Choice.MAINTENANCE, 2) == 0;
  }

  private void defer(int kind, long line) {
    if (pending == kinds.length) {
      kinds = Arrays.copyOf(kinds, 2 * pending);
      addresses = Arrays.copyOf(addresses, 2 * pending);
    }
    kinds[pending] = kind;
    addresses[pending++] = line;
  }

  private boolean cleanPending(long line) {
    for (int i = 0; i < pending; i++) {
      if ((kinds[i] == CLEAN || kinds[i] == FLUSH) && addresses[i] == line) {
        return true;
      }
    }
    return false;
  }

  /// DMB. One for loads and stores keeps cleaning, not invalidation of instruction caches, before what comes behind it,
  /// too (DDI0487 B2.3.12, D7.5.9).
  void dmb(int option) {
    int type = option & DSB_TYPE;
    boolean localOnly = (option & DSB_DOMAIN) == NON_SHAREABLE;
    boolean all = type != LOADS && type != STORES && !localOnly;
    core.fenced(type != LOADS && !localOnly, false, all ? Event.Completed.CLEANS : Event.Completed.NOTHING);
  }

  /// DSB. One that waits for loads only or stores only completes no maintenance; one for this core only completes what
  /// concerns this core only.
  int dsb(int option) {
    int type = option & DSB_TYPE;
    boolean localOnly = (option & DSB_DOMAIN) == NON_SHAREABLE;
    Event.Completed maintenance = type == LOADS || type == STORES ? Event.Completed.NOTHING
        : localOnly ? Event.Completed.OWN : Event.Completed.ALL;
    core.fenced(type != LOADS && !localOnly, true, maintenance);
    if (type == LOADS || type == STORES) {
      return Outcome.OK;
    }
    int left = 0;
    for (int i = 0; i < pending; i++) {
      if (localOnly && kinds[i] != INVALIDATE_ALL_LOCAL) {
        kinds[left] = kinds[i];
        addresses[left++] = addresses[i];
      } else {
        complete(kinds[i], addresses[i]);
      }
    }
    core.caches.barrier(pending - left);
    pending = left;
    return Outcome.OK;
  }

  private void complete(int kind, long line) {
    switch (kind) {
      case CLEAN -> core.caches.clean(line);
      case FLUSH -> core.caches.flush(line);
      case INVALIDATE -> core.caches.invalidate(line, true);
      default -> core.caches.invalidateAll(kind == INVALIDATE_ALL);
    }
  }

  // ---- address translation

  /// AT: what translating `va` would give, into PAR_EL1 (D19.2.105, AArch64.EncodePAR).
  int translateAddress(long va, int how) {
    if (core.privilege == 0) {
      return core.undefined();
    }
    long pa = core.mmu.walk(va, how & 3, (how & USER) != 0, (how & PAN) != 0);
    if (pa == -1) {
      core.system.set(PAR_EL1, PAR_RES1 | PAR_FAILED | (long) Arm64Syndrome.status(core.faultCode) << 1);
      core.faultCode = 0;
    } else {
      long attributes = core.mmu.attributes();
      core.system.set(PAR_EL1, attributes >> 8 << PAR_ATTRIBUTE | PAR_RES1 | PAR_NON_SECURE
          | (attributes & 3) << PAR_SHAREABILITY | (pa & PAR_ADDRESS));
    }
    return Outcome.OK;
  }

  // ---- TLB

  /// TLBI VMALLE1.
  int tlbAll(int how) {
    return everyTlb(how, c -> c.translations.flush(false));
  }

  /// TLBI by address (D8.14.5): ASID 63:48, bits 55:12 of the address 43:0. There is nothing but last levels to forget,
  /// as no walk is kept.
  int tlbPage(long argument, int how) {
    long va = argument << 20 >> 8;
    return tlbRange(va, va, space(argument, how), how);
  }

  /// TLBI by range (D8.14.6): ASID 63:48, granule 47:46, SCALE 45:44, NUM 43:39, bits 48:12 of the first address 36:0.
  /// A range in another granule than the one in use need not be touched.
  int tlbRange(long argument, int how) {
    if (core.privilege != 0 && (argument >>> RANGE_GRANULE & 3) != GRANULE_4K) {
      return Outcome.OK;
    }
    long first = argument << 27 >> 15;
    long pages = ((argument >>> RANGE_NUM & 31) + 1) << (5 * (int) (argument >>> RANGE_SCALE & 3) + 1);
    return tlbRange(first, first + (pages << PAGE_SHIFT) - 1, space(argument, how), how);
  }

  private int tlbRange(long first, long last, int space, int how) {
    return everyTlb(how, c -> c.translations.flushRange(first, last, space));
  }

  /// TLBI ASIDE1: the entries of an address space that are not global.
  int tlbSpace(long argument, int how) {
    int space = core.mmu.space(argument);
    return everyTlb(how, c -> c.translations.flushSpace(space));
  }

  private int space(long argument, int how) {
    return (how & EVERY_SPACE) != 0 ? Translations.EVERY_SPACE : core.mmu.space(argument);
  }

  private interface Flush {
    void on(Core core);
  }

  private int everyTlb(int how, Flush flush) {
    if (core.privilege == 0) {
      return core.undefined();
    }
    core.meet(Meeting.TRANSLATION);
    for (int i = 0; i < core.machine.cpus(); i++) {
      if (i == core.id || (how & BROADCAST) != 0) {
        flush.on(core.machine.core(i));
      }
    }
    return Outcome.OK;
  }
}

package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Meeting;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;

/// Complex micro-ops: what one row needs and the shared micro-ops cannot say. Each method is an [Arm64Helper].
final class Arm64Helpers {
  private Arm64Helpers() {}

  /// COMPARE_IF: add instead of subtracting.
  static final int COMPARE_NEGATIVE = 1 << 12;

  // ---- choices of CHOOSE
  static final int SIGNED_MAX = 0;
  static final int SIGNED_MIN = 1;
  static final int UNSIGNED_MAX = 2;
  static final int UNSIGNED_MIN = 3;

  // ---- fields of MSR_IMMEDIATE
  static final int UAO = 0;
  static final int PAN = 1;
  static final int SPSEL = 2;
  static final int DAIF_SET = 3;
  static final int DAIF_CLEAR = 4;
  static final int SSBS = 5;
  /// Bits 20:5 of MSR DAIFSet and DAIFClr without CRm.
  private static final int ENCODING_DAIF_SET = 3 << 11 | 4 << 7 | 6;
  private static final int ENCODING_DAIF_CLEAR = 3 << 11 | 4 << 7 | 7;

  /// CRC-32C polynomial, bits reversed.
  private static final int CRC32C_REVERSED = 0x82f6_3b78;
  private static final int CRC32_REVERSED = 0xedb8_8320;

  // ---- calls of others

  static int crc32(Arm64Core core, long word, long imm) {
    return crc(core, word, (int) imm, CRC32_REVERSED);
  }

  static int crc32c(Arm64Core core, long word, long imm) {
    return crc(core, word, (int) imm, CRC32C_REVERSED);
  }

  static int hvc(Arm64Core core, long word, long imm) {
    return Arm64Psci.call(core, (int) imm);
  }

  static int eret(Arm64Core core, long word, long imm) {
    return core.privilege == 0
        ? core.undefined() : Arm64Exceptions.eret(core, core.system.get(Arm64SystemRegister.ELR_EL1));
  }

  static int dsb(Arm64Core core, long word, long imm) {
    return core.maintenance.dsb((int) imm);
  }

  static int dmb(Arm64Core core, long word, long imm) {
    core.maintenance.dmb((int) imm);
    return Outcome.OK;
  }

  static int msrImmediate(Arm64Core core, long word, long imm) {
    return writeState(core, (int) imm >> 4, (int) imm & 15);
  }

  static int dcLine(Arm64Core core, long word, long imm) {
    return core.maintenance.cleanLine(core.r[a(word)], (int) imm);
  }

  static int dcSet(Arm64Core core, long word, long imm) {
    return core.maintenance.cleanSet(core.r[a(word)], (int) imm);
  }

  static int dcZero(Arm64Core core, long word, long imm) {
    return core.maintenance.zeroLine(core.r[a(word)], (int) imm);
  }

  static int icLine(Arm64Core core, long word, long imm) {
    return core.maintenance.invalidateLine(core.r[a(word)], (int) imm);
  }

  static int icAll(Arm64Core core, long word, long imm) {
    return core.maintenance.invalidateAll((int) imm);
  }

  static int at(Arm64Core core, long word, long imm) {
    return core.maintenance.translateAddress(core.r[a(word)], (int) imm);
  }

  static int tlbiAll(Arm64Core core, long word, long imm) {
    return core.maintenance.tlbAll((int) imm);
  }

  static int tlbiPage(Arm64Core core, long word, long imm) {
    return core.maintenance.tlbPage(core.r[a(word)], (int) imm);
  }

  static int tlbiSpace(Arm64Core core, long word, long imm) {
    return core.maintenance.tlbSpace(core.r[a(word)], (int) imm);
  }

  static int tlbiRange(Arm64Core core, long word, long imm) {
    return core.maintenance.tlbRange(core.r[a(word)], (int) imm);
  }

  // ---- arithmetic

  /// CCMP, CCMN: compares if condition `how & 0xff` holds, else sets NZCV to `how` bits 11:8.
  static int compareIf(Arm64Core core, long word, long imm) {
    int how = (int) imm;
    if (!core.flags.test(how & 0xff)) {
      core.setNzcv((long) (how >> 8 & 15) << 28);
      return Outcome.OK;
    }
    boolean add = (how & COMPARE_NEGATIVE) != 0;
    int width = width(word);
    long first = cut(core.r[a(word)], width);
    long second = cut(core.r[b(word)], width);
    core.flags.set(add ? Flags.ADD : Flags.SUBC, width, first, second,
        cut(add ? first + second : first - second, width));
    return Outcome.OK;
  }

  private static long cut(long value, int width) {
    return width == 3 ? value : value & (1L << (8 << width)) - 1;
  }

  private static long signed(long value, int width) {
    int unused = 64 - (8 << width);
    return value << unused >> unused;
  }

  /// Reflected CRC of `1 << log` bytes, without the complements the usual checksum has.
  private static int crc(Arm64Core core, long word, int log, int polynomial) {
    int crc = (int) core.r[a(word)];
    long data = core.r[b(word)];
    for (int i = 0; i < 8 << log; i++) {
      int bit = (crc ^ (int) (data >>> i)) & 1;
      crc = crc >>> 1 ^ (bit != 0 ? polynomial : 0);
    }
    core.result(word, crc & 0xffff_ffffL);
    return Outcome.OK;
  }

  /// Minimum or maximum of `a` and `b`, cut to the width.
  static int choose(Arm64Core core, long word, long imm) {
    int choice = (int) imm;
    int width = width(word);
    long a = cut(core.r[a(word)], width);
    long b = cut(core.r[b(word)], width);
    boolean less = (choice == SIGNED_MAX || choice == SIGNED_MIN)
        ? signed(a, width) < signed(b, width)
        : Long.compareUnsigned(a, b) < 0;
    boolean maximum = choice == SIGNED_MAX || choice == UNSIGNED_MAX;
    core.result(word, less == maximum ? b : a);
    return Outcome.OK;
  }

  // ---- exclusive access. The monitor watches a line; a fault comes before it is set or used.

  static int loadExclusive(Arm64Core core, long word, long imm) {
    long va = core.r[a(word)];
    long value = core.load(va, width(word), F_ALIGNED);
    return core.faultCode != 0 || !watch(core, va) ? Outcome.FAULT : finish(core, word, value);
  }

  private static int finish(Arm64Core core, long word, long value) {
    core.result(word, value);
    return Outcome.OK;
  }

  private static boolean watch(Arm64Core core, long va) {
    long pa = core.translate(va, Core.READ);
    if (pa == -1) {
      return false;
    }
    core.monitor.set(pa);
    core.step.exclusive = true;
    return true;
  }

  static int loadExclusivePair(Arm64Core core, long word, long imm) {
    int width = width(word);
    long va = core.r[a(word)];
    if (misalignedPair(core, va, width, Core.READ)) {
      return Outcome.FAULT;
    }
    long first = core.load(va, width, 0);
    long second = core.faultCode != 0 ? 0 : core.load(va + (1 << width), width, 0);
    if (core.faultCode != 0 || !watch(core, va)) {
      return Outcome.FAULT;
    }
    core.r[c(word)] = second;
    return finish(core, word, first);
  }

  private static boolean misalignedPair(Arm64Core core, long va, int width, int access) {
    if ((va & (2L << width) - 1) == 0) {
      return false;
    }
    core.alignmentFault(va, access);
    return true;
  }

  static int storeExclusive(Arm64Core core, long word, long imm) {
    long va = core.r[a(word)];
    int claimed = claim(core, va, 1 << width(word));
    if (claimed == 0 && !core.store(va, core.r[b(word)], width(word), F_ALIGNED)) {
      return Outcome.FAULT;
    }
    return claimed < 0 ? Outcome.FAULT : finish(core, word, claimed);
  }

  static int storeExclusivePair(Arm64Core core, long word, long imm) {
    int width = width(word);
    long va = core.r[a(word)];
    int claimed = claim(core, va, 2 << width);
    if (claimed == 0
        && !(core.store(va, core.r[b(word)], width, 0) && core.store(va + (1 << width), core.r[c(word)], width, 0))) {
      return Outcome.FAULT;
    }
    return claimed < 0 ? Outcome.FAULT : finish(core, word, claimed);
  }

  /// 0 if the store may go ahead, 1 if the monitor is gone, -1 on a fault.
  private static int claim(Arm64Core core, long va, int bytes) {
    if ((va & bytes - 1) != 0) {
      core.alignmentFault(va, Core.WRITE);
      return -1;
    }
    long pa = core.translate(va, Core.WRITE);
    return pa == -1 ? -1 : core.monitor.claim(pa) ? 0 : 1;
  }

  static int clearExclusive(Arm64Core core, long word, long imm) {
    core.monitor.clear();
    return Outcome.OK;
  }

  // ---- compare and swap

  static int compareAndSwap(Arm64Core core, long word, long imm) {
    int width = width(word);
    long va = core.r[a(word)];
    long old = core.load(va, width, F_RMW | F_ALIGNED);
    if (core.faultCode != 0) {
      return Outcome.FAULT;
    }
    if (old == cut(core.r[c(word)], width) && !core.store(va, core.r[b(word)], width, F_ALIGNED)) {
      return Outcome.FAULT;
    }
    return finish(core, word, old);
  }

  static int compareAndSwapPair(Arm64Core core, long word, long imm) {
    int width = width(word);
    int expected = dst(word);
    int desired = b(word);
    long va = core.r[a(word)];
    if (misalignedPair(core, va, width, Core.WRITE)) {
      return Outcome.FAULT;
    }
    long low = core.load(va, width, F_RMW);
    long high = core.faultCode != 0 ? 0 : core.load(va + (1 << width), width, F_RMW);
    if (core.faultCode != 0) {
      return Outcome.FAULT;
    }
    if (low == cut(general(core, expected), width) && high == cut(general(core, expected + 1), width)) {
      core.store(va, general(core, desired), width, 0);
      core.store(va + (1 << width), general(core, desired + 1), width, 0);
    }
    setGeneral(core, expected, low);
    setGeneral(core, expected + 1, high);
    return Outcome.OK;
  }

  /// X0..X30, or zero for 31.
  private static long general(Arm64Core core, int n) {
    return n == 31 ? 0 : core.r[n];
  }

  private static void setGeneral(Arm64Core core, int n, long value) {
    core.r[n == 31 ? SINK : n] = value;
  }

  // ---- exceptions, events

  /// The call retires, and its exception is taken behind it.
  static int supervisorCall(Arm64Core core, long word, long imm) {
    int immediate = (int) imm;
    core.fault(Arm64Syndrome.of(Arm64Syndrome.SVC, immediate), 0);
    return Outcome.CALL;
  }

  /// WFE never sleeps: it may end at any time (D1.6.1), and a waiter looks again. At EL0 it is trapped, if
  /// SCTLR_EL1.nTWE says so and it would sleep.
  static int waitForEvent(Arm64Core core, long word, long imm) {
    if (!core.eventRegister && core.privilege == 0 && !core.system.is(Arm64SystemRegisters.SCTLR_NTWE)) {
      return core.fault(Arm64Syndrome.of(Arm64Syndrome.WAIT_TRAP, Arm64Syndrome.ALWAYS | Arm64Syndrome.WFE), 0);
    }
    if (core.eventRegister) {
      core.meet(Meeting.EVENT);
      core.eventRegister = false;
    }
    return Outcome.OK;
  }

  /// WFI. At EL0 it is trapped, if SCTLR_EL1.nTWI says so and no interrupt is pending.
  static int waitForInterrupt(Arm64Core core, long word, long imm) {
    if (core.privilege == 0 && !core.system.is(Arm64SystemRegisters.SCTLR_NTWI) && !core.gic.signals()) {
      return core.fault(Arm64Syndrome.of(Arm64Syndrome.WAIT_TRAP, Arm64Syndrome.ALWAYS), 0);
    }
    return Outcome.WAIT;
  }

  static int sendEvent(Arm64Core core, long word, long imm) {
    core.meet(Meeting.EVENT);
    for (int i = 0; i < core.machine.cpus(); i++) {
      ((Arm64Core) core.machine.core(i)).eventRegister = true;
    }
    return Outcome.OK;
  }

  static int localEvent(Arm64Core core, long word, long imm) {
    core.eventRegister = true;
    return Outcome.OK;
  }

  static int synchronize(Arm64Core core, long word, long imm) {
    core.synchronizeContext();
    return Outcome.RESYNC;
  }

  // ---- system registers

  static int readSystem(Arm64Core core, long word, long imm) {
    int ordinal = (int) imm;
    Arm64SystemRegister register = Arm64SystemRegister.of(ordinal);
    int denied = core.system.denied(register, false, number(dst(word)));
    if (denied != 0) {
      return core.fault(denied, 0);
    }
    core.result(word, core.system.read(register));
    return Outcome.OK;
  }

  static int writeSystem(Arm64Core core, long word, long imm) {
    int ordinal = (int) imm;
    Arm64SystemRegister register = Arm64SystemRegister.of(ordinal);
    int denied = core.system.denied(register, true, number(a(word)));
    return denied != 0 ? core.fault(denied, 0) : core.system.write(register, core.r[a(word)]);
  }

  /// Number of the instruction's register: 31 for the zero register, as source or destination.
  private static int number(int register) {
    return Math.min(register, 31);
  }

  /// MSR (immediate). At EL0 there are SSBS and, if SCTLR_EL1.UMA says so, DAIFSet and DAIFClr (CheckDAIFAccess).
  private static int writeState(Arm64Core core, int field, int value) {
    boolean mask = field == DAIF_SET || field == DAIF_CLEAR;
    if (core.privilege == 0 && mask && !core.system.is(Arm64SystemRegisters.SCTLR_UMA)) {
      int encoding = (field == DAIF_SET ? ENCODING_DAIF_SET : ENCODING_DAIF_CLEAR) | value << 3;
      return core.fault(Arm64Syndrome.of(Arm64Syndrome.SYSTEM_TRAP, Arm64SystemRegisters.trapIss(encoding, true, 31)),
          0);
    }
    if (core.privilege == 0 && !mask && field != SSBS) {
      return core.undefined();
    }
    switch (field) {
      case UAO -> core.setUao((value & 1) != 0);
      case PAN -> core.setPan((value & 1) != 0);
      case SSBS -> core.setSsbs((value & 1) != 0);
      case SPSEL -> core.selectStack(value & 1);
      case DAIF_SET -> core.setDaif(core.daif() | value << 6);
      default -> core.setDaif(core.daif() & ~(value << 6));
    }
    return Outcome.RESYNC;
  }
}

package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.cpu.Outcome;

/// Firmware calls by HVC #0: the little of PSCI (DEN0022) that a kernel on this machine can use. There is no EL2 to
/// enter; the call is answered within the instruction, as an emulator's firmware does, so a trace shows HVC running on
/// to the next instruction.
final class Arm64Psci {
  private Arm64Psci() {}

  private static final long VERSION = 0x8400_0000L;
  private static final long CPU_ON_32 = 0x8400_0003L;
  private static final long CPU_ON_64 = 0xc400_0003L;
  private static final long MIGRATE_INFO_TYPE = 0x8400_0006L;
  private static final long SYSTEM_OFF = 0x8400_0008L;
  private static final long SYSTEM_RESET = 0x8400_0009L;
  private static final long FEATURES = 0x8400_000aL;

  private static final long VERSION_1_0 = 0x1_0000;
  private static final long NOT_SUPPORTED = -1;
  private static final long ALREADY_ON = -4;
  private static final long NO_TRUSTED_OS = 2;

  /// Undefined at EL0, and with an immediate other than 0.
  static int call(Arm64Core core, int immediate) {
    if (core.privilege == 0 || immediate != 0) {
      return core.undefined();
    }
    long function = core.r[0] & 0xffff_ffffL;
    if (function == SYSTEM_OFF || function == SYSTEM_RESET) {
      core.machine.stop(function == SYSTEM_OFF ? "PSCI SYSTEM_OFF" : "PSCI SYSTEM_RESET");
    } else {
      core.r[0] = answer(function, core.r[1] & 0xffff_ffffL);
    }
    return Outcome.OK;
  }

  private static long answer(long function, long argument) {
    if (function == VERSION) {
      return VERSION_1_0;
    } else if (function == CPU_ON_32 || function == CPU_ON_64) {
      return ALREADY_ON; // the boot loader starts every core
    } else if (function == MIGRATE_INFO_TYPE) {
      return NO_TRUSTED_OS;
    } else if (function == FEATURES) {
      return argument == VERSION || argument == SYSTEM_OFF || argument == SYSTEM_RESET ? 0 : NOT_SUPPORTED;
    }
    return NOT_SUPPORTED;
  }
}

package dev.crosspatch.bench;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.Plugins;
import java.util.Map;

/// A loop as a compiler would make it, without end, on a machine of one core: a load, arithmetic on it, a branch on the
/// result that is taken now and then, a store, an index that wraps, and the branch back; about twelve instructions a
/// turn over an 8 KiB array.
final class GuestLoop {
  private static final int RAM = 32 << 20;
  private static final long DATA = 0x20_0000;

  private static final Map<String, String> SOURCES = Map.of(
      "x86-64",
      """
      .text
      start:
        lea rsi, [rip + array]
        xor ecx, ecx
        mov rbx, 0x1234567
      1:
        mov rax, [rsi + rcx*8]
        add rbx, rax
        xor rbx, rcx
        ror rbx, 7
        test ebx, 3
        je 2f
        lea rdx, [rbx + rbx*2]
        mov [rsi + rcx*8], rdx
      2:
        inc rcx
        and ecx, 1023
        cmp rcx, -1
        jne 1b
      .data
      array:
        .zero 8192
      """,
      "aarch64",
      """
      .text
      start:
        adrp x1, array
        add x1, x1, :lo12:array
        mov x2, #0
        movz x3, #0x1234
      1:
        ldr x4, [x1, x2, lsl #3]
        add x3, x3, x4
        eor x3, x3, x2
        ror x3, x3, #7
        tst x3, #3
        b.eq 2f
        add x5, x3, x3, lsl #1
        str x5, [x1, x2, lsl #3]
      2:
        add x2, x2, #1
        and x2, x2, #1023
        cmn x2, #1
        b.ne 1b
      .data
      array:
        .zero 8192
      """);

  final Machine machine;
  private long retired;

  GuestLoop(String isaName) {
    Isa isa = Plugins.isa(isaName);
    long base = new LabBoard().map(isa).kernelBase();
    Image image = Plugins.assembler(isaName).assembler(isaName)
        .assemble("loop.s", SOURCES.getOrDefault(isaName, ""), Map.of(".text", base, ".data", base + DATA), Map.of());
    Platform platform = new LabBoard().assemble(new MachineConfig(
        isa, 1, isa.presets().get(0), MachineConfig.Staleness.TYPICAL, isa.coherentFetch(),
        isa.coherentFetch(), RAM, 1));
    platform.boot(image);
    machine = platform.machine();
  }

  /// Runs this many instructions more.
  long run(int instructions) {
    retired += instructions;
    RunResult result = machine.run(RunLimits.ofRetired(retired));
    if (result.end() != RunResult.End.RETIRED_LIMIT) {
      throw new IllegalStateException("the loop ended: " + result.reason());
    }
    return result.cycles();
  }
}

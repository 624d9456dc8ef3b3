package dev.crosspatch.isa.toy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each instruction of the toy on a core of it; what is expected follows from the rows' own words.
final class ToyCoreTest {
  private static final long TEXT = 0x4000_0000L;
  private static final long DATA = 0x4000_1000L;
  private static final int RAM = 2 << 20;

  private final Assembler assembler = new ToyAssembler().assembler("toy");

  /// Runs a text that ends at a `wait`; returns the machine.
  private Platform run(int cpus, String text) {
    Image image = assembler.assemble("t.s", text, Map.of(".text", TEXT, ".data", DATA), Map.of());
    Platform platform = new LabBoard().assemble(
        new MachineConfig(new ToyIsa(), cpus, "toy", Staleness.TYPICAL, false, false, RAM, 1));
    platform.boot(image);
    platform.machine().run(RunLimits.ofRetired(10_000));
    return platform;
  }

  private long r0(String text) {
    String whole = "start: " + text + "\n1: wait; j 1b\n.data\ndata: .quad 0x8877665544332211, 0";
    return run(1, whole).machine().core(0).r[0];
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "li r0, -2                                                  | 0xfffffffffffffffe",
    "li r0, -2; lih r0, 7                                       | 0x00000007fffffffe",
    "li r1, 5; li r2, 7; add r0, r1, r2                         | 12",
    "li r1, 5; li r2, 7; sub r0, r1, r2                         | -2",
    "li r1, 12; li r2, 10; and r0, r1, r2                       | 8",
    "li r1, 12; li r2, 10; xor r0, r1, r2                       | 6",
    "li r1, -3; li r2, 10; mul r0, r1, r2                       | -30",
    "li r1, -1; li r2, 16; div r0, r1, r2                       | 0x0fffffffffffffff",
    "li r1, 5; li r2, 0; div r0, r1, r2                         | 0",
    "addi r0, r0, -9                                            | -9",
    "li r1, 0x77; andi r0, r1, 0x1c                             | 0x14",
    "li r1, 3; shli r0, r1, 62                                  | 0xc000000000000000",
    "li r1, -1; shri r0, r1, 60                                 | 15",
    "li r1, data; ld r0, [r1]                                   | 0x8877665544332211",
    "li r1, data; lw r0, [r1 + 4]                               | 0x88776655",
    "li r1, data; lb r0, [r1 + 7]                               | 0x88",
    "li r1, data; li r2, -1; sw r2, [r1 + 8]; ld r0, [r1 + 8]   | 0xffffffff",
    "li r1, data; li r2, -1; sb r2, [r1 + 9]; ld r0, [r1 + 8]   | 0xff00",
    "li r1, data; li r2, 3; amoadd r3, [r1], r2; ld r4, [r1]; sub r0, r4, r3 | 3",
    "li r1, -1; li r2, 1; blt r1, r2, 2f; li r0, 1; 2: addi r0, r0, 4        | 4",
    "li r1, -1; li r2, 1; bltu r1, r2, 2f; li r0, 1; 2: addi r0, r0, 4       | 5",
    "li r1, 1; li r2, 1; bge r1, r2, 2f; li r0, 1; 2: addi r0, r0, 4         | 4",
    "li r1, 1; li r2, 1; bne r1, r2, 2f; li r0, 1; 2: addi r0, r0, 4         | 5",
    "li r1, 1; li r2, 1; beq r1, r2, 2f; li r0, 1; 2: addi r0, r0, 4         | 4",
    "call f; j 1f; f: addi r0, lr, 0; ret                       | 0x40000008",
    "li lr, f; callr lr; j 1f; f: addi r0, lr, 0; ret           | 0x40000010",
    "li r1, 2f; jr r1; li r0, 1; 2: addi r0, r0, 4              | 4",
    "li r1, 77; mts area, r1; mfs r0, area                      | 77",
    "li r1, 77; mts cpu, r1; mfs r0, cpu                        | 0",
  })
  void each(String text, String expected) {
    assertEquals(number(expected), r0(text));
  }

  private static long number(String text) {
    return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
  }

  /// Cause, place and address of what goes wrong; the handler returns behind it.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "trap                            | 2 | 0x40000018 | 0",
    ".quad 0                         | 1 | 0x40000018 | 0",
    "li r5, 1; ld r4, [r5 + 8]       | 4 | 0x40000020 | 9",
    "li r5, 0; lih r5, 1; lb r4, [r5] | 3 | 0x40000028 | 0x100000000",
  })
  void exceptions(String bad, long cause, String from, String address) {
    long[] r = run(1, "start: li r1, handler; mts vector, r1; li r6, 1\n" + bad + """

        addi r0, r0, 1
        1: wait; j 1b
        .balign 64
        handler:
        mfs r1, cause; mfs r2, epc; mfs r3, address
        addi r7, r2, 8; mts epc, r7; rfe
        """).machine().core(0).r;
    assertArrayEquals(new long[] {1, cause, number(from), number(address)}, Arrays.copyOf(r, 4));
  }

  /// An interrupt reaches a CPU that waits, and is taken where interrupts are on.
  @Test
  void interrupts() {
    Platform platform = run(2, """
        start: li r1, 1; send r1
        1: wait; j 1b
        secondary_start:
        li r1, handler; mts vector, r1
        wait
        li r0, 5; li r1, 1; mts status, r1
        addi r2, r3, 1
        1: wait; j 1b
        .balign 64
        handler: j handler
        .balign 64
        mfs r3, status; mfs r4, cause; rfe
        """);
    long[] r = platform.machine().core(1).r;
    assertArrayEquals(new long[] {5, 1, 3, 2, 0}, Arrays.copyOf(r, 5), "status says that they are off, and were on");
  }
}

package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.Syntax;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a unit of the size of a guest kernel costs: few calls of Keystone, since each costs as much as several
/// instructions. The time limit is five times what is wanted of a kernel, and processor time of the Java threads, so
/// that what else the machine does cannot fail the test.
class AssemblySpeedTest {
  private static final int STATEMENTS = 3000;
  private static final int MOST_CALLS = 2;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /// A kernel-like text: a label every 8 statements, and half of the instructions occurring once only.
  private static String source(String isa, long seed) {
    boolean x86 = isa.equals(TestAssemblers.X86_64);
    Random random = new Random(seed);
    StringBuilder source = new StringBuilder();
    for (int i = 0; i < STATEMENTS; i++) {
      int n = random.nextInt(512);
      int r = 8 + random.nextInt(8);
      switch (i % 8) {
        case 0 -> source.append("f").append(i).append(": nop\n");
        case 1 -> source.append(x86 ? "call f" : "bl f").append(i / 16 * 8).append('\n');
        case 2 -> source.append(x86 ? "je f" : "b.eq f").append(i / 8 * 8).append('\n');
        case 3, 4, 5 ->
            source.append(String.format(x86 ? "mov [rdi + %d], r%d\n" : "ldr x%2$d, [x2, #%1$d]\n", 8 * n, r));
        case 6 -> source.append(x86 ? "lea rsi, [rip + f0]\n" : "adrp x0, f0\n");
        default -> source.append(x86 ? "add rax, " : "add x0, x1, #").append(n).append('\n');
      }
    }
    return source.toString();
  }

  private static long processorNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return LongStream.of(threads.getAllThreadIds()).map(threads::getThreadCpuTime).filter(t -> t > 0).sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void assemblesAKernelInTime(String isa) {
    Map<String, Long> layout = Map.of(".text", 0xffffffff81000000L);
    TestAssemblers.assembler(isa).assemble("warm-up.s", source(isa, 1), layout, Map.of());
    // A new assembler remembers no instruction of the last one.
    boolean x86 = isa.equals(TestAssemblers.X86_64);
    KeystoneTarget target = x86 ? KeystoneTarget.X86_64 : KeystoneTarget.AARCH64;
    var keystone = new KeystoneWorker(target.arch, target.mode);
    var encoder = new KeystoneEncoder(target, keystone, null);
    var fresh = new GasAssembler(x86 ? new X86(encoder) : new A64(encoder), Syntax.MANUAL,
        (code, offset, available) -> available);
    fresh.assemble(0, "nop");
    int callsBefore = keystone.calls();
    long start = processorNanos();
    var image = fresh.assemble("kernel.s", source(isa, 2), layout, Map.of());
    Duration time = Duration.ofNanos(processorNanos() - start);
    assertEquals(STATEMENTS / 8, image.symbols().size());
    assertTrue(keystone.calls() - callsBefore <= MOST_CALLS, (keystone.calls() - callsBefore) + " calls of Keystone");
    assertTrue(time.compareTo(LIMIT) < 0, STATEMENTS + " statements took " + time);
  }
}

package dev.crosspatch.core.lab;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/// Guest instructions per second of the engine on a loop like compiled code: load, add, xor, rotate, test, branch over
/// a shift-add and a store, index update, mask, decrement, branch. `java ... MicroBench [millions of instructions]`
/// prints medians of nine runs by CPU time of the thread, with and without a retire sink.
public final class MicroBench {
  private static final int RUNS = 9;

  private MicroBench() {}

  private static final class Sum implements RetireSink {
    long sum;

    @Override
    public void retired(RetireBatch batch) {
      for (int i = 0; i < batch.runs(); i++) {
        RetireRun run = batch.run(i);
        sum += run.pc ^ run.info;
      }
    }
  }

  public static Code loop() {
    Code c = Lab.text();
    c.li(4, Lab.DATA).op(Uop.ADD, 4, 4, 14, 3).li(5, 0).li(6, 0).li(7, Long.MAX_VALUE);
    c.pad(Lab.TEXT + 64);
    long loop = c.here();
    c.compact(Uop.LOAD, 2, 4, 5, 3, 3, 0);
    c.compact(Uop.ADD, 6, 6, 2, 3, 0, 0);
    c.compact(Uop.XOR, 6, 6, 5, 3, 0, 0);
    c.compact(Uop.RORI, 6, 6, 0, 3, 0, 13);
    c.compact(Uop.ANDFI, 3, 6, 0, 3, 0, 7);
    long skip = c.here() + 6 + 4 + 4;
    c.jcc(Cond.E, skip);
    c.compact(Uop.SHLI, 3, 6, 0, 3, 0, 3);
    c.compact(Uop.STORE, 3, 4, 5, 3, 3, 0);
    c.compact(Uop.ADDI, 5, 5, 0, 3, 0, 1);
    c.compact(Uop.ANDI, 5, 5, 0, 3, 0, 127);
    c.compact(Uop.SUBFI, 7, 7, 0, 3, 0, 1);
    c.jcc(Cond.NE, loop);
    return c.stop();
  }

  private static double[] measure(Lab lab, long instructions, int slack) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[] mips = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      long before = retired(lab);
      long start = threads.getCurrentThreadCpuTime();
      lab.machine.run(new RunLimits(Long.MAX_VALUE, before + instructions, slack));
      mips[i] = (retired(lab) - before) * 1e3 / (threads.getCurrentThreadCpuTime() - start);
    }
    Arrays.sort(mips);
    return mips;
  }

  private static long retired(Lab lab) {
    long sum = 0;
    for (int i = 0; i < lab.machine.cpus(); i++) {
      sum += lab.machine.core(i).retired();
    }
    return sum;
  }

  private static void report(String what, double[] mips) {
    System.out.printf(Locale.ROOT, "%-18s %6.1f MIPS median of %d (%.1f .. %.1f)%n", what, mips[RUNS / 2],
        RUNS, mips[0],
        mips[RUNS - 1]);
  }

  public static void main(String[] args) {
    long instructions = 1_000_000L * (args.length > 0 ? Integer.parseInt(args[0]) : 100);
    report("no sink", measure(Lab.Setup.X86.lab().put(loop()), instructions, 0));
    Lab traced = Lab.Setup.X86.lab().put(loop());
    Sum sum = new Sum();
    traced.machine.attach(0, sum);
    report("retire sink", measure(traced, instructions, 0));
    for (int cpus : new int[] {2, 4, 16}) {
      for (int slack : new int[] {0, 100}) {
        Lab lab = Lab.Setup.X86.cpus(cpus).lab().put(loop());
        for (int i = 0; i < cpus; i++) {
          lab.core(i).r[14] = 0x400L * i;
        }
        report(cpus + " CPUs, slack " + slack, measure(lab, instructions / 4, slack));
      }
    }
    System.out.println(traced.machine.counters(0) + " checksum " + sum.sum);
  }
}

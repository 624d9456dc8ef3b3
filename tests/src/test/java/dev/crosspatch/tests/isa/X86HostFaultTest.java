package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// How x86-64 instructions fault in user mode, held against the CPU this test runs on: vector, error code, CR2,
/// address, registers, segment registers, flags and memory, under the preset of the CPU's maker, if that is AMD.
/// `-Dcrosspatch.faults=N` and `-Dcrosspatch.seed=N` choose how many vectors and which.
class X86HostFaultTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.faults", 30_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final int SHOWN = 30;
  private static final int PAGE_FAULT = 14;
  private static final int UNDEFINED = 6;
  private static final int DEBUG = 1;
  private static final int ALIGNMENT = 17;
  /// TASK_SIZE_MAX.
  private static final long USER_END = 0x7fff_ffff_f000L;
  private static final long PAGE_END = X86Vector.CODE + 4096;

  @TempDir
  Path directory = Path.of("");

  @Test
  void snippetsFaultAsOnTheHost(TestReporter reporter) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    X86HostCpu.assumeMakerOf("zen4", "the order of an Intel CPU's checks is not known here");
    X86HostCpu host = new X86HostCpu(directory);
    X86FaultGenerator generator = new X86FaultGenerator(new Random(SEED), host.hasLocalTable());
    List<X86Vector> known = X86FaultGenerator.known();
    boolean avx512 = X86HostCpu.hasAvx512();
    X86UserMode ours = new X86UserMode(X86HostCpu.preset());
    Map<String, Integer> kinds = new TreeMap<>();
    List<String> differences = new ArrayList<>();
    AtomicInteger compared = new AtomicInteger();
    host.run(VECTORS, i -> i < known.size() ? known.get(i) : generator.next(), (v, theirs) -> {
      X86Vector us = ours.run(v);
      boolean comparable = comparable(v, theirs, avx512) && !isOfTheHost(us, theirs)
          && (avx512 || !readsInOtherOrder(v, us, theirs));
      String difference = comparable ? difference(v, us, theirs) : null;
      compared.addAndGet(comparable ? 1 : 0);
      if (difference != null
          && kinds.merge(v.form + ": " + difference.replaceAll("[0-9a-f]{2,}", "#"), 1, Integer::sum) == 1) {
        differences.add(difference + ": " + v);
      }
    });
    reporter.publishEntry(compared + " of " + VECTORS + " vectors compared, seed " + SEED + ", preset "
        + X86HostCpu.preset());
    List<String> shown = differences.subList(0, Math.min(SHOWN, differences.size()));
    assertTrue(differences.isEmpty(), () -> "ours against the host's, seed " + SEED + ", " + differences.size()
        + " kinds\n" + String.join("\n", shown) + "\n");
    assertTrue(compared.get() > VECTORS / 10 * 8, compared + " compared");
  }

  /// Bytes at the end of a page are compared where the host says #UD or needs more; what else they may be is for other
  /// tests.
  private static boolean comparable(X86Vector v, X86Vector theirs, boolean avx512) {
    if (v.offset == 0) {
      return true;
    }
    boolean more = theirs.trap == PAGE_FAULT && theirs.cr2 == PAGE_END;
    return (more || theirs.trap == UNDEFINED) && theirs.rip == X86Vector.CODE + v.offset
        && !X86HostCpu.hasOwnOpinion(v.code, avx512);
  }

  /// Whether both of CMPS's operands fault, and the host, older than the preset, met the other one first.
  private static boolean readsInOtherOrder(X86Vector v, X86Vector us, X86Vector them) {
    return X86HostCpu.comparesStrings(v.code) && us.signal != 0 && them.signal != 0
        && (us.trap != them.trap || us.cr2 != them.cr2);
  }

  /// An access far from the vector's own pages may find one of the host's process, whose libraries and stack lie in the
  /// last TiB of the user's half.
  private static boolean isOfTheHost(X86Vector us, X86Vector them) {
    return us.trap == PAGE_FAULT && them.signal == 0 && us.cr2 >= USER_END - (1L << 40) && us.cr2 < USER_END;
  }

  /// The first difference between what a vector left with us and on the host, or null.
  static @Nullable String difference(X86Vector v, X86Vector us, X86Vector them) {
    boolean behind = them.trap == ALIGNMENT && them.rip == X86Vector.CODE + v.offset + v.code.length;
    if (behind || (them.trap == DEBUG && them.rip >= PAGE_END)) { // by the jump behind the snippet
      them.signal = 0;
      them.trap = 0;
      them.flags = us.flags;
    }
    if (us.signal != them.signal || us.trap != them.trap) {
      return String.format("vector %d against %d (signal %d, %d)", us.trap, them.trap, us.signal, them.signal);
    }
    String state = us.differenceFrom(them, v.defined);
    if (state == null && us.hash != them.hash) {
      state = "memory elsewhere in the page";
    }
    for (int i = 0; state == null && i < us.selectors.length; i++) {
      state = (them.signal == 0 && i == 1) || plain(us.selectors[i]) == plain(them.selectors[i])
          ? null : String.format("segment register %d: %x against %x", i, us.selectors[i], them.selectors[i]);
    }
    return state != null ? state : them.signal == 0 ? null : exceptionDifference(us, them);
  }

  /// A null selector loses its RPL where an interrupt returns to user mode.
  private static int plain(int selector) {
    return (selector & ~3) == 0 ? 0 : selector;
  }

  private static @Nullable String exceptionDifference(X86Vector us, X86Vector them) {
    // Linux tells user mode of every fault at an address of the kernel's that the page is present
    long hidden = them.trap == PAGE_FAULT && Long.compareUnsigned(them.cr2, USER_END) >= 0 ? 1 : 0;
    if ((us.error | hidden) != (them.error | hidden)) {
      return String.format("error code %x against %x", us.error, them.error);
    }
    if (us.rip != them.rip) {
      return String.format("rip %x against %x", us.rip, them.rip);
    }
    return them.trap == PAGE_FAULT && us.cr2 != them.cr2 ? String.format("cr2 %x against %x", us.cr2, them.cr2) : null;
  }
}

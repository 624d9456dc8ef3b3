package dev.crosspatch.tracer.program;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Another CPU that patches sites under the trap protocol: trap, sync, tail, report, sync, first byte, sync. Without
/// syncs it only waits a little between the steps.
final class ProgramPatcher {
  private final ProgramRun run;
  private final List<Program.Site> sites;
  private final boolean syncs;
  private final Random random;
  private final PokeLog log = new PokeLog();
  private final Map<String, Boolean> on = new HashMap<>();
  private final List<Runnable> steps = new ArrayList<>();
  private boolean waiting;
  private long wakeUp;

  ProgramPatcher(ProgramRun run, List<Program.Site> sites, boolean syncs, Random random) {
    this.run = run;
    this.sites = sites;
    this.syncs = syncs;
    this.random = random;
  }

  PokeLog log() {
    return log;
  }

  /// The interrupt asked for was taken.
  void interrupted() {
    if (waiting) {
      waiting = false;
      wakeUp = run.now() + 1 + random.nextInt(40);
    }
  }

  /// Called between any two rows of the CPU that runs the text.
  void turn(boolean begin) {
    if (waiting || run.now() < wakeUp) {
      return;
    }
    if (!steps.isEmpty()) {
      steps.removeFirst().run();
    } else if (begin && !sites.isEmpty()) {
      patch(sites.get(random.nextInt(sites.size())));
    }
  }

  private void patch(Program.Site site) {
    boolean old = on.getOrDefault(site.name(), false);
    byte[] before = old ? site.on() : site.off();
    byte[] after = old ? site.off() : site.on();
    byte[] trap = {(byte) 0xcc};
    steps.add(() -> run.store(site.address(), trap, 0, 1));
    steps.add(this::sync);
    steps.add(() -> run.store(site.address(), after, 1, 5));
    steps.add(() -> log.add(new Poke(run.now(), 1, site.address(), before, after, "jump_label", site.name())));
    steps.add(this::sync);
    steps.add(() -> run.store(site.address(), after, 0, 1));
    steps.add(() -> on.put(site.name(), !old));
    steps.add(this::sync);
  }

  private void sync() {
    if (syncs) {
      waiting = true;
      run.interrupt();
    } else {
      wakeUp = run.now() + 1 + random.nextInt(40);
    }
  }

  /// Where the trap handler lets the flow go on: behind the old text or where the new one leads.
  long emulate(long address) {
    for (Program.Site site : sites) {
      if (site.address() == address) {
        Insn insn = run.classify(Arrays.copyOf(site.on(), 8), address);
        return random.nextBoolean() ? address + insn.length() : insn.target();
      }
    }
    throw new IllegalStateException("trap outside the sites, at " + Long.toHexString(address));
  }
}

package dev.crosspatch.sim.window;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.tracer.text.Poke;
import java.util.Arrays;
import java.util.List;

/// Text that is none of [Sites]: what appears or goes away as a whole, what is patched in text that appeared, and what
/// is longer than a site. One instruction of it is looked at as if it were a site.
final class LoadedText {
  /// Most bytes that are looked at in one go.
  private static final int LONGEST = 16;

  private LoadedText() {}

  /// What stands at `address`, with every store to it: all that a short poke changes, else the instruction there.
  ///
  /// @param poke  one that concerns the address
  /// @param pokes all of the run
  static Site site(RunDirectory run, List<Poke> pokes, Poke poke, long address) {
    Isa isa = run.config().isa();
    int size = Math.max(poke.before().length, poke.after().length);
    boolean changes = poke.before().length > 0 && poke.after().length > 0 && size <= LONGEST;
    long from = changes ? poke.address() : address;
    int length = changes ? size : instruction(isa, poke, address);
    byte[] loaded = run.stores().bytesAt(run.image(), from, length, -1);
    Site site = new Site(from, isa.patchKit().trap(), Arrays.copyOf(loaded, length));
    for (Poke p : pokes) {
      reported(site, p, p.before());
      reported(site, p, p.after());
    }
    if (!changes) {
      fillings(run, site, isa.alignment());
    }
    run.stores().forEach(store -> {
      if (site.overlaps(store.address(), store.length())) {
        site.store(store.cpu(), store.cycle(), store.address(), store.bytes(), true);
      }
      return true;
    });
    return site;
  }

  /// What room is filled with that nobody has is no text on the way to another: one unit of what was stored, over and
  /// over.
  private static void fillings(RunDirectory run, Site site, int unit) {
    run.stores().forEach(store -> {
      byte[] stored = store.bytes();
      if (stored.length >= unit && site.overlaps(store.address(), stored.length)) {
        byte[] filling = new byte[site.length];
        for (int i = 0; i < filling.length; i++) {
          filling[i] = stored[i % unit];
        }
        site.reported(filling);
      }
      return true;
    });
  }

  private static int instruction(Isa isa, Poke poke, long address) {
    byte[] text = poke.after().length == 0 ? poke.before() : poke.after();
    int at = (int) (address - poke.address());
    if (at >= text.length) {
      return isa.alignment();
    }
    Insn insn = isa.classify(text, at, text.length - at, address, Mode.CODE_64);
    return insn == null ? Math.min(text.length - at, isa.alignment()) : insn.length();
  }

  private static void reported(Site site, Poke poke, byte[] text) {
    long from = site.address - poke.address();
    if (from >= 0 && from + site.length <= text.length) {
      site.reported(Arrays.copyOfRange(text, (int) from, (int) from + site.length));
    }
  }

  /// First store of the patch that made what a poke tells of, which was made at `cycle` or nearest to it.
  static int patch(Site site, Poke poke, long cycle) {
    int nearest = 0;
    long least = Long.MAX_VALUE;
    for (int first = 0; first < site.count(); first = site.end(first) + 1) {
      int end = site.end(first);
      long away = Math.max(0, Math.max(site.cycle(first) - cycle, cycle - site.cycle(end)));
      if (away < least && (holds(site, end, poke, poke.after()) || holds(site, first - 1, poke, poke.before()))) {
        least = away;
        nearest = first;
      }
    }
    return nearest;
  }

  /// Whether behind store `index` the place holds that text of a poke.
  private static boolean holds(Site site, int index, Poke poke, byte[] text) {
    int from = (int) (site.address - poke.address());
    return from >= 0 && from + site.length <= text.length
        && Arrays.equals(site.text(index), 0, site.length, text, from, from + site.length);
  }
}

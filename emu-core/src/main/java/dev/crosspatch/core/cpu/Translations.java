package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.time.Structure;
import dev.crosspatch.core.time.TimingTable;

/// The translations that one core keeps, as its ISA fills and drops them.
public final class Translations {
  /// Every address space, for [#flushRange].
  public static final int EVERY_SPACE = Tlb.EVERY_SPACE;
  /// Goes with the permissions of a page: where branches come to its text, the ISA is asked whether they may
  /// ([Core#mayEnter]).
  public static final int GUARDED = Tlb.GUARDED;

  final Tlb tlb;
  private final RecentlyUsed fetch;
  private final RecentlyUsed data;
  private final RecentlyUsed tables;
  private final Core core;
  private final Uncore machine;
  private final transient Probe probe;

  Translations(Core core, Uncore machine) {
    this.core = core;
    this.machine = machine;
    probe = machine.probe();
    TimingTable sizes = machine.timing().table();
    tlb = new Tlb(sizes.size(Structure.L2_TLB));
    fetch = new RecentlyUsed(sizes.size(Structure.L1I_TLB));
    data = new RecentlyUsed(sizes.size(Structure.L1D_TLB));
    tables = new RecentlyUsed(sizes.size(Structure.WALK_CACHE));
  }

  /// The translation of the page of `va` is used for an access: false if the second-level TLB had to be asked for it.
  boolean isNear(long va, int access) {
    RecentlyUsed first = access == Core.FETCH ? fetch : data;
    return !first.exists() || first.touch(tlb.key(va));
  }

  /// A walk reads the entry at physical address `pa`, which leads on to another table: whether it need not.
  boolean isWalked(long pa) {
    return tables.exists() && tables.touch(pa >>> 3);
  }

  /// Adds a translation to the TLB for the page of `va`.
  ///
  /// @param pa         physical address of the page's first byte
  /// @param permission bits `1 << `[Core#READ], `1 << `[Core#WRITE], `1 << `[Core#FETCH] for privileged accesses, and
  ///                   the same shifted left by 3 for user accesses; and [#GUARDED]
  /// @param global     serves every address space, and survives [#flush] with `keepGlobal`; otherwise the current
  ///                   one alone
  /// @param blockShift log2 of the bytes of the block that the page is a piece of, 12 if it is one of its own
  public void map(long va, long pa, int permission, boolean global, int blockShift) {
    tlb.map(va, pa, permission, global, blockShift);
    if ((permission & (Tlb.need(Core.FETCH, false) | Tlb.need(Core.FETCH, true))) != 0) {
      machine.executable(pa);
    }
  }

  /// Makes `addressSpace` (ASID, 0..65535) the one whose translations serve from now on. The others stay for its
  /// return.
  public void enter(int addressSpace) {
    tlb.enter(addressSpace);
    changed();
  }

  /// Forgets all translations.
  public void flush(boolean keepGlobal) {
    tlb.flush(keepGlobal);
    dropped(0, -1);
  }

  /// Forgets the translations of one address space that are not global.
  public void flushSpace(int addressSpace) {
    tlb.flushSpace(addressSpace);
    dropped(0, -1);
  }

  /// Forgets the translation of the page or block of `va`, whole, in every address space, however it was tagged.
  public void flushPage(long va) {
    flushRange(va, va, EVERY_SPACE);
  }

  /// Forgets the translations of all pages and blocks with an address of `first` to `last`, both included, in either
  /// half of the address space. A block goes as a whole, and tags do not count.
  ///
  /// @param addressSpace the one whose translations are forgotten, besides global ones, or [#EVERY_SPACE]
  public void flushRange(long first, long last, int addressSpace) {
    tlb.flushRange(first, last, addressSpace);
    dropped(first, last);
  }

  private void dropped(long first, long last) {
    changed();
    if (probe.translations.isHeard()) {
      probe.translations.tell(new Event.TranslationsDropped(core.id, core.cycles(), first, last));
    }
  }

  /// Whoever does this is an instruction that ends the engine's loop, or another core, so nothing runs on by what is
  /// forgotten.
  private void changed() {
    core.data.cache.hot.forgetAll();
    core.fetch.forgetTranslations();
  }
}

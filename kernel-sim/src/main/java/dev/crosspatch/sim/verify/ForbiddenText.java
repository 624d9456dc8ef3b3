package dev.crosspatch.sim.verify;

import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.image.Section;
import dev.crosspatch.core.image.Symbol;
import dev.crosspatch.core.isa.Insn;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// When memory held text that the contract of the poke log forbids to run: from the stores to text and the log, without looking at what ran. All sites of the
/// log and of the image's symbols are worked out in one pass over the stores; another address when it is asked for, in a pass of its own.
final class ForbiddenText {
  private final Isa isa;
  private final Contract contract;
  private final TextStores stores;
  private final long start;
  private final byte[] initial;
  /// Bytes of the text that were ever stored to.
  private final BitSet stored = new BitSet();
  /// When each store's instruction began, or earlier: a store is recorded when its instruction ends, others may see it from the begin on.
  private final long[] begins;
  private final Map<Long, List<Stretch>> known = new HashMap<>();

  /// @param run whose truth tells when stores began
  ForbiddenText(RunDirectory run, Evidence evidence, Contract contract) {
    isa = evidence.config().isa();
    this.contract = contract;
    stores = run.stores();
    Section text = text(evidence.image());
    start = text.address();
    initial = text.bytes();
    try (StoreBegins starting = new StoreBegins(run)) {
      stores.forEach(store -> {
        starting.add(store);
        return mark(store.address() - start, store.length());
      });
      begins = starting.all();
    }
    Set<Long> sites = new TreeSet<>();
    evidence.pokes().pokes().stream().map(Poke::address).forEach(sites::add);
    evidence.image().symbols().stream().map(Symbol::address).forEach(sites::add);
    workOut(sites.stream().filter(this::changes).toList());
  }

  private static Section text(Image image) {
    return image.section(".text").orElse(new Section(".text", 0, new byte[0], Section.Access.TEXT));
  }

  private boolean mark(long offset, int length) {
    if (offset >= 0 && length > 0 && offset + length <= initial.length) {
      stored.set((int) offset, (int) offset + length);
    }
    return true;
  }

  /// First address of the text.
  long start() {
    return start;
  }

  /// The offsets in the text at which an instruction may have changed.
  BitSet mayChange() {
    BitSet all = new BitSet();
    for (int from = stored.nextSetBit(0); from >= 0; ) {
      int to = stored.nextClearBit(from);
      all.set(Math.max(0, from - isa.maxLength() + 1), to);
      from = stored.nextSetBit(to);
    }
    return all;
  }

  /// Whether the initial instruction there was ever stored to.
  private boolean changes(long address) {
    long offset = address - start;
    if (offset < 0 || offset >= initial.length) {
      return false;
    }
    int change = stored.nextSetBit((int) offset);
    return change >= 0 && change < offset + instruction(window(address), address).length;
  }

  /// The stretches at an address, in order.
  List<Stretch> at(long address) {
    List<Stretch> stretches = known.get(address);
    if (stretches == null) {
      workOut(changes(address) ? List.of(address) : List.of());
      stretches = known.computeIfAbsent(address, a -> List.of());
    }
    return stretches;
  }

  private byte[] window(long address) {
    int offset = (int) (address - start);
    return Arrays.copyOfRange(initial, offset, Math.min(initial.length, offset + isa.maxLength()));
  }

  private byte[] instruction(byte[] window, long address) {
    Insn insn = isa.classify(window, 0, window.length, address);
    return insn == null ? window.clone() : Arrays.copyOf(window, insn.length());
  }

  private void workOut(Collection<Long> addresses) {
    if (addresses.isEmpty()) {
      return;
    }
    TreeMap<Long, Place> places = new TreeMap<>(Long::compareUnsigned);
    addresses.forEach(a -> places.put(a, new Place(a)));
    int[] number = {0};
    stores.forEach(store -> {
      long began = begins[number[0]++];
      places.subMap(store.address() - isa.maxLength(), false, store.address() + store.length(), false).values().forEach(p -> p.store(store, began));
      return true;
    });
    places.values().forEach(Place::end);
  }

  /// What memory holds at one address, as the stores go by.
  private final class Place {
    private final long address;
    private final byte[] bytes;
    private final List<Stretch> stretches = new ArrayList<>();
    private long since;

    Place(long address) {
      this.address = address;
      bytes = window(address);
    }

    void store(TextStores.Store store, long began) {
      close(began - 1);
      store.applyTo(bytes, address);
      since = Math.max(since, store.cycle() + 1);
    }

    private void close(long until) {
      if (until >= since) {
        contract.forbidden(address, instruction(bytes, address), since, until, stretches::add);
      }
    }

    void end() {
      close(Long.MAX_VALUE);
      known.put(address, List.copyOf(stretches));
    }
  }
}

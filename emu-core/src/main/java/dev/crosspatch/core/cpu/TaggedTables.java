package dev.crosspatch.core.cpu;

import dev.crosspatch.core.time.Geometry;
import java.util.stream.IntStream;

/// Prediction of conditional branches by history: tables that go by ever longer histories of what branches did, of
/// which the longest that knows a branch, by a tag, predicts it (Seznec and Michaud, "A case for (partially) TAgged
/// GEometric history length branch prediction", 2006). Counters of three bits, tags of 9, useful bits that age.
///
/// What no table knows is the base's to predict.
final class TaggedTables {
  private static final int SHORTEST = 4;
  private static final int LONGEST = 128;
  private static final int TAG_BITS = 9;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;
  /// Of an entry that is in use.
  private static final int KNOWN = 1 << TAG_BITS;
  private static final int WEAK = 4;
  private static final int MOST = 7;
  private static final int MOST_USEFUL = 3;
  /// After so many entries that were wanted and not found free, all are a little less useful.
  private static final int PATIENCE = 256;
  private static final int HISTORY = 256;

  private final int tables;
  private final int indexBits;
  private final int[] lengths;
  /// By `table << indexBits | index`.
  private final short[] tag;
  private final byte[] counter;
  private final byte[] useful;

  // ---- the history, a bit for each branch, and what is left of it folded into indices and tags
  private final byte[] history = new byte[HISTORY];
  private int newest;
  private final int[] foldedIndex;
  private final int[] foldedTag;
  /// By table, where the branch that a history forgets has got to in what is folded.
  private final int[] oldestIndex;
  private final int[] oldestTag;

  private int denied;
  /// Where the last question was answered from, or -1, and from where it would have been else.
  private int provider;
  private int other;

  /// @param size entries of a table, and how many tables
  TaggedTables(Geometry size) {
    tables = size.ways();
    indexBits = Integer.numberOfTrailingZeros(size.sets());
    lengths = new int[tables];
    for (int i = 0; i < tables; i++) {
      double step = tables == 1 ? 0 : (double) i / (tables - 1);
      lengths[i] = (int) Math.round(SHORTEST * Math.pow((double) LONGEST / SHORTEST, step));
    }
    tag = new short[size.entries()];
    counter = new byte[size.entries()];
    useful = new byte[size.entries()];
    foldedIndex = new int[tables];
    foldedTag = new int[tables];
    oldestIndex = IntStream.of(lengths).map(length -> length % Math.max(1, indexBits)).toArray();
    oldestTag = IntStream.of(lengths).map(length -> length % TAG_BITS).toArray();
  }

  /// Whether any table knows the branch at `pc`; if so, [#predicts] says what of it.
  boolean knows(long pc) {
    provider = -1;
    other = -1;
    for (int i = tables - 1; i >= 0; i--) {
      int at = at(i, pc);
      if (tag[at] == tagOf(i, pc)) {
        if (provider >= 0) {
          other = at;
          return true;
        }
        provider = at;
      }
    }
    return provider >= 0;
  }

  /// What the longest history that knows the branch predicts.
  boolean predicts() {
    return counter[provider] >= WEAK;
  }

  /// The branch at `pc`, asked for last, went `taken`.
  ///
  /// @param predicted what was predicted in the end
  /// @param base      what the base predicts
  void learn(long pc, boolean taken, boolean predicted, boolean base) {
    if (provider >= 0) {
      boolean mine = predicts();
      boolean without = other >= 0 ? counter[other] >= WEAK : base;
      if (mine != without) {
        useful[provider] = (byte) Math.clamp(useful[provider] + (mine == taken ? 1 : -1), 0, MOST_USEFUL);
      }
      counter[provider] = (byte) Math.clamp(counter[provider] + (taken ? 1 : -1), 0, MOST);
    }
    if (predicted != taken) {
      allocate(pc, taken);
    }
    remember(taken);
  }

  /// A branch that was wrong gets an entry by a longer history.
  private void allocate(long pc, boolean taken) {
    int first = provider < 0 ? 0 : (provider >> indexBits) + 1;
    for (int i = first; i < tables; i++) {
      int at = at(i, pc);
      if (useful[at] == 0) {
        tag[at] = tagOf(i, pc);
        counter[at] = (byte) (taken ? WEAK : WEAK - 1);
        return;
      }
    }
    if (first < tables && ++denied == PATIENCE) {
      denied = 0;
      for (int i = 0; i < useful.length; i++) {
        useful[i] >>= 1;
      }
    }
  }

  /// The history is one branch longer.
  private void remember(boolean taken) {
    newest = newest + 1 & HISTORY - 1;
    int in = taken ? 1 : 0;
    history[newest] = (byte) in;
    for (int i = 0; i < tables; i++) {
      int gone = history[newest - lengths[i] & HISTORY - 1];
      foldedIndex[i] = fold(foldedIndex[i], in, gone << oldestIndex[i], indexBits);
      foldedTag[i] = fold(foldedTag[i], in, gone << oldestTag[i], TAG_BITS);
    }
  }

  /// A history folded to `bits`, one branch later.
  private static int fold(int folded, int in, int out, int bits) {
    int next = folded << 1 ^ in ^ out;
    return (next ^ next >>> bits) & (1 << bits) - 1;
  }

  private int at(int table, long pc) {
    int hash = (int) (pc ^ pc >>> Math.max(1, indexBits - table) ^ pc >>> 17) ^ foldedIndex[table];
    return table << indexBits | (hash & (1 << indexBits) - 1);
  }

  private short tagOf(int table, long pc) {
    int hash = (int) (pc ^ pc >>> TAG_BITS) ^ foldedTag[table] << 1 ^ table;
    return (short) (KNOWN | (hash & TAG_MASK));
  }

  /// The last branches, to tell the ways to an indirect branch apart.
  int path() {
    return foldedIndex[Math.min(1, tables - 1)];
  }
}

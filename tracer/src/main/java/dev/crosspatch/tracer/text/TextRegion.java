package dev.crosspatch.tracer.text;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contiguous range of addresses with text, initial or poked, read in one execution mode ([#in] gives the same text
/// in another). Instructions and versions are decoded when first asked for and kept in arrays by offset; threads may
/// share a region (what they cache is immutable, deciding it twice is harmless).
public final class TextRegion {
  /// Most bytes of a poke that is looked for by its address; larger ones are few.
  private static final int LONGEST_SITE = 64;

  private final InstructionSet isa;
  private final Mode mode;
  /// The same text in each mode that was asked for, by ordinal; they share the array.
  private final @Nullable TextRegion[] byMode;
  private final long start;
  private final byte[] initial;
  private final BitSet present;
  private final BitSet poked;
  /// Those of no more than [#LONGEST_SITE] bytes, by address.
  private final List<NumberedPoke> pokes;
  /// All others, in log order.
  private final List<NumberedPoke> mappings;
  private final List<Loss> losses;
  private final @Nullable Insn[] fixed;
  /// Lengths of the fixed instructions that only run on, 0 for all others and where not yet decoded.
  private final byte[] plain;
  private final @Nullable TextVersions[] versions;

  /// A poke and its number in the log.
  record NumberedPoke(int number, Poke poke) {
    int size() {
      return poke.size();
    }
  }

  /// @param present which of the initial bytes there are
  /// @param losses  of the poke log, whichever text they are of
  TextRegion(InstructionSet isa, Mode mode, long start, byte[] initial, BitSet present, List<Loss> losses) {
    this.isa = isa;
    this.mode = mode;
    this.start = start;
    this.initial = initial;
    this.present = present;
    this.poked = new BitSet();
    this.pokes = new ArrayList<>();
    this.mappings = new ArrayList<>();
    this.losses = losses;
    this.fixed = new Insn[initial.length];
    this.plain = new byte[initial.length];
    this.versions = new TextVersions[initial.length];
    this.byMode = new TextRegion[Mode.COUNT];
    byMode[mode.ordinal()] = this;
  }

  private TextRegion(TextRegion other, Mode mode) {
    this.isa = other.isa;
    this.mode = mode;
    this.byMode = other.byMode;
    this.start = other.start;
    this.initial = other.initial;
    this.present = other.present;
    this.poked = other.poked;
    this.pokes = other.pokes;
    this.mappings = other.mappings;
    this.losses = other.losses;
    this.fixed = new Insn[initial.length];
    this.plain = new byte[initial.length];
    this.versions = new TextVersions[initial.length];
  }

  long start() {
    return start;
  }

  /// The same text, read in `other`, which the instruction set has.
  public TextRegion in(Mode other) {
    TextRegion region = byMode[other.ordinal()];
    if (region == null) {
      region = new TextRegion(this, other);
      byMode[other.ordinal()] = region;
    }
    return region;
  }

  /// Takes up the pokes of this region, in log order, and returns those that contradict the text.
  List<PokeConflict> apply(List<NumberedPoke> log) {
    List<PokeConflict> conflicts = new ArrayList<>();
    TextWindow text = new TextWindow(start, initial.clone(), (BitSet) present.clone());
    for (NumberedPoke numbered : log) {
      Poke poke = numbered.poke();
      if (!text.agrees(poke)) {
        conflicts.add(new PokeConflict(poke, text.describe(poke)));
      }
      text.changes(poke, poked);
      text.apply(poke);
      if (numbered.size() > LONGEST_SITE) {
        mappings.add(numbered);
      } else {
        pokes.add(numbered);
      }
    }
    pokes.sort((a, b) -> Long.compareUnsigned(a.poke().address(), b.poke().address()));
    return conflicts;
  }

  /// Whether `address` lies inside.
  public boolean contains(long address) {
    return Long.compareUnsigned(address - start, initial.length) < 0;
  }

  /// The instruction at `address` if nothing ever changes it, else null: outside, no instruction, or poked (see
  /// [#versions]).
  public @Nullable Insn at(long address) {
    long offset = address - start;
    if (Long.compareUnsigned(offset, fixed.length) >= 0) {
      return null;
    }
    Insn insn = fixed[(int) offset];
    return insn != null ? insn : decode((int) offset);
  }

  /// Length of the instruction at `address` if nothing ever changes it and it only runs on, else 0. Also 0 before [#at]
  /// was asked for the first time, so this is but a shortcut.
  public int plainLength(long address) {
    long offset = address - start;
    return Long.compareUnsigned(offset, plain.length) < 0 ? plain[(int) offset] : 0;
  }

  private @Nullable Insn decode(int offset) {
    if (versions[offset] != null) {
      return null;
    }
    int available = Math.min(isa.maxLength(), initial.length - offset);
    Insn insn = isa.classify(initial, offset, available, start + offset, mode);
    if (insn != null && isFixed(offset, insn.length())) {
      fixed[offset] = insn;
      plain[offset] = (byte) (insn.flow() == FlowClass.OTHER ? insn.length() : 0);
      return insn;
    }
    versions[offset] = history(offset, available);
    return null;
  }

  private boolean isFixed(int offset, int length) {
    int change = poked.nextSetBit(offset);
    return change < 0 || change >= offset + length;
  }

  /// The versions of what stands at `address`, which lies inside.
  public TextVersions versions(long address) {
    int offset = (int) (address - start);
    Insn insn = at(address);
    TextVersions known = versions[offset];
    return known != null ? known : history(offset, insn == null ? 0 : insn.length());
  }

  private TextVersions history(int offset, int available) {
    TextWindow window = new TextWindow(start + offset, Arrays.copyOfRange(initial, offset, offset + available),
        present.get(offset, offset + available));
    return new TextHistory(isa, mode, window, losses).of(pokesOver(start + offset, available));
  }

  /// The pokes that touch `length` bytes at `address`, in log order.
  private List<NumberedPoke> pokesOver(long address, int length) {
    List<NumberedPoke> found = new ArrayList<>();
    for (int i = firstPokeFrom(address - LONGEST_SITE); i < pokes.size(); i++) {
      NumberedPoke candidate = pokes.get(i);
      long distance = candidate.poke().address() - address;
      if (distance >= length) {
        break;
      }
      if (distance + candidate.size() > 0) {
        found.add(candidate);
      }
    }
    for (NumberedPoke mapping : mappings) {
      long distance = mapping.poke().address() - address;
      if (distance < length && distance + mapping.size() > 0) {
        found.add(mapping);
      }
    }
    found.sort((a, b) -> Integer.compare(a.number(), b.number()));
    return found;
  }

  /// Index of the first poke at or behind `address`, which may lie before the region.
  private int firstPokeFrom(long address) {
    int low = 0;
    int high = pokes.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (pokes.get(middle).poke().address() - address < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

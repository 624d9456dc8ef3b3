package dev.crosspatch.sim.window;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.scenario.StoreKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// A piece of text that is patched, with every store to it: when, what it did, and what the text was then. A store
/// takes a few numbers of memory; each content is kept once.
final class Site {
  private static final int PAGE = 4096;
  static final long NEVER = Long.MAX_VALUE;

  final long address;
  final int length;
  private final byte[] trap;
  /// What the poke log says that stands here at some time.
  private final Set<ByteBuffer> reported = new HashSet<>();
  /// Reported patches that change something.
  private int changing;
  /// Reported patches that change nothing, by the number of those before them that do.
  private final Map<Integer, Integer> unchanging = new HashMap<>();
  private final byte[] now;

  private final List<byte[]> contents = new ArrayList<>();
  private final Map<ByteBuffer, Integer> numbers = new HashMap<>();
  private int count;
  private long[] cycles = {};
  private long[] effective = {};
  private int[] content = {};
  private byte[] kinds = {};
  private byte[] cpus = {};
  private boolean[] whole = {};
  private boolean[] met = {};
  /// Whether a store is the last of its patch, of all stores when that was last asked for.
  private boolean[] ends = {};

  /// @param trap    breakpoint of the ISA
  /// @param initial the text as it was loaded
  Site(long address, byte[] trap, byte[] initial) {
    this.address = address;
    this.trap = trap;
    length = initial.length;
    now = initial.clone();
    number(now);
  }

  /// The poke log has this text here.
  void reported(byte[] text) {
    reported.add(ByteBuffer.wrap(text));
  }

  /// The poke log has a patch of it, behind those that were told before.
  void reported(byte[] before, byte[] after) {
    reported(before);
    reported(after);
    if (Arrays.equals(before, after)) {
      unchanging.merge(changing, 1, Integer::sum);
    } else {
      changing++;
    }
  }

  /// Whether some of it lies on that line; on line 0, which stands for all, too.
  boolean isOn(long line) {
    return line == 0 || overlaps(line, PhysicalMemory.LINE);
  }

  /// Whether some of it is among `size` bytes at `from`.
  boolean overlaps(long from, int size) {
    return from < address + length && from + size > address;
  }

  /// Number of stores.
  int count() {
    return count;
  }

  /// Takes up a store to some of the text.
  ///
  /// @param takesEffect whether instruction caches follow by themselves
  void store(int cpu, long cycle, long at, byte[] bytes, boolean takesEffect) {
    boolean trapped = isTrapped(now);
    for (int i = 0; i < bytes.length; i++) {
      long offset = at + i - address;
      if (offset >= 0 && offset < length) {
        now[(int) offset] = bytes[i];
      }
    }
    grow();
    cycles[count] = cycle;
    effective[count] = takesEffect ? cycle : NEVER;
    content[count] = number(now);
    kinds[count] = (byte) kind(trapped, isTrapped(now)).ordinal();
    cpus[count] = (byte) cpu;
    whole[count] = isWhole(now);
    count++;
  }

  /// The line at `line`, or with 0 every line, left the instruction caches: stores there have taken effect.
  void invalidated(long line, long cycle) {
    for (int i = count - 1; i >= 0 && effective[i] == NEVER && isOn(line); i--) {
      effective[i] = cycle;
    }
  }

  private void grow() {
    if (count == cycles.length) {
      int room = Math.max(8, 2 * count);
      cycles = Arrays.copyOf(cycles, room);
      effective = Arrays.copyOf(effective, room);
      content = Arrays.copyOf(content, room);
      kinds = Arrays.copyOf(kinds, room);
      cpus = Arrays.copyOf(cpus, room);
      whole = Arrays.copyOf(whole, room);
      met = Arrays.copyOf(met, room);
    }
  }

  private int number(byte[] text) {
    byte[] copy = text.clone();
    return numbers.computeIfAbsent(ByteBuffer.wrap(copy), key -> {
      contents.add(copy);
      return contents.size() - 1;
    });
  }

  private boolean isTrapped(byte[] text) {
    return text.length >= trap.length && Arrays.equals(text, 0, trap.length, trap, 0, trap.length);
  }

  /// Whether it is a text of the site, and none on the way to one.
  private boolean isWhole(byte[] text) {
    return reported.isEmpty() ? !isTrapped(text) : reported.contains(ByteBuffer.wrap(text));
  }

  private static StoreKind kind(boolean before, boolean after) {
    if (after) {
      return before ? StoreKind.TAIL : StoreKind.TRAP;
    }
    return before ? StoreKind.HEAD : StoreKind.TEXT;
  }

  /// What a CPU's store at a cycle did. (Stores are in the order in which they were made; the clocks of CPUs that store
  /// at nearly the same time may have it the other way round.)
  StoreKind kind(int cpu, long cycle) {
    int near = last(cycle);
    for (int distance = 0; distance <= count; distance++) {
      for (int i : new int[] {near - distance, near + distance}) {
        if (i >= 0 && i < count && cycles[i] == cycle && cpus[i] == cpu) {
          return kind(i);
        }
      }
    }
    throw new IllegalArgumentException("CPU " + cpu + " stored nothing at cycle " + cycle);
  }

  /// When store `index` was made.
  long cycle(int index) {
    return cycles[index];
  }

  /// From when on a CPU that synchronizes its context sees it, [#NEVER] if never.
  long effective(int index) {
    return effective[index];
  }

  /// What it did.
  StoreKind kind(int index) {
    return StoreKind.values()[kinds[index]];
  }

  /// Who made it.
  int cpu(int index) {
    return cpus[index];
  }

  /// Whether the text is whole behind it.
  boolean isWhole(int index) {
    return index < 0 || whole[index];
  }

  /// A CPU that did not make it ran the site behind store `index`, before the next.
  void met(int index) {
    met[index] = true;
  }

  /// Whether a CPU that does not patch ran the site in the middle of the patch that begins with store `index`.
  boolean isMet(int index) {
    for (int i = index; i < end(index); i++) {
      if (met[i]) {
        return true;
      }
    }
    return false;
  }

  /// Number of the last store of the patch that store `index` belongs to; before the first store its own.
  int end(int index) {
    int i = index;
    while (i >= 0 && i < count - 1 && !isEnd(i)) {
      i++;
    }
    return i;
  }

  /// Number of the first store of the patch that store `index` belongs to.
  int begin(int index) {
    int i = index;
    while (i > 0 && !isEnd(i - 1)) {
      i--;
    }
    return i;
  }

  private boolean isEnd(int index) {
    if (ends.length != count) {
      ends = new boolean[count];
      divide();
    }
    return ends[index];
  }

  /// A patch ends where the text is whole. Who writes byte by byte stores bytes that stay as they are, too: those in
  /// whole text are of the patch before them or of the one behind.
  private void divide() {
    int changed = 0;
    int i = 0;
    while (i < count) {
      int first = i;
      while (i < count && isIdle(i)) {
        i++;
      }
      if (i > first) {
        divide(first, i, unchanging.getOrDefault(changed, 0));
      }
      while (i < count && !whole[i]) {
        i++;
      }
      if (i < count) {
        ends[i++] = true;
        changed++;
      }
    }
  }

  /// Divides stores from `first` on, before `end`, which change nothing, where the most time lies between them:
  /// into those of the patch before, of so many patches by themselves, and of the patch behind.
  private void divide(int first, int end, int patches) {
    if (first > 0) {
      ends[first - 1] = false;
    }
    IntStream.rangeClosed(first, end).boxed()
        .sorted(Comparator.comparingLong(this::pause).thenComparing(Comparator.naturalOrder()).reversed())
        .limit(patches + 1L).filter(i -> i > 0).forEach(i -> ends[i - 1] = true);
  }

  /// Cycles from the store before store `index` to it.
  private long pause(int index) {
    return index == 0 || index == count ? NEVER : cycles[index] - cycles[index - 1];
  }

  /// Whether it changes nothing, in whole text.
  private boolean isIdle(int index) {
    return isWhole(index - 1) && content[index] == (index == 0 ? 0 : content[index - 1]);
  }

  /// First store of patch `number`, from 0; of the last patch if there are fewer.
  int patchOf(int number) {
    int index = 0;
    for (int i = 0; i < number && end(index) + 1 < count; i++) {
      index = end(index) + 1;
    }
    return index;
  }

  /// The patch that begins with store `first`.
  Patch patch(int first) {
    int end = end(first);
    List<Patch.Step> steps = IntStream.rangeClosed(first, end)
        .mapToObj(i -> new Patch.Step(cycle(i), cpu(i), kind(i))).toList();
    return new Patch(text(first - 1), text(end), isWhole(end), steps);
  }

  /// The last store at or before `cycle`, or -1.
  int last(long cycle) {
    int at = Arrays.binarySearch(cycles, 0, count, cycle);
    return at < 0 ? -at - 2 : at;
  }

  /// What stands here behind store `index`; with -1 what was loaded.
  byte[] text(int index) {
    return contents.get(index < 0 ? 0 : content[index]);
  }

  /// Says for people what running `instruction` at `at` was, behind store `index`: `old`, `new`, `trap`, or of which
  /// parts. What of it lies behind the site is nobody's.
  String outcome(int index, long at, byte[] instruction) {
    byte[] bytes = Arrays.copyOf(instruction, (int) Math.min(instruction.length, address + length - at));
    int end = end(index);
    byte[] before = part(text(begin(end) - 1), at, bytes.length);
    byte[] after = part(text(end), at, bytes.length);
    if (Arrays.equals(bytes, after)) {
      return "new";
    }
    if (Arrays.equals(bytes, before)) {
      return "old";
    }
    return at == address && isTrapped(bytes) ? "trap" : parts(bytes, before, after);
  }

  private byte[] part(byte[] text, long at, int most) {
    int from = (int) (at - address);
    return Arrays.copyOfRange(text, from, Math.min(from + most, length));
  }

  /// `new+old`: a new part, then an old one. Bytes that old and new text share go with those before them.
  private static String parts(byte[] bytes, byte[] before, byte[] after) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < bytes.length; i++) {
      boolean isNew = i < after.length && bytes[i] == after[i];
      boolean isOld = i < before.length && bytes[i] == before[i];
      String part = isNew && isOld ? "" : isNew ? "new" : isOld ? "old" : "other";
      if (!part.isEmpty() && (parts.isEmpty() || !parts.getLast().equals(part))) {
        parts.add(part);
      }
    }
    return String.join("+", parts);
  }

  /// Where it lies: what makes its patching harder or easier.
  String place() {
    long differs = address ^ address + length - 1;
    if ((differs & -PAGE) != 0) {
      return "across pages";
    }
    return (differs & -PhysicalMemory.LINE) != 0 ? "across lines" : "within a line";
  }
}

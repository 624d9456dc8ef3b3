package dev.crosspatch.sim.window;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.scenario.StoreKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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

  /// Takes up a store that changes some of the text.
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

  /// Number of the first store from `index` on behind which the text is whole: the end of the patch that it belongs to.
  int end(int index) {
    int i = index;
    while (i < count - 1 && !isWhole(i)) {
      i++;
    }
    return i;
  }

  /// Number of the first store of the patch that store `index` belongs to.
  int begin(int index) {
    int i = index;
    while (i > 0 && !isWhole(i - 1)) {
      i--;
    }
    return i;
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
    int begin = end - 1;
    while (!isWhole(begin)) {
      begin--;
    }
    byte[] before = part(text(begin), at, bytes.length);
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

package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Profile;
import dev.crosspatch.core.uop.UopBuffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the row of an instruction word, and answers what the engine and the trace decoders ask from it.
///
/// The rows are filed under bits 31:21 of the words they match, then under those few of the others by which most of the
/// rows found there differ; within such a drawer a special case stands before the row it is a special case of.
final class Arm64Decoder {
  private Arm64Decoder() {}

  private static final int KEY_SHIFT = 21;
  private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final Arm64Row[] NONE = {};
  private static final Insn RUNS_ON = new Insn(4, FlowClass.OTHER, 0);
  private static final int KEYS = 1 << (32 - KEY_SHIFT);
  /// Rows that may lie in one drawer, and bits by which it is divided if there are more.
  private static final int FEW = 4;

  private static final int DIVISIONS = 6;
  /// By key: bits by which its drawer is divided.
  private static final int[] DIVIDED = new int[KEYS];
  private static final Arm64Row[][][] DRAWERS = divide(file(Arm64Rows.ALL));

  /// What a word of the hint space is on a core without the extension that it belongs to.
  private static final Arm64Row HINT =
      Arm64Rows.ALL.stream().filter(row -> row.name().equals("HINT")).findFirst().orElseThrow();

  private static Arm64Row[][] file(List<Arm64Row> rows) {
    Arm64Row[][] buckets = new Arm64Row[KEYS][];
    Arrays.fill(buckets, NONE);
    for (Arm64Row row : specialFirst(rows)) {
      int free = ~row.mask() >>> KEY_SHIFT;
      int fixed = row.match() >>> KEY_SHIFT;
      int part = free;
      do { // every combination of the key bits the pattern leaves open
        buckets[fixed | part] = append(buckets[fixed | part], row);
        part = part - 1 & free;
      } while (part != free);
    }
    return buckets;
  }

  private static Arm64Row[][][] divide(Arm64Row[][] buckets) {
    Map<List<Arm64Row>, Integer> first = new HashMap<>();
    Arm64Row[][][] drawers = new Arm64Row[KEYS][][];
    for (int key = 0; key < KEYS; key++) {
      Integer same = first.putIfAbsent(List.of(buckets[key]), key); // of one drawer for all
      DIVIDED[key] = same != null ? DIVIDED[same] : bits(buckets[key]);
      drawers[key] = same != null ? drawers[same] : divide(buckets[key], DIVIDED[key]);
    }
    return drawers;
  }

  /// The bits that most rows ask for.
  private static int bits(Arm64Row[] rows) {
    int bits = 0;
    for (int n = 0; n < DIVISIONS && rows.length > FEW; n++) {
      int best = 0;
      int most = -1;
      for (int bit = 1; bit < 1 << KEY_SHIFT; bit <<= 1) {
        int asking = (bits & bit) != 0 ? -1 : asking(rows, bit);
        best = asking > most ? bit : best;
        most = Math.max(asking, most);
      }
      bits |= best;
    }
    return bits;
  }

  private static int asking(Arm64Row[] rows, int bit) {
    int asking = 0;
    for (Arm64Row row : rows) {
      asking += (row.mask() & bit) != 0 ? 1 : 0;
    }
    return asking;
  }

  private static Arm64Row[][] divide(Arm64Row[] rows, int bits) {
    Arm64Row[][] parts = new Arm64Row[1 << Integer.bitCount(bits)][];
    Arm64Row[] some = new Arm64Row[rows.length];
    for (int i = 0; i < parts.length; i++) {
      int part = Integer.expand(i, bits);
      int count = 0;
      for (Arm64Row row : rows) {
        if (((row.match() ^ part) & row.mask() & bits) == 0) {
          some[count++] = row;
        }
      }
      parts[i] = Arrays.copyOf(some, count);
    }
    return parts;
  }

  private static List<Arm64Row> specialFirst(List<Arm64Row> rows) {
    List<Arm64Row> ordered = new ArrayList<>(rows);
    ordered.removeIf(row -> row.within() == null);
    for (Arm64Row row : rows) {
      if (row.within() == null) {
        ordered.add(row);
      }
    }
    return ordered;
  }

  private static Arm64Row[] append(Arm64Row[] rows, Arm64Row row) {
    Arm64Row[] longer = Arrays.copyOf(rows, rows.length + 1);
    longer[rows.length] = row;
    return longer;
  }

  /// The row of `word`, or null if it is unallocated.
  static @Nullable Arm64Row find(int word) {
    int key = word >>> KEY_SHIFT;
    for (Arm64Row row : DRAWERS[key][Integer.compress(word, DIVIDED[key])]) {
      if (row.matches(word)) {
        return row;
      }
    }
    return null;
  }

  /// The little-endian word at `offset`.
  static int word(byte[] code, int offset) {
    return (int) WORD.get(code, offset);
  }

  /// The row of a word on a core of `preset`, or null: it is undefined there.
  private static @Nullable Arm64Row find(int word, Arm64Preset preset) {
    Arm64Row row = find(word);
    if (row != null && !preset.has(row.feature()) && HINT.matches(word)) {
      row = HINT;
    }
    return row == null || preset.has(row.feature()) ? row : null;
  }

  /// See [dev.crosspatch.core.uop.UopDecoder#profile], on a core of `preset`.
  static void profile(byte[] code, int offset, UopBuffer ops, Profile out, Arm64Preset preset) {
    int word = word(code, offset);
    Arm64Row row = find(word, preset);
    if (row == null) {
      out.cost = ops.cost();
    } else {
      Arm64Profile.fill(row, word, ops, out);
    }
  }

  /// See [dev.crosspatch.core.machine.Isa#decode], on a core of `preset`.
  static int decode(byte[] code, int offset, int available, UopBuffer out, Arm64Preset preset) {
    if (available < 4) {
      return -1;
    }
    int word = word(code, offset);
    Arm64Row row = find(word, preset);
    if (row == null) {
      out.describe(FlowClass.TRAP, CostClass.TRAP);
      Arm64EmitSystem.undefined(out);
    } else {
      Arm64Word w = new Arm64Word(row, word, preset);
      out.describe(row.flow(), w.cost());
      row.emitter().emit(w, out);
    }
    return 4;
  }

  /// See [dev.crosspatch.core.machine.Isa#classify].
  static @Nullable Insn classify(byte[] code, int offset, int available, long address) {
    if (available < 4) {
      return null;
    }
    int word = word(code, offset);
    Arm64Row row = find(word);
    row = row == null ? Arm64FlowRows.find(word) : row;
    return row == null ? RUNS_ON : new Insn(4, row.flow(), target(row, word, address));
  }

  private static long target(Arm64Row row, int word, long address) {
    FlowClass flow = row.flow();
    boolean direct = flow == FlowClass.COND_BRANCH || flow == FlowClass.JUMP || flow == FlowClass.CALL;
    return direct ? address + row.distance(word) : 0;
  }
}

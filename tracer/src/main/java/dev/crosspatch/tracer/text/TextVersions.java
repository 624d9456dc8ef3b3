package dev.crosspatch.tracer.text;

import dev.crosspatch.core.code.Insn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The versions of the instruction at one address, in the order in which they became valid. Where a poke's old bytes
/// contradict the text, two versions share a stretch of time: what the text held and what the log says it held.
public final class TextVersions {
  private static final TextVersions[] UNDIVIDED = {};

  private final TextVersion[] versions;
  private final TextVersions[] instructions;
  private @Nullable Map<ByteBuffer, TextVersions> byBytes;

  TextVersions(List<TextVersion> versions) {
    this(versions, divided(versions));
  }

  private TextVersions(List<TextVersion> versions, TextVersions[] instructions) {
    this.versions = versions.toArray(TextVersion[]::new);
    this.instructions = instructions;
  }

  private static TextVersions[] divided(List<TextVersion> versions) {
    Map<Insn, List<TextVersion>> groups = new LinkedHashMap<>();
    for (TextVersion version : versions) {
      if (version.insn() != null) {
        groups.computeIfAbsent(version.insn(), insn -> new ArrayList<>()).add(version);
      }
    }
    return groups.values().stream().map(group -> new TextVersions(group, UNDIVIDED)).toArray(TextVersions[]::new);
  }

  /// Number of different instructions among the versions; 0 if there never is one.
  public int instructions() {
    return instructions.length;
  }

  /// Those of the versions that are one instruction, in the same order; `index` counts from the oldest instruction.
  public TextVersions instruction(int index) {
    return instructions[index];
  }

  /// Those of the versions whose bytes are `bytes`, in the same order; null if there are none. Costs a pass over the
  /// versions when first asked.
  public @Nullable TextVersions with(byte[] bytes) {
    Map<ByteBuffer, TextVersions> groups = byBytes;
    if (groups == null) {
      groups = groupedByBytes();
      byBytes = groups;
    }
    return groups.get(ByteBuffer.wrap(bytes));
  }

  private Map<ByteBuffer, TextVersions> groupedByBytes() {
    Map<ByteBuffer, List<TextVersion>> groups = new HashMap<>();
    for (TextVersion version : versions) {
      groups.computeIfAbsent(ByteBuffer.wrap(version.bytes()), bytes -> new ArrayList<>()).add(version);
    }
    Map<ByteBuffer, TextVersions> result = new HashMap<>();
    groups.forEach((bytes, group) -> result.put(bytes, new TextVersions(group, UNDIVIDED)));
    return Map.copyOf(result);
  }

  /// Number of versions, at least 1.
  public int count() {
    return versions.length;
  }

  /// Version `index`. Start, end and the numbers of the pokes that made and ended them never decrease with the index.
  public TextVersion get(int index) {
    return versions[index];
  }

  /// Index of the first version valid at or after time `low` and not ended by poke number `floor` or one before it;
  /// [#count] if there is none. Those valid in a window are this one and the following that begin within it.
  public int first(long low, int floor) {
    int below = -1;
    int above = versions.length;
    while (above - below > 1) {
      int middle = (below + above) >>> 1;
      if (versions[middle].to() < low || versions[middle].until() <= floor) {
        below = middle;
      } else {
        above = middle;
      }
    }
    return above;
  }

  /// The first version valid in the window, both ends included, and not ended by poke number `floor` or one before it.
  public @Nullable TextVersion first(long low, long high, int floor) {
    int index = first(low, floor);
    return index < versions.length && versions[index].from() <= high ? versions[index] : null;
  }

  /// All versions valid in the window, both ends included.
  public List<TextVersion> in(long low, long high, int floor) {
    List<TextVersion> result = new ArrayList<>();
    for (int i = first(low, floor); i < versions.length && versions[i].from() <= high; i++) {
      result.add(versions[i]);
    }
    return result;
  }
}

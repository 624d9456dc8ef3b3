package dev.crosspatch.asm;

import dev.crosspatch.core.code.Section.Access;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// A section while it grows: its fragments and, once [Layout] has run, where each begins.
final class SectionBuilder {
  /// A constant that some instruction loads.
  ///
  /// @param label where it will be
  record Literal(String label, Expression value, int width) {}

  final String name;
  final long start;
  final Access access;
  /// Constants that await `.ltorg` or the end.
  final List<Literal> literals = new ArrayList<>();

  private final List<Fragment> fragments = new ArrayList<>();
  /// Fragments that begin an instruction, and those that are of one.
  private final BitSet begins = new BitSet();
  private final BitSet code = new BitSet();
  /// Begin of each fragment and, last, the end of the section.
  private long[] addresses = {};

  SectionBuilder(String name, long start, Access access) {
    this.name = name;
    this.start = start;
    this.access = access;
  }

  /// Appends.
  void add(Fragment fragment) {
    fragments.add(fragment);
  }

  /// Notes that the fragments from `first` on are one instruction.
  void markInstruction(int first) {
    begins.set(first);
    code.set(first, fragments.size());
  }

  /// Index of the first fragment from `from` on that begins an instruction, or -1.
  int nextInstruction(int from) {
    return begins.nextSetBit(from);
  }

  /// Index of the fragment behind the instruction that begins at `first`.
  int endOfInstruction(int first) {
    int next = begins.nextSetBit(first + 1);
    int end = code.nextClearBit(first);
    return next < 0 ? end : Math.min(next, end);
  }

  /// Index that the next fragment will have.
  int nextIndex() {
    return fragments.size();
  }

  List<Fragment> fragments() {
    return fragments;
  }

  /// Where fragment `index` begins; before the first layout every one begins at the start of the section.
  /// Bytes of a fragment.
  long size(int fragment) {
    return address(fragment + 1) - address(fragment);
  }

  long address(int index) {
    return index < addresses.length ? addresses[index] : start;
  }

  /// Notes where the fragments begin, and returns whether that is news.
  boolean place(long[] newAddresses) {
    boolean moved = !Arrays.equals(addresses, newAddresses);
    addresses = newAddresses;
    return moved;
  }

  /// First address behind the section.
  long end() {
    return address(fragments.size());
  }
}

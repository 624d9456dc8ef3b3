package dev.crosspatch.tracer.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A range of text that was announced, with all that became of it.
public final class Mapping {
  private final MappingEvent.Announced announced;
  private final List<MappingEvent.Copied> copies = new ArrayList<>();
  private MappingEvent.@Nullable Withdrawn withdrawn;

  Mapping(MappingEvent.Announced announced) {
    this.announced = announced;
  }

  void add(MappingEvent.Copied copy) {
    copies.add(copy);
  }

  void add(MappingEvent.Withdrawn event) {
    withdrawn = event;
  }

  /// The announcement.
  public MappingEvent.Announced announced() {
    return announced;
  }

  /// When it was given up; [Long#MAX_VALUE] if it never was.
  public long withdrawn() {
    return withdrawn == null ? Long.MAX_VALUE : withdrawn.time();
  }

  MappingEvent.@Nullable Withdrawn end() {
    return withdrawn;
  }

  /// The copies, in the order of the log.
  public List<MappingEvent.Copied> copies() {
    return Collections.unmodifiableList(copies);
  }

  /// The first copy that anybody made: all that a decoder has of the text.
  public Optional<MappingEvent.Copied> copy() {
    return copies.stream().min(Comparator.comparingLong(MappingEvent.Copied::time));
  }

  /// Whether somebody copied it while it was there. What was copied later may be other text.
  public boolean isCopied() {
    return copy().filter(c -> c.time() <= withdrawn()).isPresent();
  }

  /// Whether the address is one of its bytes.
  public boolean contains(long address) {
    return Long.compareUnsigned(address - announced.address(), announced.length()) < 0;
  }

  /// Whether it has bytes in common with another.
  public boolean overlaps(Mapping other) {
    return announced.address() < other.announced.address() + other.announced.length()
        && other.announced.address() < announced.address() + announced.length();
  }

  @Override
  public String toString() {
    return "mapping " + announced.mapping() + " (" + announced.name() + ") at 0x"
        + Long.toHexString(announced.address());
  }
}

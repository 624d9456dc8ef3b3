package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextLog;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.sim.window.ExecutedRows;
import dev.crosspatch.sim.window.ExecutedText;
import dev.crosspatch.sim.window.Windows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Holds what ran fresh, from bytes that memory held, against the contract of the poke log: memory itself may hold the
/// old text after its event, the new text before it, or parts of both. The truth of every CPU goes by once, row by row,
/// with the very bytes of each ([ExecutedRows]). What ran from stale bytes, and what faulted, is left out: it is judged
/// by its own record.
///
/// Of each CPU, version of a line and stretch of time the first execution is told. A breakpoint counts as an execution,
/// an interrupt does not. Where the time of a row is not known exactly ([TruthReader#TIME_GRAIN]), only what is certain
/// counts; but behind a poke, and where a CPU goes on to another version, it is known.
final class FreshExecutions implements AutoCloseable {
  private static final int LINE = PhysicalMemory.LINE;

  private final RunDirectory run;
  private final Evidence evidence;
  private final Contract contract;
  private final Consumer<Violation> violations;
  private final Windows windows;
  private final TextLog versions;
  private final int slack;
  private final Map<Bytes, List<Stretch>> known = new HashMap<>();

  /// An instruction somewhere.
  private record Bytes(long address, ByteBuffer bytes) {}

  /// An address with an instruction that stands there for a while, on one CPU.
  private static final class Place {
    private final byte[] bytes;
    /// When it must not run.
    private final List<Stretch> forbidden;
    private final BitSet told = new BitSet();
    private int next;

    Place(byte[] bytes, List<Stretch> forbidden) {
      this.bytes = bytes;
      this.forbidden = forbidden;
    }

    /// Number of the last stretch that began at or before `cycle`, or -1. Cycles never decrease.
    int last(long cycle) {
      while (next < forbidden.size() && forbidden.get(next).first() <= cycle) {
        next++;
      }
      return next - 1;
    }
  }

  /// Those of a line that were looked at, by offset.
  private static final class Places {
    private final @Nullable Place[] at = new @Nullable Place[LINE];
  }

  /// @param violations hears what breaks the contract, CPU by CPU in order of time
  /// @param windows    counts what ran where text was being patched
  FreshExecutions(RunDirectory run, Evidence evidence, Contract contract, Consumer<Violation> violations,
      Windows windows) {
    this.run = run;
    this.evidence = evidence;
    this.contract = contract;
    this.violations = violations;
    this.windows = windows;
    versions = run.text();
    slack = run.config().slack();
  }

  /// Lets all truths go by.
  void find() {
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      try (Cpu one = new Cpu(cpu)) {
        one.find();
      }
    }
  }

  @Override
  public void close() {
    versions.close();
  }

  private List<Stretch> forbidden(long address, byte[] bytes) {
    return known.computeIfAbsent(new Bytes(address, ByteBuffer.wrap(bytes)), key -> {
      List<Stretch> stretches = new ArrayList<>();
      contract.forbidden(address, bytes, 0, Long.MAX_VALUE, stretches::add);
      return List.copyOf(stretches);
    });
  }

  /// One CPU's truth, which stands on the row to be judged.
  private final class Cpu implements AutoCloseable {
    private final int number;
    private final ExecutedRows rows;
    private final TruthReader row;
    private final ExecutedText text;
    private final Windows.Executions met;
    /// Per line that may differ from the initial text, what is known of its offsets.
    private final List<@Nullable Places> places;

    Cpu(int number) {
      this.number = number;
      met = windows.new Executions(number);
      rows = new ExecutedRows(run, evidence.image(), number, versions, this::changed);
      row = rows.row();
      text = rows.text();
      places = new ArrayList<>(Collections.nCopies(text.count(), null));
    }

    void find() {
      while (rows.next()) {
        int line = text.line(row.address());
        Places of = line < 0 ? null : places.get(line);
        if (of != null && !rows.isRecorded() && row.kind() <= RetireRow.FAULT) {
          Place place = place(of, row.address());
          met.ran(rows.began(), row.address(), place.bytes, false);
          judge(place);
        }
      }
    }

    private void changed(int line) {
      while (places.size() < text.count()) {
        places.add(null);
      }
      places.set(line, new Places());
      int before = text.before(line); // what straddles
      if (before >= 0) {
        places.set(before, new Places());
      }
    }

    private Place place(Places of, long address) {
      int offset = (int) address & LINE - 1;
      Place place = of.at[offset];
      if (place == null) {
        byte[] bytes = text.instruction(address);
        place = new Place(bytes, forbidden(address, bytes));
        of.at[offset] = place;
      }
      return place;
    }

    private void judge(Place place) {
      long began = rows.began();
      int index = place.last(Math.max(0, began - slack));
      long latest = (rows.isExact() ? began : row.time() + TruthReader.TIME_GRAIN) + slack;
      if (index >= 0 && place.forbidden.get(index).last() >= latest && !place.told.get(index)) {
        place.told.set(index);
        violations.accept(
            new Violation(new StaleExecution(number, began, row.address(), place.bytes, place.bytes),
                place.forbidden.get(index).kind()));
      }
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}

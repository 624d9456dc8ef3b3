package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.fp.FloatUnit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/// A processor of others beside `core.fp`: a program of `src/test/c/fp.h` does operations on vectors, a [FloatUnit] the
/// same ones.
///
/// @param directory where files may lie
/// @param command   the program and what runs it
/// @param unit      ours
/// @param controls  values of its control register
/// @param set       makes the unit what a control register says
/// @param status    exceptions as its status register has them, of ours
record FloatOracle(Path directory, List<String> command, FloatUnit unit, long[] controls, Setting set,
    LongUnaryOperator status) {
  private static final int SHOWN = 3;
  private static final int PORTION = 20_000;

  /// What a control register says.
  interface Setting {
    void to(FloatUnit unit, long control);
  }

  /// An operation of ours.
  interface Ours {
    /// Does it.
    ///
    /// @param x the control register behind three operands
    long on(FloatUnit unit, long[] x);
  }

  /// What is held against what.
  ///
  /// @param name     the program's
  /// @param operands [FloatOperands#next]
  record Operation(String name, String operands, Ours ours) {}

  /// Does `count` vectors of operations, equally many of each.
  ///
  /// @return of each operation the first few that differ
  List<String> differences(List<Operation> operations, int count, long seed) throws IOException, InterruptedException {
    List<String> differences = new ArrayList<>();
    int each = Math.ceilDiv(count, operations.size());
    for (int done = 0; done < each; done += PORTION) {
      portion(operations, Math.min(PORTION, each - done), seed + done, differences);
    }
    return differences;
  }

  private void portion(List<Operation> operations, int each, long seed, List<String> differences)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(command);
    for (Operation o : operations) {
      LongBuffer vectors = LongBuffer.allocate(4 * each);
      FloatOperands generator = new FloatOperands(new Random(seed ^ o.name().hashCode()));
      for (int i = 0; i < each; i++) {
        vectors.put(controls[i % controls.length]).put(generator.next(o.operands())).position(4 * (i + 1));
      }
      write(directory.resolve(o.name()), vectors.array());
      all.addAll(List.of(o.name(), directory.resolve(o.name()).toString(), results(o).toString()));
    }
    Programs.run(directory, all);
    for (Operation o : operations) {
      LongBuffer vectors = read(directory.resolve(o.name()));
      LongBuffer results = read(results(o));
      assertEquals(2 * each, results.limit(), "words of results");
      List<String> found = new ArrayList<>();
      for (int i = 0; i < each && found.size() < SHOWN; i++) {
        compare(o, vectors.slice(4 * i, 4), results, found);
      }
      differences.addAll(found);
    }
  }

  private void compare(Operation o, LongBuffer vector, LongBuffer theirs, List<String> differences) {
    long[] x = {vector.get(1), vector.get(2), vector.get(3), vector.get(0)};
    set.to(unit, x[3]);
    unit.exceptions = 0;
    long value = o.ours().on(unit, x);
    long exceptions = status.applyAsLong(unit.exceptions);
    long theirValue = theirs.get();
    long theirExceptions = theirs.get();
    if (value != theirValue || exceptions != theirExceptions) {
      differences.add(String.format("%s %x %x %x control %x: %x exceptions %x, theirs %x exceptions %x", o.name(),
          x[0], x[1], x[2], x[3], value, exceptions, theirValue, theirExceptions));
    }
  }

  private Path results(Operation o) {
    return directory.resolve(o.name() + ".results");
  }

  private static void write(Path file, long[] words) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(words);
    Files.write(file, bytes.array());
  }

  private static LongBuffer read(Path file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
  }
}

package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// How A64 instructions fault in user mode, held against QEMU's user mode and against the manual ([A64Exception]):
/// signal, `si_code`, `si_addr`, address, syndrome, and that an instruction that faults has changed nothing. What QEMU
/// does otherwise stands with its reason in `arm64-fault-differences.tsv`. `-Dcrosspatch.faults=N` and
/// `-Dcrosspatch.seed=N` choose how many vectors and which.
class Arm64QemuFaultTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.faults", 50_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  /// With fewer vectors not every line of the table has an occasion.
  private static final int ALL_OCCASIONS = 500_000;
  private static final Path DIFFERENCES = Path.of("src", "test", "resources", "arm64-fault-differences.tsv");
  /// First digits of a word in binary, and a blank before them, by which differences are told apart.
  private static final int GROUP = 12;
  private static final String FAULTS = "faults";
  private static final String ENDS = "vectors without a fault";

  @TempDir
  Path directory = Path.of("");

  /// What QEMU does otherwise.
  ///
  /// @param row  its name and the word in binary, or how these begin
  /// @param kind of exception by the manual, and what differs
  private record Meant(Pattern row, Pattern kind, String reason) {
    boolean covers(String what, String difference) {
      return row.matcher(what).lookingAt() && kind.matcher(difference).matches();
    }
  }

  private final List<Meant> meant = new ArrayList<>();
  private final Set<Meant> used = new HashSet<>();
  private final Findings findings = new Findings();
  private final Set<String> rows = new TreeSet<>();

  @Test
  void snippetsFaultAsInQemu(TestReporter reporter) throws IOException, InterruptedException {
    A64Qemu qemu = new A64Qemu(directory, true);
    A64FaultGenerator generator = new A64FaultGenerator(new QuickRandom(SEED));
    A64UserMode ours = new A64UserMode();
    read();
    IdentityHashMap<A64Vector, A64FaultGenerator.Fault> faults = new IdentityHashMap<>();
    qemu.run(VECTORS, i -> {
      A64FaultGenerator.Fault f = generator.next(i);
      faults.put(f.vector(), f);
      return f.vector();
    }, (v, theirs) -> compare(Objects.requireNonNull(faults.remove(v)), ours, theirs));
    reporter.publishEntry(VECTORS + " vectors, seed " + SEED + ": " + findings.counted(FAULTS) + " faults of "
        + rows.size() + " rows, " + findings.counted(ENDS) + " " + ENDS);
    assertTrue(findings.kinds() == 0,
        () -> "seed " + SEED + ", " + findings.kinds() + " kinds:\n" + String.join("\n", findings.shown()) + "\n");
    assertTrue(findings.counted(FAULTS) > VECTORS / 3 && findings.counted(ENDS) > VECTORS / 10,
        findings.counted(FAULTS) + " " + FAULTS + ", " + findings.counted(ENDS) + " " + ENDS);
    assertEquals(List.of(), generator.rows().stream().filter(row -> !rows.contains(row)).toList(),
        "rows that never faulted");
    if (VECTORS >= ALL_OCCASIONS) {
      assertEquals(List.of(), meant.stream().filter(m -> !used.contains(m)).toList(), "nothing differs so");
    }
  }

  private void compare(A64FaultGenerator.Fault f, A64UserMode machine, A64Vector theirs) {
    A64Vector us = machine.run(f.vector());
    A64Exception expected = A64Exception.of(f);
    if (expected != null && isOfCondition(f) && us.signal == 0) {
      expected = null; // a branch that is not taken, which QEMU must say, too
    }
    String sort = expected == null ? "none" : expected.sort();
    String shown = String.format("%s, word %08x, at %x: ", f.name(), f.word(), f.target());
    findings.count(expected == null ? ENDS : FAULTS);
    String wrong = expected == null ? us.signal == 0 ? null : "signal " + us.signal
        : wrong(f, expected, us, machine.syndrome());
    if (wrong != null) {
      findings.difference("manual " + f.name() + " " + sort + " " + wrong.split(" ", 2)[0], shown + wrong
          + ", but by the manual " + expected);
    }
    if (expected != null) {
      rows.add(f.name());
    }
    String difference = difference(us, theirs);
    if (difference == null) {
      return;
    }
    String kind = sort + " " + difference.split(" ", 2)[0];
    String what = f.name() + " " + binary(f.word());
    Meant reason = meant.stream().filter(m -> m.covers(what, kind)).findFirst().orElse(null);
    if (reason == null) {
      findings.difference("qemu " + what.substring(0, f.name().length() + GROUP) + " " + kind,
          shown + kind + ": " + difference + " of QEMU's");
    } else {
      used.add(reason);
    }
  }

  private static boolean isOfCondition(A64FaultGenerator.Fault f) {
    return f.name().matches("B\\.cond.*|CBN?Z.*");
  }

  private static String binary(int word) {
    String digits = Integer.toBinaryString(word);
    return "0".repeat(32 - digits.length()) + digits;
  }

  /// What is not as the manual says, or null. Nothing may have changed but what a branch with link leaves.
  private static @Nullable String wrong(A64FaultGenerator.Fault f, A64Exception expected, A64Vector us,
      long syndrome) {
    if (us.signal != expected.signal() || us.code != expected.code() || us.address != expected.address()) {
      return String.format("signal %d, code %d, address %x", us.signal, us.code, us.address);
    }
    if (syndrome != expected.syndrome()) {
      return String.format("syndrome %x", syndrome);
    }
    boolean gone = expected.sort().equals("fetch") || expected.sort().equals("pc");
    if (us.pc != (gone ? f.target() : A64Vector.CODE)) {
      return String.format("pc %x", us.pc);
    }
    String changed = us.differenceFrom(allowed(f, expected, us, gone));
    return changed == null ? null : "changed " + changed;
  }

  /// What a vector began with, and of what it left that which an exception may leave: the link of a branch; what a
  /// store has written before the address that faults; the first of two registers, which are UNKNOWN (DDI0487 D1.3.5).
  private static A64Vector allowed(A64FaultGenerator.Fault f, A64Exception expected, A64Vector us, boolean gone) {
    A64Vector v = f.vector().copy();
    v.signal = us.signal;
    A64Pattern p = f.row();
    if (gone && f.name().startsWith("BL")) {
      v.x[30] = A64Vector.CODE + 4;
    } else if (p != null && expected.sort().equals("page")) {
      for (long at = f.target(); f.name().startsWith("ST") && at < expected.address(); at++) {
        v.putByte(at, us.getByte(at));
      }
      if (f.name().matches("LDN?P(SW)?\\b.*") && !A64Generator.vector(f.word()) && f.target() < expected.address()) {
        v.x[p.get(f.word(), "rt")] = us.x[p.get(f.word(), "rt")];
      }
    }
    return v;
  }

  /// The first difference from QEMU, or null; its first word says of what.
  private static @Nullable String difference(A64Vector us, A64Vector theirs) {
    if (us.signal != theirs.signal) {
      return String.format("signal %d against %d", us.signal, theirs.signal);
    }
    if (us.signal != 0 && us.code != theirs.code) {
      return String.format("code %d against %d", us.code, theirs.code);
    }
    if (us.signal != 0 && us.address != theirs.address) {
      return String.format("address %x against %x", us.address, theirs.address);
    }
    if (us.signal != 0 && us.pc != theirs.pc) {
      return String.format("pc %x against %x", us.pc, theirs.pc);
    }
    String left = us.differenceFrom(theirs);
    return left == null ? null : "left " + left;
  }

  private void read() throws IOException {
    for (String line : Files.readAllLines(DIFFERENCES)) {
      String[] cells = line.split("\t", 3);
      if (!line.isBlank() && !line.startsWith("#")) {
        meant.add(new Meant(Pattern.compile(cells[0]), Pattern.compile(cells[1]), cells[2]));
      }
    }
  }
}

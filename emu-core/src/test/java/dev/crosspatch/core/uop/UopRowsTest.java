package dev.crosspatch.core.uop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.machine.RunLimits;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// All rows of micro-ops: each is executed by some arm, and what two say of one operation agrees.
final class UopRowsTest {
  /// Numbers of [Uop] that are no rows: registers and what a row is made of.
  private static final Set<String> OTHERS = Set.of("ZERO", "SINK", "T0", "T1", "T2", "T3", "ISA0", "OPERATION",
      "IMMEDIATE", "BOTH", "ONE", "NO_RESULT", "WHOLE", "BRANCH", "ACTS");

  /// Every row by its name.
  static Map<String, Integer> rows() {
    Map<String, Integer> rows = new TreeMap<>();
    for (Field field : Uop.class.getFields()) {
      if (field.getType() == int.class && !field.getName().startsWith("F_") && !OTHERS.contains(field.getName())) {
        try {
          rows.put(field.getName(), field.getInt(null));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return rows;
  }

  /// Runs one instruction that is this micro-op.
  private static Counters run(int row) {
    Lab lab = Lab.Setup.X86.lab();
    MicroCore core = lab.core(0);
    core.vector = Lab.TEXT + 0x3000;
    core.r[4] = row == Uop.JREG ? Lab.TEXT + 0x2000 : Lab.DATA;
    core.r[5] = 3;
    Code code = Lab.text();
    code.uop(Uop.word(row, 6, 4, 5, Uop.ZERO, 3, 0, 1, 0), row == Uop.FAULT ? MicroCore.UNDEFINED : 0);
    lab.put(code).put(Lab.text(0x3000).nop().nop()).put(Lab.text(0x2000).nop());
    lab.machine.run(RunLimits.ofRetired(1));
    return lab.machine.counters(0);
  }

  @Test
  void everyRowIsExecuted() {
    Map<String, Integer> rows = rows();
    assertTrue(rows.size() > 80, rows::toString);
    rows.forEach((name, row) -> {
      Counters counters = run(row);
      assertEquals(1, counters.retired(), name); // of FAULT, at its handler
      assertEquals(row == Uop.FAULT ? 1 : 0, counters.exceptions(), name);
    });
  }

  @Test
  void anOperationWithoutAnArmIsAMistake() {
    int none = Uop.OPERATION;
    assertTrue(rows().values().stream().noneMatch(row -> (row & Uop.OPERATION) == none));
    assertEquals("no arm executes micro-op 127",
        assertThrows(IllegalStateException.class, () -> run(none)).getMessage());
  }

  @Test
  void rowsOfOneOperationDifferInOperandAndFlagsOnly() {
    Map<Integer, String> operations = new HashMap<>();
    Map<Integer, String> names = new HashMap<>();
    rows().forEach((name, row) -> {
      assertEquals(null, names.put(row, name), name + " says what another row says");
      int same = row & (Uop.NO_RESULT | Uop.WHOLE | Uop.BRANCH | Uop.ACTS);
      String before = operations.putIfAbsent(row & Uop.OPERATION, name + ":" + same);
      assertTrue(before == null || before.endsWith(":" + same), name + " has the operation of " + before);
    });
  }
}

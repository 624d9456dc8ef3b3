package dev.crosspatch.core.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.pipeline.PipelineTable.Flag;
import dev.crosspatch.core.pipeline.PipelineTable.Parameter;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.CostClass;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Tables of pipelines: what they say, what stands over their base, and what is wrong with them.
final class PipelineTableTest {
  private static final String PARAMETERS = Stream.of(Parameter.values())
      .map(p -> "set\t" + p + "\t1\tassumed").collect(Collectors.joining("\n", "", "\n"));
  private static final String GROUPS = """
      group	load	m0 m1	assumed
      group	vector_load	m0	assumed
      group	store_address	m0 m1	assumed
      group	store_data	d	assumed
      group	vector_store_data	d	assumed
      group	alu	a0 a1 a2	assumed
      group	mul	a1	assumed
      """;
  private static final String ROWS = """
      row	MUL * reg | MUL x	2	mul:3 alu*2	4	-	here
      row	@ALU	1	alu	1	FUSES IDIOM	there
      """;

  private static PipelineTable read(String text) {
    return read(Map.of("one", text));
  }

  private static PipelineTable read(Map<String, String> texts) {
    return PipelineTable.read("one",
        name -> new ByteArrayInputStream(Objects.requireNonNull(texts.get(name)).getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void rowsAreFoundByFormThenByClass() {
    PipelineTable table = read(PARAMETERS + GROUPS + ROWS);
    PipelineTable.Row row = table.row("MUL Ev reg 32", CostClass.ALU);
    assertEquals("here", row.source());
    assertEquals(3, row.groups().length);
    assertEquals(3 * ClockUnit.PER_CYCLE, row.busy()[0]);
    assertEquals(4 * ClockUnit.PER_CYCLE, row.latency());
    assertEquals("here", table.source("MUL x", CostClass.ALU));
    assertEquals("there", table.source("MUL Ev mem 32", CostClass.ALU));
    assertEquals("there", table.source("MULX Ev reg 32", CostClass.ALU));
    assertTrue(table.row("ADD", CostClass.ALU).has(Flag.IDIOM));
    assertEquals("pipeline table one has no row for 'ADD', nor for @MUL",
        assertThrows(IllegalStateException.class, () -> table.row("ADD", CostClass.MUL)).getMessage());
  }

  @Test
  void narrowGroupsMoveTheWiderOnesOn() {
    PipelineTable table = read(PARAMETERS + GROUPS + ROWS);
    int mul = table.row("MUL x", CostClass.ALU).groups()[0];
    assertEquals(2, table.wider(mul).length);
    assertEquals(1, table.ports(table.wider(mul)[0] == mul ? mul : table.wider(mul)[1]));
    assertEquals(1, table.wider(table.row("ADD", CostClass.ALU).groups()[0]).length);
  }

  @Test
  void aLaterTableStandsOverItsBase() {
    PipelineTable table = read(Map.of("two", PARAMETERS + GROUPS + ROWS, "one", """
        base	two
        set	WIDTH	4	assumed
        row	MUL x	1	mul	9	-	over
        """));
    assertEquals("over", table.source("MUL x", CostClass.ALU));
    assertEquals("here", table.source("MUL Ev reg", CostClass.ALU));
    assertEquals(4, table.number(Parameter.WIDTH));
    assertEquals(1, table.number(Parameter.WINDOW));
  }

  @Test
  void whatIsWrongIsALine() {
    bad("set\tWIDE\t1\tassumed\n", "line 1: ");
    bad("what\n", "line 1: 'what' is none of base, set, group, row");
    bad("row\t@ALU\t1\n", "line 1: 'row' has 7 cells, not 3");
    bad("row\t@ALU\t1\tnone\t1\t-\tassumed\n", "line 1: there is no group 'none'");
    bad("set\tWIDTH\tx\tassumed\n", "line 1: ");
    bad(GROUPS, " does not set WIDTH");
  }

  private static void bad(String text, String what) {
    String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage());
    assertTrue(message.startsWith("pipeline table one") && message.contains(what), message);
  }
}

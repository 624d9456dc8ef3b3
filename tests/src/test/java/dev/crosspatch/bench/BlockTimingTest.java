package dev.crosspatch.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of measured blocks, how they are run, and how far predictions are off.
final class BlockTimingTest {
  private static final double NONE = Double.NaN;

  @Test
  void accuracyIsAsDefined() {
    Accuracy three = Accuracy.of(new double[] {1, 2, 4, 8}, new double[] {1.5, 2, 3, NONE});
    assertEquals(4, three.blocks());
    assertEquals(3, three.run());
    assertEquals((0.5 + 0 + 0.25 + 1) / 4, three.mape(), 1e-9);
    assertEquals(0.375, three.median(), 1e-9);
    assertEquals(1, three.tau(), 1e-9);
    // two of three pairs agree, and one is turned round
    assertEquals(1 / 3.0, Accuracy.of(new double[] {1, 2, 3}, new double[] {1, 3, 2}).tau(), 1e-9);
    // a tie in the prediction: tau-b is 2 of sqrt(3 * 2)
    assertEquals(2 / Math.sqrt(6), Accuracy.of(new double[] {1, 2, 3}, new double[] {1, 1, 2}).tau(), 1e-9);
    assertEquals(0, Accuracy.of(new double[] {1, 2, 3}, new double[] {1, 1, 1}).tau(), 1e-9);
    assertEquals("blocks 3 run 3 mape 50.00% median 50.00% tau 1.000",
        Accuracy.of(new double[] {1, 2, 3}, new double[] {1.5, 3, 4.5}).toString());
  }

  private static double cycles(String isa, String preset, Grade time, String hex) {
    return new BlockMachine(Plugins.isa(isa), preset, time, Map.of()).cycles(HexFormat.of().parseHex(hex));
  }

  @Test
  void blocksRunAsTheyWereMeasured() {
    assertEquals(0.5, cycles("x86-64", "zen4", Grade.ADDITIVE, "4801d84801d8"), 1e-9, "two ADDs of a quarter");
    assertEquals(3, cycles("x86-64", "zen4", Grade.NONE, "4801d84801d890"), 1e-9, "three instructions");
    // MOV RAX,[RAX+8] thrice: what is loaded is the address of another page, and all pages are one
    assertEquals(1, cycles("x86-64", "zen4", Grade.ADDITIVE, "488b4008488b4008488b4008"), 1e-9);
    assertEquals(2, cycles("aarch64", "cortex-a72", Grade.ADDITIVE, "200040f9620000f9"), 1e-9, "a load and a store");
    assertTrue(Double.isNaN(cycles("x86-64", "zen4", Grade.ADDITIVE, "0f0b")), "UD2");
    assertTrue(Double.isNaN(cycles("x86-64", "zen4", Grade.ADDITIVE, "0f01")), "half an instruction");
    assertTrue(Double.isNaN(cycles("x86-64", "zen4", Grade.ADDITIVE, "ffe0")), "JMP RAX");
  }

  /// What instructions wait for and what they do not, by a block each.
  @Test
  void pipelinesOverlap() {
    zen4(3, "480fafc0", "IMUL RAX,RAX: a chain");
    zen4(1, "486bc305", "IMUL RAX,RBX,5: one multiplier");
    zen4(4, "488b00", "MOV RAX,[RAX]: a chain of loads");
    zen4(1, "4801d8", "ADD RAX,RBX: a chain");
    zen4(1.5, "4883c0014883c3014883c1014883c2014883c6014883c701", "six ADDs on four units");
    zen4(1, "4889d8".repeat(6), "six copies, eliminated");
    zen4(1, "31c0".repeat(6), "six zero idioms");
    zen4(2 / 3.0, "488903488b03", "MOV [RBX],RAX and back: memory renaming, two accesses on three address units");
    zen4(7, "488903488b01", "MOV [RBX],RAX and back by RCX: forwarding");
    a72(3, "207c019b", "MUL X0,X1,X1");
    a72(4, "207cc19b", "UMULH X0,X1,X1");
    a72(1, "2008018b", "ADD X0,X1,X1,LSL 2: one multi-cycle unit");
    a72(1, "2000018b2300018b", "two ADDs on two units, three slots a cycle");
  }

  private static void zen4(double cycles, String hex, String what) {
    assertEquals(cycles, cycles("x86-64", "zen4", Grade.PIPELINE, hex), 0.02 * cycles, what);
  }

  private static void a72(double cycles, String hex, String what) {
    assertEquals(cycles, cycles("aarch64", "cortex-a72", Grade.PIPELINE, hex), 0.02 * cycles, what);
  }

  /// What a part of the model is worth, where little else counts.
  @Test
  void partsCanBeLeftOut() {
    without("DEPENDENCES", "480fafc0480fafc0", 6, 2); // imul rax, rax twice: three cycles each, or a port's
    without("PORTS", "480fafc1480fafd1480faff1480faff9", 4, 3); // imul of four registers: one port, or the latency
    without("MEMORY", "488904254056341248030425405634124889042540563412", 8, 1); // add rax, of what was stored
    without("ELIMINATION", "4831c048ffc04889c34889de", 2 / 3.0, 2); // xor rax, rax; inc rax; mov rbx, rax; mov rsi, rbx
    without("STACK_ENGINE", "50585058", 2, 14); // push rax; pop rax; and again
  }

  private static void without(String part, String hex, double with, double without) {
    Isa isa = Plugins.isa("x86-64");
    byte[] block = HexFormat.of().parseHex(hex);
    double whole = new BlockMachine(isa, "zen4", Grade.PIPELINE, Map.of()).cycles(block);
    double left = new BlockMachine(isa, "zen4", Grade.PIPELINE, Map.of("PIPELINE_" + part, "0")).cycles(block);
    assertEquals(with, whole, 0.02, "with " + part);
    assertEquals(without, left, 0.02, "without " + part);
  }

  @Test
  void formsBecomeInstructions() {
    assertEquals("add x0, x21, w22, sxtw 2",
        A64Forms.text("_add_((REG:W:G:64)),_((REG:R:G:64)),_((REG:R:G:32)),_sxtw_2", 0));
    assertEquals("ldr q3, [x28, #48]", A64Forms.text("_ldr_((REG:W:F:128)),_[((MEM:64)),_((MIMM:16))]", 3));
    assertEquals("fmov d1, 10.0", A64Forms.text("_fmov_((REG:W:F:64)),_1.0e+1", 1));
    assertEquals("cmeq v0.2s, v21.2s, #0", A64Forms.text("_cmeq_((REG:R:F:VEC)).2s,_((REG:R:F:VEC)).2s,_#0", 0));
  }

  @Test
  void badFilesAreALineEach(@TempDir Path dir) throws Exception {
    bad(dir, "# nothing\n", "there is no block in it", 0);
    bad(dir, "90,1\n\n90 1\n", "'90 1' is neither 'hex,cycles' nor cycles, a tab and forms", 3);
    bad(dir, "9g,1\n", "'9g' is no text of bytes in hex", 1);
    bad(dir, "90,-1\n", "'-1' is no number of cycles above 0", 1);
    bad(dir, "90,NaN\n", "'NaN' is no number of cycles above 0", 1);
  }

  private static void bad(Path dir, String text, String what, int line) throws Exception {
    Path file = dir.resolve("blocks.csv");
    Files.writeString(file, text);
    BadInput bad = assertThrows(BadInput.class, () -> BlockFile.read(file, Plugins.isa("x86-64")));
    assertEquals(file + (line == 0 ? "" : ":" + line) + ": " + what, bad.line());
    assertEquals(2, BlockTiming.execute("--preset", "zen4", file.toString()));
  }

  @Test
  void badRequestsAreALineEach() throws Exception {
    assertEquals(2, BlockTiming.execute("--preset", "zen4"));
    assertEquals(2, BlockTiming.execute("--preset", "zen5", "x"));
    assertEquals(2, BlockTiming.execute("--time", "exact"));
    assertEquals(2, BlockTiming.execute("--what"));
    assertEquals(2, BlockTiming.execute("--data", "no/such/folder"));
    assertEquals(2, BlockTiming.execute("--set", "NOP=1"));
    assertEquals(2, BlockTiming.execute("--ablation", "--preset", "zen4", "x"));
  }
}

package dev.crosspatch.tests.oracle;

import static dev.crosspatch.tests.oracle.EtmStory.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.tracer.etm.EtmRegisters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Flows through A64, A32 and T32, by the bits SF and IS of the packets and by BLX: decoded by us and by OpenCSD, which
/// knows all three.
class EtmModesTest {
  private static final int IRQ = 14;
  private static final int RS = EtmRegisters.CONFIGR_RS;

  @TempDir Path dir = Path.of("");

  /// The words, made by `llvm-mc -triple=armv8a`:
  ///
  ///     00 A64  nop; eret; nop; nop
  ///     10 A32  nop; blx 28; nop; bx r0
  ///     20 -
  ///     28 T32  nop; bx lr; nop; nop
  ///     30 T32  movw r1, #5; b.n 38; nop; nop; beq.n 38; nop; nop
  ///     40 A64  nop; eret
  private static EtmStory story(boolean ete) {
    return new EtmStory(ete, RS, 0xd503201f, 0xd69f03e0, 0xd503201f, 0xd503201f, 0xe320f000, 0xfa000003, 0xe320f000,
        0xe12fff10, 0, 0, 0x4770bf00, 0xbf00bf00, 0x0105f240, 0xbf00e000, 0xd0fdbf00, 0xbf00bf00, 0xd503201f,
        0xd69f03e0).readBy(new ArmModes(new Arm64Isa()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void statesAndInstructionSets(boolean ete) throws IOException {
    EtmStory story = story(ete)
        .atoms("E").aarch32(0x10, 0, true) // ERET to A32
        .atoms("E") // BLX to T32, of which the text tells
        .atoms("E") // BX LR, predicted: back to A32
        .atoms("E").aarch32(0x30, 1, false) // BX to T32
        .atoms("E").exception32(IRQ, 0x3a, 1).addressContext(0x40) // B; IRQ to A64
        .atoms("E").aarch32(0x3a, 1, true) // ERET to T32
        .atoms("E").atoms("N"); // BEQ twice
    List<String> flow = at(0, 4, 0x10, 0x14, 0x28, 0x2a, 0x18, 0x1c, 0x30, 0x34, 0x38, 0x40, 0x44, 0x3a, 0x38, 0x3a);
    Flows.Recorder ours = story.ours();
    assertEquals(List.of(), ours.problems());
    assertEquals(flow, ours.instructions());
    Flows.Recorder opencsd = story.opencsd(dir);
    assertEquals(List.of(), opencsd.problems());
    assertEquals(flow, opencsd.instructions());
  }

  /// The twin: the address says A32 where T32 stands. (OpenCSD reads on there, with words
  /// that are no instructions.)
  @Test
  void wrongInstructionSet() {
    EtmStory story = story(false).atoms("E").aarch32(0x10, 0, true).atoms("E").atoms("E").atoms("E")
        .aarch32(0x30, 0, false).atoms("E").atoms("E");
    Flows.Recorder ours = story.ours();
    assertEquals(at(0, 4, 0x10, 0x14, 0x28, 0x2a, 0x18, 0x1c), ours.instructions());
    assertTrue(ours.problems().getFirst().detail().startsWith("no text at 400030"), ours.problems()::toString);
  }

  /// An instruction set without them.
  @Test
  void withoutAArch32State() {
    EtmStory story = story(false).readBy(new Arm64Isa()).atoms("E").aarch32(0x10, 0, true).atoms("E");
    assertEquals(at(0, 4), story.ours().instructions());
    assertTrue(story.ours().problems().getFirst().detail().contains("AArch32 state cannot be followed"));
  }
}

package dev.crosspatch.tracer.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramText;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import org.junit.jupiter.api.Test;

/// Walks go on alike only if they read what comes in the same mode, here and where they return to.
class ReturnStackTest {
  private static ReturnStack stack(Mode... modes) {
    ReturnStack stack = new ReturnStack(2);
    for (Mode mode : modes) {
      stack.push(0x1000, mode);
    }
    return stack;
  }

  @Test
  void stacksHoldTheSameIfAddressesAndModesAre() {
    assertTrue(stack(Mode.CODE_32, Mode.CODE_64).holdsSameAs(stack(Mode.CODE_32, Mode.CODE_64)));
    assertFalse(stack(Mode.CODE_32, Mode.CODE_64).holdsSameAs(stack(Mode.CODE_64, Mode.CODE_64)));
    assertFalse(stack(Mode.CODE_64).holdsSameAs(stack(Mode.CODE_64, Mode.CODE_64)));
    assertTrue(stack(Mode.CODE_32, Mode.CODE_64, Mode.CODE_64).holdsSameAs(stack(Mode.CODE_64, Mode.CODE_64)),
        "the oldest was dropped");
    ReturnStack other = stack(Mode.CODE_64);
    other.pop();
    other.push(0x2000, Mode.CODE_64);
    assertFalse(stack(Mode.CODE_64).holdsSameAs(other));
  }

  private static FlowWalker walker(Mode mode) {
    TextTimeline text = new TextTimeline(FlowIsa.MODES, new ProgramText().nop(1).image(), new PokeLog());
    FlowWalker walker = new FlowWalker(text, new FlowRules(Traces.ARM));
    walker.enterMode(mode);
    return walker;
  }

  @Test
  void walkersStandAlikeInTheSameModeOnly() {
    for (Mode one : Mode.values()) {
      for (Mode other : Mode.values()) {
        assertEquals(one == other, walker(one).standsLike(walker(other)));
      }
    }
  }
}

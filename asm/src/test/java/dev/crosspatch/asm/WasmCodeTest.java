package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import run.endive.runtime.Instance;
import run.endive.runtime.TrapException;
import run.endive.wasm.Parser;

class WasmCodeTest {
  /// Exports `a`, which returns 7, and `b`, which returns 3 + 4, both without parameters.
  private static final String MODULE =
      "0061736d01000000" + "0105016000017f" + "0303020000" + "07090201610000016200" + "01"
          + "0a0e02" + "0400" + "41070b" + "0700" + "410341046a0b";

  private static Instance instance(int limit) {
    byte[] module = WasmCode.withoutLargeFunctions(HexFormat.of().parseHex(MODULE), limit);
    return Instance.builder(Parser.parse(module)).build();
  }

  @Test
  void leavesSmallFunctionsAlone() {
    byte[] module = HexFormat.of().parseHex(MODULE);
    assertEquals(MODULE, HexFormat.of().formatHex(WasmCode.withoutLargeFunctions(module, 7)));
    assertEquals(7, instance(7).export("b").apply()[0]);
  }

  @Test
  void largeFunctionsTrap() {
    Instance instance = instance(6);
    assertEquals(7, instance.export("a").apply()[0]);
    var b = instance.export("b");
    assertThrows(TrapException.class, b::apply);
  }
}

package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.CostClass.TRAP;

import dev.crosspatch.core.code.FlowClass;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Instructions that steer the flow but are not on this machine, where they are undefined: a trace of another machine
/// has them, and its decoder has to know what they are. Every word without a row here and in [Arm64Rows] runs on,
/// whatever it is or will be: an unallocated word cannot be told from one that is allocated later.
///
/// Source: DDI0487 D4.4.1 (P0 instructions; atoms), C4.1 (encodings). DCPS, DRPS and HLT are undefined outside Debug
/// state, where nothing is traced, or enter it; UDF always traps. TEXIT (FEAT_S1POE2) returns from an exception.
final class Arm64FlowRows {
  private Arm64FlowRows() {}

  static final List<Arm64Row> ALL = List.of(
      row("RETAA, RETAASPPCR", "1101011 0010 11111 000010 11111 Rm:5", FlowClass.RETURN),
      row("RETAB, RETABSPPCR", "1101011 0010 11111 000011 11111 Rm:5", FlowClass.RETURN),
      row("RETAASPPC", "01010101 000 imm16:16 11111", FlowClass.RETURN),
      row("RETABSPPC", "01010101 001 imm16:16 11111", FlowClass.RETURN),
      row("TEXIT", "1101011 0111 11111 00000. 11111 00000", FlowClass.TRAP_RETURN),
      row("BC.cond", "0101010 0 imm19:19 1 cond:4", FlowClass.COND_BRANCH),
      row("CB<cc> (register, ordered)", "sf:1 1110100 0.. Rm:5 00 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CB<cc> (register, equal)", "sf:1 1110100 11. Rm:5 00 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CBB<cc> (ordered)", "0 1110100 0.. Rm:5 10 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CBB<cc> (equal)", "0 1110100 11. Rm:5 10 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CBH<cc> (ordered)", "0 1110100 0.. Rm:5 11 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CBH<cc> (equal)", "0 1110100 11. Rm:5 11 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CB<cc> (immediate, ordered)", "sf:1 1110101 0.. imm6:6 0 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("CB<cc> (immediate, equal)", "sf:1 1110101 11. imm6:6 0 imm9:9 Rt:5", FlowClass.COND_BRANCH),
      row("WFET", "11010101000000110001 0000 000 Rt:5", FlowClass.WAIT),
      row("WFIT", "11010101000000110001 0000 001 Rt:5", FlowClass.WAIT),
      row("TSTART", "11010101001000110011 0000 011 Rt:5", FlowClass.SYNC),
      row("DRPS", "1101011 0101 11111 000000 11111 00000", FlowClass.TRAP),
      row("DCPS1", "11010100 101 imm16:16 000 01", FlowClass.TRAP),
      row("DCPS2", "11010100 101 imm16:16 000 10", FlowClass.TRAP),
      row("DCPS3", "11010100 101 imm16:16 000 11", FlowClass.TRAP));

  private static Arm64Row row(String name, String pattern, FlowClass flow) {
    return Arm64Row.row(name, pattern, TRAP, Arm64EmitSystem::undefined).flow(flow);
  }

  /// The row of `word`, or null if it runs on.
  static @Nullable Arm64Row find(int word) {
    for (Arm64Row row : ALL) {
      if (row.matches(word)) {
        return row;
      }
    }
    return null;
  }
}

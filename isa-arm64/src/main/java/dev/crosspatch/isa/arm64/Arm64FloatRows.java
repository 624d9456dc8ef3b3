package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.CostClass.*;
import static dev.crosspatch.isa.arm64.Arm64EmitVector.*;
import static dev.crosspatch.isa.arm64.Arm64Packed.unsigned;
import static dev.crosspatch.isa.arm64.Arm64Row.row;
import static dev.crosspatch.isa.arm64.Arm64Vectors.same;
import static dev.crosspatch.isa.arm64.Arm64Vectors.Second.IMMEDIATE;

import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.ArrayList;
import java.util.List;

/// The rows of scalar floating point, by the groups of C4.1, "Data Processing -- Scalar Floating-Point and Advanced
/// SIMD". `ftype` says the format.
final class Arm64FloatRows {
  private final List<Arm64Row> rows = new ArrayList<>(200);

  private Arm64FloatRows() {}

  static List<Arm64Row> all() {
    Arm64FloatRows table = new Arm64FloatRows();
    table.moves();
    for (int size = 2; size <= 3; size++) {
      table.format(FTYPE[size], size);
    }
    return table.rows;
  }

  /// `ftype` by log2 of the bytes.
  private static final String[] FTYPE = {"", "11", "00", "01"};

  private void add(String name, String bits, CostClass cost, Emitter emitter) {
    rows.add(row(name, bits, cost, emitter));
  }

  // ---- Conversion between floating-point and integer: bits as they are
  private void moves() {
    add("FMOV (general)", "0 00 11110 00 1 00 110 000000 Rn:5 Rd:5", VECTOR, toGeneral(2, 0));
    add("FMOV (general)", "0 00 11110 00 1 00 111 000000 Rn:5 Rd:5", VECTOR, fromGeneral(2));
    add("FMOV (general)", "1 00 11110 01 1 00 110 000000 Rn:5 Rd:5", VECTOR, toGeneral(3, 0));
    add("FMOV (general)", "1 00 11110 01 1 00 111 000000 Rn:5 Rd:5", VECTOR, fromGeneral(3));
    add("FMOV (general)", "1 00 11110 10 1 01 110 000000 Rn:5 Rd:5", VECTOR, toGeneral(3, 1));
    add("FMOV (general)", "1 00 11110 10 1 01 111 000000 Rn:5 Rd:5", VECTOR, Arm64EmitVector::fromGeneralHigh);
  }

  // ---- all that comes in every format
  private void format(String ftype, int size) {
    String bits = "0 00 11110 " + ftype + " 1 ";
    add("FMOV (register)", bits + "000000 10000 Rn:5 Rd:5", VECTOR,
        vector(same(IMMEDIATE, unsigned(Arm64Lanes::move)), size));
    add("FMOV (scalar, immediate)", bits + "imm8:8 100 00000 Rd:5", VECTOR, scalarImmediate(size));
    add("FCSEL", bits + "Rm:5 cond:4 11 Rn:5 Rd:5", VECTOR, select(size));
  }
}

package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Field.*;

import dev.crosspatch.core.uop.Profile;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.List;

/// What a model of a pipeline wants to know of an instruction: `NAME SHAPE SIZE SHIFT`, the name with `_` for blanks,
/// and the registers of SIMD and floating-point instructions, which their helpers' micro-ops do not tell.
///
/// SHAPE is `q`, `d` or `s`: 128 bits, 64, or a scalar, of others `x` or `w`. SIZE is bits of an element, or 0. SHIFT
/// is `plain` or `shifted`, of an operand that is a register.
final class Arm64Profile {
  /// Names that begin so add to, or change a part of, what their destination was.
  private static final List<String> ACCUMULATES = List.of("MLA", "MLS", "FMLA", "FMLS", "SMLA", "SMLS", "UMLA", "UMLS",
      "SQDMLA", "SQDMLS", "SABA", "UABA", "SADALP", "UADALP", "SSRA", "USRA", "SRSRA", "URSRA", "SRI", "SLI", "BSL",
      "BIT", "BIF", "INS", "TBX", "SDOT", "UDOT", "SHA", "AESE", "AESD", "ORR_(vector,_immediate)",
      "BIC_(vector,_immediate)");
  /// From general registers, and to them.
  private static final List<String> FROM_GENERAL = List.of("DUP_(general)", "INS_(general)", "SCVTF_(scalar,_integer",
      "UCVTF_(scalar,_integer", "SCVTF_(scalar,_fixed", "UCVTF_(scalar,_fixed");

  private static final List<String> TO_GENERAL = List.of("UMOV", "SMOV");

  private Arm64Profile() {}

  /// Fills `out` for an instruction word of `row`.
  static void fill(Arm64Row row, int bits, UopBuffer ops, Profile out) {
    Arm64Word w = new Arm64Word(row, bits);
    String name = row.name().replace(' ', '_');
    out.cost = ops.cost();
    boolean vector = isVector(ops);
    out.form = name + " " + shape(w, vector) + " " + size(w, ops) + " " + (w.isShifted() ? "shifted" : "plain");
    if (name.endsWith("DIV") && !vector) {
      out.dividend = w.source(RN);
      out.divisor = w.source(RM);
      out.operandBits = w.is(SF) ? 64 : 32;
    }
    if (vector) {
      out.listed = true;
      if (row.has(RT)) {
        memory(w, name, ops, out);
      } else {
        registers(w, name, out);
      }
    }
  }

  private static boolean isVector(UopBuffer ops) {
    for (int i = 0; i < ops.count(); i++) {
      if (Uop.op(ops.word(i)) == Uop.HELPER && (Uop.flags(ops.word(i)) & Arm64Helper.VECTOR) != 0) {
        return true;
      }
    }
    return false;
  }

  private static String shape(Arm64Word w, boolean vector) {
    return vector ? w.row().has(Q) ? w.is(Q) ? "q" : "d" : "s" : w.row().has(SF) && !w.is(SF) ? "w" : "x";
  }

  private static int size(Arm64Word w, UopBuffer ops) {
    Arm64Row row = w.row();
    boolean scalarFloat = !row.has(RT) && (w.bits() >>> 24 & 0x7e) == 0x1e; // 0x1e, 0x1f: a field that rows fix
    if (scalarFloat) {
      return (w.bits() >>> 22 & 3) == 3 ? 16 : 32 << (w.bits() >>> 22 & 1);
    }
    if (row.has(RT)) {
      return 8 << Uop.width(ops.word(0));
    }
    return row.has(SIZE) ? 8 << w.get(SIZE) : row.has(SZ) ? 32 << w.get(SZ) : 0;
  }

  private static boolean begins(String name, List<String> with) {
    return with.stream().anyMatch(name::startsWith);
  }

  private static void registers(Arm64Word w, String name, Profile out) {
    boolean toGeneral = begins(name, TO_GENERAL)
        || (name.startsWith("FCVT") && (name.contains("(scalar,_integer") || name.contains("(scalar,_fixed")));
    boolean move = name.equals("FMOV_(general)");
    boolean fromGeneral = begins(name, FROM_GENERAL) || (move && (w.bits() >>> 16 & 1) != 0);
    toGeneral |= move && !fromGeneral;
    boolean compares = name.startsWith("FCMP") || name.startsWith("FCCMP");
    if (w.row().has(RN)) {
      out.read(fromGeneral ? w.source(RN) : Profile.VECTOR + w.get(RN));
    }
    if (w.row().has(RM)) {
      out.read(Profile.VECTOR + w.get(RM) % 32);
    }
    if (w.row().has(RA)) {
      out.read(Profile.VECTOR + w.get(RA));
    }
    boolean upper = name.contains("2") && name.contains(",") && w.row().has(Q) && w.is(Q); // XTN, XTN2
    if (compares) {
      out.write(Profile.FLAGS);
    } else if (w.row().has(RD)) {
      int to = toGeneral ? w.target(RD) : Profile.VECTOR + w.get(RD);
      out.write(to);
      if (begins(name, ACCUMULATES) || (upper && narrows(name))) {
        out.read(to);
      }
    }
    if (name.startsWith("FCSEL") || name.startsWith("FCCMP")) {
      out.read(Profile.FLAGS);
    }
  }

  private static boolean narrows(String name) {
    return name.contains("XTN") || name.contains("XTUN") || name.contains("HN") || name.contains("SHRN")
        || name.startsWith("FCVTN") || name.startsWith("FCVTXN");
  }

  private static void memory(Arm64Word w, String name, UopBuffer ops, Profile out) {
    boolean loads = name.startsWith("LD");
    boolean pair = w.row().has(RT2);
    for (int i = 0; i < ops.count(); i++) {
      long word = ops.word(i);
      if (Uop.op(word) == Uop.HELPER) {
        out.base = Uop.a(word);
        out.index = pair ? Uop.ZERO : Uop.c(word);
        out.displacement = ops.imm(i);
        int bytes = 1 << Uop.width(word);
        out.loadBytes = loads ? bytes : 0;
        out.storeBytes = loads ? 0 : bytes;
      }
    }
    transfer(w.get(RT), loads, out);
    if (pair) {
      out.accesses = 2;
      transfer(w.get(RT2), loads, out);
    }
  }

  private static void transfer(int register, boolean loads, Profile out) {
    if (loads) {
      out.write(Profile.VECTOR + register);
    } else {
      out.read(Profile.VECTOR + register);
    }
  }
}

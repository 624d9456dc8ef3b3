package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Profile;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/// What a model of a pipeline wants to know of an instruction: `NAME OPERANDS reg|mem BITS`, the name without VEX's V,
/// and the registers that are operands of vector instructions, which their helpers' micro-ops do not tell.
final class X86Profile {
  private static final int[] MULTIPLY = {X86Core.RAX};
  private static final int[] PRODUCT = {X86Core.RAX, X86Core.RDX};
  private static final int[] NOTHING = {};

  /// Vector instructions whose first source is, without VEX, their destination: name and operands without that source.
  private static final Set<String> MERGING = merging();

  private X86Profile() {}

  private static Set<String> merging() {
    Set<String> all = new HashSet<>();
    for (X86Row row : X86Rows.ALL) {
      if (row.map > X86Row.VEX && !row.foreign
          && Arrays.stream(row.operands).anyMatch(o -> o.kind() == X86Operand.VECTOR_VVVV)) {
        String operands = Arrays.stream(row.operands).filter(o -> o.kind() != X86Operand.VECTOR_VVVV)
            .map(X86Operand::text).collect(Collectors.joining(","));
        all.add(name(row) + " " + operands);
        all.add(name(row) + " " + operands.replaceAll("V[a-z]*", "Pq").replaceAll("W[a-z]*", "Qq"));
      }
    }
    return all;
  }

  private static String name(X86Row row) {
    return row.map > X86Row.VEX && row.mnemonic.startsWith("V") ? row.mnemonic.substring(1) : row.mnemonic;
  }

  /// Fills `out` for an instruction that was parsed.
  static void fill(X86Decoder d, UopBuffer ops, Profile out) {
    X86Row row = d.row;
    out.cost = ops.cost();
    if (row == null || row.foreign) {
      return;
    }
    X86Builder b = new X86Builder(d, row, ops);
    boolean memory = row.hasModrm && d.modrm < 0xc0 && hasMemory(b);
    String operands = Arrays.stream(row.operands).map(X86Operand::text).collect(Collectors.joining(","));
    out.cost = row.cost;
    out.form = name(row) + " " + (operands.isEmpty() ? "-" : operands) + " " + shape(b, memory) + " " + bits(b);
    out.same = !memory && same(b);
    if (isVector(row)) {
      vector(b, operands, out);
    } else if (name(row).startsWith("F")) {
      stack(b, out);
    } else {
      implicit(b, out);
    }
  }

  /// `mem3` is an address of base, index and displacement; `rsp` a register form with RSP as its source.
  private static String shape(X86Builder b, boolean memory) {
    X86Decoder d = b.d;
    if (memory) {
      return d.base != Uop.ZERO && d.index != Uop.ZERO && d.displacement != 0 ? "mem3" : "mem";
    }
    int last = b.operands() - 1;
    return last == 1 && isRegister(b.operand(1)) && !b.operand(1).isVector() && b.number(1) == X86Core.RSP
        ? "rsp" : "reg";
  }

  private static boolean hasMemory(X86Builder b) {
    for (int i = 0; i < b.operands(); i++) {
      if (b.isMemory(i)) {
        return true;
      }
    }
    return false;
  }

  private static int bits(X86Builder b) {
    int widest = b.operands() == 0 ? b.width : 0;
    for (int i = 0; i < b.operands(); i++) {
      if (b.operand(i).kind() != X86Operand.IMMEDIATE) {
        widest = Math.max(widest, b.width(i));
      }
    }
    return 8 << widest;
  }

  private static boolean same(X86Builder b) {
    int last = b.operands() - 1;
    return last >= 1 && isRegister(b.operand(last)) && isRegister(b.operand(last - 1))
        && b.number(last) == b.number(last - 1) && b.width(last) != 0;
  }

  private static boolean isRegister(X86Operand operand) {
    return switch (operand.kind()) {
      case X86Operand.RM, X86Operand.RM_REGISTER, X86Operand.REG, X86Operand.VVVV, X86Operand.MMX, X86Operand.MMX_RM,
          X86Operand.MMX_RM_REGISTER -> true;
      default -> operand.isVector() && operand.kind() != X86Operand.VECTOR_IMMEDIATE;
    };
  }

  private static boolean isMmx(X86Operand operand) {
    return operand.kind() >= X86Operand.MMX;
  }

  private static boolean isVector(X86Row row) {
    return Arrays.stream(row.operands).anyMatch(o -> o.isVector() || isMmx(o));
  }

  // ---- vectors and MMX

  private static void vector(X86Builder b, String operands, Profile out) {
    out.listed = true;
    String name = name(b.row);
    boolean compares = name.startsWith("UCOMI") || name.startsWith("COMI") || name.equals("PTEST")
        || name.equals("TESTPS") || name.equals("TESTPD") || name.startsWith("PCMPESTR") || name.startsWith("PCMPISTR");
    boolean merges = (!b.d.isVex() && MERGING.contains(name + " " + operands))
        || name.startsWith("FMADD") || name.startsWith("FMSUB") || name.startsWith("FNM");
    for (int i = 0; i < b.operands(); i++) {
      if (b.isMemory(i)) {
        access(b, i, i == 0, out);
      } else if (isRegister(b.operand(i))) {
        int register = register(b, i);
        if (i == 0 && !compares) {
          out.write(register);
        }
        if (i > 0 || compares || merges) {
          out.read(register);
        }
      }
    }
    if (compares) {
      out.write(Profile.FLAGS);
    }
  }

  private static int register(X86Builder b, int i) {
    X86Operand operand = b.operand(i);
    return operand.isVector() ? Profile.VECTOR + b.number(i)
        : isMmx(operand) ? Profile.VECTOR + 16 + (b.number(i) & 7) : b.number(i);
  }

  private static void access(X86Builder b, int i, boolean stores, Profile out) {
    out.base = Uop.T0;
    int bytes = 1 << b.width(i);
    if (stores) {
      out.storeBytes = bytes;
    } else {
      out.loadBytes = bytes;
    }
  }

  // ---- x87, whose registers are one here

  private static void stack(X86Builder b, Profile out) {
    out.listed = true;
    String name = name(b.row);
    boolean stores = name.startsWith("FST") || name.startsWith("FIST") || name.startsWith("FNST");
    boolean loads = name.startsWith("FLD") || name.startsWith("FILD");
    if (b.operands() > 0 && b.isMemory(0)) {
      access(b, 0, stores, out);
    }
    if (!loads) {
      out.read(Profile.OTHER);
    }
    if (!stores) {
      out.write(Profile.OTHER);
    }
  }

  // ---- what no operand says

  private static void implicit(X86Builder b, Profile out) {
    String name = name(b.row);
    boolean one = b.operands() == 1;
    int[] reads = switch (name) {
      case "MUL", "IMUL" -> one ? MULTIPLY : NOTHING;
      case "DIV", "IDIV" -> b.width(0) == 0 ? MULTIPLY : PRODUCT;
      case "CMPXCHG" -> MULTIPLY;
      case "RCL", "RCR", "LAHF", "PUSHF", "CMC" -> new int[] {Profile.FLAGS};
      case "MOVS", "CMPS" -> new int[] {X86Core.RSI, X86Core.RDI};
      case "STOS", "SCAS" -> new int[] {X86Core.RAX, X86Core.RDI};
      case "LODS" -> new int[] {X86Core.RSI};
      default -> NOTHING;
    };
    int[] writes = switch (name) {
      case "MUL", "IMUL", "DIV", "IDIV" -> one ? b.width(0) == 0 ? MULTIPLY : PRODUCT : NOTHING;
      case "RDTSC", "CPUID", "RDMSR" -> PRODUCT;
      case "CMPXCHG", "LODS" -> MULTIPLY;
      default -> NOTHING;
    };
    if (name.endsWith("DIV")) {
      out.dividend = X86Core.RAX;
      out.divisor = b.isMemory(0) ? Profile.NONE : b.number(0);
      out.operandBits = 8 << b.width(0);
    }
    Arrays.stream(reads).forEach(out::read);
    Arrays.stream(writes).forEach(out::write);
    if (setsFlags(name)) {
      out.write(Profile.FLAGS);
    }
  }

  /// Of those that are helpers.
  private static boolean setsFlags(String name) {
    return switch (name) {
      case "MUL", "IMUL", "SHLD", "SHRD", "BT", "BTS", "BTR", "BTC", "BSF", "BSR", "TZCNT", "LZCNT", "POPCNT",
          "CMPXCHG", "RCL", "RCR", "SAHF", "POPF", "CMPS", "SCAS", "ANDN", "BEXTR", "BZHI", "BLSI",
          "BLSR", "BLSMSK" -> true;
      default -> false;
    };
  }
}

package dev.crosspatch.tests.isa;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/// Makes vectors: an instruction of a form with random operands, in a random state. Memory operands take every
/// addressing mode of 64-bit code; the registers they use are set so that the address falls into scratch.
final class X86Generator {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  /// Where addresses point to, so that neither pushes nor bit offsets leave scratch.
  private static final int MIDDLE = 128;
  /// Offset in scratch of the end of its page.
  private static final int PAGE_END = 0x800;

  private static final long[] EDGES = {
    0, 1, 2, -1, -2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random;

  // ---- of the instruction being made
  private X86Vector v = new X86Vector();
  private X86Form form = new X86Form(List.of(), "", "", "-", "-", "");
  private int width;
  private boolean memory;
  private int rex;
  private boolean needsRex;
  private boolean address32;
  private boolean bitOffset;
  private final ByteArrayOutputStream tail = new ByteArrayOutputStream();
  private int ripAt = -1;
  private int base = -1;
  private int index = -1;
  private int address;
  private int register;
  private int rm;
  private int count;

  X86Generator(Random random) {
    this.random = random;
  }

  /// A vector of one instruction.
  X86Vector single(X86Form of) {
    start();
    add(of, pick(of.sizes()), of.forms().contains("m") && (of.forms().length() == 1 || random.nextInt(3) == 0));
    v.defined = X86Vector.FLAGS & ~of.undefinedFlags(count, 8 << width);
    return v;
  }

  /// A vector of one instruction with an operand at or across the end of the mapped page: a fault must leave registers,
  /// flags and memory as they were, or a repetition where it stood. (Its flags are not compared: SDM vol. 2B REP has
  /// them as before the instruction, Zen 4 leaves those of the last comparison.)
  X86Vector beyond(X86Form of) {
    start();
    v.beyond = true;
    add(of, pick(of.sizes()), of.forms().contains("m"));
    v.defined = of.forms().equals("s") ? 0 : X86Vector.FLAGS & ~of.undefinedFlags(count, 8 << width);
    return v;
  }

  /// A vector of several register instructions, as carries and flags run from one to the next.
  X86Vector chain(List<X86Form> of) {
    start();
    for (int i = 0; i < 3; i++) {
      X86Form next = of.get(random.nextInt(of.size()));
      add(next, pick(next.sizes()), false);
    }
    return v;
  }

  private char pick(String letters) {
    return letters.charAt(random.nextInt(letters.length()));
  }

  private long value() {
    return switch (random.nextInt(4)) {
      case 0 -> EDGES[random.nextInt(EDGES.length)];
      case 1 -> random.nextLong() >> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  private void start() {
    v = new X86Vector();
    for (int i = 0; i < 16; i++) {
      v.r[i] = value();
    }
    random.nextBytes(v.scratch);
    v.flags = (random.nextInt() & X86Vector.FLAGS) | 0x202;
    v.r[RSP] = X86Vector.SCRATCH + MIDDLE;
  }

  // ---- one instruction

  private void add(X86Form of, char size, boolean inMemory) {
    form = of;
    width = "bwdq".indexOf(size);
    memory = inMemory;
    rex = width == 3 ? 8 : 0;
    needsRex = false;
    address32 = false;
    ripAt = -1;
    base = -1;
    index = -1;
    count = 0;
    tail.reset();
    v.form = v.form.isEmpty() ? of.instruction() : v.form + ", " + of.instruction();
    v.feature = of.feature();
    bitOffset = memory && of.instruction().matches("(LOCK )?BT.?") && of.tokens().getLast().equals("/r");
    address = v.beyond ? PAGE_END - 8 + random.nextInt(10) : MIDDLE - 32 + random.nextInt(48);
    if (of.instruction().equals("CMPXCHG8B/CMPXCHG16B")) {
      address &= -16;
    }
    encode();
    prepareState();
  }

  private void encode() {
    List<String> tokens = form.tokens();
    int opcodes = 0;
    while (opcodes < tokens.size() && !tokens.get(opcodes).startsWith("/") && !tokens.get(opcodes).startsWith("i")) {
      opcodes++;
    }
    for (String token : tokens.subList(opcodes, tokens.size())) {
      switch (token) {
        case "ib" -> immediate(1);
        case "iw" -> immediate(2);
        case "iz" -> immediate(width == 1 ? 2 : 4);
        case "iv" -> immediate(1 << width);
        default -> modrm(token);
      }
    }
    emit(tokens.subList(0, opcodes));
  }

  private void immediate(int bytes) {
    long value = form.instruction().equals("ENTER") ? random.nextInt(3) : value();
    if (form.undefined().equals("double")) {
      value = width == 1 ? value & 15 : value;
    }
    count = (int) value & (width == 3 ? 63 : 31);
    for (int i = 0; i < bytes; i++) {
      tail.write((int) (value >> (8 * i)));
    }
  }

  private void modrm(String token) {
    int reg = token.equals("/r") ? random.nextInt(16) : token.charAt(1) - '0';
    register = reg;
    rex |= reg >> 1 & 4;
    if (!memory) {
      rm = random.nextInt(16);
      rex |= rm >> 3;
      tail.write(0xc0 | (reg & 7) << 3 | (rm & 7));
    } else {
      memoryOperand(reg & 7);
    }
    needsRex |= random.nextInt(4) == 0;
  }

  /// One of: RIP-relative, absolute, base with displacement, base and index with displacement.
  private void memoryOperand(int reg) {
    long target = X86Vector.SCRATCH + address;
    int mode = random.nextInt(6);
    if (mode == 0) {
      tail.write(reg << 3 | 5);
      ripAt = tail.size();
      displacement(0, 4);
      return;
    }
    if (mode == 1) {
      tail.write(reg << 3 | 4);
      tail.write(0x25);
      displacement(target, 4);
      return;
    }
    int mod = random.nextInt(3);
    long disp = mod == 0 ? 0 : mod == 1 ? (byte) random.nextInt() : random.nextInt();
    based(reg, mod, disp, target, mode >= 4);
    displacement(disp, mod == 2 ? 4 : mod);
    address32 = random.nextInt(8) == 0;
  }

  private void based(int reg, int mod, long disp, long target, boolean indexed) {
    base = random.nextInt(16);
    index = indexed ? random.nextInt(16) : -1;
    boolean usable = base != index && index != RSP && (mod != 0 || (base & 7) != 5);
    boolean stack = base != RSP || (form.instruction().startsWith("P") && !indexed && Math.abs(disp) <= 64);
    if ((mod == 0 && (base & 7) == 5) || (indexed && !usable) || !stack || clashes(base)
        || (indexed && clashes(index))) {
      based(reg, mod, disp, target, indexed);
      return;
    }
    rex |= base >> 3;
    int scale = random.nextInt(4);
    if (indexed) {
      rex |= index >> 2 & 2;
      tail.write(mod << 6 | reg << 3 | 4);
      tail.write(scale << 6 | (index & 7) << 3 | (base & 7));
      v.r[base] = target - disp - (v.r[index] << scale);
    } else {
      tail.write(mod << 6 | reg << 3 | (base & 7));
      if ((base & 7) == RSP) {
        tail.write(0x24);
      }
      v.r[base] = target - disp;
    }
  }

  /// Registers whose value the instruction's own rules fix.
  private boolean clashes(int r) {
    return switch (form.instruction()) {
      case "DIV", "IDIV", "CMPXCHG8B/CMPXCHG16B" -> r == RAX || r == RDX;
      default -> (bitOffset && r == register) || (form.undefined().equals("double") && r == RCX);
    };
  }

  private boolean addressed(int r) {
    return r == base || r == index;
  }

  private void displacement(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      tail.write((int) (value >> (8 * i)));
    }
  }

  // ---- bytes

  private void emit(List<String> head) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(v.code);
    if (address32) {
      out.write(0x67);
    }
    if (head.get(0).startsWith("VEX")) {
      vex(out, head);
    } else {
      legacy(out, head);
    }
    int end = out.size() + tail.size();
    byte[] rest = tail.toByteArray();
    if (ripAt >= 0) {
      X86Vector.view(rest).putInt(ripAt, (int) (X86Vector.SCRATCH + address - X86Vector.CODE - end));
    }
    out.writeBytes(rest);
    v.code = out.toByteArray();
  }

  private static boolean isPrefix(String token) {
    return token.equals("66") || token.equals("F2") || token.equals("F3") || token.equals("F0") || token.equals("67");
  }

  private void legacy(ByteArrayOutputStream out, List<String> head) {
    int at = 0;
    if (width == 1) {
      out.write(0x66);
    }
    if (form.forms().equals("s") && random.nextBoolean()) {
      out.write(0xf2 | random.nextInt(2));
    }
    while (at < head.size() - 1 && isPrefix(head.get(at))) {
      out.write(Integer.parseInt(head.get(at++), 16));
    }
    int opcode = head.size() - 1;
    String last = head.get(opcode);
    int low = last.endsWith("+r") ? random.nextInt(16) : last.endsWith("+c") ? random.nextInt(16) : 0;
    rex |= last.endsWith("+r") ? low >> 3 : 0;
    if (rex != 0 || needsRex) {
      out.write(0x40 | rex);
    }
    for (String token : head.subList(at, opcode)) {
      out.write(Integer.parseInt(token, 16));
    }
    rm = last.endsWith("+r") ? low : rm;
    out.write(Integer.parseInt(last, 0, 2, 16) + (last.endsWith("+r") ? low & 7 : low));
  }

  private void vex(ByteArrayOutputStream out, List<String> head) {
    String[] parts = head.get(0).split("\\.", -1);
    int map = parts[2].equals("0F38") ? 2 : 3;
    int pp = List.of("NP", "66", "F3", "F2").indexOf(parts[1]);
    int vvvv = head.get(1).equals("F0") && map == 3 ? 0 : random.nextInt(16);
    out.write(0xc4);
    out.write((~rex & 7) << 5 | map);
    out.write((rex & 8) << 4 | (~vvvv & 15) << 3 | pp);
    out.write(Integer.parseInt(head.get(1), 16));
  }

  // ---- state that makes the instruction interesting, or keeps it inside scratch

  private void prepareState() {
    switch (form.instruction()) {
      case "DIV", "IDIV" -> dividend();
      case "CMPXCHG", "LOCK CMPXCHG" -> {
        if (random.nextBoolean() && !addressed(RAX)) {
          v.r[RAX] = memory ? scratchLong() : v.r[rm];
        }
      }
      case "CMPXCHG8B/CMPXCHG16B" -> wideComparand();
      case "XLAT" -> v.r[RBX] = X86Vector.SCRATCH - (v.r[RAX] & 0xff) + MIDDLE;
      case "ENTER", "LEAVE" -> v.r[RBP] = X86Vector.SCRATCH + MIDDLE;
      case "LOOP", "LOOPE", "LOOPNE", "JRCXZ", "LOOP with ECX", "LOOPE with ECX", "LOOPNE with ECX", "JRCXZ with ECX" ->
          v.r[RCX] = random.nextInt(3) | (long) random.nextInt(2) << 32;
      default -> prepareOthers();
    }
    if (form.forms().equals("s")) {
      v.r[RSI] = X86Vector.SCRATCH + MIDDLE - 48;
      v.r[RDI] = X86Vector.SCRATCH + MIDDLE + random.nextInt(2) * 8L;
      v.r[RCX] = random.nextInt(6);
      if (v.beyond) {
        v.r[random.nextBoolean() ? RSI : RDI] = X86Vector.SCRATCH + PAGE_END - 12 + random.nextInt(16);
      }
    }
  }

  private void prepareOthers() {
    if (bitOffset) {
      v.r[register] = (v.r[register] & -(1L << (8 << width)) * (width == 3 ? 0 : 1))
          | (random.nextInt(512) - 256 & mask());
    }
    boolean byCl = !form.tokens().getLast().equals("ib")
        && form.tokens().stream().anyMatch(t -> t.matches("D[23]|A5|AD"));
    boolean byOne = form.tokens().stream().anyMatch(t -> t.matches("D[01]"));
    if (byCl && !form.undefined().equals("-")) {
      if (form.undefined().equals("double") && width == 1) {
        v.r[RCX] &= ~16L;
      }
      count = (int) v.r[RCX] & (width == 3 ? 63 : 31);
    } else if (byOne) {
      count = 1;
    }
  }

  private long mask() {
    return width == 3 ? -1 : (1L << (8 << width)) - 1;
  }

  private long scratchLong() {
    return X86Vector.view(v.scratch).getLong(address);
  }

  /// Mostly dividends whose quotient fits.
  private void dividend() {
    if (random.nextInt(5) == 0) {
      return;
    }
    boolean signed = form.instruction().equals("IDIV");
    if (width == 0) {
      long al = v.r[RAX] & 0xff;
      v.r[RAX] = (v.r[RAX] & ~0xffffL) | al | (signed && al > 127 ? 0xff00 : 0);
    } else {
      long sign = v.r[RAX] << (64 - (8 << width)) >> 63;
      v.r[RDX] = signed ? sign : random.nextInt(3);
    }
  }

  private void wideComparand() {
    if (random.nextBoolean()) {
      return;
    }
    v.r[RAX] = scratchLong();
    v.r[RDX] = width == 3 ? X86Vector.view(v.scratch).getLong(address + 8) : v.r[RAX] >>> 32;
  }
}

package dev.crosspatch.tests.isa;

import dev.crosspatch.isa.x86.X86Isa;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// Makes snippets that fault, or nearly so: accesses at the ends of pages and of the canonical addresses, software
/// interrupts, segment loads, stacks that are not there, instructions that end beyond their page, prefixes where they
/// hardly matter.
final class X86FaultGenerator {
  private static final int RSP = 4;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final long PAGE_END = (X86Vector.SCRATCH | 0xfff) + 1;
  private static final long PAGE_START = X86Vector.SCRATCH & -4096;
  private static final long LOW_END = 1L << 47;
  private static final int AC = 1 << 18;
  private static final int DF = 1 << 10;

  /// Instructions with a memory operand: bytes before ModRM, ModRM.reg (-1 any), bytes behind.
  private record Form(String head, int reg, String tail) {}

  private static final List<Form> MEMORY = List.of(
      new Form("8b", -1, ""), new Form("89", -1, ""), new Form("8a", -1, ""), new Form("88", -1, ""),
      new Form("01", -1, ""), new Form("03", -1, ""),
      new Form("39", -1, ""), new Form("87", -1, ""), new Form("0fb1", -1, ""), new Form("0fc1", -1, ""),
      new Form("f7", 2, ""), new Form("f7", 4, ""),
      new Form("ff", 0, ""), new Form("ff", 2, ""), new Form("ff", 4, ""), new Form("ff", 6, ""), new Form("8f", 0, ""),
      new Form("c7", 0, "01020304"),
      new Form("d1", 2, ""), new Form("0fba", 5, "05"), new Form("0fb6", -1, ""), new Form("0fbf", -1, ""),
      new Form("0fc7", 1, ""),
      new Form("0fa4", -1, "13"), new Form("0f90", 0, ""), new Form("0f44", -1, ""), new Form("0fbc", -1, ""),
      new Form("0fae", 7, ""),
      new Form("0f18", 0, ""), new Form("8c", 3, ""), new Form("8e", 0, ""), new Form("0f02", -1, ""),
      new Form("0fb4", -1, ""), new Form("ff", 3, ""),
      new Form("ff", 5, ""), new Form("0fa3", -1, ""), new Form("0fab", -1, ""), new Form("d7", -2, ""),
      new Form("69", -1, "01020304"),
      new Form("80", -1, "05"), new Form("83", -1, "05"), new Form("81", -1, "01020304"), new Form("f6", 2, ""),
      new Form("f6", 4, ""), new Form("f7", 3, ""),
      new Form("f7", 5, ""), new Form("f7", 6, ""), new Form("f7", 7, ""), new Form("f6", 7, ""), new Form("fe", 1, ""),
      new Form("0fc3", -1, ""),
      new Form("0f38f0", -1, ""), new Form("0f38f1", -1, ""), new Form("0fb3", -1, ""), new Form("0fbb", -1, ""),
      new Form("0fba", 4, "ff"), new Form("0fba", 7, "41"),
      new Form("0fac", -1, "05"), new Form("0fad", -1, ""), new Form("0fa5", -1, ""), new Form("0faf", -1, ""),
      new Form("0fb0", -1, ""), new Form("0fc0", -1, ""),
      new Form("86", -1, ""), new Form("84", -1, ""), new Form("85", -1, ""), new Form("63", -1, ""),
      new Form("6663", -1, ""), new Form("c6", 0, "05"), new Form("d3", 4, ""), new Form("c1", 1, "05"),
      new Form("0f00", 4, ""), new Form("0f00", 5, ""), new Form("0f03", -1, ""), new Form("0fb2", -1, ""),
      new Form("0fb5", -1, ""), new Form("0f94", 0, ""),
      new Form("0f4f", -1, ""), new Form("13", -1, ""), new Form("1b", -1, ""), new Form("11", -1, ""),
      new Form("ff", 1, ""), new Form("0f10", -1, ""), new Form("0f11", -1, ""), new Form("0f28", -1, ""),
      new Form("0f29", -1, ""), new Form("660f6f", -1, ""), new Form("f30f7f", -1, ""), new Form("660fef", -1, ""),
      new Form("f30f10", -1, ""), new Form("f20f11", -1, ""), new Form("660fd6", -1, ""), new Form("660f6e", -1, ""),
      new Form("0f16", -1, ""), new Form("0f13", -1, ""), new Form("660f3863", -1, "0c"), new Form("660f3814", -1, ""),
      new Form("f30f5e", -1, ""), new Form("f20f2d", -1, ""), new Form("0fae", 2, ""), new Form("0fae", 3, ""),
      new Form("660fe7", -1, ""),
      new Form("c5fc10", -1, ""), new Form("c5fc11", -1, ""), new Form("c5fd6f", -1, ""), new Form("c5f9ef", -1, ""),
      new Form("c5fd7f", -1, ""), new Form("c4e27d18", -1, ""), new Form("d9", 7, ""), new Form("d9", 5, ""),
      new Form("0f6f", -1, ""), new Form("0f7f", -1, ""), new Form("0fe7", -1, ""), new Form("0ffc", -1, ""),
      new Form("0f6e", -1, ""), new Form("0f7e", -1, ""), new Form("0f60", -1, ""), new Form("0fc4", -1, "03"),
      new Form("0f2a", -1, ""), new Form("660f2d", -1, ""));

  private static final List<String> STACK = List.of(
      "50", "58", "54", "5c", "9c", "9d", "6a05", "6801020304", "c9", "c3", "c21000", "e800000000", "ffd0", "ffd1",
      "48cf", "cf", "cb", "48cb", "ca0800", "0fa0", "0fa1",
      "0fa8", "0fa9", "c8100000", "c8000001", "c8080002", "c8000005", "c8002300", "8f00", "ff30", "66cf");

  private static final List<String> SELECTORS = List.of(
      "8ec0", "8ed8", "8ee8", "8ed0", "8ee0", "0f02c8", "480f02c8", "660f02c8", "0f03c8", "480f03c8", "660f03c8",
      "0f00e0", "0f00e8", "500fa9", "500fa1");

  private static final List<Integer> UNSUITABLE = List.of(0x0fb9, 0x0fff, 0x0f0f, 0x0f0d);

  private final Random random;
  private final boolean local;
  private X86Vector v = new X86Vector();
  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  /// @param local the local descriptor table has the segments of x86exec.c
  X86FaultGenerator(Random random, boolean local) {
    this.random = random;
    this.local = local;
  }

  /// Inputs that were wrong once: code, the register that matters and its value, bytes to the end of the page if not 0.
  static List<X86Vector> known() {
    return List.of(
        known("cd08", 0, 0, false), known("43a524", RSI, LOW_END - 2, false),
        known("4fc82b1301", RSP, X86Vector.SCRATCH + 128, false), known("8ec5", 5, 8, false),
        known("670fa348394300", 0, -X86Vector.SCRATCH, false), known("67f3aa", 1, 1L << 43, false),
        known("ffd0", 0, LOW_END, false), known("a6", RDI, 8, false),
        known("f34190", 8, 0x1234, false), known("82", 0, 0, true), known("62", 0, 0, true),
        known("660fc8", 0, 0x1122, false), known("660fa4d811", 0, 0x8123, false));
  }

  private static X86Vector known(String hex, int register, long value, boolean atEnd) {
    X86Vector v = new X86Vector();
    v.form = "known";
    v.flags = 0x202;
    v.r[RDI] = X86Vector.SCRATCH;
    v.r[RSP] = X86Vector.SCRATCH + 128;
    v.r[register] = value;
    v.code = HexFormat.of().parseHex(hex);
    v.defined = X86Vector.FLAGS & ~X86Vector.AF;
    v.offset = atEnd ? 4096L - v.code.length : 0;
    return v;
  }

  /// The next vector.
  X86Vector next() {
    v = new X86Vector();
    code.reset();
    for (int i = 0; i < 16; i++) {
      v.r[i] = random.nextBoolean() ? random.nextInt(64) : random.nextLong() >> random.nextInt(64);
    }
    random.nextBytes(v.scratch);
    v.flags = (random.nextInt() & X86Vector.FLAGS) | 0x202;
    v.r[RSP] = X86Vector.SCRATCH + 128;
    switch (random.nextInt(10)) {
      case 0 -> interrupt();
      case 1, 2 -> memory();
      case 3 -> stack();
      case 4, 5 -> string();
      case 6 -> selector();
      case 7 -> bitOffset();
      case 8 -> {
        if (oneIn(3)) {
          counted();
        } else {
          single();
        }
      }
      default -> atPageEnd();
    }
    v.code = code.toByteArray();
    return v;
  }

  private void bytes(String hex) {
    code.writeBytes(HexFormat.of().parseHex(hex));
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /// An address near something that ends: the page of scratch, the canonical addresses, the address space.
  private long edge() {
    int off = random.nextInt(40) - 20;
    return switch (random.nextInt(8)) {
      case 0, 1 -> PAGE_END + off;
      case 2 -> PAGE_START + off;
      case 3, 4 -> LOW_END + off;
      case 5 -> -LOW_END + off;
      case 6 -> off;
      default -> X86Vector.SCRATCH + 64 + off;
    };
  }

  /// @param operand a 66 prefix is allowed (near branches differ by maker there, and immediates in length)
  private void prefixes(int rex, boolean operand) {
    if (operand && oneIn(4)) {
      code.write(0x66);
    }
    if (oneIn(8)) {
      code.write(0x67);
    }
    if (oneIn(8)) {
      code.write(0x3e);
    }
    int w = oneIn(3) ? 8 : 0;
    if (rex != 0 || w != 0 || oneIn(6)) {
      code.write(0x40 | rex | w);
    }
  }

  /// INT n but 0x80 (a system call); INT3. Not INT1: a hypervisor that intercepts #DB may show another address than the
  /// CPU would.
  private void interrupt() {
    v.form = "interrupt";
    if (oneIn(4)) {
      code.write(pick(List.of(0x66, 0xf3, 0x67, 0x48)));
    }
    int vector = random.nextInt(256);
    if (oneIn(8) || vector == 0x80) {
      bytes(pick(List.of("cc", "ce", "f4", "fa", "fb", "ec", "e480", "0f22c0", "0f23c0", "0f30", "0f32",
          "0f06", "0f09")));
    } else {
      code.write(0xcd);
      code.write(oneIn(2) ? vector & 31 : vector);
    }
  }

  /// A memory operand at an edge, through any base register, sometimes with an index or displacement; sometimes with
  /// alignment checks on.
  private void memory() {
    Form form = pick(MEMORY);
    v.form = "memory " + form;
    int base = random.nextInt(16);
    boolean xlat = form.reg == -2;
    if (xlat) {
      prefixes(0, true);
      bytes(form.head);
      v.r[3] = edge() - (v.r[0] & 0xff);
      return;
    }
    if (oneIn(4)) {
      v.flags |= AC;
    }
    int reg = form.reg < 0 ? random.nextInt(8) : form.reg;
    int disp = oneIn(3) ? random.nextInt(64) - 32 : 0;
    v.r[base] = edge() - disp;
    if (form.head.equals("ff") && (reg == 2 || reg == 4) && oneIn(2)) {
      v.r[base] = X86Vector.SCRATCH + 32;
      X86Vector.view(v.scratch).putLong(32, edge());
    }
    v.defined = definedFlags(form, reg);
    boolean fixedSize = (form.head.equals("ff") && reg >= 2 && reg < 6)
        || (!form.tail.isEmpty() && !form.head.startsWith("0f"));
    if (oneIn(8) && !form.head.equals("0f00")) { // Zen 4 takes VERW with LOCK
      code.write(0xf0);
    }
    prefixes(base >> 3, !fixedSize);
    bytes(form.head);
    code.write(0x40 | reg << 3 | (base & 7));
    if ((base & 7) == RSP) {
      code.write(0x24);
    }
    code.write(disp);
    bytes(form.tail);
  }

  private static int definedFlags(Form form, int reg) {
    boolean product = (form.head.equals("f7") || form.head.equals("f6")) && reg >= 4;
    boolean undefined = product || List.of("69", "0fa4", "0fbc", "0fba", "d1", "0fa3", "0fab", "0fb3", "0fbb", "0fac",
        "0fad", "0fa5", "0faf", "d3", "c1").contains(form.head);
    return undefined ? 0 : X86Vector.FLAGS;
  }

  private void stack() {
    String form = pick(STACK);
    v.form = "stack " + form;
    v.r[RSP] = edge();
    v.r[0] = oneIn(2) ? edge() : X86Vector.SCRATCH + 32;
    v.r[1] = oneIn(2) ? edge() : X86Vector.CODE + 64;
    v.r[5] = oneIn(2) ? edge() : X86Vector.SCRATCH + 64;
    if (oneIn(4)) {
      v.flags |= AC;
    }
    if (form.endsWith("cf") || form.endsWith("cb") || form.startsWith("ca")) {
      frame(form.startsWith("48") ? 8 : form.startsWith("66") ? 2 : 4);
    }
    if (oneIn(6) && !form.startsWith("48") && !form.startsWith("66")) {
      code.write(pick(List.of(0x48, 0x3e, 0xf3)));
    }
    bytes(form);
  }

  /// A frame for IRET or a far return: RIP, CS, RFLAGS, RSP, SS, with something wrong perhaps.
  private void frame(int width) {
    v.r[RSP] = oneIn(4) ? v.r[RSP] : X86Vector.SCRATCH + 128;
    long[] values = {
      oneIn(3) ? edge() : X86Vector.CODE + 64, oneIn(3) ? codeSelector() : 0x33,
      (random.nextInt() & X86Vector.FLAGS) | 0x202,
      X86Vector.SCRATCH + 64, oneIn(3) ? selectorValue() : 0x2b
    };
    for (int i = 0; i < values.length; i++) {
      for (int k = 0; k < width; k++) {
        v.scratch[128 + i * width + k] = (byte) (values[i] >>> (8 * k));
      }
    }
  }

  private void string() {
    int op = pick(List.of(0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf));
    v.form = "string";
    v.defined = 0;
    if (oneIn(3)) {
      code.write(0x67);
    }
    if (oneIn(4)) {
      code.write(0x66);
    }
    if (oneIn(2)) {
      code.write(0xf2 | random.nextInt(2));
    }
    if (oneIn(4)) {
      code.write(0x48);
    }
    code.write(op);
    v.r[1] = random.nextInt(6) | (oneIn(3) ? (long) random.nextInt() << 32 : 0);
    v.r[RSI] = (oneIn(2) ? edge() : X86Vector.SCRATCH + 32) ^ (oneIn(6) ? (long) random.nextInt(256) << 32 : 0);
    v.r[RDI] = (oneIn(2) ? edge() : X86Vector.SCRATCH + 96) ^ (oneIn(6) ? (long) random.nextInt(256) << 32 : 0);
    if (oneIn(4)) {
      v.flags |= DF;
    }
  }

  /// Selectors of Linux's global table and of x86exec.c's local one, and null ones. Not 0x78: its limit is the number
  /// of the CPU.
  private int selectorValue() {
    int index = random.nextInt(19);
    boolean inLocal = local && oneIn(3);
    return (inLocal ? random.nextInt(8) : index == 15 ? 16 : index) << 3 | (inLocal ? 4 : 0) | random.nextInt(4);
  }

  /// For CS: not a segment of compatibility mode, which we do not have.
  private int codeSelector() {
    int value = selectorValue();
    int index = value >> 3;
    boolean compatible = (value & 4) != 0 ? index == 3 || index == 4 || index == 6 : index == 4;
    return compatible ? 0x33 : value;
  }

  private void selector() {
    v.r[0] = selectorValue() | (oneIn(2) ? 0xabcd_0000L : 0);
    if (oneIn(4)) {
      String form = pick(List.of("0fb206", "0fb406", "0fb506", "660fb406", "480fb506", "ff1e", "ff2e",
          "48ff2e", "66ff1e"));
      v.form = "selector " + form;
      int width = form.startsWith("66") ? 2 : 4;
      v.r[RSI] = X86Vector.SCRATCH + 32;
      X86Vector.view(v.scratch).putLong(32, X86Vector.CODE + 64);
      X86Vector.view(v.scratch).putShort(32 + width, (short) (form.contains("ff") ? codeSelector() : selectorValue()));
      bytes(form);
      return;
    }
    String form = pick(SELECTORS);
    v.form = "selector " + form;
    bytes(form);
  }

  private void bitOffset() {
    v.form = "bit offset";
    if (oneIn(2)) {
      code.write(0x67);
    }
    if (oneIn(4)) {
      code.write(0x66);
    }
    int op = pick(List.of(0xa3, 0xab, 0xb3, 0xbb));
    if (oneIn(3)) {
      code.write(0x48);
    }
    code.write(0x0f);
    code.write(op);
    code.write(0x0e); // [rsi], ecx
    v.r[RSI] = oneIn(2) ? edge() : X86Vector.SCRATCH + 64;
    v.r[1] = oneIn(2) ? random.nextInt(4096) - 2048 : random.nextLong() >> random.nextInt(64);
    v.defined = X86Vector.CF;
  }

  /// LOOP and kin and JRCXZ over INC RAX, with counts of 32 and 64 bits.
  private void counted() {
    v.form = "counted";
    v.r[1] = random.nextInt(3) | (oneIn(2) ? (long) random.nextInt() << 32 : 0);
    for (String prefix : List.of("67", "3e", "48")) {
      bytes(oneIn(3) ? prefix : "");
    }
    code.write(0xe0 + random.nextInt(4));
    bytes("0348ffc0");
  }

  /// Single steps: PUSHF, OR [RSP], TF, POPF and an instruction; and what the manual leaves undefined, or to the maker.
  private void single() {
    if (oneIn(2)) {
      v.form = "undefined";
      bytes(pick(List.of("660fc8", "66410fc9", "f34190", "f34990", "66f34190", "660fa4d8", "660facd8")));
      if (code.size() == 4 && code.toByteArray()[1] == 0x0f) {
        code.write(17 + random.nextInt(15));
        v.defined = X86Vector.FLAGS & ~X86Vector.AF;
      }
      return;
    }
    v.form = "single step";
    v.r[RSI] = X86Vector.SCRATCH + 16;
    v.r[RDI] = X86Vector.SCRATCH + 64;
    v.r[1] = random.nextInt(4);
    v.r[0] = oneIn(2) ? 0x2b : 0x40;
    X86Vector.view(v.scratch).putLong(128, 0x202);
    bytes("9c810c24000100009d");
    bytes(pick(List.of("90", "f3a4", "a4", "50", "eb00", "e800000000", "01c8", "f3ab", "cd08", "cc", "0f0b", "9c",
        "48ffc0", "8b06", "f3aa", "67f3aa", "9d", "f3ac", "e300", "67e300", "e200",
        "e000", "67e100", "fc", "8ed090", "8ed0cd08", "8ed0cc", "8ed050", "8ed0f3ab", "8ed08b06", "f3a6", "f2ae",
        "0fa1", "f390", "8ed08ed090", "8ed0f4")));
  }

  /// Some bytes of an instruction, the last of them at the end of the page.
  private void atPageEnd() {
    v.form = "page end";
    v.defined = 0;
    if (oneIn(4)) {
      code.write(pick(List.of(0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x48, 0x41, 0x3e)));
    }
    if (oneIn(2)) {
      code.write(0x0f);
      if (oneIn(4)) {
        code.write(oneIn(2) ? 0x38 : 0x3a);
      }
    }
    code.write(random.nextInt(256));
    for (int more = random.nextInt(4); more > 0; more--) {
      code.write(random.nextInt(256));
    }
    v.offset = 4096L - code.size();
    byte[] bytes = code.toByteArray();
    if (X86Isa.rowOf(bytes, 0, bytes.length) != null) { // a whole instruction, which might be a system call or a loop
      code.reset();
      atPageEnd();
    }
  }

  /// Opcodes of which makers read different numbers of bytes before they say #UD: UD0 and UD1 (SDM vol. 2B UD: with
  /// ModRM; AMD: without), 3DNow! and its PREFETCHW with a register.
  static boolean differsByMaker(int opcode) {
    return UNSUITABLE.contains(opcode);
  }
}

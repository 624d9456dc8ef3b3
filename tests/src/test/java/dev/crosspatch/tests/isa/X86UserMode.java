package dev.crosspatch.tests.isa;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import java.util.HexFormat;
import java.util.Set;

/// Runs vectors in our user mode as `x86exec.c` does in Linux's: the same pages, descriptors and state, with a handler
/// for every vector, so that an exception is told with vector, error code, CR2, address and registers.
final class X86UserMode {
  private static final long KERNEL = 0xffff_ffff_8100_0000L;
  private static final long DATA = KERNEL + 0x10_0000;
  private static final long LINK_OFFSET = 0xffff_ffff_8000_0000L;
  private static final int HANDLERS = 0x1000;
  /// Loads the tables; null selectors and IRET; reads CR2 and the segment registers.
  private static final int LOAD = 0;
  private static final int LEAVE = 0x100;
  private static final int LOOK = 0x200;
  /// Save areas that each snippet starts with, and that it leaves; where they have MXCSR and ST0.
  private static final int SAVED = 0x600;

  private static final int LEFT = 0xc00;
  private static final int MXCSR = 24;
  private static final int ST = 32;

  // ---- in data
  private static final int IDT = 0x1000;
  private static final int GDT = 0x100;
  private static final int LDT = 0x200;
  private static final int TSS = 0x300;
  private static final int FRAME = 0x400;
  private static final int STACK = 0x8000;

  private static final long ROOT = 0x1000;
  private static final long TABLES = 0x1f_0000;
  private static final long CODE_FRAME = 0x1f_c000;
  private static final long SCRATCH_FRAME = 0x1f_d000;
  private static final long EXIT_FRAME = 0x1f_b000;
  /// UD2 lies here: the way back from a snippet that ended well.
  private static final long EXIT = 0x3000_0000L; // the first page of its table

  private static final long TABLE = 7;
  private static final long USER_PAGE = 0x67;
  private static final long NO_EXECUTE = 1L << 63;
  private static final int STEPS = 64;
  private static final int RSP = 4;
  private static final Set<Integer> WITH_ERROR = Set.of(8, 10, 11, 12, 13, 14, 17);
  /// Gates of Linux that user mode may use; INT 0x80 is a system call.
  private static final Set<Integer> OPEN = Set.of(3, 4);
  private static final int[] SIGNALS = new int[32];

  static {
    SIGNALS[0] = 8;
    SIGNALS[1] = 5;
    SIGNALS[3] = 5;
    SIGNALS[4] = 11;
    SIGNALS[6] = 4;
    SIGNALS[11] = 7;
    SIGNALS[12] = 7;
    SIGNALS[13] = 11;
    SIGNALS[14] = 11;
    SIGNALS[16] = 8;
    SIGNALS[17] = 7;
    SIGNALS[19] = 8;
  }

  private final Machine machine;
  private final Core core;

  /// @param preset `skylake` or `zen4`
  X86UserMode(String preset) {
    Platform platform = new LabBoard().assemble(new MachineConfig(
        new X86Isa(), 1, preset, MachineConfig.Staleness.TYPICAL, true, true, 32 << 20, 1));
    machine = platform.machine();
    platform.boot(new Image(
        java.util.List.of(
            new Section(".text", KERNEL, text(), Section.Access.TEXT),
            new Section(".data", DATA, new byte[0x1_0000], Section.Access.DATA)),
        java.util.List.of(new Symbol("start", KERNEL, 1, Symbol.Kind.FUNCTION))));
    core = machine.core(0);
    pages();
    tables();
    core.pc = KERNEL + LOAD;
    run(6);
  }

  private static byte[] text() {
    byte[] text = new byte[HANDLERS + 0x1000];
    // lgdt [rdi]; lidt [rdi + 0x10]; mov eax, 0x40; ltr ax; mov al, 0x50; lldt ax, with RDI set by hand
    put(text, LOAD, "0f0117 0f015f10 b840000000 0f00d8 b050 0f00d0");
    // fxrstor [DATA + SAVED]; xor eax, eax; mov ds, es, fs, gs, eax; iretq
    put(text, LEAVE, "0fae0c2500061081 31c0 8ed8 8ec0 8ee0 8ee8 48cf");
    // fxsave [DATA + LEFT]; mov rax, cr2; mov ecx, es; mov edx, ds; mov ebx, fs; mov esi, gs
    put(text, LOOK, "0fae0425000c1081 0f20d0 8cc1 8cda 8ce3 8cee");
    for (int vector = 0; vector < 256; vector++) {
      put(text, HANDLERS + 16 * vector, "ebfe");
    }
    return text;
  }

  private static void put(byte[] text, int at, String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    System.arraycopy(code, 0, text, at, code.length);
  }

  private void pages() {
    machine.writePhysical(ROOT, TABLES | TABLE);
    machine.writePhysical(TABLES, TABLES + 0x1000 | TABLE);
    machine.writePhysical(TABLES + 0x1000 + (X86Vector.CODE >> 21) * 8, TABLES + 0x2000 | TABLE);
    machine.writePhysical(TABLES + 0x1000 + (EXIT >> 21) * 8, TABLES + 0x3000 | TABLE);
    machine.writePhysical(TABLES + 0x2000, CODE_FRAME | USER_PAGE);
    machine.writePhysical(TABLES + 0x2000 + (X86Vector.SCRATCH >> 12 & 511) * 8,
        SCRATCH_FRAME | USER_PAGE | NO_EXECUTE);
    machine.writePhysical(TABLES + 0x3000, EXIT_FRAME | USER_PAGE);
    machine.load(EXIT_FRAME, new byte[] {0x0f, 0x0b});
  }

  /// Linux's descriptors (arch/x86/include/asm/segment.h), and those that x86exec.c adds.
  private void tables() {
    long tss = DATA + TSS;
    long ldt = DATA + LDT;
    long[] gdt = {
      0, 0x00cf_9b00_0000_ffffL, 0x00af_9b00_0000_ffffL, 0x00cf_9300_0000_ffffL, 0x00cf_fb00_0000_ffffL,
      0x00cf_f300_0000_ffffL,
      0x00af_fb00_0000_ffffL, 0, 0x67 | system(tss, 0x89), tss >>> 32, 55 | system(ldt, 0x82), ldt >>> 32, 0, 0, 0, 0
    };
    int[] types = {0xf3, 0xf1, 0x73, 0xfb, 0xf9, 0xf7, 0x7f};
    for (int i = 0; i < gdt.length; i++) {
      setData(GDT + 8 * i, gdt[i]);
    }
    for (int i = 0; i < types.length; i++) {
      setData(LDT + 8 * i, 0x00cf_0000_1000_ffffL | (long) types[i] << 40);
    }
    for (int vector = 0; vector < 256; vector++) {
      long handler = KERNEL + HANDLERS + 16L * vector;
      long type = OPEN.contains(vector) ? 0xee00L : 0x8e00L;
      setData(IDT + 16 * vector, (handler & 0xffff) | 0x10 << 16 | type << 32 | (handler >> 16 & 0xffff) << 48);
      setData(IDT + 16 * vector + 8, handler >>> 32);
    }
    setData(TSS, (DATA + STACK) << 32);
    setData(TSS + 8, (DATA + STACK) >>> 32);
    setData(TSS + 0x60, 0xffffL << 48);
    pseudo(0, DATA + GDT, gdt.length * 8 - 1);
    pseudo(0x10, DATA + IDT, 0xfff);
    core.r[7] = DATA;
  }

  private static long system(long base, long type) {
    return (base & 0xff_ffff) << 16 | type << 40 | (base >> 24 & 0xff) << 56;
  }

  private void pseudo(int at, long base, int limit) {
    setData(at, limit | base << 16);
    setData(at + 8, base >>> 48);
  }

  private void setData(int at, long value) {
    machine.writePhysical(DATA - LINK_OFFSET + at, value);
  }

  private void run(int instructions) {
    machine.run(RunLimits.ofRetired(core.retired() + instructions));
    if (machine.stopReason() != null) {
      throw new IllegalStateException(machine.stopReason());
    }
  }

  /// The state that the vector leaves.
  X86Vector run(X86Vector in) {
    enter(in);
    long end = X86Vector.CODE + in.offset + in.code.length;
    boolean returns = in.offset + in.code.length + 14 <= 4096;
    for (int i = 0; !(returns && core.pc == end) && vector() < 0; i++) {
      if (i == STEPS) {
        throw new IllegalStateException("does not end: " + in);
      }
      run(1);
    }
    X86Vector out = new X86Vector();
    int vector = vector();
    System.arraycopy(core.r, 0, out.r, 0, out.r.length);
    if (vector < 0) {
      core.pc = EXIT;
      run(1);
    }
    leave(out, vector);
    return out;
  }

  private void enter(X86Vector in) {
    byte[] page = new byte[4096];
    java.util.Arrays.fill(page, (byte) 0xcc);
    System.arraycopy(in.code, 0, page, (int) in.offset, in.code.length);
    machine.load(CODE_FRAME, page);
    page = new byte[4096];
    System.arraycopy(in.scratch, 0, page, (int) X86Vector.SCRATCH & 0xfff, X86Vector.SCRATCH_BYTES);
    machine.load(SCRATCH_FRAME, page);
    long[] frame = {X86Vector.CODE + in.offset, 0x33, in.flags, in.r[RSP], 0x2b};
    for (int i = 0; i < frame.length; i++) {
      setData(FRAME + 8 * i, frame[i]);
    }
    core.pc = KERNEL + LEAVE;
    core.synchronizeContext();
    setData(SAVED, in.x87[0]);
    setData(SAVED + MXCSR, in.mxcsr);
    for (int i = 1; i < X86Vector.X87_WORDS; i++) {
      setData(SAVED + ST + 8 * (i - 1), in.x87[i]);
    }
    run(6);
    System.arraycopy(in.r, 0, core.r, 0, in.r.length);
    System.arraycopy(in.v, 0, core.v, 0, in.v.length);
    core.r[RSP] = DATA + FRAME;
    run(1);
  }

  /// Of the exception whose handler the core has reached, or -1.
  private int vector() {
    long at = core.pc - KERNEL - HANDLERS;
    return at >= 0 && at < 0x1000 ? (int) at / 16 : -1;
  }

  private void leave(X86Vector out, int vector) {
    long sp = core.r[RSP] - DATA;
    long at = sp + (WITH_ERROR.contains(vector) ? 8 : 0);
    out.error = at == sp ? 0 : data(sp);
    out.rip = vector < 0 ? 0 : data(at);
    out.flags = data(at + 16);
    out.r[RSP] = data(at + 24);
    out.trap = Math.max(vector, 0);
    out.signal = vector < 0 ? 0 : SIGNALS[Math.min(vector, 31)];
    System.arraycopy(core.v, 0, out.v, 0, out.v.length);
    core.pc = KERNEL + LOOK;
    run(6);
    out.mxcsr = (int) data(LEFT + MXCSR);
    out.x87[0] = data(LEFT) & 0xffff_ffff_ffffL;
    for (int i = 1; i < X86Vector.X87_WORDS; i++) {
      out.x87[i] = data(LEFT + ST + 8 * (i - 1));
    }
    out.cr2 = core.r[0];
    int[] selectors = {(int) core.r[1], (int) data(at + 8), (int) data(at + 32), (int) core.r[2], (int) core.r[3],
        (int) core.r[6]};
    System.arraycopy(selectors, 0, out.selectors, 0, selectors.length);
    memory(out);
  }

  private void memory(X86Vector out) {
    long hash = 0xcbf2_9ce4_8422_2325L;
    for (int i = 0; i < 4096; i += 8) {
      hash = (hash ^ machine.readPhysical(SCRATCH_FRAME + i)) * 0x100_0000_01b3L;
    }
    out.hash = hash;
    for (int i = 0; i < X86Vector.SCRATCH_BYTES; i += 8) {
      X86Vector.view(out.scratch).putLong(i, machine.readPhysical(SCRATCH_FRAME + (X86Vector.SCRATCH & 0xfff) + i));
    }
  }

  private long data(long at) {
    return machine.readPhysical(DATA - LINK_OFFSET + at);
  }
}

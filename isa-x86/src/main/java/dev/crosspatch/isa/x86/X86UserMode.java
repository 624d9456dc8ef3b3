package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.uop.Uop;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Programs in 64-bit user mode. The gate has an entry of 16 bytes for each of 256 vectors, and one behind them for
/// SYSCALL: a store of AL to the device, and IRETQ. All come back by IRETQ, as Linux's do where a program's registers
/// are not those SYSRET gives.
final class X86UserMode implements UserMode {
  private static final Convention CONVENTION = new Convention(
      X86Core.RAX, List.of(X86Core.RDI, X86Core.RSI, X86Core.RDX, 10, 8, 9), X86Core.RAX, X86Core.RSP, 2, 128);

  // ---- the gate's text
  private static final int VECTORS = 256;
  private static final int ENTRY = 16;
  private static final int STORE_LENGTH = 9;
  private static final int IDLE = (VECTORS + 1) * ENTRY;
  /// HLT; JMP to it.
  private static final byte[] IDLE_LOOP = {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd};
  // ---- its data, from there on: IDT, then a page for each CPU, with its TSS below its stack
  private static final int DATA = 0x2000;
  private static final int PAGE = 4096;
  private static final int RSP0 = 4;
  private static final int TSS_SIZE = 104;

  // ---- selectors of the boot loader's GDT
  private static final int KERNEL_CODE = 0x10;
  private static final int KERNEL_DATA = 0x18;
  private static final int USER_DATA = 0x2b;
  private static final int USER_CODE = 0x33;
  private static final int PRESENT_INTERRUPT_GATE = 0x8e;
  private static final int PRIVILEGE_3 = 0x60;

  private static final int KICK = 0x40;
  private static final int SPURIOUS_ENABLED = 0x1ff;
  private static final int SIVR = 0x80f;
  private static final int EOI = 0x80b;
  private static final int NP_VECTOR = 11;
  private static final int SS_VECTOR = 12;
  private static final int GP_VECTOR = 13;
  private static final long HALF = 1L << 47;
  /// Linux maps nothing into the last page of the half (TASK_SIZE_MAX).
  private static final long USER_END = HALF - PAGE;
  /// Of a page fault's error code: the page is there.
  private static final int PROTECTION = 1;
  private static final int AC_VECTOR = 17;
  private static final int MF_VECTOR = 16;
  private static final int XM_VECTOR = 19;
  /// Where masks of exceptions are in MXCSR.
  private static final int MASKS = 7;
  /// What of RFLAGS is a program's own.
  private static final long USER_FLAGS = X86Core.ARITHMETIC | X86Core.TF | X86Core.DF | X86Core.RF | X86Core.AC
      | X86Core.ID | X86Core.NT;

  // ---- Linux's signals and codes
  private static final int SIGILL = 4;
  private static final int SIGTRAP = 5;
  private static final int SIGBUS = 7;
  private static final int SIGFPE = 8;
  private static final int SIGSEGV = 11;
  private static final int SI_KERNEL = 0x80;

  // ---- rt_sigframe (arch/x86/include/asm/sigframe.h, uapi/asm/sigcontext.h, ucontext.h)
  private static final int UC = 8;
  private static final int UC_STACK = UC + 16;
  private static final int REGISTERS = UC + 40;
  private static final int UC_MASK = REGISTERS + 256;
  private static final int INFO = UC_MASK + 8;
  private static final int FRAME = INFO + 128;
  private static final int FPSTATE = REGISTERS + 184;
  /// Of a least stack what is not the floating-point part: a frame of 32 bits, FSAVE's 112 bytes, and alignment.
  private static final int LEAST_REST = 940;
  /// Order of the general registers in `sigcontext`.
  private static final int[] ORDER = {8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4};
  private static final int RIP = REGISTERS + 128;
  private static final int FLAGS = REGISTERS + 136;
  private static final int SELECTORS = REGISTERS + 144;
  private static final int ERROR = REGISTERS + 152;
  private static final int CR2 = REGISTERS + 176;
  /// `uc_flags`: UC_FP_XSTATE, UC_SIGCONTEXT_SS and UC_STRICT_RESTORE_SS.
  private static final int UC_XSTATE = 1;
  private static final int UC_SS = 6;

  // ---- further registers of a context
  private static final int GS = 0;
  static final int MXCSR = 1;
  static final int FCW = 2;
  static final int FSW = 3;
  static final int FTW = 4;
  /// ST0 to ST7, each its significand, and its sign and exponent.
  static final int ST = 5;
  private static final int MORE = ST + 16;
  /// Bits above a canonical address.
  private static final int NOT_ADDRESS = 16;
  private static final Names NAMES = new Names(List.of("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8",
      "r9", "r10", "r11", "r12", "r13", "r14", "r15"), "rip", "fs_base", further(), "ymm",
      16, X86Core.VECTOR_WORDS);

  private static List<String> further() {
    List<String> names = new ArrayList<>(List.of("gs_base", "mxcsr", "fcw", "fsw", "ftw"));
    for (int i = 0; i < 8; i++) {
      names.addAll(List.of("st" + i, "st" + i + "_exponent"));
    }
    return names;
  }

  @Override
  public Convention convention() {
    return CONVENTION;
  }

  @Override
  public int privilege() {
    return 3;
  }

  @Override
  public long end() {
    return HALF;
  }

  // ---- the gate

  @Override
  public Image gate(long base, long device, int cpus) {
    byte[] code = new byte[IDLE + ENTRY];
    Arrays.fill(code, (byte) 0xcc);
    ByteBuffer text = little(code);
    for (int i = 0; i <= VECTORS; i++) {
      text.position(i * ENTRY).put((byte) 0xa2).putLong(device).put((byte) 0x48).put((byte) 0xcf);
    }
    text.put(IDLE, IDLE_LOOP);
    byte[] tables = new byte[PAGE * (1 + cpus)];
    ByteBuffer data = little(tables);
    for (int i = 0; i < VECTORS; i++) {
      long handler = base + (long) i * ENTRY;
      int type = PRESENT_INTERRUPT_GATE | (i == X86Exceptions.BP || i == 4 ? PRIVILEGE_3 : 0);
      data.position(i * 16);
      data.putShort((short) handler).putShort((short) KERNEL_CODE).put((byte) 0).put((byte) type)
          .putShort((short) (handler >> 16)).putInt((int) (handler >> 32));
    }
    for (int i = 0; i < cpus; i++) {
      data.putLong(PAGE * (1 + i) + RSP0, stack(base, i));
      data.putShort(PAGE * (1 + i) + X86Ports.TSS_BITMAP, (short) TSS_SIZE); // beyond the limit: no port
    }
    long back = base + STORE_LENGTH;
    return new Image(
        List.of(new Section(".text", base, code, Section.Access.TEXT),
            new Section(".data", base + DATA, tables, Section.Access.DATA)),
        List.of(new Symbol("start", back, 0, Symbol.Kind.NOTYPE),
            new Symbol("secondary_start", back, 0, Symbol.Kind.NOTYPE)));
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long base(Image gate) {
    return gate.address("start") - STORE_LENGTH;
  }

  /// Where the kernel's stack of a CPU ends.
  private static long stack(long base, int cpu) {
    return base + DATA + PAGE * (2L + cpu);
  }

  @Override
  public void prepare(Core core, Image gate, long device) {
    X86Core c = (X86Core) core;
    long base = base(gate);
    c.idtBase = base + DATA;
    c.idtLimit = VECTORS * 16 - 1;
    c.tssBase = base + DATA + PAGE * (1L + c.id);
    c.tssLimit = TSS_SIZE - 1;
    c.efer |= X86Core.EFER_SCE;
    c.star = (long) KERNEL_CODE << 32 | (long) (USER_DATA - 8) << 48;
    c.lstar = base + VECTORS * ENTRY;
    c.syscallMask = X86Core.IF | X86Core.TF | X86Core.DF | X86Core.NT | X86Core.AC;
    c.cr4 |= c.level.cr4(
        X86Core.CR4_FSGSBASE | X86Core.CR4_OSFXSR | X86Core.CR4_OSXMMEXCPT | X86Core.CR4_OSXSAVE);
    c.tscAux = c.id; // arch/x86/include/asm/segment.h, vdso_encode_cpunode: of node 0
    c.apic.write(SIVR, SPURIOUS_ENABLED);
  }

  private static int vector(X86Core c, Image gate) {
    return (int) (c.pc - base(gate)) / ENTRY;
  }

  private static boolean hasError(int vector) {
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == AC_VECTOR;
  }

  /// Slot `i` of the frame: RIP, CS, RFLAGS, RSP, SS.
  private static long slot(X86Core c, int vector, int i) {
    return c.systemLoad(c.r[X86Core.RSP] + 8L * (i + (hasError(vector) ? 1 : 0)), 3);
  }

  @Override
  public Trap trap(Core core, Image gate) {
    X86Core c = (X86Core) core;
    int vector = vector(c, gate);
    if (vector == VECTORS) {
      return new Trap(Sort.CALL, 0, 0, 0, 0, 0, 0);
    }
    if (vector == KICK || vector == X86Exceptions.NMI) {
      if (vector == KICK) {
        c.apic.write(EOI, 0);
      }
      return new Trap(Sort.INTERRUPT, 0, 0, 0, 0, vector, 0);
    }
    long error = hasError(vector) ? c.systemLoad(c.r[X86Core.RSP], 3) : 0;
    long pc = slot(c, vector, 0);
    return switch (vector) {
      case 14 -> new Trap(Sort.PAGE, SIGSEGV, 0, c.cr2,
          (error & 16) != 0 ? Core.FETCH : (error & 2) != 0 ? Core.WRITE : Core.READ, vector, error);
      case X86Exceptions.DE -> new Trap(Sort.FAULT, SIGFPE, 1, pc, 0, vector, 0);
      case X86Exceptions.DB -> new Trap(Sort.FAULT, SIGTRAP, debugCode(c), pc, 0, vector, 0);
      case X86Exceptions.BP -> new Trap(Sort.FAULT, SIGTRAP, SI_KERNEL, 0, 0, vector, 0);
      case X86Exceptions.UD -> new Trap(Sort.FAULT, SIGILL, 2, pc, 0, vector, 0);
      case MF_VECTOR -> new Trap(Sort.FAULT, SIGFPE, floatCode(c.x87.status & ~c.x87.control), pc, 0, vector, 0);
      case XM_VECTOR -> new Trap(Sort.FAULT, SIGFPE, floatCode(c.mxcsr & ~(c.mxcsr >>> MASKS)), pc, 0, vector, 0);
      case NP_VECTOR, SS_VECTOR -> new Trap(Sort.FAULT, SIGBUS, SI_KERNEL, 0, 0, vector, error);
      case AC_VECTOR -> new Trap(Sort.FAULT, SIGBUS, 1, 0, 0, vector, error);
      default -> new Trap(Sort.FAULT, SIGSEGV, SI_KERNEL, 0, 0, vector, error);
    };
  }

  /// `si_code` of #DB: TRAP_BRKPT if DR6 gives no cause, as of INT1, or TRAP_TRACE or TRAP_HWBKPT
  /// (arch/x86/kernel/traps.c, exc_debug_user; asm/traps.h, get_si_code). DR6 is cleared, as Linux does.
  private static int debugCode(X86Core c) {
    long cause = c.dr[6];
    c.dr[6] = 0;
    return cause == 0 ? 1 : (cause & X86Debug.SINGLE_STEP) != 0 ? 2 : 4;
  }

  /// `si_code` of exceptions of floating point that are not masked (arch/x86/kernel/fpu/core.c, fpu__exception_code):
  /// FPE_FLTINV, FPE_FLTDIV, FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES.
  ///
  /// @param raised invalid, denormal, divided by 0, overflow, underflow, inexact, from bit 0 on
  private static int floatCode(int raised) {
    return (raised & 1) != 0 ? 7 : (raised & 4) != 0 ? 3 : (raised & 8) != 0 ? 4 : (raised & 0x12) != 0 ? 5
        : (raised & 0x20) != 0 ? 6 : 0;
  }

  @Override
  public void save(Core core, Image gate, UserContext to) {
    X86Core c = (X86Core) core;
    int vector = vector(c, gate);
    System.arraycopy(c.r, 0, to.r, 0, 16);
    if (vector == VECTORS) {
      to.pc = c.r[X86Core.RCX];
      to.flags = c.r[X86Core.R11];
    } else {
      to.pc = slot(c, vector, 0);
      to.flags = slot(c, vector, 2);
      to.r[X86Core.RSP] = slot(c, vector, 3);
    }
    rest(c, to);
  }

  @Override
  public void resume(Core core, Image gate, UserContext from) {
    X86Core c = (X86Core) core;
    registers(c, from);
    frame(c, gate, from.pc, USER_CODE, (from.flags & USER_FLAGS) | X86Core.IF | 2, from.r[X86Core.RSP], USER_DATA);
  }

  /// IRETQ raises #GP where it is if the address it returns to is not canonical; Linux tells the program as if it had
  /// come there (arch/x86/entry/entry_64.S, error_bad_iret).
  @Override
  public @Nullable Trap refused(UserContext context) {
    return Uop.isCanonical(context.pc) ? null : new Trap(Sort.FAULT, SIGSEGV, SI_KERNEL, 0, 0, GP_VECTOR, 0);
  }

  @Override
  public Names names() {
    return NAMES;
  }

  @Override
  public void place(Core core, UserContext from) {
    X86Core c = (X86Core) core;
    registers(c, from);
    c.pc = from.pc;
    c.privilege = USER_CODE & 3;
    c.selector[X86Core.CS] = USER_CODE;
    c.selector[X86Core.SS] = USER_DATA;
    c.setFlags((from.flags & USER_FLAGS) | X86Core.IF, -1);
    c.shadowPc = -1;
    c.stackShadowPc = -1;
    c.partPc = -1;
    c.stepDue = false;
    c.faultCode = 0;
    c.monitor.clear();
    c.resynchronize();
  }

  @Override
  public void read(Core core, UserContext to) {
    X86Core c = (X86Core) core;
    System.arraycopy(c.r, 0, to.r, 0, 16);
    to.pc = c.pc;
    to.flags = c.rflags();
    rest(c, to);
  }

  /// What a context has besides general registers, flags and address.
  private static void rest(X86Core c, UserContext to) {
    to.thread = c.r[X86Core.FS_BASE];
    to.more[GS] = c.r[X86Core.GS_BASE];
    to.more[MXCSR] = c.mxcsr;
    to.more[FCW] = c.x87.control;
    to.more[FSW] = c.x87.status;
    to.more[FTW] = c.x87.tags;
    for (int i = 0; i < 8; i++) {
      to.more[ST + 2 * i] = c.x87.significand[i];
      to.more[ST + 2 * i + 1] = c.x87.exponent[i];
    }
    System.arraycopy(c.v, 0, to.v, 0, c.v.length);
  }

  /// Registers hold what they can hold.
  private static void registers(X86Core c, UserContext from) {
    System.arraycopy(from.r, 0, c.r, 0, 16);
    c.r[X86Core.FS_BASE] = from.thread << NOT_ADDRESS >> NOT_ADDRESS;
    c.r[X86Core.GS_BASE] = from.more[GS] << NOT_ADDRESS >> NOT_ADDRESS;
    X86Floats.setMxcsr(c, (int) from.more[MXCSR] & X86Floats.MXCSR_MASK);
    c.x87.control = X86X87.control((int) from.more[FCW]);
    c.x87.status = (int) from.more[FSW] & 0xffff;
    c.x87.tags = (int) from.more[FTW] & 0xff;
    c.x87.summarize();
    for (int i = 0; i < 8; i++) {
      c.x87.significand[i] = from.more[ST + 2 * i];
      c.x87.exponent[i] = (int) from.more[ST + 2 * i + 1] & 0xffff;
    }
    System.arraycopy(from.v, 0, c.v, 0, c.v.length);
  }

  @Override
  public void idle(Core core, Image gate) {
    X86Core c = (X86Core) core;
    frame(c, gate, base(gate) + IDLE, KERNEL_CODE, X86Core.IF | 2, stack(base(gate), c.id), KERNEL_DATA);
  }

  /// What IRETQ, which is next, pops.
  private static void frame(X86Core c, Image gate, long... slots) {
    long at = stack(base(gate), c.id) - 40;
    for (int i = 0; i < slots.length; i++) {
      c.systemStore(at + 8L * i, slots[i], 3);
    }
    c.r[X86Core.RSP] = at;
    c.resynchronize();
  }

  @Override
  public void kick(Core core, long clock) {
    core.machine.post(core.id, clock, X86Apic.FIXED_EVENT, KICK);
  }

  /// CPUID leaf 1 EDX; and whether RDFSBASE and kin may be used.
  @Override
  public long[] capabilities(Core core) {
    return new long[] {X86Cpuid.features(), ((X86Core) core).level.cr4(X86Core.CR4_FSGSBASE) != 0 ? 2 : 0};
  }

  @Override
  public UserContext newContext(Core core) {
    UserContext context = new UserContext(core.v.length, MORE);
    X86SignalFloats.reset(context);
    return context;
  }

  // ---- signals

  @Override
  public byte[] trampoline() {
    return new byte[0];
  }

  /// Whether Linux has XSAVE on a core.
  private static boolean hasXsave(Core core) {
    return ((X86Core) core).level.cr4(X86Core.CR4_OSXSAVE) != 0;
  }

  @Override
  public byte[] frame(Core core, UserContext context, Delivery signal, long stack) {
    boolean xsave = hasXsave(core);
    int size = X86SignalFloats.size(xsave);
    long floats = stack - size & -64;
    long at = (floats - FRAME & -16) - 8;
    byte[] bytes = new byte[(int) (floats - at) + size];
    ByteBuffer out = little(bytes);
    out.putLong(0, signal.restorer()).putLong(UC, UC_SS | (xsave ? UC_XSTATE : 0));
    for (int i = 0; i < 3; i++) {
      out.putLong(UC_STACK + 8 * i, signal.altStack()[i]);
    }
    for (int i = 0; i < ORDER.length; i++) {
      out.putLong(REGISTERS + 8 * i, context.r[ORDER[i]]);
    }
    out.putLong(RIP, context.pc).putLong(FLAGS, context.flags | X86Core.IF | 2);
    out.putShort(SELECTORS, (short) USER_CODE).putShort(SELECTORS + 6, (short) USER_DATA);
    out.putLong(ERROR, signal.fault()[0]).putLong(ERROR + 8, signal.fault()[1]).putLong(CR2, signal.fault()[2]);
    out.putLong(FPSTATE, floats).putLong(UC_MASK, signal.mask()).put(INFO, signal.info());
    X86SignalFloats.save(out, (int) (floats - at), context, xsave);
    context.r[X86Core.RSP] = at;
    context.r[X86Core.RDI] = signal.number();
    context.r[X86Core.RSI] = at + INFO;
    context.r[X86Core.RDX] = at + UC;
    context.r[X86Core.RAX] = 0;
    context.flags &= ~(X86Core.DF | X86Core.TF | X86Core.RF);
    context.pc = signal.handler();
    return bytes;
  }

  /// Error code, vector, and CR2, which other faults than of pages leave as it is (arch/x86/kernel/traps.c,
  /// do_trap_no_signal; arch/x86/mm/fault.c, set_signal_archinfo).
  @Override
  public long[] kept(Trap trap, long[] before) {
    return new long[] {told(trap), trap.vector(), trap.sort() == Sort.PAGE ? trap.address() : before[2]};
  }

  /// The error code that a program is told: all of the kernel's addresses are there and forbidden
  /// (arch/x86/mm/fault.c, sanitize_error_code).
  private static long told(Trap trap) {
    boolean kernels = trap.sort() == Sort.PAGE && Long.compareUnsigned(trap.address(), USER_END) >= 0;
    return trap.error() | (kernels ? PROTECTION : 0);
  }

  /// RET has taken the restorer's address from the frame.
  private static ByteBuffer returned(UserContext context, Memory memory) {
    return little(memory.read(context.r[X86Core.RSP] - 8, FRAME));
  }

  /// As kernels have it that run 32-bit programs, too: on a core of the same states Linux 6.18 says 1,776.
  @Override
  public int leastStack(Core core) {
    return X86SignalFloats.size(hasXsave(core)) + LEAST_REST + 15 & -16;
  }

  @Override
  public Saved saved(UserContext context, Memory memory) {
    return Saved.of(returned(context, memory), UC_STACK, UC_MASK);
  }

  @Override
  public boolean unframe(Core core, UserContext context, Memory memory) {
    ByteBuffer in = returned(context, memory);
    for (int i = 0; i < ORDER.length; i++) {
      context.r[ORDER[i]] = in.getLong(REGISTERS + 8 * i);
    }
    context.pc = in.getLong(RIP);
    context.flags = in.getLong(FLAGS);
    return X86SignalFloats.restore(in.getLong(FPSTATE), context, memory, hasXsave(core));
  }
}

package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/// Programs at EL0. The gate is a table of vectors, each a store to SP_EL1, which is the device's address for good, and
/// ERET; so it needs no register of the program's.
final class Arm64UserMode implements UserMode {
  private static final Convention CONVENTION =
      new Convention(8, IntStream.range(0, 6).boxed().toList(), 0, Arm64Core.SP, 4, 0);

  // ---- the gate's text: 16 vectors, then a loop of WFI
  private static final int VECTOR = 0x80;
  private static final int VECTORS = 16;
  private static final int IDLE = VECTORS * VECTOR;
  private static final int STORE = 0xb900_03ff;
  private static final int ERET = 0xd69f_03e0;
  private static final int WFI = 0xd503_207f;
  private static final int BACK = 0x17ff_ffff;
  /// Of the offset of a vector: whether it is an interrupt's.
  private static final int IRQ = 0x80;

  private static final int KICK = 1;
  private static final long ALL_PRIORITIES = 0xf8;
  /// CPACR_EL1.FPEN: no traps.
  private static final long FPEN = 3 << 20;
  private static final long MODE_EL0 = 0;
  private static final long MODE_EL1H = 5;
  private static final long NZCV_MASK = 0xf000_0000L;
  private static final long SPSR_SSBS = 1 << 12;
  private static final long SPSR_BTYPE = 3 << 10;
  private static final long SPSR_BTYPE_CALL = Arm64BranchTarget.CALL << 10;
  private static final int FLOATING_POINT = 0x2c;
  private static final long USER_END = 1L << 48;
  /// Of a syndrome, what says what the instruction was: EC and IL; CM and WnR.
  private static final long INSTRUCTION = 0xfe00_0000L;

  private static final long DATA = Arm64Syndrome.MAINTENANCE | Arm64Syndrome.WRITE;
  private static final long TAG = 0xffL << 56;
  /// Which half an address is in.
  private static final long HIGH = 1L << 55;

  // ---- Linux's signals
  private static final int SIGILL = 4;
  private static final int SIGTRAP = 5;
  private static final int SIGBUS = 7;
  private static final int SIGFPE = 8;
  private static final int SIGSEGV = 11;

  // ---- rt_sigframe (arch/arm64/kernel/signal.c, uapi/asm/sigcontext.h, ucontext.h)
  private static final int UC = 128;
  private static final int UC_STACK = UC + 16;
  private static final int UC_MASK = UC + 40;
  private static final int FAULT_ADDRESS = UC + 176;
  private static final int REGISTERS = FAULT_ADDRESS + 8;
  private static final int PC = REGISTERS + 32 * 8;
  private static final int PSTATE = PC + 8;
  private static final int RESERVED = UC + 464;
  private static final int FRAME = RESERVED + 4096;
  private static final int RECORD = 16;
  private static final int FPSIMD_MAGIC = 0x4650_8001;
  private static final int FPSIMD_SIZE = 528;
  private static final int ESR_MAGIC = 0x4553_5201;

  /// MOV X8, #139; SVC #0.
  private static final byte[] TRAMPOLINE = {0x68, 0x11, (byte) 0x80, (byte) 0xd2, 0x01, 0x00, 0x00, (byte) 0xd4};

  // ---- further registers of a context
  private static final int FPCR_AT = 0;
  private static final int FPSR_AT = 1;
  private static final int MORE = 2;
  private static final Names NAMES = new Names(
      IntStream.range(0, 32).mapToObj(i -> i == Arm64Core.SP ? "sp" : "x" + i).toList(), "pc", "tpidr_el0",
      List.of("fpcr", "fpsr"), "v", 32, Arm64Core.VECTOR_WORDS);

  @Override
  public Convention convention() {
    return CONVENTION;
  }

  @Override
  public int privilege() {
    return 0;
  }

  @Override
  public long end() {
    return USER_END;
  }

  // ---- the gate

  @Override
  public Image gate(long base, long device, int cpus) {
    byte[] bytes = new byte[IDLE + 8];
    ByteBuffer text = little(bytes);
    for (int i = 0; i < VECTORS; i++) {
      text.putInt(i * VECTOR, STORE).putInt(i * VECTOR + 4, ERET);
    }
    text.putInt(IDLE, WFI).putInt(IDLE + 4, BACK);
    return new Image(
        List.of(new Section(".text", base, bytes, Section.Access.TEXT)),
        List.of(new Symbol("start", base + 4, 0, Symbol.Kind.NOTYPE),
            new Symbol("secondary_start", base + 4, 0, Symbol.Kind.NOTYPE)));
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void prepare(Core core, Image gate, long device) {
    Arm64Core c = (Arm64Core) core;
    c.system.set(VBAR_EL1, gate.address("start") - 4);
    c.system.set(CPACR_EL1, FPEN);
    c.system.set(CNTKCTL_EL1, Arm64SystemRegisters.EL0VCTEN); // as Linux, arch_counter_set_user_access
    c.system.set(TCR_EL1, c.system.get(TCR_EL1) | Arm64Mmu.TCR_TBI0); // arch/arm64/mm/proc.S
    c.mmu.configured();
    c.system.set(SCTLR_EL1, (c.system.get(SCTLR_EL1) & ~Arm64SystemRegisters.SCTLR_NTWI)
        | Arm64SystemRegisters.SCTLR_UCI | Arm64SystemRegisters.SCTLR_UCT | Arm64SystemRegisters.SCTLR_DZE
        | Arm64SystemRegisters.SCTLR_SA0
        | (guards(core) ? Arm64BranchTarget.SCTLR_BT0 | Arm64BranchTarget.SCTLR_BT1 : 0));
    if (c.preset.has(Arm64Feature.PAUTH)) {
      Arm64PointerAuth.arm(c);
    }
    c.setStackPointer(1, device);
    c.gic.write(ICC_PMR_EL1, ALL_PRIORITIES);
    c.gic.write(ICC_IGRPEN1_EL1, 1);
  }

  @Override
  public Trap trap(Core core, Image gate) {
    Arm64Core c = (Arm64Core) core;
    if (((c.pc - c.system.get(VBAR_EL1)) & IRQ) != 0) {
      c.gic.write(ICC_EOIR1_EL1, c.gic.read(ICC_IAR1_EL1));
      return new Trap(Sort.INTERRUPT, 0, 0, 0, 0, 0, 0);
    }
    long esr = c.system.get(ESR_EL1);
    int syndrome = (int) esr;
    int status = Arm64Syndrome.status(syndrome);
    long far = untagged(c.system.get(FAR_EL1));
    long pc = c.system.get(ELR_EL1);
    return switch (Arm64Syndrome.exceptionClass(syndrome)) {
      case Arm64Syndrome.SVC -> new Trap(Sort.CALL, 0, 0, 0, 0, esr, 0);
      case Arm64Syndrome.FETCH_ABORT -> new Trap(Sort.PAGE, SIGSEGV, 0, far, Core.FETCH, esr, 0);
      case Arm64Syndrome.DATA_ABORT -> status == Arm64Syndrome.ALIGNMENT
          ? new Trap(Sort.FAULT, SIGBUS, 1, far, 0, esr, 0)
          : new Trap(Sort.PAGE, SIGSEGV, 0, far,
              (syndrome & Arm64Syndrome.WRITE) != 0 && (syndrome & Arm64Syndrome.MAINTENANCE) == 0
                  ? Core.WRITE : Core.READ, esr, 0);
      case Arm64Syndrome.PC_ALIGNMENT -> new Trap(Sort.FAULT, SIGBUS, 1, pc, 0, esr, 0);
      case Arm64Syndrome.SP_ALIGNMENT -> new Trap(Sort.FAULT, SIGBUS, 1, c.stackPointer(0), 0, esr, 0);
      case Arm64Syndrome.BRK -> new Trap(Sort.FAULT, SIGTRAP, 1, pc, 0, esr, 0);
      case FLOATING_POINT -> new Trap(Sort.FAULT, SIGFPE, 0, pc, 0, esr, 0);
      default -> new Trap(Sort.FAULT, SIGILL, 1, pc, 0, esr, 0);
    };
  }

  @Override
  public long tagBits() {
    return TAG;
  }

  /// Addresses of the lower half have tags (arch/arm64/include/asm/uaccess.h, untagged_addr).
  private static long untagged(long address) {
    return (address & HIGH) == 0 ? address & ~TAG : address;
  }

  @Override
  public void save(Core core, Image gate, UserContext to) {
    Arm64Core c = (Arm64Core) core;
    System.arraycopy(c.r, 0, to.r, 0, Arm64Core.SP);
    to.r[Arm64Core.SP] = c.stackPointer(0);
    to.pc = c.system.get(ELR_EL1);
    to.flags = c.system.get(SPSR_EL1);
    take(c, to);
  }

  @Override
  public void resume(Core core, Image gate, UserContext from) {
    Arm64Core c = (Arm64Core) core;
    System.arraycopy(from.r, 0, c.r, 0, Arm64Core.SP);
    c.setStackPointer(0, from.r[Arm64Core.SP]);
    rest(c, from);
    back(c, from.pc, (from.flags & (NZCV_MASK | SPSR_SSBS | SPSR_BTYPE)) | MODE_EL0);
  }

  @Override
  public Names names() {
    return NAMES;
  }

  @Override
  public void place(Core core, UserContext from) {
    Arm64Core c = (Arm64Core) core;
    c.privilege = 0;
    c.selectStack(0);
    System.arraycopy(from.r, 0, c.r, 0, Arm64Core.SP + 1);
    rest(c, from);
    c.pc = from.pc;
    c.setDaif(0);
    c.setNzcv(from.flags);
    c.illegal = false;
    c.target.clear();
    c.faultCode = 0;
    c.monitor.clear();
    c.resynchronize();
  }

  @Override
  public void read(Core core, UserContext to) {
    Arm64Core c = (Arm64Core) core;
    System.arraycopy(c.r, 0, to.r, 0, Arm64Core.SP + 1);
    to.pc = c.pc;
    to.flags = c.nzcv();
    take(c, to);
  }

  /// What a context has besides general registers, flags and address.
  private static void take(Arm64Core c, UserContext to) {
    to.thread = c.system.get(TPIDR_EL0);
    to.more[FPCR_AT] = c.system.read(FPCR);
    to.more[FPSR_AT] = c.system.read(FPSR);
    System.arraycopy(c.v, 0, to.v, 0, c.v.length);
  }

  private static void rest(Arm64Core c, UserContext from) {
    c.system.set(TPIDR_EL0, from.thread);
    c.system.write(FPCR, from.more[FPCR_AT]);
    c.system.write(FPSR, from.more[FPSR_AT]);
    System.arraycopy(from.v, 0, c.v, 0, c.v.length);
  }

  @Override
  public void idle(Core core, Image gate) {
    back((Arm64Core) core, gate.address("start") - 4 + IDLE, MODE_EL1H);
  }

  private static void back(Arm64Core c, long pc, long state) {
    c.system.set(ELR_EL1, pc);
    c.system.set(SPSR_EL1, state);
    c.resynchronize();
  }

  @Override
  public void kick(Core core, long clock) {
    core.machine.post(core.id, clock, Arm64Gic.EVENT_SGI, KICK);
  }

  // ---- what Linux tells of the core

  /// Where an identification register's field says that there is something: bit of `AT_HWCAP` or, from 64 on, of
  /// `AT_HWCAP2`, register, lowest bit of the field, least value (arch/arm64/kernel/cpufeature.c, arm64_elf_hwcaps). A
  /// field of FP or SIMD that is 15 says that there is none.
  private static final List<Capability> CAPABILITIES = List.of(
      new Capability(0, ID_AA64PFR0_EL1, 16, 0), new Capability(9, ID_AA64PFR0_EL1, 16, 1),
      new Capability(1, ID_AA64PFR0_EL1, 20, 0), new Capability(10, ID_AA64PFR0_EL1, 20, 1),
      new Capability(3, ID_AA64ISAR0_EL1, 4, 1), new Capability(4, ID_AA64ISAR0_EL1, 4, 2),
      new Capability(5, ID_AA64ISAR0_EL1, 8, 1), new Capability(6, ID_AA64ISAR0_EL1, 12, 1),
      new Capability(21, ID_AA64ISAR0_EL1, 12, 2), new Capability(7, ID_AA64ISAR0_EL1, 16, 1),
      new Capability(8, ID_AA64ISAR0_EL1, 20, 2), new Capability(12, ID_AA64ISAR0_EL1, 28, 1),
      new Capability(17, ID_AA64ISAR0_EL1, 32, 1), new Capability(20, ID_AA64ISAR0_EL1, 44, 1),
      new Capability(23, ID_AA64ISAR0_EL1, 48, 1), new Capability(27, ID_AA64ISAR0_EL1, 52, 1),
      new Capability(16, ID_AA64ISAR1_EL1, 0, 1), new Capability(13, ID_AA64ISAR1_EL1, 12, 1),
      new Capability(14, ID_AA64ISAR1_EL1, 16, 1), new Capability(15, ID_AA64ISAR1_EL1, 20, 1),
      new Capability(26, ID_AA64ISAR1_EL1, 20, 2), new Capability(29, ID_AA64ISAR1_EL1, 36, 1),
      new Capability(25, ID_AA64MMFR2_EL1, 32, 1), new Capability(28, ID_AA64PFR1_EL1, 4, 2),
      new Capability(30, ID_AA64ISAR1_EL1, 4, 1), new Capability(31, ID_AA64ISAR1_EL1, 24, 1),
      new Capability(64, ID_AA64ISAR1_EL1, 0, 2), new Capability(64 + 16, ID_AA64ISAR0_EL1, 60, 1),
      new Capability(64 + 17, ID_AA64PFR1_EL1, 0, 1));

  /// Identification registers can be read.
  private static final long IDENTIFIED = 1 << 11;
  private static final int MRS = 0xd530_0000;
  /// Op0, op1 and CRn of an identification register.
  private static final int IDENTIFICATION = 3 << 7;

  /// GNU_PROPERTY_AARCH64_FEATURE_1_AND, of which bit 0 is BTI.
  private static final int FEATURE_1_AND = 0xc000_0000;

  private record Capability(int bit, Arm64SystemRegister register, int field, int least) {
    boolean of(Arm64Core core) {
      long value = core.system.get(register) >>> field & 15;
      boolean none = least == 0 || register == ID_AA64PFR0_EL1;
      return value >= least && !(none && value == 15);
    }
  }

  /// MRS of an identification register, which is undefined at EL0 and which Linux does all the same
  /// (Documentation/arch/arm64/cpu-feature-registers.rst); WFI, which may end at once (DDI0487 D1.6.2): there may be no
  /// interrupt to come.
  @Override
  public boolean emulate(Core core, UserContext context, long trap) {
    int sort = Arm64Syndrome.exceptionClass((int) trap);
    if (sort == Arm64Syndrome.WAIT_TRAP) {
      context.pc += 4;
      context.flags &= ~SPSR_BTYPE;
      return true;
    }
    if (sort != 0) {
      return false;
    }
    int word = (int) core.load(context.pc, 2, 0);
    boolean there = core.faultCode == 0;
    core.faultCode = 0;
    int encoding = word >>> 5 & 0xffff;
    if (!there || (word & 0xfff0_0000) != MRS || encoding >> 7 != IDENTIFICATION) {
      return false;
    }
    Long value = Arm64UserRegisters.value((Arm64Core) core, encoding);
    if (value == null) {
      return false;
    }
    int rt = word & 31;
    if (rt != Arm64Core.SP) {
      context.r[rt] = value;
    }
    context.pc += 4;
    context.flags &= ~SPSR_BTYPE;
    return true;
  }

  @Override
  public long[] capabilities(Core core) {
    long[] bits = {IDENTIFIED, 0};
    for (Capability capability : CAPABILITIES) {
      bits[capability.bit / Long.SIZE] |= capability.of((Arm64Core) core) ? 1L << capability.bit : 0;
    }
    return bits;
  }

  @Override
  public boolean guards(Core core) {
    return ((Arm64Core) core).preset.has(Arm64Feature.BTI);
  }

  @Override
  public int guardProperty() {
    return FEATURE_1_AND;
  }

  @Override
  public UserContext newContext(Core core) {
    return new UserContext(core.v.length, MORE);
  }

  // ---- signals

  @Override
  public byte[] trampoline() {
    return TRAMPOLINE.clone();
  }

  /// A handler is entered as by BLR (arch/arm64/kernel/signal.c, setup_return).
  @Override
  public byte[] frame(Core core, UserContext context, Delivery signal, long stack) {
    long record = stack - RECORD & -16;
    long at = record - FRAME & -16;
    byte[] bytes = new byte[(int) (record - at) + RECORD];
    ByteBuffer out = little(bytes);
    out.put(0, signal.info());
    for (int i = 0; i < 3; i++) {
      out.putLong(UC_STACK + 8 * i, signal.altStack()[i]);
    }
    out.putLong(UC_MASK, signal.mask());
    for (int i = 0; i < 32; i++) {
      out.putLong(REGISTERS + 8 * i, context.r[i]);
    }
    out.putLong(PC, context.pc).putLong(PSTATE, context.flags);
    int next = RESERVED;
    out.putInt(next, FPSIMD_MAGIC).putInt(next + 4, FPSIMD_SIZE);
    out.putInt(next + 8, (int) context.more[FPSR_AT]).putInt(next + 12, (int) context.more[FPCR_AT]);
    for (int i = 0; i < context.v.length; i++) {
      out.putLong(next + 16 + 8 * i, context.v[i]);
    }
    next += FPSIMD_SIZE;
    out.putLong(FAULT_ADDRESS, signal.fault()[0]);
    if (signal.fault()[1] != 0) {
      out.putInt(next, ESR_MAGIC).putInt(next + 4, 16).putLong(next + 8, signal.fault()[1]);
    }
    out.putLong((int) (record - at), context.r[29]).putLong((int) (record - at) + 8, context.r[30]);
    context.r[0] = signal.number();
    context.r[1] = at;
    context.r[2] = at + UC;
    context.r[29] = record;
    context.r[30] = signal.restorer();
    context.r[Arm64Core.SP] = at;
    context.pc = signal.handler();
    context.flags = (context.flags & ~SPSR_BTYPE) | (guards(core) ? SPSR_BTYPE_CALL : 0);
    return bytes;
  }

  private static boolean isAccess(Trap trap) {
    return trap.sort() == Sort.PAGE || Arm64Syndrome.exceptionClass((int) trap.vector()) == Arm64Syndrome.DATA_ABORT;
  }

  /// The address that was accessed, or 0, and the syndrome that a program is told, or 0; breakpoints and exceptions of
  /// floating point leave both as they are (arch/arm64/kernel/traps.c, arm64_notify_die; debug-monitors.c,
  /// send_user_sigtrap; fpsimd.c, do_fpsimd_exc).
  @Override
  public long[] kept(Trap trap, long[] before) {
    return switch (Arm64Syndrome.exceptionClass((int) trap.vector())) {
      case Arm64Syndrome.BRK, FLOATING_POINT -> before;
      default -> new long[] {isAccess(trap) ? trap.address() : 0, told(trap), 0};
    };
  }

  /// The syndrome that a program is told, or 0: of accesses, of the kernel's addresses only that nothing is there
  /// (arch/arm64/mm/fault.c, set_thread_esr), and of addresses that are not aligned; of undefined instructions and
  /// landing pads none (traps.c, do_el0_undef, do_el0_bti).
  private static long told(Trap trap) {
    long esr = trap.vector();
    if (!isAccess(trap)) {
      return switch (Arm64Syndrome.exceptionClass((int) esr)) {
        case Arm64Syndrome.PC_ALIGNMENT, Arm64Syndrome.SP_ALIGNMENT -> esr;
        default -> 0;
      };
    }
    if (trap.sort() != Sort.PAGE || Long.compareUnsigned(trap.address(), USER_END) < 0) {
      return esr;
    }
    long kept = trap.access() == Core.FETCH ? INSTRUCTION : INSTRUCTION | DATA;
    return (esr & kept) | Arm64Syndrome.TRANSLATION;
  }

  /// A frame, its `frame_record`, and alignment (arch/arm64/kernel/signal.c, minsigstksz_setup).
  @Override
  public int leastStack(Core core) {
    return FRAME + RECORD + 16;
  }

  @Override
  public Saved saved(UserContext context, Memory memory) {
    return Saved.of(little(memory.read(context.r[Arm64Core.SP], FRAME)), UC_STACK, UC_MASK);
  }

  /// A frame lies at a multiple of 16 and has an `fpsimd_context` (arch/arm64/kernel/signal.c, rt_sigreturn,
  /// restore_sigframe).
  @Override
  public boolean unframe(Core core, UserContext context, Memory memory) {
    long at = context.r[Arm64Core.SP];
    if (at % 16 != 0) {
      return false;
    }
    ByteBuffer in = little(memory.read(at, FRAME));
    for (int i = 0; i < 32; i++) {
      context.r[i] = in.getLong(REGISTERS + 8 * i);
    }
    context.pc = in.getLong(PC);
    context.flags = in.getLong(PSTATE);
    if (in.getInt(RESERVED) != FPSIMD_MAGIC || in.getInt(RESERVED + 4) != FPSIMD_SIZE) {
      return false;
    }
    context.more[FPSR_AT] = in.getInt(RESERVED + 8);
    context.more[FPCR_AT] = in.getInt(RESERVED + 12);
    for (int i = 0; i < context.v.length; i++) {
      context.v[i] = in.getLong(RESERVED + 16 + 8 * i);
    }
    return true;
  }
}

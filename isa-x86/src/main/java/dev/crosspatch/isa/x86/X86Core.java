package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.fp.ExtendedUnit;
import dev.crosspatch.core.fp.FloatRules;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.uop.Helper;
import dev.crosspatch.core.uop.Uop;
import java.util.Set;

/// An x86-64 core in 64-bit mode: system registers, and the dispatch of complex micro-ops to [X86Helpers] and its
/// neighbours.
///
/// What is not there, and how a program is told: docs/isa-coverage.md.
final class X86Core extends Core {
  /// Words of a vector register in [#v]: YMM0 to YMM15, 256 bits each, whose low halves are XMM0 to XMM15.
  static final int VECTOR_WORDS = 4;
  // ---- register numbers in r[]
  static final int RAX = 0;
  static final int RCX = 1;
  static final int RDX = 2;
  static final int RBX = 3;
  static final int RSP = 4;
  static final int RBP = 5;
  static final int RSI = 6;
  static final int RDI = 7;
  static final int R11 = 11;
  static final int FS_BASE = Uop.ISA0;
  static final int GS_BASE = Uop.ISA0 + 1;

  // ---- segment registers in selector[]
  static final int ES = 0;
  static final int CS = 1;
  static final int SS = 2;
  static final int DS = 3;
  static final int FS = 4;
  static final int GS = 5;
  static final int LDTR = 6;
  static final int TR = 7;

  // ---- RFLAGS bits besides those of core.cpu.Flags (SDM vol. 1 3.4.3)
  static final int TF = 1 << 8;
  static final int IF = 1 << 9;
  static final int DF = 1 << 10;
  static final int IOPL = 3 << 12;
  static final int NT = 1 << 14;
  static final int RF = 1 << 16;
  static final int AC = 1 << 18;
  static final int ID = 1 << 21;
  /// CF, PF, AF, ZF, SF, OF.
  static final int ARITHMETIC = 0x8d5;

  private static final int SYSTEM_FLAGS = TF | IF | DF | IOPL | NT | RF | AC | ID;
  private static final int ALWAYS_ONE = 2;

  // ---- CR0, CR4, EFER bits (SDM vol. 3 2.5, 2.2.1)
  static final long CR0_EM = 1L << 2;
  static final long CR0_TS = 1L << 3;
  static final long CR0_WP = 1L << 16;
  static final long CR0_AM = 1L << 18;
  static final long CR4_TSD = 1L << 2;
  static final long CR4_DE = 1L << 3;
  static final long CR4_PGE = 1L << 7;
  static final long CR4_OSFXSR = 1L << 9;
  static final long CR4_OSXMMEXCPT = 1L << 10;
  static final long CR4_FSGSBASE = 1L << 16;
  static final long CR4_PCIDE = 1L << 17;
  static final long CR4_OSXSAVE = 1L << 18;
  static final long CR4_SMEP = 1L << 20;
  static final long CR4_SMAP = 1L << 21;
  static final long EFER_SCE = 1;
  static final long EFER_NXE = 1L << 11;

  long cr0;
  long cr2;
  long cr3;
  long cr4;
  long efer;
  /// Which state XSAVE saves, and whether there is AVX (SDM vol. 1 13.3).
  long xcr0 = 1;
  /// Control and status of SSE floating point (SDM vol. 1 10.2.3).
  int mxcsr = X86Floats.MXCSR_RESET;
  /// SSE arithmetic; obeys [#mxcsr].
  final FloatUnit fp = new FloatUnit(FloatRules.X86);
  final X86FloatState x87 = new X86FloatState();
  /// x87's arithmetic, set up for each instruction.
  final ExtendedUnit extended = new ExtendedUnit();
  final long[] dr = new long[8];
  /// TF, IF, DF, IOPL, NT, RF, AC, ID; the arithmetic flags are in [#flags].
  int systemFlags;

  final int[] selector = new int[8];
  /// Descriptors that DS, ES, FS and GS were loaded with; 0 for a null selector.
  final long[] descriptor = new long[8];
  long gdtBase;
  int gdtLimit;
  long idtBase;
  int idtLimit;
  long ldtBase;
  int ldtLimit;
  long tssBase;
  int tssLimit;

  /// SYSCALL and other model-specific registers; the rest is in [X86Msr] and [X86Apic].
  long star;

  long lstar;
  long cstar;
  long syscallMask;
  long kernelGsBase;
  long tscAux;
  long tscOffset;
  long apicBase;
  long pat = 0x0007_0406_0007_0406L;
  final long[] sysenter = new long[3];

  final X86Apic apic = new X86Apic(this);
  boolean nmiPending;
  boolean nmiBlocked;
  /// Maskable interrupts wait while the next instruction is this one (after STI, MOV SS); -1 is no instruction.
  long shadowPc = -1;

  // ---- debugging, while the engine steps ([X86Debug])
  /// TF and RF were set when the instruction began; only a part of a repetition has been done.
  boolean stepTrap;
  boolean resumed;
  boolean stepPart;
  /// DR6 bits of the data breakpoints that the instruction hit.
  long dataHits;
  /// SYSRET has set TF: a single step is due before the next instruction.
  boolean stepDue;
  /// Address of the repetition that was left between two elements last, if nothing has run since; or -1.
  long partPc = -1;
  /// Address behind a MOV SS, where there are no debug exceptions; and whether it was the last instruction.
  long stackShadowPc = -1;
  boolean stackShadowSet;

  /// Presets that are CPUs of AMD's.
  private static final Set<String> AMD = Set.of("zen4", "vm");

  /// The preset is a CPU of AMD's, where those differ from Intel's (docs/isa-coverage.md).
  final boolean amd;
  final X86Level level;

  X86Core(Uncore machine, int id) {
    super(machine, id, X86Vectors.REGISTERS * VECTOR_WORDS);
    amd = AMD.contains(machine.traits().preset());
    level = X86Level.of(machine.traits().preset());
  }

  // ---- flags

  /// RFLAGS.
  long rflags() {
    return flags.materialize() | systemFlags | ALWAYS_ONE;
  }

  /// Replaces the RFLAGS bits of `mask`.
  void setFlags(long value, long mask) {
    if ((mask & ARITHMETIC) != 0) {
      flags.set((int) ((flags.materialize() & ~mask) | (value & mask)) & ARITHMETIC);
    }
    int old = systemFlags;
    systemFlags = (int) ((systemFlags & ~mask) | (value & mask)) & SYSTEM_FLAGS;
    interruptsEnabled = (systemFlags & IF) != 0;
    if (((old ^ systemFlags) & AC) != 0 && (cr4 & CR4_SMAP) != 0) {
      translations.flush(false);
    }
  }

  /// RFLAGS bits that POPF and IRET may change at the current privilege (SDM vol. 2B POPF).
  long writableFlags() {
    int bits = ARITHMETIC | TF | DF | NT | AC | ID;
    int iopl = (systemFlags & IOPL) >> 12;
    return privilege == 0 ? bits | IOPL | IF : privilege <= iopl ? bits | IF : bits;
  }

  /// Whether CPL allows CLI and STI, and IN and OUT without a look at the I/O permission bitmap.
  boolean ioAllowed() {
    return privilege <= (systemFlags & IOPL) >> 12;
  }

  /// Records #GP(0).
  int generalProtection() {
    return fault(X86Exceptions.GP, 0);
  }

  // ---- memory with supervisor privilege, whatever the CPL (descriptor tables, TSS, exception frames). Such accesses
  // are implicit: under SMAP they never reach a page of the user, whatever RFLAGS.AC is (SDM vol. 3 4.6.1)

  long systemLoad(long va, int width) {
    boolean lifted = restrict();
    long value = load(va, width, Uop.F_SYSTEM);
    lift(lifted);
    return value;
  }

  boolean systemStore(long va, long value, int width) {
    boolean lifted = restrict();
    boolean done = store(va, value, width, Uop.F_SYSTEM);
    lift(lifted);
    return done;
  }

  /// Has RFLAGS.AC clear where it lifts SMAP; whether it was set.
  private boolean restrict() {
    boolean lifted = (systemFlags & AC) != 0 && (cr4 & CR4_SMAP) != 0;
    if (lifted) {
      setFlags(0, AC);
    }
    return lifted;
  }

  private void lift(boolean again) {
    if (again) {
      setFlags(AC, AC);
    }
  }

  // ---- what the engine asks

  @Override
  protected long walk(long va, int access, boolean user) {
    return X86Mmu.walk(this, va, access, user);
  }

  /// An access that reaches beyond either end of the canonical addresses faults as one that lies there, before any page
  /// is looked at.
  @Override
  protected boolean mayCross(long va, int width) {
    return canonicalTo(va, 1 << width);
  }

  /// Whether `bytes` bytes from `va` on all have canonical addresses; else the fault is recorded. They may wrap from
  /// the highest address to 0.
  boolean canonicalTo(long va, int bytes) {
    if (Uop.isCanonical(va) && Uop.isCanonical(va + bytes - 1)) {
      return true;
    }
    fault(X86Exceptions.NOT_CANONICAL, va);
    return false;
  }

  @Override
  protected boolean watchesData() {
    return X86Debug.watchesData(this);
  }

  @Override
  protected boolean accessing(long va, int width, int access, boolean user) {
    return X86Debug.accessing(this, va, width, access, user);
  }

  @Override
  protected boolean steps() {
    return X86Debug.steps(this);
  }

  @Override
  protected boolean beforeStep() {
    return X86Debug.before(this);
  }

  @Override
  protected boolean afterStep(boolean done) {
    return X86Debug.after(this, done);
  }

  @Override
  protected boolean userMode() {
    return privilege == 3;
  }

  @Override
  protected void deliver(int code, long address, byte[] text) {
    X86Exceptions.deliver(this, code, address, text);
  }

  @Override
  protected boolean interruptReady() {
    if ((nmiPending && !nmiBlocked) || stepDue) {
      return true;
    }
    if (!interruptsEnabled || !apic.pending()) {
      return false;
    }
    if (pc == shadowPc) {
      resynchronize();
      return false;
    }
    shadowPc = -1;
    return true;
  }

  @Override
  protected void interrupt() {
    if (stepDue) {
      stepDue = false;
      X86Debug.stepped(this);
    } else if (nmiPending && !nmiBlocked) {
      nmiPending = false;
      nmiBlocked = true;
      X86Exceptions.enter(this, X86Exceptions.NMI, pc, RetireRow.INTERRUPT);
    } else {
      X86Exceptions.enter(this, apic.acknowledge(), pc, RetireRow.INTERRUPT);
    }
  }

  @Override
  protected void event(int kind, long value) {
    apic.event(kind, (int) value);
  }

  @Override
  public long stackPointer() {
    return r[RSP];
  }

  /// A vector of the local APIC, or NMI.
  @Override
  protected void raised(int number) {
    apic.event(number == X86Exceptions.NMI ? X86Apic.NMI_EVENT : X86Apic.FIXED_EVENT, number);
  }

  @Override
  public boolean accepts(int number) {
    return number == X86Exceptions.NMI
        ? !nmiBlocked : interruptsEnabled && pc != shadowPc && apic.accepts(number);
  }

  @Override
  public boolean isRaised(int number) {
    return number == X86Exceptions.NMI ? nmiPending : apic.isRequested(number);
  }

  @Override
  protected int helper(Helper helper, long w, long imm) {
    if ((Uop.flags(w) & X86Builder.PRIVILEGED) != 0 && privilege != 0) {
      return generalProtection();
    }
    return ((X86Helper) helper).run(this, w, imm);
  }

  /// A serializing event: all stores before it are visible, nothing behind it has begun, not even to be fetched (SDM
  /// vol. 3 9.3).
  void serialize() {
    fenced(true, true, Event.Completed.NOTHING);
    synchronizeContext();
  }
}

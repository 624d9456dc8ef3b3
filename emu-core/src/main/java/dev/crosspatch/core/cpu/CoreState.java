package dev.crosspatch.core.cpu;

import dev.crosspatch.core.uop.Flags;

/// The architectural state that every ISA shares; an ISA's own registers are fields of its [Core]. Fields are public
/// because the engine and the ISA work on them at every instruction.
public abstract class CoreState {
  /// Kinds of access, as [Core#walk] and fault codes see them.
  public static final int READ = 0;

  public static final int WRITE = 1;
  public static final int FETCH = 2;
  /// The register of which an ISA may ask that it be aligned where it is the base of an access ([Core#stackMask()]).
  public static final int STACK = 31;

  public final int id;
  /// General registers: 0..31 the ISA's, 32 zero, 33 sink, 34..45 temporaries, 46..63 of the ISA's own meaning.
  public final long[] r = new long[64];
  /// Vector registers, one behind the other, each as many words as the ISA's widest has, the lowest first; empty where
  /// it has none. Helpers work on them, micro-ops do not.
  public final long[] v;
  /// Address of the instruction being executed or, between instructions, to be executed.
  public long pc;
  /// Address of the next instruction; a helper that branches sets it and returns [Outcome#BRANCH].
  public long nextPc;
  /// Lazy flags: what the last flag-setting micro-op did ([Flags] reads them).
  public final Flags flags = new Flags();
  /// Privilege as the tracer sees it: CPL or exception level. Subclasses keep it current.
  public int privilege;
  /// Whether maskable interrupts are enabled (IF; not PSTATE.I). Subclasses keep it current.
  public boolean interruptsEnabled;

  /// Fault raised by the current micro-op, and its address; 0 = none. Numbers are the ISA's.
  public int faultCode;

  public long faultAddress;

  CoreState(int id, int vectorWords) {
    this.id = id;
    v = new long[vectorWords];
  }

  /// Records a fault of the current instruction.
  public final int fault(int code, long address) {
    faultCode = code;
    faultAddress = address;
    return Outcome.FAULT;
  }
}

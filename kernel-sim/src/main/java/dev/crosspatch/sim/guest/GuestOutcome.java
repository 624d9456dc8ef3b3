package dev.crosspatch.sim.guest;

/// How a guest kernel's run ended, as the kernel itself says.
public sealed interface GuestOutcome {

  /// What happened, in a line for people; who and when are the record's own.
  String text();

  /// It has not ended (the machine was stopped from outside).
  record Running() implements GuestOutcome {
    @Override
    public String text() {
      return "still running";
    }
  }

  /// All work and all flips are done.
  ///
  /// @param code 0 if all is well
  record Exited(long code) implements GuestOutcome {
    @Override
    public String text() {
      return "exit " + code;
    }
  }

  /// It says that all is well, but what its CPUs counted is not what passing the sites adds up to.
  ///
  /// @param what which CPU, and what
  record Miscounted(String what) implements GuestOutcome {
    @Override
    public String text() {
      return "exit 0, but " + what;
    }
  }

  /// A breakpoint that is no site of the poke in progress: Linux would oops here (`int3: 0000 [#1]`; `Unexpected kernel
  /// BRK exception`).
  ///
  /// @param cpu     who
  /// @param cycle   its clock
  /// @param address of the breakpoint
  record UnclaimedTrap(int cpu, long cycle, long address) implements GuestOutcome {
    @Override
    public String text() {
      return "breakpoint nobody owns at 0x" + Long.toHexString(address);
    }
  }

  /// The kernel gave up.
  ///
  /// @param cpu      who
  /// @param cycle    its clock
  /// @param code     [PanicCode]
  /// @param address  of the instruction or site
  /// @param detail   faulting data address, or what the code says
  /// @param syndrome error code or ESR_EL1
  record Panic(int cpu, long cycle, long code, long address, long detail, long syndrome) implements GuestOutcome {
    @Override
    public String text() {
      return "panic: " + PanicCode.describe(code) + " at 0x" + Long.toHexString(address)
          + " (detail 0x" + Long.toHexString(detail) + ", syndrome 0x" + Long.toHexString(syndrome) + ")";
    }
  }

  /// The kernel used the laboratory device in a way that makes no sense; on a broken variant it may run into anything.
  ///
  /// @param cpu   who
  /// @param cycle its clock
  /// @param what  the access
  record BadAccess(int cpu, long cycle, String what) implements GuestOutcome {
    @Override
    public String text() {
      return what;
    }
  }
}

package dev.crosspatch.sim.guest;

/// Why a guest kernel gave up.
public enum PanicCode {
  /// A secondary CPU waited too long for the boot CPU, or the other way round.
  BOOT_TIMEOUT("CPUs did not come up in time"),
  /// A CPU did not acknowledge a function-call interrupt; the detail is its number.
  IPI_TIMEOUT("a CPU did not answer the function-call interrupt"),
  /// A CPU held the site vector too long; the detail is its number.
  REFCOUNT_TIMEOUT("a CPU did not release the site vector"),
  /// The text at a site is not what the key's state says; the address is the site's.
  OLD_TEXT_DIFFERS("the text before the poke is not what it should be"),
  /// What was written cannot be read back; the address is the site's.
  READ_BACK_DIFFERS("the text after the poke is not what was written"),
  /// The kernel's own text or data is not in its page tables; the address is what was looked up.
  NOT_MAPPED("an address of the kernel is not mapped"),
  /// No CPU made progress in its work although not all are done.
  STALLED("no CPU makes progress"),
  /// An interrupt nobody asked for; the detail is its number.
  UNEXPECTED_INTERRUPT("unexpected interrupt"),
  /// A task made no voluntary switch; the address is its stack pointer when it last ran, the detail its record.
  GRACE_TIMEOUT("a task made no voluntary switch"),
  /// Somebody holds the text mutex for too long; the detail is the area of its CPU.
  MUTEX_TIMEOUT("the text mutex is not released"),
  /// The queue of pokes got an instruction that the breakpoint handler cannot stand for; the detail is its bytes.
  CANNOT_EMULATE("an instruction that the breakpoint handler cannot emulate"),
  /// Handlers of breakpoints interrupt each other without end: a breakpoint stands on their own path. The address is
  /// that of the last, the detail how many there are.
  TRAP_RECURSION("the handler of breakpoints runs into breakpoints of its own"),
  /// A CPU does not park, or does not come up again; the detail is its number.
  HOTPLUG_TIMEOUT("a CPU does not park or come up"),
  /// A function returned to the trampoline of return probes whose return address nobody noted; the address is where it
  /// was, the detail what was noted last.
  RETURN_DIFFERS("a function returned to a trampoline that was not made to"),
  /// An observer did not acknowledge a mapping in time; the detail is its number, the address is who waited.
  OBSERVER_TIMEOUT("an observer did not acknowledge a mapping"),
  /// A counter that all CPUs add to is not the sum of what each of them added; the address is the counter's, the detail
  /// the sum.
  LOST_UPDATE("what CPUs added to a counter was lost"),
  /// A replacement has an instruction that means something else at its site; the address is where it was to stand, the
  /// detail its word.
  CANNOT_MOVE("an instruction that cannot be moved"),
  /// Who called a function finds that its patched places did not do what they were to: the address is the site's, the
  /// detail what was counted.
  COUNT_DIFFERS("a call was not counted as the state of its key says"),
  /// Instructions of which others were to take the place had another result than those; the address is theirs, the
  /// detail the result.
  WRONG_RESULT("what ran has another result than what should have run"),
  /// Executable room, the pack or a table is full; the address is what was to have some, or how many bytes.
  NO_ROOM("no room is left"),
  /// Not a code of its own: the first of the codes of unexpected exceptions. Added to it is the x86 vector, or bits
  /// 31:26 of ESR_EL1 (exception class) plus 64 times the number of the AArch64 vector.
  EXCEPTION("unexpected exception");

  /// Code that [#EXCEPTION] stands for.
  public static final int EXCEPTION_BASE = 0x1000;

  private final String text;

  PanicCode(String text) {
    this.text = text;
  }

  /// The number the guest writes.
  public int code() {
    return this == EXCEPTION ? EXCEPTION_BASE : ordinal() + 1;
  }

  /// A sentence for people about `code`.
  public static String describe(long code) {
    if (code >= EXCEPTION_BASE) {
      return EXCEPTION.text + " " + (code - EXCEPTION_BASE);
    }
    for (PanicCode p : values()) {
      if (p.code() == code) {
        return p.text;
      }
    }
    return "unknown panic code " + code;
  }
}

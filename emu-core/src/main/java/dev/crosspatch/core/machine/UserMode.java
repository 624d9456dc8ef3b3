package dev.crosspatch.core.machine;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.cpu.Core;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What whoever stands in for an operating system needs of an ISA to run programs in user mode. The kernel of such a
/// machine is a *gate*: every exception vector, and the entry of system calls, is a store to a device and an exception
/// return. The device answers within its store: it looks at what brought the core there ([#trap], [#save]), and says
/// what the core returns to ([#resume], [#idle]). So traps, privilege and page tables are the core's own, and its trace
/// shows user mode left and entered. Implementations are stateless.
public interface UserMode {
  /// Above the rights of a page: branches to its text come to landing pads.
  int GUARDED = 1 << 3;

  /// Where a program that calls the system has what.
  ///
  /// @param number    register of the call's number
  /// @param arguments registers of its arguments
  /// @param result    register of its result
  /// @param stack     the stack pointer
  /// @param length    bytes of the instruction that calls
  /// @param redZone   bytes below the stack pointer that are the program's own
  record Convention(int number, List<Integer> arguments, int result, int stack, int length, int redZone) {}

  /// What registers are called, in the order of a [UserContext].
  ///
  /// @param general those of [UserContext#r]
  /// @param pc      the program counter
  /// @param thread  [UserContext#thread]
  /// @param more    those of [UserContext#more]
  /// @param vector  before the number of a vector register
  /// @param vectors how many of these a program has; a core may have more for itself behind them
  /// @param words   words of a vector register
  record Names(List<String> general, String pc, String thread, List<String> more, String vector, int vectors,
      int words) {}

  /// What brought a core to the gate.
  enum Sort {
    /// The program calls the system.
    CALL,
    /// An interrupt: [#kick].
    INTERRUPT,
    /// An access that the page tables do not allow.
    PAGE,
    /// Any other fault, or a breakpoint.
    FAULT
  }

  /// What brought a core to the gate.
  ///
  /// @param signal  that Linux sends for it, unless it is a page fault that can be mended
  /// @param code    `si_code` of that signal
  /// @param address that was accessed, without its tag, or of the instruction
  /// @param access  of a page fault: [Core#READ], [Core#WRITE] or [Core#FETCH]
  /// @param vector  x86-64's vector, or the whole syndrome register
  /// @param error   x86-64's error code
  record Trap(Sort sort, int signal, int code, long address, int access, long vector, long error) {}

  /// Registers of a program.
  Convention convention();

  /// Privilege of user mode, as [dev.crosspatch.core.event.RetireRow#privilege()] has it.
  int privilege();

  /// The gate, with symbols `start` and `secondary_start` at its exception return.
  ///
  /// @param base   where kernels are linked
  /// @param device virtual address of the gate's device
  Image gate(long base, long device, int cpus);

  /// Sets the system registers of a booted core so that its traps come to the gate, and user mode may do what Linux
  /// lets it do.
  void prepare(Core core, Image gate, long device);

  /// Why the core is at the gate. An interrupt is acknowledged.
  Trap trap(Core core, Image gate);

  /// Keeps the registers of the program that was interrupted.
  void save(Core core, Image gate, UserContext context);

  /// The gate's exception return, which is next, is to that program.
  void resume(Core core, Image gate, UserContext context);

  /// What becomes of an exception return to such a program if it cannot be made; else null.
  default @Nullable Trap refused(UserContext context) {
    return null;
  }

  /// What registers are called.
  Names names();

  /// Puts a core between two instructions of a program, wherever it was, with nothing left of what ran there before.
  void place(Core core, UserContext context);

  /// Reads the registers of a core that is in user mode, between two instructions.
  void read(Core core, UserContext to);

  /// It is to a loop that waits for interrupts.
  void idle(Core core, Image gate);

  /// Calls a core to the gate.
  ///
  /// @param clock when, in [dev.crosspatch.core.time.ClockUnit]s
  void kick(Core core, long clock);

  /// Does what the kernel does for a program whose instruction is undefined in user mode but known to Linux. Returns
  /// whether it was such a one; the program goes on behind it then.
  default boolean emulate(Core core, UserContext context, long trap) {
    return false;
  }

  /// Whether pages can be [#GUARDED] (Linux: PROT_BTI).
  default boolean guards(Core core) {
    return false;
  }

  /// Type of the property (`NT_GNU_PROPERTY_TYPE_0`) that says with bit 0 that a program's text is to be [#GUARDED], or
  /// 0: there is none, and Linux does not look.
  default int guardProperty() {
    return 0;
  }

  /// First address behind user mode's half of the addresses.
  long end();

  /// Bits of an address below user mode's end that user mode may use as it likes: a tag. None by default.
  default long tagBits() {
    return 0;
  }

  /// `AT_HWCAP` and `AT_HWCAP2` of a core.
  long[] capabilities(Core core);

  /// Registers as a program begins with them.
  UserContext newContext(Core core);

  /// Builds the frame of a signal as Linux's user interface has it, and lets `context` enter the handler with it.
  ///
  /// @param core  any that runs the program
  /// @param stack the frame goes below it
  /// @return the frame's bytes, to be stored at the context's stack pointer
  byte[] frame(Core core, UserContext context, Delivery signal, long stack);

  /// Bytes of a stack into which every frame fits (Linux: AT_MINSIGSTKSZ).
  int leastStack(Core core);

  /// What such a frame, to which a handler returns with `context`, says besides registers.
  Saved saved(UserContext context, Memory memory);

  /// Takes registers back from it.
  ///
  /// @return whether it is a frame; if it is not, some registers are taken nevertheless
  boolean unframe(Core core, UserContext context, Memory memory);

  /// Text to which a handler returns that has named no other place: it calls `rt_sigreturn`. Empty if every handler
  /// names one.
  byte[] trampoline();

  /// Words that Linux keeps of a thread's last fault.
  int FAULT_WORDS = 3;

  /// What Linux keeps of a thread's faults, in the ISA's own order, when one more came (`thread_struct`): frames of
  /// signals tell it, also of those that are not for a fault.
  ///
  /// @param before what it kept before, [#FAULT_WORDS] words; all 0 if there was no fault
  long[] kept(Trap trap, long[] before);

  /// What a frame says besides registers.
  ///
  /// @param mask     signals that were blocked
  /// @param altStack `stack_t`: sp, flags, size
  record Saved(long mask, long[] altStack) {
    /// Reads it from a frame.
    ///
    /// @param stack offset of its `stack_t`
    /// @param mask  offset of its mask
    public static Saved of(ByteBuffer frame, int stack, int mask) {
      return new Saved(frame.getLong(mask), new long[] {
        frame.getLong(stack), Integer.toUnsignedLong(frame.getInt(stack + 8)), frame.getLong(stack + 16)
      });
    }
  }

  /// A signal on its way.
  ///
  /// @param info     `siginfo`, 128 bytes
  /// @param handler  address of the handler
  /// @param restorer address of what it returns to
  /// @param mask     signals that were blocked
  /// @param altStack `stack_t`: sp, flags, size
  /// @param fault    what is [#kept] of faults
  record Delivery(int number, byte[] info, long handler, long restorer, long mask, long[] altStack, long[] fault) {}

  /// Reads the memory of a program.
  @FunctionalInterface
  interface Memory {
    /// `length` bytes from `address` on.
    byte[] read(long address, int length);
  }
}

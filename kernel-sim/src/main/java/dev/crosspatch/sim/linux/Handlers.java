package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import java.nio.ByteBuffer;
import java.util.Map;

/// Handlers of signals: how threads enter them and come back, and on which stack.
final class Handlers {
  private static final int SS_ONSTACK = 1;
  private static final int SS_DISABLE = 2;
  /// While a handler runs there is no alternate stack, until it returns.
  private static final long SS_AUTODISARM = 1L << 31;
  private static final int SEGV_ACCERR = 2;
  private static final long HALF = 0xffff_ffffL;

  private final UserProcess process;
  private final Signals signals;
  private final SignalTakers takers;
  private final int stackRegister;
  private long trampoline;

  Handlers(UserProcess process, Signals signals, SignalTakers takers) {
    this.process = process;
    this.signals = signals;
    this.takers = takers;
    stackRegister = process.user.convention().stack();
  }

  void addTo(Map<String, Call> table) {
    table.put("rt_sigreturn", this::sigreturn);
    table.put("sigaltstack", this::sigaltstack);
  }

  /// Where handlers return to that name no place.
  void trampoline(long address) {
    trampoline = address;
  }

  /// Lets a thread that is about to run enter the handlers of what is pending.
  void deliver(Task task) {
    while (!process.isOver()) {
      SignalTakers.Taken taken = takers.call(task) ? takers.take(task, ~task.blocked) : null;
      if (taken == null) {
        break;
      }
      task.trap = null;
      SignalAction action = signals.action(taken.signal());
      if (action.handler() == SignalAction.DEFAULT && !signals.isIgnored(taken.signal())) {
        process.kill(task, taken.signal());
        task.dead = true;
      } else if (action.handler() != SignalAction.IGNORE && action.handler() != SignalAction.DEFAULT) {
        process.settle(task, action.has(SignalAction.RESTART));
        enter(task, taken, action);
      }
    }
    process.settle(task, null);
    if (task.isRunnable()) {
      takers.resume(task);
    }
  }

  /// Lets a thread enter a handler. A frame that cannot be stored is a SIGSEGV, that of SIGSEGV itself the end
  /// (kernel/signal.c, force_sigsegv).
  private void enter(Task task, SignalTakers.Taken taken, SignalAction action) {
    process.actFor(task);
    process.restartable.restart(task);
    if (action.has(SignalAction.RESET)) {
      signals.reset(taken.signal());
    }
    UserContext entered = task.context.copy();
    try {
      store(task, taken, action, entered);
    } catch (Errno e) {
      if (taken.signal() == Signals.SEGV) {
        signals.reset(Signals.SEGV);
      }
      signals.force(task, Signals.SEGV, Signals.SI_KERNEL, 0);
      return;
    }
    task.context.set(entered);
    task.suspended = null;
    if ((task.altStack[1] & SS_AUTODISARM) != 0) {
      task.altStack = new long[] {0, SS_DISABLE, 0};
    }
    long itself = action.has(SignalAction.NO_DEFER) ? 0 : Signals.bit(taken.signal());
    takers.block(task, (task.blocked | action.mask() | itself) & ~Signals.UNBLOCKABLE);
  }

  /// Stores the frame: below what the program has of its stack, or on the alternate one. Where Linux looks, the frame
  /// of a handler that runs on the alternate stack must not reach beyond it (arch/x86/kernel/signal.c, get_sigframe).
  ///
  /// @throws Errno if it cannot be stored
  private void store(Task task, SignalTakers.Taken taken, SignalAction action, UserContext entered) {
    long pointer = task.context.r[stackRegister];
    boolean on = isOn(task, pointer);
    long stack = pointer - process.user.convention().redZone();
    if (action.has(SignalAction.ON_STACK) && mode(task, stack) == 0) {
      stack = task.altStack[0] + task.altStack[2];
      on = true;
    }
    long restorer = action.has(SignalAction.RESTORER) ? action.restorer() : trampoline;
    long mask = task.suspended == null ? task.blocked : task.suspended;
    byte[] frame = process.user.frame(process.machine.core(0), entered, new UserMode.Delivery(taken.signal(),
        taken.info(), action.handler(), restorer, mask, task.altStack, task.fault), stack);
    long at = entered.r[stackRegister];
    if (on && process.abi.frameMustFit() && !isWithin(task, at)) {
      throw new Errno(Errno.EFAULT);
    }
    process.write(at, frame);
  }

  /// What is no frame is a SIGSEGV (arch/x86/kernel/signal_64.c and arch/arm64/kernel/signal.c, rt_sigreturn).
  private long sigreturn(Task task, long[] a) {
    boolean taken = false;
    long stack = task.context.r[stackRegister];
    try {
      UserMode.Saved saved = process.user.saved(task.context, process.space::read);
      takers.block(task, saved.mask() & ~Signals.UNBLOCKABLE);
      boolean first = process.abi.takesStackFirst();
      if (first) {
        restore(task, saved.altStack());
      }
      taken = process.user.unframe(process.machine.core(0), task.context, process.space::read);
      if (taken && !first) {
        restore(task, saved.altStack());
      }
    } catch (Errno e) {
      // there is none
    }
    if (!taken) {
      boolean tells = process.abi.badFrameTellsStack();
      signals.force(task, Signals.SEGV, tells ? SEGV_ACCERR : Signals.SI_KERNEL, tells ? stack : 0);
    }
    return Call.ANSWERED;
  }

  // ---- the alternate stack

  /// Whether an address lies on it, as stack pointers do.
  private static boolean isWithin(Task task, long stack) {
    return Long.compareUnsigned(stack, task.altStack[0]) > 0
        && Long.compareUnsigned(stack - task.altStack[0], task.altStack[2]) <= 0;
  }

  private static boolean isOn(Task task, long stack) {
    return (task.altStack[1] & SS_AUTODISARM) == 0 && isWithin(task, stack);
  }

  /// `ss_flags` with such a stack pointer.
  private static int mode(Task task, long stack) {
    return task.altStack[2] == 0 ? SS_DISABLE : isOn(task, stack) ? SS_ONSTACK : 0;
  }

  private long sigaltstack(Task task, long[] a) {
    byte[] wanted = a[0] == 0 ? new byte[0] : process.space.read(a[0], 24);
    long mode = mode(task, task.context.r[stackRegister]) | (task.altStack[1] & SS_AUTODISARM);
    byte[] old = Bytes.words(task.altStack[0], mode, task.altStack[2]);
    if (a[0] != 0) {
      ByteBuffer in = Bytes.in(wanted);
      set(task, new long[] {in.getLong(0), in.getInt(8) & HALF, in.getLong(16)});
    }
    if (a[1] != 0) {
      process.write(a[1], old);
    }
    return 0;
  }

  /// @param wanted `stack_t`: sp, flags, size
  private void set(Task task, long[] wanted) {
    if (isOn(task, task.context.r[stackRegister])) {
      throw new Errno(Errno.EPERM);
    }
    long mode = wanted[1] & ~SS_AUTODISARM;
    if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK) {
      throw new Errno(Errno.EINVAL);
    }
    if (mode != SS_DISABLE && Long.compareUnsigned(wanted[2], process.abi.leastStack()) < 0) {
      throw new Errno(Errno.ENOMEM);
    }
    task.altStack = mode == SS_DISABLE ? new long[] {0, wanted[1], 0} : wanted;
  }

  /// Takes back what a frame says of it; what cannot be is left out (kernel/signal.c, restore_altstack).
  private void restore(Task task, long[] saved) {
    try {
      set(task, saved);
    } catch (Errno e) {
      // as Linux
    }
  }
}

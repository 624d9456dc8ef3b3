package dev.crosspatch.sim.linux;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.platform.Device;
import dev.crosspatch.sim.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A program that runs, and the kernel that it sees: what happens at the gate ([UserMode]).
final class UserProcess implements Device {
  /// Of the program and of its first thread.
  static final int ID = 1000;
  private static final int SIGNAL_STATUS = 128;
  private static final int SEGV_MAPERR = 1;
  private static final int SEGV_ACCERR = 2;
  private static final int BUS_ADRERR = 2;

  final Machine machine;
  final UserMode user;
  final Image gate;
  final UserPages pages;
  final AddressSpace space;
  final Abi abi;
  final SplittableRandom random;
  final Scheduler scheduler;
  final SignalTakers takers;
  final Signals signals;
  final Handlers handlers;
  final Restartable restartable;
  final FileWaits waits;
  /// Whom to tell of system calls that are not there.
  private final Consumer<String> say;
  private final UserMode.Convention convention;
  private final Map<Integer, Call> calls = new HashMap<>();
  private final Set<Long> told = new HashSet<>();
  final NavigableMap<Integer, Task> tasks = new TreeMap<>();
  private int lastTask = ID;
  private int gateCpu = Task.NO_CPU;
  private long traps;
  private long clock;
  /// Its exit status, or null while it runs.
  private @Nullable Integer status;
  private Execution.@Nullable Death killer;

  /// @param files with its standard files
  /// @param exe   what `/proc/self/exe` leads to
  /// @param say   hears of what is not there
  UserProcess(UserMachine board, FileTable files, Root root, String exe, Consumer<String> say) {
    this.say = say;
    gate = board.gate();
    machine = board.machine();
    user = board.user();
    convention = user.convention();
    abi = Abi.of(machine.config().isa());
    random = new SplittableRandom(machine.config().seed());
    pages = new UserPages(machine, board.booted());
    space = new AddressSpace(machine, pages, board.platform().dma());
    scheduler = new Scheduler(this);
    takers = new SignalTakers(this);
    signals = new Signals(this, takers);
    handlers = new Handlers(this, signals, takers);
    restartable = new Restartable(this);
    waits = new FileWaits(this);
    Map<String, Call> table = new HashMap<>();
    new FileCalls(this, files, root, exe).addTo(table);
    new TransferCalls(this, files).addTo(table);
    new PipeCalls(this, files).addTo(table);
    new PollCalls(this, files).addTo(table);
    memory = new MemoryCalls(space, files, user.guards(machine.core(0)), user.tagBits());
    memory.addTo(table);
    new ProcessCalls(this).addTo(table);
    new ThreadCalls(this).addTo(table);
    signals.addTo(table);
    handlers.addTo(table);
    restartable.addTo(table);
    table.put("restart_syscall", this::rest);
    abi.calls().forEach((number, name) -> {
      Call call = table.get(name);
      if (call != null) {
        calls.put(number, call);
      }
    });
  }

  final MemoryCalls memory;

  /// Names of the system calls that are there.
  Set<String> calls() {
    return calls.keySet().stream().map(number -> Objects.requireNonNull(abi.calls().get(number)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // ---- tasks

  /// A new thread.
  Task add(UserContext context) {
    int id = tasks.isEmpty() ? ID : ++lastTask;
    Task task = new Task(id, context);
    tasks.put(id, task);
    scheduler.ready(task);
    return task;
  }

  /// Tells people of something that is not there.
  void tell(String what) {
    say.accept(what);
  }

  /// The program ends.
  void exit(int code) {
    if (status == null) {
      status = code & 0xff;
      machine.stop("the program has ended");
    }
  }

  /// A signal ends it.
  void kill(Task task, int signal) {
    kill(task, signal, null);
  }

  /// A signal ends it.
  ///
  /// @param why for people, or null: its instruction says it
  private void kill(Task task, int signal, @Nullable String why) {
    if (status == null) {
      killer = new Execution.Death(signal, task.context.pc, text(task.context.pc), why);
      exit(SIGNAL_STATUS + signal);
    }
  }

  boolean isOver() {
    return status != null;
  }

  /// Its exit status, as a shell tells it; null if it runs.
  @Nullable Integer status() {
    return status;
  }

  /// What ended it if a signal did.
  Execution.@Nullable Death killer() {
    return killer;
  }

  /// What stands at an address, as far as it may be read.
  private byte[] text(long pc) {
    int most = machine.config().isa().maxLength();
    for (int length = most; length > 0; length--) {
      try {
        return space.read(pc, length);
      } catch (Errno | OutOfMemory e) {
        // less of it, perhaps
      }
    }
    return new byte[0];
  }

  /// The CPU that is at the gate, or [Task#NO_CPU].
  int gateCpu() {
    return gateCpu;
  }

  /// How often a core came to the gate.
  long traps() {
    return traps;
  }

  // ---- at the gate

  @Override
  public long read(Core core, long offset, int width) {
    return 0;
  }

  @Override
  public void write(Core core, long offset, int width, long value) {
    traps++;
    gateCpu = core.id;
    clock = core.clock();
    Task task = scheduler.running(core);
    UserMode.Trap trap = user.trap(core, gate);
    if (task != null) {
      user.save(core, gate, task.context);
    }
    try {
      answer(core, task, trap);
    } catch (OutOfMemory e) {
      kill(current(core, task), Signals.KILL, e.getMessage());
    }
    gateCpu = Task.NO_CPU;
  }

  private void answer(Core core, @Nullable Task task, UserMode.Trap trap) {
    if (task != null) {
      switch (trap.sort()) {
        case CALL -> call(task);
        case PAGE -> page(task, trap);
        case FAULT -> fault(core, task, trap);
        case INTERRUPT -> scheduler.called(core);
      }
    }
    if (!isOver()) {
      scheduler.next(core);
    }
  }

  /// Who runs on a core now, or did when it came to the gate.
  private Task current(Core core, @Nullable Task before) {
    Task now = scheduler.running(core);
    return Objects.requireNonNull(now == null ? before : now);
  }

  private void page(Task task, UserMode.Trap trap) {
    AddressSpace.Touch touch = space.touch(trap.address(), trap.access());
    if (touch != AddressSpace.Touch.THERE) {
      boolean denied = touch == AddressSpace.Touch.DENIED;
      int code = !denied ? BUS_ADRERR : space.area(trap.address()) == null ? SEGV_MAPERR : SEGV_ACCERR;
      signals.force(task, new UserMode.Trap(trap.sort(), denied ? trap.signal() : Signals.BUS, code, trap.address(),
          trap.access(), trap.vector(), trap.error()));
    }
  }

  private void fault(Core core, Task task, UserMode.Trap trap) {
    if (!user.emulate(core, task.context, trap.vector())) {
      signals.force(task, trap);
    }
  }

  private void call(Task task) {
    long[] r = task.context.r;
    long number = r[convention.number()];
    long[] arguments = new long[convention.arguments().size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = r[convention.arguments().get(i)];
    }
    long result = answer(task, number, arguments);
    if (result != Call.ANSWERED) {
      r[convention.result()] = result;
    }
    waits.settle();
  }

  private long answer(Task task, long number, long[] arguments) {
    Call call = number == (int) number ? calls.get((int) number) : null;
    if (call == null) {
      if (told.add(number)) {
        say.accept("system call " + number + " (" + abi.calls().getOrDefault((int) number, "unknown")
            + ") is not there: ENOSYS");
      }
      return -Errno.ENOSYS;
    }
    return result(task, () -> call.run(task, arguments));
  }

  /// Something that fails as calls do.
  @FunctionalInterface
  interface Attempt {
    /// Does it.
    ///
    /// @return the result of the call
    /// @throws Errno if it fails
    /// @throws IOException if the host says no
    long run() throws IOException;
  }

  /// The result of a call of a thread.
  long result(Task task, Attempt attempt) {
    actFor(task);
    try {
      return attempt.run();
    } catch (Errno e) {
      return failed(task, e);
    } catch (UncheckedIOException e) {
      return failed(task, new Errno(errno(Objects.requireNonNull(e.getCause()))));
    } catch (IOException e) {
      return failed(task, new Errno(errno(e)));
    } catch (OutOfMemory e) {
      kill(task, Signals.KILL, e.getMessage());
      return Call.ANSWERED;
    }
  }

  /// Who writes where nobody reads any more gets a signal, too (fs/pipe.c, pipe_write).
  private long failed(Task task, Errno e) {
    if (e.result() == -Errno.EPIPE) {
      signals.send(task, Signals.PIPE);
    }
    return e.result();
  }

  private static int errno(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> Errno.ENOENT;
      case FileAlreadyExistsException _ -> Errno.EEXIST;
      case AccessDeniedException _ -> Errno.EACCES;
      case DirectoryNotEmptyException _ -> Errno.ENOTEMPTY;
      default -> errno(IoReason.of(e));
    };
  }

  /// By what the host's C library says.
  private static int errno(String reason) {
    return reason.contains("Broken pipe") ? Errno.EPIPE
        : reason.contains("No space left on device") ? Errno.ENOSPC
        : reason.contains("File name too long") ? Errno.ENAMETOOLONG : Errno.EIO;
  }

  /// What the kernel does from now on, it does for this thread.
  void actFor(Task task) {
    space.ignore(task.tagBits);
  }

  /// Gives a task that waits the result of its call.
  void answer(Task task, long result) {
    task.context.r[convention.result()] = result;
  }

  /// A task that waits has the result of its call, and goes on.
  void finish(Task task, long result) {
    answer(task, result);
    scheduler.wake(task);
  }

  /// A signal called a task away from its call. Settles how that goes on.
  ///
  /// @param again whether a handler that runs now wants the call to begin anew; null if none runs
  void settle(Task task, @Nullable Boolean again) {
    Restart restart = task.restart;
    task.restart = null;
    if (restart == null) {
      return;
    }
    if (again != null && !(again && restart == Restart.IF_WANTED)) {
      answer(task, -Errno.EINTR);
      return;
    }
    task.context.pc -= convention.length();
    if (restart == Restart.REST) {
      task.context.r[convention.number()] = abi.number("restart_syscall");
    }
  }

  /// Goes on with the rest of a call (kernel/signal.c, restart_syscall).
  private long rest(Task task, long[] a) throws IOException {
    Call rest = task.rest;
    task.rest = null;
    return rest == null ? -Errno.EINTR : rest.run(task, a);
  }

  // ---- memory and time, as calls want them

  /// Writes memory of the program.
  void write(long address, byte[] bytes) {
    space.write(address, bytes, clock());
  }

  /// Reads a string of the program.
  String string(long address) {
    StringBuilder text = new StringBuilder();
    for (long at = address; ; at++) {
      byte b = space.read(at, 1)[0];
      if (b == 0) {
        return new String(text.toString().getBytes(StandardCharsets.ISO_8859_1),
            StandardCharsets.UTF_8);
      }
      text.append((char) (b & 0xff));
    }
  }

  long word(long address) {
    return Bytes.in(space.read(address, Long.BYTES)).getLong();
  }

  int half(long address) {
    return Bytes.in(space.read(address, Integer.BYTES)).getInt();
  }

  /// Now, in [ClockUnit]s.
  long clock() {
    return clock;
  }

  /// It is so late now.
  void clock(long now) {
    clock = now;
  }

  /// Nanoseconds since the program began, by the cores' clock.
  long nanos() {
    return nanos(clock());
  }

  /// The same for another time, in [ClockUnit]s.
  long nanos(long clock) {
    return ClockUnit.cycles(clock) * 1000 / machine.timing().table().frequencyMhz();
  }

  /// When, in [ClockUnit]s, so many nanoseconds will have passed from now on.
  long after(long nanos) {
    double cycles = nanos / 1000.0 * machine.timing().table().frequencyMhz();
    return clock() + ClockUnit.units((long) Math.min(cycles, 1L << 50));
  }
}

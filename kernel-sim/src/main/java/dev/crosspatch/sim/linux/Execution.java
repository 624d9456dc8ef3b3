package dev.crosspatch.sim.linux;

import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.sim.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A program on the board `user`: loaded, run, and what came of it.
public final class Execution {
  /// Where static-PIE programs are loaded.
  private static final long PIE_BASE = 0x5555_5555_4000L;
  private static final int PAGE = AddressSpace.PAGE;
  private static final int EXECUTE = 4;

  // ---- the auxiliary vector (uapi/linux/auxvec.h)
  private static final int AT_NULL = 0;
  private static final int AT_PHDR = 3;
  private static final int AT_PHENT = 4;
  private static final int AT_PHNUM = 5;
  private static final int AT_PAGESZ = 6;
  private static final int AT_BASE = 7;
  private static final int AT_FLAGS = 8;
  private static final int AT_ENTRY = 9;
  private static final int AT_UID = 11;
  private static final int AT_EUID = 12;
  private static final int AT_GID = 13;
  private static final int AT_EGID = 14;
  private static final int AT_PLATFORM = 15;
  private static final int AT_HWCAP = 16;
  private static final int AT_CLKTCK = 17;
  private static final int AT_SECURE = 23;
  private static final int AT_RANDOM = 25;
  private static final int AT_HWCAP2 = 26;
  private static final int AT_MINSIGSTKSZ = 51;
  private static final int AT_EXECFN = 31;

  /// How a program is to be run.
  ///
  /// @param program     what
  /// @param name        what it is called: `argv[0]`, `AT_EXECFN`, `/proc/self/exe`
  /// @param arguments   behind `argv[0]`
  /// @param environment `NAME=VALUE` each
  /// @param config      cores, RAM, seed
  /// @param root        folder of the host that is its file system, or null
  /// @param writable    whether it may change that
  public record Request(ElfProgram program, String name, List<String> arguments, List<String> environment,
      MachineConfig config, @Nullable Path root, boolean writable) {}

  /// Standard files of the program, and who hears of system calls that are not there.
  public record Streams(InputStream in, OutputStream out, OutputStream err, Consumer<String> say) {}

  /// What came of it.
  ///
  /// @param status  the program's exit status, 128 and the signal's number if one ended it; null if a limit did
  /// @param death   what ended it if a signal did
  /// @param result  how the run ended
  /// @param traps   how often a core left user mode
  /// @param cpus    what each core counted
  public record Outcome(
      @Nullable Integer status, @Nullable Death death, RunResult result, long traps, List<Counters> cpus) {}

  /// A signal ended the program.
  ///
  /// @param signal which
  /// @param pc     where the thread was
  /// @param text   what stood there
  /// @param why    for people, if not what stood there is the cause
  public record Death(int signal, long pc, byte[] text, @Nullable String why) {}

  private final Request request;
  private final Machine machine;
  private final UserMode user;
  private final UserProcess process;
  private long brk;

  /// Loads it.
  ///
  /// @throws BadInput if it does not fit
  public Execution(Request request, Streams streams) {
    this.request = request;
    UserMachine board = board(request.config);
    user = board.user();
    machine = board.machine();
    FileTable files = new FileTable();
    files.add(StandardInput.of(streams.in), 0);
    files.add(StandardFile.output(streams.out), 0);
    files.add(StandardFile.output(streams.err), 0);
    process = new UserProcess(board, files, new Root(request.root, request.writable),
        "/" + Path.of(request.name).getFileName(), streams.say);
    board.attach(process);
    try {
      load();
    } catch (OutOfMemory | Errno e) {
      throw new BadInput(request.name + ": does not fit into the " + (request.config.ramBytes() >> 20)
          + " MiB of --memory");
    }
  }

  private static UserMachine board(MachineConfig config) {
    try {
      return UserMachine.of(config);
    } catch (IllegalArgumentException e) {
      throw new BadInput("--memory: " + (config.ramBytes() >> 20) + " MiB are too few for " + config.cpus() + " CPUs");
    }
  }

  /// Runs it to its end, or to a limit.
  ///
  /// @param most instructions at most
  public Outcome run(long most) {
    for (int i = 0; i < machine.cpus(); i++) {
      process.scheduler.next(machine.core(i));
    }
    RunResult result = machine.run(RunLimits.ofRetired(most));
    machine.end();
    return new Outcome(process.status(), process.killer(), result, process.traps(),
        IntStream.range(0, machine.cpus()).mapToObj(machine::counters).toList());
  }

  /// Names of the system calls that are there.
  public Set<String> calls() {
    return process.calls();
  }

  /// The machine, for listeners.
  public Machine machine() {
    return machine;
  }

  /// Privilege of user mode, as retire rows have it.
  int userPrivilege() {
    return user.privilege();
  }

  /// The program's text where it lies: what may be executed of it, and what handlers return to.
  Image text() {
    List<Section> sections = new ArrayList<>();
    process.space.loaded(EXECUTE).forEach((address, bytes) -> sections.add(new Section(
        ".text" + (sections.isEmpty() ? "" : "." + sections.size()), address, bytes, Section.Access.TEXT)));
    return new Image(sections, symbols(bias()));
  }

  private List<Symbol> symbols(long bias) {
    try {
      Set<String> names = new HashSet<>();
      return Elf64.read(request.program.file()).symbols().stream()
          .filter(s -> s.address() != 0 && names.add(s.name()))
          .map(s -> new Symbol(s.name(), s.address() + bias, s.size(), s.kind())).toList();
    } catch (IllegalArgumentException e) {
      return List.of(); // its section headers are nothing that running needs
    }
  }

  private long bias() {
    return request.program.relative() ? PIE_BASE : 0;
  }

  // ---- loading

  private void load() {
    ElfProgram program = request.program;
    long bias = bias();
    for (ElfProgram.Segment segment : program.segments()) {
      load(segment, bias);
    }
    process.memory.heap(brk);
    long top = MemoryCalls.TOP - PAGE;
    process.space.map(top - MemoryCalls.STACK, top,
        AddressSpace.READ | AddressSpace.WRITE | (program.runsStack() ? EXECUTE : 0), true);
    byte[] trampoline = user.trampoline();
    if (trampoline.length > 0) {
      process.space.map(top, MemoryCalls.TOP, AddressSpace.READ | EXECUTE, true);
      process.space.load(top, trampoline, 0, trampoline.length);
      process.handlers.trampoline(top);
    }
    UserContext context = user.newContext(machine.core(0));
    context.pc = program.entry() + bias;
    context.r[user.convention().stack()] = stack(top, bias);
    process.add(context);
  }

  /// Whole pages of the file, over what is there already (fs/binfmt_elf.c, elf_map).
  private void load(ElfProgram.Segment segment, long bias) {
    long start = segment.address() + bias & -PAGE;
    long end = AddressSpace.up(segment.end() + bias);
    brk = Math.max(brk, end);
    if (end > start) {
      if (start < MemoryCalls.BOTTOM || end > MemoryCalls.TOP - PAGE - MemoryCalls.STACK) {
        throw new BadInput(String.format("%s: a segment at 0x%x to 0x%x does not lie within 0x%x to 0x%x, above which "
            + "the stack is", request.name, start, end, MemoryCalls.BOTTOM,
            MemoryCalls.TOP - PAGE - MemoryCalls.STACK));
      }
      process.space.promise(end - start);
      process.space.map(start, end, rights(segment), true);
      if (segment.stored() > 0) {
        int before = (int) (segment.address() & AddressSpace.PAGE - 1);
        process.space.load(start, request.program.file(), segment.offset() - before, segment.stored() + before);
      }
    }
  }

  /// Text of a program of landing pads is guarded (arch/arm64/kernel/process.c, arch_elf_adjust_prot).
  private int rights(ElfProgram.Segment segment) {
    boolean guarded = request.program.pads() && (segment.rights() & EXECUTE) != 0 && user.guards(machine.core(0));
    return segment.rights() | (guarded ? AddressSpace.GUARDED : 0);
  }

  /// Builds the stack of a program that begins: strings, `auxv`, `envp`, `argv`, `argc`. Returns where it begins.
  private long stack(long top, long bias) {
    ElfProgram program = request.program;
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    List<Integer> arguments = new ArrayList<>();
    List<Integer> environment = new ArrayList<>();
    int name = add(strings, request.name);
    arguments.add(name);
    request.arguments.forEach(text -> arguments.add(add(strings, text)));
    request.environment.forEach(text -> environment.add(add(strings, text)));
    int machineName = add(strings, process.abi.machine());
    byte[] random = new byte[16];
    process.random.nextBytes(random);
    int randomAt = strings.size();
    strings.writeBytes(random);
    long base = top - strings.size() & -16;
    long[] capabilities = user.capabilities(machine.core(0));
    long[] vector = {
      AT_HWCAP, capabilities[0], AT_PAGESZ, PAGE, AT_CLKTCK, 100, AT_PHDR, program.headers() + bias,
      AT_PHENT, ElfProgram.HEADER, AT_PHNUM, program.count(), AT_BASE, 0, AT_FLAGS, 0, AT_ENTRY, program.entry() + bias,
      AT_UID, ProcessCalls.USER, AT_EUID, ProcessCalls.USER, AT_GID, ProcessCalls.USER, AT_EGID, ProcessCalls.USER,
      AT_SECURE, 0, AT_RANDOM, base + randomAt, AT_MINSIGSTKSZ, user.leastStack(machine.core(0)),
      AT_HWCAP2, capabilities[1], AT_EXECFN, base + name, AT_PLATFORM, base + machineName, AT_NULL, 0
    };
    int words = 1 + arguments.size() + 1 + environment.size() + 1 + vector.length;
    long at = base - 8L * words & -16;
    if (top - at > MemoryCalls.STACK / 4) {
      throw new BadInput("the arguments and the environment are too long: " + (top - at) + " bytes");
    }
    ByteBuffer out = ByteBuffer.allocate(8 * words).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(arguments.size());
    arguments.forEach(offset -> out.putLong(base + offset));
    out.putLong(0);
    environment.forEach(offset -> out.putLong(base + offset));
    out.putLong(0);
    for (long word : vector) {
      out.putLong(word);
    }
    process.space.load(at, out.array(), 0, out.limit());
    process.space.load(base, strings.toByteArray(), 0, strings.size());
    return at;
  }

  private static int add(ByteArrayOutputStream strings, String text) {
    int at = strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    strings.write(0);
    return at;
  }
}

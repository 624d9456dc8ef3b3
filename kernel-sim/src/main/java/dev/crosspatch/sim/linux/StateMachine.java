package dev.crosspatch.sim.linux;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.platform.Device;
import dev.crosspatch.sim.BadInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Runs a few instructions from any state of user mode, again and again: for tests that compare with somebody else.
final class StateMachine implements Device {
  private static final int PAGE = AddressSpace.PAGE;
  private static final int RAM = 32 << 20;
  /// Pages of one state.
  private static final int MOST_PAGES = 4096;

  /// Bytes at an address.
  ///
  /// @param rights 1 read, 2 write, 4 execute; a page has those of all pieces in it
  record Piece(long address, byte[] bytes, int rights) {}

  /// What became of a state.
  ///
  /// @param context registers behind the last instruction, or at the one that faulted
  /// @param changed memory that is not as it was
  /// @param trap    what ended it early, or null
  /// @param retired instructions
  record Result(UserContext context, List<Piece> changed, UserMode.@Nullable Trap trap, long retired) {}

  private static final class Page {
    private final long frame;
    private final byte[] content = new byte[PAGE];
    private int rights;

    Page(long frame) {
      this.frame = frame;
    }
  }

  private final UserMode user;
  private final Machine machine;
  private final Core core;
  private final Image gate;
  private final UserPages userPages;
  /// Pages of the present state, by address.
  private final NavigableMap<Long, Page> pages = new TreeMap<>();
  private final UserContext saved;
  private UserMode.@Nullable Trap trap;

  StateMachine(Isa isa, String preset) {
    UserMachine board = UserMachine.of(
        new MachineConfig(isa, 1, preset, MachineConfig.Staleness.TYPICAL, true, true, RAM, 1));
    user = board.user();
    machine = board.machine();
    core = machine.core(0);
    gate = board.gate();
    userPages = new UserPages(machine, board.booted());
    board.attach(this);
    saved = user.newContext(core);
  }

  UserMode.Names names() {
    return user.names();
  }

  /// Registers before anything is said of them.
  UserContext newContext() {
    return user.newContext(core);
  }

  @Override
  public long read(Core reader, long offset, int width) {
    return 0;
  }

  @Override
  public void write(Core writer, long offset, int width, long value) {
    trap = user.trap(core, gate);
    user.save(core, gate, saved);
    machine.stop("at the gate");
  }

  /// Runs so many instructions, or up to a fault.
  ///
  /// @param pieces the first is the code
  /// @throws BadInput if the pieces do not fit
  Result run(UserContext context, List<Piece> pieces, long steps) {
    fill(pieces);
    checkRegisters(context);
    UserContext from = context;
    long done = 0;
    boolean emulated;
    do {
      done += run(from, steps - done);
      UserMode.Trap met = trap;
      emulated = met != null && met.sort() == UserMode.Sort.FAULT && user.emulate(core, saved, met.vector());
      done += emulated ? 1 : 0;
      from = saved;
    } while (emulated && done < steps);
    return new Result(saved, changed(), emulated ? null : trap, done);
  }

  /// Registers that cannot hold what a state says are refused.
  private void checkRegisters(UserContext wanted) {
    user.place(core, wanted);
    user.read(core, saved);
    UserMode.Names names = user.names();
    checkRegister("regs." + names.thread(), wanted.thread, saved.thread);
    for (int i = 0; i < names.more().size(); i++) {
      checkRegister("regs." + names.more().get(i), wanted.more[i], saved.more[i]);
    }
    checkRegister("flags", wanted.flags, saved.flags & wanted.flags);
  }

  private static void checkRegister(String name, long wanted, long held) {
    if (wanted != held) {
      throw new BadInput(String.format("%s: 0x%x is no value of it; it would be 0x%x", name, wanted, held));
    }
  }

  /// Runs up to a trap, or so many instructions, and returns how many; leaves what is then in [#saved] and [#trap].
  private long run(UserContext context, long steps) {
    trap = null;
    user.place(core, context);
    long before = core.retired();
    machine.run(RunLimits.ofRetired(before + steps));
    long retired = core.retired() - before - (trap == null ? 0 : 1); // the gate's store is no instruction of the state
    if (trap == null && core.privilege != user.privilege()) {
      machine.run(RunLimits.ofRetired(core.retired() + 1));
    }
    if (trap == null) {
      user.read(core, saved);
    }
    return retired;
  }

  // ---- memory

  private void fill(List<Piece> pieces) {
    NavigableMap<Long, Integer> wanted = rights(pieces);
    pages.entrySet().removeIf(old -> {
      boolean goes = !wanted.containsKey(old.getKey());
      if (goes) {
        userPages.remove(old.getKey(), old.getValue().frame);
      }
      return goes;
    });
    try {
      wanted.forEach(this::page);
    } catch (OutOfMemory e) {
      throw new BadInput("mem: its pages lie too far apart: they and their tables take more than " + (RAM >> 20)
          + " MiB");
    }
    for (Piece piece : pieces) {
      put(pages, piece);
    }
    pages.values().forEach(page -> machine.load(page.frame, page.content));
    core.translations.flush(true);
  }

  /// Rights of all pages that pieces lie in.
  private NavigableMap<Long, Integer> rights(List<Piece> pieces) {
    NavigableMap<Long, Integer> wanted = new TreeMap<>();
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      long end = piece.address + Math.max(1, piece.bytes.length);
      if (piece.address < 0 || end > user.end() || end < 0) {
        throw new BadInput(String.format("%s: 0x%x to 0x%x is not all in user mode's half of the addresses",
            i == 0 ? "pc" : "mem[" + (i - 1) + "]", piece.address, end));
      }
      for (long at = piece.address & -PAGE; at < end; at += PAGE) {
        wanted.merge(at, piece.rights, (a, b) -> a | b);
        if (wanted.size() > MOST_PAGES) {
          throw new BadInput("more than " + MOST_PAGES + " pages");
        }
      }
    }
    return wanted;
  }

  /// The page of the state before if there is one, or a new one; with zeros.
  private void page(long address, int rights) {
    Page page = pages.computeIfAbsent(address, at -> new Page(userPages.add(at, rights)));
    Arrays.fill(page.content, (byte) 0);
    userPages.change(address, page.frame, rights);
    page.rights = rights;
  }

  private static void put(NavigableMap<Long, Page> to, Piece piece) {
    for (int at = 0; at < piece.bytes.length; ) {
      long address = piece.address + at;
      int in = (int) address & PAGE - 1;
      int part = Math.min(piece.bytes.length - at, PAGE - in);
      System.arraycopy(piece.bytes, at, Objects.requireNonNull(to.get(address & -PAGE)).content, in, part);
      at += part;
    }
  }

  private List<Piece> changed() {
    List<Piece> all = new ArrayList<>();
    PhysicalMemory memory = machine.memory();
    pages.forEach((address, page) -> {
      int frame = memory.offset(page.frame);
      byte[] data = memory.data();
      for (int at = 0; at < PAGE; ) {
        int differs = Arrays.mismatch(page.content, at, PAGE, data, frame + at, frame + PAGE);
        if (differs < 0) {
          break;
        }
        int from = at + differs;
        int to = from;
        while (to < PAGE && page.content[to] != data[frame + to]) {
          to++;
        }
        all.add(new Piece(address + from, Arrays.copyOfRange(data, frame + from, frame + to), page.rights));
        at = to;
      }
    });
    return all;
  }
}

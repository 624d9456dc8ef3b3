package dev.crosspatch.platform;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.PatchKit;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.InterruptController;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.core.uop.Helper;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Cores that execute nothing, on a board: what they are told is kept.
final class PlainIsa implements Isa {
  /// What a boot mapped, as `va=pa size access`, and where cores enter.
  final List<String> boot = new ArrayList<>();
  /// Pages for tables that it asks for.
  int pages;
  /// Levels of interrupt inputs.
  final List<String> levels = new ArrayList<>();

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public int elfMachine() {
    return 0;
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public int maxLength() {
    return 1;
  }

  @Override
  public Set<Mode> modes() {
    return EnumSet.of(Mode.CODE_64);
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    return null;
  }

  @Override
  public int decode(byte[] code, int offset, int available, Mode mode, UopBuffer out) {
    throw new UnsupportedOperationException("nothing is executed");
  }

  @Override
  public Core newCore(Uncore machine, int id) {
    return new PlainCore(machine, id);
  }

  @Override
  public List<String> presets() {
    return List.of("plain");
  }

  @Override
  public BootTables bootTables(Uncore machine, TablePages room) {
    for (int i = 0; i < pages; i++) {
      room.allocate();
    }
    return new BootTables() {
      @Override
      public void map(long va, long pa, long size, Access access) {
        boot.add(String.format("%x=%x %x %s", va, pa, size, access));
      }

      @Override
      public void enter(Core core, long entry, long argument) {
        boot.add(String.format("%d at %x", argument, entry));
      }
    };
  }

  @Override
  public InterruptController interruptController(Uncore machine) {
    return new InterruptController() {
      @Override
      public int inputs() {
        return 2;
      }

      @Override
      public void level(int input, boolean asserted, long clock) {
        levels.add(input + " " + asserted + " " + clock);
      }

      @Override
      public List<Registers> registers() {
        return List.of();
      }
    };
  }

  @Override
  public PatchKit patchKit() {
    return new PatchKit() {
      @Override
      public byte[] trap() {
        return new byte[1];
      }

      @Override
      public byte[] nop(int length) {
        throw new UnsupportedOperationException();
      }

      @Override
      public byte[] jump(long from, long to, int length) {
        throw new UnsupportedOperationException();
      }

      @Override
      public byte[] call(long from, long to) {
        throw new UnsupportedOperationException();
      }

      @Override
      public boolean replaceableLive(byte[] before, byte[] after) {
        return false;
      }

      @Override
      public Rules rules() {
        return new Rules("none", "none", "none");
      }
    };
  }

  @Override
  public String registerName(int index) {
    return "r" + index;
  }

  private static final class PlainCore extends Core {
    PlainCore(Uncore machine, int id) {
      super(machine, id);
    }

    @Override
    protected int helper(Helper helper, long word, long imm) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected long walk(long va, int access, boolean user) {
      return va;
    }

    @Override
    protected boolean userMode() {
      return false;
    }

    @Override
    protected void deliver(int code, long address, byte[] text) {}

    @Override
    protected boolean interruptReady() {
      return false;
    }

    @Override
    protected void interrupt() {}

    @Override
    protected void event(int kind, long value) {}
  }
}

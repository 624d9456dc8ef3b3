package dev.crosspatch.core.lab;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.machine.Surroundings;
import java.util.ArrayList;
import java.util.List;

/// A machine of [MicroIsa] with usual mappings: text at [#TEXT] (read, execute), the same frames writable at [#ALIAS],
/// data at [#DATA], user data at [#USER], a device at [#DEVICE]; text occupies the first 64 KiB of RAM, data the next.
public final class Lab {
  public static final long TEXT = 0xffff_8000_0000_0000L;
  public static final long ALIAS = 0x10_0000_0000L;
  public static final long DATA = 0x20_0000_0000L;
  public static final long USER = 0x30_0000_0000L;
  public static final long DEVICE = 0x40_0000_0000L;
  public static final long DEVICE_FRAME = 0x1000_0000L;

  public static final int R = 1;
  public static final int W = 2;
  public static final int X = 4;
  private static final int RAM_BYTES = 2 << 20;
  private static final int AREA = 64 << 10;

  public final Machine machine;
  public final Frame around = new Frame();

  /// What is around the machine: one device that keeps what it hears, at [#DEVICE_FRAME].
  public static final class Frame implements Surroundings {
    private static final int SIZE = 0x100;

    public final List<String> heard = new ArrayList<>();
    public long answer = -1;

    @Override
    public long ramBase() {
      return MicroIsa.RAM;
    }

    @Override
    public long read(Core core, long pa, int width) {
      if (pa >= DEVICE_FRAME + SIZE) {
        return -1;
      }
      heard.add("read " + (pa - DEVICE_FRAME) + " " + width);
      return answer;
    }

    @Override
    public void write(Core core, long pa, int width, long value) {
      if (pa < DEVICE_FRAME + SIZE) {
        heard.add("write " + (pa - DEVICE_FRAME) + " " + width + " " + Long.toHexString(value));
      }
    }

    @Override
    public long readPort(Core core, int port, int width) {
      return -1;
    }

    @Override
    public void writePort(Core core, int port, int width, long value) {}
  }


  /// What can differ between test machines.
  public record Setup(MicroIsa isa, int cpus, Staleness staleness, boolean idc, boolean dic, long seed) {
    public static final Setup X86 = new Setup(MicroIsa.COHERENT, 1, Staleness.TYPICAL, true, true, 1);
    public static final Setup ARM = new Setup(MicroIsa.INCOHERENT, 1, Staleness.TYPICAL, false, false, 1);

    public Setup cpus(int n) {
      return new Setup(isa, n, staleness, idc, dic, seed);
    }

    public Setup adversarial() {
      return new Setup(isa, cpus, Staleness.ADVERSARIAL, idc, dic, seed);
    }

    public Setup caches(boolean withIdc, boolean withDic) {
      return new Setup(isa, cpus, staleness, withIdc, withDic, seed);
    }

    public Setup seed(long s) {
      return new Setup(isa, cpus, staleness, idc, dic, s);
    }

    public Lab lab() {
      return lab(new SeededChoices(seed, cpus));
    }

    public Lab lab(Choices choices) {
      return new Lab(this, choices);
    }
  }

  private Lab(Setup s, Choices choices) {
    machine = new Machine(
        new MachineConfig(s.isa, s.cpus, "micro", s.staleness, s.idc, s.dic, RAM_BYTES, s.seed), around, choices);
    BootTables tables = new MicroTables(machine);
    tables.map(TEXT, MicroIsa.RAM, AREA, BootTables.Access.TEXT);
    tables.map(ALIAS, MicroIsa.RAM, AREA, BootTables.Access.DATA);
    tables.map(DATA, MicroIsa.RAM + AREA, AREA, BootTables.Access.DATA);
    tables.map(DEVICE, DEVICE_FRAME, 4096, BootTables.Access.DEVICE);
    for (int i = 0; i < s.cpus; i++) {
      tables.enter(core(i), TEXT, 0);
      for (int at = 0; at < AREA; at += 4096) {
        map(core(i), USER + at, MicroIsa.RAM + 2 * AREA + at, R | W | (R | W | X) << 3);
      }
    }
  }

  public static void map(MicroCore core, long va, long pa, int permission) {
    core.pages.put(va >>> 12, new MicroCore.Page(pa, permission, false));
  }

  public MicroCore core(int id) {
    return (MicroCore) machine.core(id);
  }

  /// Puts code into RAM where its address maps, by TEXT.
  public Lab put(Code code) {
    machine.load(MicroIsa.RAM + code.start - TEXT, code.bytes());
    return this;
  }

  public static Code text() {
    return new Code(TEXT);
  }

  public static Code text(long offset) {
    return new Code(TEXT + offset);
  }

  public RunResult run() {
    return machine.run(RunLimits.ofRetired(1_000_000));
  }

  /// What the data side holds at a physical offset.
  public long ram(int offset) {
    return machine.readPhysical(MicroIsa.RAM + offset);
  }

  /// Hears rows as text: `kind pc next` and a flag for taken branches.
  public List<String> rows(int core) {
    List<String> rows = new ArrayList<>();
    machine.attach(core, new RetireSink() {
      @Override
      public void retired(RetireBatch batch) {
        for (int i = 0; i < batch.rows(); i++) {
          RetireRow row = batch.row(i);
          rows.add(String.format("%d %x %x%s", row.kind(), row.pc & 0xffff, row.next & 0xffff, row.taken()
              ? " taken" : ""));
        }
      }
    });
    return rows;
  }

  /// A number that depends on every row of a core, in order.
  public static final class Hash implements RetireSink {
    public long value;
    public long rows;

    @Override
    public void retired(RetireBatch batch) {
      for (int i = 0; i < batch.rows(); i++) {
        RetireRow row = batch.row(i);
        value = (value ^ row.pc) * 0x100000001b3L;
        value = (value ^ row.time) * 0x100000001b3L;
        value = (value ^ row.info) * 0x100000001b3L;
      }
      rows += batch.rows();
    }
  }
}

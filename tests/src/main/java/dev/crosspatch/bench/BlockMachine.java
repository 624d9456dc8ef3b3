package dev.crosspatch.bench;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.core.uop.UopDecoder;
import dev.crosspatch.platform.Booted;
import dev.crosspatch.platform.Device;
import dev.crosspatch.sim.linux.UserMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Measures blocks of code the way the BHive suite does: in user mode, all registers and all of memory preset to one
/// number, every page that is touched the same physical one, the block unrolled, and the difference between two numbers
/// of copies taken.
final class BlockMachine implements Device {
  private static final long PRESET = 0x1234_5600L;
  private static final int RAM = 128 << 20;
  private static final int PAGE = 4096;
  private static final long CODE = 0x40_0000;
  private static final int CODE_PAGES = 8;
  /// Unrolled code stays within what an L1 instruction cache holds besides the gate.
  private static final int MOST_CODE = 24 << 10;

  private static final int MOST_COPIES = 200;
  private static final int LEAST_COPIES = 4;
  /// Pages that a block may touch.
  private static final int MOST_PAGES = 256;

  private static final int READ_WRITE = 1 << Core.READ | 1 << Core.WRITE;
  private static final int EXECUTE = 1 << Core.READ | 1 << Core.FETCH;

  private final UserMode user;
  private final Machine machine;
  private final Core core;
  private final Image gate;
  private final Booted booted;
  private final UopDecoder decoder;
  private final byte[] trap;
  private final long data;
  private final long[] code = new long[CODE_PAGES];
  private final UserContext saved;
  private final List<Long> mapped = new ArrayList<>();
  private boolean faulted;

  /// @param rows of the preset's tables that are to be otherwise
  BlockMachine(Isa isa, String preset, Grade time, Map<String, String> rows) {
    UserMachine board = UserMachine.of(
        new MachineConfig(isa, 1, preset, MachineConfig.Staleness.TYPICAL, true, true, RAM, 1).withTime(time)
            .withTiming(rows));
    user = board.user();
    machine = board.machine();
    core = machine.core(0);
    gate = board.gate();
    booted = board.booted();
    board.attach(this);
    saved = user.newContext(core);
    decoder = isa.forPreset(preset);
    trap = isa.patchKit().trap();
    data = booted.pages().allocate();
    for (int i = 0; i < CODE_PAGES; i++) {
      code[i] = booted.pages().allocate();
      booted.tables().user(CODE + (long) i * PAGE, code[i], EXECUTE);
    }
  }

  @Override
  public long read(Core reader, long offset, int width) {
    return 0;
  }

  @Override
  public void write(Core writer, long offset, int width, long value) {
    UserMode.Trap why = user.trap(core, gate);
    user.save(core, gate, saved);
    long page = why.address() & -PAGE;
    if (why.sort() == UserMode.Sort.PAGE && why.access() != Core.FETCH && page > 0 && mapped.size() < MOST_PAGES
        && !mapped.contains(page) && (page < CODE || page >= CODE + (long) CODE_PAGES * PAGE)) {
      booted.tables().user(page, data, READ_WRITE);
      mapped.add(page);
      user.resume(core, gate, saved);
    } else {
      faulted = true;
      machine.stop("at the gate");
    }
  }

  /// Cycles of a block in the long run; NaN if it cannot run.
  double cycles(byte[] block) {
    int instructions = instructions(decoder, block);
    int copies = Math.min(MOST_COPIES, (MOST_CODE - trap.length) / Math.max(1, block.length));
    if (instructions <= 0 || copies < LEAST_COPIES) {
      return Double.NaN;
    }
    load(block, copies);
    double cycles = measure(instructions, copies);
    for (long page : mapped) {
      booted.tables().user(page, 0, 0);
    }
    mapped.clear();
    core.translations.flush(true);
    return cycles;
  }

  /// How many instructions are in a block; -1 if its bytes are no whole number of them.
  static int instructions(UopDecoder decoder, byte[] block) {
    UopBuffer out = new UopBuffer();
    int count = 0;
    for (int at = 0; at < block.length; count++) {
      out.clear();
      int length = decoder.decode(block, at, block.length - at, Mode.CODE_64, out);
      if (length <= 0) {
        return -1;
      }
      at += length;
    }
    return count;
  }

  private void load(byte[] block, int copies) {
    byte[] unrolled = Arrays.copyOf(block, block.length * copies + trap.length);
    for (int i = 1; i < copies; i++) {
      System.arraycopy(block, 0, unrolled, i * block.length, block.length);
    }
    System.arraycopy(trap, 0, unrolled, block.length * copies, trap.length);
    for (int at = 0; at < unrolled.length; at += PAGE) {
      machine.load(code[at / PAGE], Arrays.copyOfRange(unrolled, at, Math.min(at + PAGE, unrolled.length)));
    }
  }

  /// Once to map what it touches, then once more.
  private double measure(int instructions, int copies) {
    long all = (long) instructions * copies;
    begin();
    if (run(all) != all) {
      return Double.NaN;
    }
    begin();
    long half = (long) instructions * (copies / 2);
    if (run(half) != half) {
      return Double.NaN;
    }
    long before = core.clock();
    if (run(all - half) != all - half) {
      return Double.NaN;
    }
    return (double) (core.clock() - before) / ClockUnit.PER_CYCLE / (copies - copies / 2);
  }

  private void begin() {
    byte[] page = new byte[PAGE];
    for (int i = 0; i < PAGE; i++) {
      page[i] = (byte) (PRESET >>> (8 * (i & 7)));
    }
    machine.load(data, page);
    UserContext context = user.newContext(core);
    Arrays.fill(context.r, PRESET);
    context.thread = PRESET;
    context.pc = CODE;
    user.place(core, context);
    faulted = false;
  }

  /// Runs so many instructions of the program; returns how many it ran.
  private long run(long instructions) {
    long done = 0;
    while (done < instructions && !faulted) {
      long before = core.retired();
      int pages = mapped.size();
      RunResult result = machine.run(RunLimits.ofRetired(before + instructions - done));
      if (!faulted && result.end() != RunResult.End.RETIRED_LIMIT) {
        throw new IllegalStateException("a block ended: " + result.reason());
      }
      // of each page fault the gate's two instructions count, too: its store, and its return
      done += core.retired() - before - 2L * (mapped.size() - pages);
    }
    return faulted ? -1 : done;
  }
}

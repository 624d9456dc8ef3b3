package dev.crosspatch.tests.platform;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Agenda;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.platform.Device;
import dev.crosspatch.platform.Dma;
import dev.crosspatch.platform.IrqLine;
import dev.crosspatch.platform.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A device that does all that devices do: some time after it is told to, it writes eight bytes to RAM by itself and
/// raises its line until it is told that somebody knows.
///
/// | offset | written | read |
/// |---|---|---|
/// | 0x00 | physical address to write to | |
/// | 0x08 | the eight bytes | |
/// | 0x10 | cycles until it is done: begins | |
/// | 0x18 | the line falls | deliveries so far |
final class Courier implements Device {
  /// A register that answers one more than was written last.
  static final class Echo implements Device {
    private long last;

    @Override
    public long read(Core core, long offset, int width) {
      return last + 1;
    }

    @Override
    public void write(Core core, long offset, int width, long value) {
      last = value;
    }
  }

  static final long BASE = 0xf100_0000L;
  private static final long SIZE = 0x1000;

  private final Dma dma;
  private final IrqLine line;
  private final Agenda.Alarm done;
  private long address;
  private long letter;
  private long delivered;

  /// Puts one on a board, its line at `input`.
  Courier(Platform platform, int input) {
    dma = platform.dma();
    line = platform.line(input);
    done = platform.machine().agenda().alarm(this::deliver);
    platform.bus().attach(BASE, SIZE, this);
  }

  private void deliver(long clock, long value) {
    dma.write(address, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), clock);
    delivered++;
    line.set(true, clock);
  }

  long delivered() {
    return delivered;
  }

  @Override
  public long read(Core core, long offset, int width) {
    return offset == 0x18 ? delivered : 0;
  }

  @Override
  public void write(Core core, long offset, int width, long value) {
    switch ((int) offset) {
      case 0x00 -> address = value;
      case 0x08 -> letter = value;
      case 0x10 -> done.at(core.clock() + ClockUnit.units(value), letter);
      case 0x18 -> line.set(false, core.clock());
      default -> { }
    }
  }
}

package dev.crosspatch.platform;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.InterruptController;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.Surroundings;
import org.jspecify.annotations.Nullable;

/// A machine on its board: cores and RAM, the buses on which its devices are, and what devices work with: lines to the
/// interrupt controller, access to RAM, and the machine's agenda.
public final class Platform {
  private final MemoryMap map;
  private final Bus bus = new Bus();
  private final Bus ports = new Bus();
  private final Machine machine;
  private final Dma dma;
  private final @Nullable InterruptController interrupts;
  private final @Nullable IrqLine[] lines;

  /// Cores and RAM at reset, with the buses and the ISA's interrupt controller; a board puts its devices there.
  ///
  /// @param map where things lie
  /// @param choices decides what the manual leaves open
  public Platform(MemoryMap map, MachineConfig config, Choices choices) {
    this.map = map;
    machine = new Machine(config, new Wires(), choices);
    dma = new Dma(machine);
    interrupts = config.isa().interruptController(machine);
    lines = new @Nullable IrqLine[interrupts == null ? 0 : interrupts.inputs()];
    if (interrupts != null) {
      interrupts.registers().forEach(this::attach);
    }
  }

  /// Puts registers of the interrupt controller where the map says, if it does.
  private void attach(InterruptController.Registers registers) {
    Long base = map.registers().get(registers.name());
    if (base != null) {
      bus.attach(base, registers.size(), new Device() {
        @Override
        public long read(Core core, long offset, int width) {
          return registers.read(core, offset, width);
        }

        @Override
        public void write(Core core, long offset, int width, long value) {
          registers.write(core, offset, width, value);
        }
      });
    }
  }

  /// What the machine sees of the board.
  private final class Wires implements Surroundings {
    @Override
    public long ramBase() {
      return map.ramBase();
    }

    @Override
    public long read(Core core, long pa, int width) {
      return bus.read(core, pa, width);
    }

    @Override
    public void write(Core core, long pa, int width, long value) {
      bus.write(core, pa, width, value);
    }

    @Override
    public long readPort(Core core, int port, int width) {
      return ports.read(core, port, width);
    }

    @Override
    public void writePort(Core core, int port, int width, long value) {
      ports.write(core, port, width, value);
    }
  }

  /// Cores and RAM.
  public Machine machine() {
    return machine;
  }

  /// Where things lie.
  public MemoryMap map() {
    return map;
  }

  /// Devices by physical address.
  public Bus bus() {
    return bus;
  }

  /// Devices by port, where the ISA has a space of them.
  public Bus ports() {
    return ports;
  }

  /// Devices' access to RAM.
  public Dma dma() {
    return dma;
  }

  /// A line to an input of the interrupt controller; the board's devices ask for theirs when the board is assembled.
  ///
  /// @throws IllegalArgumentException if there is no such input, or a line leads there already
  public IrqLine line(int input) {
    if (interrupts == null || input < 0 || input >= lines.length) {
      throw new IllegalArgumentException("interrupt input " + input + ": there are " + lines.length);
    }
    if (lines[input] != null) {
      throw new IllegalArgumentException("interrupt input " + input + " has a line already");
    }
    IrqLine line = new IrqLine(interrupts, input);
    lines[input] = line;
    return line;
  }

  /// Puts `image` into RAM, maps it and all else as [#map] says, and sets every core to its entry state, as a boot
  /// loader would. CPU 0 starts at symbol `start`, the others at symbol `secondary_start`, each with its number as
  /// argument.
  ///
  /// @return the page tables, for whoever maps more
  /// @throws IllegalArgumentException if a symbol is missing or the image does not fit, naming it
  public Booted boot(Image image) {
    return new BootLoader(machine, map).boot(image);
  }
}

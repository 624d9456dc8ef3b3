package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;
import java.util.List;

/// What an ISA puts between the interrupt lines of a board and its cores: it hears the level of each line and knows how
/// its cores are told. Its state is in its fields, as a device's is.
public interface InterruptController {

  /// Inputs for lines, numbered from 0.
  int inputs();

  /// Sets the level of an input: whether what is connected there wants to be served.
  ///
  /// @param clock when, in [dev.crosspatch.core.time.ClockUnit]s
  void level(int input, boolean asserted, long clock);

  /// Its registers, which a board puts where its map says.
  List<Registers> registers();

  /// A block of registers in the physical address space.
  interface Registers {

    /// What a board's map calls it.
    String name();

    /// Bytes of its window.
    long size();

    /// A core reads `1 << width` bytes at `offset`.
    long read(Core core, long offset, int width);

    /// A core writes them.
    void write(Core core, long offset, int width, long value);
  }
}

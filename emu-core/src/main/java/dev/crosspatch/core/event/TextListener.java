package dev.crosspatch.core.event;

/// Hears which version of a line of text each core executes: for every line that a core has stored to since it is
/// watched ([dev.crosspatch.core.machine.Machine#watch]), each time a core goes on to another version of it. Up to the
/// first time a core executes the line as it was loaded.
public interface TextListener {

  /// A version that no core has executed at that address before.
  ///
  /// @param number  1 and up, in order
  /// @param address virtual address of the line
  /// @param bytes   the line, not to be changed
  void version(int number, long address, byte[] bytes);

  /// A core executes version `number` of its line from its next instruction on. All that retired before has been handed
  /// to the core's sinks.
  ///
  /// @param cycle its clock when it fetches that instruction
  void executes(int cpu, long cycle, int number);
}

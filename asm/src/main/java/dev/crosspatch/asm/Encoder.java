package dev.crosspatch.asm;

import java.util.Map;

/// Encodes instructions given as texts, many at once, for a [Dialect] that leaves that to a foreign assembler.
///
/// The texts are free of symbols and of anything relative to the program counter: the bytes of a text never depend on
/// where it stands.
public interface Encoder {
  /// Of dialects whose fragments encode themselves.
  Encoder NONE = new Encoder() {
    @Override
    public boolean knows(String text) {
      return false;
    }

    @Override
    public byte[] bytes(String text) {
      throw new IllegalStateException("nobody encodes texts here: " + text);
    }

    @Override
    public void encode(Map<String, Statement> wanted) {
      if (!wanted.isEmpty()) {
        throw new IllegalStateException("nobody encodes texts here: " + wanted.keySet());
      }
    }
  };

  /// Gets ready while the caller reads its source.
  default void expectWork() {}

  /// Whether `text` has been encoded before.
  boolean knows(String text);

  /// The bytes of `text`, which must be known; not a copy.
  byte[] bytes(String text);

  /// Encodes `wanted`: texts with the statements to blame.
  ///
  /// @throws dev.crosspatch.core.asm.AssemblyException blaming the first statement that is refused
  void encode(Map<String, Statement> wanted);
}

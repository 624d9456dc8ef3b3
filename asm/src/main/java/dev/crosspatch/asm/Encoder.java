package dev.crosspatch.asm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Encodes single instructions with Keystone and remembers them.
///
/// The texts it gets are free of symbols and of anything relative to the program counter, so the bytes of a text never
/// depend on where it stands. That makes one call for all new texts of a unit possible, which is far cheaper than a
/// call per instruction, and makes every repeated text free.
final class Encoder {
  private final KeystoneWorker keystone;
  private final Dialect isa;
  private final @Nullable EncodingFile file;
  private final Map<String, byte[]> known;

  /// @param keystone encodes for `isa`
  /// @param file     where encodings are kept, or null
  Encoder(Dialect isa, KeystoneWorker keystone, @Nullable EncodingFile file) {
    this.isa = isa;
    this.keystone = keystone;
    this.file = file;
    this.known = file == null ? new HashMap<>() : file.load();
  }

  /// Gets ready while the caller reads its source. Whoever knows encodings may well get by with them.
  void expectWork() {
    if (known.isEmpty()) {
      keystone.open();
    }
  }

  /// Whether `text` has been encoded before.
  boolean knows(String text) {
    return known.containsKey(text);
  }

  /// The bytes of `text`, which must be known; not a copy.
  byte[] bytes(String text) {
    byte[] bytes = known.get(text);
    if (bytes == null) {
      throw new IllegalStateException("not encoded: " + text);
    }
    return bytes;
  }

  /// Encodes `wanted`: texts with the statements to blame.
  ///
  /// @throws dev.crosspatch.core.asm.AssemblyException blaming the first statement that Keystone refuses
  void encode(Map<String, Statement> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    encode(List.copyOf(wanted.keySet()), wanted);
    if (file != null) {
      file.store(known);
    }
  }

  /// Keystone does not tell which statement it refuses: halves the list until that is alone.
  private void encode(List<String> texts, Map<String, Statement> statements) {
    Keystone.Result result = keystone.assemble(isa.batch(texts));
    List<byte[]> parts = result.error().isEmpty() ? isa.split(result.bytes(), texts.size()) : List.of();
    if (parts.size() == texts.size()) {
      for (int i = 0; i < parts.size(); i++) {
        known.put(texts.get(i), parts.get(i));
      }
    } else if (texts.size() == 1) {
      String reason = result.error().isEmpty() ? "Keystone makes no code of this" : result.error();
      throw Objects.requireNonNull(statements.get(texts.getFirst())).error(reason);
    } else {
      encode(texts.subList(0, texts.size() / 2), statements);
      encode(texts.subList(texts.size() / 2, texts.size()), statements);
    }
  }
}

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
final class KeystoneEncoder implements Encoder {
  private final KeystoneWorker keystone;
  private final KeystoneTarget target;
  private final @Nullable EncodingFile file;
  private final Map<String, byte[]> known;

  /// @param keystone encodes for `target`
  /// @param file     where encodings are kept, or null
  KeystoneEncoder(KeystoneTarget target, KeystoneWorker keystone, @Nullable EncodingFile file) {
    this.target = target;
    this.keystone = keystone;
    this.file = file;
    this.known = file == null ? new HashMap<>() : file.load();
  }

  /// Whoever knows encodings may well get by with them.
  @Override
  public void expectWork() {
    if (known.isEmpty()) {
      keystone.open();
    }
  }

  @Override
  public boolean knows(String text) {
    return known.containsKey(text);
  }

  @Override
  public byte[] bytes(String text) {
    byte[] bytes = known.get(text);
    if (bytes == null) {
      throw new IllegalStateException("not encoded: " + text);
    }
    return bytes;
  }

  @Override
  public void encode(Map<String, Statement> wanted) {
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
    Keystone.Result result = keystone.assemble(target.batch(texts));
    List<byte[]> parts = result.error().isEmpty() ? target.split(result.bytes(), texts.size()) : List.of();
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

package dev.crosspatch.tracer.text;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/// Makes equal names and bytes of many pokes one object each: a long log has few different ones.
final class PokeParts {
  private final Map<String, String> names = new HashMap<>();
  private final Map<ByteBuffer, byte[]> texts = new HashMap<>();

  Poke shared(Poke poke) {
    return new Poke(poke.time(), poke.cpu(), poke.address(), text(poke.before()), text(poke.after()),
        name(poke.mechanism()), name(poke.site()));
  }

  private String name(String name) {
    return names.computeIfAbsent(name, n -> n);
  }

  private byte[] text(byte[] bytes) {
    return texts.computeIfAbsent(ByteBuffer.wrap(bytes), b -> bytes);
  }
}

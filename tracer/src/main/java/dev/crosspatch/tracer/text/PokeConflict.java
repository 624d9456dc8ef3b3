package dev.crosspatch.tracer.text;

import java.util.HexFormat;

/// A poke whose old bytes are not what the text held: a poke is missing from the log, or the image is another one.
///
/// @param poke the poke
/// @param held what the text held in place of its old bytes, `--` where there was none
public record PokeConflict(Poke poke, String held) {

  @Override
  public String toString() {
    return "the log says " + HexFormat.of().formatHex(poke.before()) + " was replaced, the text held " + held
        + ": " + poke;
  }
}

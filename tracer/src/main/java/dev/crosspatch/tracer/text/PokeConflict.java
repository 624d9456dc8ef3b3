package dev.crosspatch.tracer.text;

/// A poke whose old bytes are not what the text held, or that lets text appear where there was some: a poke is missing
/// from the log, or the image is another one.
///
/// @param poke the poke
/// @param held what the text held in place of its old bytes, `--` where there was none, as far as a poke is shown
public record PokeConflict(Poke poke, String held) {

  @Override
  public String toString() {
    String said = poke.before().length == 0 ? "text appeared" : Poke.hex(poke.before()) + " was replaced";
    String more = poke.before().length > 0 && poke.after().length > poke.before().length ? " and text appeared" : "";
    return "the log says " + said + more + ", the text held " + held + ": " + poke;
  }
}

package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.ToLongFunction;

/// A branch relative to the instruction pointer. It is short (rel8) if its opcode has that form and the target is near
/// enough, and once long (rel32) stays long, so that layout comes to an end.
final class X86Branch implements Fragment {
  /// The opcodes of a branch, SDM volume 2.
  ///
  /// @param shortForm opcode before rel8, empty if there is none
  /// @param longForm  opcode before rel32, empty if there is none
  record Opcode(byte[] shortForm, byte[] longForm) {
    private static Opcode of(String shortForm, String longForm) {
      return new Opcode(HexFormat.of().parseHex(shortForm), HexFormat.of().parseHex(longForm));
    }
  }

  private static final String[] CONDITIONS = {
    "o", "no", "b c nae", "ae nb nc", "e z", "ne nz", "be na", "a nbe", "s", "ns", "p pe", "np po", "l nge", "ge nl",
    "le ng", "g nle"
  };

  /// All branches by mnemonic.
  static final Map<String, Opcode> OPCODES = opcodes();

  private static Map<String, Opcode> opcodes() {
    Map<String, Opcode> map = new HashMap<>();
    map.put("jmp", Opcode.of("eb", "e9"));
    map.put("call", Opcode.of("", "e8"));
    map.put("loopne", Opcode.of("e0", ""));
    map.put("loopnz", Opcode.of("e0", ""));
    map.put("loope", Opcode.of("e1", ""));
    map.put("loopz", Opcode.of("e1", ""));
    map.put("loop", Opcode.of("e2", ""));
    map.put("jrcxz", Opcode.of("e3", ""));
    map.put("jecxz", Opcode.of("67e3", ""));
    map.put("xbegin", Opcode.of("", "c7f8"));
    for (int i = 0; i < CONDITIONS.length; i++) {
      for (String name : CONDITIONS[i].split(" ", -1)) {
        map.put("j" + name, Opcode.of("7" + Integer.toHexString(i), "0f8" + Integer.toHexString(i)));
      }
    }
    return Map.copyOf(map);
  }

  private final Statement statement;
  private final Opcode opcode;
  private final Expression target;
  private final boolean mayGrow;
  private boolean isLong;

  /// @param form `short`, `near` or empty for whichever fits
  X86Branch(Statement statement, Opcode opcode, Expression target, String form) {
    this.statement = statement;
    this.opcode = opcode;
    this.target = target;
    boolean hasShort = opcode.shortForm.length != 0;
    boolean hasLong = opcode.longForm.length != 0;
    if (form.equals("short") ? !hasShort : form.equals("near") && !hasLong) {
      throw new SyntaxError("this branch has no " + form + " form");
    }
    isLong = !hasShort || form.equals("near");
    mayGrow = hasLong && !form.equals("short");
  }

  @Override
  public Statement statement() {
    return statement;
  }

  @Override
  public boolean grow(ToLongFunction<String> symbols, long address) {
    if (isLong || !mayGrow) {
      return false;
    }
    isLong = !Numbers.fitsSigned(target.value(symbols) - (address + shortSize()), 8);
    return isLong;
  }

  @Override
  public long size(ToLongFunction<String> symbols, long address) {
    return isLong ? opcode.longForm.length + 4 : shortSize();
  }

  private int shortSize() {
    return opcode.shortForm.length + 1;
  }

  @Override
  public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
    long distance = target.value(symbols) - (address + out.remaining());
    if (!Numbers.fitsSigned(distance, isLong ? 32 : 8)) {
      throw new SyntaxError("target is out of reach, " + distance + " bytes away");
    }
    out.put(isLong ? opcode.longForm : opcode.shortForm);
    for (int i = 0; out.hasRemaining(); i++) {
      out.put((byte) (distance >> (8 * i)));
    }
  }
}

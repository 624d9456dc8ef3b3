package dev.crosspatch.tracer.toy;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Assembles toy text: instructions one after the other, labels by name.
public final class ToyText {
  public static final long BASE = 0xffffffff81000000L;

  private record Fix(int at, String opcode, String label) {}

  private final ToyIsa isa;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Long> labels = new LinkedHashMap<>();
  private final List<Fix> fixes = new ArrayList<>();

  public ToyText() {
    this(ToyIsa.TOY);
  }

  public ToyText(ToyIsa isa) {
    this.isa = isa;
  }

  public ToyText label(String name) {
    labels.put(name, BASE + bytes.size());
    return this;
  }

  /// One ordinary instruction.
  public ToyText nop(int length) {
    return add(ToyIsa.nop(length));
  }

  /// A direct branch.
  public ToyText branch(String opcode, String label) {
    fixes.add(new Fix(bytes.size(), opcode, label));
    return add(new byte[opcode.length() / 2 + 4]);
  }

  /// Any other instruction.
  public ToyText op(String opcode) {
    return add(HexFormat.of().parseHex(opcode));
  }

  private ToyText add(byte[] instruction) {
    bytes.writeBytes(instruction);
    bytes.writeBytes(new byte[Math.floorMod(-bytes.size(), isa.alignment())]);
    return this;
  }

  public long at(String label) {
    Long address = labels.get(label);
    if (address == null) {
      throw new IllegalArgumentException("no label " + label);
    }
    return address;
  }

  public byte[] bytes() {
    byte[] result = bytes.toByteArray();
    for (Fix fix : fixes) {
      byte[] branch = ToyIsa.branch(fix.opcode, BASE + fix.at, at(fix.label));
      System.arraycopy(branch, 0, result, fix.at, branch.length);
    }
    return result;
  }

  public Image image() {
    return new Image(List.of(new Section(".text", BASE, bytes(), Section.Access.TEXT)), List.of());
  }
}

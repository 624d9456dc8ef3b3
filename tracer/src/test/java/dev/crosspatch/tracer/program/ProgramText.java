package dev.crosspatch.tracer.program;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Assembles a program: instructions one after the other, labels by name.
public final class ProgramText {
  public static final long BASE = 0xffffffff81000000L;

  private record Fix(int at, String opcode, String label) {}

  private final FlowIsa isa;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Long> labels = new LinkedHashMap<>();
  private final List<Fix> fixes = new ArrayList<>();

  public ProgramText() {
    this(FlowIsa.BYTES);
  }

  public ProgramText(FlowIsa isa) {
    this.isa = isa;
  }

  public ProgramText label(String name) {
    labels.put(name, BASE + bytes.size());
    return this;
  }

  /// One ordinary instruction.
  public ProgramText nop(int length) {
    return add(FlowIsa.nop(length));
  }

  /// A direct branch.
  public ProgramText branch(String opcode, String label) {
    fixes.add(new Fix(bytes.size(), opcode, label));
    return add(new byte[opcode.length() / 2 + 4]);
  }

  /// Any other instruction.
  public ProgramText op(String opcode) {
    return add(HexFormat.of().parseHex(opcode));
  }

  private ProgramText add(byte[] instruction) {
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
      byte[] branch = FlowIsa.branch(fix.opcode, BASE + fix.at, at(fix.label));
      System.arraycopy(branch, 0, result, fix.at, branch.length);
    }
    return result;
  }

  public Image image() {
    return new Image(List.of(new Section(".text", BASE, bytes(), Section.Access.TEXT)), List.of());
  }
}

package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Field.*;

import dev.crosspatch.core.code.Disassembler.Line;
import dev.crosspatch.core.code.FlowClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The text of words that only a tracer knows ([Arm64FlowRows]), where a disassembler of others is blind: names and
/// operands by their pages in DDI0487 C6.2.
final class Arm64FlowText {
  private static final String[] BY_REGISTER = {"gt", "ge", "hi", "hs", "", "", "eq", "ne"};
  private static final String[] BY_IMMEDIATE = {"gt", "lt", "hi", "lo", "", "", "eq", "ne"};

  private final Arm64Row row;
  private final Arm64Word word;
  private final long address;

  private Arm64FlowText(Arm64Row row, int bits, long address) {
    this.row = row;
    this.address = address;
    word = new Arm64Word(row, bits);
  }

  /// `other` if it tells the same branch or the word runs on; else our own, or null if the word runs on and nobody
  /// knows it.
  static @Nullable Line line(int bits, long address, @Nullable Line other) {
    Arm64Row row = Arm64FlowRows.find(bits);
    if (row == null) {
      return other;
    }
    Arm64FlowText ours = new Arm64FlowText(row, bits, address);
    boolean same = other != null && (row.flow() != FlowClass.COND_BRANCH || other.operands().endsWith(ours.target()));
    return same ? other : new Line(address, 4, ours.mnemonic(), String.join(", ", ours.operands()));
  }

  private String target() {
    return "#0x" + Long.toHexString(address + row.distance(word.bits()));
  }

  private String mnemonic() {
    String name = row.mnemonic().toLowerCase(Locale.ROOT);
    int condition = name.indexOf("<cc>");
    if (condition >= 0) {
      return name.substring(0, condition) + (isImmediate() ? BY_IMMEDIATE : BY_REGISTER)[word.bits() >> 21 & 7];
    }
    if (name.equals("bc.cond")) {
      return "bc." + Arm64Text.CONDITIONS[word.get(COND)];
    }
    int comma = name.indexOf(',');
    boolean modifier = row.has(RM) && word.get(RM) != 31;
    return comma < 0 ? name : modifier ? row.name().substring(row.name().indexOf(' ') + 1).toLowerCase(Locale.ROOT)
        : name.substring(0, comma);
  }

  /// Of CB<cc>: against an immediate.
  private boolean isImmediate() {
    return row.has(IMM6);
  }

  private List<String> operands() {
    List<String> texts = new ArrayList<>();
    boolean wide = row.has(SF) ? word.is(SF) : !row.mnemonic().startsWith("CB");
    for (Arm64Field field : new Arm64Field[] {RT, RN, RM}) {
      if (row.has(field) && !(row.flow() == FlowClass.RETURN && word.get(field) == 31)) {
        texts.add(Arm64Text.register(wide, word.get(field)));
      }
    }
    if (row.has(IMM6)) {
      texts.add("#" + word.get(IMM6));
    }
    if (row.flow() == FlowClass.COND_BRANCH) {
      texts.add(target());
    } else if (row.has(IMM16)) {
      texts.add(row.flow() == FlowClass.RETURN
          ? "#0x" + Long.toHexString(address - 4L * word.get(IMM16)) : "#0x" + Integer.toHexString(word.get(IMM16)));
    }
    return texts;
  }
}

package dev.crosspatch.isa.x86;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The instruction rows: everything the decoder, the flow decoder, the timing and the tests know of an encoding.
///
/// A row is `encoding | form | cost [flow] [marks] | manual`.
///
/// * **encoding**, as in SDM vol. 2A, 3.1.1.1: prefixes (`NP` none; `66`, `F2`, `F3` required; `NFx` neither F2 nor F3;
///   `REX.W0`, `REX.W1`, `REX.B0`, `REX.B1`), the opcode (`B8+r` eight of them, `70+c` sixteen, `D8-DF` a range), `/r`
///   or `/0`..`/7` (ModRM) or a fixed ModRM byte, immediates (`ib iw id iz iv`, `cb cz` branch displacement, `o`
///   absolute address). `VEX.66.0F38` is a VEX encoding with L = 0, `VEX.256.66.0F38` one with L = 1; with `Lx` it is
///   part of an operand's size, with `LIG` ignored; `W0`, `W1` are its W.
/// * **form**: mnemonic and operands in the notation of SDM vol. 2D, A.2; see [X86Operand]. A form `* text` is an
///   instruction whose length is known and which raises #UD.
/// * **cost** ([dev.crosspatch.core.uop.CostClass]; ALU, SHIFT and VECTOR become LOAD, STORE, RMW or ATOMIC by what
///   memory the instruction touches) and **flow** ([dev.crosspatch.core.code.FlowClass], OTHER if missing).
/// * **marks**: `lock` may carry LOCK with a memory destination; `cpl0` else #GP; `d64`, `f64` operand size; `reg`,
///   `mem` ModRM form; `anymod` ModRM.mod is ignored; `no66` a 66 prefix besides F3 raises #UD; a vector in memory must
///   be aligned without VEX unless `unaligned`, with VEX if `aligned`; `vsib` the index of an address is a vector.
/// * **manual**: volume and page of the SDM.
///
/// What an instruction does stands before its rows: an emitter of `X86Emit*`, which may hand on a method of
/// [X86Helpers] and kin. Where two rows match, the more specific one wins; [#OVERLAPS] lists each such pair.
///
/// To add an instruction: add a row with its meaning; if no emitter fits, add a short one; if micro-ops cannot say it,
/// add a method ([X86Helper]).
final class X86Rows {
  private X86Rows() {}

  /// Pairs of encodings that both match some instruction; the first is meant. Rows of foreign instructions need no
  /// mention.
  static final String[][] OVERLAPS = {
    {"REX.B0 90", "90+r"},
    {"F3 REX.B0 90", "90+r"},
    {"F3 REX.B1 90", "90+r"},
    {"F3 REX.B0 90", "REX.B0 90"},
    {"F3 0F 1E FA", "0F 19-1F /r"},
    {"F3 0F BC /r", "0F BC /r"},
    {"F3 0F BD /r", "0F BD /r"},
    {"0F 22 /3", "0F 22 /r"},
  };

  /// All rows.
  static final List<X86Row> ALL = compile();

  private static final X86Row[] NONE = {};
  /// Rows by `map << 8 | opcode`, the most specific first.
  private static final X86Row[][] CELLS = cells();

  private static List<X86Row> compile() {
    Table table = new Table();
    X86AluRows.add(table);
    X86BitRows.add(table);
    X86MoveRows.add(table);
    X86FlowRows.add(table);
    X86SystemRows.add(table);
    X86StateRows.add(table);
    X86FloatStackRows.add(table);
    X86VectorMoveRows.add(table);
    X86VectorIntegerRows.add(table);
    X86VectorShuffleRows.add(table);
    X86VectorFloatRows.add(table);
    X86AvxRows.add(table);
    X86MmxRows.add(table);
    X86ForeignRows.add(table);
    return List.copyOf(table.rows);
  }

  /// What the rows are written into.
  static final class Table {
    private final List<X86Row> rows = new ArrayList<>(1200);

    /// An instruction.
    ///
    /// @param means appends its micro-ops
    /// @param text  its rows, a line each
    void add(X86Row.Emitter means, String text) {
      int from = 0;
      while (from < text.length()) {
        int end = text.indexOf('\n', from);
        end = end < 0 ? text.length() : end;
        rows.add(new X86Row(text.substring(from, end), means));
        from = end + 1;
      }
    }

    /// Vector instructions that are there with a VEX prefix and without, as the opcode map has them (SDM vol. 2D, A.3):
    /// with the operands of the VEX form, whose name has a V before it. The other form has no operand in VEX.vvvv
    /// (`H`): its destination is its first source.
    void vector(X86Row.Emitter means, String text) {
      for (String line : text.strip().split("\n", -1)) {
        add(means, X86VexForm.without(line));
        add(means, X86VexForm.of(line));
      }
    }

    /// Vector instructions as [#vector] has them that MMX has, too: without a prefix, and with its registers.
    ///
    /// @param mmx appends the micro-ops of that form
    void mmx(X86Row.Emitter means, X86Row.Emitter mmx, String text) {
      vector(means, text);
      text.lines().forEach(line -> add(mmx, X86VexForm.mmx(line)));
    }

    void mmx(X86Helper vector, X86Helper mmx, String text) {
      mmx(b -> X86EmitVector.compute(b, vector), b -> X86EmitVector.compute(b, mmx), text);
    }

    /// A lane at a time, of which MMX has half a one.
    void mmx(X86Lane lane, String text) {
      mmx(X86Vectors.lanes(lane), X86Mmx.lanes(lane), text);
    }
  }

  private static X86Row[][] cells() {
    X86Row[][] cells = new X86Row[X86Row.MAPS << 8][];
    for (X86Row row : ALL) {
      for (int opcode = row.opcode; opcode < row.opcode + row.span; opcode++) {
        int cell = row.map << 8 | opcode;
        X86Row[] old = cells[cell] == null ? NONE : cells[cell];
        X86Row[] grown = Arrays.copyOf(old, old.length + 1);
        int at = old.length;
        while (at > 0 && grown[at - 1].rank < row.rank) {
          grown[at] = grown[--at];
        }
        grown[at] = row;
        cells[cell] = grown;
      }
    }
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cells[i] == null ? NONE : cells[i];
    }
    return cells;
  }

  /// The rows of an opcode, the most specific first; empty if there are none. Not to be changed.
  static X86Row[] cell(int map, int opcode) {
    return CELLS[map << 8 | opcode];
  }
}

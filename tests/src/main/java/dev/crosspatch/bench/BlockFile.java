package dev.crosspatch.bench;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Files of blocks whose cycles somebody has measured: a line each, `hex,cycles`, or, of A64, `cycles`, a tab, and
/// forms of instructions ([A64Forms]). `#` starts a comment line.
final class BlockFile {
  private static final double MOST_CYCLES = 1e6;

  /// A block that was measured.
  ///
  /// @param code    its bytes, or as many copies of it as [#copies] says
  /// @param copies  how often `code` has the block
  /// @param cycles  of one copy
  record Block(byte[] code, int copies, double cycles) {}

  private final Path file;
  private final List<Block> blocks = new ArrayList<>();

  private BlockFile(Path file) {
    this.file = file;
  }

  /// Reads a file.
  ///
  /// @throws BadInput `FILE:LINE: what` if a line is none of these, or if there is no block at all
  static List<Block> read(Path file, Isa isa) {
    BlockFile reader = new BlockFile(file);
    List<String> lines = Inputs.text(file, Inputs.MOST_SOURCE).lines().toList();
    A64Forms forms = new A64Forms(isa);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.isBlank() && !line.startsWith("#")) {
        reader.line(line, i + 1, forms);
      }
    }
    if (reader.blocks.isEmpty()) {
      throw new BadInput(file + ": there is no block in it");
    }
    return reader.blocks;
  }

  private void line(String line, int number, A64Forms forms) {
    int tab = line.indexOf('\t');
    int comma = line.indexOf(',');
    if (tab > 0) {
      double cycles = cycles(line.substring(0, tab), number);
      try {
        blocks.add(new Block(forms.assemble(line.substring(tab + 1)), A64Forms.COPIES, cycles));
      } catch (IllegalArgumentException e) {
        throw bad(number, String.valueOf(e.getMessage()));
      }
    } else if (comma > 0) {
      double cycles = cycles(line.substring(comma + 1), number);
      try {
        blocks.add(new Block(HexFormat.of().parseHex(line.substring(0, comma).strip()), 1, cycles));
      } catch (IllegalArgumentException e) {
        throw bad(number, "'" + line.substring(0, comma) + "' is no text of bytes in hex");
      }
    } else {
      throw bad(number, "'" + line + "' is neither 'hex,cycles' nor cycles, a tab and forms");
    }
  }

  private double cycles(String text, int line) {
    try {
      double cycles = Double.parseDouble(text.strip());
      if (cycles > 0 && cycles < MOST_CYCLES) {
        return cycles;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw bad(line, "'" + text + "' is no number of cycles above 0");
  }

  private BadInput bad(int line, String what) {
    return new BadInput(file + ":" + line + ": " + what);
  }
}

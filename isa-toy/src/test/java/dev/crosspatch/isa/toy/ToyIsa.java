package dev.crosspatch.isa.toy;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.PatchKit;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The toy as a plug-in.
public final class ToyIsa implements Isa {
  /// A machine number that no ELF file of this world has.
  private static final int ELF_MACHINE = 0xfe70;
  private static final Set<Mode> MODES = Set.of(Mode.CODE_64);

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public int elfMachine() {
    return ELF_MACHINE;
  }

  @Override
  public int alignment() {
    return ToyWord.LENGTH;
  }

  @Override
  public int maxLength() {
    return ToyWord.LENGTH;
  }

  @Override
  public Set<Mode> modes() {
    return MODES;
  }

  /// Its flow classes are what both have packets for.
  @Override
  public List<String> tracedBy() {
    return List.of("etm", "pt");
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    require(mode);
    if (available < ToyWord.LENGTH) {
      return null;
    }
    ToyWord word = ToyWord.read(code, offset);
    ToyRow row = ToyRow.of(word);
    return row == null ? null : new Insn(ToyWord.LENGTH, row.flow, row.has('t') ? address + word.imm() : 0);
  }

  @Override
  public int decode(byte[] code, int offset, int available, Mode mode, UopBuffer out) {
    require(mode);
    if (available < ToyWord.LENGTH) {
      return -1;
    }
    ToyWord word = ToyWord.read(code, offset);
    ToyRow row = ToyRow.of(word);
    if (row == null) {
      out.describe(FlowClass.TRAP, CostClass.TRAP);
      out.opi(Uop.FAULT, Uop.SINK, Uop.ZERO, ToyCore.CAUSE_UNDEFINED, 3);
    } else {
      row.emit(word, out);
    }
    return ToyWord.LENGTH;
  }

  @Override
  public Core newCore(Uncore machine, int id) {
    return new ToyCore(machine, id);
  }

  @Override
  public List<String> presets() {
    return List.of("toy");
  }

  /// There are none: addresses are their own translation.
  @Override
  public BootTables bootTables(Uncore machine, TablePages pages) {
    return new BootTables() {
      @Override
      public void map(long va, long pa, long size, Access access) {
        if (va != pa) {
          throw new IllegalArgumentException(String.format("on the toy 0x%x cannot be 0x%x", va, pa));
        }
      }

      @Override
      public void enter(Core core, long entry, long argument) {
        ((ToyCore) core).enter(entry, argument);
      }
    };
  }

  @Override
  public PatchKit patchKit() {
    return new ToyPatchKit();
  }

  @Override
  public String registerName(int index) {
    return register(index);
  }

  /// Name of a register in assembly.
  static String register(int index) {
    return switch (index) {
      case ToyCore.LR -> "lr";
      case ToyCore.SP -> "sp";
      default -> "r" + index;
    };
  }
}

package dev.crosspatch.core.lab;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Instructions of 1 to 17 bytes at any address, in two modes. The first byte says what follows:
///
/// | byte | instruction |
/// |---|---|
/// | 01 | no operation |
/// | 02 rel32 | jump |
/// | 03 rel32 | call, return address in r15 |
/// | 04 | return to r15 |
/// | 05 | breakpoint |
/// | 06 cc rel32 | jump if condition |
/// | 07 word imm | any one micro-op, 8 + 8 bytes |
/// | 08 id | helper of [MicroCore] |
/// | 09 reg imm64 | load immediate |
/// | 0a imm8 | r0 = imm8; in [Mode#CODE_32] the immediate has 32 bits |
/// | 0b | r0 += 1 (one byte) |
/// | 0c | call what r1 holds, for which guarded pages ask |
/// | 40+k ra rb imm8 | compact form of micro-op [#COMPACT]`[k]` |
public record MicroIsa(boolean coherentFetch, int alignment, List<String> presets) implements Isa {
  public static final long RAM = 0x4000_0000L;
  /// Micro-ops with a compact form: `dst:a`, `b:width:scale`, imm8.
  static final int[] COMPACT = {
    Uop.ADD, Uop.ADDI, Uop.XOR, Uop.RORI, Uop.ANDFI, Uop.SHLI, Uop.LOAD, Uop.STORE, Uop.SUBFI, Uop.ANDI,
    Uop.MOV, Uop.SUBF
  };

  /// Coherent as x86, byte aligned.
  static final MicroIsa COHERENT = new MicroIsa(true, 1, List.of("micro"));
  /// Incoherent as AArch64, byte aligned nevertheless.
  static final MicroIsa INCOHERENT = new MicroIsa(false, 1, List.of("micro"));

  @Override
  public String name() {
    return "micro";
  }

  @Override
  public int elfMachine() {
    return 62;
  }

  @Override
  public int maxLength() {
    return 17;
  }

  @Override
  public Set<Mode> modes() {
    return EnumSet.of(Mode.CODE_64, Mode.CODE_32);
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    UopBuffer out = new UopBuffer();
    int length = decode(code, offset, available, mode, out);
    return length < 0 ? null : new Insn(length, out.flow(), 0);
  }

  @Override
  public int decode(byte[] code, int offset, int available, Mode mode, UopBuffer out) {
    require(mode);
    boolean wide = mode == Mode.CODE_32 && code[offset] == 10;
    int length = wide ? 5 : length(code[offset] & 0xff);
    if (length > available) {
      return -1;
    }
    ByteBuffer in = ByteBuffer.wrap(code, offset + 1, length - 1).order(ByteOrder.LITTLE_ENDIAN);
    switch (code[offset] & 0xff) {
      case 1 -> plain(out, CostClass.NOP).op(Uop.NOP, Uop.SINK, Uop.ZERO, Uop.ZERO, 3);
      case 2 -> branch(out, FlowClass.JUMP, in.getInt());
      case 3 -> {
        out.opi(Uop.NEXTPC, 15, Uop.ZERO, 0, 3);
        branch(out, FlowClass.CALL, in.getInt());
      }
      case 4 -> {
        out.describe(FlowClass.RETURN, CostClass.RETURN);
        out.op(Uop.JREG, Uop.SINK, 15, Uop.ZERO, 3);
      }
      case 5 -> {
        out.describe(FlowClass.TRAP, CostClass.TRAP);
        out.opi(Uop.FAULT, Uop.SINK, Uop.ZERO, MicroCore.BREAKPOINT, 3);
      }
      case 6 -> {
        out.describe(FlowClass.COND_BRANCH, CostClass.BRANCH);
        int cc = in.get();
        out.full(Uop.JCC, Uop.SINK, Uop.ZERO, Uop.ZERO, 3, cc, 0, in.getInt());
      }
      case 7 -> raw(out, in.getLong(), in.getLong());
      case 8 -> helper(out, in.get());
      case 9 -> plain(out, CostClass.ALU).opi(Uop.MOVI, in.get(), Uop.ZERO, in.getLong(), 3);
      case 10 -> plain(out, CostClass.ALU).opi(Uop.MOVI, 0, Uop.ZERO, wide ? in.getInt() : in.get(), 3);
      case 11 -> plain(out, CostClass.ALU).opi(Uop.ADDI, 0, 0, 1, 3);
      case 12 -> {
        out.describe(FlowClass.INDIRECT_CALL, CostClass.CALL);
        out.helper(new MicroCore.MicroHelper(MicroCore.ENTERS), Uop.SINK, 1, Uop.ZERO, 3, 0);
        out.opi(Uop.NEXTPC, 15, Uop.ZERO, 0, 3);
        out.op(Uop.JREG, Uop.SINK, 1, Uop.ZERO, 3);
      }
      default -> compact(out, code[offset] & 0xff, in);
    }
    return length;
  }

  private static int length(int first) {
    return switch (first) {
      case 2, 3 -> 5;
      case 6 -> 6;
      case 7 -> 17;
      case 8, 10 -> 2;
      case 9 -> 10;
      default -> first >= 0x40 && first < 0x40 + COMPACT.length ? 4 : 1;
    };
  }

  private static UopBuffer plain(UopBuffer out, CostClass cost) {
    out.describe(FlowClass.OTHER, cost);
    return out;
  }

  private static void branch(UopBuffer out, FlowClass flow, int rel) {
    out.describe(flow, flow == FlowClass.CALL ? CostClass.CALL : CostClass.BRANCH);
    out.opi(Uop.JUMP, Uop.SINK, Uop.ZERO, rel, 3);
  }

  private static void raw(UopBuffer out, long word, long imm) {
    int op = Uop.op(word);
    boolean conditional = Uop.isBranch(op) && op != Uop.JUMP && op != Uop.JREG;
    FlowClass flow = op == Uop.JREG ? FlowClass.INDIRECT_JUMP : conditional ? FlowClass.COND_BRANCH : FlowClass.OTHER;
    out.describe(flow, flow == FlowClass.OTHER ? CostClass.ALU : CostClass.BRANCH);
    out.add(word, imm);
  }

  private static void helper(UopBuffer out, int id) {
    FlowClass flow =
        switch (id) {
          case MicroCore.RETURN_FROM_TRAP -> FlowClass.TRAP_RETURN;
          case MicroCore.SYSTEM_CALL -> FlowClass.SYSTEM_CALL;
          case MicroCore.WAIT -> FlowClass.WAIT;
          default -> FlowClass.OTHER;
        };
    out.describe(flow, CostClass.SYSTEM_WRITE);
    out.helper(new MicroCore.MicroHelper(id), 2, 1, Uop.ZERO, 3, 0);
  }

  private static void compact(UopBuffer out, int first, ByteBuffer in) {
    if (first < 0x40 || first >= 0x40 + COMPACT.length) {
      out.describe(FlowClass.TRAP, CostClass.TRAP);
      out.opi(Uop.FAULT, Uop.SINK, Uop.ZERO, MicroCore.UNDEFINED, 3);
      return;
    }
    int op = COMPACT[first - 0x40];
    int ra = in.get() & 0xff;
    int rb = in.get() & 0xff;
    long imm = in.get();
    int dst = ra >> 4;
    int a = ra & 15;
    int b = rb >> 4;
    int width = rb >> 2 & 3;
    int scale = rb & 3;
    switch (op) {
      case Uop.LOAD -> plain(out, CostClass.LOAD).load(dst, a, b, scale, imm, width, 0);
      case Uop.STORE -> plain(out, CostClass.STORE).store(dst, a, b, scale, imm, width, 0);
      default -> plain(out, CostClass.ALU).full(op, dst, a, b, width, 0, 0, imm);
    }
  }

  @Override
  public Core newCore(Uncore machine, int id) {
    return new MicroCore(machine, id);
  }

  /// Translations by page number, in each core.
  @Override
  public BootTables bootTables(Uncore machine, TablePages pages) {
    return new MicroTables(machine);
  }

  @Override
  public PatchKit patchKit() {
    return new MicroPatchKit();
  }

  @Override
  public String registerName(int index) {
    return "r" + index;
  }
}

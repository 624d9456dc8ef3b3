package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.tracer.etm.EtmRegisters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that change between A64, A32 and T32 code by branches, calls and their returns, exceptions and their
/// returns, with a return stack, synchronizations and overflows: our decoder tells what ran, and OpenCSD tells the same
/// of the same bytes.
class EtmModeProgramsTest {
  private static final int PROGRAMS = Integer.getInteger("crosspatch.programs", 40);
  private static final long SEED = Long.getLong("crosspatch.seed", 1);
  private static final int IRQ = 14;
  private static final int BLOCKS = 12;
  private static final int BLOCK = 0x40;
  private static final int STEPS = 150;

  @TempDir Path dir = Path.of("");

  /// A program and what ran of it. Block `i` is code of mode `i % 3`.
  private static final class Program {
    private static final ArmModes ISA = new ArmModes(new Arm64Isa());
    private static final int NOP_A64 = 0xd503201f;
    private static final int NOP_A32 = 0xe320f000;
    private static final int NOP_T32 = 0xbf00;

    final List<String> ran = new ArrayList<>();
    final EtmStory story;
    private final ByteBuffer text = ByteBuffer.allocate(BLOCKS * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private final SplittableRandom random;
    private final ReturnAddresses calls;
    private long pc;
    private Mode mode = Mode.CODE_64;
    /// Where the last of the branches led of which the trace tells.
    private long reached;
    /// How many had run by then.
    private int told;

    private record Return(long address, Mode mode) {}

    /// As a trace unit keeps them.
    private static final class ReturnAddresses {
      private final List<Return> entries = new ArrayList<>();
      private final boolean on;

      ReturnAddresses(boolean on) {
        this.on = on;
      }

      void push(long address, Mode mode) {
        if (on) {
          entries.add(new Return(address, mode));
          if (entries.size() > 15) {
            entries.removeFirst();
          }
        }
      }

      boolean pops(long address, Mode mode) {
        boolean same = !entries.isEmpty() && entries.getLast().equals(new Return(address, mode));
        if (same) {
          entries.removeLast();
        }
        return same;
      }

      void clear() {
        entries.clear();
      }
    }

    Program(long seed, boolean ete, boolean returnStack) {
      random = new SplittableRandom(seed);
      calls = new ReturnAddresses(returnStack);
      for (int i = 0; i < BLOCKS; i++) {
        block(i);
      }
      int[] words = new int[text.capacity() / 4];
      text.asIntBuffer().get(words);
      story = new EtmStory(ete, returnStack ? EtmRegisters.CONFIGR_RS : 0, words).readBy(ISA);
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      story.exception32(EXIT, pc, is(mode));
    }

    private static final int EXIT = 1;

    private static Mode mode(int block) {
      return Mode.of(block % Mode.COUNT);
    }

    private static int is(Mode mode) {
      return mode == Mode.CODE_16 ? 1 : 0;
    }

    // ---- text

    private void block(int i) {
      for (int at = i * BLOCK; at < (i + 1) * BLOCK;) {
        boolean last = (i + 1) * BLOCK - at <= 8;
        at = switch (mode(i)) {
          case CODE_64 -> word(at, a64(at, last));
          case CODE_32 -> word(at, a32(at, last));
          case CODE_16 -> t32(at, last, (i + 1) * BLOCK);
        };
      }
    }

    private int word(int at, int word) {
      text.putInt(at, word);
      return at + 4;
    }

    /// One of the first two instructions of a block of this mode.
    private int place(Mode to, int align) {
      int block = random.nextInt(BLOCKS / Mode.COUNT) * Mode.COUNT + to.ordinal();
      return block * BLOCK + align * random.nextInt(2);
    }

    private int a64(int at, boolean last) {
      int to = (place(Mode.CODE_64, 4) - at) >> 2;
      return switch (last ? 5 + random.nextInt(5) : random.nextInt(12)) {
        case 0 -> 0x5400_0000 | (to & 0x7_ffff) << 5; // B.EQ
        case 1 -> 0x9400_0000 | (to & 0x3ff_ffff); // BL
        case 2 -> 0xd63f_0020; // BLR X1
        case 3 -> 0xd503_3fdf; // ISB
        case 4 -> 0xb400_0000 | (to & 0x7_ffff) << 5; // CBZ
        case 5 -> 0x1400_0000 | (to & 0x3ff_ffff); // B
        case 6 -> 0xd61f_0020; // BR X1
        case 7 -> 0xd65f_03c0; // RET
        case 8, 9 -> 0xd69f_03e0; // ERET
        default -> NOP_A64;
      };
    }

    private int a32(int at, boolean last) {
      int to = (place(Mode.CODE_32, 4) - at - 8) >> 2 & 0xff_ffff;
      int thumb = place(Mode.CODE_16, 2) - at - 8;
      return switch (last ? 4 + random.nextInt(4) : random.nextInt(12)) {
        case 0 -> 0x0a00_0000 | to; // BEQ
        case 1 -> 0xeb00_0000 | to; // BL
        case 2 -> 0xe12f_ff31; // BLX R1
        case 3, 4 -> 0xfa00_0000 | (thumb & 2) << 23 | (thumb >> 2 & 0xff_ffff); // BLX
        case 5 -> 0xea00_0000 | to; // B
        case 6 -> 0xe12f_ff11; // BX R1
        case 7 -> 0xe12f_ff1e; // BX LR
        default -> NOP_A32;
      };
    }

    private int t32(int at, boolean last, int end) {
      int to = place(Mode.CODE_16, 2) - at - 4;
      int arm = place(Mode.CODE_32, 4) - (at + 4 & -4);
      int room = end - at;
      if (at % BLOCK == 0) {
        return half(at, NOP_T32);
      }
      int what = room < 4 ? 6 + random.nextInt(2) : last ? 4 + random.nextInt(4) : random.nextInt(16);
      return switch (what) {
        case 0 -> wide(half(at, 0xb100 | random.nextInt(2) << 3), NOP_T32, NOP_T32); // CBZ to the second or behind it
        case 1 -> wide(at, 0xf000 | (to >> 12 & 0x7ff), 0xf800 | (to >> 1 & 0x7ff)); // BL
        case 2 -> half(at, 0x4788); // BLX R1
        case 3, 4 -> wide(at, 0xf000 | (arm >> 12 & 0x7ff), 0xe800 | (arm >> 1 & 0x7fe)); // BLX
        case 5 -> wide(at, 0xf000 | (to >> 12 & 0x7ff), 0xb800 | (to >> 1 & 0x7ff)); // B.W
        case 6 -> half(at, 0x4708); // BX R1
        case 7 -> half(at, 0x4770); // BX LR
        case 8 -> wide(at, 0xf000 | (to < 0 ? 0x43f : 0), (to < 0 ? 0xa800 : 0x8000) | (to >> 1 & 0x7ff)); // BEQ.W
        case 9 -> half(at, to >= -256 && to < 256 ? 0xd000 | (to >> 1 & 0xff) : NOP_T32); // BEQ
        case 10, 11 -> wide(at, 0xf240, 0x0105); // MOVW
        default -> half(at, NOP_T32);
      };
    }

    private int half(int at, int value) {
      text.putShort(at, (short) value);
      return at + 2;
    }

    private int wide(int at, int first, int second) {
      half(at, first);
      return half(at + 2, second);
    }

    // ---- what runs

    private void step() {
      int event = random.nextInt(40);
      if (event == 0) {
        synchronize();
      } else if (event == 1) {
        interrupt();
      } else if (event == 2) {
        ran.subList(told, ran.size()).clear();
        story.overflow();
        jump();
        calls.clear();
        story.sync().on32(pc, is(mode), mode == Mode.CODE_64);
        reached(true);
      } else {
        execute(Objects.requireNonNull(
            ISA.classify(text.array(), (int) pc, text.capacity() - (int) pc, EtmStory.TEXT + pc, mode),
            () -> "no instruction at " + Long.toHexString(pc) + " " + mode));
      }
    }

    private void synchronize() {
      story.sync();
      calls.clear();
      story.address32(reached, is(mode), mode == Mode.CODE_64);
    }

    private void interrupt() {
      story.exception32(IRQ, pc, is(mode));
      Mode before = mode;
      jump();
      if (before == Mode.CODE_64) {
        pc = place(Mode.CODE_64, 4); // an exception never leaves AArch64 state
        mode = Mode.CODE_64;
      }
      tell(before);
      reached(true);
    }

    private void reached(boolean isTold) {
      reached = isTold ? pc : reached;
      told = isTold ? ran.size() : told;
    }

    /// To another place, in any mode.
    private void jump() {
      int block = random.nextInt(BLOCKS);
      mode = mode(block);
      pc = (long) block * BLOCK;
    }

    /// The address, with a context if the state is another or if the dice say so.
    private void tell(Mode before) {
      boolean changed = (before == Mode.CODE_64) != (mode == Mode.CODE_64);
      if (changed || random.nextInt(4) == 0) {
        story.address32(pc, is(mode), mode == Mode.CODE_64);
      } else {
        story.aarch32(pc, is(mode), false);
      }
    }

    private void execute(Insn insn) {
      ran.add(Long.toHexString(EtmStory.TEXT + pc));
      long next = pc + insn.length();
      FlowClass flow = insn.flow();
      Mode before = mode;
      boolean taken = flow != FlowClass.COND_BRANCH || random.nextBoolean();
      if (flow != FlowClass.OTHER) {
        story.atoms(taken ? "E" : "N");
      }
      if (flow == FlowClass.OTHER || flow == FlowClass.SYNC || !taken) {
        pc = next;
      } else if (!insn.flow().isIndirect()) {
        pc = insn.target() - EtmStory.TEXT;
        mode = insn.enters() == null ? mode : insn.enters();
      } else {
        indirect(flow);
        if (flow == FlowClass.TRAP_RETURN) {
          if (!story.isEte()) {
            story.exceptionReturn();
          }
          tell(before);
        } else if (flow == FlowClass.INDIRECT_CALL || !calls.pops(pc, mode)) {
          tell(before);
        }
      }
      if (flow == FlowClass.CALL || flow == FlowClass.INDIRECT_CALL) {
        calls.push(next, before);
      }
      reached(flow != FlowClass.OTHER);
    }

    /// Where an indirect branch goes: often where the return stack says.
    private void indirect(FlowClass flow) {
      Mode before = mode;
      if (flow != FlowClass.TRAP_RETURN && !calls.entries.isEmpty() && random.nextInt(3) != 0) {
        Return top = calls.entries.getLast();
        boolean reaches = (top.mode == Mode.CODE_64) == (mode == Mode.CODE_64);
        if (reaches && top.address < text.capacity()) {
          pc = top.address;
          mode = top.mode;
          return;
        }
      }
      do {
        jump();
      } while (flow != FlowClass.TRAP_RETURN && (before == Mode.CODE_64) != (mode == Mode.CODE_64));
    }
  }

  @Test
  void bothTellWhatRan() throws IOException {
    int told = 0;
    for (int i = 0; i < PROGRAMS; i++) {
      Program program = new Program(SEED + i, i % 2 == 1, i % 4 < 2);
      String what = "program " + (SEED + i);
      Flows.Recorder ours = program.story.ours();
      assertEquals(List.of(), ours.problems(), what);
      assertEquals(program.ran, ours.instructions(), what);
      Flows.Recorder opencsd = program.story.opencsd(dir);
      assertEquals(List.of(), opencsd.problems(), what);
      assertEquals(program.ran, opencsd.instructions(), what);
      told += ours.instructions().size();
    }
    assertTrue(told > PROGRAMS * STEPS / 2, "instructions: " + told);
  }
}

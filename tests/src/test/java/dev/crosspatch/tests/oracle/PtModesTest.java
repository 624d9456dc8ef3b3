package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that change between 64-, 32- and 16-bit code by far branches, interrupts and their returns: our decoder
/// tells what ran, and libipt tells the same of the same bytes.
class PtModesTest {
  private static final int PROGRAMS = Integer.getInteger("crosspatch.programs", 60);
  private static final long SEED = Long.getLong("crosspatch.seed", 1);
  private static final long BASE = 0x1000;
  private static final int BLOCKS = 12;
  private static final int BLOCK = 0x40;
  private static final int STEPS = 120;
  private static final X86Modes ISA = new X86Modes();

  @TempDir Path dir = Path.of("");

  /// A program, what ran of it, and its trace. Block `i` is code of mode `i % 3`; direct jumps lead forward.
  private static final class Program {
    final byte[] text = new byte[BLOCKS * BLOCK + 32];
    final List<String> ran = new ArrayList<>();
    final PtPacketWriter out = new PtPacketWriter();
    private final SplittableRandom random;
    /// Which change of mode goes without its packet, -1 for none.
    private int left;

    Program(long seed, int leftOut) {
      random = new SplittableRandom(seed);
      left = leftOut;
      Arrays.fill(text, (byte) 0x90);
      for (int i = 0; i < BLOCKS; i++) {
        block(i);
      }
      trace();
    }

    private static Mode mode(int block) {
      return Mode.of(block % Mode.COUNT);
    }

    private static long at(int block) {
      return BASE + (long) block * BLOCK;
    }

    private void block(int i) {
      int at = i * BLOCK;
      for (int n = random.nextInt(4); n > 0; n--) {
        at = put(at, X86Modes.runsOn(random.nextInt(6), mode(i)));
      }
      if (i + Mode.COUNT < BLOCKS && random.nextBoolean()) {
        at = put(at, X86Modes.branch(X86Modes.JCC, mode(i), BASE + at, at(i + Mode.COUNT)));
      }
      boolean jumps = i + Mode.COUNT < BLOCKS && random.nextInt(3) == 0;
      String iret = mode(i) == Mode.CODE_64 ? X86Modes.IRETQ : X86Modes.IRET;
      String indirect = List.of(X86Modes.JMP_INDIRECT, X86Modes.JMP_FAR, iret).get(random.nextInt(3));
      put(at, jumps ? X86Modes.branch(X86Modes.JMP, mode(i), BASE + at, at(i + Mode.COUNT))
          : HexFormat.of().parseHex(indirect));
    }

    private int put(int at, byte[] code) {
      System.arraycopy(code, 0, text, at, code.length);
      return at + code.length;
    }

    private void modePacket(Mode mode) {
      out.write(new PtPacket.ModeExec(mode == Mode.CODE_64, mode == Mode.CODE_32, false));
    }

    private void trace() {
      Mode mode = Mode.CODE_64;
      long pc = at(0);
      out.appendPsb();
      out.write(new PtPacket.PsbEnd());
      modePacket(mode);
      out.appendTipPge(pc);
      for (int i = 0; i < STEPS; i++) {
        int event = random.nextInt(24);
        if (event == 0) {
          out.appendPsb();
          modePacket(mode);
          out.appendFup(pc);
          out.write(new PtPacket.PsbEnd());
        }
        int block = random.nextInt(BLOCKS);
        if (event == 1) {
          ran.add(Long.toHexString(pc) + ">" + Long.toHexString(at(block)));
          out.appendFup(pc);
          mode = tip(mode, block);
          pc = at(block);
          continue;
        }
        Insn insn = insn(pc, mode);
        ran.add(Long.toHexString(pc));
        if (insn.flow() == FlowClass.COND_BRANCH) {
          boolean taken = random.nextBoolean();
          out.appendTnt(taken ? 1 : 0, 1);
          pc = taken ? insn.target() : pc + insn.length();
        } else if (insn.flow() == FlowClass.JUMP) {
          pc = insn.target();
        } else if (insn.flow() == FlowClass.OTHER) {
          pc += insn.length();
        } else {
          block = isFar(pc) ? block : block / Mode.COUNT * Mode.COUNT + mode.ordinal();
          mode = tip(mode, block);
          pc = at(block);
        }
      }
      out.appendFup(pc);
      out.write(new PtPacket.TipPgd(PtPacket.IpCompression.SUPPRESSED, 0));
    }

    private boolean isFar(long pc) {
      int at = (int) (pc - BASE);
      return !(text[at] == (byte) 0xff && text[at + 1] == (byte) 0xe0);
    }

    private Mode tip(Mode from, int block) {
      if (mode(block) != from && left-- != 0) {
        modePacket(mode(block));
      }
      out.appendTip(at(block));
      return mode(block);
    }

    private Insn insn(long pc, Mode mode) {
      return Objects.requireNonNull(ISA.classify(text, (int) (pc - BASE), 15, pc, mode));
    }

    Flows.Recorder ours() {
      Image image = new Image(List.of(new Section(".text", BASE, text, Section.Access.TEXT)), List.of());
      PtConfig pt = PtConfig.of((name, otherwise) -> otherwise);
      Flows.Recorder flow = new Flows.Recorder();
      new FlowDecoder(pt, new TextTimeline(ISA, image, new PokeLog()), flow)
          .decode(pt.reader(TraceSource.of(out.toByteArray()), ISA.modes()));
      return flow;
    }
  }

  private Flows.Recorder libipt(Program program) throws IOException {
    Path text = Files.write(dir.resolve("text.bin"), program.text);
    Path trace = Files.write(dir.resolve("trace.pt"), program.out.toByteArray());
    Flows.Recorder flow = new Flows.Recorder();
    Oracles.stream(List.of(LibiptFlow.program().toString(), trace.toString(), text + "@" + Long.toHexString(BASE)),
        new FlowLines(flow, "iptflow"));
    return flow;
  }

  private static List<String> instructions(Program program) {
    return program.ran.stream().filter(line -> !line.contains(">")).toList();
  }

  @Test
  void ours() {
    for (int i = 0; i < 4 * PROGRAMS; i++) {
      Program program = new Program(SEED + i, -1);
      Flows.Recorder flow = program.ours();
      int number = i;
      assertEquals(List.of(), flow.problems(), () -> "program " + number);
      assertEquals(instructions(program), flow.instructions(), () -> "program " + number);
    }
  }

  /// The twin: one change of mode goes untold. Bytes that have the same lengths in both modes do not show it.
  @Test
  void withoutAModePacket() {
    int wrong = 0;
    int told = 0;
    for (int i = 0; i < PROGRAMS; i++) {
      Program program = new Program(SEED + i, 2);
      Flows.Recorder flow = program.ours();
      wrong += instructions(program).equals(flow.instructions()) ? 0 : 1;
      told += flow.problems().isEmpty() ? 0 : 1;
    }
    assertTrue(wrong > PROGRAMS / 2 && told > PROGRAMS / 2, wrong + " wrong, " + told + " told, of " + PROGRAMS);
  }

  @Test
  void libipt() throws IOException {
    for (int i = 0; i < PROGRAMS; i++) {
      Program program = new Program(SEED + i, -1);
      Flows.Recorder flow = libipt(program);
      int number = i;
      assertEquals(instructions(program), flow.instructions(), () -> "program " + number);
      assertFalse(flow.instructions().isEmpty());
    }
  }
}

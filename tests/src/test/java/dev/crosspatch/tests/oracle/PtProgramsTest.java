package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random programs under filters, with FUPs of all owners: our decoder must tell what ran, libipt as well.
/// `-Dcrosspatch.programs=N` for more than the usual number, `-Dcrosspatch.seed=N` for others.
class PtProgramsTest {
  private static final int PROGRAMS = Integer.getInteger("crosspatch.programs", 60);
  private static final long SEED = Long.getLong("crosspatch.seed", 1);

  @TempDir Path dir;

  private static PtProgram program(int number, boolean events) {
    return new PtProgram(new SplittableRandom(SEED + 1_000_003L * number), events);
  }

  @Test
  void ours() {
    for (int i = 0; i < 4 * PROGRAMS; i++) {
      PtProgram program = program(i, i % 2 == 1);
      assertEquals(program.flow(), ours(program, program.text()), "program " + i + " of seed " + SEED);
    }
  }

  /// The twin: with the text of another program.
  @Test
  void oursWithAnotherText() {
    for (int i = 0; i < PROGRAMS; i++) {
      PtProgram program = program(i, false);
      assertNotEquals(program.flow(), ours(program, program(i + 1, false).text()), "program " + i + " of seed " + SEED);
    }
  }

  /// Without event trace: libipt 2.0 knows no CFE, and no MODE.Exec with a FUP.
  @Test
  void libipt() throws IOException {
    for (int i = 0; i < PROGRAMS; i++) {
      PtProgram program = program(i, false);
      assertEquals(program.flow(), libipt(program), "program " + i + " of seed " + SEED);
    }
  }

  private static String ours(PtProgram program, String code) {
    Flow flow = new Flow();
    Section section = new Section(".text", PtProgram.BASE, HexFormat.of().parseHex(code), Section.Access.TEXT);
    TextTimeline text = new TextTimeline(new X86Isa(), new Image(List.of(section), List.of()), new PokeLog());
    PtConfig pt = PtConfig.of((name, otherwise) -> otherwise);
    new FlowDecoder(pt, text, flow).decode(pt.reader(TraceSource.of(program.trace()), Set.of(Mode.CODE_64)));
    return String.join(" ", flow.lines);
  }

  private String libipt(PtProgram program) throws IOException {
    Path text = Files.write(dir.resolve("text.bin"), HexFormat.of().parseHex(program.text()));
    Path trace = Files.write(dir.resolve("trace.pt"), program.trace());
    Flow flow = new Flow();
    Oracles.stream(List.of(LibiptFlow.program().toString(), trace.toString(),
        text + "@" + Long.toHexString(PtProgram.BASE)), new FlowLines(flow, "iptflow"));
    return String.join(" ", flow.lines);
  }

  private static final class Flow implements FlowListener {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void instruction(long address) {
      lines.add(Long.toHexString(address - PtProgram.BASE));
    }

    @Override
    public void diverted(long from, long to) {
      lines.add(Long.toHexString(from - PtProgram.BASE) + ">" + Long.toHexString(to - PtProgram.BASE));
    }

    @Override
    public void gap(long address, Gap reason, long time) {}

    @Override
    public void problem(Problem problem) {
      lines.add("?" + problem);
    }
  }
}

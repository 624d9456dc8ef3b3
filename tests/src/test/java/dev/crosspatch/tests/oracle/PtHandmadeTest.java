package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.tracer.flow.Elements;
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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Traces of a few bytes, behind a PSB+ without IP, each with the flow that libipt makes of it.
class PtHandmadeTest {
  private static final long BASE = 0xffff_ffff_8100_0000L;
  private static final String PSB = "0282".repeat(8) + "0223";
  /// TIP.PGE at the base, in 64-bit code.
  private static final String ON = "9901" + pge(0);

  @TempDir Path dir;

  /// A text, a trace, and the flow: offsets of instructions, `from>to` for diversions, `~` where tracing starts, `|`
  /// where it stops, `?` for problems.
  ///
  /// @param libipt what libipt 2.0 says if that is another flow, else empty: it gives up what a FUP proves at the end,
  ///               takes every MOV CR3 for the end of tracing, does not know that MODE.Exec can have a FUP, and goes on
  ///               behind an error at the next PSB only
  record Row(String name, String text, String trace, String flow, String libipt) {
    Row(String name, String text, String trace, String flow) {
      this(name, text, trace, flow, "");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static String ip(int header, int offset) {
    return "%02x%02x%02x0081ffff".formatted(header, offset & 0xff, offset >> 8);
  }

  private static String pge(int offset) {
    return ip(0x71, offset);
  }

  private static String tip(int offset) {
    return ip(0x6d, offset);
  }

  private static String fup(int offset) {
    return ip(0x7d, offset);
  }

  private static String pgd(int offset) {
    return ip(0x61, offset);
  }

  /// nop; test eax, eax; jz l; nop; l: mov ebx, 1; nop; call f; nop; jmp rax; f: nop; ret
  private static final String BRANCHES = "90" + "85c0" + "7401" + "90" + "bb01000000" + "90" + "e803000000" + "90"
      + "ffe0" + "90" + "c3";
  /// nop; mov cr3, rax; jmp over a nop; mov cr3, rcx; nop; jz to the end; mov cr3, rdx; nop
  private static final String SPACES = "90" + "0f22d8" + "eb01" + "90" + "0f22d9" + "90" + "7403" + "0f22da" + "90";
  private static final String PIP = "0243000001000000";
  private static final String LOST = "02f3" + fup(0xa) + fup(0xb) + "01";

  /// nop; nop; call rax; jmp back to the base
  private static final String CALLS = "9090" + "ffd0" + "ebfa";

  static Stream<Row> rows() {
    return Stream.of(endings(), fups(), modes(), resumptions()).flatMap(List::stream);
  }

  private static List<Row> endings() {
    return List.of(
        new Row("ends at a return, no address", BRANCHES, ON + "04" + "01", "~ 0 1 3 5 6 b c 14 15 |"),
        new Row("ends at a return, with address", BRANCHES, ON + "04" + pgd(0x1000), "~ 0 1 3 5 6 b c 14 15 |"),
        new Row("ends at a conditional branch, taken", BRANCHES, ON + pgd(6), "~ 0 1 3 |"),
        new Row("ends at a conditional branch, not taken", BRANCHES, ON + pgd(5), "~ 0 1 3 |"),
        new Row("ends at a direct call", BRANCHES, ON + "06" + pgd(0x14), "~ 0 1 3 6 b c |"),
        new Row("ends at an indirect jump behind a direct one", "90eb0190ffe0", ON + pgd(0x1000), "~ 0 1 4 |"),
        new Row("ends at a direct jump", "90eb0190ffe0", ON + pgd(4), "~ 0 1 |"),
        new Row("ends at SYSCALL", "90bb010000000f0590", ON + "01", "~ 0 1 6 |"),
        new Row("ends at SYSRET behind MOV CR3 of which a PIP tells", "900f22d890480f0790", ON + PIP + "01",
            "~ 0 1 4 5 |", "0 1"),
        new Row("ends at MOV CR3", "900f22d890480f0790", ON + "01", "~ 0 1 |"),
        new Row("a TIP without IP at a return", BRANCHES, ON + "04" + "0d" + tip(0x11) + "01",
            "~ 0 1 3 5 6 b c 14 15 ? ~ 11 12 |", "0 1 3 5 6 b c 14 15 ?"),
        new Row("a TIP without IP behind a FUP", BRANCHES, ON + "04" + fup(6) + "0d" + tip(0x11) + "01",
            "~ 0 1 3 5 ? ~ 11 12 |", "0 1 3 5 6>7f000000 ?"),
        new Row("a PIP whose MOV CR3 stands behind a trap", "90cc0f22d8c3", ON + PIP + "02f3" + fup(5) + "01",
            "~ 0 ? ~ 5 |", "0 1 ?"),
        new Row("overflow behind a PIP", SPACES, ON + PIP + LOST, "~ 0 1 ~ a |"),
        new Row("overflow behind two PIPs", SPACES, ON + PIP + PIP + LOST, "~ 0 1 4 7 ~ a |"),
        new Row("overflow behind a PIP and an outcome", SPACES, ON + PIP + PIP + "04" + PIP + LOST,
            "~ 0 1 4 7 a b d ~ a |"),
        new Row("overflow behind a PIP too many: a branch was not told", SPACES, ON + PIP + PIP + PIP + LOST,
            "~ 0 1 4 7 a b ~ a |", "0 1 4 7 a b ?"),
        new Row("the PIPs of a loop", "900f22d8ebfa", ON + PIP.repeat(4), "~ 0 1 4 0 1 4 0 1 4 0 1"),
        new Row("the PIPs of a loop that an interrupt ends", "900f22d8ebfa90", ON + PIP.repeat(3) + fup(1) + tip(6),
            "~ 0 1 4 0 1 4 0 1 4 0 1>6"),
        new Row("the PIPs of a loop up to an address", "900f22d8ebfa90", ON + PIP.repeat(2) + fup(4) + "01",
            "~ 0 1 4 0 1 |"),
        new Row("a VM exit's PIP", "90900f22d890", ON + fup(1) + PIP + tip(5), "~ 0 1>5"),
        new Row("the trace ends behind a PIP", SPACES, ON + PIP, "~ 0 1"),
        new Row("a bad packet behind a PIP", SPACES, ON + PIP + "0203" + PSB.substring(0, 32) + fup(0x10) + "0223",
            "~ 0 1 ? ~"),
        new Row("ends before an instruction", BRANCHES, ON + "04" + fup(6) + "01", "~ 0 1 3 5 |"),
        new Row("ends behind a FUP", BRANCHES, ON + "04" + fup(0xb), "~ 0 1 3 5 6 |", "0 1 3"),
        new Row("overflow behind a FUP", BRANCHES, ON + "04" + fup(0xb) + "02f3" + fup(0x14), "~ 0 1 3 5 6 | ~",
            "0 1 3 ~"));
  }

  private static List<Row> fups() {
    return List.of(
        new Row("MODE.TSX while tracing is off", CALLS, "9921" + pge(0) + "9922" + "3d0000" + "2d0100", "~ 0>1"),
        new Row("MODE.Exec's own FUP, twice", CALLS, ON + "9905" + "3d0100" + "9901" + "3d0200" + tip(4),
            "~ 0 1 2", "0 1 2 ?"),
        new Row("MODE.Exec's own FUP, then a call", CALLS, ON + "9901" + "3d0200" + "9901" + "2d0400",
            "~ 0 1 2", "0 1 2 ?"),
        new Row("a transaction that commits", CALLS, ON + "9921" + fup(1) + "9920" + fup(2) + tip(4), "~ 0 1 2"),
        new Row("a transaction begins, and the trace ends", CALLS, ON + "9921" + fup(1), "~ 0"),
        new Row("PTWRITE, and the trace ends", "90f30faee090", ON + "029201000000" + fup(1), "~ 0 1"),
        new Row("PTWRITE, and an overflow", "90f30faee09090",
            ON + "029201000000" + fup(1) + "02f3" + fup(5) + fup(6) + "01", "~ 0 1 ~ 5 |"));
  }

  private static List<Row> modes() {
    return List.of(
        new Row("overflow in 32-bit code", CALLS, "9902" + pge(0) + "02f3" + "9901" + pge(0) + tip(4),
            "? ~ 0 1 2", "0 1 2"));
  }

  private static List<Row> resumptions() {
    return List.of(
        new Row("the address of a PTWRITE behind a contradiction", BRANCHES,
            ON + tip(0x11) + "029201000000" + fup(0x14) + tip(0), "~ 0 1 ? ~ 11 ? ~ 14 15", "0 1 3 ?"),
        new Row("a target behind a contradiction", BRANCHES, ON + tip(0x11) + tip(0), "~ 0 1 ? ~ 11 12", "0 1 3 ?"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void ours(Row row) {
    Flow flow = decode(row);
    assertEquals(row.flow(), flow.told(row.flow().contains("|")), () -> flow.problems.toString());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void libipt(Row row) throws IOException {
    Path text = Files.write(dir.resolve("text.bin"), HexFormat.of().parseHex(row.text()));
    Path trace = Files.write(dir.resolve("trace.pt"), HexFormat.of().parseHex(PSB + row.trace()));
    Flow flow = new Flow();
    Oracles.stream(List.of(LibiptFlow.program().toString(), trace.toString(), text + "@" + Long.toHexString(BASE)),
        new FlowLines(flow, "iptflow"));
    String instructions = row.flow().replaceAll("[~|] ?", "").strip();
    assertEquals(row.libipt().isEmpty() ? instructions : row.libipt(), flow.told(false).replace("~ ", ""),
        () -> flow.problems.toString());
  }

  /// 307 bytes of FUP and TIP over 16 MiB of NOPs: no source but the first can be reached, as each lies behind the
  /// target before it.
  @Test
  void hostileDiversionsDoNotWalkTheText() {
    byte[] text = new byte[16 << 20];
    Arrays.fill(text, (byte) 0x90);
    StringBuilder trace = new StringBuilder(ON);
    for (int i = 0; i < 20; i++) {
      trace.append(fup(i)).append(tip(0x1000 + i));
    }
    Flow flow = new Flow();
    decode(text, trace.toString(), flow);
    assertTrue(flow.lines.size() < 6_000_000, flow.lines.size() + " lines");
    assertEquals(19, flow.problems.size());
    Problem first = flow.problems.getFirst();
    assertEquals(
        "a diversion at ffffffff81000001 (byte 0x30) is not reached: 262144 bytes of text lead to ffffffff81041000 "
            + "without a branch that the trace would have told of",
        first.detail());
  }

  private static Flow decode(Row row) {
    Flow flow = new Flow();
    decode(HexFormat.of().parseHex(row.text()), row.trace(), flow);
    return flow;
  }

  private static void decode(byte[] text, String trace, FlowListener out) {
    Image image = new Image(List.of(new Section(".text", BASE, text, Section.Access.TEXT)), List.of());
    PtConfig pt = PtConfig.of((name, otherwise) -> otherwise);
    new FlowDecoder(pt, new TextTimeline(new X86Isa(), image, new PokeLog()), out)
        .decode(pt.reader(TraceSource.of(HexFormat.of().parseHex(PSB + trace)), Set.of(Mode.CODE_64)));
  }

  private static final class Flow implements FlowListener {
    private final List<String> lines = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private static String offset(long address) {
      return address == Elements.UNKNOWN ? "" : Long.toHexString(address - BASE);
    }

    String told(boolean stops) {
      return String.join(" ", lines.stream().filter(line -> stops || !line.equals("|")).toList());
    }

    @Override
    public void instruction(long address) {
      lines.add(offset(address));
    }

    @Override
    public void diverted(long from, long to) {
      lines.add(offset(from) + ">" + offset(to));
    }

    @Override
    public void gap(long address, Gap reason, long time) {
      lines.add("~");
    }

    @Override
    public void stopped(long address, long time) {
      lines.add("|");
    }

    @Override
    public void problem(Problem problem) {
      lines.add("?");
      problems.add(problem);
    }
  }
}

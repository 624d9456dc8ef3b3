package dev.crosspatch.tests.oracle;

import static dev.crosspatch.tests.oracle.PtText.*;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Small flows through patched text, one per situation that tells decoders apart.
///
/// libipt and perf settle on the text when they begin to walk, by the time they know then. Where the next timing packet
/// lies behind the poke, but the walk began before they read it, they take the old text; and where a turn of the loop
/// looks the same either way, they never notice. Our decoder must not guess in silence: there it says `AMBIGUOUS`.
final class PtStories {
  private PtStories() {}

  static final int CBR = 25;
  private static final long START = 1_000_000;
  private static final long POKE = START + 25_000;
  private static final long[] NOTHING = {};

  /// What our decoder has to say.
  enum Ours {
    /// The truth, and nothing else.
    EXACT,
    /// A problem at each instruction that could have been either version; it goes on with the oldest.
    AMBIGUOUS,
    /// What the others say: the files hold nothing by which to know better.
    BLIND
  }

  /// A flow, or one per CPU, with what changed in the text meanwhile: the site's NOP to a jump, if nothing else is
  /// said.
  ///
  /// @param problems how many our decoder has to report
  /// @param libipt   errors that libipt reports; what it says of the flow counts up to the first
  /// @param perf     the same for perf
  record Row(String name, Image image, List<Poke> pokes, List<PtStory> stories, Ours ours, int problems,
      List<String> libipt, List<String> perf) {
    Row(String name, PtStory... stories) {
      this(name, PtText.image(), List.of(poke(SITE, NOP5, JUMP)), List.of(stories), Ours.EXACT, 0,
          List.of(), List.of());
    }

    Row says(Ours what, int times) {
      return new Row(name, image, pokes, stories, what, times, libipt, perf);
    }

    Row changed(Poke... other) {
      return new Row(name, image, Arrays.asList(other), stories, ours, problems, libipt, perf);
    }

    Row in(Image other) {
      return new Row(name, other, pokes, stories, ours, problems, libipt, perf);
    }

    Row errors(List<String> ofLibipt, List<String> ofPerf) {
      return new Row(name, image, pokes, stories, ours, problems, ofLibipt, ofPerf);
    }

    PerfBundle.Input input() {
      PokeLog log = new PokeLog();
      pokes.forEach(log::add);
      return new PerfBundle.Input(image, log, stories.stream().map(story -> RawTrace.of(story.trace())).toList(),
          PtConfig.of((name, otherwise) -> name.equals("mtc") ? 0 : otherwise));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Poke poke(long address, byte[] before, byte[] after) {
    return new Poke(POKE, 0, address, before, after, "", "");
  }

  static Stream<Row> all() {
    return Stream.of(protocol(), bare(), cycles(), elsewhere(), packets()).flatMap(rows -> rows);
  }

  private static PtStory begin() {
    return new PtStory().begin(START, WORK);
  }

  // ---- TSC only, INT3 protocol

  private static Stream<Row> protocol() {
    return Stream.of(
        new Row("INT3 hit on each side of the poke", traps(0).fresh(3).end(WORK)),
        new Row("three CPUs, one poke record", traps(0).fresh(3).end(WORK), traps(1).fresh(1).end(WORK),
            traps(24).fresh(5).end(WORK)),
        new Row("no poke record: a silent misdecode", traps(0).unseen(3).end(WORK)).changed().says(Ours.BLIND, 0),
        new Row("INT3 stays in the text (kprobe)", begin().old(3).tsc(START + 30_000).trapOld().trapOld().end(WORK))
            .changed(poke(SITE, hex("0f"), INT3)),
        tipWithoutFup());
  }

  private static PtStory traps(int skew) {
    long start = START + skew;
    return new PtStory().begin(start, WORK).old(3).tsc(start + 20_000).trapOld().tsc(start + 30_000).trapNew()
        .tsc(start + 40_000);
  }

  /// No hardware writes it, but all decoders take it; libipt and perf list the INT3 then.
  private static Row tipWithoutFup() {
    PtStory story = begin().old(3).tsc(START + 30_000).packet(new PtPacket.Cbr(CBR + 1));
    story.ran(WORK).tale(NOTHING, new long[] {SITE}, NOTHING).tip(TRAP).ran(TRAP, TRAP + 2).tip(SITE + 5)
        .ran(SITE + 5, SITE + 8).taken().end(WORK);
    return new Row("kprobe whose INT3 leaves a TIP but no FUP: listed as if it retired", story)
        .changed(poke(SITE, hex("0f"), INT3));
  }

  // ---- TSC only, the text changes without any protocol

  private static Stream<Row> bare() {
    return Stream.of(
        new Row(
            "poke, TSC, and at once a TNT over the new text",
            begin().old(3).tsc(START + 24_000).tsc(START + 30_000).unseen(1).fresh(2).tsc(START + 40_000).fresh(3)
                .end(WORK)).says(Ours.AMBIGUOUS, 1),
        onlyNewFits(),
        new Row("PSB behind the poke",
            begin().old(3).tsc(START + 24_000).psb(START + 30_000, WORK, false).fresh(3).end(WORK)),
        new Row(
            "TSC, CBR with a new ratio, TSC behind the poke",
            begin().old(3).tsc(START + 24_000).tsc(START + 26_000).packet(new PtPacket.Cbr(CBR + 1)).tsc(START + 30_000)
                .lucky().fresh(2).end(WORK))
            .says(Ours.AMBIGUOUS, 1),
        new Row(
            "no timing packet around the poke",
            begin().tsc(START + 20_000).old(3).trapNew().unseen(3).tsc(START + 40_000).unseen(1).fresh(2).end(WORK))
                .says(Ours.AMBIGUOUS, 7));
  }

  /// The site becomes an indirect jump. The old text has a conditional branch there, so only one version goes with a
  /// TIP.
  private static Row onlyNewFits() {
    PtStory story = begin().old(3).tsc(START + 24_000).tsc(START + 30_000);
    story.ran(WORK, SITE).tale(NOTHING, new long[] {SITE + 5, SITE + 8}, NOTHING).tip(OTHER)
        .ran(OTHER, OTHER + 4, OTHER + 7).taken().end(WORK);
    return new Row("poke, TSC, and at once a TIP that only the new text fits", story)
        .changed(poke(SITE, NOP5, hex("ffe20f1f00")))
        .errors(List.of("trace stream does not match query"), List.of("Trace doesn't match instruction"));
  }

  // ---- cycle-accurate

  private static Stream<Row> cycles() {
    return Stream.of(
        new Row("CYC before every TNT, no sync", endWithCycles(beginWithCycles().unseen(1))).says(Ours.AMBIGUOUS, 1),
        new Row("CYC and a sync IPI before the site", endWithCycles(beginWithCycles().sync(WORK))),
        new Row(
            "CYC and a sync IPI behind the site",
            endWithCycles(beginWithCycles().ran(WORK, SITE).sync(SITE + 5).ran(SITE + 5, SITE + 8).cyc(3).taken())));
  }

  /// Four turns over the NOP, the last of which ends 50 cycles before the poke; what follows comes 50 cycles behind it.
  private static PtStory beginWithCycles() {
    PtStory story = begin().psb(POKE - 450, WORK, true);
    for (int i = 0; i < 4; i++) {
      story.cyc(100).old(1);
    }
    return story.cyc(100);
  }

  private static PtStory endWithCycles(PtStory story) {
    for (int i = 0; i < 4; i++) {
      story.cyc(100).fresh(1);
    }
    return story.cyc(7).end(WORK);
  }

  // ---- other text than the kernel's image

  private static Stream<Row> elsewhere() {
    PtStory slot = begin().old(3).tsc(START + 30_000).trap(FAR).ran(FAR, FAR + 3).tip(SITE + 5).ran(SITE + 5, SITE + 8)
        .taken().end(WORK);
    PtStory module = begin().old(3).tsc(START + 20_000).trap(FAR).ran(FAR, FAR + 3, FAR + 8).tip(WORK).old(1);
    module.tsc(START + 30_000).trap(FAR).ran(FAR).tip(WORK).old(1).end(WORK);
    return Stream.of(
        new Row("text appears away from the image", slot).changed(poke(FAR, new byte[0], SLOT)),
        new Row("poke in a module", module).in(imageWithModule()).changed(poke(FAR, hex("48ff"), hex("ffe2"))));
  }

  // ---- packets around a text that stays

  private static Stream<Row> packets() {
    PtStory calls = begin().async(WORK, CALLS).ran(CALLS, LEAF, LEAF + 1).taken()
        .ran(CALLS + 5, CALLS + 7, LEAF, LEAF + 1).tip(CALLS + 12);
    calls.ran(CALLS + 12, LEAF, LEAF + 1, CALLS + 14, CALLS + 16).taken().notTaken().tip(LEAF).tip(WORK)
        .old(3).end(WORK);
    PtStory system = begin().async(WORK, SYSCALLS).ran(SYSCALLS).tip(ENTRY).ran(ENTRY, ENTRY + 3).tip(SYSCALLS + 2)
        .ran(SYSCALLS + 2).taken();
    system.ran(SYSCALLS).tip(ENTRY).ran(ENTRY, ENTRY + 3).tip(SYSCALLS + 2).ran(SYSCALLS + 2, SYSCALLS + 4).notTaken()
        .tip(WORK).old(1).end(WORK);
    PtStory events = begin().old(3).ran(WORK).packet(new PtPacket.Cfe(1, 3, false)).async(SITE, TRAP)
        .ran(TRAP, TRAP + 2);
    events.packet(new PtPacket.Cfe(2, 0, false)).tip(SITE + 5).ran(SITE + 5, SITE + 8).taken().old(1).end(WORK);
    return Stream.of(
        new Row("returns: compressed, not compressed, and a deferred TIP", calls).changed(),
        new Row("SYSCALL and SYSRET", system).changed(),
        new Row("event trace: CFE before FUP and TIP, CFE before the TIP of IRET", events).changed()
            .errors(List.of(LibiptFlow.UNKNOWN_OPCODE), List.of()));
  }
}

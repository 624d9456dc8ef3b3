package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.x86.X86Isa;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What x86-64 bytes are, held against Capstone: which are instructions, how long, which instruction, where a branch
/// goes.
///
/// The strings come from [X86CapstoneStrings]. `-Dcrosspatch.strings=N` and `-Dcrosspatch.seed=N` choose how many and
/// which. Differences that are meant stand with their reasons in `x86-capstone-differences.tsv`.
class X86CapstoneTest {
  private static final int STRINGS = Integer.getInteger("crosspatch.strings", 2_000_000);
  /// Each with a Capstone of its own, so that all processors have work.
  private static final int PARTS = 8;
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);
  private static final long ADDRESS = 0xffff_ffff_8100_0000L;
  private static final String DIFFERENCES = "x86-capstone-differences.tsv";
  /// What is counted.
  private static final String KNOWN = "instructions to Capstone";

  private static final String IMPLEMENTED = "instructions that we implement";

  // ---- kinds of difference, as the file calls them
  private static final String CAPSTONE_ONLY = "capstone-only";
  private static final String OURS_ONLY = "ours-only";
  private static final String LENGTH = "length";
  private static final String NAME = "name";
  private static final String TARGET = "target";

  private static final X86Isa ISA = new X86Isa();

  /// Capstone's names of the forms that have another one in the rows.
  private static final Map<String, Set<String>> NAMES = Map.ofEntries(
      Map.entry("Jcc", conditions("j")),
      Map.entry("SETcc", conditions("set")),
      Map.entry("CMOVcc", conditions("cmov")),
      Map.entry("CBW", Set.of("cbw", "cwde", "cdqe")),
      Map.entry("CWD", Set.of("cwd", "cdq", "cqo")),
      Map.entry("IRET", Set.of("iret", "iretd", "iretq")),
      Map.entry("CALLF", Set.of("call", "lcall")),
      Map.entry("JMPF", Set.of("jmp", "ljmp")),
      Map.entry("RETF", Set.of("retf", "retfq")),
      Map.entry("SYSRET", Set.of("sysret", "sysretq")),
      Map.entry("PUSHF", Set.of("pushf", "pushfq")),
      Map.entry("POPF", Set.of("popf", "popfq")),
      Map.entry("MOV", Set.of("mov", "movabs")),
      Map.entry("SHL", Set.of("shl", "sal")),
      Map.entry("FWAIT", Set.of("wait")),
      Map.entry("XLAT", Set.of("xlatb")),
      Map.entry("JRCXZ", Set.of("jrcxz", "jecxz")),
      Map.entry("XCHG", Set.of("xchg", "nop")),
      Map.entry("PREFETCH", Set.of("prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2", "nop")),
      Map.entry("PREFETCHW", Set.of("prefetch", "prefetchw", "prefetchwt1")));

  /// The bytes, and what both sides make of them.
  private record Sample(byte[] code, @Nullable Insn ours, String row, Disassembler.@Nullable Line theirs) {
    static Sample of(byte[] code, Disassembler capstone) {
      String row = X86Isa.rowOf(code, 0, code.length);
      return new Sample(code, ISA.classify(code, 0, code.length, ADDRESS, Mode.CODE_64), row == null ? "" : row,
          capstone.disassemble(code, 0, ADDRESS));
    }

    /// Known to a tracer, but not to the processors at hand.
    boolean foreign() {
      return row.contains("| *") || (row.isEmpty() && ours != null);
    }

    String hex() {
      return HexFormat.of().formatHex(code);
    }

    /// Capstone's mnemonic without prefixes, or `-`.
    String name() {
      return theirs == null ? "-" : theirs.mnemonic().substring(theirs.mnemonic().lastIndexOf(' ') + 1);
    }

    @Override
    public String toString() {
      String us = ours == null ? "nothing" : ours.length() + " bytes, " + row
          + (ours.target() == 0 ? "" : String.format(", to 0x%x", ours.target()));
      return hex() + " is " + us + " to us, "
          + (theirs == null ? "nothing" : theirs.length() + " bytes, " + theirs.text()) + " to Capstone";
    }
  }

  private static Disassembler capstone() {
    Optional<AssemblerProvider> provider = ServiceLoader.load(AssemblerProvider.class).stream()
        .map(ServiceLoader.Provider::get).filter(p -> p.supports("x86-64")).findFirst();
    Assumptions.assumeTrue(provider.isPresent(), "no disassembler for x86-64 on the class path (module asm)");
    return provider.orElseThrow().disassembler("x86-64");
  }

  @Test
  void bytesAreTheInstructionsCapstoneSees() {
    List<X86Meant> meant = X86Meant.all(DIFFERENCES);
    Findings all = new Findings();
    IntStream.range(0, PARTS).parallel().forEach(part -> all.add(compare(new Random(SEED + part), meant)));
    assertTrue(all.kinds() == 0,
        () -> "seed " + SEED + ", " + all.kinds() + " kinds:\n" + String.join("\n", all.shown()) + "\n");
    assertTrue(all.counted(KNOWN) > STRINGS / 2, all.counted(KNOWN) + " of " + STRINGS + " strings are " + KNOWN);
    assertTrue(all.counted(IMPLEMENTED) > STRINGS / 4,
        all.counted(IMPLEMENTED) + " of " + STRINGS + " strings are " + IMPLEMENTED);
  }

  private static Findings compare(Random random, List<X86Meant> meant) {
    Findings findings = new Findings();
    Disassembler capstone = capstone();
    X86CapstoneStrings strings = new X86CapstoneStrings(random);
    for (int i = 0; i < STRINGS / PARTS; i++) {
      Sample s = Sample.of(strings.next(), capstone);
      if (s.theirs != null) {
        findings.count(KNOWN);
      }
      if (s.ours != null && !s.foreign()) {
        findings.count(IMPLEMENTED);
        strings.keep(s.row, s.code);
      }
      String kind = difference(s);
      if (kind != null && meant.stream().noneMatch(m -> m.covers(kind, s.hex(), s.name()))) {
        findings.difference(kind + " " + s.name() + " " + s.row, kind + ": " + s);
      }
    }
    return findings;
  }

  @Test
  void everyMeantDifferenceIsReal() {
    List<String> idle = new ArrayList<>();
    for (X86Meant m : X86Meant.all(DIFFERENCES)) {
      Sample s = Sample.of(HexFormat.of().parseHex(m.example()), capstone());
      String kind = difference(s);
      if (kind == null || !m.covers(kind, s.hex(), s.name())) {
        idle.add(m.reason() + ": " + s);
      }
    }
    assertEquals(List.of(), idle);
  }

  /// The kind of difference between us and Capstone, or null. Of instructions that are not implemented only the length
  /// is compared, and only if Capstone knows them: their rows cover whole opcode ranges.
  private static @Nullable String difference(Sample s) {
    if (s.theirs == null) {
      return s.ours == null || s.foreign() ? null : OURS_ONLY;
    }
    if (s.ours == null) {
      return CAPSTONE_ONLY;
    }
    if (s.ours.length() != s.theirs.length()) {
      return LENGTH;
    }
    if (s.foreign()) {
      return null;
    }
    if (!sameName(s.row.substring(s.row.indexOf('|') + 2), s.name())) {
      return NAME;
    }
    boolean sameTarget = s.ours.target() == 0 || s.theirs.operands().equals(String.format("0x%x", s.ours.target()));
    return sameTarget ? null : TARGET;
  }

  private static boolean sameName(String form, String theirs) {
    int blank = form.indexOf(' ');
    String ours = blank < 0 ? form : form.substring(0, blank);
    String lower = ours.toLowerCase(Locale.ROOT);
    return theirs.equals(lower)
        || NAMES.getOrDefault(ours, Set.of()).contains(theirs)
        || (ours.matches("V?CMP[PS][SD]") && theirs.matches(lower.replaceFirst("cmp", "cmp.+")))
        || (ours.matches("MOVS|STOS|LODS|SCAS|CMPS") && theirs.matches(lower + "[bwdq]"));
  }

  private static Set<String> conditions(String prefix) {
    Set<String> names = new HashSet<>();
    for (String c : List.of("o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g")) {
      names.add(prefix + c);
    }
    return Set.copyOf(names);
  }
}

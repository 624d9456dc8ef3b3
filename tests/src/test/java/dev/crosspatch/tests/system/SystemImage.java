package dev.crosspatch.tests.system;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.sim.Plugins;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// All system programs of an ISA in one image, with the runtime that runs them one after the other and prints their
/// words: the same bytes for our machine and for QEMU's.
///
/// The runtime is assembled at the image's beginning, addresses of programs stand at [#TABLE], and program `n` is
/// assembled by itself at [#PROGRAMS] + [#ROOM] * `n`. What runs has the symbols `PROGRAMS`, `WORDS`, `STACK`, and,
/// by physical address, `TABLES` and `RAM`; programs have `PROGRAM`, where they lie, too, and `DONE`, and can ask how
/// far the mapping of themselves for user mode is away, `AS_USER`.
final class SystemImage {
  private static final Path SOURCES = Path.of("src", "test", "resources", "system");
  private static final int TABLE = 0x8000;
  private static final int PROGRAMS = 0x1_0000;
  private static final int ROOM = 0x1000;
  private static final int MOST = 240;
  private static final int STACK = 0x12_0000;
  private static final int WORDS = 0x14_0000;
  private static final int TABLES = 0x18_0000;
  private static final int RAM = 0x28_0000;

  private final String isa;
  private final long base;
  final List<SystemProgram> programs;
  private final List<Image> assembled = new ArrayList<>();
  /// By program, the symbols it was given.
  private final List<Map<String, Long>> given = new ArrayList<>();
  private final Image runtime;

  /// Assembles what lies in `system/ISA*.s`.
  ///
  /// @param preset   of the cores for which it is
  /// @param base     virtual address of the image
  /// @param physical address at which it lies
  /// @param cpus     CPUs that there are
  /// @param stranger for QEMU
  /// @param user     virtual address at which programs map themselves for user mode
  SystemImage(String isa, String preset, int cpus, boolean stranger, long base, long physical, long user)
      throws IOException {
    this.isa = isa;
    this.base = base;
    Map<String, Long> symbols = Map.of("PROGRAMS", base + TABLE, "STACK", base + STACK, "WORDS", base + WORDS,
        "TABLES", physical + TABLES, "RAM", physical + RAM, "LINK", base - physical);
    programs = programs(isa).stream().filter(program -> program.runsOn(preset, cpus, stranger)).toList();
    if (programs.size() > MOST) {
      throw new IllegalArgumentException(programs.size() + " programs are more than there is room for");
    }
    Assembler assembler = Plugins.assembler(isa).assembler(isa, Syntax.MANUAL);
    runtime = assembler.assemble(isa + ".s", Files.readString(SOURCES.resolve(isa + ".s")), Map.of(".text", base),
        symbols);
    String macros = Files.readString(SOURCES.resolve(isa + "-macros.s"));
    for (SystemProgram program : programs) {
      long at = base + PROGRAMS + (long) ROOM * assembled.size();
      Map<String, Long> own = new LinkedHashMap<>(symbols);
      own.put("DONE", runtime.address("done"));
      runtime.find("apic_write").ifPresent(symbol -> own.put("APIC_WRITE", symbol.address()));
      own.put("PROGRAM", at);
      own.put("AS_USER", user - at);
      given.add(own);
      assembled.add(assembler.assemble(program.name(), macros + ".text\n" + program.source(), Map.of(".text", at),
          own));
    }
  }

  private static List<SystemProgram> programs(String isa) throws IOException {
    List<SystemProgram> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith(isa + "-")).sorted().toList()) {
        all.addAll(SystemProgram.read(file));
      }
    }
    return all;
  }

  /// The image, from its physical address on.
  byte[] bytes() {
    byte[] bytes = new byte[PROGRAMS + ROOM * programs.size()];
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    place(view, runtime, 0, TABLE);
    for (int i = 0; i < programs.size(); i++) {
      int at = PROGRAMS + ROOM * i;
      place(view, assembled.get(i), at, ROOM);
      view.putLong(TABLE + 8 * i, base + at);
    }
    return bytes;
  }

  private static void place(ByteBuffer view, Image image, int at, int room) {
    byte[] code = image.section(".text").orElseThrow().bytes();
    if (code.length > room) {
      throw new IllegalArgumentException("code of " + code.length + " bytes has room for " + room);
    }
    view.put(at, code);
  }

  /// Virtual address of a symbol of the runtime.
  long address(String symbol) {
    return runtime.address(symbol);
  }

  /// Words by program, from what the runtime has printed: of each program its words and a line `#NUMBER`.
  ///
  /// @throws AssertionError if not all programs ended, with the one that did not
  List<List<Long>> words(String printed) {
    List<List<Long>> all = new ArrayList<>();
    List<Long> words = new ArrayList<>();
    for (String line : printed.lines().map(String::strip).filter(line -> !line.isEmpty()).toList()) {
      if (line.startsWith("#")) {
        if (Long.parseUnsignedLong(line.substring(1), 16) != all.size()) {
          throw new AssertionError("program " + all.size() + " is " + line);
        }
        all.add(words);
        words = new ArrayList<>();
      } else {
        words.add(Long.parseUnsignedLong(line, 16));
      }
    }
    if (all.size() != programs.size()) {
      throw new AssertionError(isa + ": '" + programs.get(all.size()).name() + "' did not end");
    }
    return all;
  }

  /// Name of the program that was running when this had been printed.
  String last(String printed) {
    long ended = printed.lines().filter(line -> line.startsWith("#")).count();
    return ended < programs.size() ? programs.get((int) ended).name() : "none";
  }

  /// What is wrong with the words of a program, or an empty text.
  ///
  /// @param wanted outcomes of which it must have one
  String difference(int program, List<SystemProgram.Outcome> wanted, List<Long> words) {
    return wanted.stream().anyMatch(outcome -> matches(program, outcome.words(), words)) ? ""
        : String.format("%s: %s: has %s, wanted is %s", programs.get(program).name(),
            programs.get(program).reference(), words.stream().map(w -> String.format("0x%x", w)).toList(),
            wanted.stream().map(outcome -> text(program, outcome.words())).toList());
  }

  private boolean matches(int program, List<String> wanted, List<Long> words) {
    boolean same = wanted.size() == words.size();
    for (int i = 0; same && i < words.size(); i++) {
      same = wanted.get(i).equals("*") || value(program, wanted.get(i)) == words.get(i);
    }
    return same;
  }

  private List<String> text(int program, List<String> wanted) {
    return wanted.stream().map(word -> word.equals("*") || word.matches("0x[0-9a-f]+")
        ? word : String.format("%s (0x%x)", word, value(program, word))).toList();
  }

  /// The value of a sum of numbers and symbols.
  long value(int program, String word) {
    long sum = 0;
    for (String term : word.split("\\+", -1)) {
      sum += term.matches("-?0x[0-9a-f]{1,15}") ? Long.decode(term)
          : term.startsWith("0x") ? Long.parseUnsignedLong(term.substring(2), 16)
          : term.matches("[0-9]+") ? Long.parseLong(term) : address(program, term);
    }
    return sum;
  }

  private long address(int program, String symbol) {
    Long own = given.get(program).get(symbol);
    return own != null ? own : assembled.get(program).address(symbol);
  }
}

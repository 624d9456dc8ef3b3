package dev.crosspatch.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A method that a helper micro-op runs is named once where instructions get their micro-ops, as a method reference:
/// there are no dead ones, and none that two instructions share by accident. Those that several do share are written
/// here with how many name them; with 0, what other helpers call and no micro-op runs.
final class HelperEntriesTest {
  private static final Map<String, Integer> OTHERS = Map.ofEntries(
      Map.entry("X86Bits::bit", 0),
      Map.entry("X86Shifts::count", 0),
      Map.entry("X86Ports::port", 0),
      Map.entry("X86FloatStack::end", 0),
      Map.entry("Arm64Helpers::finish", 0),
      Map.entry("Arm64Vectors::everywhere", 0),
      // INVD and WBINVD; RDFSBASE and RDGSBASE, and the writes; MOV from a control register and SMSW
      Map.entry("X86Helpers::writeBackAll", 2),
      Map.entry("X86Helpers::readBase", 2),
      Map.entry("X86Helpers::writeBase", 2),
      Map.entry("X86Control::read", 2),
      // MOV and PUSH of a segment register, SLDT and STR; MOV and POP
      Map.entry("X86Segments::read", 4),
      Map.entry("X86Segments::write", 2),
      // MOVD and MOVQ to memory; MOVQ between registers of MMX or to memory, and MOVNTQ
      Map.entry("X86Mmx::store", 2),
      // the encodings of FXCH
      Map.entry("X86FloatStack::exchange", 3),
      // pointer authentication of named registers and in the hint space; before branches and loads as well
      Map.entry("Arm64PointerAuth::sign", 2),
      Map.entry("Arm64PointerAuth::strip", 2),
      Map.entry("Arm64PointerAuth::authenticate", 4),
      // DSB and DSB nXS; the operations on a line by address, by set and way, on all instruction caches; address
      // translation in six forms
      Map.entry("Arm64Helpers::dsb", 2),
      Map.entry("Arm64Helpers::dcLine", 6),
      Map.entry("Arm64Helpers::dcSet", 3),
      Map.entry("Arm64Helpers::icAll", 2),
      Map.entry("Arm64Helpers::at", 6));

  @ParameterizedTest
  @ValueSource(strings = {"isa-x86", "isa-arm64"})
  void eachIsNamedOnce(String module) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(Path.of("..", module, "src", "main", "java"))) {
      files = all.filter(f -> f.toString().endsWith(".java")).toList();
    }
    String sources = String.join("\n", files.stream().map(HelperEntriesTest::text).toList());
    Map<String, Integer> named = new TreeMap<>();
    Map<String, Integer> expected = new TreeMap<>();
    int helpers = 0;
    for (Path file : files) {
      String type = file.getFileName().toString().replace(".java", "");
      Matcher methods = Pattern.compile("static int (\\w+)\\((?:X86|Arm64)Core \\w+, long \\w+, long \\w+\\)")
          .matcher(text(file));
      while (methods.find()) {
        helpers++;
        String method = type + "::" + methods.group(1);
        named.put(method, (int) Pattern.compile("\\b" + method + "\\b").matcher(sources).results().count());
        expected.put(method, OTHERS.getOrDefault(method, 1));
      }
    }
    assertTrue(helpers > 20, module + ": " + helpers);
    assertEquals(expected, named);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

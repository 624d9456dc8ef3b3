package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A test of libipt's own suite: assembly whose comments tell the packets of a trace and what the library's tool
/// `ptxed` makes of it. The form is described in libipt's `doc/howto_pttc.md`. Read here: packets, labels, and the
/// expected instructions; sideband is not.
///
/// @param name     file name without its suffix
/// @param packets  the trace, in order
/// @param labels   addresses of the text's labels, and of the packets' the number of bytes before them
/// @param image    the assembled text
/// @param expected lines of `ptxed`, comments and labels resolved as far as instructions and errors need it
record PttFile(String name, List<Directive> packets, Map<String, Long> labels, Image image, List<String> expected) {

  private static final Pattern PACKET = Pattern.compile("@pt\\s+(?:(\\w+)\\s*:)?\\s*([\\w.-]+)\\(([^)]*)\\)");
  private static final Pattern EXPECT = Pattern.compile("@pt\\s+\\.exp\\(\\s*([^)]*)\\s*\\)");
  private static final Pattern INSTRUCTION = Pattern.compile("(?:\\? )?(?:%0?(\\w+)|([0-9a-f]{16}))");
  private static final Pattern COUNT = Pattern.compile("insn:\\s*(\\d+)\\.?");
  /// Lines of yasm's map file: the address as written and as assembled, and the name.
  private static final Pattern SYMBOL = Pattern.compile("([0-9A-F]+)\\s+([0-9A-F]+)\\s+(\\w+)");
  private static final Pattern ORIGIN = Pattern.compile("(?m)^\\s*org\\s+(\\S+)");

  /// A packet as written: `name(arguments)`.
  record Directive(String label, String name, String arguments) {}

  /// Reads a test and assembles its text with `yasm`.
  static PttFile read(Path file, Path yasm, Path work) throws IOException {
    String source = Files.readString(file);
    List<Directive> packets = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    String tool = "";
    for (String line : source.lines().toList()) {
      int comment = line.indexOf(';');
      Matcher expect = EXPECT.matcher(line);
      if (expect.find()) {
        tool = expect.group(1);
      } else if (tool.isEmpty()) {
        Matcher packet = PACKET.matcher(line);
        while (comment >= 0 && packet.find(Math.max(0, comment))) {
          packets.add(new Directive(packet.group(1) == null ? "" : packet.group(1), packet.group(2), packet.group(3)));
          comment = packet.end();
        }
      } else if (tool.equals("ptxed") && comment >= 0) {
        expected.add(line.substring(comment + 1).replaceFirst("#.*", "").strip());
      }
    }
    expected.removeIf(String::isEmpty);
    String name = file.getFileName().toString().replaceFirst("\\.ptt$", "");
    Map<String, Long> labels = new HashMap<>();
    return new PttFile(name, packets, labels, assemble(source, yasm, work.resolve(name), labels), expected);
  }

  private static Image assemble(String source, Path yasm, Path stem, Map<String, Long> labels) throws IOException {
    Path text = Files.writeString(stem.resolveSibling(stem.getFileName() + ".asm"), "[map symbols]\n" + source);
    Path binary = stem.resolveSibling(stem.getFileName() + ".bin");
    Path map = stem.resolveSibling(stem.getFileName() + ".map");
    Oracles.run(List.of(yasm.toString(), "-w", "-f", "bin", "-o", binary.toString(), "--mapfile=" + map,
        text.toString()));
    for (String line : Files.readAllLines(map)) {
      Matcher symbol = SYMBOL.matcher(line.strip());
      if (symbol.matches()) {
        labels.put(symbol.group(3), Long.parseUnsignedLong(symbol.group(2), 16));
      }
    }
    Matcher origin = ORIGIN.matcher(source);
    long base = origin.find() ? number(origin.group(1)) : 0;
    return new Image(List.of(new Section(".text", base, Files.readAllBytes(binary), Section.Access.TEXT)), List.of());
  }

  /// A number in the assembler's or C's spelling.
  static long number(String text) {
    String t = text.strip();
    return t.startsWith("0x") ? Long.parseUnsignedLong(t.substring(2), 16) : Long.parseUnsignedLong(t);
  }

  /// An address: a number, or a label's.
  long address(String text) {
    String t = text.strip();
    if (!t.startsWith("%")) {
      return number(t);
    }
    Long address = labels.get(t.substring(1));
    if (address == null) {
      throw new IllegalArgumentException(name + ": no label " + t);
    }
    return address;
  }

  /// The expected number of instructions where `ptxed` counts them, else -1.
  long count() {
    return expected.stream().map(COUNT::matcher).filter(Matcher::matches).mapToLong(m -> Long.parseLong(m.group(1)))
        .findFirst().orElse(-1);
  }

  /// Whether `ptxed` is expected to list instructions, and not only to count them.
  boolean listsInstructions() {
    return count() < 0 || !instructions().isEmpty();
  }

  /// Addresses of the expected instructions, hex.
  List<String> instructions() {
    List<String> addresses = new ArrayList<>();
    for (String line : expected) {
      Matcher m = INSTRUCTION.matcher(line);
      if (m.matches()) {
        addresses.add(m.group(2) != null
            ? Long.toHexString(Long.parseUnsignedLong(m.group(2), 16)) : Long.toHexString(address("%" + m.group(1))));
      }
    }
    return addresses;
  }

  /// Whether an error is expected.
  boolean fails() {
    return expected.stream().anyMatch(line -> line.startsWith("[") && line.contains("error"));
  }
}

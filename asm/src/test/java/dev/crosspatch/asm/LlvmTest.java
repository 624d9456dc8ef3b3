package dev.crosspatch.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.asm.AssemblyException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same bytes as LLVM's assembler makes. Skipped where `llvm-mc` is not installed (Debian: `apt-get install llvm`).
class LlvmTest {
  /// The least exit status of a process that a signal has ended.
  private static final int SIGNALLED = 128;

  private static final Pattern ERROR = Pattern.compile("<stdin>:(\\d+):\\d+: error");
  private static final Pattern ENCODING = Pattern.compile("encoding: \\[(.*?)]");

  /// Instructions that say where they lead: LLVM takes the number for a distance, or leaves a relocation.
  static final Pattern RELATIVE =
      Pattern.compile(
          "(j\\w+ |call |loop\\w* |xbegin |b |bl |b[.a-z]{2,4} |cbn?z |tbn?z |adrp? |ldr(sw)? \\w+, )"
              + "(short |near |.*, )?[0-9].*");

  /// LLVM writes the operands of the first in the other order, which is as right; in the second it puts REX.W before
  /// the segment prefix, where it counts for nothing (SDM volume 2, 2.2.1).
  private static final Set<String> OTHERWISE =
      Set.of("xchg cl, dl", "movabs rax, qword ptr gs:[0x1122334455667788]");

  @TempDir Path directory;

  @BeforeEach
  void needLlvm() {
    assumeTrue(isInstalled(), "llvm-mc is not installed");
  }

  static boolean isInstalled() {
    try {
      return new ProcessBuilder("llvm-mc", "--version").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> command(String isa, String... more) {
    List<String> command = new ArrayList<>(List.of("llvm-mc"));
    command.addAll(
        isa.equals(TestAssemblers.X86_64)
            ? List.of("--triple=x86_64", "--x86-asm-syntax=intel")
            : List.of(
                "--triple=aarch64",
                "-mattr=+v8.7a,+lse,+pauth,+rand,+ssbs,+sb,+bti,+mte,+ete,+trbe,+spe,+ras,+flagm,+altnzcv,+ccpp,"
                    + "+crypto,+sha3,+sm4,+lor,+rcpc-immo"));
    command.addAll(List.of(more));
    return command;
  }

  /// The encodings LLVM makes of `lines`, as hex, with `""` where it refuses one.
  static List<String> encode(Path directory, String isa, List<String> lines) throws IOException, InterruptedException {
    return encode(directory, command(isa, "-show-encoding"), lines);
  }

  /// The encodings that `command`, an llvm-mc, shows. Where it crashes (LLVM 14 does at some operands of FMA), the line
  /// that it crashes at is one it refuses.
  static List<String> encode(Path directory, List<String> command, List<String> lines)
      throws IOException, InterruptedException {
    List<String> all = encodeUnlessCrashing(directory, command, lines);
    if (!all.isEmpty() || lines.size() < 2) {
      return all.isEmpty() && !lines.isEmpty() ? List.of("") : all;
    }
    int half = lines.size() / 2;
    List<String> parts = new ArrayList<>(encode(directory, command, lines.subList(0, half)));
    parts.addAll(encode(directory, command, lines.subList(half, lines.size())));
    return parts;
  }

  /// Nothing if it crashes.
  private static List<String> encodeUnlessCrashing(Path directory, List<String> command, List<String> lines)
      throws IOException, InterruptedException {
    Path errors = directory.resolve("errors");
    Process llvm = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    // A label behind each line, so that each has its part of the output.
    try (var in = llvm.outputWriter(StandardCharsets.US_ASCII)) {
      for (int i = 0; i < lines.size(); i++) {
        in.write(lines.get(i) + "\n.Lbehind" + i + ":\n");
      }
    } catch (IOException e) {
      // It has ended; how, its exit status tells.
    }
    String[] output = new String(llvm.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
        .split("\\.Lbehind\\d+:", -1);
    if (llvm.waitFor() >= SIGNALLED) {
      return List.of();
    }
    Set<Integer> refused = new HashSet<>();
    ERROR.matcher(Files.readString(errors)).results().forEach(m -> refused.add(Integer.parseInt(m.group(1))));
    if (output.length <= lines.size()) {
      throw new IllegalStateException("llvm-mc ends at " + lines.get(output.length - 1) + ": "
          + Files.readString(errors));
    }
    List<String> result = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      // Prefixes are instructions of their own to it.
      String bytes = ENCODING.matcher(output[i]).results().map(LlvmTest::hex).collect(Collectors.joining());
      result.add(refused.contains(2 * i + 1) ? "" : bytes);
    }
    return result;
  }

  private static String hex(MatchResult encoding) {
    return encoding.group(1).replace("0x", "").replace(",", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void instructionsAreLlvms(String isa) throws Exception {
    List<String> lines =
        TestAssemblers.rows(isa).stream()
            .map(TestAssemblers.Row::text)
            .filter(text -> !RELATIVE.matcher(text).matches() && !OTHERWISE.contains(text))
            .toList();
    List<String> theirs = encode(directory, isa, lines);
    List<String> differences = new ArrayList<>();
    int unknown = 0;
    for (int i = 0; i < lines.size(); i++) {
      String ours = HexFormat.of().formatHex(TestAssemblers.assembler(isa).assemble(0, lines.get(i)));
      if (theirs.get(i).isEmpty()) {
        unknown++;
      } else if (!ours.equals(theirs.get(i))) {
        differences.add(lines.get(i) + ": " + ours + ", LLVM " + theirs.get(i));
      }
    }
    assertEquals(List.of(), differences);
    assertTrue(lines.size() > 400 && unknown <= 5, unknown + " of " + lines.size() + " lines unknown to LLVM");
  }

  @ParameterizedTest
  @ValueSource(strings = {TestAssemblers.X86_64, TestAssemblers.AARCH64})
  void programIsLlvms(String isa) throws Exception {
    String source = TestAssemblers.resource("program." + isa + ".s");
    Path file = Files.writeString(directory.resolve("program.s"), source);
    Path object = directory.resolve("program.o");
    List<String> command = command(isa, "-filetype=obj", "-o", object.toString(), file.toString());
    Process llvm = new ProcessBuilder(command).redirectErrorStream(true).start();
    String messages = new String(llvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, llvm.waitFor(), messages);
    var ours = TestAssemblers.assembler(isa).assemble("program.s", source, Map.of(".text", 0L), Map.of());
    assertEquals(
        HexFormat.ofDelimiter(" ").formatHex(elfSection(Files.readAllBytes(object), ".text")),
        HexFormat.ofDelimiter(" ").formatHex(ours.sections().getFirst().bytes()));
  }

  private static final List<Long> NUMBERS = List.of(
      0L, 1L, 127L, 128L, 255L, 256L, 1000L, 0x7fffL, 0x8000L, 0xffffL, 0x10000L, 0x5a17c0d3L, 0x7fffffffL, 0x80000000L,
      0xffffffffL, 0x100000000L, -1L,
      -128L, -129L, -1000L, -0x8000L, -0x5a17c0d3L, -0x80000000L, -0x80000001L);

  /// Where an immediate has several encodings, the same one as LLVM's. LLVM cuts off what is too wide, and we refuse
  /// it.
  @Test
  void immediatesAreLlvms() throws Exception {
    Map<String, Integer> bits = new LinkedHashMap<>();
    List.of("add al,", "pshufd xmm1, xmm2,", "shld eax, ecx,", "shl rax,").forEach(start -> bits.put(start, 8));
    List.of("add cx,", "mov dx,").forEach(start -> bits.put(start, 16));
    List.of("add eax,", "sub ecx,", "test eax,", "mov r10d,", "imul eax, ecx,").forEach(start -> bits.put(start, 32));
    List.of("and rax,", "xor r9,", "cmp qword ptr [rdi + 300],", "test rdx,", "mov rax,", "mov qword ptr [rsi],",
        "imul r8, [rsi],", "push")
        .forEach(start -> bits.put(start, 64));
    List<String> lines = bits.keySet().stream()
        .flatMap(start -> NUMBERS.stream().map(number -> start + " " + number)).toList();
    List<String> theirs = encode(directory, TestAssemblers.X86_64, lines);
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      long number = NUMBERS.get(i % NUMBERS.size());
      String ours = hexOrEmpty(line);
      boolean fits = Numbers.fits(number, bits.getOrDefault(line.substring(0, line.lastIndexOf(' ')), 0));
      if (!ours.equals(fits ? theirs.get(i) : "")) {
        differences.add(line + ": " + ours + ", LLVM " + theirs.get(i));
      }
    }
    assertEquals(List.of(), differences);
  }

  private static String hexOrEmpty(String line) {
    try {
      return HexFormat.of().formatHex(TestAssemblers.assembler(TestAssemblers.X86_64).assemble(0, line));
    } catch (AssemblyException e) {
      return "";
    }
  }

  /// Contents of a section of an ELF64 file (System V ABI, chapter 4).
  static byte[] elfSection(byte[] file, String name) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int headers = (int) elf.getLong(0x28);
    int headerSize = elf.getShort(0x3a);
    int count = elf.getShort(0x3c);
    int names = (int) elf.getLong(headers + elf.getShort(0x3e) * headerSize + 0x18);
    for (int i = 0; i < count; i++) {
      int header = headers + i * headerSize;
      int start = names + elf.getInt(header);
      if (new String(file, start, name.length() + 1, StandardCharsets.US_ASCII).equals(name + "\0")) {
        byte[] bytes = new byte[(int) elf.getLong(header + 0x20)];
        elf.get((int) elf.getLong(header + 0x18), bytes);
        return bytes;
      }
    }
    throw new AssertionError("no section " + name);
  }
}

package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/// The CPU this runs on, as an oracle: `x86exec.c`, compiled.
final class X86HostCpu {
  private final Path directory;
  private final Path program;

  /// Compiles the program, or skips the calling test if there is no compiler.
  X86HostCpu(Path directory) throws IOException, InterruptedException {
    Programs.need("gcc", "gcc");
    this.directory = directory;
    program = directory.resolve("x86exec");
    Programs.run(directory, List.of("gcc", "-std=gnu11", "-O1", "-fno-stack-protector", "-fcf-protection=none", "-Wall",
        "-Wextra", "-Werror", "-o",
        program.toString(), "src/test/c/x86exec.c"));
  }

  /// The preset whose CPU is of the host's maker.
  static String preset() throws IOException {
    return tells("AuthenticAMD") ? "zen4" : "skylake";
  }

  /// Whether the CPU decodes AVX-512, as every core of the preset `zen4` does and none of AMD's before.
  static boolean hasAvx512() throws IOException {
    return tells("avx512f");
  }

  /// Whether Linux tells this word of the CPU.
  static boolean tells(String word) throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    return Files.exists(info) && Files.readString(info).matches("(?s).*\\b" + word + "\\b.*");
  }

  /// Skips the calling test on a CPU of another maker than that of `preset`, unless `-Dcrosspatch.anymaker=true`.
  static void assumeMakerOf(String preset, String otherwise) throws IOException {
    Assumptions.assumeTrue(Boolean.getBoolean("crosspatch.anymaker") || preset().equals(preset), otherwise);
  }

  /// Runs `count` vectors.
  ///
  /// @param vectors makes the one with this number; asked for in order
  /// @param result  hears of each vector and the state it left
  void run(int count, IntFunction<X86Vector> vectors, BiConsumer<X86Vector, X86Vector> result)
      throws InterruptedException {
    new Pipeline<List<X86Vector>, ByteBuffer>() {
      @Override
      List<X86Vector> make(int from, int to) {
        return IntStream.range(from, to).mapToObj(vectors).toList();
      }

      @Override
      ByteBuffer run(List<X86Vector> portion) throws IOException, InterruptedException {
        return X86HostCpu.this.run(portion);
      }

      @Override
      void compare(List<X86Vector> portion, ByteBuffer results) {
        portion.forEach(v -> result.accept(v, X86Vector.readResult(results)));
      }
    }.run(count);
  }

  /// Results of the vectors, one after the other, for [X86Vector#readResult].
  ByteBuffer run(List<X86Vector> vectors) throws IOException, InterruptedException {
    Path in = directory.resolve("vectors");
    Path out = directory.resolve("results");
    byte[] bytes = new byte[vectors.size() * X86Vector.VECTOR_BYTES];
    ByteBuffer view = X86Vector.view(bytes);
    vectors.forEach(v -> v.write(view));
    Files.write(in, bytes);
    Programs.run(directory, List.of(program.toString(), in.toString(), out.toString()));
    byte[] results = Files.readAllBytes(out);
    assertEquals(vectors.size() * X86Vector.RESULT_BYTES, results.length, "bytes of results");
    return X86Vector.view(results);
  }

  /// Whether the kernel let x86exec.c have its local descriptor table: VERR of its first segment.
  boolean hasLocalTable() throws IOException, InterruptedException {
    X86Vector v = new X86Vector();
    v.r[0] = 7;
    v.r[4] = X86Vector.SCRATCH;
    v.flags = 0x202;
    v.code = HexFormat.of().parseHex("0f00e0"); // verr ax
    return (X86Vector.readResult(run(List.of(v))).flags & X86Vector.ZF) != 0;
  }

  /// Whether `code` is CMPS, prefixes aside. No manual says which of its two operands is read first: Zen 4 reads
  /// `[rSI]`, Zen 3 `[rDI]`.
  static boolean comparesStrings(byte[] code) {
    int at = opcodeOf(code);
    return at < code.length && (code[at] & 0xfe) == 0xa6;
  }

  /// Whether CPUs disagree how many bytes belong to the undefined instruction that `code` begins with, prefixes aside.
  ///
  /// @param evex whether the host takes 62 for the first byte of a prefix, and not for an undefined opcode
  static boolean hasOwnOpinion(byte[] code, boolean evex) {
    int at = opcodeOf(code);
    if (!evex && at < code.length && (code[at] & 0xff) == 0x62) {
      return true;
    }
    if (at + 1 >= code.length) {
      return false;
    }
    int opcode = code[at] & 0xff;
    // VEX, EVEX and XOP: which opcodes exist?
    int complete = opcode == 0x8f ? 2 : opcode != 0xc4 && opcode != 0xc5 && opcode != 0x62 ? 16 : at > 0 ? 1 : 3;
    return code.length - at >= complete
        || X86FaultGenerator.differsByMaker(opcode == 0x0f ? opcode << 8 | (code[at + 1] & 0xff) : opcode);
  }

  /// Where the opcode behind the prefixes is; the end, if there is none.
  private static int opcodeOf(byte[] code) {
    int at = 0;
    while (at < code.length && isPrefix(code[at] & 0xff)) {
      at++;
    }
    return at;
  }

  private static boolean isPrefix(int b) {
    return (b & 0xf0) == 0x40 || b == 0x66 || b == 0x67 || b == 0xf0 || b == 0xf2 || b == 0xf3 || (b & 0xe7) == 0x26
        || b == 0x64 || b == 0x65;
  }
}

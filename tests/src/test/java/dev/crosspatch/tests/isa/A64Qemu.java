package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// QEMU's user mode running vectors: `arm64exec.c`.
final class A64Qemu {
  private final Path directory;
  private final boolean edges;
  private final Path program;

  /// Compiles the program, static, and linked so near to the snippets' fixed address that a branch reaches it; skips
  /// the test where there is no QEMU or no compiler.
  ///
  /// @param edges whether scratch lies at the edges of pages
  A64Qemu(Path directory, boolean edges) throws IOException, InterruptedException {
    this.directory = directory;
    this.edges = edges;
    program = directory.resolve("arm64exec");
    Path source = Path.of("src", "test", "c", "arm64exec.c");
    Programs.need("qemu-aarch64", "qemu-user");
    Programs.need("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu");
    Programs.run(directory, List.of("aarch64-linux-gnu-gcc", "-std=gnu11", "-static", "-O2", "-Wall", "-Wextra",
        "-Werror", "-Wl,-Ttext-segment=0x44000000",
        "-Wl,--defsym=arm64exec_code=0x40200000", "-o", program.toString(), source.toString()));
  }

  /// Runs so many vectors, and hands on each with what QEMU made of it.
  void run(int count, IntFunction<A64Vector> vectors, BiConsumer<A64Vector, A64Vector> result)
      throws InterruptedException {
    new Pipeline<List<A64Vector>, ByteBuffer>() {
      @Override
      List<A64Vector> make(int from, int to) {
        return IntStream.range(from, to).mapToObj(vectors).toList();
      }

      @Override
      ByteBuffer run(List<A64Vector> vectors) throws IOException, InterruptedException {
        return runQemu(vectors);
      }

      @Override
      void compare(List<A64Vector> vectors, ByteBuffer results) {
        vectors.forEach(v -> result.accept(v, A64Vector.readResult(results)));
      }
    }.run(count);
  }

  private ByteBuffer runQemu(List<A64Vector> vectors) throws IOException, InterruptedException {
    Path in = directory.resolve("vectors");
    Path out = directory.resolve("results");
    byte[] bytes = new byte[vectors.size() * A64Vector.VECTOR_BYTES];
    ByteBuffer view = A64Vector.view(bytes);
    vectors.forEach(v -> v.write(view));
    Files.write(in, bytes);
    List<String> command =
        new ArrayList<>(List.of("qemu-aarch64", program.toString(), in.toString(), out.toString()));
    if (edges) {
      command.add("edges");
    }
    Programs.run(directory, command);
    byte[] results = Files.readAllBytes(out);
    assertEquals(vectors.size() * A64Vector.RESULT_BYTES, results.length, "bytes of results");
    return A64Vector.view(results);
  }
}

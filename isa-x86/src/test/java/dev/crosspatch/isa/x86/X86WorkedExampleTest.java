package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// README's example of an instruction: PCLMULQDQ is a row and a method, both of which are added to a copy of the
/// sources, and is there with a VEX prefix then, too; its product is that of polynomials over GF(2) (SDM vol. 2B
/// PCLMULQDQ).
final class X86WorkedExampleTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path SOURCES = Path.of("src", "main", "java", "dev", "crosspatch", "isa", "x86");
  private static final String ROWS = "private static void products(X86Rows.Table t) {\n";

  @TempDir Path dir = Path.of("");

  /// The indented lines below README's paragraph: the row, then the method.
  private static List<String> example() throws IOException {
    String readme = Files.readString(README);
    String from = readme.substring(readme.indexOf("**An x86 instruction.**"));
    return from.substring(0, from.indexOf("**An A64 instruction.**")).lines()
        .filter(line -> line.startsWith("          ") || line.isEmpty()).toList();
  }

  private void compile() throws IOException {
    List<String> example = example();
    List<String> stripped = example.stream().map(String::strip).toList();
    int from = stripped.indexOf("") + 1;
    int to = from + stripped.subList(from, stripped.size()).indexOf("");
    String row = String.join("\n", example.subList(from, to));
    String method = String.join("\n", example.subList(to, example.size()));
    String rows = Files.readString(SOURCES.resolve("X86VectorIntegerRows.java"));
    String lanes = Files.readString(SOURCES.resolve("X86Packed.java"));
    assertTrue(rows.contains(ROWS));
    Path changedRows = Files.writeString(dir.resolve("X86VectorIntegerRows.java"),
        rows.replace(ROWS, ROWS + row + "\n"));
    Path changedLanes = Files.writeString(dir.resolve("X86Packed.java"),
        lanes.substring(0, lanes.lastIndexOf('}')) + method + "\n}\n");
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
      List<String> options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", dir.toString());
      assertTrue(javac.getTask(said, files, null, options, null,
          files.getJavaFileObjects(changedRows, changedLanes)).call(), said::toString);
    }
  }

  /// All classes anew, those that were compiled first.
  private URLClassLoader loader() throws IOException {
    List<URL> urls = new ArrayList<>(List.of(dir.toUri().toURL()));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /// Bits 127:64 of the product of `x` and `y`, bit by bit.
  private static long high(long x, long y) {
    BigInteger product = BigInteger.ZERO;
    for (int i = 0; i < 64; i++) {
      BigInteger shifted = new BigInteger(Long.toUnsignedString(x)).shiftLeft(i);
      product = (y >>> i & 1) != 0 ? product.xor(shifted) : product;
    }
    return product.shiftRight(64).longValue();
  }

  @Test
  void addsAnInstructionAndRunsIt() throws IOException, ReflectiveOperationException {
    // mov rbx, 0x1122334455667788; movq xmm1, rbx; movlhps xmm1, xmm1; movq xmm0, rsp; movlhps xmm0, xmm1
    String set = "48 bb 88 77 66 55 44 33 22 11 66 48 0f 6e cb 0f 16 c9 66 48 0f 6e c4 0f 16 c1";
    String get = "66 48 0f 3a 16 c0 01 f4"; // pextrq rax, xmm0, 1; hlt
    String[] product = {set, "66 0f 3a 44 c1 11", get}; // pclmulqdq xmm0, xmm1, 0x11
    assertThrows(IllegalStateException.class, () -> X86ExampleRun.rax(product),
        "it is in: README wants another example");
    compile();
    long square = high(0x1122_3344_5566_7788L, 0x1122_3344_5566_7788L);
    try (URLClassLoader loader = loader()) {
      Method rax = loader.loadClass(X86ExampleRun.class.getName()).getDeclaredMethod("rax", String[].class);
      rax.setAccessible(true);
      assertEquals(square, rax.invoke(null, (Object) product));
      // vpclmulqdq xmm0, xmm1, xmm1, 0
      assertEquals(square, rax.invoke(null, (Object) new String[] {set, "c4 e3 71 44 c1 00", get}));
    }
  }
}

package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// README's example of an instruction: CRC32 is a row and a method, both of which are added to a copy of the sources;
/// what it computes is what the JDK's CRC-32C of the same bytes is (SDM vol. 2A CRC32, which does not invert, and
/// reads a word, a doubleword or a quadword).
final class X86WorkedExampleTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path SOURCES = Path.of("src", "main", "java", "dev", "crosspatch", "isa", "x86");
  private static final String ROWS = "private static void bits(X86Rows.Table t) {\n";

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
    String rows = Files.readString(SOURCES.resolve("X86BitRows.java"));
    String helpers = Files.readString(SOURCES.resolve("X86Helpers.java"));
    assertTrue(rows.contains(ROWS));
    Path changedRows = Files.writeString(dir.resolve("X86BitRows.java"),
        rows.replace(ROWS, ROWS + row + "\n"));
    Path changedHelpers = Files.writeString(dir.resolve("X86Helpers.java"),
        helpers.substring(0, helpers.lastIndexOf('}')) + method + "\n}\n");
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
      List<String> options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", dir.toString());
      assertTrue(javac.getTask(said, files, null, options, null,
          files.getJavaFileObjects(changedRows, changedHelpers)).call(), said::toString);
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

  private static int crc(long value, int bytes) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).flip().limit(bytes));
    return ~(int) crc.getValue();
  }

  @Test
  void addsAnInstructionAndRunsIt() throws IOException, ReflectiveOperationException {
    String set = "48 bb 88 77 66 55 44 33 22 11 b8 ff ff ff ff"; // mov rbx, 0x1122334455667788; mov eax, -1
    String[] crc32 = {set, "f2 0f 38 f1 c3", "f4"}; // crc32 eax, ebx; hlt
    assertThrows(IllegalStateException.class, () -> X86ExampleRun.rax(crc32), "it is in: README wants another example");
    compile();
    try (URLClassLoader loader = loader()) {
      Method rax = loader.loadClass(X86ExampleRun.class.getName()).getDeclaredMethod("rax", String[].class);
      rax.setAccessible(true);
      assertEquals(Integer.toUnsignedLong(crc(0x55667788, 4)),
          rax.invoke(null, (Object) crc32));
      assertEquals(Integer.toUnsignedLong(crc(0x7788, 2)),
          rax.invoke(null, (Object) new String[] {set, "66 f2 0f 38 f1 c3", "f4"})); // crc32 eax, bx; hlt
      assertEquals(Integer.toUnsignedLong(crc(0x1122334455667788L, 8)),
          rax.invoke(null, (Object) new String[] {set, "f2 48 0f 38 f1 c3", "f4"})); // crc32 rax, rbx; hlt
    }
  }
}

package dev.crosspatch.asm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// GNU as for x86-64, whose manual defines AT&T syntax (Debian: package `binutils`).
final class GnuAs {
  private static final Pattern ERROR = Pattern.compile(":(\\d+): (?:Error|Warning: .* shortened)");
  private static final long MARK = 0x3f8e61c7_00000000L;

  private GnuAs() {}

  static boolean isInstalled() {
    try {
      return new ProcessBuilder("as", "--64", "--version").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The encodings it makes of `lines` in AT&T syntax, as hex, with `""` where it refuses one, or warns that it cuts a
  /// number. Addresses of symbols and targets are 0.
  static List<String> encode(Path directory, List<String> lines) throws IOException, InterruptedException {
    Set<Integer> refused = new HashSet<>();
    // What is wrong beyond the syntax (a relocation that is not there) shows only when all lines are read.
    while (!assembled(directory, lines, refused)) {}
    byte[] text = LlvmTest.elfSection(Files.readAllBytes(directory.resolve("as.o")), ".text");
    ByteBuffer in = ByteBuffer.wrap(text).order(ByteOrder.LITTLE_ENDIAN);
    List<String> result = new ArrayList<>();
    int start = 0;
    for (int at = 0; at + 8 <= text.length; at++) {
      if (in.getLong(at) == MARK + result.size()) {
        result.add(HexFormat.of().formatHex(Arrays.copyOfRange(text, start, at)));
        start = at + 8;
        at = start - 1;
      }
    }
    if (result.size() != lines.size()) {
      throw new IllegalStateException("GNU as mixes " + lines.get(result.size()) + " with what is behind");
    }
    return result;
  }

  private static boolean assembled(Path directory, List<String> lines, Set<Integer> refused)
      throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      source.append(refused.contains(i) ? "" : lines.get(i)).append("\n.quad ").append(MARK + i).append('\n');
    }
    Path file = Files.writeString(directory.resolve("as.s"), source, StandardCharsets.US_ASCII);
    Path errors = directory.resolve("as.errors");
    Process as = new ProcessBuilder("as", "--64", "-o", directory.resolve("as.o").toString(), file.toString())
        .redirectError(errors.toFile()).start();
    boolean good = as.waitFor() == 0;
    int before = refused.size();
    ERROR.matcher(Files.readString(errors)).results().forEach(m -> refused.add((Integer.parseInt(m.group(1)) - 1) / 2));
    if (!good && refused.size() == before) {
      throw new IllegalStateException(Files.readString(errors));
    }
    return good && refused.size() == before;
  }
}

package dev.crosspatch.tests.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Chromium, which shows pages and measures what it shows (`measure-page.js`). Each page is in a frame of its own
/// within one page: a frame may be narrower than a window.
final class Browser {
  private static final Pattern FOUND = Pattern.compile("<pre id=\"found\">(.*?)</pre>", Pattern.DOTALL);
  /// What a script or the console complains of, as Chromium logs it.
  private static final Pattern CONSOLE = Pattern.compile(".*\\bCONSOLE\\b.*");

  private final Path dir;
  private final Map<String, String> frames = new LinkedHashMap<>();

  /// @param dir where it may write
  Browser(Path dir) {
    this.dir = dir;
  }

  /// Adds a page.
  ///
  /// @param name  a word, which the lines about it begin with
  /// @param width of its window, in pixels
  Browser add(String name, String html, int width) {
    String inside = html.replace("&", "&amp;").replace("\"", "&quot;");
    frames.put(name, "<iframe name=\"" + name + "\" style=\"border:0;height:900px;width:" + width + "px\" srcdoc=\""
        + inside + "\"></iframe>\n");
    return this;
  }

  /// Shows all pages; what was found of each, a line each. Lines about what there is begin with `=`.
  ///
  /// @param dark whether the user prefers dark colours
  Map<String, List<String>> look(boolean dark) throws IOException {
    Path chromium = Oracles.require("chromium", "chromium");
    Path page = dir.resolve("frames.html");
    String script = Files.readString(Path.of("src", "test", "resources", "measure-page.js"));
    Files.writeString(page, "<!doctype html><html><meta charset=\"utf-8\"><script>" + script + "</script><body>"
        + String.join("", frames.values()) + "</body></html>");
    List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 2>&1", "sh", chromium.toString(),
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--enable-logging=stderr", "--user-data-dir=" + dir.resolve("profile")));
    if (dark) {
      command.add("--blink-settings=preferredColorScheme=0");
    }
    command.addAll(List.of("--dump-dom", page.toUri().toString()));
    return sorted(Oracles.run(command));
  }

  private Map<String, List<String>> sorted(List<String> said) {
    Map<String, List<String>> byName = new LinkedHashMap<>();
    frames.keySet().forEach(name -> byName.put(name, new ArrayList<>()));
    byName.put("console", said.stream().filter(line -> CONSOLE.matcher(line).matches()).toList());
    Matcher found = FOUND.matcher(String.join("\n", said));
    if (!found.find()) {
      throw new AssertionError("the browser measured nothing: " + said);
    }
    for (String line : found.group(1).lines().toList()) {
      String[] parts = line.split(" ", 2);
      byName.computeIfAbsent(parts[0], name -> new ArrayList<>()).add(parts[1]);
    }
    return byName;
  }
}

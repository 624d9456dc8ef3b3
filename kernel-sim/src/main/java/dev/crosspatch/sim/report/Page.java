package dev.crosspatch.sim.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// A page as a whole: what stands around its body. It may load nothing and run nothing, as it says itself.
public final class Page {
  private static final String STYLE = read("report.css");

  private Page() {}

  private static String read(String resource) {
    try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream(resource), resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The text of a page.
  public static String of(String title, Html body) {
    return new Html().raw("<!doctype html>\n").open("html", "lang", "en").open("head")
        .open("meta", "charset", "utf-8")
        .open("meta", "name", "viewport", "content", "width=device-width,initial-scale=1")
        .open("meta", "name", "color-scheme", "content", "light dark")
        .open("meta", "http-equiv", "Content-Security-Policy",
            "content", "default-src 'none'; style-src 'unsafe-inline'")
        .element("title", title).open("style").raw(STYLE).close("style", "head").open("body").add(body)
        .close("body", "html").toString();
  }
}

package dev.crosspatch.sim;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/// Writing JSON, in the two shapes our files have: one pretty object, or one object a line.
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /// Writes fields into an open object.
  @FunctionalInterface
  public interface Body {
    void write(JsonGenerator generator) throws IOException;
  }

  /// A pretty-printed object with `body`'s fields, ending in a newline.
  public static String object(Body body) {
    StringWriter out = new StringWriter();
    try (JsonGenerator g = FACTORY.createGenerator(out)) {
      g.setPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n")));
      g.writeStartObject();
      body.write(g);
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.append('\n').toString();
  }

  /// Writes an object whose fields are numbers: those that `fields` tells.
  public static void numbers(JsonGenerator g, String name, Consumer<ObjLongConsumer<String>> fields)
      throws IOException {
    g.writeObjectFieldStart(name);
    try {
      fields.accept((field, value) -> {
        try {
          g.writeNumberField(field, value);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
    g.writeEndObject();
  }

  /// Bytes as lower-case hex digits.
  public static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /// An address as it stands in our files.
  public static String address(long address) {
    return "0x" + Long.toHexString(address);
  }

  /// The address that such a text is.
  ///
  /// @throws IllegalArgumentException if it is none
  public static long parseAddress(String text) {
    if (!text.startsWith("0x")) {
      throw new IllegalArgumentException("record:1: address: '" + text + "' is not 0x...");
    }
    return Long.parseUnsignedLong(text, 2, text.length(), 16);
  }

  /// Appends an object with `body`'s fields and a newline to `out`, without flushing it.
  public static void line(OutputStream out, Body body) {
    try (JsonGenerator g = FACTORY.createGenerator(out)) {
      g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      g.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
      g.writeStartObject();
      body.write(g);
      g.writeEndObject();
      g.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Collects one object a line.
  public static final class Lines {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// Appends a line.
    public void line(Body body) {
      Json.line(out, body);
    }

    public byte[] bytes() {
      return out.toByteArray();
    }
  }
}

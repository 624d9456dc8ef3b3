package dev.crosspatch.sim.verify;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The last field of `summary.json`, `sha256`: that of all of the file before the comma in front of it. It tells a file
/// that was changed by accident or by hand from what the run wrote; it is no signature.
public final class Seal {
  private static final String END = "\n}\n";
  private static final String FIELD = ",\n  \"sha256\" : \"";

  private Seal() {}

  /// The object `json`, pretty-printed and ending in a newline, with its seal as last field.
  public static String seal(String json) {
    String body = json.substring(0, json.length() - END.length());
    return body + FIELD + sha256(body) + '"' + END;
  }

  /// Whether a text is as [#seal] left it.
  static boolean intact(String text) {
    int at = text.lastIndexOf(FIELD);
    return at >= 0 && text.equals(seal(text.substring(0, at) + END));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package dev.crosspatch.sim.linux;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a line of `exec --stdin` says. docs/exec.md has the fields.
final class StateLine {
  /// Characters of a string.
  private static final int LONGEST_STRING = 20_000_000;
  private static final JsonFactory JSON = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder()
      .maxStringLength(LONGEST_STRING).maxNameLength(Integer.MAX_VALUE).maxNumberLength(Integer.MAX_VALUE).build())
      .build();
  private static final HexFormat HEX = HexFormat.of();
  private static final long DEFAULT_PC = 0x40_0000;
  private static final long MOST_STEPS = 1_000_000_000;
  private static final int TEXT_RIGHTS = 5;
  private static final int DATA_RIGHTS = 3;

  /// What an answer repeats.
  ///
  /// @param text   as it stands in the line, without what escapes
  /// @param number whether it is a number, not a string
  record Id(String text, boolean number) {}

  private @Nullable Id id;
  private @Nullable String isa;
  private @Nullable String preset;
  private byte[] code = {};
  private long steps = 1;
  private @Nullable Long pc;
  private long flags;
  private final Map<String, String> registers = new HashMap<>();
  private final List<StateMachine.Piece> pieces = new ArrayList<>();

  private StateLine() {}

  /// Reads one.
  ///
  /// @throws BadInput saying what is wrong
  static StateLine read(String text) throws IOException {
    StateLine line = new StateLine();
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      fields(json, "", (_, field) -> line.read(json, field));
      if (json.nextToken() != null) {
        throw new BadInput("more than one JSON object");
      }
    } catch (StreamConstraintsException e) {
      throw new BadInput("a string of more than " + LONGEST_STRING + " characters");
    } catch (JsonEOFException e) {
      throw new BadInput("not JSON: the line ends within it");
    } catch (JsonProcessingException e) {
      throw new BadInput("not JSON: near character " + (1 + e.getLocation().getCharOffset()));
    }
    return line;
  }

  /// The text of a line, which is UTF-8.
  ///
  /// @throws BadInput if it is not
  static String text(byte[] line) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      throw new BadInput("not UTF-8");
    }
  }

  /// The `id` of a line in which anything else may be wrong, or null if none can be read.
  static @Nullable Id idOf(String text) {
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = json.currentName().equals("id");
        json.nextToken();
        if (found) {
          return id(json, "id");
        }
        json.skipChildren();
      }
    } catch (IOException | BadInput e) {
      return null;
    }
    return null;
  }

  @Nullable Id id() {
    return id;
  }

  /// @throws BadInput if it is missing
  String isa() {
    if (isa == null) {
      throw new BadInput("isa: is missing");
    }
    return isa;
  }

  @Nullable String preset() {
    return preset;
  }

  long steps() {
    return steps;
  }

  // ---- fields

  /// What is done with a field, whose value is the parser's present token.
  @FunctionalInterface
  private interface Field {
    /// @param path its name behind those of what it is in, for messages
    void read(String name, String path) throws IOException;
  }

  /// Reads an object, in which no field stands twice.
  ///
  /// @param path of the object, empty for the whole line
  private static void fields(JsonParser json, String path, Field field) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new BadInput(path.isEmpty() ? "not a JSON object" : path + ": is no object");
    }
    Set<String> names = new HashSet<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = whole("the name of a field", json.currentName());
      String at = path.isEmpty() ? name : path + "." + name;
      if (!names.add(name)) {
        throw new BadInput(at + ": stands twice");
      }
      json.nextToken();
      field.read(name, at);
    }
  }

  private void read(JsonParser json, String field) throws IOException {
    switch (field) {
      case "id" -> id = id(json, field);
      case "isa" -> isa = string(json, field);
      case "preset" -> preset = string(json, field);
      case "code" -> code = bytes(field, string(json, field));
      case "pc" -> pc = StateNumber.of(field, number(json, field));
      case "flags" -> flags = StateNumber.of(field, number(json, field));
      case "steps" -> steps = steps(field, number(json, field));
      case "regs" -> fields(json, field, (name, at) -> registers.put(name, number(json, at)));
      case "mem" -> memory(json, field);
      default -> throw new BadInput(field + ": there is no such field; there are id, isa, preset, code, pc, regs, "
          + "flags, mem, steps");
    }
  }

  private static Id id(JsonParser json, String field) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_STRING -> new Id(whole(field, json.getText()), false);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Id(json.getText(), true);
      default -> throw new BadInput(field + ": is neither a string nor a number");
    };
  }

  private static String string(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new BadInput(field + ": is no string");
    }
    return whole(field, json.getText());
  }

  /// A number, or a string that may be one.
  private static String number(JsonParser json, String field) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_STRING -> whole(field, json.getText());
      case VALUE_NUMBER_INT -> json.getText();
      case VALUE_NUMBER_FLOAT -> throw new BadInput(field + ": " + json.getText() + " has a fraction or an exponent");
      default -> throw new BadInput(field + ": is neither a string nor a number");
    };
  }

  /// Half of a surrogate pair, which an escape can say, is no character.
  private static String whole(String field, String text) {
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        throw new BadInput(String.format("%s: has \\u%04x alone, which is half of a character", field, point));
      }
      at += Character.charCount(point);
    }
    return text;
  }

  private static long steps(String field, String text) {
    long steps = StateNumber.of(field, text);
    if (steps < 1 || steps > MOST_STEPS) {
      throw new BadInput(field + ": " + text + " is not within 1.." + MOST_STEPS);
    }
    return steps;
  }

  private void memory(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new BadInput(field + ": is no array");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      pieces.add(piece(json, field + "[" + pieces.size() + "]"));
    }
  }

  private static StateMachine.Piece piece(JsonParser json, String path) throws IOException {
    PieceFields piece = new PieceFields();
    fields(json, path, (name, at) -> {
      switch (name) {
        case "addr" -> piece.address = StateNumber.of(at, number(json, at));
        case "bytes" -> piece.bytes = bytes(at, string(json, at));
        case "rights" -> piece.rights = rights(at, string(json, at));
        default -> throw new BadInput(at + ": there is no such field; there are addr, bytes, rights");
      }
    });
    if (piece.address == null) {
      throw new BadInput(path + ".addr: is missing");
    }
    return new StateMachine.Piece(piece.address, piece.bytes, piece.rights);
  }

  /// What is said of a piece of memory.
  private static final class PieceFields {
    private @Nullable Long address;
    private byte[] bytes = {};
    private int rights = DATA_RIGHTS;
  }

  private static int rights(String field, String value) {
    int rights = 0;
    for (int i = 0; i < value.length(); i++) {
      int right = "rwx".indexOf(value.charAt(i));
      if (right < 0) {
        throw new BadInput(field + ": '" + value + "' is not made of r, w and x");
      }
      rights |= 1 << right;
    }
    return rights;
  }

  private static byte[] bytes(String field, String hex) {
    try {
      return HEX.parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new BadInput(field + ": '" + hex + "' is not an even number of hexadecimal digits");
    }
  }

  // ---- the state

  /// Puts its registers into a context, and returns what is in memory, the code first.
  ///
  /// @throws BadInput if there is no such register, or it cannot hold its value
  List<StateMachine.Piece> fill(UserContext context, UserMode.Names names) {
    context.pc = pc == null ? DEFAULT_PC : pc;
    context.flags = flags;
    registers.forEach((name, value) -> set(context, names, name, value));
    List<StateMachine.Piece> all = new ArrayList<>(pieces);
    all.addFirst(new StateMachine.Piece(context.pc, code, TEXT_RIGHTS));
    return all;
  }

  private static void set(UserContext context, UserMode.Names names, String name, String value) {
    String field = "regs." + name;
    int general = names.general().indexOf(name);
    int more = names.more().indexOf(name);
    if (general >= 0) {
      context.r[general] = StateNumber.of(field, value);
    } else if (name.equals(names.pc())) {
      context.pc = StateNumber.of(field, value);
    } else if (name.equals(names.thread())) {
      context.thread = StateNumber.of(field, value);
    } else if (more >= 0) {
      context.more[more] = StateNumber.of(field, value);
    } else {
      vector(context, names, name, value);
    }
  }

  private static void vector(UserContext context, UserMode.Names names, String name, String value) {
    for (int i = 0; i < names.vectors(); i++) {
      if (name.equals(names.vector() + i)) {
        BigInteger wide = StateNumber.of("regs." + name, value, names.words() * Long.SIZE);
        for (int word = 0; word < names.words(); word++) {
          context.v[i * names.words() + word] = wide.shiftRight(word * Long.SIZE).longValue();
        }
        return;
      }
    }
    throw new BadInput("regs." + name + ": there is no such register; there are " + names.general().getFirst()
        + " to " + names.general().getLast() + ", " + names.pc() + ", " + names.thread() + ", "
        + String.join(", ", names.more()) + ", " + names.vector() + "0 to " + names.vector()
        + (names.vectors() - 1));
  }
}

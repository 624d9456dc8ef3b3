package dev.crosspatch.sim.linux;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `exec --stdin`: a line of JSON in, a state and how many instructions to run from it; a line of JSON out, what became
/// of it. docs/exec.md has the fields.
public final class StateLines {
  private static final JsonFactory JSON = new JsonFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
  private static final HexFormat HEX = HexFormat.of();
  private static final long DEFAULT_PC = 0x40_0000;
  private static final long MOST_STEPS = 1_000_000_000;
  private static final int TEXT_RIGHTS = 5;
  private static final int DATA_RIGHTS = 3;
  /// `si_code` of faults that have no better one: also #SS, for which there is SIGBUS.
  private static final int SI_KERNEL = 0x80;
  private static final String[] ACCESS = {"read", "write", "execute"};

  private final Map<String, StateMachine> machines = new HashMap<>();
  private final @Nullable String preset;

  /// @param preset of lines that say none, or null for the ISA's first
  /// @throws BadInput if no ISA has it
  public StateLines(@Nullable String preset) {
    List<String> all = Plugins.isas().stream().map(Plugins::isa).filter(isa -> isa.userMode() != null)
        .flatMap(isa -> isa.presets().stream()).toList();
    if (preset != null && !all.contains(preset)) {
      throw new BadInput("--preset: '" + preset + "' is none of " + String.join(", ", all));
    }
    this.preset = preset;
  }

  /// Answers every line.
  public void answer(BufferedReader in, Writer to) throws IOException {
    BufferedWriter out = new BufferedWriter(to);
    long number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      number++;
      if (!line.isBlank()) {
        answer(line, number, out);
        out.write('\n');
        if (!in.ready()) {
          out.flush();
        }
      }
    }
    out.flush();
  }

  private void answer(String line, long number, Writer out) throws IOException {
    State state = new State();
    try (JsonGenerator g = JSON.createGenerator(out)) {
      g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      g.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
      g.writeStartObject();
      try {
        parse(line, state);
        StateMachine machine = machine(state);
        UserContext context = machine.newContext();
        state.fill(context, machine.names());
        StateMachine.Result result = machine.run(context, state.pieces, state.steps);
        identify(g, state);
        write(g, result, machine.names());
      } catch (BadInput e) {
        identify(g, state);
        g.writeNumberField("line", number);
        g.writeStringField("error", e.line());
      }
      g.writeEndObject();
    }
  }

  private static void identify(JsonGenerator g, State state) throws IOException {
    if (state.id != null) {
      g.writeStringField("id", state.id);
    }
  }

  private StateMachine machine(State state) {
    if (state.isa == null) {
      throw new BadInput("isa: is missing");
    }
    String isa = state.isa;
    String wanted = state.preset == null ? preset : state.preset;
    return machines.computeIfAbsent(isa + " " + wanted, _ -> {
      Isa plugin = Plugins.isa(isa);
      if (plugin.userMode() == null) {
        throw new BadInput("isa: " + isa + " has no user mode");
      }
      try {
        return new StateMachine(plugin, wanted == null ? plugin.presets().getFirst() : wanted);
      } catch (IllegalArgumentException e) {
        throw new BadInput(String.valueOf(e.getMessage()));
      }
    });
  }

  // ---- reading

  /// What a line says.
  private static final class State {
    private @Nullable String id;
    private @Nullable String isa;
    private @Nullable String preset;
    private byte[] code = {};
    private long steps = 1;
    private @Nullable Long pc;
    private long flags;
    private final Map<String, String> registers = new HashMap<>();
    private final List<StateMachine.Piece> pieces = new ArrayList<>();

    void fill(UserContext context, UserMode.Names names) {
      context.pc = pc == null ? DEFAULT_PC : pc;
      context.flags = flags;
      registers.forEach((name, value) -> set(context, names, name, value));
      pieces.add(0, new StateMachine.Piece(context.pc, code, TEXT_RIGHTS));
    }

    private static void set(UserContext context, UserMode.Names names, String name, String value) {
      int general = names.general().indexOf(name);
      int more = names.more().indexOf(name);
      if (general >= 0) {
        context.r[general] = number("regs." + name, value);
      } else if (name.equals(names.pc())) {
        context.pc = number("regs." + name, value);
      } else if (name.equals(names.thread())) {
        context.thread = number("regs." + name, value);
      } else if (more >= 0) {
        context.more[more] = number("regs." + name, value);
      } else {
        vector(context, names, name, value);
      }
    }

    private static void vector(UserContext context, UserMode.Names names, String name, String value) {
      for (int i = 0; i < names.vectors(); i++) {
        if (name.equals(names.vector() + i)) {
          BigInteger wide = wide("regs." + name, value);
          if (wide.bitLength() > names.words() * Long.SIZE) {
            throw new BadInput("regs." + name + ": more than " + names.words() * Long.SIZE + " bits");
          }
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

  private static void parse(String line, State state) throws IOException {
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new BadInput("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        field(json, field, state);
      }
      if (json.nextToken() != null) {
        throw new BadInput("more than one JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new BadInput("not JSON: " + String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse(""));
    }
  }

  private static void field(JsonParser json, String field, State state) throws IOException {
    switch (field) {
      case "id" -> state.id = text(json, field);
      case "isa" -> state.isa = text(json, field);
      case "preset" -> state.preset = text(json, field);
      case "code" -> state.code = bytes(field, text(json, field));
      case "pc" -> state.pc = number(field, text(json, field));
      case "flags" -> state.flags = number(field, text(json, field));
      case "steps" -> {
        state.steps = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getLongValue()
            : number(field, text(json, field));
        if (state.steps < 1 || state.steps > MOST_STEPS) {
          throw new BadInput("steps: " + state.steps + " is not within 1.." + MOST_STEPS);
        }
      }
      case "regs" -> registers(json, state);
      case "mem" -> memory(json, state);
      default -> throw new BadInput(field + ": there is no such field; there are id, isa, preset, code, pc, regs, "
          + "flags, mem, steps");
    }
  }

  private static String text(JsonParser json, String field) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_STRING, VALUE_NUMBER_INT -> json.getText();
      default -> throw new BadInput(field + ": is neither a string nor a number");
    };
  }

  private static void registers(JsonParser json, State state) throws IOException {
    object(json, "regs");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      state.registers.put(name, text(json, "regs." + name));
    }
  }

  private static void object(JsonParser json, String field) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new BadInput(field + ": is no object");
    }
  }

  private static void memory(JsonParser json, State state) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new BadInput("mem: is no array");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      String at = "mem[" + state.pieces.size() + "]";
      object(json, at);
      state.pieces.add(piece(json, at));
    }
  }

  private static StateMachine.Piece piece(JsonParser json, String at) throws IOException {
    Long address = null;
    byte[] bytes = {};
    int rights = DATA_RIGHTS;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      String value = text(json, at + "." + name);
      switch (name) {
        case "addr" -> address = number(at + ".addr", value);
        case "bytes" -> bytes = bytes(at + ".bytes", value);
        case "rights" -> rights = rights(at + ".rights", value);
        default -> throw new BadInput(at + "." + name + ": there is no such field; there are addr, bytes, rights");
      }
    }
    if (address == null) {
      throw new BadInput(at + ".addr: is missing");
    }
    return new StateMachine.Piece(address, bytes, rights);
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

  private static long number(String field, String text) {
    try {
      return text.startsWith("0x") ? Long.parseUnsignedLong(text, 2, text.length(), 16)
          : text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new BadInput(field + ": '" + text + "' is no number of 64 bits");
    }
  }

  private static BigInteger wide(String field, String text) {
    try {
      BigInteger value = text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
      if (value.signum() >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new BadInput(field + ": '" + text + "' is no number");
  }

  // ---- writing

  private static void write(JsonGenerator g, StateMachine.Result result, UserMode.Names names) throws IOException {
    UserContext context = result.context();
    g.writeObjectFieldStart("regs");
    for (int i = 0; i < names.general().size(); i++) {
      number(g, names.general().get(i), context.r[i]);
    }
    number(g, names.pc(), context.pc);
    number(g, names.thread(), context.thread);
    for (int i = 0; i < names.more().size(); i++) {
      number(g, names.more().get(i), context.more[i]);
    }
    vectors(g, context, names);
    g.writeEndObject();
    number(g, "flags", context.flags);
    g.writeArrayFieldStart("mem");
    for (StateMachine.Piece piece : result.changed()) {
      g.writeStartObject();
      number(g, "addr", piece.address());
      g.writeStringField("bytes", HEX.formatHex(piece.bytes()));
      g.writeEndObject();
    }
    g.writeEndArray();
    fault(g, result.trap());
    g.writeNumberField("retired", result.retired());
  }

  /// Those that are not zero.
  private static void vectors(JsonGenerator g, UserContext context, UserMode.Names names) throws IOException {
    int words = names.words();
    for (int i = 0; i < names.vectors() * words; i += words) {
      int top = words - 1;
      while (top >= 0 && context.v[i + top] == 0) {
        top--;
      }
      if (top >= 0) {
        StringBuilder text = new StringBuilder("0x").append(Long.toHexString(context.v[i + top]));
        for (int word = top - 1; word >= 0; word--) {
          text.append(HEX.toHexDigits(context.v[i + word]));
        }
        g.writeStringField(names.vector() + i / words, text.toString());
      }
    }
  }

  private static void fault(JsonGenerator g, UserMode.@Nullable Trap trap) throws IOException {
    if (trap == null) {
      g.writeNullField("fault");
      return;
    }
    g.writeObjectFieldStart("fault");
    g.writeStringField("kind", kind(trap));
    if (trap.sort() != UserMode.Sort.CALL) {
      number(g, "address", trap.address());
      if (trap.sort() == UserMode.Sort.PAGE) {
        g.writeStringField("access", ACCESS[trap.access()]);
      }
      g.writeNumberField("signal", trap.signal());
    }
    number(g, "vector", trap.vector());
    number(g, "error", trap.error());
    g.writeEndObject();
  }

  private static String kind(UserMode.Trap trap) {
    return switch (trap.sort()) {
      case CALL -> "system call";
      case INTERRUPT -> "interrupt";
      case PAGE -> "page";
      case FAULT -> switch (trap.signal()) {
        case 4 -> "undefined";
        case 5 -> "breakpoint";
        case 7 -> trap.code() == SI_KERNEL ? "protection" : "alignment";
        case 8 -> "arithmetic";
        default -> "protection";
      };
    };
  }

  private static void number(JsonGenerator g, String name, long value) throws IOException {
    g.writeStringField(name, "0x" + Long.toHexString(value));
  }
}

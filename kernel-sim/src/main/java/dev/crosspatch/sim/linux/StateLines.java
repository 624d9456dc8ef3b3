package dev.crosspatch.sim.linux;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `exec --stdin`: a line of JSON in, a state and how many instructions to run from it; a line of JSON out, what became
/// of it. docs/exec.md has the fields.
public final class StateLines {
  private static final JsonFactory JSON = new JsonFactory();
  private static final HexFormat HEX = HexFormat.of();
  /// `si_code` of faults that have no better one: also #SS, for which there is SIGBUS.
  private static final int SI_KERNEL = 0x80;
  private static final String[] ACCESS = {"read", "write", "execute"};

  private final Map<String, StateMachine> machines = new HashMap<>();
  private final @Nullable String preset;

  /// @param preset of lines that say none, or null for the ISA's first
  /// @throws BadInput if no ISA has it
  public StateLines(@Nullable String preset) {
    List<String> all = Plugins.userPresets();
    if (preset != null && !all.contains(preset)) {
      throw new BadInput("--preset: '" + preset + "' is none of " + String.join(", ", all));
    }
    this.preset = preset;
  }

  /// Answers every line. All answers are on their way before it waits for another line.
  public void answer(InputStream in, Writer to) throws IOException {
    LineInput lines = new LineInput(in);
    BufferedWriter out = new BufferedWriter(to);
    long number = 0;
    for (byte[] line = lines.next(); line != null; line = lines.next()) {
      number++;
      answer(line, number, out);
      if (!lines.isReady()) {
        out.flush();
      }
    }
    out.flush();
  }

  private void answer(byte[] line, long number, Writer out) throws IOException {
    String text = "";
    try {
      text = StateLine.text(line);
      if (text.isBlank()) {
        return;
      }
      StateLine state = StateLine.read(text);
      StateMachine machine = machine(state);
      UserContext context = machine.newContext();
      List<StateMachine.Piece> pieces = state.fill(context, machine.names());
      StateMachine.Result result = machine.run(context, pieces, state.steps());
      write(out, state.id(), g -> write(g, result, machine.names()));
    } catch (BadInput e) {
      write(out, StateLine.idOf(text), g -> {
        g.writeNumberField("line", number);
        g.writeStringField("error", e.line());
      });
    }
  }

  private StateMachine machine(StateLine state) {
    String isa = state.isa();
    String wanted = state.preset() == null ? preset : state.preset();
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

  // ---- writing

  /// The fields of an answer.
  @FunctionalInterface
  private interface Fields {
    void write(JsonGenerator g) throws IOException;
  }

  /// Writes a line.
  private static void write(Writer out, StateLine.@Nullable Id id, Fields fields) throws IOException {
    try (JsonGenerator g = JSON.createGenerator(out)) {
      g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      g.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
      g.writeStartObject();
      if (id != null) {
        g.writeFieldName("id");
        if (id.number()) {
          g.writeNumber(id.text());
        } else {
          g.writeString(id.text());
        }
      }
      fields.write(g);
      g.writeEndObject();
    }
    out.write('\n');
  }

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

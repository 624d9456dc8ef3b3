package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.text.Poke;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What stood around a failure, for people: the text at that time, the instructions it may have been, and who wrote
/// there.
///
/// @param text     disassembly of what memory held, a line each; the failing instruction is marked `=>`
/// @param versions the old and the new bytes of the poke concerned, what was executed and what memory held, each with
///                 its instruction
/// @param writes   stores to it, in order
public record Scene(List<String> text, List<String> versions, List<String> writes) {
  private static final int LINES = 5;
  private static final int WRITES_BEFORE = 8;
  private static final int WRITES_AFTER = 4;

  /// Writes the object's fields.
  void write(JsonGenerator g) throws IOException {
    lines(g, "text", text);
    lines(g, "versions", versions);
    lines(g, "writes", writes);
  }

  private static void lines(JsonGenerator g, String name, List<String> lines) throws IOException {
    g.writeArrayFieldStart(name);
    for (String line : lines) {
      g.writeString(line);
    }
    g.writeEndArray();
  }

  /// All of it.
  public List<String> lines() {
    return Stream.of(text.isEmpty() ? text : List.of("text as memory held it then:"), text,
        List.of("what it may have been:"), versions, List.of("stores to it, in order:"), writes).flatMap(List::stream)
        .toList();
  }

  static Scene of(Evidence evidence, TextStores stores, Failure failure) {
    return new Painter(evidence, stores, failure).paint();
  }

  /// Makes one.
  private static final class Painter {
    private final Evidence evidence;
    private final TextStores stores;
    private final Failure failure;
    private final Disassembler disassembler;
    private final long cycle;
    private final byte[] executed;
    private final byte[] memory;
    private final int length;

    Painter(Evidence evidence, TextStores stores, Failure failure) {
      this.stores = stores;
      this.evidence = evidence;
      this.failure = failure;
      String isa = evidence.config().isa().name();
      disassembler = Plugins.assembler(isa).disassembler(isa);
      cycle = failure.cycle() < 0 ? Long.MAX_VALUE : failure.cycle();
      executed = HexFormat.of().parseHex(failure.executed());
      memory = HexFormat.of().parseHex(failure.memory());
      long site = Math.min(evidence.symbols().size(failure.address()), evidence.config().isa().maxLength());
      length = (int) Math.max(Math.max(1, site), Math.max(executed.length, memory.length));
    }

    Scene paint() {
      return new Scene(text(), versions(), writes());
    }

    /// The text around: instruction by instruction from the begin of the function, of which only those shown are
    /// disassembled.
    private List<String> text() {
      long start = evidence.start(failure.address(), cycle);
      int size = (int) (failure.address() - start) + (LINES + 1) * evidence.config().isa().maxLength();
      byte[] code = stores.bytesAt(evidence.image(), start, size, cycle);
      ArrayDeque<Integer> shown = new ArrayDeque<>();
      int behind = 0;
      int at = 0;
      while (at < code.length && behind <= LINES) {
        shown.add(at);
        at += step(code, at, start + at);
        if (start + at > failure.address()) {
          behind++;
        } else if (shown.size() > LINES) {
          shown.remove();
        }
      }
      shown.add(Math.min(code.length, at));
      List<String> lines = new ArrayList<>();
      while (shown.size() > 1) {
        int from = shown.remove();
        boolean here = start + from == failure.address();
        lines.add((here ? "=> " : "   ") + line(Arrays.copyOfRange(code, from, shown.element()), start + from));
      }
      return lines;
    }

    /// Bytes to the next instruction. A site is one instruction whatever it holds: behind a trap in it stand remains of
    /// another.
    private int step(byte[] code, int at, long address) {
      long site = evidence.symbols().size(address);
      if (site > 0 && site <= evidence.config().isa().maxLength()) {
        return (int) site;
      }
      Insn insn = evidence.config().isa().classify(code, at, code.length - at, address, Mode.CODE_64);
      return insn == null ? evidence.config().isa().alignment() : insn.length();
    }

    private String line(byte[] bytes, long address) {
      String name = evidence.name(address, cycle);
      return String.format("%016x  %-20s  %-36s %s", address, Json.hex(bytes), instruction(bytes, address), name)
          .stripTrailing();
    }

    private String instruction(byte[] bytes, long address) {
      Disassembler.Line line = bytes.length == 0 ? null : disassembler.disassemble(bytes, 0, address);
      return line == null ? "(no instruction)" : line.text();
    }

    private List<String> versions() {
      List<String> lines = new ArrayList<>();
      Poke poke = poke();
      if (poke == null) {
        lines.add("no poke in the log changes it");
        version(lines, "first", evidence.memory(failure.address(), Long.MIN_VALUE));
      } else {
        lines.add(String.format("poke of %s by CPU %d at tick %d, cycle %d (%s)", poke.site().isEmpty()
            ? Json.address(poke.address()) : poke.site(),
            poke.cpu(), poke.time(), evidence.config().cycles(poke.time()),
            away(evidence.config().cycles(poke.time()))));
        version(lines, "old", concerned(poke, poke.before()));
        version(lines, "new", concerned(poke, poke.after()));
      }
      if (executed.length > 0) {
        version(lines, "ran", executed);
        version(lines, "held", memory);
      }
      return lines;
    }

    /// Of the bytes of a poke that is larger than an instruction, the instruction concerned.
    private byte[] concerned(Poke poke, byte[] bytes) {
      int longest = evidence.config().isa().maxLength();
      int from = (int) (failure.address() - poke.address());
      if (Math.max(poke.before().length, poke.after().length) <= longest || bytes.length <= from) {
        return bytes;
      }
      int to = Math.min(bytes.length, from + longest);
      Insn insn = evidence.config().isa().classify(bytes, from, to - from, failure.address(), Mode.CODE_64);
      return Arrays.copyOfRange(bytes, from, insn == null ? to : from + insn.length());
    }

    private void version(List<String> lines, String what, byte[] bytes) {
      lines.add(String.format("%-5s  %-20s  %s", what, Json.hex(bytes), instruction(bytes, failure.address()))
          .stripTrailing());
    }

    private String away(long when) {
      return failure.cycle() < 0 ? "when is unknown" : when == cycle
          ? "at that very cycle" : Math.abs(when - cycle) + (when < cycle ? " before" : " after");
    }

    /// The poke concerned: of old text the last before, of new text the first after, else the nearest.
    private @Nullable Poke poke() {
      List<Poke> here = evidence.pokes().pokes().stream().filter(p -> failure.address() - p.address() >= 0
          && failure.address() - p.address() < Math.max(p.before().length, p.after().length)).toList();
      long now = failure.cycle() < 0 ? 0 : evidence.config().ticks(cycle);
      Comparator<Poke> nearest = Comparator.comparingLong(p -> Math.abs(p.time() - now));
      return here.stream().filter(p -> failure.kind() != FailureKind.OLD_AFTER_EVENT || p.time() <= now)
          .filter(p -> failure.kind() != FailureKind.NEW_BEFORE_EVENT || p.time() >= now).min(nearest)
          .orElse(here.isEmpty() ? null : here.getFirst());
    }

    private List<String> writes() {
      List<String> lines = new ArrayList<>();
      for (TextStores.Store s : stores.near(failure.address(), length, cycle, WRITES_BEFORE, WRITES_AFTER)) {
        lines.add(String.format("cycle %d (%s)  %s  %s at %s", s.cycle(), away(s.cycle()),
            s.cpu() < 0 ? "a device" : "CPU " + s.cpu(), Json.hex(s.bytes()), Json.address(s.address())));
      }
      return lines.isEmpty() ? List.of("none") : lines;
    }
  }
}

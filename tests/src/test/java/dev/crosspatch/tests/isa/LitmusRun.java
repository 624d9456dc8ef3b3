package dev.crosspatch.tests.isa;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.race.RaceDetector;
import dev.crosspatch.sim.race.TextRace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One run of a litmus test, its threads one behind the other: nothing but time orders them. A thread says, as a
/// kernel's text event does, that its last fetch of changed code is of the new text; whether it may be of the old one
/// is for the race detector to tell.
final class LitmusRun {
  /// Turns of a loop that a thread takes, and then some.
  private static final int TURNS = 1500;
  /// What a thread's registers hold at first if the test does not say.
  private static final int REGISTERS = 16;
  /// Where a thread keeps the other addresses of code that it stores to: from X16 on.
  private static final int ALIAS = 16;
  private static final String NOP = "0xd503201f";
  private static final Pattern MEMORY = Pattern.compile("((?:LDR|STR|LDAR|STLR)\\w* *[XW]\\w+, *)\\[X(\\d+)\\]");

  private final Litmus test;
  private final StringBuilder source = new StringBuilder();
  private final List<TextRace> races = new ArrayList<>();
  private final Arm64Guest guest;

  /// Runs a test.
  ///
  /// @param order threads in the order in which they run
  LitmusRun(Litmus test, List<Integer> order, Staleness staleness, boolean idc, boolean dic) throws Litmus.Unknown {
    this.test = test;
    int threads = test.threads().size();
    for (int thread = 0; thread < threads; thread++) {
      if (thread == 1) {
        source.append("secondary_start:\n  mrs x0, mpidr_el1\n  and x0, x0, 0xff\n");
        for (int i = 1; i < threads; i++) {
          source.append("  cmp x0, ").append(i).append("\n  b.eq thread_").append(i).append('\n');
        }
      }
      thread(thread, order.indexOf(thread));
    }
    source.append(".data\n");
    test.variables().forEach(v -> source.append(".balign 64\nvar_").append(v).append(": .quad 0\n"));
    guest = new Arm64Guest(source.toString(), threads, staleness, idc, dic);
    watch();
    guest.run();
  }

  private void thread(int thread, int place) throws Litmus.Unknown {
    source.append("thread_").append(thread).append(":\n");
    Map<Integer, String> registers = test.registers(thread);
    for (int n = 0; n < REGISTERS; n++) {
      set(thread, n, registers.getOrDefault(n, "0"));
    }
    source.append("  mov x28, 0x3c5\n  msr spsr_el1, x28\n");
    alias("x27", "claim_" + thread);
    if (place == test.threads().size() - 1) {
      for (String v : test.variables()) {
        source.append("  address x28, var_").append(v).append("\n  str xzr, [x28]\n");
      }
    }
    delay(place * TURNS + 1);
    List<String> lines = test.threads().get(thread);
    int last = test.lastFetch(thread);
    for (int i = 0; i < lines.size(); i++) {
      if (i == last) {
        source.append("  str wzr, [x27]\n");
      }
      line(thread, lines.get(i));
    }
    if (thread == 0) {
      delay((test.threads().size() + 1) * TURNS);
      source.append("  stop\n");
    } else {
      source.append("  b .\n");
    }
    source.append("  .ltorg\n  .balign 64\nclaim_").append(thread).append(": .word 1\n  .balign 64\n");
  }

  private void set(int thread, int register, String value) throws Litmus.Unknown {
    String x = "  ldr x" + register + ", =";
    Optional<String> code = test.codeOf(thread, register);
    if (code.isPresent()) {
      source.append("  address x").append(register).append(", ").append(label(code.get())).append('\n');
      if (register >= 8) {
        throw new Litmus.Unknown("code in X" + register);
      }
      alias("x" + (ALIAS + register), label(code.get()));
    } else if (value.matches("\\d+|0x\\w+")) {
      source.append(x).append(value).append('\n');
    } else if (value.matches("NOP|instr:\"NOP\"")) {
      source.append(x).append(NOP).append('\n');
    } else if (value.matches("[a-z]\\w*")) {
      source.append("  address x").append(register).append(", var_").append(value).append('\n');
    } else {
      throw new Litmus.Unknown("register at first: " + value);
    }
  }

  private static String label(String code) {
    return "p" + code.charAt(1) + "_" + code.substring(3).strip();
  }

  /// Puts the writable address of some text into a register.
  private void alias(String register, String symbol) {
    source.append("  address ").append(register).append(", ").append(symbol).append("\n  and ").append(register)
        .append(", ").append(register).append(", 0xffff\n  ldr x28, =TEXT_ALIAS\n  add ").append(register)
        .append(", ").append(register).append(", x28\n");
  }

  private void delay(int turns) {
    source.append("  ldr x28, =").append(turns).append("\n9: subs x28, x28, 1\n  b.ne 9b\n");
  }

  private void line(int thread, String line) {
    if (line.endsWith(":")) {
      String code = "P" + thread + ":" + line.substring(0, line.length() - 1);
      source.append(test.changed().contains(code) ? "  .balign 64\n" : "").append(label(code)).append(":\n");
      return;
    }
    String text = line;
    for (String other : test.threads().get(thread)) {
      if (other.endsWith(":")) {
        String name = other.substring(0, other.length() - 1);
        text = text.replaceAll("(?<=[ ,])" + Pattern.quote(name) + "$", "p" + thread + "_" + name);
      }
    }
    Matcher memory = MEMORY.matcher(text);
    if (memory.matches() && test.codeOf(thread, Integer.parseInt(memory.group(2))).isPresent()) {
      text = memory.group(1) + "[X" + (ALIAS + Integer.parseInt(memory.group(2))) + "]";
    }
    source.append("  ").append(text).append('\n');
  }

  private void watch() {
    Section text = guest.image.section(".text").orElseThrow();
    long physical = text.address() - Arm64Guest.MAP.kernelBase() + Arm64Guest.MAP.imageBase();
    RaceDetector detector = new RaceDetector(guest.machine, races::add);
    guest.machine.watchText(physical, text.bytes().length);
    detector.watch(physical, text.address(), text.bytes().length);
    byte[] first = text.bytes().clone();
    byte[] now = text.bytes().clone();
    guest.machine.probe().textStores.hear(e -> {
      int at = (int) (e.address() - physical);
      for (int i = 0; i < e.length(); i++) {
        now[at + i] = (byte) (e.value() >>> (8 * i));
      }
      for (int thread = 0; thread < test.threads().size(); thread++) {
        if (e.address() == guest.address("claim_" + thread) - text.address() + physical) {
          claim(detector, thread, text.address(), first, now);
        }
      }
    });
  }

  /// A thread says that what it is to fetch last has changed.
  private void claim(RaceDetector detector, int thread, long address, byte[] first, byte[] now) {
    test.lastFetched(thread).ifPresent(code -> {
          int at = (int) (guest.address(label(code)) - address);
          byte[] before = Arrays.copyOfRange(first, at, at + 4);
          byte[] after = Arrays.copyOfRange(now, at, at + 4);
          if (!Arrays.equals(before, after)) {
            detector.reported(address + at, before, after);
          }
        });
  }

  /// What does not hold at the end of what the test asks for.
  List<Litmus.Asked> missed() {
    return test.asked().stream()
        .filter(a -> (guest.machine.core(a.thread()).r[a.register()] & 0xffff_ffffL) != a.value()).toList();
  }

  /// Whether the last that a thread has fetched of changed code was the new text.
  boolean ranNew(int thread) {
    return test.lastFetched(thread).map(code -> guest.address(label(code))).stream()
        .flatMap(at -> guest.rows.get(thread).stream().filter(row -> row.pc() == at)).reduce((a, b) -> b)
        .map(row -> row.next() == row.pc() + 4).orElse(false);
  }

  /// Whether a thread was found to have a race.
  boolean isRaced(int thread) {
    return races.stream().anyMatch(r -> r.cpu() == thread);
  }
}

package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.Isa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where Linux's user interface differs between ISAs: data, which the ISA's module brings as resource
/// `/dev/crosspatch/linux/ISA.abi`. Lines are `call NUMBER NAME`, a system call; `stat SIZE FIELD OFFSET:BYTES ...`,
/// the layout of `struct stat`; and words by a key.
final class Abi {
  private final Map<Integer, String> calls = new HashMap<>();
  private final Map<String, String> words = new HashMap<>();

  private Abi() {}

  /// That of an ISA.
  ///
  /// @throws IllegalArgumentException if its module has none
  static Abi of(Isa isa) {
    String resource = "/dev/crosspatch/linux/" + isa.name() + ".abi";
    Abi abi = new Abi();
    try (InputStream in = isa.getClass().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(isa.name() + " has no user interface of Linux: no " + resource);
      }
      new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().forEach(abi::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return abi;
  }

  private void add(String line) {
    String[] parts = line.strip().split("\\s+", 2);
    if (parts[0].equals("call")) {
      String[] call = parts[1].split("\\s+", -1);
      calls.put(Integer.valueOf(call[0]), call[1]);
    } else if (parts.length == 2 && !parts[0].startsWith("#")) {
      words.put(parts[0], parts[1]);
    }
  }

  /// Number of a system call.
  int number(String call) {
    return calls.entrySet().stream().filter(e -> e.getValue().equals(call)).findFirst().orElseThrow().getKey();
  }

  /// Names of system calls by number.
  Map<Integer, String> calls() {
    return calls;
  }

  /// Bytes that an alternate stack of signals must have.
  int leastStack() {
    return Integer.parseInt(word("least-stack"));
  }

  /// Whether the frame of a handler on the alternate stack must fit there.
  boolean frameMustFit() {
    return word("frame").equals("fits");
  }

  /// Whether `rt_sigreturn` takes the alternate stack back while the thread may still be on it, which then forbids it.
  boolean takesStackFirst() {
    return word("take-stack").equals("first");
  }

  /// Whether SIGSEGV for a frame of `rt_sigreturn` that is none tells the stack's address.
  boolean badFrameTellsStack() {
    return word("bad-frame").equals("stack");
  }

  /// What `uname` calls the machine.
  String machine() {
    return word("machine");
  }

  /// A flag of `open` whose bit differs.
  long flag(String name) {
    return Long.decode(word(name));
  }

  /// Which argument of `clone` is the one called `name`.
  int cloneArgument(String name) {
    return List.of(word("clone").split("\\s+", -1)).indexOf(name);
  }

  private String word(String key) {
    String value = words.get(key);
    if (value == null) {
      throw new IllegalStateException("no '" + key + "' in the user interface of Linux");
    }
    return value;
  }

  /// `struct stat`.
  byte[] stat(Map<String, Long> fields) {
    String[] layout = word("stat").split("\\s+", -1);
    ByteBuffer out = ByteBuffer.allocate(Integer.parseInt(layout[0])).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 1; i + 1 < layout.length; i += 2) {
      int[] place = Arrays.stream(layout[i + 1].split(":", -1)).mapToInt(Integer::parseInt).toArray();
      long value = fields.getOrDefault(layout[i], 0L);
      if (place[1] == Long.BYTES) {
        out.putLong(place[0], value);
      } else {
        out.putInt(place[0], (int) value);
      }
    }
    return out.array();
  }
}

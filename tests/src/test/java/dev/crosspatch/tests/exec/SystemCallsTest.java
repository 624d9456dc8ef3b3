package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.linux.ElfProgram;
import dev.crosspatch.sim.linux.Execution;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/exec.md lists the system calls that are there.
final class SystemCallsTest {
  private static final Pattern NAME = Pattern.compile("`([a-z0-9_]+)`");

  private static Set<String> there(String name) {
    Isa isa = Plugins.isa(name);
    ElfProgram program = ElfProgram.read(OptionsTest.program(isa.elfMachine()), name);
    MachineConfig config = new MachineConfig(isa, 1, isa.presets().getFirst(), MachineConfig.Staleness.TYPICAL, true,
        true, 8 << 20, 1);
    return new Execution(new Execution.Request(program, name, List.of(), List.of(), config, null, false),
        new Execution.Streams(InputStream.nullInputStream(), new ByteArrayOutputStream(), new ByteArrayOutputStream(),
            _ -> { })).calls();
  }

  /// Names in the line that begins so.
  private static Set<String> listed(String beginning) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("..", "docs", "exec.md")).stream()
        .filter(line -> line.startsWith(beginning)).toList();
    assertEquals(1, lines.size(), beginning);
    Set<String> names = new TreeSet<>();
    NAME.matcher(lines.getFirst()).results().forEach(found -> names.add(found.group(1)));
    return names;
  }

  @Test
  void areListed() throws IOException {
    Set<String> x86 = there("x86-64");
    Set<String> both = new TreeSet<>(x86);
    both.retainAll(there("aarch64"));
    assertEquals(both, there("aarch64"), "AArch64 has none of its own");
    assertEquals(both, listed("Both: "));
    x86.removeAll(both);
    assertEquals(x86, listed("x86-64 alone: "));
    assertTrue(both.size() > 100, both.toString());
  }
}

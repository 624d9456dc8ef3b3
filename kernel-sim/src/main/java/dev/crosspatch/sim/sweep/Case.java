package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.scenario.Scenario;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/// A run that is to be made.
///
/// @param file     of the scenario
/// @param settings what is set in it
/// @param swept    those of them that other runs of the sweep have otherwise
/// @param scenario as it is with these settings and its seed
public record Case(Path file, List<Setting> settings, List<Setting> swept, Scenario scenario) {
  private static final int LONGEST = 40;
  private static final int LONGEST_OF_ALL = 200;

  /// Copies the lists.
  public Case {
    settings = List.copyOf(settings);
    swept = List.copyOf(swept);
  }

  /// Its seed.
  public long seed() {
    return scenario.machine().seed();
  }

  /// The name of its output directory within that of the sweep: what was set and the seed, `cpus=4,batch=1,seed-3`.
  /// What a file system or a shell might take for something else becomes `_`; what is changed or cut so has a sum of
  /// the whole at its end, so that no two runs have one name.
  public String label() {
    return safe(label(swept, seed(), setting -> safe(setting, LONGEST)), LONGEST_OF_ALL);
  }

  /// What the runs of a scenario differ in: `cpus=4,batch=1,seed-3`.
  ///
  /// @param shown how each setting is written
  static String label(List<Setting> swept, long seed, UnaryOperator<String> shown) {
    return swept.stream().filter(s -> !s.key().equals("seed")).map(s -> shown.apply(s.toString()) + ",")
        .collect(Collectors.joining()) + "seed-" + seed;
  }

  private static String safe(String text, int longest) {
    String plain = text.replaceAll("[^\\w.=,+~-]", "_").replaceFirst("^[.-]", "_");
    if (plain.equals(text) && text.length() <= longest) {
      return text;
    }
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return plain.substring(0, Math.min(plain.length(), longest - 9)) + "~" + String.format("%08x", sum.getValue());
  }
}

package dev.crosspatch.tests.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A program that shows one behaviour of a core as a list of 64-bit words, and the words that the manual wants.
///
/// Programs stand in files, one behind the other. Lines that begin with `//` and a mark say what is wanted of the
/// program that follows; a word is a sum of numbers and the program's symbols, or `*` for what is not said:
///
/// ```
/// //# NAME: section of the manual
/// //! CORES                 only on these cores
/// //= WORD ...              what the manual wants; another such line is another outcome that it allows
/// //~ WORD ...; REASON      what QEMU has instead, and why
/// //2                       for two CPUs
/// //- REASON                not for QEMU, which would not come to its end
/// //+ ...                   more of the line before
/// ```
///
/// @param name      short and unique
/// @param reference where the manual says it
/// @param cores     presets on which it runs, or none for all
/// @param allowed   outcomes that the manual allows
/// @param qemu      outcomes of QEMU where the manual allows others
/// @param unfit     why QEMU cannot run it, or none
/// @param others    a word for each CPU but the first
/// @param source    assembly text
record SystemProgram(String name, String reference, List<String> cores, List<Outcome> allowed, List<Outcome> qemu,
    List<String> unfit, List<String> others, String source) {

  /// One list of words.
  ///
  /// @param words  as they stand in the file
  /// @param reason why QEMU has them, or empty
  record Outcome(List<String> words, String reason) {}

  /// Whether it is for `cpus` cores of this preset.
  ///
  /// @param stranger that QEMU emulates
  boolean runsOn(String preset, int cpus, boolean stranger) {
    return others.size() == cpus - 1 && (cores.isEmpty() || cores.contains(preset)) && (!stranger || unfit.isEmpty());
  }

  /// All programs of a file.
  ///
  /// @throws IllegalArgumentException naming the program that has no outcome or no reference
  static List<SystemProgram> read(Path file) throws IOException {
    List<SystemProgram> programs = new ArrayList<>();
    SystemProgram last = null;
    List<String> text = new ArrayList<>();
    for (String line : Files.readString(file).replace("\n//+", "").lines().toList()) {
      String mark = line.length() < 3 || !line.startsWith("//") ? "" : line.substring(0, 3);
      String rest = line.substring(mark.length()).strip();
      switch (mark) {
        case "//#" -> {
          finish(programs, last, text);
          String[] parts = rest.split(": ", 2);
          last = new SystemProgram(parts[0], parts.length > 1 ? parts[1] : "", new ArrayList<>(), new ArrayList<>(),
              new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), "");
        }
        case "//!" -> current(last, file).cores.addAll(words(rest));
        case "//=" -> current(last, file).allowed.add(new Outcome(words(rest), ""));
        case "//~" -> {
          String[] parts = rest.split(";", 2);
          current(last, file).qemu.add(new Outcome(words(parts[0]), parts.length > 1 ? parts[1].strip() : ""));
        }
        case "//2" -> current(last, file).others.add("second");
        case "//-" -> current(last, file).unfit.add(rest);
        default -> text.add(line);
      }
    }
    finish(programs, last, text);
    return programs;
  }

  private static SystemProgram current(@Nullable SystemProgram last, Path file) {
    if (last == null) {
      throw new IllegalArgumentException(file + ": an outcome without a program");
    }
    return last;
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }

  /// Ends a program; what stands before the first belongs to none.
  private static void finish(List<SystemProgram> programs, @Nullable SystemProgram last,
      List<String> text) {
    if (last != null) {
      if (last.reference.isEmpty() || last.allowed.isEmpty()) {
        throw new IllegalArgumentException(last.name + ": no section of the manual, or no outcome");
      }
      if (last.qemu.stream().anyMatch(outcome -> outcome.reason.isEmpty())) {
        throw new IllegalArgumentException(last.name + ": QEMU differs, and nothing says why");
      }
      programs.add(new SystemProgram(last.name, last.reference, last.cores, last.allowed, last.qemu,
          last.unfit, last.others, String.join("\n", text) + "\n"));
    }
    text.clear();
  }
}

package dev.crosspatch.sim.cli;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.WholeFile;
import dev.crosspatch.sim.guest.GuestLayout;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Assembles text.
@Command(
    name = "asm",
    description = "Assembles a file to an ELF image, or a few statements to hex.",
    mixinStandardHelpOptions = true)
final class AsmCommand implements Callable<Integer> {
  /// Distance of the sections behind the text, as the guest kernels have them.
  private static final long RODATA = 0x10_0000;

  private static final long DATA = 0x18_0000;

  @Option(names = "--isa", paramLabel = "NAME", required = true, completionCandidates = Arguments.Isas.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private @Nullable String isa;

  @Option(names = "--syntax", paramLabel = "NAME", defaultValue = "intel",
      description =
          "intel (default) or att, where an ISA has both; "
              + "'.att_syntax' and '.intel_syntax noprefix' in the source change it.")
  private String syntax = "intel";

  @Option(names = {"-o", "--out"}, paramLabel = "FILE",
      description = "ELF file to write, - for standard output; without it statements are assembled to hex.")
  private @Nullable Path out;

  @Parameters(paramLabel = "SOURCE", description = "A .s file with --out, else statements separated by ';'.")
  private @Nullable String source;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Isa found = Plugins.isa(Arguments.present(isa, "--isa"));
    String text = Arguments.present(source, "SOURCE");
    Assembler assembler = assembler(found);
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    if (out == null) {
      print.println(Json.hex(assembler.assemble(GuestLayout.map(found).kernelBase(), text)));
    } else {
      long base = GuestLayout.map(found).kernelBase();
      Image image = assembler.assemble(text, Inputs.text(Path.of(text), Inputs.MOST_SOURCE),
          Map.of(".text", base, ".rodata", base + RODATA, ".data", base + DATA), Map.of());
      byte[] elf = Elf64.write(image, found.elfMachine());
      if (out.toString().equals("-")) {
        System.out.write(elf, 0, elf.length);
        System.out.flush();
      } else {
        WholeFile.write(out, file -> file.write(elf));
      }
    }
    print.flush();
    return 0;
  }

  private Assembler assembler(Isa isa) {
    boolean att = syntax.equals("att");
    if (!att && !syntax.equals("intel")) {
      throw new BadInput("--syntax: '" + syntax + "' is none; there are intel and att");
    }
    try {
      return Plugins.assembler(isa, att ? Syntax.ATT : Syntax.MANUAL);
    } catch (IllegalArgumentException e) {
      throw new BadInput("--syntax: " + e.getMessage());
    }
  }
}

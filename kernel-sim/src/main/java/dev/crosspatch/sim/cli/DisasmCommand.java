package dev.crosspatch.sim.cli;

import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Listing;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestLayout;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Disassembles hex.
@Command(name = "disasm", description = "Disassembles bytes given in hex.", mixinStandardHelpOptions = true)
final class DisasmCommand implements Callable<Integer> {
  /// What may stand between bytes: as in C, in an editor's dump, in the arguments of a shell.
  private static final Pattern SEPARATORS = Pattern.compile("(?<![0-9a-fA-F])0[xX]|\\\\x|[\\s,;]");

  @Option(names = "--isa", paramLabel = "NAME", required = true, completionCandidates = Arguments.Isas.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private @Nullable String isa;

  @Option(names = "--address", paramLabel = "HEX",
      description = "Address of the first byte (default: where kernels are linked).")
  private @Nullable String address;

  @Parameters(paramLabel = "HEX",
      description = "The bytes, in memory order; blanks, commas, 0x and \\x between them are ignored.")
  private String @Nullable [] hex;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Isa found = Plugins.isa(Arguments.present(isa, "--isa"));
    byte[] code = bytes(String.join(" ", Arguments.present(hex, "HEX")));
    long base = address == null ? GuestLayout.map(found).kernelBase() : base(address, found);
    Listing listing = new Listing(found);
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    for (int at = 0; at < code.length; ) {
      Disassembler.Line line = listing.disassemble(code, at, base + at);
      String shown = Json.hex(Arrays.copyOfRange(code, at, at + line.length()));
      out.printf("%16x  %-30s  %s%n", base + at, shown, line.text());
      at += line.length();
    }
    out.flush();
    return 0;
  }

  private static byte[] bytes(String hex) {
    try {
      var bytes = new ByteArrayOutputStream();
      for (String run : SEPARATORS.split(hex, -1)) {
        bytes.writeBytes(HexFormat.of().parseHex(run));
      }
      if (bytes.size() == 0) {
        throw new BadInput("HEX: no bytes");
      }
      return bytes.toByteArray();
    } catch (IllegalArgumentException e) {
      throw new BadInput("HEX: '" + hex + "' is not an even number of hexadecimal digits");
    }
  }

  private static long base(String text, Isa isa) {
    try {
      long base = Long.parseUnsignedLong(text.replaceFirst("^0[xX]", ""), 16);
      if (base % isa.alignment() != 0) {
        throw new BadInput("--address: " + text + " is not a multiple of " + isa.alignment()
            + ", where instructions of " + isa.name() + " stand");
      }
      return base;
    } catch (NumberFormatException e) {
      throw new BadInput("--address: '" + text + "' is not a hexadecimal number");
    }
  }
}

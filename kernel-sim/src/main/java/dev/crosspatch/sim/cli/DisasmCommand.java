package dev.crosspatch.sim.cli;

import dev.crosspatch.core.asm.Disassembler;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Plugins;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Disassembles hex.
@Command(name = "disasm", description = "Disassembles bytes given in hex.", mixinStandardHelpOptions = true)
final class DisasmCommand implements Callable<Integer> {
  @Option(names = "--isa", paramLabel = "NAME", required = true, description = "x86-64 or aarch64.")
  private @Nullable String isa;

  @Option(names = "--address", paramLabel = "HEX", description = "Address of the first byte (default: where kernels are linked).")
  private @Nullable String address;

  @Parameters(paramLabel = "HEX", description = "The bytes, in memory order; blanks are ignored.")
  private String @Nullable [] hex;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Isa found = Plugins.isa(Arguments.present(isa, "--isa"));
    byte[] code = bytes(String.join("", Arguments.present(hex, "HEX")));
    long base = address == null ? found.kernelBase() : base(address);
    Disassembler disassembler = Plugins.assembler(found.name()).disassembler(found.name());
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    for (int at = 0; at < code.length; ) {
      Disassembler.Line line = disassembler.disassemble(code, at, base + at);
      int length = line == null ? found.alignment() : line.length();
      String shown = Json.hex(Arrays.copyOfRange(code, at, Math.min(code.length, at + length)));
      out.printf("%16x  %-30s  %s%n", base + at, shown, line == null ? "(no instruction)" : line.text());
      at += length;
    }
    out.flush();
    return 0;
  }

  private static byte[] bytes(String hex) {
    try {
      return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new BadInput("HEX: '" + hex + "' is not an even number of hexadecimal digits");
    }
  }

  private static long base(String text) {
    try {
      return Long.parseUnsignedLong(text.replaceFirst("^0x", ""), 16);
    } catch (NumberFormatException e) {
      throw new BadInput("--address: '" + text + "' is not a hexadecimal number");
    }
  }
}

package dev.crosspatch.sim.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Writes a finished run in a form that other decoders read.
@Command(
    name = "export",
    description = "Writes a finished run in a form that other decoders read.",
    mixinStandardHelpOptions = true,
    subcommands = {})
final class ExportCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli fills annotated fields
  ExportCommand() {}

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "say in which form: see 'crosspatch export --help'");
  }
}

package dev.crosspatch.sim.cli;

import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntSupplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command line. Exit status: 0 verdict pass or done, 1 verdict fail, 2 bad input or environment.
@Command(
    name = "crosspatch",
    description = "A laboratory for live kernel text patching: boot, patch, trace, decode, verify.",
    mixinStandardHelpOptions = true,
    version = "crosspatch " + Main.VERSION,
    subcommands = {
      RunCommand.class, VerifyCommand.class, DecodeCommand.class, PacketsCommand.class, ExportCommand.class, AsmCommand.class, DisasmCommand.class,
      ScenariosCommand.class, AutoComplete.GenerateCompletion.class, CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  /// Version of the program and of the files it writes.
  public static final String VERSION = "0.1.0";

  static final int BAD_INPUT = 2;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /// Called by picocli.
  @SuppressWarnings("NullAway.Init") // picocli fills annotated fields
  Main() {}

  public static void main(String[] args) {
    StandardOutput.install();
    System.exit(execute(args));
  }

  /// Runs a command and returns its exit status.
  public static int execute(String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setParameterExceptionHandler((e, _) -> {
      String command = e.getCommandLine().getCommandSpec().qualifiedName();
      say(e.getCommandLine(), String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "; see '" + command + " --help'");
      return BAD_INPUT;
    });
    line.setExecutionExceptionHandler((e, command, parsed) -> complain(command, e));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    StandardOutput.endWhenClosed();
    // Help is printed outside of the handlers above, and some output only at the very end.
    line.setExecutionStrategy(parsed -> printed(line, () -> new CommandLine.RunLast().execute(parsed)));
    int status = line.execute(args);
    return printed(line, () -> {
      System.out.flush();
      return status;
    });
  }

  private static int printed(CommandLine line, IntSupplier command) {
    try {
      return command.getAsInt();
    } catch (BadInput e) {
      say(line, e.line());
      return BAD_INPUT;
    } catch (StandardOutput.Closed e) {
      return 0;
    }
  }

  private static int complain(CommandLine command, Exception e) throws Exception {
    switch (e) {
      case BadInput bad -> say(command, bad.line());
      case AssemblyException bad -> say(command, String.valueOf(bad.getMessage()));
      case UncheckedIOException bad -> say(command, IoReason.of(bad));
      case IOException bad -> say(command, IoReason.of(bad));
      case StandardOutput.Closed none -> {
        return 0;
      }
      default -> throw e;
    }
    return BAD_INPUT;
  }

  private static void say(CommandLine command, String message) {
    command.getErr().println("crosspatch: " + message);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}

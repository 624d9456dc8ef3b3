package dev.crosspatch.sim.cli;

import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.function.IntSupplier;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine;

/// The command line. Exit status: 0 the verdict is as expected, or all is done; 1 it is not as expected; 2 bad input or
/// environment; 3 an internal error.
@Command(
    name = "crosspatch",
    description = {"A laboratory for live kernel text patching: boot, patch, trace, decode, verify.", Main.STATUS},
    mixinStandardHelpOptions = true,
    version = "crosspatch " + Main.VERSION,
    subcommands = {
      RunCommand.class, StepsCommand.class, FaultsCommand.class, VerifyCommand.class, TimelineCommand.class,
      DecodeCommand.class, PacketsCommand.class, ExportCommand.class,
      AsmCommand.class, DisasmCommand.class, ExecCommand.class,
      ScenariosCommand.class, AutoComplete.GenerateCompletion.class, CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  /// Version of the program and of the files it writes.
  public static final String VERSION = "0.1.0";

  /// For the help of commands that judge.
  static final String STATUS =
      "Exit status: 0 the verdict is what the scenario expects, 1 it is not, 2 bad input or environment, 3 an internal "
          + "error.";

  static final int AS_EXPECTED = 0;
  static final int NOT_AS_EXPECTED = 1;
  static final int BAD_INPUT = 2;
  static final int INTERNAL_ERROR = 3;

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
      say(e.getCommandLine(),
          String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "; see '" + command + " --help'");
      return BAD_INPUT;
    });
    line.setExecutionExceptionHandler((e, command, parsed) -> complain(command, e));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    // what follows the program is the program's
    Objects.requireNonNull(line.getSubcommands().get("exec")).setStopAtPositional(true);
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
    } catch (CommandLine.PicocliException e) {
      throw e; // for the handlers above
    } catch (RuntimeException | Error e) {
      return complain(line, e);
    }
  }

  /// Says what went wrong and returns the exit status for it.
  static int complain(CommandLine command, Throwable e) {
    switch (e) {
      case BadInput bad -> say(command, bad.line());
      case AssemblyException bad -> say(command, new BadInput(String.valueOf(bad.getMessage())).line());
      case UncheckedIOException bad -> say(command, IoReason.of(bad));
      case IOException bad -> say(command, IoReason.of(bad));
      case StandardOutput.Closed none -> {
        return 0;
      }
      default -> {
        if (outOfMemory(e)) {
          say(command, "out of memory: " + (Runtime.getRuntime().maxMemory() >> 20)
              + " MiB of heap are not enough for this");
          return INTERNAL_ERROR;
        }
        say(command, "internal error: " + e.toString().lines().findFirst().orElse("")
            + "; this is a fault of crosspatch, please report it with what follows");
        e.printStackTrace(command.getErr());
        command.getErr().flush();
        return INTERNAL_ERROR;
      }
    }
    return BAD_INPUT;
  }

  private static boolean outOfMemory(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return true;
      }
    }
    return false;
  }

  static void say(CommandLine command, String message) {
    command.getErr().println("crosspatch: " + message);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}

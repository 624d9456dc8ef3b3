package dev.crosspatch.sim;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.platform.Board;
import dev.crosspatch.tracer.export.TraceExporter;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.unit.TraceUnitProvider;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds the plug-ins on the class path by name.
public final class Plugins {
  private Plugins() {}

  /// The ISA called `name`.
  ///
  /// @throws BadInput listing the names there are
  public static Isa isa(String name) {
    return find(Isa.class, Isa::name, name, "ISA");
  }

  /// The names of all ISAs, in alphabetical order.
  public static List<String> isas() {
    return ServiceLoader.load(Isa.class).stream().map(p -> p.get().name()).sorted().toList();
  }

  /// Names of the cores of all ISAs that have a user mode, by ISA.
  public static List<String> userPresets() {
    return isas().stream().map(Plugins::isa).filter(isa -> isa.userMode() != null)
        .flatMap(isa -> isa.presets().stream()).toList();
  }

  /// The board called `name`.
  ///
  /// @throws BadInput listing the names there are
  public static Board board(String name) {
    return find(Board.class, Board::name, name, "board");
  }

  /// The trace protocol called `name`.
  ///
  /// @throws BadInput listing the names there are
  public static TraceProtocol protocol(String name) {
    return find(TraceProtocol.class, TraceProtocol::name, name, "trace protocol");
  }

  /// What to say of a trace protocol that does not trace `isa`.
  public static String cannotTrace(Isa isa, String protocol) {
    return "'" + protocol + "' does not trace " + isa.name() + "; " + String.join(", ", isa.tracedBy())
        + (isa.tracedBy().size() == 1 ? " does" : " do");
  }

  /// What makes the trace units of the protocol called `name`.
  ///
  /// @throws BadInput listing the names there are
  public static TraceUnitProvider traceUnits(String name) {
    return find(TraceUnitProvider.class, TraceUnitProvider::protocol, name, "trace unit");
  }

  /// The exporter called `name`.
  ///
  /// @param others names of formats that are no plug-ins
  /// @throws BadInput listing the names there are
  public static TraceExporter exporter(String name, String... others) {
    return find(TraceExporter.class, TraceExporter::name, name, "export format", others);
  }

  /// Assembler and disassembler for an ISA.
  ///
  /// @throws BadInput if there is none
  public static AssemblerProvider assembler(String isa) {
    for (AssemblerProvider provider : ServiceLoader.load(AssemblerProvider.class)) {
      if (provider.supports(isa)) {
        return provider;
      }
    }
    throw new BadInput("no assembler for ISA '" + isa + "' is on the class path");
  }

  /// An assembler for `isa` that has what it makes read back by the decoder of `isa`.
  ///
  /// @throws BadInput                 if there is none
  /// @throws IllegalArgumentException if the ISA has no such syntax
  public static Assembler assembler(Isa isa, Syntax syntax) {
    return assembler(isa.name())
        .assembler(isa.name(), syntax,
            (code, offset, available) -> length(isa.classify(code, offset, available, 0, Mode.CODE_64)));
  }

  private static int length(@Nullable Insn insn) {
    return insn == null ? 0 : insn.length();
  }

  private static <T> T find(Class<T> service, Function<T, String> nameOf, String name, String what,
      String... others) {
    List<T> all = ServiceLoader.load(service).stream().map(ServiceLoader.Provider::get).toList();
    for (T plugin : all) {
      if (nameOf.apply(plugin).equals(name)) {
        return plugin;
      }
    }
    throw new BadInput("no " + what + " is called '" + name + "'; there are: "
        + Stream.concat(all.stream().map(nameOf), Stream.of(others)).sorted().collect(Collectors.joining(", ")));
  }
}

package dev.crosspatch.sim.guest;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Isa;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Builds guest kernels: the ISA's assembly text (resources `dev/crosspatch/kernel/ISA/*.s`) with the workload of a
/// [GuestConfig].
///
/// The image has symbols `_text`, `_stext`, `_etext`, `start`, `secondary_start`, every function with kind and size,
/// every site as `site_N` with its length as size and its jump target `site_N_on`, and the tables (`lab_params`,
/// `lab_sites`, `lab_keys`, ...). Sites stand in ascending address order.
public final class GuestKernel {
  /// The same names for every ISA, in the order they are put together.
  private static final List<String> FILES = List.of("macros.s", "boot.s", "trap.s", "call.s", "patch.s", "work.s");

  private GuestKernel() {}

  /// The whole assembly text.
  ///
  /// @throws IllegalArgumentException if there is no kernel for the ISA or the protocol is another ISA's
  public static String source(Isa isa, GuestConfig config) {
    if (!config.protocol().isa().equals(isa.name())) {
      throw new IllegalArgumentException(
          "protocol: " + config.protocol() + " is for " + config.protocol().isa() + ", not for " + isa.name());
    }
    StringBuilder source = new StringBuilder();
    for (String file : FILES) {
      source.append(resource(isa.name(), file)).append('\n');
    }
    return source.append(Workload.source(config)).toString();
  }

  /// All that shapes the image, as text: the same inputs give the same image.
  public static String inputs(Isa isa, GuestConfig config) {
    return source(isa, config) + GuestLayout.sections(isa) + GuestLayout.symbols(isa, config);
  }

  /// Assembles the kernel.
  ///
  /// @throws IllegalArgumentException if the text or the tables are larger than the room they have, naming the section
  public static Image build(Isa isa, Assembler assembler, GuestConfig config) {
    Image image = assembler.assemble(
        "guest-" + isa.name() + ".s", source(isa, config), GuestLayout.sections(isa), GuestLayout.symbols(isa, config));
    return link(isa, image, config);
  }

  /// Adds to what the assembler made the zeroed memory, and what only Java knows of sections and symbols.
  static Image link(Isa isa, Image image, GuestConfig config) {
    List<Section> sections = new ArrayList<>();
    for (Section s : image.sections()) {
      sections.add(new Section(s.name(), s.address(), s.bytes(), access(s.name())));
    }
    sections.add(new Section(".bss", GuestLayout.cpuAreas(isa), new byte[GuestLayout.zeroedSize(config)],
        Section.Access.DATA));
    sections.sort((a, b) -> Long.compareUnsigned(a.address(), b.address()));
    return new Image(sections, symbols(image, config));
  }

  private static Section.Access access(String section) {
    return switch (section) {
      case ".text" -> Section.Access.TEXT;
      case ".rodata" -> Section.Access.RODATA;
      default -> Section.Access.DATA;
    };
  }

  private static List<Symbol> symbols(Image image, GuestConfig config) {
    List<Symbol> symbols = new ArrayList<>(image.symbols());
    for (int i = 0; i < config.sites().size(); i++) {
      String name = siteSymbol(i);
      long address = image.address(name);
      symbols.removeIf(s -> s.name().equals(name));
      symbols.add(new Symbol(name, address, config.sites().get(i).length(), Symbol.Kind.NOTYPE));
    }
    symbols.sort(Comparator.comparing(Symbol::address, Long::compareUnsigned).thenComparing(Symbol::name));
    return symbols;
  }

  /// Name of the symbol at site `number`, also the site's name in the poke log.
  public static String siteSymbol(long number) {
    return "site_" + number;
  }

  /// What [Counter#CHECKSUM] of a CPU must be after `iterations` work iterations, however the keys changed meanwhile.
  public static long expectedChecksum(GuestConfig config, long iterations) {
    return iterations * Workload.checksum(config);
  }

  private static String resource(String isa, String file) {
    String path = "/dev/crosspatch/kernel/" + isa + "/" + file;
    try (InputStream in = GuestKernel.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no guest kernel for ISA '" + isa + "': no resource " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

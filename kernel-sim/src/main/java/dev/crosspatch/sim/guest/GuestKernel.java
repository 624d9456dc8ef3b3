package dev.crosspatch.sim.guest;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Variant;
import dev.crosspatch.sim.mechanism.Variant.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Builds guest kernels: the ISA's [GuestLibrary] around a mechanism's sources, with the workload of a [GuestConfig].
///
/// The image has symbols `_text`, `_stext`, `_etext`, `start`, `secondary_start`, every function with kind and size,
/// every site as `site_N` with its length as size, and the tables (`lab_params`, `lab_sites`, `lab_keys`, ...). Sites
/// stand in ascending address order.
public final class GuestKernel {
  /// What the assembler calls it.
  private static final String KERNEL = "guest.s";
  /// A line before each source.
  private static final String TEXT = ".text\n";
  private static final Pattern IN_MACRO = Pattern.compile("( \\(in macro '[^']*') used at line (\\d+)\\)");
  private static final Pattern DEFINED = Pattern.compile("(is already defined at )line (\\d+)");
  /// What the workload refers to and the mechanism's macro has to lay.
  private static final Pattern SITE_LABEL = Pattern.compile("undefined symbol '(site_\\d+(?:_on)?)'");

  private GuestKernel() {}

  /// All sources, in the order in which they are put together.
  static List<Source> sources(GuestConfig config) {
    List<Source> sources = new ArrayList<>(config.patching().library().before());
    config.parts().forEach(part -> sources.add(part.source()));
    sources.addAll(config.patching().variant().sources());
    sources.addAll(config.patching().library().behind());
    sources.add(new Source("workload.s", Workload.source(config)));
    return sources;
  }

  /// The whole assembly text: each source begins in the text section.
  public static String source(GuestConfig config) {
    return String.join("\n", sources(config).stream().map(source -> TEXT + source.text()).toList());
  }

  /// All that shapes the image, as text: the same inputs give the same image.
  public static String inputs(Isa isa, GuestConfig config) {
    return source(config) + config.patching().mechanism().text() + GuestLayout.sections(isa, config)
        + GuestLayout.symbols(isa, config);
  }

  /// Assembles the kernel.
  ///
  /// @throws IllegalArgumentException if the text or the tables are larger than the room they have, naming the section
  /// @throws BadInput                 if a source cannot be assembled, or the kernel lacks what the manifest promises
  public static Image build(Isa isa, Assembler assembler, GuestConfig config) {
    List<Source> sources = sources(config);
    Image image;
    try {
      image = assembler.assemble(
          KERNEL, source(config), GuestLayout.sections(isa, config), GuestLayout.symbols(isa, config));
    } catch (AssemblyException e) {
      throw new BadInput(located(sources, config.patching().variant().sources(), e));
    }
    promised(image, config.patching());
    placed(isa, image, config);
    return link(isa, image, config);
  }

  /// The kernel has what the manifest says that it has.
  private static void promised(Image image, Patching patching) {
    String isa = patching.protocol().isa();
    for (String symbol : patching.variant().symbols()) {
      if (image.find(symbol).isEmpty()) {
        throw patching.mechanism().bad(isa, "symbols", symbol, "the kernel has no '" + symbol + "'");
      }
    }
    for (List<String> functions : patching.variant().spans().values()) {
      for (String function : functions) {
        if (image.find(function).filter(symbol -> isText(image, symbol)).isEmpty()) {
          throw patching.mechanism().badSpan(isa, function, "the kernel has no function '" + function + "'");
        }
      }
    }
  }

  private static boolean isText(Image image, Symbol symbol) {
    return image.sections().stream().anyMatch(s -> s.access() == Section.Access.TEXT
        && symbol.address() - s.address() >= 0 && symbol.address() - s.address() < s.bytes().length);
  }

  /// The mechanism's macro lays each site where it is told to, and what it begins with is no longer than it.
  private static void placed(Isa isa, Image image, GuestConfig config) {
    Variant variant = config.patching().variant();
    Map<String, Symbol> byName = byName(image);
    for (int i = 0; i < config.sites().count(); i++) {
      SiteSpec.Placement place = config.sites().list().get(i).placement();
      long address = Objects.requireNonNull(byName.get(siteSymbol(i))).address();
      if ((address & place.boundary() - 1) != place.offset()) {
        throw new BadInput(String.format("%s: SITE lays site_%d at 0x%x: the rest of that by %d is %d, and the scenario"
            + " wants %d", names(variant.sources()), i, address, place.boundary(), address & place.boundary() - 1,
            place.offset()));
      }
      if ((address & variant.align() - 1) != 0) {
        throw new BadInput(String.format("%s: SITE lays site_%d at 0x%x, which is no multiple of %d, the manifest's "
            + "'align'", names(variant.sources()), i, address, variant.align()));
      }
      int length = config.sites().list().get(i).length();
      int laid = laid(isa, image, address, length);
      if (laid > length) {
        throw new BadInput(String.format("%s: SITE lays site_%d at 0x%x with an instruction of %d bytes, and the site"
            + " has %d, of the manifest's 'lengths'", names(variant.sources()), i, address, laid, length));
      }
    }
  }

  /// How many bytes the instruction at `address` has, where a site of `length` bytes begins. Or `length` if it has so
  /// many of prefixes: with these it is an instruction also if it has them twice.
  private static int laid(Isa isa, Image image, long address, int length) {
    Section text = image.sections().stream().filter(s -> s.contains(address)).findFirst().orElseThrow();
    int at = (int) (address - text.address());
    byte[] from = Arrays.copyOfRange(text.bytes(), at, Math.min(text.bytes().length, at + length + isa.maxLength()));
    Insn insn = isa.classify(from, 0, from.length, address, Mode.CODE_64);
    if (insn == null || insn.length() <= length) {
      return insn == null ? 0 : insn.length();
    }
    byte[] twice = Arrays.copyOf(from, length + from.length);
    System.arraycopy(from, 0, twice, length, from.length);
    Insn prefixed = isa.classify(twice, 0, twice.length, address, Mode.CODE_64);
    return prefixed != null && prefixed.length() == insn.length() + length ? length : insn.length();
  }

  private static String names(List<Source> sources) {
    return String.join(", ", sources.stream().map(Source::name).toList());
  }

  /// A message of the assembler with the source and the line in it that it is about; of a statement in a macro of the
  /// library or the workload, where the mechanism uses it.
  private static String located(List<Source> sources, List<Source> own, AssemblyException e) {
    Matcher label = SITE_LABEL.matcher(e.what());
    String statement = place(sources, e.line());
    if (label.lookingAt() && !isIn(own, statement)) {
      return names(own) + ": SITE lays no label '" + label.group(1) + "'";
    }
    List<String> places = new ArrayList<>(List.of(statement));
    Matcher macros = IN_MACRO.matcher(e.what());
    while (macros.find()) {
      places.add(place(sources, Integer.parseInt(macros.group(2))));
    }
    String at = places.stream().filter(place -> isIn(own, place)).findFirst().orElse(places.getLast());
    String what = DEFINED.matcher(e.what()).replaceFirst(
        m -> Matcher.quoteReplacement(m.group(1) + place(sources, Integer.parseInt(m.group(2)))));
    return at + ": " + (places.size() == 1 ? what : withoutUses(what));
  }

  /// Only the innermost of nested macros, without its line, which is one of all sources together.
  private static String withoutUses(String what) {
    Matcher macros = IN_MACRO.matcher(what);
    StringBuilder out = new StringBuilder();
    for (boolean inner = true; macros.find(); inner = false) {
      macros.appendReplacement(out, inner ? Matcher.quoteReplacement(macros.group(1) + ")") : "");
    }
    return macros.appendTail(out).toString();
  }

  private static boolean isIn(List<Source> sources, String place) {
    return sources.stream().anyMatch(s -> place.startsWith(s.name() + ":"));
  }

  /// Source and line of a line of all sources put together.
  private static String place(List<Source> sources, int inAll) {
    int line = inAll;
    for (Source source : sources) {
      int lines = (int) source.text().chars().filter(c -> c == '\n').count() + 2;
      if (line <= lines) {
        return source.name() + ":" + (line - 1);
      }
      line -= lines;
    }
    return KERNEL + ":" + inAll;
  }

  /// Adds to what the assembler made the zeroed memory, and what only Java knows of sections and symbols.
  static Image link(Isa isa, Image image, GuestConfig config) {
    List<Section> sections = new ArrayList<>();
    for (Section s : image.sections()) {
      sections.add(new Section(s.name(), s.address(), s.bytes(), access(s.name())));
    }
    sections.add(new Section(".bss", GuestLayout.cpuAreas(isa, config), new byte[GuestLayout.zeroedSize(config)],
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
    Map<String, Symbol> byName = byName(image);
    for (int i = 0; i < config.sites().count(); i++) {
      int length = config.sites().list().get(i).length();
      byName.computeIfPresent(siteSymbol(i), (n, s) -> new Symbol(n, s.address(), length, Symbol.Kind.NOTYPE));
    }
    List<Symbol> symbols = new ArrayList<>(byName.values());
    symbols.sort(Comparator.comparing(Symbol::address, Long::compareUnsigned).thenComparing(Symbol::name));
    return symbols;
  }

  private static Map<String, Symbol> byName(Image image) {
    Map<String, Symbol> byName = new LinkedHashMap<>();
    image.symbols().forEach(symbol -> byName.put(symbol.name(), symbol));
    return byName;
  }

  /// Name of the symbol at site `number`, also the site's name in the poke log.
  public static String siteSymbol(long number) {
    return "site_" + number;
  }

  /// What [Counter#CHECKSUM] of a CPU must be after `iterations` work iterations, however the keys changed meanwhile.
  public static long expectedChecksum(GuestConfig config, long iterations) {
    return iterations * config.sites().checksum(SitePath.WORK);
  }

  /// Whether what a path's counter says ([SitePath#counter]) can be, however the keys changed meanwhile: each pass went
  /// through all of the path's sites.
  public static boolean isWhole(GuestConfig config, SitePath path, long counted) {
    return counted % SitePath.PASS == counted / SitePath.PASS * config.sites().checksum(path);
  }
}

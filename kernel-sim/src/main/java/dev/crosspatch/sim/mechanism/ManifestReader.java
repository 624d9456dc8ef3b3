package dev.crosspatch.sim.mechanism;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.Yaml;
import dev.crosspatch.sim.mechanism.Variant.Source;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads a mechanism's manifest and its sources. Every error names file, line, key and the mend.
final class ManifestReader {
  static final String MANIFEST = "manifest.yaml";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z_.][A-Za-z0-9_.$]{0,99}");
  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}");
  private static final int LONGEST_SITE = 64;

  private final Mechanisms.Folder folder;
  private final Fields manifest;
  private final String text;

  private ManifestReader(Mechanisms.Folder folder) {
    this.folder = folder;
    text = folder.text(MANIFEST);
    manifest = Yaml.parse(folder.shown(MANIFEST), text, null, "a manifest is a mapping of keys to values");
  }

  static Mechanism read(Mechanisms.Folder folder) {
    return new ManifestReader(folder).mechanism();
  }

  private Mechanism mechanism() {
    String name = named(manifest, "name", manifest.text("name", null), NAME);
    String description = manifest.text("description", "");
    Set<Report> reports = new LinkedHashSet<>(manifest.choices("reports", Report.class));
    Map<String, Variant> variants = variants(manifest.map("isas"));
    Ways ways = new Ways(variants);
    List<Protocol> protocols = ways.protocols(manifest);
    List<Step> steps = ways.steps(manifest);
    manifest.finish();
    return new Mechanism(name, description.strip(), folder.shown(MANIFEST), text, protocols, steps,
        manifest.has("reports") ? reports : Set.of(Report.CHANGE), variants);
  }

  static String named(Fields at, String key, String name, Pattern pattern) {
    if (!pattern.matcher(name).matches()) {
      throw at.bad(key, "'" + name + "' is no name: lower case letters first, then also digits and "
          + (pattern == NAME ? "_" : "-") + ", 40 at most");
    }
    return name;
  }

  private Map<String, Variant> variants(Fields isas) {
    Map<String, Variant> variants = new LinkedHashMap<>();
    for (String isa : isas.keys()) {
      try {
        Plugins.isa(isa);
      } catch (BadInput e) {
        throw isas.bad(isa, e.line());
      }
      variants.put(isa, variant(isa, isas.map(isa)));
    }
    if (variants.isEmpty()) {
      throw manifest.bad("isas", "needs at least one ISA that the mechanism is written for");
    }
    return variants;
  }

  private Variant variant(String isa, Fields at) {
    Set<Hook> hooks = EnumSet.noneOf(Hook.class);
    hooks.addAll(at.choices("handles", Hook.class));
    List<Source> sources = sources(isa, at);
    Fields sites = at.map("sites");
    int align = (int) sites.number("align", 1, 1, 4096);
    if (Integer.bitCount(align) != 1) {
      throw sites.bad("align", align + " is no power of two");
    }
    List<Integer> lengths = lengths(sites, align);
    List<Part> parts = parts(isa, at);
    List<String> symbols = at.list("symbols");
    for (int i = 0; i < symbols.size(); i++) {
      if (!SYMBOL.matcher(symbols.get(i)).matches()) {
        throw at.badItem("symbols", i, "'" + symbols.get(i) + "' is no name of a symbol");
      }
    }
    Map<Span, List<String>> spans = Variant.spans(at.map("spans"));
    at.finish();
    needs(at, sources, Variant.FLIP, "every mechanism has it: it changes a key's state and its sites");
    needs(at, sources, "SITE", "every mechanism has this macro: it lays a site into the work functions");
    for (Hook hook : hooks) {
      needs(at, sources, hook.function(), "'handles' says that there is one");
    }
    return new Variant(sources, hooks, align, lengths, parts, symbols, spans);
  }

  /// What it uses, behind what that needs itself.
  private static List<Part> parts(String isa, Fields at) {
    Set<Part> parts = new LinkedHashSet<>();
    List<String> uses = at.list("uses");
    for (int i = 0; i < uses.size(); i++) {
      Map<String, Part> all = GuestLibrary.of(isa).parts();
      if (!all.containsKey(uses.get(i))) {
        throw at.badItem("uses", i, "'" + uses.get(i) + "' is no part of the guest library; there are: "
            + String.join(", ", all.keySet()));
      }
      parts.addAll(GuestLibrary.of(isa).with(uses.get(i)));
    }
    return List.copyOf(parts);
  }

  private List<Source> sources(String isa, Fields at) {
    List<String> names = at.has("sources") ? at.list("sources") : List.of(isa + ".s");
    List<Source> sources = new ArrayList<>();
    for (String name : names) {
      if (!FILE.matcher(name).matches()) {
        throw at.bad("sources", "'" + name + "' is not the name of a file in this folder");
      }
      try {
        sources.add(new Source(folder.shown(name), folder.text(name)));
      } catch (BadInput e) {
        throw at.has("sources") ? at.bad("sources", e.line()) : e;
      }
    }
    if (sources.isEmpty()) {
      throw at.bad("sources", "an empty list; without the key it is " + isa + ".s");
    }
    return sources;
  }

  /// What the library or the workload uses must be there, or the assembler would complain about lines that are not the
  /// user's.
  private static void needs(Fields at, List<Source> sources, String name, String why) {
    Pattern word = Pattern.compile("(?m)^[^/\\n]*\\b" + name + "\\b");
    if (sources.stream().noneMatch(s -> word.matcher(s.text()).find())) {
      throw at.bad("sources", "there is no " + name + " in " + String.join(", ",
          sources.stream().map(Source::name).toList()) + ": " + why);
    }
  }

  private static List<Integer> lengths(Fields sites, int align) {
    List<String> said = sites.list("lengths");
    sites.finish();
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      String length = said.get(i);
      int bytes = length.matches("[1-9][0-9]?") ? Integer.parseInt(length) : 0;
      if (bytes == 0 || bytes > LONGEST_SITE || bytes % align != 0) {
        throw sites.badItem("lengths", i, "'" + length + "' is not the length of a site: 1.." + LONGEST_SITE + " bytes"
            + (align == 1 ? "" : ", a multiple of " + align));
      }
      lengths.add(bytes);
    }
    if (lengths.isEmpty()) {
      throw sites.bad("lengths", "needs at least one length of a site, the usual one first");
    }
    return lengths;
  }
}

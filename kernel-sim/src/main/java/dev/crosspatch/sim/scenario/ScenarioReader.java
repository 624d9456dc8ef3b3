package dev.crosspatch.sim.scenario;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.pipeline.PipelineTable;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.fields.Yaml;
import dev.crosspatch.sim.guest.Alias;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Patching;
import dev.crosspatch.sim.guest.SitePath;
import dev.crosspatch.sim.guest.SiteSpec.Placement;
import dev.crosspatch.sim.guest.SiteSpec;
import dev.crosspatch.sim.guest.Sites;
import dev.crosspatch.sim.guest.TimerTick;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Part;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Step;
import dev.crosspatch.sim.mechanism.Variant;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.unit.TraceSetup;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads scenario files. Every error names file, line, key and the mend.
public final class ScenarioReader {
  private static final int MAX_BASES = 8;
  /// How trace protocols name an option that is wrong.
  private static final Pattern OPTION_ERROR = Pattern.compile("\\w+ option (\\w+): (.*)");
  private static final Pattern SITE = Pattern.compile("site_(\\d+)");
  private static final String ENDLESS = "endless";
  private static final Pattern ITERATIONS = Pattern.compile("0|[1-9][0-9_]{0,17}");
  private static final long MIB = 1 << 20;
  /// Keys that make a scenario no other than its base.
  private static final Set<String> NO_CHANGE = Set.of("base", "description");
  private static final String NO_SCENARIO = "a scenario is a mapping of keys to values";

  /// What pipes held that this process was given: a sweep needs it for every combination, and it can be read but once.
  private static final Map<Path, String> PIPES = new ConcurrentHashMap<>();

  private ScenarioReader() {}

  /// Reads a scenario and the bases it stands on.
  ///
  /// @throws BadInput if a file cannot be read or says something wrong
  public static Scenario read(Path file) {
    return read(file, List.of());
  }

  /// Reads a scenario and the bases it stands on, some of its values replaced.
  ///
  /// @param settings later ones over earlier ones
  /// @throws BadInput if a file cannot be read, or it or a setting says something wrong
  public static Scenario read(Path file, List<Setting> settings) {
    return scenario(name(file), load(file, settings));
  }

  /// The name of the scenario that a file holds.
  public static String name(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
  }

  /// The whole of a scenario with its values replaced, bases included, as the text of one file.
  ///
  /// @param to where that file will be
  /// @throws BadInput as [#read(Path, List)]
  public static String text(Path file, List<Setting> settings, Path to) {
    Fields all = load(file, settings);
    String mechanism = all.text("mechanism", "");
    if (mechanism.contains("/")) {
      Path folder = Path.of(all.fileOf("mechanism")).resolveSibling(mechanism).toAbsolutePath().normalize();
      Path from = to.toAbsolutePath().normalize().resolveSibling("");
      all = Setting.text("mechanism", "./" + from.relativize(folder)).over(all);
    }
    return all.yaml(Set.of("expect"), Set.of("base"));
  }

  /// An error about a value of a scenario that only its use has shown.
  ///
  /// @param key a key of the top level
  public static BadInput bad(Path file, List<Setting> settings, String key, String what) {
    try {
      return load(file, settings).bad(key, what);
    } catch (BadInput e) {
      return new BadInput(file + ": " + key + ": " + what); // it was a pipe, or has changed meanwhile
    }
  }

  private static Fields load(Path file, List<Setting> settings) {
    Fields fields = load(file, 0);
    for (Setting setting : settings) {
      fields = setting.over(fields);
      if (setting.key().equals("base")) {
        throw fields.bad("base", "stands in the file, and is read before anything is set");
      }
    }
    return fields;
  }

  private static Fields load(Path file, int depth) {
    String text = text(file);
    Fields own = Yaml.parse(file.toString(), text, null, NO_SCENARIO);
    if (!own.has("base")) {
      return own;
    }
    if (depth == MAX_BASES) {
      throw own.bad("base", "more than " + MAX_BASES + " bases, or bases that stand on each other");
    }
    Fields base;
    try {
      base = load(file.resolveSibling(own.text("base", null)), depth + 1);
    } catch (InvalidPathException e) {
      throw own.bad("base", "'" + e.getInput() + "' is no file name");
    } catch (Unreadable e) {
      throw own.bad("base", e.line());
    }
    return Yaml.parse(file.toString(), text, base, NO_SCENARIO);
  }

  private static String text(Path file) {
    try {
      return Files.isRegularFile(file) ? Inputs.text(file, Inputs.MOST_YAML)
          : PIPES.computeIfAbsent(file, f -> Inputs.text(f, Inputs.MOST_YAML));
    } catch (BadInput e) {
      throw new Unreadable(e.line() + "; is it a scenario file? ('crosspatch scenarios' lists those that ship)");
    }
  }

  /// A file that is no text, if it is one at all.
  private static final class Unreadable extends BadInput {
    private static final long serialVersionUID = 1L;

    Unreadable(String line) {
      super(line);
    }
  }

  /// Reads a scenario from text without bases, as `verify` finds it in a finished directory.
  public static Scenario parse(String name, String file, String text) {
    return scenario(name, Yaml.parse(file, text, null, NO_SCENARIO));
  }

  private static Scenario scenario(String name, Fields map) {
    map.text("base", "");
    String description = map.text("description", "");
    Isa isa = isa(map);
    GuestConfig guest = guest(map, isa);
    MachineConfig machine = machine(map, isa, guest);
    Scenario.Trace trace = trace(map.map("trace"), machine);
    RunLimits limits = limits(map.map("limits"), map.has(Injection.KEY) ? 0 : lookahead(machine));
    Injection inject = Injection.read(map, guest, limits).orElse(null);
    checkPaths(map, guest);
    Expectation expect = expectation(map, guest);
    map.finish();
    return new Scenario(name, bases(map), description, machine, guest, trace, inject, limits, expect);
  }

  /// Nobody comes by at sites on a path that is never run.
  private static void checkPaths(Fields map, GuestConfig guest) {
    if (!guest.sites().on(SitePath.NMI).isEmpty() && !guest.work().nmis()) {
      throw map.bad("sites", "'in: nmi' is never run without NMIs: 'inject: {interrupt: nmi}' makes some");
    }
    if (!guest.sites().on(SitePath.TICK).isEmpty() && guest.work().tickInterval() == 0
        && !Injection.hasTicks(map, guest.patching().library())) {
      throw map.bad("sites", "'in: tick' is never run without ticks: give 'tick' a period, or inject some");
    }
  }

  /// What it stands on, and what each that stands on another says itself.
  private static List<Scenario.Base> bases(Fields map) {
    List<Scenario.Base> bases = new ArrayList<>();
    for (Fields one = map; one != null; one = one.base()) {
      if (one.own().contains("base")) {
        List<String> changed = one.own().stream().filter(key -> !NO_CHANGE.contains(key)).toList();
        bases.add(new Scenario.Base(one.text("base", ""), changed));
      }
    }
    return bases;
  }

  private static Expectation expectation(Fields map, GuestConfig guest) {
    Expectation expect = Expectation.read(map);
    if (expect.cpu() >= guest.work().cpus()) {
      throw map.bad("expect", "CPU " + expect.cpu() + " is not within 0.." + (guest.work().cpus() - 1));
    }
    Matcher site = SITE.matcher(expect.site());
    if (site.matches() && (site.group(1).length() > 9 || Integer.parseInt(site.group(1)) >= guest.sites().count())) {
      throw map.bad("expect",
          "there is no " + expect.site() + ": the sites are site_0 to site_" + (guest.sites().count() - 1));
    }
    return expect;
  }

  private static Isa isa(Fields map) {
    String name = map.text("isa", null);
    try {
      return Plugins.isa(name);
    } catch (BadInput e) {
      throw map.bad("isa", e.line());
    }
  }

  private static MachineConfig machine(Fields map, Isa isa, GuestConfig guest) {
    long needed = GuestLayout.ramBytes(guest) / MIB;
    int ram = (int) map.number("ram-mib", needed, needed, 1024);
    String preset = map.text("preset", isa.presets().get(0));
    if (!isa.presets().contains(preset)) {
      throw map.bad("preset", "'" + preset + "' is none of " + String.join(", ", isa.presets()));
    }
    MachineConfig machine = new MachineConfig(
        isa, guest.work().cpus(), preset,
        map.choice("staleness", MachineConfig.Staleness.class, MachineConfig.Staleness.TYPICAL),
        map.flag("idc", isa.coherentFetch()), map.flag("dic", isa.coherentFetch()), fetch(map, isa),
        map.choice("time", Grade.class, Grade.ADDITIVE), timing(map.map("timing"), isa, preset), (int) (ram * MIB),
        map.number("seed", 1, 0, Long.MAX_VALUE));
    checkTick(map, guest.work().tickInterval(), machine);
    return machine;
  }

  /// Rows of the timing table that the scenario says otherwise.
  private static Map<String, String> timing(Fields map, Isa isa, String preset) {
    Map<String, String> rows = new TreeMap<>();
    for (String key : map.keys()) {
      List<String> all = Stream.concat(TimingTable.rows().stream(), PipelineTable.rows().stream()).toList();
      String row = all.stream().filter(name -> TimingTable.key(name).equals(key)).findFirst().orElseThrow(
          () -> map.bad(key, "no row of a timing table; those are "
              + all.stream().map(TimingTable::key).collect(Collectors.joining(", "))));
      try {
        Machine.readTiming(isa, preset).with(Map.of(row, map.text(key, null)));
        Machine.readPipeline(isa, preset).with(Map.of(row, map.text(key, null)));
      } catch (IllegalArgumentException e) {
        throw map.bad(key, String.valueOf(e.getMessage()).substring(row.length() + 2));
      }
      rows.put(row, map.text(key, null));
    }
    return rows;
  }

  private static int fetch(Fields map, Isa isa) {
    List<Integer> widths = MachineConfig.fetchWidths(isa);
    int fetch = (int) map.number("fetch", PhysicalMemory.LINE, 0, Integer.MAX_VALUE);
    if (!widths.contains(fetch)) {
      throw map.bad("fetch", fetch + " is none of "
          + widths.stream().map(String::valueOf).collect(Collectors.joining(", "))
          + (isa.alignment() > 1 && fetch < isa.alignment() ? ": an instruction of " + isa.name() + " is "
              + isa.alignment() + " aligned bytes, which are fetched in one" : ""));
    }
    return fetch;
  }

  private static void checkTick(Fields map, long period, MachineConfig machine) {
    Isa isa = machine.isa();
    TimingTable timing = Machine.readTiming(machine);
    long least = TimerTick.least(isa, timing);
    if (period > 0 && period < least) {
      throw map.bad("tick", period + " is less than " + least + ": a tick takes " + TimerTick.cost(isa, timing)
          + " cycles on " + machine.preset() + ", and the work would hardly"
          + " get on; 0 is no tick");
    }
    if (period > TimerTick.most(isa)) {
      throw map.bad("tick",
          period + " is more than " + TimerTick.most(isa) + ", the most that the timer of " + isa.name() + " takes");
    }
  }

  private static GuestConfig guest(Fields map, Isa isa) {
    Mechanism mechanism = mechanism(map);
    Protocol protocol = protocol(map, isa, mechanism);
    GuestLibrary library = GuestLibrary.of(isa.name());
    List<String> strange = new ArrayList<>(isa.coherentFetch() ? List.of("idc", "dic") : List.of());
    if (library.syncs().isEmpty()) {
      strange.add("sync");
    }
    for (String key : strange) {
      if (map.has(key)) {
        throw map.bad(key, isa.name() + " has no such thing; remove it");
      }
    }
    int cpus = (int) map.number("cpus", 4, 1, Work.CPUS_MAX);
    int keys = (int) map.number("keys", 1, 1, Sites.MOST);
    Fields flips = map.map("flips");
    Set<String> steps = steps(map, mechanism, protocol, library);
    Long[] iterations = iterations(map, cpus);
    long total = flips.number("total", 20, 0, Long.MAX_VALUE);
    if (total == 0 && Arrays.stream(iterations).anyMatch(n -> n == Work.ENDLESS)) {
      throw flips.bad("total",
          "0 flips for as long as there is work, which never ends: give 'iterations' a number, or flips 1 or more");
    }
    try {
      GuestConfig.Builder builder = GuestConfig.builder(mechanism, protocol)
          .cpus(cpus)
          .iterations(iterations)
          .keys(keys)
          .sites(sites(map, keys, mechanism.on(isa.name())))
          .flips(total)
          .flipInterval(flips.number("interval", 20_000, 0, Long.MAX_VALUE))
          .batchLimit((int) map.number("batch", Patching.BATCH_MAX, 1, Patching.BATCH_MAX))
          .alias(map.choice("alias", Alias.class, Alias.POKING))
          .sync(map.choice("sync", library.syncs(), library.sync()))
          .leftOut(steps)
          .observation(ObservationReader.read(map))
          .nmis(Injection.interrupt(map, library).equals(Injection.NMI));
      new WorkReader(map, library, cpus, total).read(builder);
      GuestConfig guest = builder.build();
      flips.finish();
      checkKeys(map, guest);
      WorkReader.checkSteps(map, guest);
      ObservationReader.check(map, guest);
      return guest;
    } catch (IllegalArgumentException e) {
      throw map.bad("sites", String.valueOf(e.getMessage()));
    }
  }

  private static Mechanism mechanism(Fields map) {
    String said = map.text("mechanism", Mechanisms.USUAL);
    try {
      return Mechanisms.find(said, Path.of(map.fileOf("mechanism")));
    } catch (BadField e) {
      throw e;
    } catch (BadInput e) {
      throw map.bad("mechanism", e.line());
    }
  }

  private static Protocol protocol(Fields map, Isa isa, Mechanism mechanism) {
    Protocol protocol = mechanism.protocol(
        map.choice("protocol", mechanism.protocols().stream().map(Protocol::name).toList(), null));
    if (!protocol.isa().equals(isa.name())) {
      throw map.bad("protocol",
          "'" + protocol.name() + "' is a protocol of " + protocol.isa() + ", not of " + isa.name());
    }
    return protocol;
  }

  private static void checkKeys(Fields map, GuestConfig guest) {
    int[] sitesOf = guest.sites().byKey();
    for (int key = 0; key < sitesOf.length; key++) {
      if (sitesOf[key] == 0) {
        throw map.bad("keys",
            "key " + key + " of " + guest.sites().keys() + " has no site: give it one, or lower 'keys'");
      }
    }
  }

  private static Set<String> steps(Fields map, Mechanism mechanism, Protocol protocol, GuestLibrary library) {
    Set<String> names = new LinkedHashSet<>(mechanism.steps().stream().map(Step::name).toList());
    library.parts().values().stream().filter(Part::isForEveryProtocol)
        .forEach(part -> part.steps().forEach(step -> names.add(step.name())));
    List<String> leftOut = map.list("leave-out");
    for (int i = 0; i < leftOut.size(); i++) {
      if (!names.contains(leftOut.get(i))) {
        throw map.badItem("leave-out", i, "'" + leftOut.get(i) + "' is no step; protocol " + protocol.name() + " has "
            + mechanism.steps(protocol).stream().map(Step::name).collect(Collectors.joining(", ")));
      }
    }
    for (String step : leftOut) {
      if (library.bringing(step) == null && !mechanism.hasStep(protocol, step)) {
        throw map.bad("leave-out", "protocol " + protocol.name() + " has no step '" + step + "'");
      }
    }
    for (Step one : mechanism.steps(protocol)) {
      for (String other : leftOut) {
        if (leftOut.contains(one.name()) && one.excludes().contains(other)) {
          throw map.bad("leave-out", "'" + one.name() + "' and '" + other
              + "': the first leaves out what the second is about; remove one of them");
        }
      }
    }
    return Set.copyOf(leftOut);
  }

  /// One for all CPUs, or one for each, of which 0 is a CPU that sleeps.
  private static Long[] iterations(Fields map, int cpus) {
    List<String> each = map.series("iterations");
    if (each.size() < 2) {
      return new Long[] {map.text("iterations", ENDLESS).equals(ENDLESS)
          ? Work.ENDLESS : map.number("iterations", 1, 1, Long.MAX_VALUE)};
    }
    if (each.size() != cpus) {
      throw map.bad("iterations",
          each.size() + " numbers are neither one for all nor one for each of " + cpus + " CPUs");
    }
    Long[] numbers = new Long[cpus];
    for (int i = 0; i < cpus; i++) {
      boolean number = ITERATIONS.matcher(each.get(i)).matches();
      if (!number && !each.get(i).equals(ENDLESS)) {
        throw map.badItem("iterations", i, "'" + each.get(i) + "' is neither endless nor a number of iterations");
      }
      numbers[i] = number ? Long.parseLong(each.get(i).replace("_", "")) : Work.ENDLESS;
    }
    return numbers;
  }

  private static List<SiteSpec> sites(Fields map, int keys, Variant variant) {
    List<SiteSpec> sites = new ArrayList<>();
    int longest = Math.max(15, Collections.max(variant.lengths()));
    for (Fields group : map.maps("sites")) {
      int count = (int) group.number("count", 1, 1, Sites.MOST);
      int length = (int) group.number("length", variant.usualLength(), 1, longest);
      Placement place = place(group);
      SitePath path = group.choice("in", SitePath.class, SitePath.WORK);
      boolean spread = !group.has("key");
      int key = (int) group.number("key", 0, 0, keys - 1);
      for (int i = 0; i < count; i++) {
        sites.add(new SiteSpec(spread ? i % keys : key, length, place, path));
      }
      group.finish();
    }
    if (sites.isEmpty() || sites.size() > Sites.MOST) {
      throw map.bad("sites", "needs 1.." + Sites.MOST + " sites, not " + sites.size());
    }
    return sites;
  }

  private static Placement place(Fields group) {
    String text = group.text("place", "any");
    String[] words = text.split(" ", 2);
    try {
      @Nullable Placement place = words.length == 1 ? text.equals("any") ? Placement.ANY : null
          : place(words[0], Integer.parseInt(words[1].strip()));
      if (place != null) {
        return place;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message that says what would be right.
    } catch (IllegalArgumentException e) {
      throw group.bad("place", String.valueOf(e.getMessage()));
    }
    throw group.bad("place", "'" + text + "' is none of any, line N, page N, window16 N, window32 N");
  }

  private static @Nullable Placement place(String word, int at) {
    return switch (word) {
      case "line" -> Placement.line(at);
      case "page" -> Placement.page(at);
      case "window16" -> Placement.window16(at);
      case "window32" -> Placement.window32(at);
      default -> null;
    };
  }

  private static Scenario.Trace trace(Fields map, MachineConfig machine) {
    Isa isa = machine.isa();
    String name = map.text("protocol", null);
    TraceProtocol protocol;
    try {
      protocol = Plugins.protocol(name);
    } catch (BadInput e) {
      throw map.bad("protocol", e.line());
    }
    if (!isa.tracedBy().contains(protocol.name())) {
      throw map.bad("protocol", Plugins.cannotTrace(isa, name));
    }
    for (String set : List.of("timer_mhz", "frequency_mhz")) {
      if (map.keys().contains(set)) {
        throw map.bad(set, "set by the run, from the preset; remove it");
      }
    }
    return new Scenario.Trace(setup(map, name, Machine.readTiming(machine)));
  }

  private static TraceSetup setup(Fields map, String protocol, TimingTable timing) {
    try {
      TraceSetup setup = Plugins.traceUnits(protocol).configure((name, otherwise) -> switch (name) {
        case "timer_mhz" -> timing.timerMhz();
        case "frequency_mhz" -> timing.frequencyMhz();
        default -> option(map, name, otherwise);
      });
      map.finish();
      for (String timed : List.of("tsc", "mtc", "cyc", "ts", "cci")) {
        if (map.has(timed) && option(map, timed, 0) == 1 && option(map, "timeless", 0) == 1) {
          throw map.bad(timed, "true, but 'timeless' switches it off; remove one of them");
        }
      }
      setup.checkHardware();
      return setup;
    } catch (IllegalArgumentException e) {
      Matcher message = OPTION_ERROR.matcher(String.valueOf(e.getMessage()));
      throw message.matches()
          ? map.bad(message.group(1), message.group(2)) : map.bad("protocol", String.valueOf(e.getMessage()));
    }
  }

  private static long option(Fields map, String key, long otherwise) {
    String text = map.text(key, String.valueOf(otherwise));
    return text.equals("true") || text.equals("false")
        ? (map.flag(key, false) ? 1 : 0) : map.number(key, otherwise, 0, Long.MAX_VALUE);
  }

  /// How far its CPUs can run ahead of each other and notice nothing, in cycles.
  private static int lookahead(MachineConfig machine) {
    return new TimingModel(Machine.readTiming(machine), machine.time()).lookahead();
  }

  /// @param lookahead how far CPUs run ahead of each other if nothing else is said
  private static RunLimits limits(Fields map, int lookahead) {
    long cycles = map.number("cycles", Long.MAX_VALUE, 1, Long.MAX_VALUE);
    long retired = map.number("retired", 200_000_000, 1, Long.MAX_VALUE);
    int slack = (int) map.number("slack", 0, 0, 1_000_000);
    int ahead = (int) map.number("ahead", slack > 0 ? 0 : lookahead, 0, 1_000_000);
    if (slack > 0 && ahead > 0) {
      throw map.bad("ahead", "must be 0 beside a 'slack' of " + slack + ", with which clocks disagree anyway");
    }
    map.finish();
    return new RunLimits(cycles, retired, slack, ahead);
  }
}

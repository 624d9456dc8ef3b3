package dev.crosspatch.sim.guest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Writes the part of a guest kernel that depends on the configuration: work functions with their sites, and the
/// tables. The lines are macros that the mechanism (`SITE`) and each ISA's `work.s` define, so nothing here knows an
/// instruction:
///
/// | line | meaning |
/// |---|---|
/// | `WORK_FUNCTION name`, `WORK_END name` | a function with a frame |
/// | `SITE n, length, boundary, offset` | site `site_n` with both its paths; its jump goes to `site_n_on`; its key is
/// `site_n_key` |
/// | `CALL_FUNCTION name` | a direct call |
/// | `INDIRECT_CALL` | a call of `lab_leaves[random]` |
/// | `BRANCHES`, `ARITHMETIC`, `MEMORY_WORK`, `STRING_MOVE` | conditional branches on changing data, and so on |
/// | `LEAF name, n` | a whole function without sites or calls, of the n-th kind |
///
/// Work functions stand in chains of [#CHAIN], each calling the next; the heads of the chains are called through
/// `lab_heads`. Behind the leaves stands a function for each other [SitePath] that has sites: `path_nmi` and so on.
final class Workload {
  private static final int SITES_PER_FUNCTION = 4;
  private static final int CHAIN = 3;
  /// A power of two: the kernels mask a random number with it.
  private static final int LEAVES = 8;

  private static final List<String> FILLERS = List.of("BRANCHES", "INDIRECT_CALL", "ARITHMETIC", "MEMORY_WORK");

  private final GuestConfig config;
  /// Numbers of the sites of the work.
  private final List<Integer> work;
  private final int functions;
  private final StringBuilder out = new StringBuilder();

  private Workload(GuestConfig config) {
    this.config = config;
    this.work = config.sites().on(SitePath.WORK);
    this.functions = Math.max(1, (work.size() + SITES_PER_FUNCTION - 1) / SITES_PER_FUNCTION);
  }

  /// Text and data of the workload.
  static String source(GuestConfig config) {
    Workload workload = new Workload(config);
    workload.text();
    workload.tables();
    return workload.out.toString();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  private void text() {
    line(".text");
    for (int f = 0; f < functions; f++) {
      workFunction(f);
    }
    for (int i = 0; i < LEAVES; i++) {
      line("LEAF leaf_" + i + ", " + i);
    }
    for (SitePath path : SitePath.values()) {
      if (path != SitePath.WORK && !config.sites().on(path).isEmpty()) {
        line("WORK_FUNCTION path_" + path.name().toLowerCase(Locale.ROOT));
        config.sites().on(path).forEach(this::site);
        line("WORK_END path_" + path.name().toLowerCase(Locale.ROOT));
      }
    }
    line(".balign 64");
    line("_etext:");
  }

  private void workFunction(int f) {
    line("WORK_FUNCTION work_" + f);
    int first = f * SITES_PER_FUNCTION;
    int last = Math.min(first + SITES_PER_FUNCTION, work.size());
    for (int i = first; i < last; i++) {
      site(work.get(i));
      line(FILLERS.get((i + f) % FILLERS.size()));
    }
    if (f % CHAIN != CHAIN - 1 && f + 1 < functions) {
      line("CALL_FUNCTION work_" + (f + 1));
    }
    line(f % 4 == 0 ? "STRING_MOVE" : "BRANCHES");
    line("WORK_END work_" + f);
  }

  private void site(int i) {
    SiteSpec site = config.sites().list().get(i);
    line(".set " + GuestKernel.siteSymbol(i) + "_key, " + site.key());
    line("SITE " + i + ", " + site.length() + ", " + site.placement().boundary() + ", " + site.placement().offset());
  }

  private int heads() {
    return (functions + CHAIN - 1) / CHAIN;
  }

  private void tables() {
    line(".section .rodata");
    line(".balign 8");
    table("lab_params");
    for (GuestLayout.Parameter p : GuestLayout.Parameter.values()) {
      line(".quad " + p.value(config, heads()) + " // " + p);
    }
    table("lab_iterations");
    config.work().iterations().forEach(n -> line(".quad " + n));
    table("lab_flip_order");
    config.flips().order().forEach(key -> line(".quad " + key));
    table("lab_heads");
    IntStream.range(0, heads()).forEach(i -> line(".quad work_" + i * CHAIN));
    table("lab_leaves");
    IntStream.range(0, LEAVES).forEach(i -> line(".quad leaf_" + i));
    siteTable();
    for (int i : order()) {
      line(".Lname_" + i + ": .asciz \"" + GuestKernel.siteSymbol(i) + "\"");
    }
    line(".data");
    line(".balign 8");
    table("lab_key_state");
    line(".fill " + config.sites().keys() + ", 8, 0");
  }

  private void table(String name) {
    line(name + ":");
  }

  /// The numbers of the sites, key by key, those of each in the order of their addresses: path by path.
  private List<Integer> order() {
    List<Integer> order = new ArrayList<>(IntStream.range(0, config.sites().count()).boxed().toList());
    order.sort(Comparator.comparingInt((Integer i) -> config.sites().list().get(i).key())
        .thenComparing(i -> config.sites().list().get(i).path()));
    return order;
  }

  private void siteTable() {
    table("lab_sites");
    for (int i : order()) {
      String site = GuestKernel.siteSymbol(i);
      line(".quad " + site + ", " + site + "_on, " + config.sites().list().get(i).length() + ", .Lname_" + i);
    }
    table("lab_keys");
    int first = 0;
    for (int count : config.sites().byKey()) {
      line(".quad lab_sites + " + first + " * SITE_SIZE, " + count);
      first += count;
    }
  }
}

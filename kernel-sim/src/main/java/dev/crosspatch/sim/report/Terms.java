package dev.crosspatch.sim.report;

import java.util.Map;

/// Explains words where they stand: a list of them below a heading, which needs no pointer to be read.
public final class Terms {
  private static final Map<String, String> WORDS = Map.ofEntries(
      Map.entry("site", "a few bytes of text that are patched: one instruction becomes another, and back"),
      Map.entry("key", "what sites that change together belong to, as a static key of Linux"),
      Map.entry("flip", "a key changes its state, and all its sites their text"),
      Map.entry("patch", "all stores to one site that lead from one text to the other"),
      Map.entry("poke", "the guest's report of a patch, a line of pokes.jsonl: from its time on the new text is the "
          + "text"),
      Map.entry("sync", "every other CPU is interrupted, forgets what it had fetched ahead, and is awaited"),
      Map.entry("window", "a time in which another CPU may meet a site that is being patched, named after the stores "
          + "that it has not synchronized behind; -synced: behind which it has"),
      Map.entry("trap", "a breakpoint was stored over the beginning of the site; as what ran: that breakpoint"),
      Map.entry("tail", "bytes behind a breakpoint were stored"),
      Map.entry("head", "something else was stored over the breakpoint"),
      Map.entry("text", "text was stored without a breakpoint"),
      Map.entry("within a line", "the site's bytes lie in one cache line of 64 bytes"),
      Map.entry("across lines", "they lie in two cache lines, which are fetched one by one"),
      Map.entry("across pages", "they lie in two pages"),
      Map.entry("stale", "the CPU ran bytes that memory no longer held"),
      Map.entry("opened", "on how many CPUs in all such a window opened"),
      Map.entry("contract", "before a poke a CPU runs the old text or a breakpoint, behind it the new text or a "
          + "breakpoint"),
      Map.entry("synchronizes", "the CPU drops what it had fetched ahead of its context"),
      Map.entry("mismatches", "rows of the decoded flow that did not run, and those that ran and were not decoded"),
      Map.entry("mismatch", "no version of the text fits the trace there"),
      Map.entry("no-text", "the trace leads to where there is no text"),
      Map.entry("bad-packet", "bytes of the trace that are no packet, or one that cannot be there"),
      Map.entry("ambiguous", "several versions of the text fit the trace, so it does not tell which ran"),
      Map.entry("gap", "a stretch of the trace that tells nothing, as the trace itself says"),
      Map.entry("lost", "what ran within gaps"),
      Map.entry("stolen", "cycles that a CPU that does not patch spent in the interrupts and breakpoints of patches"),
      Map.entry("span", "the call of one of the kernel's functions: flip, batch, sync"),
      Map.entry("batch", "sites that are patched together, under the same syncs"));

  private static final String STORES = "all of these were stored, and the CPU has synchronized behind none of them";
  private static final String PARTS = "parts of both texts ran as one instruction, in this order";

  private Terms() {}

  /// Writes the list.
  ///
  /// @param words among them windows, as `tail+head`, and what was run in parts, as `new+old`
  /// @throws IllegalArgumentException if a word has no explanation
  public static void write(Html html, String... words) {
    html.open("dl", "class", "terms");
    for (String word : words) {
      String explained = WORDS.get(word);
      if (explained == null && word.indexOf('+') < 0) {
        throw new IllegalArgumentException("'" + word + "' is not explained");
      }
      explained = explained != null ? explained : word.matches("[a-z+]*(trap|tail|head|text)") ? STORES : PARTS;
      html.open("div").open("dt").element("dfn", word).close("dt").element("dd", explained).close("div");
    }
    html.close("dl");
  }
}

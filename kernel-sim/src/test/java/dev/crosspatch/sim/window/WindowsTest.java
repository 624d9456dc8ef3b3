package dev.crosspatch.sim.window;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.sim.scenario.Window;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What was observed by hand, and what windows that makes.
final class WindowsTest {
  private static final long SITE = 0xffff_ffff_8100_0040L;
  private static final String OLD = "0f1f440000";
  private static final String NEW = "e910000000";

  private final Sites sites = new Sites(3);
  private Site site = site(SITE);

  private Site site(long address) {
    Site made = new Site(address, hex("cc"), hex(OLD));
    made.reported(hex(OLD));
    made.reported(hex(NEW));
    return made;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private WindowsTest store(long cycle, int offset, String bytes) {
    site.store(0, cycle, site.address + offset, hex(bytes), true);
    return this;
  }

  private WindowsTest asks(long cycle) {
    sites.interrupts(0).add(cycle);
    return this;
  }

  private WindowsTest synchronizes(int cpu, long... cycles) {
    for (long cycle : cycles) {
      sites.synchronizations(cpu).add(cycle);
    }
    return this;
  }

  private Windows windows() {
    sites.add(site);
    return new Windows(sites);
  }

  /// A breakpoint at 100, the tail at 200, the head at 300; CPU 1 synchronizes at 150, 250 and 350, CPU 2 as late.
  private WindowsTest patch() {
    return store(100, 0, "cc").asks(110).store(200, 1, NEW.substring(2)).asks(210).store(300, 0, "e9").asks(310)
        .synchronizes(1, 150, 250, 350).synchronizes(2, 199, 299, 399);
  }

  @Test
  void everyStoreOpensOneUntilTheCpuSynchronizesAndOneUntilTheNext() {
    Windows windows = patch().windows();
    assertEquals(List.of(
        "trap of sites within a line: [1, 2, 0, 0, {}]", "trap-synced of sites within a line: [1, 2, 0, 0, {}]",
        "tail of sites within a line: [1, 2, 0, 0, {}]", "tail-synced of sites within a line: [1, 2, 0, 0, {}]",
        "head of sites within a line: [1, 2, 0, 0, {}]"), windows.lines());
  }

  /// At 99 and 399 memory held a breakpoint already for the CPU that ran: the clock of the one that stores is ahead.
  @Test
  void whatIsStaleBetweenPatchesIsOldToTheNext() {
    patch().store(400, 0, "cc").windows();
    assertEquals("old", sites.stale(99, SITE, hex(OLD)));
    assertEquals("old", sites.stale(120, SITE, hex(OLD)));
    assertEquals("old", sites.stale(399, SITE, hex(NEW)));
    assertEquals("trap", sites.stale(310, SITE, hex("cc")));
    assertEquals("new+old", sites.stale(310, SITE, hex("e910440000")));
    assertEquals("", sites.stale(310, SITE + 64, hex(OLD)));
  }

  /// A breakpoint over the first byte of three: what is behind it is no part of the site.
  @Test
  void whatLiesBehindASiteIsNeitherOldNorNew() {
    site = new Site(SITE, hex("cc"), hex("48"));
    site.reported(hex("48"));
    site.reported(hex("cc"));
    store(100, 0, "cc").asks(110).synchronizes(1, 150).synchronizes(2, 150).store(200, 0, "48").asks(210);
    Windows windows = windows();
    Windows.Executions cpu = windows.new Executions(1);
    cpu.ran(120, SITE, hex("4801c8"), true);
    cpu.ran(130, SITE, hex("cc"), false);
    cpu.ran(210, SITE, hex("4801c8"), false);
    assertEquals(List.of("trap of sites within a line: [1, 2, 2, 1, {new=1, old=1}]",
        "head of sites within a line: [1, 2, 1, 0, {new=1}]"), windows.lines());
    assertEquals("old", sites.stale(120, SITE, hex("4801c8")));
  }

  @Test
  void whatRunsIsCountedWhereItBegan() {
    Windows windows = patch().windows();
    Windows.Executions cpu = windows.new Executions(1);
    cpu.ran(99, SITE, hex(OLD), false);
    cpu.ran(100, SITE, hex(OLD), true);
    cpu.ran(149, SITE, hex("cc"), false);
    cpu.ran(150, SITE, hex("cc"), false);
    cpu.ran(199, SITE, hex("cc"), false);
    cpu.ran(200, SITE, hex("cc"), false);
    cpu.ran(299, SITE, hex("cc"), false);
    cpu.ran(300, SITE, hex("cc"), true);
    cpu.ran(301, SITE + 5, hex("90"), false);
    cpu.ran(320, SITE, hex(NEW), false);
    cpu.ran(349, SITE, hex("e91f440000"), true);
    cpu.ran(350, SITE, hex(NEW), false);
    assertEquals(List.of("trap of sites within a line: [1, 2, 2, 1, {old=1, trap=1}]",
        "trap-synced of sites within a line: [1, 2, 2, 0, {trap=2}]",
        "tail of sites within a line: [1, 2, 1, 0, {trap=1}]",
        "tail-synced of sites within a line: [1, 2, 1, 0, {trap=1}]",
        "head of sites within a line: [1, 2, 3, 2, {new=1, new+old=1, trap=1}]"), windows.lines());
    assertEquals(List.of(), windows.missed(null));
  }

  /// Nobody is asked between tail and head; both CPUs happen to synchronize all the same.
  @Test
  void aWindowThatLuckClosedIsMissed() {
    store(100, 0, "cc").asks(110).store(200, 1, NEW.substring(2)).store(300, 0, "e9").asks(310)
        .synchronizes(1, 150, 250, 350).synchronizes(2, 199, 299, 399);
    Windows windows = windows();
    Windows.Executions cpu = windows.new Executions(1);
    for (long cycle = 90; cycle < 400; cycle += 30) {
      cpu.ran(cycle, SITE, hex("cc"), false);
    }
    assertEquals("[tail+head]", windows.missed(null).toString());
    assertEquals(1, windows.patches(Window.named("tail+head").orElseThrow()));
    assertEquals(List.of(), windows.missed(List.of(Window.named("tail").orElseThrow())));
  }

  /// The same, but CPU 2 does not: it is in that window, and meets it.
  @Test
  void aWindowThatLuckLeftOpenIsMet() {
    store(100, 0, "cc").asks(110).store(200, 1, NEW.substring(2)).store(300, 0, "e9").asks(310)
        .synchronizes(1, 150, 250, 350).synchronizes(2, 199, 399);
    Windows windows = windows();
    windows.new Executions(2).ran(320, SITE, hex("e91f440000"), true);
    assertEquals("tail+head of sites within a line: [1, 1, 1, 1, {new+old=1}]", windows.lines().getLast());
  }

  /// Where instruction caches follow nothing, a synchronization before the invalidation closes nothing.
  @Test
  void aStoreTakesEffectWithTheInvalidation() {
    site = new Site(SITE, hex("000020d4"), hex("1f2003d5"));
    site.store(0, 100, SITE, hex("04000014"), false);
    site.invalidated(SITE + 0x40, 110); // another line
    site.invalidated(SITE & -0x40, 200);
    synchronizes(1, 150, 250).synchronizes(2, 190, 210);
    Windows windows = windows();
    Windows.Executions cpu = windows.new Executions(1);
    cpu.ran(240, SITE, hex("1f2003d5"), true);
    cpu.ran(250, SITE, hex("04000014"), false);
    assertEquals(List.of("text of sites within a line: [1, 2, 1, 1, {old=1}]"), windows.lines());
  }

  /// A store of the tail in pieces is one window; the one who stores is not asked to meet it.
  @Test
  void storesOfAKindAreOneWindow() {
    store(100, 0, "cc").asks(110).store(200, 1, "10").store(201, 2, "00").store(202, 3, "00").asks(210)
        .store(300, 0, "e9").asks(310).synchronizes(1, 150, 250, 350).synchronizes(2, 150, 250, 350);
    assertEquals("tail of sites within a line: [1, 2, 0, 0, {}]", windows().lines().get(2));
  }

  private List<String> patches() {
    sites.add(site);
    List<String> told = new ArrayList<>();
    sites.patches(0, p -> told.add(HexFormat.of().formatHex(p.before()) + " " + HexFormat.of().formatHex(p.after())
        + " " + p.steps().getFirst().cycle() + ".." + p.steps().getLast().cycle()));
    return told;
  }

  private WindowsTest bytes(long cycle, String bytes) {
    for (int i = 0; i < bytes.length() / 2; i++) {
      store(cycle + i, i, bytes.substring(2 * i, 2 * i + 2));
    }
    return this;
  }

  /// Byte by byte without a breakpoint: the last two bytes stay as they are.
  @Test
  void bytesThatStayAreOfThePatchBeforeThem() {
    bytes(100, NEW).bytes(200, OLD);
    assertEquals(List.of(OLD + " " + NEW + " 100..104", NEW + " " + OLD + " 200..204"), patches());
    assertEquals(List.of("text of sites within a line: [2, 4, 0, 0, {}]"), new Windows(sites).lines());
    assertEquals("old", sites.stale(103, SITE, hex(OLD)));
    assertEquals("old", sites.stale(104, SITE, hex(OLD)));
    assertEquals("old", sites.stale(199, SITE, hex(NEW)));
  }

  /// What stays is the first byte, the first and the last, or all but one.
  @ParameterizedTest
  @CsvSource({"0f1f440000, 0f00000001", "0f1f440000, 0f1f000000", "0f1f440000, 0f1f440001", "0f1f440000, 101f440000"})
  void bytesThatStayAreOfTheNextPatchToo(String before, String after) {
    site = new Site(SITE, hex("cc"), hex(before));
    site.reported(hex(before), hex(after));
    site.reported(hex(after), hex(before));
    bytes(100, after).bytes(200, before).bytes(300, after);
    assertEquals(List.of(before + " " + after + " 100..104", after + " " + before + " 200..204",
        before + " " + after + " 300..304"), patches());
    assertEquals(5, site.patchOf(1));
  }

  /// Patches that change nothing at all are in the poke log between those that do.
  @Test
  void aPatchMayChangeNothing() {
    site = new Site(SITE, hex("000020d4"), hex("1f2003d5"));
    site.reported(hex("1f2003d5"), hex("1f2003d5"));
    site.reported(hex("1f2003d5"), hex("04000014"));
    site.reported(hex("04000014"), hex("04000014"));
    site.reported(hex("04000014"), hex("04000014"));
    site.reported(hex("04000014"), hex("1f2003d5"));
    site.reported(hex("1f2003d5"), hex("1f2003d5"));
    store(100, 0, "1f2003d5").store(200, 0, "04000014").store(300, 0, "04000014").bytes(400, "04000014")
        .store(500, 0, "1f2003d5").store(600, 0, "1f2003d5");
    assertEquals(List.of("1f2003d5 1f2003d5 100..100", "1f2003d5 04000014 200..200", "04000014 04000014 300..300",
        "04000014 04000014 400..403", "04000014 1f2003d5 500..500", "1f2003d5 1f2003d5 600..600"), patches());
  }

  /// Of a store across lines each part is told, at one time; either may change nothing.
  @ParameterizedTest
  @CsvSource({"0f1f, eb1f", "0f1f, 0f10", "0f1f, eb10"})
  void partsOfOneStoreAreOfOnePatch(String before, String after) {
    site = new Site(SITE + 0x3f, hex("cc"), hex(before));
    site.reported(hex(before), hex(after));
    site.reported(hex(after), hex(before));
    store(100, 0, after.substring(0, 2)).store(100, 1, after.substring(2));
    store(200, 0, before.substring(0, 2)).store(200, 1, before.substring(2));
    assertEquals(List.of(before + " " + after + " 100..100", after + " " + before + " 200..200"), patches());
    assertEquals(2, site.patchOf(1));
  }

  /// Each patch counts, and what was new is old to the next.
  @Test
  void theNextPatchBeginsWithTheTextOfTheLast() {
    patch().store(1100, 0, "cc").asks(1110).store(1200, 1, OLD.substring(2)).asks(1210).store(1300, 0, "0f").asks(1310)
        .synchronizes(1, 1150, 1250, 1350).synchronizes(2, 1150, 1250, 1350);
    Windows windows = windows();
    Windows.Executions cpu = windows.new Executions(2);
    cpu.ran(110, SITE, hex(OLD), true);
    cpu.ran(1110, SITE, hex(NEW), true);
    cpu.ran(1310, SITE, hex(OLD), false);
    assertEquals("trap of sites within a line: [2, 4, 2, 2, {old=2}]", windows.lines().getFirst());
    assertEquals("head of sites within a line: [2, 4, 1, 0, {new=1}]", windows.lines().getLast());
  }

  /// CPU 1 sees nothing of the breakpoint of the first patch but all, CPU 2 the other way round.
  @Test
  void aPatchCountsIfOnlyALaterCpuWasInTheWindow() {
    store(100, 0, "cc").asks(110).store(300, 0, "0f").asks(310);
    store(1100, 0, "cc").asks(1110).store(1300, 0, "0f").asks(1310);
    synchronizes(1, 100, 350, 1150, 1350).synchronizes(2, 150, 350, 1100, 1350);
    assertEquals("trap of sites within a line: [2, 2, 0, 0, {}]", windows().lines().getFirst());
  }

  /// What the CPU that patches runs itself before it synchronizes shows nothing of others.
  @Test
  void whoStoresDoesNotMeetItsOwn() {
    Windows windows = patch().windows();
    windows.new Executions(0).ran(320, SITE, hex(NEW), false);
    assertEquals("head of sites within a line: [1, 2, 0, 0, {}]", windows.lines().getLast());
    assertEquals("[trap, trap-synced, tail, tail-synced, head]", windows.missed(null).toString());
  }

  /// A device that stores to text interrupts nobody.
  @Test
  void aDeviceMayStore() {
    site.store(-1, 100, SITE, hex("cc"), true);
    site.store(-1, 200, SITE, hex(OLD), true);
    assertEquals("[trap, trap+head]", windows().missed(null).toString());
  }

  @Test
  void placesAreTold() {
    assertEquals("within a line", site(SITE + 59).place());
    assertEquals("across lines", site(SITE + 60).place());
    assertEquals("across pages", site(SITE - 0x40 - 1).place());
  }
}

package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.Geometry;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What the short ways of fetch and data keep is no longer there when its translation is not.
final class TranslationsTest {
  private static final long SITE = Lab.TEXT + 0x1000;
  private static final long OTHER_SITE = Lab.TEXT + 0x2000;
  /// Its page has another place in the TLB than those of text.
  private static final long WORD = Lab.DATA + 0x5000;
  private static final int AREA = 0x10000;
  private static final int READ_EXECUTE = Lab.R | Lab.X;

  /// Calls the site and loads, twice; then maps the pages of both elsewhere, does `step`, and goes on with the same.
  /// What it called and loaded then.
  private static String afterMoving(Consumer<Translations> step) {
    Code code = Lab.text().li(4, WORD);
    for (int i = 0; i < 3; i++) {
      code.call(SITE).load(6, 4, 0, 3, 0);
    }
    Lab lab = Lab.Setup.X86.lab().put(code.stop()).put(new Code(SITE).set0(1).ret())
        .put(new Code(OTHER_SITE).set0(2).ret());
    lab.machine.writePhysical(MicroIsa.RAM + AREA + 0x5000, 1);
    lab.machine.writePhysical(MicroIsa.RAM + AREA + 0x3000, 2);
    MicroCore core = lab.core(0);
    lab.machine.run(RunLimits.ofRetired(1 + 2 * 4));
    Lab.map(core, SITE, MicroIsa.RAM + 0x2000, READ_EXECUTE);
    Lab.map(core, WORD, MicroIsa.RAM + AREA + 0x3000, Lab.R | Lab.W);
    step.accept(core.translations);
    lab.run();
    return core.r[0] + " " + core.r[6];
  }

  @Test
  void droppedTranslationsLeaveTheShortWays() {
    assertEquals("1 1", afterMoving(t -> { }), "the twin: nothing is dropped");
    assertEquals("2 2", afterMoving(t -> t.flush(false)));
    assertEquals("2 2", afterMoving(t -> t.flushSpace(0)));
    assertEquals("2 1", afterMoving(t -> t.flushPage(SITE)));
    assertEquals("1 2", afterMoving(t -> t.flushPage(WORD)));
  }

  @Test
  void anotherAddressSpaceHasItsOwn() {
    assertEquals("2 2", afterMoving(t -> t.enter(5)));
    assertEquals("1 1", afterMoving(t -> {
      t.enter(5);
      t.enter(0);
    }), "an address space that comes back finds its own");
  }

  /// An instruction that drops the translation of its own page, which lies elsewhere now, is the last from the old one.
  @Test
  void theNextInstructionIsLookedUpAnew() {
    for (int helper : new int[] {MicroCore.FLUSH, MicroCore.TICKS}) {
      Lab lab = Lab.Setup.X86.lab()
          .put(new Code(SITE).helper(helper).set0(1).stop()).put(new Code(OTHER_SITE).helper(helper).set0(2).stop());
      MicroCore core = lab.core(0);
      core.pc = SITE;
      lab.machine.run(RunLimits.ofRetired(1));
      core.pc = SITE;
      Lab.map(core, SITE, MicroIsa.RAM + 0x2000, READ_EXECUTE);
      lab.run();
      assertEquals(helper == MicroCore.FLUSH ? 2 : 1, core.r[0]);
    }
  }

  /// Only the first and the last byte of a range are in it.
  @Test
  void rangesEndWhereTheyEnd() {
    for (long at : new long[] {0x4fff, 0x5000, 0x5fff, 0x6000}) {
      Tlb tlb = new Tlb(new Geometry(16, 4));
      tlb.map(0x5000, 0x9000, 1, false, 12);
      tlb.flushRange(at, at, Tlb.EVERY_SPACE);
      assertEquals(at >>> 12 != 5, tlb.holds(0x5000), Long.toHexString(at));
    }
  }

  /// A set holds so many pages, and loses the one that was used longest ago; of one page, one entry an address space.
  @Test
  void aSetOfTheTlbHasItsWays() {
    Tlb tlb = new Tlb(new Geometry(4, 2));
    tlb.map(0x0000, 0x10000, 1, false, 12);
    tlb.map(0x4000, 0x20000, 1, false, 12);
    assertEquals(0x10008, tlb.lookup(0x0008, 1));
    tlb.map(0x8000, 0x30000, 1, false, 12);
    assertEquals(-1, tlb.lookup(0x4000, 1), "used longest ago");
    assertEquals(0x10000, tlb.lookup(0x0000, 1));
    tlb.map(0x0000, 0x40000, 2, false, 12);
    assertEquals(-1, tlb.lookup(0x0000, 1), "made anew");
    assertEquals(0x30000, tlb.lookup(0x8000, 1), "in its own place");
    assertEquals(0x40000, tlb.lookup(0x0000, 2));
    tlb.enter(7);
    tlb.map(0x0000, 0x50000, 1, false, 12);
    assertEquals(0x50000, tlb.lookup(0x0000, 1));
    tlb.enter(0);
    assertEquals(0x40000, tlb.lookup(0x0000, 2), "another address space has its own");
  }

  /// An adversarial core may fetch ahead what may be executed, by whomever.
  @Test
  void pagesThatAnyoneMayExecuteHoldCode() {
    for (int permission : new int[] {Lab.X, Lab.R | Lab.X << 3, Lab.R | Lab.W, Lab.R | Lab.W << 3}) {
      Lab lab = Lab.Setup.ARM.adversarial().lab();
      lab.core(0).translations.map(Lab.USER, MicroIsa.RAM + AREA, permission, false, 12);
      int flags = lab.machine.memory().flags(AREA >> PhysicalMemory.LINE_SHIFT);
      assertEquals((permission & (Lab.X | Lab.X << 3)) != 0, (flags & PhysicalMemory.HAS_CODE) != 0, "" + permission);
    }
  }

  // ---- an instruction across two pages, on the short way

  private static final long FIRST_PAGE = 0x50_0000_0000L;
  /// The last line of the first page: two NOPs and what straddles.
  private static final long ENTRY = FIRST_PAGE + 0xffb;

  /// Text of two pages: at [#ENTRY] R5 = 1 across the page boundary, then a stop.
  private static Lab twoPages(int first, int second) {
    Lab lab = Lab.Setup.X86.lab().put(new Code(SITE + 0xffb).nop().nop().li(5, 1).stop()).put(Lab.text(0x8000).stop());
    map(lab, FIRST_PAGE, first, second);
    lab.core(0).vector = Lab.TEXT + 0x8000;
    lab.core(0).pc = ENTRY;
    lab.run();
    lab.core(0).pc = ENTRY;
    lab.run();
    assertEquals(1, lab.core(0).r[5]);
    lab.core(0).r[5] = 0;
    return lab;
  }

  private static void map(Lab lab, long at, int first, int second) {
    Lab.map(lab.core(0), at, MicroIsa.RAM + 0x1000, first);
    Lab.map(lab.core(0), at + 0x1000, MicroIsa.RAM + 0x2000, second);
  }

  private static boolean faults(Lab lab, long entry, int privilege) {
    MicroCore core = lab.core(0);
    core.privilege = privilege;
    core.pc = entry;
    core.resynchronize();
    lab.run();
    assertEquals(core.r[5] == 0, core.r[22] == MicroCore.PAGE_FAULT);
    return core.r[5] == 0;
  }

  @Test
  void secondPageIsAskedForItsRights() {
    int all = READ_EXECUTE | READ_EXECUTE << 3;
    assertTrue(faults(twoPages(all, READ_EXECUTE), ENTRY, 3));
    assertFalse(faults(twoPages(all, all), ENTRY, 3));
    assertFalse(faults(twoPages(all, READ_EXECUTE), ENTRY, 0));
  }

  /// Both pages lie at a second place 64 KiB higher, which the short way keeps where it keeps the first.
  @Test
  void secondPageIsFoundByItsAddress() {
    for (int second : new int[] {0, READ_EXECUTE}) {
      Lab lab = twoPages(READ_EXECUTE, READ_EXECUTE);
      map(lab, FIRST_PAGE + AREA, READ_EXECUTE, second);
      assertEquals(second == 0, faults(lab, ENTRY + AREA, 0));
    }
  }

  private static Lab guarded() {
    Code code = Lab.text().li(4, SITE - Lab.TEXT + Lab.ALIAS).li(7, 2).enter(OTHER_SITE).enter(SITE)
        .store(7, 4, 1, 0, 0).enter(SITE).helper(MicroCore.CLEAN, SITE).helper(MicroCore.INVALIDATE, SITE)
        .helper(MicroCore.SYNC).enter(SITE).stop();
    Lab lab = Lab.Setup.ARM.lab().put(code).put(new Code(SITE).set0(1).ret()).put(new Code(OTHER_SITE).set0(5).ret())
        .put(Lab.text(0x3000).stop());
    Lab.map(lab.core(0), SITE, MicroIsa.RAM + 0x1000, READ_EXECUTE | Translations.GUARDED);
    lab.core(0).vector = Lab.TEXT + 0x3000;
    return lab;
  }

  /// A guarded page asks for what the core has fetched, which memory may no longer hold; other pages ask for nothing.
  @Test
  void guardedTextIsAskedForAsItWasFetched() {
    Lab lab = guarded();
    lab.run();
    List<String> asked = lab.core(0).asked;
    assertEquals(List.of("1000 0a01", "1000 0a01", "1000 0a02"),
        asked.stream().filter(text -> text.startsWith("1000")).toList());
    assertTrue(asked.stream().allMatch(text -> text.startsWith("100")), asked.toString());
    assertEquals(2, lab.core(0).r[0]);
  }

  @Test
  void whatAGuardedPageRefusesIsNotExecuted() {
    Lab lab = guarded();
    lab.core(0).refuses = true;
    lab.run();
    assertEquals(MicroCore.UNDEFINED, lab.core(0).r[22]);
    assertEquals(SITE, lab.core(0).r[20]);
    assertEquals(5, lab.core(0).r[0], "the page that is not guarded");
  }
}

package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.guest.SiteSpec.Placement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GuestConfigTest {

  private static void assertRefused(String message, GuestConfig.Builder builder) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
  }

  private static GuestConfig.Builder x86() {
    return Keys.builder("int3-batch");
  }

  private static GuestConfig.Builder arm64() {
    return Keys.builder("brk");
  }

  @Test
  void namesTheFieldThatIsWrong() {
    assertRefused("cpus: 65 is not within 1..64", x86().cpus(65));
    assertRefused("patchingCpu: 4 is not within 0..3", x86().patchingCpu(4));
    assertRefused("iterations: 2 entries are neither 1 nor one for each of 4 CPUs", x86().iterations(1L, 2L));
    assertRefused("iterations: -2 is not within -1..9223372036854775807", x86().iterations(-2L));
    assertRefused("flipOrder: 1 is not within 0..0", x86().flipOrder(List.of(0, 1)));
    assertRefused("batchLimit: 0 is not within 1..256", x86().batchLimit(0));
    assertRefused("sites[0].key: 3 is not within 0..0", x86().sites(List.of(new SiteSpec(3, 5, Placement.ANY))));
    assertRefused("sites[0].length: 4 is not 2 or 5, the lengths of x86-64",
        x86().sites(List.of(new SiteSpec(0, 4, Placement.ANY))));
    assertRefused("sites[0].length: 5 is not 4, the lengths of aarch64",
        arm64().sites(List.of(new SiteSpec(0, 5, Placement.ANY))));
    assertRefused("sites[0].placement: offset 62 is no multiple of 4",
        arm64().sites(List.of(new SiteSpec(0, 4, Placement.line(62)))));
    assertRefused("leftOut: protocol brk has no step sync-b", arm64().leftOut(Set.of("sync-b")));
  }

  @Test
  void refusesASyncThatTheIsaHasNot() {
    assertRefused("sync: 'isb' is none of cpuid, iret, serialize", x86().sync("isb"));
    assertRefused("sync: 'iret' is none of ", arm64().sync("iret"));
  }

  @Test
  void countsPokes() {
    List<SiteSpec> sites = List.of(new SiteSpec(0, 5, Placement.ANY), new SiteSpec(1, 5, Placement.ANY),
        new SiteSpec(1, 2, Placement.ANY));
    assertEquals(2 + 1 + 2 + 2, x86().keys(2).sites(sites).flipOrder(List.of(1, 0, 1)).flips(4).build().pokes());
  }

  @Test
  void placementKnowsWhatItStraddles() {
    assertTrue(Placement.line(62).straddles(64, 5));
    assertTrue(Placement.line(62).straddles(16, 5));
    assertTrue(!Placement.line(59).straddles(64, 5));
    assertTrue(Placement.page(1).straddles(4096, 2));
    assertTrue(!Placement.ANY.straddles(64, 5));
    assertEquals("offset: 64 is not within 0..63",
        assertThrows(IllegalArgumentException.class, () -> Placement.line(64)).getMessage());
    assertEquals(
        "boundary: 48 is not a power of two within 1..4096",
        assertThrows(IllegalArgumentException.class, () -> new Placement(48, 0)).getMessage());
  }

  @Test
  void sitesAreSaidInAsFewGroupsAsAScenarioNeeds() {
    SiteSpec a = new SiteSpec(0, 5, Placement.ANY);
    SiteSpec b = new SiteSpec(1, 5, Placement.ANY);
    SiteSpec other = new SiteSpec(1, 5, Placement.page(2));
    assertEquals(List.of(group(-1, 4, Placement.ANY), group(1, 2, Placement.ANY), group(1, 1, Placement.page(2)),
        group(0, 2, Placement.ANY)),
        new Sites(List.of(a, b, a, b, b, b, other, a, a), 2).groups());
    assertEquals(List.of("any", "line 61", "page 2", "window16 14"), List.of(Placement.ANY.label(),
        Placement.line(61).label(), Placement.page(2).label(), new Placement(16, 14).label()));
  }

  private static Sites.Group group(int key, int count, Placement placement) {
    return new Sites.Group(key, count, 5, placement, SitePath.WORK);
  }
}

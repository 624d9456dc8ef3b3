package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.uop.Uop;
import org.junit.jupiter.api.Test;

/// Walks and permissions (SDM vol. 3 4.5 to 4.8).
final class X86MmuTest {
  private static final long VA = 0x40_0000;
  private static final long USER_PAGE = X86Mmu.PRESENT | X86Mmu.USER;
  private static final long WRITABLE = X86Mmu.WRITABLE;

  private final X86Lab lab = new X86Lab(1, "f4");
  private final X86Core core = lab.core(0);

  /// The error code of a page fault, or -1 if the access is allowed.
  private int access(long va, int access) {
    core.faultCode = 0;
    core.translations.flush(false);
    long pa = core.translate(va, access);
    int code = core.faultCode;
    core.faultCode = 0;
    return pa != -1 ? -1 : code >>> 16;
  }

  private int asUser(long va, int access) {
    core.privilege = 3;
    int error = access(va, access);
    core.privilege = 0;
    return error;
  }

  @Test
  void userAndWriteBitsDecide() {
    lab.mapUser(VA, USER_PAGE);
    assertEquals(-1, asUser(VA, Core.READ));
    assertEquals(-1, asUser(VA, Core.FETCH));
    assertEquals(7, asUser(VA, Core.WRITE), "present, write, user");
    assertEquals(3, access(VA, Core.WRITE), "present, write: CR0.WP holds the kernel, too");
    core.cr0 &= ~X86Core.CR0_WP;
    assertEquals(-1, access(VA, Core.WRITE));
    assertEquals(4, asUser(VA + 0x1000, Core.READ), "not present, user");
    assertEquals(5, asUser(X86Lab.TEXT, Core.READ), "present, user: a kernel page");
  }

  @Test
  void executeDisableNeedsNxe() {
    lab.mapUser(VA, USER_PAGE | X86Mmu.NO_EXECUTE);
    assertEquals(0x15, asUser(VA, Core.FETCH));
    core.efer &= ~X86Core.EFER_NXE;
    assertEquals(0xd, asUser(VA, Core.READ), "the bit is reserved without EFER.NXE");
  }

  @Test
  void smepAndSmapKeepTheKernelOutOfUserPages() {
    lab.mapUser(VA, USER_PAGE | WRITABLE);
    assertEquals(-1, access(VA, Core.FETCH));
    core.cr4 |= X86Core.CR4_SMEP | X86Core.CR4_SMAP;
    assertEquals(0x11, access(VA, Core.FETCH));
    assertEquals(1, access(VA, Core.READ));
    assertEquals(3, access(VA, Core.WRITE));
    core.setFlags(X86Core.AC, X86Core.AC);
    assertEquals(-1, access(VA, Core.READ), "RFLAGS.AC lifts SMAP");
    assertEquals(-1, asUser(VA, Core.FETCH));
  }

  @Test
  void accessedAndDirtyBitsAreSet() {
    long page = lab.mapUser(VA, USER_PAGE | WRITABLE);
    long entry = leaf(VA);
    access(VA, Core.READ);
    assertEquals(page | USER_PAGE | WRITABLE | X86Mmu.ACCESSED, lab.machine.readPhysical(entry));
    core.store(VA, 1, 3, 0);
    assertEquals(page | USER_PAGE | WRITABLE | X86Mmu.ACCESSED | X86Mmu.DIRTY, lab.machine.readPhysical(entry));
  }

  @Test
  void largePagesTranslateAndInvlpgReachesAllOfThem() {
    long va = X86Lab.DIRECT_MAP + 0x12_3456;
    assertEquals(0x12_3456, core.translate(va, Core.READ));
    long table = core.cr3;
    for (int level = 3; level > 1; level--) {
      table = lab.machine.readPhysical(table + ((va >>> (12 + 9 * level) & 511) << 3)) & -4096;
    }
    lab.machine.writePhysical(table + ((va >>> 21 & 511) << 3), 0);
    assertEquals(0x12_3456, core.translate(va, Core.READ), "the TLB still has it");
    core.r[0] = (va & -4096) ^ 0x4000;
    X86Mmu.invlpg(core, 0, 0);
    assertEquals(-1, core.translate(va, Core.READ), "INVLPG of another address in the page");
  }

  /// SDM vol. 3 4.10.4.1: INVLPG invalidates all of the page, whatever its size.
  @Test
  void invlpgReachesAllOfAGibibyteFromAnyAddressOfIt() {
    lab.mapUser(VA, USER_PAGE);
    long large = 1L << 30;
    long entry = (lab.machine.readPhysical(core.cr3) & -4096) + 8; // level 3 entry 0 leads to it
    for (long at : new long[] {0, 0x5000, 0x3fff_f123L}) {
      lab.machine.writePhysical(entry, USER_PAGE | WRITABLE | X86Mmu.LARGE);
      core.translations.flush(false);
      assertEquals(0x5000, core.translate(large + 0x5000, Core.READ));
      assertEquals(0x1234_5000, core.translate(large + 0x1234_5000, Core.READ));
      long page = core.translate(X86Lab.DIRECT_MAP, Core.READ);
      lab.machine.writePhysical(entry, large | USER_PAGE | WRITABLE | X86Mmu.LARGE);
      assertEquals(0x5000, core.translate(large + 0x5000, Core.READ), "the TLB still has it");
      core.r[0] = large + at;
      X86Mmu.invlpg(core, 0, 0);
      assertEquals(large + 0x5000, core.translate(large + 0x5000, Core.READ),
          () -> "INVLPG at +0x" + Long.toHexString(at));
      assertEquals(large + 0x1234_5000, core.translate(large + 0x1234_5000, Core.READ));
      assertEquals(page, core.translate(X86Lab.DIRECT_MAP, Core.READ));
    }
  }

  /// MOV to a control register; returns whether it was let.
  private boolean control(int number, long value) {
    core.r[0] = value;
    core.faultCode = 0;
    X86Control.write(core, 0, number);
    boolean let = core.faultCode == 0;
    core.faultCode = 0;
    return let;
  }

  /// The frame that the page of [#VA] is given now.
  private void point(long frame) {
    lab.machine.writePhysical(leaf(VA), frame | USER_PAGE);
  }

  /// SDM vol. 3 4.10.1: PCIDE needs PCID 0; without it bit 63 of CR3 is reserved.
  @Test
  void pcidsAreSwitchedOnWithPcid0() {
    long root = core.cr3;
    assertEquals(false, control(3, root | 1L << 63));
    assertEquals(true, control(3, root | 8));
    assertEquals(false, control(4, core.cr4 | X86Core.CR4_PCIDE));
    assertEquals(true, control(3, root));
    assertEquals(true, control(4, core.cr4 | X86Core.CR4_PCIDE));
    assertEquals(true, control(3, root | 5 | 1L << 63));
    assertEquals(root | 5, core.cr3, "bit 63 is not kept");
  }

  /// SDM vol. 3 4.10.4.1: what MOV to CR3, INVLPG and INVPCID leave of which PCID.
  @Test
  void eachPcidHasTranslationsOfItsOwn() {
    long root = core.cr3;
    long keep = 1L << 63;
    lab.mapUser(VA, USER_PAGE);
    control(4, core.cr4 | X86Core.CR4_PCIDE);
    control(3, root | 1);
    point(0x1000);
    assertEquals(0x1000, core.translate(VA, Core.READ));
    point(0x2000);
    assertEquals(0x1000, core.translate(VA, Core.READ), "PCID 1 has it still");
    control(3, root | 2);
    control(3, root | 1 | keep);
    assertEquals(0x1000, core.translate(VA, Core.READ), "and after a stay in PCID 2");
    control(3, root | 2 | keep);
    core.r[0] = VA;
    X86Mmu.invlpg(core, 0, 0);
    control(3, root | 1 | keep);
    assertEquals(0x1000, core.translate(VA, Core.READ), "INVLPG is of the current PCID");
    control(3, root | 1);
    assertEquals(0x2000, core.translate(VA, Core.READ), "without bit 63 they go");

    point(0x3000);
    invpcid(0, 2, VA);
    assertEquals(0x2000, core.translate(VA, Core.READ), "the address, of PCID 2");
    invpcid(0, 1, VA + 0x1000);
    assertEquals(0x2000, core.translate(VA, Core.READ), "another address");
    invpcid(0, 1, VA);
    assertEquals(0x3000, core.translate(VA, Core.READ), "this one");
    point(0x4000);
    invpcid(1, 2, 0);
    assertEquals(0x3000, core.translate(VA, Core.READ), "all of PCID 2");
    invpcid(1, 1, 0);
    assertEquals(0x4000, core.translate(VA, Core.READ), "all of PCID 1");
    point(0x5000);
    invpcid(3, 0, 0);
    assertEquals(0x5000, core.translate(VA, Core.READ), "all of every PCID");
    point(0x6000);
    control(3, root | keep);
    control(4, core.cr4 & ~X86Core.CR4_PCIDE);
    assertEquals(0x6000, core.translate(VA, Core.READ), "clearing PCIDE forgets all");
    assertEquals(X86Exceptions.GP, invpcid(1, 1, 0), "PCID 1 without PCIDE");
    assertEquals(X86Exceptions.GP, invpcid(2, 0x1000, 0), "PCID of more than 12 bits");
    assertEquals(X86Exceptions.GP, invpcid(4, 0, 0), "type 4");
  }

  /// Runs INVPCID with its descriptor at [X86Lab#DATA]; returns the fault, or 0.
  private int invpcid(long type, long pcid, long va) {
    lab.setData(0, pcid);
    lab.setData(8, va);
    core.r[0] = X86Lab.DATA;
    core.r[1] = type;
    core.faultCode = 0;
    X86Mmu.invpcid(core, Uop.word(0, Uop.SINK, 0, 1, 0, 3, 0, 0, 0), 0);
    int fault = core.faultCode;
    core.faultCode = 0;
    return fault;
  }

  @Test
  void reservedBitsFault() {
    long page = lab.mapUser(VA, USER_PAGE);
    lab.machine.writePhysical(leaf(VA), page | USER_PAGE | 1L << X86Mmu.PHYSICAL_BITS);
    assertEquals(9, access(VA, Core.READ));
  }

  @Test
  void nonCanonicalAddressesRaiseGeneralProtection() {
    assertEquals(-1, core.translate(1L << 47, Core.READ));
    assertEquals(X86Exceptions.NOT_CANONICAL, core.faultCode);
  }

  private long leaf(long va) {
    long table = core.cr3 & -4096;
    for (int level = 3; level > 0; level--) {
      table = lab.machine.readPhysical(table + ((va >>> (12 + 9 * level) & 511) << 3)) & -4096;
    }
    return table + ((va >>> 12 & 511) << 3);
  }
}

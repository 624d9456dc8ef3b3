package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// The kernel text of [PtStories]: a loop with a site that is a NOP or jumps to another end of the loop, handlers,
/// calls. A turn of the loop takes one TNT bit either way, so a decoder with the wrong text goes on without noticing.
final class PtText {
  private PtText() {}

  static final long TEXT = 0xffff_ffff_8100_0000L;
  private static final int SIZE = 0x2000;

  /// Loop: `inc rcx`, site, `cmp rax, rcx`, `jne WORK`, `jmp rdx`.
  static final long WORK = TEXT + 0x1000;
  static final long SITE = WORK + 3;
  /// Other end of the loop: `add rcx, 2`, `cmp rax, rcx`, `jne WORK`, `jmp rdx`.
  static final long OTHER = TEXT + 0x1040;
  /// Handler of INT3: `pause`, `iretq`.
  static final long TRAP = TEXT + 0x1100;
  /// Handler of the sync IPI: `cpuid`, `iretq`.
  static final long SYNC = TEXT + 0x1140;
  /// `nop`, `ret`.
  static final long LEAF = TEXT + 0x1180;
  /// `call LEAF`, `test eax, eax`, `call LEAF`, `call rbx`, `js CALLS`, `jmp rdx`.
  static final long CALLS = TEXT + 0x11c0;
  /// `syscall`, `jne SYSCALLS`, `jmp rdx`.
  static final long SYSCALLS = TEXT + 0x1200;
  /// `swapgs`, `sysretq`.
  static final long ENTRY = TEXT + 0x1240;
  /// Away from the image: `dec rcx`, a NOP5 in modules, `jmp rdx`.
  static final long FAR = 0xffff_ffff_c000_0000L;

  static final byte[] NOP5 = hex("0f1f440000");
  /// From the site to [#OTHER].
  static final byte[] JUMP = hex("e938000000");
  static final byte[] INT3 = hex("cc");
  /// What a slot away from the image holds.
  static final byte[] SLOT = hex("48ffc9 ffe2");

  static byte[] hex(String bytes) {
    return HexFormat.of().parseHex(bytes.replace(" ", ""));
  }

  /// The text before any poke.
  static Image image() {
    byte[] text = new byte[SIZE];
    Arrays.fill(text, (byte) 0xcc);
    put(text, WORK, "48ffc1 0f1f440000 4839c8 75f3 ffe2");
    put(text, OTHER, "4883c102 4839c8 75b7 ffe2");
    put(text, TRAP, "f390 48cf");
    put(text, SYNC, "0fa2 48cf");
    put(text, LEAF, "90 c3");
    put(text, CALLS, "e8bbffffff 85c0 e8b4ffffff ffd3 78f0 ffe2");
    put(text, SYSCALLS, "0f05 75fc ffe2");
    put(text, ENTRY, "0f01f8 480f07");
    return image(List.of(new Section(".text", TEXT, text, Section.Access.TEXT)));
  }

  /// The same with a module.
  static Image imageWithModule() {
    List<Section> sections = new ArrayList<>(image().sections());
    sections.add(new Section(".module", FAR, hex("48ffc9 0f1f440000 ffe2"), Section.Access.TEXT));
    return image(sections);
  }

  private static Image image(List<Section> sections) {
    return new Image(sections,
        List.of(new Symbol("_text", TEXT, 0, Symbol.Kind.NOTYPE), new Symbol("_stext", TEXT, 0, Symbol.Kind.NOTYPE)));
  }

  private static void put(byte[] text, long address, String bytes) {
    byte[] code = hex(bytes);
    System.arraycopy(code, 0, text, (int) (address - TEXT), code.length);
  }
}

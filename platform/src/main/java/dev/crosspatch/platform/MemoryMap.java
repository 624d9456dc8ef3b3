package dev.crosspatch.platform;

import dev.crosspatch.core.machine.Isa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Where things lie on a board with cores of one ISA: data, which the ISA's module or the board's brings as resource
/// `/dev/crosspatch/board/BOARD/ISA.map`. Lines are, in the order in which a boot enters them in its page tables (`#`
/// begins a comment; numbers are decimal or hexadecimal, with K, M, G behind):
///
/// ```
/// ram      PHYSICAL                     where RAM begins
/// tables   PHYSICAL..PHYSICAL           room for boot page tables, below the image;
///                                       or `top`: from the end of RAM downwards
/// image    VIRTUAL at PHYSICAL          where kernels are linked, and where the byte linked there lies; pages of 4 KiB
/// direct   VIRTUAL by LEAF              writable alias of all RAM: of physical address 0; in leaves of this size
/// devices  VIRTUAL by LEAF              all below 4 GiB but the GiBs that hold RAM: of physical address 0
/// NAME     registers at PHYSICAL        where the registers of the ISA's interrupt controller lie that it calls so
/// ```
///
/// @param ramBase   physical address of the first byte of RAM
/// @param tables    where a boot's page tables lie
/// @param parts     what a boot maps, in this order: an [Image], a [Direct], a [Devices]
/// @param registers physical addresses of registers, by their names
public record MemoryMap(long ramBase, Tables tables, List<Part> parts, Map<String, Long> registers) {

  /// Room for page tables.
  ///
  /// @param from physical address of its first byte; anything if it is the top of RAM
  /// @param to   where it ends
  /// @param top  they come from the end of RAM downwards
  public record Tables(long from, long to, boolean top) {
    static final Tables TOP = new Tables(0, 0, true);
  }

  /// What a boot maps.
  public sealed interface Part {}

  /// The kernel's sections, in pages of 4 KiB.
  ///
  /// @param virtual  address at which kernels are linked
  /// @param physical of the byte linked there
  public record Image(long virtual, long physical) implements Part {}

  /// The writable alias of all RAM.
  ///
  /// @param virtual address of physical address 0
  /// @param leaf    bytes of a leaf
  public record Direct(long virtual, long leaf) implements Part {}

  /// All below 4 GiB but the GiBs that hold RAM.
  ///
  /// @param virtual address of physical address 0
  /// @param leaf    bytes of a leaf
  public record Devices(long virtual, long leaf) implements Part {}

  /// Virtual address at which kernels are linked.
  public long kernelBase() {
    return part(Image.class).virtual;
  }

  /// Physical address of the byte linked there.
  public long imageBase() {
    return part(Image.class).physical;
  }

  /// Virtual address of physical address 0 in the writable alias of RAM.
  public long directMap() {
    return part(Direct.class).virtual;
  }

  /// Virtual address of physical address 0 in the device window.
  public long deviceMap() {
    return part(Devices.class).virtual;
  }

  private <P extends Part> P part(Class<P> sort) {
    for (Part part : parts) {
      if (sort.isInstance(part)) {
        return sort.cast(part);
      }
    }
    throw new IllegalStateException("a memory map without " + sort.getSimpleName());
  }

  /// The map of a board for an ISA.
  ///
  /// @throws IllegalArgumentException if there is none or it is malformed, naming the line
  public static MemoryMap of(String board, Isa isa) {
    String resource = "/dev/crosspatch/board/" + board + "/" + isa.name() + ".map";
    try (InputStream in = isa.getClass().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("board " + board + " has no map for " + isa.name() + ": no " + resource);
      }
      return new MapReader(resource).read(
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

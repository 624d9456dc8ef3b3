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
/// @param ramBase    physical address of the first byte of RAM
/// @param tables     physical address of the room for page tables, or [#TOP]
/// @param tablesEnd  where the room ends
/// @param kernelBase virtual address at which kernels are linked
/// @param imageBase  physical address of the byte linked there
/// @param directMap  virtual address of physical address 0 in the writable alias of RAM
/// @param directLeaf bytes of a leaf there
/// @param deviceMap  virtual address of physical address 0 in the device window
/// @param deviceLeaf bytes of a leaf there
/// @param order      in which parts are mapped
/// @param registers  physical addresses of registers, by their names
public record MemoryMap(
    long ramBase, long tables, long tablesEnd, long kernelBase, long imageBase, long directMap, long directLeaf,
    long deviceMap, long deviceLeaf, List<Part> order, Map<String, Long> registers) {
  /// Page tables come from the end of RAM.
  static final long TOP = -1;

  /// What a boot maps.
  public enum Part {
    IMAGE,
    DIRECT,
    DEVICES
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

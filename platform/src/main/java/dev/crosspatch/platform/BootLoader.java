package dev.crosspatch.platform;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.mem.PhysicalMemory;

/// What a boot loader does before the guest's first instruction: image, page tables, registers.
final class BootLoader {
  private static final int PAGE = 4096;
  private static final long GIB = 1L << 30;
  private static final long DEVICES_END = 4 * GIB;

  private final Machine machine;
  private final PhysicalMemory memory;
  private final MemoryMap map;
  private final long ramEnd;
  private final BootPages pages;
  private final BootTables tables;

  BootLoader(Machine machine, MemoryMap map) {
    this.machine = machine;
    this.map = map;
    memory = machine.memory();
    ramEnd = map.ramBase() + machine.config().ramBytes();
    pages = new BootPages(machine, map);
    tables = machine.config().isa().bootTables(machine, pages);
  }

  Booted boot(Image image) {
    long start = image.address("start");
    long secondary = machine.cpus() > 1 ? image.address("secondary_start") : start;
    for (MemoryMap.Part part : map.parts()) {
      switch (part) {
        case MemoryMap.Image _ -> image.sections().forEach(this::place);
        case MemoryMap.Direct alias -> mapDirect(alias);
        case MemoryMap.Devices devices -> mapDevices(devices);
      }
    }
    image.sections().forEach(this::checkApart);
    image.sections().forEach(section -> pages.keepBelow(physical(section.end())));
    for (int i = 0; i < machine.cpus(); i++) {
      tables.enter(machine.core(i), i == 0 ? start : secondary, i);
    }
    return new Booted(tables, pages);
  }

  private void mapDirect(MemoryMap.Direct alias) {
    for (long pa = map.ramBase(); pa < ramEnd; pa += alias.leaf()) {
      tables.map(alias.virtual() + pa, pa, alias.leaf(), BootTables.Access.DATA);
    }
  }

  /// Every GiB below 4 GiB in which no RAM lies.
  private void mapDevices(MemoryMap.Devices devices) {
    for (long pa = 0; pa < DEVICES_END; pa += devices.leaf()) {
      long gib = pa & -GIB;
      if (gib + GIB <= map.ramBase() || gib >= ramEnd) {
        tables.map(devices.virtual() + pa, pa, devices.leaf(), BootTables.Access.DEVICE);
      }
    }
  }

  private void place(Section section) {
    long pa = physical(section.address());
    long end = pa + section.bytes().length;
    if (Long.compareUnsigned(pa, pages.first()) < 0 || !memory.contains(pa) || end > ramEnd) {
      throw new IllegalArgumentException(String.format(
          "section %s at 0x%x..0x%x does not fit: RAM of %d MiB is linked at 0x%x..0x%x", section.name(),
          section.address(), section.end(), machine.config().ramBytes() >> 20, linked(pages.first()), linked(ramEnd)));
    }
    machine.load(pa, section.bytes());
    BootTables.Access access = switch (section.access()) {
      case TEXT -> BootTables.Access.TEXT;
      case RODATA -> BootTables.Access.RODATA;
      case DATA -> BootTables.Access.DATA;
    };
    for (long va = section.address() & -PAGE; va < section.end(); va += PAGE) {
      tables.map(va, physical(va), PAGE, access);
    }
  }

  /// Tables and image must not meet.
  private void checkApart(Section section) {
    if (section.bytes().length > 0 && physical(section.end() - 1) >= pages.last()) {
      throw new IllegalArgumentException(String.format(
          "section %s ends at 0x%x, in the page tables: RAM of %d MiB is too small", section.name(), section.end(),
          machine.config().ramBytes() >> 20));
    }
  }

  private long physical(long va) {
    return va - map.kernelBase() + map.imageBase();
  }

  private long linked(long pa) {
    return pa - map.imageBase() + map.kernelBase();
  }
}

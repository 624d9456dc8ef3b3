package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.platform.Booted;

/// Pages of RAM that programs have, and the page tables that lead there, which take pages of the same RAM.
final class UserPages {
  /// Tables that a new page may need: all levels but the first.
  private static final int MOST_TABLES = 3;
  private static final int NO_PAGE = 0;

  private final Machine machine;
  private final BootTables tables;
  private final TablePages pages;
  private final long all;

  UserPages(Machine machine, Booted booted) {
    this.machine = machine;
    tables = booted.tables();
    pages = booted.pages();
    all = pages.left();
  }

  /// Bytes of all pages that programs and their tables can have together.
  long total() {
    return all * AddressSpace.PAGE;
  }

  /// Bytes of those that nobody has.
  long left() {
    return pages.left() * AddressSpace.PAGE;
  }

  /// Puts a page there that nobody has, zeroed; returns its physical address.
  ///
  /// @throws OutOfMemory if there is none, or may be no room for its tables
  long add(long page, int rights) {
    need(1 + MOST_TABLES);
    long frame = pages.allocate();
    tables.user(page, frame, rights);
    return frame;
  }

  /// Takes a page away.
  void remove(long page, long frame) {
    tables.user(page, 0, NO_PAGE);
    pages.release(frame);
  }

  /// Puts a page to another place.
  ///
  /// @throws OutOfMemory if there may be no room for its tables
  void move(long from, long to, long frame, int rights) {
    need(MOST_TABLES);
    tables.user(from, 0, NO_PAGE);
    tables.user(to, frame, rights);
  }

  /// Changes the rights of a page that is in the tables.
  void change(long page, long frame, int rights) {
    tables.user(page, frame, rights);
  }

  /// Tables that lead nowhere any more are given up before there are too few pages.
  private void need(int count) {
    if (pages.left() < count) {
      tables.pruneUser();
      for (int i = 0; i < machine.cpus(); i++) {
        machine.core(i).translations.flush(true);
      }
    }
    if (pages.left() < count) {
      throw new OutOfMemory(machine.config().ramBytes());
    }
  }
}

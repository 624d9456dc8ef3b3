package dev.crosspatch.sim.run;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.sim.BadInput;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Every store that changed text, with its time: what memory held when. The file `truth/stores.log`: magic `CPSTORE1`,
/// then records of 32 bytes, little endian: cycle (8), address it is executed at (8), value (8, the bytes stored, first
/// in bits 7:0), CPU (4), length in bytes (4).
///
/// It is read anew for every question and never held.
public final class TextStores {
  static final byte[] MAGIC = {'C', 'P', 'S', 'T', 'O', 'R', 'E', '1'};
  static final int RECORD = 32;

  private final RecordFile file;

  /// A store.
  ///
  /// @param cpu     who; -1 for a device
  /// @param cycle   its clock
  /// @param address at which the first byte is executed
  /// @param length  bytes
  /// @param value   first byte in bits 7:0
  public record Store(int cpu, long cycle, long address, int length, long value) {
    /// What was stored, in the order of addresses.
    public byte[] bytes() {
      byte[] bytes = new byte[Math.clamp(length, 0, Long.BYTES)];
      applyTo(bytes, address);
      return bytes;
    }

    /// Whether it touched any of `size` bytes at `at`.
    public boolean isWithin(long at, int size) {
      return address < at + size && address + length > at;
    }

    /// Puts what was stored into `bytes`, which stand at `at`, as far as it lies there.
    public void applyTo(byte[] bytes, long at) {
      for (int i = 0; i < Math.min(length, Long.BYTES); i++) {
        long offset = address + i - at;
        if (offset >= 0 && offset < bytes.length) {
          bytes[(int) offset] = (byte) (value >>> (8 * i));
        }
      }
    }
  }

  /// Hears stores in the order in which they were made.
  @FunctionalInterface
  public interface Listener {
    /// Hears the next one; returns whether to go on.
    boolean store(Store store);
  }

  private TextStores(RecordFile file) {
    this.file = file;
  }

  /// Opens the file form.
  ///
  /// @throws BadInput if it is none
  public static TextStores open(Path file) {
    return new TextStores(RecordFile.open(file, MAGIC, RECORD, "log of text stores"));
  }

  /// Tells `listener` of the stores, from the first on.
  public void forEach(Listener listener) {
    file.forEach(fields -> listener.store(store(fields)));
  }

  /// The same stores one by one.
  public Cursor<Store> cursor() {
    return file.cursor(TextStores::store);
  }

  private static Store store(ByteBuffer fields) {
    return new Store(fields.getInt(24), fields.getLong(0), fields.getLong(8), fields.getInt(28), fields.getLong(16));
  }

  /// What memory held at `address` at `cycle`: the image's bytes with all stores up to then. Fewer than `length` bytes
  /// at the end of the image's text; where it has none, zeros with the stores, and no bytes if there was no store.
  public byte[] bytesAt(Image image, long address, int length, long cycle) {
    byte[] bytes = new byte[length];
    boolean[] known = {false};
    for (Section section : image.sections()) {
      if (section.access() == Section.Access.TEXT && section.contains(address)) {
        int at = (int) (address - section.address());
        bytes = Arrays.copyOfRange(section.bytes(), at, Math.min(at + length, section.bytes().length));
        known[0] = true;
      }
    }
    byte[] held = bytes;
    forEach(store -> {
      boolean earlier = store.cycle() <= cycle;
      if (earlier) {
        known[0] |= store.isWithin(address, length);
        store.applyTo(held, address);
      }
      return earlier;
    });
    return known[0] ? held : new byte[0];
  }

  /// The stores that touched any of `length` bytes at `address`, in order: the last `before` of those up to `cycle` and
  /// the first `after` of those behind it.
  public List<Store> near(long address, int length, long cycle, int before, int after) {
    ArrayDeque<Store> earlier = new ArrayDeque<>();
    List<Store> later = new ArrayList<>();
    forEach(store -> {
      if (store.isWithin(address, length)) {
        (store.cycle() > cycle ? later : earlier).add(store);
        if (earlier.size() > before) {
          earlier.remove();
        }
      }
      return later.size() < after;
    });
    List<Store> all = new ArrayList<>(earlier);
    all.addAll(later);
    return all;
  }
}

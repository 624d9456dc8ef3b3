package dev.crosspatch.sim.run;

import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.image.Section;
import dev.crosspatch.sim.BadInput;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Every store that changed text, with its time: what memory held when. The file `truth/stores.log`: magic `CPSTORE1`, then records of 32 bytes, little
/// endian: cycle (8), address it is executed at (8), value (8, the bytes stored, first in bits 7:0), CPU (4), length in bytes (4).
public final class TextStores {
  private static final byte[] MAGIC = {'C', 'P', 'S', 'T', 'O', 'R', 'E', '1'};
  private static final int RECORD = 32;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private byte[] log = MAGIC;

  /// An empty log.
  public TextStores() {
    out.writeBytes(MAGIC);
  }

  /// Appends a store.
  public void add(int cpu, long cycle, long address, int length, long value) {
    out.writeBytes(
        ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN).putLong(cycle).putLong(address).putLong(value).putInt(cpu).putInt(length).array());
  }

  /// The file form.
  public byte[] bytes() {
    return out.toByteArray();
  }

  /// Reads the file form.
  ///
  /// @throws BadInput if it is none
  public static TextStores read(String name, byte[] file) {
    if (file.length < MAGIC.length || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        || (file.length - MAGIC.length) % RECORD != 0) {
      throw new BadInput(name + ": not a log of text stores, or cut off");
    }
    TextStores stores = new TextStores();
    stores.log = file;
    return stores;
  }

  /// What memory held at `address` at `cycle`: the image's bytes with all stores up to then. Fewer than `length` bytes at the end of the text; none outside it.
  public byte[] bytesAt(Image image, long address, int length, long cycle) {
    for (Section section : image.sections()) {
      if (section.access() == Section.Access.TEXT && section.contains(address)) {
        int at = (int) (address - section.address());
        byte[] bytes = Arrays.copyOfRange(section.bytes(), at, Math.min(at + length, section.bytes().length));
        apply(bytes, address, cycle);
        return bytes;
      }
    }
    return new byte[0];
  }

  private void apply(byte[] bytes, long address, long cycle) {
    ByteBuffer in = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = MAGIC.length; at < log.length && in.getLong(at) <= cycle; at += RECORD) {
      long value = in.getLong(at + 16);
      for (int i = 0; i < in.getInt(at + 28); i++) {
        long offset = in.getLong(at + 8) + i - address;
        if (offset >= 0 && offset < bytes.length) {
          bytes[(int) offset] = (byte) (value >>> (8 * i));
        }
      }
    }
  }
}

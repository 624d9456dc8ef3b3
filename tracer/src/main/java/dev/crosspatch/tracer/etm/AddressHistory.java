package dev.crosspatch.tracer.etm;

import dev.crosspatch.tracer.etm.EtmAddress.Form;

/// The address history buffer that trace unit and analyser keep alike: the last three addresses of any packet.
///
/// An entry is the address with its sub-instruction set in bit 0, which every address has clear. Source: DDI 0487
/// D4.4 (address compression), K10.5.2.1.
final class AddressHistory {
  private long newest;
  private long middle;
  private long oldest;

  long newest() {
    return newest;
  }

  /// Entry 0 (newest) to 2.
  long entry(int index) {
    return index == 0 ? newest : index == 1 ? middle : oldest;
  }

  void push(long entry) {
    oldest = middle;
    middle = newest;
    newest = entry;
  }

  /// What Trace Info does.
  void clear() {
    newest = 0;
    middle = 0;
    oldest = 0;
  }

  /// Shortest form, exact matches first and among them the newest.
  Form bestForm(long address, int is) {
    long entry = address | is;
    if (entry == newest) {
      return Form.EXACT0;
    }
    if (entry == middle) {
      return Form.EXACT1;
    }
    if (entry == oldest) {
      return Form.EXACT2;
    }
    return fitsShort(address, is) ? Form.SHORT : longForm(address);
  }

  /// Shorter of the two long forms.
  Form longForm(long address) {
    return fitsLong32(address) ? Form.LONG32 : Form.LONG64;
  }

  /// @throws IllegalArgumentException if the form cannot express the address now
  void check(EtmAddress a) {
    boolean fits =
        switch (a.form()) {
          case EXACT0, EXACT1, EXACT2 -> (a.value() | a.is()) == entry(a.form().ordinal());
          case SHORT -> fitsShort(a.value(), a.is());
          case LONG32 -> fitsLong32(a.value());
          case LONG64 -> true;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "Address 0x%x IS%d cannot be %s: the history is 0x%x, 0x%x, 0x%x"
              .formatted(a.value(), a.is(), a.form(), newest & ~1, middle & ~1, oldest & ~1));
    }
  }

  /// Short addresses replace A[16:2] or A[15:1], and the zeros below.
  private boolean fitsShort(long address, int is) {
    return (address ^ newest) >>> (17 - is) == 0;
  }

  private boolean fitsLong32(long address) {
    return (address ^ newest) >>> 32 == 0;
  }
}

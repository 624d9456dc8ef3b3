package dev.crosspatch.asm;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Places the fragments of all sections, has their instructions encoded, and makes an image of them.
///
/// Addresses, sizes and symbol values depend on each other, so all fragments are placed again until nothing moves and
/// nothing grows. x86 branches begin short and only ever grow, and everything else depends on addresses weakly enough
/// (alignment, `.org`, constants that change their encoded size) that few passes do.
final class Layout {
  /// Bytes a section may have.
  static final long LARGEST_SECTION = 1L << 28;

  private static final int MOST_PASSES = 200;

  private final Collection<SectionBuilder> sections;
  private final SymbolTable symbols;
  private final Encoder encoder;

  Layout(Collection<SectionBuilder> sections, SymbolTable symbols, Encoder encoder) {
    this.sections = sections;
    this.symbols = symbols;
    this.encoder = encoder;
  }

  /// The size nearest to `size` that a fragment can have. While the layout has not settled a computed size may be
  /// any number; whether it makes sense is known only in the end.
  static long possibleSize(long size) {
    return Math.clamp(size, 0, LARGEST_SECTION);
  }

  /// Does it all.
  Image run() {
    settle();
    encode(Fragment::textForBytes);
    List<Section> built = new ArrayList<>();
    for (SectionBuilder section : sections) {
      byte[] bytes = bytes(section);
      if (bytes.length != 0) {
        built.add(new Section(section.name, section.start, bytes, section.access));
      }
    }
    built.sort((a, b) -> Long.compareUnsigned(a.address(), b.address()));
    refuseOverlap(built);
    return new Image(built, imageSymbols());
  }

  private void settle() {
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      encode(Fragment::textForSize);
      boolean moved = false;
      for (SectionBuilder section : sections) {
        moved |= place(section);
      }
      if (!moved && !grow()) {
        return;
      }
    }
    SectionBuilder first = sections.iterator().next();
    throw first.fragments().getFirst().statement().error("layout does not settle in " + MOST_PASSES + " passes");
  }

  /// Lets all fragments grow that must under the present layout, and returns whether one did.
  private boolean grow() {
    boolean grew = false;
    for (SectionBuilder section : sections) {
      List<Fragment> fragments = section.fragments();
      for (int i = 0; i < fragments.size(); i++) {
        Fragment fragment = fragments.get(i);
        long address = section.address(i);
        grew |= blaming(fragment, () -> fragment.grow(symbols::value, address));
      }
    }
    return grew;
  }

  /// What a fragment wants to have encoded.
  @FunctionalInterface
  private interface Wish {
    @Nullable String text(Fragment fragment, ToLongFunction<String> symbols);
  }

  private void encode(Wish wish) {
    Map<String, Statement> wanted = new LinkedHashMap<>();
    for (SectionBuilder section : sections) {
      for (Fragment fragment : section.fragments()) {
        String text = blaming(fragment, () -> wish.text(fragment, symbols::value));
        if (text != null && !encoder.knows(text)) {
          wanted.putIfAbsent(text, fragment.statement());
        }
      }
    }
    encoder.encode(wanted);
  }

  private boolean place(SectionBuilder section) {
    List<Fragment> fragments = section.fragments();
    long[] addresses = new long[fragments.size() + 1];
    long address = section.start;
    for (int i = 0; i < fragments.size(); i++) {
      Fragment fragment = fragments.get(i);
      addresses[i] = address;
      long here = address;
      address += blaming(fragment, () -> fragment.size(symbols::value, here));
    }
    addresses[fragments.size()] = address;
    return section.place(addresses);
  }

  private byte[] bytes(SectionBuilder section) {
    if (section.end() - section.start > LARGEST_SECTION) {
      int largest = 0;
      for (int i = 1; i < section.fragments().size(); i++) {
        largest = section.size(i) > section.size(largest) ? i : largest;
      }
      throw section.fragments().get(largest).statement()
          .error("section " + section.name + " is larger than " + LARGEST_SECTION + " bytes");
    }
    ByteBuffer out = ByteBuffer.allocate((int) (section.end() - section.start));
    List<Fragment> fragments = section.fragments();
    for (int i = 0; i < fragments.size(); i++) {
      Fragment fragment = fragments.get(i);
      long address = section.address(i);
      out.limit((int) (section.address(i + 1) - section.start));
      blaming(
          fragment,
          () -> {
            fragment.write(symbols::value, address, out);
            return 0;
          });
      if (out.hasRemaining()) {
        throw new IllegalStateException("fragment too short: " + fragment);
      }
    }
    return out.array();
  }

  private static <T extends @Nullable Object> T blaming(
      Fragment fragment, Supplier<T> action) {
    try {
      return action.get();
    } catch (SyntaxError e) {
      throw fragment.statement().error(e.reason());
    }
  }

  private static void refuseOverlap(List<Section> built) {
    for (int i = 1; i < built.size(); i++) {
      Section before = built.get(i - 1);
      Section after = built.get(i);
      if (before.contains(after.address())) {
        throw new IllegalArgumentException(
            String.format(
                "section %s ends at 0x%x, behind the start of section %s at 0x%x",
                before.name(), before.end(), after.name(), after.address()));
      }
    }
  }

  private List<Symbol> imageSymbols() {
    List<Symbol> result = new ArrayList<>();
    symbols.publicLabels().forEach((name, label) -> result.add(symbols.symbol(name, label)));
    result.sort(Comparator.comparing(Symbol::address, Long::compareUnsigned));
    return result;
  }
}

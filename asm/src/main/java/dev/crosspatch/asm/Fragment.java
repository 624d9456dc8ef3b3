package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// A piece of a section: data, or what a statement makes. Its size may depend on where symbols lie, so [Layout] asks
/// for it again and again until nothing moves; only then the bytes are written.
///
/// Problems are reported as [SyntaxError] and blamed on [#statement()].
public interface Fragment {
  /// Where it comes from.
  Statement statement();

  /// Text that the [Encoder] must encode before [#size] can answer, or null.
  ///
  /// @param symbols values of symbols as far as they are known
  default @Nullable String textForSize(ToLongFunction<String> symbols) {
    return null;
  }

  /// Text that the [Encoder] must encode before [#write], or null; `symbols` are final.
  default @Nullable String textForBytes(ToLongFunction<String> symbols) {
    return textForSize(symbols);
  }

  /// Takes a larger form if the present layout asks for it, for good; returns whether it did.
  default boolean grow(ToLongFunction<String> symbols, long address) {
    return false;
  }

  /// Bytes it takes at `address`.
  long size(ToLongFunction<String> symbols, long address);

  /// Writes its bytes; `out` has exactly the room that [#size] asked for.
  void write(ToLongFunction<String> symbols, long address, ByteBuffer out);

  /// Bytes known when the source is read.
  record Bytes(Statement statement, byte[] bytes) implements Fragment {
    @Override
    public long size(ToLongFunction<String> symbols, long address) {
      return bytes.length;
    }

    @Override
    public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
      out.put(bytes);
    }
  }

  /// An instruction whose length is known and whose bytes hang on a number: an immediate, or where it leads.
  ///
  /// @param length   bytes
  /// @param operand  the number
  /// @param encoding makes the bytes
  record Fixed(Statement statement, int length, Expression operand, Encoding encoding) implements Fragment {
    @Override
    public long size(ToLongFunction<String> symbols, long address) {
      return length;
    }

    @Override
    public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
      out.put(encoding.bytes(operand.value(symbols), address));
    }
  }

  /// Makes the bytes of an instruction.
  @FunctionalInterface
  interface Encoding {
    /// The bytes with `operand` in them, of an instruction at `address`.
    ///
    /// @throws SyntaxError if the number does not fit
    byte[] bytes(long operand, long address);
  }

  /// A number of `width` bytes.
  record Value(Statement statement, Expression expression, int width) implements Fragment {
    @Override
    public long size(ToLongFunction<String> symbols, long address) {
      return width;
    }

    @Override
    public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
      Numbers.put(out, expression.value(symbols), width);
    }
  }

  /// `count` times the `unit` low bytes of `fill`.
  record Fill(Statement statement, Expression count, int unit, Expression fill) implements Fragment {
    @Override
    public long size(ToLongFunction<String> symbols, long address) {
      return Layout.possibleSize(count.value(symbols)) * unit;
    }

    @Override
    public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
      long n = count.value(symbols);
      if (n != Layout.possibleSize(n)) {
        throw new SyntaxError("cannot fill " + n + " units");
      }
      long value = fill.value(symbols);
      while (out.hasRemaining()) {
        Numbers.put(out, value, unit);
      }
    }
  }

  /// Zeros up to an address.
  ///
  /// @param target the address, or an offset from `base` if there is no symbol in it
  /// @param base   start of the section
  record Origin(Statement statement, Expression target, long base) implements Fragment {
    private long distance(ToLongFunction<String> symbols, long address) {
      return target.value(symbols) + (target.isConstant() ? base : 0) - address;
    }

    @Override
    public long size(ToLongFunction<String> symbols, long address) {
      return Layout.possibleSize(distance(symbols, address));
    }

    @Override
    public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
      long distance = distance(symbols, address);
      if (distance != out.remaining()) {
        throw new SyntaxError("cannot move by " + distance + " bytes");
      }
      out.put(new byte[out.remaining()]);
    }
  }

  /// Padding up to a multiple of `alignment`, a power of two; none if that takes more than `limit` bytes.
  ///
  /// @param filler what to pad with
  record Align(Statement statement, long alignment, long limit, Filler filler) implements Fragment {
    @Override
    public long size(ToLongFunction<String> symbols, long address) {
      long size = -address & (alignment - 1);
      return size <= limit ? size : 0;
    }

    @Override
    public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
      out.put(filler.padding(out.remaining()));
    }
  }

  /// Makes padding.
  @FunctionalInterface
  interface Filler {
    /// `size` bytes.
    byte[] padding(int size);
  }
}

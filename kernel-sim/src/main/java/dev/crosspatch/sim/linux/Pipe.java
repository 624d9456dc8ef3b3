package dev.crosspatch.sim.linux;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/// A pipe within the program (fs/pipe.c). It holds so many pieces of a page: a write goes on in the last one if its odd
/// bytes fit there, so that one of up to a page (PIPE_BUF) lies in one piece, and never mixes with others.
final class Pipe {
  private static final int PAGE = AddressSpace.PAGE;
  /// Pieces that it can hold unless it is told otherwise (PIPE_DEF_BUFFERS).
  private static final int PIECES = 16;
  /// The most bytes that a user may give it (`/proc/sys/fs/pipe-max-size`).
  private static final int MOST_BYTES = 1 << 20;

  /// Some of its bytes, from `start` to `end`.
  private static final class Piece {
    final byte[] bytes = new byte[PAGE];
    int start;
    int end;

    int length() {
      return end - start;
    }

    boolean hasRoom(int count) {
      return end + count <= PAGE;
    }

    void add(byte[] from, int at, int count) {
      System.arraycopy(from, at, bytes, end, count);
      end += count;
    }
  }

  private final Runnable changed;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private int most = PIECES;
  private boolean isRead = true;
  private boolean isWritten = true;

  /// @param changed is run when an end may have become ready
  Pipe(Runnable changed) {
    this.changed = changed;
  }

  /// One of its two ends.
  ///
  /// @param flags of `open`, with what it is for
  OpenFile end(int flags) {
    return new End(flags);
  }

  private final class End extends PipeFile {
    End(int flags) {
      super(flags);
    }

    @Override
    int ready() {
      if (isReadable()) {
        return (pieces.isEmpty() ? 0 : READABLE) | (isWritten ? 0 : HANG_UP);
      }
      return (pieces.size() >= most ? 0 : WRITABLE) | (isRead ? 0 : ERROR);
    }

    @Override
    byte[] read(int count) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (Piece first = pieces.peek(); first != null && out.size() < count; first = pieces.peek()) {
        int part = Math.min(count - out.size(), first.length());
        out.write(first.bytes, first.start, part);
        first.start += part;
        if (first.length() == 0) {
          pieces.remove();
        }
      }
      changed(out.size());
      return out.toByteArray();
    }

    /// @param moved how many bytes
    private void changed(int moved) {
      if (moved > 0) {
        changed.run();
      }
    }

    @Override
    int write(byte[] bytes) {
      if (bytes.length == 0) {
        return 0;
      }
      if (!isRead) {
        throw new Errno(Errno.EPIPE);
      }
      int done = 0;
      int odd = bytes.length % PAGE;
      Piece last = pieces.peekLast();
      if (odd > 0 && last != null && last.hasRoom(odd)) {
        last.add(bytes, 0, odd);
        done = odd;
      }
      while (done < bytes.length && pieces.size() < most) {
        Piece piece = new Piece();
        int part = Math.min(PAGE, bytes.length - done);
        piece.add(bytes, done, part);
        pieces.add(piece);
        done += part;
      }
      changed(done);
      return done;
    }

    @Override
    int available() {
      return pieces.stream().mapToInt(Piece::length).sum();
    }

    @Override
    int capacity() {
      return most * PAGE;
    }

    /// As many pages as the next power of two says (fs/pipe.c, pipe_set_size).
    @Override
    void resize(int bytes) {
      if (bytes < 0) {
        throw new Errno(Errno.EINVAL);
      }
      int pages = Integer.highestOneBit(2 * Math.max(1, Math.ceilDiv(bytes, PAGE)) - 1);
      if (pages > most && pages > MOST_BYTES / PAGE) {
        throw new Errno(Errno.EPERM);
      }
      if (pages < pieces.size()) {
        throw new Errno(Errno.EBUSY);
      }
      most = pages;
      changed.run();
    }

    @Override
    void close() {
      isRead &= isWritable();
      isWritten &= isReadable();
      changed.run();
    }
  }
}

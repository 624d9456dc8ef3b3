package dev.crosspatch.tracer.text;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Mode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builds the versions of one instruction from the pokes that touch its bytes.
final class TextHistory {
  private final InstructionSet isa;
  private final Mode mode;
  private final TextWindow window;
  private final List<TextVersion> versions = new ArrayList<>();
  /// By the bytes in the window: text is patched back and forth, and most versions have been there before.
  private final Map<ByteBuffer, Content> contents = new HashMap<>();
  private long from = Long.MIN_VALUE;
  private int since = -1;
  private @Nullable TextWindow claimed;
  private long claimedFrom;
  private final List<Loss> losses;

  /// An instruction, if it is one, and its bytes.
  private record Content(@Nullable Insn insn, byte[] bytes) {}

  /// @param window initial text from the instruction's first byte on, as long as an instruction may get; is changed
  /// @param losses of the log
  TextHistory(InstructionSet isa, Mode mode, TextWindow window, List<Loss> losses) {
    this.losses = losses;
    this.isa = isa;
    this.mode = mode;
    this.window = window;
  }

  /// @param pokes that touch the window, in log order
  TextVersions of(List<TextRegion.NumberedPoke> pokes) {
    for (TextRegion.NumberedPoke numbered : pokes) {
      Poke poke = numbered.poke();
      if (!window.agrees(poke)) {
        // The bytes changed unseen some time after the last poke, or where the log says that it lost something: both
        // what we held and what the log claims may have run.
        claimedFrom = Math.max(from, lostSince(poke.time()));
        claimed = window.copy();
        claimed.revert(poke);
      }
      close(poke.time(), numbered.number());
      window.apply(poke);
      from = poke.time();
      since = numbered.number();
    }
    close(Long.MAX_VALUE, Integer.MAX_VALUE);
    return new TextVersions(versions);
  }

  private void close(long to, int until) {
    append(version(window, from, to, until));
    if (claimed != null) {
      append(version(claimed, claimedFrom, to, until));
      claimed = null;
    }
  }

  /// When the log may first have lost something of what happened between the last poke and `time`; the begin of time if
  /// it lost nothing there.
  private long lostSince(long time) {
    return losses.stream().filter(loss -> loss.time() >= from && loss.since() <= time).mapToLong(Loss::since).min()
        .orElse(Long.MIN_VALUE);
  }

  private TextVersion version(TextWindow text, long begin, long to, int until) {
    int available = text.available();
    Content content = contents.get(ByteBuffer.wrap(text.bytes, 0, available));
    if (content == null) {
      byte[] all = Arrays.copyOf(text.bytes, available);
      Insn insn = available == 0 ? null : isa.classify(all, 0, available, text.start, mode);
      content = new Content(insn, insn == null ? all : Arrays.copyOf(all, insn.length()));
      contents.put(ByteBuffer.wrap(all), content);
    }
    return new TextVersion(content.insn, content.bytes, begin, to, since, until);
  }

  /// Appends, or lengthens the last version if the poke left this instruction alone.
  private void append(TextVersion next) {
    TextVersion last = versions.isEmpty() ? null : versions.getLast();
    if (last != null && last.until() == next.since() && Arrays.equals(last.bytes(), next.bytes())) {
      versions.removeLast();
      versions.add(new TextVersion(last.insn(), last.bytes(), last.from(), next.to(), last.since(), next.until()));
    } else {
      versions.add(next);
    }
  }
}

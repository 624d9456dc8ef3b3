package dev.crosspatch.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/// What a snapshot holds is all that there is: a machine that is restored goes on as the one that was saved.
final class SnapshotTest {
  private static final long SITE = Lab.TEXT + 0x4000;

  private static Lab lab(int cpus, long seed) {
    Lab lab = Lab.Setup.ARM.cpus(cpus).adversarial().seed(seed).lab();
    Code writer = Lab.text().li(4, SITE - Lab.TEXT + Lab.ALIAS).li(1, SITE).li(7, 40);
    long again = writer.here();
    writer.store(7, 4, 1, 0, 0).helper(MicroCore.CLEAN).helper(MicroCore.INVALIDATE).opi(Uop.SUBFI, 7, 7, 1, 3)
        .jcc(Cond.NE, again).helper(MicroCore.WAIT);
    Code reader = new Code(Lab.TEXT + 0x1000).li(7, 400).li(4, Lab.DATA);
    long loop = reader.here();
    reader.call(SITE).store(7, 4, 0, 3, 0).load(5, 4, 0x40, 3, 0).opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop)
        .helper(MicroCore.WAIT);
    lab.put(writer).put(reader).put(new Code(SITE).set0(99).ret());
    for (int i = 1; i < cpus; i++) {
      lab.core(i).pc = Lab.TEXT + 0x1000;
    }
    return lab;
  }

  private static List<String> rest(Lab lab) {
    List<String> heard = new ArrayList<>();
    for (int i = 0; i < lab.machine.cpus(); i++) {
      int cpu = i;
      lab.machine.attach(i, batch -> {
        for (int k = 0; k < batch.rows(); k++) {
          heard.add(cpu + " " + batch.row(k).time + " " + batch.row(k).pc);
        }
      });
    }
    lab.machine.probe().staleExecutions.hear((StaleExecution s) -> heard.add(s.cpu() + " stale " + s.cycle()));
    lab.run();
    heard.sort(Comparator.comparingInt(line -> line.charAt(0))); // batches of different cores come as they are full
    for (int i = 0; i < lab.machine.cpus(); i++) {
      heard.add(lab.machine.counters(i) + " " + Arrays.toString(lab.core(i).r));
    }
    return heard;
  }

  private static byte[] save(Object root) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Snapshot.save(root, out);
    return out.toByteArray();
  }

  private static void load(Object root, byte[] saved) throws IOException {
    Snapshot.load(root, new ByteArrayInputStream(saved));
  }

  @Test
  void aRestoredMachineGoesOnAsTheSavedOne() throws IOException {
    for (int at = 100; at < 4000; at += 390) {
      Lab whole = lab(3, at);
      whole.machine.run(RunLimits.ofCycles(at));
      byte[] saved = save(whole.machine);
      List<String> expected = rest(whole);
      Lab other = lab(3, at);
      load(other.machine, saved);
      assertLinesMatch(expected, rest(other), "from cycle " + at);
    }
  }

  @Test
  void anotherMachineIsRefused() throws IOException {
    byte[] saved = save(lab(2, 1).machine);
    Snapshot.Unfit e = assertThrows(Snapshot.Unfit.class, () -> load(lab(3, 1).machine, saved));
    assertEquals("it is of another object: CacheSystem.caches has another length", e.getMessage());
  }

  @Test
  void damageIsSeen() throws IOException {
    byte[] saved = save(lab(1, 1).machine);
    for (int at : new int[] {0, 20, saved.length / 2, saved.length - 6}) {
      byte[] bad = saved.clone();
      bad[at] ^= 0x55;
      assertThrows(IOException.class, () -> load(lab(1, 1).machine, bad), "byte " + at);
    }
    for (int length : new int[] {0, 7, 9, saved.length / 3, saved.length - 1}) {
      assertThrows(IOException.class, () -> load(lab(1, 1).machine, Arrays.copyOf(saved, length)), "length " + length);
    }
  }

  // ---- what state is

  private static final class Part {
    private int number;
    private final long[] numbers = new long[3];
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> ages = new HashMap<>();
    private final ArrayDeque<Point> points = new ArrayDeque<>();
    private transient int derived;
    private final int configured;
    private StringBuilder text = new StringBuilder();

    Part(int configured) {
      this.configured = configured;
    }
  }

  private record Point(int x, byte[] rest) {}

  private static final class Whole {
    private final Part part;
    private final Whole itself = this;

    Whole(Part part) {
      this.part = part;
    }
  }

  private static final class Stranger {
    private final Thread thread = new Thread();

    @Override
    public String toString() {
      return thread.getName();
    }
  }

  @Test
  void fieldsAreStateUnlessTheyAreConstantOrTransient() throws IOException {
    Whole a = new Whole(new Part(1));
    a.part.number = 7;
    a.part.numbers[2] = 9;
    a.part.names.add("x");
    a.part.points.add(new Point(3, new byte[] {4}));
    a.part.derived = 5;
    a.part.text.append("abc");
    Whole b = new Whole(new Part(2));
    b.part.names.add("y");
    b.part.names.add("z");
    load(b, save(a));
    assertEquals(7, b.part.number);
    assertEquals(9, b.part.numbers[2]);
    assertEquals(List.of("x"), b.part.names);
    assertEquals(4, b.part.points.getFirst().rest()[0]);
    assertEquals(0, b.part.derived);
    assertEquals(2, b.part.configured);
    assertEquals("abc", b.part.text.toString());
    assertEquals(b, b.itself);
  }

  /// Collections hold what was saved and nothing of what was there, be they as large as before or not.
  @Test
  void whatACollectionHeldIsGone() throws IOException {
    Part a = new Part(1);
    a.names.addAll(List.of("x", "y"));
    a.ages.put("x", 1);
    Part b = new Part(1);
    b.names.addAll(List.of("z", "y"));
    b.ages.putAll(Map.of("z", 2, "y", 3));
    load(b, save(a));
    assertEquals(List.of("x", "y"), b.names);
    assertEquals(Map.of("x", 1), b.ages);
  }

  @Test
  void whatCannotBeStateIsNamed() {
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> save(new Stranger()));
    assertEquals("Stranger.thread holds a java.lang.Thread, which no snapshot can have: make it transient if it is "
        + "wiring or can be worked out anew", e.getMessage());
  }

  // ---- what is wrong, though its sum is right

  private static final class Guest implements Snapshot.ByIdentity {
    private final long[] words;
    private int visits = 1;

    Guest(long[] words) {
      this.words = words;
    }
  }

  private static final class Rich {
    private final BitSet bits = new BitSet();
    private final Map<Integer, Object> map = new HashMap<>();
    private final Set<String> set = new HashSet<>();
    private final Part[] parts = {new Part(1), new Part(2)};
    private long[] words = {1, 2};
    private Point[] points = {new Point(1, new byte[] {1, 2})};
    private Thread.State state = Thread.State.NEW;
    private Guest guest = new Guest(new long[] {4, 5});

    Rich() {
      bits.set(70);
      set.add("in");
    }

    String shown() {
      return bits + " " + map.get(1) + " " + set + " " + parts[1].numbers.length + Arrays.toString(words)
          + points[0].x() + state + guest.visits + (map.get(2) == guest);
    }

    Rich changed() {
      map.put(1, List.of("a", 2L));
      map.put(2, guest);
      words = new long[] {3, 4, 5};
      state = Thread.State.BLOCKED;
      guest.visits = (int) (guest.words[0] + points.length);
      return this;
    }
  }

  private static byte[] zip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(Snapshot.MAGIC);
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(content);
    }
    return out.toByteArray();
  }

  /// Every four bytes of a snapshot become others, those that ask for all the memory there is among them: it is loaded
  /// or refused, and nothing else.
  @Test
  void wrongContentIsRefused() throws IOException {
    byte[] saved = save(new Rich().changed());
    byte[] content;
    try (GZIPInputStream zip = new GZIPInputStream(new ByteArrayInputStream(saved, 8, saved.length - 8))) {
      content = zip.readAllBytes();
    }
    int refused = 0;
    for (int at = 0; at + 4 <= content.length; at++) {
      for (int word : new int[] {0x7fff_fff0, 0x8000_0000, -1, 0, 0x0102_0304}) {
        byte[] bad = content.clone();
        ByteBuffer.wrap(bad).putInt(at, word);
        byte[] zipped = zip(bad);
        try {
          load(new Rich(), zipped);
        } catch (Snapshot.Unfit e) {
          refused++;
        } catch (Exception | Error e) {
          throw new AssertionError("bytes " + at + " as " + Integer.toHexString(word), e);
        }
      }
    }
    assertTrue(refused > 3 * content.length, refused + " of " + content.length);
    Rich same = new Rich();
    load(same, zip(content));
    assertEquals(new Rich().changed().shown(), same.shown());
  }
}

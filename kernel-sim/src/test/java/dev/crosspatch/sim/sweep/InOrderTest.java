package dev.crosspatch.sim.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several pieces of work at a time, heard in order.
@Timeout(60)
final class InOrderTest {
  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The later a piece, the sooner it is done.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void inTheOrderOfTheWork(int jobs) {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Integer> heard = new ArrayList<>();
    new InOrder().each(IntStream.range(0, 40).<InOrder.Work<Integer>>mapToObj(i -> turn -> {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      pause((40 - i) % 7);
      running.decrementAndGet();
      return i;
    }).iterator(), jobs, heard::add);
    assertEquals(IntStream.range(0, 40).boxed().toList(), heard);
    assertTrue(most.get() <= jobs, most + " at a time");
  }

  @Test
  void severalAreDoneAtATime() {
    CountDownLatch both = new CountDownLatch(2);
    List<Boolean> met = new ArrayList<>();
    new InOrder().each(IntStream.range(0, 2).<InOrder.Work<Boolean>>mapToObj(i -> turn -> {
      both.countDown();
      try {
        return both.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        return false;
      }
    }).iterator(), 2, met::add);
    assertEquals(List.of(true, true), met);
  }

  /// Endless work ends: nothing is begun behind what was enough but what had been begun before.
  @Test
  void untilItIsEnough() {
    List<Long> heard = new ArrayList<>();
    Queue<Long> begun = new ConcurrentLinkedQueue<>();
    new InOrder().each(LongStream.iterate(0, i -> i + 1).<InOrder.Work<Long>>mapToObj(i -> turn -> {
      begun.add(i);
      return i;
    }).iterator(), 1, i -> {
      heard.add(i);
      return i < 5;
    });
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), heard);
    assertEquals(heard, List.copyOf(begun), "one at a time, and none ahead");
  }

  /// A later piece knows at once that it will not be heard; an earlier one is.
  @Test
  void thatWillBeTheLast() {
    CountDownLatch told = new CountDownLatch(1);
    List<String> heard = new ArrayList<>();
    List<InOrder.Work<String>> work = List.of(
        turn -> {
          pause(50);
          return turn.isStopped() + " " + turn.await();
        },
        turn -> {
          turn.isLast();
          told.countDown();
          return turn.isStopped() + " " + turn.await();
        },
        turn -> {
          try {
            told.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          assertFalse(turn.await());
          return "late " + turn.isStopped();
        });
    new InOrder().each(work.iterator(), 3, text -> {
      heard.add(text);
      return heard.size() < 3;
    });
    assertEquals(List.of("false true", "false true", "late true"), heard);
  }

  @Test
  void whatAPieceThrowsIsThrown() {
    IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> new InOrder().each(
        List.<InOrder.Work<String>>of(turn -> {
          throw new IllegalArgumentException("bad");
        }).iterator(), 2, text -> true));
    assertEquals("java.lang.IllegalArgumentException: bad", String.valueOf(thrown.getCause()));
  }
}

package dev.crosspatch.asm;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.TrapException;

/// Keystone on a thread of its own, so that a text on which it never returns costs a time limit and no more. After
/// such a text, or one that breaks Keystone, the next call opens it anew.
final class KeystoneWorker {
  /// Opening Keystone in a cold JVM on a busy machine is in this, and about 3000 new instructions.
  private static final long DEFAULT_LIMIT_MILLIS = 20_000;
  private static final long MILLIS_PER_STATEMENT = 5;
  private static final long STACK_BYTES = 16 << 20;

  private final int arch;
  private final int mode;
  private final long limitMillis;
  private @Nullable ExecutorService thread;
  private @Nullable Keystone keystone;
  private int calls;

  KeystoneWorker(int arch, int mode) {
    this(arch, mode, DEFAULT_LIMIT_MILLIS);
  }

  /// @param limitMillis time a call may take, apart from an allowance per line
  KeystoneWorker(int arch, int mode, long limitMillis) {
    this.arch = arch;
    this.mode = mode;
    this.limitMillis = limitMillis;
  }

  /// Begins to open Keystone, for a caller that has other things to do before it needs it. A failure shows at the first
  /// use.
  void open() {
    thread().execute(new FutureTask<>(this::keystone));
  }

  private ExecutorService thread() {
    if (thread == null) {
      thread = Executors.newSingleThreadExecutor(KeystoneWorker::newThread);
    }
    return thread;
  }

  /// Assembles `text`, with a problem of any kind in the result.
  Keystone.Result assemble(String text) {
    calls++;
    Future<Keystone.Result> answer = thread().submit(() -> keystone().assemble(text));
    long limit = limitMillis + MILLIS_PER_STATEMENT * text.lines().count();
    try {
      return answer.get(limit, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      drop();
      return new Keystone.Result(new byte[0], "Keystone does not come to an end with this in " + limit + " ms");
    } catch (ExecutionException e) {
      drop();
      return new Keystone.Result(new byte[0], broken(e.getCause()));
    } catch (InterruptedException e) {
      drop();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while assembling", e);
    }
  }

  /// How often [#assemble] was called.
  int calls() {
    return calls;
  }

  /// Runs on the worker's thread only.
  private Keystone keystone() {
    if (keystone == null) {
      keystone = new Keystone(arch, mode);
    }
    return keystone;
  }

  /// Gives up the thread, which may still be running, and its Keystone. Compiled WebAssembly looks for interrupts.
  private void drop() {
    if (thread != null) {
      thread.shutdownNow();
    }
    thread = null;
    keystone = null;
  }

  private static String broken(@Nullable Throwable cause) {
    return switch (cause) {
      case Keystone.Broken b -> b.getMessage() + " on this";
      case TrapException t -> "Keystone traps on this (" + t.getMessage() + ")";
      case StackOverflowError e -> "Keystone runs out of stack on this";
      case null, default -> throw new IllegalStateException("Keystone failed: " + cause, cause);
    };
  }

  private static Thread newThread(Runnable work) {
    Thread thread = new Thread(null, work, "keystone", STACK_BYTES);
    thread.setDaemon(true);
    return thread;
  }
}

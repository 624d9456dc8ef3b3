package dev.crosspatch.core.pipeline;

/// An instruction as the pipeline sees it, worked out once when it is decoded. Registers are numbers of
/// [dev.crosspatch.core.uop.Profile]; those that are missing are the one that is always ready, or the one that nobody
/// reads. Times are in [dev.crosspatch.core.time.ClockUnit]s.
public final class PipelineOp {
  /// Bits of [#flags].
  static final int LOADS = 1;

  static final int STORES = 2;
  static final int VECTOR = 4;
  /// The result is the loaded value as it is, so that the memory of a store can be renamed.
  static final int PLAIN = 8;
  static final int LOCKED = 16;
  static final int STACK = 32;
  /// It uses the stack pointer otherwise.
  static final int USES_STACK = 64;
  static final int SERIAL = 128;
  static final int DIVIDES = 256;
  /// Takes no port: the result is ready when the sources are.
  static final int FREE = 512;
  static final int RELATIVE = 1024;
  static final int FUSES = 2048;
  static final int BRANCH = 4096;
  /// Its stores come from a vector register.
  static final int VECTOR_DATA = 8192;
  /// Nobody can tell where it accesses memory.
  static final int UNKNOWN = 16384;

  static final int NOP = 32768;

  /// What takes more than a step through ports.
  static final int RARE = LOCKED | SERIAL | DIVIDES;

  int flags;
  int slots;
  int latency;
  /// Groups that a micro-op takes, and how far each moves on.
  int[] groups = {};

  int[] work = {};
  // ---- what it waits for
  int a0;
  int a1;
  int s0;
  int s1;
  int s2;
  int s3;
  // ---- what waits for it; the last is ready when the address is (write-back)
  int d0;
  int d1;
  int d2;
  int early;
  // ---- its access: `r[base] + (r[index] << scale) + displacement`
  int base;
  int index;
  int scale;
  long displacement;
  int loadBytes;
  int storeBytes;
  /// Accesses of each kind.
  int loads;

  int stores;
  /// Tells address expressions apart.
  int key;
  // ---- of a division
  int dividend;
  int divisor;
  int operandBits;

  PipelineOp() {}
}

package dev.crosspatch.core.pipeline;

/// An instruction as the pipeline sees it, worked out once when it is decoded. Registers are numbers of
/// [dev.crosspatch.core.uop.Profile]; those that are missing are the one that is always ready, or the one that nobody
/// reads. Times are in [dev.crosspatch.core.time.ClockUnit]s. Fields are narrow for the same reason as those of
/// [dev.crosspatch.core.mem.MicroOp].
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
  /// Pairs of a group that a micro-op takes, and how far that moves on; instructions that take the same share one.
  int[] ports = {};
  // ---- what it waits for
  byte a0;
  byte a1;
  byte s0;
  byte s1;
  byte s2;
  byte s3;
  // ---- what waits for it; the last is ready when the address is (write-back)
  byte d0;
  byte d1;
  byte d2;
  byte early;
  // ---- its access: `r[base] + (r[index] << scale) + displacement`
  byte base;
  byte index;
  byte scale;
  long displacement;
  short loadBytes;
  short storeBytes;
  /// Accesses of each kind.
  byte loads;

  byte stores;
  /// Tells address expressions apart.
  int key;
  // ---- of a division
  byte dividend;
  byte divisor;
  short operandBits;

  PipelineOp() {}
}

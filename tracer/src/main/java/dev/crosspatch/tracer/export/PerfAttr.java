package dev.crosspatch.tracer.export;

import dev.crosspatch.tracer.pt.PtConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The `perf_event_attr` of the one event a bundle has, Intel PT; side-band records hang on it as well. Layout:
/// `linux/perf_event.h`, PERF_ATTR_SIZE_VER7. Bits of `config`: the format that Linux's intel_pt driver publishes,
/// which are those of IA32_RTIT_CTL.
final class PerfAttr {
  private PerfAttr() {}

  static final int BYTES = 128;
  /// PMU type of Intel PT. Linux gives it out at boot; any number does that no fixed PMU has, as long as [AuxtraceInfo]
  /// repeats it.
  static final int PT_PMU = 8;

  // ---- config
  static final long PT = 1;
  static final long CYC = 1 << 1;
  static final long MTC = 1 << 9;
  static final long TSC = 1 << 10;
  static final long NO_RETURN_COMPRESSION = 1 << 11;
  static final long BRANCH = 1 << 13;
  static final int MTC_PERIOD_SHIFT = 14;
  static final long MTC_PERIOD = 15L << MTC_PERIOD_SHIFT;

  // ---- sample_type. perf refuses symbols without IP, and without TIME it decodes as if there were no time.
  private static final long SAMPLE_IP = 1;
  private static final long SAMPLE_TID = 1 << 1;
  private static final long SAMPLE_TIME = 1 << 2;
  private static final long SAMPLE_CPU = 1 << 7;
  private static final long SAMPLE_IDENTIFIER = 1 << 16;

  private static final long FORMAT_ID = 1 << 2;

  // ---- flags
  private static final long MMAP = 1 << 8;
  private static final long COMM = 1 << 9;
  private static final long SAMPLE_ID_ALL = 1 << 18;
  private static final long KSYMBOL = 1 << 29;
  private static final long TEXT_POKE = 1L << 33;

  static long config(PtConfig o) {
    return PT | BRANCH | (o.tsc() ? TSC : 0) | (o.cyc() ? CYC : 0)
        | (o.mtc() ? MTC | (long) o.mtcPeriod() << MTC_PERIOD_SHIFT : 0)
        | (o.retCompression() ? 0 : NO_RETURN_COMPRESSION);
  }

  static byte[] bytes(PtConfig traced) {
    ByteBuffer attr = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    attr.putInt(PT_PMU).putInt(BYTES).putLong(config(traced));
    attr.putLong(1); // sample_period
    attr.putLong(SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME | SAMPLE_CPU | SAMPLE_IDENTIFIER);
    attr.putLong(FORMAT_ID);
    attr.putLong(MMAP | COMM | SAMPLE_ID_ALL | KSYMBOL | TEXT_POKE);
    return attr.array();
  }
}

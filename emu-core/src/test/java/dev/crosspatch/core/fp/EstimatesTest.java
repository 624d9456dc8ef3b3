package dev.crosspatch.core.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// RCPPS and RSQRTPS: SDM volume 2.
class EstimatesTest {
  private static final double BOUND = 1.5 / 4096;

  @Test
  void estimatesOfOneBinadeAreAsNearAsTheManualWantsThem() {
    for (int a = Float.floatToRawIntBits(1); a < Float.floatToRawIntBits(4); a++) {
      double x = Float.intBitsToFloat(a);
      double recip = Float.intBitsToFloat(Estimates.recip12(a)) * x - 1;
      double rsqrt = Float.intBitsToFloat(Estimates.rsqrt12(a)) * Math.sqrt(x) - 1;
      assertTrue(Math.abs(recip) <= BOUND && Math.abs(rsqrt) <= BOUND, () -> x + ": " + recip + ", " + rsqrt);
    }
  }

  @Test
  void estimatesScaleWithTheExponent() {
    for (int exponent = -126; exponent < 125; exponent++) {
      int a = Float.floatToRawIntBits(Math.scalb(1.75f, exponent));
      int recip = Estimates.recip12(Float.floatToRawIntBits(1.75f)) - (exponent << 23);
      assertEquals(recip, Estimates.recip12(a));
      assertEquals(recip | 1 << 31, Estimates.recip12(a | 1 << 31));
      int scaled = Estimates.rsqrt12(Float.floatToRawIntBits((exponent & 1) == 0 ? 1.75f : 3.5f));
      assertEquals(scaled - (exponent >> 1 << 23), Estimates.rsqrt12(a));
    }
  }

  @Test
  void estimatesOfAllElseAreTheManualsTables() {
    edge(0, 0x7f80_0000, 0x7f80_0000);
    edge(0x8000_0000, 0xff80_0000, 0xff80_0000);
    edge(1, 0x7f80_0000, 0x7f80_0000);
    edge(0x807f_ffff, 0xff80_0000, 0xff80_0000);
    edge(0x7f80_0000, 0, 0);
    edge(0xff80_0000, 0x8000_0000, 0xffc0_0000);
    edge(0xbf80_0000, Estimates.recip12(0x3f80_0000) | 1 << 31, 0xffc0_0000);
    edge(0x7f80_0001, 0x7fc0_0001, 0x7fc0_0001);
    edge(0xffd5_5555, 0xffd5_5555, 0xffd5_5555);
    // 1.11111111110100000000000B * 2^125 is not flushed, 1.00000000000110000000001B * 2^126 is
    assertTrue(Estimates.recip12(0x7e7f_e800) >= 0x80_0000);
    assertEquals(0x8000_0000, Estimates.recip12(0xfe80_0c01));
  }

  private static void edge(int a, int recip, int rsqrt) {
    assertEquals(Integer.toHexString(recip), Integer.toHexString(Estimates.recip12(a)), "of " + Integer.toHexString(a));
    assertEquals(Integer.toHexString(rsqrt), Integer.toHexString(Estimates.rsqrt12(a)), "of " + Integer.toHexString(a));
  }
}

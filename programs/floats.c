/* Floating point without vectors: planets, a fractal, series, conversions, roundings and exceptions of fenv.h. */
#include "common.h"
#include <fenv.h>
#include <math.h>

static uint64_t bits(double x) {
  uint64_t b;
  memcpy(&b, &x, sizeof b);
  return b;
}

struct body { double x[3], v[3], mass; };

static uint64_t planets(int steps) {
  struct body b[4];
  for (int i = 0; i < 4; i++) {
    for (int k = 0; k < 3; k++) {
      b[i].x[k] = (double) (int64_t) next_random() / 9.3e18 * (i + 1);
      b[i].v[k] = (double) (int64_t) next_random() / 9.3e19;
    }
    b[i].mass = 1.0 / (1 + i);
  }
  for (int s = 0; s < steps; s++) {
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        double d[3], square = 0.01;
        for (int k = 0; k < 3; k++) {
          d[k] = b[j].x[k] - b[i].x[k];
          square += d[k] * d[k];
        }
        double pull = 0.001 * b[j].mass / (square * sqrt(square));
        for (int k = 0; k < 3; k++) {
          b[i].v[k] += pull * d[k];
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 3; k++) {
        b[i].x[k] += 0.001 * b[i].v[k];
      }
    }
  }
  return mix(START, b, sizeof b);
}

static uint64_t fractal(int size) {
  uint64_t sum = START;
  for (int y = 0; y < size; y++) {
    for (int x = 0; x < size; x++) {
      float cr = 3.0f * (float) x / (float) size - 2.0f, ci = 2.0f * (float) y / (float) size - 1.0f, r = 0, i = 0;
      int n = 0;
      for (; n < 50 && r * r + i * i < 4; n++) {
        float t = r * r - i * i + cr;
        i = 2 * r * i + ci;
        r = t;
      }
      sum = mix_word(sum, (uint64_t) n);
    }
  }
  return sum;
}

static uint64_t conversions(int n) {
  uint64_t sum = START;
  for (int i = 0; i < n; i++) {
    int64_t whole = (int64_t) next_random();
    whole >>= next_random() & 63;
    double d = (double) whole;
    float f = (float) whole;
    double e = (double) (uint64_t) whole;
    sum = mix_word(sum, bits(d) ^ bits(f) ^ bits(e));
    sum = mix_word(sum, (uint64_t) (int64_t) (d / 3) ^ (uint64_t) (int32_t) fmod(d, 1e6));
    sum = mix_word(sum, bits(floor(d / 7)) ^ bits(ceil(d / 7)) ^ bits(trunc(d / 7)) ^ bits(rint(d / 8)));
  }
  return sum;
}

/* The last digits of 1/3 in each rounding, and what divisions raise. */
static uint64_t environment(void) {
  static const int ways[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  static volatile double one = 1, three = 3, zero = 0, huge = 1e308, tiny = 1e-308, less = -1;
  uint64_t sum = START;
  for (int i = 0; i < 4; i++) {
    fesetround(ways[i]);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double third = one / three;
    volatile double large = huge * 10, small = tiny / 1e20;
    volatile long nearest = lrint(less * 2.5);
    int inexact = fetestexcept(FE_INEXACT) != 0, over = fetestexcept(FE_OVERFLOW) != 0;
    int under = fetestexcept(FE_UNDERFLOW) != 0;
    feclearexcept(FE_ALL_EXCEPT);
    volatile double infinite = one / zero;
    int divided = fetestexcept(FE_DIVBYZERO) != 0;
    volatile double invalid = sqrt(less);
    divided |= (fetestexcept(FE_INVALID) != 0) << 1;
    sum = mix_word(mix_word(mix_word(mix_word(sum, bits(third)), bits(large)), bits(small)), (uint64_t) nearest);
    sum = mix_word(sum, (uint64_t) (inexact | over << 1 | under << 2 | divided << 3 | (infinite > huge) << 5
        | (invalid != invalid) << 6));
  }
  fesetround(FE_TONEAREST);
  return sum;
}

int main(int argc, char **argv) {
  int n = rounds(argc, argv, 200);
  double pi = 0;
  for (int i = 0; i < 10 * n; i++) {
    pi += (i & 1 ? -4.0 : 4.0) / (2 * i + 1);
  }
  printf("floats: pi is about %.6f, sin 1 %.15f, e %.15f\n", pi, sin(1.0), exp(1.0));
  told("floats environment", environment());
  told("floats conversions", conversions(n));
  told("floats fractal", fractal(24));
  return told("floats planets", planets(n));
}

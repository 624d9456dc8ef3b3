/* Vector instructions by name, SSE2 or NEON (both are always there), beside loops over elements; both must agree. */
#include "common.h"

enum { N = 256 };

static uint8_t a[N], b[N], c[N], d[N];
static float x[N], y[N], z[N];
static int16_t s[N], t[N], w[N];

#if defined(__aarch64__)
#include <arm_neon.h>
static void blend(void) { /* rounded averages, saturated sums, greatest */
  for (int i = 0; i < N; i += 16) {
    uint8x16_t p = vld1q_u8(a + i), q = vld1q_u8(b + i);
    vst1q_u8(c + i, vrhaddq_u8(p, q));
    vst1q_u8(d + i, vmaxq_u8(vqaddq_u8(p, q), vqsubq_u8(p, q)));
  }
}
static uint32_t difference(void) { /* sum of absolute differences */
  uint32x4_t sum = vdupq_n_u32(0);
  for (int i = 0; i < N; i += 16) {
    sum = vpadalq_u16(sum, vpaddlq_u8(vabdq_u8(vld1q_u8(a + i), vld1q_u8(b + i))));
  }
  return vaddvq_u32(sum);
}
static void scale(float f) {
  for (int i = 0; i < N; i += 4) {
    float32x4_t v = vaddq_f32(vmulq_n_f32(vld1q_f32(x + i), f), vld1q_f32(y + i));
    vst1q_f32(z + i, vminq_f32(vsqrtq_f32(vabsq_f32(v)), vdupq_n_f32(8)));
  }
}
static void fixed(void) { /* high halves of products, shifted and packed with saturation */
  for (int i = 0; i < N; i += 8) {
    int16x8_t p = vld1q_s16(s + i), q = vld1q_s16(t + i);
    int32x4_t low = vmull_s16(vget_low_s16(p), vget_low_s16(q)), high = vmull_high_s16(p, q);
    vst1q_s16(w + i, vcombine_s16(vqmovn_s32(vshrq_n_s32(low, 12)), vqmovn_s32(vshrq_n_s32(high, 12))));
  }
}
#else
#include <emmintrin.h>
static __m128i load(const void *p) { return _mm_loadu_si128(p); }
static void blend(void) {
  for (int i = 0; i < N; i += 16) {
    __m128i p = load(a + i), q = load(b + i);
    _mm_storeu_si128((void *) (c + i), _mm_avg_epu8(p, q));
    _mm_storeu_si128((void *) (d + i), _mm_max_epu8(_mm_adds_epu8(p, q), _mm_subs_epu8(p, q)));
  }
}
static uint32_t difference(void) {
  __m128i sum = _mm_setzero_si128();
  for (int i = 0; i < N; i += 16) {
    sum = _mm_add_epi64(sum, _mm_sad_epu8(load(a + i), load(b + i)));
  }
  return (uint32_t) (_mm_cvtsi128_si32(sum) + _mm_cvtsi128_si32(_mm_srli_si128(sum, 8)));
}
static void scale(float f) {
  __m128 magnitude = _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff));
  for (int i = 0; i < N; i += 4) {
    __m128 v = _mm_add_ps(_mm_mul_ps(_mm_loadu_ps(x + i), _mm_set1_ps(f)), _mm_loadu_ps(y + i));
    _mm_storeu_ps(z + i, _mm_min_ps(_mm_sqrt_ps(_mm_and_ps(v, magnitude)), _mm_set1_ps(8)));
  }
}
static void fixed(void) {
  for (int i = 0; i < N; i += 8) {
    __m128i p = load(s + i), q = load(t + i), low = _mm_mullo_epi16(p, q), high = _mm_mulhi_epi16(p, q);
    __m128i one = _mm_srai_epi32(_mm_unpacklo_epi16(low, high), 12);
    __m128i two = _mm_srai_epi32(_mm_unpackhi_epi16(low, high), 12);
    _mm_storeu_si128((void *) (w + i), _mm_packs_epi32(one, two));
  }
}
#endif

static void check(int good, const char *what, int i) {
  if (!good) {
    printf("vectors: %s is wrong at %d\n", what, i);
    exit(1);
  }
}

static void checked(uint32_t distance) {
  uint32_t sum = 0;
  for (int i = 0; i < N; i++) {
    int plus = a[i] + b[i] > 255 ? 255 : a[i] + b[i], minus = a[i] < b[i] ? 0 : a[i] - b[i];
    int product = s[i] * t[i] >> 12;
    check(c[i] == (a[i] + b[i] + 1) >> 1, "average", i);
    check(d[i] == (plus > minus ? plus : minus), "saturation", i);
    check(w[i] == (product > 32767 ? 32767 : product < -32768 ? -32768 : product), "fixed point", i);
    sum += (uint32_t) abs(a[i] - b[i]);
  }
  check(sum == distance, "distance", 0);
}

int main(int argc, char **argv) {
  uint64_t sum = START;
  for (int n = rounds(argc, argv, 50); n > 0; n--) {
    for (int i = 0; i < N; i++) {
      uint64_t r = next_random();
      a[i] = (uint8_t) r;
      b[i] = (uint8_t) (r >> 8);
      s[i] = (int16_t) (r >> 16);
      t[i] = (int16_t) (r >> 32);
      x[i] = (float) (int16_t) (r >> 24) / 100;
      y[i] = (float) (int16_t) (r >> 40);
    }
    blend();
    scale(1.5f);
    fixed();
    checked(difference());
    sum = mix(mix(mix(mix(sum, c, sizeof c), d, sizeof d), z, sizeof z), w, sizeof w);
  }
  return told("vectors", sum);
}

/* MMX by name (compilers make SSE2 of its intrinsics on x86-64), in turn with x87, beside loops over elements; both
   must agree. Where there is no MMX the loops are alone. */
#include "common.h"

#if defined(__x86_64__)
enum { N = 256, MMX = 1 };
#else
enum { N = 256, MMX = 0 };
#endif

static uint8_t a[N], b[N], c[N], d[N], e[N];
static int16_t s[N], t[N], w[N], h[N];
static uint32_t distance;

#if defined(__x86_64__)
typedef uint64_t word __attribute__((vector_size(8)));

#define TWO(name) \
  static inline word name(word x, word y) { \
    __asm__ volatile(#name " %1, %0" : "+y"(x) : "y"(y)); \
    return x; \
  }
TWO(paddusb) TWO(psubusb) TWO(pmaxub) TWO(pavgb) TWO(psadbw) TWO(paddd) TWO(pmullw) TWO(pmulhw) TWO(packssdw)
TWO(punpcklwd) TWO(punpckhwd) TWO(pcmpgtw) TWO(pand) TWO(pandn) TWO(por) TWO(punpcklbw) TWO(packuswb)

#define SHIFTED(name, bits) \
  static inline word name##bits(word x) { \
    __asm__ volatile(#name " $" #bits ", %0" : "+y"(x)); \
    return x; \
  }
SHIFTED(psrad, 12) SHIFTED(psrlw, 8)

static inline word load(const void *p) {
  word x;
  __asm__ volatile("movq %1, %0" : "=y"(x) : "m"(*(const uint64_t *) p));
  return x;
}
static inline void store(void *p, word x) { __asm__ volatile("movq %1, %0" : "=m"(*(uint64_t *) p) : "y"(x)); }
static inline uint32_t low(word x) {
  uint32_t r;
  __asm__ volatile("movd %1, %0" : "=r"(r) : "y"(x));
  return r;
}
static inline word shuffled(word x) { /* words 2, 0, 3, 1 */
  __asm__ volatile("pshufw $0x72, %0, %0" : "+y"(x));
  return x;
}
static inline void done(void) { __asm__ volatile("emms" ::: "memory"); }

__attribute__((noinline)) static void bytes(void) {
  word sum = {0};
  for (int i = 0; i < N; i += 8) {
    word p = load(a + i), q = load(b + i);
    store(c + i, pavgb(p, q));
    store(d + i, pmaxub(paddusb(p, q), psubusb(p, q)));
    store(e + i, packuswb(psrlw8(punpcklbw(p, q)), psrlw8(p)));
    sum = paddd(sum, psadbw(p, q));
  }
  distance = low(sum);
  done();
}
__attribute__((noinline)) static void words(void) {
  for (int i = 0; i < N; i += 4) {
    word p = load(s + i), q = load(t + i), l = pmullw(p, q), m = pmulhw(p, q), greater = pcmpgtw(p, q);
    store(w + i, packssdw(psrad12(punpcklwd(l, m)), psrad12(punpckhwd(l, m))));
    store(h + i, shuffled(por(pand(greater, p), pandn(greater, q))));
  }
  done();
}
#else
static void bytes(void) {
  distance = 0;
  for (int i = 0; i < N; i++) {
    distance += (uint32_t) abs(a[i] - b[i]);
  }
}
static void words(void) {}
#endif

static void check(int good, const char *what, int i) {
  if (!good) {
    printf("mmx: %s is wrong at %d\n", what, i);
    exit(1);
  }
}

/* What the loops give, which must be what the instructions gave. */
static void same(void *made, const void *expected, size_t bytes, const char *what, int i) {
  check(!MMX || memcmp(made, expected, bytes) == 0, what, i);
  memcpy(made, expected, bytes);
}

static void looped(void) {
  static const int order[] = {2, 0, 3, 1};
  uint32_t sum = 0;
  for (int i = 0; i < N; i++) {
    int plus = a[i] + b[i] > 255 ? 255 : a[i] + b[i], minus = a[i] < b[i] ? 0 : a[i] - b[i];
    int product = s[i] * t[i] >> 12, from = (i & -4) + order[i & 3];
    uint8_t average = (uint8_t) ((a[i] + b[i] + 1) >> 1), most = (uint8_t) (plus > minus ? plus : minus);
    uint8_t odd = (i & 7) < 4 ? b[(i & -8) + (i & 7)] : a[(i & -8) + 2 * (i & 3) + 1];
    int16_t fixed = (int16_t) (product > 32767 ? 32767 : product < -32768 ? -32768 : product);
    int16_t greater = s[from] > t[from] ? s[from] : t[from];
    same(c + i, &average, 1, "average", i);
    same(d + i, &most, 1, "saturation", i);
    same(e + i, &odd, 1, "packed", i);
    same(w + i, &fixed, 2, "fixed point", i);
    same(h + i, &greater, 2, "the greater", i);
    sum += (uint32_t) abs(a[i] - b[i]);
  }
  same(&distance, &sum, sizeof sum, "distance", 0);
}

int main(int argc, char **argv) {
  uint64_t sum = START;
  uint64_t count = 0;
  long double total = 0;
  for (int n = rounds(argc, argv, 50); n > 0; n--) {
    for (int i = 0; i < N; i++) {
      uint64_t r = next_random();
      a[i] = (uint8_t) r;
      b[i] = (uint8_t) (r >> 8);
      s[i] = (int16_t) (r >> 16);
      t[i] = (int16_t) (r >> 32);
    }
    bytes();
    total += distance / 4.0L; /* x87 on x86-64, whose stack is empty behind EMMS */
    words();
    looped();
    count += distance;
    check(total * 4 == count, "x87", n);
    sum = mix(mix(mix(mix(mix(sum, c, sizeof c), d, sizeof d), e, sizeof e), w, sizeof w), h, sizeof h);
    sum = mix_word(sum, distance);
  }
  return told("mmx", sum);
}

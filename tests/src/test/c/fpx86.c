// SSE, FMA and F16C operations on the host CPU: the oracle of FloatHostCpuTest; fp.h says how it is called. The control
// register is MXCSR; an exception that is not masked is taken as a signal, after which the value is zero.
#define _GNU_SOURCE
#include "fp.h"
#include <immintrin.h>
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile uint32_t raised;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void) number, (void) info;
  raised = ((ucontext_t *) context)->uc_mcontext.fpregs->mxcsr;
  siglongjmp(back, 1);
}

static __m128i x(uint64_t low) { return _mm_set_epi64x(0, (long long) low); }

#define RESULT(bits, r) ((struct result) {(uint64_t) _mm_cvtsi128_si64(r) & (~0ull >> (64 - bits)), status & 63})
#define START(v) uint32_t control = (uint32_t) (v)->control, status
#define AROUND(instruction) "ldmxcsr %[control]\n\t" instruction "\n\tstmxcsr %[status]"

// dst = dst op src, or dst = op src
#define TO_XMM(name, bits, instruction)                                              \
  static struct result name(const struct vector *v) {                                \
    START(v);                                                                        \
    __m128i r = x(v->a);                                                             \
    asm volatile(AROUND(instruction) : [r] "+x"(r), [status] "=m"(status)            \
                 : [control] "m"(control), [b] "x"(x(v->b)), [c] "x"(x(v->c)),       \
                   [integer] "r"(v->a));                                             \
    return RESULT(bits, r);                                                          \
  }

// a packed operation on one element: its bits, those of the result
#define TO_ONE(name, from, to, instruction)                                          \
  TO_XMM(name##_all, to, instruction)                                                \
  static struct result name(const struct vector *v) {                                \
    struct vector one = {v->control, v->a & (~0ull >> (64 - from)), 0, 0};           \
    return name##_all(&one);                                                         \
  }

// an integer of a floating-point number
#define TO_REGISTER(name, instruction)                                               \
  static struct result name(const struct vector *v) {                                \
    START(v);                                                                        \
    uint64_t r;                                                                      \
    asm volatile(AROUND(instruction) : [r] "=r"(r), [status] "=m"(status)            \
                 : [control] "m"(control), [a] "x"(x(v->a)));                        \
    return (struct result) {r, status & 63};                                         \
  }

#define COMPARE(name)                                                                \
  static struct result name(const struct vector *v) {                                \
    START(v);                                                                        \
    uint8_t unordered, less, equal;                                                  \
    asm volatile(AROUND(#name " %[b], %[a]\n\tsetp %[u]\n\tsetb %[l]\n\tsete %[e]")  \
                 : [u] "=&r"(unordered), [l] "=&r"(less), [e] "=&r"(equal), [status] "=m"(status) \
                 : [control] "m"(control), [a] "x"(x(v->a)), [b] "x"(x(v->b)) : "cc"); \
    return (struct result) {unordered ? 3 : less ? 0 : equal ? 1 : 2, status & 63};  \
  }

#define BOTH(name)                                                                   \
  TO_XMM(name##ss, 32, #name "ss %[b], %[r]")                                        \
  TO_XMM(name##sd, 64, #name "sd %[b], %[r]")
#define ROUND(name, mode)                                                            \
  TO_XMM(roundss##name, 32, "roundss $" #mode ", %[r], %[r]")                        \
  TO_XMM(roundsd##name, 64, "roundsd $" #mode ", %[r], %[r]")
#define INTEGER(name)                                                                \
  TO_REGISTER(name##si32, #name "si %[a], %k[r]")                                    \
  TO_REGISTER(name##si64, #name "si %[a], %[r]")

BOTH(add) BOTH(sub) BOTH(mul) BOTH(div) BOTH(min) BOTH(max)
TO_XMM(sqrtss, 32, "sqrtss %[r], %[r]")
TO_XMM(sqrtsd, 64, "sqrtsd %[r], %[r]")
#define FMA(order)                                                                   \
  TO_XMM(vfmadd##order##ss, 32, "vfmadd" #order "ss %[c], %[b], %[r]")               \
  TO_XMM(vfmadd##order##sd, 64, "vfmadd" #order "sd %[c], %[b], %[r]")
FMA(132) FMA(213) FMA(231)
TO_XMM(cvtss2sd, 64, "cvtss2sd %[r], %[r]")
TO_XMM(cvtsd2ss, 32, "cvtsd2ss %[r], %[r]")
TO_ONE(vcvtph2ps, 16, 32, "vcvtph2ps %[r], %[r]")
TO_ONE(vcvtps2ph, 32, 16, "vcvtps2ph $4, %[r], %[r]")
TO_ONE(vcvtps2phup, 32, 16, "vcvtps2ph $2, %[r], %[r]")
TO_XMM(cvtsi2ss32, 32, "cvtsi2ss %k[integer], %[r]")
TO_XMM(cvtsi2ss64, 32, "cvtsi2ss %[integer], %[r]")
TO_XMM(cvtsi2sd32, 64, "cvtsi2sd %k[integer], %[r]")
TO_XMM(cvtsi2sd64, 64, "cvtsi2sd %[integer], %[r]")
TO_XMM(rcpss, 32, "rcpss %[r], %[r]")
TO_XMM(rsqrtss, 32, "rsqrtss %[r], %[r]")
INTEGER(cvtss2) INTEGER(cvttss2) INTEGER(cvtsd2) INTEGER(cvttsd2)
ROUND(even, 0) ROUND(down, 1) ROUND(up, 2) ROUND(zero, 3) ROUND(mxcsr, 4) ROUND(quietly, 12)
COMPARE(comiss) COMPARE(comisd) COMPARE(ucomiss) COMPARE(ucomisd)

#define ROW(name) {#name, name}
#define ROWS(name) ROW(name##ss), ROW(name##sd)
#define ROUND_ROWS(name) ROW(roundss##name), ROW(roundsd##name)
static const struct operation OPERATIONS[] = {
    ROWS(add), ROWS(sub), ROWS(mul), ROWS(div), ROWS(min), ROWS(max), ROWS(sqrt),
    ROWS(vfmadd132), ROWS(vfmadd213), ROWS(vfmadd231),
    ROW(cvtss2sd), ROW(cvtsd2ss), ROW(vcvtph2ps), ROW(vcvtps2ph), ROW(vcvtps2phup),
    ROW(cvtsi2ss32), ROW(cvtsi2ss64), ROW(cvtsi2sd32), ROW(cvtsi2sd64),
    ROW(cvtss2si32), ROW(cvtss2si64), ROW(cvttss2si32), ROW(cvttss2si64),
    ROW(cvtsd2si32), ROW(cvtsd2si64), ROW(cvttsd2si32), ROW(cvttsd2si64),
    ROUND_ROWS(even), ROUND_ROWS(down), ROUND_ROWS(up), ROUND_ROWS(zero), ROUND_ROWS(mxcsr), ROUND_ROWS(quietly),
    ROWS(comi), ROWS(ucomi), ROW(rcpss), ROW(rsqrtss), {0, 0}};

static struct result guarded(const struct operation *o, const struct vector *v) {
  if (sigsetjmp(back, 1)) {
    return (struct result) {0, raised & 63};
  }
  return o->run(v);
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "features")) {
    printf("%d\n", __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"));
    return 0;
  }
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, 0);
  return run_all(argv + 1, OPERATIONS);
}

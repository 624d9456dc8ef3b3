// A64 floating-point operations, for qemu-aarch64: the oracle of FloatQemuTest; fp.h says how it is called. The control
// register is FPCR, the status register FPSR.
#include "fp.h"

#define STATUS(value) ((struct result) {value, status & 0x9f})
#define AROUND(instruction) \
  "msr fpcr, %[control]\n\tmsr fpsr, xzr\n\t" instruction "\n\tmrs %[status], fpsr\n\tmsr fpcr, xzr"
#define OUTPUTS [r] "=&r"(r), [status] "=&r"(status)
#define INPUTS [control] "r"(v->control), [a] "r"(v->a), [b] "r"(v->b), [c] "r"(v->c)
#define CLOBBERED "v0", "v1", "v2", "v3", "cc", "memory"
#define LOADS "fmov d1, %[a]\n\tfmov d2, %[b]\n\tfmov d3, %[c]\n\t"

// v0 = an instruction of v1, v2, v3
#define OPERATION(name, instruction)                                                  \
  static struct result name(const struct vector *v) {                                 \
    uint64_t r, status;                                                               \
    asm volatile(LOADS AROUND(instruction) "\n\tfmov %[r], d0" : OUTPUTS : INPUTS : CLOBBERED); \
    return STATUS(r);                                                                 \
  }
// r = an instruction of v1
#define TO_REGISTER(name, instruction)                                                \
  static struct result name(const struct vector *v) {                                 \
    uint64_t r, status;                                                               \
    asm volatile(LOADS AROUND(instruction) : OUTPUTS : INPUTS : CLOBBERED);           \
    return STATUS(r);                                                                 \
  }
#define COMPARISON(name, instruction)                                                 \
  static struct result name(const struct vector *v) {                                 \
    uint64_t r, status;                                                               \
    asm volatile(LOADS AROUND(instruction) "\n\tmrs %[r], nzcv" : OUTPUTS : INPUTS : CLOBBERED); \
    r = r >> 28;                                                                      \
    return STATUS(r == 3 ? 3 : r == 8 ? 0 : r == 6 ? 1 : 2);                          \
  }

#define FORMATS(M) M(h) M(s) M(d)
#define OF_TWO(f)                                       \
  OPERATION(fadd_##f, "fadd " #f "0, " #f "1, " #f "2") \
  OPERATION(fsub_##f, "fsub " #f "0, " #f "1, " #f "2") \
  OPERATION(fmul_##f, "fmul " #f "0, " #f "1, " #f "2") \
  OPERATION(fdiv_##f, "fdiv " #f "0, " #f "1, " #f "2") \
  OPERATION(fmin_##f, "fmin " #f "0, " #f "1, " #f "2") \
  OPERATION(fmax_##f, "fmax " #f "0, " #f "1, " #f "2") \
  OPERATION(fminnm_##f, "fminnm " #f "0, " #f "1, " #f "2") \
  OPERATION(fmaxnm_##f, "fmaxnm " #f "0, " #f "1, " #f "2") \
  OPERATION(fmulx_##f, "fmulx " #f "0, " #f "1, " #f "2")   \
  OPERATION(frecps_##f, "frecps " #f "0, " #f "1, " #f "2") \
  OPERATION(frsqrts_##f, "frsqrts " #f "0, " #f "1, " #f "2") \
  COMPARISON(fcmp_##f, "fcmp " #f "1, " #f "2")             \
  COMPARISON(fcmpe_##f, "fcmpe " #f "1, " #f "2")
#define OF_THREE(f)                                                   \
  OPERATION(fmadd_##f, "fmadd " #f "0, " #f "1, " #f "2, " #f "3")    \
  OPERATION(fnmsub_##f, "fnmsub " #f "0, " #f "1, " #f "2, " #f "3")
#define OF_ONE(f)                                   \
  OPERATION(fsqrt_##f, "fsqrt " #f "0, " #f "1")    \
  OPERATION(frecpe_##f, "frecpe " #f "0, " #f "1")  \
  OPERATION(frsqrte_##f, "frsqrte " #f "0, " #f "1") \
  OPERATION(frecpx_##f, "frecpx " #f "0, " #f "1")  \
  OPERATION(frintn_##f, "frintn " #f "0, " #f "1")  \
  OPERATION(frintp_##f, "frintp " #f "0, " #f "1")  \
  OPERATION(frintm_##f, "frintm " #f "0, " #f "1")  \
  OPERATION(frintz_##f, "frintz " #f "0, " #f "1")  \
  OPERATION(frinta_##f, "frinta " #f "0, " #f "1")  \
  OPERATION(frintx_##f, "frintx " #f "0, " #f "1")  \
  OPERATION(frinti_##f, "frinti " #f "0, " #f "1")
#define INTEGERS(f)                                     \
  TO_REGISTER(fcvtnsw_##f, "fcvtns %w[r], " #f "1")     \
  TO_REGISTER(fcvtnux_##f, "fcvtnu %[r], " #f "1")      \
  TO_REGISTER(fcvtpsx_##f, "fcvtps %[r], " #f "1")      \
  TO_REGISTER(fcvtmuw_##f, "fcvtmu %w[r], " #f "1")     \
  TO_REGISTER(fcvtasx_##f, "fcvtas %[r], " #f "1")      \
  TO_REGISTER(fcvtzsw_##f, "fcvtzs %w[r], " #f "1")     \
  TO_REGISTER(fcvtzux_##f, "fcvtzu %[r], " #f "1")      \
  TO_REGISTER(fcvtzsx9_##f, "fcvtzs %[r], " #f "1, #9") \
  TO_REGISTER(fcvtzuw32_##f, "fcvtzu %w[r], " #f "1, #32") \
  OPERATION(scvtfw_##f, "scvtf " #f "0, %w[a]")         \
  OPERATION(ucvtfx_##f, "ucvtf " #f "0, %[a]")          \
  OPERATION(scvtfx_##f, "scvtf " #f "0, %[a]")          \
  OPERATION(scvtfx64_##f, "scvtf " #f "0, %[a], #64")   \
  OPERATION(ucvtfw7_##f, "ucvtf " #f "0, %w[a], #7")
FORMATS(OF_TWO) FORMATS(OF_THREE) FORMATS(OF_ONE) FORMATS(INTEGERS)
OPERATION(fcvt_hs, "fcvt h0, s1")
OPERATION(fcvt_hd, "fcvt h0, d1")
OPERATION(fcvt_sh, "fcvt s0, h1")
OPERATION(fcvt_sd, "fcvt s0, d1")
OPERATION(fcvt_dh, "fcvt d0, h1")
OPERATION(fcvt_ds, "fcvt d0, s1")
OPERATION(fcvtxn, "fcvtxn s0, d1")
OPERATION(fcvtzsv_h, "fcvtzs h0, h1")
OPERATION(fcvtauv_h, "fcvtau h0, h1")
OPERATION(ucvtfv_h, "ucvtf h0, h1")
OPERATION(urecpe, "urecpe v0.2s, v1.2s\n\tmov v0.s[1], wzr")
OPERATION(ursqrte, "ursqrte v0.2s, v1.2s\n\tmov v0.s[1], wzr")

#define ROW(name) {#name, name},
#define ROWS_OF_TWO(f)                                                                                               \
  ROW(fadd_##f) ROW(fsub_##f) ROW(fmul_##f) ROW(fdiv_##f) ROW(fmin_##f) ROW(fmax_##f) ROW(fminnm_##f) ROW(fmaxnm_##f) \
  ROW(fmulx_##f) ROW(frecps_##f) ROW(frsqrts_##f) ROW(fcmp_##f) ROW(fcmpe_##f) ROW(fmadd_##f) ROW(fnmsub_##f)
#define ROWS_OF_ONE(f)                                                                                        \
  ROW(fsqrt_##f) ROW(frecpe_##f) ROW(frsqrte_##f) ROW(frecpx_##f) ROW(frintn_##f) ROW(frintp_##f) ROW(frintm_##f) \
  ROW(frintz_##f) ROW(frinta_##f) ROW(frintx_##f) ROW(frinti_##f)
#define ROWS_OF_INTEGERS(f)                                                                               \
  ROW(fcvtnsw_##f) ROW(fcvtnux_##f) ROW(fcvtpsx_##f) ROW(fcvtmuw_##f) ROW(fcvtasx_##f) ROW(fcvtzsw_##f)   \
  ROW(fcvtzux_##f) ROW(fcvtzsx9_##f) ROW(fcvtzuw32_##f) ROW(scvtfw_##f) ROW(ucvtfx_##f) ROW(scvtfx_##f)   \
  ROW(scvtfx64_##f) ROW(ucvtfw7_##f)
static const struct operation OPERATIONS[] = {
    FORMATS(ROWS_OF_TWO) FORMATS(ROWS_OF_ONE) FORMATS(ROWS_OF_INTEGERS)
    ROW(fcvt_hs) ROW(fcvt_hd) ROW(fcvt_sh) ROW(fcvt_sd) ROW(fcvt_dh) ROW(fcvt_ds) ROW(fcvtxn)
    ROW(fcvtzsv_h) ROW(fcvtauv_h) ROW(ucvtfv_h) ROW(urecpe) ROW(ursqrte) {0, 0}};

static struct result guarded(const struct operation *o, const struct vector *v) { return o->run(v); }

int main(int argc, char **argv) { return argc ? run_all(argv + 1, OPERATIONS) : 2; }

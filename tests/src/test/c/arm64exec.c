// Runs A64 snippets from a file of vectors and writes the state they leave: the oracle side of Arm64QemuTest and
// Arm64QemuFaultTest, built static for AArch64 and run under qemu-aarch64 (or on a real machine).
//
// Usage: arm64exec VECTORS RESULTS [edges]. All numbers little-endian. A vector is
//   u64 x[31], sp, nzcv, count of words, fpcr, fpsr, v[32][2]; u32 words[8]; u64 scratch[64]
// and a result
//   u64 x[31], sp, nzcv, signal (0 if none), fpcr, fpsr, v[32][2]; u64 si_code, si_addr, pc; u64 scratch[64].
// The words run at CODE; scratch lies at SCRATCH, with 64 KiB below it and above. With "edges" it is what lies at the
// edges of pages instead: from EDGES on a page to read and write, none, one to read and write, one to read, none. The
// addresses are fixed, so that results that depend on the PC agree.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x40200000ul
#define SCRATCH 0x40280000ul
#define EDGES 0x402a0000ul
#define PAGE 0x1000ul
#define AREA 0x10000ul
#define SCRATCH_BYTES 512

struct state { uint64_t x[31], sp, nzcv, end, fpcr, fpsr, v[64]; };
struct vector { struct state in; uint32_t words[8]; uint64_t scratch[SCRATCH_BYTES / 8]; };
struct fault { uint64_t code, address, pc; };
struct result { struct state out; struct fault fault; uint64_t scratch[SCRATCH_BYTES / 8]; };

// Shared with the stubs below.
struct state *arm64exec_state;
uint64_t arm64exec_sp, arm64exec_tls;

static struct fault fault;

// What lies at the edges of pages: offset from EDGES, bytes of scratch. The pages are written elsewhere.
static const struct { uint64_t at, bytes; } edges[] = {
  {PAGE - 128, 128}, {2 * PAGE, 128}, {3 * PAGE - 128, 128}, {3 * PAGE, 64}, {4 * PAGE - 64, 64}};
static char *alias;

// run: loads everything and jumps to CODE. done: the snippet jumps here with all registers live; only TPIDR_EL0 is
// free.
void arm64exec_run(void);
void arm64exec_done(void);
void arm64exec_back(void);
__asm__(
    ".text\n"
    ".globl arm64exec_run, arm64exec_done, arm64exec_back\n"
    "arm64exec_run:\n"
    "  stp x29, x30, [sp, #-160]!\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
    "  stp x19, x20, [sp, #16]\n  stp x21, x22, [sp, #32]\n  stp x23, x24, [sp, #48]\n"
    "  stp x25, x26, [sp, #64]\n  stp x27, x28, [sp, #80]\n"
    "  mov x0, sp\n  ldr x1, =arm64exec_sp\n  str x0, [x1]\n"
    "  mrs x0, tpidr_el0\n  ldr x1, =arm64exec_tls\n  str x0, [x1]\n"
    "  ldr x30, =arm64exec_state\n  ldr x30, [x30]\n"
    "  ldp x0, x1, [x30, #272]\n  msr fpcr, x0\n  msr fpsr, x1\n  add x0, x30, #288\n"
    "  ld1 {v0.2d-v3.2d}, [x0], #64\n  ld1 {v4.2d-v7.2d}, [x0], #64\n  ld1 {v8.2d-v11.2d}, [x0], #64\n"
    "  ld1 {v12.2d-v15.2d}, [x0], #64\n  ld1 {v16.2d-v19.2d}, [x0], #64\n  ld1 {v20.2d-v23.2d}, [x0], #64\n"
    "  ld1 {v24.2d-v27.2d}, [x0], #64\n  ld1 {v28.2d-v31.2d}, [x0]\n"
    "  ldr x0, [x30, #248]\n  mov sp, x0\n  ldr x0, [x30, #256]\n  msr nzcv, x0\n"
    "  ldp x0, x1, [x30]\n  ldp x2, x3, [x30, #16]\n  ldp x4, x5, [x30, #32]\n  ldp x6, x7, [x30, #48]\n"
    "  ldp x8, x9, [x30, #64]\n  ldp x10, x11, [x30, #80]\n  ldp x12, x13, [x30, #96]\n  ldp x14, x15, [x30, #112]\n"
    "  ldp x16, x17, [x30, #128]\n  ldp x18, x19, [x30, #144]\n  ldp x20, x21, [x30, #160]\n  ldp x22, x23, [x30, #176]\n"
    "  ldp x24, x25, [x30, #192]\n  ldp x26, x27, [x30, #208]\n  ldp x28, x29, [x30, #224]\n"
    "  ldr x30, [x30, #240]\n"
    "  b arm64exec_code\n"
    "arm64exec_done:\n"
    "  msr tpidr_el0, x30\n"
    "  ldr x30, =arm64exec_state\n  ldr x30, [x30]\n"
    "  stp x0, x1, [x30]\n  stp x2, x3, [x30, #16]\n  stp x4, x5, [x30, #32]\n  stp x6, x7, [x30, #48]\n"
    "  stp x8, x9, [x30, #64]\n  stp x10, x11, [x30, #80]\n  stp x12, x13, [x30, #96]\n  stp x14, x15, [x30, #112]\n"
    "  stp x16, x17, [x30, #128]\n  stp x18, x19, [x30, #144]\n  stp x20, x21, [x30, #160]\n  stp x22, x23, [x30, #176]\n"
    "  stp x24, x25, [x30, #192]\n  stp x26, x27, [x30, #208]\n  stp x28, x29, [x30, #224]\n"
    "  mrs x0, tpidr_el0\n  mov x1, sp\n  stp x0, x1, [x30, #240]\n  mrs x0, nzcv\n  str x0, [x30, #256]\n"
    "  mrs x0, fpcr\n  mrs x1, fpsr\n  stp x0, x1, [x30, #272]\n  add x0, x30, #288\n"
    "  st1 {v0.2d-v3.2d}, [x0], #64\n  st1 {v4.2d-v7.2d}, [x0], #64\n  st1 {v8.2d-v11.2d}, [x0], #64\n"
    "  st1 {v12.2d-v15.2d}, [x0], #64\n  st1 {v16.2d-v19.2d}, [x0], #64\n  st1 {v20.2d-v23.2d}, [x0], #64\n"
    "  st1 {v24.2d-v27.2d}, [x0], #64\n  st1 {v28.2d-v31.2d}, [x0]\n"
    "arm64exec_back:\n"
    "  ldr x1, =arm64exec_tls\n  ldr x0, [x1]\n  msr tpidr_el0, x0\n"
    "  ldr x1, =arm64exec_sp\n  ldr x0, [x1]\n  mov sp, x0\n"
    "  msr fpcr, xzr\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
    "  ldp x19, x20, [sp, #16]\n  ldp x21, x22, [sp, #32]\n  ldp x23, x24, [sp, #48]\n"
    "  ldp x25, x26, [sp, #64]\n  ldp x27, x28, [sp, #80]\n  ldp x29, x30, [sp], #160\n"
    "  ret\n"
    "  .ltorg\n");

// Signals arrive with the snippet's registers; keep them and leave by arm64exec_back. The handler itself must not need
// TLS.
static void caught(int number, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  const struct fpsimd_context *f = (const void *)u->uc_mcontext.__reserved;
  struct state *s = arm64exec_state;
  for (int i = 0; i < 31; i++) {
    s->x[i] = u->uc_mcontext.regs[i];
  }
  s->sp = u->uc_mcontext.sp;
  s->nzcv = u->uc_mcontext.pstate & 0xf0000000u;
  s->end = (uint64_t)number;
  if (f->head.magic == FPSIMD_MAGIC) {
    s->fpsr = f->fpsr;
    s->fpcr = f->fpcr;
    memcpy(s->v, f->vregs, sizeof s->v);
  }
  fault = (struct fault){(uint64_t)info->si_code, (uint64_t)info->si_addr, u->uc_mcontext.pc};
  u->uc_mcontext.pc = (uint64_t)arm64exec_back;
}

static void map(uint64_t address, int protection) {
  void *at = mmap((void *)address, AREA, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (at != (void *)address) {
    perror("arm64exec: mmap");
    exit(2);
  }
}

static void map_edges(void) {
  static const int rights[] = {PROT_READ | PROT_WRITE, PROT_NONE, PROT_READ | PROT_WRITE, PROT_READ};
  int file = memfd_create("edges", 0);
  if (file < 0 || ftruncate(file, 4 * PAGE) != 0) {
    perror("arm64exec: memfd_create");
    exit(2);
  }
  alias = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  for (uint64_t i = 0; i < 4; i++) {
    char *at = (char *)(EDGES + i * PAGE);
    if (rights[i] != PROT_NONE && mmap(at, PAGE, rights[i], MAP_SHARED | MAP_FIXED, file, (off_t)(i * PAGE)) != at) {
      perror("arm64exec: mmap");
      exit(2);
    }
  }
}

// Copies scratch to where it lies, or back.
static void move(uint64_t *scratch, int back) {
  char *at = (char *)scratch;
  if (!alias) {
    memcpy(back ? at : (char *)SCRATCH, back ? (char *)SCRATCH : at, SCRATCH_BYTES);
    return;
  }
  for (unsigned i = 0; i < sizeof edges / sizeof edges[0]; i++) {
    char *page = alias + edges[i].at;
    memcpy(back ? at : page, back ? page : at, edges[i].bytes);
    at += edges[i].bytes;
  }
}

static void prepare(void) {
  static char stack[65536];
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
  for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    sigaction(numbers[i], &action, NULL);
  }
  map(CODE, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(SCRATCH - AREA, PROT_READ | PROT_WRITE);
  map(SCRATCH, PROT_READ | PROT_WRITE);
}

// The word of an unconditional branch.
static uint32_t branch(uint64_t from, uint64_t to) {
  return 0x14000000u | ((uint32_t)((int64_t)(to - from) >> 2) & 0x3ffffffu);
}

static void run(struct vector *v, struct result *r) {
  uint32_t *code = (uint32_t *)CODE;
  uint64_t count = v->in.end;
  memcpy(code, v->words, sizeof v->words);
  for (uint64_t i = count; i <= 8; i++) {
    code[i] = branch(CODE + 4 * i, (uint64_t)arm64exec_done);
  }
  __builtin___clear_cache((char *)code, (char *)(code + 9));
  move(v->scratch, 0);
  fault = (struct fault){0};
  r->out = v->in;
  r->out.end = 0;
  arm64exec_state = &r->out;
  arm64exec_run();
  r->out.nzcv &= 0xf0000000u;
  r->fault = fault;
  move(r->scratch, 1);
}

int main(int argc, char **argv) {
  int at_edges = argc == 4 && !strcmp(argv[3], "edges");
  FILE *in = argc == 3 + at_edges ? fopen(argv[1], "rb") : NULL;
  FILE *out = in ? fopen(argv[2], "wb") : NULL;
  if (!out) {
    fprintf(stderr, "usage: arm64exec VECTORS RESULTS [edges]\n");
    return 2;
  }
  prepare();
  if (at_edges) {
    map_edges();
  }
  static struct vector v;
  static struct result r;
  while (fread(&v, sizeof v, 1, in) == 1) {
    run(&v, &r);
    fwrite(&r, sizeof r, 1, out);
  }
  return fclose(out) == 0 ? 0 : 2;
}

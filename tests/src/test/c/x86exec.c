// Runs x86-64 snippets from a file of vectors on the host CPU and writes the state they leave: the oracle side of X86HostCpuTest.
//
// Usage: x86exec VECTORS RESULTS. All numbers little-endian. A vector is
//   u64 registers[16] (encoding order), rflags, length; u8 code[32]; u8 scratch[256]
// and a result
//   u64 registers[16], rflags, signal (0 if none); u8 scratch[256].
// The code runs at CODE; scratch lies at SCRATCH, inside a page of its own with nothing mapped around it. The addresses are fixed, so that
// results that depend on them agree. After a signal registers and flags are those of the instruction that had it.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define CODE 0x10000000ul
#define SCRATCH 0x10020800ul
#define PAGE 0x1000ul

struct state { uint64_t r[16], rflags, end; };
struct vector { struct state in; uint8_t code[32]; uint8_t scratch[256]; };
struct result { struct state out; uint8_t scratch[256]; };

// Shared with the stub below.
struct state x86exec_state;
uint64_t x86exec_rsp;

// run: loads everything and jumps to CODE; the snippet ends with a jump to done, all registers live.
void x86exec_run(void);
void x86exec_done(void);
__asm__(
    ".text\n"
    ".globl x86exec_run, x86exec_done\n"
    "x86exec_run:\n"
    "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
    "  mov %rsp, x86exec_rsp(%rip)\n"
    "  pushq x86exec_state+128(%rip)\n  popfq\n"
    "  mov x86exec_state(%rip), %rax\n  mov x86exec_state+8(%rip), %rcx\n  mov x86exec_state+16(%rip), %rdx\n"
    "  mov x86exec_state+24(%rip), %rbx\n  mov x86exec_state+32(%rip), %rsp\n  mov x86exec_state+40(%rip), %rbp\n"
    "  mov x86exec_state+48(%rip), %rsi\n  mov x86exec_state+56(%rip), %rdi\n  mov x86exec_state+64(%rip), %r8\n"
    "  mov x86exec_state+72(%rip), %r9\n  mov x86exec_state+80(%rip), %r10\n  mov x86exec_state+88(%rip), %r11\n"
    "  mov x86exec_state+96(%rip), %r12\n  mov x86exec_state+104(%rip), %r13\n  mov x86exec_state+112(%rip), %r14\n"
    "  mov x86exec_state+120(%rip), %r15\n"
    "  jmp *x86exec_state+136(%rip)\n"
    "x86exec_done:\n"
    "  mov %rax, x86exec_state(%rip)\n  mov %rcx, x86exec_state+8(%rip)\n  mov %rdx, x86exec_state+16(%rip)\n"
    "  mov %rbx, x86exec_state+24(%rip)\n  mov %rsp, x86exec_state+32(%rip)\n  mov %rbp, x86exec_state+40(%rip)\n"
    "  mov %rsi, x86exec_state+48(%rip)\n  mov %rdi, x86exec_state+56(%rip)\n  mov %r8, x86exec_state+64(%rip)\n"
    "  mov %r9, x86exec_state+72(%rip)\n  mov %r10, x86exec_state+80(%rip)\n  mov %r11, x86exec_state+88(%rip)\n"
    "  mov %r12, x86exec_state+96(%rip)\n  mov %r13, x86exec_state+104(%rip)\n  mov %r14, x86exec_state+112(%rip)\n"
    "  mov %r15, x86exec_state+120(%rip)\n"
    "  mov x86exec_rsp(%rip), %rsp\n"
    "  pushfq\n  popq x86exec_state+128(%rip)\n"
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
    "  cld\n  ret\n");

static sigjmp_buf back;

static void caught(int signal, siginfo_t *info, void *context) {
  static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  (void)info;
  for (int i = 0; i < 16; i++) {
    x86exec_state.r[i] = (uint64_t)registers[order[i]];
  }
  x86exec_state.rflags = (uint64_t)registers[REG_EFL];
  siglongjmp(back, signal);
}

static void *map(uint64_t at, int access) {
  void *page = mmap((void *)at, PAGE, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (page != (void *)at) {
    perror("mmap");
    exit(2);
  }
  return page;
}

static void run(const struct vector *v, struct result *r) {
  uint8_t *code = (uint8_t *)CODE;
  uint64_t done = (uint64_t)x86exec_done;
  memcpy(code, v->code, v->in.end);
  memcpy(code + v->in.end, "\xff\x25\0\0\0\0", 6);  // jmp [rip]
  memcpy(code + v->in.end + 6, &done, 8);
  memcpy((void *)SCRATCH, v->scratch, sizeof v->scratch);
  x86exec_state = v->in;
  x86exec_state.end = CODE;
  int signal = sigsetjmp(back, 1);
  if (signal == 0) {
    x86exec_run();
  }
  r->out = x86exec_state;
  r->out.end = (uint64_t)signal;
  memcpy(r->scratch, (void *)SCRATCH, sizeof r->scratch);
}

int main(int argc, char **argv) {
  static uint8_t stack[65536];
  static const int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGTRAP};
  FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
  if (!in || !out) {
    fprintf(stderr, "usage: x86exec VECTORS RESULTS\n");
    return 2;
  }
  map(CODE, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(SCRATCH & -PAGE, PROT_READ | PROT_WRITE);
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
    sigaction(signals[i], &action, NULL);
  }
  struct vector v;
  while (fread(&v, sizeof v, 1, in) == 1) {
    struct result r;
    run(&v, &r);
    fwrite(&r, sizeof r, 1, out);
  }
  return fclose(out) != 0;
}

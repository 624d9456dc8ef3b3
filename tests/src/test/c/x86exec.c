// Runs x86-64 snippets from a file of vectors on the host CPU and writes the state they leave: the oracle side of
// X86HostCpuTest.
//
// Usage: x86exec VECTORS RESULTS. All numbers little-endian. A vector is
//   u64 registers[16] (encoding order), rflags, length, vectors[16][4], mxcsr, x87[17], offset; u8 code[32];
//   u8 scratch[256]
// and a result
//   u64 registers[16], rflags, signal (0 if none), vectors[16][4], mxcsr, x87[17], rip, trap number, error code, cr2,
//   hash; u16 es, cs, ss, ds, fs, gs, 0, 0; u8 scratch[256].
// x87 is as FXSAVE has it: control | status << 16 | tags << 32, and for ST0 to ST7 significand, and sign and exponent.
// The code runs at CODE + offset; nothing is mapped behind its page, and if there is no room behind the code the
// snippet ends with a fault there. Scratch lies at SCRATCH, inside a page of its own, zero but for the scratch and with
// nothing mapped around it; hash is FNV-1a over the words of that page. The addresses are fixed, so that results that
// depend on them agree. After a signal the rest is as the kernel tells of the instruction that had it (trap number is
// the vector). DS, ES, FS, GS are null before; the local descriptor table holds the seven segments below, if the kernel
// has modify_ldt.
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x10000000ul
#define SCRATCH 0x10020800ul
#define PAGE 0x1000ul

struct state { uint64_t r[16], rflags, end, v[16][4], mxcsr, x87[17]; };
struct vector { struct state in; uint64_t offset; uint8_t code[32]; uint8_t scratch[256]; };
struct result { struct state out; uint64_t rip, trap, error, cr2, hash; uint16_t selectors[8]; uint8_t scratch[256]; };
enum { SECONDS = 20, XSTATE_BV = 512, AVX_AREA = 576, AVX_PRESENT = 4 };
enum { ES, CS, SS, DS, FS, GS };

// Shared with the stub below.
struct state x86exec_state;
uint64_t x86exec_rsp;
uint32_t x86exec_avx, x86exec_mxcsr = 0x1f80;
struct area { uint64_t head, pointers[2]; uint32_t mxcsr, mask; struct { uint64_t low, high; } st[8]; uint8_t rest[352]; };
struct area x86exec_area __attribute__((aligned(16)));

// run: loads everything and jumps to CODE; the snippet ends with a jump to done, all registers live.
void x86exec_run(void);
void x86exec_done(void);
__asm__(
    ".text\n"
    ".globl x86exec_run, x86exec_done\n"
    "x86exec_run:\n"
    "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
    "  mov %rsp, x86exec_rsp(%rip)\n"
    "  fxrstor x86exec_area(%rip)\n  ldmxcsr x86exec_state+656(%rip)\n"
    "  cmpl $0, x86exec_avx(%rip)\n  je 1f\n"
    "  .irp k, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n  vmovdqu x86exec_state+144+32*\\k(%rip), %ymm\\k\n  .endr\n"
    "  jmp 2f\n"
    "1: .irp k, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n  movdqu x86exec_state+144+32*\\k(%rip), %xmm\\k\n  .endr\n"
    "2:\n"
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
    "  pushfq\n  popq x86exec_state+128(%rip)\n  pushq $0x202\n  popfq\n"
    "  stmxcsr x86exec_state+656(%rip)\n  ldmxcsr x86exec_mxcsr(%rip)\n  fxsave x86exec_area(%rip)\n  fninit\n"
    "  cmpl $0, x86exec_avx(%rip)\n  je 1f\n"
    "  .irp k, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n  vmovdqu %ymm\\k, x86exec_state+144+32*\\k(%rip)\n  .endr\n"
    "  vzeroupper\n  jmp 2f\n"
    "1: .irp k, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n  movdqu %xmm\\k, x86exec_state+144+32*\\k(%rip)\n  .endr\n"
    "2:\n"
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
    "  cld\n  ret\n");

static sigjmp_buf back;
static struct result result;
static uint64_t fs_base;

// Keeps the segment registers, then gives this program its own again: FS above all, which glibc finds its data by.
static inline __attribute__((always_inline)) void segments(void) {
  uint64_t call = SYS_arch_prctl;
  uint16_t *s = result.selectors;
  __asm__ volatile("mov %%es, %0\n mov %%ss, %1\n mov %%ds, %2\n mov %%fs, %3\n mov %%gs, %4"
                   : "=m"(s[ES]), "=m"(s[SS]), "=m"(s[DS]), "=m"(s[FS]), "=m"(s[GS]));
  __asm__ volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%gs\n mov %1, %%ss" : : "r"(0), "r"(0x2b));
  __asm__ volatile("syscall" : "+a"(call) : "D"((uint64_t)ARCH_SET_FS), "S"(fs_base) : "rcx", "r11", "memory");
}

static void load_x87(void) {
  memset(&x86exec_area, 0, sizeof x86exec_area);
  x86exec_area.head = x86exec_state.x87[0];
  x86exec_area.mxcsr = x86exec_mxcsr;
  memcpy(x86exec_area.st, x86exec_state.x87 + 1, sizeof x86exec_area.st);
}

static void keep_x87(const struct area *saved) {
  x86exec_state.x87[0] = saved->head & 0xffffffffffff;  // not the last opcode
  for (unsigned i = 0; i < 8; i++) {
    x86exec_state.x87[1 + 2 * i] = saved->st[i].low;
    x86exec_state.x87[2 + 2 * i] = saved->st[i].high & 0xffff;
  }
}

// x87 and vector registers as the signal frame has them (XSAVE's standard format).
static void vectors(const struct _libc_fpstate *saved) {
  keep_x87((const struct area *)saved);
  const uint8_t *area = (const uint8_t *)saved;
  uint64_t present;
  memcpy(&present, area + XSTATE_BV, sizeof present);
  for (unsigned i = 0; i < 16; i++) {
    memset(x86exec_state.v[i], 0, sizeof x86exec_state.v[i]);
    memcpy(x86exec_state.v[i], &saved->_xmm[i], 16);
    if (x86exec_avx && present & AVX_PRESENT) {
      memcpy(&x86exec_state.v[i][2], area + AVX_AREA + 16 * i, 16);
    }
  }
  x86exec_state.mxcsr = saved->mxcsr;
}

static void caught(int signal, siginfo_t *info, void *context) {
  static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  __asm__ volatile("pushq $0x202\n popfq" ::: "cc", "memory");  // no alignment checks here
  segments();
  const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  (void)info;
  for (int i = 0; i < 16; i++) {
    x86exec_state.r[i] = (uint64_t)registers[order[i]];
  }
  x86exec_state.rflags = (uint64_t)registers[REG_EFL];
  vectors(((ucontext_t *)context)->uc_mcontext.fpregs);
  result.rip = (uint64_t)registers[REG_RIP];
  result.trap = (uint64_t)registers[REG_TRAPNO];
  result.error = (uint64_t)registers[REG_ERR];
  result.cr2 = (uint64_t)registers[REG_CR2];
  result.selectors[CS] = (uint16_t)registers[REG_CSGSFS];
  result.selectors[SS] = (uint16_t)((uint64_t)registers[REG_CSGSFS] >> 48);
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

// Data, data to read, data not present, code, code to execute, data that expands down, conforming code not present.
// X86UserMode has the same.
static void descriptors(void) {
  static const int contents[] = {0, 0, 0, 2, 2, 1, 3};
  for (unsigned i = 0; i < sizeof contents / sizeof *contents; i++) {
    struct user_desc d = {.entry_number = i, .base_addr = 0x1000, .limit = 0xfffff, .seg_32bit = 1, .contents = (unsigned)contents[i],
                          .read_exec_only = i == 1 || i == 4, .limit_in_pages = 1, .seg_not_present = i == 2 || i == 6};
    syscall(SYS_modify_ldt, 0x11, &d, sizeof d);
  }
}

static uint64_t hash(void) {
  uint64_t h = 0xcbf29ce484222325u;
  const uint64_t *words = (const uint64_t *)(SCRATCH & -PAGE);
  for (unsigned i = 0; i < PAGE / 8; i++) {
    h = (h ^ words[i]) * 0x100000001b3u;
  }
  return h;
}

// A snippet has SECONDS, and then SIGALRM ends this program.
static void run(const struct vector *v) {
  alarm(SECONDS);
  uint8_t *code = (uint8_t *)CODE;
  uint64_t done = (uint64_t)x86exec_done, end = v->offset + v->in.end;
  memset(code, 0xcc, PAGE);
  memcpy(code + v->offset, v->code, v->in.end);
  if (end + 14 <= PAGE) {
    memcpy(code + end, "\xff\x25\0\0\0\0", 6);  // jmp [rip]
    memcpy(code + end + 6, &done, 8);
  }
  memset((void *)(SCRATCH & -PAGE), 0, PAGE);
  memcpy((void *)SCRATCH, v->scratch, sizeof v->scratch);
  memset(&result, 0, sizeof result);
  x86exec_state = v->in;
  x86exec_state.end = CODE + v->offset;
  int signal = sigsetjmp(back, 1);
  if (signal == 0) {
    load_x87();
    x86exec_run();
    segments();
    keep_x87(&x86exec_area);
  }
  result.out = x86exec_state;
  result.out.end = (uint64_t)signal;
  result.hash = hash();
  memcpy(result.scratch, (void *)SCRATCH, sizeof result.scratch);
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
  syscall(SYS_arch_prctl, ARCH_GET_FS, &fs_base);
  descriptors();
  x86exec_avx = __builtin_cpu_supports("avx") != 0;
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
    sigaction(signals[i], &action, NULL);
  }
  struct vector v;
  while (fread(&v, sizeof v, 1, in) == 1) {
    run(&v);
    fwrite(&result, sizeof result, 1, out);
  }
  return fclose(out) != 0;
}

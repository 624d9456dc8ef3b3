/* A program without a C library: what its handler is told of faults, which is the same on Linux. */
#include "bare.h"

/* SA_SIGINFO, SA_RESTORER, SA_NODEFER, SA_ONSTACK */
enum { FLAGS = 0x4c000004 };
static char alternate[65536];
static word page;
static volatile word base;
static volatile word after;
static volatile word stackAt;
static volatile int times;

static void told(const char *name, word value) {
  char line[40];
  int at = 0;
  while (*name) {
    line[at++] = *name++;
  }
  line[at++] = ' ';
  line[at++] = '0';
  line[at++] = 'x';
  int shift = 60;
  while (shift > 0 && value >> shift == 0) {
    shift -= 4;
  }
  for (; shift >= 0; shift -= 4) {
    line[at++] = "0123456789abcdef"[value >> shift & 15];
  }
  line[at++] = '\n';
  call(__NR_write, 1, (word)line, (word)at, 0, 0, 0);
}

static word relative(word address) {
  return address - page < 0x10000 ? address - page : address;
}

#if defined(__x86_64__)

#define REGISTER(uc, i) (*(word *)((char *)(uc) + 40 + 8 * (i)))
enum { RSP = 15, RIP = 16, EFL = 17, ERR = 19, TRAPNO = 20, CR2 = 22 };

static void handler(int signal, void *info, void *uc) {
  number(" signal", signal);
  number(" code", ((int *)info)[2]);
  told(" address", relative(*(word *)((char *)info + 16)));
  told(" pc", REGISTER(uc, RIP) - base < 64 ? REGISTER(uc, RIP) - base : REGISTER(uc, RIP));
  told(" err", REGISTER(uc, ERR));
  number(" trap", (long)REGISTER(uc, TRAPNO));
  if (REGISTER(uc, TRAPNO) == 14) {
    told(" cr2", relative(REGISTER(uc, CR2)));
  }
  times++;
  REGISTER(uc, RIP) = after;
  REGISTER(uc, RSP) = stackAt;
  REGISTER(uc, EFL) &= ~0x100UL;
}

/* Goes on behind itself, whatever happens in it. %rbx: operand. */
#define ATTEMPT(name, operand, text_)                                                                                \
  do {                                                                                                               \
    text(name "\n");                                                                                                 \
    __asm__ volatile("push %%rbp\n lea 1f(%%rip), %%rax\n mov %%rax, base(%%rip)\n"                                  \
                     " lea 2f(%%rip), %%rax\n mov %%rax, after(%%rip)\n mov %%rsp, stackAt(%%rip)\n"                 \
                     "1: " text_ "\n 2: pop %%rbp\n"                                                                 \
                     : : "b"(operand)                                                                                \
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");                 \
  } while (0)

#define NOT_CANONICAL 0x8000000000000000
#define FAR 0x123456789abcde00

static void toNowhere(int signal, void *info, void *uc) {
  struct action a = {handler, FLAGS, restorer, 0};
  (void)info;
  number(" first", signal);
  call(__NR_rt_sigaction, 11, (word)&a, 0, 8, 0, 0);
  REGISTER(uc, RIP) = FAR;
}

static void branches(void) {
  ATTEMPT("jump", FAR, "jmp *%%rbx");
  ATTEMPT("call", FAR, "call *%%rbx");
  ATTEMPT("return", FAR, "push %%rbx\n ret");
  ATTEMPT("far return", FAR, "sub $16, %%rsp\n mov %%rbx, (%%rsp)\n movq $0x33, 8(%%rsp)\n lretq");
  ATTEMPT("jump to the kernel", 0xffffffff81000000, "jmp *%%rbx");
  ATTEMPT("jump to the top of user space", 0x7ffffffff000, "jmp *%%rbx");
  struct action a = {toNowhere, FLAGS, restorer, 0};
  call(__NR_rt_sigaction, 11, (word)&a, 0, 8, 0, 0);
  ATTEMPT("rt_sigreturn", 8, "mov (%%rbx), %%eax");
}

static void data(void) {
  ATTEMPT("read", 0x18, "mov (%%rbx), %%eax");
  ATTEMPT("write", 0x18, "mov %%eax, (%%rbx)");
  ATTEMPT("forbidden write", page + 4096, "mov %%eax, 5(%%rbx)");
  ATTEMPT("read of the kernel", 0xffffffff81000000, "mov (%%rbx), %%eax");
  ATTEMPT("write of the kernel", 0xffffffff81000000, "mov %%eax, (%%rbx)");
  ATTEMPT("read of the gate", 0xffffffff812a0000, "mov (%%rbx), %%eax");
  ATTEMPT("write of the gate", 0xffffffff812a0000, "mov %%eax, (%%rbx)");
  ATTEMPT("jump to the gate", 0xffffffff812a0000, "jmp *%%rbx");
  ATTEMPT("read of all RAM", 0xffff888000000000, "mov (%%rbx), %%eax");
  ATTEMPT("not canonical", NOT_CANONICAL, "mov (%%rbx), %%eax");
  ATTEMPT("not canonical stack", NOT_CANONICAL, "mov %%rbx, %%rsp\n push %%rax");
}

static void others(void) {
  ATTEMPT("int1", 0, ".byte 0xf1");
  ATTEMPT("int3", 0, "int3");
  ATTEMPT("step", 0, "pushfq\n orl $0x100, (%%rsp)\n popfq\n nop\n nop");
  ATTEMPT("int $1", 0, "int $1");
  ATTEMPT("int $13", 0, "int $13");
  ATTEMPT("hlt", 0, "hlt");
  ATTEMPT("ud2", 0, "ud2");
  ATTEMPT("divide", 0, "xor %%edx, %%edx\n div %%ebx");
  ATTEMPT("bad selector", 0x28, "mov %%ebx, %%ss");
  static unsigned masks[] = {0x1f80 & ~0x80u, 0x1f80 & ~0x200u, 0x1f80 & ~0x1000u};
  ATTEMPT("invalid", masks, "ldmxcsr (%%rbx)\n xorps %%xmm0, %%xmm0\n divss %%xmm0, %%xmm0");
  ATTEMPT("divided by 0", masks + 1,
          "ldmxcsr (%%rbx)\n mov $1, %%eax\n cvtsi2ss %%eax, %%xmm1\n xorps %%xmm0, %%xmm0\n divss %%xmm0, %%xmm1");
  ATTEMPT("inexact", masks + 2,
          "ldmxcsr (%%rbx)\n mov $1, %%eax\n cvtsi2ss %%eax, %%xmm1\n mov $3, %%eax\n cvtsi2ss %%eax, %%xmm0\n"
          " divss %%xmm0, %%xmm1");
  static unsigned short controls[] = {0x37f & ~4, 0x37f & ~1};
  ATTEMPT("x87 divided by 0", controls, "fninit\n fldcw (%%rbx)\n fld1\n fldz\n fdivrp\n fwait");
  ATTEMPT("x87 stack", controls + 1, "fninit\n fldcw (%%rbx)\n fstp %%st(0)\n fwait");
  __asm__ volatile("fninit");
}

static void parts(void) {
  branches();
  struct action a = {handler, FLAGS, restorer, 0};
  call(__NR_rt_sigaction, 11, (word)&a, 0, 8, 0, 0);
  data();
  others();
}

#else

/* esr_context is the record behind fpsimd_context. */
static void handler(int signal, void *info, void *uc) {
  number(" signal", signal);
  number(" code", ((int *)info)[2]);
  told(" address", relative(*(word *)((char *)info + 16)));
  told(" fault_address", relative(*(word *)((char *)uc + 176)));
  told(" pc", PC(uc) - base < 64 ? PC(uc) - base : PC(uc));
  told(" esr", *(word *)((char *)uc + 464 + 528 + 8));
  times++;
  PC(uc) = after;
}

#define ATTEMPT(name, operand, text_)                                                                                \
  do {                                                                                                               \
    text(name "\n");                                                                                                 \
    __asm__ volatile("adr x1, 1f\n str x1, [%1]\n adr x1, 2f\n str x1, [%2]\n mov x0, %0\n"                          \
                     "1: " text_ "\n 2:"                                                                             \
                     : : "r"(operand), "r"(&base), "r"(&after) : "x0", "x1", "x30", "memory");                       \
  } while (0)

#define IDENTITY(name)                                                                                               \
  do {                                                                                                               \
    word value;                                                                                                      \
    __asm__ volatile("mrs %0, " name : "=r"(value));                                                                 \
    told(name, value);                                                                                               \
  } while (0)

static void identities(void) {
  IDENTITY("s3_0_c0_c0_0");
  IDENTITY("s3_0_c0_c0_5");
  IDENTITY("s3_0_c0_c0_6");
  IDENTITY("s3_0_c0_c4_0");
  IDENTITY("s3_0_c0_c4_1");
  IDENTITY("s3_0_c0_c4_4");
  IDENTITY("s3_0_c0_c4_7");
  IDENTITY("s3_0_c0_c5_0");
  IDENTITY("s3_0_c0_c5_1");
  IDENTITY("s3_0_c0_c6_0");
  IDENTITY("s3_0_c0_c6_1");
  IDENTITY("s3_0_c0_c6_2");
  IDENTITY("s3_0_c0_c6_7");
  IDENTITY("s3_0_c0_c7_0");
  IDENTITY("s3_0_c0_c7_1");
  IDENTITY("s3_0_c0_c7_2");
  ATTEMPT("no identity", 0, "mrs x1, s3_0_c0_c0_1");
  ATTEMPT("no identity either", 0, "mrs x1, s3_0_c1_c0_0");
}

static void parts(void) {
  identities();
  times = 0;
  ATTEMPT("read", 0x18, "ldr x1, [x0]");
  ATTEMPT("forbidden write", page + 4096, "str x1, [x0, 8]");
  ATTEMPT("read of the kernel", 0xffff800010000000, "ldr x1, [x0]");
  ATTEMPT("write of the kernel", 0xffff800010000000, "str x1, [x0]");
  ATTEMPT("read of the gate", 0xffff8000102a0000, "ldr x1, [x0]");
  ATTEMPT("write of the gate", 0xffff8000102a0000, "str x1, [x0]");
  ATTEMPT("jump to the gate", 0xffff8000102a0000, "br x0");
  ATTEMPT("write of all RAM", 0xffff000040000000, "str x1, [x0]");
  ATTEMPT("between", 0x0012345678000000, "str x1, [x0]");
  ATTEMPT("jump between", 0x0012345678000000, "br x0");
}

#endif

__attribute__((used)) void entry(long *stack) {
  (void)stack;
  struct action a = {handler, FLAGS, restorer, 0};
  word other[3] = {(word)alternate, 0, sizeof(alternate)};
  call(__NR_sigaltstack, (word)other, 0, 0, 0, 0, 0);
  page = call(__NR_mmap, 0, 4 * 4096, 3, 0x22, (word)-1, 0);
  call(__NR_mprotect, page + 4096, 4096, 1, 0, 0, 0);
  call(__NR_munmap, page + 3 * 4096, 4096, 0, 0, 0, 0);
  for (word signal = 4; signal <= 11; signal++) {
    call(__NR_rt_sigaction, signal, (word)&a, 0, 8, 0, 0);
  }
  parts();
  number("times", times);
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}

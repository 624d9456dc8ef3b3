/* A program without a C library: frames of signals, and what comes back from them when a handler changes them. */
#include "bare.h"

/* SA_SIGINFO, SA_RESTORER, SA_NODEFER; SA_ONSTACK */
enum { FLAGS = 0x44000004, ON_STACK = 0x08000000 };
enum { UCONTEXT = 40 };
static char alternate[65536] __attribute__((aligned(64)));
static volatile int times;

static void set(int signal, void (*handler)(int, void *, void *), word more) {
  struct action a = {handler, FLAGS | more, restorer, 0};
  call(__NR_rt_sigaction, (word)signal, (word)&a, 0, 8, 0, 0);
}

static word process(void) {
  return call(__NR_getpid, 0, 0, 0, 0, 0, 0);
}

static word self(void) {
  return call(__NR_gettid, 0, 0, 0, 0, 0, 0);
}

static void me(int signal) {
  call(__NR_tgkill, process(), self(), (word)signal, 0, 0, 0);
}

#define WORD(p, at) (*(word *)((char *)(p) + (at)))
#define HALF(p, at) (*(unsigned *)((char *)(p) + (at)))

/* Of SIGSEGV, and ends. */
static void bad(int signal, void *info, void *uc) {
  (void)uc;
  number(" bad", signal);
  number(" code", ((int *)info)[2]);
  number(" address", (long)WORD(info, 16));
  number(" here", (long)((word)&signal - (word)alternate < sizeof(alternate)));
  call(__NR_exit_group, 9, 0, 0, 0, 0, 0);
}

static void counted(int signal, void *info, void *uc) {
  (void)uc;
  number(" signal", signal);
  number(" code", ((int *)info)[2]);
  times++;
}

static void queue(void) {
  word mask = 1UL << 39 | 1UL << 11 | 1UL << 10;
  set(40, counted, 0);
  set(12, counted, 0);
  set(11, counted, 0);
  call(__NR_rt_sigprocmask, 0, (word)&mask, 0, 8, 0, 0);
  me(40);
  me(40);
  me(12);
  me(12);
  me(11);
  me(40);
  call(__NR_rt_sigprocmask, 1, (word)&mask, 0, 8, 0, 0);
  number("times", times);
}

/* ---- what frames tell of the last fault: also those of signals that are not for one, and of threads started later */

static volatile word skipped;

#if defined(__x86_64__)
static void lastFault(void *uc) {
  number(" err", (long)WORD(uc, UCONTEXT + 152));
  number(" trap", (long)WORD(uc, UCONTEXT + 160));
  number(" cr2", (long)WORD(uc, UCONTEXT + 176));
}
#define GENERAL __asm__ volatile("hlt")
enum { GENERAL_LENGTH = 1 };
#else
/* esr_context is the record behind fpsimd_context. */
static void lastFault(void *uc) {
  number(" fault_address", (long)WORD(uc, 176));
  number(" record", HALF(uc, 464 + 528) == 0x45535201);
  number(" esr", (long)WORD(uc, 464 + 528 + 8));
}
#define GENERAL __asm__ volatile("brk 0")
enum { GENERAL_LENGTH = 4 };
#endif

static void last(int signal, void *info, void *uc) {
  (void)info;
  number(" signal", signal);
  lastFault(uc);
  PC(uc) += skipped;
  skipped = 0;
}

static void meToo(word name) {
  text((const char *)name);
  me(10);
}

static void behind(const char *name) {
  static word room[8192] __attribute__((aligned(16)));
  static int id;
  meToo((word)name);
  thread(0x350f00, room + 8192, &id, &id, 0, meToo, (word)" in a thread\n");
  for (int i; (i = __atomic_load_n(&id, __ATOMIC_ACQUIRE)) != 0;) {
    call(__NR_futex, (word)&id, 0, (word)i, 0, 0, 0);
  }
}

static void later(void) {
  for (int signal = 4; signal <= 11; signal++) {
    set(signal, last, 0);
  }
  skipped = FAULT_LENGTH;
  FAULT_INSTRUCTION;
  behind("page fault\n");
  skipped = GENERAL_LENGTH;
  GENERAL;
  behind("protection fault or breakpoint\n");
  skipped = UNDEFINED_LENGTH;
  UNDEFINED;
  behind("undefined\n");
}

#if defined(__x86_64__)

/* Of x86-64's ucontext and XSAVE area. */
enum { FPSTATE = UCONTEXT + 184, MXCSR = 24, SOFTWARE = 464, HEADER = 512 };
static char copy[4096] __attribute__((aligned(64)));
static volatile int part;
word before;

static int hasXsave(void) {
  unsigned c;
  __asm__ volatile("cpuid" : "=c"(c) : "a"(1) : "rbx", "rdx");
  return (int)(c >> 27 & 1);
}

static void changed(int signal, void *info, void *uc) {
  word at = WORD(uc, FPSTATE);
  (void)signal;
  (void)info;
  switch (part) {
    case 0:
      number("flags", (long)WORD(uc, 0));
      number("aligned", (long)(at & 63));
      number("magic", HALF(at, SOFTWARE) == 0x46505853);
      number("end", HALF(at, SOFTWARE) != 0 && HALF(at + HALF(at, SOFTWARE + 16), 0) == 0x46505845);
      number("control", HALF(at, 0) & 0xffff);
      number("mxcsr", HALF(at, MXCSR));
      number("xmm0", (long)WORD(at, 160));
      number("frame", (long)(before - 128 - (HALF(at, SOFTWARE) ? HALF(at, SOFTWARE + 4) : 512) - at < 64));
      WORD(at, 160) = 77;
      break;
    case 1:
      WORD(uc, FPSTATE) = 0;
      break;
    case 2:
      HALF(at, SOFTWARE) = 0;
      break;
    case 3:
      WORD(at, HEADER) = 3;
      break;
    case 4:
      WORD(at, HEADER) = 2;
      break;
    case 5:
      HALF(at, SOFTWARE + 16) = 500;
      break;
    case 6:
      HALF(at + HALF(at, SOFTWARE + 16), 0) = 0;
      break;
    case 7:
      HALF(at, MXCSR) = 0xffffffff;
      break;
    case 8:
      for (int i = 0; i < 836; i++) {
        copy[i] = ((char *)at)[i];
      }
      WORD(uc, FPSTATE) = (word)copy;
      break;
    case 9:
      WORD(uc, FPSTATE) = 0x1000;
      break;
    case 10:
      WORD(at, HEADER) = 1UL << 40;
      break;
    case 11:
      WORD(at, HEADER + 8) = 1;
      break;
    case 12:
      HALF(at, SOFTWARE + 8) = 3;
      break;
    case 14: /* at the end of memory, FXSAVE alone */
    {
      word page = call(__NR_mmap, 0, 8192, 3, 0x22, (word)-1, 0);
      call(__NR_munmap, page + 4096, 4096, 0, 0, 0, 0);
      for (int i = 0; i < 512; i++) {
        ((char *)page)[4096 - 512 + i] = ((char *)at)[i];
      }
      HALF(page + 4096 - 512, SOFTWARE) = 0;
      WORD(uc, FPSTATE) = page + 4096 - 512;
      break;
    }
    case 15:
    {
      for (int i = 0; i < 836; i++) {
        copy[i + 16] = ((char *)at)[i];
      }
      WORD(uc, FPSTATE) = (word)copy + 16;
      break;
    }
  }
}

static void floats(int which) {
  part = which;
  number("part", which);
  static word low[4] = {1, 2, 3, 4};
  word high[4] = {9, 9, 9, 9};
  unsigned mxcsr = 0x1f80 | 0x6000;
  unsigned short control = 0x27f;
  word stack[20];
  __asm__ volatile("fninit\n fldcw %0\n ldmxcsr %1\n fld1" : : "m"(control), "m"(mxcsr));
  if (hasXsave()) {
    __asm__ volatile("vmovdqu %0, %%ymm0" : : "m"(low));
  } else {
    __asm__ volatile("movdqu %0, %%xmm0" : : "m"(low));
  }
  word r;
  __asm__ volatile("mov %%rsp, before(%%rip)\n syscall"
                   : "=a"(r) : "a"(__NR_tgkill), "D"(process()), "S"(self()), "d"(10) : "rcx", "r11", "memory");
  if (hasXsave()) {
    __asm__ volatile("vmovdqu %%ymm0, %0" : "=m"(high));
  } else {
    __asm__ volatile("movdqu %%xmm0, %0" : "=m"(high));
  }
  __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(control));
  __asm__ volatile("fnstenv %0" : "=m"(stack));
  for (int i = 0; i < 4; i++) {
    number(" ymm", (long)high[i]);
  }
  number(" mxcsr", mxcsr);
  number(" control", control);
  number(" tags", HALF(stack, 8) & 0xffff);
  __asm__ volatile("fninit");
}

static void top(int signal, void *info, void *uc) {
  word at = WORD(uc, FPSTATE);
  (void)signal;
  (void)info;
  number(" top", (long)((word)alternate + sizeof(alternate) - at - HALF(at, SOFTWARE + 4)) & -64);
}

static void onBadStack(void) {
  __asm__ volatile("mov %%rsp, %%rbx\n mov $0x2000, %%esp\n syscall\n mov %%rbx, %%rsp"
                   : : "a"(__NR_tgkill), "D"(process()), "S"(self()), "d"(12L) : "rcx", "r11", "rbx", "memory");
}

static void returnFromNowhere(void) {
  __asm__ volatile("mov $0x2000, %%esp\n mov $15, %%eax\n syscall" : : : "memory");
}

static void parts(const char *what) {
  set(10, changed, 0);
  if (same(what, "frame")) {
    floats(0);
  } else if (same(what, "plain")) {
    floats(1);
    floats(2);
    floats(8);
    floats(14);
  } else if (same(what, "xsave")) {
    floats(3);
    floats(4);
    floats(5);
    floats(6);
    floats(12);
    floats(15);
  } else if (same(what, "mxcsr")) {
    floats(7);
  } else if (same(what, "pointer")) {
    floats(9);
  } else if (same(what, "state")) {
    floats(10);
  } else if (same(what, "header")) {
    floats(11);
  } else if (same(what, "top")) {
    set(12, top, ON_STACK);
    me(12);
  }
}

#else

static void changed(int signal, void *info, void *uc) {
  (void)signal;
  (void)info;
  HALF(uc, 464) = 0;
}

static void onBadStack(void) {
  __asm__ volatile("mov x8, %0\n mov x0, %1\n mov x1, %2\n mov x2, 12\n mov x19, sp\n mov x3, 0x2000\n mov sp, x3\n"
                   " svc 0\n mov sp, x19"
                   : : "I"(__NR_tgkill), "r"(process()), "r"(self()) : "x0", "x1", "x2", "x3", "x8", "x19", "memory");
}

static void returnFromNowhere(void) {
  __asm__ volatile("mov x8, 139\n mov x3, 0x2000\n mov sp, x3\n svc 0" : : : "memory");
}

static void parts(const char *what) {
  if (same(what, "frame")) {
    set(10, changed, 0);
    me(10);
  }
}

#endif

__attribute__((used)) void entry(long *stack) {
  const char *what = *stack > 1 ? (const char *)stack[2] : "";
  word other[3] = {(word)alternate, 0, sizeof(alternate)};
  call(__NR_sigaltstack, (word)other, 0, 0, 0, 0, 0);
  set(11, bad, ON_STACK);
  set(12, counted, 0);
  if (same(what, "queue")) {
    queue();
  } else if (same(what, "later")) {
    later();
  } else if (same(what, "bad stack")) {
    onBadStack();
  } else if (same(what, "bad stack itself")) {
    set(11, bad, 0);
    onBadStack();
  } else if (same(what, "nowhere")) {
    returnFromNowhere();
  } else {
    parts(what);
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}

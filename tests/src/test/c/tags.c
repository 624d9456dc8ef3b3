/* A program without a C library, of AArch64: addresses whose top byte is a tag, in loads, stores and branches, in what
   signals tell, and in system calls, before and after the kernel was asked to take them. */
#include "bare.h"

enum { PAGE = 4096, READ = 1, WRITE = 2, PRIVATE = 2, ANONYMOUS = 0x20, FIXED = 0x10,
       SET_TAGGED = 55, GET_TAGGED = 56 };
#define TAG(t) ((word)(t) << 56)

static word base;

static void handler(int signal, void *info, void *context) {
  number("signal", signal);
  number(" code", ((int *)info)[2]);
  number(" address", (long)(*(word *)((char *)info + 16) - base));
  number(" fault_address", (long)(*(word *)((char *)context + 176) - base));
  PC(context) += 4;
}

static void at(const char *name, word address) {
  text(name);
  text("\n");
  base = address & ~TAG(0xff);
  __asm__ volatile("ldr xzr, [%0]" : : "r"(address) : "memory");
  __asm__ volatile("str xzr, [%0]" : : "r"(address) : "memory");
}

static int returned(void) {
  return 5;
}

/* Where a branch to x0 | x1 comes to. */
word branched(word tag);
__asm__("branched: adr x1, 1f\n orr x1, x1, x0\n br x1\n1: adr x0, .\n adr x1, 1b\n sub x0, x0, x1\n ret\n");
/* Where a call comes to, and what is in x30. */
word called(word tag);
__asm__("called: mov x9, x30\n adr x1, 1f\n orr x1, x1, x0\n blr x1\n2: b 3f\n1: adr x2, 2b\n sub x0, x30, x2\n"
        " orr x30, x30, #0x3c00000000000000\n ret\n3: mov x30, x9\n ret\n");

static void instructions(word page) {
  volatile word *tagged = (word *)(page | TAG(0xa5));
  *tagged = 0x1122334455667788;
  number("load", *(volatile int *)((word)tagged + 4));
  number("other tag", *(volatile int *)(page | TAG(0x7f)));
  word old = 7;
  number("exchanged", __atomic_compare_exchange_n(tagged, &old, 9, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
  word low;
  word high;
  int failed;
  __asm__ volatile("ldxp %0, %1, [%3]\n stxp %w2, %1, %0, [%4]"
                   : "=&r"(low), "=&r"(high), "=&r"(failed) : "r"(page | TAG(1)), "r"(page | TAG(2)) : "memory");
  number("stxp by another tag", failed);
  __asm__ volatile("ldp %0, %1, [%2]" : "=&r"(low), "=&r"(high) : "r"((page + 0xff8) | TAG(3)));
  number("across pages", (long)(low + high));
  __asm__ volatile("dc zva, %0" : : "r"(page | TAG(4)) : "memory");
  number("zeroed", (long)*tagged);
  number("branch", (long)branched(TAG(0xff)));
  number("call", (long)called(TAG(0x12)));
  int (*volatile function)(void) = (int (*)(void))((word)returned | TAG(0x3c));
  number("function", function());
  register word x16 __asm__("x16") = page | TAG(0x80);
  __asm__ volatile("prfm pldl1keep, [%0]\n dc cvau, %0\n ic ivau, %0" : : "r"(x16) : "memory");
}

static void calls(word page, const char *when) {
  static int word_ = 1;
  word tagged = page | TAG(0x44);
  text(when);
  text("\n");
  *(int *)page = 0x0a6968;
  number(" write", (long)call(__NR_write, 1, tagged, 3, 0, 0, 0));
  number(" clock_gettime", (long)call(__NR_clock_gettime, 1, tagged, 0, 0, 0, 0));
  number(" uname", (long)call(__NR_uname, tagged, 0, 0, 0, 0, 0));
  number(" openat", (long)call(__NR_openat, (word)-100, tagged, 0, 0, 0, 0));
  number(" futex", (long)call(__NR_futex, (word)&word_ | TAG(8), 0, 2, 0, 0, 0));
  number(" rt_sigprocmask", (long)call(__NR_rt_sigprocmask, 0, 0, tagged, 8, 0, 0));
}

static void areas(word page) {
  number("mprotect", (long)call(__NR_mprotect, page | TAG(1), PAGE, READ | WRITE, 0, 0, 0));
  number("madvise", (long)call(__NR_madvise, page | TAG(2), PAGE, 4, 0, 0, 0));
  number("fresh", *(volatile long *)page);
  number("mmap", (long)call(__NR_mmap, page | TAG(3), PAGE, READ, PRIVATE | ANONYMOUS | FIXED, (word)-1, 0));
  word heap = call(__NR_brk, 0, 0, 0, 0, 0, 0);
  number("brk", (long)(call(__NR_brk, (heap + PAGE) | TAG(4), 0, 0, 0, 0, 0) - heap));
  number("munmap", (long)call(__NR_munmap, (page + 3 * PAGE) | TAG(5), PAGE, 0, 0, 0, 0));
}

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  struct action a = {handler, 4 | 0x04000000, restorer, 0};
  call(__NR_rt_sigaction, 11, (word)&a, 0, 8, 0, 0);
  call(__NR_rt_sigaction, 7, (word)&a, 0, 8, 0, 0);
  word page = call(__NR_mmap, 0, 4 * PAGE, READ | WRITE, PRIVATE | ANONYMOUS, (word)-1, 0);
  instructions(page);
  at("nothing", TAG(0x99) | 0x40);
  call(__NR_mprotect, page + 2 * PAGE, PAGE, 0, 0, 0, 0);
  at("forbidden", (page + 2 * PAGE + 8) | TAG(0x66));
  calls(page, "not asked");
  number("get", (long)call(__NR_prctl, GET_TAGGED, 0, 0, 0, 0, 0));
  number("wrong", (long)call(__NR_prctl, SET_TAGGED, 0x100000, 0, 0, 0, 0));
  number("set", (long)call(__NR_prctl, SET_TAGGED, 1, 0, 0, 0, 0));
  number("get", (long)call(__NR_prctl, GET_TAGGED, 0, 0, 0, 0, 0));
  calls(page, "asked");
  if (same(argv[1], "areas")) {
    areas(page);
  }
  call(__NR_prctl, SET_TAGGED, 0, 0, 0, 0, 0);
  calls(page, "not any more");
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}

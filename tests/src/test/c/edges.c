/* Long accesses of x87 and of byte masks that run from a page into one that is not there: what address is told, from
   the page boundary on. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile uintptr_t told;
static char *pages;

static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  told = (uintptr_t)info->si_addr;
  siglongjmp(back, 1);
}

/* CODE accesses what AT points to, so many bytes below the boundary */
#define TRY(name, below, code)                                                   \
  do {                                                                           \
    char *at = pages + 4096 - (below);                                           \
    (void)at;                                                                    \
    if (!sigsetjmp(back, 1)) {                                                   \
      code;                                                                      \
      printf("%s, %d below: done\n", name, below);                               \
    } else {                                                                     \
      printf("%s, %d below: %ld\n", name, below, (long)(told - (uintptr_t)(pages + 4096))); \
    }                                                                            \
    __asm__ volatile("fninit");                                                  \
  } while (0)

static void x87(void) {
  for (volatile int i = 1; i <= 10; i++) {
    TRY("fstp", i, __asm__ volatile("fldz; fstpt %0" : "=m"(*at)));
    TRY("fld", i, __asm__ volatile("fldt %0; fstp %%st(0)" ::"m"(*at)));
    TRY("fbstp", i, __asm__ volatile("fldz; fbstp %0" : "=m"(*at)));
    TRY("fbld", i, __asm__ volatile("fbld %0; fstp %%st(0)" ::"m"(*at)));
  }
  static const int below[] = {1, 3, 4, 14, 28, 29, 100, 107, 108};
  for (volatile unsigned i = 0; i < sizeof below / sizeof *below; i++) {
    TRY("fnsave", below[i], __asm__ volatile("fnsave %0" : "=m"(*at)));
    TRY("frstor", below[i], __asm__ volatile("frstor %0" ::"m"(*at)));
    TRY("fnstenv", below[i], __asm__ volatile("fnstenv %0" : "=m"(*at)));
    TRY("fldenv", below[i], __asm__ volatile("fldenv %0" ::"m"(*at)));
    TRY("fnsavew", below[i], __asm__ volatile("data16 fnsave %0" : "=m"(*at)));
    TRY("fnstenvw", below[i], __asm__ volatile("data16 fnstenv %0" : "=m"(*at)));
  }
}

static void masks(void) {
  static const int below[] = {1, 4, 8, 12, 15, 16};
  unsigned char mask[16];
  for (volatile unsigned i = 0; i < sizeof below / sizeof *below; i++) {
    for (volatile int chosen = -1; chosen < 16; chosen += 5) {
      memset(mask, 0, sizeof mask);
      if (chosen >= 0) mask[chosen] = 0x80;
      TRY("maskmovdqu", below[i],
          __asm__ volatile("movdqu %0, %%xmm1; movdqu %0, %%xmm0; maskmovdqu %%xmm1, %%xmm0" ::"m"(mask), "D"(at)
                           : "xmm0", "xmm1", "memory"));
      TRY("maskmovq", below[i],
          __asm__ volatile("movq %0, %%mm1; movq %0, %%mm0; maskmovq %%mm1, %%mm0; emms" ::"m"(mask), "D"(at)
                           : "memory"));
    }
  }
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, 0);
  pages = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(pages, 0, 4096);
  mprotect(pages + 4096, 4096, PROT_NONE);
  x87();
  masks();
  puts("neither page");
  mprotect(pages, 8192, PROT_NONE);
  x87();
  masks();
  return 0;
}

/* What a program without a C library stands on: system calls, threads, and lines of text. entry() gets the stack with
   which the program begins. */
#include <asm/unistd.h>

typedef unsigned long word;

/* Of rt_sigaction; handlers return to restorer. */
struct action {
  void (*handler)(int, void *, void *);
  word flags;
  void (*restorer)(void);
  word mask;
};
void restorer(void);

#if defined(__x86_64__)
static word call(word n, word a, word b, word c, word d, word e, word f) {
  word r;
  register word r10 __asm__("r10") = d;
  register word r8 __asm__("r8") = e;
  register word r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return r;
}
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call entry\n hlt\n"
        ".globl restorer\nrestorer: mov $15, %eax\n syscall\n");
#define PC(uc) (*(word *)((char *)(uc) + 40 + 128))
#define FAULT_INSTRUCTION __asm__ volatile("movq $7, (%0)" : : "r"(0x40UL) : "memory")
#define FAULT_LENGTH 7
#define UNDEFINED __asm__ volatile("ud2")
#define UNDEFINED_LENGTH 2
/* stack in rsi, argument on it; the new thread calls it */
__attribute__((unused)) static word thread(word flags, word *stack, int *parent, int *child, word tls,
                                           void (*what)(word), word argument) {
  word r;
  register word r10 __asm__("r10") = (word)child;
  register word r8 __asm__("r8") = tls;
  *--stack = argument;
  *--stack = (word)what;
  __asm__ volatile("syscall\n test %%rax, %%rax\n jnz 1f\n pop %%rax\n pop %%rdi\n call *%%rax\n"
                   " mov $60, %%eax\n xor %%edi, %%edi\n syscall\n 1:"
                   : "=a"(r) : "a"(__NR_clone), "D"(flags), "S"(stack), "d"(parent), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return r;
}
#else
static word call(word n, word a, word b, word c, word d, word e, word f) {
  register word x8 __asm__("x8") = n;
  register word x0 __asm__("x0") = a;
  register word x1 __asm__("x1") = b;
  register word x2 __asm__("x2") = c;
  register word x3 __asm__("x3") = d;
  register word x4 __asm__("x4") = e;
  register word x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
__asm__(".globl _start\n_start: mov x0, sp\n bl entry\n brk 0\n"
        ".globl restorer\nrestorer: mov x8, 139\n svc 0\n");
#define PC(uc) (*(word *)((char *)(uc) + 176 + 264))
#define FAULT_INSTRUCTION __asm__ volatile("str %0, [%0]" : : "r"(0x40UL) : "memory")
#define FAULT_LENGTH 4
#define UNDEFINED __asm__ volatile("udf 0")
#define UNDEFINED_LENGTH 4
__attribute__((unused)) static word thread(word flags, word *stack, int *parent, int *child, word tls,
                                           void (*what)(word), word argument) {
  register word x8 __asm__("x8") = __NR_clone;
  register word x0 __asm__("x0") = flags;
  register word x1 __asm__("x1") = (word)(stack - 2);
  register word x2 __asm__("x2") = (word)parent;
  register word x3 __asm__("x3") = tls;
  register word x4 __asm__("x4") = (word)child;
  stack[-1] = argument;
  stack[-2] = (word)what;
  __asm__ volatile("svc 0\n cbnz x0, 1f\n ldp x9, x0, [sp], 16\n blr x9\n mov x8, 93\n mov x0, 0\n svc 0\n 1:"
                   : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                   : "x9", "x30", "memory");
  return x0;
}
#endif

static word length(const char *s) {
  word n = 0;
  while (s[n]) {
    n++;
  }
  return n;
}

__attribute__((unused)) static void text(const char *s) {
  call(__NR_write, 1, (word)s, length(s), 0, 0, 0);
}

__attribute__((unused)) static void number(const char *name, long value) {
  char line[64];
  char digits[24];
  int n = 0;
  int at = 0;
  word left = value < 0 ? -(word)value : (word)value;
  while (*name) {
    line[at++] = *name++;
  }
  line[at++] = ' ';
  if (value < 0) {
    line[at++] = '-';
  }
  do {
    digits[n++] = (char)('0' + left % 10);
    left /= 10;
  } while (left);
  while (n) {
    line[at++] = digits[--n];
  }
  line[at++] = '\n';
  call(__NR_write, 1, (word)line, (word)at, 0, 0, 0);
}

__attribute__((unused)) static int same(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

/* A program without a C library: alternate stacks of signals, and what frames say of them. Parts: stacks; nested, where
   a second frame does not fit. */
#include "bare.h"

struct stack {
  word base;
  unsigned flags;
  unsigned pad;
  word size;
};

/* SA_SIGINFO, SA_RESTORER, SA_NODEFER, SA_ONSTACK */
enum { FLAGS = 0x4c000004, ON_STACK = 0x08000000, SS_ONSTACK = 1, SS_DISABLE = 2, AT_MINSIGSTKSZ = 51 };
#define AUTODISARM 0x80000000u
#define UC_STACK(uc) ((struct stack *)((char *)(uc) + 16))

static char room[131072] __attribute__((aligned(64)));
static word least;
static volatile int part;

static void set(int signal, void (*handler)(int, void *, void *), word flags) {
  struct action a = {handler, flags, restorer, 0};
  call(__NR_rt_sigaction, (word)signal, (word)&a, 0, 8, 0, 0);
}

static void me(int signal) {
  call(__NR_tgkill, call(__NR_getpid, 0, 0, 0, 0, 0, 0), call(__NR_gettid, 0, 0, 0, 0, 0, 0), (word)signal, 0, 0, 0);
}

static long use(word base, unsigned flags, word size) {
  struct stack s = {base, flags, 0, size};
  return (long)call(__NR_sigaltstack, (word)&s, 0, 0, 0, 0, 0);
}

static void told(const char *name, struct stack *s) {
  text(name);
  number(" at", s->base == 0 ? -1 : (long)(s->base - (word)room));
  number("  flags", (long)s->flags);
  number("  size", (long)s->size);
}

static void now(const char *name) {
  struct stack s;
  call(__NR_sigaltstack, 0, (word)&s, 0, 0, 0, 0);
  told(name, &s);
}

static void handler(int signal, void *info, void *uc) {
  (void)info;
  number(" here", (word)&signal - (word)room < sizeof(room));
  told(" frame", UC_STACK(uc));
  now(" now");
  number(" another", use((word)room, 0, 40000));
  now(" now");
  if (part == 1) {
    UC_STACK(uc)->base = (word)room + 64;
    UC_STACK(uc)->size = 50000;
  } else if (part == 2) {
    UC_STACK(uc)->size = 100;
  } else if (part == 3) {
    UC_STACK(uc)->flags = 99;
  } else if (part == 4) {
    UC_STACK(uc)->flags = SS_DISABLE;
  } else if (part == 5) {
    part = 0;
    me(10);
  }
}

static void stacks(word minimum) {
  now("none");
  number("too small", use((word)room, 0, minimum - 1));
  number("small enough", use((word)room, 0, minimum));
  number("what flags", use((word)room, 99, 65536));
  number("SS_ONSTACK", use((word)room, SS_ONSTACK, 65536));
  now("now");
  me(10);
  number("SS_AUTODISARM", use((word)room, AUTODISARM, 65536));
  now("now");
  me(10);
  now("back");
  number("SS_DISABLE", use((word)room, SS_DISABLE | AUTODISARM, 65536));
  now("now");
  me(10);
  now("back");
  for (int i = 1; i <= 5; i++) {
    number("part", i);
    use((word)room, 0, 65536);
    part = i;
    me(10);
    now("back");
  }
  set(10, handler, FLAGS & ~ON_STACK);
  text("not there\n");
  me(10);
  number("bad place", (long)call(__NR_sigaltstack, 8, 0, 0, 0, 0, 0));
  number("bad place", (long)call(__NR_sigaltstack, 0, 8, 0, 0, 0, 0));
}

static void again(int signal, void *info, void *uc) {
  static int depth;
  (void)info;
  (void)uc;
  number("signal", signal);
  if (depth++ < 3) {
    me(10);
  }
}

static void nested(void) {
  set(10, again, FLAGS);
  set(11, again, FLAGS);
  use((word)room + 65536, 0, (least < 2048 ? 2048 : least) + 600);
  me(10);
  text("done\n");
}

__attribute__((used)) void entry(long *stack) {
  const char *what = (const char *)stack[2];
  long *at = stack + 1;
  for (int i = 0; i < 2; i++) {
    while (*at++) {
    }
  }
  for (; *at; at += 2) {
    least = *at == AT_MINSIGSTKSZ ? (word)at[1] : least;
  }
  set(10, handler, FLAGS);
  if (same(what, "stacks")) {
#if defined(__x86_64__)
    stacks(2048);
#else
    stacks(5120);
#endif
  } else if (same(what, "least")) {
    number("least", (long)least);
  } else {
    nested();
  }
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}

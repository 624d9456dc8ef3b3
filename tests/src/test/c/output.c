/* A program without a C library that writes more than a pipe holds until that fails, and what SIGPIPE is to it:
   default, ignored, handled. Its exit status is the error's number, and 64 if its handler ran once. */
#include "bare.h"

enum { SIGPIPE = 13, SI_USER = 0, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, TIMES = 200, HANDLED = 64, BYTES = 65536 };

static volatile int runs;

static void handler(int signal, void *info, void *context) {
  int *told = info;
  runs += signal == SIGPIPE && told[2] == SI_USER && told[4] == (int)call(__NR_getpid, 0, 0, 0, 0, 0, 0) && context;
}

__attribute__((used)) void entry(long *stack) {
  static char bytes[BYTES];
  char **argv = (char **)(stack + 1);
  struct action a = {same(argv[1], "handled") ? handler : (void (*)(int, void *, void *))(word)same(argv[1], "ignored"),
                     SA_SIGINFO | SA_RESTORER, restorer, 0};
  call(__NR_rt_sigaction, SIGPIPE, (word)&a, 0, 8, 0, 0);
  for (int i = 0; i < TIMES; i++) {
    long result = (long)call(__NR_write, 1, (word)bytes, BYTES, 0, 0, 0);
    if (result < 0) {
      call(__NR_exit_group, (word)(-result + (runs == 1 ? HANDLED : 0)), 0, 0, 0, 0, 0);
    }
  }
  call(__NR_exit_group, 0, 0, 0, 0, 0, 0);
}

/* A program without a C library, of AArch64: it calls an address at which no instruction can lie, beside its first one
   by as many bytes as it is told. */
#include "bare.h"

__attribute__((used)) void entry(long *stack) {
  char **argv = (char **)(stack + 1);
  void (*odd)(void) = (void (*)(void))((word)entry + (word)(argv[1][0] - '0'));
  odd();
  call(__NR_exit_group, 3, 0, 0, 0, 0, 0);
}

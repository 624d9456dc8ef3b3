/* Text on the stack, and in other memory that may be written. */
#include <stdio.h>
#include <string.h>

enum { LENGTH = 64 };
static char data[LENGTH] __attribute__((aligned(LENGTH)));

static int __attribute__((noinline)) each(int count, int (*of)(int)) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    sum += of(i);
  }
  return sum;
}

/* The compiler makes a trampoline on the stack for a nested function whose address is taken. */
static int __attribute__((noinline)) nested(int factor) {
  int calls = 0;
  int times(int i) {
    calls++;
    return i * factor;
  }
  return each(10, times) * 100 + calls;
}

static int __attribute__((noinline, noclone)) answer(int i) {
  return i + 42;
}

static int copied(char *to) {
  memcpy(to, (void *)answer, 16);
  __builtin___clear_cache(to, to + LENGTH);
  return ((int (*)(int))to)(1);
}

int main(int argc, char **argv) {
  char local[LENGTH] __attribute__((aligned(LENGTH)));
  const char *what = argc > 1 ? argv[1] : "";
  printf("%d\n", strcmp(what, "nested") == 0 ? nested(argc + 5) : copied(strcmp(what, "stack") == 0 ? local : data));
  return 7;
}

/* Blocks of memory, filled and copied: by the string instructions on x86-64, by the C library on AArch64; forward over
   themselves, too. */
#include "common.h"

#define SIZE 65536

static unsigned char from[SIZE], to[SIZE], all[2 * SIZE];

static void copy(void *target, const void *source, size_t bytes) {
#ifdef __x86_64__
  __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
#else
  memcpy(target, source, bytes);
#endif
}

static void fill(void *target, int value, size_t bytes) {
#ifdef __x86_64__
  __asm__ volatile("rep stosb" : "+D"(target), "+c"(bytes) : "a"(value) : "memory");
#else
  memset(target, value, bytes);
#endif
}

/* A pattern of `step` bytes again and again, as a copy over itself makes it. */
static void repeat(unsigned char *target, size_t step, size_t bytes) {
#ifdef __x86_64__
  copy(target + step, target, bytes - step);
#else
  for (size_t i = step; i < bytes; i++) {
    target[i] = target[i - step];
  }
#endif
}

int main(int argc, char **argv) {
  uint64_t sum = START;
  for (int n = rounds(argc, argv, 10); n > 0; n--) {
    size_t at = next_random() % 4096;
    size_t size = SIZE - 4096 - at;
    fill(from, n, SIZE);
    for (int i = 0; i < SIZE; i += 61) {
      from[i] = (unsigned char) next_random();
    }
    copy(to + at, from + next_random() % 4096, size);
    copy(all + at, to, SIZE);
    copy(all + SIZE, from, SIZE);
    repeat(all + at, 1 + next_random() % 100, 500);
    sum = mix_word(sum, (uint64_t) all[at + 499] << 8 | all[next_random() % (2 * SIZE)]);
    if (memcmp(all + SIZE, from, SIZE) != 0 || from[SIZE - 2] != (unsigned char) n) {
      return 1;
    }
  }
  return told("blocks", mix(sum, all, sizeof all));
}

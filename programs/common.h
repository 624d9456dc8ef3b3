/* What the programs share: random numbers that are the same everywhere, a checksum, the number of rounds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 0x2545f4914f6cdd1dull;

static inline uint64_t next_random(void) { /* xorshift64* */
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545f4914f6cdd1dull;
}

/* FNV-1a */
static inline uint64_t mix(uint64_t sum, const void *data, size_t bytes) {
  const unsigned char *p = data;
  for (size_t i = 0; i < bytes; i++) {
    sum = (sum ^ p[i]) * 0x100000001b3ull;
  }
  return sum;
}

static inline uint64_t mix_word(uint64_t sum, uint64_t word) { return mix(sum, &word, sizeof word); }

#define START 0xcbf29ce484222325ull

static inline int rounds(int argc, char **argv, int otherwise) { return argc > 1 ? atoi(argv[1]) : otherwise; }

static inline int told(const char *name, uint64_t sum) {
  printf("%s %016llx\n", name, (unsigned long long) sum);
  return 0;
}

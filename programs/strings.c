/* String and memory functions of the C library, which are written with vector instructions, at all alignments, beside
   loops over bytes; both must agree. */
#include "common.h"

enum { BYTES = 320 };

static unsigned char text[BYTES + 64], other[BYTES + 64];

static size_t length(const unsigned char *s) {
  size_t n = 0;
  while (s[n]) {
    n++;
  }
  return n;
}

static int sign(int x) { return (x > 0) - (x < 0); }

static int compared(const unsigned char *a, const unsigned char *b) {
  while (*a && *a == *b) {
    a++, b++;
  }
  return sign(*a - *b);
}

static const unsigned char *found(const unsigned char *s, int c) {
  while (*s && *s != c) {
    s++;
  }
  return *s ? s : NULL;
}

static void check(int good, const char *what, size_t from, size_t n) {
  if (!good) {
    printf("strings: %s is wrong at %zu of %zu\n", what, from, n);
    exit(1);
  }
}

static uint64_t round_of(uint64_t sum, size_t from, size_t n) {
  for (size_t i = 0; i < n; i++) {
    text[from + i] = (unsigned char) ("abcdefghijklmnopqrstuvwxyz"[next_random() % 26]);
  }
  text[from + n] = 0;
  const unsigned char *s = text + from;
  check(strlen((const char *) s) == length(s), "strlen", from, n);
  size_t to = next_random() % 64;
  memset(other, 0xee, sizeof other);
  memcpy(other + to, s, n + 1);
  check(other[to + n + 1] == 0xee, "memcpy's end", to, n);
  check(strcmp((const char *) s, (const char *) other + to) == 0, "strcmp of equals", from, n);
  if (n > 0) {
    size_t where = to + next_random() % n;
    other[where] = (unsigned char) ('a' + next_random() % 26);
  }
  check(sign(strcmp((const char *) s, (const char *) other + to)) == compared(s, other + to), "strcmp", from, n);
  check(sign(memcmp(s, other + to, n)) == compared(s, other + to), "memcmp", from, n);
  int c = 'a' + (int) (next_random() % 30);
  check((const unsigned char *) strchr((const char *) s, c) == found(s, c), "strchr", from, n);
  const unsigned char *last = (const unsigned char *) strrchr((const char *) s, c);
  check(!last == !found(s, c) && (!last || !found(last + 1, c)), "strrchr", from, n);
  check((const unsigned char *) memchr(s, c, n) == found(s, c), "memchr", from, n);
  size_t by = next_random() % 32;
  memmove(other + by, other, n);
  memmove(other, other + by, n / 2);
  sum = mix(sum, other, sizeof other);
  char part[4] = {(char) s[n / 3], n > 2 ? (char) s[n / 3 + 1] : 0, 0};
  char *at = strstr((const char *) s, part);
  check(n < 3 || (at && strncmp(at, part, 2) == 0 && at <= (const char *) s + n / 3), "strstr", from, n);
  return mix_word(sum, strspn((const char *) s, "abcdefghijklm") << 16 | strcspn((const char *) s, "xyz"));
}

int main(int argc, char **argv) {
  uint64_t sum = START;
  for (int i = rounds(argc, argv, 400); i > 0; i--) {
    size_t from = next_random() % 64;
    sum = round_of(sum, from, next_random() % (i % 4 ? 40 : BYTES));
  }
  char line[128];
  snprintf(line, sizeof line, "%d %-8s|%08lx %c", -12345, "left", 0xbeefUL, 'x');
  return told(line, mix(sum, line, strlen(line)));
}

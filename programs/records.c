/* Like Dhrystone: records behind pointers, strings of thirty characters, enumerations, procedures that call each
   other. */
#include "common.h"

enum kind { FIRST, SECOND, THIRD, FOURTH, FIFTH };

struct record {
  struct record *next;
  enum kind kind, other;
  int number;
  char text[31];
};

static struct record *global_record, *next_record;
static int global_number;
static char global_letter;
static int table[50], square[50][50];

__attribute__((noinline)) static int same_letter(char a, char b) {
  char copy = a;
  if (copy != b) {
    return 0;
  }
  global_letter = copy;
  return 1;
}

__attribute__((noinline)) static int is_greater(const char *a, const char *b) {
  int at = 2;
  while (at <= 2) {
    if (same_letter(a[at], b[at + 1])) {
      at += 3;
    } else {
      at++;
    }
  }
  return strcmp(a, b) > 0 ? (global_number += at, 1) : 0;
}

__attribute__((noinline)) static enum kind follow(enum kind k) {
  switch (k) {
    case FIRST: return global_number > 100 ? FIRST : FOURTH;
    case SECOND: return SECOND;
    case THIRD: return FIRST;
    case FOURTH: return THIRD;
    default: return FIFTH;
  }
}

__attribute__((noinline)) static void add(int a, int b, int *to) { *to = a + 2 + b; }

__attribute__((noinline)) static void fill(int a, int b) {
  int at = a + 5;
  table[at] = b;
  table[at + 1] = table[at];
  table[at + 30] = at;
  for (int i = at; i <= at + 1; i++) {
    square[at][i] = at;
  }
  square[at][at - 1]++;
  square[at + 20][at] = table[at];
  global_number = 5;
}

__attribute__((noinline)) static void pass(struct record *r) {
  struct record *next = r->next;
  *next = *global_record;
  r->number = 5;
  next->number = r->number;
  next->next = r->next;
  if (next->kind == FIRST) {
    next->number = 6;
    next->other = follow(r->other);
    add(next->number, 10, &next->number);
  } else {
    *r = *next;
  }
}

int main(int argc, char **argv) {
  next_record = calloc(1, sizeof *next_record);
  global_record = calloc(1, sizeof *global_record);
  *global_record = (struct record) {next_record, FIRST, THIRD, 40, "THIRTY CHARACTERS, SOME COMMON"};
  char one[31], two[31];
  strcpy(one, "THIRTY CHARACTERS, THE 1'ST ..");
  uint64_t sum = START;
  for (int i = 1, n = rounds(argc, argv, 2000); i <= n; i++) {
    int a = 2, b = 3, c;
    strcpy(two, i & 1 ? "THIRTY CHARACTERS, THE 2'ND .." : "THIRTY CHARACTERS, SOME OTHERS");
    int greater = is_greater(one, two);
    while (a < b) {
      c = 5 * a - b;
      add(a, b, &c);
      a++;
    }
    fill(a, c + greater);
    pass(global_record);
    c = b * a;
    b = c / (a + (i & 3));
    a = 7 * (c - b) - i % 11;
    sum = mix_word(sum, (uint64_t) (uint32_t) a << 32 | (uint32_t) next_record->number);
  }
  return told("records", mix(mix(mix(sum, table, sizeof table), square, sizeof square), two, sizeof two));
}

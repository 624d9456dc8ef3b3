/* Like CoreMark: a linked list that is searched, reversed and sorted, matrices of small integers, a state machine that
   reads numbers, and a CRC over all results. */
#include "common.h"

enum { NODES = 200, SIZE = 12, TEXT = 400 };

struct node { struct node *next; int16_t key, value; };

static uint16_t crc(uint16_t sum, uint16_t word) {
  for (int i = 0; i < 16; i++) {
    int carry = (sum ^ word) & 1;
    word >>= 1;
    sum = (uint16_t) (sum >> 1 ^ (carry ? 0xa001 : 0));
  }
  return sum;
}

/* ---- list */

static struct node *build(struct node *pool) {
  for (int i = 0; i < NODES; i++) {
    pool[i] = (struct node) {i + 1 < NODES ? &pool[i + 1] : NULL, (int16_t) next_random(), (int16_t) i};
  }
  return pool;
}

static struct node *reversed(struct node *list) {
  struct node *done = NULL;
  while (list) {
    struct node *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static int by_key(const struct node *a, const struct node *b) { return a->key - b->key; }
static int by_value(const struct node *a, const struct node *b) { return a->value - b->value; }

static struct node *merge(struct node *a, struct node *b, int (*order)(const struct node *, const struct node *)) {
  struct node head, *end = &head;
  while (a && b) {
    struct node **less = order(a, b) <= 0 ? &a : &b;
    end = end->next = *less;
    *less = (*less)->next;
  }
  end->next = a ? a : b;
  return head.next;
}

static struct node *sorted(struct node *list, int n, int (*order)(const struct node *, const struct node *)) {
  if (n < 2) {
    if (list) {
      list->next = NULL;
    }
    return list;
  }
  struct node *half = list;
  for (int i = 0; i < n / 2; i++) {
    half = half->next;
  }
  return merge(sorted(list, n / 2, order), sorted(half, n - n / 2, order), order);
}

static uint16_t lists(uint16_t sum) {
  static struct node pool[NODES];
  struct node *list = reversed(build(pool));
  list = sorted(list, NODES, by_key);
  for (struct node *n = list; n; n = n->next) {
    sum = crc(sum, (uint16_t) n->key);
  }
  list = sorted(list, NODES, by_value);
  for (struct node *n = list; n; n = n->next) {
    sum = crc(sum, (uint16_t) (n->key ^ n->value));
  }
  return sum;
}

/* ---- matrices */

static uint16_t matrices(uint16_t sum) {
  static int16_t a[SIZE][SIZE], b[SIZE][SIZE];
  static int32_t c[SIZE][SIZE];
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = (int16_t) next_random();
      b[i][j] = (int16_t) (next_random() & 0xff);
    }
  }
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      int32_t s = 0;
      for (int k = 0; k < SIZE; k++) {
        s += a[i][k] * b[k][j];
      }
      c[i][j] = s;
      sum = crc(sum, (uint16_t) (c[i][j] >> 2));
    }
  }
  return sum;
}

/* ---- states */

enum state { BEGIN, SIGN, INTEGER, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static enum state step(enum state s, char c) {
  int digit = c >= '0' && c <= '9';
  switch (s) {
    case BEGIN: return digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FRACTION : INVALID;
    case SIGN: return digit ? INTEGER : c == '.' ? FRACTION : INVALID;
    case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case EXPONENT: return digit ? SCIENTIFIC : c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN: case SCIENTIFIC: return digit ? SCIENTIFIC : INVALID;
    default: return INVALID;
  }
}

static uint16_t states(uint16_t sum) {
  char text[TEXT];
  int counts[STATES] = {0};
  for (int i = 0; i < TEXT; i++) {
    text[i] = "0123456789012345+-.e,,,x"[next_random() % 24];
  }
  enum state s = BEGIN;
  for (int i = 0; i < TEXT; i++) {
    if (text[i] == ',') {
      counts[s]++;
      s = BEGIN;
    } else {
      s = step(s, text[i]);
    }
  }
  for (int i = 0; i < STATES; i++) {
    sum = crc(sum, (uint16_t) counts[i]);
  }
  return sum;
}

int main(int argc, char **argv) {
  uint16_t sum = 0;
  for (int i = rounds(argc, argv, 20); i > 0; i--) {
    sum = states(matrices(lists(sum)));
  }
  return told("core", sum);
}

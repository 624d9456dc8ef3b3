/* Calls through pointers: a machine that runs bytecode by a table of functions, one that does by a switch, objects with
   methods, and recursion; both machines must agree. */
#include "common.h"

enum code { PUSH, ADD, SUB, MUL, XOR, DUP, SWAP, ROTATE, LOOP, END };

struct machine { uint64_t stack[64]; int sp, pc; uint64_t counter; const unsigned char *program; int running; };

typedef void operation(struct machine *);

static void push(struct machine *m) { m->stack[++m->sp & 63] = m->program[m->pc++]; }
static void add(struct machine *m) { m->sp--; m->stack[m->sp & 63] += m->stack[(m->sp + 1) & 63]; }
static void sub(struct machine *m) { m->sp--; m->stack[m->sp & 63] -= m->stack[(m->sp + 1) & 63]; }
static void mul(struct machine *m) { m->sp--; m->stack[m->sp & 63] *= m->stack[(m->sp + 1) & 63]; }
static void xor(struct machine *m) { m->sp--; m->stack[m->sp & 63] ^= m->stack[(m->sp + 1) & 63]; }
static void dup(struct machine *m) { m->sp++; m->stack[m->sp & 63] = m->stack[(m->sp - 1) & 63]; }
static void swap(struct machine *m) {
  uint64_t t = m->stack[m->sp & 63];
  m->stack[m->sp & 63] = m->stack[(m->sp - 1) & 63];
  m->stack[(m->sp - 1) & 63] = t;
}
static void rotate(struct machine *m) {
  uint64_t *top = &m->stack[m->sp & 63];
  *top = *top << 13 | *top >> 51;
}
static void loop(struct machine *m) {
  int back = m->program[m->pc++];
  if (--m->counter) {
    m->pc -= back;
  }
}
static void end(struct machine *m) { m->running = 0; }

static operation *const OPERATIONS[] = {push, add, sub, mul, xor, dup, swap, rotate, loop, end};

static uint64_t by_table(const unsigned char *program, uint64_t turns) {
  struct machine m = {.counter = turns, .program = program, .running = 1};
  while (m.running) {
    OPERATIONS[program[m.pc++]](&m);
  }
  return m.stack[m.sp & 63];
}

static uint64_t by_switch(const unsigned char *program, uint64_t turns) {
  struct machine m = {.counter = turns, .program = program, .running = 1};
  while (m.running) {
    switch ((enum code) program[m.pc++]) {
      case PUSH: push(&m); break;
      case ADD: add(&m); break;
      case SUB: sub(&m); break;
      case MUL: mul(&m); break;
      case XOR: xor(&m); break;
      case DUP: dup(&m); break;
      case SWAP: swap(&m); break;
      case ROTATE: rotate(&m); break;
      case LOOP: loop(&m); break;
      case END: end(&m); break;
    }
  }
  return m.stack[m.sp & 63];
}

struct shape { const struct methods *methods; long a, b; };
struct methods { long (*area)(const struct shape *); long (*edge)(const struct shape *); };
static long square_area(const struct shape *s) { return s->a * s->a; }
static long square_edge(const struct shape *s) { return 4 * s->a; }
static long oblong_area(const struct shape *s) { return s->a * s->b; }
static long oblong_edge(const struct shape *s) { return 2 * (s->a + s->b); }
static const struct methods SQUARE = {square_area, square_edge}, OBLONG = {oblong_area, oblong_edge};

static uint64_t shapes(int n) {
  uint64_t sum = START;
  for (int i = 0; i < n; i++) {
    uint64_t r = next_random();
    struct shape s = {r & 1 ? &SQUARE : &OBLONG, (long) (r >> 8 & 255), (long) (r >> 16 & 255)};
    sum = mix_word(sum, (uint64_t) (r & 2 ? s.methods->area(&s) : s.methods->edge(&s)));
  }
  return sum;
}

__attribute__((noinline)) static int ackermann(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

int main(int argc, char **argv) {
  static const unsigned char program[] = {
      PUSH, 7, DUP, PUSH, 31, MUL, SWAP, XOR, PUSH, 3, ADD, ROTATE, PUSH, 200, SUB, LOOP, 15, END};
  uint64_t turns = (uint64_t) rounds(argc, argv, 2000);
  uint64_t table = by_table(program, turns), other = by_switch(program, turns);
  printf("calls: table and switch %s\n", table == other ? "agree" : "differ");
  printf("calls: ackermann(2, 9) = %d\n", ackermann(2, 9));
  return told("calls", mix_word(shapes((int) turns), table));
}

// Floating-point operations on files of vectors, for the oracles of core.fp: fpx86.c, fparm64.c.
//
// Usage: PROGRAM {OPERATION VECTORS RESULTS}... All numbers are little-endian u64. A vector is
//   control register, three operands (the low bits count)
// and a result
//   value (zero-extended), exceptions as the status register has them.
// Comparisons give 0 less, 1 equal, 2 greater, 3 unordered.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vector { uint64_t control, a, b, c; };
struct result { uint64_t value, exceptions; };
struct operation { const char *name; struct result (*run)(const struct vector *); };

// What a program puts around an operation.
static struct result guarded(const struct operation *, const struct vector *);

static void bad(const char *what, const char *which) {
  fprintf(stderr, "%s: %s\n", what, which);
  exit(2);
}

static void run(const struct operation *o, const char *vectors, const char *results) {
  FILE *in = fopen(vectors, "rb");
  FILE *out = fopen(results, "wb");
  if (!in || !out) {
    bad("cannot open", in ? results : vectors);
  }
  struct vector v;
  while (fread(&v, sizeof v, 1, in) == 1) {
    struct result r = guarded(o, &v);
    if (fwrite(&r, sizeof r, 1, out) != 1) {
      bad("cannot write", results);
    }
  }
  fclose(in);
  if (fclose(out)) {
    bad("cannot write", results);
  }
}

static int run_all(char **triples, const struct operation *operations) {
  for (; triples[0]; triples += 3) {
    const struct operation *o = operations;
    while (o->name && strcmp(o->name, triples[0])) {
      o++;
    }
    if (!o->name || !triples[1] || !triples[2]) {
      bad("no such operation, or no files", triples[0]);
    }
    run(o, triples[1], triples[2]);
  }
  return 0;
}

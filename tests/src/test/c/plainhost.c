// The stranger's side of CompiledCodeTest: runs plaincode.c where it was linked and prints its digests, one a line, in
// hex.
#include <stdint.h>
#include <stdio.h>

#define PLAIN_RESULTS 23

void plain_run(uint64_t *results);

int main(void) {
  uint64_t results[PLAIN_RESULTS];
  plain_run(results);
  for (int i = 0; i < PLAIN_RESULTS; i++) {
    printf("%016llx\n", (unsigned long long)results[i]);
  }
  return 0;
}

/* Up to two threads beside the first of a program without a C library. */
#include "bare.h"

enum { BESIDE = 2, MS = 1000000 };

static int beside[BESIDE];

__attribute__((unused)) static void sleepFor(long ms) {
  long time[2] = {0, ms * MS};
  call(__NR_nanosleep, (word)time, 0, 0, 0, 0, 0);
}

__attribute__((unused)) static void start(void (*what)(word), word argument) {
  static word rooms[BESIDE][16384] __attribute__((aligned(16)));
  int i = __atomic_load_n(&beside[0], __ATOMIC_ACQUIRE) == 0 ? 0 : 1;
  thread(0x350f00, rooms[i] + 16384, &beside[i], &beside[i], 0, what, argument);
}

__attribute__((unused)) static void join(void) {
  for (int i = 0; i < BESIDE; i++) {
    for (int id; (id = __atomic_load_n(&beside[i], __ATOMIC_ACQUIRE)) != 0;) {
      call(__NR_futex, (word)&beside[i], 0, (word)id, 0, 0, 0);
    }
  }
}
